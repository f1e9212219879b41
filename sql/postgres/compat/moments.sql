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

-- The same, for what no index or generated column holds: bytes are cut out of a text at a third of what characters cost. textsend() is
-- STABLE because the encoding of the client is a setting; what passes has digits and signs alone, in 10 or 19 bytes.
CREATE OR REPLACE FUNCTION sqlift.has_moment(value text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 19
            THEN pg_catalog.substr(pg_catalog.textsend($1), 17, 3) OPERATOR(pg_catalog.=) ANY ('{:00,:01,:02,:03,:04,:05,:06,:07,:08,:09,:10,:11,:12,:13,:14,:15,:16,:17,:18,:19,:20,:21,:22,:23,:24,:25,:26,:27,:28,:29,:30,:31,:32,:33,:34,:35,:36,:37,:38,:39,:40,:41,:42,:43,:44,:45,:46,:47,:48,:49,:50,:51,:52,:53,:54,:55,:56,:57,:58,:59}'::pg_catalog.bytea[])
                AND pg_catalog.substr(pg_catalog.textsend($1), 14, 3) OPERATOR(pg_catalog.=) ANY ('{:00,:01,:02,:03,:04,:05,:06,:07,:08,:09,:10,:11,:12,:13,:14,:15,:16,:17,:18,:19,:20,:21,:22,:23,:24,:25,:26,:27,:28,:29,:30,:31,:32,:33,:34,:35,:36,:37,:38,:39,:40,:41,:42,:43,:44,:45,:46,:47,:48,:49,:50,:51,:52,:53,:54,:55,:56,:57,:58,:59}'::pg_catalog.bytea[])
                AND pg_catalog.substr(pg_catalog.textsend($1), 11, 3) OPERATOR(pg_catalog.=) ANY ('{" 00"," 01"," 02"," 03"," 04"," 05"," 06"," 07"," 08"," 09"," 10"," 11"," 12"," 13"," 14"," 15"," 16"," 17"," 18"," 19"," 20"," 21"," 22"," 23"}'::pg_catalog.bytea[])
            ELSE pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 10 END
        AND pg_catalog.substr(pg_catalog.textsend($1), 1, 4) OPERATOR(pg_catalog.=) ANY ('{1970,1971,1972,1973,1974,1975,1976,1977,1978,1979,1980,1981,1982,1983,1984,1985,1986,1987,1988,1989,1990,1991,1992,1993,1994,1995,1996,1997,1998,1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,2025,2026,2027,2028,2029,2030,2031,2032,2033,2034,2035,2036,2037,2038,2039,2040,2041,2042,2043,2044,2045,2046,2047,2048,2049,2050,2051,2052,2053,2054,2055,2056,2057,2058,2059,2060,2061,2062,2063,2064,2065,2066,2067,2068,2069}'::pg_catalog.bytea[])
        AND CASE WHEN pg_catalog.substr(pg_catalog.textsend($1), 5, 6) OPERATOR(pg_catalog.=) ANY ('{-01-01,-01-02,-01-03,-01-04,-01-05,-01-06,-01-07,-01-08,-01-09,-01-10,-01-11,-01-12,-01-13,-01-14,-01-15,-01-16,-01-17,-01-18,-01-19,-01-20,-01-21,-01-22,-01-23,-01-24,-01-25,-01-26,-01-27,-01-28,-01-29,-01-30,-01-31,-02-01,-02-02,-02-03,-02-04,-02-05,-02-06,-02-07,-02-08,-02-09,-02-10,-02-11,-02-12,-02-13,-02-14,-02-15,-02-16,-02-17,-02-18,-02-19,-02-20,-02-21,-02-22,-02-23,-02-24,-02-25,-02-26,-02-27,-02-28,-03-01,-03-02,-03-03,-03-04,-03-05,-03-06,-03-07,-03-08,-03-09,-03-10,-03-11,-03-12,-03-13,-03-14,-03-15,-03-16,-03-17,-03-18,-03-19,-03-20,-03-21,-03-22,-03-23,-03-24,-03-25,-03-26,-03-27,-03-28,-03-29,-03-30,-03-31,-04-01,-04-02,-04-03,-04-04,-04-05,-04-06,-04-07,-04-08,-04-09,-04-10,-04-11,-04-12,-04-13,-04-14,-04-15,-04-16,-04-17,-04-18,-04-19,-04-20,-04-21,-04-22,-04-23,-04-24,-04-25,-04-26,-04-27,-04-28,-04-29,-04-30,-05-01,-05-02,-05-03,-05-04,-05-05,-05-06,-05-07,-05-08,-05-09,-05-10,-05-11,-05-12,-05-13,-05-14,-05-15,-05-16,-05-17,-05-18,-05-19,-05-20,-05-21,-05-22,-05-23,-05-24,-05-25,-05-26,-05-27,-05-28,-05-29,-05-30,-05-31,-06-01,-06-02,-06-03,-06-04,-06-05,-06-06,-06-07,-06-08,-06-09,-06-10,-06-11,-06-12,-06-13,-06-14,-06-15,-06-16,-06-17,-06-18,-06-19,-06-20,-06-21,-06-22,-06-23,-06-24,-06-25,-06-26,-06-27,-06-28,-06-29,-06-30,-07-01,-07-02,-07-03,-07-04,-07-05,-07-06,-07-07,-07-08,-07-09,-07-10,-07-11,-07-12,-07-13,-07-14,-07-15,-07-16,-07-17,-07-18,-07-19,-07-20,-07-21,-07-22,-07-23,-07-24,-07-25,-07-26,-07-27,-07-28,-07-29,-07-30,-07-31,-08-01,-08-02,-08-03,-08-04,-08-05,-08-06,-08-07,-08-08,-08-09,-08-10,-08-11,-08-12,-08-13,-08-14,-08-15,-08-16,-08-17,-08-18,-08-19,-08-20,-08-21,-08-22,-08-23,-08-24,-08-25,-08-26,-08-27,-08-28,-08-29,-08-30,-08-31,-09-01,-09-02,-09-03,-09-04,-09-05,-09-06,-09-07,-09-08,-09-09,-09-10,-09-11,-09-12,-09-13,-09-14,-09-15,-09-16,-09-17,-09-18,-09-19,-09-20,-09-21,-09-22,-09-23,-09-24,-09-25,-09-26,-09-27,-09-28,-09-29,-09-30,-10-01,-10-02,-10-03,-10-04,-10-05,-10-06,-10-07,-10-08,-10-09,-10-10,-10-11,-10-12,-10-13,-10-14,-10-15,-10-16,-10-17,-10-18,-10-19,-10-20,-10-21,-10-22,-10-23,-10-24,-10-25,-10-26,-10-27,-10-28,-10-29,-10-30,-10-31,-11-01,-11-02,-11-03,-11-04,-11-05,-11-06,-11-07,-11-08,-11-09,-11-10,-11-11,-11-12,-11-13,-11-14,-11-15,-11-16,-11-17,-11-18,-11-19,-11-20,-11-21,-11-22,-11-23,-11-24,-11-25,-11-26,-11-27,-11-28,-11-29,-11-30,-12-01,-12-02,-12-03,-12-04,-12-05,-12-06,-12-07,-12-08,-12-09,-12-10,-12-11,-12-12,-12-13,-12-14,-12-15,-12-16,-12-17,-12-18,-12-19,-12-20,-12-21,-12-22,-12-23,-12-24,-12-25,-12-26,-12-27,-12-28,-12-29,-12-30,-12-31}'::pg_catalog.bytea[]) THEN true
            ELSE pg_catalog.substr(pg_catalog.textsend($1), 5, 6) OPERATOR(pg_catalog.=) '-02-29'::pg_catalog.bytea
                AND pg_catalog.substr(pg_catalog.textsend($1), 1, 4) OPERATOR(pg_catalog.=) ANY ('{1972,1976,1980,1984,1988,1992,1996,2000,2004,2008,2012,2016,2020,2024,2028,2032,2036,2040,2044,2048,2052,2056,2060,2064,2068}'::pg_catalog.bytea[]) END
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

-- julianday() inside of avg(), sum() and total(), which add multiples of 2^-40.
CREATE OR REPLACE FUNCTION sqlift.summed_julianday(VARIADIC parts text[]) RETURNS double precision LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    day double precision := sqlift.julianday(VARIADIC parts);
BEGIN
    IF day < 4096 AND day * 1099511627776 <> pg_catalog.trunc(day * 1099511627776) THEN
        RAISE EXCEPTION 'a sum of days before 4701 B.C.' USING ERRCODE = 'feature_not_supported', HINT = 'write julianday(...) + 0.0';
    END IF;
    RETURN day;
END $f$;

-- A day that lies before or behind whatever a comparison with the text lets through, of which the first so many bytes count: what
-- begins with YYYY-MM-DD further away is left out by its text alone. Four days are what February and a time zone may take.
CREATE OR REPLACE FUNCTION sqlift.day_before(bound text, kept integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    day text := pg_catalog.substring(pg_catalog.left(bound, kept), '^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?');
BEGIN
    IF day IS NULL OR day < '0010' COLLATE "C" OR day >= '9991' COLLATE "C" THEN RETURN ''; END IF;
    day := day || pg_catalog.substr('0000-01-01', pg_catalog.length(day) + 1);
    RETURN pg_catalog.to_char(pg_catalog.make_date(pg_catalog.left(day, 4)::int, pg_catalog.substr(day, 6, 2)::int, 1) + (pg_catalog.right(day, 2)::int - 5), 'YYYY-MM-DD');
END $f$;
CREATE OR REPLACE FUNCTION sqlift.day_behind(bound text, kept integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    day text := pg_catalog.substring(pg_catalog.left(bound, kept), '^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?');
BEGIN
    IF day IS NULL OR day < '0010' COLLATE "C" OR day >= '9991' COLLATE "C" THEN RETURN pg_catalog.chr(1114111); END IF;
    day := day || pg_catalog.substr('0000-12-31', pg_catalog.length(day) + 1);
    RETURN pg_catalog.to_char(pg_catalog.make_date(pg_catalog.left(day, 4)::int, pg_catalog.substr(day, 6, 2)::int, 1) + (pg_catalog.right(day, 2)::int + 1), 'YYYY-MM-DD');
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
