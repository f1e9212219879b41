//! strftime's formats: as parts of a text that is a date already, and as templates of PostgreSQL's to_char.

use super::super::edits::Piece;
use super::super::names::quote_literal;

/// A format, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Literal(String),
    /// The conversion's letter.
    Code(char),
}

/// The parts of a format whose conversions PostgreSQL has; none of them are unknown to SQLite.
pub(super) fn parse(format: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut chars = format.chars();
    while let Some(char) = chars.next() {
        let literal = match char {
            '%' => match chars.next()? {
                '%' => '%',
                code if "deFfGgHIjklmMpPRsSTuUVwWY".contains(code) => {
                    parts.push(Part::Code(code));
                    continue;
                }
                _ => return None,
            },
            char => char,
        };
        match parts.last_mut() {
            Some(Part::Literal(text)) => text.push(literal),
            _ => parts.push(Part::Literal(literal.to_string())),
        }
    }
    parts.iter().any(|part| matches!(part, Part::Code(_))).then_some(parts)
}

/// How text that `sqlift.has_moment` takes is laid out, once its time is there.
const LAYOUT: &str = "YYYY-MM-DD HH:MM:SS";

#[derive(Debug, PartialEq)]
enum Slice {
    Literal(String),
    /// Half-open bounds in `LAYOUT`.
    Of(usize, usize),
}

/// Where the conversion's digits stand in `LAYOUT`.
fn place(code: char) -> Option<(usize, usize)> {
    Some(match code {
        'Y' => (0, 4),
        'm' => (5, 7),
        'd' => (8, 10),
        'F' => (0, 10),
        'H' => (11, 13),
        'M' => (14, 16),
        'S' | 'f' => (17, 19),
        'R' => (11, 16),
        'T' => (11, 19),
        _ => return None,
    })
}

/// Whether no conversion has to be computed.
pub(super) fn are_slices(parts: &[Part]) -> bool {
    parts
        .iter()
        .all(|part| matches!(part, Part::Literal(_)) || matches!(part, Part::Code(code) if place(*code).is_some()))
}

/// The format as slices of canonical text, where [`are_slices`] says so.
pub(super) fn slices(parts: &[Part], text: &[Piece], out: &mut Vec<Piece>) {
    let mut found: Vec<Slice> = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Literal(text) => push_literal(&mut found, text),
            Part::Code(code) => {
                let Some((from, to)) = place(*code) else { continue };
                push_slice(&mut found, from, to);
                if *code == 'f' {
                    push_literal(&mut found, ".000");
                }
            }
        }
    }
    for (index, slice) in found.iter().enumerate() {
        if index > 0 {
            out.push(" || ".into());
        }
        match *slice {
            Slice::Literal(ref text) => out.push(quote_literal(text).into()),
            Slice::Of(from, to) => cut(text, from, to, out),
        }
    }
}

/// The bytes of a text whose time may be missing. Splitting takes half as long as counting characters.
fn cut(text: &[Piece], from: usize, to: usize, out: &mut Vec<Piece>) {
    const SPLIT: &str = "coalesce(nullif(split_part(";
    match (from, to) {
        (14, 16) => around(SPLIT, text, ", ':', 2), ''), '00')", out),
        (17, 19) => around(SPLIT, text, ", ':', 3), ''), '00')", out),
        (11, 19) => around(SPLIT, text, ", ' ', 2), ''), '00:00:00')", out),
        (11, to) => {
            out.push("left(".into());
            around(SPLIT, text, ", ' ', 2), ''), '00:00:00')", out);
            out.push(format!(", {})", to - 11).into());
        }
        (0, 4) => around("left(", text, ", 4)", out),
        (0, 7) => around("left(", text, ", 7)", out),
        (0, 10) => around("left(", text, ", 10)", out),
        (0, to) => around("left(", text, format!(" || ' 00:00:00', {to})"), out),
        (from, to) if to <= 10 => around("substr(", text, format!(", {}, {})", from + 1, to - from), out),
        (from, to) => around("substr(", text, format!(" || ' 00:00:00', {}, {})", from + 1, to - from), out),
    }
}

fn push_literal(found: &mut Vec<Slice>, text: &str) {
    match found.last_mut() {
        Some(Slice::Literal(before)) => before.push_str(text),
        _ => found.push(Slice::Literal(text.to_owned())),
    }
}

/// `%Y-%m` is one slice, since the text has the same between them.
fn push_slice(found: &mut Vec<Slice>, from: usize, to: usize) {
    if let [.., Slice::Of(_, end), Slice::Literal(between)] = found.as_mut_slice()
        && LAYOUT.get(*end..from) == Some(between)
    {
        *end = to;
        found.pop();
        return;
    }
    found.push(Slice::Of(from, to));
}

/// The format over a timestamp of the years 1 to 9999, as text; `whole` has nothing below the second.
pub(super) fn computed(parts: &[Part], stamp: &dyn Fn(&mut Vec<Piece>), whole: bool, out: &mut Vec<Piece>) {
    let begin = out.len();
    let mut template = String::new();
    let around = |out: &mut Vec<Piece>, before: &'static str, after: Piece| {
        if out.len() > begin {
            out.push(" || ".into());
        }
        out.push(before.into());
        stamp(out);
        out.push(after);
    };
    let flush = |out: &mut Vec<Piece>, template: &mut String| {
        if !template.is_empty() {
            around(out, "to_char(", format!(", {})", quote_literal(template)).into());
            template.clear();
        }
    };
    for part in parts {
        let code = match part {
            Part::Literal(text) if text.chars().all(|c| "-: /".contains(c)) => {
                template.push_str(text);
                continue;
            }
            Part::Literal(text) => {
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
                template.extend(["\"", &escaped, "\""]);
                continue;
            }
            Part::Code(code) => *code,
        };
        match code {
            'e' | 'k' | 'l' => {
                flush(out, &mut template);
                let after = match code {
                    'e' => ", 'FMDD'), 2)",
                    'k' => ", 'FMHH24'), 2)",
                    _ => ", 'FMHH12'), 2)",
                };
                around(out, "lpad(to_char(", after.into());
            }
            's' => {
                flush(out, &mut template);
                let (before, after) = if whole {
                    ("tsrange_subdiff(", ", '1970-01-01')::bigint::text")
                } else {
                    ("floor(date_part('epoch', ", "))::bigint::text")
                };
                around(out, before, after.into());
            }
            'w' => {
                flush(out, &mut template);
                around(out, "date_part('dow', ", ")::int::text".into());
            }
            // Weeks from the first Monday or Sunday of the year on.
            'W' | 'U' => {
                flush(out, &mut template);
                let week =
                    if code == 'W' { ")::int + 7 - date_part('isodow', " } else { ")::int + 6 - date_part('dow', " };
                around(out, "lpad(((date_part('doy', ", week.into());
                stamp(out);
                out.push(")::int) / 7)::text, 2, '0')".into());
            }
            code => {
                // DD behind DD would be DDD and D, SS behind SS the seconds of the day.
                if template.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                    template.push_str("\"\"");
                }
                template.push_str(match code {
                    'd' => "DD",
                    'F' => "YYYY-MM-DD",
                    'f' => "SS.MS",
                    'G' => "IYYY",
                    'g' => "IY",
                    'H' => "HH24",
                    'I' => "HH12",
                    'j' => "DDD",
                    'm' => "MM",
                    'M' => "MI",
                    'p' => "AM",
                    'P' => "am",
                    'R' => "HH24:MI",
                    'S' => "SS",
                    'T' => "HH24:MI:SS",
                    'u' => "ID",
                    'V' => "IW",
                    _ => "YYYY",
                })
            }
        }
    }
    flush(out, &mut template);
}

/// `before`, the pieces, `after`
pub(super) fn around(before: &'static str, inner: &[Piece], after: impl Into<Piece>, out: &mut Vec<Piece>) {
    if !before.is_empty() {
        out.push(before.into());
    }
    out.extend_from_slice(inner);
    out.push(after.into());
}
