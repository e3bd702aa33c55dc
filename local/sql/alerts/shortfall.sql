-- Translated from content/alerts/shortfall.kql by npm run translate. Do not edit.
-- kql: 430b8494795a1311abf4034f9aa3a6c15df0d9c1b9114926b4def54aa04d096c
-- inputs: cdfd141b78cfb658ae46cabecf28b0ae5681d8c66dabf408e4a2b295b17266ea
WITH "_l0_M365AuditShortfall()#0" AS (WITH "_l1_found" AS (WITH _s0 AS (SELECT * FROM "M365Audit_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE ("RecordIndex" IS NOT NULL)),
     _s2 AS (SELECT DISTINCT "Collector" AS "Collector", "ContentId" AS "ContentId", "RecordIndex" AS "RecordIndex" FROM _s1),
     _s3 AS (SELECT "Collector" AS "Collector", "ContentId" AS "ContentId", count(*) AS "Rows" FROM _s2 GROUP BY "Collector", "ContentId")
SELECT * FROM _s3),
     _s0 AS (SELECT * FROM "M365AuditHealth_CL"),
     _s1 AS (SELECT * FROM _s0 WHERE (CASE WHEN typeof("Kind") = 'JSON' THEN coalesce((coalesce("Kind" ->> '$', '') = 'blob'), FALSE) ELSE coalesce(("Kind" = 'blob'), FALSE) END AND CASE WHEN typeof("Status") = 'JSON' THEN coalesce((coalesce("Status" ->> '$', '') = 'Collected'), FALSE) ELSE coalesce(("Status" = 'Collected'), FALSE) END)),
     _s2 AS (SELECT "Collector" AS "Collector", "ContentType" AS "ContentType", "ContentId" AS "ContentId", max("TimeGenerated") AS "TimeGenerated", COALESCE(arg_max({'v': "M365TenantId"}, "TimeGenerated"), any_value({'v': "M365TenantId"}))['v'] AS "M365TenantId", COALESCE(arg_max({'v': "ContentCreated"}, "TimeGenerated"), any_value({'v': "ContentCreated"}))['v'] AS "ContentCreated", COALESCE(arg_max({'v': "RowsOut"}, "TimeGenerated"), any_value({'v': "RowsOut"}))['v'] AS "RowsOut" FROM _s1 GROUP BY "Collector", "ContentType", "ContentId"),
     _s3 AS (SELECT _l."Collector" AS "Collector", _l."ContentType" AS "ContentType", _l."ContentId" AS "ContentId", _l."TimeGenerated" AS "TimeGenerated", _l."M365TenantId" AS "M365TenantId", _l."ContentCreated" AS "ContentCreated", _l."RowsOut" AS "RowsOut", _r."Collector" AS "Collector1", _r."ContentId" AS "ContentId1", _r."Rows" AS "Rows" FROM _s2 AS _l LEFT JOIN (SELECT * FROM "_l1_found") AS _r ON _l."Collector" IS NOT DISTINCT FROM _r."Collector" AND _l."ContentId" IS NOT DISTINCT FROM _r."ContentId"),
     _s4 AS (SELECT "Collector", "ContentType", "ContentId", "TimeGenerated", "M365TenantId", "ContentCreated", "RowsOut", "Collector1", "ContentId1", "Rows", CASE WHEN ("Rows" IS NULL) THEN CAST(0 AS BIGINT) ELSE "Rows" END AS "Found" FROM _s3),
     _s5 AS (SELECT * FROM _s4 WHERE ("Found" < "RowsOut")),
     _s6 AS (SELECT "Collector" AS "Collector", "M365TenantId" AS "M365TenantId", "ContentType" AS "ContentType", "ContentId" AS "ContentId", "ContentCreated" AS "ContentCreated", "TimeGenerated" AS "Told", "RowsOut" AS "Expected", "Found" AS "Found" FROM _s5)
SELECT * FROM _s6),
     _s0 AS (SELECT * FROM "_l0_M365AuditShortfall()#0"),
     _s1 AS (SELECT * FROM _s0 WHERE ((CASE WHEN typeof("Collector") = 'JSON' THEN coalesce((coalesce("Collector" ->> '$', '') = 'dev-contoso'), FALSE) ELSE coalesce(("Collector" = 'dev-contoso'), FALSE) END AND ("Told" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '1d'))) AND ("Told" < (CAST($kqlnow AS TIMESTAMP) - INTERVAL '30m')))),
     _s2 AS (SELECT * FROM _s1 WHERE (("ContentCreated" > (CAST($kqlnow AS TIMESTAMP) - INTERVAL '1d')) OR ("ContentCreated" < ("Told" - INTERVAL '50h')))),
     _s3 AS (SELECT "Collector" AS "Collector", "ContentType" AS "ContentType", "ContentId" AS "ContentId", "ContentCreated" AS "ContentCreated", "Told" AS "Told", "Expected" AS "Expected", "Found" AS "Found" FROM _s2)
SELECT * FROM _s3
