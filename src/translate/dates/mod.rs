//! date(), time(), datetime(), julianday(), unixepoch(), strftime(), timediff().
//!
//! The functions of the compat schema answer as SQLite does whatever they are given, at some 10 µs a row. Where format and
//! modifiers are literals, values in the form that nearly all have (`sqlift.has_moment`, native dates and timestamps,
//! numbers with 'unixepoch') are computed by PostgreSQL's own functions instead, and the rest goes there:
//! `CASE WHEN sqlift.has_moment(at) THEN left(at, 10) ELSE sqlift.date(at) END`.

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
use super::types::{Constant, Type, Typed};
use format::Part;
pub(crate) use indexed::{of_term, written};
use modifiers::Step;

/// Where the moment comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Base {
    Now,
    /// Text of any form.
    Text,
    Native(ColumnType),
    /// Seconds since 1970, with the modifier 'unixepoch'.
    Seconds,
}

#[derive(Debug, Clone, PartialEq)]
enum Output {
    Text(Vec<Part>),
    JulianDay,
    Seconds,
    /// With the fraction, a real.
    Subseconds,
}

/// A call that PostgreSQL's own functions can answer for most values.
struct Fast {
    base: Base,
    steps: Vec<Step>,
    output: Output,
    /// A timestamp's own text is the answer, which costs a quarter of what to_char does.
    prints_timestamp: bool,
    /// What tells that text has the usual form.
    form: &'static str,
    /// The time zone of the program.
    zone: &'static str,
}

/// For what must always stay the same, and what such an index is to serve.
const FIXED_FORM: &str = "sqlift.is_moment(";
/// A third faster.
const FORM: &str = "sqlift.has_moment(";
/// Faster still, once some hundred rows have paid for its longer lists.
const FORM_OF_MANY: &str = "sqlift.has_moment_in_many(";
/// The fastest, once a thousand rows have.
const FORM_OF_ALL: &str = "sqlift.has_moment_in_all(";
/// With a fraction, Z, T or without seconds.
const LONG_FORM: &str = "sqlift.has_long_moment(";

impl Fast {
    fn of(name: &str, arguments: &[Typed]) -> Option<Fast> {
        let format = match name {
            "strftime" => Some(text(arguments.first()?)?),
            _ => None,
        };
        let times = if format.is_some() { &arguments[1..] } else { arguments };
        let (mut subsec, mut skip) = (false, 1);
        let base = match times.first() {
            None => Base::Now,
            Some(typed) => match (typed.ty, text(typed)) {
                (_, Some(word)) if word.eq_ignore_ascii_case("now") => Base::Now,
                (_, Some(word)) if word.eq_ignore_ascii_case("subsec") || word.eq_ignore_ascii_case("subsecond") => {
                    subsec = true;
                    Base::Now
                }
                _ if typed.constant.is_some() => return None,
                (Type::Text, _) => Base::Text,
                (Type::Unknown, _) if typed.placeholder.is_some() => Base::Text,
                (Type::Native(native @ (ColumnType::Date | ColumnType::Timestamp | ColumnType::Timestamptz)), _) => {
                    Base::Native(native)
                }
                (Type::Integer, _) if times.get(1).and_then(text)?.eq_ignore_ascii_case("unixepoch") => {
                    skip = 2;
                    Base::Seconds
                }
                _ => return None,
            },
        };
        let words: Vec<&str> = times.iter().skip(skip).map(text).collect::<Option<_>>()?;
        let (steps, with_fraction) = modifiers::steps(words.into_iter(), base == Base::Now)?;
        subsec |= with_fraction;
        let output = match (name, subsec) {
            ("date", _) => Output::Text(format::parse("%F")?),
            ("time", false) => Output::Text(format::parse("%T")?),
            ("time", true) => Output::Text(format::parse("%H:%M:%f")?),
            ("datetime", false) => Output::Text(format::parse("%F %T")?),
            ("datetime", true) => Output::Text(format::parse("%F %H:%M:%f")?),
            ("julianday", _) => Output::JulianDay,
            ("unixepoch", false) => Output::Seconds,
            ("unixepoch", true) => Output::Subseconds,
            ("strftime", _) => Output::Text(format::parse(format?)?),
            _ => return None,
        };
        let fast = Fast { base, steps, output, prints_timestamp: false, form: FORM, zone: "sqlift.local_zone()" };
        // 'subsec' gives %s a fraction; SQLite rounds to milliseconds what PostgreSQL has more precisely.
        let exact = !(subsec && fast.has_code('s'))
            && (fast.is_whole() || base == Base::Now || base == Base::Text || !fast.shows_milliseconds());
        exact.then_some(fast)
    }

    fn has_code(&self, code: char) -> bool {
        matches!(&self.output, Output::Text(parts) if parts.contains(&Part::Code(code)))
    }

    fn shows_milliseconds(&self) -> bool {
        matches!(self.output, Output::JulianDay | Output::Subseconds)
            || self.has_code('f')
            || self.steps.iter().any(|step| matches!(step, Step::Milliseconds(ms) if ms % 1000 != 0))
    }

    /// Nothing below the second is left.
    fn is_whole(&self) -> bool {
        matches!(self.base, Base::Text | Base::Seconds | Base::Native(ColumnType::Date))
            && !self.steps.iter().any(|step| matches!(step, Step::Milliseconds(ms) if ms % 1000 != 0))
    }

    /// What datetime() prints of whole seconds.
    fn is_text_of_timestamp(&self) -> bool {
        matches!(self.base, Base::Text | Base::Seconds)
            && self.is_whole()
            && !(self.base == Base::Text && self.steps.is_empty())
            && matches!(&self.output, Output::Text(parts)
                if matches!(parts.as_slice(), [Part::Code('F'), Part::Literal(blank), Part::Code('T')] if blank == " "))
    }

    /// What must hold of the argument for the fast way.
    fn test(&self, form: &str, argument: &[Piece]) -> Vec<Piece> {
        let around = |before: &str, after: &str| {
            let mut pieces: Vec<Piece> = vec![before.to_owned().into()];
            pieces.extend(argument.iter().cloned());
            pieces.push(after.to_owned().into());
            pieces
        };
        let mut pieces = match self.base {
            Base::Now => Vec::new(),
            Base::Text => around(form, ")"),
            Base::Native(_) => around("", " BETWEEN '1100-01-01' AND '8900-01-01'"),
            Base::Seconds => around("", " BETWEEN -27000000000 AND 218000000000"),
        };
        if self.base != Base::Now && self.steps.contains(&Step::Local) {
            // Before and after, SQLite takes the rules of another year.
            pieces.extend(match self.base {
                Base::Text => around(" AND ", " COLLATE \"C\" BETWEEN '1970-01-02' AND '2037-12-30'"),
                Base::Seconds => around(" AND ", " BETWEEN 86400 AND 2145744000"),
                _ => around(" AND ", " BETWEEN '1970-01-02' AND '2037-12-30'"),
            });
        }
        if self.prints_timestamp {
            // Once for all rows.
            pieces.push(" AND (SELECT current_setting('DateStyle') LIKE 'ISO%')".into());
        }
        pieces
    }

    /// The moment as a PostgreSQL timestamp of UTC.
    fn stamp(&self, argument: &[Piece]) -> Vec<Piece> {
        let around = |before: &str, inner: &[Piece], after: &str| {
            let mut pieces: Vec<Piece> = vec![before.to_owned().into()];
            pieces.extend(inner.iter().cloned());
            pieces.push(after.to_owned().into());
            pieces
        };
        let mut stamp = match self.base {
            Base::Now if self.shows_milliseconds() => {
                vec!["date_trunc('milliseconds', statement_timestamp() AT TIME ZONE 'UTC')".into()]
            }
            Base::Now if self.steps.is_empty() => vec!["statement_timestamp() AT TIME ZONE 'UTC'".into()],
            Base::Now => vec!["(statement_timestamp() AT TIME ZONE 'UTC')".into()],
            Base::Text | Base::Native(ColumnType::Date) => around("", argument, "::timestamp"),
            Base::Native(ColumnType::Timestamptz) => around("(", argument, " AT TIME ZONE 'UTC')"),
            Base::Native(_) => argument.to_vec(),
            Base::Seconds => around("(timestamp '1970-01-01' + ", argument, " * interval '1 second')"),
        };
        let mut first_of_month = false;
        for (index, step) in self.steps.iter().enumerate() {
            stamp = match *step {
                Step::Milliseconds(ms) => {
                    first_of_month = false;
                    around("(", &stamp, &format!(" {})", interval(ms)))
                }
                Step::Months(months) if first_of_month => {
                    around("(", &stamp, &format!(" {})", interval_of_months(months)))
                }
                Step::Months(months) => {
                    let long_way = around("sqlift.plus_months(", &stamp, &format!(", {months})"));
                    if index == 0 && self.base == Base::Text {
                        // No month is too short for these days.
                        let mut pieces = around("(CASE WHEN substr(", argument, ", 9, 2) COLLATE \"C\" <= '28' THEN ");
                        pieces.extend(stamp);
                        pieces.push(format!(" {} ELSE ", interval_of_months(months)).into());
                        pieces.extend(long_way);
                        pieces.push(" END)".into());
                        pieces
                    } else {
                        long_way
                    }
                }
                Step::StartOf(unit) => {
                    first_of_month |= unit != "day";
                    around(&format!("date_trunc('{unit}', "), &stamp, ")")
                }
                Step::Weekday(day) => {
                    first_of_month = false;
                    around("sqlift.next_weekday(", &stamp, &format!(", {day})"))
                }
                Step::Local => {
                    first_of_month = false;
                    around(&format!("timezone({}, timezone('UTC', ", self.zone), &stamp, "))")
                }
            };
        }
        stamp
    }

    /// The answer as parts of the text itself, where they are.
    fn slices(&self, argument: &[Piece]) -> Option<Vec<Piece>> {
        let Output::Text(parts) = &self.output else { return None };
        let (keep, end) = match self.steps.as_slice() {
            _ if self.base != Base::Text => return None,
            [] => return format::slices(parts, argument),
            [Step::StartOf("day")] => (10, ""),
            [Step::StartOf("month")] => (7, " || '-01'"),
            [Step::StartOf("year")] => (4, " || '-01-01'"),
            _ => return None,
        };
        let mut text: Vec<Piece> = vec!["left(".into()];
        text.extend(argument.iter().cloned());
        text.push(format!(", {keep}){end}").into());
        // The whole of it needs no slicing.
        if parts == &[Part::Code('F')] { Some(text) } else { format::slices(parts, &text) }
    }

    fn answer(&self, argument: &[Piece]) -> Vec<Piece> {
        if let Some(pieces) = self.slices(argument) {
            return pieces;
        }
        let stamp = self.stamp(argument);
        let around = |before: &str, after: &str| {
            let mut pieces: Vec<Piece> = vec![before.to_owned().into()];
            pieces.extend(stamp.iter().cloned());
            pieces.push(after.to_owned().into());
            pieces
        };
        let whole = self.is_whole();
        match &self.output {
            Output::Text(parts) if *parts == [Part::Code('w')] && self.base == Base::Text && self.steps.is_empty() => {
                // From a Sunday on; two thirds of what the day of a timestamp takes.
                let mut pieces: Vec<Piece> = vec!["((".into()];
                pieces.extend(argument.iter().cloned());
                pieces.push("::date - date '1969-12-28') % 7)::text".into());
                pieces
            }
            Output::Text(_) if self.prints_timestamp => around("(", ")::text"),
            Output::Text(parts) => format::computed(parts, &stamp, whole),
            Output::JulianDay if whole => around("(date_part('epoch', ", ") * 1000 + 210866760000000) / 86400000"),
            Output::JulianDay => around("(round(date_part('epoch', ", ") * 1000) + 210866760000000) / 86400000"),
            Output::Seconds if whole => around("date_part('epoch', ", ")::bigint"),
            Output::Seconds => around("floor(date_part('epoch', ", "))::bigint"),
            Output::Subseconds => around("round(date_part('epoch', ", ") * 1000) / 1000"),
        }
    }
}

/// `+ interval '1 day'`
fn interval(ms: i64) -> String {
    let (sign, ms) = (if ms < 0 { '-' } else { '+' }, ms.unsigned_abs());
    let (amount, unit) = match ms {
        ms if ms % 86_400_000 == 0 => (ms / 86_400_000, "days"),
        ms if ms % 1000 == 0 => (ms / 1000, "seconds"),
        ms => (ms, "milliseconds"),
    };
    format!("{sign} interval '{amount} {unit}'")
}

fn interval_of_months(months: i64) -> String {
    format!("{} interval '{} months'", if months < 0 { '-' } else { '+' }, months.unsigned_abs())
}

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
        let base = times
            .first()
            .zip(arguments.get(call.arguments.len() - times.len()))
            .map(|(expr, typed)| (expr, typed.clone()));
        // Indexes and generated columns hold what always stays the same.
        let mut must_stay = matches!(self.no_parameters, Some("index expressions" | "generated columns"));
        let mut fast = Fast::of(name, &arguments).filter(|fast| !must_stay || fast.slices(&[]).is_some());
        // What an index is to serve must say the same as the index.
        must_stay |= fast.as_ref().is_some_and(|fast| fast.slices(&[]).is_some()) && self.is_indexed(call);
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
                && fast.slices(&[]).is_none()
                && self.may_hold_subquery()
                && !matches!(peel(argument).kind, ExprKind::Placeholder(_));
        }
        let stays = !times.is_empty() && arguments.iter().all(|typed| typed.constant.is_some() && !depends(typed));
        // The argument as text, but for the fast way, which takes it as it is and makes text of it only where it must.
        let keeps_first = fast.as_ref().is_some_and(|fast| matches!(fast.base, Base::Native(_) | Base::Seconds));
        let first = call.arguments.len() - times.len();
        for (index, (argument, typed)) in call.arguments.iter().zip(&mut arguments).enumerate() {
            if keeps_first && index == first {
                continue;
            }
            if typed.ty == Type::Null {
                self.suffix(argument, typed, "::text");
            }
            self.as_text(argument, typed)?;
        }
        let function = if name == "unixepoch" && subsec { "unixepoch_subsec" } else { name };
        let function = &match name {
            "timediff" => function.to_owned(),
            _ if must_stay || stays => format!("fixed_{function}"),
            _ => function.to_owned(),
        };
        let slow = |function: &str, given: Option<&[Piece]>| {
            let mut pieces: Vec<Piece> = vec![format!("sqlift.{function}(").into()];
            let skipped = if function == "unixepoch" { first } else { 0 };
            for (index, argument) in call.arguments.iter().enumerate().skip(skipped) {
                if index > skipped {
                    pieces.push(", ".into());
                }
                match given {
                    Some(given) if index == first => pieces.extend(given.iter().cloned()),
                    _ => pieces.push(argument.span.into()),
                }
            }
            pieces.push(")".into());
            pieces
        };
        let Some(fast) = fast else {
            if function == "julianday" {
                self.days.push((expr.span, slow("summed_julianday", None)));
            }
            self.edits.replace(expr.span, slow(function, None));
            return Ok(Typed::new(ty));
        };
        let Some((argument, typed)) = base.filter(|_| fast.base != Base::Now) else {
            let mut pieces = fast.answer(&[]);
            if name == "julianday" {
                let pieces = [vec!["(".into()], pieces.clone(), vec![")".into()]].concat();
                self.days.push((expr.span, pieces));
            }
            if !matches!(fast.output, Output::Text(_)) || pieces.contains(&" || ".into()) {
                pieces.insert(0, "(".into());
                pieces.push(")".into());
            }
            self.edits.replace(expr.span, pieces);
            return Ok(Typed::new(ty).nullable(false));
        };
        let cased = |fast: &Fast, function: &str, value: &[Piece]| {
            let as_text: Option<Vec<Piece>> = keeps_first.then(|| {
                let (before, after) = match fast.base {
                    Base::Native(ColumnType::Timestamp | ColumnType::Timestamptz) => ("sqlift.to_text(", ")"),
                    _ => ("", "::text"),
                };
                let mut pieces: Vec<Piece> = vec![before.to_owned().into()];
                pieces.extend(value.iter().cloned());
                pieces.push(after.to_owned().into());
                pieces
            });
            let mut pieces: Vec<Piece> = vec!["(CASE WHEN ".into()];
            pieces.extend(fast.test(fast.form, value));
            pieces.push(" THEN ".into());
            pieces.extend(fast.answer(value));
            if fast.base == Base::Text && fast.form != FIXED_FORM && fast.is_whole() && !fast.shows_milliseconds() {
                pieces.push(" WHEN ".into());
                pieces.extend(fast.test(LONG_FORM, value));
                pieces.push(" THEN ".into());
                let mut short: Vec<Piece> = vec!["sqlift.short_moment(".into()];
                short.extend(value.iter().cloned());
                short.push(")".into());
                pieces.extend(fast.answer(&short));
            }
            if typed.nullable {
                pieces.push(" WHEN ".into());
                pieces.extend(value.iter().cloned());
                pieces.push(" IS NOT NULL THEN ".into());
            } else {
                pieces.push(" ELSE ".into());
            }
            pieces.extend(slow(function, Some(as_text.as_deref().unwrap_or(value))));
            pieces.push(" END)".into());
            pieces
        };
        let reach = self.reach(argument);
        let name = if matches!(reach, Reach::Once) { self.generated_name() } else { String::new() };
        let reached = |fast: &Fast, function: &str| match reach {
            Reach::Repeatable => cased(fast, function, &[argument.span.into()]),
            Reach::Once => {
                let mut pieces: Vec<Piece> = vec!["(SELECT ".into()];
                pieces.extend(cased(fast, function, &[format!("{name}.value").into()]));
                pieces.extend([
                    " FROM (SELECT ".into(),
                    argument.span.into(),
                    format!(" AS value OFFSET 0) AS {name})").into(),
                ]);
                pieces
            }
            Reach::Never => {
                let as_text = match fast.base {
                    Base::Native(ColumnType::Timestamp | ColumnType::Timestamptz) => {
                        Some(vec!["sqlift.to_text(".into(), argument.span.into(), ")".into()])
                    }
                    Base::Text | Base::Now => None,
                    _ => Some(vec!["(".into(), argument.span.into(), ")::text".into()]),
                };
                slow(function, as_text.as_deref())
            }
        };
        let pieces = reached(&fast, function);
        if matches!(&fast.output, Output::Text(parts) if parts == &[Part::Code('s')]) {
            let integer = Fast { output: Output::Seconds, ..fast };
            self.integer_forms.push((expr.span, reached(&integer, "unixepoch")));
        } else if function == "julianday" {
            self.days.push((expr.span, reached(&fast, "summed_julianday")));
        }
        self.edits.replace(expr.span, pieces);
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
                typed.class = super::types::Class::Primary;
            }
            _ => self.suffix(expr, typed, "::bigint"),
        }
        typed.ty = Type::Integer;
        typed.column = None;
    }

    /// Defaults, CHECKs and their like may not.
    fn may_hold_subquery(&self) -> bool {
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

enum Reach {
    Repeatable,
    /// In a subquery of its own.
    Once,
    Never,
}

fn has_aggregate_or_window(expr: &Expr) -> bool {
    let is_one = match &expr.kind {
        ExprKind::Call(call) => {
            call.over.is_some() || super::calls::is_aggregate(&fold(&call.name.text), call.arguments.len())
        }
        _ => false,
    };
    is_one || expr.children().into_iter().any(has_aggregate_or_window)
}
