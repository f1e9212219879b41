-- JSON5, which SQLite reads wherever it reads JSON. https://sqlite.org/json1.html#json5_extensions
-- A statement that has failed over a document which is no JSON is run again with json5() around its documents, so that JSON costs nothing.

-- A string of JSON5 without its quotes as JSON writes it; NULL where it has an escape that is none.
CREATE OR REPLACE FUNCTION sqlift.json5_string(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    part text;
    is_behind_zero boolean := false;
    written text := '';
BEGIN
    FOR part IN SELECT m[1] FROM pg_catalog.regexp_matches(given COLLATE "C", '(\\\r\n|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\.|[^\\]+)', 'g') AS m LOOP
        IF is_behind_zero AND part ~ '^[0-9]' THEN RETURN NULL; END IF;
        is_behind_zero := part = '\0';
        IF pg_catalog.left(part, 1) <> '\' THEN
            part := pg_catalog.replace(part, '"', '\"');
            FOR code IN 1 .. 31 LOOP
                part := pg_catalog.replace(part, pg_catalog.chr(code), CASE code WHEN 8 THEN '\b' WHEN 9 THEN '\t' WHEN 10 THEN '\n' WHEN 12 THEN '\f' WHEN 13 THEN '\r'
                    ELSE '\u00' || pg_catalog.lpad(pg_catalog.to_hex(code), 2, '0') END);
            END LOOP;
        ELSIF part ~ '^\\(["\\/bfnrt]|u.{4})$' THEN
            NULL;
        ELSIF part IN (E'\\\n', E'\\\r', E'\\\r\n', '\' || pg_catalog.chr(8232), '\' || pg_catalog.chr(8233)) THEN
            part := '';
        ELSE
            part := CASE part WHEN '\''' THEN '''' WHEN '\v' THEN '\u000b' WHEN '\0' THEN '\u0000' ELSE '\u00' || pg_catalog.substring(part, '^\\x(..)$') END;
        END IF;
        IF part IS NULL THEN RETURN NULL; END IF;
        written := written || part;
    END LOOP;
    RETURN written;
END $f$;

-- A number of JSON5, or one of its words for values, as JSON writes it; NULL where it is none.
CREATE OR REPLACE FUNCTION sqlift.json5_number(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    minus text := CASE WHEN given LIKE '-%' THEN '-' ELSE '' END;
    bare text := pg_catalog.regexp_replace(given, '^[-+]', '');
    p text[];
    n numeric := 0;
BEGIN
    IF given IN ('true', 'false', 'null') THEN RETURN given; END IF;
    IF given COLLATE "C" ~* '^[qs]?nan$' THEN RETURN 'null'; END IF;
    IF bare COLLATE "C" ~* '^inf(inity)?$' THEN RETURN minus || '9e999'; END IF;
    IF bare ~ '^0[xX][0-9A-Fa-f]+$' THEN
        FOR place IN 3 .. pg_catalog.length(bare) LOOP
            n := n * 16 + pg_catalog.strpos('0123456789abcdef', pg_catalog.lower(pg_catalog.substr(bare, place, 1))) - 1;
        END LOOP;
        IF n > 18446744073709551615 THEN
            RAISE EXCEPTION E'a hexadecimal number beyond 64 bits in JSON\n  help: write it in decimal digits' USING ERRCODE = 'SL007';
        END IF;
        RETURN minus || n::text;
    END IF;
    p := pg_catalog.regexp_match(bare, '^(0|[1-9][0-9]*|)(\.[0-9]*|)([eE][-+]?[0-9]+|)$');
    IF p IS NULL OR p[1] = '' AND pg_catalog.length(p[2]) < 2 THEN RETURN NULL; END IF;
    RETURN minus || CASE p[1] WHEN '' THEN '0' ELSE p[1] END || CASE p[2] WHEN '.' THEN '.0' ELSE p[2] END || p[3];
END $f$;

-- A document of JSON5 as JSON, NULL where it is none; and whether SQLite's binary JSON of it has nodes of another size.
CREATE OR REPLACE FUNCTION sqlift.json5_read(doc text, OUT written text, OUT is_resized boolean) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    blanks CONSTANT text := E'\t\n\x0b\f\r ' || pg_catalog.chr(160) || pg_catalog.chr(5760) || pg_catalog.chr(8192) || '-' || pg_catalog.chr(8202)
        || pg_catalog.chr(8232) || pg_catalog.chr(8233) || pg_catalog.chr(8239) || pg_catalog.chr(8287) || pg_catalog.chr(12288) || pg_catalog.chr(65279);
    lines CONSTANT text := E'\n\r' || pg_catalog.chr(8232) || pg_catalog.chr(8233);
    token text;
    part text;
    -- What stands ahead of the token: a mark, v for a word, s for a string; k for a name without quotes.
    ahead text := '';
    size bigint := 0;
    parts text[] := '{}';
BEGIN
    is_resized := false;
    FOR token IN SELECT m[1] FROM pg_catalog.regexp_matches(doc COLLATE "C", '([' || blanks || ']+|/\*[^*]*\*+([^*/][^*]*\*+)*/|//[^' || lines || ']*'
        || '|"([^"\\]|\\.)*"|''([^''\\]|\\.)*''|[][{},:]|[^][{},:"''/' || blanks || ']+)', 'g') AS m LOOP
        size := size + pg_catalog.length(token);
        part := pg_catalog.left(token, 1);
        CONTINUE WHEN part = '/' OR part COLLATE "C" ~ ('[' || blanks || ']');
        IF ahead = 'k' AND token <> ':' THEN RETURN; END IF;
        IF token = ',' THEN
            IF ahead IN ('', ',', '{', '[', ':') THEN RETURN; END IF;
            ahead := ',';
            CONTINUE;
        END IF;
        -- The last comma may stand there for nothing.
        IF ahead = ',' AND token NOT IN ('}', ']') THEN parts := parts || ','::text; END IF;
        IF token IN ('{', '}', '[', ']', ':') THEN
            ahead := token;
            parts := parts || token;
        ELSIF part IN ('"', '''') THEN
            token := pg_catalog.substr(token, 2, pg_catalog.length(token) - 2);
            part := sqlift.json5_string(token);
            is_resized := is_resized OR part IS DISTINCT FROM token;
            ahead := 's';
            parts := parts || ('"' || part || '"');
        ELSIF ahead = 'v' THEN
            RETURN;
        ELSE
            part := sqlift.json5_number(token);
            is_resized := is_resized OR coalesce(part, '') ~ '[0-9]' AND token ~ '^[-+]?(0[xX]|\.)|\.($|[eE])';
            IF part IS NOT NULL THEN
                ahead := 'v';
            ELSIF ahead IN ('{', ',') AND token COLLATE "C" ~ '^([A-Za-z_$]|[^\x01-\x7f]|\\u[0-9A-Fa-f]{4})([A-Za-z0-9_$]|[^\x01-\x7f]|\\u[0-9A-Fa-f]{4})*$'
                -- What begins with the word of a value is none.
                AND token COLLATE "C" !~ '^(true|false|null)[^A-Za-z0-9]' AND token COLLATE "C" !~* '^(inf(inity)?|[qs]?nan)[^A-Za-z0-9]' THEN
                ahead := 'k';
                part := '"' || token || '"';
            END IF;
            parts := parts || part;
        END IF;
        IF part IS NULL THEN RETURN; END IF;
    END LOOP;
    IF size <> pg_catalog.length(doc) OR ahead IN ('k', ',') THEN RETURN; END IF;
    part := pg_catalog.array_to_string(parts, '');
    PERFORM part::json;
    written := part;
EXCEPTION WHEN invalid_text_representation THEN
    written := NULL;
END $f$;

-- The document as JSON. One that is none stays: whatever reads it tells what is wrong.
CREATE OR REPLACE FUNCTION sqlift.json5(doc text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    PERFORM doc::json;
    RETURN doc;
EXCEPTION WHEN data_exception THEN
    RETURN coalesce((SELECT r.written FROM sqlift.json5_read(doc) AS r), doc);
END $f$;
-- The same for what counts the bytes of SQLite's binary JSON.
CREATE OR REPLACE FUNCTION sqlift.json5_sized(doc text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    found record;
BEGIN
    IF sqlift.json_valid(doc) = 1 THEN RETURN doc; END IF;
    found := sqlift.json5_read(doc);
    IF found.written IS NOT NULL AND found.is_resized THEN
        RAISE EXCEPTION E'binary JSON, json_each and json_tree of JSON5 with escapes, or with numbers that JSON writes in another way\n  help: put json() around the document' USING ERRCODE = 'SL007';
    END IF;
    RETURN coalesce(found.written, doc);
END $f$;
-- The same, volatile, so that it is looked at when a row asks for it.
CREATE OR REPLACE FUNCTION sqlift.json5_late(doc text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RETURN sqlift.json5(doc);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json5_sized_late(doc text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RETURN sqlift.json5_sized(doc);
END $f$;
