//! Rows are taken out of the server's bytes before tokio-postgres sees them.
//!
//! tokio-postgres makes an object with a list of ranges of each row, and hands it over through a channel: several times
//! the work of reading the values. While a [`RowTap`] is open, DataRow messages go past all that, as they came, into a
//! buffer from which the values are read in place; every other message passes through untouched. On the way out, the
//! statement takes its marker's place.
//!
//! A [`Tap`] lies over the plain stream and over TLS alike, and only looks at the messages' headers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::raw_rows::{HEADER, message_length};
use super::row_tap::{RowTap, State};

/// Bytes asked of the stream at once: two of the 8 KiB pieces in which the server sends, and more when more is there.
const READ_SIZE: usize = 16 << 10;
const LARGE_READ_SIZE: usize = 64 << 10;

/// No more is read while this much waits to be taken: the server waits instead.
const FULL: usize = 32 << 10;

/// What the server sends.
const DATA_ROW: u8 = b'D';
const ROW_DESCRIPTION: u8 = b'T';
const NO_DATA: u8 = b'n';
const PARSE_COMPLETE: u8 = b'1';
const BIND_COMPLETE: u8 = b'2';

/// What a stream's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Not messages: what lies under TLS.
    Opaque,
    /// The answer to our asking for TLS, one byte. Unless it is `S`, messages follow.
    Negotiation,
    Messages,
}

/// A stream with its rows taken out. Reads go through its buffer.
#[derive(Debug)]
pub(super) struct Tap<S> {
    inner: S,
    rows: RowTap,
    framing: Framing,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// So many bytes still belong to a message that passes.
    passing: usize,
    /// So many bytes still belong to a RowDescription that is kept.
    describing: usize,
    /// Taken over for sending, and not sent yet.
    out: BytesMut,
}

impl<S> Tap<S> {
    pub fn new(inner: S, framing: Framing, rows: RowTap) -> Tap<S> {
        let buffer = vec![0; READ_SIZE];
        Tap { inner, rows, framing, buffer, start: 0, end: 0, passing: 0, describing: 0, out: BytesMut::new() }
    }

    #[cfg(feature = "tls")]
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// Moves what is in the buffer on: rows into the tap, everything else into `out`. Stops at what is not here in full,
    /// and when `out` has no room.
    fn sort(&mut self, caught: &mut State, out: &mut ReadBuf<'_>) {
        while self.start < self.end {
            let here = &self.buffer[self.start..self.end];
            if self.passing > 0 {
                let count = self.passing.min(here.len()).min(out.remaining());
                if count == 0 {
                    return;
                }
                out.put_slice(&here[..count]);
                self.start += count;
                self.passing -= count;
            } else if self.describing > 0 {
                let count = self.describing.min(here.len());
                caught.description.extend_from_slice(&here[..count]);
                self.start += count;
                self.describing -= count;
            } else if caught.unwanted > 0 {
                let count = caught.unwanted.min(here.len());
                self.start += count;
                caught.unwanted -= count;
            } else if caught.missing > 0 {
                let count = caught.missing.min(here.len());
                caught.rows.bytes.extend_from_slice(&here[..count]);
                caught.rows.count += usize::from(count == caught.missing);
                self.start += count;
                caught.missing -= count;
            } else if self.framing != Framing::Messages {
                let asked = self.framing == Framing::Negotiation;
                self.framing = if asked && here[0] != b'S' { Framing::Messages } else { Framing::Opaque };
                self.passing = if asked { 1 } else { here.len() };
            } else if here[0] == DATA_ROW && caught.is_open {
                let (length, count) = whole_rows(here);
                if count > 0 {
                    caught.rows.bytes.extend_from_slice(&here[..length]);
                    caught.rows.count += count;
                    self.start += length;
                    continue;
                }
                match message_length(here) {
                    // Never here in full.
                    Some(length) if length > self.buffer.len() => caught.missing = length,
                    _ => return,
                }
            } else {
                let Some(length) = message_length(here) else { return };
                // tokio-postgres has no part in these while the tap is open.
                match here[0] {
                    // Without a body.
                    kind @ (PARSE_COMPLETE | BIND_COMPLETE | NO_DATA) if caught.is_open => {
                        caught.accepted |= kind == BIND_COMPLETE;
                        self.start += HEADER;
                    }
                    ROW_DESCRIPTION if caught.is_open => self.describing = length,
                    _ => self.passing = length,
                }
            }
        }
    }
}

/// The bytes and the number of the rows that begin `bytes` and are there in full.
#[inline]
fn whole_rows(bytes: &[u8]) -> (usize, usize) {
    let (mut length, mut count) = (0, 0);
    while let Some(next) = message_length(&bytes[length..]) {
        if bytes[length] != DATA_ROW || next > bytes.len() - length {
            break;
        }
        length += next;
        count += 1;
    }
    (length, count)
}

impl<S: AsyncRead + Unpin> Tap<S> {
    /// Reads once, behind what is in the buffer. Gives how much came; 0 is the stream's end.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let mut free = ReadBuf::new(&mut self.buffer[self.end..]);
        match Pin::new(&mut self.inner).poll_read(context, &mut free) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => return Poll::Pending,
        }
        let (count, is_full) = (free.filled().len(), free.remaining() == 0);
        self.end += count;
        if is_full && self.buffer.len() < LARGE_READ_SIZE {
            self.buffer.resize(LARGE_READ_SIZE, 0);
        }
        Poll::Ready(Ok(count))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        let before = out.filled().len();
        let tap = me.rows.clone();
        loop {
            let mut caught = tap.state();
            let rows_before = caught.rows.len();
            me.sort(&mut caught, out);
            if caught.rows.len() > rows_before {
                context.waker().wake_by_ref();
            }
            if out.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
            // Whoever takes the rows asks again.
            if caught.rows.bytes.len() >= FULL && caught.missing == 0 {
                return Poll::Pending;
            }
            // The stream below may be another tap.
            drop(caught);
            match me.poll_fill(context) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Tap<S> {
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            match Pin::new(&mut self.inner).poll_write(context, &self.out) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => self.out.advance(count),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let me = self.get_mut();
        match me.poll_send(context) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => return Poll::Pending,
        }
        if me.framing == Framing::Opaque || !me.rows.replace_marker(bytes, &mut me.out) {
            return Pin::new(&mut me.inner).poll_write(context, bytes);
        }
        // What does not go out now goes out with the next write or flush.
        match me.poll_send(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        match me.poll_send(context) {
            Poll::Ready(Ok(())) => Pin::new(&mut me.inner).poll_flush(context),
            other => other,
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        match me.poll_send(context) {
            Poll::Ready(Ok(())) => Pin::new(&mut me.inner).poll_shutdown(context),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw_rows::RawRows;
    use super::*;
    use std::collections::VecDeque;
    use std::task::Waker;

    /// Gives the pieces one by one, then waits.
    struct Pieces(VecDeque<Vec<u8>>);

    impl AsyncRead for Pieces {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            let Some(mut piece) = self.0.pop_front() else { return Poll::Pending };
            let count = piece.len().min(out.remaining());
            out.put_slice(&piece[..count]);
            if count < piece.len() {
                self.0.push_front(piece.split_off(count));
            }
            Poll::Ready(Ok(()))
        }
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut message = vec![kind];
        message.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
        message.extend_from_slice(body);
        message
    }

    fn open(rows: &RowTap) {
        rows.open(|_| Ok::<_, ()>(())).expect("writes nothing");
    }

    /// What passes, and the rows that were caught, of a stream that comes in pieces of `size`.
    fn sorted(stream: &[u8], size: usize, framing: Framing, opened: bool) -> (Vec<u8>, RawRows) {
        let rows = RowTap::default();
        if opened {
            open(&rows);
        }
        let mut tap = Tap::new(Pieces(stream.chunks(size).map(<[u8]>::to_vec).collect()), framing, rows.clone());
        let (mut passed, mut taken) = (Vec::new(), RawRows::default());
        let mut context = Context::from_waker(Waker::noop());
        loop {
            let mut space = [0; 7];
            let mut out = ReadBuf::new(&mut space);
            let polled = Pin::new(&mut tap).poll_read(&mut context, &mut out);
            passed.extend_from_slice(out.filled());
            let before = taken.len();
            rows.take(&mut taken);
            if polled.is_pending() && taken.len() == before {
                return (passed, taken);
            }
        }
    }

    #[test]
    fn rows_are_caught_and_everything_else_passes_however_it_is_cut() {
        let large = vec![7; 3 * LARGE_READ_SIZE];
        let many: Vec<u8> = (0..3_000).flat_map(|n: u32| message(DATA_ROW, &n.to_be_bytes())).collect();
        let rows = [message(DATA_ROW, b""), message(DATA_ROW, b"abc"), message(DATA_ROW, &large), many].concat();
        // The body of what passes may look like rows.
        let (before, after) = (message(b'C', b"BEGIN"), message(b'C', &message(DATA_ROW, b"x")));
        let stream = [&before[..], &rows, &after, &message(b'Z', b"I")].concat();
        for size in [1, 2, 5, 6, 1_000, READ_SIZE, READ_SIZE + 1, stream.len()] {
            let (passed, caught) = sorted(&stream, size, Framing::Messages, true);
            assert!(passed == [&before[..], &after, &message(b'Z', b"I")].concat(), "pieces of {size}");
            assert!(caught.bytes == rows && caught.len() == 3_003, "pieces of {size}");
            let (passed, caught) = sorted(&stream, size, Framing::Messages, false);
            assert!(passed == stream && caught.is_empty(), "pieces of {size}");
        }
    }

    /// Takes at most so many bytes per write.
    struct Sink(Vec<u8>, usize);

    impl AsyncWrite for Sink {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let count = bytes.len().min(self.1);
            self.0.extend_from_slice(&bytes[..count]);
            Poll::Ready(Ok(count))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn the_statement_leaves_in_the_markers_place_and_only_once() {
        for size in [1, 10, 1_000] {
            let rows = RowTap::default();
            let mut tap = Tap::new(Sink(Vec::new(), size), Framing::Messages, rows.clone());
            let marker = message(b'Q', &[rows.marker().as_bytes(), b"\0"].concat());
            let (close, statement) = (message(b'C', b"Ss1\0"), message(b'B', b"a statement"));
            let mut send = |bytes: &[u8]| {
                let mut context = Context::from_waker(Waker::noop());
                let mut sent = 0;
                while sent < bytes.len() {
                    match Pin::new(&mut tap).poll_write(&mut context, &bytes[sent..]) {
                        Poll::Ready(Ok(count)) => sent += count,
                        other => panic!("{other:?}"),
                    }
                }
                assert!(Pin::new(&mut tap).poll_flush(&mut context).is_ready());
                std::mem::take(&mut tap.inner.0)
            };
            assert_eq!(send(&marker), marker, "nothing to send: to the server a comment");
            let write = |out: &mut BytesMut, result: Result<(), ()>| {
                out.extend_from_slice(&statement);
                result
            };
            rows.open(|out| write(out, Ok(()))).expect("written");
            assert_eq!(send(&close), close, "other requests stay");
            assert_eq!(send(&[&close[..], &marker, &close].concat()), [&close[..], &statement, &close].concat());
            assert_eq!(send(&marker), marker, "once");
            rows.open(|out| write(out, Err(()))).expect_err("refused");
            assert_eq!(send(&marker), marker, "a statement that was refused is not sent");
        }
    }

    #[test]
    fn the_name_of_the_first_statement_that_is_prepared_is_known() {
        let parse = |name: &str, sql: &str| message(b'P', format!("{name}\0{sql}\0\0\0").as_bytes());
        let rows = RowTap::default();
        let mut tap = Tap::new(Sink(Vec::new(), usize::MAX), Framing::Messages, rows.clone());
        let mut prepare = |bytes: &[u8], sql: &str| {
            rows.watch_parse();
            let mut context = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut tap).poll_write(&mut context, bytes).is_ready());
            rows.prepared_name(sql)
        };
        let close = message(b'C', b"Ss1\0");
        let messages = [close.clone(), parse("s2", "SELECT 1"), parse("s3", "SELECT 2")].concat();
        assert_eq!(prepare(&messages, "SELECT 1").as_deref(), Some("s2"));
        assert_eq!(prepare(&messages, "SELECT 2"), None);
        assert_eq!(prepare(&close, "SELECT 1"), None);
    }

    #[test]
    fn the_types_of_the_columns_are_known_however_the_stream_is_cut() {
        let field = |name: &str, oid: u32| {
            let (table, rest) = ([0; 6], [0; 8]);
            [name.as_bytes(), &[0], &table[..], &oid.to_be_bytes(), &rest].concat()
        };
        let body = [&2_u16.to_be_bytes()[..], &field("a", 20), &field("", 100_000)].concat();
        let stream = [message(b'T', &body), message(DATA_ROW, b"x"), message(b'C', b"SELECT 1")].concat();
        for size in [1, 7, 1_000] {
            let rows = RowTap::default();
            open(&rows);
            let pieces = stream.chunks(size).map(<[u8]>::to_vec).collect();
            let mut tap = Tap::new(Pieces(pieces), Framing::Messages, rows.clone());
            let mut space = [0; 1_000];
            let mut out = ReadBuf::new(&mut space);
            while Pin::new(&mut tap).poll_read(&mut Context::from_waker(Waker::noop()), &mut out).is_ready() {}
            assert_eq!(rows.column_types(), [20, 100_000]);
            open(&rows);
            assert!(rows.column_types().is_empty());
        }
    }

    #[test]
    fn what_lies_under_tls_passes_whole() {
        let row = message(DATA_ROW, b"abc");
        for size in [1, 3, 100] {
            assert_eq!(sorted(&row, size, Framing::Opaque, true).0, row);
            let accepted = [b"S", &row[..]].concat();
            assert_eq!(sorted(&accepted, size, Framing::Negotiation, true).0, accepted);
            let (passed, caught) = sorted(&[b"N", &row[..]].concat(), size, Framing::Negotiation, true);
            assert_eq!((&passed[..], &caught.bytes), (&b"N"[..], &row));
        }
    }

    #[test]
    fn a_full_tap_leaves_the_rest_to_the_server() {
        let rows = RowTap::default();
        open(&rows);
        let row = message(DATA_ROW, &[0; 1_000]);
        let mut tap = Tap::new(Pieces((0..1_000).map(|_| row.clone()).collect()), Framing::Messages, rows.clone());
        let mut context = Context::from_waker(Waker::noop());
        let mut space = [0; 100];
        for _ in 0..3 {
            assert!(Pin::new(&mut tap).poll_read(&mut context, &mut ReadBuf::new(&mut space)).is_pending());
        }
        let mut taken = RawRows::default();
        rows.take(&mut taken);
        assert!(taken.size_bytes() <= FULL + LARGE_READ_SIZE, "{}", taken.size_bytes());
    }

    #[test]
    fn a_tap_closed_in_the_middle_of_a_row_drops_its_rest() {
        let large = message(DATA_ROW, &vec![7; 2 * LARGE_READ_SIZE]);
        let rows = RowTap::default();
        open(&rows);
        let pieces = [large[..LARGE_READ_SIZE].to_vec()];
        let mut tap = Tap::new(Pieces(pieces.into()), Framing::Messages, rows.clone());
        let mut context = Context::from_waker(Waker::noop());
        let mut space = [0; 100];
        assert!(Pin::new(&mut tap).poll_read(&mut context, &mut ReadBuf::new(&mut space)).is_pending());
        rows.close();
        tap.inner.0.extend([large[LARGE_READ_SIZE..].to_vec(), message(b'Z', b"I")]);
        let mut out = ReadBuf::new(&mut space);
        assert!(Pin::new(&mut tap).poll_read(&mut context, &mut out).is_ready());
        assert_eq!(out.filled(), message(b'Z', b"I"));
    }
}
