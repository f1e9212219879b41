//! A fresh database for each test: cloned from an empty or a prepared template, dropped with its handle.

use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::{Client, NoTls};

use super::{Error, Result, shared};

/// A database of one's own, dropped with the handle.
///
/// # Examples
/// ```no_run
/// let database = sqlift::testing::database();
/// assert!(database.url().starts_with("postgresql://"));
/// ```
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    name: String,
    server_url: String,
}

impl TestDatabase {
    /// The database's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if super::keeps() {
            eprintln!("sqlift: kept {}", self.url);
            return;
        }
        let (url, name) = (self.server_url.clone(), self.name.clone());
        // Nobody can be told of an error here, and a temporary server takes its databases along.
        let _ = on_server(&url, move |client| drop_database(client, &name));
    }
}

/// A fresh database without tables on the shared temporary server (or on `TEST_DATABASE_URL`'s).
///
/// It holds sqlift's own schema, which its first connection would else install; [`bare_database`] does not.
///
/// # Panics
/// When there is no server, with a message that says what is missing and how to get it.
///
/// # Examples
/// ```no_run
/// let database = sqlift::testing::database();
/// let mut client = postgres::Client::connect(database.url(), postgres::NoTls)?;
/// # Ok::<(), postgres::Error>(())
/// ```
#[track_caller]
pub fn database() -> TestDatabase {
    match try_database() {
        Ok(database) => database,
        Err(error) => panic!("no database for this test: {error}"),
    }
}

/// As [`database`], for those who want to go on without one.
///
/// # Errors
/// [`Error::NoPrograms`] when PostgreSQL's server is not installed; otherwise what the server or the system said.
///
/// # Examples
/// ```no_run
/// match sqlift::testing::try_database() {
///     Ok(database) => println!("{}", database.url()),
///     Err(error) => eprintln!("skipped: {error}"),
/// }
/// ```
pub fn try_database() -> Result<TestDatabase> {
    static PREPARED: Mutex<Option<(String, Template)>> = Mutex::new(None);
    let mut prepared = PREPARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let server = server_url()?;
    let known = prepared.take().filter(|(known, _)| *known == server);
    let template = match known {
        Some((_, template)) => template,
        None => template(&compat_key(), |url| {
            // Where it does not work, the first connection says why.
            let Ok(conn) = crate::Connection::open_url(url) else { return };
            let _ = conn.query_row("SELECT length(?1)", ["x"], |row| row.get::<_, i64>(0));
        })?,
    };
    let name = template.name.clone();
    *prepared = Some((server, template));
    drop(prepared);
    clone_of(&name).or_else(|error| {
        // A server that took the place of a dead one has no templates yet.
        let replaced = PREPARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        match replaced {
            Some((before, _)) if server_url()? != before => try_database(),
            _ => Err(error),
        }
    })
}

fn compat_key() -> String {
    let texts = crate::translate::compat::SCRIPTS.iter().map(|(_, text)| *text);
    texts.fold(String::from("compat"), |key, text| key + text)
}

/// As [`database`], with nothing at all in it, not even sqlift's own schema.
///
/// # Errors
/// As [`try_database`].
///
/// # Examples
/// ```no_run
/// let database = sqlift::testing::bare_database()?;
/// # Ok::<(), sqlift::testing::Error>(())
/// ```
pub fn bare_database() -> Result<TestDatabase> {
    clone_of("template0")
}

/// A prepared database that others are cloned from; [`template`] makes it.
#[derive(Debug, Clone)]
pub struct Template {
    name: String,
}

impl Template {
    /// A fresh copy of the prepared database.
    ///
    /// # Errors
    /// What the server said.
    pub fn database(&self) -> Result<TestDatabase> {
        clone_of(&self.name)
    }
}

/// Prepares a database once, for all test processes, with `prepare` (given its URL), to be cloned by each test.
///
/// `key` stands for what `prepare` does: another key, another template. On `TEST_DATABASE_URL`'s server templates stay
/// for the next run, so let the key contain what decides the content, such as the text of the migrations.
///
/// # Errors
/// What the server said. When `prepare` panics, there is no template and the next call prepares again.
///
/// # Examples
/// ```no_run
/// const SCHEMA: &str = "CREATE TABLE t (a int)";
/// let template = sqlift::testing::template(SCHEMA, |url| {
///     postgres::Client::connect(url, postgres::NoTls).unwrap().batch_execute(SCHEMA).unwrap();
/// })?;
/// let database = template.database()?;
/// # Ok::<(), sqlift::testing::Error>(())
/// ```
pub fn template(key: &str, prepare: impl FnOnce(&str)) -> Result<Template> {
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), key).hash(&mut hasher);
    let number = hasher.finish();
    let name = format!("sqlift_template_{number:016x}");
    let server_url = server_url()?;
    let making = format!("{name}_making");

    // Another process that prepares the same waits here; the lock goes with the connection, however we end.
    let (ready, begun) = (name.clone(), making.clone());
    let (client, found) = on_own_thread(|| {
        let mut client = connect(&server_url)?;
        client.execute("SELECT pg_advisory_lock($1)", &[&(number as i64)]).map_err(told)?;
        let found = client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&ready]).map_err(told)?.is_some();
        if !found {
            drop_database(&mut client, &begun)?;
            create(&mut client, &begun, "template0")?;
        }
        Ok((client, found))
    })?;
    let lock = Unlocked(Some(client));
    if !found {
        prepare(&with_name(&server_url, &making));
        let (from, to) = (making, name.clone());
        on_server(&server_url, move |client| rename(client, &from, &to))?;
    }
    drop(lock);
    Ok(Template { name })
}

/// A blocking client must not be dropped inside an async runtime.
struct Unlocked(Option<Client>);

impl Drop for Unlocked {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            let _ = std::thread::spawn(move || drop(client)).join();
        }
    }
}

/// Creates `name` on the server of `url` unless it is there.
pub(super) fn create_if_missing(url: &str, name: &str) -> Result<()> {
    on_server(url, |client| {
        let found = client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name]).map_err(told)?;
        if found.is_some() { Ok(()) } else { create(client, name, "template0") }
    })
}

fn clone_of(template: &str) -> Result<TestDatabase> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("sqlift_test_{}_{number}_{:08x}", std::process::id(), super::unique() as u32);
    let create_on = |server_url: &str| on_server(server_url, |client| create(client, &name, template));
    let mut server_url = server_url()?;
    if let Err(error) = create_on(&server_url) {
        // The shared server may have died since this process came to it.
        match shared::replace_dead()? {
            true => server_url = self::server_url()?,
            false => return Err(error),
        }
        create_on(&server_url)?;
    }
    Ok(TestDatabase { url: with_name(&server_url, &name), name, server_url })
}

/// The URL of the server that serves this process.
fn server_url() -> Result<String> {
    match given_server() {
        Some(url) => Ok(url),
        None => shared::with_server(|server| server.url("postgres")),
    }
}

fn given_server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.trim().is_empty())
}

fn create(client: &mut Client, name: &str, template: &str) -> Result<()> {
    // The server's default since 15 logs every page and is half as slow again; earlier ones know only the copy.
    let version: i32 = client.query_one("SELECT current_setting('server_version_num')::int", &[]).map_err(told)?.get(0);
    let strategy = if version >= 150_000 { " STRATEGY file_copy" } else { "" };
    let create = format!("CREATE DATABASE {} TEMPLATE {}{strategy}", quoted(name), quoted(template));
    while_busy(|| client.batch_execute(&create))
}

fn rename(client: &mut Client, from: &str, to: &str) -> Result<()> {
    // Sessions that `prepare` left behind have a moment to end by themselves.
    let end = format!("ALTER DATABASE {} RENAME TO {}", quoted(from), quoted(to));
    while_busy(|| client.batch_execute(&end))
}

fn drop_database(client: &mut Client, name: &str) -> Result<()> {
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))).map_err(told)
}

/// Tries again while somebody is still connected to the database in question.
fn while_busy(mut attempt: impl FnMut() -> Result<(), postgres::Error>) -> Result<()> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other.map_err(told),
        }
    }
}

fn connect(url: &str) -> Result<Client> {
    let mut config: postgres::Config = url.parse().map_err(|_| {
        // Not the parser's own words: they may show the password.
        Error::Database("TEST_DATABASE_URL is no PostgreSQL URL".into())
    })?;
    config.application_name("sqlift-testing").connect_timeout(PATIENCE);
    config.connect(NoTls).map_err(told)
}

fn told(error: postgres::Error) -> Error {
    Error::Database(match error.as_db_error() {
        Some(said) => format!("the test server refused: {} ({})", said.message(), said.code().code()),
        None => match std::error::Error::source(&error) {
            Some(source) => format!("the test server is not reachable: {source}"),
            None => format!("the test server is not reachable: {error}"),
        },
    })
}

/// Runs `job` on a connection to the server, one that was left from before if there is one.
fn on_server<T: Send>(url: &str, job: impl FnOnce(&mut Client) -> Result<T> + Send) -> Result<T> {
    static IDLE: Mutex<Option<(String, Client)>> = Mutex::new(None);
    let idle = || IDLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let usable = |(known, client): &mut (String, Client)| known == url && client.is_valid(QUICK).is_ok();
    on_own_thread(|| {
        let left = idle().take().and_then(|mut left| usable(&mut left).then_some(left));
        let (known, mut client) = match left {
            Some(left) => left,
            None => (url.to_owned(), connect(url)?),
        };
        let done = job(&mut client)?;
        // The one that is replaced, if any, is dropped here, outside any async runtime.
        let replaced = idle().replace((known, client));
        drop(replaced);
        Ok(done)
    })
}

/// How long a machine that is busy with something else may take for what is over in milliseconds by itself.
const PATIENCE: Duration = Duration::from_secs(60);

const QUICK: Duration = Duration::from_secs(1);

/// The blocking client panics inside an async runtime; a thread of its own has none.
fn on_own_thread<T: Send>(job: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| match scope.spawn(job).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `url` with another database: in a URL the path, in a keyword string the last `dbname`.
pub(super) fn with_name(url: &str, name: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return format!("{url} dbname={name}");
    };
    let (address, query) = rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
    let authority = address.split_once('/').map_or(address, |(authority, _)| authority);
    let kept: Vec<&str> =
        query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.starts_with("dbname=")).collect();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    format!("{scheme}://{authority}/{name}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_in_a_url_is_replaced() {
        for (url, expected) in [
            ("postgres://u:p@h:5/db", "postgres://u:p@h:5/x"),
            ("postgres://u@h", "postgres://u@h/x"),
            ("postgresql:///db?host=/tmp/a&dbname=y&sslmode=require", "postgresql:///x?host=/tmp/a&sslmode=require"),
            ("postgresql://postgres@/db?host=/tmp/a", "postgresql://postgres@/x?host=/tmp/a"),
            ("host=/tmp user=u", "host=/tmp user=u dbname=x"),
        ] {
            assert_eq!(with_name(url, "x"), expected);
            let parsed: postgres::Config = with_name(url, "x").parse().unwrap();
            assert_eq!(parsed.get_dbname(), Some("x"), "{url}");
        }
    }
}
