-- JSON. https://sqlite.org/json1.html
-- A value whose class only the row knows is jsonb here: numbers, strings, and objects and arrays as strings of JSON.

-- JSON without blanks, everything else as it is written. json_strip_nulls writes a document anew: what it would write in
-- another way, escapes and null, stands in other letters meanwhile.
CREATE OR REPLACE FUNCTION sqlift.json_minified(doc json) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    written text := doc::text;
    has_escapes boolean;
    has_null boolean;
BEGIN
    IF pg_catalog.strpos(written, ' ') = 0 AND pg_catalog.strpos(written, E'\n') = 0 AND pg_catalog.strpos(written, E'\t') = 0 AND pg_catalog.strpos(written, E'\r') = 0 THEN RETURN written; END IF;
    IF pg_catalog.strpos(written, '9E90') > 0 OR pg_catalog.strpos(written, E'\x7f') > 0 THEN
        RETURN pg_catalog.regexp_replace(written, '("(?:[^"\\]|\\.)*")|[ \t\n\r]+', '\1', 'g');
    END IF;
    has_escapes := pg_catalog.strpos(written, '\') > 0;
    IF has_escapes THEN
        written := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(written, '\\', E'\x7f1'), '\"', E'\x7f2'), '\', E'\x7f3');
    END IF;
    has_null := pg_catalog.strpos(written, 'null') > 0;
    IF has_null THEN written := pg_catalog.replace(written, 'null', '9E90'); END IF;
    written := pg_catalog.json_strip_nulls(written::json)::text;
    IF has_null THEN written := pg_catalog.replace(written, '9E90', 'null'); END IF;
    IF has_escapes THEN
        written := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(written, E'\x7f3', '\'), E'\x7f2', '\"'), E'\x7f1', '\\');
    END IF;
    RETURN written;
END $f$;

-- The name of one of its members as an object has it; PostgreSQL gives names without their escapes.
CREATE OR REPLACE FUNCTION sqlift.json_label(doc json, name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    label text;
BEGIN
    IF pg_catalog.strpos(doc::text, '\') = 0 THEN RETURN name; END IF;
    label := pg_catalog.to_json(name)::text;
    IF pg_catalog.strpos(doc::text, label) = 0 OR doc::text ~ '\\u00[2-7]' OR name ~ '[^ -~]' AND pg_catalog.strpos(doc::text, '\u') > 0 THEN
        RAISE EXCEPTION 'how the escapes in the name of a member are written is not known' USING ERRCODE = 'feature_not_supported', HINT = 'write the name without escapes';
    END IF;
    RETURN pg_catalog.substr(label, 2, pg_catalog.length(label) - 2);
END $f$;

-- A member by its name. PostgreSQL's -> takes the last one of several, SQLite the first.
CREATE OR REPLACE FUNCTION sqlift.json_member(doc json, name text) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    quoted text := pg_catalog.to_json(name)::text;
    rest text := doc::text;
BEGIN
    rest := pg_catalog.substr(rest, nullif(pg_catalog.strpos(rest, quoted), 0) + pg_catalog.length(quoted));
    -- Written twice, or with escapes: look at each.
    IF rest IS NULL OR pg_catalog.strpos(rest, quoted) > 0 OR pg_catalog.strpos(doc::text, '\') > 0 THEN
        -- A function's rows come in its order.
        RETURN (SELECT e.value FROM pg_catalog.json_each(doc) AS e WHERE e.key = name LIMIT 1);
    END IF;
    RETURN doc -> name;
END $f$;

-- The name at the beginning of a path's rest such as .a[0] or ."b \" c".d, what is behind it, and the name as a document has it,
-- where it was quoted with escapes. NULL of what is no name.
CREATE OR REPLACE FUNCTION sqlift.json_name_step(rest text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    p text[];
BEGIN
    IF pg_catalog.left(rest, 2) <> '."' THEN RETURN pg_catalog.regexp_match(rest, '^\.([^.\[]+)(.*)$'); END IF;
    p := pg_catalog.regexp_match(rest, '^\."((?:[^"\\]|\\.)*)"(.*)$');
    IF pg_catalog.strpos(p[1], '\') > 0 THEN RETURN ARRAY[('"' || p[1] || '"')::json #>> '{}', p[2], p[1]]; END IF;
    RETURN p;
END $f$;

-- The element at a path such as $.a[0]."b c"[#-1].
CREATE OR REPLACE FUNCTION sqlift.json_find(doc json, path text) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    rest text := pg_catalog.substr(path, 2);
    p text[];
    found json := doc;
BEGIN
    IF pg_catalog.left(path, 1) <> '$' THEN
        RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'SL003';
    END IF;
    -- A step that does not fit what has been found leads nowhere; what is behind it is not looked at, and may be no path.
    WHILE rest <> '' LOOP
        IF pg_catalog.left(rest, 1) = '.' THEN
            p := sqlift.json_name_step(rest);
            IF p IS NULL THEN
                RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'SL003';
            END IF;
            found := CASE WHEN pg_catalog.json_typeof(found) = 'object' THEN sqlift.json_member(found, p[1]) END;
            rest := p[2];
        ELSIF pg_catalog.left(rest, 1) = '[' THEN
            IF pg_catalog.json_typeof(found) <> 'array' THEN RETURN NULL; END IF;
            p := pg_catalog.regexp_match(rest, '^\[(?:(\d+)|#-(\d+)|(#))\](.*)$');
            IF p IS NULL THEN
                RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'SL003';
            END IF;
            IF pg_catalog.length(p[1]) > 9 OR pg_catalog.length(p[2]) > 9 THEN RETURN NULL; END IF;
            found := CASE WHEN p[3] IS NULL THEN found -> coalesce(p[1]::int, - nullif(p[2]::int, 0)) END;
            rest := p[4];
        ELSE
            RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'SL003';
        END IF;
        IF found IS NULL THEN RETURN NULL; END IF;
    END LOOP;
    RETURN found;
END $f$;

-- A number that jsonb would not keep as SQLite reads it: one with an exponent, with more digits than a real has, beyond 64 bits.
CREATE OR REPLACE FUNCTION sqlift.json_real(written text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    n numeric;
BEGIN
    IF written ~ '^-?[0-9]+$' THEN
        n := written;
        IF n BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN n::text::jsonb; END IF;
    ELSIF written ~ '^-[0.]+([eE]|$)' THEN
        RAISE EXCEPTION 'a negative zero in JSON' USING ERRCODE = 'feature_not_supported', HINT = 'write 0.0';
    END IF;
    -- Beyond the reals there is infinity, and zero.
    n := CASE WHEN pg_catalog.length(written) < 5000 AND written !~ '[eE][+-]?0*[0-9]{4}' THEN written::numeric END;
    IF n IS NULL AND written ~ '[eE]-' OR pg_catalog.abs(n) <= 2.4703282292062327e-324 THEN
        IF written LIKE '-%' THEN
            RAISE EXCEPTION 'a negative zero in JSON' USING ERRCODE = 'feature_not_supported', HINT = 'write 0.0';
        END IF;
        RETURN '0.0'::jsonb;
    END IF;
    RETURN sqlift.json_of(CASE
        WHEN n IS NULL OR pg_catalog.abs(n) >= 1.7976931348623158e308 THEN (CASE WHEN written LIKE '-%' THEN '-' ELSE '' END || 'Infinity')::double precision
        ELSE n::text::double precision END);
END $f$;

-- An element as a value of SQL, its class kept: true is 1, null is NULL, objects and arrays are text.
CREATE OR REPLACE FUNCTION sqlift.json_value(doc json) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    written text;
BEGIN
    CASE pg_catalog.json_typeof(doc)
        WHEN 'string' THEN RETURN doc::jsonb;
        WHEN 'number' THEN
            written := pg_catalog.btrim(doc::text, E' \t\n\r');
            IF pg_catalog.octet_length(written) > 15 OR written ~ '[eE]|^-0' THEN RETURN sqlift.json_real(written); END IF;
            RETURN doc::jsonb;
        WHEN 'boolean' THEN RETURN CASE pg_catalog.btrim(doc::text, E' \t\n\r') WHEN 'true' THEN '1'::jsonb ELSE '0'::jsonb END;
        WHEN 'object' THEN RETURN pg_catalog.to_jsonb(sqlift.json_minified(doc));
        WHEN 'array' THEN RETURN pg_catalog.to_jsonb(sqlift.json_minified(doc));
        ELSE RETURN NULL;
    END CASE;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.json_extract(doc text, first text, second text, VARIADIC more text[] DEFAULT '{}') RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '[' OPERATOR(pg_catalog.||) pg_catalog.string_agg(COALESCE(sqlift.json_minified(sqlift.json_find($1::pg_catalog.json, p.path)), 'null'), ',' ORDER BY p.place) OPERATOR(pg_catalog.||) ']'
    FROM pg_catalog.unnest(ARRAY[$2, $3] OPERATOR(pg_catalog.||) $4) WITH ORDINALITY AS p(path, place)
    HAVING $1 IS NOT NULL AND pg_catalog.bool_and(p.path IS NOT NULL)
$f$;

-- The same where there is neither an escape nor null. The planner puts it in its place where PostgreSQL says that its function's
-- result stays the same, as 15 does.
CREATE OR REPLACE FUNCTION sqlift.json_stripped(doc text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN pg_catalog.json_strip_nulls(doc::json)::text;
END $f$;
DO $do$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.proname = 'json_strip_nulls' AND p.pronamespace = 'pg_catalog'::regnamespace AND p.provolatile = 'i') THEN
        CREATE OR REPLACE FUNCTION sqlift.json_stripped(doc text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
            SELECT pg_catalog.json_strip_nulls($1::pg_catalog.json)::pg_catalog.text
        $f$;
    END IF;
END $do$;
-- json() of a column.
CREATE OR REPLACE FUNCTION sqlift.json_of_column(doc text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN pg_catalog.strpos($1 COLLATE "C", ' ') OPERATOR(pg_catalog.=) 0 AND pg_catalog.strpos($1 COLLATE "C", E'\n') OPERATOR(pg_catalog.=) 0
            AND pg_catalog.strpos($1 COLLATE "C", E'\t') OPERATOR(pg_catalog.=) 0 AND pg_catalog.strpos($1 COLLATE "C", E'\r') OPERATOR(pg_catalog.=) 0
            THEN $1::pg_catalog.json::pg_catalog.text
        WHEN pg_catalog.strpos($1 COLLATE "C", '\') OPERATOR(pg_catalog.=) 0 AND pg_catalog.strpos($1 COLLATE "C", 'null') OPERATOR(pg_catalog.=) 0
            THEN sqlift.json_stripped($1)
        ELSE sqlift.json_minified($1::pg_catalog.json) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json(doc text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_minified($1::pg_catalog.json) $f$;

-- The cheapest there is, as the planner is told: of `json_valid(d) AND d ->> '$.a' = 'x'` it looks at the cheap half first, and the
-- other half fails where d is no JSON.
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 0.0001 AS $f$
BEGIN
    PERFORM doc::json;
    RETURN 1;
EXCEPTION WHEN data_exception THEN
    RETURN 0;
END $f$;

-- A value as a member of JSON text.
CREATE OR REPLACE FUNCTION sqlift.json_quote(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(pg_catalog.to_json($1)::pg_catalog.text, 'null') $f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE($1::pg_catalog.text, 'null') $f$;
-- An infinity is written as a number beyond all reals. Whole numbers and short ones look the same in both databases.
CREATE OR REPLACE FUNCTION sqlift.json_quote(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.abs($1) BETWEEN 1 AND 99999999999999 AND $1 OPERATOR(pg_catalog.=) pg_catalog.trunc($1) THEN $1::pg_catalog.int8::pg_catalog.text OPERATOR(pg_catalog.||) '.0'
        WHEN sqlift.leads_below_nine($1) AND pg_catalog.octet_length($1::pg_catalog.text) OPERATOR(pg_catalog.<=) 14 THEN $1::pg_catalog.text
        WHEN $1 IS NULL THEN 'null'
        ELSE sqlift.quote($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(sqlift.to_text($1), 'null') $f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.jsonb_typeof($1) OPERATOR(pg_catalog.=) 'number' THEN sqlift.to_text($1) ELSE COALESCE($1::pg_catalog.text, 'null') END
$f$;
-- The label of a member: in an aggregate any text, NULL leaves the member out; in json_object() text alone.
CREATE OR REPLACE FUNCTION sqlift.json_label(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_json($1)::pg_catalog.text $f$;
CREATE OR REPLACE FUNCTION sqlift.json_object_label(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF x IS NULL THEN
        RAISE EXCEPTION 'json_object() labels must be TEXT' USING ERRCODE = 'SL003';
    END IF;
    RETURN pg_catalog.to_json(x)::text;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_object_label(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_object_label(CASE WHEN pg_catalog.jsonb_typeof($1) OPERATOR(pg_catalog.=) 'string' THEN $1 OPERATOR(pg_catalog.#>>) '{}' END)
$f$;

-- SQLite's own binary JSON is a member as it is; other blobs are none.
CREATE OR REPLACE FUNCTION sqlift.json_quote(x bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF x IS NULL THEN RETURN 'null'; END IF;
    IF NOT sqlift.is_jsonb(x) THEN
        RAISE EXCEPTION 'JSON cannot hold BLOB values' USING ERRCODE = 'SL003';
    END IF;
    RETURN sqlift.jsonb_text(x);
END $f$;

-- What json_extract gives, as a member of JSON text: objects and arrays stay, numbers are SQLite's.
CREATE OR REPLACE FUNCTION sqlift.json_extract_member(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.json_typeof(found) IN ('object', 'array') THEN sqlift.json_minified(found)
                ELSE sqlift.json_quote(sqlift.json_value(found)) END
    FROM (SELECT sqlift.json_find($1::pg_catalog.json, $2) AS found) AS q
$f$;
-- The same of json_each's value, whose type says what it was.
CREATE OR REPLACE FUNCTION sqlift.json_value_member(value jsonb, type text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 IN ('object', 'array') THEN $1 OPERATOR(pg_catalog.#>>) '{}' ELSE sqlift.json_quote($1) END
$f$;

-- One change: mode 's' sets, 'i' inserts what is missing, 'r' replaces what is there, 'd' deletes, 'a' inserts ahead of an element. `doc` is NULL where nothing is yet;
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
    p := CASE WHEN pg_catalog.left(rest, 1) = '.' THEN sqlift.json_name_step(rest) END;
    IF p IS NOT NULL THEN
        IF doc IS NOT NULL AND pg_catalog.json_typeof(doc) <> 'object' THEN RETURN sqlift.json_minified(doc); END IF;
        FOR e IN SELECT * FROM pg_catalog.json_each(doc) LOOP
            IF e.key = p[1] AND NOT found THEN
                found := true;
                member := sqlift.json_put(e.value, p[2], fragment, mode);
            ELSE
                member := sqlift.json_minified(e.value);
            END IF;
            IF member IS NOT NULL THEN members := members || ('"' || sqlift.json_label(doc, e.key) || '":' || member); END IF;
        END LOOP;
        IF NOT found AND mode IN ('s', 'i', 'a') THEN
            member := sqlift.json_put(NULL, p[2], fragment, mode);
            IF member IS NOT NULL THEN members := members || (coalesce('"' || p[3] || '"', pg_catalog.to_json(p[1])::text) || ':' || member); END IF;
        END IF;
        IF doc IS NULL AND pg_catalog.cardinality(members) = 0 THEN RETURN NULL; END IF;
        RETURN '{' || pg_catalog.array_to_string(members, ',') || '}';
    END IF;
    IF pg_catalog.left(rest, 1) = '[' AND pg_catalog.json_typeof(doc) <> 'array' THEN RETURN sqlift.json_minified(doc); END IF;
    p := pg_catalog.regexp_match(rest, '^\[(?:(\d+)|#-(\d+)|(#))\](.*)$');
    IF p IS NULL THEN
        RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal('$' || rest) USING ERRCODE = 'SL003';
    END IF;
    IF doc IS NOT NULL THEN
        count := pg_catalog.json_array_length(doc);
    END IF;
    at := coalesce(p[1]::bigint, count - p[2]::bigint, count);
    FOR e IN SELECT a.value, a.place - 1 AS place FROM pg_catalog.json_array_elements(doc) WITH ORDINALITY AS a(value, place) LOOP
        IF mode = 'a' AND p[4] = '' AND e.place = at THEN members := members || fragment; END IF;
        member := CASE WHEN e.place = at AND NOT (mode = 'a' AND p[4] = '') THEN sqlift.json_put(e.value, p[4], fragment, mode) ELSE sqlift.json_minified(e.value) END;
        IF member IS NOT NULL THEN members := members || member; END IF;
    END LOOP;
    IF at = count AND mode IN ('s', 'i', 'a') THEN
        member := sqlift.json_put(NULL, p[4], fragment, mode);
        IF member IS NOT NULL THEN members := members || member; END IF;
    END IF;
    IF doc IS NULL AND pg_catalog.cardinality(members) = 0 THEN RETURN NULL; END IF;
    RETURN '[' || pg_catalog.array_to_string(members, ',') || ']';
END $f$;
