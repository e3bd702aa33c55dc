import { barsOf } from "../../../local/bench/bench-bars.ts";
import { loadLatencyModel } from "../../../local/bench/latency-model.ts";
import { microsoftPlaybook } from "../../../local/bench/microsoft-playbook.ts";
import type { PlaybookBench, PlaybookFindings } from "../../../local/bench/playbook-bench.ts";
import { standingCosts } from "../../../local/bench/standing-costs.ts";

/** A whole bench with these findings, judged. */
export const benchOf = (findings: PlaybookFindings): PlaybookBench => ({
  ...findings,
  seed: 1,
  isQuick: false,
  latencyModel: loadLatencyModel(),
  microsoftPlaybook,
  standingCosts,
  bars: barsOf(findings),
  wallSeconds: 90,
});
