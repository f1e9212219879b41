-- Reals as text. https://sqlite.org/floatingpoint.html, https://sqlite.org/printf.html
-- SQLite's digits are its own: 18 of them from one multiplication of 64 bits, then rounded. These functions follow it bit by bit.

-- The first 64 bits of a power of ten.
CREATE OR REPLACE FUNCTION sqlift.power_of_ten(p integer) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    shift int := 63 - ((p * 108853) >> 15);
BEGIN
    IF p < 0 THEN RETURN pg_catalog.div(pg_catalog.power(2::numeric, shift), ('1e' || - p)::numeric); END IF;
    IF shift < 0 THEN RETURN pg_catalog.div(('1e' || p)::numeric, pg_catalog.power(2::numeric, - shift)); END IF;
    RETURN ('1e' || p)::numeric * pg_catalog.power(2::numeric, shift);
END $f$;

-- The significant digits of |x| and where its point stands among them: at most `most`, `wanted` of them, or, when that
-- is not above zero, - `wanted` behind the point.
CREATE OR REPLACE FUNCTION sqlift.real_digits(x double precision, wanted integer, most integer, OUT digits text, OUT point integer)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    bits bigint := ('x' || pg_catalog.encode(pg_catalog.float8send(pg_catalog.abs(x)), 'hex'))::bit(64)::bigint;
    e int := (bits >> 52)::int;
    m numeric;
    p int;
    n int := CASE WHEN wanted <= 0 OR wanted >= 18 THEN 18 ELSE wanted + 1 END;
    shift int;
    j int;
    shorter text;
BEGIN
    IF x = 0 THEN
        digits := '0';
        point := 1;
        RETURN;
    END IF;
    bits := bits & 4503599627370495;
    IF e = 0 THEN
        m := bits;
        e := -1074;
        WHILE m < 9223372036854775808 LOOP
            m := m * 2;
            e := e - 1;
        END LOOP;
    ELSE
        m := (bits + 4503599627370496)::numeric * 2048;
        e := e - 1086;
    END IF;
    p := n - 1 - (((e + 63) * 78913) >> 18);
    shift := - (e + ((p * 108853) >> 15) + CASE WHEN n = 18 THEN 2 ELSE 1 END);
    m := pg_catalog.div(m * sqlift.power_of_ten(p), 18446744073709551616 * pg_catalog.power(2::numeric, shift));
    IF n = 18 THEN m := pg_catalog.div(m + 1, 2); END IF;
    digits := pg_catalog.trunc(m)::text;
    n := pg_catalog.length(digits);
    point := n - p;
    IF wanted <= 0 THEN
        wanted := point - wanted;
        IF wanted = 0 AND pg_catalog.left(digits, 1)::int >= 5 THEN
            wanted := 1;
            digits := '0' || digits;
            n := n + 1;
            point := point + 1;
        END IF;
    END IF;
    IF wanted > 0 AND (wanted < n OR n > most) THEN
        wanted := least(wanted, most);
        -- 17 digits are taken back to fewer where those tell the same number.
        IF wanted = 17 THEN
            IF pg_catalog.substr(digits, 15, 2) = '99' THEN
                j := pg_catalog.length(pg_catalog.rtrim(pg_catalog.left(digits, 14), '9'));
                shorter := CASE WHEN j = 0 THEN '1' ELSE (pg_catalog.left(digits, j)::bigint + 1)::text END;
            ELSIF point >= n OR pg_catalog.substr(digits, 14, 3) = '000' THEN
                j := pg_catalog.length(pg_catalog.rtrim(pg_catalog.left(digits, 13), '0'));
                shorter := pg_catalog.left(digits, j);
            END IF;
            IF (shorter || 'e' || n - p - j)::double precision = pg_catalog.abs(x) THEN wanted := j + 1; END IF;
        END IF;
        IF pg_catalog.substr(digits, wanted + 1, 1) >= '5' THEN
            digits := (pg_catalog.left(digits, wanted)::numeric + 1)::text;
            IF pg_catalog.length(digits) > wanted THEN point := point + 1; END IF;
        ELSE
            digits := pg_catalog.left(digits, wanted);
        END IF;
    END IF;
    digits := pg_catalog.rtrim(digits, '0');
END $f$;

-- |x| by %f, %e or %g. `exclamation` is the flag ! (more digits, none of them a needless zero), `hash` the flag #.
CREATE OR REPLACE FUNCTION sqlift.real_format(x double precision, conversion text, precise integer, hash boolean, exclamation boolean, thousands boolean)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    kind text := pg_catalog.lower(conversion);
    d record;
    whole text;
    fraction text;
    exponent int;
    trim boolean := exclamation;
    dot boolean;
BEGIN
    IF kind = 'g' AND precise = 0 THEN precise := 1; END IF;
    d := sqlift.real_digits(x, CASE kind WHEN 'f' THEN - precise WHEN 'g' THEN precise ELSE precise + 1 END, CASE WHEN exclamation THEN 20 ELSE 16 END);
    exponent := d.point - 1;
    IF kind = 'g' THEN
        precise := precise - 1;
        trim := NOT hash;
        IF exponent < -4 OR exponent > precise THEN
            kind := 'e';
        ELSE
            precise := precise - exponent;
            kind := 'f';
        END IF;
    END IF;
    dot := precise > 0 OR hash OR exclamation;
    IF kind = 'e' THEN
        whole := pg_catalog.left(d.digits, 1);
        fraction := pg_catalog.substr(d.digits, 2);
    ELSIF d.point <= 0 THEN
        whole := '0';
        fraction := pg_catalog.repeat('0', least(- d.point, precise)) || d.digits;
    ELSE
        whole := pg_catalog.rpad(pg_catalog.left(d.digits, d.point), d.point, '0');
        fraction := pg_catalog.substr(d.digits, d.point + 1);
        IF thousands THEN whole := pg_catalog.regexp_replace(whole, '(\d)(?=(\d{3})+$)', '\1,', 'g'); END IF;
    END IF;
    fraction := pg_catalog.left(fraction, precise);
    IF trim THEN
        fraction := pg_catalog.rtrim(fraction, '0');
        IF fraction = '' THEN
            IF exclamation THEN fraction := '0'; ELSE dot := false; END IF;
        END IF;
    ELSE
        fraction := pg_catalog.rpad(fraction, precise, '0');
    END IF;
    whole := whole || CASE WHEN dot THEN '.' ELSE '' END || fraction;
    IF kind = 'e' THEN
        whole := whole || CASE WHEN conversion IN ('E', 'G') THEN 'E' ELSE 'e' END || CASE WHEN exponent < 0 THEN '-' ELSE '+' END
            || pg_catalog.lpad(pg_catalog.abs(exponent)::text, CASE WHEN pg_catalog.abs(exponent) >= 100 THEN 3 ELSE 2 END, '0');
    END IF;
    RETURN whole;
END $f$;

-- Whether the first digit is none of 0 and 9, of what PostgreSQL writes without an exponent: a leading 9 leaves the least room for
-- digits that are not SQLite's. Looking for the place among these bounds takes a tenth of a regular expression.
CREATE OR REPLACE FUNCTION sqlift.leads_below_nine(x double precision) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.width_bucket(pg_catalog.abs($1), '{1e-4,9e-4,1e-3,9e-3,1e-2,9e-2,1e-1,9e-1,1e0,9e0,1e1,9e1,1e2,9e2,1e3,9e3,1e4,9e4,1e5,9e5,1e6,9e6,1e7,9e7,1e8,9e8,1e9,9e9,1e10,9e10,1e11,9e11,1e12,9e12,1e13,9e13}'::pg_catalog.float8[]) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 1
$f$;

-- A real as text. PostgreSQL's shortest digits are SQLite's as long as there are few.
CREATE OR REPLACE FUNCTION sqlift.to_text(x double precision) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    short text := x::text;
BEGIN
    IF pg_catalog.octet_length(short) <= 14 AND sqlift.leads_below_nine(x) THEN
        RETURN CASE WHEN x = pg_catalog.trunc(x) THEN short || '.0' ELSE short END;
    END IF;
    IF x = 0 THEN RETURN '0.0'; END IF;
    IF x = 'Infinity' THEN RETURN 'Inf'; END IF;
    IF x = '-Infinity' THEN RETURN '-Inf'; END IF;
    RETURN CASE WHEN x < 0 THEN '-' ELSE '' END || sqlift.real_format(x, 'g', 17, false, true, false);
END $f$;

-- Half away from zero, and always a real. https://sqlite.org/lang_corefunc.html#round
CREATE OR REPLACE FUNCTION sqlift.round_digits(x double precision, digits integer) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT (CASE WHEN $1 OPERATOR(pg_catalog.<) 0 THEN '-' ELSE '' END OPERATOR(pg_catalog.||) sqlift.real_format($1, 'f', $2, false, true, false))::pg_catalog.float8
$f$;
CREATE OR REPLACE FUNCTION sqlift.round(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.>) 4503599627370496 THEN $1
                ELSE pg_catalog.trunc($1 OPERATOR(pg_catalog.+) CASE WHEN $1 OPERATOR(pg_catalog.<) 0 THEN -0.5::pg_catalog.float8 ELSE 0.5::pg_catalog.float8 END)::pg_catalog.int8::pg_catalog.float8 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.round_slowly(x double precision, digits bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 IS NULL THEN NULL
                WHEN $2 OPERATOR(pg_catalog.<=) 0 THEN sqlift.round($1)
                WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.>) 4503599627370496 THEN $1
                ELSE sqlift.round_digits($1, LEAST($2, 30)::pg_catalog.int4) END
$f$;
-- Ten to the power of a few digits; NULL for more.
CREATE OR REPLACE FUNCTION sqlift.ten_to(digits bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE $1 WHEN 0 THEN 1 WHEN 1 THEN 1e1 WHEN 2 THEN 1e2 WHEN 3 THEN 1e3 WHEN 4 THEN 1e4 WHEN 5 THEN 1e5 WHEN 6 THEN 1e6
                   WHEN 7 THEN 1e7 WHEN 8 THEN 1e8 WHEN 9 THEN 1e9 END::pg_catalog.float8
$f$;
-- Without SQLite's digits where these cannot matter: below 1e11 the error of x times a power of ten is below a hundred-thousandth,
-- so whatever is a thousandth away from the half is rounded rightly; and what has twelve binary places is multiplied exactly.
CREATE OR REPLACE FUNCTION sqlift.round(x double precision, digits bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.>) 0 AND pg_catalog.abs($1) OPERATOR(pg_catalog.<) (1e11::pg_catalog.float8 OPERATOR(pg_catalog./) sqlift.ten_to($2)) THEN
                    CASE WHEN pg_catalog.abs($1 OPERATOR(pg_catalog.*) sqlift.ten_to($2) OPERATOR(pg_catalog.-) pg_catalog.round($1 OPERATOR(pg_catalog.*) sqlift.ten_to($2))) OPERATOR(pg_catalog.<) 0.499::pg_catalog.float8
                         -- A zero without its sign stays without.
                         THEN pg_catalog.round($1 OPERATOR(pg_catalog.*) sqlift.ten_to($2) OPERATOR(pg_catalog.+) 0::pg_catalog.float8) OPERATOR(pg_catalog./) sqlift.ten_to($2)
                         WHEN $1 OPERATOR(pg_catalog.*) 4096::pg_catalog.float8 OPERATOR(pg_catalog.=) pg_catalog.trunc($1 OPERATOR(pg_catalog.*) 4096::pg_catalog.float8)
                         THEN pg_catalog.trunc($1 OPERATOR(pg_catalog.*) sqlift.ten_to($2) OPERATOR(pg_catalog.+) CASE WHEN $1 OPERATOR(pg_catalog.<) 0::pg_catalog.float8 THEN -0.5::pg_catalog.float8 ELSE 0.5::pg_catalog.float8 END)
                              OPERATOR(pg_catalog./) sqlift.ten_to($2)
                         ELSE sqlift.round_slowly($1, $2) END
                ELSE sqlift.round_slowly($1, $2) END
$f$;
