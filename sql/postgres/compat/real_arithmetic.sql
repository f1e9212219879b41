-- Arithmetic on reals that leaves their range: 0.0 and infinities, as IEEE 754 has them, where PostgreSQL's operators fail with 22003.
-- A statement that has failed so is run again with these, and triggers' bodies always have them, so that others pay nothing.
-- What may leave the range is computed with an operand moved by a power of two, which rounds nothing. What is no number is NULL.

CREATE OR REPLACE FUNCTION sqlift.ieee_multiply(a double precision, b double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    low double precision := LEAST(pg_catalog.abs(a), pg_catalog.abs(b));
    high double precision := GREATEST(pg_catalog.abs(a), pg_catalog.abs(b));
    side double precision;
    size double precision;
BEGIN
    IF low > 1e-150 AND high < 1e150 OR low = 0 OR high >= 'Infinity' THEN RETURN NULLIF(a * b, 'NaN'); END IF;
    side := pg_catalog.sign(a) * pg_catalog.sign(b);
    size := pg_catalog.ln(low) + pg_catalog.ln(high);
    IF size < -750 THEN RETURN side * 0; END IF;
    IF size > 720 THEN RETURN side * 'Infinity'::double precision; END IF;
    -- Of 2^-1075 half of the smallest real is left, which rounds to zero; 2^1024 is no real any more.
    IF size < -740 THEN
        IF low * 1.0715086071862673e301 * high <= 2.6469779601696886e-23 THEN RETURN side * 0; END IF;
    ELSIF size > 709 THEN
        IF high / 1.2676506002282294e30 * low >= 1.418129833677085e278 THEN RETURN side * 'Infinity'::double precision; END IF;
    END IF;
    RETURN a * b;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.ieee_divide(a double precision, b double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    x double precision := pg_catalog.abs(a);
    y double precision := pg_catalog.abs(b);
    side double precision;
    size double precision;
BEGIN
    IF y = 0 THEN RETURN NULL; END IF;
    IF x BETWEEN 1e-150 AND 1e150 AND y BETWEEN 1e-150 AND 1e150 OR x = 0 THEN RETURN NULLIF(a / b, 'NaN'); END IF;
    side := pg_catalog.sign(a) * pg_catalog.sign(b);
    -- PostgreSQL 13 has an error for what an infinity divides.
    IF y >= 'Infinity' THEN RETURN CASE WHEN x < 'Infinity' THEN side * 0 END; END IF;
    IF x >= 'Infinity' THEN RETURN NULLIF(side * x, 'NaN'); END IF;
    size := pg_catalog.ln(x) - pg_catalog.ln(y);
    IF size < -750 THEN RETURN side * 0; END IF;
    IF size > 720 THEN RETURN side * 'Infinity'::double precision; END IF;
    IF size < -740 THEN
        IF x * 1.0715086071862673e301 / y <= 2.6469779601696886e-23 THEN RETURN side * 0; END IF;
    ELSIF size > 709 THEN
        IF x / 1.2676506002282294e30 / y >= 1.418129833677085e278 THEN RETURN side * 'Infinity'::double precision; END IF;
    END IF;
    RETURN a / b;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.ieee_add(a double precision, b double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    -- A sum leaves the range where both are near its end, on one side.
    IF pg_catalog.abs(a) > 1e290 AND pg_catalog.abs(b) > 1e290 AND pg_catalog.abs(a) < 'Infinity' AND pg_catalog.abs(b) < 'Infinity'
       AND pg_catalog.abs(a / 2 + b / 2) >= 8.98846567431158e307 THEN
        RETURN pg_catalog.sign(a) * 'Infinity'::double precision;
    END IF;
    RETURN NULLIF(a + b, 'NaN');
END $f$;
CREATE OR REPLACE FUNCTION sqlift.ieee_subtract(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.ieee_add($1, OPERATOR(pg_catalog.-) $2) $f$;

-- By the row, as in functions.sql.
CREATE OR REPLACE FUNCTION sqlift.ieee_multiply(a numeric, b numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    x double precision;
BEGIN
    IF pg_catalog.scale(a) = 0 AND pg_catalog.scale(b) = 0 AND a * b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN a * b; END IF;
    x := sqlift.ieee_multiply(sqlift.real_of(a), sqlift.real_of(b));
    RETURN sqlift.by_row(x);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.ieee_add(a numeric, b numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    x double precision;
BEGIN
    IF pg_catalog.scale(a) = 0 AND pg_catalog.scale(b) = 0 AND a + b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN a + b; END IF;
    x := sqlift.ieee_add(sqlift.real_of(a), sqlift.real_of(b));
    RETURN sqlift.by_row(x);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.ieee_subtract(a numeric, b numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    x double precision;
BEGIN
    IF pg_catalog.scale(a) = 0 AND pg_catalog.scale(b) = 0 AND a - b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN a - b; END IF;
    x := sqlift.ieee_subtract(sqlift.real_of(a), sqlift.real_of(b));
    RETURN sqlift.by_row(x);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.ieee_divide(a numeric, b numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    x double precision;
BEGIN
    IF pg_catalog.scale(a) = 0 AND pg_catalog.scale(b) = 0 THEN RETURN sqlift.divide(a, b); END IF;
    x := sqlift.ieee_divide(sqlift.real_of(a), sqlift.real_of(b));
    RETURN sqlift.by_row(x);
END $f$;
