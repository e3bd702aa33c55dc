import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadText, type WorkflowDefinition } from "../../content/load.ts";
import { actionsOf, playbookRules, type RawAction } from "./playbook-rules.ts";

type RuleName = keyof typeof playbookRules;

const folder = new URL("../../content/playbooks/", import.meta.url);
const files = readdirSync(folder);
const load = (file: string) => JSON.parse(loadText(`playbooks/${file}`)) as WorkflowDefinition;

test("content/playbooks holds workflow definitions and nothing else", () => {
  expect(files).toContain("get-o365-data.json");
  expect(files.filter((file) => !file.endsWith(".json"))).toEqual([]);
});

describe.each(files)("%s", (file) => {
  test.each(Object.entries(playbookRules))("%s", (_, problemsOf) => {
    expect(problemsOf(load(file))).toEqual([]);
  });
});

/** An action of a definition, to be changed in place. */
type Find = (name: string) => RawAction & { inputs: Record<string, unknown> };
type Break = (find: Find, definition: WorkflowDefinition) => void;

/** For each rule, changes to Get-O365Data that break it, with the problems that it then tells. */
const breaks: Readonly<Record<RuleName, readonly (readonly [Break, ...problems: string[]])[]>> = {
  "loads as it is": [
    [
      (find) => (find("Make_rows")["runAfter"] = { Cut_records: ["Succeeded"] }),
      "actions.Collect_each_page.actions.If_round_is_full.actions.If_there_are_new_blobs.actions.If_some_are_left.actions.For_each_lone_blob.actions.Hand_over_lone_blob.actions.Make_rows.runAfter contains the non-existent action 'Cut_records'",
    ],
    [
      (_, { parameters }) => delete parameters["feedUri"],
      "actions.Collect_each_page.actions.List_content.inputs.uri refers to the parameter 'feedUri', which is not declared",
    ],
  ],
  "has built-in actions alone": [
    [
      (find) => Object.assign(find("Get_client_secret"), { type: "ApiConnection" }),
      "Get_client_secret must be a built-in action, got ApiConnection",
    ],
    [
      (find) => Object.assign(find("Weigh_row"), { type: "JavaScriptCode" }),
      "Weigh_row must be a built-in action, got JavaScriptCode",
    ],
  ],
  "holds no id, host name or secret": [
    [
      (find) => (find("Make_rows")["description"] = "For 00000000-0000-4000-8000-00000000000A."),
      "definition must not hold a GUID, got For 00000000-0000-4000-8000-00000000000A.",
    ],
    [
      (find) => (find("Read_checkpoint").inputs["uri"] = "https://storage/checkpoint.json"),
      "definition must not hold an address, got https://storage/checkpoint.json",
    ],
    [
      (find) => (find("List_content").inputs["uri"] = "@concat('manage.office.com', '/api')"),
      "definition must not hold a host name, got @concat('manage.office.com', '/api')",
    ],
    [
      (find) => (find("Report_run").inputs["body"] = "kv-dev-0a1b.vault.azure.net/secrets"),
      "definition must not hold a host name, got kv-dev-0a1b.vault.azure.net/secrets",
    ],
    [
      (find) => (find("Report_run").inputs["body"] = "tell soc@contoso.local"),
      "definition must not hold a mail address, got tell soc@contoso.local",
    ],
    [
      (find) => (find("Report_run").inputs["body"] = "/subscriptions/s/resourceGroups/rg"),
      "definition must not hold a resource id, got /subscriptions/s/resourceGroups/rg",
    ],
    [
      (find) => (find("Report_run").inputs["headers"] = { Authorization: "Bearer x" }),
      "definition must not hold a token or key, got Bearer x",
    ],
    [
      (_, { parameters }) => Object.assign(parameters["clientId"]!, { defaultValue: "app" }),
      "clientId must have no default",
    ],
  ],
  "takes each secret from the vault, straight into a sign-in": [
    [
      (find) => Object.assign(find("Get_blob").inputs["authentication"]!, { secret: "s3cret" }),
      "Get_blob must take its secret from Get_client_secret",
    ],
    [
      (find) => (find("Judge_page").inputs["secret"] = "@body('Get_client_secret')?['value']"),
      "Judge_page must not read the secret, got Get_client_secret['value']",
    ],
    [
      (find) => (find("Judge_page").inputs["secret"] = "@string(outputs('Get_client_secret'))"),
      "Judge_page must not read the secret, got Get_client_secret",
    ],
    [
      (find) =>
        Object.assign(find("Get_blob").inputs["authentication"]!, {
          clientId: "@body('Get_client_secret')?['value']",
        }),
      "Get_blob must not read the secret, got Get_client_secret['value']",
    ],
  ],
  "uses the parameters that it declares": [
    [(_, { parameters }) => (parameters["proxy"] = { type: "String" }), "proxy must be used"],
    [
      (find) => (find("Make_rows").inputs["select"] = "@item()"),
      // The other uses of `collector` stay.
    ],
    [
      (find) => {
        find("Store_original").inputs["uri"] = "@parameters('checkpointUri')";
        find("Look_at_original").inputs["uri"] = "@parameters('checkpointUri')";
      },
      "originalsUri must be used",
    ],
  ],
  "loops over descriptors and indices, never over records": [
    [
      (find) => (find("Send_rows_one_by_one")["foreach"] = "@body('Make_rows')"),
      "Send_rows_one_by_one must go over descriptors or indices, got @body('Make_rows')",
    ],
    [
      (find) => (find("Send_calls")["foreach"] = "@variables('Progress')?['windows']"),
      "Send_calls must go over descriptors or indices, got @variables('Progress')?['windows']",
    ],
    [
      (find) => (find("Send_group")["foreach"] = "@chunk(body('Make_rows_of_group'), 100)"),
      "Send_group must go over descriptors or indices, got @chunk(body('Make_rows_of_group'), 100)",
    ],
    [
      (find) => (find("For_each_blob")["foreach"] = "@outputs('Blobs_of_full_group')"),
      "For_each_blob must go over descriptors or indices, got @outputs('Blobs_of_full_group')",
    ],
    [
      (find) =>
        (find("Send_calls")["foreach"] =
          "@if(empty(body('Make_rows')), range(0, 1), outputs('Records_of_lone_blob'))"),
      "Send_calls must go over descriptors or indices, got @if(empty(body('Make_rows')), range(0, 1), outputs('Records_of_lone_blob'))",
    ],
    [
      (find) =>
        (find("Send_calls")["foreach"] =
          "@if(empty(body('Make_rows')), json('[]'), skip(range(0, 9), 3))"),
    ],
    [
      // What may be gone over can come to hold records, too.
      (find) => (find("Lone_blobs").inputs["from"] = "@outputs('Blobs_of_full_group')"),
      "For_each_lone_blob must go over descriptors or indices, got @take(body('Lone_blobs'), 100)",
    ],
  ],
  "has no variable but Progress": [
    [
      (find) =>
        (find("Initialize_progress").inputs["variables"] as object[]).push({ name: "Rows" }),
      "Initialize_progress must make no variable but Progress, got Rows",
    ],
  ],
  "keeps records out of variables": [
    [
      (find) => (find("Set_progress").inputs["value"] = "@length(body('Make_rows'))"),
      "Set_progress must not mention Make_rows",
    ],
    [
      (find) => (find("Stop_collecting").inputs["value"] = { all: "@outputs('Get_blob')" }),
      "Stop_collecting must not mention Get_blob",
      "Stop_collecting must not hold records",
    ],
    [
      // By way of the loop's results and of six more actions.
      (find) => {
        const row = find("Blob_outcome").inputs["row"] as Record<string, unknown>;
        row["Reason"] = "@first(body('Make_rows'))?['Record']?['Id']";
        find("Next_step").inputs["outcomes"] = "@body('Lone_rows')";
      },
      "Set_progress must not mention Next_step",
      "Set_progress must not hold records",
    ],
    [
      // By way of a group's results, whichever shape they have.
      (find) => {
        const row = find("Outcomes_of_group").inputs["select"] as Record<string, unknown>;
        row["Reason"] = "@outputs('Blobs_of_full_group')[item()]?['records'][0]?['Id']";
        find("Next_step").inputs["outcomes"] = "@first(body('Collected_blobs'))?['Reason']";
      },
      "Set_progress must not mention Next_step",
      "Set_progress must not hold records",
    ],
    [
      (find) => (find("Next_step").inputs["page"] = "@{body('Get_blob')}"),
      "Set_progress must not mention Next_step",
      "Set_progress must not hold records",
    ],
    [
      // An answer can repeat what it was asked with, for which seven characters are too few.
      (find) => {
        const code = "body('Get_lone_blob')?['error']?['code']";
        find("Lone_blob_error").inputs =
          `@if(lessOrEquals(length(${code}), 70), ${code}, '')` as never;
        find("Next_step").inputs["outcomes"] = "@body('Lone_rows')";
      },
      "Set_progress must not mention Next_step",
      "Set_progress must not hold records",
    ],
    [
      (find) => (find("Next_step").inputs["error"] = "@actions('Send_row')?['error']"),
      "Set_progress must not mention Next_step",
      "Set_progress must not hold records",
    ],
    [
      (find) => (find("Next_step").inputs["sent"] = "@last(result('Send_group'))?['outputs']"),
      "Set_progress must not mention Next_step",
      "Set_progress must not hold records",
    ],
    [
      // Marks, ids and counts are no records.
      (find) => {
        find("Next_step").inputs["told"] = {
          letters: "@body('Map_of_group')",
          measures: "@join(body('Measure_rows_of_group'), '')",
          places: "@body('Keep_records_of_group')",
          id: "@outputs('Blobs_of_full_group')[0]?['contentId']",
          got: "@first(outputs('Blobs_of_full_group'))?['got']",
          status: "@actions('Send_row')?['status']",
          names: "@first(result('For_each_lone_blob'))?['name']",
        };
      },
    ],
  ],
  "changes no variable inside a Foreach": [
    ...["SetVariable", "AppendToArrayVariable", "IncrementVariable"].map(
      (type): readonly [Break, string] => [
        (find) =>
          ((find("For_each_blob")["actions"] as Record<string, unknown>)["Count"] = { type }),
        "Count must not change a variable inside For_each_group",
      ],
    ),
  ],
  "says how each call is tried again, and takes no 202 for an invitation to ask": [
    [(find) => delete find("Send_row").inputs["retryPolicy"], "Send_row must have a retryPolicy"],
    [
      (find) => delete find("Send_row")["operationOptions"],
      "Send_row must have DisableAsyncPattern",
    ],
    [
      (find) => (find("Get_blob")["operationOptions"] = "SuppressWorkflowHeaders"),
      "Get_blob must have DisableAsyncPattern",
    ],
    [
      (find) =>
        (find("Get_blob")["operationOptions"] = "SuppressWorkflowHeaders, DisableAsyncPattern"),
    ],
  ],
  "calls hosts from parameters alone": [
    [
      (find) => (find("Get_blob").inputs["uri"] = "@items('For_each_blob')?['contentUri']"),
      "Get_blob must take its host from a parameter, got @items('For_each_blob')?['contentUri']",
    ],
    [
      (find) => (find("Get_blob").inputs["uri"] = "@{parameters('feedUri')}/api"),
      "Get_blob must take its host from a parameter, got @{parameters('feedUri')}/api",
    ],
    [
      (find) => (find("Get_blob").inputs["uri"] = "@concat(parameters('feedUri'), '.x.test/api')"),
      "Get_blob must take its host from a parameter, got @concat(parameters('feedUri'), '.x.test/api')",
    ],
    [
      (find) =>
        (find("Get_blob").inputs["uri"] = "@concat(parameters('feedUri'), item()?['contentUri'])"),
      "Get_blob must take its host from a parameter, got @concat(parameters('feedUri'), item()?['contentUri'])",
    ],
  ],
  "sends PublisherIdentifier with every call to the feed": [
    ...["List_content", "Start_subscription", "Get_blob", "Get_blob_20", "Get_lone_blob"].map(
      (name): readonly [Break, string] => [
        (find) => {
          const { inputs } = find(name);
          inputs["uri"] = (inputs["uri"] as string).replaceAll(
            "PublisherIdentifier=",
            "publisher=",
          );
        },
        `${name} must send PublisherIdentifier`,
      ],
    ),
  ],
  "secures what carries tokens, secrets or records": [
    ...Object.entries({
      Get_client_secret: ["outputs"],
      List_content: ["inputs", "outputs"],
      Start_subscription: ["inputs", "outputs"],
      Get_blob_01: ["inputs", "outputs"],
      Get_blob_20: ["inputs", "outputs"],
      Blobs_of_full_group: ["inputs"],
      Get_blob: ["inputs", "outputs"],
      Fetched_blobs: ["inputs", "outputs"],
      Blobs_of_small_group: ["inputs", "outputs"],
      Letters_of_group: ["inputs"],
      Keep_records_of_group: ["inputs"],
      Make_rows_of_group: ["inputs", "outputs"],
      Measure_rows_of_group: ["inputs"],
      Send_rows_of_group: ["inputs", "outputs"],
      Get_lone_blob: ["inputs", "outputs"],
      Records_of_lone_blob: ["inputs"],
      Keep_records: ["inputs"],
      Make_rows: ["inputs", "outputs"],
      Measure_rows: ["inputs"],
      Send_rows: ["inputs", "outputs"],
      Weigh_row: ["inputs"],
      Send_row: ["inputs", "outputs"],
      Store_original: ["inputs", "outputs"],
      Send_large_row: ["inputs", "outputs"],
      Send_row_without_its_record: ["inputs", "outputs"],
      Set_aside_record: ["inputs", "outputs"],
      Row_results: ["inputs", "outputs"],
      Rows_set_aside: ["inputs", "outputs"],
      Set_aside_blob: ["inputs", "outputs"],
    }).map(([name, parts]): readonly [Break, ...string[]] => [
      (find) => delete find(name)["runtimeConfiguration"],
      ...parts.map((part) => `${name} must secure its ${part}`),
    ]),
    [
      // What the list of names does not know.
      (find) => {
        const query = "@equals(item(), 1)";
        Object.assign(find("For_each_lone_blob")["actions"] as object, {
          Peek: { type: "Compose", inputs: { one: "@first(body('Make_rows'))?['Record']" } },
          Tell: { type: "Http", inputs: { body: "@outputs('Peek')?['one']?['Id']" } },
          Pick: { type: "Query", inputs: { from: "@createArray(outputs('Peek'))", where: query } },
          Name: {
            type: "Select",
            inputs: { from: "@body('Pick')", select: "@item()?['one']?['Id']" },
          },
          Count: { type: "Select", inputs: { from: "@range(0, 3)", select: "@item()" } },
          Status: { type: "Compose", inputs: "@outputs('Get_lone_blob')?['statusCode']" },
          Fetch: { type: "Http", inputs: { uri: "@items('For_each_lone_blob')?['contentUri']" } },
          Weigh: { type: "Compose", inputs: "@length(string(body('Pick')))" },
        });
      },
      "Peek must secure its inputs",
      "Tell must secure its inputs",
      "Tell must secure its outputs",
      "Pick must secure its inputs",
      "Pick must secure its outputs",
      "Name must secure its inputs",
      "Name must secure its outputs",
      "Fetch must secure its outputs",
      "Weigh must secure its inputs",
    ],
    [
      (find) =>
        (find("If_blob_is_set_aside")["expression"] =
          "@first(outputs('Records_of_lone_blob'))?['External']"),
      "If_blob_is_set_aside must not touch records: its inputs cannot be secured",
    ],
    [
      (find) =>
        (find("If_blob_is_set_aside")["expression"] = "@equals(body('Make_rows')[0], null)"),
    ],
    [
      (find) => (find("Wait_after_failed_listing").inputs["interval"] = "@body('Make_rows')[0]"),
      "Wait_after_failed_listing must not touch records: its inputs cannot be secured",
    ],
    [
      (find) => (find("Send_rows_one_by_one")["foreach"] = "@body('Make_rows')"),
      "Send_rows_one_by_one must not touch records: its inputs cannot be secured",
    ],
  ],
  "makes no text of a whole payload": [
    [
      (find) => (find("Weigh_row").inputs = "@length(string(body('Make_rows')))" as never),
      "Weigh_row must not pass a whole payload through string()",
    ],
    [
      (find) => (find("Send_row").inputs["body"] = "@concat('[', body('Make_rows'), ']')"),
      "Send_row must not pass a whole payload through concat()",
    ],
    [
      (find) =>
        (find("Send_row").inputs["body"] = "@base64(coalesce(outputs('Get_blob')?['body'], ''))"),
      "Send_row must not pass a whole payload through base64()",
    ],
    [
      (find) => (find("Send_row").inputs["body"] = "rows: @{take(body('Make_rows'), 9)}"),
      "Send_row must not pass a whole payload through @{…}",
    ],
    [
      (find) =>
        (find("Send_group")["foreach"] =
          "@range(0, length(string(outputs('Blobs_of_full_group')[3]?['records'])))"),
      "Send_group must not pass a whole payload through string()",
    ],
    [
      (find) =>
        (find("Send_rows_of_group").inputs["body"] = "@join(body('Make_rows_of_group'), ',')"),
      "Send_rows_of_group must not pass a whole payload through join()",
    ],
    [
      // An array, in which a record may stand alone.
      (find) => (find("Weigh_row").inputs = "@string(createArray(body('Get_lone_blob')))" as never),
      "Weigh_row must not pass a whole payload through string()",
    ],
    [
      (find) =>
        (find("Weigh_row").inputs =
          "@length(string(outputs('Blobs_of_full_group')[3]?['records'][0]))" as never),
    ],
    [
      (find) =>
        (find("Send_row").inputs["body"] =
          "@concat(string(first(body('Make_rows'))), string(length(body('Get_blob'))))"),
    ],
  ],
  "fetches each blob in the same way": [
    [
      (find) => (find("Get_blob_07").inputs["uri"] = find("Get_blob_08").inputs["uri"]),
      "Get_blob_07 must be Get_blob but for its blob",
    ],
    [
      (find) => Object.assign(find("Get_blob_20").inputs["retryPolicy"]!, { count: 3 }),
      "Get_blob_20 must be Get_blob but for its blob",
    ],
    [
      (find) => delete find("Get_blob_02")["runtimeConfiguration"],
      "Get_blob_02 must be Get_blob but for its blob",
    ],
    [
      (find) => (find("Get_lone_blob").inputs["method"] = "POST"),
      "Get_lone_blob must be Get_blob but for its blob",
    ],
    [
      // A blob under the id of another.
      (find) => {
        const entries = find("Blobs_of_full_group").inputs as unknown as Record<string, unknown>[];
        entries[4]!["contentId"] = entries[5]!["contentId"];
        entries[9]!["records"] = entries[8]!["records"];
      },
      "entry 4 of Blobs_of_full_group must be that of a small group but for its blob",
      "entry 9 of Blobs_of_full_group must be that of a small group but for its blob",
    ],
    [
      (find) => ((find("Blobs_of_small_group").inputs["select"] as { got: unknown }).got = true),
      ...Array.from(
        { length: 20 },
        (_, index) =>
          `entry ${index} of Blobs_of_full_group must be that of a small group but for its blob`,
      ),
    ],
    [
      (find) => (find("Blobs_of_full_group").inputs as unknown as unknown[]).pop(),
      "a full group must have 20 calls and entries, got 20 and 19",
      "entry 19 of Blobs_of_full_group must be that of a small group but for its blob",
    ],
    [
      (find) => {
        const calls = find("If_group_is_full")["actions"] as Record<string, unknown>;
        calls["Get_blob_21"] = calls["Get_blob_20"];
      },
      "a full group must have 20 calls and entries, got 21 and 20",
    ],
    [
      (find) =>
        (find("If_group_is_full")["expression"] = "@equals(length(items('For_each_group')), 19)"),
      "If_group_is_full must ask for 20 blobs, got @equals(length(items('For_each_group')), 19)",
    ],
    [
      (find) => (find("For_each_group")["foreach"] = "@chunk(body('New_blobs'), 19)"),
      "If_group_is_full must ask for 19 blobs, got @equals(length(items('For_each_group')), 20)",
      "a full group must have 19 calls and entries, got 20 and 20",
    ],
  ],
  "asks with the queries that ship": [
    [
      (find) => {
        const body = find("Find_shortfalls").inputs["body"] as { query: string };
        body.query = body.query.replace("30m", "3m");
      },
      "Find_shortfalls must ask with content/queries/shortfall.kql",
    ],
    [
      (find) => {
        const body = find("Ask_for_slice").inputs["body"] as { query: string };
        body.query = body.query.replace("parameters('collector')", "'dev-contoso'");
      },
      "Ask_for_slice must ask with content/queries/told.kql",
    ],
  ],
  "stays within the service's limits": [
    [
      (_, definition) => {
        for (let count = actionsOf(definition).length; count < 501; count++) {
          definition.actions[`Compose_${count}`] = { type: "Compose", inputs: 1, runAfter: {} };
        }
      },
      "number of actions must be at most 500, got 501",
    ],
    [
      (find) => (find("Send_large_row")["actions"] = { Deeper: { type: "Compose", inputs: "" } }),
      "depth of Deeper must be at most 8, got 9",
    ],
    [
      (_, { actions }) => (actions["x".repeat(81)] = { type: "Compose", inputs: 1 }),
      `characters of the name ${"x".repeat(81)} must be at most 80, got 81`,
    ],
    [
      (_, { triggers }) => (triggers["y".repeat(81)] = { type: "Recurrence" }),
      `characters of the name ${"y".repeat(81)} must be at most 80, got 81`,
    ],
    [
      (find) => (find("Get_blob")["description"] = "d".repeat(257)),
      "characters of the description of Get_blob must be at most 256, got 257",
    ],
    [
      (find) => (find("Lone_blob_error").inputs = `@concat('${"e".repeat(8182)}')` as never),
      "characters in Lone_blob_error must be at most 8192, got 8193",
    ],
    [
      (_, { parameters }) => {
        for (let count = Object.keys(parameters).length; count < 51; count++) {
          parameters[`parameter${count}`] = { type: "String" };
        }
      },
      "number of parameters must be at most 50, got 51",
    ],
    [
      (_, definition) => {
        definition["metadata"] = "";
        const bytes = Buffer.byteLength(JSON.stringify(definition));
        definition["metadata"] = "m".repeat(1_000_001 - bytes);
      },
      "bytes must be at most 1000000, got 1000001",
    ],
  ],
};

describe.each(Object.entries(breaks))("the rule %j", (rule, changes) => {
  test.each(changes.map(([change, ...problems]) => [problems, change] as const))(
    "tells %j",
    (problems, change) => {
      const definition = load("get-o365-data.json");
      change((name) => {
        const found = actionsOf(definition).find((defined) => defined.name === name);
        return found!.action as ReturnType<Find>;
      }, definition);
      expect(playbookRules[rule as RuleName](definition)).toEqual(problems);
    },
  );
});
