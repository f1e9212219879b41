//! Columns of PostgreSQL's own types beside text: SQLite compares the text that such a column is there.
//!
//! What is a value of the column's type is compared as one, so that an index serves. Of other text (`'2024-02'`, as programs ask
//! for a month) the functions of `sql/postgres/compat/beside.sql` say between which values it lies.

use super::ast::{BinaryOperator, Expr, ExprKind};
use super::catalog::ColumnType;
use super::comparison::Compared;
use super::names::fold;
use super::pass::{Pass, Result, peel, refuse};
use super::types::{Constant, Type, Typed, number_in_text, type_name};

/// Which operators a comparison with a column of PostgreSQL's own type may have, the column on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// `=`, `<>`, `IS`, `IN`, `CASE x WHEN`
    Same,
    /// `>=` and `<`
    From,
    /// `>` and `<=`
    UpTo,
    /// Any: a member of a row of values.
    #[default]
    Any,
}

impl Side {
    pub(crate) fn of(operator: BinaryOperator) -> Side {
        match operator {
            BinaryOperator::GreaterEqual | BinaryOperator::Less => Side::From,
            BinaryOperator::Greater | BinaryOperator::LessEqual => Side::UpTo,
            _ => Side::Same,
        }
    }

    pub(crate) fn turned(self) -> Side {
        match self {
            Side::From => Side::UpTo,
            Side::UpTo => Side::From,
            side => side,
        }
    }
}

/// Whether the text says a value of the type that compares by that side as the text does.
///
/// A date is the first moment of its day but for what is later than the text or the same (`at <= '2024-01-31'`): any text of a
/// moment that begins with it is longer, so greater.
pub(crate) fn says_value(text: &str, column: ColumnType, side: Side) -> bool {
    let is_endless = matches!(text, "infinity" | "-infinity");
    match column {
        ColumnType::Date => is_endless || moment(text) == Some(Moment { to: Unit::Day, has_zone: false }),
        ColumnType::Timestamp | ColumnType::Timestamptz => match (moment(text), side) {
            (Some(moment), Side::Same) => moment.to != Unit::Time,
            (Some(Moment { to: Unit::Second, .. }), _) => true,
            (Some(moment), Side::From) => moment.to != Unit::Time && !moment.has_zone && !text.contains('T'),
            _ => is_endless,
        },
        ColumnType::Time => {
            moment(text) == Some(Moment { to: Unit::Time, has_zone: false }) && (side == Side::Same || text.len() == 8)
        }
        ColumnType::Uuid if side == Side::Same => {
            // Hyphens stand behind any four digits.
            let inner = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'));
            let digits = inner.map(|inner| inner.replace('-', ""));
            let groups =
                inner.is_some_and(|inner| inner.split('-').all(|group| !group.is_empty() && group.len() % 4 == 0));
            groups && digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
        }
        ColumnType::Uuid => {
            text.len() == 36
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                })
        }
        _ => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Minute,
    Second,
    /// No day.
    Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    to: Unit,
    has_zone: bool,
}

/// A day of the calendar, a time of the day or both, as `sqlift.iso_text` takes them; `None` for other text.
fn moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        Some(digits.iter().fold(0, |number: u32, digit| number * 10 + u32::from(digit - b'0')))
    };
    let mut at = 0;
    let has_day = bytes.get(4) == Some(&b'-');
    if has_day {
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let is_day = year > 0 && (1..=12).contains(&month) && (1..=last).contains(&day) && bytes[7] == b'-';
        at = if is_day { 10 } else { return None };
        if matches!(bytes.get(at), Some(b' ' | b'T')) && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
    let mut to = if has_day { Unit::Day } else { Unit::Time };
    if at != 10 {
        (bytes.get(at + 2) == Some(&b':') && number(at, at + 2)? < 24 && number(at + 3, at + 5)? < 60).then_some(())?;
        at += 5;
        to = if has_day { Unit::Minute } else { Unit::Time };
        if bytes.get(at) == Some(&b':') {
            (number(at + 1, at + 3)? < 60).then_some(())?;
            at += 3;
            to = if has_day { Unit::Second } else { Unit::Time };
            if bytes.get(at) == Some(&b'.') {
                let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                (digits > 0).then_some(())?;
                at += 1 + digits;
            }
        }
    }
    let rest = text.get(at..)?.trim_start_matches(super::types::SPACES);
    let zone = match rest.as_bytes() {
        [] => text.len() == at,
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h, i, b':', m, n] => {
            let digits = [h, i, m, n].into_iter().all(u8::is_ascii_digit);
            digits && (*h, *i) < (b'1', b'5') && *m < b'6'
        }
        _ => false,
    };
    zone.then_some(Moment { to, has_zone: !rest.is_empty() })
}

impl Pass<'_> {
    /// Compares by operators of that side what [`Pass::compare`] is asked for meanwhile.
    pub fn by_side<T>(&mut self, side: Side, compare: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.side, side);
        let compared = compare(self);
        self.side = outer;
        compared
    }

    /// A column of PostgreSQL's own type beside something else; `None` where no rule of its own is needed.
    pub fn compare_native(
        &mut self,
        left: &Expr,
        l: &mut Typed,
        right: &Expr,
        r: &mut Typed,
    ) -> Result<Option<Compared>> {
        let (native, side) = match (l.ty, r.ty) {
            (Type::Native(a), Type::Native(b)) => {
                let one_text = a != b && ![a, b].contains(&ColumnType::Other);
                if one_text || a == ColumnType::Json && b == ColumnType::Json {
                    self.note(&super::rules::types::NATIVE_TEXT, right.span);
                    self.as_text(left, l)?;
                    self.as_text(right, r)?;
                }
                return Ok((one_text || a == b).then_some(Compared::Plain));
            }
            (Type::Native(native), _) => (native, self.side),
            (_, Type::Native(native)) => (native, self.side.turned()),
            _ => return Ok(None),
        };
        let text_is_left = !matches!(l.ty, Type::Native(_));
        let ((column, n), (text, t)) = match text_is_left {
            true => ((right, r), (left, l)),
            false => ((left, l), (right, r)),
        };
        let is_open = t.placeholder.is_some() && t.ty == Type::Unknown;
        let has_text = matches!(native, ColumnType::Json | ColumnType::Jsonb);
        if is_open && has_text {
            self.parameter_of_column(text, ColumnType::Text);
            self.suffix(text, t, "::text");
            *t = Typed { ty: Type::Text, placeholder: None, ..t.clone() };
        }
        if t.ty != Type::Text {
            return Ok(None);
        }
        if !matches!(&t.constant, Some(Constant::Text(content)) if says_value(content, native, side)) {
            self.note(&super::rules::types::NATIVE_TEXT, text.span);
        }
        match (&t.constant, native) {
            (Some(_), ColumnType::Other) => {}
            (None, ColumnType::Other) => {
                return refuse(
                    "text is compared with a value of a PostgreSQL type",
                    text.span,
                    "CAST the column to TEXT",
                );
            }
            (Some(Constant::Text(content)), _) if says_value(content, native, side) => {}
            (None, _) if says_moment(text, native, side) => {
                self.suffix(text, t, format!("::{}", type_name(native).unwrap_or("text")));
            }
            (_, ColumnType::Date | ColumnType::Timestamp | ColumnType::Timestamptz) if side != Side::Any => {
                let way = match side {
                    Side::From => 1,
                    Side::UpTo => -1,
                    _ => 0,
                };
                let name = type_name(native).unwrap_or_default();
                // Once for all rows.
                let once = t.placeholder.is_some() && self.may_hold_subquery();
                let (before, after) = if once { ("(SELECT ", ")") } else { ("", "") };
                self.edits.wrap(text.span, format!("{before}sqlift.beside_{name}("), format!(", {way}){after}"));
                *t = Typed::new(Type::Native(native)).nullable(t.nullable);
            }
            (_, ColumnType::Uuid | ColumnType::Jsonb) if side == Side::Same => {
                self.call(text, t, if has_text { "sqlift.beside_jsonb" } else { "sqlift.beside_uuid" });
                *t = Typed::new(Type::Native(native)).nullable(t.nullable);
            }
            // Numeric affinity makes a number of it, which is less than all text.
            (Some(Constant::Text(content)), _) if number_in_text(content).is_some() => {
                return Ok(Some(Compared::Never { left_is_less: text_is_left }));
            }
            _ => self.as_text(column, n)?,
        }
        Ok(Some(Compared::Plain))
    }
}

/// The words around a value of the type that make the text of it, as results show it.
pub(crate) fn as_text(native: ColumnType) -> (&'static str, &'static str) {
    match native {
        ColumnType::Timestamp | ColumnType::Timestamptz => ("sqlift.to_text(", ")"),
        _ => ("(", ")::text"),
    }
}

/// A call that gives a moment of that type in SQLite's form, or NULL.
fn says_moment(expr: &Expr, native: ColumnType, side: Side) -> bool {
    let is_day = |name: &str| name == "date" && (native == ColumnType::Date || side != Side::UpTo && side != Side::Any);
    let is_second = |name: &str| name == "datetime" && native != ColumnType::Date;
    let name = match &peel(expr).kind {
        ExprKind::CurrentTimestamp => "datetime".to_owned(),
        ExprKind::CurrentDate => "date".to_owned(),
        ExprKind::Call(call) => fold(&call.name.text),
        _ => return false,
    };
    matches!(native, ColumnType::Date | ColumnType::Timestamp | ColumnType::Timestamptz)
        && (is_day(&name) || is_second(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_a_value_or_lies_between_two() {
        use ColumnType::{Date, Timestamptz, Uuid};
        for (text, column, same, from, up_to) in [
            ("2024-02-29 10:00:00", Timestamptz, true, true, true),
            ("2024-02-29T10:00:00.5+02:00", Timestamptz, true, true, true),
            ("2024-02-29 10:00:00 Z", Timestamptz, true, true, true),
            ("2024-02-29", Timestamptz, true, true, false),
            ("2024-02-29 10:00", Timestamptz, true, true, false),
            ("2024-02-29Z", Timestamptz, true, false, false),
            ("2024-02-30", Timestamptz, false, false, false),
            ("2023-02-29 10:00:00", Timestamptz, false, false, false),
            ("2024-02-29 24:00:00", Timestamptz, false, false, false),
            ("2024-02-29 10:00:00.", Timestamptz, false, false, false),
            ("2024-02-29 10:00:00 ", Timestamptz, false, false, false),
            ("2024-02", Timestamptz, false, false, false),
            ("10:00:00", Timestamptz, false, false, false),
            ("now", Timestamptz, false, false, false),
            ("infinity", Timestamptz, true, true, true),
            ("2024-02-29", Date, true, true, true),
            ("2024-02-29 00:00:00", Date, false, false, false),
            ("2024-02-31", Date, false, false, false),
            ("00000000-0000-0000-0000-00000000000a", Uuid, true, true, true),
            ("00000000-0000-0000-0000-00000000000A", Uuid, true, false, false),
            ("{0000000000000000000000000000000a}", Uuid, true, false, false),
            ("0000000-00000-0000-0000-00000000000a", Uuid, false, false, false),
            ("é0000000-0000-0000-0000-00000000000", Uuid, false, false, false),
            ("", Uuid, false, false, false),
        ] {
            for (side, expected) in [(Side::Same, same), (Side::From, from), (Side::UpTo, up_to)] {
                assert_eq!(says_value(text, column, side), expected, "{text} {side:?}");
            }
        }
    }
}
