-- Translated from content/queries/shortfall.kql by npm run translate. Do not edit.
-- kql: 14e763b5c2951fcd78e2924cf66d14d7968253d9d41e98f658b5b726143f9ad7
-- inputs: e6be73286b8be5e1fe6bb05d328c8a3524350bb1e3b02f0fb8fe71583fa30ac6
WITH "_l0_found" AS (WITH _s0 AS (SELECT * FROM "M365Audit_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE ((("TimeGenerated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '10d')) AND CASE WHEN typeof("Collector") = 'JSON' THEN CASE WHEN coalesce("Collector" ->> '$', '') IS NULL AND CAST($kqlp0 AS VARCHAR) IS NULL THEN NULL ELSE coalesce((coalesce("Collector" ->> '$', '') = CAST($kqlp0 AS VARCHAR)), FALSE) END ELSE CASE WHEN "Collector" IS NULL AND CAST($kqlp0 AS VARCHAR) IS NULL THEN NULL ELSE coalesce(("Collector" = CAST($kqlp0 AS VARCHAR)), FALSE) END END) AND ("RecordIndex" IS NOT NULL))),
     _s2 AS (SELECT DISTINCT "ContentId" AS "ContentId", "RecordIndex" AS "RecordIndex" FROM _s1),
     _s3 AS (SELECT "ContentId" AS "ContentId", count(*) AS "Rows" FROM _s2 GROUP BY "ContentId")
SELECT * FROM _s3),
     _s0 AS (SELECT * FROM "M365AuditHealth_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE (("TimeGenerated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '8d')) AND CASE WHEN typeof("Collector") = 'JSON' THEN CASE WHEN coalesce("Collector" ->> '$', '') IS NULL AND CAST($kqlp0 AS VARCHAR) IS NULL THEN NULL ELSE coalesce((coalesce("Collector" ->> '$', '') = CAST($kqlp0 AS VARCHAR)), FALSE) END ELSE CASE WHEN "Collector" IS NULL AND CAST($kqlp0 AS VARCHAR) IS NULL THEN NULL ELSE coalesce(("Collector" = CAST($kqlp0 AS VARCHAR)), FALSE) END END)),
     _s2 AS (SELECT * FROM _s1 WHERE (CASE WHEN typeof("Kind") = 'JSON' THEN coalesce((coalesce("Kind" ->> '$', '') = 'blob'), FALSE) ELSE coalesce(("Kind" = 'blob'), FALSE) END AND CASE WHEN typeof("Status") = 'JSON' THEN coalesce((coalesce("Status" ->> '$', '') = 'Collected'), FALSE) ELSE coalesce(("Status" = 'Collected'), FALSE) END)),
     _s3 AS (SELECT "ContentType" AS "ContentType", "ContentId" AS "ContentId", max("TimeGenerated") AS "TimeGenerated", COALESCE(arg_max({'v': "ContentCreated"}, "TimeGenerated"), any_value({'v': "ContentCreated"}))['v'] AS "ContentCreated", COALESCE(arg_max({'v': "RowsOut"}, "TimeGenerated"), any_value({'v': "RowsOut"}))['v'] AS "RowsOut" FROM _s2 GROUP BY "ContentType", "ContentId"),
     _s4 AS (SELECT * FROM _s3 WHERE (("TimeGenerated" < (CAST($kqlnow AS TIMESTAMP) - INTERVAL '30m')) AND ("ContentCreated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '7d')))),
     _s5 AS (SELECT _l."ContentType" AS "ContentType", _l."ContentId" AS "ContentId", _l."TimeGenerated" AS "TimeGenerated", _l."ContentCreated" AS "ContentCreated", _l."RowsOut" AS "RowsOut", _r."ContentId" AS "ContentId1", _r."Rows" AS "Rows" FROM _s4 AS _l LEFT JOIN (SELECT * FROM "_l0_found") AS _r ON _l."ContentId" IS NOT DISTINCT FROM _r."ContentId"),
     _s6 AS (SELECT * FROM _s5 WHERE (CASE WHEN ("Rows" IS NULL) THEN CAST(0 AS BIGINT) ELSE "Rows" END < "RowsOut")),
     _s7 AS (SELECT * FROM _s6 ORDER BY "ContentCreated" ASC NULLS FIRST LIMIT 500),
     _s8 AS (SELECT "ContentId" AS "ContentId", "ContentCreated" AS "ContentCreated" FROM _s7)
SELECT * FROM _s8
