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

/// The format as slices of canonical text; none where a conversion has to be computed.
pub(super) fn slices(parts: &[Part], text: &[Piece]) -> Option<Vec<Piece>> {
    let mut found: Vec<Slice> = Vec::new();
    for part in parts {
        match part {
            Part::Literal(text) => push_literal(&mut found, text),
            Part::Code(code) => match code {
                'Y' => push_slice(&mut found, 0, 4),
                'm' => push_slice(&mut found, 5, 7),
                'd' => push_slice(&mut found, 8, 10),
                'F' => push_slice(&mut found, 0, 10),
                'H' => push_slice(&mut found, 11, 13),
                'M' => push_slice(&mut found, 14, 16),
                'S' => push_slice(&mut found, 17, 19),
                'R' => push_slice(&mut found, 11, 16),
                'T' => push_slice(&mut found, 11, 19),
                'f' => {
                    push_slice(&mut found, 17, 19);
                    push_literal(&mut found, ".000");
                }
                _ => return None,
            },
        }
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for (index, slice) in found.iter().enumerate() {
        if index > 0 {
            pieces.push(" || ".into());
        }
        match *slice {
            Slice::Literal(ref text) => pieces.push(quote_literal(text).into()),
            Slice::Of(from, to) => pieces.extend(cut(text, from, to)),
        }
    }
    Some(pieces)
}

/// The bytes of a text whose time may be missing. Splitting takes half as long as counting characters.
fn cut(text: &[Piece], from: usize, to: usize) -> Vec<Piece> {
    let around = |before: &str, inner: &[Piece], after: String| {
        let mut pieces: Vec<Piece> = vec![before.to_owned().into()];
        pieces.extend(inner.iter().cloned());
        pieces.push(after.into());
        pieces
    };
    let part = |sign: &str, number: usize, missing: &str| {
        around("coalesce(nullif(split_part(", text, format!(", '{sign}', {number}), ''), '{missing}')"))
    };
    match (from, to) {
        (14, 16) => part(":", 2, "00"),
        (17, 19) => part(":", 3, "00"),
        (11, 19) => part(" ", 2, "00:00:00"),
        (11, to) => around("left(", &part(" ", 2, "00:00:00"), format!(", {})", to - 11)),
        (0, to) if to <= 10 => around("left(", text, format!(", {to})")),
        (0, to) => around("left(", text, format!(" || ' 00:00:00', {to})")),
        (from, to) if to <= 10 => around("substr(", text, format!(", {}, {})", from + 1, to - from)),
        (from, to) => around("substr(", text, format!(" || ' 00:00:00', {}, {})", from + 1, to - from)),
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
pub(super) fn computed(parts: &[Part], stamp: &[Piece], whole: bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut template = String::new();
    let around = |pieces: &mut Vec<Piece>, before: &str, after: &str| {
        if !pieces.is_empty() {
            pieces.push(" || ".into());
        }
        pieces.push(before.to_owned().into());
        pieces.extend(stamp.iter().cloned());
        pieces.push(after.to_owned().into());
    };
    let flush = |pieces: &mut Vec<Piece>, template: &mut String| {
        if !template.is_empty() {
            around(pieces, "to_char(", &format!(", {})", quote_literal(template)));
            template.clear();
        }
    };
    for part in parts {
        let code = match part {
            Part::Literal(text) => {
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
                template.push_str(&if text.chars().all(|c| "-: /".contains(c)) {
                    escaped
                } else {
                    format!("\"{escaped}\"")
                });
                continue;
            }
            Part::Code(code) => *code,
        };
        match code {
            'e' | 'k' | 'l' => {
                flush(&mut pieces, &mut template);
                let number = match code {
                    'e' => "FMDD",
                    'k' => "FMHH24",
                    _ => "FMHH12",
                };
                around(&mut pieces, "lpad(to_char(", &format!(", '{number}'), 2)"));
            }
            's' => {
                flush(&mut pieces, &mut template);
                let (before, after) = if whole {
                    ("date_part('epoch', ", ")::bigint::text")
                } else {
                    ("floor(date_part('epoch', ", "))::bigint::text")
                };
                around(&mut pieces, before, after);
            }
            'w' => {
                flush(&mut pieces, &mut template);
                around(&mut pieces, "date_part('dow', ", ")::int::text");
            }
            // Weeks from the first Monday or Sunday of the year on.
            'W' | 'U' => {
                flush(&mut pieces, &mut template);
                let (add, day) = if code == 'W' { (7, "isodow") } else { (6, "dow") };
                around(&mut pieces, "lpad(((date_part('doy', ", &format!(")::int + {add} - date_part('{day}', "));
                pieces.extend(stamp.iter().cloned());
                pieces.push(")::int) / 7)::text, 2, '0')".into());
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
    flush(&mut pieces, &mut template);
    pieces
}
