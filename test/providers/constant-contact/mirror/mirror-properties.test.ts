import fc from "fast-check";
import { expect, test } from "vitest";
import type { CurrentSubscriber } from "../../../../functions/domain/subscriber.ts";
import { mirrorStateKey } from "../../../../functions/platform/storage/object-keys.ts";
import { day, minute } from "./in-memory-account.ts";
import { Killed, MirrorWorld, type RunOptions } from "./mirror-world.ts";

const ids = ["a", "b", "c", "d", "e"];
const id = fc.constantFrom(...ids);
const list = fc.constantFrom("daily", "weekly");

const act = fc.oneof(
  fc.record({ kind: fc.constantFrom("join", "leave"), id, list }),
  fc.record({
    kind: fc.constantFrom("optOut", "optIn", "hold", "delete", "revive", "fields"),
    id,
    list,
  }),
);
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

const kill = fc.record({ writes: fc.nat(6), isWritten: fc.boolean() });
const step = fc.oneof(
  { weight: 5, arbitrary: act },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      minutes: fc.constantFrom(1, 10, 20, 90, 1500),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("run" as const),
      isWhole: fc.boolean(),
      killed: fc.option(kill, { nil: undefined }),
      /** Another run at the same time. */
      beside: fc.option(fc.record({ isWhole: fc.boolean(), killed: fc.option(kill, { nil: undefined }) }), {
        nil: undefined,
      }),
      /** What happens while pages are read. */
      meanwhile: fc.array(act, { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("damage" as const) }) },
);

const habits = fc.record({
  membershipMovesClock: fc.boolean(),
  order: fc.constantFrom("created" as const, "newest first" as const, "oldest first" as const),
  lagMs: fc.constantFrom(0, 5 * minute),
});

/** A history of an account and of the runs on its two lists, with what the runs must never forget. */
class History {
  readonly world = new MirrorWorld();
  /** Contacts that a run showed as subscribed, by id and list. */
  readonly #members = new Set<string>();
  /** Those that a run showed as having left. */
  readonly #left = new Set<string>();

  constructor(habits: Partial<MirrorWorld["account"]>) {
    Object.assign(this.world.account, habits);
    const createdAt = this.world.clock.now() - 9 * day;
    for (const id of ids) this.world.account.add(id, { createdAt, updatedAt: createdAt, lists: ["daily"] });
    this.world.clock.pass(60);
  }

  act({ kind, id, list }: Act): void {
    const { account, clock } = this.world;
    const isDeleted = account.get(id)!.deletedAt !== undefined;
    const updatedAt = clock.now();
    if (isDeleted && kind === "revive") account.revive(id);
    if (isDeleted || kind === "revive") return;
    if (kind === "join") {
      account.join(id, list);
      this.#left.delete(`${id} ${list}`);
    } else if (kind === "leave") account.leave(id, list);
    else if (kind === "optOut") account.optOut(id);
    else if (kind === "optIn")
      account.change(id, { permission: "explicit", optedOutAt: undefined, optedInAt: updatedAt, updatedAt });
    else if (kind === "hold") account.change(id, { permission: "temp_hold", updatedAt });
    else if (kind === "delete") account.delete(id);
    else if (kind === "fields") account.changeFields(id);
  }

  /** @param isAlone whether nothing happens meanwhile */
  async run(options: RunOptions, isAlone: boolean): Promise<void> {
    for (const list of ["daily", "weekly"]) {
      const rows = await this.world.run({ ...options, list });
      this.#check(list, rows, isAlone);
      if (options.isWhole && isAlone) this.#checkWhole(list, rows);
    }
  }

  lose(): void {
    this.world.store.objects.delete(mirrorStateKey("main"));
    this.#left.clear();
  }

  damage(): void {
    const chunk = [...this.world.store.objects.keys()].filter((key) => key.endsWith(".gz")).at(-1);
    if (chunk !== undefined) this.world.store.objects.delete(chunk);
    this.#left.clear();
  }

  #check(list: string, rows: ReadonlyMap<string, CurrentSubscriber>, isAlone: boolean): void {
    for (const id of ids) {
      const word = MirrorWorld.wordFor(rows, id);
      const key = `${id} ${list}`;
      if (word === "subscribed") this.#members.add(key);
      // A contact who was a member of the list is never taken for somebody new.
      if (this.#members.has(key)) expect(word).not.toBe("nobody");
      // Who left, and did not join again, is never shown as a member again, even while the index lags.
      if (this.#left.has(key) && isAlone) expect(word).not.toBe("subscribed");
      if (word === "READER" && !this.world.account.get(id)!.lists.includes(list)) this.#left.add(key);
    }
  }

  /** A whole reading shows the truth, as far as the index does. */
  #checkWhole(list: string, rows: ReadonlyMap<string, CurrentSubscriber>): void {
    const { account, clock } = this.world;
    for (const id of ids) {
      const contact = account.shown(id)!;
      const word = MirrorWorld.wordFor(rows, id);
      if (contact.permission === "unsubscribed") expect(word).toBe("READER_FINAL");
      else if (contact.deletedAt !== undefined) expect(word).toBe("DELETED");
      else if (contact.permission === "temp_hold") expect(word).toMatch(/^TEMP_HOLD/);
      else if (!contact.lists.includes(list)) expect(["READER", "MAY_HAVE_LEFT"]).toContain(word);
      else if (clock.now() - account.changedAt(id) > 60 * minute) expect(word).toBe("subscribed");
    }
  }
}

test("nobody who left is ever forgotten, whatever happens to the account, the runs and the mirror", async () => {
  await fc.assert(
    fc.asyncProperty(habits, fc.array(step, { minLength: 5, maxLength: 40 }), async (habits, steps) => {
      const history = new History(habits);
      const { world } = history;
      for (const step of steps) {
        if (step.kind === "pass") world.clock.pass(step.minutes);
        else if (step.kind === "lose") history.lose();
        else if (step.kind === "damage") history.damage();
        else if (step.kind !== "run") history.act(step);
        else {
          const meanwhile = [...step.meanwhile];
          world.account.beforePage = (page) => {
            const next = page > 0 ? meanwhile.shift() : undefined;
            if (next !== undefined) history.act(next);
          };
          const isAlone = step.beside === undefined && meanwhile.length === 0;
          const runs = step.beside === undefined ? [step] : [step, step.beside];
          await Promise.all(
            runs.map(({ isWhole, killed }) =>
              history.run({ isWhole, ...(killed && { killed }) }, isAlone).catch(unlessKilled),
            ),
          );
          world.account.beforePage = () => undefined;
        }
      }
      world.clock.pass(120);
      await history.run({ isWhole: true }, true);
    }),
    { numRuns: 150 },
  );
});

function unlessKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error;
}
