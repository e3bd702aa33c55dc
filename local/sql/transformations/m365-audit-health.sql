-- Translated from content/transformations/m365-audit-health.kql by npm run translate. Do not edit.
-- kql: c8c2dd3d9a006c3aab81c1663f75f97f1d3ff3fd5f462d38e9b3caa62d7ddfee
-- inputs: df13459fe5f466f3b839afaafefe5aa0e55acd2c94a020df0156b5547bcb79fd
SELECT * FROM "source"
