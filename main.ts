import { App } from "cdktf";
import { loadEnvironments } from "./config/environment.ts";
import { TenantStack } from "./stacks/tenant-stack.ts";
import { WorkspaceStack } from "./stacks/workspace-stack.ts";

// cdktf takes a stack trace for every token; following source maps in each doubles the time.
process.setSourceMapsEnabled(false);

const app = new App();
for (const environment of loadEnvironments("config")) {
  const workspace = new WorkspaceStack(app, environment);
  for (const [name, tenant] of Object.entries(environment.tenants)) {
    new TenantStack(app, environment, name, tenant).addDependency(workspace);
  }
}
app.synth();
