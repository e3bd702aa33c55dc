import { attempt } from "./feed-problem.ts";

/** Whom a line is about. */
export interface Subject {
  readonly tenant: string;
  readonly contentType?: string;
  /** Name of a blob in storage. */
  readonly blob?: string;
}

export interface FeedReportProps {
  /** Whether the output is one JSON object, given by {@link FeedReport.end}. */
  readonly json: boolean;
  /** Takes one line for stdout. */
  readonly print: (line: string) => void;
  /** Takes one line for stderr. */
  readonly printError: (line: string) => void;
}

/** What a command says: results on stdout, problems on stderr, one line each. */
export class FeedReport {
  private readonly results: object[] = [];
  private readonly problems = new Map<string, object>();

  constructor(private readonly props: FeedReportProps) {}

  /** Whether a problem was reported. */
  get failed(): boolean {
    return this.problems.size > 0;
  }

  /** Tells what is or was done; `facts` are the same for programs, in the JSON output alone. */
  result(subject: Subject, text: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.results.push({ ...subject, result: text, ...facts });
    if (!this.props.json) {
      this.props.print(`${named(subject)}: ${text}`);
    }
  }

  /** Tells what could not be done, once. */
  problem(subject: Subject, text: string): void {
    const line = `${named(subject)}: ${text}`;
    if (!this.problems.has(line)) {
      this.problems.set(line, { ...subject, problem: text });
      this.props.printError(line);
    }
  }

  /** The outcome of `work`; undefined when it failed with a FeedProblem, which is then told. */
  async attempt<T>(
    subject: Subject,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    return attempt(work, (problem) => this.problem(subject, problem));
  }

  /** Ends the output: prints the JSON object, headed by what was asked for. */
  end(request: Readonly<Record<string, unknown>>): void {
    if (this.props.json) {
      const { results, problems } = this;
      this.props.print(JSON.stringify({ ...request, results, problems: [...problems.values()] }));
    }
  }
}

const named = ({ tenant, contentType, blob }: Subject) =>
  [tenant, contentType, blob].filter((part) => part !== undefined).join(" ");
