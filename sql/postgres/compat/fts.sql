-- Full text search as FTS5 does it. https://sqlite.org/fts5.html
-- A row's tokens are kept in one array, a NULL behind each column's; a GIN index over them finds candidates, and the query
-- is asked of the candidates' tokens themselves.

-- Porter's stemmer, the first one, as FTS5 has it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace WHERE d.dictname = 'porter' AND n.nspname = 'sqlift') THEN
        CREATE TEXT SEARCH DICTIONARY sqlift.porter (TEMPLATE = pg_catalog.snowball, LANGUAGE = porter);
    END IF;
END $$;

-- Letters as the index has them: small, without marks. Latin, Greek and Cyrillic fold; it does not depend on a locale.
CREATE OR REPLACE FUNCTION sqlift.fts_fold(x text, tokenizer text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    folded text := x;
BEGIN
    IF tokenizer <> 'ascii' AND pg_catalog.octet_length(x) > pg_catalog.char_length(x) THEN
        folded := pg_catalog.normalize(pg_catalog.regexp_replace(pg_catalog.normalize(folded, 'NFD'), '[\u0300-\u036f]', '', 'g'), 'NFC');
        folded := pg_catalog.translate(folded, 'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁЄІЇЂЃЉЊЋЌЏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩÆØŁĐÞÐŒ',
                                               'абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїђѓљњћќџαβγδεζηθικλμνξοπρστυφχψωæøłđþðœ');
    END IF;
    folded := pg_catalog.lower(folded COLLATE "C");
    IF tokenizer = 'porter' AND pg_catalog.octet_length(folded) BETWEEN 3 AND 64 THEN
        folded := coalesce((pg_catalog.ts_lexize('sqlift.porter', folded))[1], folded);
    END IF;
    RETURN folded;
END $f$;

-- The tokens of a text in order, with what stands ahead of each: {gap, written}.
CREATE OR REPLACE FUNCTION sqlift.fts_words(x text, tokenizer text) RETURNS TABLE(gap text, written text, place bigint) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT m.parts[1], m.parts[2], m.place FROM pg_catalog.regexp_matches($1, CASE WHEN $2 = 'ascii'
        THEN '([\u0001-/:-@\[-`{-\u007f]*)([0-9A-Za-z\u0080-\U0010ffff]+)'
        ELSE '([\u0001-/:-@\[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u0300-\u036f\u2000-\u206f\u207a-\u207e\u208a-\u208e\u20a0-\u20f0\u2190-\u245f\u249c-\u24e9\u2500-\u2775\u2794-\u2bff\u3000-\u3004\u3008-\u3020\u3030\ufe10-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001f0ff\U0001f300-\U0001faff]*)'
          || '([0-9A-Za-z\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00bc-\u00be\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2070-\u2079\u207f-\u2089\u2090-\u209c\u2100-\u218f\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u2c00-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\ufe0f\ufe70-\ufeff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffef\U00010000-\U0001efff\U0001f100-\U0001f2ff\U0001fb00-\U0010ffff]+)' END, 'g') WITH ORDINALITY AS m(parts, place)
$f$;
CREATE OR REPLACE FUNCTION sqlift.fts_tokens(x text, tokenizer text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT COALESCE(pg_catalog.array_agg(sqlift.fts_fold(w.written, $2) ORDER BY w.place), '{}') FROM sqlift.fts_words($1, $2) AS w
$f$;

-- A row's tokens; columns that are not indexed come as NULL.
CREATE OR REPLACE FUNCTION sqlift.fts_row(tokenizer text, VARIADIC columns text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    result text[] := '{}';
    one text;
BEGIN
    FOREACH one IN ARRAY columns LOOP
        result := result || coalesce(sqlift.fts_tokens(one, tokenizer), '{}') || ARRAY[NULL::text];
    END LOOP;
    RETURN result;
END $f$;

-- What the GIN index holds: each token once.
CREATE OR REPLACE FUNCTION sqlift.fts_lexemes(tokens text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.array_to_tsvector(ARRAY(SELECT DISTINCT pg_catalog.left(t, 500) FROM pg_catalog.unnest($1) AS t WHERE t IS NOT NULL))
$f$;

CREATE OR REPLACE FUNCTION sqlift.fts_error(near text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'fts5: syntax error near "%"', near USING ERRCODE = 'data_exception';
END $f$;

-- The query as a tree. {op: and|or|not, l, r}, {op: near, n, cols, phrases: [{t: [tokens], prefix, first}]}, or null for what
-- has no tokens at all. Works through `words`, which it leaves behind the part it read.
CREATE OR REPLACE FUNCTION sqlift.fts_part(level integer, INOUT words text[], tokenizer text, columns text[], cols integer[], OUT node jsonb) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    part record;
    chosen integer[];
    at int;
    excluded boolean;
    phrase jsonb;
    phrases jsonb := '[]';
    tokens text[];
    near bigint := 10;
    is_near boolean;
    first boolean;
BEGIN
    IF level < 4 THEN
        -- 0: OR, 1: AND, 2: NOT, 3: words side by side
        part := sqlift.fts_part(level + 1, words, tokenizer, columns, cols);
        words := part.words;
        node := part.node;
        LOOP
            IF level = 3 THEN
                EXIT WHEN words[1] IS NULL OR words[1] IN ('OR', 'AND', 'NOT', ')', '+', ',');
            ELSIF words[1] IS DISTINCT FROM (ARRAY['OR', 'AND', 'NOT'])[level + 1] THEN
                EXIT;
            ELSE
                words := words[2:];
            END IF;
            part := sqlift.fts_part(level + 1, words, tokenizer, columns, cols);
            words := part.words;
            IF level = 3 AND part.node = 'null' THEN
                CONTINUE;
            ELSIF level = 3 AND node = 'null' THEN
                node := part.node;
            ELSE
                node := pg_catalog.jsonb_build_object('op', (ARRAY['or', 'and', 'not', 'and'])[level + 1], 'l', node, 'r', part.node);
            END IF;
        END LOOP;
        RETURN;
    END IF;
    -- A column filter: name :, {a b} :, and - ahead of either.
    excluded := words[1] = '-';
    at := CASE WHEN excluded THEN 2 ELSE 1 END;
    IF words[at] = '{' THEN
        chosen := '{}';
        at := at + 1;
        WHILE words[at] IS DISTINCT FROM '}' LOOP
            IF words[at] IS NULL THEN node := sqlift.fts_error(''); END IF;
            chosen := chosen || sqlift.fts_column(words[at], columns);
            at := at + 1;
        END LOOP;
        at := at + 1;
    ELSIF words[at + 1] = ':' THEN
        chosen := ARRAY[sqlift.fts_column(words[at], columns)];
        at := at + 1;
    END IF;
    IF chosen IS NOT NULL THEN
        IF words[at] IS DISTINCT FROM ':' THEN node := sqlift.fts_error(coalesce(words[at], '')); END IF;
        words := words[at + 1 :];
        IF excluded THEN
            chosen := ARRAY(SELECT i FROM pg_catalog.generate_series(1, pg_catalog.cardinality(columns)) AS i WHERE i <> ALL (chosen));
        END IF;
        IF cols IS NOT NULL THEN
            chosen := ARRAY(SELECT c FROM pg_catalog.unnest(chosen) AS c WHERE c = ANY (cols));
        END IF;
        cols := chosen;
    ELSIF excluded THEN
        node := sqlift.fts_error('-');
    END IF;
    IF words[1] = '(' THEN
        part := sqlift.fts_part(0, words[2:], tokenizer, columns, cols);
        IF part.words[1] IS DISTINCT FROM ')' THEN node := sqlift.fts_error(coalesce(part.words[1], '')); END IF;
        words := part.words[2:];
        node := part.node;
        RETURN;
    END IF;
    is_near := words[1] = 'NEAR' AND words[2] = '(';
    IF words[2] = '(' AND NOT is_near AND words[1] ~ '^[0-9A-Za-z_"\u0080-\U0010ffff]' THEN node := sqlift.fts_error(words[1]); END IF;
    IF is_near THEN words := words[3:]; END IF;
    LOOP
        first := words[1] = '^';
        IF first THEN words := words[2:]; END IF;
        tokens := '{}';
        LOOP
            IF words[1] IS NULL OR words[1] IN ('(', ')', '{', '}', ':', ',', '+', '*', '^', '-', 'AND', 'OR', 'NOT') THEN
                node := sqlift.fts_error(coalesce(words[1], ''));
            END IF;
            tokens := tokens || sqlift.fts_tokens(CASE WHEN words[1] LIKE '"%' THEN pg_catalog.replace(pg_catalog.substr(words[1], 2, pg_catalog.length(words[1]) - 2), '""', '"') ELSE words[1] END, tokenizer);
            words := words[2:];
            EXIT WHEN words[1] IS DISTINCT FROM '+';
            words := words[2:];
        END LOOP;
        phrase := pg_catalog.jsonb_build_object('t', pg_catalog.to_jsonb(tokens), 'prefix', coalesce(words[1] = '*', false), 'first', coalesce(first, false));
        IF words[1] = '*' THEN words := words[2:]; END IF;
        IF pg_catalog.cardinality(tokens) > 0 THEN phrases := phrases || phrase; END IF;
        EXIT WHEN NOT coalesce(is_near, false) OR words[1] IS NULL OR words[1] IN (')', ',');
    END LOOP;
    IF is_near THEN
        IF words[1] = ',' THEN
            IF words[2] !~ '^\d+$' THEN node := sqlift.fts_error(coalesce(words[2], '')); END IF;
            near := words[2]::bigint;
            words := words[3:];
        END IF;
        IF words[1] IS DISTINCT FROM ')' THEN node := sqlift.fts_error(coalesce(words[1], '')); END IF;
        words := words[2:];
    END IF;
    node := CASE WHEN phrases = '[]' THEN 'null'::jsonb
                 ELSE pg_catalog.jsonb_build_object('op', 'near', 'n', near, 'cols', pg_catalog.to_jsonb(cols), 'phrases', phrases) END;
END $f$;

CREATE OR REPLACE FUNCTION sqlift.fts_column(word text, columns text[]) RETURNS integer LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    wanted text := pg_catalog.lower(CASE WHEN word LIKE '"%' THEN pg_catalog.replace(pg_catalog.substr(word, 2, pg_catalog.length(word) - 2), '""', '"') ELSE word END);
    at int := pg_catalog.array_position(columns, wanted);
BEGIN
    IF at IS NULL THEN
        RAISE EXCEPTION 'no such column: %', wanted USING ERRCODE = 'data_exception';
    END IF;
    RETURN at;
END $f$;

-- A query, asked of all columns or of one.
CREATE OR REPLACE FUNCTION sqlift.fts_query(query text, tokenizer text, columns text[], asked integer DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    words text[] := '{}';
    rest text := query;
    p text[];
    part record;
BEGIN
    IF query IS NULL THEN RETURN NULL; END IF;
    WHILE rest <> '' LOOP
        p := coalesce(pg_catalog.regexp_match(rest, '^[ \t\n\r]+()(.*)$'), pg_catalog.regexp_match(rest, '^("(?:[^"]|"")*")(.*)$'),
                      pg_catalog.regexp_match(rest, '^([(){}:,+*^-])(.*)$'), pg_catalog.regexp_match(rest, '^([0-9A-Za-z_\u001a\u0080-\U0010ffff]+)(.*)$'));
        IF p IS NULL THEN
            IF pg_catalog.left(rest, 1) = '"' THEN RAISE EXCEPTION 'unterminated string' USING ERRCODE = 'data_exception'; END IF;
            RETURN sqlift.fts_error(pg_catalog.left(rest, 1));
        END IF;
        IF p[1] <> '' THEN words := words || p[1]; END IF;
        rest := p[2];
    END LOOP;
    IF words = '{}' THEN RETURN sqlift.fts_error(''); END IF;
    part := sqlift.fts_part(0, words, tokenizer, columns, CASE WHEN asked IS NOT NULL THEN ARRAY[asked] END);
    IF part.words <> '{}' THEN RETURN sqlift.fts_error(part.words[1]); END IF;
    RETURN part.node;
END $f$;

-- What the index can tell of a query: every row that matches it, and some that do not.
CREATE OR REPLACE FUNCTION sqlift.fts_filter_text(node jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN CASE node ->> 'op'
        WHEN 'or' THEN '(' || sqlift.fts_filter_text(node -> 'l') || ' | ' || sqlift.fts_filter_text(node -> 'r') || ')'
        WHEN 'and' THEN '(' || sqlift.fts_filter_text(node -> 'l') || ' & ' || sqlift.fts_filter_text(node -> 'r') || ')'
        WHEN 'not' THEN sqlift.fts_filter_text(node -> 'l')
        WHEN 'near' THEN (
            SELECT '(' || pg_catalog.string_agg('''' || pg_catalog.replace(pg_catalog.left(t.token, 500), '''', '''''') || ''''
                              || CASE WHEN (p.value ->> 'prefix')::boolean AND t.place = pg_catalog.jsonb_array_length(p.value -> 't') OR pg_catalog.length(t.token) > 500 THEN ':*' ELSE '' END, ' & ') || ')'
            FROM pg_catalog.jsonb_array_elements(node -> 'phrases') AS p(value), pg_catalog.jsonb_array_elements_text(p.value -> 't') WITH ORDINALITY AS t(token, place))
        -- No row has it.
        ELSE '''sqlift nothing''' END;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fts_filter(query jsonb) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.fts_filter_text($1)::pg_catalog.tsquery $f$;

-- Where a phrase begins, from 1, in the columns asked.
CREATE OR REPLACE FUNCTION sqlift.fts_starts(tokens text[], phrase jsonb, cols jsonb) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    wanted text[] := ARRAY(SELECT pg_catalog.jsonb_array_elements_text(phrase -> 't'));
    count int := pg_catalog.cardinality(wanted);
    prefix boolean := (phrase ->> 'prefix')::boolean;
    first boolean := (phrase ->> 'first')::boolean;
    starts integer[] := '{}';
    col int := 1;
    at int;
    i int;
BEGIN
    FOR at IN 1 .. pg_catalog.cardinality(tokens) LOOP
        IF tokens[at] IS NULL THEN
            col := col + 1;
            CONTINUE;
        END IF;
        CONTINUE WHEN cols IS NOT NULL AND cols <> 'null' AND NOT cols @> pg_catalog.to_jsonb(col);
        CONTINUE WHEN first AND at > 1 AND tokens[at - 1] IS NOT NULL;
        i := 1;
        WHILE i <= count AND (tokens[at + i - 1] = wanted[i] OR prefix AND i = count AND pg_catalog.starts_with(tokens[at + i - 1], wanted[i])) LOOP
            i := i + 1;
        END LOOP;
        IF i > count THEN starts := starts || at; END IF;
    END LOOP;
    RETURN starts;
END $f$;

-- Where the phrases of a query stand in a row, in the query's order: [[starts], ...]; NULL when the row does not match.
CREATE OR REPLACE FUNCTION sqlift.fts_places(tokens text[], node jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    l jsonb;
    r jsonb;
    none jsonb;
    found jsonb := '[]';
    kept jsonb := '[]';
    starts integer[];
    count int;
    near bigint;
    ok boolean;
    i int;
    j int;
    latest int;
BEGIN
    IF node IS NULL OR node = 'null' THEN RETURN NULL; END IF;
    IF node ->> 'op' <> 'near' THEN
        l := sqlift.fts_places(tokens, node -> 'l');
        IF l IS NULL AND node ->> 'op' <> 'or' THEN RETURN NULL; END IF;
        r := sqlift.fts_places(tokens, node -> 'r');
        IF node ->> 'op' = 'and' THEN RETURN l || r; END IF;
        IF node ->> 'op' = 'not' THEN
            RETURN CASE WHEN r IS NULL THEN l || sqlift.fts_nothing(node -> 'r') END;
        END IF;
        IF l IS NULL AND r IS NULL THEN RETURN NULL; END IF;
        RETURN coalesce(l, sqlift.fts_nothing(node -> 'l')) || coalesce(r, sqlift.fts_nothing(node -> 'r'));
    END IF;
    count := pg_catalog.jsonb_array_length(node -> 'phrases');
    FOR i IN 0 .. count - 1 LOOP
        starts := sqlift.fts_starts(tokens, node -> 'phrases' -> i, node -> 'cols');
        IF starts = '{}' THEN RETURN NULL; END IF;
        found := found || pg_catalog.jsonb_build_array(pg_catalog.to_jsonb(starts));
    END LOOP;
    IF count = 1 THEN RETURN found; END IF;
    -- NEAR: a start of each phrase, in one column, so close behind each other.
    near := (node ->> 'n')::bigint;
    FOR i IN 0 .. count - 1 LOOP
        starts := '{}';
        kept := kept || pg_catalog.jsonb_build_array('[]'::jsonb);
    END LOOP;
    ok := false;
    FOR latest IN SELECT DISTINCT s.value::int FROM pg_catalog.jsonb_array_elements(found) AS f(value), pg_catalog.jsonb_array_elements_text(f.value) AS s(value) ORDER BY 1 LOOP
        l := '[]';
        FOR j IN 0 .. count - 1 LOOP
            SELECT pg_catalog.jsonb_agg(s.value::int) INTO r FROM pg_catalog.jsonb_array_elements_text(found -> j) AS s(value)
            WHERE s.value::int <= latest AND latest - s.value::int - pg_catalog.jsonb_array_length(node -> 'phrases' -> j -> 't') <= near
              AND pg_catalog.array_position(tokens[s.value::int : latest], NULL) IS NULL;
            EXIT WHEN r IS NULL;
            l := l || pg_catalog.jsonb_build_array(r);
        END LOOP;
        IF pg_catalog.jsonb_array_length(l) = count THEN
            ok := true;
            FOR j IN 0 .. count - 1 LOOP
                kept := pg_catalog.jsonb_set(kept, ARRAY[j::text], (kept -> j) || (l -> j));
            END LOOP;
        END IF;
    END LOOP;
    IF NOT ok THEN RETURN NULL; END IF;
    SELECT pg_catalog.jsonb_agg((SELECT pg_catalog.jsonb_agg(DISTINCT s.value::int) FROM pg_catalog.jsonb_array_elements_text(k.value) AS s(value)) ORDER BY k.place)
    INTO found FROM pg_catalog.jsonb_array_elements(kept) WITH ORDINALITY AS k(value, place);
    RETURN found;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fts_phrases(node jsonb) RETURNS TABLE(phrase jsonb, cols jsonb) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF node IS NULL OR node = 'null' THEN RETURN; END IF;
    IF node ->> 'op' = 'near' THEN
        RETURN QUERY SELECT p.value, node -> 'cols' FROM pg_catalog.jsonb_array_elements(node -> 'phrases') AS p(value);
    ELSE
        RETURN QUERY SELECT * FROM sqlift.fts_phrases(node -> 'l');
        RETURN QUERY SELECT * FROM sqlift.fts_phrases(node -> 'r');
    END IF;
END $f$;
-- No places for each phrase of a part.
CREATE OR REPLACE FUNCTION sqlift.fts_nothing(node jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(pg_catalog.jsonb_agg('[]'::pg_catalog.jsonb), '[]') FROM sqlift.fts_phrases($1)
$f$;

CREATE OR REPLACE FUNCTION sqlift.fts_match(tokens text[], query jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.fts_places($1, $2) IS NOT NULL
$f$;

-- What bm25 needs of the whole table: {rows, tokens to a row, rows with the first phrase, with the second, ...}.
CREATE OR REPLACE FUNCTION sqlift.fts_stats(relation text, tokens_column text, query jsonb) RETURNS double precision[] LANGUAGE plpgsql STABLE AS $f$
DECLARE
    result double precision[];
    hits double precision;
    p record;
BEGIN
    EXECUTE pg_catalog.format('SELECT ARRAY[pg_catalog.count(*), pg_catalog.sum(pg_catalog.cardinality(pg_catalog.array_remove(%I, NULL)))::float8 / pg_catalog.count(*)] FROM %s HAVING pg_catalog.count(*) > 0', tokens_column, relation) INTO result;
    FOR p IN SELECT * FROM sqlift.fts_phrases(query) LOOP
        EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM %s WHERE sqlift.fts_lexemes(%I) @@ $1 AND sqlift.fts_starts(%2$I, $2, $3) <> ''{}''', relation, tokens_column)
            INTO hits USING sqlift.fts_filter(pg_catalog.jsonb_build_object('op', 'near', 'phrases', pg_catalog.jsonb_build_array(p.phrase))), p.phrase, p.cols;
        result := result || hits;
    END LOOP;
    RETURN result;
END $f$;

-- bm25(): the lower, the better. https://sqlite.org/fts5.html#the_bm25_function
CREATE OR REPLACE FUNCTION sqlift.fts_bm25(tokens text[], query jsonb, stats double precision[], VARIADIC weights double precision[] DEFAULT '{}') RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    places jsonb := sqlift.fts_places(tokens, query);
    size double precision := pg_catalog.cardinality(pg_catalog.array_remove(tokens, NULL));
    score double precision := 0;
    idf double precision;
    frequency double precision;
    start int;
    i int;
BEGIN
    IF places IS NULL THEN RETURN NULL; END IF;
    FOR i IN 1 .. pg_catalog.jsonb_array_length(places) LOOP
        idf := pg_catalog.ln((stats[1] - stats[i + 2] + 0.5) / (stats[i + 2] + 0.5));
        IF idf <= 0 THEN idf := 1e-6; END IF;
        frequency := 0;
        FOR start IN SELECT s.value::int FROM pg_catalog.jsonb_array_elements_text(places -> (i - 1)) AS s(value) LOOP
            frequency := frequency + coalesce(weights[1 + (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(tokens[: start]) AS t WHERE t IS NULL)], 1);
        END LOOP;
        score := score + idf * ((frequency * (1.2::double precision + 1)) / (frequency + 1.2::double precision * (1 - 0.75::double precision + 0.75::double precision * size / stats[2])));
    END LOOP;
    RETURN -1.0::double precision * score;
END $f$;

-- highlight(): the column's text with marks around each phrase; phrases that overlap are marked as one.
CREATE OR REPLACE FUNCTION sqlift.fts_highlight(value text, tokenizer text, tokens text[], query jsonb, col integer, open text, close text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    places jsonb := sqlift.fts_places(tokens, query);
    result text := '';
    w record;
    base int := 0;
    seen int := 0;
    i int;
    start int;
    ends int := -1;
    reach int;
    read int := 0;
BEGIN
    IF value IS NULL OR places IS NULL THEN RETURN value; END IF;
    -- The column's first token.
    FOR i IN 1 .. pg_catalog.cardinality(tokens) LOOP
        EXIT WHEN seen = col;
        IF tokens[i] IS NULL THEN
            seen := seen + 1;
            base := i;
        END IF;
    END LOOP;
    IF seen < col OR tokens[base + 1] IS NULL THEN RETURN value; END IF;
    FOR w IN SELECT * FROM sqlift.fts_words(value, tokenizer) ORDER BY place LOOP
        start := base + w.place;
        result := result || w.gap;
        read := read + pg_catalog.length(w.gap);
        SELECT pg_catalog.max(s.value::int + pg_catalog.jsonb_array_length(p.phrase -> 't') - 1) INTO reach
        FROM sqlift.fts_phrases(query) WITH ORDINALITY AS p(phrase, cols, place), pg_catalog.jsonb_array_elements_text(places -> (p.place::int - 1)) AS s(value)
        WHERE s.value::int = start;
        IF reach IS NOT NULL THEN
            IF start > ends THEN result := result || open; END IF;
            ends := greatest(ends, reach);
        END IF;
        result := result || w.written;
        read := read + pg_catalog.length(w.written);
        IF start = ends THEN
            -- The next phrase may begin inside this one: then the mark stays open, which `ends` tells.
            result := result || close;
        END IF;
    END LOOP;
    RETURN result || pg_catalog.substr(value, read + 1);
END $f$;
