//! Tables of what the lexer, the numbering and the splitter say.

use super::*;

#[track_caller]
fn check_tokens(sql: &str, expected: &[(TokenKind, &str)]) {
    let found: Vec<Token> = tokens(sql).collect();
    assert_eq!(found.iter().map(|token| token.span.text(sql)).collect::<String>(), sql, "tokens cover the text");
    let significant: Vec<(TokenKind, &str)> =
        found.iter().filter(|token| token.kind != TokenKind::Blank).map(|t| (t.kind, t.span.text(sql))).collect();
    assert_eq!(significant, expected, "in {sql:?}");
}

#[test]
fn token_kinds() {
    use TokenKind::*;
    check_tokens("", &[]);
    check_tokens("a b1 _c $d é", &[(Word, "a"), (Word, "b1"), (Word, "_c"), (Placeholder, "$d"), (Word, "é")]);
    check_tokens("a$b naïve$", &[(Word, "a$b"), (Word, "naïve$")]);
    check_tokens("'it''s' ''", &[(String, "'it''s'"), (String, "''")]);
    check_tokens(r#""a""b" `c``d` [e [f]"#, &[(DoubleQuoted, r#""a""b""#), (Backtick, "`c``d`"), (Bracket, "[e [f]")]);
    check_tokens(
        "x'00fF' X'' x'0' x'0g' x",
        &[(Blob, "x'00fF'"), (Blob, "X''"), (Illegal, "x'0'"), (Illegal, "x'0g'"), (Word, "x")],
    );
    check_tokens("x'00", &[(Unterminated, "x'00")]);
    check_tokens("'abc", &[(Unterminated, "'abc")]);
    check_tokens("'abc''", &[(Unterminated, "'abc''")]);
    check_tokens("\"é", &[(Unterminated, "\"é")]);
    check_tokens("[a", &[(Unterminated, "[a")]);
    check_tokens("-- a 'b\nc", &[(LineComment, "-- a 'b"), (Word, "c")]);
    check_tokens("/* a /* b */ c */", &[(BlockComment, "/* a /* b */"), (Word, "c"), (Star, "*"), (Slash, "/")]);
    check_tokens("1 /* never closed", &[(Integer, "1"), (BlockComment, "/* never closed")]);
    check_tokens("/**/1/***/", &[(BlockComment, "/**/"), (Integer, "1"), (BlockComment, "/***/")]);
    check_tokens("/*", &[(Slash, "/"), (Star, "*")]);
    check_tokens(
        "0x1F 0x 0xg 1_000 1__0 1_ 0x1_F",
        &[
            (HexInteger, "0x1F"),
            (Illegal, "0x"),
            (Illegal, "0xg"),
            (Integer, "1_000"),
            (Illegal, "1__0"),
            (Illegal, "1_"),
            (HexInteger, "0x1_F"),
        ],
    );
    check_tokens(
        "1. .5 1.5e3 1e-2 1e 1.e5 1._5 1e1_0 12ab",
        &[
            (Float, "1."),
            (Float, ".5"),
            (Float, "1.5e3"),
            (Float, "1e-2"),
            (Illegal, "1e"),
            (Float, "1.e5"),
            (Illegal, "1._5"),
            (Float, "1e1_0"),
            (Illegal, "12ab"),
        ],
    );
    check_tokens("t.c 1.2.3", &[(Word, "t"), (Dot, "."), (Word, "c"), (Float, "1.2"), (Float, ".3")]);
    check_tokens(
        "? ?12 :a @b $c #d #1 :",
        &[
            (Placeholder, "?"),
            (Placeholder, "?12"),
            (Placeholder, ":a"),
            (Placeholder, "@b"),
            (Placeholder, "$c"),
            (Placeholder, "#d"),
            (Illegal, "#1"),
            (Illegal, ":"),
        ],
    );
    check_tokens(
        "$a::b(c d) $a::b(c) :1 $(x)",
        &[
            (Illegal, "$a::b(c"),
            (Word, "d"),
            (RightParen, ")"),
            (Placeholder, "$a::b(c)"),
            (Placeholder, ":1"),
            (Illegal, "$"),
            (LeftParen, "("),
            (Word, "x"),
            (RightParen, ")"),
        ],
    );
    check_tokens("a::b", &[(Word, "a"), (Illegal, ":"), (Placeholder, ":b")]);
    check_tokens(
        "<<<=<><>>>=>=====!=!||||->->>-|&~%",
        &[
            (ShiftLeft, "<<"),
            (LessEqual, "<="),
            (NotEqual, "<>"),
            (NotEqual, "<>"),
            (ShiftRight, ">>"),
            (Equal, "="),
            (GreaterEqual, ">="),
            (Equal, "=="),
            (Equal, "=="),
            (NotEqual, "!="),
            (Illegal, "!"),
            (Concat, "||"),
            (Concat, "||"),
            (Arrow, "->"),
            (ArrowText, "->>"),
            (Minus, "-"),
            (BitOr, "|"),
            (BitAnd, "&"),
            (BitNot, "~"),
            (Percent, "%"),
        ],
    );
    check_tokens("^ \\ { \u{1}", &[(Illegal, "^"), (Illegal, "\\"), (Illegal, "{"), (Illegal, "\u{1}")]);
    check_tokens("\u{feff}a\u{feff}", &[(Word, "a\u{feff}")]);
    check_tokens("'a\0b'", &[(Unterminated, "'a"), (Illegal, "\0"), (Word, "b"), (Unterminated, "'")]);
}

#[test]
fn placeholder_numbers() {
    #[track_caller]
    fn check(rows: &[(&str, &str, &[usize], &str)]) {
        for (sqlite, postgres, slots, why) in rows {
            let rewritten = rewrite(sqlite).expect("numbers within the limit");
            assert_eq!((rewritten.sql.as_str(), rewritten.slots.as_slice()), (*postgres, *slots), "{why}: {sqlite}");
        }
    }
    check(&[
        // sqlite                  postgres                 slots      why
        ("VALUES (?, ?)", "VALUES ($1, $2)", &[1, 2], "in order of appearance"),
        ("VALUES (?2, ?)", "VALUES ($1, $2)", &[2, 3], "PostgreSQL cannot type a $1 nobody uses"),
        ("VALUES (:a, ?, :a)", "VALUES ($1, $2, $1)", &[1, 2], "a name keeps its number"),
        ("SELECT '?1', ?1 -- ?2", "SELECT '?1', $1 -- ?2", &[1], "literals and comments stay"),
        ("SELECT \"?\", `:a`, [@b], x'00', ?", "SELECT \"?\", `:a`, [@b], x'00', $1", &[1], "quoted names stay"),
        ("SELECT :a, @a, $a, :A", "SELECT $1, $2, $3, $4", &[1, 2, 3, 4], "prefix and case are part of the name"),
        ("SELECT ?3, ?1, ?3", "SELECT $1, $2, $1", &[3, 1], "dense in order of first use"),
        ("SELECT ?5, :a, ?2, ?", "SELECT $1, $2, $3, $4", &[5, 6, 2, 7], "one more than the largest"),
        ("SELECT :1, $1, ?1", "SELECT $1, $2, $1", &[1, 2], ":1 and $1 are names"),
        ("SELECT a->>? FROM t", "SELECT a->>$1 FROM t", &[1], "next to a JSON operator"),
    ]);
}

#[test]
fn placeholder_limits() {
    #[track_caller]
    fn check(sql: &str, kind: ErrorKind, message: &str, place: &str) {
        let error = placeholders(sql).expect_err("out of range");
        assert_eq!((error.kind(), error.message(), error.span().text(sql)), (kind, message, place));
    }
    let range = "variable number must be between ?1 and ?32766";
    check("SELECT ?0", ErrorKind::VariableNumber, range, "?0");
    check("SELECT 1, ?32767", ErrorKind::VariableNumber, range, "?32767");
    check("SELECT ?99999999999999999999", ErrorKind::VariableNumber, range, "?99999999999999999999");
    check("SELECT ?32766, ?", ErrorKind::TooManyVariables, "too many SQL variables", "?");
    assert_eq!(placeholders("SELECT ?32766").map(|found| found.count), Ok(32766));
}

/// The quick search finds what the lexer finds.
#[test]
fn placeholders_behind_points_and_digits() {
    for sql in [
        "4.$5",
        "(8.,4.$5,5)",
        "t4.$5",
        "t.$a",
        "5.4.$a",
        ".4.$a",
        "1e5.$a",
        "0x1.$a",
        "4$5",
        "4.5$a",
        "a.$b.$c",
        "a\u{feff}$1",
        "\u{feff}$1",
        "\u{feff}\0\u{feff}$1e",
        "4.$a.$b",
    ] {
        let slow = tokens(sql).filter(|token| token.kind == TokenKind::Placeholder).map(|token| token.span);
        let found = placeholders(sql).expect("names are no numbers out of range");
        assert!(found.uses.iter().map(|one| one.span).eq(slow), "{sql}: {found:?}");
    }
}

#[test]
fn native_placeholders() {
    #[track_caller]
    fn check(rows: &[(&str, &str, &[usize], &str)]) {
        for (native, postgres, slots, why) in rows {
            let rewritten = rewrite_native(native).expect("numbers within the limit");
            assert_eq!((rewritten.sql.as_str(), rewritten.slots.as_slice()), (*postgres, *slots), "{why}: {native}");
        }
    }
    check(&[
        ("SELECT ?::int", "SELECT $1::int", &[1], "a cast"),
        ("SELECT :a::int, x::text", "SELECT $1::int, x::text", &[1], "a cast is no name"),
        ("SELECT ?2, ?", "SELECT $1, $2", &[2, 3], "dense without $n"),
        ("SELECT $1, $3", "SELECT $1, $3", &[1, 2, 3], "PostgreSQL's own numbers stay"),
        ("SELECT $2, ?, :a", "SELECT $2, $3, $4", &[1, 2, 3, 4], "beside a $n nothing is renumbered"),
        ("SELECT $$ ? $$, $t$ ? $$ :a $t$, ?", "SELECT $$ ? $$, $t$ ? $$ :a $t$, $1", &[1], "dollar quotes"),
        ("SELECT $name, a$b", "SELECT $1, a$b", &[1], "$name, and a $ inside a name"),
        (r"SELECT E'\'?', e'\\', ?", r"SELECT E'\'?', e'\\', $1", &[1], "backslashes count in E''"),
        (r"SELECT '\', ?", r"SELECT '\', $1", &[1], "and nowhere else"),
        ("SELECT 'it''s ?', ?", "SELECT 'it''s ?', $1", &[1], "doubled quotes"),
        ("SELECT /* a /* ? */ ? */ ? -- ?", "SELECT /* a /* ? */ ? */ $1 -- ?", &[1], "comments nest"),
        ("SELECT a ?? 'x', a ??| b, a ??& b, a @?? b", "SELECT a ? 'x', a ?| b, a ?& b, a @? b", &[], "?? is a ?"),
        ("SELECT a ?| b, a ?& b, a @? b", "SELECT a ?| b, a ?& b, a @? b", &[], "JSON operators"),
        ("SELECT ?||'x', ? | 5, ?&&?", "SELECT $1||'x', $2 | 5, $3&&$4", &[1, 2, 3, 4], "|| and && are not theirs"),
        ("SELECT a @> ?, a <@ ?, a <@b, a@@b", "SELECT a @> $1, a <@ $2, a <@b, a@@b", &[1, 2], "other operators"),
        ("SELECT a <@? AND a=@x AND @y", "SELECT a <@$1 AND a=$2 AND $3", &[1, 2, 3], "@name behind an operator"),
        ("SELECT a[1:n], a[lo:hi], ARRAY[:a,:b]", "SELECT a[1:n], a[lo:hi], ARRAY[$1,$2]", &[1, 2], "slices"),
        ("SELECT f(a := 1, b => ?)", "SELECT f(a := 1, b => $1)", &[1], "named arguments"),
        ("SELECT \"?\" FROM t WHERE a->>? = 1", "SELECT \"?\" FROM t WHERE a->>$1 = 1", &[1], "quoted names"),
        ("SELECT 'open ?", "SELECT 'open ?", &[], "PostgreSQL reports the open literal"),
        ("DO $$ BEGIN PERFORM 1; END $$", "DO $$ BEGIN PERFORM 1; END $$", &[], "a body"),
    ]);
}

#[test]
fn statement_ends() {
    #[track_caller]
    fn check(script: &str, expected: &[&str]) {
        let spans = statements(script).expect("every literal is closed");
        assert_eq!(spans.iter().map(|span| span.text(script)).collect::<Vec<_>>(), expected, "{script}");
    }
    check("", &[]);
    check(" ;; /* a */ ; -- b\n", &[]);
    check("SELECT 1", &["SELECT 1"]);
    check(" SELECT 1 ;SELECT 2; ", &["SELECT 1", "SELECT 2"]);
    check("SELECT ';', \";\", [;], `;` -- ;\n; SELECT /* ; */ 2", &["SELECT ';', \";\", [;], `;`", "SELECT /* ; */ 2"]);
    check(
        "-- first\nSELECT 1; -- behind\n-- second\nSELECT 2 /* x",
        &["-- first\nSELECT 1", "-- behind\n-- second\nSELECT 2"],
    );
    let trigger = "CREATE TRIGGER a AFTER UPDATE ON t BEGIN \
                   UPDATE t SET a = CASE WHEN a = 1 THEN 2 ELSE 3 END; SELECT CASE a WHEN 1 THEN 2 END; END";
    check(&format!("{trigger}; SELECT 1;"), &[trigger, "SELECT 1"]);
    for head in ["CREATE TEMP", "create temporary", "EXPLAIN CREATE", "EXPLAIN QUERY PLAN CREATE"] {
        let trigger = format!("{head} TRIGGER a DELETE ON t BEGIN SELECT 1; SELECT 2; END");
        check(&format!("{trigger};SELECT 3"), &[&trigger, "SELECT 3"]);
    }
    check("CREATE TABLE trigger(a); SELECT 1", &["CREATE TABLE trigger(a)", "SELECT 1"]);
    check(
        "SELECT 1; /* sqlift: native */ DO $$ BEGIN a; END $$ ; SELECT 'x' ; -- sqlift: native\n SELECT E'\\';'",
        &["SELECT 1", "/* sqlift: native */ DO $$ BEGIN a; END $$", "SELECT 'x'", "-- sqlift: native\n SELECT E'\\';'"],
    );
    check("BEGIN; SELECT 1; END; SELECT 2", &["BEGIN", "SELECT 1", "END", "SELECT 2"]);
    check(
        "SELECT 1 AS \"create\" ; CREATE VIEW v AS SELECT 1",
        &["SELECT 1 AS \"create\"", "CREATE VIEW v AS SELECT 1"],
    );
}

#[test]
fn unterminated_literals() {
    let script = "SELECT 1; SELECT 'é; SELECT 2";
    let error = statements(script).expect_err("the string is open");
    assert_eq!((error.kind(), error.span().text(script)), (ErrorKind::UnterminatedLiteral, "'é; SELECT 2"));
    let mut one_by_one = Statements::new(script);
    assert_eq!(one_by_one.next().map(|first| first.map(|span| span.text(script))), Some(Ok("SELECT 1")));
    assert_eq!(&script[one_by_one.tail()..], " SELECT 'é; SELECT 2");
    assert!(one_by_one.next().is_some_and(|second| second.is_err()));
    assert_eq!(one_by_one.next(), None);
}

#[test]
fn leading_comments() {
    assert_eq!(statement_start("  -- a\n/* b */ ; SELECT 1"), 17);
    assert_eq!(statement_start("/* only"), 7);
    assert!(is_empty(" ; -- x") && !is_empty("x"));
    assert!(has_native_directive(" /* a */ -- sqlift: native\n SELECT 1"));
    assert!(has_native_directive("/*sqlift:native*/SELECT 1"));
    assert!(!has_native_directive("SELECT 1 /* sqlift: native */"));
    assert!(!has_native_directive("/* sqlift: natively */ SELECT 1"));
}
