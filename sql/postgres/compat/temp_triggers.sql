-- CREATE TEMP TRIGGER on a table that is not temporary. PostgreSQL's triggers are for all sessions: these have a condition that is false in
-- others, and short, since each statement of theirs reads it. Their names say whose they are, `[pid.token[number`; the token, at which the
-- function looks, is a setting of the session that made them, and goes with it, by RESET ALL and DISCARD ALL, and with the transaction that
-- is rolled back. The function, of the same name, has SQLite's name and text in its comment; without one its trigger was dropped.
-- https://sqlite.org/lang_createtrigger.html

-- Whether a trigger, or its function, is one of some session's.
CREATE OR REPLACE FUNCTION sqlift.is_of_session(trigger_name name) RETURNS boolean LANGUAGE sql IMMUTABLE AS $f$
    SELECT $1 OPERATOR(pg_catalog.~) '^\[\d+\.[0-9a-f]{12}\['
$f$;
-- What the names of this session's begin with; NULL when it has none.
CREATE OR REPLACE FUNCTION sqlift.temp_triggers() RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT '[' || pg_catalog.pg_backend_pid() || '.' || NULLIF(pg_catalog.current_setting('sqlift.temp_triggers', true), '') || '['
$f$;
CREATE OR REPLACE FUNCTION sqlift.own_triggers() RETURNS TABLE(id oid, relation oid, name text, written text) LANGUAGE sql STABLE AS $f$
    SELECT t.oid, t.tgrelid, pg_catalog.substring(c.comment, '^temp ([^\n]*)'), pg_catalog.substring(c.comment, '^[^\n]*\n(.*)$')
    FROM pg_catalog.pg_trigger t CROSS JOIN LATERAL (SELECT pg_catalog.obj_description(t.tgfoid, 'pg_proc')) AS c(comment)
    WHERE pg_catalog.starts_with(t.tgname::text, sqlift.temp_triggers()) AND c.comment IS NOT NULL
$f$;
-- Whether a trigger does something in this session.
CREATE OR REPLACE FUNCTION sqlift.runs_here(trigger_name name, function_id oid) RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT NOT sqlift.is_of_session($1)
        OR COALESCE(pg_catalog.starts_with($1::text, sqlift.temp_triggers()), false) AND pg_catalog.obj_description($2, 'pg_proc') IS NOT NULL
$f$;

-- Those of views, which take no condition, ask first. A view that only such triggers take writes for cannot be written by others.
CREATE OR REPLACE FUNCTION sqlift.runs_temp_trigger(view_id oid, trigger_name name, operation text) RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
BEGIN
    IF COALESCE(pg_catalog.starts_with(trigger_name::text, sqlift.temp_triggers()), false) THEN
        RETURN true;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = view_id AND NOT sqlift.is_of_session(t.tgname)
            AND t.tgtype & CASE operation WHEN 'INSERT' THEN 4 WHEN 'DELETE' THEN 8 ELSE 16 END <> 0) THEN
        RAISE EXCEPTION 'cannot modify % because it is a view', (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = view_id) USING ERRCODE = 'SL003';
    END IF;
    RETURN false;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.attach_temp_trigger(tbl regclass, stored text, moment text, condition text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    EXECUTE pg_catalog.format('CREATE TRIGGER %I %s ON %s FOR EACH ROW %s EXECUTE FUNCTION %I()', stored, moment, tbl,
        CASE WHEN moment NOT LIKE 'INSTEAD OF %' THEN
            pg_catalog.format('WHEN (pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) %s%s)', pg_catalog.pg_backend_pid(), condition) END, stored);
END $f$;

-- `body` is what stands behind the function's name. Of one session's the oldest runs first, as on SQLite.
CREATE OR REPLACE FUNCTION sqlift.make_temp_trigger(tbl regclass, name text, moment text, condition text, body text, written text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    owner oid := (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = tbl);
    stored text;
BEGIN
    -- DROP TRIGGER, and taking away what a lost session has left, are its owner's.
    IF NOT pg_catalog.pg_has_role(owner, 'USAGE') THEN
        RAISE EXCEPTION E'a temporary trigger on %, which role % owns: on PostgreSQL it is a trigger of the table\n  help: connect as that role or a member of it (GRANT % TO %), or create the trigger once as the owner, without TEMP',
            tbl, owner::regrole, owner::regrole, pg_catalog.quote_ident(CURRENT_USER) USING ERRCODE = 'SL007';
    END IF;
    IF sqlift.temp_triggers() IS NULL THEN
        PERFORM pg_catalog.set_config('sqlift.temp_triggers', pg_catalog.left(pg_catalog.md5(pg_catalog.concat(pg_catalog.clock_timestamp(), pg_catalog.random(), pg_catalog.pg_backend_pid())), 12), false);
    END IF;
    stored := sqlift.temp_triggers() || pg_catalog.to_char(1 + COALESCE((
        SELECT pg_catalog.max(pg_catalog.right(p.proname::text, 6)::integer) FROM pg_catalog.pg_proc p
        WHERE p.proname >= sqlift.temp_triggers()::name AND p.proname < (sqlift.temp_triggers() || ':')::name), 0), 'FM000000');
    EXECUTE pg_catalog.format('CREATE FUNCTION %I() %s', stored, body);
    EXECUTE pg_catalog.format('COMMENT ON FUNCTION %I() IS %L', stored, 'temp ' || name || E'\n' || written);
    PERFORM sqlift.attach_temp_trigger(tbl, stored, moment, condition);
END $f$;

-- DROP TRIGGER would wait for all who read the table: its function does nothing any more, and the sweep takes both away.
CREATE OR REPLACE FUNCTION sqlift.drop_temp_trigger(tbl regclass, stored text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    is_instead boolean;
    function_id regprocedure;
BEGIN
    SELECT t.tgtype & 64 <> 0, t.tgfoid INTO is_instead, function_id FROM pg_catalog.pg_trigger t WHERE t.tgrelid = tbl AND t.tgname = stored;
    IF is_instead THEN
        EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', stored, tbl);
        EXECUTE pg_catalog.format('DROP FUNCTION %s', function_id);
    ELSE
        EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION %s RETURNS trigger LANGUAGE plpgsql AS %L', function_id,
                                  'BEGIN IF TG_OP = ''DELETE'' THEN RETURN OLD; END IF; RETURN NEW; END');
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION %s IS NULL', function_id);
    END IF;
END $f$;

-- Takes away what was dropped and what sessions have left that are gone, where nobody uses the table: nobody waits for it longer than for
-- a moment. Behind a transaction, since it holds its locks to the end.
CREATE OR REPLACE FUNCTION sqlift.sweep_temp_triggers() RETURNS void LANGUAGE plpgsql VOLATILE SET lock_timeout = '1ms' AS $f$
DECLARE
    left_over record;
BEGIN
    FOR left_over IN
        SELECT t.tgname, t.tgrelid::regclass AS relation, t.tgfoid::regprocedure AS function_id
        FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        CROSS JOIN LATERAL (SELECT pg_catalog.substring(t.tgname::text, '^\[(\d+)')::integer) AS maker(pid)
        WHERE sqlift.is_of_session(t.tgname) AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
          AND (pg_catalog.obj_description(t.tgfoid, 'pg_proc') IS NULL
               OR maker.pid = pg_catalog.pg_backend_pid() AND NOT sqlift.runs_here(t.tgname, t.tgfoid)
               OR NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid = maker.pid))
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', left_over.tgname, left_over.relation);
            EXECUTE pg_catalog.format('DROP FUNCTION %s', left_over.function_id);
        EXCEPTION WHEN OTHERS THEN
            -- The table is in use, or somebody else sweeps.
            NULL;
        END;
    END LOOP;
    -- Those of tables that were dropped.
    FOR left_over IN
        SELECT p.oid::regprocedure AS function_id FROM pg_catalog.pg_proc p
        WHERE sqlift.is_of_session(p.proname) AND pg_catalog.pg_has_role(p.proowner, 'USAGE') AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgfoid = p.oid)
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('DROP FUNCTION %s', left_over.function_id);
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
END $f$;
