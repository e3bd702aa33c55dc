"""Translates KQL queries to DuckDB SQL.

Reads a JSON array of {file, kql, tables, functions} from stdin, where tables maps a table's name to the
names of its columns, and writes a JSON object of SQL by file to stdout. `now()` and `ago()` become the
parameter $kqlnow, so that whoever runs the SQL decides what time it is.
"""

import datetime
import json
import sys

import duckdb_kql

queries = json.load(sys.stdin)
sql = {}
for query in queries:
    try:
        sql[query["file"]] = str(
            duckdb_kql.to_sql(
                query["kql"],
                schema=query["tables"],
                functions=query["functions"],
                query_now=datetime.datetime(2000, 1, 1),
            )
        )
    except duckdb_kql.KqlError as error:
        sys.exit(f"{query['file']}: {error}")
json.dump(sql, sys.stdout)
