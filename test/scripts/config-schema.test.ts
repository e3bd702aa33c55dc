import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { environmentJsonSchema } from "../../scripts/config-schema.ts";

test("config/environment.schema.json is what the schema says; else run npm run config:schema", async () => {
  expect(readFileSync("config/environment.schema.json", "utf8")).toBe(
    await environmentJsonSchema(),
  );
});

test("every environment names it, for editors", () => {
  const files = readdirSync("config").filter((file) => /^[^.]+\.json$/.test(file));
  expect(files).toHaveLength(3);
  for (const file of files) {
    const content = JSON.parse(readFileSync(`config/${file}`, "utf8")) as { $schema: string };
    expect(content.$schema, file).toBe("./environment.schema.json");
  }
});
