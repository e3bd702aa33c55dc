-- Translated from content/transformations/m365-audit-health.kql by npm run translate. Do not edit.
-- kql: c8c2dd3d9a006c3aab81c1663f75f97f1d3ff3fd5f462d38e9b3caa62d7ddfee
-- inputs: 5f960956aac5eba4344b49ef2a02f5a552dfbfae8839910c2b914e1c8b5a8b48
SELECT * FROM "source"
