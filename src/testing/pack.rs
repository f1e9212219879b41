//! A folder in one file: what `initdb` made, kept in the cache and unpacked for each server.
//!
//! One file is read faster than a thousand, and renaming it into place is atomic, so two processes that fill the cache
//! at once do no harm.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, fchown};
use std::path::Path;

use super::account::Account;

const MAGIC: &[u8; 16] = b"sqlift cluster 1";
const END: u8 = 0;
const FOLDER: u8 = 1;
const FILE: u8 = 2;

/// Writes everything under `folder` (plain files and folders) into `file`.
pub(super) fn pack(folder: &Path, file: &File) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 18, file);
    out.write_all(MAGIC)?;
    add(folder, "", &mut out)?;
    out.write_all(&[END])?;
    out.flush()
}

fn add(folder: &Path, prefix: &str, out: &mut impl Write) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| io::Error::other("a file name that is not UTF-8"))?;
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            head(out, FOLDER, &path, 0)?;
            add(&entry.path(), &format!("{path}/"), out)?;
        } else if kind.is_file() {
            let content = fs::read(entry.path())?;
            head(out, FILE, &path, content.len())?;
            out.write_all(&content)?;
        }
    }
    Ok(())
}

fn head(out: &mut impl Write, kind: u8, path: &str, length: usize) -> io::Result<()> {
    out.write_all(&[kind])?;
    out.write_all(&(path.len() as u32).to_le_bytes())?;
    out.write_all(&(length as u64).to_le_bytes())?;
    out.write_all(path.as_bytes())
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
    let mut content = Vec::new();
    loop {
        let mut kind = [0; 1];
        input.read_exact(&mut kind)?;
        if kind[0] == END {
            return Ok(());
        }
        let (mut path, mut length) = ([0; 4], [0; 8]);
        input.read_exact(&mut path)?;
        input.read_exact(&mut length)?;
        read(&mut input, u64::from(u32::from_le_bytes(path)), &mut content)?;
        let path = std::str::from_utf8(&content).map_err(|_| io::ErrorKind::InvalidData)?;
        if path.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let path = folder.join(path);
        let made = if kind[0] == FOLDER {
            fs::DirBuilder::new().mode(0o700).create(&path)?;
            File::open(&path)?
        } else {
            let mut made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            read(&mut input, u64::from_le_bytes(length), &mut content)?;
            made.write_all(&content)?;
            made
        };
        if let Some(owner) = owner {
            fchown(&made, Some(owner.uid), Some(owner.gid))?;
        }
    }
}

fn read(input: &mut impl Read, length: u64, into: &mut Vec<u8>) -> io::Result<()> {
    into.clear();
    let read = input.take(length).read_to_end(into)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
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
        fs::write(from.join("none"), "").unwrap();
        let packed = work.path().join("pack");
        pack(&from, &File::create(&packed).unwrap()).unwrap();
        unpack(&File::open(&packed).unwrap(), &to, None).unwrap();
        assert_eq!(fs::read(to.join("a/b/big")).unwrap(), big);
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
