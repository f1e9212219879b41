//! The parser against two judges: SQLite itself (taken or refused, with the same message) and `sqlite3-parser`, an
//! implementation of SQLite's grammar (the same trees).

use crate::support::Random;
use rusqlite::Connection;
use sqlift::syntax::TokenKind;
use sqlift::translate::ast::StatementKind;
use sqlift::translate::parser::{ParseErrorKind, parse_statement};
use sqlite3_parser::{Bump, FallibleIterator as _, lexer::sql::Parser};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Statements of every kind; the parser's own tests compare them with SQLite's messages.
const TABLE: &str = include_str!("../../src/translate/parser/tests/agree.sql");

fn table() -> impl Iterator<Item = &'static str> {
    TABLE.split("\n--\n").map(|sql| sql.trim_end_matches('\n'))
}

/// The folder of materials beside the repository, which not every checkout has.
fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared", "../../shared"].iter().map(|shared| root.join(shared).join(path)).find(|at| at.exists());
    if found.is_none() {
        eprintln!("SKIPPED: there is no shared/{path} beside the repository, its statements were not parsed");
    }
    found
}

/// The semantics cases: for each the set-up and then everything that runs on it.
fn cases() -> Vec<(Vec<String>, Vec<String>)> {
    let Some(path) = shared("semantics/cases.json") else { return Vec::new() };
    let text = std::fs::read_to_string(path).expect("the cases are readable");
    let json: serde_json::Value = serde_json::from_str(&text).expect("the cases are JSON");
    let strings = |value: &serde_json::Value| -> Vec<String> {
        let list = value.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|item| item.as_str()).map(str::to_owned).collect()
    };
    let cases = json["cases"].as_array().expect("a list of cases");
    let case = |case: &serde_json::Value| {
        let mut statements = strings(&case["steps"]);
        statements.extend(["sql", "check"].iter().filter_map(|key| case[key].as_str()).map(str::to_owned));
        (strings(&case["setup"]), statements)
    };
    cases.iter().map(case).collect()
}

/// Every 50th record of the logic tests.
fn logic_tests() -> Vec<String> {
    let Some(root) = shared("sqllogictest") else { return Vec::new() };
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "test") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("the file is readable").replace("\r\n", "\n");
        for record in text.split("\n\n").step_by(50) {
            let mut lines =
                record.lines().skip_while(|line| !line.starts_with("statement") && !line.starts_with("query"));
            if lines.next().is_some() {
                found.push(lines.take_while(|line| !line.starts_with("----")).collect::<Vec<_>>().join("\n"));
            }
        }
    }
    found
}

// ---- SQLite

/// How SQLite and we differ about `sql`; errors that SQLite finds behind its parser do not count.
fn differs_from_sqlite(connection: &Connection, sql: &str) -> Option<String> {
    let theirs = match connection.prepare(sql) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqlInputError { msg, .. } | rusqlite::Error::SqliteFailure(_, Some(msg))) => Err(msg),
        Err(other) => Err(other.to_string()),
    };
    match (theirs, parse_statement(sql)) {
        (Ok(()), Err(error)) if error.kind != ParseErrorKind::Empty => Some(format!("{sql}: taken, but: {error}")),
        (Err(theirs), ours) => {
            let is_parser = theirs.starts_with("near \"")
                || theirs == "incomplete input"
                || theirs.starts_with("unrecognized token");
            // The bundled SQLite is built without SQLITE_ENABLE_UPDATE_DELETE_LIMIT; we take what others take.
            let is_limited_write =
                matches!(theirs.as_str(), "near \"ORDER\": syntax error" | "near \"LIMIT\": syntax error")
                    && ours.as_ref().is_ok_and(|statement| {
                        matches!(statement.kind, StatementKind::Update(_) | StatementKind::Delete(_))
                    });
            if is_limited_write {
                return None;
            }
            let ours = ours.map(drop).map_err(|error| error.message);
            (is_parser && ours.as_ref() != Err(&theirs)).then(|| format!("{sql}: {theirs}, but: {ours:?}"))
        }
        _ => None,
    }
}

#[test]
fn takes_and_refuses_what_sqlite_does() {
    let mut differences = Vec::new();
    let mut count = 0;
    for (setup, statements) in cases() {
        let connection = Connection::open_in_memory().expect("SQLite opens in memory");
        for sql in &setup {
            differences.extend(differs_from_sqlite(&connection, sql));
            connection.execute_batch(sql).unwrap_or_else(|error| eprintln!("{sql}: {error}"));
            count += 1;
        }
        for sql in &statements {
            differences.extend(differs_from_sqlite(&connection, sql));
            count += 1;
        }
    }
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    for sql in logic_tests() {
        differences.extend(differs_from_sqlite(&connection, &sql));
        if sql.starts_with("CREATE TABLE") {
            connection.execute_batch(&sql).unwrap_or_default();
        }
        count += 1;
    }
    eprintln!("{count} statements of the shared corpora");
    assert!(differences.is_empty(), "{} of {count}:\n{}", differences.len(), differences.join("\n"));
}

// ---- sqlite3-parser

/// Its tree as text, with parentheses that only group taken away; `None` when it refuses the statement.
fn judge(sql: &str) -> Option<String> {
    let bump = Bump::new();
    let mut parser = Parser::new(&bump, sql.as_bytes());
    match parser.next() {
        Ok(Some(command)) => Some(without_grouping(&format!("{command:?}"))),
        _ => None,
    }
}

/// Takes `Parenthesized([x])` for one `x` down to `x`.
fn without_grouping(debug: &str) -> String {
    const OPEN: &str = "Parenthesized([";
    let mut out = String::new();
    // For every open bracket: where it begins in `out`, whether it is OPEN, and whether a comma was seen in it.
    let mut stack: Vec<(usize, bool, bool)> = Vec::new();
    let mut rest = debug;
    while let Some(next) = rest.chars().next() {
        let mut taken = next.len_utf8();
        match next {
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|character| {
                    let ends = character == '"' && !escaped;
                    escaped = character == '\\' && !escaped;
                    ends
                });
                taken = end.expect("Debug closes its strings") + 2;
                out.push_str(&rest[..taken]);
            }
            _ if rest.starts_with(OPEN) => {
                stack.push((out.len(), true, false));
                taken = OPEN.len();
                out.push_str(OPEN);
            }
            '(' | '[' | '{' => {
                stack.push((out.len(), false, false));
                out.push(next);
            }
            ')' | ']' | '}' => {
                out.push(next);
                let (start, groups, comma) = stack.pop().expect("Debug balances its brackets");
                if groups {
                    taken = 2;
                    out.push(')');
                    if !comma {
                        let inner = out[start + OPEN.len()..out.len() - 2].to_owned();
                        out.replace_range(start.., &inner);
                    }
                }
            }
            ',' => {
                if let Some(last) = stack.last_mut() {
                    last.2 = true;
                }
                out.push(next);
            }
            _ => out.push(next),
        }
        rest = &rest[taken..];
    }
    out
}

/// The spans of our tree's expressions, read from its Debug text so that no place in the tree is forgotten.
fn expression_spans(debug: &str, keep: impl Fn(&str) -> bool) -> Vec<(usize, usize)> {
    let number = |text: &str| -> usize {
        text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("an offset")
    };
    let mut spans = Vec::new();
    for piece in debug.split("Expr { span: Span { start: ").skip(1) {
        let (_, end) = piece.split_once(", end: ").expect("an end");
        let (_, kind) = end.split_once("kind: ").expect("a kind");
        if keep(kind) {
            spans.push((number(piece), number(end)));
        }
    }
    spans
}

/// The statement with parentheses around every expression that our tree holds; in the statements whose grammar does not
/// take them around names and literals, around the infix operators.
fn grouped(sql: &str, debug: &str) -> String {
    let mut edits: Vec<(usize, i64, char)> = Vec::new();
    let anywhere = is_query_or_write(sql);
    let is_infix = |kind: &str| {
        ["Binary {", "Like {", "Between {", "In {", "NullTest {"].iter().any(|infix| kind.starts_with(infix))
    };
    for (start, end) in expression_spans(debug, |kind| anywhere || is_infix(kind)) {
        let length = i64::try_from(end - start).expect("a short statement");
        // Where several begin, the longest opens first; where several end, the shortest closes first.
        edits.push((start, i64::MAX - length, '('));
        edits.push((end, length - i64::MAX, ')'));
    }
    edits.sort_unstable();
    let mut out = String::new();
    let mut copied = 0;
    for (at, _, bracket) in edits {
        out.push_str(&sql[copied..at]);
        out.push(bracket);
        copied = at;
    }
    out.push_str(&sql[copied..]);
    out
}

/// With our tree's structure made explicit by parentheses, the judge must see the same tree as without.
fn differs_from_judge(sql: &str) -> Option<String> {
    let ours = parse_statement(sql).ok()?;
    let plain = judge(sql)?;
    let grouped = grouped(sql, &format!("{ours:?}"));
    match judge(&grouped) {
        Some(tree) if tree == plain => None,
        Some(tree) => Some(format!("{sql}\n  {plain}\n  {tree}")),
        None => Some(format!("{sql}: not taken as {grouped}")),
    }
}

/// Kinds of statements in which an expression may be put into parentheses anywhere.
fn is_query_or_write(sql: &str) -> bool {
    let first = sql.trim_start().split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
    ["SELECT", "VALUES", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE", "EXPLAIN"]
        .iter()
        .any(|keyword| first.eq_ignore_ascii_case(keyword))
}

#[test]
fn trees_are_those_of_sqlites_grammar() {
    let mut statements: Vec<String> = table().map(str::to_owned).collect();
    statements.extend(cases().into_iter().flat_map(|(setup, statements)| setup.into_iter().chain(statements)));
    statements.extend(logic_tests());
    let compared = statements.iter().filter(|sql| parse_statement(sql).is_ok() && judge(sql).is_some()).count();
    let differences: Vec<String> = statements.iter().filter_map(|sql| differs_from_judge(sql)).collect();
    eprintln!("{compared} trees compared");
    assert!(compared > 150, "only {compared} of {} statements were compared", statements.len());
    assert!(differences.is_empty(), "{} of {compared}:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn trees_of_random_operators_are_those_of_sqlites_grammar() {
    const INFIX: &[&str] = &[
        "OR",
        "AND",
        "=",
        "==",
        "<>",
        "IS",
        "IS NOT",
        "IS DISTINCT FROM",
        "IS NOT DISTINCT FROM",
        "LIKE",
        "NOT LIKE",
        "GLOB",
        "MATCH",
        "REGEXP",
        "<",
        "<=",
        ">",
        ">=",
        "&",
        "|",
        "<<",
        ">>",
        "+",
        "-",
        "*",
        "/",
        "%",
        "||",
        "->",
        "->>",
    ];
    const PREFIX: &[&str] = &["NOT ", "- ", "+ ", "~ "];
    const POSTFIX: &[&str] =
        &[" ISNULL", " NOTNULL", " NOT NULL", " COLLATE nocase", " IN (1, 2)", " NOT IN (SELECT 1)"];
    let mut random = Random::new(3);
    let mut operand = move |random_tail: bool| {
        let mut text = String::new();
        for _ in 0..random.below(3) {
            text.push_str(PREFIX[random.below(PREFIX.len())]);
        }
        text.push_str(["a", "1", "t.b", "f(c)", "'x'", "?", "EXISTS (SELECT 1)"][random.below(7)]);
        if random.below(4) == 0 {
            text.push_str(POSTFIX[random.below(POSTFIX.len())]);
        }
        if random_tail {
            match random.below(6) {
                0 => text.push_str(" BETWEEN 1 AND "),
                1 => text.push_str(" NOT BETWEEN b | 1 AND "),
                2 => text.push_str(" LIKE b ESCAPE "),
                _ => {
                    let _ = write!(text, " {} ", INFIX[random.below(INFIX.len())]);
                }
            }
        }
        text
    };
    let mut compared = 0;
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    connection.execute_batch("CREATE TABLE t(a, b, c)").expect("the schema is SQLite's");
    for round in 0..4000 {
        let mut sql = "SELECT ".to_owned();
        for _ in 0..1 + round % 6 {
            sql.push_str(&operand(true));
        }
        sql.push_str(&operand(false));
        sql.push_str(" FROM t");
        assert_eq!(differs_from_sqlite(&connection, &sql), None);
        assert_eq!(differs_from_judge(&sql), None);
        compared += usize::from(judge(&sql).is_some());
    }
    assert!(compared > 3000, "only {compared} random expressions were compared");
}

// ---- any text

/// Whatever the text: no panic, and every span lies inside it, on character boundaries.
#[test]
fn mutated_statements_keep_their_spans_inside_the_text() {
    let seeds: Vec<&str> = table().collect();
    let scraps = [
        "'", "\"", "[", "]", "`", "(", ")", ",", ";", ".", "--", "/*", "*/", "::", "?", ":a", "$", "$b", "1$a",
        "x'3f'$a", "?1$c", "#d", "é", "\u{feff}", "\0", " ", "x'", "0x", "1e", "_", "NOT", "SELECT", "FROM", "IN",
        "BETWEEN", "AND", "CASE", "END", "WITH", "AS", "ON", "OVER",
    ];
    let mut random = Random::new(4);
    for _ in 0..6000 {
        let mut text = seeds[random.below(seeds.len())].to_owned();
        for _ in 0..1 + random.below(4) {
            let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let at = boundaries[random.below(boundaries.len())];
            match random.below(4) {
                0 => text.truncate(at),
                1 if at < text.len() => drop(text.remove(at)),
                2 => {
                    let other = seeds[random.below(seeds.len())];
                    text.insert_str(at, other);
                }
                _ => text.insert_str(at, scraps[random.below(scraps.len())]),
            }
        }
        sane(&text);
    }
}

fn sane(text: &str) {
    let tokens: usize = sqlift::syntax::tokens(text).map(|token| token.span.text(text).len()).sum();
    assert_eq!(tokens, text.len(), "tokens cover {text:?}");
    for span in sqlift::syntax::statements(text).into_iter().flatten() {
        assert!(!span.text(text).is_empty());
    }
    if let Ok(found) = sqlift::syntax::placeholders(text) {
        let fast = found.uses.into_iter().map(|one| one.span);
        let tokens = sqlift::syntax::tokens(text).filter(|token| token.kind == TokenKind::Placeholder);
        assert!(fast.eq(tokens.map(|token| token.span)), "placeholders of {text:?}");
    }
    drop((sqlift::syntax::rewrite(text), sqlift::syntax::rewrite_native(text)));
    match parse_statement(text) {
        Ok(statement) => {
            for (start, end) in expression_spans(&format!("{statement:?}"), |_| true) {
                assert!(text.get(start..end).is_some_and(|piece| !piece.is_empty()), "{start}..{end} of {text:?}");
            }
            assert_eq!(statement.span.text(text), statement.span.text(text).trim());
        }
        Err(error) => assert!(text.get(error.span.start..error.span.end).is_some(), "{error:?} of {text:?}"),
    }
}
