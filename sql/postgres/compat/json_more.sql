-- JSON: trees, patches, pretty printing. https://sqlite.org/json1.html

-- The bytes that a value takes in SQLite's binary JSON: json_each and json_tree number their rows by them.
CREATE OR REPLACE FUNCTION sqlift.json_with_header(size bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT $1 OPERATOR(pg_catalog.+) CASE WHEN $1 OPERATOR(pg_catalog.<=) 11 THEN 1 WHEN $1 OPERATOR(pg_catalog.<=) 255 THEN 2 WHEN $1 OPERATOR(pg_catalog.<=) 65535 THEN 3 ELSE 5 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_label_size(label text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT sqlift.json_with_header(pg_catalog.octet_length($1))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_label_step(label text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) '^[A-Za-z][A-Za-z0-9]*$' THEN '.' OPERATOR(pg_catalog.||) $1 ELSE '."' OPERATOR(pg_catalog.||) $1 OPERATOR(pg_catalog.||) '"' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_size(doc json) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE pg_catalog.json_typeof(doc)
        WHEN 'null' THEN 1
        WHEN 'boolean' THEN 1
        WHEN 'number' THEN sqlift.json_with_header(pg_catalog.octet_length(pg_catalog.btrim(doc::text, E' \t\n\r')))
        WHEN 'string' THEN sqlift.json_with_header(pg_catalog.octet_length(pg_catalog.btrim(doc::text, E' \t\n\r')) - 2)
        WHEN 'array' THEN sqlift.json_with_header(coalesce((SELECT pg_catalog.sum(sqlift.json_size(e.value)) FROM pg_catalog.json_array_elements(doc) AS e(value)), 0)::bigint)
        ELSE sqlift.json_with_header(coalesce((SELECT pg_catalog.sum(sqlift.json_label_size(sqlift.json_label(doc, e.key)) + sqlift.json_size(e.value)) FROM pg_catalog.json_each(doc) AS e(key, value)), 0)::bigint) END;
END $f$;

-- The members of an object and the elements of an array, in order. `size` is theirs with their labels.
CREATE OR REPLACE FUNCTION sqlift.json_members(doc json)
RETURNS TABLE(key jsonb, value json, place bigint, step text, size bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.to_jsonb(o.key), o.value, o.place,
           sqlift.json_label_step(sqlift.json_label($1, o.key)),
           sqlift.json_label_size(sqlift.json_label($1, o.key)) + sqlift.json_size(o.value)
    FROM pg_catalog.json_each(CASE WHEN pg_catalog.json_typeof($1) = 'object' THEN $1 ELSE '{}' END) WITH ORDINALITY AS o(key, value, place)
    UNION ALL
    SELECT pg_catalog.to_jsonb(a.place - 1), a.value, a.place, '[' || (a.place - 1)::text || ']', sqlift.json_size(a.value)
    FROM pg_catalog.json_array_elements(CASE WHEN pg_catalog.json_typeof($1) = 'array' THEN $1 ELSE '[]' END) WITH ORDINALITY AS a(value, place)
$f$;

-- The bytes ahead of the first member.
CREATE OR REPLACE FUNCTION sqlift.json_header(doc json) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT sqlift.json_size($1) - coalesce(pg_catalog.sum(m.size), 0)::bigint FROM sqlift.json_members($1) AS m
$f$;

-- As json_find, with the element's first byte and its label's, the path of what holds it, and its key there.
CREATE OR REPLACE FUNCTION sqlift.json_locate(doc json, path text, OUT element json, OUT head bigint, OUT at bigint, OUT up text, OUT last jsonb) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    rest text := pg_catalog.substr(path, 2);
    p text[];
    m record;
    wanted jsonb;
    starts int[] := '{}';
    firsts bigint[] := '{}';
    i int;
BEGIN
    -- It also says what is wrong with a path.
    IF sqlift.json_find(doc, path) IS NULL THEN RETURN; END IF;
    element := doc;
    at := 0;
    head := 0;
    up := path;
    WHILE rest <> '' LOOP
        starts := starts || (pg_catalog.length(path) - pg_catalog.length(rest) + 1);
        p := CASE WHEN pg_catalog.left(rest, 1) = '.' THEN sqlift.json_name_step(rest) END;
        IF p IS NOT NULL THEN
            wanted := pg_catalog.to_jsonb(p[1]);
        ELSE
            p := pg_catalog.regexp_match(rest, '^\[(#?-?\d+)\](.*)$');
            wanted := pg_catalog.to_jsonb(CASE WHEN pg_catalog.left(p[1], 1) = '#' THEN pg_catalog.json_array_length(element) + pg_catalog.substr(p[1], 2)::int ELSE p[1]::int END);
        END IF;
        at := at + sqlift.json_header(element);
        firsts := firsts || at;
        FOR m IN SELECT * FROM sqlift.json_members(element) LOOP
            IF m.key = wanted THEN
                element := m.value;
                head := at;
                at := at + m.size - sqlift.json_size(m.value);
                EXIT;
            END IF;
            at := at + m.size;
        END LOOP;
        rest := p[2];
    END LOOP;
    IF starts = '{}' THEN RETURN; END IF;
    -- SQLite takes the step whose first member the element is, looking back from the last step, or else the first step.
    i := pg_catalog.cardinality(starts);
    WHILE i > 1 AND firsts[i] <> head LOOP i := i - 1; END LOOP;
    up := pg_catalog.left(path, starts[i] - 1);
    rest := pg_catalog.substr(path, starts[i]);
    last := CASE WHEN rest ~ '^\[' THEN pg_catalog.to_jsonb(coalesce(pg_catalog.substring(rest, '^\[(\d+)'), '0')::bigint)
                 WHEN rest ~ '^\."' THEN pg_catalog.to_jsonb(pg_catalog.substr(rest, 3, pg_catalog.length(rest) - 3))
                 ELSE pg_catalog.to_jsonb(pg_catalog.substr(rest, 2)) END;
END $f$;

-- One row for each element. https://sqlite.org/json1.html#the_json_each_and_json_tree_table_valued_functions
-- `sqlift_raw` is the element as it is written, for what reads it as a number or as text at once (json_elements.sql), `sqlift_key`
-- its key as text, '' where that is a number, `sqlift_integer` the element where the array has nothing but short integers.
-- As json_value, where the planner can put it in its place.
CREATE OR REPLACE FUNCTION sqlift.json_element(found json) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii($1::pg_catalog.text) OPERATOR(pg_catalog.=) 34 THEN $1::pg_catalog.jsonb
        WHEN sqlift.json_is_short_integer($1::pg_catalog.text) THEN $1::pg_catalog.jsonb
        ELSE sqlift.json_value($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_atom(found json) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii($1::pg_catalog.text) IN (91, 123) THEN NULL ELSE sqlift.json_value($1) END
$f$;


-- The bytes ahead of what holds the elements and ahead of its first one.
CREATE OR REPLACE FUNCTION sqlift.json_first_id(doc text, root text, holder json) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $f$
BEGIN
    RETURN CASE WHEN root = '$' THEN 0 ELSE (SELECT l.at FROM sqlift.json_locate(doc::json, root) AS l) END + sqlift.json_header(holder);
END $f$;
-- The element at the path is read once. The columns that a query does not use are not computed. What looks at the whole of it is
-- a subquery of its own, which is evaluated once, not for each row.
CREATE OR REPLACE FUNCTION sqlift.json_each(doc text, root text DEFAULT '$')
RETURNS TABLE(key jsonb, value jsonb, type text, atom jsonb, id bigint, parent bigint, fullkey text, path text, sqlift_raw text, sqlift_key text, sqlift_integer bigint) LANGUAGE sql IMMUTABLE AS $f$
    SELECT e.key, e.value, e.type, e.atom, e.id, e.parent, e.fullkey, e.path, e.raw, e.name, e.number
    FROM (SELECT r.x, r.x ~ '^\[[0-9,]+\]$' AS has_integers FROM (SELECT sqlift.json_raw($1, $2) AS x OFFSET 0) AS r OFFSET 0) AS q, LATERAL (
        SELECT pg_catalog.to_jsonb(a.place - 1), sqlift.json_element(a.value), sqlift.json_type_name(a.value), sqlift.json_atom(a.value),
               (SELECT sqlift.json_first_id($1, $2, q.x::json)) + coalesce(pg_catalog.sum(sqlift.json_size(a.value)) OVER (ORDER BY a.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint,
               NULL::pg_catalog.int8, $2 || '[' || (a.place - 1)::text || ']', $2, a.value::text, '',
               CASE WHEN q.has_integers AND pg_catalog.octet_length(a.value::text) <= 18 THEN a.value::text::pg_catalog.int8 END
        FROM pg_catalog.json_array_elements(q.x::json) WITH ORDINALITY AS a(value, place)
        WHERE pg_catalog.ascii(q.x) = 91
        UNION ALL
        SELECT pg_catalog.to_jsonb(o.key), sqlift.json_element(o.value), sqlift.json_type_name(o.value), sqlift.json_atom(o.value),
               (SELECT sqlift.json_first_id($1, $2, q.x::json)) + coalesce(pg_catalog.sum(sqlift.json_label_size(CASE WHEN (SELECT pg_catalog.strpos(q.x, '\') = 0) THEN o.key ELSE sqlift.json_label(q.x::json, o.key) END) + sqlift.json_size(o.value)) OVER (ORDER BY o.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint,
               NULL, $2 || sqlift.json_label_step(CASE WHEN (SELECT pg_catalog.strpos(q.x, '\') = 0) THEN o.key ELSE sqlift.json_label(q.x::json, o.key) END), $2, o.value::text, o.key, NULL
        FROM pg_catalog.json_each(q.x::json) WITH ORDINALITY AS o(key, value, place)
        WHERE pg_catalog.ascii(q.x) = 123
        UNION ALL
        SELECT NULL, sqlift.json_value(q.x::json), sqlift.json_type_name(q.x::json), sqlift.json_atom(q.x::json),
               CASE WHEN $2 = '$' THEN 0 ELSE (SELECT l.head FROM sqlift.json_locate($1::json, $2) AS l) END,
               NULL, $2, $2, q.x, NULL, NULL
        WHERE pg_catalog.ascii(q.x) NOT IN (91, 123)
    ) AS e(key, value, type, atom, id, parent, fullkey, path, raw, name, number)
$f$;

-- json_each where nothing but the elements themselves is asked for. An array of digits alone (kind 1), or of strings without
-- commas, brackets and escapes (kind 2), is cut at its commas, which takes half of what PostgreSQL's reading of it does; it has been
-- read as JSON all the same. `sqlift_string` is the text of such a string.
CREATE OR REPLACE FUNCTION sqlift.json_values(doc text, root text DEFAULT '$')
RETURNS TABLE(value jsonb, type text, sqlift_raw text, sqlift_integer bigint, sqlift_string text) LANGUAGE sql IMMUTABLE AS $f$
    SELECT sqlift.json_element(e.raw::json), sqlift.json_type_name(e.raw::json), e.raw,
           CASE WHEN e.kind = 1 AND pg_catalog.octet_length(e.raw) <= 18 THEN e.raw::pg_catalog.int8 END,
           CASE WHEN e.kind = 2 THEN pg_catalog.split_part(e.raw, '"', 2) END
    FROM (
        SELECT pg_catalog.unnest(CASE
                   WHEN q.kind IN (1, 2) THEN pg_catalog.string_to_array(pg_catalog.split_part(pg_catalog.split_part(q.x COLLATE "C", '[', 2), ']', 1), ',')
                   WHEN q.kind = 91 THEN ARRAY(SELECT a.value::text FROM pg_catalog.json_array_elements(q.x::json) AS a)
                   WHEN q.kind = 123 THEN ARRAY(SELECT o.value::text FROM pg_catalog.json_each(q.x::json) AS o)
                   WHEN q.x IS NOT NULL THEN ARRAY[q.x] END) AS raw, q.kind
        FROM (
            SELECT r.x, CASE
                WHEN pg_catalog.ascii(r.x) <> 91 THEN pg_catalog.ascii(r.x)
                WHEN r.x ~ '^\[[0-9,]*\]$' AND ($2 <> '$' OR r.x::json IS NOT NULL) THEN 1
                WHEN r.x ~ '^\["(?:[^]",[\\]*",")*[^]",[\\]*"\]$' AND ($2 <> '$' OR r.x::json IS NOT NULL) THEN 2
                ELSE 91 END AS kind
            FROM (SELECT sqlift.json_raw($1, $2) AS x OFFSET 0) AS r OFFSET 0
        ) AS q
    ) AS e
$f$;

-- The nodes of json_tree below an element; `ord` puts them in order, `label` is the size of what stands ahead of a member.
CREATE OR REPLACE FUNCTION sqlift.json_nodes(root json, first_key jsonb, first_fullkey text, first_path text)
RETURNS TABLE(key jsonb, value json, fullkey text, path text, label bigint, ord bigint[]) LANGUAGE sql IMMUTABLE AS $f$
    WITH RECURSIVE node(key, value, fullkey, path, label, ord) AS (
        SELECT $2, $1, $3, $4, 0::bigint, '{}'::bigint[]
        UNION ALL
        SELECT m.key, m.value, node.fullkey || m.step, node.fullkey, m.label, node.ord || m.place
        FROM node, LATERAL (
            SELECT pg_catalog.to_jsonb(o.key), o.value, sqlift.json_label_step(sqlift.json_label(node.value, o.key)), sqlift.json_label_size(sqlift.json_label(node.value, o.key)), o.place
            FROM pg_catalog.json_each(CASE WHEN pg_catalog.json_typeof(node.value) = 'object' THEN node.value END) WITH ORDINALITY AS o(key, value, place)
            UNION ALL
            SELECT pg_catalog.to_jsonb(a.place - 1), a.value, '[' || (a.place - 1)::text || ']', 0, a.place
            FROM pg_catalog.json_array_elements(CASE WHEN pg_catalog.json_typeof(node.value) = 'array' THEN node.value END) WITH ORDINALITY AS a(value, place)
        ) AS m(key, value, step, label, place)
    )
    SELECT node.key, node.value, node.fullkey, node.path, node.label, node.ord FROM node
$f$;
-- Their ids and their parents', which are places in SQLite's binary JSON, in order: sizes are summed up from the last node to the
-- first, places from the first to the last.
CREATE OR REPLACE FUNCTION sqlift.json_node_ids(root json, head bigint, at bigint, OUT ids bigint[], OUT parents bigint[]) LANGUAGE plpgsql IMMUTABLE AS $f$
DECLARE
    node record;
    n integer := 0;
    last integer[] := '{}';
    up integer[] := '{}';
    labels bigint[] := '{}';
    sizes bigint[] := '{}';
    headers bigint[] := '{}';
    nexts bigint[] := '{}';
BEGIN
    FOR node IN
        SELECT s.label, pg_catalog.cardinality(s.ord) AS depth, CASE WHEN pg_catalog.json_typeof(s.value) NOT IN ('object', 'array') THEN sqlift.json_size(s.value) END AS size
        FROM sqlift.json_nodes(root, NULL, '', '') AS s ORDER BY s.ord
    LOOP
        n := n + 1;
        last[node.depth] := n;
        up[n] := CASE WHEN node.depth > 0 THEN last[node.depth - 1] END;
        labels[n] := node.label;
        sizes[n] := coalesce(node.size, 0);
        headers[n] := CASE WHEN node.size IS NULL THEN 0 END;
    END LOOP;
    FOR i IN REVERSE n .. 1 LOOP
        IF headers[i] IS NOT NULL THEN
            headers[i] := sqlift.json_with_header(sizes[i]) - sizes[i];
            sizes[i] := sizes[i] + headers[i];
        END IF;
        IF i > 1 THEN sizes[up[i]] := sizes[up[i]] + labels[i] + sizes[i]; END IF;
    END LOOP;
    ids[1] := head;
    parents[1] := NULL;
    nexts[1] := at + headers[1];
    FOR i IN 2 .. n LOOP
        ids[i] := nexts[up[i]];
        parents[i] := ids[up[i]];
        nexts[i] := ids[i] + labels[i] + headers[i];
        nexts[up[i]] := nexts[up[i]] + labels[i] + sizes[i];
    END LOOP;
END $f$;
-- Columns that a query does not use are not computed, ids above all.
CREATE OR REPLACE FUNCTION sqlift.json_tree(doc text, root text DEFAULT '$')
RETURNS TABLE(key jsonb, value jsonb, type text, atom jsonb, id bigint, parent bigint, fullkey text, path text) LANGUAGE sql IMMUTABLE AS $f$
    SELECT n.key, sqlift.json_value(n.value), sqlift.json_type_name(n.value),
           CASE WHEN pg_catalog.json_typeof(n.value) NOT IN ('object', 'array') THEN sqlift.json_value(n.value) END,
           (l.found).ids[n.place], (l.found).parents[n.place], n.fullkey, n.path
    FROM (
        SELECT q.element, q.last, q.up, sqlift.json_node_ids(q.element, q.head, q.at) AS found
        FROM (
            SELECT $1::pg_catalog.json AS element, NULL::jsonb AS last, '$' AS up, 0::bigint AS head, 0::bigint AS at WHERE $2 = '$'
            UNION ALL
            SELECT w.element, w.last, w.up, w.head, w.at FROM sqlift.json_locate($1::pg_catalog.json, $2) AS w WHERE $2 <> '$'
        ) AS q
        WHERE q.element IS NOT NULL
        OFFSET 0
    ) AS l, LATERAL (
        SELECT s.key, s.value, s.fullkey, s.path, s.ord, pg_catalog.row_number() OVER (ORDER BY s.ord) AS place
        FROM sqlift.json_nodes(l.element, l.last, $2, l.up) AS s
    ) AS n
    ORDER BY n.ord
$f$;

-- RFC 7396: null takes a member away, objects merge, everything else replaces.
CREATE OR REPLACE FUNCTION sqlift.json_merge(target json, patch json) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    keys text[] := '{}';
    labels text[] := '{}';
    members text[] := '{}';
    e record;
    at int;
BEGIN
    IF pg_catalog.json_typeof(patch) <> 'object' THEN RETURN sqlift.json_minified(patch); END IF;
    IF pg_catalog.json_typeof(target) = 'object' THEN
        FOR e IN SELECT * FROM pg_catalog.json_each(target) LOOP
            keys := keys || e.key;
            labels := labels || sqlift.json_label(target, e.key);
            members := members || sqlift.json_minified(e.value);
        END LOOP;
    END IF;
    FOR e IN SELECT * FROM pg_catalog.json_each(patch) LOOP
        at := pg_catalog.array_position(keys, e.key);
        IF pg_catalog.json_typeof(e.value) = 'null' THEN
            IF at IS NOT NULL THEN
                keys := keys[: at - 1] || keys[at + 1 :];
                labels := labels[: at - 1] || labels[at + 1 :];
                members := members[: at - 1] || members[at + 1 :];
            END IF;
        ELSIF at IS NOT NULL THEN
            members[at] := sqlift.json_merge(members[at]::json, e.value);
        ELSE
            keys := keys || e.key;
            labels := labels || sqlift.json_label(patch, e.key);
            members := members || sqlift.json_merge(NULL, e.value);
        END IF;
    END LOOP;
    RETURN '{' || coalesce((SELECT pg_catalog.string_agg('"' || m.label || '":' || m.member, ',' ORDER BY m.place)
                            FROM ROWS FROM (pg_catalog.unnest(labels), pg_catalog.unnest(members)) WITH ORDINALITY AS m(label, member, place)), '') || '}';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_indented(doc json, indent text, before text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    inner_before text := before || indent;
    lines text;
BEGIN
    IF pg_catalog.json_typeof(doc) = 'object' THEN
        SELECT pg_catalog.string_agg(inner_before || '"' || sqlift.json_label(doc, e.key) || '": ' || sqlift.json_indented(e.value, indent, inner_before), E',\n' ORDER BY e.place)
        INTO lines FROM pg_catalog.json_each(doc) WITH ORDINALITY AS e(key, value, place);
        RETURN CASE WHEN lines IS NULL THEN '{}' ELSE E'{\n' || lines || E'\n' || before || '}' END;
    END IF;
    IF pg_catalog.json_typeof(doc) = 'array' THEN
        SELECT pg_catalog.string_agg(inner_before || sqlift.json_indented(e.value, indent, inner_before), E',\n' ORDER BY e.place)
        INTO lines FROM pg_catalog.json_array_elements(doc) WITH ORDINALITY AS e(value, place);
        RETURN CASE WHEN lines IS NULL THEN '[]' ELSE E'[\n' || lines || E'\n' || before || ']' END;
    END IF;
    RETURN sqlift.json_minified(doc);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_pretty(doc text, indent text DEFAULT NULL) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_indented($1::pg_catalog.json, COALESCE($2, '    '), '')
$f$;

-- json_valid(X, FLAGS): 1 is JSON, 2 is JSON5, 4 and 8 are binary JSON.
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc text, flags bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF coalesce(flags, 0) NOT BETWEEN 1 AND 15 THEN
        RAISE EXCEPTION 'FLAGS parameter to json_valid() must be between 1 and 15' USING ERRCODE = 'SL003';
    END IF;
    IF doc IS NULL THEN RETURN NULL; END IF;
    IF flags & 3 = 0 THEN RETURN 0; END IF;
    IF sqlift.json_valid(doc) = 1 THEN RETURN 1; END IF;
    RETURN (flags & 2 > 0 AND (SELECT r.written IS NOT NULL FROM sqlift.json5_read(doc) AS r))::int;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc bytea, flags bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF flags BETWEEN 1 AND 15 THEN
        IF doc IS NULL THEN RETURN NULL; END IF;
        IF sqlift.is_jsonb(doc) THEN RETURN (flags & 12 > 0)::int; END IF;
    ELSE
        RETURN sqlift.json_valid('', flags);
    END IF;
    RETURN sqlift.json_valid(pg_catalog.convert_from(doc, 'UTF8'), flags);
EXCEPTION WHEN character_not_in_repertoire THEN
    RETURN 0;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_valid($1, 1) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc bigint, flags bigint DEFAULT 1) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_valid($1::pg_catalog.text, $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc double precision, flags bigint DEFAULT 1) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_valid(sqlift.to_text($1), $2) $f$;

CREATE OR REPLACE FUNCTION sqlift.json_error_position(doc text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF sqlift.json_valid(doc, 2) = 0 THEN
        RAISE EXCEPTION 'where this text stops to be JSON is not known' USING ERRCODE = 'feature_not_supported', HINT = 'ask whether it is JSON: json_valid(x)';
    END IF;
    RETURN 0;
END $f$;
