//! What the parser makes of odd statements, compared with SQLite itself.

use super::*;
use crate::translate::ast::*;
use rusqlite::Connection;

/// SQLite's refusal of a statement as text, if it is one that its parser makes.
fn sqlite_refusal(connection: &Connection, sql: &str) -> Result<(), String> {
    match connection.prepare(sql) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqlInputError { msg, .. } | rusqlite::Error::SqliteFailure(_, Some(msg))) => Err(msg),
        Err(other) => Err(other.to_string()),
    }
}

fn connection() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    connection
        .execute_batch(
            "CREATE TABLE t(a, b, c, id INTEGER PRIMARY KEY); CREATE TABLE u(a, b, x UNIQUE, id);
             CREATE VIEW v AS SELECT a FROM t; CREATE INDEX i ON t(a);",
        )
        .expect("the schema is SQLite's");
    connection
}

/// SQLite's parser and ours must agree, in the message too; errors that come later than parsing do not count.
fn disagreement(connection: &Connection, sql: &str) -> Option<String> {
    if let (Err(rusqlite::Error::SqlInputError { msg, offset, .. }), Err(error)) =
        (connection.prepare(sql), parse_statement(sql))
    {
        let has_place = msg.starts_with("near") || msg.starts_with("unrecognized");
        if has_place && usize::try_from(offset) != Ok(error.span.start) {
            return Some(format!("in {sql:?} SQLite points at {offset}, we at {:?}", error.span));
        }
    }
    let ours = parse_statement(sql);
    match (sqlite_refusal(connection, sql), ours) {
        (Ok(()), Ok(_)) => None,
        (Ok(()), Err(error)) => Some(format!("SQLite takes {sql:?}, we say {error}")),
        (Err(theirs), Ok(_)) => {
            let is_parser = theirs.starts_with("near \"")
                || theirs == "incomplete input"
                || theirs.starts_with("unrecognized token");
            is_parser.then(|| format!("SQLite refuses {sql:?}: {theirs}"))
        }
        (Err(theirs), Err(error)) => {
            (theirs != error.message).then(|| format!("in {sql:?} SQLite says {theirs}, we say {error}"))
        }
    }
}

#[test]
fn agrees_with_sqlite() {
    let connection = connection();
    let statements = include_str!("tests/agree.sql").split("\n--\n").map(|sql| sql.trim_end_matches('\n'));
    let disagreements: Vec<String> = statements.filter_map(|sql| disagreement(&connection, sql)).collect();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    let shapes: &[(&str, &str, &str)] = &[
        ("(", "1", ")"),
        ("- ", "1", ""),
        ("NOT ", "1", ""),
        ("f(", "1", ")"),
        ("(SELECT ", "1", ")"),
        ("1 IN (SELECT ", "1", ")"),
        ("EXISTS (SELECT ", "1", ")"),
        ("CASE WHEN ", "1", " THEN 1 END"),
        ("CAST(", "1", " AS INT)"),
        ("1 BETWEEN ", "1", " AND 1"),
        ("1 LIKE (", "1", ")"),
        ("sum(1) OVER (ORDER BY ", "1", ")"),
        ("1 + (", "1", ")"),
        ("(WITH x AS (SELECT ", "1", ") SELECT 1)"),
        ("(SELECT 1 FROM (SELECT ", "1", "))"),
        ("(1, ", "1", ")"),
    ];
    // A test's thread has 2 MiB of stack, and the test is not optimised.
    for (open, middle, close) in shapes {
        for depth in [10, 30, 98, 500, 20_000] {
            let sql = format!("SELECT {}{middle}{}", open.repeat(depth), close.repeat(depth));
            match parse_statement(&sql) {
                Ok(_) => assert!(depth < 500, "{open} {depth} was taken"),
                Err(error) => {
                    assert_eq!(error.kind, ParseErrorKind::TooNested, "{open}: {error}");
                    assert!(depth > 30, "{open} {depth} was refused");
                }
            }
        }
    }
    for joins in [10, 90, 500, 20_000] {
        let sql = format!("SELECT 1 FROM {}t{}", "(".repeat(joins), ")".repeat(joins));
        assert_eq!(parse_statement(&sql).is_ok(), joins < 500);
    }
}

#[test]
fn long_chains_have_sqlites_limit() {
    let connection = connection();
    for operator in [" + ", " OR ", " || ", " AND "] {
        for terms in [999, 1000, 1001, 5000] {
            let sql = format!("SELECT 1{}", format!("{operator}a").repeat(terms - 1)) + " FROM t";
            let ours = parse_statement(&sql).map(drop).map_err(|error| error.message);
            assert_eq!(ours, sqlite_refusal(&connection, &sql), "{terms} terms of {operator}");
        }
    }
}

#[test]
fn counts_have_sqlites_limits() {
    let connection = connection();
    let shapes: &[(&str, &str, usize)] = &[
        ("SELECT * FROM t", "a", 2000),
        ("SELECT 1 FROM t GROUP BY *", "a", 2000),
        ("SELECT 1 FROM t ORDER BY *", "a", 2000),
        ("SELECT sum(a) OVER (ORDER BY *) FROM t", "a", 2000),
        ("SELECT sum(a) OVER (PARTITION BY a, a ORDER BY *) FROM t", "a", 1998),
        ("VALUES (*)", "1", 2000),
        ("DELETE FROM t RETURNING *", "a", 2000),
        ("UPDATE t SET *", "a = 1", 2000),
        ("CREATE TABLE made(*)", "c#", 2000),
        ("CREATE INDEX made ON t(*)", "a", 2000),
        ("SELECT max(*)", "1", 1000),
        ("SELECT 1 FROM *", "t", 64),
        ("SELECT 1 FROM * JOIN u", "t", 200),
    ];
    for (shape, item, limit) in shapes {
        for count in [*limit, limit + 1] {
            let items: Vec<String> = (0..count).map(|number| item.replace('#', &number.to_string())).collect();
            let sql = shape.replace('*', &items.join(", "));
            let ours = parse_statement(&sql).map(drop).map_err(|error| error.message);
            assert_eq!(ours, sqlite_refusal(&connection, &sql), "{count} in {shape}");
        }
    }
}

#[test]
fn heights_of_subqueries_add_up_as_in_sqlite() {
    let connection = connection();
    for (open, close) in [
        ("(SELECT ", ")"),
        ("1 + (SELECT ", ")"),
        ("abs((SELECT ", "))"),
        ("EXISTS (SELECT 1 WHERE ", ")"),
        ("1 IN (SELECT ", ")"),
    ] {
        for depth in 10..60 {
            let sql = format!("SELECT {}1{}", open.repeat(depth), close.repeat(depth));
            let ours = parse_nested(&sql, 2500, BooleanWords::Constants).map(drop).map_err(|error| error.message);
            assert_eq!(ours, sqlite_refusal(&connection, &sql), "{depth} times {open}");
        }
    }
}

/// An expression with its structure made visible: operators in front, in parentheses.
fn show(expr: &Expr, sql: &str) -> String {
    let one = |expr: &Expr| show(expr, sql);
    let all = |list: &[Expr]| list.iter().map(one).collect::<Vec<_>>().join(" ");
    match &expr.kind {
        ExprKind::Unary { operator, operand } => format!("({operator:?} {})", one(operand)),
        ExprKind::Binary { operator, left, right, .. } => format!("({operator:?} {} {})", one(left), one(right)),
        ExprKind::NullTest { operand, negated, .. } => {
            format!("({} {})", if *negated { "NotNull" } else { "IsNull" }, one(operand))
        }
        ExprKind::Like { operator, negated, left, right, escape, .. } => {
            let escape = escape.as_ref().map_or(String::new(), |escape| format!(" escape {}", one(escape)));
            format!("({}{operator:?} {} {}{escape})", if *negated { "not " } else { "" }, one(left), one(right))
        }
        ExprKind::Between { negated, operand, low, high } => {
            let not = if *negated { "not " } else { "" };
            format!("({not}Between {} {} {})", one(operand), one(low), one(high))
        }
        ExprKind::In { negated, operand, set, .. } => {
            let set = match &**set {
                InSet::List { values, .. } => all(values),
                InSet::Select { span, .. } | InSet::Function { span, .. } => span.text(sql).to_owned(),
                InSet::Table(name) => name.span.text(sql).to_owned(),
            };
            format!("({}In {} [{set}])", if *negated { "not " } else { "" }, one(operand))
        }
        ExprKind::Collate { operand, collation } => format!("(Collate {} {})", one(operand), collation.text),
        ExprKind::Parenthesized(inner) => format!("<{}>", one(inner)),
        ExprKind::Row(values) => format!("(Row {})", all(values)),
        ExprKind::Exists { negated, .. } => format!("({}Exists)", if *negated { "not " } else { "" }),
        ExprKind::Boolean(value) => format!("{value}"),
        ExprKind::Placeholder(number) => format!("?{number}"),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Blob(bytes) => format!("{bytes:?}"),
        ExprKind::Column { schema, table, column } => [schema.as_deref(), table.as_ref(), Some(column)]
            .into_iter()
            .flatten()
            .map(|name| &*name.text)
            .collect::<Vec<_>>()
            .join("."),
        _ => expr.span.text(sql).to_owned(),
    }
}

#[track_caller]
fn check_expression(expression: &str, expected: &str) {
    let sql = format!("SELECT {expression}");
    let statement = parse_statement(&sql).expect("a statement");
    let StatementKind::Select(select) = statement.kind else { panic!("no query") };
    let SelectCoreKind::Select(core) = select.body.first.kind else { panic!("no SELECT") };
    let ResultColumnKind::Expr { expr, .. } = &core.columns[0].kind else { panic!("no expression") };
    assert_eq!(show(expr, &sql), expected);
    assert_eq!(expr.span.text(&sql), expression);
}

#[test]
fn precedence() {
    for (expression, expected) in [
        ("a = b = c", "(Equal (Equal a b) c)"),
        ("a OR b AND c", "(Or a (And b c))"),
        ("NOT a = b", "(Not (Equal a b))"),
        ("NOT a AND b", "(And (Not a) b)"),
        ("a < b = c", "(Equal (Less a b) c)"),
        ("a = b < c", "(Equal a (Less b c))"),
        ("a & b = c", "(Equal (BitAnd a b) c)"),
        ("a | b & c", "(BitAnd (BitOr a b) c)"),
        ("a + b << c", "(ShiftLeft (Add a b) c)"),
        ("a - b - c * d", "(Subtract (Subtract a b) (Multiply c d))"),
        ("a * b || c", "(Multiply a (Concat b c))"),
        ("a -> b ->> c || d", "(Concat (JsonArrowText (JsonArrow a b) c) d)"),
        ("- a || b", "(Concat (Minus a) b)"),
        ("- - 4", "(Minus (Minus 4))"),
        ("~ a COLLATE x", "(Collate (BitNot a) x)"),
        ("a || b COLLATE x = c", "(Equal (Concat a (Collate b x)) c)"),
        ("a IS NOT NULL", "(IsNot a NULL)"),
        ("a IS NOT NOT b", "(IsNot a (Not b))"),
        ("a IS NOT DISTINCT FROM b", "(Is a b)"),
        ("a IS DISTINCT FROM b AND c", "(And (IsNot a b) c)"),
        ("a = b ISNULL", "(IsNull (Equal a b))"),
        ("a AND b NOT NULL", "(And a (NotNull b))"),
        ("a LIKE b || c ESCAPE d", "(Like a (Concat b c) escape d)"),
        ("a NOT LIKE b = c", "(Equal (not Like a b) c)"),
        ("a LIKE b < c", "(Like a (Less b c))"),
        ("a BETWEEN b AND c AND d", "(And (Between a b c) d)"),
        ("a NOT BETWEEN b = c AND d + 1", "(not Between a (Equal b c) (Add d 1))"),
        ("a IN (1, 2) = b", "(Equal (In a [1 2]) b)"),
        ("a NOT IN main.t", "(not In a [main.t])"),
        ("NOT EXISTS (SELECT 1)", "(not Exists)"),
        ("NOT NOT EXISTS (SELECT 1)", "(Not (not Exists))"),
        ("(a, 1) = (?, ?)", "(Equal (Row a 1) (Row ?1 ?2))"),
        ("((a))", "<<a>>"),
        ("main.\"t\".`c`", "main.t.c"),
        ("TRUE + false", "(Add true false)"),
        ("'it''s' || x'0aFF'", "(Concat \"it's\" [10, 255])"),
        ("+ 1 = a == b <> c != d", "(NotEqual (NotEqual (Equal (Equal (Plus 1) a) b) c) d)"),
    ] {
        check_expression(expression, expected);
    }
}

/// Parts of trees that the comparison with SQLite cannot see, as they stand in the tree's Debug text.
#[test]
fn parts_of_statements() {
    for (sql, part) in [
        ("INSERT OR IGNORE INTO t DEFAULT VALUES", "or: Some(Ignore)"),
        ("REPLACE INTO t VALUES (1)", "or: Some(Replace)"),
        ("SELECT 1 LIMIT 2, 3", "comma: true"),
        ("SELECT 1 ORDER BY 1 DESC NULLS FIRST", "order: Some(Desc), nulls: Some(First)"),
        ("SELECT * FROM t NATURAL LEFT JOIN u", "JoinOperator { natural: true, kind: Left }"),
        ("SELECT * FROM t LEFT RIGHT JOIN u", "JoinOperator { natural: false, kind: Full }"),
        ("SELECT * FROM t INNER JOIN u", "JoinOperator { natural: false, kind: Inner }"),
        ("SELECT count(DISTINCT a)", "star: false, distinct: true"),
        ("SELECT 1 UNION ALL SELECT 2", "operator: UnionAll"),
        ("SELECT sum(a) OVER (ROWS CURRENT ROW EXCLUDE TIES)", "start: CurrentRow, end: None, exclude: Some(Ties)"),
        ("WITH x AS NOT MATERIALIZED (SELECT 1) SELECT 1", "materialized: Some(false)"),
        ("CREATE TABLE t(a VARCHAR (10, -2))", "name: \"VARCHAR\", size: [\"10\", \"-2\"]"),
        ("CREATE TABLE t(a UNSIGNED  'big' INT)", "name: \"UNSIGNED big INT\", size: []"),
        ("CREATE TABLE t(a INT GENERATED ALWAYS AS (1) STORED)", "name: \"INT\", size: []"),
        ("CREATE TABLE t(a INT GENERATED ALWAYS AS (1) STORED)", "stored: true"),
        (
            "CREATE TABLE t(a INTEGER PRIMARY KEY DESC AUTOINCREMENT)",
            "order: Some(Desc), on_conflict: None, autoincrement: true",
        ),
        ("CREATE TABLE t(a REFERENCES u ON DELETE SET NULL)", "on_delete: Some(SetNull), on_update: None"),
        (
            "CREATE TABLE t(a REFERENCES u NOT NULL DEFERRABLE INITIALLY DEFERRED)",
            "deferrable: Some(Deferrable { deferrable: true, initially_deferred: true })",
        ),
        ("CREATE TABLE t(a) WITHOUT ROWID, STRICT", "without_rowid: true, strict: true"),
        ("CREATE VIRTUAL TABLE t USING fts5(a, b = 'c, d')", "\"b = 'c, d'\""),
        ("CREATE TRIGGER x INSTEAD OF UPDATE OF a ON t BEGIN SELECT 1; END", "time: Some(InsteadOf)"),
        ("DROP VIEW IF EXISTS a.b", "object: View, if_exists: true"),
        ("ROLLBACK TRANSACTION TO x", "Rollback { to: Some(Name"),
        ("BEGIN IMMEDIATE TRANSACTION", "Begin { behavior: Some(Immediate) }"),
        (
            "PRAGMA a.b(-1)",
            "call: true, value: Expr { span: Span { start: 11, end: 13 }, kind: Unary { operator: Minus",
        ),
        ("EXPLAIN QUERY PLAN SELECT 1", "query_plan: true"),
    ] {
        let debug = format!("{:?}", parse_statement(sql).expect("a statement"));
        assert!(debug.contains(part), "{part} is not in {debug}");
    }
}

#[test]
fn one_statement_only() {
    #[track_caller]
    fn check(sql: &str, kind: ParseErrorKind, place: &str) {
        let error = parse_statement(sql).expect_err("no single statement");
        assert_eq!((error.kind, error.span.text(sql)), (kind, place));
    }
    check("", ParseErrorKind::Empty, "");
    check(" -- nothing\n ; /* here */", ParseErrorKind::Empty, "");
    check("SELECT 1; SELECT 2", ParseErrorKind::MultipleStatements, "SELECT 2");
    check("SELECT 1; 'open", ParseErrorKind::MultipleStatements, "'open");
    check("SELECT 1 'a' 'b'", ParseErrorKind::Syntax, "'b'");
    check("SELECT 1 +", ParseErrorKind::Incomplete, "");
    check("SELECT 'open", ParseErrorKind::UnrecognizedToken, "'open");
    check("SELECT ?0", ParseErrorKind::Placeholder, "?0");
    check("SELECT 1 FROM t OUTER JOIN u", ParseErrorKind::Invalid, "OUTER JOIN");
    let sql = "/* a */ ; SELECT 1 -- b\n ; ; -- c";
    assert_eq!(parse_statement(sql).map(|statement| statement.span.text(sql)), Ok("SELECT 1"));
}

/// A test's thread has 2 MiB of stack.
#[test]
fn tall_expressions_are_translated_on_a_stack_that_holds_them() {
    for terms in [30, 300, 999] {
        let sql = format!("SELECT {}", vec!["1"; terms].join(" + "));
        let translation = crate::translate::translate(
            &sql,
            &crate::translate::Catalog::default(),
            &crate::translate::Options::default(),
        );
        assert!(translation.is_ok(), "{terms} terms: {translation:?}");
    }
}
