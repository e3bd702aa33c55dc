import { createHmac, randomBytes } from "node:crypto";

const salt = randomBytes(32);

/** A key of a resource, in Base64: the same as long as this process lives, and of no other resource. */
export const resourceKey = (id: string, name: string): string =>
  createHmac("sha512", salt).update(`${id.toLowerCase()} ${name}`).digest("base64");
