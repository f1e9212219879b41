-- Columns without a declared type keep any value as it is: its storage class is the row's, not the column's.
-- https://sqlite.org/datatype3.html#determination_of_column_affinity
-- PostgreSQL compares records field by field, so that the order of the fields is SQLite's order of values: numbers, then text by its
-- bytes, then blobs; btree, hash and unique keys come with it. 1 and 1.0 are equal, and the scale tells which one is REAL.
-- SQL's NULL is a NULL of the whole; the fields that do not count are never NULL, so that IS NOT NULL means what it says.
DO $do$ BEGIN
    IF pg_catalog.to_regtype('sqlift.value') IS NULL THEN
        CREATE TYPE sqlift.value AS (class smallint, number numeric, text text COLLATE pg_catalog."C", blob bytea);
    END IF;
END $do$;

-- A real as its number, with a digit behind the point at least. Whole ones exactly, so that they compare with integers; of others the
-- digits that tell them from their neighbours, in the reals' own order. An infinity is a number beyond all reals.
CREATE OR REPLACE FUNCTION sqlift.number_of(x double precision) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.=) 'NaN'::pg_catalog.float8 THEN NULL
                WHEN $1 OPERATOR(pg_catalog.>=) (-9223372036854775808)::pg_catalog.float8 AND $1 OPERATOR(pg_catalog.<) 9223372036854775808::pg_catalog.float8
                    THEN CASE WHEN $1 OPERATOR(pg_catalog.=) pg_catalog.trunc($1) THEN pg_catalog.round($1::pg_catalog.int8::pg_catalog.numeric, 1)
                              ELSE $1::pg_catalog.text::pg_catalog.numeric END
                WHEN $1 OPERATOR(pg_catalog.=) 'Infinity'::pg_catalog.float8 THEN pg_catalog.round(1e400, 1)
                WHEN $1 OPERATOR(pg_catalog.=) '-Infinity'::pg_catalog.float8 THEN pg_catalog.round(-1e400, 1)
                ELSE pg_catalog.round($1::pg_catalog.text::pg_catalog.numeric, 1) END
$f$;

-- A value of one class as one of any.
CREATE OR REPLACE FUNCTION sqlift.value_of(x sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT $1 $f$;
CREATE OR REPLACE FUNCTION sqlift.value_of(x bigint) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NOT NULL THEN ROW(1::pg_catalog.int2, $1::pg_catalog.numeric, ''::pg_catalog.text, ''::pg_catalog.bytea)::sqlift.value END
$f$;
CREATE OR REPLACE FUNCTION sqlift.value_of(x double precision) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.<>) 'NaN'::pg_catalog.float8
                THEN ROW(1::pg_catalog.int2, sqlift.number_of($1), ''::pg_catalog.text, ''::pg_catalog.bytea)::sqlift.value END
$f$;
-- As results are read: whole and of 64 bits it is an INTEGER, else a REAL.
CREATE OR REPLACE FUNCTION sqlift.value_of(x numeric) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL OR $1 OPERATOR(pg_catalog.=) 'NaN'::pg_catalog.numeric THEN NULL
                ELSE ROW(1::pg_catalog.int2,
                         CASE WHEN pg_catalog.scale($1) OPERATOR(pg_catalog.=) 0 AND $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1
                              ELSE sqlift.number_of(sqlift.real_of($1)) END, ''::pg_catalog.text, ''::pg_catalog.bytea)::sqlift.value END
$f$;
CREATE OR REPLACE FUNCTION sqlift.value_of(x text) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NOT NULL THEN ROW(2::pg_catalog.int2, 0::pg_catalog.numeric, $1, ''::pg_catalog.bytea)::sqlift.value END
$f$;
CREATE OR REPLACE FUNCTION sqlift.value_of(x bytea) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NOT NULL THEN ROW(3::pg_catalog.int2, 0::pg_catalog.numeric, ''::pg_catalog.text, $1)::sqlift.value END
$f$;
-- What json_extract gives: a scalar keeps its class, an array or object is its text.
CREATE OR REPLACE FUNCTION sqlift.value_of(x jsonb) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE pg_catalog.jsonb_typeof($1) WHEN 'null' THEN NULL
                WHEN 'number' THEN sqlift.value_of($1::pg_catalog.numeric)
                WHEN 'boolean' THEN sqlift.value_of($1::pg_catalog.bool::pg_catalog.int4::pg_catalog.int8)
                ELSE sqlift.value_of(sqlift.to_text($1)) END
$f$;

-- And back.
CREATE OR REPLACE FUNCTION sqlift.to_text(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN CASE WHEN pg_catalog.scale(($1).number) OPERATOR(pg_catalog.=) 0 THEN ($1).number::pg_catalog.text
                                            ELSE sqlift.to_text(sqlift.real_of(($1).number)) END
                           WHEN 2 THEN ($1).text WHEN 3 THEN sqlift.to_text(($1).blob) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_operand(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN ($1).number WHEN 2 THEN sqlift.to_operand(($1).text) WHEN 3 THEN sqlift.to_operand(($1).blob) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_number(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN ($1).number WHEN 2 THEN sqlift.to_number(($1).text) WHEN 3 THEN sqlift.to_number(($1).blob) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_real(x sqlift.value) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN sqlift.real_of(($1).number) WHEN 2 THEN sqlift.to_real(($1).text) WHEN 3 THEN sqlift.to_real(($1).blob) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_integer(x sqlift.value) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN sqlift.to_integer(($1).number) WHEN 2 THEN sqlift.to_integer(($1).text) WHEN 3 THEN sqlift.to_integer(($1).blob) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.to_blob(x sqlift.value) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN ($1).blob ELSE pg_catalog.convert_to(sqlift.to_text($1), 'UTF8') END
$f$;
CREATE OR REPLACE FUNCTION sqlift.truth(x sqlift.value) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN ($1).number OPERATOR(pg_catalog.<>) 0 WHEN 2 THEN sqlift.truth(($1).text) WHEN 3 THEN sqlift.truth(($1).blob) END
$f$;

-- What comparisons do to it. https://sqlite.org/datatype3.html#affinity_of_comparison_operands
-- NUMERIC affinity: text that is a number becomes one.
CREATE OR REPLACE FUNCTION sqlift.numeric_value(x sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 2
                     AND ($1).text OPERATOR(pg_catalog.~) E'^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$'
                THEN sqlift.value_of(sqlift.decimal_of(($1).text)) ELSE $1 END
$f$;
-- The same of what is stored: a real without a fraction is an integer then.
CREATE OR REPLACE FUNCTION sqlift.stored_numeric_value(x sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN (sqlift.numeric_value($1)).class OPERATOR(pg_catalog.=) 1 THEN sqlift.value_of(sqlift.whole_number((sqlift.numeric_value($1)).number))
                ELSE $1 END
$f$;
-- TEXT affinity: a number becomes its text.
CREATE OR REPLACE FUNCTION sqlift.text_value(x sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 1 THEN sqlift.value_of(sqlift.to_text($1)) ELSE $1 END
$f$;
-- Text as a collation sees it.
CREATE OR REPLACE FUNCTION sqlift.nocase_value(x sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 2 THEN sqlift.value_of(pg_catalog.lower(($1).text COLLATE pg_catalog."C")) ELSE $1 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.rtrim_value(x sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 2 THEN sqlift.value_of(pg_catalog.rtrim(($1).text)) ELSE $1 END
$f$;

-- Functions of a value. https://sqlite.org/lang_corefunc.html
CREATE OR REPLACE FUNCTION sqlift.typeof(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN CASE WHEN pg_catalog.scale(($1).number) OPERATOR(pg_catalog.=) 0 THEN 'integer' ELSE 'real' END
                           WHEN 2 THEN 'text' WHEN 3 THEN 'blob' ELSE 'null' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.length(x sqlift.value) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN pg_catalog.octet_length(($1).blob) ELSE pg_catalog.char_length(sqlift.to_text($1)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.octet_length(x sqlift.value) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN pg_catalog.octet_length(($1).blob) ELSE pg_catalog.octet_length(sqlift.to_text($1)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.hex(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.hex(sqlift.to_blob($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.quote(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN CASE WHEN pg_catalog.scale(($1).number) OPERATOR(pg_catalog.=) 0 THEN ($1).number::pg_catalog.text
                                            ELSE sqlift.quote(sqlift.real_of(($1).number)) END
                           WHEN 2 THEN sqlift.quote(($1).text) WHEN 3 THEN sqlift.quote(($1).blob) ELSE 'NULL' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.unistr_quote(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 2 THEN sqlift.unistr_quote(($1).text) ELSE sqlift.quote($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x sqlift.value) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN pg_catalog.sign(($1).number)::pg_catalog.int8 WHEN 2 THEN sqlift.sign(($1).text) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.negated(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN o OPERATOR(pg_catalog.=) -9223372036854775808 THEN 9223372036854775808.0 ELSE OPERATOR(pg_catalog.-) o END
    FROM (SELECT sqlift.to_operand($1) AS o) AS q
$f$;
-- abs(): of text and blobs it is a real.
CREATE OR REPLACE FUNCTION sqlift.abs(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 1 AND pg_catalog.scale(($1).number) OPERATOR(pg_catalog.=) 0 THEN pg_catalog.abs(($1).number::pg_catalog.int8)::pg_catalog.numeric
                ELSE pg_catalog.abs(sqlift.number_of(sqlift.to_real($1))) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.abs(x jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.abs(sqlift.value_of($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.sign(x jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.sign(sqlift.value_of($1)) $f$;
-- The remainder is asked of integers, but a real on either side makes it one.
CREATE OR REPLACE FUNCTION sqlift.modulo(a sqlift.value, b sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.round((sqlift.to_integer($1) OPERATOR(pg_catalog.%) NULLIF(sqlift.to_integer($2), 0))::pg_catalog.numeric,
                            CASE WHEN pg_catalog.scale(sqlift.to_operand($1)) OPERATOR(pg_catalog.=) 0 AND pg_catalog.scale(sqlift.to_operand($2)) OPERATOR(pg_catalog.=) 0 THEN 0 ELSE 1 END)
$f$;
CREATE OR REPLACE FUNCTION sqlift.substr(x sqlift.value, y bigint) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN sqlift.value_of(sqlift.substr(($1).blob, $2)) ELSE sqlift.value_of(sqlift.substr(sqlift.to_text($1), $2)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.substr(x sqlift.value, y bigint, z bigint) RETURNS sqlift.value LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN sqlift.value_of(sqlift.substr(($1).blob, $2, $3)) ELSE sqlift.value_of(sqlift.substr(sqlift.to_text($1), $2, $3)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.instr(x sqlift.value, y sqlift.value) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 AND ($2).class OPERATOR(pg_catalog.=) 3 THEN sqlift.instr(($1).blob, ($2).blob)::pg_catalog.int8
                ELSE pg_catalog.strpos(sqlift.to_text($1), sqlift.to_text($2))::pg_catalog.int8 END
$f$;

-- Values that a column with a type must keep as they are: converted exactly, or an error.
CREATE OR REPLACE FUNCTION sqlift.refused_value(x sqlift.value, message text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'datatype_mismatch';
END $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_text(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN sqlift.refused_value($1, 'a blob cannot be kept in a column of text') ELSE sqlift.to_text($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.exact_blob(x sqlift.value) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN ($1).blob
                WHEN ($1).class IN (1, 2) THEN sqlift.refused_value($1, 'text or a number cannot be kept in a column of blobs')::pg_catalog.bytea END
$f$;
-- Text as a number, whole text only, as SQLite reads it.
CREATE OR REPLACE FUNCTION sqlift.exact_number(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 IS NULL THEN NULL
                WHEN (sqlift.numeric_value($1)).class OPERATOR(pg_catalog.=) 1 THEN sqlift.whole_number((sqlift.numeric_value($1)).number)
                ELSE sqlift.refused_value($1, 'text or a blob cannot be kept in a column of numbers')::pg_catalog.numeric END
$f$;
CREATE OR REPLACE FUNCTION sqlift.exact_real(x sqlift.value) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.real_of(sqlift.exact_number($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_integer(x sqlift.value) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.exact_integer(sqlift.exact_number($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.exact_boolean(x sqlift.value) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sqlift.exact_boolean(sqlift.exact_integer($1)) $f$;
CREATE OR REPLACE FUNCTION sqlift.date_text(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN sqlift.no_number(($1).number::pg_catalog.text) WHEN 2 THEN sqlift.date_text(($1).text) WHEN 3 THEN sqlift.exact_text($1) END
$f$;

-- Aggregates. https://sqlite.org/lang_aggfunc.html
CREATE OR REPLACE FUNCTION sqlift.addend(x sqlift.value) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN ($1).number WHEN 2 THEN sqlift.addend(($1).text) WHEN 3 THEN sqlift.to_operand(sqlift.to_real(($1).blob)) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.lesser(a sqlift.value, b sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.<) $1 THEN $2 ELSE $1 END
$f$;
CREATE OR REPLACE FUNCTION sqlift.greater(a sqlift.value, b sqlift.value) RETURNS sqlift.value LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN $2 OPERATOR(pg_catalog.>) $1 THEN $2 ELSE $1 END
$f$;
CREATE OR REPLACE AGGREGATE sqlift.min(sqlift.value) (SFUNC = sqlift.lesser, STYPE = sqlift.value, COMBINEFUNC = sqlift.lesser, PARALLEL = SAFE);
CREATE OR REPLACE AGGREGATE sqlift.max(sqlift.value) (SFUNC = sqlift.greater, STYPE = sqlift.value, COMBINEFUNC = sqlift.greater, PARALLEL = SAFE);

-- As an argument of printf, and in JSON.
CREATE OR REPLACE FUNCTION sqlift.argument(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN CASE WHEN pg_catalog.scale(($1).number) OPERATOR(pg_catalog.=) 0 THEN sqlift.argument(($1).number::pg_catalog.int8)
                                            ELSE sqlift.argument(sqlift.real_of(($1).number)) END
                           WHEN 2 THEN sqlift.argument(($1).text) WHEN 3 THEN sqlift.argument(($1).blob) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_doc(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN sqlift.json_doc(($1).blob) ELSE sqlift.to_text($1) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_valid(doc sqlift.value, flags bigint DEFAULT 1) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN ($1).class OPERATOR(pg_catalog.=) 3 THEN sqlift.json_valid(($1).blob, $2) ELSE sqlift.json_valid(sqlift.to_text($1), $2) END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_quote(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE ($1).class WHEN 1 THEN CASE WHEN pg_catalog.scale(($1).number) OPERATOR(pg_catalog.=) 0 THEN ($1).number::pg_catalog.text
                                            ELSE sqlift.json_quote(sqlift.real_of(($1).number)) END
                           WHEN 2 THEN sqlift.json_quote(($1).text) WHEN 3 THEN sqlift.json_quote(($1).blob) ELSE 'null' END
$f$;
CREATE OR REPLACE FUNCTION sqlift.json_object_label(x sqlift.value) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT sqlift.json_object_label(CASE WHEN ($1).class OPERATOR(pg_catalog.=) 2 THEN ($1).text END)
$f$;
