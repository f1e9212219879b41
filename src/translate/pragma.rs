//! PRAGMA, the schema table, and table-valued functions.

use super::ast::*;
use super::edits::Piece;
use super::names::{fold, quote_literal};
use super::pass::{Pass, Result, refuse};
use super::pragma_tables::{own_list, typed_columns, word};
use super::rules;
use super::rules::pragmas::{About, Kept, LISTINGS, Listing, Never, REFUSED, SETTINGS, Set};
use super::scope::{Source, SourceColumn};
use super::statement::{self, Outcome};
use super::types::{Columns, Type, Typed};
use super::{Counter, Kind, SlotContext};
use crate::syntax::Span;

const SCHEMA_TABLE: &[(&str, Type)] = &[
    ("type", Type::Text),
    ("name", Type::Text),
    ("tbl_name", Type::Text),
    ("rootpage", Type::Integer),
    ("sql", Type::Text),
];

impl Pass<'_> {
    pub fn pragma(&mut self, pragma: &Pragma, span: Span) -> Result<Outcome> {
        let name = fold(&pragma.name.name.text);
        if let Some(schema) = &pragma.name.schema {
            self.own_schema(schema)?;
        }
        if let Some(listing) = LISTINGS.iter().find(|listing| listing.name == name) {
            return self.listing(listing, pragma, span);
        }
        if let Some(place) = SETTINGS.iter().position(|setting| setting.name == name) {
            let setting = &SETTINGS[place];
            let place = place as u8;
            let Some(value) = &pragma.value else {
                if setting.kept != Kept::Nothing && !setting.answer.is_empty() {
                    return Ok(self.kept_answer(span, &name, place));
                }
                let in_memory = name == "journal_mode" && self.options.in_memory;
                return Ok(self.answer(span, &name, if in_memory { "'memory'::text" } else { setting.answer }));
            };
            let is_on = self.is_on(&value.value);
            if setting.never == Never::On && is_on || setting.never == Never::Off && !is_on {
                let words = if is_on { "ON" } else { "OFF" };
                return refuse(
                    format!("PRAGMA {name} = {words} has no counterpart on PostgreSQL"),
                    span,
                    "leave it out",
                );
            }
            if name == "defer_foreign_keys" {
                self.note(&rules::schema::DEFERRED_KEYS, span);
                self.sets = Some(super::Set::DeferForeignKeys(is_on));
                self.edits.replace_text(span, format!("SELECT sqlift.defer_foreign_keys({is_on})"));
                return Ok(statement::of(Kind::Other));
            }
            if name == "foreign_keys" {
                // On is what it is, unless it was turned off.
                self.note(if is_on { &rules::schema::SETTINGS } else { &rules::schema::FOREIGN_KEYS_OFF }, span);
                self.sets = Some(super::Set::ForeignKeys(is_on));
                return Ok(statement::nothing(Kind::Other));
            }
            self.note(&rules::schema::SETTINGS, span);
            if let Some(number) = self.kept_number(setting.kept, &value.value) {
                self.sets = Some(super::Set::Setting(place, number));
                if name == "recursive_triggers" {
                    // In a transaction its statements may have told the triggers otherwise.
                    let word = if is_on { "on" } else { "off" };
                    let text = format!("SELECT pg_catalog.set_config('sqlift.recursive_triggers', '{word}', true)");
                    self.edits.replace_text(span, text);
                    return Ok(statement::of(Kind::Other));
                }
                return Ok(match setting.set {
                    Set::Nothing => statement::nothing(Kind::Other),
                    _ => self.kept_answer(span, &name, place),
                });
            }
            let answer = match (setting.set, name.as_str(), word(&value.value)) {
                (Set::Nothing, ..) => return Ok(statement::nothing(Kind::Other)),
                (_, "journal_mode", _) if self.options.in_memory => "'memory'::text".to_owned(),
                (_, "journal_mode" | "locking_mode", Some(word)) => {
                    format!("{}::text", quote_literal(&word.to_ascii_lowercase()))
                }
                _ => setting.answer.to_owned(),
            };
            return Ok(self.answer(span, &name, &answer));
        }
        match name.as_str() {
            "user_version" | "application_id" => self.stored(pragma, span, &name),
            "busy_timeout" => {
                if let Some(value) = &pragma.value {
                    let Some(milliseconds) = self.integer_value(&value.value) else {
                        return refuse(
                            "PRAGMA busy_timeout needs a number of milliseconds",
                            span,
                            "write PRAGMA busy_timeout = 5000",
                        );
                    };
                    // SQLite keeps it in 31 bits, and takes less than nothing for nothing.
                    self.sets = Some(super::Set::BusyTimeout(milliseconds.clamp(0, i32::MAX.into()) as u32));
                }
                let value = Piece::Parameter(0, SlotContext::Counter(Counter::BusyTimeout));
                self.edits.replace(span, ["SELECT ".into(), value, " AS timeout".into()]);
                Ok(statement::rows(vec![("timeout".to_owned(), Typed::new(Type::Integer))]))
            }
            "encoding" => match &pragma.value {
                Some(value)
                    if !word(&value.value).is_some_and(|word| {
                        word.to_ascii_uppercase().starts_with("UTF-8") || word.eq_ignore_ascii_case("utf8")
                    }) =>
                {
                    refuse("the database's text is UTF-8", span, "leave it out")
                }
                Some(_) => Ok(statement::nothing(Kind::Other)),
                None => Ok(self.answer(span, "encoding", "'UTF-8'::text")),
            },
            "integrity_check" | "quick_check" => Ok(self.answer(span, &name, "'ok'::text")),
            "page_count" => {
                let pages = self.page_count();
                Ok(self.answer(span, "page_count", &pages))
            }
            "function_list" | "pragma_list" => {
                let (text, columns) = own_list(&name);
                self.edits.replace_text(span, format!("SELECT * FROM {text} AS l"));
                Ok(statement::rows(columns))
            }
            "optimize" => {
                self.edits.replace_text(span, "SELECT NULL::text AS optimize WHERE false");
                Ok(statement::rows(typed_columns(&[("optimize", Type::Text)])))
            }
            "incremental_vacuum" | "shrink_memory" => Ok(statement::nothing(Kind::Other)),
            "wal_checkpoint" => {
                self.edits.replace_text(span, "SELECT 0 AS busy, 0 AS log, 0 AS checkpointed");
                Ok(statement::rows(typed_columns(&[
                    ("busy", Type::Integer),
                    ("log", Type::Integer),
                    ("checkpointed", Type::Integer),
                ])))
            }
            "freelist_count" => Ok(self.answer(span, "freelist_count", "0")),
            // It changes with every transaction of the server, so with others' as well.
            "data_version" => Ok(self.answer(
                span,
                "data_version",
                "(txid_snapshot_xmax(txid_current_snapshot()) % 2147483647)::bigint",
            )),
            "schema_version" if pragma.value.is_none() => {
                let text = format!("sqlift.schema_version({})", self.schema_literal());
                Ok(self.answer(span, "schema_version", &text))
            }
            "schema_version" => refuse("PRAGMA schema_version is not to be set", span, "leave it out"),
            _ => match REFUSED.iter().find(|(refused, _)| *refused == name) {
                Some((_, help)) => refuse(format!("PRAGMA {name} has no counterpart on PostgreSQL"), span, *help),
                // As on SQLite: a PRAGMA that it does not know does nothing.
                None => Ok(statement::nothing(Kind::Other)),
            },
        }
    }

    fn listing(&mut self, listing: &Listing, pragma: &Pragma, span: Span) -> Result<Outcome> {
        let schema = pragma.name.schema.as_ref();
        let is_temporary = pragma.name.is_temp();
        let argument = match &pragma.value {
            Some(value) if listing.about != About::All => {
                let text = word(&value.value).unwrap_or_else(|| self.source(value.span).to_owned());
                let argument = format!(", {}", quote_literal(&text));
                if !is_temporary {
                    self.own_table(schema, &text, value.span)?;
                }
                argument
            }
            _ if listing.about == About::Named => return Ok(statement::nothing(Kind::Other)),
            _ => String::new(),
        };
        let schema = if is_temporary { "'pg_temp'" } else { self.schema_literal() };
        self.edits.replace_text(span, format!("SELECT * FROM sqlift.pragma_{}({schema}{argument})", listing.name));
        Ok(statement::rows(typed_columns(listing.columns)))
    }

    /// What is kept of a value; `None` for a word that SQLite does not know.
    fn kept_number(&self, kept: Kept, value: &Expr) -> Option<i64> {
        match kept {
            Kept::Nothing => None,
            Kept::Number => self.integer_value(value).or_else(|| self.is_on(value).then_some(1)),
            Kept::Flag => Some(self.is_on(value).into()),
            Kept::Word(words, most) => match (self.integer_value(value), word(value)) {
                (Some(number), _) => (0..most).contains(&number).then_some(number),
                (None, Some(text)) => words
                    .iter()
                    .position(|known| text.eq_ignore_ascii_case(known))
                    .or_else(|| matches!(&*text.to_ascii_lowercase(), "yes" | "true" | "on").then_some(1))
                    .and_then(|place| place.try_into().ok()),
                _ => None,
            },
        }
    }

    fn kept_answer(&mut self, span: Span, name: &str, place: u8) -> Outcome {
        let value = Piece::Parameter(0, SlotContext::Setting(place));
        self.edits.replace(span, ["SELECT ".into(), value, format!(" AS {}", super::names::identifier(name)).into()]);
        statement::rows(vec![(name.to_owned(), Typed::new(Type::Integer))])
    }

    /// ON, TRUE, YES and numbers other than zero.
    fn is_on(&self, value: &Expr) -> bool {
        match word(value) {
            Some(word) => {
                ["on", "yes", "true"].iter().any(|on| word.eq_ignore_ascii_case(on))
                    || word.parse::<i64>().is_ok_and(|number| number != 0)
            }
            None => self.integer_value(value).is_some_and(|number| number != 0),
        }
    }

    fn answer(&mut self, span: Span, column: &str, expression: &str) -> Outcome {
        if expression.is_empty() {
            return statement::nothing(Kind::Other);
        }
        self.edits.replace_text(span, format!("SELECT {expression} AS {}", super::names::identifier(column)));
        statement::rows(vec![(column.to_owned(), Typed::new(Type::Integer))])
    }

    /// A number that SQLite keeps in the file's header.
    fn stored(&mut self, pragma: &Pragma, span: Span, name: &str) -> Result<Outcome> {
        let private = self.options.in_memory;
        let Some(value) = &pragma.value else {
            let text = self.stored_answer(name);
            return Ok(self.answer(span, name, &text));
        };
        let number = self.header_number(&value.value);
        let text = if private {
            format!("SELECT set_config('sqlift.{name}', '{number}', false)")
        } else {
            format!("SELECT sqlift.store_setting('{name}', {number})")
        };
        self.edits.replace_text(span, text);
        Ok(statement::of(Kind::Other))
    }

    /// In pages of PostgreSQL's, which `PRAGMA page_size` tells.
    pub(super) fn page_count(&self) -> String {
        format!("sqlift.page_count({})", self.schema_literal())
    }

    /// What SQLite makes of a value for a number of 32 bits in the file's header: the digits that it begins with, and zero of what
    /// has none or does not fit.
    fn header_number(&self, value: &Expr) -> i32 {
        if let Some(number) = self.integer_value(value) {
            return number.try_into().unwrap_or(0);
        }
        let text = word(value).unwrap_or_else(|| self.source(value.span).to_owned());
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            let digits = hex.find(|c: char| !c.is_ascii_hexdigit()).map_or(hex, |end| &hex[..end]);
            return i32::from_str_radix(digits, 16).unwrap_or(0);
        }
        let digits = text.trim_start_matches(['-', '+']).find(|c: char| !c.is_ascii_digit());
        let sign = text.len() - text.trim_start_matches(['-', '+']).len();
        text[..digits.map_or(text.len(), |end| sign + end)].parse().unwrap_or(0)
    }

    pub(super) fn stored_answer(&self, name: &str) -> String {
        match self.options.in_memory {
            true => format!("coalesce(NULLIF(current_setting('sqlift.{name}', true), ''), '0')::bigint"),
            false => format!("sqlift.stored_setting('{name}')"),
        }
    }

    fn integer_value(&self, value: &Expr) -> Option<i64> {
        match &value.kind {
            ExprKind::Integer => match self.source(value.span) {
                hex if hex.starts_with("0x") || hex.starts_with("0X") => i64::from_str_radix(&hex[2..], 16).ok(),
                digits => digits.parse().ok(),
            },
            ExprKind::String(text) => text.parse().ok(),
            ExprKind::Column { schema: None, table: None, column } => column.text.parse().ok(),
            ExprKind::Unary { operator, operand } => {
                let inner = self.integer_value(operand)?;
                match operator {
                    UnaryOperator::Minus => Some(-inner),
                    UnaryOperator::Plus => Some(inner),
                    _ => None,
                }
            }
            ExprKind::Parenthesized(inner) => self.integer_value(inner),
            _ => None,
        }
    }

    /// The schema that the compat functions look at: the connection's own one, or the current.
    pub(super) fn schema_literal(&self) -> &'static str {
        if self.options.in_memory { "'pg_temp'" } else { "NULL" }
    }

    /// sqlite_master and its other names.
    pub fn schema_table(&mut self, name: &QualifiedName, alias: Option<&Name>) -> Result<Option<Source>> {
        let written = fold(&name.name.text);
        let known_as = fold(&alias.unwrap_or(&name.name).text);
        let schema = match written.as_str() {
            "sqlite_master" | "sqlite_schema" if !name.is_temp() => self.schema_literal(),
            "sqlite_master" | "sqlite_schema" | "sqlite_temp_master" | "sqlite_temp_schema" => "'pg_temp'",
            "sqlite_stat1" | "dbstat" => {
                return refuse(
                    format!("{written} is a table of SQLite's own"),
                    name.span,
                    "ask PostgreSQL's catalog in a native statement",
                );
            }
            _ => {
                let Some((text, columns)) =
                    written.strip_prefix("pragma_").and_then(|pragma| self.whole_pragma(pragma))
                else {
                    return Ok(None);
                };
                let alias = if alias.is_none() { format!(" AS {written}") } else { String::new() };
                self.note(&rules::schema::PRAGMA_ANSWERS, name.span);
                return Ok(Some(self.listed_rows(&written, name.span, &known_as, (text, columns), alias)));
            }
        };
        self.note(&rules::schema::SCHEMA_TABLE, name.span);
        let alias = if alias.is_none() { format!(" AS {written}") } else { String::new() };
        let rows = (vec![format!("sqlift.sqlite_schema({schema})").into()], typed_columns(SCHEMA_TABLE));
        Ok(Some(self.listed_rows(&written, name.span, &known_as, rows, alias)))
    }

    /// `pragma_table_info('t')`, `json_each(x)` in FROM.
    pub fn table_function(
        &mut self,
        table: &TableRef,
        name: &QualifiedName,
        arguments: &[Expr],
    ) -> Result<Vec<Source>> {
        let function = fold(&name.name.text);
        let is_call = arguments.first().is_none_or(|argument| argument.span.start < table.span.end);
        let end = if is_call { call_end(table, arguments, self.sql) } else { name.span.end };
        let call = Span { start: name.span.start, end };
        if let [argument, rank @ ..] = arguments
            && rank.len() < 2
            && let Some(source) = self.full_text_call(table, name, (argument, rank.first()), call)?
        {
            return Ok(vec![source]);
        }
        let known_as = match &table.alias {
            Some(alias) => self.declare(alias),
            None => function.clone(),
        };
        let alias = if table.alias.is_none() { format!(" AS {known_as}") } else { String::new() };
        if arguments.is_empty()
            && let Some((text, columns)) = function.strip_prefix("pragma_").and_then(|pragma| self.whole_pragma(pragma))
        {
            self.note(&rules::schema::PRAGMA_ANSWERS, call);
            return Ok(vec![self.listed_rows(&function, call, &known_as, (text, columns), alias)]);
        }
        if let Some(pragma) = function.strip_prefix("pragma_")
            && let Some(source) = self.pragma_of(pragma, name, arguments, call, (&known_as, &alias))?
        {
            return Ok(vec![source]);
        }
        if function == "json_each" || function == "json_tree" {
            return self.json_table(&function, call, arguments, known_as, &alias);
        }
        if let Some((mut pieces, columns)) = self.series(&function, call, arguments)? {
            pieces.push(alias.into());
            self.edits.replace(call, pieces);
            return Ok(vec![table_function_source(&known_as, &columns)]);
        }
        refuse(
            format!("the table function {function}() has no rule yet"),
            name.span,
            "bind the values one by one, or write PostgreSQL's own SQL in a native statement",
        )
    }
}

pub(crate) fn table_function_source(name: &str, columns: &Columns) -> Source {
    let columns = columns.iter().map(|(name, typed)| {
        let mut typed = typed.clone();
        typed.from_column = true;
        SourceColumn { name: name.as_str().into(), typed, merged: false }
    });
    let mut source = Source::listed(name, columns);
    source.is_function = true;
    source
}

/// Where the call ends: at the parenthesis behind the last argument.
fn call_end(table: &TableRef, arguments: &[Expr], sql: &str) -> usize {
    let from = arguments.last().map_or(table.span.start, |argument| argument.span.end);
    crate::syntax::tokens_from(sql, from)
        .find(|token| token.kind == crate::syntax::TokenKind::RightParen)
        .map_or(table.span.end, |token| token.span.end)
}
