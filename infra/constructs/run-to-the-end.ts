import { Duration } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  type IChainable,
  JitterType,
  JsonPath,
  Pass,
  StateMachine,
  TaskInput,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import { LambdaInvoke } from "aws-cdk-lib/aws-stepfunctions-tasks";
import { Construct } from "constructs";
import type { BackfillEvent } from "../../functions/platform/backfill.ts";
import type { FunctionName } from "../config.ts";

/** The functions whose work may take several runs. */
export type LongFunctions = Readonly<
  Record<Extract<FunctionName, "sync-subscribers" | "import-subscribers" | "archive-events">, IFunction>
>;

/** What an execution is started with. */
export interface BackfillInput {
  readonly function: keyof LongFunctions;
  /** What the function takes from a person. */
  readonly event: object;
}

/** A day of runs of a quarter of an hour: whatever takes longer, a person looks at. */
export const maxRuns = 100;

/** Between two runs, so that the provider has done most of what it was told before both sides are read again. */
const pause = Duration.minutes(1);

/** Faults of Lambda or of the way to it. */
export const lambdaFaults = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];

/** The errors of ours that pass by themselves within minutes. A quota that is used up does not. */
export const passingErrors = [
  "ListBusyError",
  "FileBusyError",
  "IncompleteReadError",
  "ProviderUnavailableError",
];

/** A run whose time was up before it had done anything, or that Lambda ended: once may be chance. */
export const runsInVain = ["OutOfTimeError", "Sandbox.Timedout", "Lambda.Unknown"];

/**
 * A state machine that invokes one of these functions, and then again with the `next` of its report, until there is none.
 * It ends failing with the function's own error, if that does not pass by itself.
 */
export class RunToTheEnd extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, functions: LongFunctions) {
    super(scope, id);
    // The history of an execution is kept for 90 days anyway, and a log would need rights to all logs of the account.
    this.stateMachine = new StateMachine(this, "StateMachine", {
      comment: `Runs a function until its work is done: ${JSON.stringify(exampleInput)}`,
      definitionBody: DefinitionBody.fromChainable(this.definition(functions)),
      tracingEnabled: true,
    });
  }

  private definition(functions: LongFunctions): IChainable {
    const mark: BackfillEvent = { backfill: {} };
    const begin = new Pass(this, "Begin", {
      parameters: {
        function: JsonPath.stringAt("$.function"),
        event: JsonPath.objectAt("$.event"),
        mark,
        runs: 1,
      },
    });
    const choose = new Choice(this, "Which function");
    const isDone = new Choice(this, "Is it done");
    const goOn = new Pass(this, "Go on", {
      parameters: {
        function: JsonPath.stringAt("$.function"),
        event: JsonPath.objectAt("$.answer.Payload.next"),
        mark: JsonPath.objectAt("$.mark"),
        runs: JsonPath.mathAdd(JsonPath.numberAt("$.runs"), 1),
      },
    });
    const wait = new Wait(this, "Pause", { time: WaitTime.duration(pause) });
    for (const [name, fn] of Object.entries(functions)) {
      choose.when(Condition.stringEquals("$.function", name), this.invocation(name, fn).next(isDone));
    }
    choose.otherwise(
      new Fail(this, "Unknown function", {
        error: "UnknownFunction",
        cause: `"function": expected ${Object.keys(functions).join(", ")}`,
      }),
    );
    const hasMore = Condition.isPresent("$.answer.Payload.next");
    const isLast = Condition.numberGreaterThanEquals("$.runs", maxRuns);
    isDone
      .when(Condition.and(hasMore, isLast), this.tooManyRuns())
      .when(hasMore, goOn.next(wait).next(choose))
      .otherwise(this.done());
    return begin.next(choose);
  }

  /** Takes the whole answer: a selector would fail if there is no `next`. */
  private invocation(name: string, lambdaFunction: IFunction): LambdaInvoke {
    const payload = TaskInput.fromJsonPathAt(
      JsonPath.jsonMerge(JsonPath.objectAt("$.mark"), JsonPath.objectAt("$.event")),
    );
    const task = new LambdaInvoke(this, name, {
      lambdaFunction,
      payload,
      resultPath: "$.answer",
      retryOnServiceExceptions: false,
    });
    const jitterStrategy = JitterType.FULL;
    task.addRetry({ errors: lambdaFaults, interval: Duration.seconds(2), maxAttempts: 6, jitterStrategy });
    task.addRetry({ errors: passingErrors, interval: Duration.minutes(5), maxAttempts: 3 });
    task.addRetry({ errors: runsInVain, interval: pause, maxAttempts: 1 });
    return task;
  }

  private done(): Pass {
    return new Pass(this, "Done", {
      parameters: {
        runs: JsonPath.numberAt("$.runs"),
        summary: JsonPath.stringAt("$.answer.Payload.summary"),
        report: JsonPath.stringAt("$.answer.Payload.report"),
      },
    });
  }

  private tooManyRuns(): Fail {
    return new Fail(this, "Too many runs", {
      error: "TooManyRuns",
      cause: `${maxRuns} runs have not finished it. The answer of the last one has "next", the event for the rest`,
    });
  }
}

export const exampleInput: BackfillInput = {
  function: "archive-events",
  event: { from: "2018-02-01", to: "2019-01-31" },
};
