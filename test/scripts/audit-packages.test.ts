import { expect, test } from "vitest";
import { auditFindings } from "../../scripts/audit-packages.ts";

const found = (severity: string) =>
  JSON.stringify({ vulnerabilities: { a: { name: "a", severity, range: "<2" } } });

test("High and critical vulnerabilities are findings", () => {
  expect(auditFindings(found("high"))).toEqual(["a <2 has a high vulnerability"]);
  expect(auditFindings(found("critical"))).toHaveLength(1);
  expect(auditFindings(found("moderate"))).toEqual([]);
});

test("An endpoint that does not answer is no finding, and none that nothing was found", () => {
  expect(auditFindings('{"error":{"code":"ENOAUDIT"}}')).toBeUndefined();
  expect(auditFindings("")).toBeUndefined();
});
