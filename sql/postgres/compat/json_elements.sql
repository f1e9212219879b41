-- An element of json_each, or what json_raw finds, as it is written, read as the class that the expression around it wants. Plain
-- numbers and text are read here; everything else is json_value's. https://sqlite.org/json1.html#jeach

-- What a value is its first character tells, as PostgreSQL's parser has read it: an integer has no point and no exponent. Fifteen
-- digits a real keeps, and no negative zero is among them.
CREATE OR REPLACE FUNCTION sqlift.json_is_short_number(raw text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15
        AND (pg_catalog.ascii($1) BETWEEN 48 AND 57 OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 45 AND $1 OPERATOR(pg_catalog.~>=~) '-1')
        AND pg_catalog.strpos($1 COLLATE "C", 'e') OPERATOR(pg_catalog.=) 0 AND pg_catalog.strpos($1 COLLATE "C", 'E') OPERATOR(pg_catalog.=) 0
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_is_short_integer(raw text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_is_short_number($1) AND pg_catalog.strpos($1 COLLATE "C", '.') OPERATOR(pg_catalog.=) 0
$f$;
-- A string without its quotes.
CREATE OR REPLACE FUNCTION sqlift.json_string_of(raw text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.strpos($1 COLLATE "C", '\') OPERATOR(pg_catalog.=) 0 THEN pg_catalog.left(pg_catalog.substr($1, 2), -1)
                ELSE $1::pg_catalog.json OPERATOR(pg_catalog.#>>) '{}' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.json_element_text(raw text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 34 THEN sqlift.json_string_of($1)
                WHEN sqlift.json_is_short_integer($1) THEN $1
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.to_text(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_letters(raw text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 34 THEN sqlift.json_string_of($1)
                WHEN pg_catalog.ascii($1) OPERATOR(pg_catalog.<=) 57 THEN ''
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.json_letters(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_integer(raw text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_is_short_integer($1) THEN $1::pg_catalog.int8
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.to_integer(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_real(raw text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_is_short_number($1) THEN $1::pg_catalog.float8
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.to_real(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_rank(raw text, affinity boolean) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_is_short_number($1) THEN $1::pg_catalog.numeric
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.json_rank(sqlift.json_value($1::pg_catalog.json), $2) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_integer_addend(raw text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_is_short_integer($1) THEN $1::pg_catalog.int8
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.json_integer_addend(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_real_addend(raw text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.json_is_short_integer($1) THEN NULL
                WHEN sqlift.json_is_short_number($1) THEN $1::pg_catalog.float8
                WHEN $1 IS NULL OR pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 110 THEN NULL
                ELSE sqlift.json_real_addend(sqlift.json_value($1::pg_catalog.json)) END
$f$;
