-- When foreign keys are looked at. SQLite counts the rows that break a key while a statement and all of its triggers run, and looks at the
-- count when the outermost one ends; PostgreSQL looks behind each statement of a trigger's body, and behind a row ahead of its AFTER
-- triggers. Where a part of a statement may break a key and a later one make it whole, two triggers of the statement's table put the
-- look off to its end. No other table has them, and no other key is DEFERRABLE for it.
-- https://sqlite.org/foreignkeys.html#fk_deferred

-- The keys of this schema by the names that SET CONSTRAINTS takes, with their columns.
CREATE OR REPLACE FUNCTION sqlift.keys_to_wait()
RETURNS TABLE(names name[], child oid, own name[], parent oid, other name[], on_delete text, on_update text) LANGUAGE sql STABLE AS $f$
    WITH keys AS (
        SELECT ARRAY[k.conname] AS names, k.conrelid AS child, k.conkey AS own, k.confrelid AS parent, k.confkey AS other,
               sqlift.action_name(k.confdeltype) AS on_delete, sqlift.action_name(k.confupdtype) AS on_update
        FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT k.condeferred
        UNION ALL
        SELECT ARRAY[t.tgname, l.tgname], t.tgrelid, ARRAY(SELECT pg_catalog.unnest(t.tgattr::int2[])), l.tgrelid, ARRAY(SELECT pg_catalog.unnest(l.tgattr::int2[])),
               sqlift.said_action(x.text, 'DELETE'), sqlift.said_action(x.text, 'UPDATE')
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_trigger l ON l.tgrelid = t.tgconstrrelid AND l.tgname = 'sqlift_left_' || pg_catalog.right(t.tgname, 16)
        CROSS JOIN LATERAL pg_catalog.obj_description(t.oid, 'pg_trigger') AS x(text)
        WHERE t.tgname LIKE 'sqlift\_key\_%' AND t.tgdeferrable AND NOT t.tginitdeferred
    )
    SELECT k.names, k.child, ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.child AND a.attnum = ANY (k.own)),
           k.parent, ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.parent AND a.attnum = ANY (k.other)), k.on_delete, k.on_update
    FROM keys AS k JOIN pg_catalog.pg_class c ON c.oid = k.child
    WHERE c.relnamespace IN (pg_catalog.pg_my_temp_schema(), (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = pg_catalog.current_schema()))
$f$;

-- How a trigger's text may have a name.
CREATE OR REPLACE FUNCTION sqlift.written_as(name name) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT '["`\[]?' || pg_catalog.regexp_replace($1, '(\W)', '\\\1', 'g') || '["`\]]?'
$f$;

-- What a write of a table (i, u, d; n for an UPDATE that sets no column of a key) makes triggers and keys' actions write: ahead of its row
-- (0) or behind it (2).
CREATE OR REPLACE FUNCTION sqlift.writes_behind()
RETURNS TABLE(relation oid, event text, moment int, written oid, event_there text, by_trigger boolean) LANGUAGE sql STABLE AS $f$
    WITH keys AS MATERIALIZED (SELECT * FROM sqlift.keys_to_wait()),
    -- Their actions are statements of a trigger (key_actions.sql).
    watched AS MATERIALIZED (SELECT * FROM sqlift.watched_actions()),
    columns AS MATERIALIZED (
        SELECT c.id, c.col FROM keys AS k CROSS JOIN LATERAL (
            SELECT k.child, pg_catalog.unnest(k.own) UNION SELECT k.parent, pg_catalog.unnest(k.other)) AS c(id, col)
    ), bodies AS MATERIALIZED (
        SELECT t.tgrelid, t.tgtype, x.text
        FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid CROSS JOIN LATERAL pg_catalog.obj_description(t.oid, 'pg_trigger') AS x(text)
        WHERE NOT t.tgisinternal AND x.text LIKE 'sqlite: %'
          AND c.relnamespace IN (pg_catalog.pg_my_temp_schema(), (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = pg_catalog.current_schema()))
    -- A table without keys counts where it has triggers of its own.
    ), named AS MATERIALIZED (
        SELECT c.oid AS id, '(\w+\.)?' || sqlift.written_as(c.relname) || '(?!\w)' AS pattern FROM pg_catalog.pg_class c
        WHERE c.oid IN (SELECT id FROM columns UNION SELECT tgrelid FROM bodies)
    )
    SELECT b.tgrelid, m.event, CASE WHEN b.tgtype & 66 <> 0 THEN 0 ELSE 2 END, w.id, w.event, true
    FROM bodies AS b
    CROSS JOIN LATERAL (SELECT e.event FROM (VALUES ('i', 4), ('d', 8), ('u', 16)) AS e(event, bit) WHERE b.tgtype & e.bit <> 0) AS m(event)
    CROSS JOIN LATERAL (
        SELECT n.id, 'i' FROM named AS n WHERE b.text ~* ('\mINTO\s+' || n.pattern)
        UNION ALL
        SELECT n.id, 'd' FROM named AS n WHERE b.text ~* ('\mDELETE\s+FROM\s+' || n.pattern)
        UNION ALL
        SELECT n.id, CASE WHEN EXISTS (SELECT FROM columns AS c WHERE c.id = n.id AND b.text ~* ('(\mSET|,)\s*\(?\s*' || sqlift.written_as(c.col) || '\s*[=,)]'))
                          THEN 'u' ELSE 'n' END
        FROM named AS n WHERE b.text ~* ('\mUPDATE\s+(OR\s+\w+\s+)?' || n.pattern) OR b.text ~* ('\mINTO\s+' || n.pattern || '.*\mDO\s+UPDATE\M')
    ) AS w(id, event)
    UNION ALL
    -- The rows in the way of ON CONFLICT REPLACE in a constraint.
    SELECT t.tgrelid, e.event, 0, t.tgrelid, 'd', true FROM pg_catalog.pg_trigger t CROSS JOIN (VALUES ('i'), ('u')) AS e(event)
    WHERE t.tgname = '~sqlift_conflict' AND pg_catalog.encode(t.tgargs, 'escape') ~ '(^|\\000)replace '
    UNION ALL
    SELECT k.parent, 'd', 2, k.child, CASE k.on_delete WHEN 'CASCADE' THEN 'd' ELSE 'u' END, (k.parent, 'd') IN (SELECT w.relation, w.event FROM watched AS w)
    FROM keys AS k WHERE k.on_delete NOT IN ('NO ACTION', 'RESTRICT')
    UNION ALL
    SELECT k.parent, 'u', 2, k.child, 'u', (k.parent, 'u') IN (SELECT w.relation, w.event FROM watched AS w)
    FROM keys AS k WHERE k.on_update NOT IN ('NO ACTION', 'RESTRICT')
$f$;

-- The tables whose statements put keys off, the events, and the keys.
CREATE OR REPLACE FUNCTION sqlift.keys_put_off() RETURNS TABLE(relation oid, events text[], names name[]) LANGUAGE sql STABLE AS $f$
    WITH RECURSIVE steps AS MATERIALIZED (SELECT * FROM sqlift.writes_behind()),
    -- What a statement on a table writes, itself (1), ahead and behind.
    parts(relation, event, moment, written, event_there, by_trigger) AS (
        SELECT DISTINCT s.relation, s.event, 1, s.relation, s.event, false FROM steps AS s
        UNION
        SELECT p.relation, p.event, CASE p.moment WHEN 1 THEN s.moment ELSE p.moment END, s.written, s.event_there, p.by_trigger OR s.by_trigger
        FROM parts AS p JOIN steps AS s ON s.relation = p.written AND s.event = pg_catalog.replace(p.event_there, 'n', 'u')
    ), waiting AS (
        SELECT DISTINCT b.relation, b.event, k.names
        FROM sqlift.keys_to_wait() AS k
        -- A key with an action looks at no children.
        JOIN parts AS b ON b.written = k.child AND b.event_there IN ('i', 'u')
            OR b.written = k.parent AND (b.event_there = 'd' AND k.on_delete = 'NO ACTION' OR b.event_there = 'u' AND k.on_update = 'NO ACTION')
            -- PostgreSQL looks for the parent of a row that the transaction has written before, whatever the columns: it may be gone already.
            OR b.written = k.child AND b.event_there = 'n' AND EXISTS (
                SELECT FROM parts AS g WHERE g.relation = b.relation AND g.event = b.event AND g.written = k.parent AND g.event_there IN ('d', 'u') AND g.moment <= b.moment)
        JOIN parts AS w ON w.relation = b.relation AND w.event = b.event
            AND (w.written = k.parent AND w.event_there IN ('i', 'u') OR w.written = k.child AND w.event_there IN ('d', 'u'))
            AND (b.moment < w.moment OR b.moment = w.moment AND b.moment <> 1) AND (b.by_trigger OR w.by_trigger)
    )
    SELECT w.relation, pg_catalog.array_agg(DISTINCT w.event ORDER BY w.event), pg_catalog.array_agg(DISTINCT n.name ORDER BY n.name)
    FROM waiting AS w CROSS JOIN LATERAL pg_catalog.unnest(w.names) AS n(name) GROUP BY w.relation
$f$;

-- Whether the statement writes its rows one by one, and keys wait for the last.
CREATE OR REPLACE FUNCTION sqlift.rows_wait() RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT COALESCE(pg_catalog.current_setting('sqlift.rows_wait', true) = pg_catalog.statement_timestamp()::text, false)
$f$;

-- Ahead of a statement and behind it; the arguments are the keys.
CREATE OR REPLACE FUNCTION sqlift.put_keys_off() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    names text;
BEGIN
    -- Of a REPLACE the INSERT or UPDATE is the end, of rows that are written one by one the last.
    IF pg_catalog.current_setting('sqlift.defer_foreign_keys', true) = 'on' OR sqlift.rows_wait() OR TG_WHEN = 'AFTER' AND TG_OP = 'DELETE' AND sqlift.in_replace(TG_RELID) THEN
        RETURN NULL;
    END IF;
    SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', TG_TABLE_SCHEMA, k.conname), ', ') INTO names
    FROM pg_catalog.pg_constraint k
    WHERE k.conname = ANY (TG_ARGV::name[]) AND k.condeferrable AND k.connamespace = (SELECT c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID);
    IF names IS NOT NULL THEN
        EXECUTE 'SET CONSTRAINTS ' || names || CASE TG_WHEN WHEN 'BEFORE' THEN ' DEFERRED' ELSE ' IMMEDIATE' END;
    END IF;
    RETURN NULL;
END $f$;

-- Ahead of rows that a statement writes one by one, and behind them: the keys of the table to itself, and those that its triggers put off, are
-- looked at when the last is written. No rows come of it.
CREATE OR REPLACE FUNCTION sqlift.rows_wait(tbl text, begins boolean) RETURNS TABLE(written text, changed bigint, rowid bigint) LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    relation regclass := tbl;
    names text;
BEGIN
    IF pg_catalog.current_setting('sqlift.defer_foreign_keys', true) = 'on' OR pg_catalog.pg_trigger_depth() > 0 OR begins = sqlift.rows_wait() THEN
        RETURN;
    END IF;
    SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, k.conname), ', ') INTO names
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_constraint k ON k.connamespace = n.oid
    WHERE c.oid = relation AND k.contype IN ('f', 't') AND k.condeferrable AND NOT k.condeferred AND k.conname IN (
        SELECT o.conname FROM pg_catalog.pg_constraint o WHERE o.conrelid = relation AND o.confrelid = relation AND o.contype = 'f'
        UNION ALL
        SELECT t.tgname FROM pg_catalog.pg_trigger t WHERE t.tgrelid = relation AND t.tgconstrrelid = relation AND t.tgname ~ '^sqlift_(key|left)_'
        UNION ALL
        SELECT pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.encode(t.tgargs, 'escape'), '\000'))::name
        FROM pg_catalog.pg_trigger t WHERE t.tgrelid = relation AND t.tgname = 'sqlift_wait_begins')
      -- The name stands for all keys that have it.
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.connamespace = k.connamespace AND o.conname = k.conname AND (NOT o.condeferrable OR o.condeferred));
    PERFORM pg_catalog.set_config('sqlift.rows_wait', CASE WHEN begins THEN pg_catalog.statement_timestamp()::text ELSE '' END, true);
    IF names IS NOT NULL THEN
        EXECUTE 'SET CONSTRAINTS ' || names || CASE WHEN begins THEN ' DEFERRED' ELSE ' IMMEDIATE' END;
    END IF;
END $f$;

-- Behind statements that change triggers or keys: makes what puts keys off what it has to be, and what carries out their actions in order.
CREATE OR REPLACE FUNCTION sqlift.arrange_keys() RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    wanted record;
    key record;
    arguments text;
    events text;
    ends text;
BEGIN
    PERFORM sqlift.arrange_actions();
    FOR wanted IN
        SELECT COALESCE(w.relation, t.tgrelid)::regclass AS relation, w.events, w.names, t.tgargs, t.tgtype
        FROM sqlift.keys_put_off() AS w
        FULL JOIN sqlift.triggers_called('sqlift_wait_begins') AS t ON t.tgrelid = w.relation
    LOOP
        arguments := (SELECT pg_catalog.string_agg(n.name || '\000', '') FROM pg_catalog.unnest(wanted.names) AS n(name));
        CONTINUE WHEN pg_catalog.encode(wanted.tgargs, 'escape') = arguments AND wanted.tgtype & 28 = (
            SELECT pg_catalog.sum(CASE e WHEN 'i' THEN 4 WHEN 'd' THEN 8 ELSE 16 END) FROM pg_catalog.unnest(wanted.events) AS e);
        IF wanted.tgtype IS NOT NULL THEN
            EXECUTE pg_catalog.format('DROP TRIGGER sqlift_wait_begins ON %s', wanted.relation);
            EXECUTE pg_catalog.format('DROP TRIGGER sqlift_wait_ends ON %s', wanted.relation);
        END IF;
        CONTINUE WHEN wanted.names IS NULL;
        FOR key IN
            SELECT k.conname, k.conrelid::regclass AS child
            FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = wanted.relation AND c.relnamespace = k.connamespace
            WHERE k.contype = 'f' AND k.conname = ANY (wanted.names) AND NOT k.condeferrable
        LOOP
            EXECUTE pg_catalog.format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE', key.child, key.conname);
        END LOOP;
        arguments := (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(n.name), ', ') FROM pg_catalog.unnest(wanted.names) AS n(name));
        events := (SELECT pg_catalog.string_agg(CASE e WHEN 'i' THEN 'INSERT' WHEN 'd' THEN 'DELETE' ELSE 'UPDATE' END, ' OR ') FROM pg_catalog.unnest(wanted.events) AS e);
        -- What a REPLACE's DELETE puts off ends with its INSERT or UPDATE.
        ends := CASE WHEN 'd' = ANY (wanted.events) THEN 'INSERT OR DELETE OR UPDATE' ELSE events END;
        EXECUTE pg_catalog.format('CREATE TRIGGER sqlift_wait_begins BEFORE %s ON %s FOR EACH STATEMENT WHEN (pg_catalog.pg_trigger_depth() = 0) EXECUTE FUNCTION sqlift.put_keys_off(%s)',
                                  events, wanted.relation, arguments);
        EXECUTE pg_catalog.format('CREATE TRIGGER sqlift_wait_ends AFTER %s ON %s FOR EACH STATEMENT WHEN (pg_catalog.pg_trigger_depth() = 0) EXECUTE FUNCTION sqlift.put_keys_off(%s)',
                                  ends, wanted.relation, arguments);
    END LOOP;
END $f$;
