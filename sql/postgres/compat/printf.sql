-- printf and format. https://sqlite.org/printf.html
-- Arguments come with their storage class in front: i(nteger), r(eal), t(ext); NULL stays.

CREATE OR REPLACE FUNCTION sqlift.argument(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT 't' OPERATOR(pg_catalog.||) $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.argument(x bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT 'i' OPERATOR(pg_catalog.||) $1::pg_catalog.text $f$;
CREATE OR REPLACE FUNCTION sqlift.argument(x double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT 'r' OPERATOR(pg_catalog.||) $1::pg_catalog.text $f$;
CREATE OR REPLACE FUNCTION sqlift.argument(x numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN 'i' ELSE 'r' END OPERATOR(pg_catalog.||) $1::pg_catalog.text
$f$;
CREATE OR REPLACE FUNCTION sqlift.argument(x bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.argument(sqlift.to_text($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.argument(x jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'number' THEN sqlift.argument($1::pg_catalog.numeric) ELSE sqlift.argument(sqlift.to_text($1)) END
$f$;

CREATE OR REPLACE FUNCTION sqlift.argument_integer(x text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(CASE pg_catalog.left($1, 1) WHEN 'r' THEN sqlift.to_integer(pg_catalog.substr($1, 2)::pg_catalog.float8)
                                                ELSE sqlift.to_integer(pg_catalog.substr($1, 2)) END, 0)
$f$;
CREATE OR REPLACE FUNCTION sqlift.argument_real(x text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT COALESCE(CASE pg_catalog.left($1, 1) WHEN 'r' THEN pg_catalog.substr($1, 2)::pg_catalog.float8
                                                ELSE sqlift.to_real(pg_catalog.substr($1, 2)) END, 0)
$f$;
CREATE OR REPLACE FUNCTION sqlift.argument_text(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.left($1, 1) WHEN 'r' THEN sqlift.to_text(pg_catalog.substr($1, 2)::pg_catalog.float8) ELSE pg_catalog.substr($1, 2) END
$f$;

-- The first bytes of a text; a cut through a letter cannot be text on PostgreSQL.
CREATE OR REPLACE FUNCTION sqlift.first_bytes(x text, count integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    IF pg_catalog.octet_length(x) = pg_catalog.char_length(x) THEN RETURN pg_catalog.left(x, count); END IF;
    RETURN pg_catalog.convert_from(pg_catalog.substr(pg_catalog.convert_to(x, 'UTF8'), 1, count), 'UTF8');
EXCEPTION WHEN character_not_in_repertoire THEN
    RAISE EXCEPTION 'printf''s precision would cut a letter in two' USING ERRCODE = 'feature_not_supported', HINT = 'the flag ! counts letters, not bytes: %!.3s';
END $f$;

CREATE OR REPLACE FUNCTION sqlift.printf(format text, VARIADIC arguments text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
    rest text := format;
    result text := '';
    p text[];
    next int := 1;
    flags text;
    width int;
    precise int;
    conversion text;
    piece text;
    prefix text;
    number numeric;
    real double precision;
    base int;
    left_justify boolean;
    at int;
BEGIN
    IF format IS NULL OR format = '' THEN RETURN NULL; END IF;
    LOOP
        at := pg_catalog.strpos(rest, '%');
        IF at = 0 THEN RETURN result || rest; END IF;
        result := result || pg_catalog.left(rest, at - 1);
        rest := pg_catalog.substr(rest, at);
        IF rest = '%' THEN RETURN result || rest; END IF;
        p := pg_catalog.regexp_match(rest, '^%([-+ 0#,!]*)([1-9]\d*|\*)?(?:\.(\d*|\*))?(?:ll|l)?(.)(.*)$');
        -- SQLite ends at what it does not know.
        IF p IS NULL THEN RETURN CASE WHEN result = '' THEN NULL ELSE result END; END IF;
        rest := p[5];
        flags := p[1];
        conversion := p[4];
        left_justify := pg_catalog.strpos(flags, '-') > 0;
        width := 0;
        precise := -1;
        IF p[2] = '*' THEN
            width := sqlift.argument_integer(arguments[next])::int;
            next := next + 1;
            left_justify := left_justify OR width < 0;
            width := pg_catalog.abs(width);
        ELSIF p[2] IS NOT NULL THEN
            width := p[2]::int;
        END IF;
        IF p[3] = '*' THEN
            precise := pg_catalog.abs(sqlift.argument_integer(arguments[next])::int);
            next := next + 1;
        ELSIF p[3] IS NOT NULL THEN
            precise := coalesce(nullif(p[3], ''), '0')::int;
        END IF;
        prefix := CASE WHEN flags ~ '[+ ]' THEN pg_catalog.right(pg_catalog.regexp_replace(flags, '[^+ ]', '', 'g'), 1) ELSE '' END;
        IF conversion = '%' THEN
            piece := '%';
        ELSIF conversion = 'n' THEN
            CONTINUE;
        ELSIF conversion IN ('d', 'i', 'u', 'x', 'X', 'o', 'p', 'r') THEN
            number := sqlift.argument_integer(arguments[next]);
            next := next + 1;
            IF conversion IN ('d', 'i', 'r') THEN
                IF number < 0 THEN prefix := '-'; END IF;
                number := pg_catalog.abs(number);
            ELSE
                prefix := '';
                IF number < 0 THEN number := number + 18446744073709551616; END IF;
            END IF;
            IF pg_catalog.strpos(flags, '0') > 0 THEN precise := greatest(precise, width - pg_catalog.length(prefix)); END IF;
            base := CASE conversion WHEN 'o' THEN 8 WHEN 'x' THEN 16 WHEN 'X' THEN 16 WHEN 'p' THEN 16 ELSE 10 END;
            at := number % 10;
            IF at > 3 OR pg_catalog.div(number, 10) % 10 = 1 THEN at := 0; END IF;
            IF base = 10 THEN
                piece := number::text;
            ELSE
                piece := CASE WHEN number = 0 THEN '0' ELSE '' END;
                p[1] := CASE WHEN number = 0 THEN '' ELSE CASE conversion WHEN 'o' THEN '0' WHEN 'X' THEN '0X' ELSE '0x' END END;
                WHILE number > 0 LOOP
                    piece := pg_catalog.substr(CASE WHEN conversion IN ('X', 'p') THEN '0123456789ABCDEF' ELSE '0123456789abcdef' END, (number % base)::int + 1, 1) || piece;
                    number := pg_catalog.div(number, base);
                END LOOP;
                IF pg_catalog.strpos(flags, '#') > 0 THEN prefix := p[1]; END IF;
            END IF;
            IF conversion = 'r' THEN piece := piece || (ARRAY['th', 'st', 'nd', 'rd'])[at + 1]; END IF;
            piece := pg_catalog.lpad(piece, greatest(precise, pg_catalog.length(piece)), '0');
            IF pg_catalog.strpos(flags, ',') > 0 AND conversion IN ('d', 'i', 'u') THEN
                piece := pg_catalog.regexp_replace(piece, '(\d)(?=(\d{3})+$)', '\1,', 'g');
            END IF;
            piece := prefix || piece;
        ELSIF conversion IN ('f', 'e', 'E', 'g', 'G') THEN
            real := sqlift.argument_real(arguments[next]);
            next := next + 1;
            IF precise < 0 THEN precise := 6; END IF;
            IF real < 0 THEN prefix := '-'; END IF;
            IF real IN ('Infinity', '-Infinity') THEN
                IF pg_catalog.strpos(flags, '0') > 0 THEN
                    RAISE EXCEPTION 'printf of an infinity with leading zeros has no rule yet' USING ERRCODE = 'feature_not_supported';
                END IF;
                piece := prefix || 'Inf';
            ELSE
                piece := sqlift.real_format(real, conversion, precise, pg_catalog.strpos(flags, '#') > 0, pg_catalog.strpos(flags, '!') > 0, pg_catalog.strpos(flags, ',') > 0);
                IF conversion = 'f' AND real < 0 AND flags ~ '#' AND flags !~ '[+ ]' AND piece !~ '[1-9]' THEN prefix := ''; END IF;
                IF pg_catalog.strpos(flags, '0') > 0 AND NOT left_justify THEN
                    piece := pg_catalog.lpad(piece, greatest(width - pg_catalog.length(prefix), pg_catalog.length(piece)), '0');
                END IF;
                piece := prefix || piece;
            END IF;
        ELSIF conversion = 'c' THEN
            piece := pg_catalog.left(sqlift.argument_text(arguments[next]), 1);
            next := next + 1;
            IF coalesce(piece, '') = '' THEN
                RAISE EXCEPTION 'printf''s %%c of no letter is a NUL, which PostgreSQL''s text cannot hold' USING ERRCODE = 'feature_not_supported';
            END IF;
            piece := pg_catalog.repeat(piece, greatest(precise, 1));
        ELSIF conversion IN ('s', 'z', 'q', 'Q', 'w') THEN
            piece := sqlift.argument_text(arguments[next]);
            next := next + 1;
            IF conversion IN ('q', 'Q') AND pg_catalog.strpos(flags, '#') > 0 AND piece ~ '[\x01-\x1f\\]' THEN
                RAISE EXCEPTION 'printf''s %%#% has no rule yet', conversion USING ERRCODE = 'feature_not_supported', HINT = 'use unistr_quote()';
            END IF;
            IF piece IS NOT NULL AND precise >= 0 THEN
                piece := CASE WHEN pg_catalog.strpos(flags, '!') > 0 THEN pg_catalog.left(piece, precise) ELSE sqlift.first_bytes(piece, precise) END;
            END IF;
            piece := CASE conversion
                WHEN 'q' THEN pg_catalog.replace(coalesce(piece, '(NULL)'), '''', '''''')
                WHEN 'Q' THEN coalesce('''' || pg_catalog.replace(piece, '''', '''''') || '''', 'NULL')
                WHEN 'w' THEN pg_catalog.replace(coalesce(piece, '(NULL)'), '"', '""')
                ELSE coalesce(piece, '') END;
            -- The width counts bytes, unless ! asks for letters.
            IF pg_catalog.strpos(flags, '!') = 0 THEN width := width - (pg_catalog.octet_length(piece) - pg_catalog.char_length(piece)); END IF;
        ELSE
            RETURN CASE WHEN result = '' THEN NULL ELSE result END;
        END IF;
        IF pg_catalog.length(piece) < width THEN
            piece := CASE WHEN left_justify THEN pg_catalog.rpad(piece, width) ELSE pg_catalog.lpad(piece, width) END;
        END IF;
        result := result || piece;
    END LOOP;
END $f$;

-- What printf makes of a format that the statement's text gives, a directive each.

-- %5d, %-5s: the width counts bytes.
CREATE OR REPLACE FUNCTION sqlift.padded(x text, width integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.repeat(' ', $2 OPERATOR(pg_catalog.-) pg_catalog.octet_length($1)) OPERATOR(pg_catalog.||) $1
$f$;
CREATE OR REPLACE FUNCTION sqlift.padded_behind(x text, width integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT $1 OPERATOR(pg_catalog.||) pg_catalog.repeat(' ', $2 OPERATOR(pg_catalog.-) pg_catalog.octet_length($1))
$f$;
-- %05d, %02x
CREATE OR REPLACE FUNCTION sqlift.zero_padded(x text, width integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.repeat('0', $2 OPERATOR(pg_catalog.-) pg_catalog.octet_length($1)) OPERATOR(pg_catalog.||) $1
$f$;
CREATE OR REPLACE FUNCTION sqlift.zero_padded(x bigint, width integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<) 0 THEN '-' OPERATOR(pg_catalog.||) sqlift.zero_padded(pg_catalog.substr($1::pg_catalog.text, 2), $2 OPERATOR(pg_catalog.-) 1)
                ELSE sqlift.zero_padded($1::pg_catalog.text, $2) END
$f$;
-- %.2f: where SQLite's digits cannot matter (see round), the decimal number of the first 15 digits.
CREATE OR REPLACE FUNCTION sqlift.fixed(x double precision, digits integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.abs($1) OPERATOR(pg_catalog.<) (1e11::pg_catalog.float8 OPERATOR(pg_catalog./) sqlift.ten_to($2)) THEN
                    CASE WHEN pg_catalog.abs($1 OPERATOR(pg_catalog.*) sqlift.ten_to($2) OPERATOR(pg_catalog.-) pg_catalog.round($1 OPERATOR(pg_catalog.*) sqlift.ten_to($2))) OPERATOR(pg_catalog.<) 0.499::pg_catalog.float8
                              OR $1 OPERATOR(pg_catalog.*) 4096::pg_catalog.float8 OPERATOR(pg_catalog.=) pg_catalog.trunc($1 OPERATOR(pg_catalog.*) 4096::pg_catalog.float8)
                         THEN CASE WHEN $1 OPERATOR(pg_catalog.<) 0::pg_catalog.float8 THEN '-' ELSE '' END
                              OPERATOR(pg_catalog.||) pg_catalog.round(pg_catalog.abs($1)::pg_catalog.numeric, $2)::pg_catalog.text
                         ELSE sqlift.printf('%.' OPERATOR(pg_catalog.||) $2::pg_catalog.text OPERATOR(pg_catalog.||) 'f', sqlift.argument($1)) END
                ELSE sqlift.printf('%.' OPERATOR(pg_catalog.||) $2::pg_catalog.text OPERATOR(pg_catalog.||) 'f', sqlift.argument($1)) END
$f$;
