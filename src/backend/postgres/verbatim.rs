//! PostgreSQL's own SQL with the `postgres` crate's types, in the session's transaction: nothing is translated or converted.
//!
//! The tracker still sees every statement, so that a failed one undoes only itself and both kinds of call sites share one transaction.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use rusqlite::{Error, Result, ffi};
use tokio_postgres::types::ToSql;
use tokio_postgres::{CopyInSink, Row, SimpleQueryMessage, Statement};

use super::native;
use super::plan::Plan;
use super::session::{Failure, Session, is_worth_preparing};
use super::sqlstate::failure;
use super::waiting::Waiting;
use crate::translate::Kind;

/// Bytes of COPY data per message.
const PIECE: usize = 64 * 1024;

/// What one statement gave.
#[derive(Default)]
pub(crate) struct Answer {
    pub rows: Vec<Row>,
    pub changed: u64,
}

impl Session {
    /// Prepares a statement on the server, or finds it prepared.
    ///
    /// # Errors
    /// As the server says.
    pub fn prepare_verbatim(&self, sql: &str) -> Result<Statement> {
        self.refuse_pooled()?;
        self.prepared_verbatim(sql)
    }

    fn prepared_verbatim(&self, sql: &str) -> Result<Statement> {
        self.touched.set(true);
        self.make_room()?;
        if let Some(statement) = self.verbatim.borrow_mut().get(sql) {
            return Ok(statement.clone());
        }
        self.open_transaction_first()?;
        let statement = self.run(self.client.prepare(sql)).map_err(|failure| self.recover_verbatim(failure, sql))?;
        match self.is_pooled() {
            true => self.know_types_of(&statement).map_err(|failure| self.recover_verbatim(failure, sql))?,
            false => drop(self.verbatim.borrow_mut().insert(sql.into(), statement.clone())),
        }
        Ok(statement)
    }

    fn refuse_pooled(&self) -> Result<()> {
        match self.is_pooled() {
            false => Ok(()),
            true => Err(failure(
                ffi::SQLITE_MISUSE,
                "prepared statements, scripts and COPY of as_postgres need a server session of their own, which pooler=transaction does not give\n  \
                 help: use query and execute, or native(), or connect to the server itself",
            )),
        }
    }

    /// Runs one statement to its end.
    ///
    /// # Errors
    /// As the server says; `InvalidParameterCount`.
    pub fn run_verbatim(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Answer> {
        let kind = native::kind(sql)?;
        match kind {
            Kind::Empty => return Ok(Answer::default()),
            Kind::Read | Kind::Write { .. } | Kind::Schema => {}
            _ => return self.transaction_command(&kind).map(|()| Answer::default()),
        }
        let mut renewed = false;
        let mut waiting = Waiting::new(self.busy_timeout(), self.busy_handler());
        loop {
            let error = match self.attempt_verbatim(sql, &kind, parameters) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let report = crate::postgres_error(&error);
            let again = match report.as_ref().map(|report| report.sqlstate.as_str()) {
                // It is a transaction of its own.
                Some("40001" | "40P01") => self.is_autocommit() && waiting.wait(),
                // The server has waited already, as long as the timeout says; a handler says by itself how long.
                Some("55P03") => self.busy_handler().is_some() && waiting.wait(),
                _ => false,
            };
            if !renewed && is_worth_preparing(&error) && !self.is_closed() {
                renewed = true;
                self.verbatim.borrow_mut().remove(sql);
            } else if !again {
                return Err(error);
            }
        }
    }

    /// One attempt; after a failure the transaction is put right.
    fn attempt_verbatim(&self, sql: &str, kind: &Kind, parameters: &[&(dyn ToSql + Sync)]) -> Result<Answer> {
        if self.is_pooled() {
            native::refuse_session_state(sql)?;
        }
        let statement = self.prepared_verbatim(sql)?;
        let (expected, given) = (statement.params().len(), parameters.len());
        if expected != given {
            return Err(Error::InvalidParameterCount(given, expected));
        }
        self.go_ahead()?;
        let parameters = parameters.iter().copied();
        let stream = match self.is_pooled() {
            false => self.run(self.client.query_raw(&statement, parameters)),
            true => {
                // The rows would keep a named statement on the server for longer than the transaction.
                let types = statement.params().to_vec();
                drop(statement);
                self.run(self.client.query_typed_raw(sql, parameters.zip(types)))
            }
        };
        let mut stream = pin!(stream.map_err(|failed| self.recover_verbatim(failed, sql))?);
        let mut rows = Vec::new();
        let read = self.run(poll_fn(|context| {
            while let Poll::Ready(row) = stream.as_mut().poll_next(context) {
                match row {
                    Some(Ok(row)) => rows.push(row),
                    Some(Err(error)) => return Poll::Ready(Err(error)),
                    None => return Poll::Ready(Ok(())),
                }
            }
            Poll::Pending
        }));
        read.and_then(|()| self.leave()).map_err(|failed| self.recover_verbatim(failed, sql))?;
        let changed = stream.rows_affected().unwrap_or(0);
        self.verbatim_succeeded(kind, changed);
        Ok(Answer { rows, changed })
    }

    /// Runs a script by the simple protocol, as one; gives the values of its rows as text.
    ///
    /// # Errors
    /// As the server says; transaction commands are refused, since the session must see them.
    pub fn run_simple(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>> {
        self.refuse_pooled()?;
        native::refuse_transaction_commands(sql)?;
        self.touched.set(true);
        self.make_room()?;
        self.go_ahead()?;
        let messages =
            self.run(self.client.simple_query(sql)).map_err(|failure| self.recover_verbatim(failure, sql))?;
        self.verbatim_succeeded(&Kind::Schema, 0);
        Ok(messages)
    }

    /// `COPY ... FROM STDIN`, with what the reader gives. Gives the number of rows.
    ///
    /// # Errors
    /// As the server says; what the reader reports is `SQLITE_IOERR`. Either way nothing of it stays.
    pub fn copy_in(&self, sql: &str, mut reader: impl Read) -> Result<u64> {
        let statement = self.prepare_verbatim(sql)?;
        self.go_ahead()?;
        let sink: CopyInSink<Bytes> =
            self.run(self.client.copy_in(&statement)).map_err(|failure| self.recover_verbatim(failure, sql))?;
        let mut sink = Box::pin(sink);
        let sent = self.send_all(sink.as_mut(), &mut reader);
        let result = match sent {
            Ok(Ok(())) => self.run(sink.as_mut().finish()),
            Ok(Err(failed)) => Err(failed),
            Err(unread) => {
                // Dropping the sink tells the server that the rest will not come.
                drop(sink);
                self.undo_failed();
                return Err(failure(ffi::SQLITE_IOERR, format!("the data to copy could not be read: {unread}")));
            }
        };
        match result {
            Ok(rows) => {
                self.verbatim_succeeded(&Kind::Write { insert: true, returns_rows: false }, rows);
                Ok(rows)
            }
            Err(failed) => Err(self.recover_verbatim(failed, sql)),
        }
    }

    /// Sends what the reader gives; the outer error is the reader's.
    fn send_all(
        &self,
        mut sink: Pin<&mut CopyInSink<Bytes>>,
        reader: &mut impl Read,
    ) -> std::io::Result<std::result::Result<(), Failure>> {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            reader.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(Ok(()));
            }
            let mut piece = Some(Bytes::from(piece));
            let sent = self.run(poll_fn(|context| {
                if piece.is_some() {
                    ready!(sink.as_mut().poll_ready(context))?;
                    if let Some(piece) = piece.take() {
                        sink.as_mut().start_send(piece)?;
                    }
                }
                sink.as_mut().poll_flush(context)
            }));
            if let Err(failed) = sent {
                return Ok(Err(failed));
            }
        }
    }

    /// `COPY ... TO STDOUT`, into the writer. Gives the number of bytes.
    ///
    /// # Errors
    /// As the server says; what the writer reports is `SQLITE_IOERR`.
    pub fn copy_out(&self, sql: &str, mut writer: impl Write) -> Result<u64> {
        let statement = self.prepare_verbatim(sql)?;
        self.go_ahead()?;
        let stream =
            self.run(self.client.copy_out(&statement)).map_err(|failure| self.recover_verbatim(failure, sql))?;
        let mut stream = Box::pin(stream);
        let (mut bytes, mut unwritten) = (0, None);
        loop {
            let piece = self.run(poll_fn(|context| match stream.as_mut().poll_next(context) {
                Poll::Ready(Some(piece)) => Poll::Ready(piece.map(Some)),
                Poll::Ready(None) => Poll::Ready(Ok(None)),
                Poll::Pending => Poll::Pending,
            }));
            match piece {
                // The rest is read all the same: the server sends it, and the connection is wanted again.
                Ok(Some(piece)) if unwritten.is_none() => {
                    bytes += piece.len() as u64;
                    unwritten = writer.write_all(&piece).err();
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(failed) => return Err(self.recover_verbatim(failed, sql)),
            }
        }
        self.tracker.borrow_mut().succeeded(true);
        match unwritten.or_else(|| writer.flush().err()) {
            None => Ok(bytes),
            Some(error) => Err(failure(ffi::SQLITE_IOERR, format!("the copied data could not be written: {error}"))),
        }
    }

    /// A statement whose effects the tracker cannot see counts as a write.
    fn verbatim_succeeded(&self, kind: &Kind, changed: u64) {
        self.tracker.borrow_mut().succeeded(true);
        match kind {
            Kind::Write { .. } => {
                self.changes.set(changed);
                self.total_changes.set(self.total_changes.get() + changed);
            }
            Kind::Schema => self.anything_changed(),
            _ => {}
        }
    }

    /// The error with its place in the text, after the transaction was put right.
    fn recover_verbatim(&self, failed: Failure, sql: &str) -> Error {
        self.recover(failed, Some(&Plan::new(sql, Arc::new(native::verbatim(sql)), 0, true)))
    }
}
