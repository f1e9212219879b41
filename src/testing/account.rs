//! Under whose account the server runs: PostgreSQL refuses root, so root hands it to an unprivileged user.

use super::{Error, Result};

/// A user of the system by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub uid: u32,
    pub gid: u32,
}

/// The account to switch to, or `None` when we are not root and stay who we are.
pub(super) fn unprivileged() -> Result<Option<Account>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"].iter().find_map(|name| find(&passwd, name)).map(Some).ok_or_else(|| Error::Server {
        what: "PostgreSQL does not run as root, and /etc/passwd has neither a user postgres nor nobody".into(),
        log: String::new(),
    })
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        // An entry with root's numbers would be refused again.
        (uid != 0).then_some(Account { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:8::/:\npostgres:x:101:104:,,,:/var/lib:/bin/sh\nbad:x:y:z\n";
        for (name, expected) in [
            ("postgres", Some(Account { uid: 101, gid: 104 })),
            ("postgresql", Some(Account { uid: 7, gid: 8 })),
            ("nobody", None),
            ("root", None),
            ("bad", None),
        ] {
            assert_eq!(find(passwd, name), expected, "{name}");
        }
    }
}
