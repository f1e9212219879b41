-- Date and time functions. https://sqlite.org/lang_datefunc.html
-- A moment is SQLite's own: milliseconds since noon in Greenwich on November 24, 4714 B.C. (the julian day times 86400000).

CREATE OR REPLACE FUNCTION sqlift.moment_of_day(y bigint, m bigint, d bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    a bigint;
BEGIN
    IF m <= 2 THEN
        y := y - 1;
        m := m + 12;
    END IF;
    a := (y + 4800) / 100;
    RETURN ((36525 * (y + 4716) / 100 + 306001 * (m + 1) / 10000 + d + (38 - a + a / 4)) * 2 - 3049) * 43200000;
END $f$;

-- Year, month, day.
CREATE OR REPLACE FUNCTION sqlift.moment_parts(moment bigint, OUT y bigint, OUT m bigint, OUT d bigint) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    z bigint := (moment + 43200000) / 86400000;
    alpha bigint := pg_catalog.trunc((z + 32044.75) / 36524.25)::bigint - 52;
    a bigint := z + 1 + alpha - ((alpha + 100) / 4) + 25;
    b bigint := a + 1524;
    c bigint := pg_catalog.trunc((b - 122.1) / 365.25)::bigint;
    e bigint;
BEGIN
    d := (36525 * (c & 32767)) / 100;
    e := pg_catalog.trunc((b - d) / 30.6001)::bigint;
    d := b - d - pg_catalog.trunc(30.6001 * e)::bigint;
    m := CASE WHEN e < 14 THEN e - 1 ELSE e - 13 END;
    y := CASE WHEN m > 2 THEN c - 4716 ELSE c - 4715 END;
END $f$;

-- HH:MM, HH:MM:SS, HH:MM:SS.SSS with an optional zone: milliseconds into the day and the zone's minutes; NULL when it is none.
CREATE OR REPLACE FUNCTION sqlift.time_of_day(value text, OUT ms bigint, OUT zone bigint, OUT utc boolean) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    hour text := pg_catalog.left(value, 2);
    minute text := pg_catalog.substr(value, 4, 2);
    second text := '0';
    fraction text := '';
    rest text := pg_catalog.substr(value, 6);
BEGIN
    -- Without groups: finding where each begins costs fifty times as much as the test.
    IF value !~ '^[0-9][0-9]:[0-9][0-9](:[0-9][0-9](\.[0-9]+)?)?[ \t\n\v\f\r]*([Zz]|[+-][0-9][0-9]:[0-9][0-9])?[ \t\n\v\f\r]*$' THEN RETURN; END IF;
    IF pg_catalog.left(rest, 1) = ':' THEN
        second := pg_catalog.substr(rest, 2, 2);
        rest := pg_catalog.substr(rest, 4);
        IF pg_catalog.left(rest, 1) = '.' THEN
            fraction := rest;
            rest := pg_catalog.ltrim(pg_catalog.substr(rest, 2), '0123456789');
            fraction := pg_catalog.left(fraction, pg_catalog.length(fraction) - pg_catalog.length(rest));
        END IF;
    END IF;
    rest := pg_catalog.btrim(rest, E' \t\n\v\f\r');
    IF hour > '24' COLLATE "C" OR minute > '59' COLLATE "C" OR second > '59' COLLATE "C" THEN RETURN; END IF;
    IF hour = '24' THEN
        RAISE EXCEPTION 'the time % has an hour 24', pg_catalog.quote_literal(value) USING ERRCODE = 'feature_not_supported', HINT = 'write 00 of the next day';
    END IF;
    utc := false;
    zone := 0;
    IF pg_catalog.length(rest) = 6 THEN
        IF pg_catalog.substr(rest, 2, 2)::int > 14 OR pg_catalog.substr(rest, 5, 2)::int > 59 THEN RETURN; END IF;
        zone := (pg_catalog.substr(rest, 2, 2)::int * 60 + pg_catalog.substr(rest, 5, 2)::int) * CASE pg_catalog.left(rest, 1) WHEN '-' THEN -1 ELSE 1 END;
    END IF;
    utc := rest <> '' AND zone = 0;
    -- SQLite cuts the fraction at .999.
    ms := hour::bigint * 3600000 + minute::bigint * 60000
        + pg_catalog.floor((second::double precision + least(('0' || fraction)::double precision, 0.999)) * 1000 + 0.5)::bigint;
END $f$;

-- UTC as local time; `zone` is a name or a rule such as CET-1CEST.
CREATE OR REPLACE FUNCTION sqlift.local_moment(moment bigint, zone text) RETURNS bigint LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    t record;
    shift bigint := 0;
BEGIN
    IF moment < 210866760000000 OR moment > 213014145600000 THEN
        -- Outside of 1970 to 2037 SQLite asks for a like year within.
        SELECT * INTO t FROM sqlift.moment_parts(moment);
        shift := sqlift.moment_of_day(2000 + t.y % 4, t.m, t.d) - sqlift.moment_of_day(t.y, t.m, t.d);
    END IF;
    RETURN moment + pg_catalog.round(pg_catalog.date_part('epoch',
        pg_catalog.timezone(zone, pg_catalog.to_timestamp((moment + shift - 210866760000000) / 1000.0))
        - pg_catalog.timezone('UTC', pg_catalog.to_timestamp((moment + shift - 210866760000000) / 1000.0))))::bigint * 1000;
END $f$;

-- The time zone of the program, which the session told the server.
CREATE OR REPLACE FUNCTION sqlift.local_zone() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
BEGIN
    IF coalesce(pg_catalog.current_setting('sqlift.timezone', true), '') = '' THEN
        RAISE EXCEPTION 'local time is not known: neither TZ nor /etc/localtime names a time zone'
            USING ERRCODE = 'feature_not_supported', HINT = 'put the zone into the URL: timezone=Europe/Berlin';
    END IF;
    RETURN pg_catalog.current_setting('sqlift.timezone');
END $f$;

-- How many days the date lies past the end of its month.
CREATE OR REPLACE FUNCTION sqlift.days_past_month(y bigint, m bigint, d bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT GREATEST($3 OPERATOR(pg_catalog.-) CASE WHEN $2 IN (4, 6, 9, 11) THEN 30 WHEN $2 OPERATOR(pg_catalog.<>) 2 THEN 31
        WHEN $1 OPERATOR(pg_catalog.%) 4 OPERATOR(pg_catalog.=) 0 AND ($1 OPERATOR(pg_catalog.%) 100 OPERATOR(pg_catalog.<>) 0 OR $1 OPERATOR(pg_catalog.%) 400 OPERATOR(pg_catalog.=) 0)
            THEN 29 ELSE 28 END, 0)
$f$;

-- A time value and its modifiers, from left to right; NULL when one of them is none. `y`, `m`, `d` are the date as written
-- where nothing moved it, which no calendar needs to have.
CREATE OR REPLACE FUNCTION sqlift.moment(parts text[], OUT moment bigint, OUT subsec boolean, OUT y bigint, OUT m bigint, OUT d bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    raw double precision;
    value text := parts[1];
    modifier text;
    rest text;
    at int;
    lowered text;
    unit text;
    p text[];
    t record;
    n double precision;
    months bigint;
    days bigint;
    day_ms bigint;
    zone bigint := 0;
    past bigint := 0;
    utc boolean := false;
    local boolean := false;
    is_none boolean;
    -- Out of the calendar. SQLite goes on from 2000-01-01, and what it gives is none at last; but its 'utc' forgets that.
    failed boolean := false;
    anew bigint := 211813444800000;
    -- The last modifier that did anything left it so, and no other has computed the new time yet.
    bare boolean := false;
    guess bigint;
    off bigint;
    now_ms bigint := 210866760000000 + pg_catalog.round(pg_catalog.date_part('epoch', pg_catalog.date_trunc('milliseconds', pg_catalog.statement_timestamp())) * 1000)::bigint;
    i int;
BEGIN
    subsec := false;
    IF coalesce(pg_catalog.cardinality(parts), 0) = 0 THEN
        moment := now_ms;
        RETURN;
    END IF;
    IF pg_catalog.array_position(parts, NULL) IS NOT NULL THEN RETURN; END IF;
    -- The time value: a date, a time of day, a word or a number.
    at := CASE WHEN pg_catalog.left(value, 1) = '-' THEN 2 ELSE 1 END;
    IF pg_catalog.substr(value, at) ~ '^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' THEN
        m := pg_catalog.substr(value, at + 5, 2);
        d := pg_catalog.substr(value, at + 8, 2);
    END IF;
    IF m BETWEEN 1 AND 12 AND d BETWEEN 1 AND 31 THEN
        rest := pg_catalog.ltrim(pg_catalog.substr(value, at + 10), E' \t\n\v\f\rT');
        IF rest <> '' THEN
            t := sqlift.time_of_day(rest);
            IF t.ms IS NULL THEN
                m := NULL;
                d := NULL;
                RETURN;
            END IF;
            zone := t.zone;
            day_ms := t.ms - zone * 60000;
            utc := t.utc OR zone <> 0;
        END IF;
        y := pg_catalog.substr(value, 1, at + 3);
        IF y < -4713 THEN
            IF 'utc' = ANY (pg_catalog.lower(parts::text)::text[]) THEN
                RAISE EXCEPTION 'the modifier ''utc'' of a time that is none' USING ERRCODE = 'feature_not_supported', HINT = 'leave it out';
            END IF;
            RETURN;
        END IF;
        past := sqlift.days_past_month(y, m, d);
        moment := sqlift.moment_of_day(y, m, d) + coalesce(day_ms, 0);
        IF zone <> 0 THEN y := NULL; END IF;
    ELSE
        m := NULL;
        d := NULL;
        t := sqlift.time_of_day(value);
        IF t.ms IS NOT NULL THEN
            moment := 211813444800000 + t.ms - t.zone * 60000;
            utc := t.utc OR t.zone <> 0;
        ELSIF pg_catalog.lower(value) IN ('now', 'subsec', 'subsecond') THEN
            subsec := pg_catalog.lower(value) <> 'now';
            moment := now_ms;
            utc := true;
        ELSIF value ~ '^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?[ \t\n\v\f\r]*$' THEN
            raw := sqlift.to_real(value);
        ELSE
            RETURN;
        END IF;
    END IF;
    IF raw >= 0 AND raw < 5373484.5 THEN moment := pg_catalog.trunc(raw * 86400000 + 0.5)::bigint; END IF;
    FOR i IN 2 .. pg_catalog.cardinality(parts) LOOP
        modifier := parts[i];
        lowered := pg_catalog.lower(modifier COLLATE "C");
        IF lowered = 'auto' THEN
            IF i > 2 THEN moment := NULL; RETURN; END IF;
            IF moment IS NULL AND raw BETWEEN -210866760000 AND 253402300799 THEN moment := pg_catalog.trunc(raw * 1000 + 210866760000000 + 0.5)::bigint; END IF;
            IF moment IS NOT NULL THEN raw := NULL; END IF;
        ELSIF lowered = 'julianday' THEN
            IF i > 2 OR raw IS NULL OR moment IS NULL THEN moment := NULL; RETURN; END IF;
            raw := NULL;
        ELSIF lowered = 'unixepoch' THEN
            n := raw * 1000 + 210866760000000;
            IF i > 2 OR raw IS NULL OR n < 0 OR n >= 464269060800000 THEN moment := NULL; RETURN; END IF;
            moment := pg_catalog.trunc(n + 0.5)::bigint;
            raw := NULL;
        ELSIF lowered IN ('subsec', 'subsecond') THEN
            subsec := true;
        ELSIF moment IS NULL AND lowered <> 'utc' THEN
            -- A number that is no julian day. SQLite's 'utc' would begin anew from there.
            IF 'utc' = ANY (pg_catalog.lower(parts::text)::text[]) THEN
                RAISE EXCEPTION 'the modifier ''utc'' of a time that is none' USING ERRCODE = 'feature_not_supported', HINT = 'leave it out';
            END IF;
            RETURN;
        ELSIF lowered = 'ceiling' THEN
            bare := false;
            past := 0;
            y := NULL;
        ELSIF lowered = 'floor' THEN
            bare := false;
            moment := moment - past * 86400000;
            y := NULL;
        ELSIF lowered = 'localtime' THEN
            IF NOT local THEN
                IF moment NOT BETWEEN 0 AND 464269060799999 THEN moment := NULL; RETURN; END IF;
                moment := sqlift.local_moment(moment, sqlift.local_zone());
                y := NULL;
            END IF;
            utc := false;
            local := true;
        ELSIF lowered = 'utc' THEN
            -- SQLite takes a number that is no julian day for day 0 here.
            is_none := moment IS NULL;
            moment := coalesce(moment, 0);
            IF NOT utc THEN
                IF moment NOT BETWEEN 0 AND 464269060799999 THEN moment := NULL; RETURN; END IF;
                guess := moment;
                off := 0;
                FOR j IN 1 .. 4 LOOP
                    guess := guess - off;
                    off := sqlift.local_moment(guess, sqlift.local_zone());
                    IF off > 464269060799999 THEN moment := NULL; RETURN; END IF;
                    off := off - moment;
                    EXIT WHEN off = 0;
                END LOOP;
                -- SQLite goes on with what it remembers of other moments.
                IF (is_none OR guess NOT BETWEEN 0 AND 464269060799999) AND i < pg_catalog.cardinality(parts) THEN
                    RAISE EXCEPTION 'a modifier behind ''utc'' of a time that is none' USING ERRCODE = 'feature_not_supported', HINT = 'leave it out';
                END IF;
                moment := guess;
                -- SQLite forgets these here.
                failed := false;
                bare := false;
                subsec := false;
                y := NULL;
                past := 0;
            END IF;
            utc := true;
            local := false;
        ELSIF lowered ~ '^weekday ' THEN
            p := pg_catalog.regexp_match(lowered, '^weekday [ \t\n\v\f\r]*\+?([0-6])(?:\.0*)?[ \t\n\v\f\r]*$');
            IF p IS NULL THEN moment := NULL; RETURN; END IF;
            bare := false;
            IF moment NOT BETWEEN 0 AND 464269060799999 THEN
                failed := true;
                utc := false;
                local := false;
                moment := anew;
            END IF;
            days := ((moment + 129600000) / 86400000) % 7;
            IF days > p[1]::bigint THEN days := days - 7; END IF;
            moment := moment + (p[1]::bigint - days) * 86400000;
            y := NULL;
        ELSIF lowered IN ('start of day', 'start of month', 'start of year') THEN
            IF bare THEN moment := NULL; RETURN; END IF;
            IF y IS NULL THEN
                IF moment NOT BETWEEN 0 AND 464269060799999 THEN
                    failed := true;
                    utc := false;
                    local := false;
                    moment := anew;
                END IF;
                SELECT q.y, q.m, q.d INTO y, m, d FROM sqlift.moment_parts(moment) AS q;
            END IF;
            IF lowered <> 'start of day' THEN d := 1; END IF;
            IF lowered = 'start of year' THEN m := 1; END IF;
            moment := sqlift.moment_of_day(y, m, d);
            raw := NULL;
        ELSE
            p := NULL;
            IF pg_catalog.strpos(pg_catalog.substr(modifier, 2), '-') > 0 THEN p := pg_catalog.regexp_match(modifier, '^([+-])(\d{4,5})-(\d\d)-(\d\d)(?:[ \t\n\v\f\r](\d\d:\d\d.*))?$'); END IF;
            IF p IS NOT NULL THEN
                -- (+|-)YYYY-MM-DD, and a time behind it
                IF p[2]::int > 14712 OR p[3]::int > 11 OR p[4]::int > 30 THEN moment := NULL; RETURN; END IF;
                months := (p[1] || (p[2]::bigint * 12 + p[3]::bigint))::bigint;
                days := (p[1] || p[4])::bigint;
                n := 0;
            ELSE
                IF pg_catalog.strpos(modifier, ':') > 0 THEN p := pg_catalog.regexp_match(modifier, '^([+-]?)(\d\d:\d\d.*)$'); END IF;
                IF p IS NOT NULL THEN
                    p := ARRAY[p[1], NULL, NULL, NULL, p[2]];
                    months := NULL;
                ELSE
                    -- Only a blank ends the number, which begins with no point.
                    IF modifier !~ '^([+-]\.?)?[0-9]+\.?[0-9]*([eE][+-]?[0-9]{1,3})?[ \t\n\v\f\r]+[A-Za-z]{3,10}$' OR modifier ~ '^.\.[0-9]*\.' THEN
                        moment := NULL;
                        RETURN;
                    END IF;
                    rest := pg_catalog.translate(modifier, E'\t\n\v\f\r', '     ');
                    unit := pg_catalog.ltrim(pg_catalog.substr(rest, pg_catalog.strpos(rest, ' ')));
                    unit := pg_catalog.lower(unit COLLATE "C");
                    IF pg_catalog.right(unit, 1) = 's' THEN unit := pg_catalog.left(unit, -1); END IF;
                    IF unit NOT IN ('day', 'hour', 'minute', 'second', 'month', 'year') THEN
                        moment := NULL;
                        RETURN;
                    END IF;
                    n := pg_catalog.split_part(rest, ' ', 1)::double precision;
                    IF (pg_catalog.abs(n) >= CASE unit WHEN 'second' THEN 464270000000000::double precision WHEN 'minute' THEN 7737900000000 WHEN 'hour' THEN 128970000000
                                                      WHEN 'day' THEN 5373485 WHEN 'month' THEN 176546 ELSE 14713 END) THEN
                        moment := NULL;
                        RETURN;
                    END IF;
                    past := 0;
                    months := CASE unit WHEN 'month' THEN pg_catalog.trunc(n)::bigint WHEN 'year' THEN pg_catalog.trunc(n)::bigint * 12 END;
                    days := 0;
                    p := NULL;
                END IF;
            END IF;
            bare := false;
            IF months IS NOT NULL THEN
                IF y IS NULL AND moment NOT BETWEEN 0 AND 464269060799999 THEN
                    failed := true;
                    utc := false;
                    local := false;
                    past := 0;
                    moment := anew + days * 86400000;
                ELSE
                    IF y IS NULL THEN
                        SELECT q.y, q.m, q.d INTO y, m, d FROM sqlift.moment_parts(moment) AS q;
                    END IF;
                    day_ms := moment - sqlift.moment_of_day(y, m, d);
                    months := y * 12 + m - 1 + months;
                    y := pg_catalog.floor(months / 12.0)::bigint;
                    m := months - y * 12 + 1;
                    IF y < -4713 OR y > 9999 THEN
                        failed := true;
                        bare := coalesce(p[5], '') = '';
                        utc := false;
                        local := false;
                        past := 0;
                        moment := anew;
                        n := 0;
                    ELSE
                        past := sqlift.days_past_month(y, m, d);
                        moment := sqlift.moment_of_day(y, m, d) + day_ms + days * 86400000;
                    END IF;
                END IF;
                IF p IS NULL THEN n := n - pg_catalog.trunc(n); END IF;
            END IF;
            IF p[5] IS NOT NULL THEN
                t := sqlift.time_of_day(p[5]);
                IF t.ms IS NULL THEN moment := NULL; RETURN; END IF;
                days := (t.ms - t.zone * 60000 + 86400000) % 86400000;
                moment := moment + CASE p[1] WHEN '-' THEN - days ELSE days END;
            ELSIF p IS NULL THEN
                moment := moment + pg_catalog.trunc(n * 1000 * CASE unit WHEN 'second' THEN 1 WHEN 'minute' THEN 60 WHEN 'hour' THEN 3600
                                                                         WHEN 'day' THEN 86400 WHEN 'month' THEN 2592000 ELSE 31536000 END
                                                    + CASE WHEN n < 0 THEN -0.5 ELSE 0.5 END)::bigint;
            END IF;
            y := NULL;
        END IF;
    END LOOP;
    IF failed OR moment < 0 OR moment > 464269060799999 THEN moment := NULL; END IF;
    IF pg_catalog.cardinality(parts) = 1 AND d > 28 THEN y := NULL; END IF;
END $f$;

-- The second of a time value as %f shows it where nothing has moved it: the number that was read, cut to three digits as printf does,
-- which is not always the moment's, whose milliseconds are rounded ('28.6485' is a double below it). NULL where the two are one.
CREATE OR REPLACE FUNCTION sqlift.second_as_read(parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    second text := pg_catalog.substring(parts[1], '\d\d:\d\d:(\d\d\.\d{4,})[ \t\n\v\f\r]*(?:[Zz]|[+-]00:00)?[ \t\n\v\f\r]*$');
    is_utc boolean := parts[1] ~ '([Zz]|[+-]00:00)[ \t\n\v\f\r]*$';
    modifier text;
BEGIN
    IF second IS NULL THEN RETURN NULL; END IF;
    FOREACH modifier IN ARRAY parts[2:] LOOP
        IF pg_catalog.lower(modifier COLLATE "C") NOT IN ('auto', 'subsec', 'subsecond', CASE WHEN is_utc THEN 'utc' ELSE 'auto' END) THEN RETURN NULL; END IF;
    END LOOP;
    RETURN pg_catalog.lpad(sqlift.real_format(
        pg_catalog.left(second, 2)::double precision + least(('0' || pg_catalog.substr(second, 3))::double precision, 0.999),
        'f', 3, false, false, false), 6, '0');
END $f$;

DROP FUNCTION IF EXISTS sqlift.format_moment(text, bigint, boolean, bigint, bigint, bigint);
-- strftime's conversions. `year`, `month`, `day` are given where they are not the calendar's, `second` where it is not the moment's.
CREATE OR REPLACE FUNCTION sqlift.format_moment(format text, moment bigint, subsec boolean, year bigint, month bigint, day bigint, second text)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    y bigint := year;
    m bigint := month;
    d bigint := day;
    day_ms bigint := (moment + 43200000) % 86400000;
    h bigint := day_ms / 3600000;
    mi bigint := day_ms / 60000 % 60;
    s bigint := day_ms / 1000 % 60;
    ms bigint := day_ms % 1000;
    of_year bigint;
    weekday bigint := ((moment + 129600000) / 86400000) % 7;
    thursday bigint;
    ty bigint;
    result text := '';
    i int := 1;
    c text;
BEGIN
    IF moment IS NULL OR format IS NULL THEN RETURN NULL; END IF;
    IF y IS NULL THEN SELECT t.y, t.m, t.d INTO y, m, d FROM sqlift.moment_parts(moment) AS t; END IF;
    of_year := (sqlift.moment_of_day(y, m, d) - sqlift.moment_of_day(y, 1, 1)) / 86400000;
    WHILE i <= pg_catalog.length(format) LOOP
        c := pg_catalog.substr(format, i, 1);
        IF c <> '%' THEN
            result := result || c;
            i := i + 1;
            CONTINUE;
        END IF;
        c := pg_catalog.substr(format, i + 1, 1);
        i := i + 2;
        IF c IN ('G', 'g', 'V') THEN
            thursday := sqlift.moment_of_day(y, m, d) + (3 - (weekday + 6) % 7) * 86400000;
            SELECT t.y INTO ty FROM sqlift.moment_parts(thursday) AS t;
        END IF;
        result := result || CASE c
            WHEN 'd' THEN pg_catalog.lpad(d::text, 2, '0')
            WHEN 'e' THEN pg_catalog.lpad(d::text, 2, ' ')
            WHEN 'f' THEN coalesce(second, pg_catalog.lpad(s::text, 2, '0') || '.' || pg_catalog.lpad(ms::text, 3, '0'))
            WHEN 'F' THEN sqlift.padded_year(y) || '-' || pg_catalog.lpad(m::text, 2, '0') || '-' || pg_catalog.lpad(d::text, 2, '0')
            WHEN 'G' THEN sqlift.padded_year(ty)
            WHEN 'g' THEN CASE WHEN ty % 100 < 0 THEN (ty % 100)::text ELSE pg_catalog.lpad((ty % 100)::text, 2, '0') END
            WHEN 'H' THEN pg_catalog.lpad(h::text, 2, '0')
            WHEN 'I' THEN pg_catalog.lpad(((h + 11) % 12 + 1)::text, 2, '0')
            WHEN 'j' THEN pg_catalog.lpad((of_year + 1)::text, 3, '0')
            WHEN 'J' THEN sqlift.julian_text(moment)
            WHEN 'k' THEN pg_catalog.lpad(h::text, 2, ' ')
            WHEN 'l' THEN pg_catalog.lpad(((h + 11) % 12 + 1)::text, 2, ' ')
            WHEN 'm' THEN pg_catalog.lpad(m::text, 2, '0')
            WHEN 'M' THEN pg_catalog.lpad(mi::text, 2, '0')
            WHEN 'p' THEN CASE WHEN h < 12 THEN 'AM' ELSE 'PM' END
            WHEN 'P' THEN CASE WHEN h < 12 THEN 'am' ELSE 'pm' END
            WHEN 'R' THEN pg_catalog.lpad(h::text, 2, '0') || ':' || pg_catalog.lpad(mi::text, 2, '0')
            WHEN 's' THEN CASE WHEN subsec THEN pg_catalog.round((moment - 210866760000000) / 1000.0, 3)::text
                               ELSE (moment / 1000 - 210866760000)::text END
            WHEN 'S' THEN pg_catalog.lpad(s::text, 2, '0')
            WHEN 'T' THEN pg_catalog.lpad(h::text, 2, '0') || ':' || pg_catalog.lpad(mi::text, 2, '0') || ':' || pg_catalog.lpad(s::text, 2, '0')
            WHEN 'u' THEN CASE WHEN weekday = 0 THEN '7' ELSE weekday::text END
            WHEN 'U' THEN pg_catalog.lpad(((of_year + 7 - weekday) / 7)::text, 2, '0')
            WHEN 'V' THEN pg_catalog.lpad(((thursday - sqlift.moment_of_day(ty, 1, 1)) / 604800000 + 1)::text, 2, '0')
            WHEN 'w' THEN weekday::text
            WHEN 'W' THEN pg_catalog.lpad(((of_year + 7 - (weekday + 6) % 7) / 7)::text, 2, '0')
            WHEN 'Y' THEN sqlift.padded_year(y)
            WHEN '%' THEN '%'
            ELSE NULL END;
        IF result IS NULL THEN RETURN NULL; END IF;
    END LOOP;
    RETURN result;
END $f$;

-- Four digits in date() and datetime(); strftime() counts a sign among its four.
CREATE OR REPLACE FUNCTION sqlift.year_text(y bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) 0 THEN '-' OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.abs($1)::pg_catalog.text, 4, '0')
                ELSE pg_catalog.lpad($1::pg_catalog.text, 4, '0') END
$f$;

CREATE OR REPLACE FUNCTION sqlift.padded_year(y bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<=) -1000 THEN $1::pg_catalog.text
                WHEN $1 OPERATOR(pg_catalog.<) 0 THEN '-' OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.abs($1)::pg_catalog.text, 3, '0')
                ELSE pg_catalog.lpad($1::pg_catalog.text, 4, '0') END
$f$;

-- %J is a real of 16 digits.
CREATE OR REPLACE FUNCTION sqlift.julian_text(moment bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.real_format($1::pg_catalog.float8 OPERATOR(pg_catalog./) 86400000, 'g', 16, false, false, false)
$f$;

CREATE OR REPLACE FUNCTION sqlift.day_text(moment bigint, y bigint, m bigint, d bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF moment IS NULL THEN RETURN NULL; END IF;
    IF y IS NULL THEN SELECT t.y, t.m, t.d INTO y, m, d FROM sqlift.moment_parts(moment) AS t; END IF;
    RETURN sqlift.year_text(y) || '-' || pg_catalog.lpad(m::text, 2, '0') || '-' || pg_catalog.lpad(d::text, 2, '0');
END $f$;
CREATE OR REPLACE FUNCTION sqlift.clock_text(moment bigint, subsec boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    ms bigint := (moment + 43200000) % 86400000;
BEGIN
    RETURN pg_catalog.lpad((ms / 3600000)::text, 2, '0') || ':' || pg_catalog.lpad((ms / 60000 % 60)::text, 2, '0') || ':' || pg_catalog.lpad((ms / 1000 % 60)::text, 2, '0')
        || CASE WHEN subsec THEN '.' || pg_catalog.lpad((ms % 1000)::text, 3, '0') ELSE '' END;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.strftime(format text, VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record := sqlift.moment(parts);
BEGIN
    RETURN sqlift.format_moment(format, t.moment, t.subsec, t.y, t.m, t.d,
        CASE WHEN pg_catalog.strpos(format, '%f') > 0 THEN sqlift.second_as_read(parts) END);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.date(VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record := sqlift.moment(parts);
BEGIN
    RETURN sqlift.day_text(t.moment, t.y, t.m, t.d);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.time(VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record := sqlift.moment(parts);
BEGIN
    RETURN sqlift.clock_text(t.moment, t.subsec);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.datetime(VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record := sqlift.moment(parts);
BEGIN
    RETURN sqlift.day_text(t.moment, t.y, t.m, t.d) || ' ' || sqlift.clock_text(t.moment, t.subsec);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.julianday(VARIADIC parts text[] DEFAULT '{}') RETURNS double precision LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record := sqlift.moment(parts);
BEGIN
    RETURN t.moment::double precision / 86400000;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.unixepoch(VARIADIC parts text[] DEFAULT '{}') RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record;
BEGIN
    SELECT * INTO t FROM sqlift.moment(parts);
    IF t.subsec THEN
        RAISE EXCEPTION 'unixepoch() with a modifier ''subsec'' that only the row knows' USING ERRCODE = 'feature_not_supported', HINT = 'write ''subsec'' as a literal';
    END IF;
    RETURN t.moment / 1000 - 210866760000;
END $f$;
-- With 'subsec' it is a real.
CREATE OR REPLACE FUNCTION sqlift.unixepoch_subsec(VARIADIC parts text[]) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT (t.moment OPERATOR(pg_catalog.-) 210866760000000)::pg_catalog.float8 OPERATOR(pg_catalog./) 1000 FROM sqlift.moment($1) AS t
$f$;

-- What must be added to the second time to reach the first: years, months and days, then the time.
CREATE OR REPLACE FUNCTION sqlift.timediff(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    a record;
    b record;
    y1 bigint;
    m1 bigint;
    y2 bigint;
    m2 bigint;
    d2 bigint;
    day_ms bigint;
    other bigint;
    years bigint;
    months bigint;
    side int;
BEGIN
    SELECT * INTO a FROM sqlift.moment(parts[1:1]);
    SELECT * INTO b FROM sqlift.moment(parts[2:2]);
    IF a.moment IS NULL OR b.moment IS NULL THEN RETURN NULL; END IF;
    SELECT t.y, t.m INTO y1, m1 FROM sqlift.moment_parts(a.moment) AS t;
    SELECT t.y, t.m, t.d INTO y2, m2, d2 FROM sqlift.moment_parts(b.moment) AS t;
    day_ms := b.moment - sqlift.moment_of_day(y2, m2, d2);
    side := CASE WHEN a.moment >= b.moment THEN 1 ELSE -1 END;
    years := (y1 - y2) * side;
    months := (m1 - m2) * side;
    IF months < 0 THEN
        years := years - 1;
        months := months + 12;
    END IF;
    y2 := y1;
    m2 := m1;
    LOOP
        other := sqlift.moment_of_day(y2, m2, d2) + day_ms;
        EXIT WHEN (a.moment - other) * side >= 0;
        months := months - 1;
        IF months < 0 THEN
            months := 11;
            years := years - 1;
        END IF;
        m2 := m2 - side;
        IF m2 < 1 THEN
            m2 := 12;
            y2 := y2 - 1;
        ELSIF m2 > 12 THEN
            m2 := 1;
            y2 := y2 + 1;
        END IF;
    END LOOP;
    SELECT t.* INTO b FROM sqlift.moment_parts(pg_catalog.abs(a.moment - other) + 148699540800000) AS t;
    RETURN CASE side WHEN 1 THEN '+' ELSE '-' END || CASE WHEN years > 9999 THEN years::text ELSE sqlift.year_text(years) END || '-' || pg_catalog.lpad(months::text, 2, '0') || '-' || pg_catalog.lpad((b.d - 1)::text, 2, '0')
        || ' ' || sqlift.format_moment('%H:%M:%f', pg_catalog.abs(a.moment - other) + 148699540800000, false, NULL, NULL, NULL, NULL);
END $f$;

-- Text on its way to a column of dates or times: SQLite's forms of them, and nothing that PostgreSQL alone reads ('yesterday', '1/2/2024').
-- https://sqlite.org/lang_datefunc.html#time_values
CREATE OR REPLACE FUNCTION sqlift.iso_text(moment text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
BEGIN
    IF $1 IS NULL OR $1 ~ '^([0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?|[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)[ \t\n\v\f\r]*([Zz]|[+-][0-9]{2}:[0-9]{2})?$' THEN
        RETURN $1;
    END IF;
    RAISE EXCEPTION 'text that is no date or time' USING ERRCODE = '22007';
END $f$;
