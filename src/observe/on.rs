//! Watching statements, for whoever of `tracing` and `metrics` is there.

use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::seen::Seen;
use crate::connection::Inner;
#[cfg(feature = "tracing")]
use crate::translate::rules::Fired;
use crate::{Backend, Error, Statement};

/// A statement's text, kept for its watches.
pub(crate) struct Text(Arc<str>);

impl Text {
    pub fn of(sql: &str) -> Text {
        Text(sql.into())
    }

    pub fn again(&self) -> Text {
        Text(Arc::clone(&self.0))
    }
}

/// Watches a statement while it runs; tells what it saw when it is dropped.
pub(crate) struct Watch(Option<Box<Watched>>);

/// What a watch has seen, and whom it tells.
struct Watched {
    seen: Seen,
    #[cfg(feature = "tracing")]
    told: super::spans::Told,
}

impl Watch {
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn of(statement: &Statement<'_>) -> Watch {
        let backend = statement.backend();
        #[cfg(feature = "tracing")]
        let told = super::spans::Told::of(
            name(backend),
            &statement.text().0,
            statement.rules(),
            call_site(Location::caller()),
            || statement.expanded_sql(),
        );
        Watch::new(
            backend,
            #[cfg(feature = "tracing")]
            told,
        )
    }

    /// A script, or a statement of which only the text is known.
    #[cfg_attr(feature = "tracing", track_caller)]
    pub fn script(backend: Backend, _sql: &str) -> Watch {
        #[cfg(feature = "tracing")]
        let told =
            super::spans::Told::of(name(backend), _sql, Fired::default(), call_site(Location::caller()), || None);
        Watch::new(
            backend,
            #[cfg(feature = "tracing")]
            told,
        )
    }

    fn new(backend: Backend, #[cfg(feature = "tracing")] told: super::spans::Told) -> Watch {
        #[cfg(all(feature = "tracing", not(feature = "metrics")))]
        if told.is_nobodys() {
            return Watch(None);
        }
        Watch(Some(Box::new(Watched {
            seen: Seen {
                backend: name(backend),
                busy: Duration::ZERO,
                rows: 0,
                changes: None,
                error: None,
                ran: false,
            },
            #[cfg(feature = "tracing")]
            told,
        })))
    }

    /// Counts the time of what runs in the database.
    pub fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let Some(Watched { seen, .. }) = self.0.as_deref_mut() else { return run() };
        let begin = Instant::now();
        let result = run();
        seen.busy += begin.elapsed();
        seen.ran = true;
        result
    }

    pub fn row(&mut self) {
        if let Some(Watched { seen, .. }) = self.0.as_deref_mut() {
            seen.rows += 1;
        }
    }

    pub fn changed(&mut self, rows: usize) {
        if let Some(Watched { seen, .. }) = self.0.as_deref_mut() {
            seen.changes = Some(rows as u64);
        }
    }

    pub fn failed(&mut self, error: &Error) {
        if let Some(Watched { seen, .. }) = self.0.as_deref_mut() {
            seen.error = Some(class(error));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(watched) = self.0.take().filter(|watched| watched.seen.ran) else { return };
        let seen = &watched.seen;
        #[cfg(feature = "metrics")]
        {
            metrics::counter!("sqlift_statements_total", "backend" => seen.backend).increment(1);
            metrics::histogram!("sqlift_statement_seconds", "backend" => seen.backend).record(seen.busy.as_secs_f64());
            if seen.rows > 0 {
                metrics::counter!("sqlift_rows_total", "backend" => seen.backend).increment(seen.rows);
            }
            if let Some(changes) = seen.changes.filter(|changes| *changes > 0) {
                metrics::counter!("sqlift_changes_total", "backend" => seen.backend).increment(changes);
            }
            if let Some(class) = &seen.error {
                count_error(seen.backend, class.clone());
            }
        }
        #[cfg(feature = "tracing")]
        watched.told.tell(seen);
    }
}

fn name(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgresql",
    }
}

/// SQLite's code as rusqlite names it: of few kinds, and without a value.
fn class(error: &Error) -> String {
    let code = match error {
        Error::SqlInputError { error, .. } => Some(error.code),
        other => other.sqlite_error_code(),
    };
    code.map_or_else(|| "Other".to_owned(), |code| format!("{code:?}"))
}

#[cfg(feature = "metrics")]
fn count_error(backend: &'static str, class: String) {
    metrics::counter!("sqlift_errors_total", "backend" => backend, "class" => class).increment(1);
}

/// A statement that did not come to run.
pub(crate) fn refused(_backend: Backend, _error: &Error) {
    #[cfg(feature = "metrics")]
    count_error(name(_backend), class(_error));
}

thread_local! {
    static SITE: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// While it lives, statements of this thread count as called from where it was made.
pub(crate) struct Site(Option<&'static Location<'static>>);

#[cfg_attr(feature = "tracing", track_caller)]
pub(crate) fn site() -> Site {
    Site(SITE.replace(Some(call_site(Location::caller()))))
}

/// The outermost one counts.
fn call_site(here: &'static Location<'static>) -> &'static Location<'static> {
    SITE.get().unwrap_or(here)
}

impl Drop for Site {
    fn drop(&mut self) {
        SITE.set(self.0);
    }
}

pub(crate) fn retried(_why: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("sqlift_retries_total", "why" => _why).increment(1);
}

pub(crate) fn translated(_cache: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("sqlift_translations_total", "cache" => _cache).increment(1);
}

pub(crate) fn pool_opened(_open: u32) {
    #[cfg(feature = "metrics")]
    {
        metrics::counter!("sqlift_pool_opened_total").increment(1);
        metrics::gauge!("sqlift_pool_open").set(_open);
    }
}

pub(crate) fn pool_closed(_open: u32) {
    #[cfg(feature = "metrics")]
    metrics::gauge!("sqlift_pool_open").set(_open);
}

pub(crate) fn pool_checked_out() {
    #[cfg(feature = "metrics")]
    metrics::counter!("sqlift_pool_check_outs_total").increment(1);
}

pub(crate) fn pool_waited(_time: Duration, _in_vain: bool) {
    #[cfg(feature = "metrics")]
    {
        metrics::histogram!("sqlift_pool_wait_seconds").record(_time.as_secs_f64());
        if _in_vain {
            metrics::counter!("sqlift_pool_timeouts_total").increment(1);
        }
    }
}

impl Statement<'_> {
    pub(crate) fn backend(&self) -> Backend {
        match &self.connection().inner {
            Inner::Sqlite(_) => Backend::Sqlite,
            Inner::Postgres(_) => Backend::Postgres,
        }
    }
}
