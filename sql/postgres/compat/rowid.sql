-- Integer keys that number themselves. https://sqlite.org/autoinc.html
-- The table is named as the statement names it, the column without quotes.

-- The id for a row that gives NULL for its key.
CREATE OR REPLACE FUNCTION sqlift.next_rowid(tbl text, col text) RETURNS bigint LANGUAGE sql VOLATILE AS $f$
    SELECT pg_catalog.nextval(pg_catalog.pg_get_serial_sequence($1, $2)::pg_catalog.regclass)
$f$;

-- Gives the id back, and moves the identity past an id that the program chose.
CREATE OR REPLACE FUNCTION sqlift.seen_rowid(tbl text, col text, id bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    seq regclass := pg_catalog.pg_get_serial_sequence(tbl, col);
BEGIN
    IF seq IS NOT NULL AND id > 0 AND id > coalesce(pg_catalog.pg_sequence_last_value(seq), 0) THEN
        PERFORM pg_catalog.setval(seq, id);
    END IF;
    RETURN id;
END $f$;
