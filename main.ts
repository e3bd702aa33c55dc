import "./without-source-maps.ts";
import { App } from "cdktf";
import { ConfigurationError } from "./config/configuration-error.ts";
import { configFolder, loadEnvironments } from "./config/environment.ts";
import { TenantStack } from "./stacks/tenant-stack.ts";
import { WorkspaceStack } from "./stacks/workspace-stack.ts";

try {
  const app = new App();
  for (const environment of loadEnvironments(configFolder)) {
    const workspace = new WorkspaceStack(app, environment);
    for (const [name, tenant] of Object.entries(environment.tenants)) {
      new TenantStack(app, environment, name, tenant).addDependency(workspace);
    }
  }
  app.synth();
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
