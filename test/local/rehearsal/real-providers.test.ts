import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { providersOnMachine } from "../../../local/rehearsal/provider-mirror.ts";
import { setStage } from "../../../local/rehearsal/rehearsals.ts";
import { findProgram } from "../../../plan/terraform.ts";

const program = findProgram("terraform", process.env["PATH"] ?? "");
const providers = providersOnMachine();

describe.skipIf(program === undefined || providers === undefined)(
  "The real providers, skipped where Terraform or a plugin folder with azurerm and azuread is missing,",
  () => {
    test.each(["dev", "test", "prod"])(
      "plan %s on an empty subscription, and say what is wrong with it",
      { timeout: 120_000 },
      async (name) => {
        const environment = loadEnvironment(configFolder, name);
        const { cloud, project } = await setStage(name, environment, {
          ...{ program: program!, providers: providers! },
          folder: mkdtempSync(path.join(tmpdir(), "stage-")),
          onProgress: () => undefined,
        });
        try {
          const text = await project.succeed("plan", ["--environment", name]);
          const lines = text.split("\n");
          expect(lines).toHaveLength(1 + Object.keys(environment.tenants).length);
          lines.forEach((line) => expect(line).toMatch(/^\S+: \d+ to create\.$/));

          cloud.m365Tenant("contoso").auditApi = "missing";
          expect(await project.fail("plan", ["--environment", name])).toContain(
            "has no service principal of the Office 365 Management APIs: an administrator creates it with az ad sp create --id c5393580-f805-4401-95e8-94b7a6ef2fc2",
          );
        } finally {
          await cloud.close();
        }
      },
    );
  },
);
