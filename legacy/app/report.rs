//! What the portal prints: sections of rows, with the number of rows under each. Nothing in it changes from run to run.

use std::io::Write;

use rusqlite::Connection;

use crate::db;

pub struct Report<'w> {
    out: &'w mut dyn Write,
    in_section: usize,
    total: usize,
}

impl<'w> Report<'w> {
    pub fn new(out: &'w mut dyn Write) -> Self {
        Report { out, in_section: 0, total: 0 }
    }

    pub fn section(&mut self, title: &str) -> db::Result<()> {
        self.end_section()?;
        writeln!(self.out, "== {title}")?;
        Ok(())
    }

    pub fn row(&mut self, text: &str) -> db::Result<()> {
        self.in_section += 1;
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// A line that is not a row of a table.
    pub fn fact(&mut self, name: &str, value: impl std::fmt::Display) -> db::Result<()> {
        writeln!(self.out, "{name}: {value}")?;
        Ok(())
    }

    /// All rows of a query, as their number and a hash over every value and its storage class.
    pub fn digest(&mut self, conn: &Connection, name: &str, sql: &str) -> db::Result<()> {
        let (rows, hash) = db::digest(conn, sql)?;
        self.in_section += rows;
        writeln!(self.out, "{name}: {rows} rows, digest {hash:016x}")?;
        Ok(())
    }

    /// What the database itself must have kept in a table.
    pub fn timestamps(&mut self, conn: &Connection, tables: &[&str]) -> db::Result<()> {
        for table in tables {
            let kept = db::timestamps_are_kept(conn, table)?;
            self.fact(&format!("{table}: updated_at >= created_at"), kept)?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> db::Result<()> {
        if self.in_section > 0 {
            writeln!(self.out, "({} rows)\n", self.in_section)?;
        }
        self.total += self.in_section;
        self.in_section = 0;
        Ok(())
    }

    pub fn finish(mut self) -> db::Result<()> {
        self.end_section()?;
        writeln!(self.out, "rows reported: {}", self.total)?;
        Ok(())
    }
}
