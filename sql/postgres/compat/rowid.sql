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

-- Writes one row: `statements` find its values in the array $1, and give the row's id or NULL back.
--   each     all of them in turn; the last one counts
--   first    the first one that breaks no unique key: one for each ON CONFLICT clause
--   ignore   the only one; a row that breaks a constraint is left out
--   fail     the only one; the row that breaks a constraint and those behind it are left out
CREATE OR REPLACE FUNCTION sqlift.write_row(statements text[], mode text, row_values text[], OUT changed bigint, OUT rowid bigint)
LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    statement text;
    remaining int := pg_catalog.array_length(statements, 1);
    -- The same for all rows of a statement, and for no other statement.
    this_statement text := pg_catalog.statement_timestamp()::text;
BEGIN
    changed := 0;
    IF mode = 'fail' AND pg_catalog.current_setting('sqlift.failed_statement', true) = this_statement THEN
        RETURN;
    END IF;
    FOREACH statement IN ARRAY statements LOOP
        remaining := remaining - 1;
        IF mode = 'each' OR mode = 'first' AND remaining = 0 THEN
            EXECUTE statement INTO rowid USING row_values;
            GET DIAGNOSTICS changed = ROW_COUNT;
        ELSE
            BEGIN
                EXECUTE statement INTO rowid USING row_values;
                GET DIAGNOSTICS changed = ROW_COUNT;
                RETURN;
            EXCEPTION
                WHEN unique_violation THEN
                    NULL;
                WHEN not_null_violation OR check_violation THEN
                    IF mode = 'first' THEN
                        RAISE;
                    END IF;
            END;
        END IF;
    END LOOP;
    IF mode = 'fail' THEN
        PERFORM pg_catalog.set_config('sqlift.failed_statement', this_statement, true);
    END IF;
END $f$;
