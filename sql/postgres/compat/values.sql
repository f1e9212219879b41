-- Conversions between storage classes. https://sqlite.org/datatype3.html, https://sqlite.org/lang_expr.html#castexpr
-- One overload for each type that an expression or a parameter can have: a missing one is an error, never a wrong choice.

CREATE OR REPLACE FUNCTION sqlift.to_text(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.to_text(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.text $f$;
CREATE OR REPLACE FUNCTION sqlift.to_text(x integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.text $f$;
CREATE OR REPLACE FUNCTION sqlift.to_text(x boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT ($1::pg_catalog.int4)::pg_catalog.text $f$;
-- An integral numeric is an INTEGER to SQLite, another one a REAL.
CREATE OR REPLACE FUNCTION sqlift.to_text(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1::pg_catalog.text
                ELSE sqlift.to_text($1::pg_catalog.float8) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_text(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.convert_from($1, 'UTF8') $f$;
-- A JSON value's number is INTEGER or REAL by its writing.
CREATE OR REPLACE FUNCTION sqlift.to_text(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.jsonb_typeof($1) OPERATOR(pg_catalog.=) 'number' THEN sqlift.to_text($1::pg_catalog.numeric) ELSE $1 OPERATOR(pg_catalog.#>>) '{}' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_text(x json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.text $f$;
-- As results show it: with milliseconds or microseconds only where there are any.
CREATE OR REPLACE FUNCTION sqlift.to_text(x timestamp) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.isfinite($1) THEN pg_catalog.regexp_replace(pg_catalog.to_char($1, 'YYYY-MM-DD HH24:MI:SS.US'), '(\.000)?000$', '')
                ELSE $1::pg_catalog.text END
$f$;
-- For what is kept: a cast hears the session's DateStyle, by which this text does not change.
CREATE OR REPLACE FUNCTION sqlift.to_text(x date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.isfinite($1) THEN pg_catalog.to_char($1::pg_catalog.timestamp, 'YYYY-MM-DD') ELSE $1::pg_catalog.text END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_text(x timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_text($1 AT TIME ZONE 'UTC') $f$;

-- The number that a text begins with; 0 when there is none. INTEGER when it is one and fits, else REAL (CAST AS NUMERIC).
CREATE OR REPLACE FUNCTION sqlift.to_number(x text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN NULL
                WHEN p IS NULL THEN 0
                WHEN p OPERATOR(pg_catalog.~) '^[+-]?[0-9]+$' THEN sqlift.decimal_of(p)
                -- A real without a fraction becomes an integer up to 2^51.
                ELSE (SELECT CASE WHEN n OPERATOR(pg_catalog.=) pg_catalog.trunc(n) AND n OPERATOR(pg_catalog.>=) -2251799813685248 AND n OPERATOR(pg_catalog.<) 2251799813685248
                                  THEN pg_catalog.trunc(n) ELSE pg_catalog.round(n, GREATEST(pg_catalog.scale(n), 1)) END
                      FROM (SELECT sqlift.decimal_of(p) AS n) AS q) END
    FROM (SELECT pg_catalog.substring($1, E'^[ \\t\\n\\v\\f\\r]*([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)') AS p) AS prefix
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_number(x bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.numeric $f$;
CREATE OR REPLACE FUNCTION sqlift.to_number(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.numeric $f$;
CREATE OR REPLACE FUNCTION sqlift.to_number(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
-- Bytes that are no text end a number as letters do.
CREATE OR REPLACE FUNCTION sqlift.to_number(x bytea) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_number(pg_catalog.encode($1, 'escape')) $f$;
CREATE OR REPLACE FUNCTION sqlift.to_number(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_number(sqlift.to_text($1)) $f$;

-- A value as an operand of arithmetic: INTEGER has no digits behind the point, REAL has one at least.
CREATE OR REPLACE FUNCTION sqlift.to_operand(x text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN NULL
                WHEN p IS NULL THEN 0
                WHEN p OPERATOR(pg_catalog.~) '[.eE]' OR sqlift.decimal_of(p) NOT BETWEEN -9223372036854775808 AND 9223372036854775807
                    THEN pg_catalog.round(sqlift.decimal_of(p), GREATEST(pg_catalog.scale(sqlift.decimal_of(p)), 1))
                ELSE p::pg_catalog.numeric END
    FROM (SELECT pg_catalog.substring($1, E'^[ \\t\\n\\v\\f\\r]*([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)') AS p) AS prefix
$f$;
-- Beyond 2^53 the digits that tell a real are not all of its digits.
CREATE OR REPLACE FUNCTION sqlift.to_operand(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.abs($1) BETWEEN 9007199254740992 AND 9.2233720368547e18 THEN pg_catalog.round($1::pg_catalog.int8::pg_catalog.numeric, 1)
                WHEN pg_catalog.scale($1::pg_catalog.text::pg_catalog.numeric) OPERATOR(pg_catalog.=) 0 THEN pg_catalog.round($1::pg_catalog.text::pg_catalog.numeric, 1)
                ELSE $1::pg_catalog.text::pg_catalog.numeric END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_operand(x bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.numeric $f$;
CREATE OR REPLACE FUNCTION sqlift.to_operand(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.to_operand(x bytea) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_operand(pg_catalog.encode($1, 'escape')) $f$;
CREATE OR REPLACE FUNCTION sqlift.to_operand(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_operand(sqlift.to_text($1)) $f$;

-- CAST(x AS REAL)
CREATE OR REPLACE FUNCTION sqlift.far_real(x text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(sqlift.real_of(sqlift.decimal_of(pg_catalog.substring($1, E'^[ \\t\\n\\v\\f\\r]*([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)'))), 0)
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN NULL
                WHEN $1 OPERATOR(pg_catalog.~) '[eE]' OR pg_catalog.length($1) OPERATOR(pg_catalog.>) 300 THEN sqlift.far_real($1)
                ELSE COALESCE(pg_catalog.substring($1, E'^[ \\t\\n\\v\\f\\r]*([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+))')::pg_catalog.float8, 0) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.float8 $f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.float8 $f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x bytea) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_real(pg_catalog.encode($1, 'escape')) $f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_real(sqlift.to_text($1)) $f$;

-- CAST(x AS INTEGER): towards zero, clamped to 64 bits.
CREATE OR REPLACE FUNCTION sqlift.to_integer(x numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT LEAST(GREATEST(pg_catalog.trunc($1), -9223372036854775808), 9223372036854775807)::pg_catalog.int8 WHERE $1 IS NOT NULL
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_integer(x double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.>=) 9.2233720368547758e18 THEN 9223372036854775807
                WHEN $1 OPERATOR(pg_catalog.<=) -9.2233720368547758e18 THEN (-9223372036854775807 OPERATOR(pg_catalog.-) 1)
                ELSE pg_catalog.trunc($1)::pg_catalog.int8 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_integer(x text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN NULL
                ELSE sqlift.to_integer(COALESCE(pg_catalog.substring($1, E'^[ \\t\\n\\v\\f\\r]*([+-]?[0-9]+)')::pg_catalog.numeric, 0)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_integer(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.to_integer(x bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_integer(pg_catalog.encode($1, 'escape')) $f$;
CREATE OR REPLACE FUNCTION sqlift.to_integer(x jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'number' THEN sqlift.to_integer($1::pg_catalog.numeric) ELSE sqlift.to_integer(sqlift.to_text($1)) END
$f$;

-- An element of a JSON array as a number; NULL when a number cannot equal it. In plpgsql, since SQL functions whose argument is a long
-- expression are not made a part of the query, and cost a hundred times as much.
CREATE OR REPLACE FUNCTION sqlift.json_number(x jsonb) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    written text;
BEGIN
    IF pg_catalog.jsonb_typeof(x) = 'number' THEN RETURN sqlift.comparable(x::numeric); END IF;
    written := sqlift.to_text(x);
    IF written !~ E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$' THEN RETURN NULL; END IF;
    RETURN sqlift.decimal_of(written);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.json_integer(x jsonb) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    n numeric;
BEGIN
    IF pg_catalog.jsonb_typeof(x) = 'number' THEN
        n := x::numeric;
        IF pg_catalog.scale(n) = 0 AND pg_catalog.abs(n) < 9223372036854775808 THEN RETURN n; END IF;
    END IF;
    n := sqlift.json_number(x);
    RETURN CASE WHEN n = pg_catalog.trunc(n) AND pg_catalog.abs(n) < 9223372036854775808 THEN n::bigint END;
END $f$;
-- An integer that no real is would be rounded to one.
CREATE OR REPLACE FUNCTION sqlift.json_as_real(x jsonb) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    n numeric := sqlift.json_number(x);
    found double precision := sqlift.real_of(n);
BEGIN
    RETURN CASE WHEN pg_catalog.scale(n) > 0 OR sqlift.comparable(found) = n THEN found END;
END $f$;

-- A value of SQL beside a JSON value.
CREATE OR REPLACE FUNCTION sqlift.json_of(x text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.json_of(x bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb($1) $f$;
-- A real stays one: with a point in its number, and an infinity as a number beyond the reals.
CREATE OR REPLACE FUNCTION sqlift.json_of(x double precision) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) 'Infinity'::pg_catalog.float8 THEN pg_catalog.to_jsonb(1e400)
                WHEN $1 OPERATOR(pg_catalog.=) '-Infinity'::pg_catalog.float8 THEN pg_catalog.to_jsonb(-1e400)
                WHEN $1 OPERATOR(pg_catalog.=) pg_catalog.trunc($1) THEN pg_catalog.to_jsonb(pg_catalog.round($1::text::numeric, 1))
                ELSE pg_catalog.to_jsonb($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_of(x numeric) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb($1) $f$;

CREATE OR REPLACE FUNCTION sqlift.json_of(x bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'a blob cannot stand where text and numbers do' USING ERRCODE = 'datatype_mismatch';
END $f$;

-- A value as a condition. https://sqlite.org/lang_expr.html#booleanexpr
CREATE OR REPLACE FUNCTION sqlift.truth(x boolean) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x bigint) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.<>) 0 $f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x double precision) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.<>) 0 $f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x numeric) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.<>) 0 $f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_real($1) OPERATOR(pg_catalog.<>) 0 $f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x bytea) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_real($1) OPERATOR(pg_catalog.<>) 0 $f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_real($1) OPERATOR(pg_catalog.<>) 0 $f$;

-- Values that a column must keep as they are: converted exactly, or an error.
CREATE OR REPLACE FUNCTION sqlift.exact_integer(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_integer(x numeric) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x <> pg_catalog.trunc(x) THEN
        RAISE EXCEPTION 'a number with a fraction cannot be kept in an integer column' USING ERRCODE = 'datatype_mismatch';
    END IF;
    RETURN x;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_integer(x double precision) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x <> pg_catalog.trunc(x) THEN
        RAISE EXCEPTION 'a number with a fraction cannot be kept in an integer column' USING ERRCODE = 'datatype_mismatch';
    END IF;
    RETURN x;
END $f$;
-- Text that SQLite would keep as text: PostgreSQL's own types read more than numbers (nan, infinity, 0x1p3, since 16 1_000).
CREATE OR REPLACE FUNCTION sqlift.no_number_text(x text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'text cannot be kept in a column of numbers' USING ERRCODE = 'datatype_mismatch';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_real(x text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$'
                THEN sqlift.to_real($1) ELSE sqlift.no_number_text($1)::pg_catalog.float8 END
$f$;
-- In a column of NUMERIC affinity a number without a fraction is an integer, and has no digits behind the point.
CREATE OR REPLACE FUNCTION sqlift.whole_number(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) pg_catalog.trunc($1) AND pg_catalog.abs($1) OPERATOR(pg_catalog.<) 9.2e18 THEN pg_catalog.trunc($1) ELSE $1 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.exact_number(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.whole_number($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_number(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) pg_catalog.trunc($1) AND pg_catalog.abs($1) OPERATOR(pg_catalog.<) 9223372036854775808::pg_catalog.float8
                THEN $1::pg_catalog.int8::pg_catalog.numeric ELSE sqlift.to_operand($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.exact_number(x text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]{1,18}[ \\t\\n\\v\\f\\r]*$' THEN $1::pg_catalog.numeric
                ELSE sqlift.exact_number(sqlift.exact_real($1)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.exact_integer(x text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]+[ \\t\\n\\v\\f\\r]*$' THEN $1::pg_catalog.int8
                ELSE sqlift.exact_integer(sqlift.exact_number($1)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.exact_integer(x jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.exact_integer(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_real(x jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.exact_real(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_number(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.exact_number(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_boolean(x bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x NOT IN (0, 1) THEN
        RAISE EXCEPTION 'an integer other than 0 and 1 cannot be kept in a boolean column' USING ERRCODE = 'datatype_mismatch';
    END IF;
    RETURN x = 1;
END $f$;

-- LIMIT and OFFSET take no NULL. Volatile, so that no plan computes it ahead, and row_count with it, so that it is inlined.
CREATE OR REPLACE FUNCTION sqlift.no_row_count() RETURNS bigint LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'datatype mismatch' USING ERRCODE = 'SL005';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.row_count(x bigint) RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE AS $f$ SELECT COALESCE($1, sqlift.no_row_count()) $f$;

-- Text that must not be a blob: SQLite would count its bytes.
CREATE OR REPLACE FUNCTION sqlift.no_blob(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.no_blob(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_text($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.no_blob(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_text($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.no_blob(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_text($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.no_blob(x bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'a blob as text here has no counterpart' USING ERRCODE = 'datatype_mismatch', HINT = 'cut the blob in the program, or bind text';
END $f$;

-- Integers and reals as exact numbers, to compare them: as reals, integers beyond 2^53 would be rounded.
CREATE OR REPLACE FUNCTION sqlift.comparable(x bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.numeric $f$;
CREATE OR REPLACE FUNCTION sqlift.comparable(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.abs($1) BETWEEN 9007199254740992 AND 9.2233720368547e18 THEN $1::pg_catalog.int8::pg_catalog.numeric
                WHEN $1 OPERATOR(pg_catalog.=) 'Infinity'::pg_catalog.float8 THEN 1e400
                WHEN $1 OPERATOR(pg_catalog.=) '-Infinity'::pg_catalog.float8 THEN -1e400
                ELSE $1::pg_catalog.text::pg_catalog.numeric END
$f$;
CREATE OR REPLACE FUNCTION sqlift.comparable(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 THEN $1 ELSE sqlift.comparable(sqlift.real_of($1)) END
$f$;

-- Numbers against text by numeric affinity: text that is a number compares as one, other text is greater.
CREATE OR REPLACE FUNCTION sqlift.compare(a numeric, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL
                WHEN $2 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]{1,18}[ \\t\\n\\v\\f\\r]*$'
                    THEN pg_catalog.sign(sqlift.comparable($1) OPERATOR(pg_catalog.-) $2::pg_catalog.numeric)::pg_catalog.int4
                WHEN $2 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$'
                    THEN pg_catalog.sign(sqlift.comparable($1) OPERATOR(pg_catalog.-) sqlift.comparable(sqlift.to_operand($2)))::pg_catalog.int4
                ELSE -1 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.compare(a bigint, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.compare($1::pg_catalog.numeric, $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.compare(a double precision, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.compare(sqlift.to_operand($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.compare(a text, b numeric) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT OPERATOR(pg_catalog.-) sqlift.compare($2, $1) $f$;
CREATE OR REPLACE FUNCTION sqlift.compare(a text, b bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT OPERATOR(pg_catalog.-) sqlift.compare($2, $1) $f$;
CREATE OR REPLACE FUNCTION sqlift.compare(a text, b double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT OPERATOR(pg_catalog.-) sqlift.compare($2, $1) $f$;

-- Whether a real can be compared with it as it is.
CREATE OR REPLACE FUNCTION sqlift.is_whole(x bigint) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE($1 BETWEEN -9007199254740992 AND 9007199254740992, true) $f$;
CREATE OR REPLACE FUNCTION sqlift.is_whole(x double precision) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT true $f$;

-- A value for, or beside, a column declared DATETIME or the like: SQLite would take these for numbers.
CREATE OR REPLACE FUNCTION sqlift.no_number(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'a number meets a column that holds text on PostgreSQL and would hold a number on SQLite; declare the column INTEGER or REAL' USING ERRCODE = 'feature_not_supported';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$'
                THEN sqlift.no_number($1) ELSE $1 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL THEN sqlift.no_number($1::pg_catalog.text) END $f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL THEN sqlift.no_number($1::pg_catalog.text) END $f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL THEN sqlift.no_number($1::pg_catalog.text) END $f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'a blob meets a column that holds text on PostgreSQL; declare the column JSONB or BLOB' USING ERRCODE = 'feature_not_supported';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.date_text(sqlift.to_text($1)) $f$;

-- Values of several classes side by side: equal where SQLite finds them equal, after its conversions.
CREATE OR REPLACE FUNCTION sqlift.class_key(x text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.class_key(x bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.class_key(x double precision) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb(sqlift.comparable($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.class_key(x numeric) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb(sqlift.comparable($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.class_key(x bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NOT NULL THEN pg_catalog.jsonb_build_array(pg_catalog.encode($1, 'hex')) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.number_key(x text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$'
                THEN pg_catalog.to_jsonb(sqlift.comparable(sqlift.to_operand($1))) ELSE pg_catalog.to_jsonb($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.text_key(x bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.text_key(x double precision) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.text_key(x numeric) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.to_jsonb(sqlift.to_text($1)) $f$;

-- The order of values of any class: numbers, then text by its bytes, then blobs. -1, 0 or 1.
CREATE OR REPLACE FUNCTION sqlift.class_order(a bigint, b bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) $2 THEN -1 WHEN $1 OPERATOR(pg_catalog.>) $2 THEN 1 WHEN $1 OPERATOR(pg_catalog.=) $2 THEN 0 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a double precision, b double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) $2 THEN -1 WHEN $1 OPERATOR(pg_catalog.>) $2 THEN 1 WHEN $1 OPERATOR(pg_catalog.=) $2 THEN 0 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 COLLATE "C" OPERATOR(pg_catalog.<) $2 THEN -1 WHEN $1 COLLATE "C" OPERATOR(pg_catalog.>) $2 THEN 1 WHEN $1 OPERATOR(pg_catalog.=) $2 THEN 0 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a bytea, b bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) $2 THEN -1 WHEN $1 OPERATOR(pg_catalog.>) $2 THEN 1 WHEN $1 OPERATOR(pg_catalog.=) $2 THEN 0 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a bigint, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a bigint, b bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a double precision, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a double precision, b bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a text, b bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN 1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a text, b double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN 1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a text, b bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a bytea, b bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN 1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a bytea, b double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN 1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a bytea, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN 1 END $f$;
CREATE OR REPLACE FUNCTION sqlift.class_rank(x jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'null' THEN NULL WHEN 'number' THEN 0 WHEN 'boolean' THEN 0 WHEN NULL THEN NULL ELSE 1 END WHERE $1 IS NOT NULL
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_number(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'number' THEN $1::pg_catalog.numeric WHEN 'boolean' THEN $1::pg_catalog.bool::pg_catalog.int4::pg_catalog.numeric END
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_text(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.jsonb_typeof($1) IN ('string', 'array', 'object') THEN sqlift.to_text($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.class_order(a jsonb, b jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN sqlift.class_rank($1) OPERATOR(pg_catalog.<>) sqlift.class_rank($2) THEN pg_catalog.sign(sqlift.class_rank($1) OPERATOR(pg_catalog.-) sqlift.class_rank($2))::pg_catalog.int4
                WHEN sqlift.class_rank($1) OPERATOR(pg_catalog.=) 0 THEN pg_catalog.sign(sqlift.class_number($1) OPERATOR(pg_catalog.-) sqlift.class_number($2))::pg_catalog.int4
                ELSE sqlift.class_order(sqlift.class_text($1), sqlift.class_text($2)) END
$f$;
