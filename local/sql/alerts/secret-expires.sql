-- Translated from content/alerts/secret-expires.kql by npm run translate. Do not edit.
-- kql: acad25732359921a84f56ff32b8fb85393d7a0134e44ba2331ce11c86a728e54
-- inputs: 02b7983a67db89ed4c3402e105f61fa3e2a0f47efa60fe2e96811d88a7f4ca71
WITH _s0 AS (SELECT * FROM "M365AuditHealth_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE ("TimeGenerated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '1d'))),
     _s2 AS (SELECT * FROM _s1 WHERE ((CASE WHEN typeof("Collector") = 'JSON' THEN coalesce((coalesce("Collector" ->> '$', '') = 'dev-contoso'), FALSE) ELSE coalesce(("Collector" = 'dev-contoso'), FALSE) END AND CASE WHEN typeof("Kind") = 'JSON' THEN coalesce((coalesce("Kind" ->> '$', '') = 'run'), FALSE) ELSE coalesce(("Kind" = 'run'), FALSE) END) AND ("SecretExpires" IS NOT NULL))),
     _s3 AS (SELECT max("TimeGenerated") AS "TimeGenerated", COALESCE(arg_max({'v': "SecretExpires"}, "TimeGenerated"), any_value({'v': "SecretExpires"}))['v'] AS "SecretExpires" FROM _s2),
     _s4 AS (SELECT * FROM _s3 WHERE ("SecretExpires" < (CAST($kqlnow AS TIMESTAMP) + INTERVAL '14d'))),
     _s5 AS (SELECT 'dev-contoso' AS "Collector", "SecretExpires" AS "SecretExpires" FROM _s4)
SELECT * FROM _s5
