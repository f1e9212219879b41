-- SQLite's scalar functions and operators. https://sqlite.org/lang_corefunc.html

-- Division: integers towards zero, NULL for zero.
CREATE OR REPLACE FUNCTION sqlift.divide(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog./) NULLIF($2, 0) $f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog./) NULLIF($2, 0) $f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0
                THEN pg_catalog.div($1, NULLIF($2, 0))
                ELSE sqlift.to_operand($1::pg_catalog.float8 OPERATOR(pg_catalog./) NULLIF($2::pg_catalog.float8, 0)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.%) NULLIF($2, 0) $f$;
-- Reals lose their fractions first; the result is a real.
CREATE OR REPLACE FUNCTION sqlift.modulo(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT (sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a bigint, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT ($1 OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a double precision, b bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT (sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF($2, 0))::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a integer, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.modulo($1::pg_catalog.int8, $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a double precision, b integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.modulo($1, $2::pg_catalog.int8) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a numeric, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT (sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a double precision, b numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT (sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a numeric, b bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.modulo($1, $2::pg_catalog.numeric) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a numeric, b integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.modulo($1, $2::pg_catalog.numeric) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a bigint, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.modulo($1::pg_catalog.numeric, $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a integer, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.modulo($1::pg_catalog.numeric, $2) $f$;
-- Text: its number divides; what remains is asked of the integers that the texts begin with.
CREATE OR REPLACE FUNCTION sqlift.divide(a text, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a text, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a text, b bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a text, b bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a text, b double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a text, b double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a text, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a text, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a bigint, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a bigint, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a double precision, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a double precision, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.divide(a numeric, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.divide(sqlift.to_operand($1), sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.modulo(a numeric, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;

-- Arithmetic on integers and reals by the row: the scale tells them apart. Beyond 64 bits integers become reals.
CREATE OR REPLACE FUNCTION sqlift.by_row(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.to_operand($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.by_row(x bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.numeric $f$;
CREATE OR REPLACE FUNCTION sqlift.by_row(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.add(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.+) $2 $f$;
CREATE OR REPLACE FUNCTION sqlift.add(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0
                     AND $1 OPERATOR(pg_catalog.+) $2 BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN $1 OPERATOR(pg_catalog.+) $2
                ELSE sqlift.by_row($1::pg_catalog.float8 OPERATOR(pg_catalog.+) $2::pg_catalog.float8) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.subtract(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.-) $2 $f$;
CREATE OR REPLACE FUNCTION sqlift.subtract(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0
                     AND $1 OPERATOR(pg_catalog.-) $2 BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN $1 OPERATOR(pg_catalog.-) $2
                ELSE sqlift.by_row($1::pg_catalog.float8 OPERATOR(pg_catalog.-) $2::pg_catalog.float8) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.multiply(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.*) $2 $f$;
CREATE OR REPLACE FUNCTION sqlift.multiply(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0
                     AND $1 OPERATOR(pg_catalog.*) $2 BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN $1 OPERATOR(pg_catalog.*) $2
                ELSE sqlift.by_row($1::pg_catalog.float8 OPERATOR(pg_catalog.*) $2::pg_catalog.float8) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.add(a numeric, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.add($1, sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.add(a text, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.add(sqlift.to_operand($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.subtract(a numeric, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.subtract($1, sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.subtract(a text, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.subtract(sqlift.to_operand($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.multiply(a numeric, b text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.multiply($1, sqlift.to_operand($2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.multiply(a text, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.multiply(sqlift.to_operand($1), $2) $f$;

-- abs() of the smallest integer is an error, as it is of a bigint; of a real it is one.
CREATE OR REPLACE FUNCTION sqlift.abs(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) -9223372036854775808 AND pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0
                THEN pg_catalog.abs($1::pg_catalog.int8)::pg_catalog.numeric ELSE pg_catalog.abs($1) END
$f$;

-- Shifts take any distance; a negative one goes the other way.
CREATE OR REPLACE FUNCTION sqlift.shift_left(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL
                WHEN $2 OPERATOR(pg_catalog.>=) 64 THEN 0
                WHEN $2 OPERATOR(pg_catalog.>=) 0 THEN $1 OPERATOR(pg_catalog.<<) $2::pg_catalog.int4
                ELSE $1 OPERATOR(pg_catalog.>>) LEAST(OPERATOR(pg_catalog.-) $2, 63)::pg_catalog.int4 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.shift_right(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.shift_left($1, OPERATOR(pg_catalog.-) $2) $f$;

CREATE OR REPLACE FUNCTION sqlift.length(x text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length($1::pg_catalog.text) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x numeric) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length($1::pg_catalog.text) $f$;
CREATE OR REPLACE FUNCTION sqlift.length(x timestamp) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.char_length(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length($1::pg_catalog.text) $f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x numeric) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length(sqlift.to_text($1)) $f$;

-- Where substr(X, Y, Z) begins in something so long, from 1, and how much it takes.
CREATE OR REPLACE FUNCTION sqlift.part(len bigint, y bigint, z bigint, OUT first integer, OUT count integer) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF y < 0 THEN
        y := y + len;
        IF y < 0 THEN
            IF z > 0 THEN z := greatest(z + y, 0); END IF;
            y := 0;
        END IF;
    ELSIF y > 0 THEN
        y := y - 1;
    ELSIF z > 0 THEN
        z := z - 1;
    END IF;
    IF z < 0 THEN
        z := least(- greatest(z, -9223372036854775807), y);
        y := y - z;
    END IF;
    IF y >= len OR z <= 0 THEN
        first := 1;
        count := 0;
    ELSE
        first := y + 1;
        count := least(z, len);
    END IF;
END $f$;

-- substr(X, Y, Z): from the end when Y is negative, the characters before Y when Z is; bytes of a blob.
CREATE OR REPLACE FUNCTION sqlift.substr_around(x text, y bigint, z bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT pg_catalog.substr($1, p.first, p.count) FROM sqlift.part(pg_catalog.char_length($1), $2, $3) AS p
$f$;
-- PostgreSQL's own does the same from the front, where its sums stay far from overflowing.
CREATE OR REPLACE FUNCTION sqlift.substr(x text, y bigint, z bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 BETWEEN 0 AND 1000000000 AND $3 BETWEEN 0 AND 1000000000 THEN pg_catalog.substr($1, $2::pg_catalog.int4, $3::pg_catalog.int4)
                ELSE sqlift.substr_around($1, $2, $3) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.substr(x text, y bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 BETWEEN 0 AND 1000000000 THEN pg_catalog.substr($1, $2::pg_catalog.int4)
                WHEN $2 BETWEEN -1000000000 AND 0 THEN pg_catalog.right($1, (OPERATOR(pg_catalog.-) $2)::pg_catalog.int4)
                -- Up to SQLite's longest text.
                ELSE sqlift.substr_around($1, $2, 1000000000) END
$f$;
-- Of an empty blob SQLite gives NULL.
CREATE OR REPLACE FUNCTION sqlift.substr(x bytea, y bigint, z bigint) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.>) 0 THEN pg_catalog.substr($1, p.first, p.count) END
    FROM sqlift.part(pg_catalog.octet_length($1), $2, $3) AS p
$f$;
CREATE OR REPLACE FUNCTION sqlift.substr(x bytea, y bigint) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$ SELECT sqlift.substr($1, $2, 1000000000) $f$;

-- Only an empty text to look for leaves NULL as the replacement unasked.
CREATE OR REPLACE FUNCTION sqlift.replace(x text, y text, z text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.=) '' THEN $1 ELSE pg_catalog.replace($1, $2, $3) END
$f$;

CREATE OR REPLACE FUNCTION sqlift.sign(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.sign($1::pg_catalog.float8)::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.sign($1)::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.sign($1)::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT NULL::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$'
                THEN pg_catalog.sign(sqlift.decimal_of($1))::pg_catalog.int8 END
$f$;

CREATE OR REPLACE FUNCTION sqlift.typeof(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'null' WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN 'integer' ELSE 'real' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'integer' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'real' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'text' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'blob' END $f$;
-- An infinity is a number of hundreds of digits.
CREATE OR REPLACE FUNCTION sqlift.typeof(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'null'
                WHEN pg_catalog.jsonb_typeof($1) OPERATOR(pg_catalog.=) 'number'
                    THEN CASE WHEN $1::pg_catalog.text OPERATOR(pg_catalog.~) '[.eE]|.{21}' THEN 'real' ELSE 'integer' END
                ELSE 'text' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.hex(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(pg_catalog.upper(pg_catalog.encode($1, 'hex')), '') $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(pg_catalog.convert_to($1, 'UTF8')) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex($1::pg_catalog.text) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(sqlift.to_text($1)) $f$;

CREATE OR REPLACE FUNCTION sqlift.quote(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'NULL' ELSE '''' OPERATOR(pg_catalog.||) pg_catalog.replace($1, '''', '''''') OPERATOR(pg_catalog.||) '''' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE($1::pg_catalog.text, 'NULL') $f$;
-- An infinity is written as a number beyond all reals.
CREATE OR REPLACE FUNCTION sqlift.quote(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'NULL' WHEN $1 OPERATOR(pg_catalog.=) 'Infinity'::pg_catalog.float8 THEN '9.0e+999'
                WHEN $1 OPERATOR(pg_catalog.=) '-Infinity'::pg_catalog.float8 THEN '-9.0e+999' ELSE sqlift.to_text($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(sqlift.to_text($1), 'NULL') $f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'number' THEN sqlift.quote($1::pg_catalog.numeric) ELSE sqlift.quote(sqlift.to_text($1)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'NULL' ELSE 'X''' OPERATOR(pg_catalog.||) sqlift.hex($1) OPERATOR(pg_catalog.||) '''' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.char(VARIADIC codes bigint[] DEFAULT '{}') RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(pg_catalog.string_agg(pg_catalog.chr(CASE WHEN c OPERATOR(pg_catalog.<) 0 OR c OPERATOR(pg_catalog.>) 1114111 THEN 65533 ELSE COALESCE(c, 0) END::pg_catalog.int4), '' ORDER BY o), '') FROM pg_catalog.unnest($1) WITH ORDINALITY AS u(c, o)
$f$;

-- 64 random bits; gen_random_uuid is strong and needs no extension.
CREATE OR REPLACE FUNCTION sqlift.random() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE AS $f$
    SELECT ('x' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.md5(pg_catalog.gen_random_uuid()::pg_catalog.text), 16))::pg_catalog.bit(64)::pg_catalog.int8
$f$;
CREATE OR REPLACE FUNCTION sqlift.randomblob(n bigint) RETURNS bytea LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $f$
DECLARE
    wanted bigint := greatest(coalesce(n, 1), 1);
    hex text;
BEGIN
    IF wanted > 1000000000 THEN
        RAISE EXCEPTION 'string or blob too big' USING ERRCODE = 'program_limit_exceeded';
    END IF;
    -- Digits 13 and 17 of 32 carry the version and the variant.
    SELECT pg_catalog.string_agg(pg_catalog.overlay(pg_catalog.overlay(pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', ''), '', 17, 1), '', 13, 1), '')
        INTO hex FROM pg_catalog.generate_series(1, wanted / 15 + 1);
    RETURN pg_catalog.decode(pg_catalog.left(hex, (wanted * 2)::int), 'hex');
END $f$;
CREATE OR REPLACE FUNCTION sqlift.zeroblob(n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.decode(pg_catalog.repeat('00', LEAST(GREATEST($1, 0), 2147483647)::pg_catalog.int4), 'hex')
$f$;

-- GLOB: * and ? and [...] over the whole text, with case. What stands in [...] is read as patternCompare() of SQLite's source does.
CREATE OR REPLACE FUNCTION sqlift.glob_letter(c text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) '^[a-zA-Z0-9 ]$' THEN $1 ELSE '\U' OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.to_hex(pg_catalog.ascii($1)), 8, '0') END
$f$;
CREATE OR REPLACE FUNCTION sqlift.glob_by_class(pattern text, x text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    letters text[] := pg_catalog.string_to_array(pattern, NULL);
    count int := coalesce(pg_catalog.array_length(letters, 1), 0);
    expression text := '^';
    i int := 1;
    first text;
BEGIN
    WHILE i <= count LOOP
        IF letters[i] = '*' THEN
            expression := expression || '.*';
        ELSIF letters[i] = '?' THEN
            expression := expression || '.';
        ELSIF letters[i] = '[' THEN
            i := i + 1;
            expression := expression || '[';
            first := NULL;
            IF letters[i] = '^' THEN
                expression := expression || '^';
                i := i + 1;
            END IF;
            IF letters[i] = ']' THEN
                expression := expression || sqlift.glob_letter(']');
                i := i + 1;
            END IF;
            WHILE i <= count AND letters[i] <> ']' LOOP
                IF letters[i] = '-' AND first IS NOT NULL AND i < count AND letters[i + 1] <> ']' THEN
                    i := i + 1;
                    -- A range that goes backwards holds nothing but where it begins.
                    IF pg_catalog.ascii(first) <= pg_catalog.ascii(letters[i]) THEN
                        expression := expression || sqlift.glob_letter(first) || '-' || sqlift.glob_letter(letters[i]);
                    END IF;
                    first := NULL;
                ELSE
                    first := letters[i];
                    expression := expression || sqlift.glob_letter(first);
                END IF;
                i := i + 1;
            END LOOP;
            -- Never closed, it matches nothing.
            IF i > count THEN RETURN false; END IF;
            expression := expression || ']';
        ELSE
            expression := expression || sqlift.glob_letter(letters[i]);
        END IF;
        i := i + 1;
    END LOOP;
    RETURN x COLLATE "C" ~ (expression || '$');
END $f$;
-- Without a class it is a LIKE of other letters.
CREATE OR REPLACE FUNCTION sqlift.glob(pattern text, x text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.strpos($1, '[') OPERATOR(pg_catalog.=) 0
                THEN $2 COLLATE "C" OPERATOR(pg_catalog.~~) pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
                         pg_catalog.replace(pg_catalog.replace($1, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_')
                ELSE sqlift.glob_by_class($1, $2) END
$f$;

CREATE OR REPLACE FUNCTION sqlift.unhex(x text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) '^([0-9a-fA-F]{2})*$' THEN pg_catalog.decode($1, 'hex') END
$f$;
-- unhex(X, Y): letters of Y may stand between the pairs, not within one.
CREATE OR REPLACE FUNCTION sqlift.unhex(x text, ignored text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    hex text := '';
    c text;
BEGIN
    FOREACH c IN ARRAY pg_catalog.regexp_split_to_array(x, '') LOOP
        IF c ~ '^[0-9a-fA-F]$' THEN
            hex := hex || c;
        ELSIF c <> '' AND (pg_catalog.strpos(ignored, c) = 0 OR pg_catalog.length(hex) % 2 = 1) THEN
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN sqlift.unhex(hex);
END $f$;

-- Bytes in bytes; anything else is text.
CREATE OR REPLACE FUNCTION sqlift.instr(x bytea, y bytea) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.position($1, $2)::pg_catalog.int8 $f$;

-- Characters by their numbers: \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX.
CREATE OR REPLACE FUNCTION sqlift.unistr(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    rest text := x;
    result text := '';
    p text[];
    at int;
    code bigint;
BEGIN
    LOOP
        at := pg_catalog.strpos(rest, '\');
        IF at = 0 THEN RETURN result || rest; END IF;
        result := result || pg_catalog.left(rest, at - 1);
        rest := pg_catalog.substr(rest, at + 1);
        IF pg_catalog.left(rest, 1) = '\' THEN
            result := result || '\';
            rest := pg_catalog.substr(rest, 2);
            CONTINUE;
        END IF;
        p := coalesce(pg_catalog.regexp_match(rest, '^([0-9a-fA-F]{4})(.*)$'), pg_catalog.regexp_match(rest, '^u([0-9a-fA-F]{4})(.*)$'),
                      pg_catalog.regexp_match(rest, '^\+([0-9a-fA-F]{6})(.*)$'), pg_catalog.regexp_match(rest, '^U([0-9a-fA-F]{8})(.*)$'));
        IF p IS NULL THEN RAISE EXCEPTION 'invalid Unicode escape' USING ERRCODE = 'data_exception'; END IF;
        code := ('x' || pg_catalog.lpad(p[1], 8, '0'))::bit(32)::bigint;
        IF code = 0 OR code BETWEEN 55296 AND 57343 OR code > 1114111 THEN
            RAISE EXCEPTION 'PostgreSQL''s text cannot hold the character %', pg_catalog.quote_literal(p[1]) USING ERRCODE = 'feature_not_supported';
        END IF;
        result := result || pg_catalog.chr(code::int);
        rest := p[2];
    END LOOP;
END $f$;
-- quote(), with control characters by their numbers.
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    code int;
    result text;
BEGIN
    result := sqlift.quote(x);
    IF x IS NULL OR x !~ '[\x01-\x1f]' THEN RETURN result; END IF;
    result := pg_catalog.replace(result, '\', '\\');
    FOR code IN 1 .. 31 LOOP
        result := pg_catalog.replace(result, pg_catalog.chr(code), '\u' || pg_catalog.lpad(pg_catalog.to_hex(code), 4, '0'));
    END LOOP;
    RETURN 'unistr(' || result || ')';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.quote($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.quote($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.quote($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.quote($1) $f$;
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'number' THEN sqlift.quote($1::pg_catalog.numeric) ELSE sqlift.unistr_quote(sqlift.to_text($1)) END
$f$;

-- How an English name sounds: its first letter and three digits. https://sqlite.org/lang_corefunc.html#soundex
CREATE OR REPLACE FUNCTION sqlift.soundex(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    word text := pg_catalog.upper(pg_catalog.substring(x, '[A-Za-z].*$') COLLATE "C");
    result text := pg_catalog.left(word, 1);
    before text;
    code text;
    i int := 1;
BEGIN
    IF word IS NULL THEN RETURN '?000'; END IF;
    WHILE i <= pg_catalog.length(word) AND pg_catalog.length(result) < 4 LOOP
        code := pg_catalog.substr(word, i, 1);
        code := CASE WHEN code ~ '[A-Z]' THEN pg_catalog.translate(code, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202') ELSE '0' END;
        IF code = '0' THEN
            before := NULL;
        ELSE
            IF i > 1 AND code IS DISTINCT FROM before THEN result := result || code; END IF;
            before := code;
        END IF;
        i := i + 1;
    END LOOP;
    RETURN pg_catalog.rpad(result, 4, '0');
END $f$;

-- How SQLite was built, as far as it holds here: programs ask whether there is full text search. https://sqlite.org/compile.html
CREATE OR REPLACE FUNCTION sqlift.compile_options() RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.unnest('{DEFAULT_FOREIGN_KEYS,ENABLE_COLUMN_METADATA,ENABLE_FTS5,SOUNDEX,THREADSAFE=1}'::text[])
$f$;
CREATE OR REPLACE FUNCTION sqlift.compileoption_used(name text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT EXISTS (SELECT FROM sqlift.compile_options() AS option
        WHERE pg_catalog.regexp_replace(pg_catalog.upper($1), '^SQLITE_', '') IN (option, pg_catalog.split_part(option, '=', 1)))::integer
$f$;
