//! Dates that PostgreSQL's own functions answer: when they can, what must hold of the argument, and the words of the answer.

use super::super::catalog::ColumnType;
use super::super::edits::Piece;
use super::super::types::{Type, Typed};
use super::format::{self, Part, around};
use super::modifiers::{self, Step};
use super::text;

/// Where the moment comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Base {
    Now,
    /// Text of any form.
    Text,
    Native(ColumnType),
    /// Seconds since 1970, with the modifier 'unixepoch'.
    Seconds,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Output {
    Text(Vec<Part>),
    JulianDay,
    Seconds,
    /// With the fraction, a real.
    Subseconds,
}

/// A call that PostgreSQL's own functions can answer for most values.
pub(super) struct Fast {
    pub base: Base,
    pub steps: Vec<Step>,
    pub output: Output,
    /// A timestamp's own text is the answer, which costs a quarter of what to_char does.
    pub prints_timestamp: bool,
    /// What tells that text has the usual form.
    pub form: &'static str,
    /// The time zone of the program.
    pub zone: &'static str,
}

/// For what must always stay the same, and what such an index is to serve.
pub(super) const FIXED_FORM: &str = "sqlift.is_moment(";
/// A third faster.
pub(super) const FORM: &str = "sqlift.has_moment(";
/// Faster still, once some hundred rows have paid for its longer lists.
pub(super) const FORM_OF_MANY: &str = "sqlift.has_moment_in_many(";
/// The fastest, once a thousand rows have.
pub(super) const FORM_OF_ALL: &str = "sqlift.has_moment_in_all(";
/// With a fraction, Z, T or without seconds.
pub(super) const LONG_FORM: &str = "sqlift.has_long_moment(";

impl Fast {
    pub fn of(name: &str, arguments: &[Typed]) -> Option<Fast> {
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

    pub fn shows_milliseconds(&self) -> bool {
        matches!(self.output, Output::JulianDay | Output::Subseconds)
            || self.has_code('f')
            || self.steps.iter().any(|step| matches!(step, Step::Milliseconds(ms) if ms % 1000 != 0))
    }

    /// Nothing below the second is left.
    pub fn is_whole(&self) -> bool {
        matches!(self.base, Base::Text | Base::Seconds | Base::Native(ColumnType::Date))
            && !self.steps.iter().any(|step| matches!(step, Step::Milliseconds(ms) if ms % 1000 != 0))
    }

    /// What datetime() prints of whole seconds.
    pub fn is_text_of_timestamp(&self) -> bool {
        matches!(self.base, Base::Text | Base::Seconds)
            && self.is_whole()
            && !(self.base == Base::Text && self.steps.is_empty())
            && matches!(&self.output, Output::Text(parts)
                if matches!(parts.as_slice(), [Part::Code('F'), Part::Literal(blank), Part::Code('T')] if blank == " "))
    }

    /// What must hold of the argument for the fast way.
    pub fn test(&self, form: &'static str, argument: &[Piece], out: &mut Vec<Piece>) {
        match self.base {
            Base::Now => {}
            Base::Text => around(form, argument, ")", out),
            Base::Native(_) => around("", argument, " BETWEEN '1100-01-01' AND '8900-01-01'", out),
            Base::Seconds => around("", argument, " BETWEEN -27000000000 AND 218000000000", out),
        }
        if self.base != Base::Now && self.steps.contains(&Step::Local) {
            // Before and after, SQLite takes the rules of another year.
            let within = match self.base {
                Base::Text => " COLLATE \"C\" BETWEEN '1970-01-02' AND '2037-12-30'",
                Base::Seconds => " BETWEEN 86400 AND 2145744000",
                _ => " BETWEEN '1970-01-02' AND '2037-12-30'",
            };
            around(" AND ", argument, within, out);
        }
        if self.prints_timestamp {
            // Once for all rows.
            out.push(" AND (SELECT current_setting('DateStyle') LIKE 'ISO%')".into());
        }
    }

    /// The moment as a PostgreSQL timestamp of UTC, behind these steps.
    fn stamp(&self, steps: &[Step], argument: &[Piece], out: &mut Vec<Piece>) {
        let Some((step, before)) = steps.split_last() else { return self.stamp_of_base(argument, out) };
        match *step {
            Step::Milliseconds(ms) => {
                out.push("(".into());
                self.stamp(before, argument, out);
                out.push(format!(" {})", interval(ms)).into());
            }
            Step::Months(months) if is_first_of_month(before) => {
                out.push("(".into());
                self.stamp(before, argument, out);
                out.push(format!(" {})", interval_of_months(months)).into());
            }
            Step::Months(months) => {
                let mostly_short = before.is_empty() && self.base == Base::Text;
                if mostly_short {
                    // No month is too short for these days.
                    around("(CASE WHEN substr(", argument, ", 9, 2) COLLATE \"C\" <= '28' THEN ", out);
                    self.stamp(before, argument, out);
                    out.push(format!(" {} ELSE ", interval_of_months(months)).into());
                }
                out.push("sqlift.plus_months(".into());
                self.stamp(before, argument, out);
                out.push(format!(", {months})").into());
                if mostly_short {
                    out.push(" END)".into());
                }
            }
            Step::StartOf(unit) => {
                out.extend(["date_trunc('".into(), unit.into(), "', ".into()]);
                self.stamp(before, argument, out);
                out.push(")".into());
            }
            Step::Weekday(day) => {
                out.push("sqlift.next_weekday(".into());
                self.stamp(before, argument, out);
                out.push(format!(", {day})").into());
            }
            Step::Local => {
                out.extend(["timezone(".into(), self.zone.into(), ", timezone('UTC', ".into()]);
                self.stamp(before, argument, out);
                out.push("))".into());
            }
        }
    }

    fn stamp_of_base(&self, argument: &[Piece], out: &mut Vec<Piece>) {
        match self.base {
            Base::Now if self.shows_milliseconds() => {
                out.push("date_trunc('milliseconds', statement_timestamp() AT TIME ZONE 'UTC')".into());
            }
            Base::Now if self.steps.is_empty() => out.push("statement_timestamp() AT TIME ZONE 'UTC'".into()),
            Base::Now => out.push("(statement_timestamp() AT TIME ZONE 'UTC')".into()),
            Base::Text | Base::Native(ColumnType::Date) => around("", argument, "::timestamp", out),
            Base::Native(ColumnType::Timestamptz) => around("(", argument, " AT TIME ZONE 'UTC')", out),
            Base::Native(_) => out.extend_from_slice(argument),
            Base::Seconds => around("(timestamp '1970-01-01' + ", argument, " * interval '1 second')", out),
        }
    }

    /// How much of the text a step keeps, and what stands behind it then.
    fn kept(&self) -> Option<(&'static str, &'static str)> {
        match self.steps.as_slice() {
            [Step::StartOf("day")] => Some((", 10)", "")),
            [Step::StartOf("month")] => Some((", 7)", " || '-01'")),
            [Step::StartOf("year")] => Some((", 4)", " || '-01-01'")),
            _ => None,
        }
    }

    /// The answer is made of parts of the text itself.
    pub fn is_sliced(&self) -> bool {
        let Output::Text(parts) = &self.output else { return false };
        self.base == Base::Text && (self.steps.is_empty() || self.kept().is_some()) && format::are_slices(parts)
    }

    fn slices(&self, parts: &[Part], argument: &[Piece], out: &mut Vec<Piece>) {
        let Some((keep, end)) = self.kept() else { return format::slices(parts, argument, out) };
        // The whole of it needs no slicing.
        if *parts == [Part::Code('F')] {
            around("left(", argument, keep, out);
            out.push(end.into());
            return;
        }
        let mut text = Vec::with_capacity(argument.len() + 3);
        around("left(", argument, keep, &mut text);
        text.push(end.into());
        format::slices(parts, &text, out);
    }

    pub fn answer(&self, argument: &[Piece], out: &mut Vec<Piece>) {
        let stamp = |out: &mut Vec<Piece>| self.stamp(&self.steps, argument, out);
        let mut of_stamp = |before: &'static str, after: &'static str| {
            out.push(before.into());
            stamp(out);
            out.push(after.into());
        };
        let whole = self.is_whole();
        let is_plain = self.base == Base::Text && self.steps.is_empty();
        match &self.output {
            Output::Text(parts) if self.is_sliced() => self.slices(parts, argument, out),
            Output::Text(parts) if is_plain && *parts == [Part::Code('w')] => {
                // From a Sunday on; two thirds of what the day of a timestamp takes.
                around("((", argument, "::date - date '1969-12-28') % 7)::text", out);
            }
            Output::Text(parts) if *parts == [Part::Code('j')] && self.form == FORM_OF_ALL => {
                // A third of what to_char takes.
                of_stamp("(sqlift.days_of_year())[date_part('doy', ", ")::int]::text");
            }
            Output::Text(_) if self.prints_timestamp => of_stamp("(", ")::text"),
            Output::Text(parts) => format::computed(parts, &stamp, whole, out),
            // The seconds between two timestamps as a real, exact where they are whole: half of what date_part() takes, which reads
            // the name of its field anew for each row.
            Output::JulianDay if whole => of_stamp("tsrange_subdiff(", ", '4714-11-24 12:00:00 BC') / 86400"),
            Output::JulianDay => of_stamp("(round(date_part('epoch', ", ") * 1000) + 210866760000000) / 86400000"),
            Output::Seconds if whole => of_stamp("tsrange_subdiff(", ", '1970-01-01')::bigint"),
            Output::Seconds => of_stamp("floor(date_part('epoch', ", "))::bigint"),
            Output::Subseconds => of_stamp("round(date_part('epoch', ", ") * 1000) / 1000"),
        }
    }
}

/// Months added to the first day of one need no look at its length.
fn is_first_of_month(steps: &[Step]) -> bool {
    let last = steps.iter().rev().find_map(|step| match step {
        Step::Milliseconds(_) | Step::Weekday(_) | Step::Local => Some(false),
        Step::StartOf(unit) => (*unit != "day").then_some(true),
        Step::Months(_) => None,
    });
    last == Some(true)
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
