import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider/index.js";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider/index.js";
import { TerraformStack, Testing } from "cdktf";
import type { App } from "cdktf";

/** A resource, data source or provider as Terraform reads it, with keys in snake_case. */
export type Block = Readonly<Record<string, unknown>>;

/** A stack as Terraform reads it. */
export interface Synthesized {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly provider: Readonly<Record<string, readonly Block[]>>;
  readonly locals?: Readonly<Record<string, string>>;
  readonly output?: unknown;
  readonly removed?: readonly { readonly from: string }[];
  readonly terraform: Block;
}

/** Synthesizes constructs in a stack that has both providers, with cdktf's validations on. */
export function synth(build: (stack: TerraformStack) => void): Synthesized {
  return synthStack((app) => {
    const stack = new TerraformStack(app, "stack");
    new AzurermProvider(stack, "azurerm", { features: [{}] });
    new AzureadProvider(stack, "azuread", {});
    build(stack);
    return stack;
  });
}

/** Synthesizes one stack, with cdktf's validations on. */
export function synthStack(build: (app: App) => TerraformStack): Synthesized {
  return JSON.parse(Testing.synth(build(Testing.app()), true)) as Synthesized;
}

/** The one resource of a type; fails when there is none or another one. */
export function only(synthesized: Synthesized, type: { readonly tfResourceType: string }): Block {
  const [first, ...others] = all(synthesized, type);
  if (first === undefined || others.length > 0) {
    throw new Error(
      `there must be one ${type.tfResourceType}, got ${first === undefined ? 0 : others.length + 1}`,
    );
  }
  return first;
}

/** Every resource of a type. */
export function all(synthesized: Synthesized, type: { readonly tfResourceType: string }): Block[] {
  return Object.values(synthesized.resource?.[type.tfResourceType] ?? {});
}
