/** Thrown for a workflow definition that the service would not save, or that the engine cannot run. */
export class WorkflowDefinitionError extends Error {
  /**
   * @param code what the service reports, or `NotSupportedLocally` for what it would accept
   * @param path where in the definition, as in `actions.Get_page.inputs.uri`
   */
  constructor(
    readonly code: string,
    readonly path: string,
    reason: string,
  ) {
    super(`${path} ${reason}`);
    this.name = "WorkflowDefinitionError";
  }
}
