-- ON CONFLICT in the constraints of a table. https://sqlite.org/lang_conflict.html
-- A trigger behind all others of its table resolves them before PostgreSQL looks at the keys itself. Its arguments are the constraints in
-- the order in which SQLite looks at them, each an action and the numbers of the columns; `n` behind one compares as NOCASE does, `r` as RTRIM.
--   abort 1         what follows does not count where this key is taken
--   fail 1          the same, and the error is this key's
--   ignore 2 3n     replace 2    rollback 2    unique keys
--   null-ignore 4   null-replace 4    null-rollback 4    NOT NULL

-- The conflict clause that counts in a trigger of this table instead of its own, '' for none. What fires it tells the setting: the clause,
-- the depth, the table. Other triggers are those of a foreign key's action, to which SQLite passes ABORT, as to a DO UPDATE (a `+` behind
-- the clause); a DELETE passes nothing on. https://sqlite.org/lang_createtrigger.html
CREATE OR REPLACE FUNCTION sqlift.clause(operation text, table_name name) RETURNS text LANGUAGE plpgsql STABLE AS $f$
DECLARE
    told text := coalesce(pg_catalog.current_setting('sqlift.or', true), '');
    clause text := pg_catalog.split_part(told, ' ', 1);
BEGIN
    IF told = '' OR operation = 'DELETE' THEN
        RETURN '';
    ELSIF told <> pg_catalog.concat_ws(' ', clause, pg_catalog.pg_trigger_depth(), table_name) OR operation = 'UPDATE' AND clause LIKE '%+' THEN
        RETURN CASE operation WHEN 'UPDATE' THEN 'abort' ELSE '' END;
    END IF;
    RETURN pg_catalog.rtrim(clause, '+');
END $f$;

-- The new row of a trigger, $1, as a query: what a generated column is to hold is not computed yet.
CREATE OR REPLACE FUNCTION sqlift.new_row(relation oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT 'SELECT ' || pg_catalog.string_agg(
        CASE a.attgenerated WHEN '' THEN pg_catalog.quote_ident(a.attname) ELSE pg_catalog.format('%s AS %I', pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attname) END,
        ', ' ORDER BY a.attnum) || ' FROM (SELECT ($1).*) AS given'
    FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
$f$;

-- Whether the new row breaks a NOT NULL or a CHECK: SQLite looks at them ahead of the keys, so that no key's IGNORE hides the error.
CREATE OR REPLACE FUNCTION sqlift.breaks_another(relation oid) RETURNS text LANGUAGE sql STABLE AS $f$
    SELECT pg_catalog.format('SELECT EXISTS (SELECT FROM (%s) AS t WHERE %s)', sqlift.new_row(relation), coalesce(pg_catalog.string_agg(b.condition, ' OR '), 'false')) FROM (
        SELECT pg_catalog.format('%I IS NULL', a.attname) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = relation AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
        UNION ALL
        SELECT pg_catalog.format('(%s) IS FALSE', pg_catalog.pg_get_expr(c.conbin, c.conrelid)) FROM pg_catalog.pg_constraint c
        WHERE c.conrelid = relation AND c.contype = 'c'
    ) AS b(condition)
$f$;

-- The name of a key without REPLACE, NULL for none, that a row which is to be replaced holds too: SQLite looks at those first, at the
-- rowid and then from the newest to the oldest.
CREATE OR REPLACE FUNCTION sqlift.kept_key(relation oid, arguments text[], same_key text) RETURNS text LANGUAGE plpgsql STABLE AS $f$
BEGIN
    RETURN (SELECT pg_catalog.format('SELECT CASE %s END', coalesce(pg_catalog.string_agg(
        pg_catalog.format('WHEN EXISTS (SELECT FROM %1$s AS t WHERE %2$s AND (%3$s) = (SELECT %3$s FROM (%4$s) AS given WHERE %5$s) AND (%5$s)) THEN %6$L',
            relation::regclass, same_key, k.terms, sqlift.new_row(relation), coalesce(pg_catalog.pg_get_expr(x.indpred, x.indrelid), 'true'), i.relname),
        ' ' ORDER BY x.indisprimary DESC, x.indexrelid DESC), 'WHEN false THEN NULL'))
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(x.indexrelid, n, true), ', ' ORDER BY n) FROM pg_catalog.generate_series(1, x.indnkeyatts) AS n
    ) AS k(terms)
    WHERE x.indrelid = relation AND x.indisunique AND NOT EXISTS (
        SELECT FROM pg_catalog.unnest(arguments) AS a WHERE a LIKE 'replace %'
        AND pg_catalog.translate(pg_catalog.substr(a, 9), 'nr', '') = (SELECT pg_catalog.string_agg(c.attnum::text, ' ' ORDER BY c.place) FROM sqlift.index_columns(x.indexrelid) AS c)));
END $f$;

CREATE OR REPLACE FUNCTION sqlift.resolve_conflict() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    argument text;
    action text;
    column_name text;
    column_default text;
    given jsonb;
    same_key text;
    broken_key text;
    found boolean;
BEGIN
    -- INSERT OR ... and UPDATE OR ... say for all constraints what is to happen.
    IF pg_catalog.current_query() LIKE '/* sqlift: or */%' OR sqlift.clause(TG_OP, TG_TABLE_NAME) <> '' THEN
        RETURN NEW;
    END IF;
    FOREACH argument IN ARRAY TG_ARGV LOOP
        action := pg_catalog.split_part(argument, ' ', 1);
        IF action LIKE 'null-%' THEN
            SELECT a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid) INTO column_name, column_default
            FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = TG_RELID AND a.attnum = pg_catalog.split_part(argument, ' ', 2)::smallint;
            EXECUTE pg_catalog.format('SELECT ($1).%I IS NULL', column_name) INTO found USING NEW;
            CONTINUE WHEN NOT found;
            IF action = 'null-ignore' THEN
                RETURN NULL;
            ELSIF action = 'null-rollback' THEN
                RAISE not_null_violation USING MESSAGE = pg_catalog.format('null value in column "%s" of relation "%s" violates not-null constraint', column_name, TG_TABLE_NAME),
                    SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = column_name, HINT = 'sqlift: rollback';
            ELSIF column_default IS NOT NULL THEN
                EXECUTE pg_catalog.format('SELECT pg_catalog.jsonb_build_object(%L, %s)', column_name, column_default) INTO given;
                NEW := pg_catalog.jsonb_populate_record(NEW, given);
            END IF;
            CONTINUE;
        END IF;
        -- Rows with the new key, but for the row that is updated: that one has its old key still.
        SELECT pg_catalog.string_agg(pg_catalog.format(k.form, k.attname, '$1', k.attname), ' AND ')
            || CASE TG_OP WHEN 'UPDATE' THEN pg_catalog.format(' AND (%s) IS NOT TRUE', pg_catalog.string_agg(pg_catalog.format(k.form, k.attname, '$2', k.attname), ' AND ')) ELSE '' END
        INTO same_key FROM (
            SELECT a.attname, CASE pg_catalog.right(n.number, 1) WHEN 'n' THEN 'lower(t.%I COLLATE "C") = lower((%s).%I COLLATE "C")'
                                   WHEN 'r' THEN 'rtrim(t.%I COLLATE "C") = rtrim((%s).%I COLLATE "C")' ELSE 't.%I = (%s).%I' END
            FROM pg_catalog.regexp_split_to_table(pg_catalog.substr(argument, pg_catalog.length(action) + 2), ' ') AS n(number)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = TG_RELID AND a.attnum = pg_catalog.rtrim(n.number, 'nr')::smallint
        ) AS k(attname, form);
        IF action = 'replace' THEN
            EXECUTE sqlift.kept_key(TG_RELID, TG_ARGV, same_key) INTO broken_key USING NEW, CASE TG_OP WHEN 'UPDATE' THEN OLD ELSE NEW END;
            IF broken_key IS NOT NULL THEN
                RAISE unique_violation USING MESSAGE = 'duplicate key value violates unique constraint',
                    SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = broken_key;
            END IF;
            PERFORM sqlift.replacing(TG_RELID::regclass);
            EXECUTE pg_catalog.format('DELETE FROM %s AS t WHERE %s', TG_RELID::regclass, same_key)
                USING NEW, CASE TG_OP WHEN 'UPDATE' THEN OLD ELSE NEW END;
            -- What a trigger deletes by itself later on runs its triggers.
            PERFORM sqlift.replaced(TG_RELID::regclass);
            CONTINUE;
        END IF;
        EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s AS t WHERE %s)', TG_RELID::regclass, same_key)
            INTO found USING NEW, CASE TG_OP WHEN 'UPDATE' THEN OLD ELSE NEW END;
        CONTINUE WHEN NOT found;
        IF action = 'abort' THEN
            RETURN NEW;
        ELSIF action = 'ignore' THEN
            EXECUTE sqlift.breaks_another(TG_RELID) INTO found USING NEW;
            RETURN CASE WHEN found THEN NEW END;
        END IF;
        RAISE unique_violation USING MESSAGE = 'duplicate key value violates unique constraint',
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = (
                SELECT i.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
                WHERE x.indrelid = TG_RELID AND x.indisunique AND (SELECT pg_catalog.string_agg(k.attnum::text, ' ' ORDER BY k.place) FROM sqlift.index_columns(x.indexrelid) AS k)
                    = pg_catalog.translate(pg_catalog.substr(argument, pg_catalog.length(action) + 2), 'nr', '') LIMIT 1),
            HINT = 'sqlift: ' || action;
    END LOOP;
    RETURN NEW;
END $f$;
