import { describe, expect, test } from "vitest";
import { acceptance, summarize } from "../../plan/plan-summary.ts";
import { marker, summaryMarkdown } from "../../plan/summary-markdown.ts";
import { aPlan, type GivenChange } from "./a-plan.ts";

const of = (stack: string, ...changes: readonly GivenChange[]) => ({
  stack,
  plan: aPlan(...changes),
});

const vaultGoes = of("prod-contoso", { type: "azurerm_key_vault", actions: ["delete"] });

/** A deployment of a playbook with these actions. */
const deployment = (actions: object) => ({
  name: "logic",
  template_content: JSON.stringify({
    resources: [{ type: "Microsoft.Logic/workflows", properties: { definition: { actions } } }],
  }),
});

const playbookChanges: GivenChange = {
  type: "azurerm_resource_group_template_deployment",
  actions: ["update"],
  before: deployment({ Read: { type: "Http", inputs: { uri: "https://a" } } }),
  after: deployment({ Read: { type: "Http", inputs: { uri: "https://b" } } }),
};

const rule = (query: string) => ({ name: "alert-gap", criteria: [{ query, threshold: 0 }] });

const queryChanges: GivenChange = {
  type: "azurerm_monitor_scheduled_query_rules_alert_v2",
  actions: ["update"],
  before: rule("T\n| where a\n| count"),
  after: rule("T\n| where b\n| count"),
};

describe("summarize", () => {
  test("refuses the loss of data until somebody accepts it by stack and address", () => {
    const [flag, ...others] = summarize([vaultGoes]).refused;
    expect(others).toEqual([]);
    expect(acceptance(flag!)).toBe("Accept-data-loss: prod-contoso azurerm_key_vault.one");
    const refused = (text: string) => summarize([vaultGoes], text).refused.length;
    expect(refused(`We want this.\r\n\r\n${acceptance(flag!)}\r\nThanks`)).toBe(0);
    expect(refused("accept-data-loss:  prod-contoso   azurerm_key_vault.one")).toBe(0);
    expect(refused("Accept-data-loss: prod-contoso azurerm_key_vault.two")).toBe(1);
    expect(refused("Accept-data-loss: dev-contoso azurerm_key_vault.one")).toBe(1);
    expect(refused("Accept-data-loss: prod-contoso azurerm_key_vault.one.more")).toBe(1);
    expect(refused("Accept-data-loss:")).toBe(1);
    expect(refused(`Accept-data-loss: prod-contoso a.b; ${acceptance(flag!)}`)).toBe(0);
  });

  test("asks nobody to accept what no deployment does, and has it in the digest", () => {
    const { digest, flags, refused } = summarize([vaultGoes], "", [], ["prod-contoso"]);
    expect({ flags, refused }).toEqual({ flags: [], refused: [] });
    expect(digest).toBe(summarize([vaultGoes]).digest);
  });

  test("tells a playbook by its actions and a query by its lines", () => {
    const { stacks } = summarize([of("dev-contoso", playbookChanges, queryChanges)]);
    expect(stacks[0]!.playbooks[0]!.changes).toMatchObject([
      { kind: "changed", name: "Read", fields: [{ path: "inputs.uri" }] },
    ]);
    expect(stacks[0]!.queries).toMatchObject([
      {
        name: "alert-gap",
        lines: ["@@ -1,3 +1,3 @@", " T", "-| where a", "+| where b", " | count", ...eofLines],
      },
    ]);
  });
});

describe("What a provider calls sensitive", () => {
  test.each([
    [playbookChanges, { template_content: true }],
    [playbookChanges, true],
    [queryChanges, { criteria: [{ query: true }] }],
  ])("is in no diff of a playbook or a query", (change, mask) => {
    const masked = { ...change, before_sensitive: mask, after_sensitive: mask };
    const summary = summarize([of("dev-contoso", masked)]);
    expect(summary.stacks[0]).toMatchObject({ playbooks: [], queries: [] });
    expect(summaryMarkdown({ environment: "dev", summary })).not.toMatch(/https:|where/);
  });
});

/** What a diff says of texts that end without a new line. */
const eofLines = ["\\ No newline at end of file"];

describe("summaryMarkdown", () => {
  const markdown = (plans: ReturnType<typeof of>[], limit?: number) =>
    summaryMarkdown({ environment: "prod", summary: summarize(plans) }, limit);

  test("says that nothing changes", () => {
    const text = markdown([of("prod-workspace")]);
    expect(text.startsWith(`${marker("prod")}\n## Plan of prod\n\n**Nothing changes.**`)).toBe(
      true,
    );
    expect(text).not.toContain("<details>");
  });

  test("has the flags on top, then each stack with its changes folded", () => {
    const text = markdown([
      vaultGoes,
      of("prod-workspace", {
        type: "azurerm_log_analytics_workspace",
        actions: ["update"],
        before: { retention_in_days: 180 },
        after: { retention_in_days: 90 },
      }),
    ]);
    const order = [
      "**1 to update, 1 to destroy.**",
      "> [!CAUTION]",
      "Accept-data-loss: prod-contoso",
      "### To look at",
      "- **data at risk**: the vault with its secrets is destroyed",
      "- **retention**: retention_in_days falls from 180 to 90",
      "| prod-contoso |  |  |  | 1 |  |",
      "<summary>prod-contoso: 1 change</summary>",
      "<summary>prod-workspace: 1 change</summary>",
      "<code>retention&#95;in&#95;days</code>: <code>180</code> → <code>90</code>",
    ].map((part) => text.indexOf(part));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("shows the changes of a playbook and of a query, and not their whole text", () => {
    const text = markdown([of("dev-contoso", playbookChanges, queryChanges)]);
    expect(text).toContain("- changed action <code>Read</code> (Http)");
    expect(text).toContain("```diff\n@@ -1,3 +1,3 @@\n T\n-| where a\n+| where b\n");
    expect(text).not.toMatch(/content|criteria/);
  });

  test("shows of a long value where it differs, and all of it where there is no limit", () => {
    const long = (end: string) => ({ description: `${"same ".repeat(200)}${end}` });
    const plans = [
      of("dev-contoso", {
        ...{ type: "azurerm_thing", actions: ["update"] },
        ...{ before: long("old end"), after: long(`new ${"end ".repeat(99)}at last`) },
      }),
    ];
    const text = markdown(plans, 65_536);
    expect(text).toContain("old end</code> → <code>…");
    expect(text).not.toContain("at last");
    expect(text).toContain("_What does not fit here is in summary.md._");
    expect(text.length).toBeLessThan(1200);
    expect(markdown(plans)).toContain("at last");
  });

  test("shows each member that differs of a value that is JSON", () => {
    const text = markdown([
      of("dev-contoso", {
        ...{ type: "azurerm_thing", actions: ["update"] },
        before: { content: JSON.stringify({ a: { value: "1" }, b: 1 }), other: '{"a":1}' },
        after: { content: JSON.stringify({ a: { value: "2" }, b: 2 }), other: '{ "a": 1 }' },
      }),
    ]);
    expect(text).toContain("<code>content.a.value</code>: <code>1</code> → <code>2</code>");
    expect(text).toContain("<code>content.b</code>: <code>1</code> → <code>2</code>");
    expect(text).toContain('<code>other</code>: <code>{"a":1}</code>');
  });

  test("shows what changes in a playbook's template besides its definition", () => {
    const resources = (...given: object[]) => ({
      name: "logic",
      template_content: JSON.stringify({ resources: given }),
    });
    const playbook = (state: string) => ({
      type: "Microsoft.Logic/workflows",
      properties: { state, definition: { actions: {} } },
    });
    const role = {
      type: "Microsoft.Authorization/roleAssignments",
      properties: { principalId: "p" },
    };
    const change = {
      ...{ type: "azurerm_resource_group_template_deployment", actions: ["update"] },
      before: resources(playbook("Enabled")),
      after: resources(playbook("Disabled"), role),
    };
    const text = markdown([of("dev-contoso", change)]);
    expect(text).toContain(
      "- of its template <code>resources.0.properties.state</code>: <code>Enabled</code> → <code>Disabled</code>",
    );
    expect(text).toMatch(/resources\.1<\/code>: none → <code>.*principalId/);
    expect(text).toContain("<summary>dev-contoso: the playbook, 2 changes</summary>");
    const evaluated = { ...playbook("Enabled"), properties: { definition: "[json('{}')]" } };
    expect(markdown([of("dev-contoso", { ...change, after: resources(evaluated) })])).toContain(
      "resources.0.properties.definition</code>: none → <code>&#91;json('{}')&#93;",
    );
  });

  test("lets no value become Markdown, HTML or a mention", () => {
    const nasty = "<img src=x> **bold** `code` | [link](https://x) @team\n</details>";
    const text = markdown([
      of("dev-contoso", {
        ...{ type: "azurerm_thing", actions: ["update"] },
        ...{ before: { name: "a" }, after: { name: nasty } },
      }),
    ]);
    expect(text).not.toMatch(/<img|\*\*bold|`code|\[link|@team/);
    expect(text.match(/<\/details>/g)).toHaveLength(1);
  });

  test("fits a comment, and says that there is more", () => {
    const plans = Array.from({ length: 40 }, (_, index) =>
      of(`dev-tenant${index}`, {
        ...{ type: "azurerm_thing", actions: ["update"] },
        ...{ before: { name: "a" }, after: { name: "b".repeat(100) } },
      }),
    );
    const text = markdown(plans, 6000);
    expect(text.length).toBeLessThanOrEqual(6000);
    expect(text).toMatch(/What does not fit here is in summary\.md\._\n$/);
    expect(text.match(/<details/g)!.length).toBe(text.match(/<\/details>/g)!.length);
    expect(markdown(plans).length).toBeGreaterThan(6000);
  });

  test("holds no secret of the plans", () => {
    const planted = "planted-secret-value";
    const secretly = (type: string, attribute: string): GivenChange => ({
      ...{ type, actions: ["update"], before: { [attribute]: `${planted}-1` } },
      ...{ after: { [attribute]: `${planted}-2` }, before_sensitive: { [attribute]: true } },
      after_sensitive: { [attribute]: true },
    });
    const summary = summarize([
      of(
        "prod-contoso",
        secretly("azurerm_key_vault_secret", "value"),
        secretly("azuread_application_password", "value"),
        secretly("azurerm_storage_account", "primary_access_key"),
      ),
    ]);
    expect(JSON.stringify(summary)).not.toContain(planted);
    expect(summaryMarkdown({ environment: "prod", summary })).not.toContain(planted);
  });
});
