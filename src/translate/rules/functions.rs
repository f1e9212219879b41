//! SQLite's functions: name, arguments, result, and what PostgreSQL calls instead. The table is closed.

use super::super::types::Type;
use crate::translate::Counter;
use crate::translate::Fidelity::{self, Differs, Exact};

/// How an argument is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    Value,
    Text,
    Number,
    Integer,
    Real,
    /// A JSON document: text, or SQLite's binary JSON.
    Json,
    /// The same for what becomes binary JSON.
    JsonBytes,
    /// Text that may be a JSON document.
    JsonOrNot,
}

/// The type of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    Type(Type),
    /// The first argument's.
    Argument,
}

/// What the call becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `{0}`, `{1}`: arguments; `{*}`: all of them.
    Template(&'static str),
    Coalesce,
    NullIf,
    If,
    /// max (`true`) or min of several
    Extreme(bool),
    Aggregate,
    Window,
    TypeOf,
    Date,
    Identity,
    /// A number of the session's.
    Counter(Counter),
    JsonExtract,
    JsonBuild,
    JsonGroup,
    Subtype,
    /// substr and instr: of text or of bytes.
    Part,
    Printf,
}

#[derive(Debug)]
pub(crate) struct Function {
    pub name: &'static str,
    /// Fewest and most arguments.
    pub arity: (usize, usize),
    /// For the arguments in order; the last one repeats.
    pub takes: &'static [Take],
    pub gives: Gives,
    pub form: Form,
    pub fidelity: Fidelity,
    pub why: &'static str,
    /// NULL although no argument is.
    pub may_give_null: bool,
    /// PostgreSQL's result is 32 bits wide.
    pub int4: bool,
    pub aggregate: bool,
    pub window: bool,
}

impl Function {
    /// Whether the call does not stay as it is; dates have rules of their own.
    pub fn is_rewritten(&self) -> bool {
        let Form::Template(template) = self.form else { return self.form != Form::Date };
        let arguments = template.strip_prefix(self.name).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
        !arguments.is_some_and(|words| ["{*}", "{0}", "{0}, {1}", "{0}, {1}, {2}"].contains(&words))
    }
}

const fn scalar(
    name: &'static str,
    arity: (usize, usize),
    takes: &'static [Take],
    gives: Type,
    template: &'static str,
) -> Function {
    Function {
        name,
        arity,
        takes,
        gives: Gives::Type(gives),
        form: Form::Template(template),
        fidelity: Exact,
        why: "",
        may_give_null: false,
        int4: false,
        aggregate: false,
        window: false,
    }
}

const fn shaped(name: &'static str, arity: (usize, usize), form: Form) -> Function {
    Function { form, ..scalar(name, arity, &[Take::Value], Type::Unknown, "") }
}

const fn aggregate(name: &'static str, arity: (usize, usize)) -> Function {
    Function { form: Form::Aggregate, aggregate: true, ..scalar(name, arity, &[Take::Value], Type::Unknown, "") }
}

const fn window(name: &'static str, arity: (usize, usize), gives: Gives) -> Function {
    Function { form: Form::Window, window: true, gives, ..scalar(name, arity, &[Take::Value], Type::Integer, "") }
}

const fn nullable(function: Function) -> Function {
    Function { may_give_null: true, ..function }
}

const fn int4(function: Function) -> Function {
    Function { int4: true, ..function }
}

const fn differs(function: Function, why: &'static str) -> Function {
    Function { fidelity: Differs, why, ..function }
}

const MANY: usize = 127;
use Take::{Integer, Json, JsonBytes, JsonOrNot, Number, Real, Text, Value};

/// Sorted by name. <https://sqlite.org/lang_corefunc.html>, lang_aggfunc, windowfunctions, lang_datefunc, json1
#[rustfmt::skip]
pub(crate) static FUNCTIONS: &[Function] = &[
    Function { gives: Gives::Argument, ..scalar("abs", (1, 1), &[Number], Type::Integer, "abs({0})") },
    aggregate("avg", (1, 1)),
    shaped("changes", (0, 0), Form::Counter(Counter::Changes)),
    scalar("char", (0, MANY), &[Integer], Type::Text, "sqlift.char({*})"),
    shaped("coalesce", (2, MANY), Form::Coalesce),
    scalar("concat", (1, MANY), &[Text], Type::Text, "concat({*})"),
    scalar("concat_ws", (2, MANY), &[Text], Type::Text, "concat_ws({*})"),
    aggregate("count", (0, 1)),
    window("cume_dist", (0, 0), Gives::Type(Type::Real)),
    shaped("date", (0, MANY), Form::Date),
    shaped("datetime", (0, MANY), Form::Date),
    window("dense_rank", (0, 0), Gives::Type(Type::Integer)),
    window("first_value", (1, 1), Gives::Argument),
    shaped("format", (0, MANY), Form::Printf),
    scalar("glob", (2, 2), &[Text], Type::Boolean, "sqlift.glob({0}, {1})"),
    aggregate("group_concat", (1, 2)),
    scalar("hex", (1, 1), &[Value], Type::Text, "sqlift.hex({0})"),
    shaped("if", (2, MANY), Form::If),
    shaped("ifnull", (2, 2), Form::Coalesce),
    shaped("iif", (2, MANY), Form::If),
    shaped("instr", (2, 2), Form::Part),
    nullable(shaped("json", (1, 1), Form::JsonBuild)),
    shaped("json_array", (0, MANY), Form::JsonBuild),
    shaped("json_array_insert", (1, MANY), Form::JsonBuild),
    nullable(scalar("json_array_length", (1, 2), &[Json, Text], Type::Integer, "sqlift.json_array_length({*})")),
    scalar("json_error_position", (1, 1), &[JsonOrNot], Type::Integer, "sqlift.json_error_position({0})"),
    nullable(shaped("json_extract", (2, MANY), Form::JsonExtract)),
    Function { form: Form::JsonGroup, ..aggregate("json_group_array", (1, 1)) },
    Function { form: Form::JsonGroup, ..aggregate("json_group_object", (2, 2)) },
    shaped("json_insert", (1, MANY), Form::JsonBuild),
    shaped("json_object", (0, MANY), Form::JsonBuild),
    nullable(scalar("json_patch", (2, 2), &[Json], Type::Text, "sqlift.json_patch({*})")),
    nullable(scalar("json_pretty", (1, 2), &[Json, Text], Type::Text, "sqlift.json_pretty({*})")),
    shaped("json_quote", (1, 1), Form::JsonBuild),
    nullable(shaped("json_remove", (1, MANY), Form::JsonBuild)),
    shaped("json_replace", (1, MANY), Form::JsonBuild),
    shaped("json_set", (1, MANY), Form::JsonBuild),
    nullable(scalar("json_type", (1, 2), &[Json, Text], Type::Text, "sqlift.json_type({*})")),
    scalar("json_valid", (1, 1), &[Value], Type::Integer, "sqlift.json_valid({0})"),
    scalar("json_valid", (2, 2), &[Value, Integer], Type::Integer, "sqlift.json_valid({0}, {1})"),
    nullable(scalar("jsonb", (1, 1), &[JsonBytes], Type::Blob, "sqlift.jsonb({0})")),
    shaped("jsonb_array", (0, MANY), Form::JsonBuild),
    shaped("jsonb_array_insert", (1, MANY), Form::JsonBuild),
    Function { form: Form::JsonGroup, ..aggregate("jsonb_group_array", (1, 1)) },
    Function { form: Form::JsonGroup, ..aggregate("jsonb_group_object", (2, 2)) },
    shaped("jsonb_insert", (1, MANY), Form::JsonBuild),
    shaped("jsonb_object", (0, MANY), Form::JsonBuild),
    nullable(scalar("jsonb_patch", (2, 2), &[JsonBytes], Type::Blob, "sqlift.jsonb(sqlift.json_patch({*}))")),
    nullable(shaped("jsonb_remove", (1, MANY), Form::JsonBuild)),
    shaped("jsonb_replace", (1, MANY), Form::JsonBuild),
    shaped("jsonb_set", (1, MANY), Form::JsonBuild),
    shaped("julianday", (0, MANY), Form::Date),
    window("lag", (1, 3), Gives::Argument),
    shaped("last_insert_rowid", (0, 0), Form::Counter(Counter::LastInsertRowid)),
    window("last_value", (1, 1), Gives::Argument),
    window("lead", (1, 3), Gives::Argument),
    int4(scalar("length", (1, 1), &[Value], Type::Integer, "sqlift.length({0})")),
    scalar("like", (2, 2), &[Text], Type::Boolean, "({1} COLLATE \"C\" ILIKE {0} ESCAPE '')"),
    scalar("like", (3, 3), &[Text], Type::Boolean, "({1} COLLATE \"C\" ILIKE sqlift.like_pattern({0}, {2}) ESCAPE {2})"),
    shaped("likelihood", (2, 2), Form::Identity),
    shaped("likely", (1, 1), Form::Identity),
    scalar("lower", (1, 1), &[Text], Type::Text, "lower({0} COLLATE \"C\")"),
    scalar("ltrim", (1, 2), &[Text], Type::Text, "ltrim({*})"),
    aggregate("max", (1, 1)),
    shaped("max", (2, MANY), Form::Extreme(true)),
    aggregate("min", (1, 1)),
    shaped("min", (2, MANY), Form::Extreme(false)),
    window("nth_value", (2, 2), Gives::Argument),
    window("ntile", (1, 1), Gives::Type(Type::Integer)),
    shaped("nullif", (2, 2), Form::NullIf),
    int4(scalar("octet_length", (1, 1), &[Value], Type::Integer, "sqlift.octet_length({0})")),
    window("percent_rank", (0, 0), Gives::Type(Type::Real)),
    shaped("printf", (0, MANY), Form::Printf),
    scalar("quote", (1, 1), &[Value], Type::Text, "sqlift.quote({0})"),
    scalar("random", (0, 0), &[], Type::Integer, "sqlift.random()"),
    scalar("randomblob", (1, 1), &[Integer], Type::Blob, "sqlift.randomblob({0})"),
    window("rank", (0, 0), Gives::Type(Type::Integer)),
    scalar("replace", (3, 3), &[Text], Type::Text, "replace({0}, {1}, {2})"),
    scalar("round", (1, 1), &[Real], Type::Real, "sqlift.round({0})"),
    scalar("round", (2, 2), &[Real, Integer], Type::Real, "sqlift.round({0}, {1})"),
    window("row_number", (0, 0), Gives::Type(Type::Integer)),
    scalar("rtrim", (1, 2), &[Text], Type::Text, "rtrim({*})"),
    nullable(scalar("sign", (1, 1), &[Value], Type::Integer, "sqlift.sign({0})")),
    scalar("soundex", (1, 1), &[Text], Type::Text, "sqlift.soundex({0})"),
    int4(nullable(scalar("sqlite_compileoption_used", (1, 1), &[Text], Type::Integer, "sqlift.compileoption_used({0})"))),
    scalar("sqlite_source_id", (0, 0), &[], Type::Text, SOURCE_ID),
    scalar("sqlite_version", (0, 0), &[], Type::Text, VERSION),
    shaped("strftime", (1, MANY), Form::Date),
    aggregate("string_agg", (2, 2)),
    shaped("substr", (2, 3), Form::Part),
    shaped("substring", (2, 3), Form::Part),
    shaped("subtype", (1, 1), Form::Subtype),
    aggregate("sum", (1, 1)),
    shaped("time", (0, MANY), Form::Date),
    shaped("timediff", (2, 2), Form::Date),
    aggregate("total", (1, 1)),
    shaped("total_changes", (0, 0), Form::Counter(Counter::TotalChanges)),
    scalar("trim", (1, 1), &[Text], Type::Text, "btrim({0})"),
    scalar("trim", (2, 2), &[Text], Type::Text, "btrim({0}, {1})"),
    shaped("typeof", (1, 1), Form::TypeOf),
    nullable(scalar("unhex", (1, 1), &[Text], Type::Blob, "sqlift.unhex({0})")),
    nullable(scalar("unhex", (2, 2), &[Text], Type::Blob, "sqlift.unhex({0}, {1})")),
    int4(nullable(scalar("unicode", (1, 1), &[Text], Type::Integer, "NULLIF(ascii({0}), 0)"))),
    scalar("unistr", (1, 1), &[Text], Type::Text, "sqlift.unistr({0})"),
    scalar("unistr_quote", (1, 1), &[Value], Type::Text, "sqlift.unistr_quote({0})"),
    shaped("unixepoch", (0, MANY), Form::Date),
    shaped("unlikely", (1, 1), Form::Identity),
    scalar("upper", (1, 1), &[Text], Type::Text, "upper({0} COLLATE \"C\")"),
    differs(scalar("zeroblob", (1, 1), &[Integer], Type::Blob, "sqlift.zeroblob({0})"), "the bytes are stored at once"),
];

/// The SQLite whose answers these are; a test holds it to the bundled one.
const VERSION: &str = "'3.53.2'::text";
const SOURCE_ID: &str = "'2026-06-03 19:12:13 d6e03d8c777cfa2d35e3b60d8ec3e0187f3e9f99d8e2ee9cac695fd6fcdf1a24'::text";

/// Functions of SQLite without a rule: name, what is missing, what to do.
pub(crate) static REFUSED: &[(&str, &str, &str)] = &[
    (
        "bm25",
        "belongs to a full text table in the FROM clause",
        "use it where the statement reads an FTS5 table with MATCH",
    ),
    ("fts3_tokenizer", "belongs to SQLite's FTS3", "use an FTS5 table"),
    ("fts5", "hands out a pointer inside SQLite", "leave it out on PostgreSQL"),
    (
        "fts5_get_locale",
        "belongs to locales of FTS5, which PostgreSQL's text search has by configuration",
        "leave it out",
    ),
    ("fts5_insttoken", "works inside SQLite's index", "leave it out"),
    ("fts5_locale", "belongs to locales of FTS5, which PostgreSQL's text search has by configuration", "leave it out"),
    ("fts5_source_id", "names SQLite's source", "ask sqlite_source_id()"),
    (
        "highlight",
        "belongs to a full text table in the FROM clause",
        "use it where the statement reads an FTS5 table with MATCH",
    ),
    (
        "jsonb_extract",
        "gives binary JSON or a plain value by the row",
        "use json_extract(), or jsonb(json_extract(...))",
    ),
    ("load_extension", "loads SQLite's own extensions", "leave it out on PostgreSQL"),
    ("match", "is the MATCH operator of a full text table", "write: t MATCH 'words'"),
    ("matchinfo", "belongs to SQLite's FTS3", "use an FTS5 table with bm25()"),
    ("offsets", "belongs to SQLite's FTS3", "use an FTS5 table with highlight()"),
    ("optimize", "belongs to SQLite's FTS3", "leave it out: PostgreSQL keeps its index in order by itself"),
    ("rtreecheck", "looks into SQLite's R*Tree", "leave it out"),
    ("rtreedepth", "looks into SQLite's R*Tree", "leave it out"),
    ("rtreenode", "looks into SQLite's R*Tree", "leave it out"),
    (
        "snippet",
        "belongs to a full text table in the FROM clause",
        "use it where the statement reads an FTS5 table with MATCH",
    ),
    ("sqlite_compileoption_get", "tells how SQLite was built", "leave it out on PostgreSQL"),
    ("sqlite_log", "writes into SQLite's error log", "use the program's own log"),
];

/// The function of that name, in any case, that takes so many arguments.
pub(crate) fn find(name: &str, arguments: usize) -> Option<&'static Function> {
    rows(name).find(|function| (function.arity.0..=function.arity.1).contains(&arguments))
}

pub(crate) fn exists(name: &str) -> bool {
    rows(name).next().is_some()
}

/// A function may have a row for each number of arguments.
fn rows(name: &str) -> impl Iterator<Item = &'static Function> {
    // Those that begin with the same letter: a handful, mostly of other lengths.
    let alike = match name.as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(first @ b'a'..=b'z') => {
            let letter = usize::from(first - b'a');
            &FUNCTIONS[STARTS[letter]..STARTS[letter + 1]]
        }
        _ => &[],
    };
    alike.iter().filter(move |function| function.name.eq_ignore_ascii_case(name))
}

/// Where the functions of each letter begin, and their end.
static STARTS: [usize; 27] = {
    let mut starts = [FUNCTIONS.len(); 27];
    let mut letter = 26;
    while letter > 0 {
        letter -= 1;
        starts[letter] = starts[letter + 1];
        while starts[letter] > 0 && FUNCTIONS[starts[letter] - 1].name.as_bytes()[0] >= b'a' + letter as u8 {
            starts[letter] -= 1;
        }
    }
    starts
};

/// Names of the rows of `sqlite`'s functions and what they become, for tests and documents.
#[cfg(test)]
pub(crate) static EXAMPLES: &[(&str, &str)] = &[
    (
        "SELECT count(*), count(n), count(DISTINCT name) FROM t",
        "SELECT count(*), count(n), count(DISTINCT name) FROM t",
    ),
    (
        "SELECT sum(n), avg(n), total(n) FROM t",
        "SELECT (sum(n))::bigint, (avg((n) * 1e20) * 1e-20)::float8, coalesce((sum(n))::float8, 0) FROM t",
    ),
    ("SELECT last_insert_rowid(), changes(), last_insert_rowid()", "SELECT $1, $2, $1"),
    ("INSERT INTO keyed(n) VALUES (last_insert_rowid())", "INSERT INTO keyed(n) VALUES ($1)"),
    ("SELECT group_concat(name) FROM t", "SELECT string_agg(name, ',') FROM t"),
    ("SELECT group_concat(n, '; ') FROM t", "SELECT string_agg(n::text, '; ') FROM t"),
    ("SELECT group_concat(DISTINCT name) FROM t", "SELECT sqlift.distinct_list(name) FROM t"),
    ("SELECT max(n), min(name) FROM t", "SELECT max(n), min(name) FROM t"),
    ("SELECT max(id, 3) FROM t", "SELECT GREATEST(id, 3) FROM t"),
    ("SELECT min(n, m) FROM t", "SELECT (CASE WHEN (n) IS NULL OR (m) IS NULL THEN NULL ELSE LEAST(n, m) END) FROM t"),
    ("SELECT ifnull(name, 'x') FROM t", "SELECT coalesce(name, 'x') FROM t"),
    ("SELECT iif(n > 1, 'a', 'b') FROM t", "SELECT (CASE WHEN n > 1 THEN 'a' ELSE 'b' END) FROM t"),
    ("SELECT length(name), length(n) FROM t", "SELECT sqlift.length(name), sqlift.length(n) FROM t"),
    ("SELECT upper(name) FROM t", "SELECT upper(name COLLATE \"C\") FROM t"),
    ("SELECT instr(name, 'x') FROM t", "SELECT strpos(name, 'x') FROM t"),
    ("SELECT substr(name, 1, 2) FROM t", "SELECT substr(name, 1, 2) FROM t"),
    ("SELECT substr(name, -2) FROM t", "SELECT right(name, 2) FROM t"),
    ("SELECT substr(name, instr(name, ' ') + 1) FROM t", "SELECT substr(name, strpos(name, ' ') + 1) FROM t"),
    (
        "SELECT substr(name, 1, instr(name, ' ') - 1) FROM t",
        "SELECT substr(name, 1, GREATEST(strpos(name, ' ') - 1, 0)) FROM t",
    ),
    ("SELECT substr(name, n) FROM t", "SELECT sqlift.substr(name, n) FROM t"),
    (
        "SELECT printf('%03d: %s', n, name) FROM t",
        "SELECT (sqlift.zero_padded(coalesce(n, 0), 3) || ': '::text || coalesce(name, '')) FROM t",
    ),
    ("SELECT trim(name) FROM t", "SELECT btrim(name) FROM t"),
    ("SELECT round(score, 1) FROM t", "SELECT sqlift.round(score, 1::bigint) FROM t"),
    ("SELECT typeof(n) FROM t", "SELECT (CASE WHEN (n) IS NULL THEN 'null' ELSE 'integer' END) FROM t"),
    ("SELECT row_number() OVER (ORDER BY n) FROM t", "SELECT row_number() OVER (ORDER BY n NULLS FIRST) FROM t"),
    ("SELECT json_extract(name, '$.a') FROM t", "SELECT sqlift.json_extract(name, '$.a') FROM t"),
];
