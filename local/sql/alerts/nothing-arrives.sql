-- Translated from content/alerts/nothing-arrives.kql by npm run translate. Do not edit.
-- kql: 2e944e0f1a5a47c31038e4ef36e93feac5ca60176dec9a0f09d99a6ffb194138
-- inputs: b1bb4a2b5a64507ab95ca70c5634414aa5f33444b2e220dfb3d979b709b5a709
WITH _s0 AS (SELECT * FROM "M365AuditHealth_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE ("TimeGenerated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '24h'))),
     _s2 AS (SELECT * FROM _s1 WHERE (CASE WHEN typeof("Collector") = 'JSON' THEN coalesce((coalesce("Collector" ->> '$', '') = 'dev-contoso'), FALSE) ELSE coalesce(("Collector" = 'dev-contoso'), FALSE) END AND CASE WHEN typeof("Kind") = 'JSON' THEN coalesce((coalesce("Kind" ->> '$', '') = 'run'), FALSE) ELSE coalesce(("Kind" = 'run'), FALSE) END)),
     _s3 AS (SELECT coalesce(sum("RowsOut"), 0) AS "RowsOut" FROM _s2),
     _s4 AS (SELECT * FROM _s3 WHERE coalesce(("RowsOut" = CAST(0 AS BIGINT)), FALSE)),
     _s5 AS (SELECT 'dev-contoso' AS "Collector", "RowsOut" AS "RowsOut" FROM _s4)
SELECT * FROM _s5
