//! A folder in one file: what `initdb` made, kept in the cache and unpacked for each server.
//!
//! One file is read faster than a thousand, and renaming it into place is atomic, so two processes that fill the cache
//! at once do no harm. Equal files are stored once: a new cluster's three databases are copies of one another.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, fchown};
use std::path::Path;

use super::account::Account;

const MAGIC: &[u8; 16] = b"sqlift cluster 2";

/// Writes everything under `folder` (plain files and folders) into `file`.
///
/// Behind the magic: the number of folders and their paths; the number of contents, and for each the number of its
/// paths, these, and the bytes. Paths and bytes follow their length; all numbers are 8 bytes, little-endian.
pub(super) fn pack(folder: &Path, file: &File) -> io::Result<()> {
    let mut found = Found::default();
    found.add(folder, "")?;
    let mut out = BufWriter::with_capacity(1 << 18, file);
    out.write_all(MAGIC)?;
    number(&mut out, found.folders.len())?;
    found.folders.iter().try_for_each(|path| bytes(&mut out, path.as_bytes()))?;
    number(&mut out, found.contents.len())?;
    for (content, paths) in &found.contents {
        number(&mut out, paths.len())?;
        paths.iter().try_for_each(|path| bytes(&mut out, path.as_bytes()))?;
        bytes(&mut out, content)?;
    }
    out.flush()
}

#[derive(Default)]
struct Found {
    /// Each behind the one that it is in.
    folders: Vec<String>,
    contents: HashMap<Vec<u8>, Vec<String>>,
}

impl Found {
    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name =
                entry.file_name().into_string().map_err(|_| io::Error::other("a file name that is not UTF-8"))?;
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let inside = format!("{path}/");
                self.folders.push(path);
                self.add(&entry.path(), &inside)?;
            } else if kind.is_file() {
                self.contents.entry(fs::read(entry.path())?).or_default().push(path);
            }
        }
        Ok(())
    }
}

fn number(out: &mut impl Write, number: usize) -> io::Result<()> {
    out.write_all(&(number as u64).to_le_bytes())
}

fn bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    number(out, bytes.len())?;
    out.write_all(bytes)
}

/// Makes `folder` (which must exist) hold what was packed, private to its owner.
///
/// # Errors
/// A damaged pack is `InvalidData` or `UnexpectedEof`; the folder then holds a part.
pub(super) fn unpack(file: &File, folder: &Path, owner: Option<Account>) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, file);
    let mut magic = [0; MAGIC.len()];
    input.read_exact(&mut magic)?;
    if &magic != MAGIC {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let hand_over = |made: &File| match owner {
        Some(owner) => fchown(made, Some(owner.uid), Some(owner.gid)),
        None => Ok(()),
    };
    let mut read = Vec::new();
    for _ in 0..read_number(&mut input)? {
        let path = folder.join(read_path(&mut input, &mut read)?);
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        hand_over(&File::open(&path)?)?;
    }
    for _ in 0..read_number(&mut input)? {
        let mut made = Vec::new();
        for _ in 0..read_number(&mut input)? {
            let path = folder.join(read_path(&mut input, &mut read)?);
            made.push(fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?);
        }
        read_bytes(&mut input, &mut read)?;
        for file in &mut made {
            file.write_all(&read)?;
            hand_over(file)?;
        }
    }
    Ok(())
}

fn read_number(input: &mut impl Read) -> io::Result<u64> {
    let mut number = [0; 8];
    input.read_exact(&mut number)?;
    Ok(u64::from_le_bytes(number))
}

fn read_bytes(input: &mut impl Read, into: &mut Vec<u8>) -> io::Result<()> {
    let length = read_number(input)?;
    into.clear();
    let read = input.take(length).read_to_end(into)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn read_path<'a>(input: &mut impl Read, into: &'a mut Vec<u8>) -> io::Result<&'a str> {
    read_bytes(input, into)?;
    let path = std::str::from_utf8(into).map_err(|_| io::ErrorKind::InvalidData)?;
    if path.split('/').any(|part| part.is_empty() || part == "..") {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let work = tempfile::tempdir().unwrap();
        let (from, to) = (work.path().join("from"), work.path().join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::create_dir_all(from.join("empty")).unwrap();
        fs::create_dir(&to).unwrap();
        let big = vec![7; 300_000];
        fs::write(from.join("a/b/big"), &big).unwrap();
        fs::write(from.join("a/same"), &big).unwrap();
        fs::write(from.join("none"), "").unwrap();
        let packed = work.path().join("pack");
        pack(&from, &File::create(&packed).unwrap()).unwrap();
        unpack(&File::open(&packed).unwrap(), &to, None).unwrap();
        assert_eq!(fs::read(to.join("a/b/big")).unwrap(), big);
        assert_eq!(fs::read(to.join("a/same")).unwrap(), big);
        assert!(fs::metadata(&packed).unwrap().len() < 400_000, "equal files are stored once");
        assert_eq!(fs::read(to.join("none")).unwrap(), b"");
        assert!(to.join("empty").is_dir());

        let whole = fs::read(&packed).unwrap();
        for length in [0, 10, 17, 40, whole.len() - 1] {
            fs::write(&packed, &whole[..length]).unwrap();
            let again = work.path().join(format!("cut-{length}"));
            fs::create_dir(&again).unwrap();
            unpack(&File::open(&packed).unwrap(), &again, None).expect_err("a cut pack is refused");
        }
    }
}
