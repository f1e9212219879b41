//! Rows kept for later: in memory up to a limit, past it in a temporary file that has no name and goes with the process.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};

use super::net::RawRows;

/// Bytes of rows kept in memory per spool.
const MEMORY_LIMIT: usize = 16 << 20;

/// Bytes read back from the file at once, and the row that passes them.
const CHUNK_SIZE: usize = 64 << 10;

/// First in, first out.
#[derive(Default)]
pub(crate) struct Spool {
    memory: VecDeque<RawRows>,
    bytes: usize,
    failure: Option<io::Error>,
    /// Rows past the limit, in order behind those in memory.
    overflow: Option<Overflow>,
}

enum Overflow {
    Writing { file: BufWriter<File>, rows: u64 },
    Reading { file: BufReader<File>, rows: u64 },
}

impl Spool {
    /// Keeps rows, and leaves `rows` empty. After a failure (a full disk) nothing more is kept: [`Spool::take_failure`]
    /// tells.
    pub fn push(&mut self, rows: &mut RawRows) {
        if !rows.is_empty()
            && self.failure.is_none()
            && let Err(error) = self.try_push(rows)
        {
            self.failure = Some(error);
        }
        rows.clear();
    }

    /// Why rows are missing at the end, if they are.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn try_push(&mut self, rows: &mut RawRows) -> io::Result<()> {
        if self.overflow.is_none() && self.bytes < MEMORY_LIMIT {
            self.bytes += rows.size_bytes();
            self.memory.push_back(std::mem::take(rows));
            return Ok(());
        }
        if self.overflow.is_none() {
            self.overflow =
                Some(Overflow::Writing { file: BufWriter::with_capacity(1 << 16, tempfile::tempfile()?), rows: 0 });
        }
        let Some(Overflow::Writing { file, rows: written }) = &mut self.overflow else {
            return Err(io::Error::other("a spool is filled before it is read"));
        };
        file.write_all(rows.bytes())?;
        *written += rows.len() as u64;
        Ok(())
    }

    /// The next rows, into the empty `rows`; none at the end.
    ///
    /// # Errors
    /// The temporary file cannot be read back.
    pub fn pop(&mut self, rows: &mut RawRows) -> io::Result<()> {
        if let Some(mut kept) = self.memory.pop_front() {
            rows.append(&mut kept);
            return Ok(());
        }
        self.overflow = match self.overflow.take() {
            Some(Overflow::Writing { file, rows }) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.seek(SeekFrom::Start(0))?;
                Some(Overflow::Reading { file: BufReader::with_capacity(1 << 16, file), rows })
            }
            other => other,
        };
        if let Some(Overflow::Reading { file, rows: left }) = &mut self.overflow {
            while *left > 0 && rows.size_bytes() < CHUNK_SIZE {
                rows.read_one(file)?;
                *left -= 1;
            }
        }
        Ok(())
    }
}
