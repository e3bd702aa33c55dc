-- Translated from content/transformations/m365-audit-health.kql by npm run translate. Do not edit.
-- kql: c8c2dd3d9a006c3aab81c1663f75f97f1d3ff3fd5f462d38e9b3caa62d7ddfee
-- inputs: 5b7d2aa8c6fdebae416be0be720eb32eebcd69b579cdc3daf92463afad681086
SELECT * FROM "source"
