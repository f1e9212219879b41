//! Which rows a translation needed: a bit for each, so that it costs next to nothing where nobody asks.

use super::Rule;
use super::functions::{FUNCTIONS, Function};

/// The rules and the functions of SQLite's that a statement's text was changed by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fired {
    rules: u128,
    functions: [u128; 2],
}

const _: () = assert!(FUNCTIONS.len() <= 256);

impl Fired {
    pub(crate) fn rule(&mut self, rule: &'static Rule) {
        let number = super::all().position(|other| std::ptr::eq(other, rule)).expect("every rule is in a table");
        self.rules |= 1 << number;
    }

    pub(crate) fn function(&mut self, function: &'static Function) {
        let number = FUNCTIONS.iter().position(|other| std::ptr::eq(other, function)).expect("it is in the table");
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
