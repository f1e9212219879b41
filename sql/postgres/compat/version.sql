-- Last, so that a version is only there when all before it is.
CREATE OR REPLACE FUNCTION sqlift.version() RETURNS integer LANGUAGE sql IMMUTABLE AS $f$ SELECT 100 $f$;
