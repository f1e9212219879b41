-- JSON. https://sqlite.org/json1.html
-- A value whose class only the row knows is jsonb here: numbers, strings, and objects and arrays as strings of JSON.

-- JSON without blanks, everything else as it is written: json keeps the members' order, jsonb would not.
CREATE OR REPLACE FUNCTION sqlift.json_minified(doc json) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE pg_catalog.json_typeof(doc)
        WHEN 'object' THEN '{' || coalesce((SELECT pg_catalog.string_agg(pg_catalog.to_json(e.key)::text || ':' || sqlift.json_minified(e.value), ',' ORDER BY e.place)
                                            FROM pg_catalog.json_each(doc) WITH ORDINALITY AS e(key, value, place)), '') || '}'
        WHEN 'array' THEN '[' || coalesce((SELECT pg_catalog.string_agg(sqlift.json_minified(e.value), ',' ORDER BY e.place)
                                           FROM pg_catalog.json_array_elements(doc) WITH ORDINALITY AS e(value, place)), '') || ']'
        ELSE pg_catalog.btrim(doc::text, E' \t\n\r') END;
END $f$;

-- The element at a path such as $.a[0]."b c"[#-1].
CREATE OR REPLACE FUNCTION sqlift.json_find(doc json, path text) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    rest text := pg_catalog.substr(path, 2);
    p text[];
    found json := doc;
BEGIN
    IF pg_catalog.left(path, 1) <> '$' THEN
        RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    WHILE rest <> '' LOOP
        p := pg_catalog.regexp_match(rest, '^\."([^"]*)"(.*)$');
        IF p IS NULL THEN p := pg_catalog.regexp_match(rest, '^\.([^.\[]+)(.*)$'); END IF;
        IF p IS NOT NULL THEN
            found := CASE WHEN pg_catalog.json_typeof(found) = 'object' THEN found -> p[1] END;
            rest := p[2];
        ELSE
            p := pg_catalog.regexp_match(rest, '^\[(?:(\d+)|#-(\d+)|(#))\](.*)$');
            IF p IS NULL THEN
                RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'invalid_parameter_value';
            END IF;
            found := CASE WHEN pg_catalog.json_typeof(found) = 'array' AND p[3] IS NULL
                          THEN found -> coalesce(p[1]::int, - nullif(p[2]::int, 0)) END;
            rest := p[4];
        END IF;
        IF found IS NULL THEN RETURN NULL; END IF;
    END LOOP;
    RETURN found;
END $f$;

-- An element as a value of SQL, its class kept: true is 1, null is NULL, objects and arrays are text.
CREATE OR REPLACE FUNCTION sqlift.json_value(doc json) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.json_typeof($1)
        WHEN 'null' THEN NULL
        WHEN 'boolean' THEN pg_catalog.to_jsonb(($1::pg_catalog.text::pg_catalog.bool)::pg_catalog.int4)
        WHEN 'object' THEN pg_catalog.to_jsonb(sqlift.json_minified($1))
        WHEN 'array' THEN pg_catalog.to_jsonb(sqlift.json_minified($1))
        ELSE $1::pg_catalog.jsonb END
$f$;

CREATE OR REPLACE FUNCTION sqlift.json_extract(doc text, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_value(sqlift.json_find($1::pg_catalog.json, $2))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract(doc text, first text, second text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '[' OPERATOR(pg_catalog.||) pg_catalog.string_agg(COALESCE(sqlift.json_minified(sqlift.json_find($1::pg_catalog.json, p.path)), 'null'), ',' ORDER BY p.place) OPERATOR(pg_catalog.||) ']'
    FROM pg_catalog.unnest(ARRAY[$2, $3] OPERATOR(pg_catalog.||) $4) WITH ORDINALITY AS p(path, place)
    HAVING $1 IS NOT NULL
$f$;

-- -> and ->>: the right side is a path, a label or an index.
CREATE OR REPLACE FUNCTION sqlift.json_step(doc text, step text) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.left($2, 1) OPERATOR(pg_catalog.=) '$' THEN sqlift.json_find($1::pg_catalog.json, $2)
                ELSE $1::pg_catalog.json OPERATOR(pg_catalog.->) $2 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_step(doc text, step bigint) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT $1::pg_catalog.json OPERATOR(pg_catalog.->) $2::pg_catalog.int4
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow(doc text, step text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_minified(sqlift.json_step($1, $2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow(doc text, step bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_minified(sqlift.json_step($1, $2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow_text(doc text, step text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_value(sqlift.json_step($1, $2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow_text(doc text, step bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_value(sqlift.json_step($1, $2)) $f$;

CREATE OR REPLACE FUNCTION sqlift.json(doc text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_minified($1::pg_catalog.json) $f$;

CREATE OR REPLACE FUNCTION sqlift.json_valid(doc text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    PERFORM doc::json;
    RETURN 1;
EXCEPTION WHEN data_exception THEN
    RETURN 0;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.json_type_name(doc json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.json_typeof($1)
        WHEN 'boolean' THEN $1::pg_catalog.text
        WHEN 'string' THEN 'text'
        WHEN 'number' THEN CASE WHEN $1::pg_catalog.text OPERATOR(pg_catalog.~) '[.eE]' THEN 'real' ELSE 'integer' END
        ELSE pg_catalog.json_typeof($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_type(doc text, path text DEFAULT '$') RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_type_name(sqlift.json_find($1::pg_catalog.json, $2))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_array_length(doc text, path text DEFAULT '$') RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN found IS NULL THEN NULL
                WHEN pg_catalog.json_typeof(found) OPERATOR(pg_catalog.=) 'array' THEN pg_catalog.json_array_length(found)::pg_catalog.int8
                ELSE 0 END
    FROM (SELECT sqlift.json_find($1::pg_catalog.json, $2) AS found) AS q
$f$;

-- One row for each element. https://sqlite.org/json1.html#the_json_each_and_json_tree_table_valued_functions
CREATE OR REPLACE FUNCTION sqlift.json_each(doc text, root text DEFAULT '$')
RETURNS TABLE(key jsonb, value jsonb, type text, atom jsonb, id bigint, parent bigint, fullkey text, path text) LANGUAGE sql IMMUTABLE AS $f$
    SELECT e.key, sqlift.json_value(e.value), sqlift.json_type_name(e.value),
           CASE WHEN pg_catalog.json_typeof(e.value) IN ('object', 'array') THEN NULL ELSE sqlift.json_value(e.value) END,
           e.place, NULL::pg_catalog.int8, $2 || e.step, $2
    FROM (SELECT sqlift.json_find($1::pg_catalog.json, $2) AS found) AS q,
    LATERAL (
        SELECT pg_catalog.to_jsonb(o.key) AS key, o.value, o.place,
               CASE WHEN o.key ~ '^[A-Za-z_][A-Za-z0-9_]*$' THEN '.' || o.key ELSE '."' || o.key || '"' END AS step
        FROM pg_catalog.json_each(CASE WHEN pg_catalog.json_typeof(q.found) = 'object' THEN q.found ELSE '{}' END) WITH ORDINALITY AS o(key, value, place)
        UNION ALL
        SELECT pg_catalog.to_jsonb(a.place - 1), a.value, a.place, '[' || (a.place - 1)::text || ']'
        FROM pg_catalog.json_array_elements(CASE WHEN pg_catalog.json_typeof(q.found) = 'array' THEN q.found ELSE '[]' END) WITH ORDINALITY AS a(value, place)
        UNION ALL
        SELECT NULL, q.found, 1, '' WHERE pg_catalog.json_typeof(q.found) NOT IN ('object', 'array')
    ) AS e
    ORDER BY e.place
$f$;

-- A JSON value in sum(): numbers keep their scale, text counts as a real.
CREATE OR REPLACE FUNCTION sqlift.json_addend(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'number' THEN $1::pg_catalog.numeric
                ELSE sqlift.to_real(sqlift.to_text($1))::pg_catalog.numeric OPERATOR(pg_catalog.+) 0.0 END
$f$;

-- A value as a member of JSON text.
CREATE OR REPLACE FUNCTION sqlift.json_quote(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(pg_catalog.to_json($1)::pg_catalog.text, 'null') $f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE($1::pg_catalog.text, 'null') $f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(sqlift.to_text($1), 'null') $f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(sqlift.to_text($1), 'null') $f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE($1::pg_catalog.text, 'null') $f$;

-- One change: mode 's' sets, 'i' inserts what is missing, 'r' replaces what is there, 'd' deletes. `doc` is NULL where nothing is yet;
-- the result is NULL when nothing is to be there.
CREATE OR REPLACE FUNCTION sqlift.json_put(doc json, rest text, fragment text, mode text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    p text[];
    members text[] := '{}';
    member text;
    found boolean := false;
    e record;
    at bigint;
    count bigint := 0;
BEGIN
    IF rest = '' THEN
        IF mode = 'd' THEN RETURN NULL; END IF;
        IF doc IS NULL THEN RETURN CASE WHEN mode = 'r' THEN NULL ELSE fragment END; END IF;
        RETURN CASE WHEN mode = 'i' THEN sqlift.json_minified(doc) ELSE fragment END;
    END IF;
    p := coalesce(pg_catalog.regexp_match(rest, '^\."([^"]*)"(.*)$'), pg_catalog.regexp_match(rest, '^\.([^.\[]+)(.*)$'));
    IF p IS NOT NULL THEN
        IF doc IS NOT NULL AND pg_catalog.json_typeof(doc) <> 'object' THEN RETURN sqlift.json_minified(doc); END IF;
        FOR e IN SELECT * FROM pg_catalog.json_each(doc) LOOP
            IF e.key = p[1] AND NOT found THEN
                found := true;
                member := sqlift.json_put(e.value, p[2], fragment, mode);
            ELSE
                member := sqlift.json_minified(e.value);
            END IF;
            IF member IS NOT NULL THEN members := members || (pg_catalog.to_json(e.key)::text || ':' || member); END IF;
        END LOOP;
        IF NOT found AND mode IN ('s', 'i') THEN
            member := sqlift.json_put(NULL, p[2], fragment, mode);
            IF member IS NOT NULL THEN members := members || (pg_catalog.to_json(p[1])::text || ':' || member); END IF;
        END IF;
        IF doc IS NULL AND pg_catalog.cardinality(members) = 0 THEN RETURN NULL; END IF;
        RETURN '{' || pg_catalog.array_to_string(members, ',') || '}';
    END IF;
    p := pg_catalog.regexp_match(rest, '^\[(?:(\d+)|#-(\d+)|(#))\](.*)$');
    IF p IS NULL THEN
        RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal('$' || rest) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF doc IS NOT NULL THEN
        IF pg_catalog.json_typeof(doc) <> 'array' THEN RETURN sqlift.json_minified(doc); END IF;
        count := pg_catalog.json_array_length(doc);
    END IF;
    at := coalesce(p[1]::bigint, count - p[2]::bigint, count);
    FOR e IN SELECT a.value, a.place - 1 AS place FROM pg_catalog.json_array_elements(doc) WITH ORDINALITY AS a(value, place) LOOP
        member := CASE WHEN e.place = at THEN sqlift.json_put(e.value, p[4], fragment, mode) ELSE sqlift.json_minified(e.value) END;
        IF member IS NOT NULL THEN members := members || member; END IF;
    END LOOP;
    IF at = count AND mode IN ('s', 'i') THEN
        member := sqlift.json_put(NULL, p[4], fragment, mode);
        IF member IS NOT NULL THEN members := members || member; END IF;
    END IF;
    IF doc IS NULL AND pg_catalog.cardinality(members) = 0 THEN RETURN NULL; END IF;
    RETURN '[' || pg_catalog.array_to_string(members, ',') || ']';
END $f$;

-- json_set, json_insert, json_replace: pairs of a path and a member's text.
CREATE OR REPLACE FUNCTION sqlift.json_change(mode text, doc text, VARIADIC pairs text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    result text := sqlift.json_minified(doc::json);
    i int;
BEGIN
    FOR i IN 1 .. pg_catalog.cardinality(pairs) / 2 LOOP
        IF pairs[i * 2 - 1] IS NULL THEN CONTINUE; END IF;
        IF pg_catalog.left(pairs[i * 2 - 1], 1) <> '$' THEN
            RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(pairs[i * 2 - 1]) USING ERRCODE = 'invalid_parameter_value';
        END IF;
        result := coalesce(sqlift.json_put(result::json, pg_catalog.substr(pairs[i * 2 - 1], 2), pairs[i * 2], mode), result);
    END LOOP;
    RETURN result;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.json_remove(doc text, VARIADIC paths text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    result text := sqlift.json_minified(doc::json);
    one text;
BEGIN
    FOREACH one IN ARRAY paths LOOP
        IF one IS NULL THEN RETURN NULL; END IF;
        result := sqlift.json_put(result::json, pg_catalog.substr(one, 2), NULL, 'd');
    END LOOP;
    RETURN result;
END $f$;
