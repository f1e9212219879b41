-- What the translator writes around sqlift.date() and its like, so that dates in their usual form stay out of plpgsql.
-- https://sqlite.org/lang_datefunc.html

-- Whether the text is YYYY-MM-DD or YYYY-MM-DD HH:MM:SS of the years 1970 to 2069, and a date that the calendar has: exactly then
-- its parts stand at their places, and PostgreSQL reads it as SQLite does.
-- It is inlined, so an argument that is no column or parameter would be computed several times. Looking up two digits in
-- a list, which PostgreSQL 14 hashes, is what costs least; a regular expression takes three times as long.
CREATE OR REPLACE FUNCTION sqlift.is_moment(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~~) '____-__-__ __:__:__'
            THEN pg_catalog.split_part($1, ':', 2) OPERATOR(pg_catalog.=) ANY ('{00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'::pg_catalog.text[])
                AND pg_catalog.split_part($1, ':', 3) OPERATOR(pg_catalog.=) ANY ('{00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'::pg_catalog.text[])
                AND pg_catalog.substr($1, 12, 2) OPERATOR(pg_catalog.=) ANY ('{00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23}'::pg_catalog.text[])
            ELSE $1 OPERATOR(pg_catalog.~~) '____-__-__' END
        AND pg_catalog.split_part($1, '-', 1) OPERATOR(pg_catalog.=) ANY ('{1970,1971,1972,1973,1974,1975,1976,1977,1978,1979,1980,1981,1982,1983,1984,1985,1986,1987,1988,1989,1990,1991,1992,1993,1994,1995,1996,1997,1998,1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,2025,2026,2027,2028,2029,2030,2031,2032,2033,2034,2035,2036,2037,2038,2039,2040,2041,2042,2043,2044,2045,2046,2047,2048,2049,2050,2051,2052,2053,2054,2055,2056,2057,2058,2059,2060,2061,2062,2063,2064,2065,2066,2067,2068,2069}'::pg_catalog.text[])
        AND CASE WHEN pg_catalog.substr($1, 9, 2) OPERATOR(pg_catalog.=) ANY ('{01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28}'::pg_catalog.text[])
            THEN pg_catalog.split_part($1, '-', 2) OPERATOR(pg_catalog.=) ANY ('{01,02,03,04,05,06,07,08,09,10,11,12}'::pg_catalog.text[])
            WHEN pg_catalog.substr($1, 6, 5) OPERATOR(pg_catalog.=) ANY ('{01-29,01-30,01-31,03-29,03-30,03-31,04-29,04-30,05-29,05-30,05-31,06-29,06-30,07-29,07-30,07-31,08-29,08-30,08-31,09-29,09-30,10-29,10-30,10-31,11-29,11-30,12-29,12-30,12-31}'::pg_catalog.text[]) THEN true
            ELSE pg_catalog.substr($1, 6, 5) OPERATOR(pg_catalog.=) '02-29'
                AND pg_catalog.split_part($1, '-', 1) OPERATOR(pg_catalog.=) ANY ('{1972,1976,1980,1984,1988,1992,1996,2000,2004,2008,2012,2016,2020,2024,2028,2032,2036,2040,2044,2048,2052,2056,2060,2064,2068}'::pg_catalog.text[]) END
$f$;

-- '+N months': the day stays, and what the month does not have of it goes into the next one.
CREATE OR REPLACE FUNCTION sqlift.plus_months(moment timestamp, months integer) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN pg_catalog.date_trunc('month', moment) + pg_catalog.make_interval(months => months) + (moment - pg_catalog.date_trunc('month', moment));
END $f$;

-- 'weekday N': Sunday is 0.
CREATE OR REPLACE FUNCTION sqlift.next_weekday(moment timestamp, day integer) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN moment + pg_catalog.make_interval(days => (day + 7 - pg_catalog.date_part('dow', moment)::int) % 7);
END $f$;

-- The functions where nothing of the answer depends on when or where it is asked, so that a call over constants is computed
-- once per plan, and generated columns and indexes may hold one. SQLite refuses there what depends, with these words.
CREATE OR REPLACE FUNCTION sqlift.fixed_parts(parts text[], name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF coalesce(pg_catalog.cardinality(parts), 0) = 0 OR pg_catalog.lower(parts[1] COLLATE "C") IN ('now', 'subsec', 'subsecond')
        OR pg_catalog.lower(parts[2:]::text COLLATE "C")::text[] && ARRAY['localtime', 'utc'] THEN
        RAISE EXCEPTION 'non-deterministic use of %() in an index or a generated column', name USING ERRCODE = 'feature_not_supported',
            HINT = 'store the moment as a date';
    END IF;
    RETURN parts;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_date(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.date(VARIADIC sqlift.fixed_parts(parts, 'date'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_time(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.time(VARIADIC sqlift.fixed_parts(parts, 'time'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_datetime(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.datetime(VARIADIC sqlift.fixed_parts(parts, 'datetime'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_julianday(VARIADIC parts text[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.julianday(VARIADIC sqlift.fixed_parts(parts, 'julianday'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_unixepoch(VARIADIC parts text[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.unixepoch(VARIADIC sqlift.fixed_parts(parts, 'unixepoch'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_unixepoch_subsec(VARIADIC parts text[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.unixepoch_subsec(VARIADIC sqlift.fixed_parts(parts, 'unixepoch'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_strftime(format text, VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.strftime(format, VARIADIC sqlift.fixed_parts(parts, 'strftime'));
END $f$;
