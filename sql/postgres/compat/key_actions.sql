-- What foreign keys do with the children of a row. SQLite does it behind the row and ahead of its AFTER triggers: child by child, each with its
-- own triggers and what follows from it, the newest key first. PostgreSQL's own keys are older ones first, and run the children's AFTER
-- triggers when the statement has run all others. Where triggers can tell, `!sqlift_acts` of the parent, whose name comes ahead of all that
-- run behind a row, does what the keys say; they find nothing left to do. No other table has it. https://sqlite.org/foreignkeys.html#fk_actions

-- The columns that tell a table's rows apart and give their order: what SQLite's rowid is, WITHOUT ROWID the primary key.
DROP FUNCTION IF EXISTS sqlift.rowid_column(oid);
CREATE OR REPLACE FUNCTION sqlift.row_key(tbl oid) RETURNS int2[] LANGUAGE sql STABLE AS $f$
    SELECT COALESCE((
        SELECT ARRAY[a.attnum] FROM pg_catalog.pg_attribute a
        LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum
        WHERE a.attrelid = $1 AND a.attnum > 0 AND a.atttypid = 20 AND NOT a.attisdropped
          AND (i.indrelid IS NOT NULL OR pg_catalog.col_description(a.attrelid, a.attnum) = 'sqlite rowid')
        ORDER BY i.indrelid IS NOT NULL LIMIT 1), sqlift.primary_key($1))
$f$;

-- `c` is a child of the parent's row, by a key that PostgreSQL keeps itself: both columns are of one type, or of types that it compares.
CREATE OR REPLACE FUNCTION sqlift.native_children(child oid, own int2[], parent oid, other int2[], parent_row text) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.string_agg(pg_catalog.format('c.%I%s = %s.%I', c.attname,
               CASE WHEN c.attcollation <> 0 THEN ' COLLATE ' || c.attcollation::pg_catalog.regcollation::text ELSE '' END, $5, k.attname), ' AND ' ORDER BY p.place)
    FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($4)) WITH ORDINALITY AS p(own, other, place)
    JOIN pg_catalog.pg_attribute c ON c.attrelid = $1 AND c.attnum = p.own
    JOIN pg_catalog.pg_attribute k ON k.attrelid = $3 AND k.attnum = p.other
$f$;

-- Does what a key says with the children of a row that was `old_row` and is `new_row`, at once or `by_row`. `is_kept`: by triggers.
CREATE OR REPLACE FUNCTION sqlift.act(
    child regclass, own int2[], parent regclass, other int2[], is_kept boolean, operation text, action text, old_row anyelement, new_row anyelement, by_row boolean)
RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    parent_name name := (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = parent);
    found boolean;
    condition text;
    write text;
    key record;
    place text[];
    written bigint;
    is_left boolean := false;
BEGIN
    IF operation = 'UPDATE' THEN
        EXECUTE CASE WHEN is_kept THEN sqlift.same_key(child, own, parent, other) ELSE (
            SELECT 'SELECT ' || pg_catalog.string_agg(pg_catalog.format('($1).%1$I IS NOT DISTINCT FROM ($2).%1$I', a.attname), ' AND ')
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = parent AND a.attnum = ANY (other)) END INTO found USING old_row, new_row;
        IF found THEN
            RETURN;
        END IF;
    END IF;
    IF is_kept THEN
        PERFORM sqlift.children_are_seen(child);
        condition := sqlift.children_condition(child, own, parent, other, '($1)');
        -- A child 5 refers to '5', and SQLite takes it for one of '05' as well: no action makes that whole.
        IF action <> 'RESTRICT' AND EXISTS (SELECT FROM sqlift.key_columns(child, own, parent, other) AS k
                                            WHERE k.own_type <> k.other_type AND k.other_type IN ('text', 'any')) THEN
            EXECUTE pg_catalog.format('SELECT true FROM %s AS c WHERE %s%s AND EXISTS (SELECT FROM %s AS p WHERE %s) LIMIT 1', child, condition,
                CASE operation WHEN 'UPDATE' THEN ' AND (' || sqlift.children_condition(child, own, parent, other, '($2)') || ') IS NOT TRUE' ELSE '' END,
                parent, sqlift.parent_condition(child, own, parent, other, 'c'))
                INTO found USING old_row, new_row;
            IF found THEN
                PERFORM sqlift.parent_is_needed(child, parent_name, 'change of table "%s" violates foreign key constraint on table "%s"');
            END IF;
        END IF;
    ELSE
        condition := sqlift.native_children(child, own, parent, other, '($1)');
    END IF;
    IF action = 'RESTRICT' THEN
        EXECUTE pg_catalog.format('SELECT true FROM %s AS c WHERE %s LIMIT 1', child, condition) INTO found USING old_row;
        IF found THEN
            PERFORM sqlift.parent_is_needed(child, parent_name, 'update or delete on table "%s" violates RESTRICT setting of foreign key constraint on table "%s"');
        END IF;
        RETURN;
    END IF;
    IF action = 'CASCADE' AND operation = 'DELETE' THEN
        write := pg_catalog.format('DELETE FROM %s AS c', child);
    ELSE
        SELECT pg_catalog.format('UPDATE %s AS c SET ', child) || pg_catalog.string_agg(pg_catalog.quote_ident(c.attname) || ' = ' || CASE
                WHEN action = 'SET NULL' THEN 'NULL' WHEN action = 'SET DEFAULT' THEN 'DEFAULT'
                WHEN NOT is_kept OR c.atttypid = k.atttypid THEN v.value
                WHEN t.word = 'any' THEN 'sqlift.value_of(' || v.value || ')'
                ELSE pg_catalog.format('sqlift.store_%s(sqlift.value_of(%s), %L)', t.word, v.value,
                                       pg_catalog.upper(CASE t.word WHEN 'number' THEN 'numeric' ELSE t.word END) || ' column ' || child || '.' || pg_catalog.quote_ident(c.attname))
                END, ', ' ORDER BY p.place) INTO write
        FROM ROWS FROM (pg_catalog.unnest(own), pg_catalog.unnest(other)) WITH ORDINALITY AS p(own, other, place)
        JOIN pg_catalog.pg_attribute c ON c.attrelid = child AND c.attnum = p.own
        JOIN pg_catalog.pg_attribute k ON k.attrelid = parent AND k.attnum = p.other
        CROSS JOIN LATERAL (SELECT sqlift.key_type(c.atttypid)) AS t(word)
        CROSS JOIN LATERAL (SELECT pg_catalog.format('($2).%I', k.attname)) AS v(value);
    END IF;
    IF NOT by_row THEN
        EXECUTE write || ' WHERE ' || condition USING old_row, new_row;
        RETURN;
    END IF;
    -- The rows are found first, and again by their keys: what the triggers of one do with another does not take that one out.
    SELECT COALESCE(pg_catalog.string_agg(pg_catalog.format('c.%I', a.attname), ', ' ORDER BY k.place), 'c.ctid') AS columns,
           COALESCE(pg_catalog.string_agg(pg_catalog.format('c.%I::text', a.attname), ', ' ORDER BY k.place), 'c.ctid::text') AS texts,
           COALESCE(pg_catalog.string_agg(pg_catalog.format('c.%I = $3[%s]::%s', a.attname, k.place, pg_catalog.format_type(a.atttypid, NULL)), ' AND '),
                    'c.ctid = $3[1]::pg_catalog.tid') AS condition
    INTO key FROM pg_catalog.unnest(sqlift.row_key(child)) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = child AND a.attnum = k.attnum;
    FOR place IN EXECUTE pg_catalog.format('SELECT ARRAY[%s] FROM %s AS c WHERE %s ORDER BY %s', key.texts, child, condition, key.columns) USING old_row LOOP
        EXECUTE write || ' WHERE ' || key.condition USING old_row, new_row, place;
        GET DIAGNOSTICS written = ROW_COUNT;
        is_left := is_left OR written = 0;
    END LOOP;
    -- A table that SQLite did not make may have no key: where a row of it is now only the parent tells.
    IF is_left AND key.columns = 'c.ctid' THEN
        EXECUTE write || ' WHERE ' || condition USING old_row, new_row;
    END IF;
    -- A BEFORE trigger may have kept a row, which PostgreSQL's own key would not look at again.
    EXECUTE pg_catalog.format('SELECT true FROM %s AS c WHERE %s LIMIT 1', child, condition) INTO found USING old_row;
    IF found THEN
        PERFORM sqlift.parent_is_needed(child, parent_name, 'change of table "%s" violates foreign key constraint on table "%s"');
    END IF;
END $f$;

-- Whether `!sqlift_acts` does what a table's keys say.
CREATE OR REPLACE FUNCTION sqlift.acts_in_order(tbl oid, operation text) RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                   WHERE t.tgrelid = $1 AND t.tgname = '!sqlift_acts' AND t.tgtype & CASE $2 WHEN 'DELETE' THEN 8 ELSE 16 END <> 0)
$f$;

-- The keys to a table, and what they do with its children, in SQLite's order: the last table's last key first.
CREATE OR REPLACE FUNCTION sqlift.acting_keys(tbl oid, operation text)
RETURNS TABLE(child oid, own int2[], other int2[], action text, is_kept boolean) LANGUAGE sql STABLE AS $f$
    SELECT q.child, q.own, q.other, q.action, q.is_kept FROM (
        SELECT k.oid AS id, k.conrelid AS child, k.conkey AS own, k.confkey AS other,
               sqlift.action_name(CASE $2 WHEN 'DELETE' THEN k.confdeltype ELSE k.confupdtype END) AS action, false AS is_kept
        FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint AND k.confrelid = t.tgrelid AND k.conparentid = 0
        WHERE t.tgrelid = $1 AND t.tgisinternal AND t.tgtype & 8 <> 0
        UNION ALL
        SELECT t.oid, k.child, k.own, k.other, pg_catalog.split_part(pg_catalog.encode(t.tgargs, 'escape'), '\000', CASE $2 WHEN 'DELETE' THEN 1 ELSE 2 END), true
        FROM pg_catalog.pg_trigger t CROSS JOIN LATERAL sqlift.kept_key(t.tgrelid, t.tgname::text) AS k
        WHERE t.tgrelid = $1 AND t.tgname LIKE 'sqlift\_act\_%'
    ) AS q WHERE q.action <> 'NO ACTION'
    -- Those of one table that triggers keep were made behind the others: where there are both the columns tell the order.
    ORDER BY q.child DESC, CASE WHEN pg_catalog.bool_or(q.is_kept) OVER (PARTITION BY q.child) THEN q.own[1] END DESC, q.id DESC
$f$;

CREATE OR REPLACE FUNCTION sqlift.act_in_order() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    key record;
    told text := pg_catalog.current_setting('sqlift.or', true);
    by_row boolean;
BEGIN
    IF sqlift.keys_are_off() THEN
        RETURN NULL;
    END IF;
    FOR key IN SELECT * FROM sqlift.acting_keys(TG_RELID, TG_OP) LOOP
        -- PostgreSQL's own key acts as the child's owner.
        CONTINUE WHEN NOT key.is_kept AND NOT pg_catalog.has_table_privilege(key.child, CASE WHEN key.action = 'CASCADE' AND TG_OP = 'DELETE' THEN 'DELETE' ELSE 'UPDATE' END);
        by_row := EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = key.child AND NOT t.tgisinternal AND t.tgtype & 1 <> 0 AND t.tgname !~ '^sqlift_(key|left|act)_');
        IF TG_OP = 'DELETE' THEN
            PERFORM sqlift.act(key.child, key.own, TG_RELID, key.other, key.is_kept, TG_OP, key.action, OLD, OLD, by_row);
        ELSE
            PERFORM sqlift.act(key.child, key.own, TG_RELID, key.other, key.is_kept, TG_OP, key.action, OLD, NEW, by_row);
        END IF;
    END LOOP;
    -- The children's triggers have told theirs what clause counts.
    IF pg_catalog.current_setting('sqlift.or', true) IS DISTINCT FROM told THEN
        PERFORM pg_catalog.set_config('sqlift.or', COALESCE(told, ''), true);
    END IF;
    RETURN NULL;
END $f$;

-- The tables of this schema, and the events (d, u), of which triggers can tell when the keys act: a trigger of the table itself, or of one that
-- the keys lead to.
CREATE OR REPLACE FUNCTION sqlift.watched_actions() RETURNS TABLE(relation oid, event text) LANGUAGE sql STABLE AS $f$
    WITH RECURSIVE spaces AS MATERIALIZED (
        SELECT c.oid FROM pg_catalog.pg_class c
        WHERE c.relnamespace IN (pg_catalog.pg_my_temp_schema(), (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = pg_catalog.current_schema()))
    ), watchers AS MATERIALIZED (
        SELECT t.tgrelid, t.tgtype, ARRAY(SELECT pg_catalog.unnest(t.tgattr::int2[])) AS columns FROM pg_catalog.pg_trigger t JOIN spaces AS s ON s.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND t.tgtype & 24 <> 0 AND pg_catalog.obj_description(t.oid, 'pg_trigger') LIKE 'sqlite: %'
    ), parents AS MATERIALIZED (
        SELECT k.confrelid AS id FROM pg_catalog.pg_constraint k JOIN spaces AS s ON s.oid = k.confrelid
        WHERE k.contype = 'f' AND EXISTS (SELECT FROM watchers)
        UNION SELECT t.tgrelid FROM pg_catalog.pg_trigger t JOIN spaces AS s ON s.oid = t.tgrelid WHERE t.tgname LIKE 'sqlift\_act\_%' AND EXISTS (SELECT FROM watchers)
    ), keys AS MATERIALIZED (
        SELECT p.id AS parent, CASE e.operation WHEN 'DELETE' THEN 'd' ELSE 'u' END AS event, k.*,
               CASE WHEN k.action = 'CASCADE' AND e.operation = 'DELETE' THEN 'd' ELSE 'u' END AS event_there
        FROM parents AS p CROSS JOIN (VALUES ('DELETE'), ('UPDATE')) AS e(operation) CROSS JOIN LATERAL sqlift.acting_keys(p.id, e.operation) AS k
    ), reached(relation, event, there, event_there, columns) AS (
        -- A RESTRICT of its own PostgreSQL looks at ahead of all triggers.
        SELECT k.parent, k.event, k.parent, k.event, NULL::int2[] FROM keys AS k WHERE k.action <> 'RESTRICT' OR k.is_kept
        UNION
        SELECT r.relation, r.event, k.child, k.event_there, k.own
        FROM reached AS r JOIN keys AS k ON k.parent = r.there AND k.event = r.event_there AND k.action <> 'RESTRICT'
    )
    SELECT DISTINCT r.relation, r.event FROM reached AS r
    JOIN watchers AS w ON w.tgrelid = r.there AND w.tgtype & CASE r.event_there WHEN 'd' THEN 8 ELSE 16 END <> 0
        AND (r.event_there = 'd' OR r.columns IS NULL OR w.columns = '{}' OR w.columns && r.columns)
$f$;

-- The triggers of that name, on this schema's tables and the session's own.
CREATE OR REPLACE FUNCTION sqlift.triggers_called(name name) RETURNS SETOF pg_catalog.pg_trigger LANGUAGE sql STABLE AS $f$
    SELECT t.* FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = $1
      AND c.relnamespace IN (pg_catalog.pg_my_temp_schema(), (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = pg_catalog.current_schema()))
$f$;

-- Behind statements that change triggers or keys: puts `!sqlift_acts` where it is needed, and takes it away where it is not.
CREATE OR REPLACE FUNCTION sqlift.arrange_actions() RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    wanted record;
    columns int2[];
    events text;
BEGIN
    FOR wanted IN
        SELECT COALESCE(w.relation, t.tgrelid)::regclass AS relation, COALESCE(w.deletes, false) AS deletes, COALESCE(w.updates, false) AS updates,
               t.tgrelid IS NOT NULL AS is_there, COALESCE(t.tgtype & 8 <> 0, false) AS had_delete, COALESCE(t.tgtype & 16 <> 0, false) AS had_update,
               ARRAY(SELECT c.n FROM pg_catalog.unnest(t.tgattr::int2[]) AS c(n) ORDER BY 1) AS had_columns
        FROM (SELECT w.relation, pg_catalog.bool_or(w.event = 'd') AS deletes, pg_catalog.bool_or(w.event = 'u') AS updates FROM sqlift.watched_actions() AS w GROUP BY 1) AS w
        FULL JOIN sqlift.triggers_called('!sqlift_acts') AS t ON t.tgrelid = w.relation
    LOOP
        columns := CASE WHEN wanted.updates THEN ARRAY(
            SELECT DISTINCT c.n FROM sqlift.acting_keys(wanted.relation, 'UPDATE') AS k CROSS JOIN LATERAL pg_catalog.unnest(k.other) AS c(n) ORDER BY 1) ELSE '{}' END;
        CONTINUE WHEN wanted.is_there AND (wanted.deletes, wanted.updates, columns) = (wanted.had_delete, wanted.had_update, wanted.had_columns);
        IF wanted.is_there THEN
            EXECUTE pg_catalog.format('DROP TRIGGER "!sqlift_acts" ON %s', wanted.relation);
        END IF;
        events := pg_catalog.concat_ws(' OR ', CASE WHEN wanted.deletes THEN 'DELETE' END, CASE WHEN wanted.updates THEN 'UPDATE OF ' || (
            SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ') FROM pg_catalog.pg_attribute a WHERE a.attrelid = wanted.relation AND a.attnum = ANY (columns)) END);
        CONTINUE WHEN events = '';
        EXECUTE pg_catalog.format('CREATE TRIGGER "!sqlift_acts" AFTER %s ON %s FOR EACH ROW EXECUTE FUNCTION sqlift.act_in_order()', events, wanted.relation);
    END LOOP;
END $f$;
