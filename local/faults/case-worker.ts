import { runCase, type CaseAnswer, type CaseRequest } from "./run-cases.ts";

/** A process that simulates the cases it is sent, one after the other (see `runCases`). */
process.on("message", ({ seed, number }: CaseRequest) => {
  const answer = (content: CaseAnswer) => process.send!(content);
  runCase(seed, number).then(
    (verdict) => answer({ verdict }),
    (error: Error) => answer({ error: error.stack ?? error.message }),
  );
});
