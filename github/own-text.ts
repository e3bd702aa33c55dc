interface Written {
  readonly user?: { readonly type?: string } | null;
  readonly body?: string | null;
}

/** Whether a workflow has written something that begins with the same line; what people write is theirs. */
export const isOwn = ({ user, body }: Written, text: string): boolean =>
  user?.type === "Bot" && firstLine(body ?? "") === firstLine(text);

/** GitHub gives lines back as they were sent, or with carriage returns when somebody has edited them. */
const firstLine = (text: string) => text.split(/\r?\n/, 1)[0];
