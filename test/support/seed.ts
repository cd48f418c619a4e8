import fc from "fast-check";

// Properties are drawn anew only when asked: a suite that passed must pass again. FC_SEED=$RANDOM npm test explores.
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 20_260_101) });
