//! Rows in the bytes in which they came: the buffer that the tap fills and values are read from.

use std::io;

/// A message's type and length.
pub(super) const HEADER: usize = 5;

/// Rows as the server sent them: DataRow messages, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct RawRows {
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
}

impl RawRows {
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// Reads one row from where [`bytes`](RawRows::bytes) were written.
    ///
    /// # Errors
    /// As `input`, also when it ends before the row does.
    pub fn read_one(&mut self, input: &mut impl io::Read) -> io::Result<()> {
        let at = self.bytes.len();
        self.bytes.resize(at + HEADER, 0);
        input.read_exact(&mut self.bytes[at..])?;
        let length = message_length(&self.bytes[at..]).unwrap_or(HEADER);
        self.bytes.resize(at + length, 0);
        input.read_exact(&mut self.bytes[at + HEADER..])?;
        self.count += 1;
        Ok(())
    }

    /// Takes the last row off, as rows of its own.
    pub fn take_last(&mut self) -> RawRows {
        let mut last = 0;
        let mut next = 0;
        while let Some((_, behind)) = self.row_at(next) {
            last = std::mem::replace(&mut next, behind);
        }
        let bytes = self.bytes.split_off(last);
        let count = usize::from(!bytes.is_empty());
        self.count -= count;
        RawRows { bytes, count }
    }

    /// Takes over all rows of `other`, behind its own.
    pub fn append(&mut self, other: &mut RawRows) {
        if self.is_empty() {
            std::mem::swap(self, other);
        } else {
            self.bytes.extend_from_slice(&other.bytes);
            self.count += other.count;
        }
        other.clear();
    }

    /// The row that begins at byte `at`: where its column count stands, and where the next row begins.
    #[inline]
    pub fn row_at(&self, at: usize) -> Option<(usize, usize)> {
        let length = message_length(self.bytes.get(at..)?)?;
        Some((at + HEADER, at + length))
    }

    /// Tells of each value of the row whose column count stands at `at`: its number, where it begins, and its length,
    /// which is negative for NULL.
    #[inline]
    pub fn locate(&self, at: usize, mut found: impl FnMut(usize, usize, i32)) {
        let Some(count) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) else { return };
        let mut at = at + 2;
        for index in 0..u16::from_be_bytes(*count).into() {
            let Some(length) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) else { return };
            let length = i32::from_be_bytes(*length);
            at += 4;
            found(index, at, length);
            at += usize::try_from(length).unwrap_or(0);
        }
    }

    /// The values of one column in all rows, `None` for NULL.
    pub fn column(&self, wanted: usize) -> impl Iterator<Item = Option<&[u8]>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let (columns, behind) = self.row_at(next)?;
            next = behind;
            let mut value = None;
            self.locate(columns, |index, start, length| {
                if index == wanted {
                    value = usize::try_from(length).ok().and_then(|length| self.bytes.get(start..)?.get(..length));
                }
            });
            Some(value)
        })
    }
}

/// A whole message's length, header included, once the header is there.
#[inline]
pub(super) fn message_length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.first_chunk::<HEADER>()?;
    // The length counts itself, but not the type before it.
    Some(1 + u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize)
}
