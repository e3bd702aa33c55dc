import { describe, expect, test } from "vitest";
import {
  escapeForTerraform,
  loadPlaybook,
  loadText,
  type PlaybookSettings,
} from "../../content/load.ts";
import { loadWorkflow } from "../../local/logic-apps/load-workflow.ts";

const settings: PlaybookSettings = {
  recurrence: { frequency: "Minute", interval: 15 },
  feedCredential: "client-secret",
};
const identityId =
  "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id";
const playbook = (changes: Partial<PlaybookSettings> = {}) =>
  loadPlaybook("get-o365-data", { ...settings, ...changes });
const shipped = () => JSON.parse(loadText("playbooks/get-o365-data.json")) as unknown;

/** The actions that call the feed. */
const feedCalls = [
  "Get_blob",
  ...Array.from({ length: 20 }, (_, index) => `Get_blob_${String(index + 1).padStart(2, "0")}`),
  "Get_known_blob",
  "Get_lone_blob",
  "List_content",
  "Start_subscription",
];

type Authentication = Readonly<Record<string, unknown>>;

/** Every `authentication` of a definition, with the name of what holds it. */
function authentications(node: unknown, name = ""): [string, Authentication][] {
  if (typeof node !== "object" || node === null) {
    return [];
  }
  return Object.entries(node).flatMap(([key, child]: [string, unknown]) =>
    key === "authentication"
      ? [[name, child as Authentication]]
      : authentications(child, key === "inputs" ? name : key),
  );
}

describe("loadText", () => {
  test("reads a file of the content folder as it is", () => {
    expect(loadText("transformations/m365-audit-health.kql")).toMatch(/^\/\/.*\nsource\n/);
  });

  test("fails for a file that is not there", () => {
    expect(() => loadText("functions/none.kql")).toThrow(/^ENOENT.*content\/functions\/none\.kql/);
  });
});

describe("loadPlaybook", () => {
  test("changes nothing but the recurrence with the system's identity and a client secret", () => {
    const changed = playbook({ recurrence: { frequency: "Hour", interval: 2 } });
    expect(changed.triggers).toMatchObject({
      On_schedule: { recurrence: { frequency: "Hour", interval: 2 } },
    });
    expect({ ...changed, triggers: undefined }).toEqual({
      ...(shipped() as object),
      triggers: undefined,
    });
    expect(playbook()).toEqual(shipped());
  });

  test("gives a definition of its own each time", () => {
    const first = playbook();
    first.actions["Get_client_secret"] = {};
    expect(playbook()).toEqual(shipped());
  });

  test("names the identity in every sign-in of the playbook itself, and only there", () => {
    const found = authentications(playbook({ identityId }));
    const own = found.filter(([, { type }]) => type === "ManagedServiceIdentity");
    expect(own.length).toBeGreaterThan(10);
    for (const [name, authentication] of own) {
      expect([name, authentication["identity"]]).toEqual([name, identityId]);
    }
    const toFeed = found.filter(([, { type }]) => type !== "ManagedServiceIdentity");
    expect(toFeed.map(([name]) => name).sort()).toEqual(feedCalls);
    for (const [name, authentication] of toFeed) {
      expect([name, authentication]).toEqual([
        name,
        {
          type: "ActiveDirectoryOAuth",
          authority: "@parameters('loginAuthority')",
          tenant: "@parameters('m365TenantId')",
          audience: "@parameters('feedAudience')",
          clientId: "@parameters('clientId')",
          secret: "@body('Get_client_secret')?['value']",
        },
      ]);
    }
    expect(() => loadWorkflow(playbook({ identityId }))).not.toThrow();
  });

  test.each([identityId, undefined])(
    "signs in to the feed with the identity %s where there is no client secret",
    (identity) => {
      const definition = playbook({ feedCredential: "managed-identity", identityId: identity });
      const found = new Map(authentications(definition));
      const owner = identity === undefined ? {} : { identity };
      for (const name of feedCalls) {
        expect([name, found.get(name)]).toEqual([
          name,
          {
            type: "ManagedServiceIdentity",
            ...owner,
            audience: "@parameters('feedAudience')",
          },
        ]);
      }
      expect(found.get("Read_checkpoint")).toEqual({
        type: "ManagedServiceIdentity",
        ...owner,
        audience: "@parameters('storageAudience')",
      });
      const text = JSON.stringify(definition.actions);
      expect(text).not.toContain("ActiveDirectoryOAuth");
      expect(text).not.toContain("secretUri");
      expect(text).not.toContain('"secret"');
      expect(text).not.toContain("parameters('clientId')");
      expect(() => loadWorkflow(definition)).not.toThrow();
    },
  );

  test("keeps the place of the action that gets the secret, and when it fails", () => {
    const { actions } = playbook({ feedCredential: "managed-identity" });
    const { inputs, runAfter } = playbook().actions["Get_client_secret"] as {
      inputs: { queries: Record<string, string> };
      runAfter: unknown;
    };
    expect(runAfter).not.toEqual({});
    expect(inputs.queries["api-version"]).toContain("['windows']");
    expect(actions["Get_client_secret"]).toEqual({
      type: "Compose",
      inputs: inputs.queries,
      runAfter,
    });
  });
});

describe("escapeForTerraform", () => {
  test.each([
    ["${name} and %{ if true }", "$${name} and %%{ if true }"],
    [
      "@{parameters('a')} costs 5 $ or 10 % { more }",
      "@{parameters('a')} costs 5 $ or 10 % { more }",
    ],
    ['a\n"quoted"\\', 'a\n"quoted"\\'],
  ])("%j becomes %j", (text, escaped) => {
    expect(escapeForTerraform(text)).toBe(escaped);
  });
});
