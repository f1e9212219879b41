//! `*` and `table.*` among result columns.

use super::ast::*;
use super::edits::Piece;
use super::names::quote_identifier;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::select::Place;
use super::types::{Class, Columns, Type, Typed};

impl Pass<'_> {
    pub fn star(&mut self, column: &ResultColumn, place: Place<'_>, columns: &mut Columns) -> Result<()> {
        let sources = self.scopes.last().map(|scope| scope.sources.clone()).unwrap_or_default();
        let table = match &column.kind {
            ResultColumnKind::TableStar(table) => Some(table),
            _ => None,
        };
        let chosen: Vec<_> = sources
            .iter()
            .filter(|source| table.is_none_or(|table| source.name.eq_ignore_ascii_case(&table.text)))
            .collect();
        if chosen.is_empty() {
            return match table {
                Some(table) => {
                    sqlite_error(format!("no such table: {}", table.text), column.span, Some("no-such-table"))
                }
                None => sqlite_error("no tables specified", column.span, None),
            };
        }
        let merged = table.is_none() && chosen.iter().any(|source| source.columns().any(|column| column.merged));
        let hidden = chosen.iter().any(|source| source.has_hidden());
        // Of a full text table its own columns only, not what keeps the tokens.
        let merged = merged || chosen.iter().any(|source| source.full_text.is_some());
        let grouping = self.scopes.last().and_then(|scope| scope.grouping.clone());
        let (mut bare, mut shown) = (false, false);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut results = Vec::new();
        for source in &chosen {
            for offered in source.columns().filter(|offered| table.is_some() || !offered.merged) {
                if !pieces.is_empty() {
                    pieces.push(", ".into());
                }
                // Behind RIGHT and FULL JOIN the left side's row may be missing, and the name alone is the joined value.
                let is_joined = source.is_outer
                    && !offered.merged
                    && sources.iter().any(|other| {
                        !other.merges_by_on && other.merged.iter().any(|name| name.eq_ignore_ascii_case(&offered.name))
                    });
                let written = match is_joined {
                    true => super::names::identifier(&offered.name),
                    false => format!("{}.{}", source.printed, super::names::identifier(&offered.name)),
                };
                shown |= is_joined && table.is_some();
                results.push(vec![written.clone().into()]);
                match grouping.as_ref().and_then(|grouping| grouping.pick(&source.printed, &offered.name)) {
                    Some(order) => {
                        bare = true;
                        let picked = super::bare::picked(written.into(), order);
                        results.pop();
                        results.push(picked.clone());
                        pieces.extend(picked);
                        pieces.push(format!(" AS {}", quote_identifier(&offered.name)).into());
                    }
                    None if place == Place::Returned && offered.typed.ty == Type::Any => {
                        self.fired.rule(&rules::types::UNTYPED_VALUES);
                        shown = true;
                        pieces.push(format!("{}{written})", super::untyped::SHOWN).into());
                    }
                    None if offered.typed.ty == Type::Null && offered.typed.kinds.is_none() => {
                        shown = true;
                        pieces.push(format!("NULL AS {}", quote_identifier(&offered.name)).into());
                    }
                    None => pieces.push(written.into()),
                }
                if let Place::Assigned(targets) = place
                    && let Some(target) = targets.get(columns.len())
                    && !target.as_is
                    && !target.takes(&offered.typed)
                {
                    return refuse(
                        format!(
                            "{} is {}, but column {} is not",
                            &*offered.name,
                            offered.typed.ty.describe(),
                            target.name
                        ),
                        column.span,
                        "name the columns instead of *, and CAST this one",
                    );
                }
                let shown = offered
                    .typed
                    .shown
                    .as_ref()
                    .filter(|_| matches!(place, Place::Top | Place::Returned | Place::Inner | Place::Declared));
                columns.push((
                    shown.map_or(&*offered.name, |name| name.shown()).to_owned(),
                    Typed { class: Class::Primary, nullable: offered.typed.nullable || bare, ..offered.typed },
                ));
            }
        }
        if let Some(table) = table {
            let printed = chosen[0].name.clone();
            self.rename(table, &printed);
        }
        self.scope().results.extend(results);
        if merged {
            // PostgreSQL moves the columns of USING to the front.
            self.note(&rules::select::STAR_WITH_USING, column.span);
        }
        if bare {
            self.note(&rules::select::BARE_COLUMN, column.span);
        }
        if hidden {
            self.note(&rules::rowids::HIDDEN_ROWID, column.span);
        }
        if merged || bare || hidden || shown {
            self.edits.replace(column.span, pieces);
        }
        Ok(())
    }
}
