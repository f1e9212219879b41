//! Rows kept for later: in memory up to a limit, past it in a temporary file that has no name and goes with the process.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use tokio_postgres::Row as WireRow;

use super::rows::RowData;

/// Bytes of row data kept in memory per spool.
const MEMORY_LIMIT: usize = 16 << 20;

/// First in, first out.
#[derive(Default)]
pub(crate) struct Spool {
    memory: VecDeque<WireRow>,
    bytes: usize,
    /// How many values each row has.
    columns: usize,
    failure: Option<io::Error>,
    /// Rows past the limit, in order behind those in memory.
    overflow: Option<Overflow>,
}

enum Overflow {
    Writing { file: BufWriter<File>, rows: u64 },
    Reading { file: BufReader<File>, rows: u64 },
}

impl Spool {
    /// Keeps a row. After a failure (a full disk) nothing more is kept: [`Spool::take_failure`] tells.
    pub fn push(&mut self, row: WireRow) {
        if self.failure.is_none()
            && let Err(error) = self.try_push(row)
        {
            self.failure = Some(error);
        }
    }

    /// Why rows are missing at the end, if they are.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn try_push(&mut self, row: WireRow) -> io::Result<()> {
        self.columns = row.len();
        if self.overflow.is_none() && self.bytes < MEMORY_LIMIT {
            self.bytes += row.raw_size_bytes() + size_of::<WireRow>();
            self.memory.push_back(row);
            return Ok(());
        }
        if self.overflow.is_none() {
            self.overflow =
                Some(Overflow::Writing { file: BufWriter::with_capacity(1 << 16, tempfile::tempfile()?), rows: 0 });
        }
        let Some(Overflow::Writing { file, rows }) = &mut self.overflow else {
            return Err(io::Error::other("a spool is filled before it is read"));
        };
        write_row(file, &RowData::Wire(row))?;
        *rows += 1;
        Ok(())
    }

    /// The next row.
    ///
    /// # Errors
    /// The temporary file cannot be read back.
    pub fn pop(&mut self) -> io::Result<Option<RowData>> {
        if let Some(row) = self.memory.pop_front() {
            return Ok(Some(RowData::Wire(row)));
        }
        self.overflow = match self.overflow.take() {
            Some(Overflow::Writing { file, rows }) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.seek(SeekFrom::Start(0))?;
                Some(Overflow::Reading { file: BufReader::with_capacity(1 << 16, file), rows })
            }
            other => other,
        };
        match &mut self.overflow {
            Some(Overflow::Reading { file, rows }) if *rows > 0 => {
                *rows -= 1;
                read_row(file, self.columns).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Each value as its length (`u64::MAX` for NULL) and its bytes.
fn write_row(file: &mut impl Write, row: &RowData) -> io::Result<()> {
    for index in 0..row.len() {
        match row.bytes(index) {
            Some(bytes) => {
                file.write_all(&(bytes.len() as u64).to_le_bytes())?;
                file.write_all(bytes)?;
            }
            None => file.write_all(&u64::MAX.to_le_bytes())?,
        }
    }
    Ok(())
}

fn read_row(file: &mut impl Read, columns: usize) -> io::Result<RowData> {
    let mut bytes = Vec::new();
    let mut ranges = Vec::with_capacity(columns);
    for _ in 0..columns {
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        match u64::from_le_bytes(length) {
            u64::MAX => ranges.push(None),
            length => {
                let start = bytes.len();
                file.by_ref().take(length).read_to_end(&mut bytes)?;
                ranges.push(Some(start..bytes.len()));
            }
        }
    }
    Ok(RowData::Stored { bytes, ranges })
}
