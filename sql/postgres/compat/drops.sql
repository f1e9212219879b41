-- Dropping what others need, as SQLite does: it resolves names when they are used.
-- https://sqlite.org/lang_createview.html, https://sqlite.org/foreignkeys.html#fk_schemacommands

-- What a view gives that cannot be read.
CREATE OR REPLACE FUNCTION sqlift.broken_view() RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    RAISE EXCEPTION 'this view reads a table or column that is not there' USING ERRCODE = 'undefined_table';
END $f$;

-- Gives a view another definition, what stands behind its name in CREATE VIEW; NULL makes it one that only fails.
-- Its text for SQLite's catalog, its owner, its grants and its triggers stay.
CREATE OR REPLACE FUNCTION sqlift.redefine_view(view_id oid, definition text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    view_name text;
    made oid := sqlift.made_at(view_id);
    kept text[];
    command text;
BEGIN
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO view_name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = view_id;
    SELECT pg_catalog.array_agg(k.command ORDER BY k.place, k.id) INTO kept FROM (
        SELECT 1, pg_catalog.format('COMMENT ON VIEW %s IS %L', view_name, pg_catalog.obj_description(view_id, 'pg_class')), view_id
        UNION ALL
        SELECT 2, pg_catalog.pg_get_triggerdef(t.oid), t.oid FROM pg_catalog.pg_trigger t WHERE t.tgrelid = view_id AND NOT t.tgisinternal
        UNION ALL
        SELECT 3, pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, view_name, pg_catalog.obj_description(t.oid, 'pg_trigger')), t.oid
        FROM pg_catalog.pg_trigger t WHERE t.tgrelid = view_id AND NOT t.tgisinternal
        UNION ALL
        SELECT 4, pg_catalog.format('GRANT %s ON %s TO %s%s', a.privilege_type, view_name,
                                    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
                                    CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), 0
        FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
        WHERE c.oid = view_id AND a.grantee OPERATOR(pg_catalog.<>) c.relowner
    ) AS k(place, command, id);
    EXECUTE 'DROP VIEW ' || view_name;
    EXECUTE 'CREATE VIEW ' || view_name || coalesce(definition, ' AS SELECT sqlift.broken_view() AS sqlift_broken');
    EXECUTE pg_catalog.format('COMMENT ON RULE "_RETURN" ON %s IS %L', view_name, 'made ' || made);
    FOREACH command IN ARRAY kept LOOP
        EXECUTE command;
    END LOOP;
END $f$;

-- Stands in for a foreign key whose parent is not there, or has no such unique key.
CREATE OR REPLACE FUNCTION sqlift.missing_parent() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    -- PRAGMA foreign_keys = OFF: SQLite looks for no parent then.
    IF pg_catalog.current_setting('sqlift.foreign_keys', true) = 'off' THEN
        RETURN NULL;
    END IF;
    IF pg_catalog.to_regclass(pg_catalog.format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0])) IS NULL THEN
        RAISE EXCEPTION 'relation "main.%" does not exist', TG_ARGV[0] USING ERRCODE = 'undefined_table';
    END IF;
    RAISE EXCEPTION 'foreign key mismatch - "%" referencing "%"', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'invalid_foreign_key';
END $f$;

-- Declares a foreign key that may have to wait; `definition` is what stands behind ALTER TABLE ... ADD.
CREATE OR REPLACE FUNCTION sqlift.pend_foreign_key(child text, parent text, columns text, definition text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
    PERFORM sqlift.set_aside(child, parent, columns, definition);
    PERFORM sqlift.adopt_foreign_keys(parent);
END $f$;

-- The same for a key to a parent that is there, which PostgreSQL cannot declare.
CREATE OR REPLACE FUNCTION sqlift.declare_foreign_key(child text, parent text, columns text, definition text) RETURNS void LANGUAGE sql VOLATILE AS $f$
    SELECT sqlift.pend_foreign_key($1, $2, $3, $4)
$f$;

CREATE OR REPLACE FUNCTION sqlift.set_aside(child text, parent text, columns text, definition text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    trigger_name text := 'sqlift_key_' || pg_catalog.left(pg_catalog.md5(definition), 16);
BEGIN
    EXECUTE pg_catalog.format('CREATE TRIGGER %I BEFORE INSERT OR DELETE OR UPDATE OF %s ON %s FOR EACH STATEMENT EXECUTE FUNCTION sqlift.missing_parent(%L)',
                              trigger_name, columns, child, parent);
    EXECUTE pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', trigger_name, child, parent || E'\n' || definition);
END $f$;

-- Declares the foreign keys that wait for a table. Rows that are there already are not looked at, as on SQLite.
CREATE OR REPLACE FUNCTION sqlift.adopt_foreign_keys(parent text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    key record;
    parent_id regclass;
    by_collation boolean;
BEGIN
    FOR key IN
        SELECT t.tgname, t.tgrelid::regclass AS child, d.text AS definition, n.nspname AS schema_name
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL pg_catalog.obj_description(t.oid, 'pg_trigger') AS x(text)
        CROSS JOIN LATERAL pg_catalog.substr(x.text, pg_catalog.strpos(x.text, E'\n') + 1) AS d(text)
        WHERE t.tgfoid = 'sqlift.missing_parent()'::regprocedure AND pg_catalog.split_part(x.text, E'\n', 1) = parent
          AND pg_catalog.pg_table_is_visible(c.oid)
        ORDER BY t.oid
    LOOP
        parent_id := pg_catalog.to_regclass(pg_catalog.format('%I.%I', key.schema_name, parent));
        -- PostgreSQL's key to such a column would compare bytes.
        by_collation := EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = parent_id
            AND a.attcollation IN ('sqlift.sqlift_nocase'::pg_catalog.regcollation, 'sqlift.sqlift_rtrim'::pg_catalog.regcollation)
            AND (SELECT pg_catalog.array_agg(pg_catalog.lower(n.name)) FROM sqlift.names_of(sqlift.said_columns(key.definition)) AS n) @> ARRAY[a.attname::text] IS NOT FALSE);
        BEGIN
            IF by_collation THEN
                RAISE datatype_mismatch;
            END IF;
            BEGIN
                EXECUTE pg_catalog.format('ALTER TABLE %s ADD %s', key.child, key.definition);
            EXCEPTION WHEN foreign_key_violation THEN
                EXECUTE pg_catalog.format('ALTER TABLE %s ADD %s NOT VALID', key.child, key.definition);
            END;
            EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', key.tgname, key.child);
            IF sqlift.said_columns(key.definition) IS NULL THEN
                PERFORM sqlift.mark_implicit_key(key.child::text, pg_catalog.substring(key.definition, 'FOREIGN KEY \(([^)]*)\)'));
            END IF;
        EXCEPTION WHEN undefined_table OR undefined_column OR invalid_foreign_key OR datatype_mismatch OR wrong_object_type OR undefined_object THEN
            -- Triggers can keep it, or it waits on.
            IF parent_id IS NOT NULL AND sqlift.keep_foreign_key(key.child, parent_id, key.definition) THEN
                EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', key.tgname, key.child);
            END IF;
        END;
    END LOOP;
END $f$;

-- Ahead of DROP TABLE and DROP VIEW: the views that read it, and those over them, become ones that only fail.
-- The rows of a parent are deleted first, with what its keys' actions do; then the keys wait for a new parent.
CREATE OR REPLACE FUNCTION sqlift.before_drop(relation text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    relation_id oid := pg_catalog.to_regclass(relation);
    reader record;
    key record;
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.confrelid = relation_id AND k.conrelid <> relation_id)
            OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = relation_id AND t.tgname LIKE 'sqlift\_left\_%' AND t.tgconstrrelid <> relation_id) THEN
        -- With PRAGMA foreign_keys = OFF the children keep their rows.
        IF pg_catalog.current_setting('sqlift.foreign_keys', true) IS DISTINCT FROM 'off' THEN
            EXECUTE pg_catalog.format('ALTER TABLE %s DISABLE TRIGGER USER', relation);
            FOR key IN SELECT t.tgname FROM pg_catalog.pg_trigger t WHERE t.tgrelid = relation_id AND t.tgname ~ '^sqlift_(left|act)_|^!sqlift_acts$' LOOP
                EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE TRIGGER %I', relation, key.tgname);
            END LOOP;
            PERFORM pg_catalog.set_config('sqlift.dropping', 'on', true);
            EXECUTE 'DELETE FROM ' || relation;
            PERFORM pg_catalog.set_config('sqlift.dropping', '', true);
        END IF;
        FOR key IN
            SELECT k.conname, k.conrelid::regclass AS child,
                   CASE WHEN pg_catalog.obj_description(k.oid, 'pg_constraint') = 'sqlite: implicit'
                        THEN pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), '(REFERENCES (?:"[^"]*"|[^\s("]+))\s*\([^)]*\)', '\1')
                        ELSE pg_catalog.pg_get_constraintdef(k.oid) END AS definition,
                   (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ') FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS columns
            FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.confrelid = relation_id AND k.conrelid <> relation_id
        LOOP
            EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', key.child, key.conname);
            -- The parent still is there, so nothing is adopted yet.
            PERFORM sqlift.set_aside(key.child::text, (SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.oid = relation_id), key.columns,
                                     pg_catalog.format('CONSTRAINT %I %s', key.conname, pg_catalog.replace(key.definition, ' NOT VALID', '')));
        END LOOP;
        FOR key IN
            SELECT t.tgname, t.tgconstrrelid::regclass AS child, sqlift.key_definition(relation_id, t.tgname::text) AS definition
            FROM pg_catalog.pg_trigger t WHERE t.tgrelid = relation_id AND t.tgname LIKE 'sqlift\_left\_%' AND t.tgconstrrelid <> relation_id
        LOOP
            PERFORM sqlift.drop_key(key.child, 'sqlift_key_' || pg_catalog.right(key.tgname, 16));
            PERFORM sqlift.set_aside(key.child::text, (SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.oid = relation_id),
                                     pg_catalog.substring(key.definition, 'FOREIGN KEY \(([^)]*)\)'), key.definition);
        END LOOP;
    END IF;
    FOR reader IN
        WITH RECURSIVE readers(id, depth) AS (
            SELECT relation_id, 0
            UNION
            SELECT r.ev_class, n.depth + 1
            FROM readers n
            JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = n.id
                AND d.classid = 'pg_catalog.pg_rewrite'::regclass
            JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND r.ev_class <> n.id
        )
        SELECT n.id, c.relname, c.relkind, pg_catalog.obj_description(n.id, 'pg_class') AS text
        FROM readers n JOIN pg_catalog.pg_class c ON c.oid = n.id
        WHERE n.depth > 0 GROUP BY n.id, c.relname, c.relkind ORDER BY pg_catalog.max(n.depth) DESC
    LOOP
        IF reader.relkind <> 'v' OR reader.text IS NULL OR reader.text NOT LIKE 'sqlite: %' THEN
            RAISE EXCEPTION '% is read by view %, which was made by PostgreSQL''s own SQL: drop that first', relation, reader.relname
                USING ERRCODE = 'dependent_objects_still_exist';
        END IF;
        PERFORM sqlift.redefine_view(reader.id, NULL);
    END LOOP;
END $f$;
