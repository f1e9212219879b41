//! printf() and format() with a format that the text gives: each directive becomes an expression of its own.
//!
//! <https://sqlite.org/printf.html>. What has no short expression stays a call of `sqlift.printf` for that directive alone;
//! a format that only the row knows, or whose arguments do not fit it, stays one call.

use std::borrow::Cow;

use super::ast::{Call, Expr, ExprKind};
use super::edits::Piece;
use super::names::quote_literal;
use super::pass::{Pass, Result, peel};
use super::types::{Constant, Type, Typed};

impl Pass<'_> {
    pub fn printf(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let format = call.arguments.first().map(|format| &peel(format).kind);
        let parts = match format {
            Some(ExprKind::String(format)) => parts(format, call.arguments.len() - 1),
            _ => None,
        };
        match parts {
            Some(parts) => self.printf_by_part(expr, &call.arguments[1..], &parts),
            None => self.printf_by_row(expr, call),
        }
    }

    fn printf_by_part(&mut self, expr: &Expr, arguments: &[Expr], parts: &[Part<'_>]) -> Result<Typed> {
        let mut pieces: Vec<Piece> = vec!["(".into()];
        let mut arguments = arguments.iter();
        for part in parts {
            if pieces.len() > 1 {
                pieces.push(" || ".into());
            }
            match part {
                Part::Text(text) => pieces.push(format!("{}::text", quote_literal(text)).into()),
                Part::Directive(directive) => {
                    let argument = arguments.next().expect("there are as many arguments as directives");
                    self.directive(argument, directive, &mut pieces)?;
                }
            }
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text).nullable(false))
    }

    /// One argument as its directive writes it.
    fn directive(&mut self, argument: &Expr, directive: &Directive<'_>, pieces: &mut Vec<Piece>) -> Result<()> {
        let mut typed = self.value(argument)?;
        self.without_collation(argument, &mut typed);
        self.by_row(&mut typed);
        self.widen(argument, &mut typed);
        if matches!(directive.conversion, 's' | 'q' | 'Q') && matches!(typed.ty, Type::Integer | Type::Real) {
            self.as_text(argument, &mut typed)?;
        }
        let Some(Short { before, of_null, after }) = short(directive, typed.ty) else {
            self.printf_argument(argument, &mut typed)?;
            pieces.push(format!("sqlift.printf({}::text, ", quote_literal(directive.words)).into());
            pieces.extend([argument.span.into(), ")".into()]);
            return Ok(());
        };
        if matches!(typed.constant, Some(Constant::Text(_))) {
            self.suffix(argument, &mut typed, "::text");
        }
        let padded = directive.width > 0 && !directive.zeros;
        if padded {
            pieces.push(if directive.left { "sqlift.padded_behind(".into() } else { "sqlift.padded(".into() });
        }
        pieces.push(before.into());
        match typed.nullable && !of_null.is_empty() {
            true => pieces.extend(["coalesce(".into(), argument.span.into(), ", ".into(), of_null.into(), ")".into()]),
            false => pieces.extend(["(".into(), argument.span.into(), ")".into()]),
        }
        pieces.push(Piece::Text(after));
        if padded {
            pieces.push(format!(", {})", directive.width).into());
        }
        Ok(())
    }

    fn printf_by_row(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let mut pieces: Vec<Piece> = vec!["sqlift.printf(".into()];
        if call.arguments.is_empty() {
            pieces.push("NULL".into());
        }
        for (index, argument) in call.arguments.iter().enumerate() {
            let mut typed = self.value(argument)?;
            if index == 0 {
                if typed.ty == Type::Null || matches!(typed.constant, Some(Constant::Text(_))) {
                    self.suffix(argument, &mut typed, "::text");
                }
                self.as_text(argument, &mut typed)?;
            } else {
                self.printf_argument(argument, &mut typed)?;
                pieces.push(", ".into());
            }
            pieces.push(argument.span.into());
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Text))
    }

    /// An argument of `sqlift.printf`, with its storage class in front.
    fn printf_argument(&mut self, argument: &Expr, typed: &mut Typed) -> Result<()> {
        if typed.ty == Type::Null || matches!(typed.constant, Some(Constant::Text(_))) {
            self.suffix(argument, typed, "::text");
        }
        self.by_row(typed);
        if matches!(typed.ty, Type::Native(_)) {
            self.as_text(argument, typed)?;
        }
        self.widen(argument, typed);
        self.call(argument, typed, "sqlift.argument");
        Ok(())
    }
}

/// What stands before and behind an argument, and what the directive takes NULL for, unless the expression knows it.
struct Short {
    before: &'static str,
    of_null: &'static str,
    after: Cow<'static, str>,
}

/// A directive as a short expression around an argument of that type.
fn short(directive: &Directive<'_>, ty: Type) -> Option<Short> {
    let found = |before, of_null, after| Some(Short { before, of_null, after });
    let width = || format!(", {})", directive.width);
    match (directive.conversion, ty, directive.precision) {
        ('d' | 'i', Type::Integer, None) if directive.zeros => found("sqlift.zero_padded(", "0", width().into()),
        ('d' | 'i', Type::Integer, None) => found("", "0", "::text".into()),
        ('x', Type::Integer, None) if directive.zeros => {
            found("sqlift.zero_padded(to_hex(", "0", format!("){}", width()).into())
        }
        ('X', Type::Integer, None) if directive.zeros => {
            found("sqlift.zero_padded(upper(to_hex(", "0", format!(")){}", width()).into())
        }
        ('x', Type::Integer, None) => found("to_hex(", "0", ")".into()),
        ('X', Type::Integer, None) => found("upper(to_hex(", "0", "))".into()),
        ('f', Type::Integer | Type::Real, precision) if !directive.zeros && precision.unwrap_or(6) <= 9 => {
            found("sqlift.fixed(", "0", format!("::float8, {})", precision.unwrap_or(6)).into())
        }
        ('s', Type::Text, None) if !directive.zeros => found("", "''", "".into()),
        ('q', Type::Text, None) if !directive.zeros => found("replace(", "'(NULL)'", ", '''', '''''')".into()),
        ('Q', Type::Text, None) if !directive.zeros => found("sqlift.quote(", "", ")".into()),
        _ => None,
    }
}

/// A piece of a format.
#[derive(Debug, PartialEq)]
enum Part<'a> {
    Text(String),
    Directive(Directive<'a>),
}

/// `%05d` and the like.
#[derive(Debug, PartialEq)]
struct Directive<'a> {
    words: &'a str,
    zeros: bool,
    /// Blanks stand behind.
    left: bool,
    /// 0 where there is none.
    width: u32,
    precision: Option<u32>,
    /// `?` where flags make it another matter than the letter alone.
    conversion: char,
}

/// The parts of a format that so many arguments fit; `None` where SQLite would do something else than to write them in turn.
fn parts(format: &str, arguments: usize) -> Option<Vec<Part<'_>>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("%%") {
            text.push('%');
            rest = behind;
            continue;
        }
        let directive = directive(rest)?;
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        rest = &rest[directive.words.len()..];
        parts.push(Part::Directive(directive));
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    let directives = parts.iter().filter(|part| matches!(part, Part::Directive(_))).count();
    (directives == arguments && !parts.is_empty()).then_some(parts)
}

/// The directive that the text begins with, when it takes one argument.
fn directive(text: &str) -> Option<Directive<'_>> {
    let flags_end = 1 + text[1..].bytes().take_while(|byte| b"-+ 0#,!".contains(byte)).count();
    let flags = &text[1..flags_end];
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let width_end = flags_end + digits(flags_end);
    let (mut end, mut precision) = (width_end, None);
    if text[end..].starts_with('.') {
        end += 1 + digits(end + 1);
        precision = Some(number(&text[width_end + 1..end])?);
    }
    let letter = text[end..].chars().next().filter(|letter| "diuxXoprfeEgGcszqQw".contains(*letter))?;
    let width = number(&text[flags_end..width_end])?;
    Some(Directive {
        words: &text[..=end],
        zeros: flags == "0" && width > 0,
        left: flags == "-",
        width,
        precision,
        conversion: if matches!(flags, "" | "0" | "-") { letter } else { '?' },
    })
}

/// A width or precision; `None` beyond what anyone wants.
fn number(digits: &str) -> Option<u32> {
    if digits.is_empty() { Some(0) } else { digits.parse().ok().filter(|number| *number <= 1_000_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_come_apart() {
        let text = |text: &str| Part::Text(text.to_owned());
        let plain = Directive { words: "%d", zeros: false, left: false, width: 0, precision: None, conversion: 'd' };
        let of = |words, conversion| Part::Directive(Directive { words, conversion, ..plain });
        assert_eq!(parts("a%%b%d", 1), Some(vec![text("a%b"), of("%d", 'd')]));
        let padded = Directive { words: "%05d", zeros: true, width: 5, ..plain };
        assert_eq!(parts("%05d", 1), Some(vec![Part::Directive(padded)]));
        let left = Directive { words: "%-8.2f", left: true, width: 8, precision: Some(2), conversion: 'f', ..plain };
        assert_eq!(parts("%-8.2f", 1), Some(vec![Part::Directive(left)]));
        assert_eq!(parts("%+s|", 1), Some(vec![of("%+s", '?'), text("|")]));
        for (format, arguments) in
            [("", 0), ("%d", 0), ("%d", 2), ("%*d", 2), ("%lld", 1), ("%k", 1), ("%", 0), ("%5%", 0), ("%n", 0)]
        {
            assert_eq!(parts(format, arguments), None, "{format}");
        }
    }
}
