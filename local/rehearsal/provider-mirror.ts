import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { providerVersions } from "../../config/providers.ts";
import { allowedProviders } from "../../plan/stack-policy.ts";

const registry = "registry.terraform.io";

/**
 * Folders in which Terraform looks for providers on a machine, and the one that is named.
 *
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 */
const pluginFolders = (named: string | undefined) =>
  named === undefined
    ? [
        path.join(homedir(), ".terraform.d", "plugins"),
        path.join(homedir(), ".local", "share", "terraform", "plugins"),
        "/usr/local/share/terraform/plugins",
        "/usr/share/terraform/plugins",
      ]
    : [named];

/** Where the providers of the stacks are, or why they cannot be had. */
export type ProviderMirror =
  | { readonly folder: string; readonly missing?: undefined }
  | { readonly folder?: undefined; readonly missing: string };

/**
 * Finds the providers of the stacks in a plugin folder of the machine, or else fetches them from
 * Terraform's registry into `fetched`.
 */
export function providerMirror(
  program: string,
  named: string | undefined,
  fetched: string,
): ProviderMirror {
  const folder = providersOnMachine(named);
  if (folder !== undefined) {
    return { folder };
  }
  if (named !== undefined) {
    return {
      missing: `--plugins must be a folder with ${registry}/<source>/<version> of ${allowedProviders.join(" and ")}, got ${named}`,
    };
  }
  return fetch(program, fetched);
}

/** A plugin folder of this machine with the providers of the stacks; undefined when there is none. */
export const providersOnMachine = (named?: string): string | undefined =>
  pluginFolders(named).find((each) =>
    allowedProviders.every((source) => isThere(path.join(each, registry, source))),
  );

/** Terraform's own configuration by which it takes providers from a folder and from nowhere else. */
export const mirrorConfiguration = (folder: string): string =>
  `provider_installation {\n  filesystem_mirror { path = ${JSON.stringify(folder)} }\n}\n`;

/** Fetches as anybody may: no variable that signs somebody in is handed on. */
function fetch(program: string, folder: string): ProviderMirror {
  mkdirSync(folder, { recursive: true });
  const required = Object.fromEntries(
    Object.entries(providerVersions).map(([source, version]) => [
      source.split("/")[1]!,
      { source, version },
    ]),
  );
  const text = JSON.stringify({ terraform: { required_providers: required } });
  writeFileSync(path.join(folder, "providers.tf.json"), text);
  const handedOn = ["PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"];
  const environment = handedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { status } = spawnSync(program, ["providers", "mirror", path.join(folder, "mirror")], {
    cwd: folder,
    env: { ...Object.fromEntries(environment), HOME: folder, CHECKPOINT_DISABLE: "1" },
    stdio: "ignore",
    timeout: 300_000,
  });
  return status === 0
    ? { folder: path.join(folder, "mirror") }
    : {
        missing: `the providers ${allowedProviders.join(" and ")} must be in a plugin folder of this machine or in reach at ${registry}, got neither: give --plugins DIR`,
      };
}

const isThere = (folder: string) => existsSync(folder) && readdirSync(folder).length > 0;
