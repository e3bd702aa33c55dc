-- Translated from content/transformations/m365-audit-health.kql by npm run translate. Do not edit.
-- kql: c8c2dd3d9a006c3aab81c1663f75f97f1d3ff3fd5f462d38e9b3caa62d7ddfee
-- inputs: a440d356a1faf805b4d182fe0f8f20d2718a316d0432e69ca4d816a5205a5e3a
SELECT * FROM "source"
