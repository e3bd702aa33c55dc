import { readFileSync } from "node:fs";
import { z } from "zod";
import { SeededRandom } from "../records/seeded-random.ts";

const milliseconds = z.number().nonnegative();

const requestLatency = z.strictObject({
  medianMs: milliseconds,
  p95Ms: milliseconds,
  perMegabyteMs: milliseconds,
  from: z.string().min(1),
});

const schema = z.strictObject({
  about: z.string(),
  actionOverheadMs: milliseconds,
  actionOverheadFrom: z.string().min(1),
  requests: z.strictObject({
    signIn: requestLatency,
    vault: requestLatency,
    storage: requestLatency,
    listing: requestLatency,
    blob: requestLatency,
    ingestion: requestLatency,
    query: requestLatency,
  }),
});

/** How long the services take, as `latency-model.json` states it. */
export type LatencyModel = Readonly<z.infer<typeof schema>>;

/** Whose answer a request waits for. */
export type RequestKind = keyof LatencyModel["requests"];

/** The stated model, with every time multiplied. Fails for a file that does not fit. */
export function loadLatencyModel(times = 1): LatencyModel {
  const file = new URL("latency-model.json", import.meta.url);
  const model = schema.parse(JSON.parse(readFileSync(file, "utf8")));
  const slower = ({ medianMs, p95Ms, perMegabyteMs, from }: z.infer<typeof requestLatency>) => ({
    medianMs: medianMs * times,
    p95Ms: p95Ms * times,
    perMegabyteMs: perMegabyteMs * times,
    from,
  });
  const { signIn, vault, storage, listing, blob, ingestion, query } = model.requests;
  return {
    ...model,
    actionOverheadMs: model.actionOverheadMs * times,
    requests: {
      signIn: slower(signIn),
      vault: slower(vault),
      storage: slower(storage),
      listing: slower(listing),
      blob: slower(blob),
      ingestion: slower(ingestion),
      query: slower(query),
    },
  };
}

/** The 95th percentile of the standard normal distribution. */
const normalP95 = 1.6449;

/** Draws latencies from a model: the same for the same seed. */
export class Latencies {
  private readonly random: SeededRandom;

  constructor(
    private readonly model: LatencyModel,
    seed: number,
  ) {
    this.random = new SeededRandom(seed);
  }

  /** Milliseconds until a service has worked on a request, without those for the bytes. */
  answerMs(kind: RequestKind): number {
    const { medianMs, p95Ms } = this.model.requests[kind];
    if (medianMs === 0) {
      return 0;
    }
    const deviation = Math.log(p95Ms / medianMs) / normalP95;
    return Math.round(medianMs * Math.exp(deviation * this.normal()));
  }

  /** Milliseconds that the bytes of a body take. */
  transferMs(kind: RequestKind, bytes: number): number {
    return Math.round((this.model.requests[kind].perMegabyteMs * bytes) / 1e6);
  }

  /** https://en.wikipedia.org/wiki/Box%E2%80%93Muller_transform */
  private normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.random.fraction()));
    return radius * Math.cos(2 * Math.PI * this.random.fraction());
  }
}
