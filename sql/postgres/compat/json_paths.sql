-- JSON by paths that are known when a statement is planned: json_extract, -> and ->>. https://sqlite.org/json1.html#path_arguments
-- These functions are expressions that the planner puts in the place of their calls. What depends on the path alone it computes
-- once; what is left reads a document with PostgreSQL's own functions, where `json_kind` finds that those answer as SQLite does.

-- The steps of a path: '.name' and '[3', '[-1' from the end. NULL where SQLite's reading of the path is to be asked of json_find.
CREATE OR REPLACE FUNCTION sqlift.json_steps(path text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    rest text := pg_catalog.substr(path, 2);
    p text[];
    steps text[] := '{}';
BEGIN
    IF pg_catalog.left(path, 1) <> '$' OR pg_catalog.strpos(path, '\') > 0 THEN RETURN NULL; END IF;
    WHILE rest <> '' LOOP
        p := coalesce(pg_catalog.regexp_match(rest, '^(\.)"([^"]*)"(.*)$'), pg_catalog.regexp_match(rest, '^(\.)([^.\["]+)(.*)$'));
        IF p IS NULL THEN
            p := pg_catalog.regexp_match(rest, '^(\[)(\d{1,9}|#-\d{1,9})\](.*)$');
            IF p IS NULL OR p[2] = '#-0' THEN RETURN NULL; END IF;
            p[2] := pg_catalog.ltrim(p[2], '#');
        END IF;
        steps := steps || (p[1] || p[2]);
        rest := p[3];
    END LOOP;
    RETURN steps;
END $f$;

-- The steps of a path of one to three steps as PostgreSQL's #> takes them: indexes, and names that are written in one way only and
-- that it takes for no indexes. NULL of other paths.
CREATE OR REPLACE FUNCTION sqlift.json_names(path text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    steps text[] := sqlift.json_steps(path);
    names text[] := '{}';
    step text;
BEGIN
    IF steps IS NULL OR pg_catalog.cardinality(steps) NOT BETWEEN 1 AND 3 THEN RETURN NULL; END IF;
    FOREACH step IN ARRAY steps LOOP
        IF step !~ '^\.[ !#-.0-\[\]-~]+$|^\[' OR step ~ '^\.[-+ 0-9]' THEN RETURN NULL; END IF;
        names := names || pg_catalog.substr(step, 2);
    END LOOP;
    RETURN names;
END $f$;
-- The same where all of them are names, and where there is only one.
CREATE OR REPLACE FUNCTION sqlift.json_plain_names(path text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE WHEN NOT EXISTS (SELECT 1 FROM pg_catalog.unnest(sqlift.json_steps(path)) AS s(step) WHERE s.step LIKE '[%') THEN sqlift.json_names(path) END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_only_name(path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    names text[] := sqlift.json_plain_names(path);
BEGIN
    RETURN CASE WHEN pg_catalog.cardinality(names) = 1 THEN names[1] END;
END $f$;

-- The n-th of the steps as a document has it as a name, quotes included; NULL where there is none.
CREATE OR REPLACE FUNCTION sqlift.json_name(path text, n integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN '"' || (sqlift.json_names(path))[n] || '"';
END $f$;
-- How often it may stand there for #> to find what SQLite does: a name once, an index never, which #> also takes for a name.
CREATE OR REPLACE FUNCTION sqlift.json_times(path text, n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE WHEN (sqlift.json_steps(path))[n] LIKE '[%' THEN 0 ELSE 1 END;
END $f$;
-- What stands ahead of the value: the last name with the colon behind it, and where the value is the first element of an array
-- the bracket too. NULL where other elements stand ahead of it.
CREATE OR REPLACE FUNCTION sqlift.json_last_name(path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    names text[] := sqlift.json_names(path);
    n integer := pg_catalog.cardinality(names);
BEGIN
    IF sqlift.json_times(path, n) = 1 THEN RETURN '"' || names[n] || '":'; END IF;
    RETURN CASE WHEN names[n] = '0' AND sqlift.json_times(path, n - 1) = 1 THEN '"' || names[n - 1] || '":[' END;
END $f$;
-- What stands ahead of the elements of an array, where the value is another one of them than the first, and its index.
CREATE OR REPLACE FUNCTION sqlift.json_array_name(path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    names text[] := sqlift.json_names(path);
    n integer := pg_catalog.cardinality(names);
BEGIN
    RETURN CASE WHEN sqlift.json_times(path, n) = 0 AND sqlift.json_times(path, n - 1) = 1 AND names[n] <> '0' THEN '"' || names[n - 1] || '":[' END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_last_index(path text) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    names text[] := sqlift.json_names(path);
BEGIN
    RETURN CASE WHEN sqlift.json_array_name(path) IS NOT NULL THEN names[pg_catalog.cardinality(names)]::integer END;
END $f$;

-- Whether one of the names may occur twice: then SQLite takes the first of several members and PostgreSQL the last. A name in
-- ASCII may also be written with \u00.
CREATE OR REPLACE FUNCTION sqlift.json_repeats(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.split_part($1 COLLATE "C", sqlift.json_name($2, 1), 2 OPERATOR(pg_catalog.+) sqlift.json_times($2, 1)) OPERATOR(pg_catalog.<>) ''
        OR pg_catalog.split_part($1 COLLATE "C", sqlift.json_name($2, 2), 2 OPERATOR(pg_catalog.+) sqlift.json_times($2, 2)) OPERATOR(pg_catalog.<>) ''
        OR pg_catalog.split_part($1 COLLATE "C", sqlift.json_name($2, 3), 2 OPERATOR(pg_catalog.+) sqlift.json_times($2, 3)) OPERATOR(pg_catalog.<>) ''
        OR pg_catalog.strpos($1 COLLATE "C", '\') OPERATOR(pg_catalog.>) 0 AND pg_catalog.strpos($1 COLLATE "C", '\u00') OPERATOR(pg_catalog.>) 0
$f$;
-- Whether #> finds there what SQLite does.
CREATE OR REPLACE FUNCTION sqlift.json_is_plain(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_names($2) IS NOT NULL AND sqlift.json_repeats($1, $2) IS NOT TRUE
$f$;
-- What it finds there, as JSON and as text.
CREATE OR REPLACE FUNCTION sqlift.json_at(doc text, path text) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_only_name($2) IS NOT NULL THEN $1::pg_catalog.json OPERATOR(pg_catalog.->) sqlift.json_only_name($2)
                ELSE $1::pg_catalog.json OPERATOR(pg_catalog.#>) sqlift.json_names($2) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_text_at(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_only_name($2) IS NOT NULL THEN $1::pg_catalog.json OPERATOR(pg_catalog.->>) sqlift.json_only_name($2)
                ELSE $1::pg_catalog.json OPERATOR(pg_catalog.#>>) sqlift.json_names($2) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_has_no_blank(doc text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.strpos($1 COLLATE "C", ' ') OPERATOR(pg_catalog.=) 0 AND pg_catalog.strpos($1 COLLATE "C", E'\n') OPERATOR(pg_catalog.=) 0
        AND pg_catalog.strpos($1 COLLATE "C", E'\t') OPERATOR(pg_catalog.=) 0 AND pg_catalog.strpos($1 COLLATE "C", E'\r') OPERATOR(pg_catalog.=) 0
$f$;

-- Whether a value at a path that does not repeat is text.
CREATE OR REPLACE FUNCTION sqlift.json_is_string(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name($2) OPERATOR(pg_catalog.||) '"') OPERATOR(pg_catalog.>) 0
$f$;
-- Whether a name that does not repeat is a number's, null's or not there; `other` are the characters that such numbers do not
-- have. Up to the next comma there is the number alone, and what closes around it. Fifteen digits a real keeps.
CREATE OR REPLACE FUNCTION sqlift.json_is_number(doc text, name text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.octet_length(pg_catalog.split_part(pg_catalog.split_part($1 COLLATE "C", $2, 2), ',', 1)) OPERATOR(pg_catalog.<=) 16
        AND pg_catalog.split_part(pg_catalog.split_part($1 COLLATE "C", $2, 2), ',', 1) OPERATOR(pg_catalog.!~) $3
$f$;
-- The elements of the array, up to the first bracket that closes one.
CREATE OR REPLACE FUNCTION sqlift.json_elements(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.split_part(pg_catalog.split_part($1 COLLATE "C", sqlift.json_array_name($2), 2), ']', 1)
$f$;
-- Whether the value is an integer among integers, or not there.
CREATE OR REPLACE FUNCTION sqlift.json_is_element(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_elements($1, $2) OPERATOR(pg_catalog.~) '^[0-9,]+$'
        AND pg_catalog.octet_length(CASE WHEN sqlift.json_last_index($2) OPERATOR(pg_catalog.>) 0 THEN pg_catalog.split_part(sqlift.json_elements($1, $2), ',', sqlift.json_last_index($2) OPERATOR(pg_catalog.+) 1)
                                         WHEN sqlift.json_last_index($2) OPERATOR(pg_catalog.=) -1 THEN pg_catalog.substring(sqlift.json_elements($1, $2), '[0-9]*$')
                                         ELSE sqlift.json_elements($1, $2) END) OPERATOR(pg_catalog.<=) 15
$f$;

-- What the document has at the path, if anything, by the first character of its value: 34 text, 48 an integer, 46 a real that is
-- written plainly, 91 an array, 102 false, 110 null, 116 true, 123 an object. The value may stand elsewhere than at the path,
-- and then PostgreSQL's functions find nothing there. 0 is everything else.
CREATE OR REPLACE FUNCTION sqlift.json_kind(doc text, path text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN sqlift.json_last_name($2) IS NULL AND sqlift.json_array_name($2) IS NULL THEN 0
        WHEN sqlift.json_repeats($1, $2) THEN 0
        WHEN sqlift.json_array_name($2) IS NOT NULL THEN CASE WHEN sqlift.json_is_element($1, $2) THEN 48 ELSE 0 END
        ELSE CASE COALESCE(NULLIF(pg_catalog.ascii(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2)), 32),
                           pg_catalog.ascii(pg_catalog.ltrim(pg_catalog.left(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2), 2))))
            WHEN 34 THEN 34
            WHEN 91 THEN 91
            WHEN 102 THEN 102
            WHEN 110 THEN 110
            WHEN 116 THEN 116
            WHEN 123 THEN 123
            -- An exponent makes a real, which jsonb's number would not tell, and it has no negative zero.
            WHEN 45 THEN CASE WHEN sqlift.json_is_number($1, sqlift.json_last_name($2), '[.eE]|-0') THEN 48
                              WHEN sqlift.json_is_number($1, sqlift.json_last_name($2), '[eE]|-0') THEN 46
                              ELSE 0 END
            -- Blanks may stand on both sides of a colon, and ahead of an array's elements.
            ELSE CASE WHEN pg_catalog.right(sqlift.json_last_name($2), 1) OPERATOR(pg_catalog.=) '['
                            AND pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name($2)) OPERATOR(pg_catalog.=) 0 THEN 0
                      WHEN sqlift.json_is_number($1, pg_catalog.rtrim(sqlift.json_last_name($2), ':'), '[^]}:0-9\s]') THEN 48
                      WHEN sqlift.json_is_number($1, sqlift.json_last_name($2), '[^]}:0-9.\s]')
                       AND pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name($2)) OPERATOR(pg_catalog.>) 0 THEN 46
                      WHEN $1 IS NULL THEN 110
                      ELSE 0 END
            END
        END
$f$;
-- The same for json_each, which also looks at whole documents: 91 an array, 123 an object.
CREATE OR REPLACE FUNCTION sqlift.json_container(doc text, root text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN $2 OPERATOR(pg_catalog.=) '$' THEN pg_catalog.ascii($1)
        WHEN sqlift.json_last_name($2) IS NULL THEN 0
        WHEN sqlift.json_repeats($1, $2) THEN 0
        ELSE pg_catalog.ascii(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2)) END
$f$;

-- Any element: the steps are the path's, or NULL.
CREATE OR REPLACE FUNCTION sqlift.json_pick(doc text, path text, steps text[]) RETURNS json LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    rest text := doc;
    step text;
    name text;
BEGIN
    IF doc IS NULL OR path IS NULL THEN RETURN NULL; END IF;
    IF steps IS NULL THEN RETURN sqlift.json_find(doc::json, path); END IF;
    IF pg_catalog.strpos(doc, '\') = 0 THEN
        FOREACH step IN ARRAY steps LOOP
            name := pg_catalog.substr(step, 2);
            IF pg_catalog.ascii(step) = 91 THEN
                rest := rest::json -> name::int;
            ELSIF pg_catalog.split_part(rest, '"' || name || '"', 3) = ''
                -- It may be a value too.
                OR pg_catalog.split_part(rest, '"' || name || '":', 3) = '' AND pg_catalog.strpos(rest, '"' || name || '" ') = 0
                   AND pg_catalog.strpos(rest, '"' || name || E'"\n') = 0 AND pg_catalog.strpos(rest, '"' || name || E'"\t') = 0 AND pg_catalog.strpos(rest, '"' || name || E'"\r') = 0 THEN
                rest := rest::json -> name;
            ELSE
                rest := CASE WHEN pg_catalog.json_typeof(rest::json) = 'object' THEN sqlift.json_member(rest::json, name) END;
            END IF;
            IF rest IS NULL THEN RETURN NULL; END IF;
        END LOOP;
        RETURN rest;
    END IF;
    FOREACH step IN ARRAY steps LOOP
        name := pg_catalog.substr(step, 2);
        rest := CASE WHEN pg_catalog.ascii(step) = 91 THEN rest::json -> name::int
                     WHEN pg_catalog.json_typeof(rest::json) = 'object' THEN sqlift.json_member(rest::json, name) END;
        IF rest IS NULL THEN RETURN NULL; END IF;
    END LOOP;
    RETURN rest;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_picked(doc text, path text, steps text[]) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    found json := sqlift.json_pick(doc, path, steps);
BEGIN
    RETURN sqlift.json_value(found);
END $f$;

CREATE OR REPLACE FUNCTION sqlift.json_picked_raw(doc text, path text, steps text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN pg_catalog.btrim(sqlift.json_pick(doc, path, steps)::text, E' \t\n\r');
END $f$;
-- A name that a document has several times, so that -> may find another member than SQLite. Where nothing but the document's own
-- brace opens ahead of the first of them, that one is a member of the document and the one SQLite takes; a number or a string there
-- is read out of the text, up to the comma that must follow. The document is still to be read as JSON, which it may not be.
CREATE OR REPLACE FUNCTION sqlift.json_first_is_own(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_only_name($2) IS NULL THEN false
        ELSE pg_catalog.ascii(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2)) OPERATOR(pg_catalog.=) ANY ('{34,48,49,50,51,52,53,54,55,56,57}'::pg_catalog.int4[])
            AND pg_catalog.strpos($1 COLLATE "C", '\') OPERATOR(pg_catalog.=) 0
            AND pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 123
            AND pg_catalog.strpos(pg_catalog.split_part($1 COLLATE "C", '{', 2), sqlift.json_last_name($2)) OPERATOR(pg_catalog.>) 0
            -- The first of the names that is written with its colon is the first of all.
            AND pg_catalog.strpos($1 COLLATE "C", sqlift.json_name($2, 1)) OPERATOR(pg_catalog.=) pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name($2)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_first(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2)) OPERATOR(pg_catalog.=) 34
        THEN '"' OPERATOR(pg_catalog.||) pg_catalog.split_part(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2), '"', 2) OPERATOR(pg_catalog.||) '"'
        ELSE pg_catalog.rtrim(pg_catalog.split_part(pg_catalog.split_part($1 COLLATE "C", sqlift.json_last_name($2), 2), ',', 1), E' \t\n\r') END
$f$;
-- Whether json_first is text or an integer that a real keeps.
CREATE OR REPLACE FUNCTION sqlift.json_first_is_short(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_first_is_own($1, $2) AND sqlift.json_first($1, $2) OPERATOR(pg_catalog.~) '^"|^[0-9]{1,15}$' AND $1::pg_catalog.json IS NOT NULL
$f$;
-- An element as it is written. The translator reads it once in a subquery, and what it is by its text (json_elements.sql).
CREATE OR REPLACE FUNCTION sqlift.json_raw(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_is_plain($1, $2) THEN sqlift.json_at($1, $2)::pg_catalog.text
                WHEN $2 OPERATOR(pg_catalog.=) '$' AND pg_catalog.ascii($1) IN (91, 123) THEN $1
                WHEN sqlift.json_first_is_own($1, $2) AND $1::pg_catalog.json IS NOT NULL THEN sqlift.json_first($1, $2)
                ELSE sqlift.json_picked_raw($1, $2, sqlift.json_steps($2)) END
$f$;

CREATE OR REPLACE FUNCTION sqlift.json_picked_text(doc text, path text, steps text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.json_minified(sqlift.json_pick(doc, path, steps));
END $f$;

CREATE OR REPLACE FUNCTION sqlift.json_extract(doc text, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN sqlift.json_is_plain($1, $2) AND sqlift.json_is_string($1, $2) THEN sqlift.json_at($1, $2)::pg_catalog.jsonb
        ELSE CASE sqlift.json_kind($1, $2)
        WHEN 34 THEN sqlift.json_at($1, $2)::pg_catalog.jsonb
        WHEN 48 THEN sqlift.json_at($1, $2)::pg_catalog.jsonb
        WHEN 46 THEN sqlift.json_at($1, $2)::pg_catalog.jsonb
        -- The document is read even so: it may be no JSON.
        WHEN 110 THEN CASE WHEN $1::pg_catalog.json IS NOT NULL THEN NULL::pg_catalog.jsonb END
        WHEN 116 THEN CASE sqlift.json_text_at($1, $2) WHEN 'true' THEN '1'::pg_catalog.jsonb END
        WHEN 102 THEN CASE sqlift.json_text_at($1, $2) WHEN 'false' THEN '0'::pg_catalog.jsonb END
        -- Text, where no blank is to be taken away. to_jsonb(text) is not IMMUTABLE.
        WHEN 91 THEN CASE WHEN sqlift.json_has_no_blank($1) THEN NULLIF(pg_catalog.jsonb_object(ARRAY['', sqlift.json_at($1, $2)::pg_catalog.text]) OPERATOR(pg_catalog.->) '', 'null')
                          ELSE sqlift.json_picked($1, $2, sqlift.json_steps($2)) END
        WHEN 123 THEN CASE WHEN sqlift.json_has_no_blank($1) THEN NULLIF(pg_catalog.jsonb_object(ARRAY['', sqlift.json_at($1, $2)::pg_catalog.text]) OPERATOR(pg_catalog.->) '', 'null')
                           ELSE sqlift.json_picked($1, $2, sqlift.json_steps($2)) END
        ELSE CASE WHEN sqlift.json_first_is_short($1, $2) THEN sqlift.json_first($1, $2)::pg_catalog.jsonb
                  ELSE sqlift.json_picked($1, $2, sqlift.json_steps($2)) END END END
$f$;

-- -> and ->>: the right side is a path, a label or an index.
CREATE OR REPLACE FUNCTION sqlift.json_step_path(step text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.left($1, 1) OPERATOR(pg_catalog.=) '$' OR $1 OPERATOR(pg_catalog.=) '' THEN $1
        WHEN $1 OPERATOR(pg_catalog.~) '^\[.+\]$' THEN '$' OPERATOR(pg_catalog.||) $1
        ELSE '$."' OPERATOR(pg_catalog.||) $1 OPERATOR(pg_catalog.||) '"' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_step_path(step bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) 0 THEN '$[#' ELSE '$[' END OPERATOR(pg_catalog.||) $1::pg_catalog.text OPERATOR(pg_catalog.||) ']'
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_member_text(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN NOT sqlift.json_is_plain($1, $2) THEN sqlift.json_picked_text($1, $2, sqlift.json_steps($2))
        WHEN sqlift.json_has_no_blank($1) THEN sqlift.json_at($1, $2)::pg_catalog.text
        -- No blank is to be taken away.
        WHEN sqlift.json_kind($1, $2) NOT IN (0, 91, 123) THEN sqlift.json_at($1, $2)::pg_catalog.text
        ELSE sqlift.json_picked_text($1, $2, sqlift.json_steps($2)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow(doc text, step text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_member_text($1, sqlift.json_step_path($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow(doc text, step bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_member_text($1, sqlift.json_step_path($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow_text(doc text, step text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_extract($1, sqlift.json_step_path($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow_text(doc text, step bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_extract($1, sqlift.json_step_path($2)) $f$;

-- What json_extract gives, where the class is known that it is used in.

CREATE OR REPLACE FUNCTION sqlift.json_letters(x jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE pg_catalog.jsonb_typeof(x) WHEN 'string' THEN x #>> '{}' ELSE '' END;
END $f$;

-- As text.
CREATE OR REPLACE FUNCTION sqlift.json_extract_text(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN sqlift.json_is_plain($1, $2) AND sqlift.json_is_string($1, $2) THEN sqlift.json_text_at($1, $2)
        ELSE CASE sqlift.json_kind($1, $2)
        WHEN 34 THEN sqlift.json_text_at($1, $2)
        WHEN 48 THEN sqlift.json_text_at($1, $2)
        WHEN 110 THEN CASE WHEN $1::pg_catalog.json IS NOT NULL THEN NULL::pg_catalog.text END
        ELSE CASE WHEN sqlift.json_first_is_short($1, $2) THEN sqlift.json_first($1, $2)::pg_catalog.json OPERATOR(pg_catalog.#>>) '{}'
                  ELSE sqlift.to_text(sqlift.json_picked($1, $2, sqlift.json_steps($2))) END END END
$f$;
-- Before or behind other text: numbers, which come before all text, as the empty one.
CREATE OR REPLACE FUNCTION sqlift.json_extract_letters(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN sqlift.json_is_plain($1, $2) AND sqlift.json_is_string($1, $2) THEN sqlift.json_text_at($1, $2)
        ELSE CASE sqlift.json_kind($1, $2)
        WHEN 34 THEN sqlift.json_text_at($1, $2)
        WHEN 110 THEN CASE WHEN $1::pg_catalog.json IS NOT NULL THEN NULL::pg_catalog.text END
        ELSE CASE WHEN sqlift.json_first_is_short($1, $2) THEN sqlift.json_letters(sqlift.json_first($1, $2)::pg_catalog.jsonb)
                  ELSE sqlift.json_letters(sqlift.json_picked($1, $2, sqlift.json_steps($2))) END END END
$f$;
-- CAST(... AS INTEGER).
CREATE OR REPLACE FUNCTION sqlift.json_extract_integer(doc text, path text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE sqlift.json_kind($1, $2)
        WHEN 48 THEN sqlift.json_text_at($1, $2)::pg_catalog.int8
        WHEN 110 THEN CASE WHEN $1::pg_catalog.json IS NOT NULL THEN NULL::pg_catalog.int8 END
        ELSE sqlift.to_integer(sqlift.json_picked($1, $2, sqlift.json_steps($2))) END
$f$;
-- CAST(... AS REAL).
CREATE OR REPLACE FUNCTION sqlift.json_extract_real(doc text, path text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE sqlift.json_kind($1, $2)
        WHEN 48 THEN sqlift.json_text_at($1, $2)::pg_catalog.float8
        WHEN 46 THEN sqlift.json_text_at($1, $2)::pg_catalog.float8
        WHEN 110 THEN CASE WHEN $1::pg_catalog.json IS NOT NULL THEN NULL::pg_catalog.float8 END
        ELSE sqlift.to_real(sqlift.json_picked($1, $2, sqlift.json_steps($2))) END
$f$;
-- Beside a number: NaN is greater than all numbers, as SQLite has text. `affinity` says that text which is a number counts as one.
CREATE OR REPLACE FUNCTION sqlift.json_rank(x jsonb, affinity boolean) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    n jsonb := x;
BEGIN
    IF affinity AND pg_catalog.jsonb_typeof(n) = 'string' THEN n := sqlift.number_key(n #>> '{}'); END IF;
    RETURN CASE WHEN pg_catalog.jsonb_typeof(n) = 'number' THEN n::numeric ELSE 'NaN' END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_picked_rank(doc text, path text, steps text[], affinity boolean) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    found jsonb := sqlift.json_picked(doc, path, steps);
BEGIN
    RETURN sqlift.json_rank(found, affinity);
END $f$;
-- Whether the value is a number of these characters, or not there.
CREATE OR REPLACE FUNCTION sqlift.json_is_plain_number(doc text, path text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_array_name($2) IS NOT NULL THEN sqlift.json_is_element($1, $2)
                WHEN pg_catalog.right(sqlift.json_last_name($2), 1) OPERATOR(pg_catalog.=) '['
                    THEN pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name($2)) OPERATOR(pg_catalog.>) 0 AND sqlift.json_is_number($1, sqlift.json_last_name($2), $3)
                ELSE sqlift.json_is_number($1, pg_catalog.rtrim(sqlift.json_last_name($2), ':'), $3) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_rank(doc text, path text, affinity boolean) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN NOT sqlift.json_is_plain($1, $2) THEN sqlift.json_picked_rank($1, $2, sqlift.json_steps($2), $3)
        WHEN sqlift.json_is_plain_number($1, $2, '[^]}:0-9.nul\s-]') THEN sqlift.json_text_at($1, $2)::pg_catalog.numeric
        ELSE sqlift.json_picked_rank($1, $2, sqlift.json_steps($2), $3) END
$f$;

-- sum() of JSON values: integers in one sum of PostgreSQL's, everything else as reals in another.
CREATE OR REPLACE FUNCTION sqlift.json_integer_addend(x jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1)
        WHEN 'number' THEN CASE WHEN pg_catalog.scale($1::pg_catalog.numeric) OPERATOR(pg_catalog.=) 0 THEN $1::pg_catalog.int8 END
        WHEN 'string' THEN CASE WHEN $1 OPERATOR(pg_catalog.#>>) '{}' OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]{1,18}[ \\t\\n\\v\\f\\r]*$'
            THEN ($1 OPERATOR(pg_catalog.#>>) '{}')::pg_catalog.int8 END END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_real_addend(x jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1)
        WHEN 'number' THEN CASE WHEN pg_catalog.scale($1::pg_catalog.numeric) OPERATOR(pg_catalog.>) 0 THEN sqlift.to_real($1) END
        WHEN 'string' THEN CASE WHEN $1 OPERATOR(pg_catalog.#>>) '{}' OPERATOR(pg_catalog.!~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]{1,18}[ \\t\\n\\v\\f\\r]*$'
            THEN sqlift.to_real($1) END END
$f$;
-- Both in one numeric, whose scale tells: for windows.
CREATE OR REPLACE FUNCTION sqlift.json_addend(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(sqlift.json_integer_addend($1), sqlift.to_operand(sqlift.json_real_addend($1)))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_picked_integer_addend(doc text, path text, steps text[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    found jsonb := sqlift.json_picked(doc, path, steps);
BEGIN
    RETURN sqlift.json_integer_addend(found);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_picked_real_addend(doc text, path text, steps text[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    found jsonb := sqlift.json_picked(doc, path, steps);
BEGIN
    RETURN sqlift.json_real_addend(found);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_integer_addend(doc text, path text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN NOT sqlift.json_is_plain($1, $2) THEN sqlift.json_picked_integer_addend($1, $2, sqlift.json_steps($2))
        WHEN sqlift.json_is_plain_number($1, $2, '[^]}:0-9nul\s-]') THEN sqlift.json_text_at($1, $2)::pg_catalog.int8
        ELSE sqlift.json_picked_integer_addend($1, $2, sqlift.json_steps($2)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_real_addend(doc text, path text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN NOT sqlift.json_is_plain($1, $2) THEN sqlift.json_picked_real_addend($1, $2, sqlift.json_steps($2))
        WHEN sqlift.json_is_plain_number($1, $2, '[^]}:0-9nul\s-]') THEN NULL
        WHEN sqlift.json_kind($1, $2) OPERATOR(pg_catalog.=) 46 THEN sqlift.json_text_at($1, $2)::pg_catalog.float8
        ELSE sqlift.json_picked_real_addend($1, $2, sqlift.json_steps($2)) END
$f$;
-- {sum, what was rounded away, rows}, as in aggregates.sql.
CREATE OR REPLACE AGGREGATE sqlift.real_parts(double precision) (SFUNC = sqlift.sum_step, STYPE = double precision[], INITCOND = '{0,0,0}');
CREATE OR REPLACE FUNCTION sqlift.json_sum(whole numeric, parts double precision[]) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    v double precision;
BEGIN
    IF parts[3] = 0 THEN
        IF whole NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
            RAISE EXCEPTION 'integer overflow' USING ERRCODE = 'numeric_value_out_of_range';
        END IF;
        RETURN whole;
    END IF;
    IF whole IS NOT NULL THEN
        -- An integer beyond 53 bits in two pieces.
        v := whole;
        parts := sqlift.sum_step(parts, v);
        parts[2] := parts[2] + (whole - sqlift.whole(v))::double precision;
    END IF;
    RETURN sqlift.to_operand(parts[1] + parts[2]);
END $f$;

CREATE OR REPLACE FUNCTION sqlift.json_type_name(doc json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.json_typeof($1)
        WHEN 'boolean' THEN pg_catalog.btrim($1::pg_catalog.text, E' \t\n\r')
        WHEN 'string' THEN 'text'
        WHEN 'number' THEN CASE WHEN $1::pg_catalog.text OPERATOR(pg_catalog.~) '[.eE]' THEN 'real' ELSE 'integer' END
        ELSE pg_catalog.json_typeof($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_picked_type(doc text, path text, steps text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    found json := sqlift.json_pick(doc, path, steps);
BEGIN
    RETURN sqlift.json_type_name(found);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_type(doc text, path text DEFAULT '$') RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN $2 OPERATOR(pg_catalog.=) '$' AND pg_catalog.left($1, 1) IN ('{', '[', '"') THEN pg_catalog.replace(pg_catalog.json_typeof($1::pg_catalog.json), 'string', 'text')
        -- An element elsewhere is none.
        ELSE CASE sqlift.json_kind($1, $2)
            WHEN 34 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'text' END
            WHEN 46 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'real' END
            WHEN 48 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'integer' END
            WHEN 91 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'array' END
            WHEN 102 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'false' END
            WHEN 110 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'null' END
            WHEN 116 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'true' END
            WHEN 123 THEN CASE WHEN sqlift.json_at($1, $2) IS NOT NULL THEN 'object' END
            ELSE sqlift.json_picked_type($1, $2, sqlift.json_steps($2)) END
        END
$f$;

CREATE OR REPLACE FUNCTION sqlift.json_picked_length(doc text, path text, steps text[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    found json := sqlift.json_pick(doc, path, steps);
BEGIN
    IF found IS NULL THEN RETURN NULL; END IF;
    RETURN CASE pg_catalog.json_typeof(found) WHEN 'array' THEN pg_catalog.json_array_length(found) ELSE 0 END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_array_length(doc text, path text DEFAULT '$') RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN $2 OPERATOR(pg_catalog.=) '$' AND pg_catalog.left($1, 1) OPERATOR(pg_catalog.=) '[' THEN pg_catalog.json_array_length($1::pg_catalog.json)
        WHEN sqlift.json_container($1, $2) OPERATOR(pg_catalog.=) 91 THEN pg_catalog.json_array_length(sqlift.json_at($1, $2))
        ELSE sqlift.json_picked_length($1, $2, sqlift.json_steps($2)) END
$f$;

-- The same of jsonb columns, whose members have one value each.
CREATE OR REPLACE FUNCTION sqlift.json_extract(doc jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN sqlift.json_plain_names($2) IS NULL THEN sqlift.json_picked($1::pg_catalog.text, $2, sqlift.json_steps($2))
        ELSE CASE pg_catalog.jsonb_typeof($1 OPERATOR(pg_catalog.#>) sqlift.json_plain_names($2))
            WHEN 'string' THEN $1 OPERATOR(pg_catalog.#>) sqlift.json_plain_names($2)
            WHEN 'number' THEN CASE WHEN pg_catalog.octet_length($1 OPERATOR(pg_catalog.#>>) sqlift.json_plain_names($2)) OPERATOR(pg_catalog.<=) 15
                THEN $1 OPERATOR(pg_catalog.#>) sqlift.json_plain_names($2) ELSE sqlift.json_picked($1::pg_catalog.text, $2, sqlift.json_steps($2)) END
            WHEN 'null' THEN NULL
            WHEN 'boolean' THEN CASE $1 OPERATOR(pg_catalog.#>>) sqlift.json_plain_names($2) WHEN 'true' THEN '1'::pg_catalog.jsonb ELSE '0'::pg_catalog.jsonb END
            WHEN 'object' THEN sqlift.json_picked($1::pg_catalog.text, $2, sqlift.json_steps($2))
            WHEN 'array' THEN sqlift.json_picked($1::pg_catalog.text, $2, sqlift.json_steps($2))
            END
        END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_text(doc jsonb, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1 OPERATOR(pg_catalog.#>) sqlift.json_plain_names($2))
        WHEN 'string' THEN $1 OPERATOR(pg_catalog.#>>) sqlift.json_plain_names($2)
        ELSE sqlift.to_text(sqlift.json_extract($1, $2)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_letters(doc jsonb, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1 OPERATOR(pg_catalog.#>) sqlift.json_plain_names($2))
        WHEN 'string' THEN $1 OPERATOR(pg_catalog.#>>) sqlift.json_plain_names($2)
        ELSE sqlift.json_letters(sqlift.json_extract($1, $2)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_integer(doc jsonb, path text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.to_integer(sqlift.json_extract($1, $2))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_real(doc jsonb, path text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.to_real(sqlift.json_extract($1, $2))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_integer_addend(doc jsonb, path text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_integer_addend(sqlift.json_extract($1, $2))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_real_addend(doc jsonb, path text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_real_addend(sqlift.json_extract($1, $2))
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_extract_rank(doc jsonb, path text, affinity boolean) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_rank(sqlift.json_extract($1, $2), $3)
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow(doc jsonb, step text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_picked_text($1::pg_catalog.text, sqlift.json_step_path($2), sqlift.json_steps(sqlift.json_step_path($2))) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow(doc jsonb, step bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_picked_text($1::pg_catalog.text, sqlift.json_step_path($2), sqlift.json_steps(sqlift.json_step_path($2))) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow_text(doc jsonb, step text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_extract($1, sqlift.json_step_path($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_arrow_text(doc jsonb, step bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.json_extract($1, sqlift.json_step_path($2)) $f$;
