//! Any text, on tables of many types: the translator neither panics nor overflows its stack, says the same twice, and its notes,
//! refusals and offsets lie inside the text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqlift::translate::{Catalog, Options, TypePolicy, translate};

/// The tables of the test suite's statements, so that names of the seeds are found.
const SCHEMA: &str = include_str!("../schema.sql");

static CATALOGS: LazyLock<[(Catalog, Options); 2]> = LazyLock::new(|| {
    [TypePolicy::FAITHFUL, TypePolicy::NATIVE].map(|types| {
        let options = Options { types, ..Options::default() };
        (Catalog::from_script(SCHEMA, &options).expect("the schema is SQLite's"), options)
    })
});

fuzz_target!(|text: &str| {
    for (catalog, options) in &*CATALOGS {
        let found = translate(text, catalog, options);
        assert_eq!(found, translate(text, catalog, options));
        match found {
            Ok(translation) => {
                for note in &translation.notes {
                    assert!(text.get(note.span.start..note.span.end).is_some(), "{note:?}");
                }
                for output in [0, translation.sql.len() / 2, translation.sql.len()] {
                    assert!(translation.offsets.to_source(output) <= text.len());
                }
            }
            Err(refusal) => {
                assert!(text.get(refusal.span.start..refusal.span.end).is_some(), "{refusal:?}");
                assert!(!refusal.message.is_empty());
            }
        }
    }
});
