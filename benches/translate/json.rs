//! Queries full of JSON functions, over documents in a TEXT column as a lifted schema has them.
//!
//! By hand a programmer casts the column to `jsonb`, the type that PostgreSQL's manual recommends, and the only one that has
//! equality, containment and functions that change a document: that is the goal, at most 1.5 times its time. `json`, whose parser
//! keeps nothing, reads a single value faster, and what a query that reads takes against it is printed too. What is changed goes
//! back into the column, so it is text. That text has other blanks and another order of members, which is not SQLite's answer but
//! what such a programmer settles for. PostgreSQL 13 to 15 have no test for JSON: what answers instead of json_valid() there is a
//! function that catches the error of the cast.

/// The same by hand with `jsonb` where it reads with `json`.
pub fn with_jsonb(by_hand: &str) -> Option<String> {
    let reads = ["json_array_elements_text(", "json_each_text(", "json_array_length(", "json_typeof("];
    let named =
        reads.iter().fold(by_hand.replace("::json ", "::jsonb ").replace("::json)", "::jsonb)"), |sql, name| {
            sql.replace(name, &name.replacen("json", "jsonb", 1))
        });
    (named != by_hand).then_some(named)
}

/// What the queries by hand need.
pub const BY_HAND: &str = "CREATE FUNCTION is_json(doc text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$ \
                           BEGIN PERFORM doc::json; RETURN 1; EXCEPTION WHEN data_exception THEN RETURN 0; END $$";

/// (what, SQLite's SQL, the same by hand for PostgreSQL)
pub const QUERIES: &[(&str, &str, &str)] = &[
    (
        "json_extract number",
        "SELECT sum(json_extract(body, '$.n')) FROM event",
        "SELECT sum((body::json ->> 'n')::bigint) FROM event",
    ),
    (
        "json_extract text",
        "SELECT count(*) FROM event WHERE json_extract(body, '$.tag') = 'red'",
        "SELECT count(*) FROM event WHERE body::json ->> 'tag' = 'red'",
    ),
    (
        "json_extract > number",
        "SELECT count(*) FROM event WHERE json_extract(body, '$.n') > 500",
        "SELECT count(*) FROM event WHERE (body::json ->> 'n')::numeric > 500",
    ),
    (
        "->>",
        "SELECT body ->> '$.tag', count(*) FROM event GROUP BY 1",
        "SELECT body::json ->> 'tag', count(*) FROM event GROUP BY 1",
    ),
    ("->", "SELECT count(body -> '$.list') FROM event", "SELECT count(body::json -> 'list') FROM event"),
    (
        "json_extract, index",
        "SELECT sum(json_extract(body, '$.list[0]')) FROM event",
        "SELECT sum((body::json #>> '{list,0}')::bigint) FROM event",
    ),
    (
        "json_extract, last",
        "SELECT count(*) FROM event WHERE json_extract(body, '$.list[#-1]') = 3",
        "SELECT count(*) FROM event WHERE (body::json #>> '{list,-1}')::numeric = 3",
    ),
    (
        "json_extract, deep",
        "SELECT sum(json_extract(nested, '$.a[0].b')) FROM event",
        "SELECT sum((nested::json #>> '{a,0,b}')::bigint) FROM event",
    ),
    (
        "json_extract, same names",
        "SELECT sum(json_extract(levels, '$.id')) FROM event",
        "SELECT sum((levels::json ->> 'id')::bigint) FROM event",
    ),
    (
        "json_extract, two names",
        "SELECT count(*) FROM event WHERE json_extract(nested, '$.o.s') = 'x'",
        "SELECT count(*) FROM event WHERE nested::json #>> '{o,s}' = 'x'",
    ),
    (
        "json_each",
        "SELECT sum(e.value) FROM event, json_each(event.body, '$.list') e",
        "SELECT sum(e.value::bigint) FROM event, json_array_elements_text(body::json -> 'list') AS e(value)",
    ),
    (
        "json_each of members",
        "SELECT count(*) FROM event, json_each(event.body) e WHERE e.key = 'tag' AND e.value = 'red'",
        "SELECT count(*) FROM event, json_each_text(body::json) AS e(key, value) WHERE e.key = 'tag' AND e.value = 'red'",
    ),
    (
        "json_each in EXISTS",
        "SELECT count(*) FROM event WHERE EXISTS (SELECT 1 FROM json_each(event.body, '$.list') e WHERE e.value = 77)",
        "SELECT count(*) FROM event WHERE EXISTS (SELECT 1 FROM json_array_elements_text(body::json -> 'list') AS e(value) WHERE e.value = '77')",
    ),
    (
        "json_array_length",
        "SELECT sum(json_array_length(body, '$.list')) FROM event",
        "SELECT sum(json_array_length(body::json -> 'list')) FROM event",
    ),
    (
        "json_type",
        "SELECT count(*) FROM event WHERE json_type(body, '$.list') = 'array'",
        "SELECT count(*) FROM event WHERE json_typeof(body::json -> 'list') = 'array'",
    ),
    ("json_valid", "SELECT sum(json_valid(body)) FROM event", "SELECT sum(is_json(body)) FROM event"),
    ("json_group_array", "SELECT json_group_array(n) FROM event", "SELECT json_agg(n)::text FROM event"),
    ("json_group_array text", "SELECT json_group_array(title) FROM event", "SELECT json_agg(title)::text FROM event"),
    (
        "json_group_object",
        "SELECT json_group_object(title, n) FROM event",
        "SELECT json_object_agg(title, n)::text FROM event",
    ),
    (
        "json_object",
        "SELECT max(json_object('n', n, 'title', title, 'x', x)) FROM event",
        "SELECT max(json_build_object('n', n, 'title', title, 'x', x)::text COLLATE \"C\") FROM event",
    ),
    (
        "json_array",
        "SELECT max(json_array(n, title)) FROM event",
        "SELECT max(json_build_array(n, title)::text COLLATE \"C\") FROM event",
    ),
    (
        "json_set",
        "SELECT max(json_set(body, '$.tag', 'green')) FROM event",
        "SELECT max(jsonb_set(body::jsonb, '{tag}', '\"green\"')::text COLLATE \"C\") FROM event",
    ),
    (
        "json_set new",
        "SELECT max(json_set(body, '$.extra', n)) FROM event",
        "SELECT max(jsonb_set(body::jsonb, '{extra}', to_jsonb(n))::text COLLATE \"C\") FROM event",
    ),
    (
        "json_set two",
        "SELECT max(json_set(body, '$.tag', 'green', '$.n', n)) FROM event",
        "SELECT max(jsonb_set(jsonb_set(body::jsonb, '{tag}', '\"green\"'), '{n}', to_jsonb(n))::text COLLATE \"C\") FROM event",
    ),
    (
        "json_set nested",
        "SELECT max(json_set(nested, '$.o.s', title)) FROM event",
        "SELECT max(jsonb_set(nested::jsonb, '{o,s}', to_jsonb(title))::text COLLATE \"C\") FROM event",
    ),
    (
        "json_insert",
        "SELECT max(json_insert(body, '$.more', 1)) FROM event",
        "SELECT max(('{\"more\": 1}'::jsonb || body::jsonb)::text COLLATE \"C\") FROM event",
    ),
    (
        "json_insert end",
        "SELECT max(json_insert(body, '$.list[#]', n)) FROM event",
        "SELECT max(jsonb_insert(body::jsonb, '{list,-1}', to_jsonb(n), true)::text COLLATE \"C\") FROM event",
    ),
    (
        "json_replace",
        "SELECT max(json_replace(body, '$.n', 7)) FROM event",
        "SELECT max(jsonb_set(body::jsonb, '{n}', '7', false)::text COLLATE \"C\") FROM event",
    ),
    (
        "json_replace index",
        "SELECT max(json_replace(body, '$.list[1]', 7)) FROM event",
        "SELECT max(jsonb_set(body::jsonb, '{list,1}', '7', false)::text COLLATE \"C\") FROM event",
    ),
    (
        "json_remove",
        "SELECT max(json_remove(body, '$.tag')) FROM event",
        "SELECT max((body::jsonb - 'tag')::text COLLATE \"C\") FROM event",
    ),
    (
        "json_remove index",
        "SELECT max(json_remove(body, '$.list[0]')) FROM event",
        "SELECT max((body::jsonb #- '{list,0}')::text COLLATE \"C\") FROM event",
    ),
    (
        "json_patch",
        "SELECT max(json_patch(body, '{\"tag\":\"green\",\"more\":1}')) FROM event",
        "SELECT max((body::jsonb || '{\"tag\":\"green\",\"more\":1}')::text COLLATE \"C\") FROM event",
    ),
    ("json()", "SELECT max(json(body)) FROM event", "SELECT max(body::jsonb::text COLLATE \"C\") FROM event"),
    (
        "json() blanks",
        "SELECT max(json(spaced)) FROM event",
        "SELECT max(spaced::jsonb::text COLLATE \"C\") FROM event",
    ),
    (
        "extract blanks",
        "SELECT sum(json_extract(spaced, '$.n')) FROM event",
        "SELECT sum((spaced::json ->> 'n')::bigint) FROM event",
    ),
    (
        "set blanks",
        "SELECT max(json_set(spaced, '$.tag', 'green')) FROM event",
        "SELECT max(jsonb_set(spaced::jsonb, '{tag}', '\"green\"')::text COLLATE \"C\") FROM event",
    ),
];
