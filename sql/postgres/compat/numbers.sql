-- Numbers in text, as SQLite reads them. https://sqlite.org/lang_expr.html#castexpr

CREATE OR REPLACE FUNCTION sqlift.real_of(x numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.>=) 1e309 THEN 'Infinity'::pg_catalog.float8
                WHEN $1 OPERATOR(pg_catalog.<=) -1e309 THEN '-Infinity'::pg_catalog.float8
                ELSE $1::pg_catalog.float8 END
$f$;

-- The text of a number with an exponent, or with hundreds of digits: beyond all reals it is an infinity, which is 1e400 here, and nearer
-- to zero than any it is 0.0.
CREATE OR REPLACE FUNCTION sqlift.far_decimal(x text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    mantissa text := pg_catalog.substring(x, '^([^eE]*)');
    exponent text := COALESCE(pg_catalog.substring(x, '[eE]([+-]?[0-9]+)'), '0');
    n numeric;
BEGIN
    IF mantissa !~ '[1-9]' THEN RETURN 0.0; END IF;
    IF exponent ~ '^[+-]?0*[1-9][0-9]{4}' THEN
        n := CASE WHEN exponent LIKE '-%' THEN 0.0 WHEN mantissa ~ '-' THEN -1e400 ELSE 1e400 END;
        RETURN n;
    END IF;
    n := mantissa::numeric * ('1e' || exponent)::numeric;
    -- What rounds to the largest real, or to the smallest, is one.
    IF pg_catalog.abs(n) >= 1.79769313486231580793e308 THEN RETURN pg_catalog.sign(n) * 1e400; END IF;
    IF pg_catalog.abs(n) <= 2.47032822920623272e-324 THEN RETURN 0.0; END IF;
    RETURN n;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.decimal_of(x text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) '[eE][+-]?[0-9]{3}' OR pg_catalog.length($1) OPERATOR(pg_catalog.>) 300 THEN sqlift.far_decimal($1)
                ELSE $1::pg_catalog.numeric END
$f$;
