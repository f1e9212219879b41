//! What PRAGMAs set that do nothing on PostgreSQL, and answer with what was set: `synchronous`, `cache_size`, ...

use super::bind::Binding;
use crate::translate::rules::pragmas::SETTINGS;

/// By their place in [`SETTINGS`]; empty until one is set.
#[derive(Debug, Default)]
pub(crate) struct Settings(Vec<(u8, i64)>);

impl Settings {
    pub fn set(&mut self, place: u8, number: i64) {
        self.0.retain(|(known, _)| *known != place);
        self.0.push((place, number));
    }

    /// All of them, as parameters of a statement.
    pub fn bindings(&self) -> Vec<Binding> {
        let number =
            |place: usize| self.0.iter().find(|(known, _)| usize::from(*known) == place).map(|(_, number)| *number);
        let usual = |place: usize| SETTINGS[place].answer.parse().unwrap_or(0);
        (0..SETTINGS.len()).map(|place| Binding::of_integer(number(place).unwrap_or_else(|| usual(place)))).collect()
    }
}
