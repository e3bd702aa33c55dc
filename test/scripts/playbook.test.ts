import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../scripts/command-line.ts";
import { evaluate, parsePlaybookArguments, runPlaybook } from "../../scripts/playbook.ts";

const folder = mkdtempSync(path.join(tmpdir(), "playbook-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const at = path.join(folder, name);
  writeFileSync(at, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  return at;
}

async function run(definition: string, more: { parameters?: string; trace?: boolean } = {}) {
  const lines: string[] = [];
  const { parameters, trace = false } = more;
  const code = await runPlaybook(
    { file: definition, parameters, environment: "dev", trace },
    (line) => lines.push(line),
  );
  return { code, lines };
}

const compose = (inputs: unknown, parameters: object = {}) => ({
  parameters,
  actions: { C: { type: "Compose", inputs } },
});

describe("the arguments", () => {
  test("ask for a run or a value", () => {
    expect(parsePlaybookArguments(["a.json"])).toEqual({
      file: "a.json",
      parameters: undefined,
      environment: "dev",
      trace: false,
    });
    expect(
      parsePlaybookArguments(["a.json", "--parameters", "p.json", "--environment=test", "--trace"]),
    ).toEqual({ file: "a.json", parameters: "p.json", environment: "test", trace: true });
    expect(parsePlaybookArguments(["--evaluate", "@add(1, 2)", "--context", "c.json"])).toEqual({
      expression: "@add(1, 2)",
      context: "c.json",
    });
  });

  test.each([
    [[], "FILE must be one, got none"],
    [["a.json", "b.json"], "FILE must be one, got a.json b.json"],
    [["a.json", "--context", "c.json"], "--context must stand with --evaluate"],
    [["a.json", "--evaluate", "1"], "--evaluate must stand alone or with --context"],
    [["--evaluate", "1", "--trace"], "--evaluate must stand alone or with --context"],
  ])("%j are refused", (args, message) => {
    expect(() => parsePlaybookArguments(args)).toThrow(new UsageError(message));
  });
});

describe("a run", () => {
  test("of the shipped playbook collects from the local cloud, by the deployed parameters", async () => {
    const { code, lines } = await run("content/playbooks/get-o365-data.json", { trace: true });
    expect(code).toBe(0);
    const collected = lines.filter((line) => / For_each_blob\[\d+\] \/ Get_blob$/.test(line));
    expect(collected.length).toBeGreaterThan(0);
    expect(collected.every((line) => line.includes("Succeeded  OK (200)"))).toBe(true);
    expect(lines.at(-1)).toMatch(
      /^The run ended as Succeeded after \d+\.\d{3} s, with \d+ billable executions/,
    );
    expect(lines.join("\n")).not.toContain("local~cloud~client~secret");
  });

  test("takes values of parameters by name, or as a workflow resource has them", async () => {
    const definition = file("p.json", compose("@parameters('n')", { n: { type: "int" } }));
    for (const content of [{ n: 5 }, { n: { value: 5 } }]) {
      const { lines } = await run(definition, {
        parameters: file("values.json", content),
        trace: true,
      });
      expect(lines).toContain("    outputs  5");
    }
  });

  test("takes a definition beside its parameters, as the portal shows it", async () => {
    const definition = compose("@parameters('n')", { n: { type: "int" } });
    const shown = { definition, parameters: { n: { value: 6 } } };
    expect((await run(file("view.json", shown), { trace: true })).lines).toContain(
      "    outputs  6",
    );
  });

  test("authenticates as the deployed playbook, whatever identity the definition names", async () => {
    const definition = {
      parameters: { secretUri: { type: "String" } },
      actions: {
        G: {
          type: "Http",
          inputs: {
            method: "GET",
            uri: "@parameters('secretUri')",
            queries: { "api-version": "7.4" },
            authentication: {
              type: "ManagedServiceIdentity",
              identity: "/subscriptions/s/another",
              audience: "https://vault.azure.net",
            },
          },
        },
      },
    };
    expect((await run(file("identity.json", definition))).lines[1]).toContain("OK (200)");
  });

  test("that fails ends with 1", async () => {
    const { code, lines } = await run(file("fails.json", compose("@int('x')")));
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("ActionFailed: An action failed. No dependent actions succeeded.");
  });

  const foreign = { actions: { Send_Data: { type: "ApiConnection", inputs: {} } } };
  test.each([
    [
      "foreign.json",
      foreign,
      ":4: actions.Send_Data.type is not supported by the local engine: 'ApiConnection' (a managed connector, which has no counterpart in the local cloud) (NotSupportedLocally)",
    ],
    [
      "view-of-foreign.json",
      { definition: foreign },
      ":5: actions.Send_Data.type is not supported by the local engine: 'ApiConnection' (a managed connector, which has no counterpart in the local cloud) (NotSupportedLocally)",
    ],
    [
      "function.json",
      compose(["@utf8Length('a')"]),
      ":7: actions.C.inputs[0] cannot be evaluated: the local engine does not have the function 'utf8Length': known to the designer only, not in the function reference (NotSupportedLocally)",
    ],
    [
      "needs.json",
      compose(1, { n: { type: "int" } }),
      ": properties.parameters.n.value must be given: the parameter has no default value (InvalidTemplate)",
    ],
    ["list.json", [], ": must be a workflow definition, got another JSON value"],
    [
      "template.json",
      { resources: [] },
      ": must be a workflow definition, got an ARM template; take the definition out of its resource",
    ],
    [
      "broken.json",
      '{"actions": }',
      `: must be JSON: Unexpected token '}', "{"actions": }" is not valid JSON`,
    ],
  ])("of %s is refused in one sentence", async (name, content, sentence) => {
    const definition = file(name, content);
    await expect(run(definition)).rejects.toThrow(new Error(definition + sentence));
  });

  test("without its files is refused in one sentence", async () => {
    await expect(run("none.json")).rejects.toThrow(
      new Error("none.json: must be a file that can be read, got ENOENT"),
    );
    const definition = file("ok.json", compose(1));
    await expect(run(definition, { parameters: file("a.json", [1]) })).rejects.toThrow(
      new Error(`${path.join(folder, "a.json")}: must be an object of parameter values by name`),
    );
    await expect(run(definition, { parameters: file("b.json", { n: 1 }) })).rejects.toThrow(
      new Error(
        `${path.join(folder, "b.json")}: properties.parameters.n is not declared in the definition (InvalidTemplate)`,
      ),
    );
  });

  test("is in an environment that collects a tenant", async () => {
    const asked = {
      file: file("env.json", compose(1)),
      parameters: undefined,
      environment: "none",
      trace: false,
    };
    await expect(runPlaybook(asked, () => undefined)).rejects.toThrow(
      new UsageError(
        "--environment must be one of dev, prod, test with a collected tenant, got none",
      ),
    );
  });
});

describe("an expression", () => {
  test("is evaluated to JSON, in the context of a file", () => {
    const lines: string[] = [];
    evaluate({ expression: "createArray(1.0, 'a')", context: undefined }, (line) =>
      lines.push(line),
    );
    const context = file("context.json", { actions: { A: { outputs: { body: { n: 1 } } } } });
    evaluate({ expression: "@body('A')", context }, (line) => lines.push(line));
    expect(lines).toEqual(['[1.0,"a"]', '{"n":1}']);
  });
});
