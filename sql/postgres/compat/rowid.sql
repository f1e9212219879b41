-- Integer keys that number themselves. https://sqlite.org/autoinc.html
-- The table is named as the statement names it, the column without quotes.

-- The next id of a table that nobody else writes, and that may use ids again: one more than the largest.
CREATE OR REPLACE FUNCTION sqlift.free_rowid(tbl regclass, col smallint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    largest bigint;
BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.max(%I) FROM %s', (
        SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = tbl AND a.attnum = col), tbl) INTO largest;
    RETURN coalesce(largest, 0) + 1;
END $f$;

-- The same with AUTOINCREMENT: sqlite_sequence, a table there, remembers the largest id there ever was.
CREATE OR REPLACE FUNCTION sqlift.next_rowid(tbl regclass, col smallint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    table_name text := (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = tbl);
    largest bigint := coalesce((SELECT pg_catalog.max(s.seq) FROM pg_temp.sqlite_sequence s WHERE s.name = table_name), 0);
BEGIN
    largest := greatest(largest + 1, sqlift.free_rowid(tbl, col));
    PERFORM sqlift.remember_rowid(table_name, largest);
    RETURN largest;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.remember_rowid(table_name text, id bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    UPDATE pg_temp.sqlite_sequence s SET seq = greatest(s.seq, id) WHERE s.name = table_name;
    IF NOT FOUND THEN
        INSERT INTO pg_temp.sqlite_sequence VALUES (table_name, id);
    END IF;
END $f$;

-- The id for a row that gives NULL for its key.
CREATE OR REPLACE FUNCTION sqlift.next_rowid(tbl text, col text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    seq regclass := pg_catalog.pg_get_serial_sequence(tbl, col);
    id bigint;
BEGIN
    IF seq IS NOT NULL THEN
        RETURN pg_catalog.nextval(seq);
    END IF;
    EXECUTE 'SELECT ' || (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
                          JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                          WHERE d.adrelid = tbl::regclass AND a.attname = col) INTO id;
    RETURN id;
END $f$;

-- Gives the id back, and moves the identity past an id that the program chose.
CREATE OR REPLACE FUNCTION sqlift.seen_rowid(tbl text, col text, id bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    seq regclass := pg_catalog.pg_get_serial_sequence(tbl, col);
BEGIN
    IF seq IS NULL THEN
        IF id > 0 AND EXISTS (SELECT FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                              WHERE d.adrelid = tbl::regclass AND a.attname = col
                                AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'sqlift.next_rowid(%') THEN
            PERFORM sqlift.remember_rowid((SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.oid = tbl::regclass), id);
        END IF;
    ELSIF id > 0 AND id > coalesce(pg_catalog.pg_sequence_last_value(seq), 0) THEN
        PERFORM pg_catalog.setval(seq, id);
    END IF;
    RETURN id;
END $f$;

-- sqlite_sequence of a schema that several may write: what the sequences of AUTOINCREMENT keys say.
CREATE OR REPLACE FUNCTION sqlift.autoincrement_keys()
RETURNS TABLE(tbl regclass, name text, col name, seq regclass) LANGUAGE sql STABLE AS $f$
    SELECT c.oid::regclass, sqlift.shown_relation(c.oid), a.attname, pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname::text)::regclass
    FROM pg_catalog.pg_namespace n
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r'
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
    WHERE n.nspname = pg_catalog.current_schema() AND pg_catalog.col_description(c.oid, a.attnum) ~ '(^|\n)autoincrement(\n|$)'
    ORDER BY c.oid
$f$;

CREATE OR REPLACE VIEW sqlift.sqlite_sequence AS
    SELECT k.name, pg_catalog.pg_sequence_last_value(k.seq) AS seq FROM sqlift.autoincrement_keys() AS k
    WHERE pg_catalog.pg_sequence_last_value(k.seq) IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON sqlift.sqlite_sequence TO PUBLIC;

-- The next id is one more than what is written, and than the largest that the table holds.
CREATE OR REPLACE FUNCTION sqlift.write_sqlite_sequence() RETURNS trigger LANGUAGE plpgsql AS $f$
DECLARE
    key record;
    wanted bigint;
    largest bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        wanted := NEW.seq;
    END IF;
    FOR key IN SELECT * FROM sqlift.autoincrement_keys() AS k WHERE k.name = CASE TG_OP WHEN 'INSERT' THEN NEW.name ELSE OLD.name END LOOP
        EXECUTE pg_catalog.format('SELECT pg_catalog.max(%I) FROM %s', key.col, key.tbl) INTO largest;
        wanted := greatest(wanted, largest, 0);
        PERFORM pg_catalog.setval(key.seq, greatest(wanted, 1), wanted > 0);
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $f$;

DROP TRIGGER IF EXISTS sqlite_sequence ON sqlift.sqlite_sequence;
CREATE TRIGGER sqlite_sequence INSTEAD OF INSERT OR UPDATE OR DELETE ON sqlift.sqlite_sequence
    FOR EACH ROW EXECUTE FUNCTION sqlift.write_sqlite_sequence();

-- Runs the BEFORE triggers of a row that a conflict clause leaves out: of what they write SQLite undoes nothing. The statement is run again,
-- and the last of them leaves the row out.
CREATE OR REPLACE FUNCTION sqlift.leave_out(statement text, tbl regclass, row_values text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    told text := pg_catalog.current_setting('sqlift.leaving_out', true);
BEGIN
    IF sqlift.last_before(tbl, CASE WHEN statement LIKE 'INSERT%' THEN 4 ELSE 16 END) IS NULL THEN
        RETURN;
    END IF;
    BEGIN
        PERFORM pg_catalog.set_config('sqlift.leaving_out', tbl::oid || ' ' || pg_catalog.pg_trigger_depth() + 1, true);
        EXECUTE statement USING row_values;
    EXCEPTION WHEN unique_violation OR not_null_violation OR check_violation THEN
        -- The last one did not run, as one for other columns.
        NULL;
    END;
    PERFORM pg_catalog.set_config('sqlift.leaving_out', coalesce(told, ''), true);
END $f$;

-- The BEFORE trigger that runs last for a row, where it is a translation that can leave the row out.
CREATE OR REPLACE FUNCTION sqlift.last_before(tbl oid, event int) RETURNS name LANGUAGE sql STABLE AS $f$
    SELECT CASE WHEN pg_catalog.strpos(q.prosrc, 'sqlift.leaves_out(') OPERATOR(pg_catalog.>) 0 THEN q.tgname END FROM (
        SELECT t.tgname, p.prosrc FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
        WHERE t.tgrelid OPERATOR(pg_catalog.=) $1 AND t.tgtype::int OPERATOR(pg_catalog.&) (3 OPERATOR(pg_catalog.|) $2)
              OPERATOR(pg_catalog.=) (3 OPERATOR(pg_catalog.|) $2)
              AND sqlift.runs_here(t.tgname, p.oid)
        ORDER BY t.tgname DESC LIMIT 1) AS q
$f$;

-- Whether the trigger, done with its work, leaves the row out. For a REPLACE it deletes the rows in the way instead.
CREATE OR REPLACE FUNCTION sqlift.leaves_out(tbl oid, trigger_name name, operation text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    told text := coalesce(pg_catalog.current_setting('sqlift.leaving_out', true), '');
    depth text := pg_catalog.pg_trigger_depth();
BEGIN
    IF told NOT IN (tbl || ' ' || depth, tbl || ' ' || depth || ' replace')
       OR sqlift.last_before(tbl, CASE operation WHEN 'INSERT' THEN 4 ELSE 16 END) IS DISTINCT FROM trigger_name THEN
        RETURN false;
    END IF;
    IF told NOT LIKE '% replace' THEN
        RETURN true;
    END IF;
    EXECUTE pg_catalog.current_setting('sqlift.replaced_' || depth) USING pg_catalog.current_setting('sqlift.replacer_' || depth)::text[];
    -- What a trigger deletes by itself later on runs its triggers.
    PERFORM sqlift.replaced(tbl::regclass);
    RETURN false;
END $f$;

-- Writes one row: `statements` find its values in the array $1, and give the row's id or NULL back.
--   each     all of them in turn; the last one counts
--   replace  the first one, until the rows of the table (the second) whose unique keys it breaks are deleted
--   late     the first one; behind its BEFORE triggers the second, which deletes the rows of the table (the third) in its way
--   first    pairs of them for the keys of ON CONFLICT clauses, in order: the first of a pair inserts, or does nothing where its key is
--            taken, then the second counts, none for DO NOTHING; where another key is taken, the next pair does. The last one is alone.
--   whole    all of them in turn, or none where a trigger leaves the row of the last one out
--   ignore   the first one; a row that breaks a constraint of the table (the second) is left out
--   fail     the first one; the row that breaks a constraint of the table (the second) and those behind it are left out. What stands behind
--            the table are the only constraints for which that is so: `key t_a_key`, `null a`; others undo the statement.
--   stop     the only one; the row whose trigger raises FAIL and those behind it are left out
-- What the BEFORE triggers of a row wrote that is left out for a constraint stays.
-- `written` is what a statement gives back behind the id: the row as text, for RETURNING.
DROP FUNCTION IF EXISTS sqlift.write_row(text[], text, text[]);
CREATE OR REPLACE FUNCTION sqlift.write_row(statements text[], mode text, row_values text[], OUT changed bigint, OUT rowid bigint, OUT written text)
LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    statement text;
    remaining int := pg_catalog.array_length(statements, 1);
    key_schema text;
    key_table text;
    key_index text;
    key_column text;
    key_detail text;
    is_own boolean;
    -- The same for all rows of a statement, and for no other statement.
    this_statement text := pg_catalog.statement_timestamp()::text;
    told text;
    depth int;
BEGIN
    changed := 0;
    IF mode IN ('fail', 'stop') AND pg_catalog.current_setting('sqlift.failed_statement', true) = this_statement THEN
        RETURN;
    END IF;
    IF mode = 'stop' THEN
        BEGIN
            EXECUTE statements[1] INTO rowid USING row_values;
            GET DIAGNOSTICS changed = ROW_COUNT;
        EXCEPTION WHEN SQLSTATE 'SL008' THEN
            PERFORM pg_catalog.set_config('sqlift.failed_statement', this_statement, true);
        END;
        RETURN;
    END IF;
    IF mode = 'replace' THEN
        LOOP
            BEGIN
                EXECUTE statements[1] INTO rowid, written USING row_values;
                GET DIAGNOSTICS changed = ROW_COUNT;
                RETURN;
            EXCEPTION WHEN unique_violation THEN
                GET STACKED DIAGNOSTICS key_schema = SCHEMA_NAME, key_index = CONSTRAINT_NAME, key_detail = PG_EXCEPTION_DETAIL;
                PERFORM sqlift.must_see_key(key_schema, key_index, key_detail);
                IF NOT sqlift.delete_taken(statements[2]::regclass, key_schema, key_index, key_detail) THEN
                    RAISE;
                END IF;
            END;
        END LOOP;
    END IF;
    IF mode = 'late' THEN
        IF sqlift.last_before(statements[3]::regclass, 4) IS NULL THEN
            mode := 'whole';
            statements := ARRAY[statements[2], statements[1]];
        ELSE
            told := pg_catalog.current_setting('sqlift.leaving_out', true);
            depth := pg_catalog.pg_trigger_depth() + 1;
            PERFORM pg_catalog.set_config('sqlift.leaving_out', statements[3]::regclass::oid || ' ' || depth || ' replace', true),
                pg_catalog.set_config('sqlift.replaced_' || depth, statements[2], true),
                pg_catalog.set_config('sqlift.replacer_' || depth, row_values::text, true);
            EXECUTE statements[1] INTO rowid, written USING row_values;
            GET DIAGNOSTICS changed = ROW_COUNT;
            PERFORM pg_catalog.set_config('sqlift.leaving_out', coalesce(told, ''), true);
            RETURN;
        END IF;
    END IF;
    IF mode = 'whole' THEN
        BEGIN
            FOREACH statement IN ARRAY statements LOOP
                EXECUTE statement INTO rowid, written USING row_values;
                GET DIAGNOSTICS changed = ROW_COUNT;
            END LOOP;
            IF changed = 0 THEN
                RAISE EXCEPTION 'the row is left out' USING ERRCODE = 'SL006';
            END IF;
        EXCEPTION WHEN SQLSTATE 'SL006' THEN
            changed := 0;
            rowid := NULL;
        END;
        RETURN;
    END IF;
    IF mode = 'first' THEN
        FOR pair IN 1 .. remaining / 2 LOOP
            BEGIN
                EXECUTE statements[2 * pair - 1] INTO rowid, written USING row_values;
                GET DIAGNOSTICS changed = ROW_COUNT;
                IF changed > 0 OR statements[2 * pair] = '' THEN
                    RETURN;
                END IF;
                -- What BEFORE triggers did for a row that is not inserted is undone.
                RAISE EXCEPTION 'the key is taken' USING ERRCODE = 'SL006';
            EXCEPTION
                WHEN unique_violation THEN
                    GET STACKED DIAGNOSTICS key_schema = SCHEMA_NAME, key_index = CONSTRAINT_NAME, key_detail = PG_EXCEPTION_DETAIL;
                    PERFORM sqlift.must_see_key(key_schema, key_index, key_detail);
                    CONTINUE;
                WHEN SQLSTATE 'SL006' THEN
                    changed := 0;
                    rowid := NULL;
            END;
            EXECUTE statements[2 * pair] INTO rowid, written USING row_values;
            GET DIAGNOSTICS changed = ROW_COUNT;
            RETURN;
        END LOOP;
        EXECUTE statements[remaining] INTO rowid, written USING row_values;
        GET DIAGNOSTICS changed = ROW_COUNT;
        RETURN;
    END IF;
    IF mode = 'each' THEN
        FOREACH statement IN ARRAY statements LOOP
            EXECUTE statement INTO rowid, written USING row_values;
            GET DIAGNOSTICS changed = ROW_COUNT;
        END LOOP;
        RETURN;
    END IF;
    BEGIN
        EXECUTE statements[1] INTO rowid, written USING row_values;
        GET DIAGNOSTICS changed = ROW_COUNT;
        RETURN;
    EXCEPTION WHEN unique_violation OR not_null_violation OR check_violation THEN
        GET STACKED DIAGNOSTICS key_schema = SCHEMA_NAME, key_table = TABLE_NAME, key_index = CONSTRAINT_NAME, key_column = COLUMN_NAME, key_detail = PG_EXCEPTION_DETAIL;
        is_own := pg_catalog.format('%I.%I', key_schema, key_table)::regclass = statements[2]::regclass;
        -- IGNORE is for the row's own constraints: what a trigger or a foreign key's action breaks is an error.
        IF mode = 'ignore' AND NOT is_own THEN
            RAISE;
        END IF;
        IF mode = 'fail' AND remaining > 2 AND NOT (is_own AND (CASE SQLSTATE
            WHEN '23505' THEN 'key ' || key_index WHEN '23502' THEN 'null ' || key_column ELSE '' END) = ANY (statements[3:])) THEN
            RAISE;
        END IF;
        IF SQLSTATE = '23505' THEN
            PERFORM sqlift.must_see_key(key_schema, key_index, key_detail);
        END IF;
    END;
    IF is_own THEN
        PERFORM sqlift.leave_out(statements[1], statements[2]::regclass, row_values);
    END IF;
    IF mode = 'fail' THEN
        PERFORM pg_catalog.set_config('sqlift.failed_statement', this_statement, true);
    END IF;
END $f$;

-- Runs an UPDATE or DELETE of the rows whose ids stand in `row_values[1]`, in the order of these ids: the index of the key finds them one after
-- the other, since nothing else is to be used.
CREATE OR REPLACE FUNCTION sqlift.write_in_order(statement text, row_values text[], OUT changed bigint, OUT rowid bigint)
LANGUAGE plpgsql VOLATILE SET enable_bitmapscan = off SET enable_seqscan = off AS $f$
BEGIN
    EXECUTE statement USING row_values;
    GET DIAGNOSTICS changed = ROW_COUNT;
END $f$;

-- What a subquery in DO UPDATE gives that reads what its INSERT writes, and says the same for every row: computed at the first conflict, and
-- kept for the statement under its `place`. https://sqlite.org/lang_upsert.html
CREATE OR REPLACE FUNCTION sqlift.seen_once(place text, query text, given text[], kind anycompatiblearray) RETURNS anycompatible LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    results kind%TYPE;
    this_statement text := pg_catalog.statement_timestamp()::text || ' ';
    known text := pg_catalog.current_setting('sqlift.seen_' || place, true);
BEGIN
    IF pg_catalog.starts_with(known, this_statement) THEN
        results := pg_catalog.substr(known, pg_catalog.length(this_statement) + 1);
    ELSE
        EXECUTE query INTO results USING given;
        PERFORM pg_catalog.set_config('sqlift.seen_' || place, this_statement || results::text, true);
    END IF;
    RETURN results[1];
END $f$;

-- A result of RETURNING with a subquery that reads the written table: `query` over `written` ($2), the row, and `given` ($1), its
-- parameters. A volatile function sees what its statement has written so far. https://sqlite.org/lang_returning.html
CREATE OR REPLACE FUNCTION sqlift.seen(query text, given text[], written anyelement, kind anycompatiblearray) RETURNS anycompatible LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    results kind%TYPE;
BEGIN
    EXECUTE query INTO results USING given, written;
    RETURN results[1];
END $f$;
