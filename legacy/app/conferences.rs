//! Conferences and their deadlines, kept up to date from a feed that is fetched every night.

use rusqlite::{Connection, named_params, params};

use crate::db::{self, Error, Result, TODAY};
use crate::random::{Random, day};
use crate::report::Report;

/// The feed as it was last fetched: one conference per line, revisions in the order in which they were published.
const FEED: &str = include_str!("data/conferences.feed");

pub const MIGRATIONS: &[&str] = &["
    CREATE TABLE IF NOT EXISTS conferences (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        series       TEXT NOT NULL COLLATE NOCASE,
        year         INT NOT NULL,
        title        VARCHAR(200) NOT NULL,
        city         TEXT,
        starts_on    DATE,
        deadline     DATETIME,
        revision     INTEGER NOT NULL DEFAULT 1,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT (datetime('now')),
        UNIQUE (series, year)
    );
    CREATE TABLE IF NOT EXISTS submissions (
        id            INTEGER PRIMARY KEY AUTOINCREMENT,
        conference_id INTEGER NOT NULL REFERENCES conferences (id) ON DELETE CASCADE,
        author        TEXT NOT NULL,
        submitted_at  DATETIME NOT NULL,
        created_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TRIGGER IF NOT EXISTS conferences_touch AFTER UPDATE ON conferences FOR EACH ROW
    BEGIN
        UPDATE conferences SET updated_at = datetime('now') WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS submissions_touch AFTER UPDATE ON submissions FOR EACH ROW
    BEGIN
        UPDATE submissions SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
"];

/// Takes the feed in: a newer revision wins, an older one changes nothing.
pub fn import_feed(conn: &mut Connection, feed: &str) -> Result<(usize, usize)> {
    let tx = conn.transaction()?;
    let (mut taken, mut stale) = (0, 0);
    for line in feed.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [series, year, title, city, starts_on, deadline, revision] = fields.as_slice() else {
            return Err(Error::BadInput(format!("7 fields expected: {line}")));
        };
        let year: i64 = year.parse().map_err(|_| Error::BadInput(format!("not a year: {year}")))?;
        let changed = tx.execute(
            "INSERT INTO conferences (series, year, title, city, starts_on, deadline, revision)
             VALUES (:series, :year, :title, nullif(:city, ''), nullif(:starts, ''), datetime(nullif(:deadline, '')), :revision)
             ON CONFLICT(series, year) DO UPDATE SET
                 title = excluded.title, city = ifnull(excluded.city, city), starts_on = excluded.starts_on,
                 deadline = excluded.deadline, revision = excluded.revision
             WHERE excluded.revision > conferences.revision",
            named_params! {
                ":series": series, ":year": year, ":title": title, ":city": city, ":starts": starts_on,
                ":deadline": deadline, ":revision": revision,
            },
        )?;
        if changed == 1 { taken += 1 } else { stale += 1 }
    }
    tx.commit()?;
    Ok((taken, stale))
}

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let (taken, stale) = import_feed(conn, FEED)?;
    let again = import_feed(conn, FEED)?;
    report.fact("conferences taken, stale", format!("{taken}, {stale}; once more: {again:?}"))?;
    let mut random = Random::new(8);
    let ids: Vec<i64> = conn
        .prepare("SELECT id FROM conferences ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let tx = conn.transaction()?;
    let mut added = 0;
    for n in 0..rows {
        let at = format!("{}T{:02}:{:02}:{:02}Z", day(random.below(300)), random.below(24), n % 60, random.below(60));
        // Too late is no error: the row is just not added.
        added += tx.execute(
            "INSERT INTO submissions (conference_id, author, submitted_at)
             SELECT c.id, ?2, datetime(?3) FROM conferences c
             WHERE c.id = ?1 AND (c.deadline IS NULL OR datetime(?3) <= datetime(c.deadline, '+12 hours'))",
            params![random.pick(&ids), format!("author {}", random.below(90)), at],
        )?;
    }
    tx.commit()?;
    report.fact("submissions offered, in time", format!("{rows}, {added}"))?;
    report.fact("conferences: an update is stamped", db::update_is_stamped(conn, "conferences", "id")?)
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("deadlines of the next half year")?;
    let mut stmt = conn.prepare(
        "SELECT series || ' ' || year AS name, city, deadline,
                CAST(julianday(deadline) - julianday(:today) AS INTEGER) AS days_left,
                CASE strftime('%w', deadline) WHEN '0' THEN 'Sunday' WHEN '6' THEN 'Saturday' ELSE 'weekday' END AS falls_on,
                date(deadline, '-7 days') AS remind_on, date(starts_on, 'start of month', '+1 month', '-1 day') AS month_ends
         FROM conferences WHERE deadline BETWEEN :today AND date(:today, '+6 months') ORDER BY deadline, name",
    )?;
    let mut rows = stmt.query(named_params! { ":today": TODAY })?;
    while let Some(row) = rows.next()? {
        let (name, city, deadline): (String, Option<String>, String) = (row.get(0)?, row.get("city")?, row.get(2)?);
        let (days_left, falls_on): (i64, String) = (row.get("days_left")?, row.get("falls_on")?);
        let (remind_on, month_ends): (String, Option<String>) = (row.get(5)?, row.get(6)?);
        report.row(&format!(
            "{name:14} {:12} {deadline} in {days_left:3} days ({falls_on}), remind {remind_on}, month ends {month_ends:?}",
            city.as_deref().unwrap_or("online")
        ))?;
    }

    report.section("calendar")?;
    let mut stmt = conn.prepare(
        "WITH RECURSIVE months(m) AS (
             SELECT date(?1, 'start of year') UNION ALL SELECT date(m, '+1 month') FROM months LIMIT 12
         )
         SELECT strftime('%Y-%m', m), COUNT(c.id), ifnull(MIN(c.title), '-')
         FROM months LEFT JOIN conferences c ON strftime('%Y-%m', c.starts_on) = strftime('%Y-%m', m)
         GROUP BY m ORDER BY m",
    )?;
    for month in stmt.query_map([TODAY], |row| {
        Ok(format!("{} {:3} {}", row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
    })? {
        report.row(&month?)?;
    }

    report.section("submissions by conference")?;
    let mut stmt = conn.prepare(
        "SELECT c.id, c.series, c.year, COUNT(s.id) AS n, COUNT(DISTINCT s.author), MAX(s.submitted_at),
                SUM(strftime('%H', s.submitted_at) IN ('22', '23')) AS late
         FROM conferences c LEFT JOIN submissions s ON s.conference_id = c.id
         GROUP BY c.id HAVING n > 0 OR c.deadline IS NULL ORDER BY n DESC, c.id",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (id, series, year): (i64, String, i64) = (row.get(0)?, row.get("series")?, row.get("year")?);
        let (n, authors): (i64, i64) = (row.get("n")?, row.get(4)?);
        let (last, late): (Option<String>, Option<i64>) = (row.get(5)?, row.get(6)?);
        let in_series: i64 =
            conn.query_row("SELECT COUNT(*) FROM conferences WHERE series = upper(?1)", [&series], |row| {
                row.get("COUNT(*)")
            })?;
        report.row(&format!("{id:3} {series} {year} {n:5} {authors:3} {last:?} {late:?} {in_series}"))?;
    }

    report.section("all of conferences")?;
    report.digest(
        conn,
        "conferences",
        "SELECT id, series, year, title, city, starts_on, deadline, revision FROM conferences ORDER BY series, year",
    )?;
    report.digest(
        conn,
        "submissions",
        "SELECT id, conference_id, author, submitted_at FROM submissions ORDER BY id",
    )?;
    report.timestamps(conn, &["conferences", "submissions"])
}
