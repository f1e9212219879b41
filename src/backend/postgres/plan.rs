//! Statements as the session keeps them: translated once per text, prepared once per vector of bound classes.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::Type as Class;
use rusqlite::{Error, Result, ffi};
use tokio_postgres::types::Type;

use super::bind::{Binding, has_one_type};
use super::decode::Decoder;
use super::net::RowTap;
use super::sqlstate::failure;
use crate::translate::{Kind, Options, Slot, SlotContext, Translation};

/// Prepared statements per text: six parameters of changing classes would otherwise make thousands.
const MAX_VARIANTS: usize = 16;

/// What a statement that has failed is translated for when it runs again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Again {
    /// It has not failed.
    #[default]
    No,
    /// Its rows are written one after the other.
    RowByRow,
    /// Its documents of JSON may be JSON5.
    Json5,
    /// What its reals leave their range for is 0.0 or an infinity.
    Reals,
}

impl Again {
    /// For a failure of a value that SQLite would have computed.
    pub fn for_values(translation: &Translation, sqlstate: Option<&str>) -> Option<Again> {
        match sqlstate? {
            "22P02" if translation.reads_json => Some(Again::Json5),
            "22003" if translation.computes_reals => Some(Again::Reals),
            _ => None,
        }
    }

    /// The options with what it asks for. Reals cost little beside a failure, so that each has them.
    pub fn options(self, options: Options) -> Options {
        Options {
            row_by_row: self == Again::RowByRow,
            json5: self == Again::Json5,
            ieee_reals: self != Again::No,
            ..options
        }
    }
}

/// A translated statement and its prepared variants. Immutable but for the variants, so it may outlive the cache.
#[derive(Debug)]
pub(crate) struct Plan {
    pub sql: Box<str>,
    pub translation: Arc<Translation>,
    /// The session's generation it was translated in; an older one is looked up again before it runs.
    pub generation: u64,
    /// PostgreSQL's own SQL, which may do what the tracker cannot see.
    pub native: bool,
    /// It holds a literal longer than SQLITE_LIMIT_LENGTH.
    pub is_too_big: bool,
    /// How it runs when it has failed.
    pub again: Again,
    variants: Mutex<Vec<Arc<Prepared>>>,
}

impl Plan {
    pub fn new(sql: &str, translation: Arc<Translation>, generation: u64, native: bool) -> Plan {
        Plan {
            sql: sql.into(),
            translation,
            generation,
            native,
            is_too_big: false,
            again: Again::default(),
            variants: Mutex::new(Vec::new()),
        }
    }

    /// Whether the statement can be prepared before anything is bound: its parameters' types are known.
    pub fn has_known_types(&self) -> bool {
        self.translation.slots.iter().all(|slot| slot.context != SlotContext::Value)
    }

    /// It can write, so that the savepoint before it no longer is the state to go back to.
    pub fn may_write(&self) -> bool {
        self.native || !matches!(self.translation.kind, Kind::Read | Kind::Empty)
    }

    /// The statement has to be prepared on the server; transaction commands and DDL are not.
    pub fn is_prepared(&self) -> bool {
        match self.translation.kind {
            Kind::Read | Kind::Write { .. } => true,
            // Several statements in one request.
            Kind::Schema => false,
            _ => !self.translation.slots.is_empty(),
        }
    }

    /// The variant whose types were declared from the classes of `bindings`.
    pub fn variant(&self, bindings: &[Binding]) -> Option<Arc<Prepared>> {
        let variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
        variants.iter().find(|variant| variant.suits(&self.translation, bindings)).cloned()
    }

    pub fn add_variant(&self, prepared: Prepared) -> Arc<Prepared> {
        let prepared = Arc::new(prepared);
        let mut variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
        if variants.len() == MAX_VARIANTS {
            // Dropping it closes it on the server, once no statement runs it any more.
            variants.remove(0);
        }
        variants.push(Arc::clone(&prepared));
        prepared
    }

    pub fn any_variant(&self) -> Option<Arc<Prepared>> {
        self.variants.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }
}

/// How a statement is run once its types are known.
#[derive(Debug)]
pub(crate) enum Handle {
    /// It is prepared on the server under this name, and closed when dropped.
    Named { statement: tokio_postgres::Statement, name: Box<str> },
    /// Behind a pooler in transaction mode, where names are anybody's: it is sent whole each time, with the types of its
    /// parameters. Its columns may have other types by then, which only its answer tells.
    Unnamed { parameters: Box<[Type]>, columns: Box<[DescribedColumn]> },
}

/// What the server said of a result column: its type's OID, and which column of which table it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DescribedColumn {
    type_oid: u32,
    pub table_oid: Option<u32>,
    pub number: Option<i16>,
}

impl DescribedColumn {
    fn of(column: &tokio_postgres::Column) -> DescribedColumn {
        let type_oid = column.type_().oid();
        DescribedColumn { type_oid, table_oid: column.table_oid(), number: column.column_id() }
    }
}

/// A statement that the server has seen.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub statement: Handle,
    /// The plan's, or another one that the bound classes made.
    pub translation: Arc<Translation>,
    /// The classes of the slots whose types depend on them, in the order of the slots.
    classes: Box<[Class]>,
    /// All result columns, those hidden from the caller last.
    pub columns: Box<[ResultColumn]>,
    /// How many of them the caller sees.
    pub visible: usize,
}

#[derive(Debug)]
pub(crate) struct ResultColumn {
    pub name: Box<str>,
    pub decoder: Decoder,
}

impl Prepared {
    /// # Errors
    /// A result column of a type that has no counterpart in SQLite.
    pub fn new(
        statement: tokio_postgres::Statement,
        name: String,
        plan: &Plan,
        translation: &Arc<Translation>,
        bindings: &[Binding],
    ) -> Result<Prepared> {
        let names = translation.column_names.as_deref();
        let mut columns = Vec::with_capacity(statement.columns().len());
        for (index, column) in statement.columns().iter().enumerate() {
            let name = names.and_then(|names| names.get(index)).map_or(column.name(), String::as_str);
            let decoder = match Decoder::of(column.type_()) {
                Some(Decoder::Jsonb) if translation.json_columns.contains(&index) => Decoder::JsonbScalar,
                Some(Decoder::Bytea) if translation.any_columns.contains(&index) => Decoder::Any,
                Some(Decoder::Float8) if column.table_oid().is_some() => Decoder::StoredFloat8,
                Some(decoder) => decoder,
                None => return Err(unreadable(name, column.type_().name())),
            };
            columns.push(ResultColumn { name: name.into(), decoder });
        }
        let visible = columns.len().saturating_sub(translation.rowid.hidden_columns());
        Ok(Prepared {
            statement: Handle::Named { statement, name: name.into() },
            translation: Arc::clone(translation),
            classes: classes(&plan.translation, bindings).collect(),
            columns: columns.into(),
            visible,
        })
    }

    /// Whether the server's columns are others than the translation knows: not as many, or a table's under another name.
    pub fn are_others(columns: &[tokio_postgres::Column], translation: &Translation) -> bool {
        let Some(names) = translation.column_names.as_deref() else { return false };
        let is_other = |(index, (name, column)): (usize, (&String, &tokio_postgres::Column))| {
            // Where the translation numbers the columns, it makes sure of their number itself.
            let is_numbered = || column.name().strip_prefix('c').is_some_and(|rest| rest.parse() == Ok(index + 1));
            column.table_oid().is_some() && !name.eq_ignore_ascii_case(column.name()) && !is_numbered()
        };
        columns.len() != names.len() + translation.rowid.hidden_columns()
            || names.iter().zip(columns).enumerate().any(is_other)
    }

    /// Lets go of what is on the server; its types stay.
    pub fn unnamed(self) -> Prepared {
        match self.statement {
            Handle::Named { statement, .. } => {
                let columns = statement.columns().iter().map(DescribedColumn::of).collect();
                Prepared { statement: Handle::Unnamed { parameters: statement.params().into(), columns }, ..self }
            }
            Handle::Unnamed { .. } => self,
        }
    }

    /// Whether the rows that come now are what the statement gave when it was looked at.
    #[inline]
    pub fn describes(&self, tap: &RowTap) -> bool {
        match &self.statement {
            Handle::Named { .. } => true,
            Handle::Unnamed { columns, .. } => {
                tap.column_types().into_iter().eq(columns.iter().map(|column| column.type_oid))
            }
        }
    }

    pub fn described_columns(&self) -> Vec<DescribedColumn> {
        match &self.statement {
            Handle::Named { statement, .. } => statement.columns().iter().map(DescribedColumn::of).collect(),
            Handle::Unnamed { columns, .. } => columns.to_vec(),
        }
    }

    /// Whether it was declared from such classes as those of `bindings`.
    #[inline]
    pub fn suits(&self, translation: &Translation, bindings: &[Binding]) -> bool {
        self.classes.is_empty() || self.classes.iter().copied().eq(classes(translation, bindings))
    }
}

fn classes<'a>(translation: &'a Translation, bindings: &'a [Binding]) -> impl Iterator<Item = Class> + 'a {
    let slots = translation.slots.iter().filter(|slot| !has_one_type(slot));
    slots.map(|slot| class_in(slot, bindings))
}

/// The class that decides over a slot's type; without a value, as if it were NULL.
pub(crate) fn class_in(slot: &Slot, bindings: &[Binding]) -> Class {
    static NULL: Binding = Binding::NULL;
    slot.binding().and_then(|index| bindings.get(index)).unwrap_or(&NULL).class_in(slot)
}

fn unreadable(column: &str, type_name: &str) -> Error {
    failure(
        ffi::SQLITE_MISMATCH,
        format!(
            "result column {column} has PostgreSQL's type {type_name}, which has no counterpart in SQLite\n  help: cast it in the statement, for instance CAST({column} AS TEXT)"
        ),
    )
}
