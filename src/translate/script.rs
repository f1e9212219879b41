//! Scripts: one statement after the other, each against the tables that those before it leave.

use super::catalog::Catalog;
use super::{Kind, OffsetMap, Options, Refusal, Slot, SlotContext, Translation, catalog::ColumnType, offline};
use crate::syntax::{self, Span, next_statement, statement_start};

/// One statement of a script, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptStatement {
    /// Where it stands in the script, without comments in front of it and the `;` behind it.
    pub span: Span,
    /// The spans of notes and of a refusal are the script's.
    pub translation: Result<Translation, Refusal>,
}

/// Translates a script, one statement after the other.
///
/// Each statement sees the tables that those before it made, refused ones too, so that what follows is judged by itself;
/// `catalog` ends as the script would leave it. What stands behind `/* sqlift: native */` is passed through, and what it
/// does to the tables is not known.
///
/// # Examples
/// ```
/// use sqlift::translate::{Catalog, Options, translate_script};
///
/// let mut catalog = Catalog::default();
/// let script = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); SELECT n FROM t ORDER BY n; ATTACH 'x' AS y";
/// let statements: Vec<_> = translate_script(script, &mut catalog, &Options::default()).collect();
/// assert_eq!(statements[1].translation.as_ref().unwrap().sql, "SELECT n FROM t ORDER BY n NULLS FIRST, t.id");
/// let refusal = statements[2].translation.as_ref().unwrap_err();
/// assert_eq!(refusal.span.text(script), "'x'");
/// assert!(catalog.table("T").is_some());
/// ```
pub fn translate_script<'s>(
    script: &'s str,
    catalog: &'s mut Catalog,
    options: &'s Options,
) -> impl Iterator<Item = ScriptStatement> + 's {
    let mut from = 0;
    std::iter::from_fn(move || {
        let (whole, tail) = match next_statement(script, from) {
            Ok(found) => found?,
            Err(error) => {
                // There is no telling where the next one would begin.
                from = script.len();
                return Some(ScriptStatement { span: error.span(), translation: Err(unreadable(&error)) });
            }
        };
        from = tail;
        let sql = whole.text(script);
        let translation = match syntax::has_native_directive(sql) {
            true => native(sql),
            false => super::translate(sql, catalog, options),
        };
        offline::apply_as(catalog, sql, options.types);
        let translation = match translation {
            Ok(mut translation) => {
                translation.notes.iter_mut().for_each(|note| note.span = moved(note.span, whole.start));
                Ok(translation)
            }
            Err(refusal) => Err(Refusal { span: moved(refusal.span, whole.start), ..refusal }),
        };
        let span = Span { start: whole.start + statement_start(sql), ..whole };
        Some(ScriptStatement { span, translation })
    })
}

impl Catalog {
    /// The tables that a script of SQLite's leaves, from CREATE TABLE, CREATE INDEX, ALTER TABLE and their like; other
    /// statements change nothing.
    ///
    /// # Errors
    /// What SQLite could not read, with its place in the script.
    ///
    /// # Examples
    /// ```
    /// use sqlift::translate::{Catalog, Options};
    ///
    /// let catalog = Catalog::from_script("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", &Options::default()).unwrap();
    /// assert_eq!(catalog.table("t").unwrap().rowid_column().unwrap().name, "id");
    /// assert!(Catalog::from_script("CREATE TALBE t (a)", &Options::default()).is_err());
    /// ```
    pub fn from_script(script: &str, options: &Options) -> Result<Catalog, Refusal> {
        let mut catalog = Catalog::default();
        let mut from = 0;
        while let Some((span, tail)) = next_statement(script, from).map_err(|error| unreadable(&error))? {
            let sql = span.text(script);
            if !syntax::has_native_directive(sql) {
                super::deep::with_tree(sql, |_| ()).map_err(|error| {
                    let refusal = Refusal::from(error);
                    Refusal { span: moved(refusal.span, span.start), ..refusal }
                })?;
                offline::apply_as(&mut catalog, sql, options.types);
            }
            from = tail;
        }
        Ok(catalog)
    }
}

/// PostgreSQL's own SQL: only its placeholders are rewritten.
fn native(sql: &str) -> Result<Translation, Refusal> {
    let rewritten = syntax::rewrite_native(sql).map_err(|error| unreadable(&error))?;
    let slot = |&parameter: &usize| Slot { parameter, context: SlotContext::Column(ColumnType::Other) };
    Ok(Translation {
        slots: rewritten.slots.iter().map(slot).collect(),
        sql: rewritten.sql,
        parameter_count: rewritten.placeholders.count,
        parameter_names: rewritten.placeholders.names,
        kind: Kind::Other,
        offsets: OffsetMap { segments: vec![(0, 0, true)] },
        ..Translation::default()
    })
}

fn unreadable(error: &syntax::Error) -> Refusal {
    Refusal { message: error.message().to_owned(), span: error.span(), help: None, rule: Some("syntax") }
}

fn moved(span: Span, by: usize) -> Span {
    Span { start: span.start + by, end: span.end + by }
}
