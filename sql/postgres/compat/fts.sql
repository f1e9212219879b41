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

-- A word as the index has it.
CREATE OR REPLACE FUNCTION sqlift.fts_fold(x text, tokenizer text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    folded text;
BEGIN
    IF tokenizer IN ('ascii', 'porter_ascii') THEN
        folded := pg_catalog.lower(x COLLATE pg_catalog."C");
    ELSE
        folded := sqlift.fts_small(x);
        IF tokenizer NOT IN ('trigram', 'unicode61_marks', 'porter_marks') AND pg_catalog.octet_length(x) > pg_catalog.char_length(x) THEN
            folded := sqlift.fts_bare(folded, tokenizer IN ('unicode61_all', 'porter_all'));
        END IF;
    END IF;
    IF tokenizer LIKE 'porter%' AND pg_catalog.octet_length(folded) BETWEEN 3 AND 64 THEN
        folded := coalesce((pg_catalog.ts_lexize('sqlift.porter', folded))[1], folded);
    END IF;
    RETURN folded;
END $f$;

-- The tokens of a text in order, with what stands ahead of each: {gap, written}.
CREATE OR REPLACE FUNCTION sqlift.fts_words(x text, tokenizer text) RETURNS TABLE(gap text, written text, place bigint) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT m.parts[1], m.parts[2], m.place FROM pg_catalog.regexp_matches($1,
        CASE WHEN $2 IN ('ascii', 'porter_ascii') THEN '([\u0001-/:-@\[-`{-\u007f]*)([0-9A-Za-z\u0080-\U0010ffff]+)'
             WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) pg_catalog.char_length($1) THEN '([^0-9A-Za-z]*)([0-9A-Za-z]+)'
             ELSE '([' || sqlift.fts_separators() || sqlift.fts_marks() || ']*)([^' || sqlift.fts_separators() || sqlift.fts_marks()
                  || '][^' || sqlift.fts_separators() || ']*)' END, 'g') WITH ORDINALITY AS m(parts, place)
$f$;
CREATE OR REPLACE FUNCTION sqlift.fts_tokens(x text, tokenizer text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    is_ascii boolean := pg_catalog.octet_length(x) = pg_catalog.char_length(x);
    small text COLLATE pg_catalog."C";
    words text[];
BEGIN
    IF tokenizer = 'trigram' THEN
        RETURN ARRAY(
            SELECT t.three FROM (SELECT c.letter || pg_catalog.lead(c.letter, 1) OVER w || pg_catalog.lead(c.letter, 2) OVER w AS three, c.place
                                 FROM pg_catalog.unnest(pg_catalog.string_to_array(sqlift.fts_fold(x, tokenizer), NULL)) WITH ORDINALITY AS c(letter, place)
                                 WINDOW w AS (ORDER BY c.place)) AS t
            WHERE t.three IS NOT NULL ORDER BY t.place);
    ELSIF NOT is_ascii AND tokenizer IN ('ascii', 'porter_ascii', 'unicode61_marks', 'porter_marks') THEN
        RETURN ARRAY(SELECT sqlift.fts_fold(w.written, tokenizer) FROM sqlift.fts_words(x, tokenizer) AS w ORDER BY w.place);
    END IF;
    small := CASE WHEN is_ascii THEN pg_catalog.lower(x COLLATE pg_catalog."C") ELSE sqlift.fts_small(x) END;
    -- Of ASCII alone, which most texts are, nothing else is a letter or a digit.
    words := pg_catalog.string_to_array(pg_catalog.regexp_replace(small,
        CASE WHEN is_ascii THEN '[^0-9a-z]+' ELSE '[' || sqlift.fts_separators() || ']+' END, ' ', 'g'), ' ');
    IF tokenizer LIKE 'porter%' THEN
        words := ARRAY(SELECT sqlift.fts_fold(w.word, tokenizer) FROM pg_catalog.unnest(words) WITH ORDINALITY AS w(word, place) ORDER BY w.place);
    ELSIF NOT is_ascii AND small ~ '[\u00df-\u024f\u0300-\u0331\u1e00-\u1eff]' THEN
        words := ARRAY(
            SELECT CASE WHEN pg_catalog.octet_length(w.word) = pg_catalog.char_length(w.word) THEN w.word
                        ELSE sqlift.fts_bare(w.word, tokenizer = 'unicode61_all') END
            FROM pg_catalog.unnest(words) WITH ORDINALITY AS w(word, place) ORDER BY w.place);
    END IF;
    RETURN pg_catalog.array_remove(words, '');
END $f$;

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

-- Of values of any class; text as it is, the others as SQLite's text of them.
CREATE OR REPLACE FUNCTION sqlift.fts_row(tokenizer text, VARIADIC columns sqlift.value[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    result text[] := '{}';
    one sqlift.value;
BEGIN
    FOREACH one IN ARRAY columns LOOP
        IF one.class IS NOT NULL THEN
            result := result || sqlift.fts_tokens(CASE one.class WHEN 2 THEN one.text ELSE sqlift.to_text(one) END, tokenizer);
        END IF;
        result := result || ARRAY[NULL::text];
    END LOOP;
    RETURN result;
END $f$;

-- What the GIN index holds: each token once.
CREATE OR REPLACE FUNCTION sqlift.fts_lexemes(tokens text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.array_to_tsvector(ARRAY(SELECT DISTINCT pg_catalog.left(t, 500) FROM pg_catalog.unnest($1) AS t WHERE t IS NOT NULL))
$f$;

CREATE OR REPLACE FUNCTION sqlift.fts_error(near text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'fts5: syntax error near "%"', near USING ERRCODE = 'SL003';
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
            -- 5: behind another word, where no parenthesis may be
            part := sqlift.fts_part(CASE level WHEN 3 THEN 5 ELSE level + 1 END, words, tokenizer, columns, cols);
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
        IF level = 5 THEN node := sqlift.fts_error('('); END IF;
        part := sqlift.fts_part(0, words[2:], tokenizer, columns, cols);
        IF part.words[1] IS DISTINCT FROM ')' THEN node := sqlift.fts_error(coalesce(part.words[1], '')); END IF;
        words := part.words[2:];
        node := part.node;
        -- Only words stand side by side, without an operator.
        IF words[1] NOT IN ('AND', 'OR', 'NOT', ')') THEN node := sqlift.fts_error(words[1]); END IF;
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
        RAISE EXCEPTION 'no such column: %', wanted USING ERRCODE = 'SL003';
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
    IF query IS NULL THEN RETURN sqlift.fts_error(''); END IF;
    WHILE rest <> '' LOOP
        p := coalesce(pg_catalog.regexp_match(rest, '^[ \t\n\r]+()(.*)$'), pg_catalog.regexp_match(rest, '^("(?:[^"]|"")*")(.*)$'),
                      pg_catalog.regexp_match(rest, '^([(){}:,+*^-])(.*)$'), pg_catalog.regexp_match(rest, '^([0-9A-Za-z_\u001a\u0080-\U0010ffff]+)(.*)$'));
        IF p IS NULL THEN
            IF pg_catalog.left(rest, 1) = '"' THEN RAISE EXCEPTION 'unterminated string' USING ERRCODE = 'SL003'; END IF;
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
    -- Without tokens there is no row: an outer join's.
    IF node IS NULL OR node = 'null' OR tokens IS NULL THEN RETURN NULL; END IF;
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

-- The tokens of a text in order, from 0, and where they stand in it: from `start` up to `stop`, characters from 0.
CREATE OR REPLACE FUNCTION sqlift.fts_spans(x text, tokenizer text) RETURNS TABLE(place integer, start integer, stop integer) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT i, i, i + 3 FROM pg_catalog.generate_series(0, pg_catalog.char_length($1) - 3) AS i WHERE $2 = 'trigram'
    UNION ALL
    SELECT (w.place - 1)::int, (w.behind - pg_catalog.length(w.written))::int, w.behind::int
    FROM (SELECT v.place, v.written, pg_catalog.sum(pg_catalog.length(v.gap) + pg_catalog.length(v.written)) OVER (ORDER BY v.place) AS behind
          FROM sqlift.fts_words($1, $2) AS v WHERE $2 <> 'trigram') AS w
    ORDER BY 1
$f$;

-- Where the phrases of a query stand in a row: which phrase, from 0, in which column and from which of its tokens on, and how many.
CREATE OR REPLACE FUNCTION sqlift.fts_instances(tokens text[], query jsonb) RETURNS TABLE(phrase integer, col integer, start integer, size integer) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT (p.place - 1)::int, c.col::int, (s.value::int - 1 - c.base)::int, pg_catalog.jsonb_array_length(p.phrase -> 't')
    FROM (SELECT sqlift.fts_places($1, $2) AS found) AS f, sqlift.fts_phrases($2) WITH ORDINALITY AS p(phrase, cols, place),
         pg_catalog.jsonb_array_elements_text(f.found -> (p.place::int - 1)) AS s(value),
         LATERAL (SELECT pg_catalog.count(*) AS col, COALESCE(pg_catalog.max(n.at), 0) AS base
                  FROM pg_catalog.unnest($1) WITH ORDINALITY AS n(token, at) WHERE n.token IS NULL AND n.at < s.value::int) AS c
    ORDER BY 2, 3, 1
$f$;

-- A column's text with marks around each phrase; phrases that overlap are marked as one. With an ellipsis only the tokens from
-- `first` on, up to `last`, of a text of so many.
CREATE OR REPLACE FUNCTION sqlift.fts_mark(value text, tokenizer text, tokens text[], query jsonb, col integer, open text, close text,
    ellipsis text DEFAULT NULL, first integer DEFAULT 0, last integer DEFAULT -1, count integer DEFAULT 0) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    result text := CASE WHEN first > 0 THEN ellipsis ELSE '' END;
    starts int[] := '{}';
    ends int[] := '{}';
    k int := 0;
    w record;
    at int := 0;
    is_open boolean := false;
BEGIN
    IF value IS NULL THEN RETURN NULL; END IF;
    FOR w IN SELECT i.start, i.start + i.size - 1 AS stop FROM sqlift.fts_instances(tokens, query) AS i WHERE i.col = fts_mark.col LOOP
        IF k > 0 AND w.start <= ends[k] THEN
            ends[k] := greatest(ends[k], w.stop);
        ELSE
            k := k + 1;
            starts[k] := w.start;
            ends[k] := w.stop;
        END IF;
    END LOOP;
    k := 1;
    WHILE starts[k] < first LOOP k := k + 1; END LOOP;
    FOR w IN SELECT * FROM sqlift.fts_spans(value, tokenizer) LOOP
        CONTINUE WHEN last >= 0 AND w.place NOT BETWEEN first AND last;
        IF first > 0 AND w.place = first THEN at := w.start; END IF;
        IF is_open AND (starts[k] IS NULL OR w.place <= starts[k]) AND w.start >= at THEN
            result := result || close;
            is_open := false;
        END IF;
        IF w.place = starts[k] AND NOT is_open THEN
            result := result || pg_catalog.substr(value, at + 1, w.start - at) || open;
            at := w.start;
            is_open := true;
        END IF;
        IF w.place = ends[k] THEN
            IF NOT is_open THEN result := result || open; END IF;
            is_open := true;
            result := result || pg_catalog.substr(value, at + 1, greatest(w.stop - at, 0));
            at := w.stop;
            k := k + 1;
        END IF;
        IF w.place = last THEN
            IF is_open THEN
                IF w.place >= starts[k] THEN
                    result := result || pg_catalog.substr(value, at + 1, greatest(w.stop - at, 0));
                    at := w.stop;
                END IF;
                result := result || close;
                is_open := false;
            END IF;
            result := result || pg_catalog.substr(value, at + 1, greatest(w.stop - at, 0));
            at := w.stop;
        END IF;
    END LOOP;
    IF is_open THEN result := result || close; END IF;
    RETURN result || CASE WHEN ellipsis IS NULL OR last >= count - 1 THEN pg_catalog.substr(value, at + 1) ELSE ellipsis END;
END $f$;

-- highlight(): the whole text.
CREATE OR REPLACE FUNCTION sqlift.fts_highlight(value text, tokenizer text, tokens text[], query jsonb, col integer, open text, close text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.fts_mark($1, $2, $3, $4, $5, COALESCE($6, ''), COALESCE($7, ''))
$f$;

-- snippet(): the tokens that hold most of the phrases, best from the start of a sentence on. https://sqlite.org/fts5.html#the_snippet_function
CREATE OR REPLACE FUNCTION sqlift.fts_snippet("values" text[], tokenizer text, tokens text[], query jsonb, col integer, open text, close text, ellipsis text, size integer) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    best_col int := greatest(col, 0);
    best_start int := 0;
    best int := 0;
    phrases int[];
    cols int[];
    starts int[];
    sizes int[];
    counts int[];
    sentences int[];
    seen int[];
    from_token int;
    score int;
    first int;
    last int;
    at int;
BEGIN
    IF col >= pg_catalog.cardinality("values") THEN
        RAISE EXCEPTION 'column index out of range' USING ERRCODE = 'SL003';
    END IF;
    SELECT pg_catalog.array_agg(x.phrase), pg_catalog.array_agg(x.col), pg_catalog.array_agg(x.start), pg_catalog.array_agg(x.size) INTO phrases, cols, starts, sizes
    FROM sqlift.fts_instances(tokens, query) AS x;
    SELECT pg_catalog.array_agg(n.at - n.before - 1 ORDER BY n.at) INTO counts
    FROM (SELECT m.at, pg_catalog.lag(m.at, 1, 0::bigint) OVER (ORDER BY m.at) AS before
          FROM pg_catalog.unnest(tokens) WITH ORDINALITY AS m(token, at) WHERE m.token IS NULL) AS n;
    FOR c IN 0 .. pg_catalog.cardinality("values") - 1 LOOP
        CONTINUE WHEN col >= 0 AND c <> col OR "values"[c + 1] IS NULL OR cols IS NULL OR NOT c = ANY (cols);
        SELECT pg_catalog.array_agg(s.place ORDER BY s.place) INTO sentences FROM sqlift.fts_spans("values"[c + 1], tokenizer) AS s
        WHERE s.place = 0 OR pg_catalog.substr("values"[c + 1], 1, s.start) ~ '[.:][ \t\n\r]+$';
        FOR i IN 1 .. pg_catalog.cardinality(cols) LOOP
            CONTINUE WHEN cols[i] <> c;
            -- From this phrase on, and from the start of its sentence on.
            FOR way IN 1 .. 2 LOOP
                from_token := starts[i];
                IF way = 2 THEN
                    EXIT WHEN sentences IS NULL OR counts[c + 1] <= size;
                    at := 1;
                    WHILE sentences[at + 1] <= starts[i] LOOP at := at + 1; END LOOP;
                    EXIT WHEN sentences[at] >= starts[i];
                    from_token := sentences[at];
                END IF;
                score := CASE WHEN way = 1 THEN 0 WHEN from_token = 0 THEN 120 ELSE 100 END;
                seen := '{}';
                first := NULL;
                FOR j IN 1 .. pg_catalog.cardinality(cols) LOOP
                    CONTINUE WHEN cols[j] <> c OR starts[j] < from_token OR starts[j] >= from_token + size;
                    score := score + CASE WHEN phrases[j] = ANY (seen) THEN 1 ELSE 1000 END;
                    seen := seen || phrases[j];
                    first := coalesce(first, starts[j]);
                    last := starts[j] + sizes[j];
                END LOOP;
                IF way = 1 AND first IS NOT NULL THEN
                    from_token := greatest(least(first - (size - (last - first)) / 2, counts[c + 1] - size), 0);
                END IF;
                IF score > best THEN
                    best := score;
                    best_col := c;
                    best_start := from_token;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    RETURN sqlift.fts_mark("values"[best_col + 1], tokenizer, tokens, query, best_col, coalesce(open, ''), coalesce(close, ''), coalesce(ellipsis, ''), best_start, best_start + size - 1, counts[best_col + 1]);
END $f$;

-- A column of an external content table whose row is not there.
CREATE OR REPLACE FUNCTION sqlift.fts_missing(value anyelement, content text, rowid bigint) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION 'fts5: missing row % from content table ''main''.''%''', rowid, content USING ERRCODE = 'SL003';
END $f$;
