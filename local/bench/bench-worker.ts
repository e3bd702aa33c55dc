import { runBenchJob, type BenchJob } from "./bench-job.ts";
import type { BenchAnswer } from "./run-bench-jobs.ts";

/** A process that does the one job that it is sent (see `runBenchJobs`). */
process.once("message", (job: BenchJob) => {
  const answer = (content: Omit<BenchAnswer, "peakMemoryMb">) => {
    // In kilobytes: https://nodejs.org/api/process.html#processresourceusage
    const peakMemoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
    process.send!({ ...content, peakMemoryMb } satisfies BenchAnswer);
    process.disconnect();
  };
  runBenchJob(job).then(
    (finding) => answer({ finding }),
    (error: Error) => answer({ error: error.stack ?? error.message }),
  );
});
