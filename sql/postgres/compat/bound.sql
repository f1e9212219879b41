-- Values of the class that is bound, where only text has a collation to choose: text sorts by its bytes, whatever the database's
-- collation is. `?1 COLLATE "C"` would be an error for a number.

-- A type between that has no collation, so that what comes out of it has its own type's.
DO $$
BEGIN
    IF pg_catalog.to_regtype('sqlift.wrapped_text') IS NULL THEN
        CREATE TYPE sqlift.wrapped_text AS (x text);
    END IF;
    IF pg_catalog.to_regtype('sqlift.text_by_bytes') IS NULL THEN
        CREATE DOMAIN sqlift.text_by_bytes AS text COLLATE "C";
    END IF;
END $$;

-- sqlift.by_bytes(sqlift.unwrapped(sqlift.wrapped(?1)))
CREATE OR REPLACE FUNCTION sqlift.wrapped(x text) RETURNS sqlift.wrapped_text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT ROW($1)::sqlift.wrapped_text $f$;
CREATE OR REPLACE FUNCTION sqlift.unwrapped(x sqlift.wrapped_text) RETURNS sqlift.text_by_bytes LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT ($1).x::sqlift.text_by_bytes $f$;
CREATE OR REPLACE FUNCTION sqlift.by_bytes(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.wrapped(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.unwrapped(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.by_bytes(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.wrapped(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.unwrapped(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.by_bytes(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.wrapped(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.unwrapped(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.by_bytes(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.wrapped(x bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.unwrapped(x bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.by_bytes(x bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.wrapped(x integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.unwrapped(x integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.int8 $f$;
CREATE OR REPLACE FUNCTION sqlift.by_bytes(x integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1::pg_catalog.int8 $f$;
