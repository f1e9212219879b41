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

-- A name as the program's CREATE spelled it: PostgreSQL's are in lower letters.
CREATE OR REPLACE FUNCTION sqlift.shown_name(name text, created text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT COALESCE((SELECT COALESCE(m[1], m[2], m[3], m[4], m[5])
        FROM pg_catalog.regexp_matches($2, '^(?:sqlite: )?CREATE\s+(?:TEMP\s+|TEMPORARY\s+|UNIQUE\s+|VIRTUAL\s+)?(?:TABLE|VIEW|INDEX|TRIGGER)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\w+\.)?(?:"([^"]*)"|`([^`]*)`|\[([^]]*)\]|''([^'']*)''|(\w+))', 'i') AS m
        WHERE pg_catalog.lower(COALESCE(m[1], m[2], m[3], m[4], m[5])) OPERATOR(pg_catalog.=) $1), $1)
$f$;
CREATE OR REPLACE FUNCTION sqlift.shown_relation(relation oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT sqlift.shown_name(c.relname::text, pg_catalog.obj_description(c.oid, 'pg_class')) FROM pg_catalog.pg_class c WHERE c.oid = $1
$f$;

CREATE OR REPLACE FUNCTION sqlift.declared_type(type_id oid, modifier integer) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT CASE $1 WHEN 20 THEN 'INTEGER' WHEN 21 THEN 'INTEGER' WHEN 23 THEN 'INTEGER' WHEN 25 THEN 'TEXT' WHEN 701 THEN 'REAL'
                   WHEN 17 THEN 'BLOB' WHEN 1700 THEN 'NUMERIC'
                   WHEN pg_catalog.to_regtype('sqlift.value')::pg_catalog.oid THEN ''
                   WHEN 1114 THEN 'DATETIME' WHEN 1184 THEN 'DATETIME' ELSE pg_catalog.upper(pg_catalog.format_type($1, $2)) END
$f$;

-- SQLite's rowid: an identity column, or one whose default is the next id.
CREATE OR REPLACE FUNCTION sqlift.numbers_itself(tbl oid, col smallint) RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = $1 AND a.attnum = $2
          AND (a.attidentity <> '' OR pg_catalog.pg_get_expr(d.adbin, d.adrelid) SIMILAR TO 'sqlift.(free|next)_rowid\(%'))
$f$;

-- A default as SQLite's text has it, where that can be told.
CREATE OR REPLACE FUNCTION sqlift.default_text(expression text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT CASE WHEN $1 LIKE 'sqlift.value\_of(%'
        THEN sqlift.default_text(pg_catalog.regexp_replace(pg_catalog.regexp_replace($1, '^sqlift\.value_of\((.*)\)$', '\1'), '^\((.*)\)::(bigint|double precision)$', '\1'))
        ELSE CASE $1
        WHEN 'true' THEN '1'
        WHEN 'false' THEN '0'
        WHEN 'now()' THEN 'CURRENT_TIMESTAMP'
        WHEN 'to_char((statement_timestamp() AT TIME ZONE ''UTC''::text), ''YYYY-MM-DD HH24:MI:SS''::text)' THEN 'CURRENT_TIMESTAMP'
        WHEN 'to_char((statement_timestamp() AT TIME ZONE ''UTC''::text), ''YYYY-MM-DD''::text)' THEN 'CURRENT_DATE'
        WHEN 'to_char((statement_timestamp() AT TIME ZONE ''UTC''::text), ''HH24:MI:SS''::text)' THEN 'CURRENT_TIME'
        -- In the words of PostgreSQL 13.
        WHEN 'to_char(timezone(''UTC''::text, statement_timestamp()), ''YYYY-MM-DD HH24:MI:SS''::text)' THEN 'CURRENT_TIMESTAMP'
        WHEN 'to_char(timezone(''UTC''::text, statement_timestamp()), ''YYYY-MM-DD''::text)' THEN 'CURRENT_DATE'
        WHEN 'to_char(timezone(''UTC''::text, statement_timestamp()), ''HH24:MI:SS''::text)' THEN 'CURRENT_TIME'
        ELSE pg_catalog.regexp_replace(pg_catalog.regexp_replace($1, '::(text|bigint|integer|numeric|double precision|bytea)$', ''), '^(?:\((-[0-9.]+)\)|''(-[0-9.]+)'')$', '\1\2') END END
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_xinfo(schema_name text, tbl text)
RETURNS TABLE(cid bigint, name text, type text, "notnull" bigint, dflt_value text, pk bigint, hidden bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY a.attnum) - 1,
           -- The translator keeps a name's spelling and a declared type that PostgreSQL's do not tell as a comment.
           COALESCE((SELECT s.shown FROM (SELECT pg_catalog.substring(pg_catalog.col_description(a.attrelid, a.attnum), '^named ([^\n]*)') AS shown) AS s
                     WHERE pg_catalog.lower(s.shown) OPERATOR(pg_catalog.=) a.attname::text), a.attname::text),
           COALESCE(pg_catalog.substring(pg_catalog.col_description(a.attrelid, a.attnum), '(?:^|\n)declared (.*)$'), sqlift.declared_type(a.atttypid, a.atttypmod)),
           -- SQLite's keys do not say NOT NULL unless their text does, or the table has no rowid.
           (a.attnotnull AND NOT sqlift.numbers_itself(a.attrelid, a.attnum) AND (
               w.text IS NULL OR w.text ~* 'WITHOUT\s+ROWID' OR NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
               OR w.text ~* ('[(,]\s*["`\[]?' || pg_catalog.regexp_replace(a.attname::text, '(\W)', '\\\1', 'g') || '["`\]]?\s[^,]*NOT\s+NULL')))::int::bigint,
           CASE WHEN a.attgenerated = '' AND NOT sqlift.numbers_itself(a.attrelid, a.attnum) THEN sqlift.default_text(pg_catalog.pg_get_expr(d.adbin, d.adrelid)) END,
           COALESCE((SELECT pg_catalog.array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary), 0)::bigint,
           CASE WHEN a.attgenerated = 's' THEN 3 ELSE 0 END::bigint
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    CROSS JOIN LATERAL (SELECT pg_catalog.substring(pg_catalog.obj_description(a.attrelid, 'pg_class'), '^sqlite: (.*)$') AS text) AS w
    WHERE a.attrelid = sqlift.relation($1, $2) AND a.attnum > 0 AND NOT a.attisdropped
      AND pg_catalog.col_description(a.attrelid, a.attnum) IS DISTINCT FROM 'sqlite rowid' AND a.attname NOT LIKE 'sqlift\_fts\_%'
    -- Every database of SQLite's has its schema table.
    UNION ALL
    SELECT s.cid, s.name, s.type, 0, NULL, 0, 0
    FROM (VALUES (0::bigint, 'type', 'TEXT'), (1, 'name', 'TEXT'), (2, 'tbl_name', 'TEXT'), (3, 'rootpage', 'INT'), (4, 'sql', 'TEXT')) AS s(cid, name, type)
    WHERE pg_catalog.lower($2) IN ('sqlite_master', 'sqlite_schema', 'sqlite_temp_master', 'sqlite_temp_schema')
    ORDER BY 1
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_info(schema_name text, tbl text)
RETURNS TABLE(cid bigint, name text, type text, "notnull" bigint, dflt_value text, pk bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY x.cid) - 1, x.name, x.type, x."notnull", x.dflt_value, x.pk
    FROM sqlift.pragma_table_xinfo($1, $2) AS x WHERE x.hidden = 0 ORDER BY x.cid
$f$;

-- The indexes of a table as SQLite names them: those of its constraints are numbered; its integer key has none.
CREATE OR REPLACE FUNCTION sqlift.shown_indexes(tbl oid)
RETURNS TABLE(index_id oid, name text, origin text) LANGUAGE sql STABLE AS $f$
    SELECT q.index_id, CASE WHEN q.contype IS NULL THEN q.relname
                            ELSE 'sqlite_autoindex_' || q.table_name || '_' || pg_catalog.row_number() OVER (PARTITION BY q.contype IS NULL ORDER BY q.index_id)::text END,
           CASE q.contype WHEN 'p' THEN 'pk' WHEN 'u' THEN 'u' ELSE 'c' END
    FROM (SELECT i.indexrelid AS index_id, sqlift.shown_relation(c.oid) AS relname, sqlift.shown_relation(t.oid) AS table_name, k.contype
          FROM pg_catalog.pg_index i
          JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
          JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
          LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
          WHERE i.indrelid = $1 AND c.relname NOT LIKE '%\_sqlift\_fts\_index'
            AND NOT (i.indisunique AND i.indnkeyatts = 1 AND sqlift.numbers_itself(i.indrelid, i.indkey[0]))) AS q
$f$;

-- An index by SQLite's name of it.
CREATE OR REPLACE FUNCTION sqlift.index_of(schema_name text, index_name text) RETURNS oid LANGUAGE sql STABLE AS $f$
    SELECT x.index_id FROM pg_catalog.pg_class t, LATERAL sqlift.shown_indexes(t.oid) AS x
    WHERE t.relkind IN ('r', 'p') AND t.relnamespace IN (sqlift.namespace($1), pg_catalog.pg_my_temp_schema())
      AND pg_catalog.lower(x.name) = pg_catalog.lower($2) LIMIT 1
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_index_list(schema_name text, tbl text)
RETURNS TABLE(seq bigint, name text, "unique" bigint, origin text, partial bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY x.index_id DESC) - 1, x.name, i.indisunique::int::bigint, x.origin, (i.indpred IS NOT NULL)::int::bigint
    FROM sqlift.shown_indexes(sqlift.relation($1, $2)) AS x JOIN pg_catalog.pg_index i ON i.indexrelid = x.index_id
    ORDER BY x.index_id DESC
$f$;

-- Every column of an index, then what finds the row: its rowid, or the key's columns that are not there yet.
CREATE OR REPLACE FUNCTION sqlift.pragma_index_xinfo(schema_name text, index_name text)
RETURNS TABLE(seqno bigint, cid bigint, name text, "desc" bigint, coll text, key bigint) LANGUAGE sql STABLE AS $f$
    SELECT k.place - 1, CASE WHEN k.attnum = 0 THEN -2 ELSE k.attnum - 1 END::bigint, a.attname::text, (i.indoption[k.place - 1] & 1)::bigint,
           CASE WHEN n.collname = 'sqlift_nocase' THEN 'NOCASE' ELSE 'BINARY' END, 1::bigint
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
    LEFT JOIN pg_catalog.pg_collation n ON n.oid = a.attcollation
    WHERE i.indexrelid = sqlift.index_of($1, $2) AND k.place <= i.indnkeyatts
    UNION ALL
    SELECT i.indnkeyatts, -1, NULL, 0, 'BINARY', 0 FROM pg_catalog.pg_index i
    WHERE i.indexrelid = sqlift.index_of($1, $2) AND NOT coalesce(pg_catalog.obj_description(i.indrelid, 'pg_class') ~* 'WITHOUT\s+ROWID', false)
    ORDER BY 1
$f$;
CREATE OR REPLACE FUNCTION sqlift.pragma_index_info(schema_name text, index_name text)
RETURNS TABLE(seqno bigint, cid bigint, name text) LANGUAGE sql STABLE AS $f$
    SELECT x.seqno, x.cid, x.name FROM sqlift.pragma_index_xinfo($1, $2) AS x WHERE x.key = 1 ORDER BY x.seqno
$f$;

CREATE OR REPLACE FUNCTION sqlift.action_name(action "char") RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT CASE $1 WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_foreign_key_list(schema_name text, tbl text)
RETURNS TABLE(id bigint, seq bigint, "table" text, "from" text, "to" text, on_update text, on_delete text, match text) LANGUAGE sql STABLE AS $f$
    SELECT k.number, p.place - 1, sqlift.shown_relation(r.oid), f.attname::text, t.attname::text,
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
    SELECT q.type, q.name, q.tbl_name, q.rootpage, q.sql FROM (
        SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, sqlift.shown_relation(c.oid), sqlift.shown_relation(c.oid), CASE c.relkind WHEN 'v' THEN 0 ELSE c.oid::bigint END,
               COALESCE(pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite: (.*)$'), CASE c.relkind
                   WHEN 'v' THEN 'CREATE VIEW ' || pg_catalog.quote_ident(c.relname) || ' AS ' || pg_catalog.pg_get_viewdef(c.oid)
                   ELSE 'CREATE TABLE ' || pg_catalog.quote_ident(c.relname) || '(' || (
                       SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.name) || ' ' || x.type || CASE WHEN x.pk = 1 THEN ' PRIMARY KEY' WHEN x."notnull" = 1 THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY x.cid)
                       FROM sqlift.pragma_table_info($1, c.relname::text) AS x) || ')' || COALESCE(pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^altered\)(.*)$'), '')
               END), c.oid
        FROM pg_catalog.pg_class c WHERE c.relnamespace = sqlift.namespace($1) AND c.relkind IN ('r', 'p', 'v')
        UNION ALL
        SELECT 'index', x.name, sqlift.shown_relation(t.oid), x.index_id::bigint,
               COALESCE(pg_catalog.substring(pg_catalog.obj_description(x.index_id, 'pg_class'), '^sqlite: (.*)$'), CASE WHEN x.origin = 'c' THEN pg_catalog.pg_get_indexdef(x.index_id) END), x.index_id
        FROM pg_catalog.pg_class t, LATERAL sqlift.shown_indexes(t.oid) AS x WHERE t.relnamespace = sqlift.namespace($1) AND t.relkind IN ('r', 'p')
          AND NOT (x.origin = 'pk' AND coalesce(pg_catalog.obj_description(t.oid, 'pg_class') ~* '\)[^)]*WITHOUT\s+ROWID[^)]*$', false))
        UNION ALL
        SELECT 'trigger', sqlift.shown_name(g.tgname::text, pg_catalog.obj_description(g.oid, 'pg_trigger')), sqlift.shown_relation(r.oid), 0,
               COALESCE(pg_catalog.substring(pg_catalog.obj_description(g.oid, 'pg_trigger'), '^sqlite: (.*)$'), pg_catalog.pg_get_triggerdef(g.oid)), g.oid
        FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class r ON r.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND g.tgname NOT LIKE 'sqlift\_key\_%' AND g.tgname <> '~sqlift_conflict' AND r.relnamespace = sqlift.namespace($1)
    ) AS q(type, name, tbl_name, rootpage, sql, id)
    ORDER BY q.id
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_list(schema_name text, tbl text DEFAULT NULL)
RETURNS TABLE(schema text, name text, type text, ncol bigint, wr bigint, strict bigint) LANGUAGE sql STABLE AS $f$
    SELECT q.schema, q.name, q.type, q.ncol, q.wr::int::bigint, q.strict::int::bigint FROM (
        SELECT CASE WHEN c.relnamespace = sqlift.namespace($1) THEN 'main' ELSE 'temp' END, sqlift.shown_relation(c.oid), CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
               (SELECT pg_catalog.count(*) FROM sqlift.pragma_table_xinfo(CASE WHEN c.relnamespace = sqlift.namespace($1) THEN $1 ELSE 'pg_temp' END, c.relname::text)),
               d.text ~* '\)[^)]*WITHOUT\s+ROWID[^)]*$', d.text ~* '\)[^)]*\mSTRICT\M[^)]*$', c.oid::bigint
        FROM pg_catalog.pg_class c CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS text) AS d
        WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace IN (sqlift.namespace($1), pg_catalog.pg_my_temp_schema())
        UNION ALL SELECT 'main', 'sqlite_schema', 'table', 5, false, false, 9000000000
        UNION ALL SELECT 'temp', 'sqlite_temp_schema', 'table', 5, false, false, 9000000001
    ) AS q(schema, name, type, ncol, wr, strict, place)
    WHERE $2 IS NULL OR pg_catalog.lower(q.name) = pg_catalog.lower($2)
    ORDER BY q.schema, q.place
$f$;

-- PostgreSQL lets no row break a foreign key: nothing to tell, unless there is no such table.
CREATE OR REPLACE FUNCTION sqlift.pragma_foreign_key_check(schema_name text, tbl text DEFAULT NULL)
RETURNS TABLE("table" text, rowid bigint, parent text, fkid bigint) LANGUAGE plpgsql STABLE AS $f$
BEGIN
    IF tbl IS NOT NULL AND sqlift.relation(schema_name, tbl) IS NULL THEN
        RAISE EXCEPTION 'no such table: %', tbl USING ERRCODE = 'undefined_table';
    END IF;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_database_list(schema_name text) RETURNS TABLE(seq bigint, name text, file text) LANGUAGE sql STABLE AS $f$
    SELECT 0::bigint, 'main', ''
    UNION ALL
    SELECT 1, 'temp', '' WHERE $1 IS DISTINCT FROM 'pg_temp'
        AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.pg_my_temp_schema() AND c.relkind IN ('r', 'v'))
$f$;
CREATE OR REPLACE FUNCTION sqlift.pragma_collation_list(schema_name text) RETURNS TABLE(seq bigint, name text) LANGUAGE sql IMMUTABLE AS $f$
    VALUES (0::bigint, 'RTRIM'), (1, 'NOCASE'), (2, 'BINARY')
$f$;

-- Another number after every change of the schema's tables, columns, indexes and triggers.
CREATE OR REPLACE FUNCTION sqlift.schema_version(schema_name text) RETURNS bigint LANGUAGE sql STABLE AS $f$
    SELECT coalesce(pg_catalog.sum(pg_catalog.hashtext(c.oid::text || ' ' || c.relname || ' ' || c.xmin::text)::bigint + 2147483648), 0)::bigint % 2147483647
    FROM pg_catalog.pg_class c WHERE c.relnamespace = sqlift.namespace($1)
$f$;
