//! What the process's sessions know together of a database's tables (decision D5).
//!
//! One [`Snapshot`] of the tables and of the translations made with it serves all sessions that see the same schemas of
//! the same server. A change is seen by three signs: a statement of our own, in this process ([`Shared::changed`]) or in
//! another one (the notification [`CHANNEL`]), or a fingerprint of the server's catalog, asked for every few seconds.
//! Knows no connection: sessions ask the server, and tell here what they heard.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hashlink::LruCache;

use crate::translate::{Catalog, Translation};

/// The server tells every session of ours when one of ours has changed the schema: at its commit, and only then.
pub(crate) const CHANNEL: &str = "sqlift_catalog";

/// A change that did not come through sqlift is found this much later at most...
pub(crate) const WINDOW: Duration = Duration::from_secs(2);
/// ... or so much later for each row of the server's catalog that is looked at, which keeps looking below a hundredth of
/// one connection's time where there are thousands of tables...
const WINDOW_PER_ROW: Duration = Duration::from_micros(250);
/// ... but never later than this.
const LONGEST_WINDOW: Duration = Duration::from_secs(10);

/// Distinct texts whose translations are kept.
const TRANSLATIONS: usize = 2048;

/// The tables as of one moment, and what was translated with them.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub catalog: Catalog,
    translations: Mutex<LruCache<Box<str>, Arc<Translation>>>,
}

impl Snapshot {
    pub fn new(catalog: Catalog) -> Snapshot {
        Snapshot { catalog, translations: Mutex::new(LruCache::new(TRANSLATIONS)) }
    }

    /// The translation of a text, out of the cache or made by `translate`.
    ///
    /// # Errors
    /// What `translate` gives, which is not kept.
    pub fn translation<E>(
        &self,
        sql: &str,
        translate: impl FnOnce(&Catalog) -> Result<Translation, E>,
    ) -> Result<Arc<Translation>, E> {
        if let Some(known) = lock(&self.translations).get(sql) {
            return Ok(Arc::clone(known));
        }
        // Two sessions may translate the same text at once, which hurts nobody.
        let translation = Arc::new(translate(&self.catalog)?);
        lock(&self.translations).insert(sql.into(), Arc::clone(&translation));
        Ok(translation)
    }
}

/// What the server says of its catalog, without saying all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Which server, database and schemas.
    pub place: String,
    /// Changes with every change of their tables.
    pub digest: String,
    /// How many rows of the server's catalog that took.
    pub rows: u32,
    /// The session has temporary tables, which are its own.
    pub has_temporary: bool,
}

/// What the sessions that see the same schemas share.
#[derive(Debug)]
pub(crate) struct Shared {
    place: String,
    /// Counts the signs that the tables have changed.
    changes: AtomicU64,
    /// When to look again, in [`now`]'s milliseconds.
    next_look: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Arc<Snapshot>>,
    digest: String,
    /// The count of changes that `current` was verified after.
    verified: u64,
    /// The last notification of another process; each session gets its own copy of it.
    heard: String,
}

impl Shared {
    /// The one of that place; made when nobody has it.
    pub fn of(place: &str) -> Arc<Shared> {
        static PLACES: Mutex<Option<HashMap<String, Weak<Shared>>>> = Mutex::new(None);
        let mut places = lock(&PLACES);
        let places = places.get_or_insert_default();
        if let Some(shared) = places.get(place).and_then(Weak::upgrade) {
            return shared;
        }
        places.retain(|_, shared| shared.strong_count() > 0);
        let shared = Arc::new(Shared {
            place: place.to_owned(),
            changes: AtomicU64::new(0),
            next_look: AtomicU64::new(0),
            state: Mutex::default(),
        });
        places.insert(place.to_owned(), Arc::downgrade(&shared));
        shared
    }

    pub fn is_of(&self, place: &str) -> bool {
        self.place == place
    }

    /// Whether the names of its tables are looked for in one schema alone.
    pub fn has_one_schema(&self) -> bool {
        let schemas = self.place.find('{').map_or("", |at| &self.place[at..]);
        schemas.find('}').is_some_and(|end| !schemas[..end].contains([',', '"']))
    }

    /// Whether the names are looked for in the schema of new databases alone.
    pub fn is_of_public(&self) -> bool {
        self.place.contains(" {public} ")
    }

    #[inline]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// The schema may have changed, as of now: every session looks before its next statement.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// Another process says that it has changed the schema.
    pub fn heard(&self, notification: &str) {
        let mut state = lock(&self.state);
        if state.heard != notification && !notification.starts_with(&format!("{} ", process())) {
            notification.clone_into(&mut state.heard);
            drop(state);
            self.changed();
        }
    }

    /// Whether it is time to look, whatever nobody said. Only one session is told so.
    #[inline]
    pub fn is_time_to_look(&self, now: u64) -> bool {
        now >= self.next_look.load(Ordering::Relaxed)
    }

    /// Takes on to look for all; `false` when another session has.
    pub fn claim_look(&self, now: u64) -> bool {
        let due = self.next_look.load(Ordering::Relaxed);
        let next = now + millis(WINDOW);
        now >= due && self.next_look.compare_exchange(due, next, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Whether nobody has loaded the tables yet.
    pub fn is_empty(&self) -> bool {
        lock(&self.state).current.is_none()
    }

    /// The snapshot, when it was verified after all changes so far, with their count.
    pub fn verified(&self) -> Option<(Arc<Snapshot>, u64)> {
        let state = lock(&self.state);
        let current = state.current.clone().filter(|_| state.verified >= self.changes())?;
        Some((current, state.verified))
    }

    /// A digest came that the server made after `changes`: the snapshot, if it still holds.
    pub fn confirm(&self, digest: &str, changes: u64, rows: u32) -> Option<Arc<Snapshot>> {
        let mut state = lock(&self.state);
        let current = state.current.clone().filter(|_| state.digest == digest)?;
        state.verified = state.verified.max(changes);
        drop(state);
        self.looked(rows);
        Some(current)
    }

    /// Whether the snapshot is the one that the digest stands for.
    pub fn has(&self, snapshot: &Arc<Snapshot>, digest: &str) -> bool {
        let state = lock(&self.state);
        state.digest == digest && state.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, snapshot))
    }

    /// The tables as the server gave them after `changes`. Gives the snapshot to use and the count it was verified after.
    pub fn publish(&self, catalog: Catalog, digest: &str, changes: u64, rows: u32) -> (Arc<Snapshot>, u64) {
        let mut state = lock(&self.state);
        digest.clone_into(&mut state.digest);
        let current = match &state.current {
            // Something changed that no translation depends on.
            Some(current) if current.catalog == catalog => Arc::clone(current),
            before => {
                let is_first = before.is_none();
                let snapshot = Arc::new(Snapshot::new(catalog));
                state.current = Some(Arc::clone(&snapshot));
                // The other sessions take it up without a question of their own.
                let counted = self.changes.fetch_add(u64::from(!is_first), Ordering::AcqRel);
                if counted == changes {
                    state.verified = changes + u64::from(!is_first);
                }
                snapshot
            }
        };
        state.verified = state.verified.max(changes);
        let verified = state.verified;
        drop(state);
        self.looked(rows);
        (current, verified)
    }

    fn looked(&self, rows: u32) {
        let window = (WINDOW_PER_ROW * rows).clamp(WINDOW, LONGEST_WINDOW);
        self.next_look.store(now() + millis(window), Ordering::Release);
    }
}

/// What to tell other processes: who, and which change of theirs.
pub(crate) fn notification() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{} {}", process(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A number for this process, unlike those of others on this and other machines.
fn process() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    static NUMBER: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *NUMBER.get_or_init(|| RandomState::new().hash_one(std::process::id()))
}

/// Milliseconds since some moment, for one process. It is read before every statement, so it is the cheapest clock there
/// is, which may stand still for some milliseconds.
#[inline]
pub(crate) fn now() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
        time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        millis(START.get_or_init(std::time::Instant::now).elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole at every step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::offline;

    const ROWS: u32 = 100;

    fn catalog(sql: &str) -> Catalog {
        let mut catalog = Catalog::default();
        offline::apply(&mut catalog, sql);
        catalog
    }

    #[test]
    fn sessions_of_one_place_share_until_it_changes() {
        let shared = Shared::of("sessions_of_one_place");
        assert!(Arc::ptr_eq(&shared, &Shared::of("sessions_of_one_place")) && shared.is_empty());
        let (first, seen) = shared.publish(catalog("CREATE TABLE t(a INTEGER)"), "1", shared.changes(), ROWS);
        assert_eq!(seen, shared.changes(), "the one who loaded it is up to date");
        assert!(Arc::ptr_eq(&shared.verified().expect("verified").0, &first));

        shared.changed();
        assert!(shared.verified().is_none(), "nobody has looked since");
        let same = shared.confirm("1", shared.changes(), ROWS).expect("nothing has changed");
        assert!(Arc::ptr_eq(&same, &first) && shared.verified().is_some());

        let changes = shared.changes();
        assert!(shared.confirm("2", changes, ROWS).is_none());
        let (second, _) = shared.publish(catalog("CREATE TABLE t(a INTEGER, b INTEGER)"), "2", changes, ROWS);
        assert!(!Arc::ptr_eq(&second, &first));
        assert!(shared.changes() > changes, "the others see that there is another one");
        assert!(shared.verified().is_some(), "and need not ask the server");

        let (kept, _) = shared.publish(second.catalog.clone(), "3", shared.changes(), ROWS);
        assert!(Arc::ptr_eq(&kept, &second), "a change that says nothing keeps the translations");
    }

    #[test]
    fn a_place_tells_whether_its_schemas_are_several() {
        for (place, is_one) in [
            ("2026-01-01 00:00:00+00 5 {public} Options { a: 1, b: 2 }", true),
            ("2026-01-01 00:00:00+00 5 {} Options {}", true),
            ("2026-01-01 00:00:00+00 5 {app,public} Options {}", false),
            ("2026-01-01 00:00:00+00 5 {\"a}b\",public} Options {}", false),
            ("", false),
        ] {
            assert_eq!(Shared::of(place).has_one_schema(), is_one, "{place}");
        }
    }

    #[test]
    fn a_change_during_a_look_is_not_taken_for_verified() {
        let shared = Shared::of("a_change_during_a_look");
        let before = shared.changes();
        shared.changed();
        shared.publish(catalog("CREATE TABLE t(a INTEGER)"), "1", before, ROWS);
        assert!(shared.verified().is_none());
    }

    #[test]
    fn one_session_looks_for_all() {
        let shared = Shared::of("one_session_looks");
        assert!(shared.is_time_to_look(5) && shared.claim_look(5) && !shared.claim_look(5));
        assert!(!shared.is_time_to_look(6) && shared.is_time_to_look(5 + millis(WINDOW)));
    }

    #[test]
    fn notifications_count_once_and_only_others() {
        let shared = Shared::of("notifications");
        shared.heard(&notification());
        assert_eq!(shared.changes(), 0);
        for _ in 0..3 {
            shared.heard("another 1");
        }
        assert_eq!(shared.changes(), 1);
        shared.heard("another 2");
        assert_eq!(shared.changes(), 2);
    }

    #[test]
    fn a_text_is_translated_once() {
        let snapshot = Snapshot::new(Catalog::default());
        let translate = |_: &Catalog| Ok::<_, ()>(Translation::default());
        let first = snapshot.translation("SELECT 1", translate).expect("translates");
        let second = snapshot.translation("SELECT 1", |_| Err("not asked again"));
        assert!(Arc::ptr_eq(&first, &second.expect("known")));
        assert_eq!(snapshot.translation("SELECT 2", |_| Err("refused")), Err("refused"));
    }
}
