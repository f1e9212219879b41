//! What a session and the [`Tap`](super::tap::Tap) on its stream share: the statement that is to leave, and the rows that came.
//!
//! The statement's own messages take the place of a marker: tokio-postgres sends the marker as a simple query, and so
//! keeps the order of requests and hands out errors and the end, as of any other. That way a statement and all that has
//! to go ahead of it share one Sync: the server does nothing of what is behind a failure.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;

use super::raw_rows::{HEADER, RawRows, message_length};

const QUERY: u8 = b'Q';
const PARSE: u8 = b'P';

/// Where a statement's messages go out, and its rows come in. Clones mean the same connection.
#[derive(Debug, Clone)]
pub(crate) struct RowTap(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// A simple query that nobody can have in a text or a value; to a server that saw it, a comment.
    marker: String,
    /// The marker's whole message.
    marker_message: Vec<u8>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) is_open: bool,
    /// What goes out in the marker's place.
    request: BytesMut,
    /// The server has taken parameters since the tap was opened.
    pub(super) accepted: bool,
    pub(super) rows: RawRows,
    /// The last row is not here in full: this many of its bytes are still to come.
    pub(super) missing: usize,
    /// So many bytes of a row that nobody takes any more are still to come.
    pub(super) unwanted: usize,
    /// The RowDescription of the rows, where it was asked for.
    pub(super) description: Vec<u8>,
    /// What the next Parse names its statement, and the statement's text.
    parse: Watch,
}

#[derive(Debug, Default)]
enum Watch {
    #[default]
    Off,
    On,
    Seen {
        name: Vec<u8>,
        sql: Vec<u8>,
    },
}

impl Default for RowTap {
    fn default() -> RowTap {
        let marker = format!("-- sqlift {:016x}", RandomState::new().hash_one(0));
        let mut marker_message = vec![QUERY];
        marker_message.extend_from_slice(&(marker.len() as u32 + 5).to_be_bytes());
        marker_message.extend_from_slice(marker.as_bytes());
        marker_message.push(0);
        RowTap(Arc::new(Shared { marker, marker_message, state: Mutex::default() }))
    }
}

impl RowTap {
    /// Takes the messages of a statement, its Sync included, which leave in place of the next simple query with the
    /// text [`marker`](RowTap::marker). Its rows are found by [`take`](RowTap::take).
    ///
    /// # Errors
    /// Those of `write`; nothing is sent then.
    pub fn open<E>(&self, write: impl FnOnce(&mut BytesMut) -> Result<(), E>) -> Result<(), E> {
        let mut state = self.state();
        state.rows.clear();
        state.request.clear();
        state.description.clear();
        write(&mut state.request).inspect_err(|_| state.request.clear())?;
        state.is_open = true;
        state.accepted = false;
        Ok(())
    }

    /// The text of the simple query in whose place the statement leaves.
    pub fn marker(&self) -> &str {
        &self.0.marker
    }

    /// Whether the server has taken the statement's parameters, or those of what went ahead of it.
    pub fn was_accepted(&self) -> bool {
        self.state().accepted
    }

    /// The OIDs of the columns' types, as the server described the rows that come; nothing where it was not asked to.
    pub fn column_types(&self) -> Vec<u32> {
        let state = self.state();
        let Some((count, mut fields)) = state.description.get(HEADER..).and_then(<[u8]>::split_first_chunk) else {
            return Vec::new();
        };
        let mut types = Vec::new();
        for _ in 0..u16::from_be_bytes(*count) {
            // The name, then the table's OID, the column's number, and the type's OID; length, modifier and format follow.
            let behind_name = fields.iter().position(|byte| *byte == 0).map_or(fields.len(), |at| at + 1);
            let Some((field, rest)) = fields.get(behind_name..).and_then(<[u8]>::split_first_chunk::<18>) else {
                break;
            };
            types.push(u32::from_be_bytes([field[6], field[7], field[8], field[9]]));
            fields = rest;
        }
        types
    }

    /// From now on rows go to tokio-postgres. What was caught and not taken is dropped.
    pub fn close(&self) {
        let mut state = self.state();
        state.is_open = false;
        state.request.clear();
        state.rows.clear();
        state.unwanted += std::mem::take(&mut state.missing);
    }

    /// Moves the rows that are here in full behind those of `rows`.
    #[inline]
    pub fn take(&self, rows: &mut RawRows) {
        let mut state = self.state();
        if state.missing == 0 && !state.rows.is_empty() {
            rows.append(&mut state.rows);
        }
    }

    /// From now on the first statement to be prepared is remembered.
    pub fn watch_parse(&self) {
        self.state().parse = Watch::On;
    }

    /// The name of the statement that was prepared since [`watch_parse`](RowTap::watch_parse), which tokio-postgres keeps
    /// to itself; `None` when the first one was not `sql`.
    pub fn prepared_name(&self, sql: &str) -> Option<String> {
        match std::mem::take(&mut self.state().parse) {
            Watch::Seen { name, sql: prepared } if prepared == sql.as_bytes() => String::from_utf8(name).ok(),
            _ => None,
        }
    }

    /// Writes `bytes` to `out` with the request in the marker's place, when both are there; otherwise nothing.
    pub(super) fn replace_marker(&self, bytes: &[u8], out: &mut BytesMut) -> bool {
        let marker = &self.0.marker_message;
        let mut state = self.state();
        if matches!(state.parse, Watch::On)
            && let Some((name, sql)) = first_parse(bytes)
        {
            state.parse = Watch::Seen { name: name.to_vec(), sql: sql.to_vec() };
        }
        if state.request.is_empty() {
            return false;
        }
        let Some(at) = bytes.windows(marker.len()).position(|window| window == marker) else { return false };
        out.extend_from_slice(&bytes[..at]);
        out.extend_from_slice(&state.request);
        out.extend_from_slice(&bytes[at + marker.len()..]);
        state.request.clear();
        true
    }

    #[inline]
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first Parse among whole messages: name and text.
fn first_parse(mut messages: &[u8]) -> Option<(&[u8], &[u8])> {
    while let Some(length) = message_length(messages) {
        let (message, rest) = messages.split_at_checked(length)?;
        if message[0] == PARSE {
            let mut texts = message[HEADER..].split(|byte| *byte == 0);
            return Some((texts.next()?, texts.next()?));
        }
        messages = rest;
    }
    None
}
