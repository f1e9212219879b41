-- The schema and what belongs to it alone. It is never on search_path: callers write sqlift.f(...).
CREATE SCHEMA IF NOT EXISTS sqlift;
GRANT USAGE ON SCHEMA sqlift TO PUBLIC;

-- Mark columns that SQLite's text declared COLLATE NOCASE or RTRIM; they sort as "C", comparisons fold with lower() and rtrim().
CREATE COLLATION IF NOT EXISTS sqlift.sqlift_nocase (provider = libc, locale = 'C');
CREATE COLLATION IF NOT EXISTS sqlift.sqlift_rtrim (provider = libc, locale = 'C');

-- What SQLite keeps in a file's header (PRAGMA user_version, application_id), by schema.
CREATE TABLE IF NOT EXISTS sqlift.setting (
    schema_name text NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (schema_name, name)
);
GRANT SELECT, INSERT, UPDATE ON sqlift.setting TO PUBLIC;

-- Who may write to a schema's header: who may make something in the schema, or write to one of its tables.
CREATE OR REPLACE FUNCTION sqlift.may_write_setting() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    IF pg_catalog.pg_has_role((SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID), 'USAGE')
        OR EXISTS (SELECT FROM pg_catalog.pg_namespace n
                   WHERE n.nspname = NEW.schema_name AND (pg_catalog.has_schema_privilege(n.oid, 'CREATE') OR EXISTS (
                       SELECT FROM pg_catalog.pg_class c
                       WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'f')
                         AND (pg_catalog.has_table_privilege(c.oid, 'DELETE') OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE')))))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'permission denied for schema %', NEW.schema_name USING ERRCODE = 'insufficient_privilege';
END $f$;
DO $d$
BEGIN
    -- CREATE OR REPLACE TRIGGER is PostgreSQL 14's, and one that is there needs no lock.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = 'sqlift.setting'::pg_catalog.regclass AND t.tgname = 'may_write') THEN
        CREATE TRIGGER may_write BEFORE INSERT OR UPDATE ON sqlift.setting FOR EACH ROW EXECUTE FUNCTION sqlift.may_write_setting();
    END IF;
END $d$;

CREATE OR REPLACE FUNCTION sqlift.stored_setting(setting text) RETURNS bigint LANGUAGE sql STABLE AS $f$
    SELECT COALESCE((SELECT s.value FROM sqlift.setting s
                     WHERE s.schema_name OPERATOR(pg_catalog.=) pg_catalog.current_schema() AND s.name OPERATOR(pg_catalog.=) $1), 0)
$f$;

CREATE OR REPLACE FUNCTION sqlift.store_setting(setting text, value bigint) RETURNS void LANGUAGE sql VOLATILE AS $f$
    INSERT INTO sqlift.setting AS s VALUES (pg_catalog.current_schema(), $1, $2)
    ON CONFLICT (schema_name, name) DO UPDATE SET value = EXCLUDED.value
$f$;

-- RAISE(IGNORE): the trigger's function catches it, and leaves the row out.
CREATE OR REPLACE FUNCTION sqlift.raise_ignore() RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RAISE EXCEPTION 'RAISE(IGNORE)' USING ERRCODE = 'SL001';
END $f$;

-- RAISE(ROLLBACK, 'message'): the session rolls the transaction back.
CREATE OR REPLACE FUNCTION sqlift.raise_rollback(message text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'SL002';
END $f$;

-- SELECT RAISE(ABORT, 'message') in a trigger.
CREATE OR REPLACE FUNCTION sqlift.raise_abort(message text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'raise_exception';
END $f$;

-- RAISE(FAIL, 'message'): the session runs the statement again row by row, up to the row of the trigger. In what another trigger or a
-- foreign key's action fires there is more to keep than rows of the statement.
CREATE OR REPLACE FUNCTION sqlift.raise_fail(message text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    IF pg_catalog.pg_trigger_depth() > 1 THEN
        RAISE EXCEPTION E'RAISE(FAIL) in a trigger that another one fires: it keeps what was changed before, which PostgreSQL undoes\n  help: write RAISE(ABORT, ...)' USING ERRCODE = 'SL007';
    END IF;
    RAISE EXCEPTION '%', message USING ERRCODE = 'SL008';
END $f$;

-- What the statements of triggers changed, for total_changes(): the session asks behind each statement that may run some.
CREATE OR REPLACE FUNCTION sqlift.counted_changes() RETURNS bigint LANGUAGE sql VOLATILE AS $f$
    SELECT COALESCE(NULLIF(pg_catalog.current_setting('sqlift.changes', true), ''), '0')::bigint
$f$;
CREATE OR REPLACE FUNCTION sqlift.count_changes(changed bigint) RETURNS text LANGUAGE sql VOLATILE AS $f$
    SELECT pg_catalog.set_config('sqlift.changes', ($1 OPERATOR(pg_catalog.+) sqlift.counted_changes())::text, true)
$f$;
CREATE OR REPLACE FUNCTION sqlift.take_changes() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    counted bigint := sqlift.counted_changes();
BEGIN
    IF counted > 0 THEN
        PERFORM pg_catalog.set_config('sqlift.changes', '', true);
    END IF;
    -- The conflict clause of the statement, which counted in its triggers.
    IF pg_catalog.current_setting('sqlift.or', true) <> '' THEN
        PERFORM pg_catalog.set_config('sqlift.or', '', true);
    END IF;
    RETURN counted;
END $f$;

-- last_insert_rowid() in a trigger whose INSERTs have left all their rows out.
CREATE OR REPLACE FUNCTION sqlift.no_rowid_yet() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RAISE EXCEPTION E'last_insert_rowid() in a trigger that has inserted no row yet is the connection''s\n  help: read the row''s key: (SELECT id ...)' USING ERRCODE = 'SL007';
END $f$;

-- A trigger whose body names what is not there; the translator made the message.
CREATE OR REPLACE FUNCTION sqlift.broken_trigger(message text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'SL003';
END $f$;

-- A pattern of LIKE or GLOB under SQLITE_LIMIT_LIKE_PATTERN_LENGTH. Volatile, so that it is looked at when a row asks for it.
CREATE OR REPLACE FUNCTION sqlift.pattern(pattern text, longest integer) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    IF pg_catalog.octet_length(pattern) > longest THEN
        RAISE EXCEPTION 'LIKE or GLOB pattern too complex' USING ERRCODE = 'SL003';
    END IF;
    RETURN pattern;
END $f$;

-- A pattern of LIKE that ends in its escape character matches nothing on SQLite: what no text is stands for it, in any
-- encoding. PostgreSQL's error would come from the first row that gets so far.
CREATE OR REPLACE FUNCTION sqlift.like_pattern(pattern text, escape text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.right($1, 1) OPERATOR(pg_catalog.=) $2
                 AND (pg_catalog.length($1) OPERATOR(pg_catalog.-) pg_catalog.length(pg_catalog.rtrim($1, $2))) OPERATOR(pg_catalog.%) 2 OPERATOR(pg_catalog.=) 1
                THEN E'\x01\x7f\x01\x7f\x01\x7f\x01\x7f' ELSE $1 END
$f$;

-- REPLACE deletes rows without running triggers unless recursive_triggers is on: those of this table that run at this depth in this statement
-- look here. https://sqlite.org/lang_conflict.html
CREATE OR REPLACE FUNCTION sqlift.replacing(replaced regclass) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    PERFORM pg_catalog.set_config('sqlift.replacing_' || replaced::oid || '_' || pg_catalog.pg_trigger_depth() + 1, pg_catalog.statement_timestamp()::text, true);
    RETURN true;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.replaced(replaced regclass) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    PERFORM pg_catalog.set_config('sqlift.replacing_' || replaced::oid || '_' || pg_catalog.pg_trigger_depth() + 1, '', true);
END $f$;
CREATE OR REPLACE FUNCTION sqlift.in_replace(replaced oid) RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.split_part(pg_catalog.current_setting('sqlift.replacing_' || $1 || '_' || pg_catalog.pg_trigger_depth(), true), '|', 1)
        OPERATOR(pg_catalog.=) pg_catalog.statement_timestamp()::pg_catalog.text
$f$;
CREATE OR REPLACE FUNCTION sqlift.is_replacing(replaced oid) RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT sqlift.in_replace($1)
        AND pg_catalog.current_setting('sqlift.recursive_triggers', true) IS DISTINCT FROM 'on'
$f$;
-- The same of one row, by its rowid, where a foreign key's action may delete others of the table, whose triggers run.
CREATE OR REPLACE FUNCTION sqlift.replacing(replaced regclass, row_id text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    setting text := 'sqlift.replacing_' || replaced::oid || '_' || pg_catalog.pg_trigger_depth() + 1;
    statement text := pg_catalog.statement_timestamp()::text;
    known text := coalesce(pg_catalog.current_setting(setting, true), '');
BEGIN
    IF pg_catalog.split_part(known, '|', 1) <> statement THEN
        known := statement || '|';
    END IF;
    PERFORM pg_catalog.set_config(setting, known || row_id || '|', true);
    RETURN true;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.is_replacing(replaced oid, row_id text) RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
DECLARE
    known text := pg_catalog.current_setting('sqlift.replacing_' || replaced || '_' || pg_catalog.pg_trigger_depth(), true);
BEGIN
    RETURN pg_catalog.split_part(known, '|', 1) = pg_catalog.statement_timestamp()::text
        AND (known NOT LIKE '%|%' OR pg_catalog.strpos(known, '|' || row_id || '|') > 0)
        AND pg_catalog.current_setting('sqlift.recursive_triggers', true) IS DISTINCT FROM 'on';
END $f$;

-- A name as the program's CREATE spelled it: PostgreSQL's are in lower letters.
CREATE OR REPLACE FUNCTION sqlift.shown_name(name text, created text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT COALESCE((SELECT COALESCE(m[1], m[2], m[3], m[4], m[5])
        FROM pg_catalog.regexp_matches($2, '^(?:sqlite: )?CREATE\s+(?:TEMP\s+|TEMPORARY\s+|UNIQUE\s+|VIRTUAL\s+)?(?:TABLE|VIEW|INDEX|TRIGGER)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\w+\.)?(?:"([^"]*)"|`([^`]*)`|\[([^]]*)\]|''([^'']*)''|(\w+))', 'i') AS m
        WHERE pg_catalog.lower(COALESCE(m[1], m[2], m[3], m[4], m[5])) OPERATOR(pg_catalog.=) $1
           -- One that PostgreSQL would cut ends in a checksum.
           OR pg_catalog.octet_length(COALESCE(m[1], m[2], m[3], m[4], m[5])) > 63 AND $1 ~ '_[0-9a-f]{16}$'
              AND pg_catalog.starts_with(pg_catalog.lower(COALESCE(m[1], m[2], m[3], m[4], m[5])), pg_catalog.left($1, -17))), $1)
$f$;
CREATE OR REPLACE FUNCTION sqlift.shown_relation(relation oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT sqlift.shown_name(c.relname::text, pg_catalog.obj_description(c.oid, 'pg_class')) FROM pg_catalog.pg_class c WHERE c.oid = $1
$f$;
