//! Spans and the log of slow statements.

use std::panic::Location;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tracing::{Level, Span, field};

use super::fingerprint;
use super::seen::Seen;
use crate::translate::rules::Fired;

/// Nanoseconds; the largest number means that no statement is slow.
static SLOW: AtomicU64 = AtomicU64::new(u64::MAX);
static VALUES: AtomicBool = AtomicBool::new(false);

/// Statements that take longer are warnings with target `sqlift::slow`; `None` for none.
///
/// Without a call `SQLIFT_SLOW_STATEMENT` counts, in milliseconds.
///
/// # Examples
/// ```
/// sqlift::observe::set_slow_statement(Some(std::time::Duration::from_millis(250)));
/// ```
pub fn set_slow_statement(threshold: Option<Duration>) {
    environment();
    let nanos = threshold.map_or(u64::MAX, |threshold| u64::try_from(threshold.as_nanos()).unwrap_or(u64::MAX));
    SLOW.store(nanos, Ordering::Relaxed);
}

/// Whether spans and slow statements show the values of a statement, which may be anybody's secrets; `SQLIFT_LOG_VALUES=1` does too.
pub fn show_values(show: bool) {
    environment();
    VALUES.store(show, Ordering::Relaxed);
}

/// What the variables say, read once.
fn environment() {
    static READ: Once = Once::new();
    READ.call_once(|| {
        if let Ok(text) = std::env::var("SQLIFT_SLOW_STATEMENT")
            && !text.trim().is_empty()
        {
            match text.trim().trim_end_matches("ms").parse::<u64>() {
                Ok(milliseconds) => SLOW.store(milliseconds.saturating_mul(1_000_000), Ordering::Relaxed),
                Err(_) => tracing::warn!(
                    target: "sqlift::slow",
                    "SQLIFT_SLOW_STATEMENT is no whole number of milliseconds, so that no statement counts as slow"
                ),
            }
        }
        let show = std::env::var("SQLIFT_LOG_VALUES")
            .is_ok_and(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on"));
        VALUES.store(show, Ordering::Relaxed);
    });
}

/// What is told of a statement, put together when it begins.
pub(super) struct Told {
    span: Span,
    slow: Duration,
    sql: String,
    values: Option<String>,
    rules: String,
    site: &'static Location<'static>,
}

impl Told {
    pub fn of(
        backend: &'static str,
        sql: &str,
        rules: Fired,
        site: &'static Location<'static>,
        values: impl FnOnce() -> Option<String>,
    ) -> Told {
        environment();
        let wants_span = tracing::enabled!(target: "sqlift::statement", Level::DEBUG);
        let slow = Duration::from_nanos(SLOW.load(Ordering::Relaxed));
        if !wants_span && slow == Duration::from_nanos(u64::MAX) {
            return Told { span: Span::none(), slow, sql: String::new(), values: None, rules: String::new(), site };
        }
        let (sql, rules) = (fingerprint(sql), rules.ids().collect::<Vec<_>>().join(","));
        let values = if VALUES.load(Ordering::Relaxed) { values() } else { None };
        let span = tracing::debug_span!(
            target: "sqlift::statement",
            "statement",
            backend,
            sql,
            rules,
            file = site.file(),
            line = site.line(),
            values = values.as_deref(),
            rows = field::Empty,
            changes = field::Empty,
            microseconds = field::Empty,
            error = field::Empty,
        );
        Told { span, slow, sql, values, rules, site }
    }

    /// Neither a span nor a slow statement would come of it.
    #[cfg_attr(feature = "metrics", allow(dead_code, reason = "metrics count every statement"))]
    pub fn is_nobodys(&self) -> bool {
        self.span.is_none() && self.slow == Duration::from_nanos(u64::MAX)
    }

    pub fn tell(&self, seen: &Seen) {
        let microseconds = u64::try_from(seen.busy.as_micros()).unwrap_or(u64::MAX);
        self.span.record("rows", seen.rows);
        self.span.record("microseconds", microseconds);
        if let Some(changes) = seen.changes {
            self.span.record("changes", changes);
        }
        if let Some(error) = &seen.error {
            self.span.record("error", error.as_str());
        }
        if seen.busy > self.slow {
            tracing::warn!(
                target: "sqlift::slow",
                parent: &self.span,
                backend = seen.backend,
                sql = self.sql,
                rows = seen.rows,
                changes = seen.changes,
                microseconds,
                rules = self.rules,
                error = seen.error,
                file = self.site.file(),
                line = self.site.line(),
                values = self.values,
                "slow statement"
            );
        }
    }
}
