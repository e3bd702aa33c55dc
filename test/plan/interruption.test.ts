import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const url = (file: string) => JSON.stringify(new URL(`../../plan/${file}`, import.meta.url).href);

/** Takes its time to end when it is interrupted, tells that, and notes how often it was. */
const program = `#!/bin/sh
case "$*" in
  *quick) trap 'exit 1' INT TERM; while :; do sleep 0.1; done ;;
esac
trap 'echo interrupted >> "$NOTES"; echo "Interrupt received" ; sleep 1; echo saved >> "$NOTES"; exit 1' INT TERM
echo begun >> "$NOTES"
i=0
while [ $i -lt 300 ]; do i=$((i + 1)); sleep 0.1; done
`;

/** A process that applies with such a program, in a process group of its own as in a terminal. */
async function applying() {
  const folder = mkdtempSync(path.join(tmpdir(), "interruption-"));
  const file = path.join(folder, "terraform");
  const notes = path.join(folder, "notes");
  writeFileSync(file, program);
  chmodSync(file, 0o755);
  const script = `
    const { Terraform } = await import(${url("terraform.ts")});
    const { TemporaryFolder } = await import(${url("temporary-folder.ts")});
    console.log(new TemporaryFolder("test").path);
    const terraform = new Terraform({
      ...{ program: ${JSON.stringify(file)}, folder: ${JSON.stringify(folder)} },
      environment: { PATH: process.env.PATH, NOTES: ${JSON.stringify(notes)} },
    });
    const apply = (file) => terraform.apply(file).catch(({ message }) => console.error(message));
    // What follows one that has ended must not begin while another one still ends.
    void apply("quick").then(() => apply("next"));
    await apply("tfplan");
    await new Promise((resolve) => setTimeout(resolve, 30_000));`;
  const child = spawn(
    process.execPath,
    ["--import", tsx, "--input-type=module", "--eval", script],
    { stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  const said = text(child.stderr);
  const ended = once(child, "exit");
  const [temporary] = (await once(child.stdout, "data")) as [Buffer];
  while (!existsSync(notes)) {
    await setTimeout(50);
  }
  return {
    ...{ child, ended, said, temporary: temporary.toString().trim() },
    notes: () => readFileSync(notes, "utf8").trim().split("\n"),
  };
}

test.skipIf(process.platform === "win32").each([
  ["SIGINT", "as a CI system does", (pid: number) => process.kill(pid, "SIGINT")],
  ["SIGTERM", "as a CI system does", (pid: number) => process.kill(pid, "SIGTERM")],
  ["SIGHUP", "as a terminal does that is closed", (pid: number) => process.kill(pid, "SIGHUP")],
  ["SIGINT", "with Ctrl-C in a terminal", (pid: number) => process.kill(-pid, "SIGINT")],
])(
  "%s, sent %s, reaches Terraform once, and ends nothing before Terraform has saved its state; Windows has no such signals",
  { timeout: 60_000 },
  async (signal, _, send) => {
    const { child, ended, notes, said, temporary } = await applying();
    send(child.pid!);
    expect(await ended).toEqual([null, signal]);
    expect(notes()).toEqual(["begun", "interrupted", "saved"]);
    expect(existsSync(temporary)).toBe(false);
    // Whoever has begun it is told how it ended.
    expect(await said).toContain("terraform apply failed: Interrupt received");
  },
);
