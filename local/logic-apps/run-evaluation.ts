import type { Json } from "../json.ts";
import type { EngineOptions } from "./engine-options.ts";
import { type Evaluation, ExpressionError } from "./evaluation.ts";
import { type ActionState, type Iteration, viewOf } from "./run-history.ts";

/** The results of one iteration of a loop, or of the run itself outside of loops. */
export class Frame {
  readonly states = new Map<string, ActionState>();
  /** What `result()` gives for containers that ended in this iteration. */
  readonly results = new Map<string, Json>();
  /** What earlier iterations of the same loop left; see the option `skippedInLoop`. */
  readonly earlier?: {
    readonly states: ReadonlyMap<string, ActionState>;
    readonly results: ReadonlyMap<string, Json>;
  };

  constructor(
    readonly parent?: Frame,
    readonly iteration?: Iteration & { readonly item?: Json },
    previous?: Frame,
  ) {
    if (previous) {
      this.earlier = {
        states: new Map([...(previous.earlier?.states ?? []), ...ranIn(previous)]),
        results: new Map([...(previous.earlier?.results ?? []), ...previous.results]),
      };
    }
  }

  /** The action of that name that ran in this iteration, or the last that did in an earlier one. */
  state(name: string): ActionState | undefined {
    const own = this.states.get(name);
    return own === undefined || own.status === "Skipped"
      ? (this.earlier?.states.get(name) ?? own)
      : own;
  }

  /** What `result()` gives for a container of this iteration, or gave in an earlier one. */
  result(name: string): Json | undefined {
    return this.results.get(name) ?? this.earlier?.results.get(name);
  }

  /** The loops around, outermost first. */
  iterations(): Iteration[] {
    const around: Iteration[] = [];
    this.find(({ iteration }) => {
      if (iteration) {
        around.unshift({ loop: iteration.loop, index: iteration.index });
      }
      return undefined;
    });
    return around;
  }

  /** The first thing that `look` finds in this iteration or those around it, innermost first. */
  find<T>(look: (frame: Frame) => T | undefined): T | undefined {
    const found = look(this);
    return found === undefined ? this.parent?.find(look) : found;
  }
}

const ranIn = ({ states }: Frame) => [...states].filter(([, { status }]) => status !== "Skipped");

/** What expressions see of the run as a whole. */
export interface RunData {
  readonly options: EngineOptions;
  readonly clientTrackingId: string;
  readonly parameters: ReadonlyMap<string, Json>;
  readonly trigger: Json;
  readonly workflow: Json;
  now(): Date;
  random(): number;
  readVariable(name: string): Json;
}

/** What expressions of one action see, in one iteration. */
export class RunEvaluation implements Evaluation {
  /** The current item of a Select or Query. */
  currentItem: Json | undefined;
  readonly found = new Map<number, Json>();
  /** The action itself, once it has ended. */
  private own: ActionState | undefined;

  constructor(
    private readonly run: RunData,
    private readonly frame: Frame,
  ) {}

  /** Tells of the action itself, which is another thing once it has ended. */
  set ended(state: ActionState) {
    this.own = state;
    this.found.clear();
  }

  get options(): EngineOptions {
    return this.run.options;
  }

  readonly now = (): Date => this.run.now();

  readonly random = (): number => this.run.random();

  parameter(name: string): Json | undefined {
    return this.run.parameters.get(name);
  }

  variable(name: string): Json {
    return this.run.readVariable(name);
  }

  trigger(): Json {
    return this.run.trigger;
  }

  workflow(): Json {
    return this.run.workflow;
  }

  action(name: string): Json | undefined {
    const state = this.find(name);
    return state && viewOf(state, this.run.clientTrackingId);
  }

  outputs(name: string): Json | undefined {
    return this.find(name)?.outputs;
  }

  self(): Json {
    return this.own ? viewOf(this.own, this.run.clientTrackingId) : null;
  }

  result(name: string): Json {
    return this.frame.find((frame) => frame.result(name)) ?? [];
  }

  items(loop: string): Json {
    return this.iterationOf(loop).item ?? null;
  }

  item(): Json {
    if (this.currentItem !== undefined) {
      return this.currentItem;
    }
    const item = this.frame.find(({ iteration }) => iteration?.item);
    if (item === undefined) {
      throw new ExpressionError("There is no current item.");
    }
    return item;
  }

  iterationIndex(loop: string): number {
    return this.iterationOf(loop).index;
  }

  private find(name: string): ActionState | undefined {
    return this.own?.action.name === name
      ? this.own
      : this.frame.find((frame) => frame.state(name));
  }

  private iterationOf(loop: string) {
    const found = this.frame.find(({ iteration }) =>
      iteration?.loop === loop ? iteration : undefined,
    );
    if (!found) {
      throw new ExpressionError(`There is no iteration of '${loop}'.`);
    }
    return found;
  }
}
