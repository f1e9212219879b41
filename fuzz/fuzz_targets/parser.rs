//! Any text: the parser neither panics nor overflows its stack, and its spans lie inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sqlift::translate::parser::parse_statement;

fuzz_target!(|text: &str| {
    match parse_statement(text) {
        Ok(statement) => assert!(!statement.span.text(text).is_empty()),
        Err(error) => assert!(text.get(error.span.start..error.span.end).is_some()),
    }
});
