//! One text for all statements that differ in their values alone.

use crate::syntax::{TokenKind, tokens};

/// A statement without its values: literals become `?`, comments go, blanks become one, and a list of places one place.
///
/// What stands in double quotes stays, since it is a name; SQLite takes it for text where there is no such column, so write texts
/// in single quotes.
///
/// # Examples
/// ```
/// use sqlift::observe::fingerprint;
/// let sql = "SELECT name FROM person -- by id\n WHERE id IN (1, 2, 3) AND name = 'Ada'";
/// assert_eq!(fingerprint(sql), "SELECT name FROM person WHERE id IN (?) AND name = ?");
/// ```
pub fn fingerprint(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut blank = false;
    for token in tokens(sql) {
        let word = token.span.text(sql);
        let shown = match token.kind {
            TokenKind::Blank | TokenKind::LineComment | TokenKind::BlockComment => {
                blank = !text.is_empty();
                continue;
            }
            TokenKind::String | TokenKind::Blob | TokenKind::Integer | TokenKind::HexInteger | TokenKind::Float => "?",
            // What is not closed may be a value as well.
            TokenKind::Placeholder | TokenKind::Unterminated => "?",
            _ => word,
        };
        // `?, ?` is one place: an IN list of any length is one statement.
        if shown == "?" && text.ends_with("?,") {
            text.pop();
            blank = false;
            continue;
        }
        if std::mem::take(&mut blank) && shown != "," {
            text.push(' ');
        }
        text.push_str(shown);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn fingerprints() {
        for (sql, expected) in [
            ("SELECT 1", "SELECT ?"),
            ("  SELECT\n\t'it''s' , x'00' ", "SELECT ?"),
            ("SELECT a, 1.5e3, 0x1F FROM t", "SELECT a, ? FROM t"),
            ("INSERT INTO t VALUES (?1, :b, 'c'), (4, NULL, 'd')", "INSERT INTO t VALUES (?), (?, NULL, ?)"),
            ("SELECT \"hunter 2\" FROM [t x]", "SELECT \"hunter 2\" FROM [t x]"),
            ("SELECT a /* 'hunter2' */ FROM t -- 'hunter2'", "SELECT a FROM t"),
            ("SELECT 'unterminated hunter2", "SELECT ?"),
            ("", ""),
        ] {
            assert_eq!(fingerprint(sql), expected, "{sql}");
        }
    }
}
