//! Calling the functions that trace a connection to PostgreSQL.

use super::{Conn, ConnRef, Stmt, StmtRef, TraceEvent, TraceEventCodes};
use crate::backend::postgres;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// The functions of a connection.
#[derive(Default)]
pub(crate) struct Tracing {
    functions: Cell<Functions>,
    /// Whether there is any: asked for every row.
    on: Cell<bool>,
    /// What the event of the connection's end tells.
    path: RefCell<String>,
    in_transaction: Cell<bool>,
}

#[derive(Clone, Copy, Default)]
struct Functions {
    trace: Option<fn(&str)>,
    profile: Option<fn(&str, Duration)>,
    events: Option<(TraceEventCodes, fn(TraceEvent<'_>))>,
}

/// A run of a statement that is told; nothing before it begins and after it has ended.
#[derive(Default)]
pub(crate) struct Run(Option<Instant>);

impl Tracing {
    // In SQLite the three share a mask, so that the last one of `trace` and the others is alone; `profile` keeps events.
    pub fn set_trace(&self, trace: Option<fn(&str)>) {
        self.set(Functions { trace, ..Functions::default() });
    }

    pub fn set_profile(&self, profile: Option<fn(&str, Duration)>) {
        self.set(Functions { trace: None, profile, ..self.functions.get() });
    }

    pub fn set_events(
        &self,
        mask: TraceEventCodes,
        function: Option<fn(TraceEvent<'_>)>,
        path: &str,
        autocommit: bool,
    ) {
        let events = function.filter(|_| !mask.is_empty()).map(|function| (mask, function));
        self.set(Functions { events, ..Functions::default() });
        path.clone_into(&mut self.path.borrow_mut());
        self.in_transaction.set(!autocommit);
    }

    fn set(&self, functions: Functions) {
        self.on.set(functions.trace.is_some() || functions.profile.is_some() || functions.events.is_some());
        self.functions.set(functions);
    }

    #[inline]
    pub fn is_on(&self) -> bool {
        self.on.get()
    }

    /// A statement begins, unless it has.
    #[inline]
    pub fn begin(&self, run: &mut Run, statement: &postgres::Statement) {
        if self.is_on() && run.0.is_none() && !statement.is_empty() {
            run.0 = Some(Instant::now());
            self.tell_begin(statement);
        }
    }

    #[inline]
    pub fn row(&self, run: &Run, statement: &postgres::Statement) {
        if run.0.is_some() {
            self.tell(TraceEventCodes::SQLITE_TRACE_ROW, || TraceEvent::Row(StmtRef(Stmt::Postgres(statement))));
        }
    }

    /// A statement has ended, if it had begun.
    #[inline]
    pub fn end(&self, run: &mut Run, statement: &postgres::Statement, autocommit: bool) {
        if let Some(began) = run.0.take() {
            self.tell_end(began.elapsed(), statement);
            self.in_transaction.set(!autocommit);
        }
    }

    #[cold]
    fn tell_begin(&self, statement: &postgres::Statement) {
        if let Some(trace) = self.functions.get().trace {
            let text = statement.expanded_sql().unwrap_or_else(|| statement.sql().to_owned());
            guarded(|| trace(&text));
        }
        self.tell(TraceEventCodes::SQLITE_TRACE_STMT, || {
            TraceEvent::Stmt(StmtRef(Stmt::Postgres(statement)), statement.sql())
        });
    }

    #[cold]
    fn tell_end(&self, took: Duration, statement: &postgres::Statement) {
        if let Some(profile) = self.functions.get().profile {
            guarded(|| profile(statement.sql(), took));
        }
        self.tell(TraceEventCodes::SQLITE_TRACE_PROFILE, || {
            TraceEvent::Profile(StmtRef(Stmt::Postgres(statement)), took)
        });
    }

    fn tell<'s>(&self, code: TraceEventCodes, event: impl FnOnce() -> TraceEvent<'s>) {
        if let Some((mask, function)) = self.functions.get().events
            && mask.contains(code)
        {
            guarded(|| function(event()));
        }
    }
}

/// The connection ends where its functions do.
impl Drop for Tracing {
    fn drop(&mut self) {
        let path = self.path.take();
        let is_autocommit = !self.in_transaction.get();
        self.tell(TraceEventCodes::SQLITE_TRACE_CLOSE, || {
            TraceEvent::Close(ConnRef(Conn::Postgres { is_autocommit, path: &path }))
        });
    }
}

/// A panic of the program's function ends there, as with rusqlite.
fn guarded(call: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(call)));
}
