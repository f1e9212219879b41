//! The certificates of the TLS tests, made by the `openssl` command.

use std::path::Path;
use std::process::Command;

use super::server::run;

const EXTENSIONS: &str = "
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
[named]
subjectAltName = DNS:localhost, IP:127.0.0.1
[other]
subjectAltName = DNS:db.example.com
[bare]
basicConstraints = CA:FALSE
[own]
basicConstraints = critical, CA:TRUE
subjectAltName = DNS:localhost, IP:127.0.0.1
[own_leaf]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost
";

/// Writes `NAME.crt` and `NAME.key` into the folder.
///
/// `ca` issues `named` (localhost, 127.0.0.1), `other` (db.example.com), `bare` (only a CN), `certain` (a client)
/// and `old` (without extensions, which OpenSSL up to 3.3 writes as version 1);
/// `own` and `own_leaf` sign themselves, as a CA and not; `stranger` is a CA nobody asked for.
pub fn make(folder: &Path) {
    std::fs::write(folder.join("x509.cnf"), EXTENSIONS).unwrap();
    for (name, subject, section, is_signed_by_ca) in [
        ("ca", "/CN=test CA", "ca", false),
        ("stranger", "/CN=another CA", "ca", false),
        ("own", "/CN=localhost", "own", false),
        ("own_leaf", "/CN=localhost", "own_leaf", false),
        ("named", "/CN=whatever", "named", true),
        ("other", "/CN=localhost", "other", true),
        ("bare", "/CN=localhost", "bare", true),
        ("certain", "/CN=certain", "bare", true),
        ("old", "/CN=localhost", "", true),
    ] {
        let (key, certificate) = (folder.join(format!("{name}.key")), folder.join(format!("{name}.crt")));
        run(Command::new("openssl").args(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"]).arg(&key));
        let settings = folder.join("x509.cnf");
        let mut request = Command::new("openssl");
        request.args(["req", "-new", "-subj", subject, "-config"]).arg(&settings).arg("-key").arg(&key);
        if is_signed_by_ca {
            let unsigned = folder.join("request");
            run(request.arg("-out").arg(&unsigned));
            let mut sign = Command::new("openssl");
            sign.args(["x509", "-req", "-days", "2", "-CAcreateserial"]);
            if !section.is_empty() {
                sign.args(["-extensions", section, "-extfile"]).arg(&settings);
            }
            sign.arg("-in").arg(&unsigned).arg("-out").arg(&certificate);
            run(sign.arg("-CA").arg(folder.join("ca.crt")).arg("-CAkey").arg(folder.join("ca.key")));
        } else {
            run(request.args(["-x509", "-days", "2", "-extensions", section]).arg("-out").arg(&certificate));
        }
        restrict(&key);
    }
}

fn restrict(key: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
}
