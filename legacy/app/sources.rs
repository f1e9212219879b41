//! Registered data sources: who they are, whom to ask, how they are tagged, and the items they delivered.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use crate::db::{self, Result};
use crate::random::{Random, day};
use crate::report::Report;
use crate::types::SourceKind;

pub const MIGRATIONS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS sources (
         id          INTEGER PRIMARY KEY AUTOINCREMENT,
         code        TEXT NOT NULL UNIQUE,
         name        TEXT NOT NULL,
         kind        TEXT NOT NULL CHECK (kind IN ('api', 'upload', 'mail', 'sensor')),
         url         TEXT,
         active      BOOLEAN NOT NULL DEFAULT 1,
         priority    INTEGER NOT NULL DEFAULT 0,
         budget      REAL,
         created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
     );
     CREATE INDEX IF NOT EXISTS sources_kind ON sources (kind, active);

     CREATE TABLE IF NOT EXISTS source_contacts (
         id          INTEGER PRIMARY KEY AUTOINCREMENT,
         source_id   INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
         email       TEXT NOT NULL,
         phone       TEXT,
         created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         UNIQUE (source_id, email)
     );

     CREATE TABLE IF NOT EXISTS source_tags (
         source_id   INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
         tag         TEXT NOT NULL,
         created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         PRIMARY KEY (source_id, tag)
     );

     CREATE TRIGGER IF NOT EXISTS sources_touch AFTER UPDATE ON sources FOR EACH ROW
     BEGIN
         UPDATE sources SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
     END;
     CREATE TRIGGER IF NOT EXISTS source_contacts_touch AFTER UPDATE ON source_contacts FOR EACH ROW
     BEGIN
         UPDATE source_contacts SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
     END;
     CREATE TRIGGER IF NOT EXISTS source_tags_touch AFTER UPDATE ON source_tags FOR EACH ROW
     BEGIN
         UPDATE source_tags SET updated_at = CURRENT_TIMESTAMP WHERE source_id = NEW.source_id AND tag = NEW.tag;
     END;",
    // Version 2: deliveries, and who owns a source.
    "ALTER TABLE sources ADD COLUMN owner TEXT;
     CREATE TABLE IF NOT EXISTS source_items (
         id          INTEGER PRIMARY KEY AUTOINCREMENT,
         source_code TEXT NOT NULL,
         external_id TEXT NOT NULL,
         title       TEXT NOT NULL,
         amount      REAL,
         quantity    INTEGER NOT NULL CHECK (quantity >= 0),
         received_on TEXT NOT NULL,
         urgent      BOOLEAN NOT NULL DEFAULT 0,
         created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         UNIQUE (source_code, external_id)
     );
     CREATE INDEX IF NOT EXISTS source_items_received ON source_items (received_on);
     CREATE TRIGGER IF NOT EXISTS source_items_touch AFTER UPDATE ON source_items FOR EACH ROW
     BEGIN
         UPDATE source_items SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
     END;",
];

#[derive(Debug)]
pub struct Source {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub kind: SourceKind,
    pub url: Option<String>,
    pub active: bool,
    pub priority: i64,
    pub budget: Option<f64>,
    pub owner: Option<String>,
}

impl TryFrom<&Row<'_>> for Source {
    type Error = rusqlite::Error;

    fn try_from(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Source {
            id: row.get("id")?,
            code: row.get("code")?,
            name: row.get("name")?,
            kind: row.get("kind")?,
            url: row.get("url")?,
            active: row.get("active")?,
            priority: row.get("priority")?,
            budget: row.get("budget")?,
            owner: row.get("owner")?,
        })
    }
}

#[derive(Debug, PartialEq)]
pub enum Registration {
    New(i64),
    AlreadyThere(i64),
}

/// Registers a source; a code that is taken is an answer, not an error.
pub fn register(
    conn: &Connection,
    code: &str,
    name: &str,
    kind: SourceKind,
    url: Option<&str>,
    budget: Option<f64>,
) -> rusqlite::Result<Registration> {
    let mut stmt = conn.prepare_cached(
        "INSERT INTO sources (code, name, kind, url, budget) VALUES (:code, :name, :kind, :url, :budget)",
    )?;
    match stmt.insert(named_params! { ":code": code, ":name": name, ":kind": kind, ":url": url, ":budget": budget }) {
        Ok(id) => Ok(Registration::New(id)),
        Err(error) if db::is_unique_violation(&error) => {
            let id = conn.query_row("SELECT id FROM sources WHERE code = ?1", [code], |row| row.get(0))?;
            Ok(Registration::AlreadyThere(id))
        }
        Err(error) => Err(error),
    }
}

pub fn find(conn: &Connection, code: &str) -> rusqlite::Result<Option<Source>> {
    conn.query_row("SELECT * FROM sources WHERE code = ?", params![code], |row| Source::try_from(row)).optional()
}

/// Renames or adds: the nightly synchronisation calls it for every source of the directory.
pub fn synchronise(conn: &Connection, code: &str, name: &str, priority: i64) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "INSERT INTO sources (code, name, kind, priority) VALUES (?1, ?2, 'upload', ?3)
         ON CONFLICT(code) DO UPDATE SET name = excluded.name, priority = excluded.priority",
    )?
    .execute(params![code, name, priority])
}

pub fn add_contact(conn: &Connection, source_id: i64, email: &str, phone: Option<&str>) -> rusqlite::Result<bool> {
    let added = conn.execute(
        "INSERT OR IGNORE INTO source_contacts (source_id, email, phone) VALUES (?1, ?2, ?3)",
        params![source_id, email, phone],
    )?;
    Ok(added == 1)
}

pub fn add_tags(conn: &Connection, source_id: i64, tags: &[&str]) -> rusqlite::Result<usize> {
    let mut stmt = conn.prepare_cached("INSERT OR IGNORE INTO source_tags (source_id, tag) VALUES (?, ?)")?;
    let mut added = 0;
    for tag in tags {
        added += stmt.execute((source_id, tag))?;
    }
    Ok(added)
}

pub fn search(conn: &Connection, words: &str, page: i64, page_size: i64) -> rusqlite::Result<Vec<Source>> {
    let pattern = format!("%{words}%");
    let mut stmt = conn.prepare(
        "SELECT * FROM sources WHERE name LIKE ?1 OR ifnull(owner, '') LIKE ?1
         ORDER BY priority DESC, code LIMIT ?2 OFFSET ?3",
    )?;
    let found = stmt.query_map(params![pattern, page_size, page * page_size], |row| Source::try_from(row))?;
    found.collect()
}

/// What became of one delivered item.
#[derive(Debug, PartialEq)]
pub enum Delivery {
    Stored,
    Duplicate,
    Rejected(&'static str),
}

pub struct Item<'a> {
    pub source_code: &'a str,
    pub external_id: &'a str,
    pub title: &'a str,
    pub amount: Option<f64>,
    pub quantity: Option<i64>,
    pub received_on: &'a str,
    pub urgent: bool,
}

/// Stores an item. A statement that fails undoes only itself, so the caller's transaction goes on with the next item.
pub fn deliver(tx: &Transaction<'_>, item: &Item<'_>) -> rusqlite::Result<Delivery> {
    let mut stmt = tx.prepare_cached(
        "INSERT INTO source_items (source_code, external_id, title, amount, quantity, received_on, urgent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let stored = stmt.execute(params![
        item.source_code,
        item.external_id,
        item.title,
        item.amount,
        item.quantity,
        item.received_on,
        item.urgent
    ]);
    match stored {
        Ok(_) => Ok(Delivery::Stored),
        Err(error) if db::is_unique_violation(&error) => Ok(Delivery::Duplicate),
        Err(error) if db::is_check_violation(&error) => Ok(Delivery::Rejected("negative quantity")),
        Err(error) if db::is_not_null_violation(&error) => Ok(Delivery::Rejected("no quantity")),
        Err(error) => Err(error),
    }
}

const NOUNS: &[&str] =
    &["Harbour", "River", "Station", "Archive", "Survey", "Grid", "Fleet", "Library", "Market", "Clinic"];
const TAGS: &[&str] = &["open", "daily", "restricted", "geo", "finance", "legacy", "pilot"];

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(1);
    let (mut new, mut known, mut contacts, mut tags) = (0, 0, 0, 0);
    let tx = conn.transaction()?;
    for n in 0..rows {
        // Every 40th registration repeats an earlier code.
        let code = if n % 40 == 39 { format!("SRC-{:05}", n / 2) } else { format!("SRC-{n:05}") };
        let name = format!("{} {}", random.pick(NOUNS), random.pick(NOUNS));
        let url = random.chance(70).then(|| format!("https://data.example/{}", code.to_lowercase()));
        let budget = random.chance(80).then(|| random.below(100_000) as f64 / 100.0);
        let kind = *random.pick(SourceKind::ALL);
        match register(&tx, &code, &name, kind, url.as_deref(), budget)? {
            Registration::New(id) => {
                new += 1;
                for k in 0..random.below(3) {
                    let phone = random.chance(50).then(|| format!("+49 30 {:06}", random.below(1_000_000)));
                    let email = format!("{}@{}.example", ["anna", "Bob", "cem"][k as usize], code.to_lowercase());
                    contacts += i64::from(add_contact(&tx, id, &email, phone.as_deref())?);
                    contacts += i64::from(add_contact(&tx, id, &email, None)?);
                }
                let chosen = [*random.pick(TAGS), *random.pick(TAGS)];
                tags += add_tags(&tx, id, &chosen)?;
            }
            Registration::AlreadyThere(id) => {
                known += 1;
                tx.execute(
                    "UPDATE sources SET owner = ?2 WHERE id = ?1 AND owner IS NULL",
                    params![id, "Zoë Ångström"],
                )?;
            }
        }
    }
    tx.commit()?;

    let mut synchronised = 0;
    for n in (0..rows).step_by(25) {
        synchronised += synchronise(conn, &format!("SRC-{n:05}"), &format!("Synchronised {n}"), n % 7)?;
    }
    synchronised += synchronise(conn, "SRC-EXTRA", "Extra's \"own\" source; 100% new?", 9)?;
    let retired = conn.execute("UPDATE sources SET active = 0 WHERE kind = ?1 AND priority = 0", [SourceKind::Mail])?;
    let dropped = conn.execute("DELETE FROM sources WHERE code LIKE 'SRC-%7' AND active = 0", [])?;
    let orphans: i64 = conn.query_row(
        "SELECT COUNT(*) FROM source_contacts c WHERE NOT EXISTS (SELECT 1 FROM sources s WHERE s.id = c.source_id)",
        [],
        |row| row.get(0),
    )?;
    report.fact("sources registered", new)?;
    report.fact("sources already there", known)?;
    report.fact("contacts, tags", format!("{contacts}, {tags}"))?;
    report
        .fact("synchronised, retired, dropped, orphans", format!("{synchronised}, {retired}, {dropped}, {orphans}"))?;
    report.fact("wrong kind", wrong_kind_is_refused(conn)?)?;
    report.fact("sources: an update is stamped", db::update_is_stamped(conn, "sources", "id")?)?;
    Ok(())
}

fn wrong_kind_is_refused(conn: &Connection) -> Result<&'static str> {
    match conn.execute("INSERT INTO sources (code, name, kind) VALUES ('SRC-ODD', 'Odd', 'carrier pigeon')", []) {
        Err(error) if db::is_check_violation(&error) => Ok("refused"),
        Err(error) => Err(error.into()),
        Ok(_) => Ok("accepted"),
    }
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("sources by kind")?;
    let mut stmt = conn.prepare(
        "SELECT kind, COUNT(*) AS total, SUM(active) AS active, SUM(CASE WHEN url IS NULL THEN 1 ELSE 0 END) AS without_url,
                ROUND(SUM(COALESCE(budget, 0)), 2) AS budget
         FROM sources GROUP BY kind ORDER BY total DESC, kind",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, total, active): (SourceKind, i64, i64) = (row.get(0)?, row.get("total")?, row.get("active")?);
        let (without_url, budget): (i64, f64) = (row.get("without_url")?, row.get("budget")?);
        report.row(&format!("{kind:8} {total:6} {active:6} {without_url:6} {budget:14.2}"))?;
    }

    report.section("sources with most contacts")?;
    let mut stmt =
        conn.prepare("SELECT id, code, name FROM sources WHERE active = 1 ORDER BY priority DESC, code LIMIT 25")?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (id, code, name): (i64, String, String) = row.try_into()?;
        let contacts: i64 =
            conn.query_row("SELECT COUNT(*) FROM source_contacts WHERE source_id = ?", [id], |row| row.get(0))?;
        let mut tags = conn.prepare_cached("SELECT tag FROM source_tags WHERE source_id = ?1 ORDER BY tag")?;
        let tags = tags.query_map([id], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        report.row(&format!("{code:10} {contacts} {:20} {name}", tags.join(",")))?;
    }

    report.section("sources found for \"HARBOUR\"")?;
    for page in 0..3 {
        for source in search(conn, "HARBOUR", page, 5)? {
            let budget = source.budget.map_or("-".to_string(), |budget| format!("{budget:.2}"));
            report.row(&format!(
                "page {page}: {} {} {} {} {budget} {} {}",
                source.code,
                source.name,
                source.kind,
                source.priority,
                source.url.as_deref().unwrap_or("-"),
                source.owner.as_deref().unwrap_or("-"),
            ))?;
        }
    }
    let extra = find(conn, "SRC-EXTRA")?.map(|source| (source.id > 0, source.name, source.active));
    report.fact("one source", format!("{extra:?}"))?;
    report.fact("a source that is not there", format!("{:?}", find(conn, "NOPE")?.map(|source| source.id)))?;

    report.section("items per source")?;
    let mut stmt = conn.prepare(
        "SELECT source_code, COUNT(*), SUM(quantity), SUM(CASE WHEN urgent = 1 THEN 1 ELSE 0 END), MIN(received_on), MAX(received_on)
         FROM source_items GROUP BY source_code HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, source_code LIMIT 40",
    )?;
    let lines = stmt.query_and_then([], |row| -> Result<String> {
        let (code, items, quantity): (String, i64, i64) = (row.get(0)?, row.get("COUNT(*)")?, row.get(2)?);
        let (urgent, first, last): (i64, String, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
        Ok(format!("{code:10} {items:5} {quantity:7} {urgent:4} {first} {last}"))
    })?;
    for line in lines {
        report.row(&line?)?;
    }

    report.section("all of sources")?;
    report.digest(
        conn,
        "sources",
        "SELECT code, name, kind, url, active, priority, budget, owner FROM sources ORDER BY id",
    )?;
    report.digest(
        conn,
        "contacts",
        "SELECT s.code, c.email, c.phone FROM source_contacts c JOIN sources s ON s.id = c.source_id ORDER BY c.id",
    )?;
    report.digest(
        conn,
        "tags",
        "SELECT t.tag, s.code FROM source_tags t JOIN sources s ON s.id = t.source_id ORDER BY t.tag DESC, s.id",
    )?;
    report.digest(
        conn,
        "items",
        "SELECT source_code, external_id, title, amount, quantity, received_on, urgent FROM source_items
         ORDER BY source_code, external_id",
    )?;
    report.timestamps(conn, &["sources", "source_contacts", "source_tags", "source_items"])
}

/// The CSV file that `import` reads, made from nothing but the row's number.
pub fn csv_line(n: i64) -> String {
    let mut random = Random::new(1000 + n as u64);
    let source = random.below(60);
    // Every 200th row repeats the identifier of the row before it; every 250th has a quantity that is not allowed.
    let (source, external) = if n % 200 == 199 { (Random::new(999 + n as u64).below(60), n - 1) } else { (source, n) };
    let title = format!("\"{} \"\"{}\"\", no. {n}\"", random.pick(NOUNS), random.pick(TAGS));
    let amount =
        if random.chance(10) { String::new() } else { format!("{}.{:02}", random.below(900), random.below(100)) };
    let quantity = match n % 250 {
        100 => "-1".to_string(),
        200 => String::new(),
        _ => random.below(500).to_string(),
    };
    format!(
        "SRC-{source:05},EXT-{external:06},{title},{amount},{quantity},{},{}",
        day(random.below(300)),
        random.below(2)
    )
}
