-- Keys that are taken by a row that the transaction cannot see.
-- PostgreSQL checks a unique index against what is committed now, a transaction reads what was committed when it began.

-- The text of the query that finds the row of a violated key, from what the error tells: with the index's own operators and collations,
-- so that what is the same to the index is the same here. Values that hold the separator are compared as the server shows them.
-- The session asks the same without the function: src/backend/postgres/session/unseen.rs takes the body.
CREATE OR REPLACE FUNCTION sqlift.key_query(schema_name text, index_name text, shown_values text) RETURNS text LANGUAGE sql STABLE AS $f$
    WITH given(schema_name, index_name, shown_values) AS (VALUES ($1::text, $2::text, $3::text)),
    key AS (
        SELECT i.*, g.shown_values,
               CASE i.indnkeyatts WHEN 1 THEN ARRAY[g.shown_values] ELSE pg_catalog.string_to_array(g.shown_values, ', ') END AS shown
        FROM given g JOIN pg_catalog.pg_class c ON c.relname = g.index_name
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = g.schema_name
        JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    ), part AS (
        SELECT k.at, pg_catalog.pg_get_indexdef(key.indexrelid, k.at, false) AS expression, key.shown[k.at] AS shown,
               pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS equals,
               -- Of records a literal does not tell which it is.
               CASE t.typtype WHEN 'c' THEN '::' || pg_catalog.format_type(t.oid, NULL) ELSE '' END AS cast_to,
               ' COLLATE ' || NULLIF(key.indcollation[k.at - 1], 0)::pg_catalog.regcollation::text AS collated
        FROM key CROSS JOIN LATERAL pg_catalog.generate_series(1, key.indnkeyatts) k (at)
        JOIN pg_catalog.pg_attribute e ON e.attrelid = key.indexrelid AND e.attnum = k.at JOIN pg_catalog.pg_type t ON t.oid = e.atttypid
        JOIN pg_catalog.pg_opclass c ON c.oid = key.indclass[k.at - 1]
        JOIN pg_catalog.pg_amop a ON a.amopfamily = c.opcfamily AND a.amopstrategy = 3
            AND a.amoplefttype = c.opcintype AND a.amoprighttype = c.opcintype
        JOIN pg_catalog.pg_operator o ON o.oid = a.amopopr JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    )
    SELECT pg_catalog.format('SELECT 1 FROM %s WHERE %s%s LIMIT 1', key.indrelid::pg_catalog.regclass,
        '(' || pg_catalog.pg_get_expr(key.indpred, key.indrelid) || ') AND ',
        CASE WHEN pg_catalog.cardinality(key.shown) = key.indnkeyatts THEN (
            SELECT pg_catalog.string_agg(CASE part.shown
                WHEN 'null' THEN pg_catalog.format('COALESCE((%s)::text, ''null'') = ''null''', part.expression)
                ELSE pg_catalog.format('(%s)%s %s %L%s', part.expression, part.collated, part.equals, part.shown, part.cast_to) END, ' AND ' ORDER BY part.at)
            FROM part)
        ELSE (
            SELECT pg_catalog.format('(%s) COLLATE "C" = %L',
                pg_catalog.string_agg(pg_catalog.format('COALESCE((%s)::text, ''null'') COLLATE "C"', part.expression), ' || '', '' || ' ORDER BY part.at),
                key.shown_values) FROM part) END)
    FROM key
$f$;

-- Fails as a transaction does that must run again, where the row of a violated key is out of its sight: to go on as if the row were there
-- would be no order of the transactions. `detail` is the error's: Key (a, b)=(1, x) already exists., in whatever language.
CREATE OR REPLACE FUNCTION sqlift.must_see_key(schema_name text, index_name text, detail text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    query text;
    found int;
BEGIN
    -- Without the values the role may not read the key, nor learn anything of the row; or a trigger has seen the row itself.
    IF pg_catalog.current_setting('transaction_isolation') NOT IN ('repeatable read', 'serializable') OR pg_catalog.strpos(detail, ')=(') = 0 THEN
        RETURN;
    END IF;
    query := sqlift.key_query(schema_name, index_name, pg_catalog.substring(detail, '\)=\((.*)\)'));
    IF query IS NULL THEN
        RETURN;
    END IF;
    EXECUTE query INTO found;
    IF found IS NULL THEN
        RAISE EXCEPTION 'could not serialize access: a key was taken by another transaction' USING ERRCODE = 'serialization_failure';
    END IF;
END $f$;

-- Deletes the row of a violated key for REPLACE, which runs no triggers; false when it is another table's, or cannot be found.
CREATE OR REPLACE FUNCTION sqlift.delete_taken(tbl regclass, schema_name text, index_name text, detail text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    query text := sqlift.key_query(schema_name, index_name, pg_catalog.substring(detail, '\)=\((.*)\)'));
    place tid;
BEGIN
    IF query IS NULL OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indrelid = tbl AND c.relname = index_name AND n.nspname = schema_name) THEN
        RETURN false;
    END IF;
    EXECUTE pg_catalog.regexp_replace(query, '^SELECT 1', 'SELECT ctid') INTO place;
    IF place IS NULL THEN
        RETURN false;
    END IF;
    PERFORM sqlift.replacing(tbl);
    EXECUTE pg_catalog.format('DELETE FROM %s WHERE ctid = $1', tbl) USING place;
    RETURN true;
END $f$;
