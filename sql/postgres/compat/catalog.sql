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

-- Where a view stands among what was made: one that was made anew says so in its rule's comment.
CREATE OR REPLACE FUNCTION sqlift.made_at(view_id oid) RETURNS oid LANGUAGE sql STABLE AS $f$
    SELECT COALESCE((SELECT pg_catalog.substring(pg_catalog.obj_description(r.oid, 'pg_rewrite'), '^made (\d+)$')
                     FROM pg_catalog.pg_rewrite r WHERE r.ev_class = $1 AND r.rulename = '_RETURN')::oid, $1)
$f$;

CREATE OR REPLACE FUNCTION sqlift.declared_type(type_id oid, modifier integer) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT CASE $1 WHEN 20 THEN 'INTEGER' WHEN 21 THEN 'INTEGER' WHEN 23 THEN 'INTEGER' WHEN 25 THEN 'TEXT' WHEN 701 THEN 'REAL'
                   WHEN 17 THEN 'BLOB' WHEN 1700 THEN 'NUMERIC'
                   WHEN pg_catalog.to_regtype('sqlift.value')::pg_catalog.oid THEN ''
                   WHEN 1114 THEN 'DATETIME' WHEN 1184 THEN 'DATETIME' ELSE pg_catalog.upper(pg_catalog.format_type($1, $2)) END
$f$;

-- SQLite's rowid: an identity column, or one whose default is the next id.
-- A default names no columns: without a table PostgreSQL does not make up names for all of its columns, which takes their number squared.
CREATE OR REPLACE FUNCTION sqlift.numbers_itself(tbl oid, col smallint) RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = $1 AND a.attnum = $2
          AND (a.attidentity <> '' OR CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, 0) END SIMILAR TO 'sqlift.(free|next)_rowid\(%'))
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

-- What the translator kept of a column beside PostgreSQL's catalog: lines of a word and a text, see src/translate/kept.rs.
CREATE OR REPLACE FUNCTION sqlift.shown_column(tbl oid, col smallint) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT COALESCE((SELECT s.shown FROM (SELECT pg_catalog.substring(pg_catalog.col_description(a.attrelid, a.attnum), '^named ([^\n]*)') AS shown) AS s
                     WHERE pg_catalog.lower(s.shown) OPERATOR(pg_catalog.=) a.attname::text), a.attname::text)
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1 AND a.attnum = $2
$f$;
CREATE OR REPLACE FUNCTION sqlift.kept_default(comment text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    -- Line breaks were kept as \n, backslashes doubled.
    SELECT pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.substring($1, '(?:^|\n)default ([^\n]*)'), '\\', E'\x01'), '\n', E'\n'), E'\x01', '\')
$f$;

-- The columns of an index, 0 for an expression, and the function by which a collation compares one: see Collation::folded.
CREATE OR REPLACE FUNCTION sqlift.index_columns(index_id oid) RETURNS TABLE(place bigint, attnum smallint, folding text) LANGUAGE sql STABLE AS $f$
    SELECT k.place, COALESCE(a.attnum, k.attnum), CASE WHEN a.attnum IS NOT NULL THEN f.term[1] END
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
    LEFT JOIN LATERAL (SELECT pg_catalog.regexp_match(pg_catalog.pg_get_indexdef(i.indexrelid, k.place::int, true),
            '^(lower|rtrim|sqlift\.nocase_value|sqlift\.rtrim_value)\(\(?(.+?)\)?(?: COLLATE "C")?\)$') WHERE k.attnum = 0) AS f(term) ON true
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum > 0 AND NOT a.attisdropped AND pg_catalog.quote_ident(a.attname) = pg_catalog.regexp_replace(f.term[2], ' COLLATE "C"$', '')
        -- Without a collation lower(c) is an expression on SQLite too.
        AND (a.attcollation IN ('sqlift.sqlift_nocase'::pg_catalog.regcollation, 'sqlift.sqlift_rtrim'::pg_catalog.regcollation)
                 AND f.term[2] NOT LIKE '% COLLATE "C"'
             OR pg_catalog.obj_description(i.indexrelid, 'pg_class') ~* '\mcollate\M|^sqlite key ')
    WHERE i.indexrelid = $1 AND k.place <= i.indnkeyatts
$f$;
-- The columns of the primary key in its order; one by a collation is an index that says so.
CREATE OR REPLACE FUNCTION sqlift.primary_key(tbl oid) RETURNS int2[] LANGUAGE sql STABLE AS $f$
    SELECT ARRAY(SELECT c.attnum FROM sqlift.index_columns(i.indexrelid) AS c ORDER BY c.place)
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = $1 AND (i.indisprimary OR pg_catalog.obj_description(i.indexrelid, 'pg_class') LIKE 'sqlite key p%') LIMIT 1
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_xinfo(schema_name text, tbl text)
RETURNS TABLE(cid bigint, name text, type text, "notnull" bigint, dflt_value text, pk bigint, hidden bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY a.attnum) - 1,
           sqlift.shown_column(a.attrelid, a.attnum),
           COALESCE(pg_catalog.substring(k.comment, '(?:^|\n)declared (.*)$'), sqlift.declared_type(a.atttypid, a.atttypmod)),
           -- SQLite's keys do not say NOT NULL unless their text does, or the table has no rowid.
           (a.attnotnull AND COALESCE(NOT sqlift.numbers_itself(a.attrelid, a.attnum) AND (
               a.attnum = ANY (w.key) IS NOT TRUE OR w.text IS NULL OR w.text ~* 'WITHOUT\s+ROWID' OR w.text ~* '\)[^)]*\mSTRICT\M[^)]*$')
               OR w.text ~* ('[(,]\s*["`\[]?' || pg_catalog.regexp_replace(a.attname::text, '(\W)', '\\\1', 'g') || '["`\]]?\s([^,(]|\([^)]*\))*NOT\s+NULL'), false))::int::bigint,
           CASE WHEN a.attgenerated = '' THEN COALESCE(sqlift.kept_default(k.comment),
               CASE WHEN NOT sqlift.numbers_itself(a.attrelid, a.attnum) THEN sqlift.default_text(pg_catalog.pg_get_expr(d.adbin, 0)) END) END,
           COALESCE(pg_catalog.array_position(w.key, a.attnum), 0)::bigint,
           CASE WHEN a.attgenerated = '' THEN 0 WHEN a.attgenerated = 'v' OR k.comment ~ '(^|\n)virtual(\n|$)' THEN 2 ELSE 3 END::bigint
    -- What is the table's own is looked up once, not for each column.
    FROM (SELECT t.id, sqlift.primary_key(t.id) AS key,
                 -- Without what only looks like its words: texts and comments.
                 pg_catalog.regexp_replace(pg_catalog.substring(pg_catalog.obj_description(t.id, 'pg_class'), '^sqlite: (.*)$'),
                     '("[^"]*"|`[^`]*`|\[[^]]*\])|''[^'']*''|--[^\n]*|/\*([^*]|\*+[^*/])*\*+/', '\1', 'g') AS text
          FROM (SELECT sqlift.relation($1, $2) AS id OFFSET 0) AS t OFFSET 0) AS w
    JOIN pg_catalog.pg_attribute a ON a.attrelid = w.id
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    CROSS JOIN LATERAL (SELECT pg_catalog.col_description(a.attrelid, a.attnum) AS comment OFFSET 0) AS k
    WHERE a.attnum > 0 AND NOT a.attisdropped
      AND k.comment IS DISTINCT FROM 'sqlite rowid' AND a.attname NOT LIKE 'sqlift\_fts\_%'
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

-- A column's place among those that SQLite sees, from 0.
CREATE OR REPLACE FUNCTION sqlift.column_place(tbl oid, col smallint) RETURNS bigint LANGUAGE sql STABLE AS $f$
    SELECT CASE WHEN $2 > 0 THEN (
        SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND a.attnum < $2 AND NOT a.attisdropped
          AND pg_catalog.col_description(a.attrelid, a.attnum) IS DISTINCT FROM 'sqlite rowid') END
$f$;

-- Behind ALTER TABLE ... RENAME COLUMN: how the new name is spelled, among what was kept of the column.
CREATE OR REPLACE FUNCTION sqlift.respell_column(tbl text, col text, shown text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    kept text;
BEGIN
    SELECT pg_catalog.regexp_replace(COALESCE(pg_catalog.col_description(a.attrelid, a.attnum), ''), '^named [^\n]*(\n|$)', '') INTO kept
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = tbl::regclass AND a.attname = col;
    IF shown <> col THEN
        kept := pg_catalog.concat_ws(E'\n', 'named ' || shown, NULLIF(kept, ''));
    END IF;
    EXECUTE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', tbl, col, NULLIF(kept, ''));
END $f$;

-- Behind ALTER TABLE ... ADD COLUMN, where SQLite takes the column only while there are no rows.
CREATE OR REPLACE FUNCTION sqlift.only_without_rows(tbl text, message text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    has_rows boolean;
BEGIN
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || tbl || ')' INTO has_rows;
    IF has_rows THEN
        RAISE EXCEPTION '%', message USING ERRCODE = 'SL003';
    END IF;
END $f$;

-- The indexes of a table as SQLite names them: those of its constraints are numbered; its integer key has none.
CREATE OR REPLACE FUNCTION sqlift.shown_indexes(tbl oid)
RETURNS TABLE(index_id oid, name text, origin text) LANGUAGE sql STABLE AS $f$
    SELECT q.index_id, CASE WHEN q.contype IS NULL THEN q.relname
                            ELSE 'sqlite_autoindex_' || q.table_name || '_' || COALESCE(q.number, (
                                -- The others have the numbers that are left.
                                SELECT n.number FROM pg_catalog.generate_series(1, 4000) AS n(number) WHERE n.number <> ALL (COALESCE(q.taken, '{}'))
                                ORDER BY n.number OFFSET q.among - 1 LIMIT 1))::text END,
           CASE q.contype WHEN 'p' THEN 'pk' WHEN 'u' THEN 'u' ELSE 'c' END
    FROM (SELECT q.*, pg_catalog.row_number() OVER (PARTITION BY q.contype IS NULL, q.number IS NULL ORDER BY q.index_id) AS among,
                 pg_catalog.array_agg(q.number) FILTER (WHERE q.number IS NOT NULL) OVER () AS taken
    FROM (SELECT i.indexrelid AS index_id, sqlift.shown_relation(c.oid) AS relname, sqlift.shown_relation(t.oid) AS table_name,
                 -- A key by NOCASE is an index only, which says so.
                 COALESCE(k.contype::text, pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite key (.)')) AS contype,
                 pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite key . (\d+)$')::integer AS number
          FROM pg_catalog.pg_index i
          JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
          JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
          LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
          WHERE i.indrelid = $1 AND c.relname NOT LIKE '%\_sqlift\_fts\_index'
            AND NOT (k.oid IS NOT NULL AND i.indnkeyatts = 1 AND sqlift.numbers_itself(i.indrelid, i.indkey[0]))) AS q) AS q
$f$;

-- An index by SQLite's name of it.
CREATE OR REPLACE FUNCTION sqlift.index_of(schema_name text, index_name text) RETURNS oid LANGUAGE sql STABLE AS $f$
    SELECT x.index_id FROM pg_catalog.pg_class t, LATERAL sqlift.shown_indexes(t.oid) AS x
    WHERE t.relkind IN ('r', 'p') AND t.relnamespace IN (sqlift.namespace($1), pg_catalog.pg_my_temp_schema())
      AND pg_catalog.lower(x.name) = pg_catalog.lower($2) LIMIT 1
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_index_list(schema_name text, tbl text)
RETURNS TABLE(seq bigint, name text, "unique" bigint, origin text, partial bigint) LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.row_number() OVER (ORDER BY x.origin <> 'c', x.place DESC) - 1, x.name, i.indisunique::int::bigint, x.origin, (i.indpred IS NOT NULL)::int::bigint
    FROM (SELECT s.*, CASE s.origin WHEN 'c' THEN s.index_id::bigint ELSE pg_catalog.substring(s.name, '_(\d+)$')::bigint END AS place
          FROM sqlift.shown_indexes(sqlift.relation($1, $2)) AS s) AS x JOIN pg_catalog.pg_index i ON i.indexrelid = x.index_id
    ORDER BY x.origin <> 'c', x.place DESC
$f$;

-- Every column of an index, then what finds the row: its rowid, or the key's columns that are not there yet.
-- A column by a collation is an expression over it: see Pass::fold_for in src/translate/comparison.rs.
CREATE OR REPLACE FUNCTION sqlift.pragma_index_xinfo(schema_name text, index_name text)
RETURNS TABLE(seqno bigint, cid bigint, name text, "desc" bigint, coll text, key bigint) LANGUAGE sql STABLE AS $f$
    SELECT k.place - 1, COALESCE(sqlift.column_place(i.indrelid, NULLIF(k.attnum, 0::smallint)), -2), sqlift.shown_column(i.indrelid, k.attnum), (i.indoption[k.place - 1] & 1)::bigint,
           -- A key by BINARY over a column of another collation compares the column itself.
           CASE WHEN k.folding IN ('lower', 'sqlift.nocase_value') THEN 'NOCASE' WHEN k.folding IS NOT NULL THEN 'RTRIM' ELSE 'BINARY' END, 1::bigint
    FROM pg_catalog.pg_index i CROSS JOIN LATERAL sqlift.index_columns(i.indexrelid) AS k
    WHERE i.indexrelid = sqlift.index_of($1, $2)
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

-- A key that names no columns of its parent's is told so: "to" is NULL.
CREATE OR REPLACE FUNCTION sqlift.mark_implicit_key(child text, columns text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    found text;
BEGIN
    FOR found IN
        SELECT c.conname FROM pg_catalog.pg_constraint c
        WHERE c.conrelid = child::regclass AND c.contype = 'f'
          AND pg_catalog.replace(pg_catalog.pg_get_constraintdef(c.oid), '"', '') LIKE 'FOREIGN KEY (' || pg_catalog.replace(columns, '"', '') || ') REFERENCES %'
        ORDER BY c.oid DESC LIMIT 1
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', found, child, 'sqlite: implicit');
    END LOOP;
END $f$;

-- sqlite_master. The text is the comment that the translator left; without one it is rebuilt, or PostgreSQL's own.
CREATE OR REPLACE FUNCTION sqlift.sqlite_schema(schema_name text)
RETURNS TABLE(type text, name text, tbl_name text, rootpage bigint, sql text) LANGUAGE sql STABLE AS $f$
    SELECT q.type, q.name, q.tbl_name, q.rootpage, q.sql FROM (
        SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, sqlift.shown_relation(c.oid), sqlift.shown_relation(c.oid), CASE WHEN c.relkind = 'v' OR pg_catalog.obj_description(c.oid, 'pg_class') LIKE 'sqlite: CREATE VIRTUAL %' THEN 0 ELSE c.oid::bigint END,
               COALESCE(pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite: (.*)$'), CASE c.relkind
                   WHEN 'v' THEN 'CREATE VIEW ' || pg_catalog.quote_ident(c.relname) || ' AS ' || pg_catalog.pg_get_viewdef(c.oid)
                   ELSE 'CREATE TABLE ' || pg_catalog.quote_ident(c.relname) || '(' || (
                       SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.name) || ' ' || x.type || CASE WHEN x.pk = 1 THEN ' PRIMARY KEY' WHEN x."notnull" = 1 THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY x.cid)
                       FROM sqlift.pragma_table_info($1, c.relname::text) AS x) || ')' || COALESCE(pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^altered\)(.*)$'), '')
               END), CASE c.relkind WHEN 'v' THEN sqlift.made_at(c.oid) ELSE c.oid END
        FROM pg_catalog.pg_class c WHERE c.relnamespace = sqlift.namespace($1) AND c.relkind IN ('r', 'p', 'v')
        UNION ALL
        SELECT 'index', x.name, sqlift.shown_relation(t.oid), x.index_id::bigint,
               COALESCE(pg_catalog.substring(pg_catalog.obj_description(x.index_id, 'pg_class'), '^sqlite: (.*)$'), CASE WHEN x.origin = 'c' THEN pg_catalog.pg_get_indexdef(x.index_id) END), x.index_id
        FROM pg_catalog.pg_class t, LATERAL sqlift.shown_indexes(t.oid) AS x WHERE t.relnamespace = sqlift.namespace($1) AND t.relkind IN ('r', 'p')
          AND NOT (x.origin = 'pk' AND coalesce(pg_catalog.obj_description(t.oid, 'pg_class') ~* '\)[^)]*WITHOUT\s+ROWID[^)]*$', false))
        UNION ALL
        SELECT 'trigger', sqlift.shown_name(pg_catalog.regexp_replace(g.tgname::text, '^\^[0-9a-f]{3}\^', ''), pg_catalog.obj_description(g.oid, 'pg_trigger')), sqlift.shown_relation(r.oid), 0,
               COALESCE(pg_catalog.substring(pg_catalog.obj_description(g.oid, 'pg_trigger'), '^sqlite: (.*)$'), pg_catalog.pg_get_triggerdef(g.oid)), g.oid
        FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class r ON r.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND g.tgname !~ '^sqlift_(key|left|act|wait)_|^!sqlift_acts$' AND g.tgname <> '~sqlift_conflict' AND NOT sqlift.is_of_session(g.tgname) AND r.relnamespace = sqlift.namespace($1)
        UNION ALL
        SELECT 'trigger', sqlift.shown_name(o.name, o.written), sqlift.shown_relation(o.relation), 0, o.written, o.id FROM sqlift.own_triggers() AS o WHERE $1 = 'pg_temp'
        -- SQLite makes it with the first table that numbers its rows upwards.
        UNION ALL
        SELECT 'table', 'sqlite_sequence', 'sqlite_sequence', k.id::bigint, 'CREATE TABLE sqlite_sequence(name,seq)', k.id
        FROM (SELECT pg_catalog.min(k.tbl::oid) AS id FROM sqlift.autoincrement_keys() AS k) AS k WHERE $1 IS NULL AND k.id IS NOT NULL
    ) AS q(type, name, tbl_name, rootpage, sql, id)
    ORDER BY q.id, q.name OPERATOR(pg_catalog.=) 'sqlite_sequence'
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_table_list(schema_name text, tbl text DEFAULT NULL)
RETURNS TABLE(schema text, name text, type text, ncol bigint, wr bigint, strict bigint) LANGUAGE sql STABLE AS $f$
    SELECT q.schema, q.name, q.type, q.ncol, q.wr::int::bigint, q.strict::int::bigint FROM (
        SELECT CASE WHEN c.relnamespace = sqlift.namespace($1) THEN 'main' ELSE 'temp' END, sqlift.shown_relation(c.oid), CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
               (SELECT pg_catalog.count(*) FROM sqlift.pragma_table_xinfo(CASE WHEN c.relnamespace = sqlift.namespace($1) THEN $1 ELSE 'pg_temp' END, c.relname::text)),
               d.text ~* '\)[^)]*WITHOUT\s+ROWID[^)]*$', d.text ~* '\)[^)]*\mSTRICT\M[^)]*$', c.oid::bigint
        FROM pg_catalog.pg_class c CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS text) AS d
        WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace IN (sqlift.namespace($1), pg_catalog.pg_my_temp_schema())
        UNION ALL SELECT 'main', 'sqlite_sequence', 'table', 2, false, false, k.id::bigint
        FROM (SELECT pg_catalog.min(k.tbl::oid) AS id FROM sqlift.autoincrement_keys() AS k) AS k WHERE $1 IS NULL AND k.id IS NOT NULL
        UNION ALL SELECT 'main', 'sqlite_schema', 'table', 5, false, false, 9000000000
        UNION ALL SELECT 'temp', 'sqlite_temp_schema', 'table', 5, false, false, 9000000001
    ) AS q(schema, name, type, ncol, wr, strict, place)
    WHERE $2 IS NULL OR pg_catalog.lower(q.name) = pg_catalog.lower($2)
    ORDER BY q.schema, q.place, q.name OPERATOR(pg_catalog.=) 'sqlite_sequence'
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_database_list(schema_name text) RETURNS TABLE(seq bigint, name text, file text) LANGUAGE sql STABLE AS $f$
    SELECT 0::bigint, 'main', ''
    UNION ALL
    SELECT 1, 'temp', '' WHERE $1 IS DISTINCT FROM 'pg_temp'
        AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.pg_my_temp_schema() AND c.relkind IN ('r', 'v') UNION ALL SELECT FROM sqlift.own_triggers())
$f$;
CREATE OR REPLACE FUNCTION sqlift.pragma_collation_list(schema_name text) RETURNS TABLE(seq bigint, name text) LANGUAGE sql IMMUTABLE AS $f$
    VALUES (0::bigint, 'RTRIM'), (1, 'NOCASE'), (2, 'BINARY')
$f$;

CREATE OR REPLACE FUNCTION sqlift.pragma_compile_options(schema_name text) RETURNS TABLE(compile_options text) LANGUAGE sql IMMUTABLE AS $f$
    SELECT o FROM sqlift.compile_options() AS o
$f$;
CREATE OR REPLACE FUNCTION sqlift.pragma_module_list(schema_name text) RETURNS TABLE(name text) LANGUAGE sql IMMUTABLE AS $f$
    VALUES ('json_tree'), ('json_each'), ('generate_series'), ('fts5')
$f$;

-- Another number after every change of the schema's tables, columns, indexes and triggers.
CREATE OR REPLACE FUNCTION sqlift.schema_version(schema_name text) RETURNS bigint LANGUAGE sql STABLE AS $f$
    SELECT coalesce(pg_catalog.sum(pg_catalog.hashtext(c.oid::text || ' ' || c.relname || ' ' || c.xmin::text)::bigint + 2147483648), 0)::bigint % 2147483647
    FROM pg_catalog.pg_class c WHERE c.relnamespace = sqlift.namespace($1)
$f$;

-- What a schema's tables and indexes take, as SQLite's file would. https://sqlite.org/pragma.html#pragma_page_count
CREATE OR REPLACE FUNCTION sqlift.page_count(schema_name text) RETURNS bigint LANGUAGE sql VOLATILE AS $f$
    SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid)) / 8192, 0)::bigint
    FROM pg_catalog.pg_class c WHERE c.relnamespace = sqlift.namespace($1) AND c.relkind IN ('r', 'p')
$f$;
