import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonBytes,
  jsonEquals,
  type JsonObject,
  parseJson,
} from "../json.ts";
import { ActionFailure } from "./action-failure.ts";
import { Cancellation } from "./cancellation.ts";
import type { Template } from "./compile-expression.ts";
import { truth } from "./condition.ts";
import { containerSucceeded } from "./container-status.ts";
import { operateOnDate } from "./date-operation.ts";
import { Deadlines } from "./deadlines.ts";
import type { EngineOptions } from "./engine-options.ts";
import { contentText, ExpressionError, isEnvelope, textOf, typeName } from "./evaluation.ts";
import type { Token } from "./http-authentication.ts";
import { type Attempt, sendHttp } from "./http-action.ts";
import { violation } from "./json-schema.ts";
import { limits } from "./limits.ts";
import { calculate, isFloat, isNumber, toDouble } from "./numbers.ts";
import { Frame, RunEvaluation, type RunData } from "./run-evaluation.ts";
import {
  type ActionRecord,
  type ActionState,
  recordOf,
  type RunError,
  viewOf,
} from "./run-history.ts";
import { RunVariables } from "./run-variables.ts";
import type { ActionEvent, Host } from "./run-workflow.ts";
import { dateOf, parseTimestamp } from "./timestamp.ts";
import { columnsOf, writeTable } from "./table.ts";
import type { Throughput } from "./throughput.ts";
import { type Action, type ActionStatus, membersOf } from "./workflow.ts";

/** Statuses of a run that has ended. */
export type RunStatus = "Succeeded" | "Failed" | "Cancelled" | "TimedOut";

/** Why a run ended before its last action: a Terminate action, its duration, or somebody cancelled it. */
export class RunStopped extends Error {
  constructor(
    readonly status: RunStatus,
    readonly runError?: RunError,
  ) {
    super(`the run has ended as ${status}`);
  }
}

/** An action took longer than its `limit.timeout`. */
class LimitExceeded extends Error {}

/** What a run is made of. */
export interface WorkflowRunProps {
  readonly id: string;
  readonly host: Host;
  readonly cancellation: Cancellation;
  readonly parameters: ReadonlyMap<string, Json>;
  readonly options: EngineOptions;
  readonly keepHistory: boolean;
  readonly onAction: ((event: ActionEvent) => void) | undefined;
  readonly trigger: JsonObject | null;
  readonly clientTrackingId: Template | undefined;
  readonly throughput: Throughput;
}

/** What an action has come to, beside its inputs and attempts. */
interface Outcome {
  readonly status: ActionStatus;
  readonly code: string;
  readonly error?: RunError | undefined;
  readonly outputs?: Json | undefined;
}

/** What an action leaves behind even when it fails half-way. */
interface Draft {
  readonly attempts: Attempt[];
  inputs?: Json;
}

const succeeded: Outcome = { status: "Succeeded", code: "OK" };

const actionFailed: RunError = {
  code: "ActionFailed",
  message: "An action failed. No dependent actions succeeded.",
};

/** One run of a workflow while it goes on. */
export class WorkflowRun implements RunData {
  readonly records: ActionRecord[] = [];
  /** Actions carried out and retries. */
  executions = 0;
  /** Iterations of all loops. */
  loopCycles = 0;
  response: Json | undefined;
  readonly clientTrackingId: string;
  readonly workflow: JsonObject;
  readonly trigger: JsonObject | null;
  private readonly variables = new RunVariables();
  private readonly requestDeadlines: Deadlines;
  private readonly tokens = new Map<string, Promise<Token>>();
  private actionsStarted = 0;
  /** When the run has to have ended, in milliseconds since 1970. */
  private readonly deadlineMs: number;

  constructor(private readonly props: WorkflowRunProps) {
    const { id, host, clientTrackingId } = props;
    this.deadlineMs = host.clock.now().getTime() + limits.runDays.most * 86_400_000;
    this.requestDeadlines = new Deadlines(host.clock, limits.requestSeconds.most * 1000);
    this.trigger = props.trigger;
    this.workflow = {
      ...host.workflow,
      type: "Microsoft.Logic/workflows",
      tags: {},
      run: {
        id: `${host.workflow.id}/runs/${id}`,
        name: id,
        type: "Microsoft.Logic/workflows/runs",
      },
    };
    this.clientTrackingId = id;
    if (clientTrackingId) {
      this.clientTrackingId = textOf(
        clientTrackingId.evaluate(new RunEvaluation(this, new Frame())),
      );
    }
  }

  get options(): EngineOptions {
    return this.props.options;
  }

  get parameters(): ReadonlyMap<string, Json> {
    return this.props.parameters;
  }

  now(): Date {
    return this.props.host.clock.now();
  }

  random(): number {
    return this.props.host.random();
  }

  readVariable(name: string): Json {
    return this.variables.read(name);
  }

  /** Runs all actions and gives the status of the run. */
  async carryOut(
    actions: readonly Action[],
  ): Promise<{ status: RunStatus; error: RunError | undefined }> {
    const ended = await this.container(actions, new Frame());
    const { reason } = this.props.cancellation;
    if (reason instanceof RunStopped) {
      return { status: reason.status, error: reason.runError };
    }
    return ended
      ? { status: "Succeeded", error: undefined }
      : { status: "Failed", error: actionFailed };
  }

  /** Runs the actions of a container, each as soon as its predecessors allow; gives its success. */
  private async container(actions: readonly Action[], frame: Frame): Promise<boolean> {
    const running = new Map<string, Promise<ActionState>>();
    const start = (action: Action): Promise<ActionState> => {
      let state = running.get(action.name);
      if (!state) {
        const before = action.siblings.filter(({ name }) => action.runAfter.has(name));
        state = this.after(action, before.map(start), frame);
        running.set(action.name, state);
      }
      return state;
    };
    await Promise.all(actions.map(start));
    return containerSucceeded(actions, ({ name }) => frame.states.get(name)!.status);
  }

  private async after(
    action: Action,
    predecessors: readonly Promise<ActionState>[],
    frame: Frame,
  ): Promise<ActionState> {
    for (const predecessor of predecessors) {
      await predecessor;
    }
    for (const [name, statuses] of action.runAfter) {
      const { status } = frame.states.get(name)!;
      if (!statuses.includes(status)) {
        return this.skip(action, frame, {
          code: "ActionSkipped",
          message: `The execution of template action '${action.name}' is skipped: the 'runAfter' condition for action '${name}' is not satisfied. Expected status values '${statuses.join(", ")}' and actual value '${status}'.`,
        });
      }
    }
    return this.execute(action, frame);
  }

  private async execute(action: Action, frame: Frame): Promise<ActionState> {
    const { cancellation, host, options } = this.props;
    if (cancellation.reason) {
      return this.skip(action, frame, {
        code: "ActionSkipped",
        message: `The execution of template action '${action.name}' is skipped: the run has ended.`,
      });
    }
    while (!cancellation.reason && !this.props.throughput.admits()) {
      await this.waitForThroughput();
    }
    this.executions++;
    const startTime = host.clock.now();
    const trackingId = this.newTrackingId();
    this.report("started", action, frame);
    const draft: Draft = { attempts: [] };
    const evaluation = new RunEvaluation(this, frame);
    let outcome: Outcome;
    try {
      if (options.actionLatencyMs > 0) {
        await cancellation.race(host.clock.sleep(options.actionLatencyMs));
      }
      cancellation.throwIfCancelled();
      outcome = await this.perform(action, frame, evaluation, draft, trackingId);
      checkContentSize(action, draft.inputs, outcome.outputs);
    } catch (error) {
      outcome = this.failure(action, error);
    }
    this.stopWhenOverdue();
    this.executions += Math.max(0, draft.attempts.length - 1);
    const state: ActionState = {
      action,
      status: outcome.status,
      code: outcome.code,
      error: outcome.error,
      startTime,
      endTime: host.clock.now(),
      trackingId,
      inputs: draft.inputs,
      outputs: outcome.outputs,
      attempts: draft.attempts,
      trackedProperties: undefined,
    };
    return this.end(this.track(state, evaluation), frame);
  }

  private async waitForThroughput(): Promise<void> {
    const { cancellation, host, throughput } = this.props;
    try {
      await cancellation.race(host.clock.sleep(throughput.waitMs));
    } catch (error) {
      if (error !== cancellation.reason) {
        throw error;
      }
    }
  }

  /** Adds the tracked properties; an error in them fails the action. */
  private track(state: ActionState, evaluation: RunEvaluation): ActionState {
    const { trackedProperties } = state.action;
    if (!trackedProperties) {
      return state;
    }
    evaluation.ended = state;
    try {
      const properties = trackedProperties.evaluate(evaluation);
      if (jsonBytes(properties) > limits.trackedCharacters.most) {
        throw new ExpressionError("The tracked properties have more than 8000 characters.");
      }
      return { ...state, trackedProperties: properties };
    } catch (error) {
      if (!(error instanceof ExpressionError)) {
        throw error;
      }
      const code = "TrackedPropertiesEvaluationFailed";
      return { ...state, status: "Failed", code, error: { code, message: error.message } };
    }
  }

  private failure(action: Action, error: unknown): Outcome {
    if (error instanceof ExpressionError) {
      const code = "InvalidTemplate";
      const message = `Unable to process template language expressions in action '${action.name}' inputs at line '0' and column '0': '${error.message}'.`;
      return { status: "Failed", code, error: { code, message } };
    }
    if (error instanceof ActionFailure) {
      const { code, message, status, outputs } = error;
      return { status, code, outputs, error: message ? { code, message } : undefined };
    }
    if (error instanceof LimitExceeded) {
      const code = "ActionTimedOut";
      return {
        status: this.options.limitTimeoutStatus,
        code,
        error: { code, message: `The execution of template action '${action.name}' timed out.` },
      };
    }
    if (error instanceof RunStopped) {
      return { status: "Cancelled", code: "ActionCancelled" };
    }
    throw error;
  }

  /** Marks an action as skipped, and whatever it contains. */
  private skip(action: Action, frame: Frame, error: RunError): ActionState {
    const now = this.now();
    if (action.type !== "Foreach" && action.type !== "Until") {
      for (const member of membersOf(action)) {
        this.skip(member, frame, {
          code: error.code,
          message: `The execution of template action '${member.name}' is skipped: the action '${action.name}' around it is skipped.`,
        });
      }
    }
    return this.end(
      {
        action,
        status: "Skipped",
        code: error.code,
        error,
        startTime: now,
        endTime: now,
        trackingId: this.newTrackingId(),
        inputs: undefined,
        outputs: undefined,
        attempts: [],
        trackedProperties: undefined,
      },
      frame,
    );
  }

  private end(state: ActionState, frame: Frame): ActionState {
    frame.states.set(state.action.name, state);
    if (this.props.keepHistory) {
      this.records.push(recordOf(state, frame.iterations()));
    }
    this.report("ended", state.action, frame, state.status);
    return state;
  }

  private report(
    phase: ActionEvent["phase"],
    { name }: Action,
    frame: Frame,
    status?: ActionStatus,
  ): void {
    this.props.onAction?.({ phase, name, iteration: frame.iterations(), status });
  }

  private async perform(
    action: Action,
    frame: Frame,
    evaluation: RunEvaluation,
    draft: Draft,
    trackingId: string,
  ): Promise<Outcome> {
    switch (action.type) {
      case "Http":
        return this.http(action, evaluation, draft, trackingId);
      case "Compose": {
        const outputs = action.inputs.evaluate(evaluation);
        draft.inputs = outputs;
        return { ...succeeded, outputs };
      }
      case "ParseJson":
        return { ...succeeded, outputs: { body: parsedContent(action, evaluation, draft) } };
      case "Select": {
        const from = itemsFrom(action, evaluation, draft);
        const body = from.map((item) => {
          evaluation.currentItem = item;
          return action.select.evaluate(evaluation);
        });
        return { ...succeeded, outputs: { body } };
      }
      case "Query": {
        const from = itemsFrom(action, evaluation, draft);
        const body = from.filter((item) => {
          evaluation.currentItem = item;
          return truth(action.where.evaluate(evaluation), "where");
        });
        return { ...succeeded, outputs: { body } };
      }
      case "Join": {
        const from = itemsFrom(action, evaluation, draft);
        const joinWith = textOf(action.joinWith.evaluate(evaluation));
        return { ...succeeded, outputs: { body: from.map(textOf).join(joinWith) } };
      }
      case "Table": {
        const from = itemsFrom(action, evaluation, draft);
        const columns = action.columns?.map(({ header, value }) => ({
          header: textOf(header.evaluate(evaluation)),
          valueOf: (item: Json) => {
            evaluation.currentItem = item;
            return value.evaluate(evaluation);
          },
        }));
        const body = writeTable(action.format, from, columns ?? columnsOf(from));
        return { ...succeeded, outputs: { body } };
      }
      case "Expression": {
        const inputs = action.inputs.evaluate(evaluation) as JsonObject;
        draft.inputs = inputs;
        const body = operateOnDate(action.kind, inputs, evaluation);
        return { ...succeeded, outputs: { body } };
      }
      case "If": {
        const holds = truth(action.condition.evaluate(evaluation), "expression");
        draft.inputs = { expressionResult: holds };
        this.skipBranch(action, holds ? action.otherwise : action.then, frame);
        return this.members(holds ? action.then : action.otherwise, frame);
      }
      case "Switch": {
        const value = action.value.evaluate(evaluation);
        draft.inputs = { expressionResult: value };
        const chosen = action.cases.find((one) => jsonEquals(one.value, value));
        for (const one of action.cases) {
          if (one !== chosen) {
            this.skipBranch(action, one.actions, frame);
          }
        }
        if (chosen) {
          this.skipBranch(action, action.otherwise, frame);
        }
        return this.members(chosen?.actions ?? action.otherwise, frame);
      }
      case "Scope": {
        const outcome = await this.members(action.actions, frame);
        if (action.resultWanted) {
          frame.results.set(action.name, this.views(action, frame));
        }
        return outcome;
      }
      case "Foreach":
        return this.foreach(action, frame, evaluation, draft);
      case "Until":
        return this.until(action, frame);
      case "Wait": {
        const inputs = action.inputs.evaluate(evaluation) as JsonObject;
        draft.inputs = inputs;
        await this.sleep(waitMs(inputs, this.now()));
        return succeeded;
      }
      case "Terminate": {
        const runError = action.runError?.evaluate(evaluation) as JsonObject | undefined;
        draft.inputs = { runStatus: action.runStatus, ...(runError && { runError }) };
        const error = runError && {
          code: textOf(runError.code ?? null),
          message: textOf(runError.message ?? null),
        };
        this.props.cancellation.cancel(new RunStopped(action.runStatus, error));
        return succeeded;
      }
      case "Response": {
        const response = action.inputs.evaluate(evaluation);
        draft.inputs = response;
        if (this.response !== undefined) {
          throw new ActionFailure("ActionConflict", "The request has been answered already.");
        }
        this.response = response;
        return { ...succeeded, outputs: response };
      }
      case "InitializeVariable": {
        const value = action.value?.evaluate(evaluation);
        const { variable: name, variableType: type } = action;
        draft.inputs = { variables: [{ name, type, ...(value !== undefined && { value }) }] };
        this.variables.initialize(action.variable, action.variableType, value);
        return succeeded;
      }
      default:
        return this.updateVariable(action, evaluation, draft);
    }
  }

  private async http(
    action: Action & { type: "Http" },
    evaluation: RunEvaluation,
    draft: Draft,
    trackingId: string,
  ): Promise<Outcome> {
    const { host, cancellation, options, id } = this.props;
    const inputs = action.inputs.evaluate(evaluation) as JsonObject;
    draft.inputs = inputs;
    const sent = jsonBytes(inputs);
    const own = new Cancellation();
    const forget = cancellation.onCancel((reason) => own.cancel(reason));
    if (action.timeoutMs !== undefined) {
      void host.clock.sleep(action.timeoutMs).then(() => own.cancel(new LimitExceeded()));
    }
    try {
      const outputs = await sendHttp(
        action,
        inputs,
        {
          clock: host.clock,
          options,
          cancellation: own,
          requestDeadlines: this.requestDeadlines,
          tokens: this.tokens,
          workflowHeaders: {
            "x-ms-workflow-id": host.workflow.id,
            "x-ms-workflow-name": host.workflow.name,
            "x-ms-workflow-run-id": id,
            "x-ms-client-tracking-id": this.clientTrackingId,
            "x-ms-action-tracking-id": trackingId,
          },
          random: () => host.random(),
          noteAttempt: (received, isFirst) =>
            this.props.throughput.add(sent + received, isFirst ? 0 : 1),
          limitCalls: (call) => this.props.throughput.call(call),
          send: (request) => host.send(request),
          managedIdentityToken: (identity, audience) =>
            host.managedIdentityToken(identity, audience),
        },
        draft.attempts,
      );
      return { ...succeeded, outputs };
    } finally {
      forget();
    }
  }

  private async members(actions: readonly Action[], frame: Frame): Promise<Outcome> {
    return this.containerOutcome(await this.container(actions, frame));
  }

  private containerOutcome(ended: boolean): Outcome {
    this.props.cancellation.throwIfCancelled();
    return ended ? succeeded : { status: "Failed", code: actionFailed.code, error: actionFailed };
  }

  private skipBranch(container: Action, actions: readonly Action[], frame: Frame): void {
    for (const action of actions) {
      this.skip(action, frame, {
        code: "ActionBranchingConditionNotSatisfied",
        message: `The execution of template action '${action.name}' is skipped: the branching condition for this action is not satisfied in '${container.name}'.`,
      });
    }
  }

  private async foreach(
    action: Action & { type: "Foreach" },
    frame: Frame,
    evaluation: RunEvaluation,
    draft: Draft,
  ): Promise<Outcome> {
    const items = action.items.evaluate(evaluation);
    draft.inputs = items;
    const code = "ExpressionEvaluationFailed";
    if (!isJsonArray(items)) {
      throw new ActionFailure(
        code,
        `The execution of template action '${action.name}' failed: the result of the evaluation of 'foreach' expression '${action.source}' is of type '${typeName(items)}'. The result must be a valid array.`,
      );
    }
    if (items.length > limits.foreachItems.most) {
      throw new ActionFailure(
        code,
        `The execution of template action '${action.name}' failed: the array has ${items.length} items, more than the limit of ${limits.foreachItems.most}.`,
      );
    }
    let next = 0;
    let allSucceeded = true;
    const results: JsonObject[][] = [];
    const worker = async (): Promise<void> => {
      let previous: Frame | undefined;
      while (next < items.length && !this.props.cancellation.reason) {
        const index = next++;
        const around = { loop: action.name, index, item: items[index]! };
        const iteration = new Frame(frame, around, previous);
        previous = this.kept(iteration);
        this.loopCycles++;
        if (!(await this.container(action.actions, iteration))) {
          allSucceeded = false;
        }
        if (action.resultWanted) {
          results[index] = this.views(action, iteration);
        }
      }
    };
    await Promise.all(
      Array.from({ length: Math.min(action.concurrency, items.length) }, () => worker()),
    );
    if (action.resultWanted) {
      frame.results.set(action.name, this.resultsOf(results));
    }
    return this.containerOutcome(allSucceeded);
  }

  private async until(action: Action & { type: "Until" }, frame: Frame): Promise<Outcome> {
    const started = this.now().getTime();
    const results: JsonObject[][] = [];
    let previous: Frame | undefined;
    for (let index = 0; ; index++) {
      const iteration = new Frame(frame, { loop: action.name, index }, previous);
      previous = this.kept(iteration);
      this.loopCycles++;
      const ended = await this.container(action.actions, iteration);
      const outcome = this.containerOutcome(
        ended && (this.options.untilStatus === "endActions" || !anyFailed(iteration)),
      );
      if (action.resultWanted) {
        results.push(this.views(action, iteration));
        frame.results.set(action.name, this.resultsOf(results));
      }
      const evaluation = new RunEvaluation(this, iteration);
      if (truth(action.condition.evaluate(evaluation), "expression")) {
        return outcome;
      }
      const limit =
        index + 1 >= action.count
          ? "CountLimitReached"
          : this.now().getTime() - started >= action.timeoutMs
            ? "TimeLimitReached"
            : undefined;
      if (limit && action.failWhenLimitsReached) {
        throw new ActionFailure(
          limit,
          `The execution of template action '${action.name}' failed: the loop reached its limit after ${index + 1} iterations and its condition does not hold.`,
        );
      }
      if (limit) {
        return outcome;
      }
    }
  }

  /** An iteration of whose results the next one sees something. */
  private kept(iteration: Frame): Frame | undefined {
    return this.options.skippedInLoop === "earlierIteration" ? iteration : undefined;
  }

  /** What `result()` gives for a loop, from the views of each iteration. */
  private resultsOf(iterations: readonly JsonObject[][]): Json {
    if (this.options.loopResults === "byIteration") {
      return iterations.flat();
    }
    const byAction = new Map<Json, JsonObject[]>();
    for (const view of iterations.flat()) {
      const name = view["name"]!;
      byAction.set(name, [...(byAction.get(name) ?? []), view]);
    }
    return Array.from(byAction, ([name, outputs]) => ({ name, outputs }));
  }

  private views(container: Action, frame: Frame): JsonObject[] {
    return membersOf(container)
      .map(({ name }) => frame.states.get(name))
      .filter((state) => state !== undefined)
      .map((state) => viewOf(state, this.clientTrackingId));
  }

  private async updateVariable(
    action: Action & {
      type:
        | "SetVariable"
        | "AppendToArrayVariable"
        | "AppendToStringVariable"
        | "IncrementVariable"
        | "DecrementVariable";
    },
    evaluation: RunEvaluation,
    draft: Draft,
  ): Promise<Outcome> {
    const value = action.value.evaluate(evaluation);
    draft.inputs = { name: action.variable, value };
    if (action.type === "SetVariable") {
      this.variables.set(action.variable, value);
      return succeeded;
    }
    if (action.type === "AppendToArrayVariable" && !action.parallel) {
      this.variables.append(action.variable, value);
      return succeeded;
    }
    const before = this.variables.read(action.variable);
    if (action.parallel) {
      // Parallel iterations read, then write: what they add at the same time gets lost.
      // https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-loops
      await this.props.host.clock.busy(new Promise((turn) => setImmediate(turn)));
      this.variables.set(action.variable, before);
    }
    switch (action.type) {
      case "AppendToArrayVariable":
        this.variables.append(action.variable, value);
        break;
      case "AppendToStringVariable":
        this.variables.set(action.variable, textOf(before) + textOf(value));
        break;
      case "IncrementVariable":
      case "DecrementVariable": {
        if (!isNumber(before) || !isNumber(value)) {
          throw new ActionFailure(
            "BadRequest",
            `The variable '${action.variable}' cannot be counted: its value and the change must be numbers, got '${typeName(before)}' and '${typeName(value)}'.`,
          );
        }
        const operation = action.type === "IncrementVariable" ? "add" : "sub";
        this.variables.set(action.variable, calculate(operation, before, value));
      }
    }
    return succeeded;
  }

  private async sleep(ms: number): Promise<void> {
    const { cancellation, host } = this.props;
    const leftMs = this.deadlineMs - this.now().getTime();
    await cancellation.race(host.clock.sleep(Math.min(ms, leftMs)));
    this.stopWhenOverdue();
    cancellation.throwIfCancelled();
  }

  /** https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#run-duration-retention-limits */
  private stopWhenOverdue(): void {
    if (this.now().getTime() >= this.deadlineMs) {
      const message = `The run took longer than ${limits.runDays.most} days.`;
      const error = { code: "WorkflowRunTimedOut", message };
      this.props.cancellation.cancel(new RunStopped("TimedOut", error));
    }
  }

  private newTrackingId(): string {
    const count = (++this.actionsStarted).toString(16).padStart(12, "0");
    return `00000000-0000-4000-8000-${count}`;
  }
}

/** Whether an action of an iteration failed, whatever came after it. */
function anyFailed({ states }: Frame): boolean {
  return [...states.values()].some(({ status }) => status !== "Succeeded" && status !== "Skipped");
}

function itemsFrom(
  action: Action & { type: "Select" | "Query" | "Join" | "Table" },
  evaluation: RunEvaluation,
  draft: Draft,
): readonly Json[] {
  const from = action.from.evaluate(evaluation);
  draft.inputs = { from };
  if (!isJsonArray(from)) {
    throw new ActionFailure(
      "BadRequest",
      `The 'from' property value in the '${action.type.toLowerCase()}' action inputs is of type '${typeName(from)}'. The value must be an array.`,
    );
  }
  return from;
}

function parsedContent(
  action: Action & { type: "ParseJson" },
  evaluation: RunEvaluation,
  draft: Draft,
): Json {
  let content = action.content.evaluate(evaluation);
  draft.inputs = { content, schema: action.schema };
  if (content === null) {
    throw new ExpressionError("Required property 'content' expects a value but got null. Path ''.");
  }
  if (isEnvelope(content) && evaluation.options.envelopesAsText === "content") {
    content = contentText(content, evaluation);
  }
  if (typeof content === "string") {
    try {
      content = parseJson(content);
    } catch {
      throw new ActionFailure(
        "InvalidJSON",
        "The 'content' property of actions of type 'ParseJson' must be valid JSON. The provided value cannot be parsed.",
      );
    }
  }
  const wrong = violation(action.schema, content);
  if (wrong) {
    throw new ActionFailure("SchemaValidationFailed", `Schema validation failed. ${wrong}`);
  }
  return content;
}

const unitMs = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

function waitMs(inputs: JsonObject, now: Date): number {
  if (isJsonObject(inputs.interval)) {
    const { count, unit } = inputs.interval;
    if (!isNumber(count!) || isFloat(count) || toDouble(count) < 1) {
      throw new ActionFailure("BadRequest", "The interval count must be a whole number above 0.");
    }
    const name = (unit as string).toLowerCase();
    if (name === "month") {
      const until = new Date(now);
      until.setUTCMonth(until.getUTCMonth() + toDouble(count));
      return until.getTime() - now.getTime();
    }
    return toDouble(count) * unitMs[name as keyof typeof unitMs];
  }
  const { timestamp } = inputs.until as JsonObject;
  const until = typeof timestamp === "string" ? parseTimestamp(timestamp) : undefined;
  if (!until) {
    throw new ActionFailure("BadRequest", "The timestamp to wait for must be an ISO 8601 time.");
  }
  return Math.max(0, dateOf(until).getTime() - now.getTime());
}

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config */
function checkContentSize(
  { name }: Action,
  inputs: Json | undefined,
  outputs: Json | undefined,
): void {
  const sizes = { inputs: jsonBytes(inputs ?? null), outputs: jsonBytes(outputs ?? null) };
  for (const [what, bytes] of Object.entries(sizes)) {
    if (bytes > limits.contentBytes.most) {
      throw new ActionFailure(
        "ActionResultsSizeLimitExceeded",
        `The ${what} of template action '${name}' have ${bytes} bytes, more than the limit of ${limits.contentBytes.most}.`,
      );
    }
  }
}
