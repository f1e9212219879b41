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

-- A time value, without modifiers; NULL when it is none. `kind` tells how it was written: d(ate) or n(umber).
CREATE OR REPLACE FUNCTION sqlift.moment_of(value text, OUT moment bigint, OUT kind text) LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    p text[];
    seconds numeric;
BEGIN
    kind := 'd';
    IF pg_catalog.lower(value) = 'now' THEN
        moment := 210866760000000 + pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()) * 1000)::bigint;
        RETURN;
    END IF;
    p := pg_catalog.regexp_match(value, '^(-?\d{4})-(\d\d)-(\d\d)(?:(?:[ ]*|T|[ ]*T[ ]*)(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?[ ]*(Z|z|[+-]\d\d:\d\d)?[ ]*)?$');
    IF p IS NULL THEN
        p := pg_catalog.regexp_match(value, '^()()()(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?[ ]*(Z|z|[+-]\d\d:\d\d)?[ ]*$');
        IF p IS NOT NULL THEN p[1:3] := ARRAY['2000', '01', '01']; END IF;
    END IF;
    IF p IS NULL THEN
        IF value ~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$' THEN
            kind := 'n';
            seconds := value::numeric;
            IF seconds >= 0 AND seconds < 5373484.5 THEN
                moment := pg_catalog.floor(seconds * 86400000 + 0.5)::bigint;
            END IF;
        END IF;
        RETURN;
    END IF;
    IF p[2]::int NOT BETWEEN 1 AND 12 OR p[3]::int NOT BETWEEN 1 AND 31 OR coalesce(p[4]::int, 0) > 24
       OR coalesce(p[5]::int, 0) > 59 OR coalesce(p[6]::numeric, 0) >= 60 THEN
        RETURN;
    END IF;
    moment := sqlift.moment_of_day(p[1]::bigint, p[2]::bigint, p[3]::bigint)
        + coalesce(p[4]::bigint, 0) * 3600000 + coalesce(p[5]::bigint, 0) * 60000
        + pg_catalog.floor(coalesce(p[6]::numeric, 0) * 1000 + 0.5)::bigint;
    IF p[7] IS NOT NULL AND pg_catalog.lower(p[7]) <> 'z' THEN
        moment := moment - (CASE WHEN pg_catalog.left(p[7], 1) = '-' THEN -1 ELSE 1 END)
            * (pg_catalog.substr(p[7], 2, 2)::bigint * 3600000 + pg_catalog.substr(p[7], 5, 2)::bigint * 60000);
    END IF;
END $f$;

-- A time value and its modifiers, from left to right; NULL when one of them is none.
CREATE OR REPLACE FUNCTION sqlift.moment(parts text[], OUT moment bigint, OUT subsec boolean) LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    kind text;
    modifier text;
    p text[];
    n numeric;
    whole bigint;
    y bigint;
    m bigint;
    d bigint;
    raw text;
    zone text;
    i int;
    -- Year, month and day as written, which no calendar needs to have (February 29), as long as nothing moved them.
    as_written boolean := false;
BEGIN
    subsec := false;
    raw := coalesce(parts[1], CASE WHEN pg_catalog.cardinality(parts) = 0 THEN 'now' END);
    IF raw IS NULL OR pg_catalog.array_position(parts, NULL) IS NOT NULL THEN RETURN; END IF;
    IF pg_catalog.lower(raw) IN ('subsec', 'subsecond') THEN
        subsec := true;
        raw := 'now';
    END IF;
    SELECT t.moment, t.kind INTO moment, kind FROM sqlift.moment_of(raw) AS t;
    IF kind IS DISTINCT FROM 'n' AND moment IS NULL THEN RETURN; END IF;
    p := pg_catalog.regexp_match(raw, '^(-?\d{4})-(\d\d)-(\d\d)(?!.*(?:Z|z|[+-]\d\d:\d\d)\s*$)');
    IF p IS NOT NULL THEN
        as_written := true;
        y := p[1];
        m := p[2];
        d := p[3];
    END IF;
    FOR i IN 2 .. pg_catalog.cardinality(parts) LOOP
        modifier := pg_catalog.lower(parts[i]);
        IF modifier IN ('unixepoch', 'auto', 'julianday') THEN
            IF i = 2 AND kind <> 'n' AND modifier = 'auto' THEN CONTINUE; END IF;
            IF i <> 2 OR kind <> 'n' THEN moment := NULL; RETURN; END IF;
            n := raw::numeric;
            IF modifier = 'unixepoch' OR modifier = 'auto' AND NOT (n >= 0 AND n < 5373484.5) THEN
                IF n < -210866760000 OR n > 253402300799 THEN moment := NULL; RETURN; END IF;
                moment := pg_catalog.floor(n * 1000 + 0.5)::bigint + 210866760000000;
            END IF;
        ELSIF modifier IN ('subsec', 'subsecond') THEN
            subsec := true;
        ELSIF modifier = 'utc' OR modifier = 'localtime' THEN
            zone := pg_catalog.current_setting('sqlift.timezone', true);
            IF zone IS NULL OR zone = '' THEN
                RAISE EXCEPTION 'the modifier ''%'' needs to know the time zone', modifier
                    USING ERRCODE = 'feature_not_supported', HINT = 'set it for the session: SET sqlift.timezone = ''Europe/Berlin''';
            END IF;
            IF modifier = 'localtime' THEN
                moment := 210866760000000 + (pg_catalog.date_part('epoch', pg_catalog.timezone(zone, pg_catalog.to_timestamp((moment - 210866760000000) / 1000.0))) * 1000)::bigint;
            ELSE
                moment := 210866760000000 + (pg_catalog.date_part('epoch', pg_catalog.timezone(zone, pg_catalog.timezone('UTC', pg_catalog.to_timestamp((moment - 210866760000000) / 1000.0)))) * 1000)::bigint;
            END IF;
        ELSIF moment IS NULL THEN
            RETURN;
        ELSIF (moment < 0 OR moment > 464269060799999) AND modifier ~ '^(start of|weekday)|(month|year)s?\s*$' THEN
            -- Only what needs the calendar looks at the range between modifiers.
            moment := NULL;
            RETURN;
        ELSIF modifier ~ '^start of (day|month|year)$' THEN
            IF NOT as_written THEN SELECT t.y, t.m, t.d INTO y, m, d FROM sqlift.moment_parts(moment) AS t; END IF;
            as_written := false;
            moment := CASE pg_catalog.substr(modifier, 10)
                WHEN 'day' THEN sqlift.moment_of_day(y, m, d)
                WHEN 'month' THEN sqlift.moment_of_day(y, m, 1)
                ELSE sqlift.moment_of_day(y, 1, 1) END;
        ELSIF modifier ~ '^weekday [0-6](\.0*)?$' THEN
            as_written := false;
            whole := pg_catalog.substr(modifier, 9, 1)::bigint;
            moment := moment + ((whole + 7 - ((moment + 129600000) / 86400000) % 7) % 7) * 86400000;
        ELSE
            p := pg_catalog.regexp_match(modifier, '^\s*([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*(day|hour|minute|second|month|year)s?\s*$');
            IF p IS NOT NULL THEN
                n := p[1]::numeric;
                IF p[2] IN ('month', 'year') THEN
                    whole := pg_catalog.trunc(n)::bigint;
                    IF NOT as_written THEN SELECT t.y, t.m, t.d INTO y, m, d FROM sqlift.moment_parts(moment) AS t; END IF;
                    n := n - whole;
                    whole := CASE p[2] WHEN 'year' THEN whole * 12 ELSE whole END + (y * 12 + m - 1);
                    moment := moment - sqlift.moment_of_day(y, m, d)
                        + sqlift.moment_of_day(pg_catalog.floor(whole / 12.0)::bigint, whole - pg_catalog.floor(whole / 12.0)::bigint * 12 + 1, d);
                    moment := moment + pg_catalog.trunc(n * CASE p[2] WHEN 'year' THEN 365 ELSE 30 END * 86400000)::bigint;
                    IF moment < 0 OR moment > 464269060799999 THEN moment := NULL; RETURN; END IF;
                ELSE
                    n := n * CASE p[2] WHEN 'day' THEN 86400000 WHEN 'hour' THEN 3600000 WHEN 'minute' THEN 60000 ELSE 1000 END;
                    moment := moment + pg_catalog.trunc(n + pg_catalog.sign(n) * 0.5)::bigint;
                END IF;
                as_written := false;
            ELSE
                p := pg_catalog.regexp_match(modifier, '^([+-]?)(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$');
                IF p IS NULL THEN
                    IF modifier ~ '^([+-]\d{4}-\d\d-\d\d|ceiling|floor)' THEN
                        RAISE EXCEPTION 'the date modifier ''%'' has no counterpart yet', modifier USING ERRCODE = 'feature_not_supported';
                    END IF;
                    moment := NULL;
                    RETURN;
                END IF;
                moment := moment + CASE p[1] WHEN '-' THEN -1 ELSE 1 END
                    * (p[2]::bigint * 3600000 + p[3]::bigint * 60000 + pg_catalog.floor(coalesce(p[4]::numeric, 0) * 1000 + 0.5)::bigint);
            END IF;
        END IF;
    END LOOP;
    IF moment < 0 OR moment > 464269060799999 THEN moment := NULL; END IF;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.format_moment(format text, moment bigint, subsec boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    y bigint;
    m bigint;
    d bigint;
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
    SELECT t.y, t.m, t.d INTO y, m, d FROM sqlift.moment_parts(moment) AS t;
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
            WHEN 'f' THEN pg_catalog.lpad(s::text, 2, '0') || '.' || pg_catalog.lpad(ms::text, 3, '0')
            WHEN 'F' THEN sqlift.year_text(y) || '-' || pg_catalog.lpad(m::text, 2, '0') || '-' || pg_catalog.lpad(d::text, 2, '0')
            WHEN 'G' THEN sqlift.year_text(ty)
            WHEN 'g' THEN pg_catalog.lpad((ty % 100)::text, 2, '0')
            WHEN 'H' THEN pg_catalog.lpad(h::text, 2, '0')
            WHEN 'I' THEN pg_catalog.lpad(((h + 11) % 12 + 1)::text, 2, '0')
            WHEN 'j' THEN pg_catalog.lpad((of_year + 1)::text, 3, '0')
            WHEN 'J' THEN pg_catalog.rtrim(pg_catalog.rtrim(pg_catalog.round(moment / 86400000.0, 9)::text, '0'), '.')
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
            WHEN 'Y' THEN sqlift.year_text(y)
            WHEN '%' THEN '%'
            ELSE NULL END;
        IF result IS NULL THEN RETURN NULL; END IF;
    END LOOP;
    RETURN result;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.year_text(y bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) 0 THEN '-' OPERATOR(pg_catalog.||) pg_catalog.lpad(pg_catalog.abs($1)::pg_catalog.text, 4, '0')
                ELSE pg_catalog.lpad($1::pg_catalog.text, 4, '0') END
$f$;

CREATE OR REPLACE FUNCTION sqlift.strftime(format text, VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT sqlift.format_moment($1, t.moment, t.subsec) FROM sqlift.moment($2) AS t
$f$;
CREATE OR REPLACE FUNCTION sqlift.date(VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT sqlift.format_moment('%F', t.moment, false) FROM sqlift.moment($1) AS t
$f$;
CREATE OR REPLACE FUNCTION sqlift.time(VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT sqlift.format_moment(CASE WHEN t.subsec THEN '%H:%M:%f' ELSE '%T' END, t.moment, false) FROM sqlift.moment($1) AS t
$f$;
CREATE OR REPLACE FUNCTION sqlift.datetime(VARIADIC parts text[] DEFAULT '{}') RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT sqlift.format_moment(CASE WHEN t.subsec THEN '%F %H:%M:%f' ELSE '%F %T' END, t.moment, false) FROM sqlift.moment($1) AS t
$f$;
CREATE OR REPLACE FUNCTION sqlift.julianday(VARIADIC parts text[] DEFAULT '{}') RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT t.moment::pg_catalog.float8 OPERATOR(pg_catalog./) 86400000 FROM sqlift.moment($1) AS t
$f$;
CREATE OR REPLACE FUNCTION sqlift.unixepoch(VARIADIC parts text[] DEFAULT '{}') RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    t record;
BEGIN
    SELECT * INTO t FROM sqlift.moment(parts);
    IF t.subsec THEN
        RAISE EXCEPTION 'unixepoch with ''subsec'' has no counterpart yet' USING ERRCODE = 'feature_not_supported';
    END IF;
    RETURN t.moment / 1000 - 210866760000;
END $f$;
