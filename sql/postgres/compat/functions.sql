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
CREATE OR REPLACE FUNCTION sqlift.modulo(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
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
                     AND pg_catalog.abs($1 OPERATOR(pg_catalog.+) $2) OPERATOR(pg_catalog.<) 9223372036854775808
                THEN $1 OPERATOR(pg_catalog.+) $2
                ELSE sqlift.by_row($1::pg_catalog.float8 OPERATOR(pg_catalog.+) $2::pg_catalog.float8) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.subtract(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.-) $2 $f$;
CREATE OR REPLACE FUNCTION sqlift.subtract(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0
                     AND pg_catalog.abs($1 OPERATOR(pg_catalog.-) $2) OPERATOR(pg_catalog.<) 9223372036854775808
                THEN $1 OPERATOR(pg_catalog.-) $2
                ELSE sqlift.by_row($1::pg_catalog.float8 OPERATOR(pg_catalog.-) $2::pg_catalog.float8) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.multiply(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 OPERATOR(pg_catalog.*) $2 $f$;
CREATE OR REPLACE FUNCTION sqlift.multiply(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale($2) OPERATOR(pg_catalog.=) 0
                     AND pg_catalog.abs($1 OPERATOR(pg_catalog.*) $2) OPERATOR(pg_catalog.<) 9223372036854775808
                THEN $1 OPERATOR(pg_catalog.*) $2
                ELSE sqlift.by_row($1::pg_catalog.float8 OPERATOR(pg_catalog.*) $2::pg_catalog.float8) END
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
CREATE OR REPLACE FUNCTION sqlift.octet_length(x double precision) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.octet_length(sqlift.to_text($1)) $f$;

-- substr(X, Y, Z): from the end when Y is negative, the characters before Y when Z is.
CREATE OR REPLACE FUNCTION sqlift.substr(x text, y bigint, z bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    len bigint := pg_catalog.char_length(x);
    first bigint := y;
    count bigint := z;
BEGIN
    IF first < 0 THEN
        first := first + len;
        IF first < 0 THEN
            IF count > 0 THEN count := greatest(count + first, 0); END IF;
            first := 0;
        END IF;
    ELSIF first > 0 THEN
        first := first - 1;
    ELSIF count > 0 THEN
        count := count - 1;
    END IF;
    IF count < 0 THEN
        count := least(- count, first);
        first := first - count;
    END IF;
    IF first >= len OR count <= 0 THEN RETURN ''; END IF;
    RETURN pg_catalog.substr(x, first::int + 1, least(count, len)::int);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.substr(x text, y bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.>) 0 AND $2 OPERATOR(pg_catalog.<) 2147483647 THEN pg_catalog.substr($1, $2::pg_catalog.int4)
                ELSE sqlift.substr($1, $2, 9223372036854775807) END
$f$;

-- Only an empty text to look for leaves NULL as the replacement unasked.
CREATE OR REPLACE FUNCTION sqlift.replace(x text, y text, z text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.=) '' THEN $1 ELSE pg_catalog.replace($1, $2, $3) END
$f$;

-- Half away from zero, and always a real.
CREATE OR REPLACE FUNCTION sqlift.round(x double precision, digits bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 IS NULL THEN NULL
                WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.>=) 4503599627370496 THEN $1
                ELSE pg_catalog.round(sqlift.decimal_of($1), LEAST(GREATEST($2, 0), 30)::pg_catalog.int4)::pg_catalog.float8 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.round(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.round($1, 0::pg_catalog.int8) $f$;

CREATE OR REPLACE FUNCTION sqlift.sign(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.sign($1::pg_catalog.float8)::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x double precision) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.sign($1)::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT pg_catalog.sign($1)::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?[ \\t\\n\\v\\f\\r]*$'
                THEN pg_catalog.sign($1::pg_catalog.numeric)::pg_catalog.int8 END
$f$;

CREATE OR REPLACE FUNCTION sqlift.typeof(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'null' WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 THEN 'integer' ELSE 'real' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'integer' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'real' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'text' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT CASE WHEN $1 IS NULL THEN 'null' ELSE 'blob' END $f$;
CREATE OR REPLACE FUNCTION sqlift.typeof(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'null'
                WHEN pg_catalog.jsonb_typeof($1) OPERATOR(pg_catalog.=) 'number'
                    THEN CASE WHEN $1::pg_catalog.text OPERATOR(pg_catalog.~) '[.eE]' THEN 'real' ELSE 'integer' END
                ELSE 'text' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.hex(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(pg_catalog.upper(pg_catalog.encode($1, 'hex')), '') $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(pg_catalog.convert_to($1, 'UTF8')) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex($1::pg_catalog.text) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(sqlift.to_text($1)) $f$;

CREATE OR REPLACE FUNCTION sqlift.quote(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'NULL' ELSE '''' OPERATOR(pg_catalog.||) pg_catalog.replace($1, '''', '''''') OPERATOR(pg_catalog.||) '''' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE($1::pg_catalog.text, 'NULL') $f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(sqlift.to_text($1), 'NULL') $f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT COALESCE(sqlift.to_text($1), 'NULL') $f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN 'NULL' ELSE 'X''' OPERATOR(pg_catalog.||) sqlift.hex($1) OPERATOR(pg_catalog.||) '''' END
$f$;

CREATE OR REPLACE FUNCTION sqlift.char(VARIADIC codes bigint[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(pg_catalog.string_agg(pg_catalog.chr(CASE WHEN c OPERATOR(pg_catalog.<) 0 OR c OPERATOR(pg_catalog.>) 1114111 THEN 65533 ELSE COALESCE(c, 0) END::pg_catalog.int4), '' ORDER BY o), '') FROM pg_catalog.unnest($1) WITH ORDINALITY AS u(c, o)
$f$;

-- 64 random bits; gen_random_uuid is strong and needs no extension.
CREATE OR REPLACE FUNCTION sqlift.random() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE AS $f$
    SELECT ('x' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.md5(pg_catalog.gen_random_uuid()::pg_catalog.text), 16))::pg_catalog.bit(64)::pg_catalog.int8
$f$;
CREATE OR REPLACE FUNCTION sqlift.randomblob(n bigint) RETURNS bytea LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $f$
DECLARE
    hex text := '';
    wanted bigint := greatest(coalesce(n, 1), 1);
    bits text;
BEGIN
    WHILE pg_catalog.length(hex) < wanted * 2 LOOP
        bits := pg_catalog.replace(pg_catalog.gen_random_uuid()::text, '-', '');
        -- Digits 13 and 17 carry the version and the variant.
        hex := hex || pg_catalog.substr(bits, 1, 12) || pg_catalog.substr(bits, 18);
    END LOOP;
    RETURN pg_catalog.decode(pg_catalog.left(hex, (wanted * 2)::int), 'hex');
END $f$;
CREATE OR REPLACE FUNCTION sqlift.zeroblob(n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.decode(pg_catalog.repeat('00', GREATEST($1, 0)::pg_catalog.int4), 'hex')
$f$;

-- GLOB: * and ? and [...] over the whole text, with case.
CREATE OR REPLACE FUNCTION sqlift.glob(pattern text, x text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    expression text := '';
    i int := 1;
    c text;
    last int;
BEGIN
    WHILE i <= pg_catalog.length(pattern) LOOP
        c := pg_catalog.substr(pattern, i, 1);
        IF c = '*' THEN
            expression := expression || '.*';
        ELSIF c = '?' THEN
            expression := expression || '.';
        ELSIF c = '[' THEN
            last := i + 1;
            IF pg_catalog.substr(pattern, last, 1) = '^' THEN last := last + 1; END IF;
            IF pg_catalog.substr(pattern, last, 1) = ']' THEN last := last + 1; END IF;
            WHILE last <= pg_catalog.length(pattern) AND pg_catalog.substr(pattern, last, 1) <> ']' LOOP last := last + 1; END LOOP;
            IF last > pg_catalog.length(pattern) THEN RETURN false; END IF;
            expression := expression || pg_catalog.replace(pg_catalog.substr(pattern, i, last - i + 1), '\', '\\');
            i := last;
        ELSIF c ~ '[[:alnum:][:space:]_]' THEN
            expression := expression || c;
        ELSE
            expression := expression || '\' || c;
        END IF;
        i := i + 1;
    END LOOP;
    RETURN x COLLATE "C" ~ ('(?s)^(?:' || expression || ')$');
END $f$;

CREATE OR REPLACE FUNCTION sqlift.unhex(x text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) '^([0-9a-fA-F]{2})*$' THEN pg_catalog.decode($1, 'hex') END
$f$;

-- printf. https://sqlite.org/printf.html. The arguments come as SQLite's text of them; missing ones are NULL.
CREATE OR REPLACE FUNCTION sqlift.printf(format text, VARIADIC arguments text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    rest text := format;
    result text := '';
    p text[];
    next int := 1;
    flags text;
    width int;
    digits int;
    argument text;
    piece text;
    number numeric;
    at int;
BEGIN
    IF format IS NULL THEN RETURN NULL; END IF;
    LOOP
        at := pg_catalog.strpos(rest, '%');
        IF at = 0 THEN RETURN result || rest; END IF;
        result := result || pg_catalog.left(rest, at - 1);
        rest := pg_catalog.substr(rest, at);
        p := pg_catalog.regexp_match(rest, '^%([-+ 0#,!]*)(\d+|\*)?(?:\.(\d+|\*))?(?:l|ll)?([a-zA-Z%])(.*)$');
        IF p IS NULL THEN RETURN result; END IF;
        rest := p[5];
        flags := p[1];
        IF p[4] = '%' THEN
            result := result || '%';
            CONTINUE;
        END IF;
        IF p[2] = '*' THEN
            width := sqlift.to_integer(arguments[next]);
            next := next + 1;
        ELSE
            width := coalesce(p[2]::int, 0);
        END IF;
        IF p[3] = '*' THEN
            digits := sqlift.to_integer(arguments[next]);
            next := next + 1;
        ELSE
            digits := p[3]::int;
        END IF;
        argument := arguments[next];
        next := next + 1;
        IF p[4] IN ('d', 'i', 'u') THEN
            number := coalesce(sqlift.to_integer(argument), 0);
            piece := pg_catalog.abs(number)::text;
            IF pg_catalog.strpos(flags, ',') > 0 THEN piece := pg_catalog.regexp_replace(piece, '(\d)(?=(\d{3})+$)', '\1,', 'g'); END IF;
            IF digits IS NOT NULL THEN piece := pg_catalog.lpad(piece, greatest(digits, pg_catalog.length(piece)), '0'); END IF;
        ELSIF p[4] IN ('f', 'F') THEN
            number := sqlift.decimal_of(coalesce(sqlift.to_real(argument), 0));
            piece := pg_catalog.round(pg_catalog.abs(number), coalesce(digits, 6))::text;
        ELSIF p[4] IN ('x', 'X', 'o') THEN
            number := 0;
            IF p[4] = 'o' THEN
                RAISE EXCEPTION 'printf''s %%o has no counterpart yet' USING ERRCODE = 'feature_not_supported';
            END IF;
            piece := pg_catalog.to_hex(coalesce(sqlift.to_integer(argument), 0));
            IF p[4] = 'X' THEN piece := pg_catalog.upper(piece); END IF;
        ELSIF p[4] IN ('s', 'z', 'c', 'q', 'Q', 'w') THEN
            number := 0;
            IF p[4] = 'Q' AND argument IS NULL THEN
                piece := 'NULL';
            ELSE
                piece := CASE p[4]
                    WHEN 'c' THEN pg_catalog.left(coalesce(argument, ''), 1)
                    WHEN 'q' THEN pg_catalog.replace(coalesce(argument, '(NULL)'), '''', '''''')
                    WHEN 'Q' THEN '''' || pg_catalog.replace(argument, '''', '''''') || ''''
                    WHEN 'w' THEN pg_catalog.replace(coalesce(argument, '(NULL)'), '"', '""')
                    ELSE coalesce(argument, '') END;
                IF digits IS NOT NULL AND p[4] <> 'c' THEN piece := pg_catalog.left(piece, digits); END IF;
            END IF;
            flags := pg_catalog.replace(flags, '0', '');
        ELSE
            RAISE EXCEPTION 'printf''s %%% has no counterpart yet', p[4] USING ERRCODE = 'feature_not_supported';
        END IF;
        flags := flags || CASE WHEN number < 0 THEN 'n' ELSE '' END;
        p[4] := CASE WHEN number < 0 THEN '-'
                     WHEN p[4] IN ('d', 'i', 'f', 'F') AND pg_catalog.strpos(flags, '+') > 0 THEN '+'
                     WHEN p[4] IN ('d', 'i', 'f', 'F') AND pg_catalog.strpos(flags, ' ') > 0 THEN ' ' ELSE '' END;
        IF pg_catalog.strpos(flags, '0') > 0 AND pg_catalog.strpos(flags, '-') = 0 THEN
            piece := pg_catalog.lpad(piece, greatest(width - pg_catalog.length(p[4]), pg_catalog.length(piece)), '0');
        END IF;
        piece := p[4] || piece;
        IF pg_catalog.length(piece) < pg_catalog.abs(width) THEN
            piece := CASE WHEN pg_catalog.strpos(flags, '-') > 0 OR width < 0 THEN pg_catalog.rpad(piece, pg_catalog.abs(width)) ELSE pg_catalog.lpad(piece, width) END;
        END IF;
        result := result || piece;
    END LOOP;
END $f$;

-- group_concat(DISTINCT x): the values in the order they first come, which PostgreSQL's DISTINCT would sort.
CREATE OR REPLACE FUNCTION sqlift.distinct_list_step(state text[], x text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 IS NULL OR $2 OPERATOR(pg_catalog.=) ANY ($1) THEN $1 ELSE pg_catalog.array_append($1, $2) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.distinct_list_end(state text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.cardinality($1) OPERATOR(pg_catalog.>) 0 THEN pg_catalog.array_to_string($1, ',') END
$f$;
CREATE OR REPLACE AGGREGATE sqlift.distinct_list(text) (
    SFUNC = sqlift.distinct_list_step, STYPE = text[], INITCOND = '{}', FINALFUNC = sqlift.distinct_list_end
);
