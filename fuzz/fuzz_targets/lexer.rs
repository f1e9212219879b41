//! Any text: tokens cover it, the quick search for placeholders finds what the lexer finds, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sqlift::syntax::{TokenKind, placeholders, rewrite, rewrite_native, statement_start, statements, tokens};

fuzz_target!(|text: &str| {
    let mut end = 0;
    for token in tokens(text) {
        assert_eq!(token.span.start, end);
        assert!(!token.span.text(text).is_empty());
        end = token.span.end;
    }
    assert_eq!(end, text.len());

    if let Ok(found) = placeholders(text) {
        let fast = found.uses.into_iter().map(|one| one.span);
        let slow = tokens(text).filter(|token| token.kind == TokenKind::Placeholder).map(|token| token.span);
        assert!(fast.eq(slow));
    }
    for span in statements(text).into_iter().flatten() {
        assert!(!span.text(text).is_empty());
    }
    assert!(statement_start(text) <= text.len());
    drop((rewrite(text), rewrite_native(text)));
});
