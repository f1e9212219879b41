//! The modifiers of date functions, where the text of the statement knows them. <https://sqlite.org/lang_datefunc.html#modifiers>

use super::super::types::SPACES;

/// What a modifier does to a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Milliseconds(i64),
    /// The day stays, so that January 31 becomes March 2 or 3.
    Months(i64),
    /// 'day', 'month' or 'year'
    StartOf(&'static str),
    /// The next such day, from Sunday on; the same day where it is one.
    Weekday(u8),
    /// UTC becomes local time.
    Local,
}

/// Steps that carry no moment out of the years that SQLite and PostgreSQL write alike.
const FURTHEST: f64 = 1000.0;
const SECONDS_OF_YEAR: f64 = 31_536_000.0;
/// Local time is followed by rule from 1970 to 2037; from today on this far is within.
const FURTHEST_LOCAL: f64 = 5.0;

/// The modifiers as steps, and whether 'subsec' is among them; none when one of them is for SQLite's own arithmetic alone.
pub(super) fn steps<'t>(modifiers: impl Iterator<Item = &'t str>, from_now: bool) -> Option<(Vec<Step>, bool)> {
    let (mut steps, mut subsec, mut years) = (Vec::new(), false, 0.0);
    for modifier in modifiers {
        let lowered = modifier.to_ascii_lowercase();
        let step = match lowered.as_str() {
            "subsec" | "subsecond" => {
                subsec = true;
                continue;
            }
            "start of day" => Step::StartOf("day"),
            "start of month" => Step::StartOf("month"),
            "start of year" => Step::StartOf("year"),
            "localtime" if steps.is_empty() || from_now && years < FURTHEST_LOCAL && !steps.contains(&Step::Local) => {
                Step::Local
            }
            // Now is UTC already.
            "utc" if from_now && !steps.contains(&Step::Local) => continue,
            _ => match lowered.strip_prefix("weekday ") {
                Some(day) => match day.trim_matches(SPACES).as_bytes() {
                    [day @ b'0'..=b'6'] => Step::Weekday(day - b'0'),
                    _ => return None,
                },
                None => amount(&lowered)?,
            },
        };
        years += match step {
            Step::Milliseconds(ms) => ms.unsigned_abs() as f64 / 1000.0 / SECONDS_OF_YEAR,
            Step::Months(months) => months.unsigned_abs() as f64 / 12.0,
            _ => 1.0,
        };
        if years > FURTHEST {
            return None;
        }
        steps.push(step);
    }
    Some((steps, subsec))
}

/// `+1 day`, `-1.5 hours`, `+3 months`; fractions of months and years are SQLite's own affair.
fn amount(modifier: &str) -> Option<Step> {
    let (number, unit) = modifier.split_once(' ')?;
    let unit = unit.trim_matches(SPACES);
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || fraction.len() > 9 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let seconds = match unit {
        "day" => 86_400.0,
        "hour" => 3600.0,
        "minute" => 60.0,
        "second" => 1.0,
        "month" | "year" if fraction.is_empty() => {
            let months = number.parse::<i64>().ok()?;
            return Some(Step::Months(if unit == "year" { months * 12 } else { months }));
        }
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    // As SQLite rounds.
    Some(Step::Milliseconds((number * 1000.0 * seconds + if number < 0.0 { -0.5 } else { 0.5 }) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_become_steps() {
        for (modifier, step) in [
            ("+1 day", Some(Step::Milliseconds(86_400_000))),
            ("-1.5 Hours", Some(Step::Milliseconds(-5_400_000))),
            ("2  minutes", Some(Step::Milliseconds(120_000))),
            ("+0.0005 second", Some(Step::Milliseconds(1))),
            ("-13 months", Some(Step::Months(-13))),
            ("+1 YEAR", Some(Step::Months(12))),
            ("weekday 6", Some(Step::Weekday(6))),
            ("Start of Month", Some(Step::StartOf("month"))),
            ("+1.5 months", None),
            ("+2000 years", None),
            ("+1day", None),
            ("+1e1 days", None),
            ("+2 weeks", None),
            ("weekday 7", None),
            ("+01:00", None),
            ("auto", None),
            ("utc", None),
            ("", None),
        ] {
            let found = steps([modifier].into_iter(), false);
            assert_eq!(found, step.map(|step| (vec![step], false)), "{modifier}");
        }
        assert_eq!(steps(["utc", "subsec"].into_iter(), true), Some((Vec::new(), true)));
        assert_eq!(steps(["+1 day", "localtime"].into_iter(), false), None);
    }
}
