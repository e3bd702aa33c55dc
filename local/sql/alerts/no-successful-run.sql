-- Translated from content/alerts/no-successful-run.kql by npm run translate. Do not edit.
-- kql: c5766d722e0c178f9c5dadb78c7237bbf84fef740c185c71af2fc24bc8885ef9
-- inputs: df2da3821dccec62054dd65f5e0c6e94992eb2fa1c2f2957d8800eaa7b4c0ba7
WITH _s0 AS (SELECT * FROM "M365AuditHealth_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE ("TimeGenerated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '2h'))),
     _s2 AS (SELECT * FROM _s1 WHERE ((CASE WHEN typeof("Collector") = 'JSON' THEN coalesce((coalesce("Collector" ->> '$', '') = 'dev-contoso'), FALSE) ELSE coalesce(("Collector" = 'dev-contoso'), FALSE) END AND CASE WHEN typeof("Kind") = 'JSON' THEN coalesce((coalesce("Kind" ->> '$', '') = 'run'), FALSE) ELSE coalesce(("Kind" = 'run'), FALSE) END) AND CASE WHEN typeof("Status") = 'JSON' THEN coalesce((coalesce("Status" ->> '$', '') = 'Succeeded'), FALSE) ELSE coalesce(("Status" = 'Succeeded'), FALSE) END)),
     _s3 AS (SELECT count(*) AS "SucceededRuns" FROM _s2),
     _s4 AS (SELECT * FROM _s3 WHERE coalesce(("SucceededRuns" = CAST(0 AS BIGINT)), FALSE)),
     _s5 AS (SELECT 'dev-contoso' AS "Collector", "SucceededRuns" AS "SucceededRuns" FROM _s4)
SELECT * FROM _s5
