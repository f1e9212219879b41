-- Sums of reals. https://sqlite.org/lang_aggfunc.html#sumunc
-- SQLite keeps what each addition rounds away (Kahan, Babuska, Neumaier), PostgreSQL does not: ten times 0.1 is 1.0 here.

-- {sum, what was rounded away, rows}
CREATE OR REPLACE FUNCTION sqlift.sum_step(state double precision[], x double precision) RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    s double precision := state[1];
    t double precision := s + x;
BEGIN
    IF pg_catalog.abs(s) > pg_catalog.abs(x) THEN
        RETURN ARRAY[t, state[2] + ((s - t) + x), state[3] + 1];
    END IF;
    RETURN ARRAY[t, state[2] + ((x - t) + s), state[3] + 1];
END $f$;
CREATE OR REPLACE FUNCTION sqlift.sum_back(state double precision[], x double precision) RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    s double precision := state[1];
    t double precision := s - x;
BEGIN
    IF pg_catalog.abs(s) > pg_catalog.abs(x) THEN
        RETURN ARRAY[t, state[2] + ((s - t) - x), state[3] - 1];
    END IF;
    RETURN ARRAY[t, state[2] + ((- x - t) + s), state[3] - 1];
END $f$;
-- Beyond the reals nothing is known of what was rounded away.
CREATE OR REPLACE FUNCTION sqlift.kept_sum(state double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.abs($1[2]) OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.float8 THEN $1[1] OPERATOR(pg_catalog.+) $1[2] ELSE $1[1] END
$f$;
CREATE OR REPLACE FUNCTION sqlift.sum_end(state double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1[3] OPERATOR(pg_catalog.>) 0 THEN sqlift.kept_sum($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.total_end(state double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.kept_sum($1)
$f$;
CREATE OR REPLACE FUNCTION sqlift.avg_end(state double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.kept_sum($1) OPERATOR(pg_catalog./) NULLIF($1[3], 0)
$f$;
CREATE OR REPLACE AGGREGATE sqlift.sum(double precision) (
    SFUNC = sqlift.sum_step, STYPE = double precision[], INITCOND = '{0,0,0}', FINALFUNC = sqlift.sum_end,
    MSFUNC = sqlift.sum_step, MINVFUNC = sqlift.sum_back, MSTYPE = double precision[], MINITCOND = '{0,0,0}', MFINALFUNC = sqlift.sum_end
);
CREATE OR REPLACE AGGREGATE sqlift.total(double precision) (
    SFUNC = sqlift.sum_step, STYPE = double precision[], INITCOND = '{0,0,0}', FINALFUNC = sqlift.total_end,
    MSFUNC = sqlift.sum_step, MINVFUNC = sqlift.sum_back, MSTYPE = double precision[], MINITCOND = '{0,0,0}', MFINALFUNC = sqlift.total_end
);
CREATE OR REPLACE AGGREGATE sqlift.avg(double precision) (
    SFUNC = sqlift.sum_step, STYPE = double precision[], INITCOND = '{0,0,0}', FINALFUNC = sqlift.avg_end,
    MSFUNC = sqlift.sum_step, MINVFUNC = sqlift.sum_back, MSTYPE = double precision[], MINITCOND = '{0,0,0}', MFINALFUNC = sqlift.avg_end
);

-- Of julian days as multiples of 2^-40: their exact sum and, for avg(), what PostgreSQL makes of it, which tells how many there are.
CREATE OR REPLACE FUNCTION sqlift.sum_of_days(total numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT $1::pg_catalog.float8 OPERATOR(pg_catalog./) 1099511627776::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.total_of_days(total numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE($1::pg_catalog.float8 OPERATOR(pg_catalog./) 1099511627776::pg_catalog.float8, 0)
$f$;
CREATE OR REPLACE FUNCTION sqlift.avg_of_days(total numeric, mean numeric) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) 0 THEN 0
                ELSE $1::pg_catalog.float8 OPERATOR(pg_catalog./) 1099511627776::pg_catalog.float8
                    OPERATOR(pg_catalog./) pg_catalog.round($1 OPERATOR(pg_catalog./) $2)::pg_catalog.float8 END
$f$;

-- A real without a fraction as it is; its text would be the shortest that tells it from others.
CREATE OR REPLACE FUNCTION sqlift.whole(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE
        WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.<) 9e18::pg_catalog.float8 THEN pg_catalog.trunc($1)::pg_catalog.int8::pg_catalog.numeric
        WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.<) 1e22::pg_catalog.float8
            THEN ($1 OPERATOR(pg_catalog./) 2048::pg_catalog.float8)::pg_catalog.int8::pg_catalog.numeric OPERATOR(pg_catalog.*) 2048::pg_catalog.numeric
        ELSE $1::pg_catalog.text::pg_catalog.numeric
    END
$f$;

-- Of numbers whose class only the row knows: all integers give an integer, one real makes a real. {sum, rounded away, rows, reals}
CREATE OR REPLACE FUNCTION sqlift.number_step(state double precision[], x numeric) RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    v double precision := sqlift.real_of(x);
    s double precision := state[1];
    t double precision := s + v;
    lost double precision := state[2];
BEGIN
    lost := lost + CASE WHEN pg_catalog.abs(s) > pg_catalog.abs(v) THEN (s - t) + v ELSE (v - t) + s END;
    -- An integer beyond 53 bits in two pieces.
    IF pg_catalog.abs(x) > 9007199254740992 AND pg_catalog.scale(x) = 0 THEN lost := lost + (x - sqlift.whole(v))::double precision; END IF;
    RETURN ARRAY[t, lost, state[3] + 1, state[4] + CASE WHEN pg_catalog.scale(x) = 0 THEN 0 ELSE 1 END];
END $f$;
CREATE OR REPLACE FUNCTION sqlift.number_end(state double precision[]) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    whole numeric;
BEGIN
    IF state[3] = 0 THEN RETURN NULL; END IF;
    IF state[4] > 0 THEN RETURN CASE sqlift.kept_sum(state) WHEN 'Infinity' THEN 1.0e400 WHEN '-Infinity' THEN -1.0e400 ELSE sqlift.to_operand(sqlift.kept_sum(state)) END; END IF;
    whole := sqlift.whole(state[1]) + sqlift.whole(state[2]);
    IF whole NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        RAISE EXCEPTION 'integer overflow' USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    RETURN pg_catalog.trunc(whole);
END $f$;
CREATE OR REPLACE AGGREGATE sqlift.sum(numeric) (
    SFUNC = sqlift.number_step, STYPE = double precision[], INITCOND = '{0,0,0,0}', FINALFUNC = sqlift.number_end
);
CREATE OR REPLACE AGGREGATE sqlift.total(numeric) (
    SFUNC = sqlift.number_step, STYPE = double precision[], INITCOND = '{0,0,0,0}', FINALFUNC = sqlift.total_end
);
CREATE OR REPLACE AGGREGATE sqlift.avg(numeric) (
    SFUNC = sqlift.number_step, STYPE = double precision[], INITCOND = '{0,0,0,0}', FINALFUNC = sqlift.avg_end
);

-- Text in sum(): one that is an integer counts as one, any other as a real.
CREATE OR REPLACE FUNCTION sqlift.addend(x text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]{1,18}[ \\t\\n\\v\\f\\r]*$' THEN $1::pg_catalog.numeric
                WHEN $1 OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?[0-9]{19,30}[ \\t\\n\\v\\f\\r]*$' AND $1::pg_catalog.numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1::pg_catalog.numeric
                ELSE sqlift.to_operand(sqlift.to_real($1)) END
$f$;

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

-- Of an integer and a real that are equal the first one stays.
CREATE OR REPLACE FUNCTION sqlift.lesser(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.<) $1 THEN $2 ELSE $1 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.greater(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.>) $1 THEN $2 ELSE $1 END
$f$;
CREATE OR REPLACE AGGREGATE sqlift.min(numeric) (SFUNC = sqlift.lesser, STYPE = numeric, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE sqlift.max(numeric) (SFUNC = sqlift.greater, STYPE = numeric, PARALLEL = SAFE);
