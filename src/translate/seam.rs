//! Where two pieces of printed text would grow together into another token of PostgreSQL's.
//!
//! SQLite needs no blank in `SELECT a"x"FROM t`, `?AND` or `SELECT*,a`; what is printed there is another text: `x`,
//! `$1`, a column's name. Looks at the bytes on both sides of the seam alone, and may give a blank too many.

const NAME: u8 = 1;
const OPERATOR: u8 = 2;
/// `"a""b"` is one name.
const QUOTED_NAME: u8 = 4;
/// `E'...'`, `N'...'`, `B'...'`, `X'...'`, `U&'...'` and `U&"..."`
const PREFIX: u8 = 8;
/// The dot of `1.`, and what must not follow it. PostgreSQL takes no name right behind a number.
const POINT: u8 = 16;

/// What the last byte of a text grows together with.
static BEFORE: [u8; 256] = kinds(true);

/// What the first byte of the text behind it is.
static BEHIND: [u8; 256] = kinds(false);

const fn kinds(before: bool) -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let kind = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80.. if !before => NAME | POINT,
            b'b' | b'e' | b'n' | b'x' | b'B' | b'E' | b'N' | b'X' => NAME | PREFIX,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80.. => NAME,
            b'&' if before => OPERATOR | PREFIX,
            b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' => OPERATOR,
            b'#' | b'%' | b'^' | b'&' | b'|' | b'`' | b'?' => OPERATOR,
            b'"' if before => QUOTED_NAME,
            b'"' => QUOTED_NAME | PREFIX,
            b'\'' if !before => PREFIX,
            b'.' if before => POINT,
            _ => 0,
        };
        kinds[byte] = kind;
        byte += 1;
    }
    kinds
}

/// Whether a blank must stand between `text` and what begins with the byte `next`.
#[inline]
pub(super) fn needs_blank(text: &str, next: u8) -> bool {
    let bytes = text.as_bytes();
    let Some(last) = bytes.last() else { return false };
    match BEFORE[usize::from(*last)] & BEHIND[usize::from(next)] {
        0 => false,
        POINT => ends_in_number(&bytes[..bytes.len() - 1]),
        _ => true,
    }
}

/// Digits that are no part of a name.
fn ends_in_number(bytes: &[u8]) -> bool {
    let name = bytes.iter().rev().take_while(|byte| BEFORE[usize::from(**byte)] & NAME != 0).count();
    bytes[bytes.len() - name..].first().is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::needs_blank;

    #[test]
    fn tokens_of_postgresql_stay_apart() {
        for (text, next) in [
            ("SELECT", "a"),
            ("a", "x"),
            ("1", "x"),
            ("LIMIT", "$1"),
            ("$1", "AND"),
            ("größe", "ö"),
            ("5 %", "-1"),
            ("a -", "-1"),
            ("a ||", "-b"),
            ("\"a b\"", "\"C\""),
            ("u&", "'x'"),
            ("u&", "\"A\""),
            ("e", "'x'"),
            ("SELECT 1.", "x"),
        ] {
            assert!(needs_blank(text, next.as_bytes()[0]), "{text} {next}");
        }
    }

    #[test]
    fn what_stays_apart_by_itself_gets_no_blank() {
        for (text, next) in [
            ("", "a"),
            ("SELECT ", "a"),
            ("f(", "a"),
            ("(a", ")"),
            ("a", "("),
            ("t.", "a"),
            ("t1.", "a"),
            ("a", ".b"),
            ("a", "::text"),
            ("a=", "$1"),
            ("'a'", "AND"),
            ("'a'", "'b'"),
            ("a", "\"B\""),
            ("count(", "*"),
        ] {
            assert!(!needs_blank(text, next.as_bytes()[0]), "{text} {next}");
        }
    }
}
