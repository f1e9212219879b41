//! What PostgreSQL has and SQLite has not, each with its fallback beside it: an index into the offers' JSON, and labels of
//! sources in a hierarchy.

use rusqlite::{Connection, DialectSql, Feature, dialect_sql, params};

use crate::db::Result;

/// Indexes what [`offers_like`] looks for. SQLite indexes one expression; PostgreSQL the whole document, for any key.
const INDEX_OFFERS: DialectSql = dialect_sql! {
    sqlite: "CREATE INDEX IF NOT EXISTS offers_colour ON offers (json_extract(payload, '$.colour'))",
    postgres: "CREATE INDEX IF NOT EXISTS offers_payload ON offers USING gin ((payload::jsonb) jsonb_path_ops)",
};

const OFFERS_OF_COLOUR: DialectSql = dialect_sql! {
    sqlite: "SELECT sku FROM offers WHERE json_extract(payload, '$.colour') = ?1 ORDER BY sku",
    postgres: "SELECT sku FROM offers WHERE payload::jsonb @> jsonb_build_object('colour', ?1::text) ORDER BY sku",
};

/// Labels are paths of words: `region.north.coast`.
const LABELS: &str = "CREATE TABLE IF NOT EXISTS source_labels (
    source_code TEXT NOT NULL,
    label       TEXT NOT NULL,
    PRIMARY KEY (source_code, label)
)";

const INDEX_LABELS: &str =
    "/* sqlift: native */ CREATE INDEX IF NOT EXISTS source_labels_path ON source_labels USING gist ((label::ltree))";

const BELOW_AS_LTREE: &str = "/* sqlift: native */ SELECT source_code FROM source_labels WHERE label::ltree <@ ?1::text::ltree ORDER BY source_code";

/// The fallback is a range of texts, which the primary key's order by bytes makes the same: `.` is the smallest byte in a label.
const BELOW_AS_TEXT: &str = "SELECT source_code FROM source_labels
    WHERE label = ?1 OR (label > ?1 || '.' AND label < ?1 || '/') ORDER BY source_code";

pub fn prepare(conn: &Connection) -> Result<()> {
    conn.execute_batch(INDEX_OFFERS.on(conn))?;
    conn.execute_batch(LABELS)?;
    if conn.enable(Feature::Ltree)? {
        conn.execute_batch(INDEX_LABELS)?;
    }
    Ok(())
}

pub fn offers_of_colour(conn: &Connection, colour: &str) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(OFFERS_OF_COLOUR.on(conn))?;
    Ok(statement.query_map([colour], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

pub fn label(conn: &Connection, source_code: &str, label: &str) -> Result<bool> {
    let added = "INSERT OR IGNORE INTO source_labels (source_code, label) VALUES (?1, ?2)";
    Ok(conn.execute(added, params![source_code, label])? == 1)
}

/// The sources with this label or one below it.
pub fn sources_below(conn: &Connection, label: &str) -> Result<Vec<String>> {
    let sql = if conn.supports(Feature::Ltree)? { BELOW_AS_LTREE } else { BELOW_AS_TEXT };
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([label], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// What `portal-ported features` prints, on either database the same.
pub fn report(conn: &Connection) -> Result<()> {
    prepare(conn)?;
    for (code, path) in [
        ("SRC-1", "region"),
        ("SRC-2", "region.north"),
        ("SRC-3", "region.north.coast"),
        ("SRC-4", "region.northern"),
        ("SRC-5", "kind.feed"),
    ] {
        label(conn, code, path)?;
    }
    for path in ["region", "region.north", "kind", "nothing"] {
        println!("below {path}: {}", sources_below(conn, path)?.join(" "));
    }
    for colour in ["red", "green", "mauve"] {
        println!("offers in {colour}: {}", offers_of_colour(conn, colour)?.join(" "));
    }
    Ok(())
}
