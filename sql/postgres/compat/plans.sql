-- EXPLAIN QUERY PLAN: PostgreSQL's plan in SQLite's shape and words. https://sqlite.org/eqp.html

-- The columns that an index is asked for: `(a=? AND b>?)`.
CREATE OR REPLACE FUNCTION sqlift.plan_terms(condition text, is_rowid boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT ' (' || COALESCE(pg_catalog.string_agg(CASE WHEN $2 THEN 'rowid' ELSE pg_catalog.btrim(m.parts[1], '"') END
               || CASE WHEN m.parts[2] IN ('<', '<=', '~<~') THEN '<' WHEN m.parts[2] IN ('>', '>=', '~>=~') THEN '>' ELSE '=' END || '?', ' AND ' ORDER BY m.place), '?') || ')'
    FROM pg_catalog.regexp_matches(COALESCE($1, ''), '\(*(?:lower\(|rtrim\()?\(*(?:\w+\.)?("[^"]+"|[a-z_]\w*)(?: COLLATE "\w+")?\)*(?:::[a-z ]+)?\)* (=|<=|<|>=|>|~<~|~>=~|@@|IS NULL|IS NOT NULL)', 'g') WITH ORDINALITY AS m(parts, place)
$f$;

-- How a table is read: the word SCAN or SEARCH, its name, and the index.
CREATE OR REPLACE FUNCTION sqlift.plan_scan(node jsonb, condition text, index_name text, is_covering boolean) RETURNS text LANGUAGE plpgsql STABLE AS $f$
DECLARE
    is_rowid boolean;
BEGIN
    SELECT i.indisprimary AND i.indnatts = 1 AND a.atttypid = ANY (ARRAY[20, 23]::oid[]) INTO is_rowid
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE c.relname = index_name AND (node ->> 'Relation Name' IS NULL OR t.relname = node ->> 'Relation Name') AND pg_catalog.pg_table_is_visible(t.oid);
    RETURN CASE WHEN condition IS NULL THEN 'SCAN ' ELSE 'SEARCH ' END || coalesce(node ->> 'Alias', node ->> 'Relation Name')
        || CASE WHEN index_name IS NULL OR condition IS NULL AND is_rowid THEN ''
                WHEN is_rowid THEN ' USING INTEGER PRIMARY KEY'
                ELSE ' USING ' || CASE WHEN is_covering THEN 'COVERING ' ELSE '' END || 'INDEX ' || index_name END
        || CASE WHEN condition IS NULL THEN '' ELSE sqlift.plan_terms(condition, is_rowid) END;
END $f$;

-- The rows of a part of the plan, behind those there are: {parent, detail}, whose place is the id.
CREATE OR REPLACE FUNCTION sqlift.plan_rows(node jsonb, parent integer, INOUT parents integer[], INOUT details text[]) LANGUAGE plpgsql STABLE AS $f$
DECLARE
    kind text := node ->> 'Node Type';
    child jsonb;
    inner_scan jsonb;
    here integer := parent;
    number integer := 0;
    r record;
    detail text;
BEGIN
    IF node -> 'Plans' IS NOT NULL THEN
        -- Without what stands for a parameter.
        node := (node - 'Plans') || coalesce((
            SELECT pg_catalog.jsonb_build_object('Plans', pg_catalog.jsonb_agg(c.value ORDER BY c.place))
            FROM pg_catalog.jsonb_array_elements(node -> 'Plans') WITH ORDINALITY AS c(value, place)
            WHERE NOT (c.value ->> 'Parent Relationship' = 'InitPlan' AND c.value ->> 'Node Type' = 'Result' AND c.value -> 'Plans' IS NULL)
            HAVING pg_catalog.count(*) > 0), '{}');
    END IF;
    detail := CASE
        WHEN kind = 'Seq Scan' OR kind = 'Tid Scan' OR kind = 'Sample Scan' THEN sqlift.plan_scan(node, NULL, NULL, false)
        WHEN kind IN ('Index Scan', 'Index Only Scan') THEN sqlift.plan_scan(node, node ->> 'Index Cond', node ->> 'Index Name', kind = 'Index Only Scan')
        WHEN kind = 'Bitmap Heap Scan' AND node #>> '{Plans,0,Node Type}' = 'Bitmap Index Scan'
            THEN sqlift.plan_scan(node, coalesce(node #>> '{Plans,0,Index Cond}', ''), node #>> '{Plans,0,Index Name}', false)
        WHEN kind = 'Bitmap Heap Scan' THEN 'MULTI-INDEX OR'
        WHEN kind = 'Values Scan' THEN 'SCAN ' || (node ->> 'Plan Rows') || '-ROW VALUES CLAUSE'
        WHEN kind IN ('CTE Scan', 'WorkTable Scan', 'Function Scan', 'Table Function Scan', 'Foreign Scan', 'Named Tuplestore Scan')
            THEN 'SCAN ' || coalesce(node ->> 'Alias', node ->> 'Function Name', node ->> 'CTE Name', kind)
        WHEN kind = 'Subquery Scan' THEN 'CO-ROUTINE ' || coalesce(node ->> 'Alias', '(subquery)')
        WHEN kind = 'Recursive Union' THEN 'SETUP'
        WHEN kind = 'Result' AND node -> 'Plans' IS NULL THEN 'SCAN CONSTANT ROW' END;
    -- What the caller's rows and our own names are wrapped in is no part of the program's query.
    IF kind = 'Subquery Scan' AND node ->> 'Alias' LIKE 'sqlift\_%' THEN detail := NULL; END IF;
    IF kind IN ('Append', 'Merge Append', 'SetOp') AND parent = 0 OR kind IN ('Append', 'Merge Append') THEN
        parents := parents || parent;
        details := details || 'COMPOUND QUERY'::text;
        here := pg_catalog.cardinality(details);
        FOR child IN SELECT c.value FROM pg_catalog.jsonb_array_elements(node -> 'Plans') AS c(value) LOOP
            number := number + 1;
            parents := parents || here;
            details := details || CASE WHEN number = 1 THEN 'LEFT-MOST SUBQUERY' ELSE 'UNION ALL' END;
            r := sqlift.plan_rows(child, pg_catalog.cardinality(details), parents, details);
            parents := r.parents;
            details := r.details;
        END LOOP;
        RETURN;
    END IF;
    IF detail IS NOT NULL THEN
        parents := parents || parent;
        details := details || detail;
        IF kind IN ('Subquery Scan', 'Recursive Union') OR detail = 'MULTI-INDEX OR' THEN here := pg_catalog.cardinality(details); END IF;
    END IF;
    FOR child IN SELECT c.value FROM pg_catalog.jsonb_array_elements(coalesce(node -> 'Plans', '[]')) AS c(value) LOOP
        number := number + 1;
        CONTINUE WHEN kind = 'Bitmap Heap Scan' AND detail <> 'MULTI-INDEX OR';
        IF child ->> 'Node Type' = 'Bitmap Index Scan' THEN
            parents := parents || here;
            details := details || sqlift.plan_scan(pg_catalog.jsonb_build_object('Alias', coalesce(child ->> 'Index Name', '')), child ->> 'Index Cond', child ->> 'Index Name', false);
            CONTINUE;
        END IF;
        IF child ->> 'Parent Relationship' IN ('InitPlan', 'SubPlan') THEN
            parents := parents || parent;
            details := details || CASE WHEN child ->> 'Subplan Name' LIKE 'CTE %' THEN 'MATERIALIZE ' || pg_catalog.substr(child ->> 'Subplan Name', 5)
                WHEN child ->> 'Parent Relationship' = 'SubPlan' THEN 'CORRELATED SCALAR SUBQUERY'
                ELSE 'SCALAR SUBQUERY' END;
            r := sqlift.plan_rows(child, pg_catalog.cardinality(details), parents, details);
        ELSIF kind = 'Recursive Union' AND number = 2 THEN
            parents := parents || parent;
            details := details || 'RECURSIVE STEP'::text;
            r := sqlift.plan_rows(child, pg_catalog.cardinality(details), parents, details);
        ELSE
            -- A table that is hashed is searched by an index made for the query, as SQLite has it.
            inner_scan := child #> '{Plans,0}';
            IF child ->> 'Node Type' = 'Hash' AND inner_scan ->> 'Node Type' = 'Seq Scan' THEN
                parents := parents || here;
                details := details || ('SEARCH ' || coalesce(inner_scan ->> 'Alias', inner_scan ->> 'Relation Name') || ' USING AUTOMATIC COVERING INDEX ('
                    || coalesce(pg_catalog.substring(node ->> 'Hash Cond', pg_catalog.format('\m%s\.(\w+)', coalesce(inner_scan ->> 'Alias', ''))), '?') || '=?)');
                CONTINUE;
            END IF;
            r := sqlift.plan_rows(child, here, parents, details);
        END IF;
        parents := r.parents;
        details := r.details;
    END LOOP;
    detail := CASE
        WHEN kind IN ('Sort', 'Incremental Sort') THEN 'USE TEMP B-TREE FOR ORDER BY'
        WHEN kind = 'Aggregate' AND node ->> 'Strategy' = 'Hashed' THEN 'USE TEMP B-TREE FOR GROUP BY'
        WHEN kind = 'HashSetOp' OR kind = 'Unique' AND node #>> '{Plans,0,Node Type}' = 'Sort' THEN 'USE TEMP B-TREE FOR DISTINCT' END;
    IF detail = 'USE TEMP B-TREE FOR DISTINCT' AND details[pg_catalog.cardinality(details)] = 'USE TEMP B-TREE FOR ORDER BY' THEN
        details[pg_catalog.cardinality(details)] := detail;
    ELSIF kind = 'Aggregate' AND node ->> 'Strategy' = 'Sorted' AND details[pg_catalog.cardinality(details)] = 'USE TEMP B-TREE FOR ORDER BY' THEN
        details[pg_catalog.cardinality(details)] := 'USE TEMP B-TREE FOR GROUP BY';
    ELSIF detail IS NOT NULL THEN
        parents := parents || parent;
        details := details || detail;
    END IF;
END $f$;

-- The plan of a statement, which is not run.
CREATE OR REPLACE FUNCTION sqlift.query_plan(statement text) RETURNS TABLE(id bigint, parent bigint, notused bigint, detail text) LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    plan json;
    r record;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
    r := sqlift.plan_rows(plan::jsonb #> '{0,Plan}', 0, '{}', '{}');
    RETURN QUERY SELECT d.place, r.parents[d.place]::bigint, 0::bigint, d.detail
        FROM pg_catalog.unnest(r.details) WITH ORDINALITY AS d(detail, place) ORDER BY d.place;
END $f$;
