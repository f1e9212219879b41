-- SQLite's binary JSON, byte by byte. https://sqlite.org/jsonb.html

CREATE OR REPLACE FUNCTION sqlift.jsonb_node(kind integer, payload bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT pg_catalog.decode(CASE
        WHEN n OPERATOR(pg_catalog.<=) 11 THEN pg_catalog.lpad(pg_catalog.to_hex(n OPERATOR(pg_catalog.*) 16 OPERATOR(pg_catalog.+) $1), 2, '0')
        WHEN n OPERATOR(pg_catalog.<=) 255 THEN pg_catalog.to_hex(192 OPERATOR(pg_catalog.+) $1) OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.to_hex(n), 2, '0')
        WHEN n OPERATOR(pg_catalog.<=) 65535 THEN pg_catalog.to_hex(208 OPERATOR(pg_catalog.+) $1) OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.to_hex(n), 4, '0')
        ELSE pg_catalog.to_hex(224 OPERATOR(pg_catalog.+) $1) OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.to_hex(n), 8, '0') END, 'hex') OPERATOR(pg_catalog.||) $2
    FROM (SELECT pg_catalog.octet_length($2) AS n) AS q
$f$;

-- A string or label as JSON writes it, quotes included.
CREATE OR REPLACE FUNCTION sqlift.jsonb_string(written text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT sqlift.jsonb_node(CASE WHEN pg_catalog.strpos($1, '\') OPERATOR(pg_catalog.>) 0 THEN 8 ELSE 7 END,
                             pg_catalog.convert_to(pg_catalog.substr($1, 2, pg_catalog.length($1) OPERATOR(pg_catalog.-) 2), 'UTF8'))
$f$;

CREATE OR REPLACE FUNCTION sqlift.jsonb_of(doc json) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    written text;
BEGIN
    CASE pg_catalog.json_typeof(doc)
        WHEN 'null' THEN RETURN '\x00';
        WHEN 'boolean' THEN RETURN CASE WHEN pg_catalog.btrim(doc::text, E' \t\n\r') = 'true' THEN '\x01'::bytea ELSE '\x02'::bytea END;
        WHEN 'array' THEN
            RETURN sqlift.jsonb_node(11, coalesce((SELECT pg_catalog.string_agg(sqlift.jsonb_of(e.value), '\x'::bytea ORDER BY e.place)
                                                   FROM pg_catalog.json_array_elements(doc) WITH ORDINALITY AS e(value, place)), '\x'));
        WHEN 'object' THEN
            RETURN sqlift.jsonb_node(12, coalesce((SELECT pg_catalog.string_agg(sqlift.jsonb_string(pg_catalog.to_json(e.key)::text) || sqlift.jsonb_of(e.value), '\x'::bytea ORDER BY e.place)
                                                   FROM pg_catalog.json_each(doc) WITH ORDINALITY AS e(key, value, place)), '\x'));
        ELSE
            written := pg_catalog.btrim(doc::text, E' \t\n\r');
            IF pg_catalog.left(written, 1) = '"' THEN RETURN sqlift.jsonb_string(written); END IF;
            RETURN sqlift.jsonb_node(CASE WHEN written ~ '[.eE]' THEN 5 ELSE 3 END, pg_catalog.convert_to(written, 'UTF8'));
    END CASE;
END $f$;

-- The text of the node at byte `at`, from 0, and where the next one begins; no text where the bytes are no node.
CREATE OR REPLACE FUNCTION sqlift.jsonb_read(blob bytea, at integer, OUT written text, OUT next integer) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    kind int;
    size bigint;
    extra int;
    ends bigint;
    label text;
    node record;
    parts text[] := '{}';
BEGIN
    IF at >= pg_catalog.octet_length(blob) THEN RETURN; END IF;
    kind := pg_catalog.get_byte(blob, at) & 15;
    size := pg_catalog.get_byte(blob, at) >> 4;
    extra := CASE size WHEN 12 THEN 1 WHEN 13 THEN 2 WHEN 14 THEN 4 WHEN 15 THEN 8 ELSE 0 END;
    IF at + extra >= pg_catalog.octet_length(blob) AND extra > 0 THEN RETURN; END IF;
    IF extra > 0 THEN
        size := 0;
        FOR i IN 1 .. extra LOOP
            size := size * 256 + pg_catalog.get_byte(blob, at + i);
        END LOOP;
    END IF;
    at := at + 1 + extra;
    ends := at + size;
    IF ends > pg_catalog.octet_length(blob) OR kind > 12 OR kind < 3 AND size > 0 THEN RETURN; END IF;
    IF kind IN (11, 12) THEN
        WHILE at < ends LOOP
            label := '';
            IF kind = 12 THEN
                node := sqlift.jsonb_read(blob, at);
                IF node.written IS NULL OR pg_catalog.left(node.written, 1) <> '"' THEN RETURN; END IF;
                label := node.written || ':';
                at := node.next;
            END IF;
            node := sqlift.jsonb_read(blob, at);
            IF node.written IS NULL THEN RETURN; END IF;
            parts := parts || (label || node.written);
            at := node.next;
        END LOOP;
        IF at <> ends THEN RETURN; END IF;
        written := CASE kind WHEN 11 THEN '[' || pg_catalog.array_to_string(parts, ',') || ']' ELSE '{' || pg_catalog.array_to_string(parts, ',') || '}' END;
    ELSIF kind < 3 THEN
        written := (ARRAY['null', 'true', 'false'])[kind + 1];
    ELSIF kind IN (4, 6, 9) THEN
        RAISE EXCEPTION 'binary JSON with a value of JSON5 has no counterpart' USING ERRCODE = 'feature_not_supported';
    ELSE
        label := pg_catalog.convert_from(pg_catalog.substr(blob, at + 1, size::int), 'UTF8');
        written := CASE kind WHEN 10 THEN pg_catalog.to_json(label)::text WHEN 7 THEN '"' || label || '"' WHEN 8 THEN '"' || label || '"' ELSE label END;
        IF kind IN (3, 5) AND written !~ '^-?\d+(\.\d+)?([eE][+-]?\d+)?$' THEN
            written := NULL;
            RETURN;
        END IF;
    END IF;
    next := ends;
EXCEPTION WHEN character_not_in_repertoire THEN
    written := NULL;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.is_jsonb(blob bytea) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT r.written IS NOT NULL AND r.next OPERATOR(pg_catalog.=) pg_catalog.octet_length($1) FROM sqlift.jsonb_read($1, 0) AS r
$f$;
CREATE OR REPLACE FUNCTION sqlift.jsonb_text(blob bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$ SELECT r.written FROM sqlift.jsonb_read($1, 0) AS r $f$;

-- A JSON argument as text: binary JSON is read, other blobs are text.
CREATE OR REPLACE FUNCTION sqlift.json_doc(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.is_jsonb($1) THEN sqlift.jsonb_text($1) ELSE pg_catalog.convert_from($1, 'UTF8') END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_doc(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.json_doc(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.text $f$;
CREATE OR REPLACE FUNCTION sqlift.json_doc(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_text($1) $f$;

CREATE OR REPLACE FUNCTION sqlift.jsonb(doc text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.jsonb_of($1::pg_catalog.json) $f$;
