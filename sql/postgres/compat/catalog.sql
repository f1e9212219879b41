-- SQLite's catalog in its own shape. https://sqlite.org/pragma.html, https://sqlite.org/schematab.html
-- `schema_name` is NULL for the current schema, or pg_temp.

CREATE OR REPLACE FUNCTION sqlift.namespace(schema_name text) RETURNS oid LANGUAGE sql STABLE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = pg_catalog.current_schema())
                WHEN $1 = 'pg_temp' THEN pg_catalog.pg_my_temp_schema()
                ELSE (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) END
$f$;

-- A table by name, letters compared without regard to case; the session's temporary ones first.
CREATE OR REPLACE FUNCTION sqlift.relation(schema_name text, name text) RETURNS oid LANGUAGE sql STABLE AS $f$
    SELECT c.oid FROM pg_catalog.pg_class c
    WHERE c.relnamespace IN (sqlift.namespace($1), pg_catalog.pg_my_temp_schema()) AND pg_catalog.lower(c.relname) = pg_catalog.lower($2)
    ORDER BY c.relnamespace = pg_catalog.pg_my_temp_schema() DESC, c.relname = $2 DESC LIMIT 1
$f$;

CREATE OR REPLACE FUNCTION sqlift.declared_type(type_id oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT CASE $1 WHEN 20 THEN 'INTEGER' WHEN 21 THEN 'INTEGER' WHEN 23 THEN 'INTEGER' WHEN 25 THEN 'TEXT' WHEN 701 THEN 'REAL'
                   WHEN 17 THEN 'BLOB' WHEN 1700 THEN 'NUMERIC' ELSE pg_catalog.upper(pg_catalog.format_type($1, NULL)) END
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_xinfo(schema_name text, tbl text)
RETURNS TABLE(cid bigint, name text, type text, "notnull" bigint, dflt_value text, pk bigint, hidden bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY a.attnum) - 1,
           -- The translator keeps a name's spelling and a declared type that PostgreSQL's do not tell as a comment.
           COALESCE((SELECT s.shown FROM (SELECT pg_catalog.substring(pg_catalog.col_description(a.attrelid, a.attnum), '^named ([^\n]*)') AS shown) AS s
                     WHERE pg_catalog.lower(s.shown) OPERATOR(pg_catalog.=) a.attname::text), a.attname::text),
           COALESCE(pg_catalog.substring(pg_catalog.col_description(a.attrelid, a.attnum), '(?:^|\n)declared (.*)$'), sqlift.declared_type(a.atttypid)),
           -- SQLite's integer key does not say NOT NULL although it is.
           (a.attnotnull AND a.attidentity = '')::int::bigint,
           CASE WHEN a.attgenerated = '' THEN pg_catalog.regexp_replace(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '::(text|bigint|numeric|double precision|bytea)$', '') END,
           COALESCE((SELECT pg_catalog.array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary), 0)::bigint,
           CASE WHEN a.attgenerated = 's' THEN 3 ELSE 0 END::bigint
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = sqlift.relation($1, $2) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_info(schema_name text, tbl text)
RETURNS TABLE(cid bigint, name text, type text, "notnull" bigint, dflt_value text, pk bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY x.cid) - 1, x.name, x.type, x."notnull", x.dflt_value, x.pk
    FROM sqlift.pragma_table_xinfo($1, $2) AS x WHERE x.hidden = 0 ORDER BY x.cid
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_index_list(schema_name text, tbl text)
RETURNS TABLE(seq bigint, name text, "unique" bigint, origin text, partial bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY i.indexrelid DESC) - 1, c.relname::text, i.indisunique::int::bigint,
           CASE WHEN i.indisprimary THEN 'pk' WHEN k.oid IS NOT NULL THEN 'u' ELSE 'c' END, (i.indpred IS NOT NULL)::int::bigint
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'u'
    -- SQLite has no index for its integer key.
    WHERE i.indrelid = sqlift.relation($1, $2)
      AND NOT (i.indisprimary AND i.indnkeyatts = 1 AND EXISTS (
          SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attidentity <> ''))
    ORDER BY i.indexrelid DESC
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_index_info(schema_name text, index_name text)
RETURNS TABLE(seqno bigint, cid bigint, name text) LANGUAGE sql STABLE AS $f$
    SELECT k.place - 1, CASE WHEN k.attnum = 0 THEN -2 ELSE k.attnum - 1 END::bigint, a.attname::text
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
    WHERE i.indexrelid = sqlift.relation($1, $2) AND k.place <= i.indnkeyatts
    ORDER BY k.place
$f$;

CREATE OR REPLACE FUNCTION sqlift.action_name(action "char") RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT CASE $1 WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_foreign_key_list(schema_name text, tbl text)
RETURNS TABLE(id bigint, seq bigint, "table" text, "from" text, "to" text, on_update text, on_delete text, match text) LANGUAGE sql STABLE AS $f$
    SELECT k.number, p.place - 1, r.relname::text, f.attname::text, t.attname::text,
           sqlift.action_name(k.confupdtype), sqlift.action_name(k.confdeltype), 'NONE'
    FROM (SELECT c.*, pg_catalog.row_number() OVER (ORDER BY c.oid DESC) - 1 AS number FROM pg_catalog.pg_constraint c
          WHERE c.conrelid = sqlift.relation($1, $2) AND c.contype = 'f') AS k
    JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) WITH ORDINALITY AS p(own, other, place)
    JOIN pg_catalog.pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = p.own
    JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = p.other
    ORDER BY k.number, p.place
$f$;

-- sqlite_master. The text is the comment that the translator left; without one it is rebuilt, or PostgreSQL's own.
CREATE OR REPLACE FUNCTION sqlift.sqlite_schema(schema_name text)
RETURNS TABLE(type text, name text, tbl_name text, rootpage bigint, sql text) LANGUAGE sql STABLE AS $f$
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'i' THEN 'index' ELSE 'table' END, c.relname::text, COALESCE(t.relname, c.relname)::text,
           CASE c.relkind WHEN 'v' THEN 0 ELSE c.oid::bigint END,
           COALESCE(pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite: (.*)$'), CASE c.relkind
               WHEN 'i' THEN CASE WHEN k.oid IS NULL THEN pg_catalog.pg_get_indexdef(c.oid) END
               WHEN 'v' THEN 'CREATE VIEW ' || pg_catalog.quote_ident(c.relname) || ' AS ' || pg_catalog.pg_get_viewdef(c.oid)
               ELSE 'CREATE TABLE ' || pg_catalog.quote_ident(c.relname) || '(' || (
                   SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.name) || ' ' || x.type || CASE WHEN x.pk = 1 THEN ' PRIMARY KEY' WHEN x."notnull" = 1 THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY x.cid)
                   FROM sqlift.pragma_table_info($1, c.relname::text) AS x) || ')'
           END)
    FROM pg_catalog.pg_class c
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
    LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u')
    WHERE c.relnamespace = sqlift.namespace($1) AND c.relkind IN ('r', 'p', 'v', 'i')
      AND NOT (c.relkind = 'i' AND i.indisprimary AND EXISTS (
          SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attidentity <> ''))
    UNION ALL
    SELECT 'trigger', g.tgname::text, r.relname::text, 0,
           COALESCE(pg_catalog.substring(pg_catalog.obj_description(g.oid, 'pg_trigger'), '^sqlite: (.*)$'), pg_catalog.pg_get_triggerdef(g.oid))
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class r ON r.oid = g.tgrelid
    WHERE NOT g.tgisinternal AND r.relnamespace = sqlift.namespace($1)
$f$;
