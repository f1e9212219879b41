//! EXPLAIN QUERY PLAN: PostgreSQL's plan of the statement in SQLite's shape.

use super::ast::Statement;
use super::catalog::ColumnType;
use super::names::quote_literal;
use super::pass::{Pass, Result, refuse};
use super::statement::{Outcome, rows};
use super::types::{Type, Typed};
use super::{Kind, Slot, SlotContext, rules};
use crate::syntax::{Span, TokenKind, tokens};

impl Pass<'_> {
    pub fn query_plan(&mut self, inner: &Statement, span: Span) -> Result<Outcome> {
        let outcome = self.statement(inner)?;
        if !matches!(outcome.kind, Kind::Read | Kind::Write { .. }) || outcome.silent {
            return refuse("EXPLAIN of this statement", span, "only queries and writes can be explained");
        }
        let rendered = self.edits.render(self.sql, inner.span);
        let statement = without_parameters(&rendered.text, &rendered.slots);
        self.note(&rules::select::QUERY_PLAN, span);
        self.edits.replace_text(
            span,
            format!("SELECT id, parent, notused, detail FROM sqlift.query_plan({})", quote_literal(&statement)),
        );
        let number = || Typed::new(Type::Integer).nullable(false);
        Ok(rows(vec![
            ("id".to_owned(), number()),
            ("parent".to_owned(), number()),
            ("notused".to_owned(), number()),
            ("detail".to_owned(), Typed::new(Type::Text).nullable(false)),
        ]))
    }
}

/// The text with values in the place of its parameters that the planner does not know ahead.
fn without_parameters(text: &str, slots: &[Slot]) -> String {
    let mut plain = String::with_capacity(text.len());
    for token in tokens(text) {
        let word = token.span.text(text);
        let number = word.strip_prefix('$').filter(|_| token.kind == TokenKind::Placeholder);
        let digits = number.map_or("", |number| &number[..number.bytes().take_while(u8::is_ascii_digit).count()]);
        let slot = digits.parse::<usize>().ok().and_then(|number| slots.get(number.checked_sub(1)?));
        match slot {
            Some(slot) => {
                plain.push_str(&unknown(slot.context));
                plain.push_str(&word[1 + digits.len()..]);
            }
            None => plain.push_str(word),
        }
    }
    plain
}

fn unknown(context: SlotContext) -> String {
    let name = match context {
        SlotContext::Column(column) | SlotContext::Compared(column) | SlotContext::Beside(column, _) => {
            super::types::type_name(column)
        }
        SlotContext::Limit | SlotContext::Offset | SlotContext::Counter(_) => {
            super::types::type_name(ColumnType::BigInt)
        }
        SlotContext::Array => Some("text[]"),
        _ => None,
    };
    match name {
        Some(name) => format!("(SELECT NULL::{name})"),
        None => "NULL".to_owned(),
    }
}
