//! date(), time(), datetime(), julianday(), unixepoch(), strftime(), timediff().
//!
//! The functions of the compat schema answer as SQLite does whatever they are given, at some 10 µs a row. Where format and
//! modifiers are literals, values in the form that nearly all have (`sqlift.has_moment`, native dates and timestamps,
//! numbers with 'unixepoch') are computed by PostgreSQL's own functions instead, and the rest goes there:
//! `CASE WHEN sqlift.has_moment(at) THEN left(at, 10) ELSE sqlift.date(at) END`.

mod fast;
mod format;
mod indexed;
mod modifiers;
mod range;
mod sums;

use super::ast::{Call, Expr, ExprKind};
use super::catalog::ColumnType;
use super::edits::Piece;
use super::names::fold;
use super::pass::{Pass, Result, peel};
use super::rules;
use super::scope::Meaning;
use super::types::{Class, Constant, Type, Typed};
use fast::{Base, FIXED_FORM, FORM, FORM_OF_ALL, FORM_OF_MANY, Fast, LONG_FORM, Output};
use format::Part;
pub(crate) use indexed::{of_term, written};

fn text(typed: &Typed) -> Option<&str> {
    match &typed.constant {
        Some(Constant::Text(text)) if typed.ty == Type::Text => Some(text),
        _ => None,
    }
}

/// A word whose meaning depends on when or where it is read.
fn depends(typed: &Typed) -> bool {
    let words = ["now", "subsec", "subsecond", "localtime", "utc"];
    text(typed).is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// Whether the call gives an integer's digits: `strftime('%s', x)`, so that a number is made of it by a cast.
pub(crate) fn gives_digits(expr: &Expr) -> bool {
    let ExprKind::Call(call) = &peel(expr).kind else { return false };
    let [format, times @ ..] = call.arguments.as_slice() else { return false };
    let ExprKind::String(format) = &peel(format).kind else { return false };
    let is_literal = |argument: &Expr| match &peel(argument).kind {
        ExprKind::String(text) => !text.to_ascii_lowercase().starts_with("subsec"),
        _ => false,
    };
    let first_is_none =
        times.first().is_none_or(|first| is_literal(first) || !matches!(peel(first).kind, ExprKind::String(_)));
    fold(&call.name.text) == "strftime"
        && matches!(
            format.as_str(),
            "%s" | "%Y" | "%m" | "%d" | "%H" | "%M" | "%S" | "%j" | "%w" | "%u" | "%W" | "%U" | "%V" | "%G"
        )
        && first_is_none
        && times.iter().skip(1).all(is_literal)
}

impl Pass<'_> {
    pub fn date_function(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Typed> {
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            arguments.push(self.value(argument)?);
        }
        let times = if name == "strftime" { &call.arguments[1..] } else { &call.arguments[..] };
        let subsec = arguments
            .iter()
            .filter_map(text)
            .any(|word| word.eq_ignore_ascii_case("subsec") || word.eq_ignore_ascii_case("subsecond"));
        let ty = match name {
            "julianday" => Type::Real,
            "unixepoch" if subsec => Type::Real,
            "unixepoch" => Type::Integer,
            _ => Type::Text,
        };
        let is_now = arguments.iter().all(|typed| text(typed).is_some_and(|word| word.eq_ignore_ascii_case("now")));
        let rule = if is_now { &rules::dates::CURRENT_TEXT } else { &rules::dates::DATE_FUNCTIONS };
        self.note(rule, expr.span);
        let first = call.arguments.len() - times.len();
        let base = times.first().zip(arguments.get(first)).map(|(expr, typed)| (expr, typed.nullable));
        let mut must_stay = self.must_stay();
        let mut fast = Fast::of(name, &arguments);
        let is_sliced = fast.as_ref().is_some_and(Fast::is_sliced);
        fast = fast.filter(|_| !must_stay || is_sliced);
        // What an index is to serve must say the same as the index.
        must_stay |= is_sliced && self.is_indexed(call);
        if let Some(fast) = &mut fast {
            fast.form = match self.scopes.last().and_then(|scope| scope.grouping.as_ref()) {
                _ if must_stay => FIXED_FORM,
                Some(grouping) if grouping.reads_all => FORM_OF_ALL,
                Some(_) => FORM_OF_MANY,
                None => FORM,
            };
            if self.may_hold_subquery() {
                // Once for all rows.
                fast.zone = "(SELECT sqlift.local_zone())";
            }
        }
        if let (Some(fast), Some((argument, _))) = (&mut fast, &base) {
            // What a parameter gives must be known when the statement is planned, and a default takes no subquery.
            fast.prints_timestamp = fast.is_text_of_timestamp()
                && !is_sliced
                && self.may_hold_subquery()
                && !matches!(peel(argument).kind, ExprKind::Placeholder(_));
        }
        let stays = !times.is_empty() && arguments.iter().all(|typed| typed.constant.is_some() && !depends(typed));
        // The argument as text, but for the fast way, which takes it as it is and makes text of it only where it must.
        let keeps_first = fast.as_ref().is_some_and(|fast| matches!(fast.base, Base::Native(_) | Base::Seconds));
        for (index, (argument, typed)) in call.arguments.iter().zip(&mut arguments).enumerate() {
            if keeps_first && index == first {
                continue;
            }
            if typed.ty == Type::Null {
                self.suffix(argument, typed, "::text");
            }
            self.as_text(argument, typed)?;
        }
        let function = Function {
            name: match name {
                "date" => "date",
                "time" => "time",
                "datetime" => "datetime",
                "julianday" => "julianday",
                "unixepoch" if subsec => "unixepoch_subsec",
                "unixepoch" => "unixepoch",
                "timediff" => "timediff",
                _ => "strftime",
            },
            is_fixed: (must_stay || stays) && name != "timediff",
            skips: 0,
        };
        let Some(fast) = fast else {
            let mut pieces = Vec::new();
            Site { call, first, keeps_first, nullable: true }.slow(function, None, &mut pieces);
            self.edits.replace(expr.span, pieces);
            return Ok(Typed::new(ty));
        };
        // As much as one of them takes, so that it does not grow in steps.
        let mut pieces: Vec<Piece> = Vec::with_capacity(32);
        let Some((argument, nullable)) = base.filter(|_| fast.base != Base::Now) else {
            pieces.push("(".into());
            fast.answer(&[], &mut pieces);
            if matches!(fast.output, Output::Text(_)) && !pieces.contains(&" || ".into()) {
                pieces.remove(0);
            } else {
                pieces.push(")".into());
            }
            self.edits.replace(expr.span, pieces);
            return Ok(Typed::new(ty).nullable(false));
        };
        let site = Site { call, first, keeps_first, nullable };
        let reach = self.reach(argument);
        let generated = if matches!(reach, Reach::Once) { self.generated_name() } else { String::new() };
        site.reached(&reach, &generated, &fast, function, &mut pieces);
        self.edits.replace(expr.span, pieces);
        if matches!(&fast.output, Output::Text(parts) if *parts == [Part::Code('s')]) {
            let integer = Fast { output: Output::Seconds, ..fast };
            let function = Function { name: "unixepoch", is_fixed: false, skips: first };
            let mut pieces = Vec::new();
            site.reached(&reach, &generated, &integer, function, &mut pieces);
            self.integer_forms.push((expr.span, pieces));
        }
        Ok(Typed::new(ty))
    }

    /// Makes an integer of a call that gives an integer's digits.
    pub fn digits_as_integer(&mut self, expr: &Expr, typed: &mut Typed) {
        let call = peel(expr).span;
        let found = self.integer_forms.iter().rposition(|(span, _)| *span == call);
        match found {
            // What is grouped by stands in the same words everywhere.
            Some(found) if !self.is_grouped(expr) => {
                let (_, pieces) = self.integer_forms.swap_remove(found);
                self.edits.replace(expr.span, pieces);
                typed.class = Class::Primary;
            }
            _ => self.suffix(expr, typed, "::bigint"),
        }
        typed.ty = Type::Integer;
        typed.column = None;
    }

    /// Indexes and generated columns hold what always stays the same.
    pub fn must_stay(&self) -> bool {
        matches!(self.no_parameters, Some("index expressions" | "partial index WHERE clauses" | "generated columns"))
    }

    /// Defaults, CHECKs and their like may not.
    pub fn may_hold_subquery(&self) -> bool {
        self.no_parameters.is_none_or(|place| matches!(place, "views" | "trigger bodies"))
    }

    /// How often an argument may stand in what becomes of the call.
    fn reach(&self, argument: &Expr) -> Reach {
        match &peel(argument).kind {
            // Several aggregates of the same words are computed once.
            ExprKind::Placeholder(_) => Reach::Repeatable,
            ExprKind::Column { table, column, .. }
                if matches!(self.lookup(table.as_ref(), column, argument.span), Ok(Meaning::Column { .. })) =>
            {
                Reach::Repeatable
            }
            ExprKind::Call(call)
                if call.over.is_none()
                    && matches!(fold(&call.name.text).as_str(), "min" | "max")
                    && call.arguments.len() == 1 =>
            {
                Reach::Repeatable
            }
            _ if has_aggregate_or_window(argument) || !self.may_hold_subquery() => Reach::Never,
            _ => Reach::Once,
        }
    }
}

/// A function of the compat schema.
#[derive(Clone, Copy)]
struct Function {
    name: &'static str,
    /// The one whose answer always stays the same.
    is_fixed: bool,
    /// How many of the call's arguments it does not take.
    skips: usize,
}

/// A call, and what is known of its moment.
struct Site<'e> {
    call: &'e Call,
    /// The place of the moment among the arguments.
    first: usize,
    /// The moment is no text yet.
    keeps_first: bool,
    nullable: bool,
}

impl Site<'_> {
    /// The exact function, with the moment as it is given.
    fn slow(&self, function: Function, moment: Option<&[Piece]>, out: &mut Vec<Piece>) {
        out.push("sqlift.".into());
        if function.is_fixed {
            out.push("fixed_".into());
        }
        out.extend([function.name.into(), "(".into()]);
        for (index, argument) in self.call.arguments.iter().enumerate().skip(function.skips) {
            if index > function.skips {
                out.push(", ".into());
            }
            match moment {
                Some(moment) if index == self.first => out.extend_from_slice(moment),
                _ => out.push(argument.span.into()),
            }
        }
        out.push(")".into());
    }

    fn reached(&self, reach: &Reach, generated: &str, fast: &Fast, function: Function, out: &mut Vec<Piece>) {
        let argument = Piece::from(self.call.arguments[self.first].span);
        match reach {
            Reach::Repeatable => self.cased(fast, function, &[argument], out),
            Reach::Once => {
                out.push("(SELECT ".into());
                self.cased(fast, function, &[format!("{generated}.value").into()], out);
                out.extend([" FROM (SELECT ".into(), argument, format!(" AS value OFFSET 0) AS {generated})").into()]);
            }
            Reach::Never => match fast.base {
                Base::Native(ColumnType::Timestamp | ColumnType::Timestamptz) => {
                    self.slow(function, Some(&["sqlift.to_text(".into(), argument, ")".into()]), out);
                }
                Base::Text | Base::Now => self.slow(function, None, out),
                _ => self.slow(function, Some(&["(".into(), argument, ")::text".into()]), out),
            },
        }
    }

    /// `(CASE WHEN fast form THEN fast answer ... ELSE exact function END)`
    fn cased(&self, fast: &Fast, function: Function, value: &[Piece], out: &mut Vec<Piece>) {
        out.push("(CASE WHEN ".into());
        fast.test(fast.form, value, out);
        out.push(" THEN ".into());
        fast.answer(value, out);
        if fast.base == Base::Text && fast.form != FIXED_FORM && fast.is_whole() && !fast.shows_milliseconds() {
            out.push(" WHEN ".into());
            fast.test(LONG_FORM, value, out);
            out.push(" THEN ".into());
            let mut short = Vec::with_capacity(value.len() + 2);
            format::around("sqlift.short_moment(", value, ")", &mut short);
            fast.answer(&short, out);
        }
        if self.nullable {
            format::around(" WHEN ", value, " IS NOT NULL THEN ", out);
        } else {
            out.push(" ELSE ".into());
        }
        if self.keeps_first {
            let (before, after) = match fast.base {
                Base::Native(ColumnType::Timestamp | ColumnType::Timestamptz) => ("sqlift.to_text(", ")"),
                _ => ("", "::text"),
            };
            let mut as_text = Vec::with_capacity(value.len() + 2);
            format::around(before, value, after, &mut as_text);
            self.slow(function, Some(&as_text), out);
        } else {
            self.slow(function, Some(value), out);
        }
        out.push(" END)".into());
    }
}

enum Reach {
    Repeatable,
    /// In a subquery of its own.
    Once,
    Never,
}

fn has_aggregate_or_window(expr: &Expr) -> bool {
    let is_one = match &expr.kind {
        ExprKind::Call(call) => {
            call.over.is_some() || super::calls::is_aggregate(&call.name.text, call.arguments.len())
        }
        _ => false,
    };
    is_one || expr.children().into_iter().any(has_aggregate_or_window)
}
