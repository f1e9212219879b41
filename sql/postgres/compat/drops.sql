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
    kept text[];
    command text;
BEGIN
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO view_name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = view_id;
    SELECT pg_catalog.array_agg(k.command ORDER BY k.place) INTO kept FROM (
        SELECT 1, pg_catalog.format('COMMENT ON VIEW %s IS %L', view_name, pg_catalog.obj_description(view_id, 'pg_class'))
        UNION ALL
        SELECT 2, pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = view_id AND NOT t.tgisinternal
        UNION ALL
        SELECT 3, pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, view_name, pg_catalog.obj_description(t.oid, 'pg_trigger'))
        FROM pg_catalog.pg_trigger t WHERE t.tgrelid = view_id AND NOT t.tgisinternal
        UNION ALL
        SELECT 4, pg_catalog.format('GRANT %s ON %s TO %s%s', a.privilege_type, view_name,
                                    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
                                    CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
        WHERE c.oid = view_id AND a.grantee OPERATOR(pg_catalog.<>) c.relowner
    ) AS k(place, command);
    EXECUTE 'DROP VIEW ' || view_name;
    EXECUTE 'CREATE VIEW ' || view_name || coalesce(definition, ' AS SELECT sqlift.broken_view() AS sqlift_broken');
    FOREACH command IN ARRAY kept LOOP
        EXECUTE command;
    END LOOP;
END $f$;

-- Ahead of DROP TABLE and DROP VIEW: the views that read it, and those over them, become ones that only fail.
CREATE OR REPLACE FUNCTION sqlift.before_drop(relation text) RETURNS void LANGUAGE plpgsql VOLATILE AS $f$
DECLARE
    relation_id oid := pg_catalog.to_regclass(relation);
    reader record;
BEGIN
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
