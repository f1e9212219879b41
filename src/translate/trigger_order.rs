//! Triggers by name: as SQLite knows them, and as PostgreSQL has them.
//!
//! Of several triggers for one table, time and event SQLite runs the newest first, PostgreSQL goes by their names. A trigger
//! whose name comes behind that of an older one gets a number in front, which counts down: `^fff^name`, `^ffe^other`. So does
//! an AFTER trigger whose name comes ahead of PostgreSQL's own triggers of foreign keys, `RI_ConstraintTrigger_...`: what a
//! key does with the children of a row is done when the row's AFTER triggers run.

use super::ast::{CreateTrigger, Name, TriggerEvent, TriggerTime};
use super::catalog::{Table, Trigger, Writes};
use super::names::{LONGEST_NAME, fold};
use super::pass::{Result, refuse};

const LENGTH: usize = "^fff^".len();
/// Behind PostgreSQL's own `RI_...`, and behind the temporary ones of lasting tables, which SQLite runs first: `[pid.token[number`.
const BEHIND_KEYS: &str = "]";
/// Carries out what foreign keys say, ahead of all others (sql/postgres/compat/key_actions.sql).
pub(crate) const ACTIONS: &str = "!sqlift_acts";

/// The trigger's name on SQLite, and its number.
pub(crate) fn known_as(stored: &str) -> (&str, Option<u16>) {
    let numbered = || {
        let (number, name) = stored.strip_prefix('^')?.split_once('^')?;
        let is_number = number.len() == LENGTH - 2 && !number.starts_with('+');
        Some((name, u16::from_str_radix(number, 16).ok().filter(|_| is_number)?))
    };
    numbered().map_or((stored, None), |(name, number)| (name, Some(number)))
}

/// What a new trigger is called on PostgreSQL, so that it runs ahead of those that are there.
pub(super) fn stored_name(table: &Table, create: &CreateTrigger, written: &Name) -> Result<String> {
    let name = fold(&written.text);
    if known_as(&name).1.is_some() || name == ACTIONS {
        let help = "give it another name";
        return refuse(format!("a trigger named {name}: sqlift tells its own by such names"), written.span, help);
    }
    let (time, events) = moment(create);
    let beside = || {
        let same = move |other: &&Trigger| !other.is_of_session && other.time == time && other.events.meet(events);
        table.triggers.iter().filter(same).map(|other| other.stored.as_str())
    };
    let has_room = name.len() <= LONGEST_NAME - LENGTH;
    let is_behind = *name > *BEHIND_KEYS || time != TriggerTime::After && !has_room;
    if is_behind && beside().all(|other| *name < *other) {
        return Ok(name);
    }
    let number = beside().filter_map(|other| known_as(other).1).min().unwrap_or(0x1000);
    let stored = format!("^{:03x}^{name}", number.saturating_sub(1));
    if number == 0 || stored.len() > LONGEST_NAME || !beside().all(|other| *stored < *other) {
        return refuse(
            "a name that is longer than PostgreSQL lets the trigger be put where it runs when it does on SQLite",
            written.span,
            format!("give it a name of at most {} bytes", LONGEST_NAME - LENGTH),
        );
    }
    Ok(stored)
}

/// Whether it runs behind temporary ones.
pub(super) fn sorts_behind_temporary(trigger: &Trigger) -> bool {
    trigger.is_of_session || *trigger.stored > *BEHIND_KEYS
}

/// When it runs, and for what.
pub(super) fn moment(create: &CreateTrigger) -> (TriggerTime, Writes) {
    let events = Writes {
        insert: create.event == TriggerEvent::Insert,
        update: matches!(create.event, TriggerEvent::Update { .. }),
        delete: create.event == TriggerEvent::Delete,
    };
    (create.time.unwrap_or(TriggerTime::Before), events)
}

#[cfg(test)]
mod tests {
    use super::known_as;

    #[test]
    fn numbers_are_told_from_names() {
        assert_eq!(known_as("^fff^a^b"), ("a^b", Some(0xfff)));
        for name in ["a", "^a", "^+ff^a", "^ffff^a", "^xyz^a", ""] {
            assert_eq!(known_as(name), (name, None));
        }
    }
}
