-- Values on their way into columns that have a type: converted by the column's affinity, or SQLite's error of a STRICT table.
-- https://sqlite.org/stricttables.html
-- `place` is the column as the message names it, and empty for the integer key, whose error has no more to say. Nothing here is
-- immutable, so that a value is looked at when a row is written, and not when the statement is planned.
CREATE OR REPLACE FUNCTION sqlift.cannot_store(x sqlift.value, place text) RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
BEGIN
    IF place = '' THEN
        RAISE EXCEPTION 'datatype mismatch' USING ERRCODE = 'SL005';
    END IF;
    RAISE EXCEPTION 'cannot store % value in %',
        CASE (x).class WHEN 3 THEN 'BLOB' WHEN 2 THEN 'TEXT' ELSE CASE WHEN pg_catalog.scale((x).number) = 0 THEN 'INT' ELSE 'REAL' END END, place
        USING ERRCODE = 'SL004';
END $f$;

-- As an integer: numbers without a fraction, and text that is one. SQLite leaves the least real of 64 bits a real.
CREATE OR REPLACE FUNCTION sqlift.store_integer(x sqlift.value, place text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    v sqlift.value := sqlift.numeric_value(x);
    n numeric := (v).number;
BEGIN
    IF x IS NULL THEN
        RETURN NULL;
    END IF;
    IF (v).class = 1 AND n = pg_catalog.trunc(n) AND n BETWEEN -9223372036854775808 AND 9223372036854775807
            AND (n > -9223372036854775808 OR pg_catalog.scale(n) = 0) THEN
        RETURN n;
    END IF;
    PERFORM sqlift.cannot_store(v, place);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_integer(x double precision, place text) RETURNS bigint LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x = pg_catalog.trunc(x) AND x > -9223372036854775808 AND x < 9223372036854775808 THEN
        RETURN x;
    END IF;
    RETURN sqlift.store_integer(sqlift.value_of(x), place);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_integer(x numeric, place text) RETURNS bigint LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x = pg_catalog.trunc(x) AND x > -9223372036854775808 AND x < 9223372036854775808 THEN
        RETURN x;
    END IF;
    RETURN sqlift.store_integer(sqlift.value_of(x), place);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_integer(x text, place text) RETURNS bigint LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x ~ '^[+-]?[0-9]{1,18}$' THEN
        RETURN x;
    END IF;
    RETURN sqlift.store_integer(sqlift.value_of(x), place);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_integer(x jsonb, place text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_integer(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_integer(x bytea, place text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_integer(sqlift.value_of($1), $2) $f$;

-- As a number of NUMERIC or REAL.
CREATE OR REPLACE FUNCTION sqlift.store_number(x sqlift.value, place text) RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    v sqlift.value := sqlift.numeric_value(x);
BEGIN
    IF x IS NOT NULL AND (v).class <> 1 THEN
        PERFORM sqlift.cannot_store(v, place);
    END IF;
    RETURN sqlift.whole_number((v).number);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_number(x text, place text) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_number(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_number(x jsonb, place text) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_number(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_number(x bytea, place text) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_number(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_real(x sqlift.value, place text) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.real_of(sqlift.store_number($1, $2)) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_real(x text, place text) RETURNS double precision LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF x ~ E'^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)$' AND pg_catalog.length(x) < 100 THEN
        RETURN x;
    END IF;
    RETURN sqlift.real_of(sqlift.store_number(sqlift.value_of(x), place));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_real(x jsonb, place text) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_real(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_real(x bytea, place text) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_real(sqlift.value_of($1), $2) $f$;

-- As text, which numbers become; as a blob, which nothing else does.
CREATE OR REPLACE FUNCTION sqlift.store_text(x sqlift.value, place text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
BEGIN
    IF (x).class = 3 THEN
        PERFORM sqlift.cannot_store(x, place);
    END IF;
    RETURN sqlift.to_text(x);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_text(x bytea, place text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_text(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_blob(x sqlift.value, place text) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
BEGIN
    IF x IS NOT NULL AND (x).class <> 3 THEN
        PERFORM sqlift.cannot_store(x, place);
    END IF;
    RETURN (x).blob;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.store_blob(x text, place text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_blob(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_blob(x bigint, place text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_blob(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_blob(x double precision, place text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_blob(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_blob(x numeric, place text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_blob(sqlift.value_of($1), $2) $f$;
CREATE OR REPLACE FUNCTION sqlift.store_blob(x jsonb, place text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $f$ SELECT sqlift.store_blob(sqlift.value_of($1), $2) $f$;
