import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account/index.js";
import { StorageManagementPolicy } from "@cdktf/provider-azurerm/lib/storage-management-policy/index.js";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container/index.js";
import { describe, expect, test } from "vitest";
import { KeylessStorage } from "../../constructs/keyless-storage.ts";
import type { KeylessStorageProps } from "../../constructs/keyless-storage.ts";
import { all, only, synth } from "../synth.ts";

const synthStorage = (props: Partial<KeylessStorageProps> = {}) =>
  synth((stack) => {
    const resourceGroup = new ResourceGroup(stack, "group", { name: "rg", location: "westeurope" });
    new KeylessStorage(stack, "storage", {
      name: "stthings",
      resourceGroup,
      containers: ["one", "two"],
      ...props,
    });
  });

describe("KeylessStorage", () => {
  test("answers to identities alone, over TLS 1.2, and to nobody in public", () => {
    expect(only(synthStorage(), StorageAccount)).toMatchObject({
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      local_user_enabled: false,
      allow_nested_items_to_be_public: false,
      cross_tenant_replication_enabled: false,
      https_traffic_only_enabled: true,
      min_tls_version: "TLS1_2",
    });
  });

  test("makes no request to the data plane", () => {
    const account = only(synthStorage(), StorageAccount);
    for (const argument of ["blob_properties", "queue_properties", "static_website"]) {
      expect(account).not.toHaveProperty(argument);
    }
  });

  test("holds private containers, made through Resource Manager", () => {
    const containers = all(synthStorage(), StorageContainer);
    expect(containers.map(({ name }) => name)).toEqual(["one", "two"]);
    for (const container of containers) {
      expect(container.container_access_type).toBe("private");
      expect(container.storage_account_id).toMatch(/^\$\{azurerm_storage_account\.\w+\.id\}$/);
    }
  });

  test("is protected unless told otherwise, containers too", () => {
    const lifecycles = (props?: Partial<KeylessStorageProps>) => {
      const synthesized = synthStorage(props);
      return [StorageAccount, StorageContainer].flatMap((type) =>
        all(synthesized, type).map(({ lifecycle }) => lifecycle),
      );
    };
    expect(lifecycles()).toEqual(Array(3).fill({ prevent_destroy: true }));
    expect(lifecycles({ protect: false })).toEqual(Array(3).fill({ prevent_destroy: false }));
  });

  test("deletes what is told to expire, and nothing else", () => {
    expect(all(synthStorage(), StorageManagementPolicy)).toEqual([]);
    const policy = only(synthStorage({ expiries: { "one/old-": 30 } }), StorageManagementPolicy);
    expect(policy).toMatchObject({
      rule: [
        {
          name: "oneold",
          enabled: true,
          filters: { blob_types: ["blockBlob"], prefix_match: ["one/old-"] },
          actions: { base_blob: { delete_after_days_since_modification_greater_than: 30 } },
        },
      ],
    });
  });

  test("fails on something that expires at once", () => {
    expect(() => synthStorage({ expiries: { "one/": 0 } })).toThrow(
      "days of one/ must be 1 or more, got 0",
    );
  });
});
