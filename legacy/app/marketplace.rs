//! The marketplace: offers with JSON payloads, search, favourites and orders.

use rusqlite::{Connection, Row, named_params, params, params_from_iter};

use crate::db::{self, Result, TODAY};
use crate::random::{Random, day};
use crate::report::Report;

pub const MIGRATIONS: &[&str] = &["
    CREATE TABLE IF NOT EXISTS offers (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        sku          TEXT NOT NULL UNIQUE,
        title        TEXT NOT NULL COLLATE NOCASE,
        price        REAL NOT NULL CHECK (price >= 0),
        stock        INTEGER NOT NULL DEFAULT 0,
        payload      TEXT NOT NULL DEFAULT '{}',
        available_on DATE,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    CREATE INDEX IF NOT EXISTS offers_title ON offers (title);

    CREATE TABLE IF NOT EXISTS favourites (
        customer     TEXT NOT NULL,
        sku          TEXT NOT NULL REFERENCES offers (sku),
        weight       INTEGER DEFAULT 1,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (customer, sku)
    );

    CREATE TABLE IF NOT EXISTS orders (
        id           INTEGER PRIMARY KEY,
        offer_id     INTEGER NOT NULL REFERENCES offers (id),
        customer     TEXT NOT NULL,
        quantity     INTEGER NOT NULL CHECK (quantity > 0),
        total        REAL,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    );

    CREATE TRIGGER IF NOT EXISTS offers_touch AFTER UPDATE ON offers FOR EACH ROW
    BEGIN
        UPDATE offers SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS favourites_touch AFTER UPDATE ON favourites FOR EACH ROW
    BEGIN
        UPDATE favourites SET updated_at = CURRENT_TIMESTAMP WHERE customer = NEW.customer AND sku = NEW.sku;
    END;
    CREATE TRIGGER IF NOT EXISTS orders_touch AFTER UPDATE ON orders FOR EACH ROW
    BEGIN
        UPDATE orders SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
"];

#[derive(Debug)]
struct Offer {
    sku: String,
    title: String,
    price: f64,
    colour: Option<String>,
    weight: Option<f64>,
}

impl Offer {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Offer {
            sku: row.get("sku")?,
            title: row.get("title")?,
            price: row.get("price")?,
            colour: row.get("colour")?,
            weight: row.get("weight")?,
        })
    }
}

#[derive(Default)]
struct Search<'a> {
    words: Option<&'a str>,
    at_most: Option<f64>,
    skus: &'a [&'a str],
    colour: Option<&'a str>,
}

/// Builds its WHERE clause from what is asked for, as the old search form did.
fn search(conn: &Connection, wanted: &Search<'_>, limit: i64, offset: i64) -> rusqlite::Result<Vec<Offer>> {
    let mut clauses = vec!["stock >= 0".to_string()];
    let mut values: Vec<rusqlite::types::Value> = Vec::new();
    if let Some(words) = wanted.words {
        clauses.push("title LIKE '%' || ? || '%'".to_string());
        values.push(words.to_string().into());
    }
    if let Some(price) = wanted.at_most {
        clauses.push("price <= ?".to_string());
        values.push(price.into());
    }
    if !wanted.skus.is_empty() {
        clauses.push(format!("sku IN ({})", vec!["?"; wanted.skus.len()].join(", ")));
        values.extend(wanted.skus.iter().map(|sku| sku.to_string().into()));
    }
    if let Some(colour) = wanted.colour {
        clauses.push("json_extract(payload, '$.colour') = ?".to_string());
        values.push(colour.to_string().into());
    }
    let sql = format!(
        "SELECT sku, title, price, json_extract(payload, '$.colour') AS colour, payload ->> '$.size.weight' AS weight
         FROM offers WHERE {} ORDER BY title, sku LIMIT {limit} OFFSET ?",
        clauses.join(" AND ")
    );
    values.push(offset.into());
    let mut stmt = conn.prepare(&sql)?;
    stmt.query_map(params_from_iter(values), Offer::from_row)?.collect()
}

#[derive(Debug, PartialEq)]
enum Order {
    Placed(i64),
    SoldOut,
    Invalid,
}

fn order(conn: &mut Connection, offer_id: i64, customer: &str, quantity: i64) -> rusqlite::Result<Order> {
    let tx = conn.transaction()?;
    let taken = tx.execute(
        "UPDATE offers SET stock = stock - ?1, payload = json_set(payload, '$.sold', ifnull(payload ->> '$.sold', 0) + ?1)
         WHERE id = ?2 AND stock >= ?1",
        [quantity, offer_id],
    )?;
    if taken == 0 {
        return Ok(Order::SoldOut);
    }
    let placed = tx.execute(
        "INSERT INTO orders (offer_id, customer, quantity, total)
         SELECT id, :customer, :quantity, round(price * :quantity, 2) FROM offers WHERE id = :offer",
        named_params! { ":customer": customer, ":quantity": quantity, ":offer": offer_id },
    );
    match placed {
        Ok(_) => {
            let id = tx.last_insert_rowid();
            tx.commit()?;
            Ok(Order::Placed(id))
        }
        Err(error) if db::is_check_violation(&error) => Ok(Order::Invalid),
        Err(error) => Err(error),
    }
}

const THINGS: &[&str] = &["Dataset", "dashboard", "Model", "model card", "Connector", "Übersicht"];
const COLOURS: &[&str] = &["red", "green", "blue"];

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(6);
    let tx = conn.transaction()?;
    for n in 0..rows {
        let title = format!("{} {}", random.pick(THINGS), random.below(rows / 2 + 1));
        let tags: Vec<String> = (0..random.below(4)).map(|_| format!("\"t{}\"", random.below(6))).collect();
        let colour = if random.chance(80) { format!("\"{}\"", random.pick(COLOURS)) } else { "null".to_string() };
        let payload = format!(
            "{{\"colour\": {colour}, \"tags\": [{}], \"size\": {{\"weight\": {}.5, \"boxes\": {}}}, \"gift\": {}}}",
            tags.join(", "),
            random.below(40),
            random.below(9),
            random.chance(20),
        );
        let available = random.chance(60).then(|| day(random.below(200)));
        tx.execute(
            "INSERT INTO offers (sku, title, price, stock, payload, available_on) VALUES (?, ?, ?, ?, json(?), ?)",
            params![
                format!("SKU{n:05}"),
                title,
                random.below(20_000) as f64 / 100.0,
                random.below(30),
                payload,
                available
            ],
        )?;
    }
    tx.commit()?;
    let (mut favourites, mut placed, mut sold_out, mut invalid) = (0, 0, 0, 0);
    for n in 0..rows {
        let sku = format!("SKU{:05}", random.below(rows));
        // REPLACE: the newest weight counts, and a favourite left out of the list starts anew.
        favourites += conn.execute(
            "INSERT OR REPLACE INTO favourites (customer, sku, weight) VALUES (?1, ?2, ?3)",
            params![format!("c{}", random.below(20)), sku, (n % 3 != 0).then_some(n % 5)],
        )?;
        if n % 2 == 0 {
            match order(conn, 1 + random.below(rows), &format!("c{}", random.below(20)), random.below(12) - 1)? {
                Order::Placed(_) => placed += 1,
                Order::SoldOut => sold_out += 1,
                Order::Invalid => invalid += 1,
            }
        }
    }
    report.fact("offers", rows)?;
    report.fact("favourites, orders, sold out, invalid", format!("{favourites}, {placed}, {sold_out}, {invalid}"))?;
    report.fact("offers: an update is stamped", db::update_is_stamped(conn, "offers", "id")?)
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    let searches = [
        Search { words: Some("MODEL"), ..Search::default() },
        Search { words: Some("dash"), at_most: Some(50.0), colour: Some("green"), ..Search::default() },
        Search { skus: &["SKU00007", "SKU00001", "none"], ..Search::default() },
        Search { words: Some("100%"), ..Search::default() },
    ];
    for (n, wanted) in searches.iter().enumerate() {
        report.section(&format!("search {}", n + 1))?;
        for offset in [0, 8] {
            for offer in search(conn, wanted, 8, offset)? {
                let Offer { sku, title, price, colour, weight } = offer;
                report.row(&format!("{sku} {title} {price:.2} {} {weight:?}", colour.as_deref().unwrap_or("-")))?;
            }
        }
    }

    report.section("offers by colour")?;
    let mut stmt = conn.prepare(
        "SELECT json_extract(payload, '$.colour') AS colour, COUNT(*), SUM(json_extract(payload, '$.gift')) AS gifts,
                SUM(json_array_length(payload, '$.tags')) AS tags, round(AVG(price), 3), SUM(ifnull(payload ->> '$.sold', 0)) AS sold
         FROM offers GROUP BY colour ORDER BY colour",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (colour, offers): (Option<String>, i64) = (row.get(0)?, row.get("COUNT(*)")?);
        let (gifts, tags, price, sold): (i64, i64, f64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
        report.row(&format!(
            "{:6} {offers:5} {gifts:5} {tags:5} {price:8.3} {sold}",
            colour.as_deref().unwrap_or("none")
        ))?;
    }

    report.section("tags")?;
    let mut stmt = conn.prepare(
        "SELECT value AS tag, COUNT(DISTINCT o.id) FROM offers o, json_each(o.payload, '$.tags') GROUP BY tag ORDER BY tag",
    )?;
    for tag in stmt.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))? {
        let (tag, offers) = tag?;
        report.row(&format!("{tag:4} {offers:5}"))?;
    }

    report.section("best customers")?;
    let mut stmt = conn.prepare(
        "SELECT customer, COUNT(*) AS orders, round(SUM(total), 2) AS spent,
                (SELECT group_concat(sku, ',') FROM (SELECT f.sku FROM favourites f WHERE f.customer = o.customer
                    ORDER BY ifnull(weight, 0) DESC, f.sku LIMIT 3)) AS favourites
         FROM orders o GROUP BY customer ORDER BY spent DESC, customer LIMIT 10",
    )?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let (customer, orders, spent): (String, i64, f64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let favourites: Option<String> = row.get("favourites")?;
        report.row(&format!("{customer:4} {orders:4} {spent:10.2} {}", favourites.unwrap_or_default()))?;
    }
    let available: i64 = conn.query_row(
        "SELECT COUNT(*) FROM offers WHERE available_on > ?1 OR available_on IS NULL",
        [TODAY],
        |row| row.get(0),
    )?;
    report.fact("not available yet", available)?;

    report.section("all of marketplace")?;
    report.digest(
        conn,
        "offers",
        "SELECT id, sku, title, price, stock, payload, available_on FROM offers ORDER BY id",
    )?;
    report.digest(conn, "favourites", "SELECT customer, sku, weight FROM favourites ORDER BY weight, customer, sku")?;
    report.digest(
        conn,
        "orders",
        "SELECT f.sku, o.customer, o.quantity, o.total FROM orders o JOIN offers f ON f.id = o.offer_id ORDER BY o.id",
    )?;
    report.timestamps(conn, &["offers", "favourites", "orders"])
}
