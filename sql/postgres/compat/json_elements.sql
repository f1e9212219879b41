-- An element of json_each, as it is written, read as the class that the expression around it wants. Plain integers and text are
-- read here; everything else is json_value's. https://sqlite.org/json1.html#jeach

CREATE OR REPLACE FUNCTION sqlift.json_element_text(raw text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 34 THEN $1::pg_catalog.json OPERATOR(pg_catalog.#>>) '{}'
                WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15 AND $1 OPERATOR(pg_catalog.!~) '[^0-9]' THEN $1
                ELSE sqlift.to_text(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_letters(raw text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.ascii($1) OPERATOR(pg_catalog.=) 34 THEN $1::pg_catalog.json OPERATOR(pg_catalog.#>>) '{}'
                ELSE sqlift.json_letters(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_integer(raw text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15 AND $1 OPERATOR(pg_catalog.!~) '[^0-9]' THEN $1::pg_catalog.int8
                ELSE sqlift.to_integer(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_real(raw text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15 AND $1 OPERATOR(pg_catalog.!~) '[^0-9.]' THEN $1::pg_catalog.float8
                ELSE sqlift.to_real(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_rank(raw text, affinity boolean) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15 AND $1 OPERATOR(pg_catalog.!~) '[^0-9.]' THEN $1::pg_catalog.numeric
                ELSE sqlift.json_rank(sqlift.json_value($1::pg_catalog.json), $2) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_integer_addend(raw text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15 AND $1 OPERATOR(pg_catalog.!~) '[^0-9]' THEN $1::pg_catalog.int8
                ELSE sqlift.json_integer_addend(sqlift.json_value($1::pg_catalog.json)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_element_real_addend(raw text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 15 AND $1 OPERATOR(pg_catalog.!~) '[^0-9]' THEN NULL
                ELSE sqlift.json_real_addend(sqlift.json_value($1::pg_catalog.json)) END
$f$;
