/**
 * Why Resource Manager refuses a request, with the codes of
 * https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors.
 */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  toResponse(): Response {
    const { status, code, message, headers } = this;
    return Response.json({ error: { code, message } }, { status, headers });
  }
}

/** Refuses what is not there. */
export const resourceNotFound = (id: string) =>
  new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${id}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
