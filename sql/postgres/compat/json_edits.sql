-- JSON with other members: json_set, json_insert, json_replace, json_remove, json_patch. https://sqlite.org/json1.html
-- A document keeps its order and its writing, so a change is one of its text: what PostgreSQL's functions find at a place is
-- cut out of it or written anew. Where a name stands twice or the place is not that easily found, json_put goes through all members.

-- The steps of a path for json_edited: '"name":' as a document has it, '[3', '[-1' from the end, '[#' behind the last.
-- NULL of other paths.
CREATE OR REPLACE FUNCTION sqlift.json_edit_steps(path text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    rest text := path;
    is_behind boolean := path LIKE '%[#]';
    step text;
    steps text[] := '{}';
BEGIN
    IF is_behind THEN rest := pg_catalog.left(path, -3); END IF;
    FOREACH step IN ARRAY sqlift.json_steps(rest) LOOP
        IF pg_catalog.left(step, 1) = '.' THEN
            IF step !~ '^\.[ !#-.0-\[\]-~]+$' THEN RETURN NULL; END IF;
            step := '"' || pg_catalog.substr(step, 2) || '":';
        END IF;
        steps := steps || step;
    END LOOP;
    RETURN CASE WHEN is_behind THEN steps || '[#'::text ELSE steps END;
EXCEPTION WHEN null_value_not_allowed THEN
    RETURN NULL;
END $f$;

-- What is made where nothing is: the members and elements that the steps from `at` on name, around `fragment`. NULL where they
-- name an element that has others before it.
CREATE OR REPLACE FUNCTION sqlift.json_wrapped(steps text[], at integer, fragment text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    made text := fragment;
BEGIN
    FOR i IN REVERSE pg_catalog.cardinality(steps) .. at LOOP
        made := CASE WHEN pg_catalog.ascii(steps[i]) = 34 THEN '{' || steps[i] || made || '}' WHEN steps[i] IN ('[0', '[#') THEN '[' || made || ']' END;
    END LOOP;
    RETURN made;
END $f$;

-- Whether an object or array has no blanks behind its first character. Those between two tokens have a character of the grammar
-- at one side, and a comma is followed by a value.
CREATE OR REPLACE FUNCTION sqlift.json_is_compact(doc text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_has_no_blank($1) THEN true
                ELSE $1 COLLATE "C" OPERATOR(pg_catalog.!~) '[]}{[]\s|\s[]}{[,:]|":\s|,\s["[{0-9tfn\s-]' END
$f$;

-- One change of JSON without blanks, by json_put's modes 's', 'i', 'r' and 'd': its text, or NULL where json_put is to be asked.
CREATE OR REPLACE FUNCTION sqlift.json_edited(doc text, steps text[], at integer, fragment text, mode text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    step text := steps[at];
    is_last boolean := at = pg_catalog.cardinality(steps);
    found text;
    made text;
    first integer := 2;
    nth integer;
BEGIN
    IF pg_catalog.ascii(step) = 34 THEN
        IF pg_catalog.ascii(doc) <> 123 THEN RETURN doc; END IF;
        IF pg_catalog.split_part(doc, step, 3) <> '' THEN RETURN NULL; END IF;
        -- A name may be written with \u00, and another one end like this one.
        IF pg_catalog.strpos(doc, '\') > 0 AND (pg_catalog.strpos(doc, '\u00') > 0 OR pg_catalog.strpos(doc, '\' || step) > 0) THEN RETURN NULL; END IF;
        found := doc::json -> pg_catalog.substr(step, 2, pg_catalog.length(step) - 3);
        IF found IS NULL THEN
            IF mode IN ('r', 'd') THEN RETURN doc; END IF;
            made := CASE WHEN is_last THEN fragment ELSE sqlift.json_wrapped(steps, at + 1, fragment) END;
            RETURN CASE WHEN made IS NULL THEN doc WHEN doc = '{}' THEN '{' || step || made || '}' ELSE pg_catalog.left(doc, -1) || ',' || step || made || '}' END;
        END IF;
        IF NOT is_last THEN
            made := sqlift.json_edited(found, steps, at + 1, fragment, mode);
            RETURN pg_catalog.replace(doc, step || found, step || made);
        END IF;
        IF mode = 'i' THEN RETURN doc; END IF;
        IF mode <> 'd' THEN RETURN pg_catalog.replace(doc, step || found, step || fragment); END IF;
        found := step || found;
        IF pg_catalog.strpos(doc, ',' || found) > 0 THEN RETURN pg_catalog.replace(doc, ',' || found, ''); END IF;
        IF pg_catalog.strpos(doc, found || ',') > 0 THEN RETURN pg_catalog.replace(doc, found || ',', ''); END IF;
        RETURN pg_catalog.replace(doc, found, '');
    END IF;
    IF pg_catalog.ascii(doc) <> 91 THEN RETURN doc; END IF;
    IF step <> '[#' THEN
        nth := pg_catalog.substr(step, 2);
        found := doc::json -> nth;
    END IF;
    IF found IS NULL THEN
        IF mode IN ('r', 'd') OR step <> '[#' AND nth <> pg_catalog.json_array_length(doc::json) THEN RETURN doc; END IF;
        made := CASE WHEN is_last THEN fragment ELSE sqlift.json_wrapped(steps, at + 1, fragment) END;
        RETURN CASE WHEN made IS NULL THEN doc WHEN doc = '[]' THEN '[' || made || ']' ELSE pg_catalog.left(doc, -1) || ',' || made || ']' END;
    END IF;
    IF is_last AND mode = 'i' THEN RETURN doc; END IF;
    IF nth < 0 THEN nth := nth + pg_catalog.json_array_length(doc::json); END IF;
    -- Where the element begins.
    IF nth < 3 THEN
        FOR i IN 0 .. nth - 1 LOOP
            first := first + pg_catalog.length((doc::json -> i)::text) + 1;
        END LOOP;
    ELSE
        first := 2 + (SELECT pg_catalog.sum(pg_catalog.length(e.value::text) + 1) FROM pg_catalog.json_array_elements(doc::json) WITH ORDINALITY AS e(value, place) WHERE e.place <= nth);
    END IF;
    IF is_last AND mode = 'd' THEN
        -- With the comma behind it, or, of the last one, the comma before it.
        IF pg_catalog.substr(doc, first + pg_catalog.length(found), 1) = ',' THEN
            RETURN pg_catalog.left(doc, first - 1) || pg_catalog.substr(doc, first + pg_catalog.length(found) + 1);
        END IF;
        RETURN CASE WHEN nth = 0 THEN '[]' ELSE pg_catalog.left(doc, first - 2) || ']' END;
    END IF;
    made := CASE WHEN is_last THEN fragment ELSE sqlift.json_edited(found, steps, at + 1, fragment, mode) END;
    RETURN pg_catalog.left(doc, first - 1) || made || pg_catalog.substr(doc, first + pg_catalog.length(found));
END $f$;

-- json_set, json_insert, json_replace, json_array_insert: a path and a member's text; the steps are the path's, or NULL.
CREATE OR REPLACE FUNCTION sqlift.json_changed(mode text, doc text, path text, fragment text, steps text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    whole text := doc;
    changed text;
BEGIN
    IF whole IS NULL THEN RETURN NULL; END IF;
    IF path IS NULL THEN RETURN CASE WHEN mode <> 'd' THEN sqlift.json_minified(whole::json) END; END IF;
    IF pg_catalog.ascii(whole) NOT IN (91, 123) OR NOT sqlift.json_is_compact(whole) THEN
        IF pg_catalog.strpos(whole, '\') = 0 AND pg_catalog.strpos(whole, 'null') = 0 THEN
            whole := pg_catalog.json_strip_nulls(whole::json)::text;
        ELSE
            whole := sqlift.json_minified(whole::json);
        END IF;
    END IF;
    IF mode <> 'a' AND pg_catalog.cardinality(steps) > 0 THEN
        -- An object is looked through for its name; of everything else it may not have been seen yet whether it is JSON.
        IF pg_catalog.ascii(whole) <> 123 OR pg_catalog.ascii(steps[1]) <> 34 THEN PERFORM whole::json; END IF;
        changed := sqlift.json_edited(whole, steps, 1, fragment, mode);
        IF changed IS NOT NULL THEN RETURN changed; END IF;
    END IF;
    IF mode = 'a' AND path !~ '\]$' THEN
        RAISE EXCEPTION 'not an array element: %', pg_catalog.quote_literal(path) USING ERRCODE = 'SL003';
    END IF;
    IF pg_catalog.left(path, 1) <> '$' THEN
        RAISE EXCEPTION 'bad JSON path: %', pg_catalog.quote_literal(path) USING ERRCODE = 'SL003';
    END IF;
    changed := sqlift.json_put(whole::json, pg_catalog.substr(path, 2), fragment, mode);
    RETURN CASE WHEN mode = 'd' THEN changed ELSE coalesce(changed, whole) END;
END $f$;
-- What the planner puts in place of the calls, for paths of one to three names that stand in a document once.

-- Whether an object has no blanks, no escapes, and no name of the path twice.
CREATE OR REPLACE FUNCTION sqlift.json_is_editable(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_plain_names($2) IS NOT NULL
        AND pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 123
        AND pg_catalog.strpos($1 COLLATE "C", '\') OPERATOR(pg_catalog.=) 0
        AND sqlift.json_repeats($1, $2) IS NOT TRUE
        AND sqlift.json_is_compact($1)
$f$;
-- The same of an object with blanks, for a path of one name whose value is none that has blanks. json_strip_nulls takes the
-- blanks away, where there is no null that would go too.
CREATE OR REPLACE FUNCTION sqlift.json_is_spaced(doc text, path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_only_name($2) IS NOT NULL
        AND pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 123
        AND pg_catalog.strpos($1 COLLATE "C", '\') OPERATOR(pg_catalog.=) 0
        AND pg_catalog.strpos($1 COLLATE "C", 'null') OPERATOR(pg_catalog.=) 0
        AND sqlift.json_kind($1, $2) NOT IN (0, 91, 123)
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_change_spaced(mode text, doc text, path text, fragment text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(
        pg_catalog.replace(sqlift.json_stripped($2),
                           sqlift.json_last_name($3) OPERATOR(pg_catalog.||) sqlift.json_at($2, $3)::pg_catalog.text, sqlift.json_last_name($3) OPERATOR(pg_catalog.||) $4),
        CASE WHEN $1 OPERATOR(pg_catalog.=) 'r' THEN sqlift.json_stripped($2)
             ELSE pg_catalog.left(sqlift.json_stripped($2), -1)
                  OPERATOR(pg_catalog.||) CASE WHEN pg_catalog.strpos($2 COLLATE "C", '"') OPERATOR(pg_catalog.>) 0 THEN ',' ELSE '' END
                  OPERATOR(pg_catalog.||) sqlift.json_last_name($3) OPERATOR(pg_catalog.||) $4 OPERATOR(pg_catalog.||) '}' END)
$f$;
-- An object with a further member at its end.
CREATE OR REPLACE FUNCTION sqlift.json_appended(doc text, member text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.left($1, -1) OPERATOR(pg_catalog.||) CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.>) 2 THEN ',' ELSE '' END OPERATOR(pg_catalog.||) $2 OPERATOR(pg_catalog.||) '}'
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_change_member(mode text, doc text, path text, fragment text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN $1 IN ('s', 'r') THEN COALESCE(
            pg_catalog.replace($2, sqlift.json_last_name($3) OPERATOR(pg_catalog.||) sqlift.json_at($2, $3)::pg_catalog.text,
                               sqlift.json_last_name($3) OPERATOR(pg_catalog.||) $4),
            CASE WHEN $1 OPERATOR(pg_catalog.=) 'r' THEN $2
                 WHEN sqlift.json_only_name($3) IS NOT NULL THEN sqlift.json_appended($2, sqlift.json_last_name($3) OPERATOR(pg_catalog.||) $4) END)
        WHEN $1 OPERATOR(pg_catalog.=) 'i' THEN
            CASE WHEN sqlift.json_at($2, $3) IS NOT NULL THEN $2
                 WHEN sqlift.json_only_name($3) IS NOT NULL THEN sqlift.json_appended($2, sqlift.json_last_name($3) OPERATOR(pg_catalog.||) $4) END
        WHEN $1 OPERATOR(pg_catalog.=) 'd' THEN CASE
            WHEN pg_catalog.strpos($2 COLLATE "C", ',' OPERATOR(pg_catalog.||) sqlift.json_last_name($3)) OPERATOR(pg_catalog.>) 0
                THEN COALESCE(pg_catalog.replace($2, ',' OPERATOR(pg_catalog.||) sqlift.json_last_name($3) OPERATOR(pg_catalog.||) sqlift.json_at($2, $3)::pg_catalog.text, ''), $2)
            -- The first one.
            WHEN sqlift.json_only_name($3) IS NOT NULL
                THEN COALESCE('{' OPERATOR(pg_catalog.||) pg_catalog.ltrim(pg_catalog.substr($2, 2 OPERATOR(pg_catalog.+) pg_catalog.length(sqlift.json_last_name($3)) OPERATOR(pg_catalog.+) pg_catalog.length(sqlift.json_at($2, $3)::pg_catalog.text)), ','), $2) END
        END
$f$;

-- The path of an array and the index of an element of it: one of the first four, or -1 for what is behind all. NULL of other paths.
CREATE OR REPLACE FUNCTION sqlift.json_array_path(path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    p text[] := pg_catalog.regexp_match(path, '^(.*)\[[0123#]\]$');
BEGIN
    RETURN CASE WHEN sqlift.json_plain_names(p[1]) IS NOT NULL THEN p[1] END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_array_index(path text) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE pg_catalog.right(path, 3) WHEN '[0]' THEN 0 WHEN '[1]' THEN 1 WHEN '[2]' THEN 2 WHEN '[3]' THEN 3 WHEN '[#]' THEN -1 END;
END $f$;
-- How long this element of the array is, with the comma behind it, where it stands before the element of the path.
CREATE OR REPLACE FUNCTION sqlift.json_length_ahead(doc text, path text, element integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_array_index($2) OPERATOR(pg_catalog.>) $3
        THEN 1 OPERATOR(pg_catalog.+) pg_catalog.length(($1::pg_catalog.json OPERATOR(pg_catalog.#>) (sqlift.json_names(sqlift.json_array_path($2)) OPERATOR(pg_catalog.||) $3::pg_catalog.text))::pg_catalog.text)
        ELSE 0 END
$f$;
-- The place in the text where the array begins.
CREATE OR REPLACE FUNCTION sqlift.json_array_place(doc text, path text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name(sqlift.json_array_path($2))) OPERATOR(pg_catalog.+) pg_catalog.length(sqlift.json_last_name(sqlift.json_array_path($2)))
$f$;
-- The element of the path.
CREATE OR REPLACE FUNCTION sqlift.json_array_element(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT ($1::pg_catalog.json OPERATOR(pg_catalog.#>) (sqlift.json_names(sqlift.json_array_path($2)) OPERATOR(pg_catalog.||) sqlift.json_array_index($2)::pg_catalog.text))::pg_catalog.text
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_change_element(mode text, doc text, path text, fragment text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        -- No array.
        WHEN pg_catalog.strpos($2 COLLATE "C", sqlift.json_last_name(sqlift.json_array_path($3)) OPERATOR(pg_catalog.||) '[') OPERATOR(pg_catalog.=) 0 THEN NULL
        WHEN sqlift.json_array_index($3) OPERATOR(pg_catalog.=) -1 AND $1 IN ('s', 'i') THEN
            CASE WHEN pg_catalog.strpos($2 COLLATE "C", sqlift.json_last_name(sqlift.json_array_path($3)) OPERATOR(pg_catalog.||) '[]') OPERATOR(pg_catalog.=) 0 THEN
                pg_catalog.overlay($2, ',' OPERATOR(pg_catalog.||) $4,
                    sqlift.json_array_place($2, $3) OPERATOR(pg_catalog.+) pg_catalog.length(($2::pg_catalog.json OPERATOR(pg_catalog.#>) sqlift.json_names(sqlift.json_array_path($3)))::pg_catalog.text) OPERATOR(pg_catalog.-) 1, 0) END
        WHEN sqlift.json_array_index($3) OPERATOR(pg_catalog.>=) 0 AND $1 IN ('s', 'r') THEN
            pg_catalog.overlay($2, $4,
                sqlift.json_array_place($2, $3) OPERATOR(pg_catalog.+) 1 OPERATOR(pg_catalog.+) sqlift.json_length_ahead($2, $3, 0) OPERATOR(pg_catalog.+) sqlift.json_length_ahead($2, $3, 1) OPERATOR(pg_catalog.+) sqlift.json_length_ahead($2, $3, 2),
                pg_catalog.length(sqlift.json_array_element($2, $3)))
        WHEN sqlift.json_array_index($3) OPERATOR(pg_catalog.>) 0 AND $1 OPERATOR(pg_catalog.=) 'd' THEN
            pg_catalog.overlay($2, '',
                sqlift.json_array_place($2, $3) OPERATOR(pg_catalog.+) sqlift.json_length_ahead($2, $3, 0) OPERATOR(pg_catalog.+) sqlift.json_length_ahead($2, $3, 1) OPERATOR(pg_catalog.+) sqlift.json_length_ahead($2, $3, 2),
                1 OPERATOR(pg_catalog.+) pg_catalog.length(sqlift.json_array_element($2, $3)))
        WHEN sqlift.json_array_index($3) OPERATOR(pg_catalog.=) 0 AND $1 OPERATOR(pg_catalog.=) 'd' THEN
            pg_catalog.replace(
                pg_catalog.replace($2, sqlift.json_last_name(sqlift.json_array_path($3)) OPERATOR(pg_catalog.||) '[' OPERATOR(pg_catalog.||) sqlift.json_array_element($2, $3), sqlift.json_last_name(sqlift.json_array_path($3)) OPERATOR(pg_catalog.||) '['),
                sqlift.json_last_name(sqlift.json_array_path($3)) OPERATOR(pg_catalog.||) '[,', sqlift.json_last_name(sqlift.json_array_path($3)) OPERATOR(pg_catalog.||) '[')
        END
$f$;

CREATE OR REPLACE FUNCTION sqlift.json_change(mode text, doc text, path text, fragment text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        -- A blank behind a name: looking for others takes as long as the change.
        WHEN $1 IN ('s', 'r') AND pg_catalog.strpos($2 COLLATE "C", '": ') OPERATOR(pg_catalog.>) 0 AND sqlift.json_is_spaced($2, $3) THEN sqlift.json_change_spaced($1, $2, $3, $4)
        WHEN sqlift.json_is_editable($2, $3) THEN COALESCE(sqlift.json_change_member($1, $2, $3, $4), sqlift.json_changed($1, $2, $3, $4, sqlift.json_edit_steps($3)))
        WHEN sqlift.json_is_editable($2, sqlift.json_array_path($3)) THEN COALESCE(sqlift.json_change_element($1, $2, $3, $4), sqlift.json_changed($1, $2, $3, $4, sqlift.json_edit_steps($3)))
        WHEN $1 IN ('s', 'r') AND sqlift.json_is_spaced($2, $3) THEN sqlift.json_change_spaced($1, $2, $3, $4)
        ELSE sqlift.json_changed($1, $2, $3, $4, sqlift.json_edit_steps($3)) END
$f$;
-- Two members of an object set at once: each is looked up in the document as it was.
CREATE OR REPLACE FUNCTION sqlift.json_member_of(doc text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_last_name($2) OPERATOR(pg_catalog.||) sqlift.json_at($1, $2)::pg_catalog.text
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_set_both(doc text, path text, fragment text, other_path text, other text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(
        CASE WHEN pg_catalog.strpos($1 COLLATE "C", sqlift.json_last_name($4)) OPERATOR(pg_catalog.>) 0 THEN
            pg_catalog.replace(pg_catalog.replace($1, sqlift.json_member_of($1, $2), sqlift.json_last_name($2) OPERATOR(pg_catalog.||) $3),
                               sqlift.json_member_of($1, $4), sqlift.json_last_name($4) OPERATOR(pg_catalog.||) $5) END,
        pg_catalog.left(pg_catalog.replace($1, sqlift.json_member_of($1, $2), sqlift.json_last_name($2) OPERATOR(pg_catalog.||) $3), -1)
            OPERATOR(pg_catalog.||) ',' OPERATOR(pg_catalog.||) sqlift.json_last_name($4) OPERATOR(pg_catalog.||) $5 OPERATOR(pg_catalog.||) '}',
        pg_catalog.left(pg_catalog.replace($1, sqlift.json_member_of($1, $4), sqlift.json_last_name($4) OPERATOR(pg_catalog.||) $5), -1)
            OPERATOR(pg_catalog.||) ',' OPERATOR(pg_catalog.||) sqlift.json_last_name($2) OPERATOR(pg_catalog.||) $3 OPERATOR(pg_catalog.||) '}',
        sqlift.json_appended($1, sqlift.json_last_name($2) OPERATOR(pg_catalog.||) $3 OPERATOR(pg_catalog.||) ',' OPERATOR(pg_catalog.||) sqlift.json_last_name($4) OPERATOR(pg_catalog.||) $5))
$f$;
-- Whether json_set_both can set these, of which the first must not bring the other's name.
CREATE OR REPLACE FUNCTION sqlift.json_are_editable(doc text, path text, fragment text, other_path text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_only_name($2) IS NOT NULL AND sqlift.json_only_name($4) IS NOT NULL
        AND sqlift.json_last_name($2) OPERATOR(pg_catalog.<>) sqlift.json_last_name($4)
        AND sqlift.json_is_editable($1, $2)
        AND sqlift.json_repeats($1, $4) IS NOT TRUE
        AND pg_catalog.strpos($3, sqlift.json_last_name($4)) OPERATOR(pg_catalog.=) 0
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_change(mode text, doc text, path text, fragment text, other_path text, other text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN $1 OPERATOR(pg_catalog.=) 's' AND sqlift.json_are_editable($2, $3, $4, $5) THEN sqlift.json_set_both($2, $3, $4, $5, $6)
        ELSE sqlift.json_changed($1, sqlift.json_changed($1, $2, $3, $4, sqlift.json_edit_steps($3)), $5, $6, sqlift.json_edit_steps($5)) END
$f$;

-- A patch of members that are no objects and stand once, as ARRAY['"name":', value, ...], NULL for one that is to go; NULL of
-- other patches.
CREATE OR REPLACE FUNCTION sqlift.json_patch_members(patch text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    members text[] := '{}';
    e record;
BEGIN
    IF pg_catalog.strpos(patch, '\') > 0 OR pg_catalog.json_typeof(patch::json) <> 'object' THEN RETURN NULL; END IF;
    FOR e IN SELECT m.key, m.value, pg_catalog.json_typeof(m.value) AS type FROM pg_catalog.json_each(patch::json) AS m LOOP
        IF e.type = 'object' OR '"' || e.key || '":' = ANY (members) OR e.key !~ '^[ !#-.0-\[\]-~]+$' THEN RETURN NULL; END IF;
        members := members || ('"' || e.key || '":') || CASE WHEN e.type <> 'null' THEN sqlift.json_minified(e.value) END;
    END LOOP;
    RETURN members;
END $f$;
-- How many these are, the path of the n-th one, and its value.
CREATE OR REPLACE FUNCTION sqlift.json_patch_size(patch text) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN pg_catalog.cardinality(sqlift.json_patch_members(patch)) / 2;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_patch_path(patch text, n integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN '$.' || pg_catalog.left((sqlift.json_patch_members(patch))[2 * n - 1], -1);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_patch_value(patch text, n integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN (sqlift.json_patch_members(patch))[2 * n];
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_patched(doc text, patch text, members text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    whole text := doc;
    changed text := doc;
BEGIN
    IF doc IS NULL OR patch IS NULL THEN RETURN NULL; END IF;
    IF pg_catalog.cardinality(members) > 0 AND pg_catalog.ascii(doc) = 123 THEN
        IF NOT sqlift.json_is_compact(whole) THEN whole := sqlift.json_minified(whole::json); END IF;
        FOR i IN 1 .. pg_catalog.cardinality(members) / 2 LOOP
            changed := sqlift.json_edited(whole, ARRAY[members[2 * i - 1]], 1, members[2 * i], CASE WHEN members[2 * i] IS NULL THEN 'd' ELSE 's' END);
            EXIT WHEN changed IS NULL;
            whole := changed;
        END LOOP;
        IF changed IS NOT NULL THEN RETURN changed; END IF;
    END IF;
    RETURN sqlift.json_merge(doc::json, patch::json);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_patch(doc text, patch text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN sqlift.json_patch_size($2) OPERATOR(pg_catalog.=) 1 AND sqlift.json_is_editable($1, sqlift.json_patch_path($2, 1))
            THEN COALESCE(sqlift.json_change_member(CASE WHEN sqlift.json_patch_value($2, 1) IS NULL THEN 'd' ELSE 's' END, $1, sqlift.json_patch_path($2, 1), sqlift.json_patch_value($2, 1)),
                          sqlift.json_patched($1, $2, sqlift.json_patch_members($2)))
        WHEN sqlift.json_patch_size($2) OPERATOR(pg_catalog.=) 2 AND sqlift.json_patch_value($2, 1) IS NOT NULL AND sqlift.json_patch_value($2, 2) IS NOT NULL
            AND sqlift.json_are_editable($1, sqlift.json_patch_path($2, 1), sqlift.json_patch_value($2, 1), sqlift.json_patch_path($2, 2))
            THEN sqlift.json_set_both($1, sqlift.json_patch_path($2, 1), sqlift.json_patch_value($2, 1), sqlift.json_patch_path($2, 2), sqlift.json_patch_value($2, 2))
        ELSE sqlift.json_patched($1, $2, sqlift.json_patch_members($2)) END
$f$;
