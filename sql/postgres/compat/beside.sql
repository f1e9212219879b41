-- Text beside columns of PostgreSQL's own types: stored in them, or compared with them as the text that they are to SQLite.
-- No function here catches an error: PostgreSQL allows that to no query that runs in parallel.

-- The timestamp, UTC's, that a text says which begins with a day and may end with a zone; NULL where there is no such day or time.
CREATE OR REPLACE FUNCTION sqlift.said_timestamp(x text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF x IN ('infinity', '-infinity') THEN
        RETURN x::timestamp;
    END IF;
    IF x !~ '^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?)?[ \t\n\v\f\r]*([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$'
       OR x !~ '[0-9Zz]$' OR pg_catalog.left(x, 4) = '0000' OR pg_catalog.substr(x, 9, 2) = '00'
       OR pg_catalog.substr(x, 9, 2)::int > pg_catalog.date_part('day', pg_catalog.make_date(pg_catalog.left(x, 4)::int, pg_catalog.substr(x, 6, 2)::int, 1) + interval '1 month -1 day') THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN x ~ '([Zz]|[+-][0-9]{2}:[0-9]{2})$' THEN x::timestamptz AT TIME ZONE 'UTC' ELSE x::timestamp END;
END $f$;

-- Text on its way into a column: an error for what is no moment.
CREATE OR REPLACE FUNCTION sqlift.stored_timestamp(x text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    said timestamp := sqlift.said_timestamp(x);
BEGIN
    IF said IS NULL AND x IS NOT NULL THEN
        RAISE EXCEPTION 'text that is no date with a time' USING ERRCODE = '22007';
    END IF;
    RETURN said;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.stored_timestamptz(x text) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.timezone('UTC', sqlift.stored_timestamp($1))
$f$;
CREATE OR REPLACE FUNCTION sqlift.stored_date(x text) RETURNS date LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    said timestamp := sqlift.said_timestamp(x);
BEGIN
    -- A date keeps no time.
    IF x IS NOT NULL AND (said IS NULL OR x !~ '^([0-9]{4}-[0-9]{2}-[0-9]{2}|-?infinity)$') THEN
        RAISE EXCEPTION 'text that is no date' USING ERRCODE = '22007';
    END IF;
    RETURN said::date;
END $f$;

-- Whether a text is a number to SQLite, which numeric affinity makes one: less than all text.
CREATE OR REPLACE FUNCTION sqlift.says_number(x text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT $1 OPERATOR(pg_catalog.~) '^[ \t\n\v\f\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t\n\v\f\r]*$'
$f$;

-- What a column of timestamps is compared with in place of a text. way: 1 for >= and <: the first timestamp whose text is not less;
-- -1 for > and <=: the last one whose text is not greater; 0 for = and its like: the timestamp that the text says, or one that no
-- statement stores.
CREATE OR REPLACE FUNCTION sqlift.beside_timestamp(x text, way integer) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    said timestamp := sqlift.said_timestamp(x);
    low bigint := 0;
    -- Microseconds of the years 1 to 9999, whose texts have their order.
    high bigint := 315537897600000000;
    middle bigint;
    found timestamp;
BEGIN
    IF x IS NULL OR said IS NOT NULL AND (way = 0 OR NOT pg_catalog.isfinite(said) OR x ~ '^.{16}:') THEN
        RETURN said;
    ELSIF way = 0 THEN
        RETURN '294276-12-31 23:59:59.999999';
    ELSIF said IS NOT NULL AND x ~ '^[-0-9]+( [0-9:]+)?$' THEN
        found := said;
    ELSIF sqlift.says_number(x) THEN
        RETURN '-infinity';
    ELSE
        WHILE low < high LOOP
            middle := (low + high) / 2;
            IF sqlift.to_text((date '0001-01-01' + (middle / 86400000000)::int)::timestamp + (middle % 86400000000) * interval '1 microsecond') COLLATE "C" > x COLLATE "C" THEN
                high := middle;
            ELSE
                low := middle + 1;
            END IF;
        END LOOP;
        IF way = 1 AND low = 315537897600000000 THEN
            RETURN 'infinity';
        END IF;
        found := (date '0001-01-01' + (low / 86400000000)::int)::timestamp + (low % 86400000000) * interval '1 microsecond';
    END IF;
    RETURN CASE way WHEN 1 THEN found ELSE found - interval '1 microsecond' END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.beside_timestamptz(x text, way integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.timezone('UTC', sqlift.beside_timestamp($1, $2))
$f$;

-- The same for days.
CREATE OR REPLACE FUNCTION sqlift.beside_date(x text, way integer) RETURNS date LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    low integer := 0;
    high integer := 3652059;
    middle integer;
BEGIN
    IF x IS NULL OR x ~ '^([0-9]{4}-[0-9]{2}-[0-9]{2}|-?infinity)$' AND sqlift.said_timestamp(x) IS NOT NULL THEN
        RETURN sqlift.said_timestamp(x)::date;
    ELSIF way = 0 THEN
        RETURN '5874897-12-31';
    ELSIF sqlift.says_number(x) THEN
        RETURN '-infinity';
    END IF;
    WHILE low < high LOOP
        middle := (low + high) / 2;
        IF sqlift.to_text(date '0001-01-01' + middle) COLLATE "C" > x COLLATE "C" THEN
            high := middle;
        ELSE
            low := middle + 1;
        END IF;
    END LOOP;
    IF way = 1 AND low = 3652059 THEN
        RETURN 'infinity';
    END IF;
    RETURN date '0001-01-01' + low - CASE way WHEN 1 THEN 0 ELSE 1 END;
END $f$;

-- The uuid that a text says, or one that nobody has; by its version it is none of those that are made.
CREATE OR REPLACE FUNCTION sqlift.beside_uuid(x text) RETURNS uuid LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF x IS NULL OR x ~* '^([0-9a-f]{4}(-?[0-9a-f]{4}){7}|\{[0-9a-f]{4}(-?[0-9a-f]{4}){7}\})$' THEN
        RETURN x::uuid;
    END IF;
    RETURN 'b1c7e3d9-5a60-0f42-0d18-9e2f7a4c6b35';
END $f$;

-- The document that a text says, or one that nobody has.
CREATE OR REPLACE FUNCTION sqlift.beside_jsonb(x text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF x IS NULL OR sqlift.json_valid(x) <> 0 THEN
        RETURN x::jsonb;
    END IF;
    RETURN '["sqlift: text that is no JSON"]';
END $f$;
