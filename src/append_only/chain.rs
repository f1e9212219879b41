//! A chain of hashes through an append-only table.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::identifier;
use crate::types::{Value, ValueRef};
use crate::{Connection, Error, ErrorCode, OptionalExtension, Params, Result, Row, TransactionBehavior, ffi};

/// What stands before the first row.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How long [`Chain::append`] tries again when others append at the same time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rows that each hold the SHA-256 of their own values and of the row before them.
///
/// A row that was changed, inserted in between or taken out no longer fits. What a chain cannot show is that its last rows
/// are missing: keep [`Verified::head`] somewhere else and compare.
///
/// The table has, besides the columns that are hashed, an integer key that grows, and two text columns for the hashes; make
/// `prev_hash` UNIQUE, so that the database itself refuses a fork. Other columns (a `created_at` with a default) are not hashed.
/// See the [module](super) for an example.
#[derive(Debug, Clone)]
pub struct Chain {
    table: String,
    columns: Vec<String>,
    key: String,
    previous: String,
    hash: String,
}

/// What [`Chain::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Rows that fit, from the start.
    pub rows: u64,
    /// The hash of the last row that fits.
    pub head: String,
    /// The first row that does not fit.
    pub broken: Option<Broken>,
}

/// A row that does not fit into its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// The values of this row are not those that were hashed.
    Changed { key: i64 },
    /// This row follows another one than the one that stands before it: rows were removed or put in between.
    Unlinked { key: i64 },
}

impl Chain {
    /// A chain through the columns `seq`, `prev_hash` and `hash` of a table, over these columns' values.
    ///
    /// The order of the columns is the order of the values in [`append`](Self::append); it is part of what is hashed.
    pub fn new(table: &str, columns: &[&str]) -> Chain {
        let [table, key, previous, hash] = [table, "seq", "prev_hash", "hash"].map(str::to_owned);
        Chain { table, columns: columns.iter().map(|&column| column.to_owned()).collect(), key, previous, hash }
    }

    /// Names the three columns of the chain itself: the growing key, the hash of the row before, the row's own hash.
    pub fn linked_by(mut self, key: &str, previous: &str, hash: &str) -> Chain {
        (self.key, self.previous, self.hash) = (key.to_owned(), previous.to_owned(), hash.to_owned());
        self
    }

    /// Appends a row in a transaction of its own, and gives its key. Waits for others who append.
    ///
    /// # Errors
    /// As [`append_in`](Self::append_in); `SQLITE_BUSY` when others append for longer than ten seconds.
    pub fn append<P: Params>(&self, conn: &mut Connection, values: P) -> Result<i64> {
        let values = self.values(conn, values)?;
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(1);
        loop {
            let appended = (|| {
                let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let key = self.append_values(&transaction, &values)?;
                transaction.commit()?;
                Ok(key)
            })();
            match appended {
                Err(error) if self.lost_the_race(&error) && Instant::now() + pause < deadline => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(50));
                }
                result => return result,
            }
        }
    }

    /// Appends a row inside of a transaction that the caller has begun, IMMEDIATE where others append too, and gives its key.
    ///
    /// # Errors
    /// A number of values that is not the number of columns; a column that gives back another value than it was given (a
    /// `jsonb` column reorders its text), in which case nothing was inserted; what the database says.
    pub fn append_in<P: Params>(&self, transaction: &Connection, values: P) -> Result<i64> {
        let values = self.values(transaction, values)?;
        self.append_values(transaction, &values)
    }

    fn append_values(&self, conn: &Connection, values: &[Value]) -> Result<i64> {
        let (table, key) = (identifier(&self.table), identifier(&self.key));
        let head = format!("SELECT {} FROM {table} ORDER BY {key} DESC LIMIT 1", identifier(&self.hash));
        let previous = conn.query_row(&head, [], |row| row.get(0)).optional()?.unwrap_or_else(|| GENESIS.to_owned());
        let hash = self.hash(&previous, values.iter().map(ValueRef::from));
        let names: Vec<String> =
            self.columns.iter().chain([&self.previous, &self.hash]).map(|column| identifier(column)).collect();
        let places = vec!["?"; names.len()].join(", ");
        let insert = format!(
            "INSERT INTO {table} ({}) VALUES ({places}) RETURNING {}, {key}",
            names.join(", "),
            names[..self.columns.len()].join(", ")
        );
        let all = values.iter().cloned().chain([Value::Text(previous.clone()), Value::Text(hash.clone())]);
        // A row whose hash does not fit what is stored must not stay, whatever the caller does with the error.
        conn.execute_batch("SAVEPOINT sqlift_chain")?;
        let inserted = conn.query_row(&insert, crate::params_from_iter(all), |row| {
            if self.hash_of(&previous, row, 0)? != hash {
                return Err(self.not_kept(row, values));
            }
            row.get(self.columns.len())
        });
        match &inserted {
            Ok(_) => conn.execute_batch("RELEASE sqlift_chain")?,
            // The transaction may be over, after a deadlock for example: then there is nothing to take back.
            Err(_) if conn.is_autocommit() => {}
            Err(_) => conn.execute_batch("ROLLBACK TO sqlift_chain; RELEASE sqlift_chain")?,
        }
        inserted
    }

    /// Walks the chain from its start to its end or to the first row that does not fit.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub fn verify(&self, conn: &Connection) -> Result<Verified> {
        let columns: Vec<String> = self
            .columns
            .iter()
            .chain([&self.key, &self.previous, &self.hash])
            .map(|column| identifier(column))
            .collect();
        let (table, key) = (identifier(&self.table), identifier(&self.key));
        let mut statement = conn.prepare(&format!("SELECT {} FROM {table} ORDER BY {key}", columns.join(", ")))?;
        let mut rows = statement.query([])?;
        let mut verified = Verified { rows: 0, head: GENESIS.to_owned(), broken: None };
        let first = self.columns.len();
        while let Some(row) = rows.next()? {
            let (key, previous, hash): (i64, String, String) =
                (row.get(first)?, row.get(first + 1)?, row.get(first + 2)?);
            if previous != verified.head {
                verified.broken = Some(Broken::Unlinked { key });
                break;
            }
            if self.hash_of(&previous, row, 0)? != hash {
                verified.broken = Some(Broken::Changed { key });
                break;
            }
            verified.rows += 1;
            verified.head = hash;
        }
        Ok(verified)
    }

    fn hash_of(&self, previous: &str, row: &Row<'_>, from: usize) -> Result<String> {
        let values = (from..from + self.columns.len()).map(|index| row.get_ref(index)).collect::<Result<Vec<_>>>()?;
        Ok(self.hash(previous, values.into_iter()))
    }

    /// Every part with its length before it, so that no two rows give the same bytes.
    fn hash<'v>(&self, previous: &str, values: impl Iterator<Item = ValueRef<'v>>) -> String {
        let mut hash = Sha256::new();
        let mut part = |class: u8, bytes: &[u8]| {
            hash.update([class]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(b'p', previous.as_bytes());
        for (column, value) in self.columns.iter().zip(values) {
            part(b'c', column.as_bytes());
            match value {
                ValueRef::Null => part(b'n', b""),
                ValueRef::Integer(integer) => part(b'i', &integer.to_be_bytes()),
                // SQLite keeps no sign of zero.
                ValueRef::Real(real) => part(b'r', &(real + 0.0).to_bits().to_be_bytes()),
                ValueRef::Text(text) => part(b't', text),
                ValueRef::Blob(blob) => part(b'b', blob),
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What the caller's parameters are as values: they are hashed, and sent again when somebody else was faster.
    fn values<P: Params>(&self, conn: &Connection, values: P) -> Result<Vec<Value>> {
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        // The database itself tells what it understood; named parameters and numbers come out in their places.
        let places: Vec<String> = (1..=self.columns.len()).map(|number| format!("?{number}")).collect();
        conn.query_row(&format!("SELECT {}", places.join(", ")), values, |row| {
            (0..self.columns.len()).map(|index| row.get(index)).collect()
        })
    }

    fn not_kept(&self, row: &Row<'_>, values: &[Value]) -> Error {
        let changed =
            self.columns.iter().enumerate().find(|(index, _)| {
                row.get_ref(*index).map(|kept| kept != ValueRef::from(&values[*index])).unwrap_or(true)
            });
        let column = changed.map_or("a column", |(_, column)| column);
        Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_MISMATCH),
            Some(format!(
                "{column} of {} gives back another value than it is given, so that a hash of it would not hold\n  \
                 help: give the value in the form that the column keeps, or let the column be TEXT, INTEGER, REAL or BLOB",
                self.table
            )),
        )
    }

    /// Somebody else appended behind the same row: it is to be done again behind the new one.
    fn lost_the_race(&self, error: &Error) -> bool {
        match error {
            Error::SqliteFailure(code, message) => match code.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => true,
                ErrorCode::ConstraintViolation => message.as_deref().is_some_and(|message| {
                    message == format!("UNIQUE constraint failed: {}.{}", self.table, self.previous)
                }),
                _ => false,
            },
            _ => false,
        }
    }
}
