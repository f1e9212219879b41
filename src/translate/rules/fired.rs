//! Which rows a translation needed: a bit for each, so that it costs next to nothing where nobody asks.

use std::sync::LazyLock;

use super::Rule;
use super::functions::{FUNCTIONS, Function};

/// The rules and the functions of SQLite's that a statement's text was changed by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fired {
    rules: u128,
    functions: [u128; 2],
}

const _: () = assert!(FUNCTIONS.len() <= 256);

/// Each rule's address and number, by address: rules fire in every translation, and lie in several tables.
static PLACES: LazyLock<Vec<(usize, u8)>> = LazyLock::new(|| {
    let mut places: Vec<_> =
        super::all().map(|rule| std::ptr::from_ref(rule).addr()).zip(0..u128::BITS as u8).collect();
    places.sort_unstable();
    places
});

impl Fired {
    pub(crate) fn rule(&mut self, rule: &'static Rule) {
        let place = PLACES.binary_search_by_key(&std::ptr::from_ref(rule).addr(), |(address, _)| *address);
        self.rules |= 1 << PLACES[place.expect("every rule is in a table")].1;
    }

    pub(crate) fn function(&mut self, function: &'static Function) {
        // Where it lies in the table; a search through all rows would show in a translation's time.
        let number = (std::ptr::from_ref(function).addr() - FUNCTIONS.as_ptr().addr()) / size_of::<Function>();
        debug_assert!(std::ptr::eq(&FUNCTIONS[number], function));
        self.functions[number / 128] |= 1 << (number % 128);
    }

    /// The ids of the rules, and behind them the names of the functions, each once.
    pub fn ids(self) -> impl Iterator<Item = &'static str> {
        let rules = super::all().enumerate().filter(move |(number, _)| self.rules >> number & 1 == 1);
        let has = move |number: usize| self.functions[number / 128] >> (number % 128) & 1 == 1;
        let functions = FUNCTIONS.iter().enumerate().filter(move |(number, function)| {
            // A function may have a row for each number of arguments.
            has(*number) && (*number == 0 || FUNCTIONS[number - 1].name != function.name || !has(number - 1))
        });
        rules.map(|(_, rule)| rule.id).chain(functions.map(|(_, function)| function.name))
    }

    pub fn is_empty(self) -> bool {
        self == Fired::default()
    }
}
