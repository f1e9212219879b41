-- Foreign keys that PostgreSQL cannot declare: between columns of unlike types, and to a column by NOCASE or RTRIM. Triggers keep them.
-- https://sqlite.org/foreignkeys.html
-- A key is three triggers whose names end alike: sqlift_key_ of the child looks for the parent, sqlift_left_ of the parent for children
-- that are left behind, sqlift_act_ of the parent does what ON DELETE and ON UPDATE say (their arguments). Each is FROM the other table,
-- so that it goes with it; the columns are the triggers' own (tgattr), so that they follow every name. A child's row locks its parent's,
-- a parent's change waits for it and then sees the child; a serializable transaction that cannot see it fails (40001), and a
-- repeatable read is refused the change.

-- The names of a list of columns, without their quotes.
CREATE OR REPLACE FUNCTION sqlift.names_of(list text) RETURNS TABLE(name text, place bigint) LANGUAGE sql IMMUTABLE AS $f$
    SELECT pg_catalog.btrim(pg_catalog.btrim(n.name), '"'), n.place FROM pg_catalog.regexp_split_to_table($1, ',') WITH ORDINALITY AS n(name, place)
$f$;

-- A child's value as the parent's column has it, by its affinity; NULL is never a key.
CREATE OR REPLACE FUNCTION sqlift.key_number(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN (v).class OPERATOR(pg_catalog.=) 1 THEN (v).number END FROM sqlift.numeric_value($1) AS v
$f$;
CREATE OR REPLACE FUNCTION sqlift.key_integer(x sqlift.value) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN n OPERATOR(pg_catalog.=) pg_catalog.trunc(n) AND n BETWEEN -9223372036854775808 AND 9223372036854775807 THEN n::pg_catalog.int8 END
    FROM sqlift.key_number($1) AS n
$f$;
CREATE OR REPLACE FUNCTION sqlift.key_real(x sqlift.value) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.real_of(sqlift.key_number($1))
$f$;
CREATE OR REPLACE FUNCTION sqlift.key_text(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.<>) 3 THEN sqlift.to_text($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.key_blob(x sqlift.value) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN ($1).blob END
$f$;

-- A column's type in one word; NULL for those that lifted tables do not have.
CREATE OR REPLACE FUNCTION sqlift.key_type(type_id oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT CASE $1 WHEN 20 THEN 'integer' WHEN 701 THEN 'real' WHEN 1700 THEN 'number' WHEN 25 THEN 'text' WHEN 17 THEN 'blob'
                   WHEN pg_catalog.to_regtype('sqlift.value')::oid THEN 'any' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.folded_key(expression text, type_word text, collation_id oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT CASE WHEN $2 <> 'text' THEN $1
                WHEN $3 = 'sqlift.sqlift_nocase'::pg_catalog.regcollation THEN 'lower(' || $1 || ' COLLATE "C")'
                WHEN $3 = 'sqlift.sqlift_rtrim'::pg_catalog.regcollation THEN 'rtrim(' || $1 || ' COLLATE "C")'
                ELSE $1 || ' COLLATE "C"' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.key_columns(child oid, own int2[], parent oid, other int2[])
RETURNS TABLE(place bigint, own_name text, own_type text, other_name text, other_type text, other_collation oid) LANGUAGE sql STABLE AS $f$
    SELECT p.place, pg_catalog.quote_ident(c.attname), sqlift.key_type(c.atttypid), pg_catalog.quote_ident(k.attname), sqlift.key_type(k.atttypid), k.attcollation
    FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($4)) WITH ORDINALITY AS p(own, other, place)
    JOIN pg_catalog.pg_attribute c ON c.attrelid = $1 AND c.attnum = p.own
    JOIN pg_catalog.pg_attribute k ON k.attrelid = $3 AND k.attnum = p.other
$f$;

-- `p` is the row of the parent that a child's row refers to.
CREATE OR REPLACE FUNCTION sqlift.parent_condition(child oid, own int2[], parent oid, other int2[], child_row text) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.string_agg(
        sqlift.folded_key('p.' || k.other_name, k.other_type, k.other_collation) || ' = ' || sqlift.folded_key(
            CASE WHEN k.own_type = k.other_type THEN v.value WHEN k.other_type = 'any' THEN 'sqlift.value_of(' || v.value || ')'
                 ELSE 'sqlift.key_' || k.other_type || '(sqlift.value_of(' || v.value || '))' END, k.other_type, k.other_collation), ' AND ' ORDER BY k.place)
    FROM sqlift.key_columns($1, $2, $3, $4) AS k CROSS JOIN LATERAL (SELECT $5 || '.' || k.own_name) AS v(value)
$f$;
-- `c` is a child of the parent's row: SQLite compares the two columns as it compares any two, with the parent's collation.
CREATE OR REPLACE FUNCTION sqlift.children_condition(child oid, own int2[], parent oid, other int2[], parent_row text) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.string_agg(CASE
            WHEN k.own_type = k.other_type
                THEN sqlift.folded_key('c.' || k.own_name, k.other_type, k.other_collation) || ' = ' || sqlift.folded_key(v.value, k.other_type, k.other_collation)
            WHEN k.own_type IN ('integer', 'number', 'real') THEN 'c.' || k.own_name || ' = sqlift.key_' || k.own_type || '(sqlift.value_of(' || v.value || '))'
            WHEN k.other_type IN ('integer', 'number', 'real')
                THEN 'sqlift.numeric_value(sqlift.value_of(c.' || k.own_name || ')) = sqlift.value_of(' || v.value || ')'
            WHEN k.own_type = 'text' AND k.other_type = 'any' THEN 'c.' || k.own_name || ' COLLATE "C" = sqlift.key_text(' || v.value || ')'
            WHEN k.own_type = 'any' AND k.other_type = 'text'
                THEN sqlift.folded_key('sqlift.key_text(c.' || k.own_name || ')', 'text', k.other_collation) || ' = ' || sqlift.folded_key(v.value, 'text', k.other_collation)
            ELSE 'sqlift.value_of(c.' || k.own_name || ') = sqlift.value_of(' || v.value || ')' END, ' AND ' ORDER BY k.place)
    FROM sqlift.key_columns($1, $2, $3, $4) AS k CROSS JOIN LATERAL (SELECT $5 || '.' || k.other_name) AS v(value)
$f$;

-- The key that one of its triggers stands for.
CREATE OR REPLACE FUNCTION sqlift.kept_key(relation oid, trigger_name text, OUT child regclass, OUT own int2[], OUT parent regclass, OUT other int2[])
RETURNS record LANGUAGE sql STABLE AS $f$
    SELECT k.tgrelid::regclass, ARRAY(SELECT pg_catalog.unnest(k.tgattr::int2[])), k.tgconstrrelid::regclass, ARRAY(SELECT pg_catalog.unnest(l.tgattr::int2[]))
    FROM pg_catalog.pg_trigger k
    JOIN pg_catalog.pg_trigger l ON l.tgrelid = k.tgconstrrelid AND l.tgname = 'sqlift_left_' || pg_catalog.right($2, 16)
    WHERE k.tgname = 'sqlift_key_' || pg_catalog.right($2, 16) AND k.tgconstrrelid <> 0 AND (k.tgrelid = $1 OR k.tgconstrrelid = $1)
$f$;

-- PRAGMA foreign_keys = OFF
CREATE OR REPLACE FUNCTION sqlift.keys_are_off() RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT COALESCE(pg_catalog.current_setting('sqlift.foreign_keys', true) = 'off', false)
$f$;

CREATE OR REPLACE FUNCTION sqlift.check_parent() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    key record;
    names text[];
    found boolean;
BEGIN
    IF sqlift.keys_are_off() THEN
        RETURN NULL;
    END IF;
    SELECT * INTO key FROM sqlift.kept_key(TG_RELID, TG_NAME);
    SELECT pg_catalog.array_agg(k.own_name) INTO names FROM sqlift.key_columns(key.child, key.own, key.parent, key.other) AS k;
    EXECUTE 'SELECT ' || (SELECT pg_catalog.string_agg('($1).' || n || ' IS NULL', ' OR ') FROM pg_catalog.unnest(names) AS n) INTO found USING NEW;
    IF found THEN
        RETURN NULL;
    END IF;
    -- A column that only an index over an expression has is no key to PostgreSQL's locks.
    EXECUTE pg_catalog.format('SELECT true FROM %s AS p WHERE %s FOR %s', key.parent,
                              sqlift.parent_condition(key.child, key.own, key.parent, key.other, '($1)'),
                              CASE WHEN EXISTS (SELECT FROM sqlift.key_columns(key.child, key.own, key.parent, key.other) AS k
                                                WHERE sqlift.folded_key('', k.other_type, k.other_collation) ~ '^(lower|rtrim)') THEN 'SHARE' ELSE 'KEY SHARE' END)
        INTO found USING NEW;
    -- A row is its own parent by bytes alone.
    IF found AND key.child = key.parent THEN
        EXECUTE (SELECT pg_catalog.format('SELECT NOT EXISTS (SELECT FROM (SELECT ($1).*) AS p WHERE %s AND (%s))',
                     sqlift.parent_condition(key.child, key.own, key.parent, key.other, '($1)'),
                     pg_catalog.string_agg(CASE WHEN k.own_type = 'text' AND k.other_type = 'text'
                         THEN pg_catalog.format('p.%s COLLATE "C" <> ($1).%s COLLATE "C"', k.other_name, k.own_name) ELSE 'false' END, ' OR '))
                 FROM sqlift.key_columns(key.child, key.own, key.parent, key.other) AS k) INTO found USING NEW;
    END IF;
    IF found THEN
        RETURN NULL;
    END IF;
    -- The row may be gone by now.
    EXECUTE pg_catalog.format('SELECT true FROM %s AS c WHERE %s LIMIT 1', key.child,
                              (SELECT pg_catalog.string_agg('c.' || n || ' IS NOT DISTINCT FROM ($1).' || n, ' AND ') FROM pg_catalog.unnest(names) AS n))
        INTO found USING NEW;
    IF found THEN
        RAISE foreign_key_violation USING MESSAGE = pg_catalog.format('insert or update on table "%s" violates foreign key constraint', TG_TABLE_NAME),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $f$;

-- Whether an UPDATE left the parent's key what it was.
CREATE OR REPLACE FUNCTION sqlift.is_same_key(child oid, own int2[], parent oid, other int2[], one text, another text) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.string_agg(sqlift.folded_key($5 || '.' || k.other_name, k.other_type, k.other_collation)
        || ' IS NOT DISTINCT FROM ' || sqlift.folded_key($6 || '.' || k.other_name, k.other_type, k.other_collation), ' AND ')
    FROM sqlift.key_columns($1, $2, $3, $4) AS k
$f$;
CREATE OR REPLACE FUNCTION sqlift.same_key(child oid, own int2[], parent oid, other int2[]) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT 'SELECT ' || sqlift.is_same_key($1, $2, $3, $4, '($1)', '($2)')
$f$;

CREATE OR REPLACE FUNCTION sqlift.parent_is_needed(child regclass, parent name, words text) RETURNS void LANGUAGE plpgsql STABLE AS $f$
DECLARE
    child_schema name;
    child_name name;
BEGIN
    SELECT n.nspname, c.relname INTO child_schema, child_name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = child;
    RAISE foreign_key_violation USING SCHEMA = child_schema, TABLE = child_name,
        MESSAGE = pg_catalog.format(words, parent, child_name);
END $f$;

-- A repeatable read goes on with its snapshot, without the children that others have committed since; PostgreSQL's own keys look past it,
-- a serializable transaction fails in time. What DROP TABLE deletes leaves no key behind.
CREATE OR REPLACE FUNCTION sqlift.children_are_seen(child regclass) RETURNS void LANGUAGE plpgsql STABLE AS $f$
BEGIN
    IF pg_catalog.current_setting('transaction_isolation') = 'repeatable read' AND pg_catalog.current_setting('sqlift.dropping', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION E'triggers keep the foreign key of table %, and a repeatable read does not see the rows of others that refer to this one\n  help: connect with isolation=serializable, which is the default', child
            USING ERRCODE = 'SL007';
    END IF;
END $f$;

-- NO ACTION: at the end of the statement, or of the transaction, no child is without a parent.
CREATE OR REPLACE FUNCTION sqlift.check_children() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    key record;
    found boolean;
BEGIN
    IF TG_ARGV[CASE TG_OP WHEN 'DELETE' THEN 0 ELSE 1 END] <> 'NO ACTION' OR sqlift.keys_are_off() THEN
        RETURN NULL;
    END IF;
    SELECT * INTO key FROM sqlift.kept_key(TG_RELID, TG_NAME);
    IF TG_OP = 'UPDATE' THEN
        EXECUTE sqlift.same_key(key.child, key.own, key.parent, key.other) INTO found USING OLD, NEW;
        IF found THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM sqlift.children_are_seen(key.child);
    -- Only a row with the same key takes its place: beside '05' SQLite does not go by '5', which a child 5 refers to as well. What an
    -- UPDATE makes of '2.5' may be '2.50'.
    EXECUTE pg_catalog.format('SELECT true FROM %s AS c WHERE %s%s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s) LIMIT 1',
        key.child, sqlift.children_condition(key.child, key.own, key.parent, key.other, '($1)'),
        CASE TG_OP WHEN 'UPDATE' THEN ' AND (' || sqlift.children_condition(key.child, key.own, key.parent, key.other, '($2)') || ') IS NOT TRUE' ELSE '' END,
        key.parent, sqlift.is_same_key(key.child, key.own, key.parent, key.other, 'p', '($1)'))
        INTO found USING OLD, CASE TG_OP WHEN 'UPDATE' THEN NEW ELSE OLD END;
    IF found THEN
        PERFORM sqlift.parent_is_needed(key.child, TG_TABLE_NAME, 'change of table "%s" violates foreign key constraint on table "%s"');
    END IF;
    RETURN NULL;
END $f$;

-- RESTRICT, CASCADE, SET NULL and SET DEFAULT; a table whose triggers could tell the order has done it already (key_actions.sql).
CREATE OR REPLACE FUNCTION sqlift.act_on_children() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    action text := TG_ARGV[CASE TG_OP WHEN 'DELETE' THEN 0 ELSE 1 END];
    key record;
BEGIN
    IF action = 'NO ACTION' OR sqlift.keys_are_off() OR sqlift.acts_in_order(TG_RELID, TG_OP) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO key FROM sqlift.kept_key(TG_RELID, TG_NAME);
    IF TG_OP = 'DELETE' THEN
        PERFORM sqlift.act(key.child, key.own, key.parent, key.other, true, TG_OP, action, OLD, OLD, false);
    ELSE
        PERFORM sqlift.act(key.child, key.own, key.parent, key.other, true, TG_OP, action, OLD, NEW, false);
    END IF;
    RETURN NULL;
END $f$;

-- PRAGMA defer_foreign_keys, for the rest of the transaction. Keys are declared as the program says, so the first time makes them DEFERRABLE.
CREATE OR REPLACE FUNCTION sqlift.defer_foreign_keys(is_on boolean) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    key record;
    names text;
BEGIN
    PERFORM pg_catalog.set_config('sqlift.defer_foreign_keys', CASE WHEN is_on THEN 'on' ELSE 'off' END, true);
    IF is_on THEN
        FOR key IN
            SELECT k.conname, k.conrelid::regclass AS child FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
            WHERE k.contype = 'f' AND NOT k.condeferrable AND k.conparentid = 0
              AND c.relnamespace IN (pg_catalog.pg_my_temp_schema(), (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = pg_catalog.current_schema()))
        LOOP
            EXECUTE pg_catalog.format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE', key.child, key.conname);
        END LOOP;
        SET CONSTRAINTS ALL DEFERRED;
        RETURN;
    END IF;
    SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, k.conname), ', ') INTO names
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
    WHERE k.condeferrable AND NOT k.condeferred AND k.contype IN ('f', 't')
      AND c.relnamespace IN (pg_catalog.pg_my_temp_schema(), (SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname = pg_catalog.current_schema()));
    IF names IS NOT NULL THEN
        BEGIN
            EXECUTE 'SET CONSTRAINTS ' || names || ' IMMEDIATE';
        EXCEPTION WHEN foreign_key_violation THEN
            -- What waits already is looked at when the transaction ends, and what comes with it.
            NULL;
        END;
    END IF;
END $f$;

-- What a key's text says of ON DELETE or ON UPDATE.
CREATE OR REPLACE FUNCTION sqlift.said_action(definition text, event text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT COALESCE(pg_catalog.regexp_replace(pg_catalog.upper(pg_catalog.substring($1, '(?i)\mON\s+' || $2 || '\s+(CASCADE|SET\s+NULL|SET\s+DEFAULT|RESTRICT|NO\s+ACTION)')), '\s+', ' '), 'NO ACTION')
$f$;
-- The parent's columns that a key's text names.
CREATE OR REPLACE FUNCTION sqlift.said_columns(definition text) RETURNS text LANGUAGE sql IMMUTABLE AS $f$
    SELECT pg_catalog.substring($1, '(?i)REFERENCES\s+(?:"[^"]*"|[^\s("]+)\s*\(([^)]*)\)')
$f$;

-- Makes the triggers of a key, and tells whether the parent has such a key by the collations of its columns.
CREATE OR REPLACE FUNCTION sqlift.keep_foreign_key(child regclass, parent regclass, definition text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    own int2[];
    other int2[];
    said text := sqlift.said_columns(definition);
    on_delete text := sqlift.said_action(definition, 'DELETE');
    on_update text := sqlift.said_action(definition, 'UPDATE');
    ending text := pg_catalog.left(pg_catalog.md5(child::text || ' ' || definition), 16);
    deferral text := CASE WHEN definition ~* '\mNOT\s+DEFERRABLE' THEN '' WHEN definition ~* '\mDEFERRABLE\s+INITIALLY\s+DEFERRED' THEN 'DEFERRABLE INITIALLY DEFERRED'
                          ELSE 'DEFERRABLE' END;
    own_names text;
    other_names text;
BEGIN
    SELECT pg_catalog.array_agg(a.attnum ORDER BY n.place) INTO own
    FROM sqlift.names_of(pg_catalog.substring(definition, 'FOREIGN KEY \(([^)]*)\)')) AS n
    JOIN pg_catalog.pg_attribute a ON a.attrelid = child AND a.attnum > 0 AND a.attname = n.name;
    IF said IS NULL THEN
        other := sqlift.primary_key(parent);
    ELSE
        SELECT pg_catalog.array_agg(a.attnum ORDER BY n.place) INTO other
        FROM sqlift.names_of(said) AS n JOIN pg_catalog.pg_attribute a ON a.attrelid = parent AND a.attnum > 0 AND NOT a.attisdropped
            AND pg_catalog.lower(a.attname) = pg_catalog.lower(n.name);
    END IF;
    IF other IS NULL OR pg_catalog.cardinality(own) IS DISTINCT FROM pg_catalog.cardinality(other)
            OR EXISTS (SELECT FROM sqlift.key_columns(child, own, parent, other) AS k WHERE k.own_type IS NULL OR k.other_type IS NULL)
            OR NOT EXISTS (
                SELECT FROM pg_catalog.pg_index i
                WHERE i.indrelid = parent AND i.indisunique AND i.indpred IS NULL AND i.indnkeyatts = pg_catalog.cardinality(other)
                  AND NOT EXISTS (
                      SELECT FROM sqlift.index_columns(i.indexrelid) AS x JOIN pg_catalog.pg_attribute a ON a.attrelid = parent AND a.attnum = x.attnum
                      WHERE x.attnum <> ALL (other) OR x.folding IS DISTINCT FROM CASE a.attcollation
                          WHEN 'sqlift.sqlift_nocase'::pg_catalog.regcollation THEN 'lower' WHEN 'sqlift.sqlift_rtrim'::pg_catalog.regcollation THEN 'rtrim' END)
                  AND (SELECT pg_catalog.count(*) FROM sqlift.index_columns(i.indexrelid) AS x WHERE x.attnum = ANY (other)) = i.indnkeyatts) THEN
        RETURN false;
    END IF;
    SELECT pg_catalog.string_agg(k.own_name, ', ' ORDER BY k.place), pg_catalog.string_agg(k.other_name, ', ' ORDER BY k.place)
    INTO own_names, other_names FROM sqlift.key_columns(child, own, parent, other) AS k;
    EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT OR UPDATE OF %s ON %s FROM %s %s FOR EACH ROW EXECUTE FUNCTION sqlift.check_parent()',
                              'sqlift_key_' || ending, own_names, child, parent, deferral);
    EXECUTE pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', 'sqlift_key_' || ending, child,
                              (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = parent) || E'\n' || definition);
    EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER %I AFTER DELETE OR UPDATE OF %s ON %s FROM %s %s FOR EACH ROW EXECUTE FUNCTION sqlift.check_children(%L, %L)',
                              'sqlift_left_' || ending, other_names, parent, child, deferral, on_delete, on_update);
    IF on_delete <> 'NO ACTION' OR on_update <> 'NO ACTION' THEN
        EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER %I AFTER DELETE OR UPDATE OF %s ON %s FROM %s FOR EACH ROW EXECUTE FUNCTION sqlift.act_on_children(%L, %L)',
                                  'sqlift_act_' || ending, other_names, parent, child, on_delete, on_update);
    END IF;
    RETURN true;
END $f$;

-- The text of a kept key, with the names of today.
CREATE OR REPLACE FUNCTION sqlift.key_definition(relation oid, trigger_name text) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.format('FOREIGN KEY (%s) REFERENCES %I%s ON DELETE %s ON UPDATE %s%s', n.own, c.relname,
               CASE WHEN sqlift.said_columns(d.text) IS NULL THEN '' ELSE ' (' || n.other || ')' END,
               sqlift.said_action(d.text, 'DELETE'), sqlift.said_action(d.text, 'UPDATE'),
               CASE WHEN t.tginitdeferred THEN ' DEFERRABLE INITIALLY DEFERRED' WHEN t.tgdeferrable THEN '' ELSE ' NOT DEFERRABLE' END)
    FROM sqlift.kept_key($1, $2) AS k
    JOIN pg_catalog.pg_class c ON c.oid = k.parent
    JOIN pg_catalog.pg_trigger t ON t.tgrelid = k.child AND t.tgname = 'sqlift_key_' || pg_catalog.right($2, 16)
    CROSS JOIN LATERAL (SELECT pg_catalog.obj_description(t.oid, 'pg_trigger')) AS d(text)
    CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(x.own_name, ', ' ORDER BY x.place), pg_catalog.string_agg(x.other_name, ', ' ORDER BY x.place)
                        FROM sqlift.key_columns(k.child, k.own, k.parent, k.other) AS x) AS n(own, other)
$f$;

-- Ahead of ALTER TABLE ... DROP COLUMN: a column's own key goes with it.
CREATE OR REPLACE FUNCTION sqlift.forget_key(tbl text, col text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    key record;
BEGIN
    FOR key IN
        SELECT t.tgname, t.tgconstrrelid FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.tgrelid AND a.attname = col
        WHERE t.tgrelid = tbl::regclass AND t.tgname LIKE 'sqlift\_key\_%' AND a.attnum = ANY (t.tgattr::int2[])
    LOOP
        PERFORM sqlift.drop_key(tbl::regclass, key.tgname);
    END LOOP;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.drop_key(child regclass, trigger_name text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT t.tgname, t.tgrelid::regclass AS relation FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = child AND t.tgname = trigger_name
           OR t.tgconstrrelid = child AND t.tgname IN ('sqlift_left_' || pg_catalog.right(trigger_name, 16), 'sqlift_act_' || pg_catalog.right(trigger_name, 16))
    LOOP
        EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', part.tgname, part.relation);
    END LOOP;
END $f$;

-- The keys of a table, the last declared first, also those that wait for their parent; see drops.sql and above.
CREATE OR REPLACE FUNCTION sqlift.pragma_foreign_key_list(schema_name text, tbl text)
RETURNS TABLE(id bigint, seq bigint, "table" text, "from" text, "to" text, on_update text, on_delete text, match text) LANGUAGE sql STABLE AS $f$
    WITH keys AS (
        SELECT pg_catalog.row_number() OVER (ORDER BY q.id DESC) - 1 AS number, q.* FROM (
            SELECT c.oid::bigint AS id, c.conrelid, sqlift.shown_relation(c.confrelid) AS parent, sqlift.action_name(c.confupdtype) AS on_update, sqlift.action_name(c.confdeltype) AS on_delete,
                   (SELECT pg_catalog.array_agg(sqlift.shown_column(c.conrelid, p.col) ORDER BY p.place) FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY AS p(col, place)) AS own,
                   CASE WHEN pg_catalog.obj_description(c.oid, 'pg_constraint') IS DISTINCT FROM 'sqlite: implicit' THEN
                       (SELECT pg_catalog.array_agg(sqlift.shown_column(c.confrelid, p.col) ORDER BY p.place) FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY AS p(col, place)) END AS other
            FROM pg_catalog.pg_constraint c
            WHERE c.conrelid = sqlift.relation($1, $2) AND c.contype = 'f'
            UNION ALL
            SELECT t.oid::bigint, t.tgrelid, COALESCE(sqlift.shown_relation(NULLIF(t.tgconstrrelid, 0)), sqlift.shown_relation(sqlift.relation($1, d.parent)), d.parent),
                   sqlift.said_action(d.text, 'UPDATE'), sqlift.said_action(d.text, 'DELETE'),
                   (SELECT pg_catalog.array_agg(sqlift.shown_column(t.tgrelid, p.col) ORDER BY p.place) FROM pg_catalog.unnest(t.tgattr::int2[]) WITH ORDINALITY AS p(col, place)),
                   CASE WHEN t.tgconstrrelid = 0 THEN (SELECT pg_catalog.array_agg(n.name ORDER BY n.place) FROM sqlift.names_of(sqlift.said_columns(d.text)) AS n)
                        WHEN sqlift.said_columns(d.text) IS NOT NULL THEN
                            (SELECT pg_catalog.array_agg(sqlift.shown_column(k.parent, p.col) ORDER BY p.place)
                             FROM sqlift.kept_key(t.tgrelid, t.tgname::text) AS k CROSS JOIN LATERAL pg_catalog.unnest(k.other) WITH ORDINALITY AS p(col, place)) END
            FROM pg_catalog.pg_trigger t
            CROSS JOIN LATERAL pg_catalog.obj_description(t.oid, 'pg_trigger') AS x(text)
            CROSS JOIN LATERAL (SELECT pg_catalog.split_part(x.text, E'\n', 1), pg_catalog.substr(x.text, pg_catalog.strpos(x.text, E'\n') + 1)) AS d(parent, text)
            WHERE t.tgrelid = sqlift.relation($1, $2) AND t.tgname LIKE 'sqlift\_key\_%'
        ) AS q(id, conrelid, parent, on_update, on_delete, own, other))
    SELECT k.number, p.place - 1, k.parent, p.name, k.other[p.place], k.on_update, k.on_delete, 'NONE'
    FROM keys AS k CROSS JOIN LATERAL pg_catalog.unnest(k.own) WITH ORDINALITY AS p(name, place)
    ORDER BY k.number, p.place
$f$;

-- The rows of a table that break its keys: written with PRAGMA foreign_keys = OFF, or there before the key was. Of the keys that PostgreSQL
-- keeps itself only those can be broken that it did not look at.
CREATE OR REPLACE FUNCTION sqlift.broken_rows(tbl regclass) RETURNS TABLE(row_id bigint, parent text, key_number bigint) LANGUAGE plpgsql STABLE AS $f$
DECLARE
    key record;
    kept record;
    row_column text := (SELECT pg_catalog.quote_ident(a.attname) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = tbl AND a.attnum > 0 AND (sqlift.numbers_itself(tbl, a.attnum) OR pg_catalog.col_description(tbl, a.attnum) = 'sqlite rowid') LIMIT 1);
    condition text;
BEGIN
    FOR key IN
        SELECT pg_catalog.row_number() OVER (ORDER BY q.id DESC) - 1 AS number, q.* FROM (
            SELECT k.oid::bigint AS id, k.conname AS name, k.conkey AS own, k.confrelid AS parent_id, k.confkey AS other, k.convalidated AS is_sound, NULL::text AS wanted
            FROM pg_catalog.pg_constraint k WHERE k.conrelid = tbl AND k.contype = 'f'
            UNION ALL
            SELECT t.oid::bigint, t.tgname, ARRAY(SELECT pg_catalog.unnest(t.tgattr::int2[])), t.tgconstrrelid, NULL, false, pg_catalog.split_part(pg_catalog.obj_description(t.oid, 'pg_trigger'), E'\n', 1)
            FROM pg_catalog.pg_trigger t WHERE t.tgrelid = tbl AND t.tgname LIKE 'sqlift\_key\_%') AS q ORDER BY 1
    LOOP
        CONTINUE WHEN key.is_sound;
        SELECT pg_catalog.string_agg(pg_catalog.format('c.%I IS NOT NULL', a.attname), ' AND ') INTO condition
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = tbl AND a.attnum = ANY (key.own);
        IF key.parent_id <> 0 THEN
            IF key.other IS NULL THEN
                SELECT k.other INTO key.other FROM sqlift.kept_key(tbl, key.name::text) AS k;
            END IF;
            condition := pg_catalog.format('%s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s)', condition, key.parent_id::regclass,
                                           sqlift.parent_condition(tbl, key.own, key.parent_id, key.other, 'c'));
            key.wanted := sqlift.shown_relation(key.parent_id);
        ELSIF EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class own ON own.oid = tbl AND c.relnamespace = own.relnamespace WHERE c.relname = key.wanted) THEN
            RAISE invalid_foreign_key USING MESSAGE = pg_catalog.format('foreign key mismatch - "%s" referencing "%s"', sqlift.shown_relation(tbl), key.wanted);
        END IF;
        RETURN QUERY EXECUTE pg_catalog.format('SELECT %s::bigint, %L::text, %s::bigint FROM %s AS c WHERE %s ORDER BY 1',
                                               COALESCE('c.' || row_column, 'NULL'), key.wanted, key.number, tbl, condition);
    END LOOP;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.pragma_foreign_key_check(schema_name text, tbl text DEFAULT NULL)
RETURNS TABLE("table" text, rowid bigint, parent text, fkid bigint) LANGUAGE plpgsql STABLE AS $f$
BEGIN
    IF tbl IS NOT NULL AND sqlift.relation(schema_name, tbl) IS NULL THEN
        RAISE EXCEPTION 'no such table: %', tbl USING ERRCODE = 'undefined_table';
    END IF;
    RETURN QUERY SELECT sqlift.shown_relation(c.oid), b.row_id, b.parent, b.key_number
    FROM pg_catalog.pg_class c CROSS JOIN LATERAL sqlift.broken_rows(c.oid::regclass) AS b
    WHERE c.relkind IN ('r', 'p') AND CASE WHEN tbl IS NULL THEN c.relnamespace = sqlift.namespace(schema_name) ELSE c.oid = sqlift.relation(schema_name, tbl) END;
END $f$;
