//! `sslmode` and its companions, against the server's certificate of each kind.

use std::sync::Mutex;

use super::server::{Server, server};
use super::{answer, ask, open};
use crate::backend::postgres::net;

const HOW: &str = "select coalesce(version, 'plain') from pg_stat_ssl where pid = pg_backend_pid()";

/// Only one test at a time changes the server's certificate; it is `named` outside.
static CERTIFICATE: Mutex<()> = Mutex::new(());

/// Runs with the server showing another certificate.
fn showing(name: &str, test: impl FnOnce(&Server)) {
    let s = server();
    let _guard = CERTIFICATE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    show(s, name);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(s)));
    show(s, "named");
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn show(s: &Server, name: &str) {
    let (client, mut wire) = open(&s.unix(""));
    for sql in [
        format!("alter system set ssl_cert_file = '{name}.crt'"),
        format!("alter system set ssl_key_file = '{name}.key'"),
        "select pg_reload_conf()".into(),
    ] {
        wire.run(client.batch_execute(&sql), None).unwrap().unwrap();
    }
    // A new session's settings are those of the postmaster, so they tell when it has reloaded.
    while answer(&s.unix(""), "show ssl_cert_file") != format!("{name}.crt") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// `Ok` with how the session runs, or a part of the refusal.
#[track_caller]
fn check(s: &Server, keywords: &str, expected: Result<&str, &str>) {
    let roots = s.folder.display();
    let keywords = keywords.replace("@", &format!("{roots}/"));
    let got = net::connect(&s.tcp(&keywords)).map(|(client, mut wire)| ask(&client, &mut wire, HOW));
    match (got, expected) {
        (Ok(got), Ok(expected)) => assert_eq!(got, expected, "{keywords}"),
        (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{keywords}: {error}"),
        (Ok(got), Err(_)) => panic!("{keywords}: connected, {got}"),
        (Err(error), Ok(_)) => panic!("{keywords}: {error}"),
    }
}

#[test]
fn modes_with_a_certificate_of_our_ca() {
    showing("named", |s| {
        for (keywords, expected) in [
            ("sslmode=disable", Ok("plain")),
            ("sslmode=allow", Ok("plain")),
            ("sslmode=allow user=tls", Ok("TLSv1.3")),
            ("sslmode=prefer", Ok("TLSv1.3")),
            ("sslmode=prefer user=plain", Ok("plain")),
            ("sslmode=require", Ok("TLSv1.3")),
            ("sslmode=require user=plain", Err("no pg_hba.conf entry")),
            ("sslmode=disable user=tls", Err("no pg_hba.conf entry")),
            ("sslmode=require sslrootcert=@ca.crt", Ok("TLSv1.3")),
            ("sslmode=require sslrootcert=@stranger.crt", Err("issued by nobody we trust")),
            ("sslmode=verify-ca sslrootcert=@ca.crt", Ok("TLSv1.3")),
            ("sslmode=verify-ca sslrootcert=@stranger.crt", Err("issued by nobody we trust")),
            ("sslmode=verify-ca", Err("issued by nobody we trust")),
            ("sslmode=verify-full sslrootcert=@ca.crt", Ok("TLSv1.3")),
            ("sslmode=verify-full sslrootcert=@ca.crt host=127.0.0.1", Ok("TLSv1.3")),
            ("sslmode=verify-full sslrootcert=@ca.crt host=db.example.com", Err("not for db.example.com")),
            ("sslmode=verify-full sslrootcert=system", Err("issued by nobody we trust")),
            ("sslmode=verify-ca sslrootcert=system", Err("use sslmode=verify-full")),
            ("sslmode=verify-full sslrootcert=@none.crt", Err("cannot be read: No such file")),
            ("sslmode=verify-full sslrootcert=@log", Err("holds no certificate")),
        ] {
            check(s, keywords, expected);
        }
    });
}

#[test]
fn certificates_of_other_kinds() {
    showing("own", |s| {
        check(s, "sslmode=verify-full sslrootcert=@own.crt", Ok("TLSv1.3"));
        check(s, "sslmode=verify-full sslrootcert=@own.crt host=127.0.0.1", Ok("TLSv1.3"));
        check(s, "sslmode=verify-full sslrootcert=@own.crt host=elsewhere", Err("not for elsewhere"));
        check(s, "sslmode=verify-ca sslrootcert=@ca.crt", Err("uses a CA's certificate as its own"));
        check(s, "sslmode=require", Ok("TLSv1.3"));
    });
    showing("own_leaf", |s| {
        check(s, "sslmode=verify-full sslrootcert=@own_leaf.crt", Ok("TLSv1.3"));
        check(s, "sslmode=verify-ca sslrootcert=@ca.crt", Err("issued by nobody we trust"));
    });
    showing("other", |s| {
        check(s, "sslmode=verify-ca sslrootcert=@ca.crt", Ok("TLSv1.3"));
        check(s, "sslmode=verify-full sslrootcert=@ca.crt", Err("is for db.example.com, not for localhost"));
        check(s, "sslmode=verify-full sslrootcert=@ca.crt host=db.example.com", Ok("TLSv1.3"));
    });
    showing("old", |s| {
        check(s, "sslmode=require", Ok("TLSv1.3"));
        check(s, "sslmode=verify-full sslrootcert=@ca.crt", Err("is of version 1"));
    });
    showing("bare", |s| {
        check(s, "sslmode=verify-ca sslrootcert=@ca.crt", Ok("TLSv1.3"));
        check(s, "sslmode=verify-full sslrootcert=@ca.crt", Err("a common name (CN) is no longer taken"));
    });
}

#[test]
fn client_certificates() {
    showing("named", |s| {
        check(s, "user=certain sslmode=require sslcert=@certain.crt sslkey=@certain.key", Ok("TLSv1.3"));
        check(s, "user=certain sslmode=require", Err("certificate"));
        check(s, "user=certain sslmode=require sslcert=@named.crt sslkey=@named.key", Err("certain"));
        check(s, "user=certain sslmode=require sslcert=@certain.crt sslkey=@named.key", Err("cannot be used"));
        check(s, "user=certain sslmode=require sslcert=@certain.crt sslkey=@ca.crt", Err("may be read by others"));
    });
}

#[test]
fn channel_binding() {
    showing("named", |s| {
        let password = "password='p:w\\\\d'";
        check(s, &format!("user=bound {password} sslmode=require channel_binding=require"), Ok("TLSv1.3"));
        check(s, &format!("user=bound {password} sslmode=require channel_binding=disable"), Ok("TLSv1.3"));
        check(s, &format!("user=secret {password} channel_binding=prefer"), Ok("TLSv1.3"));
        check(
            s,
            &format!("user=secret {password} sslmode=disable channel_binding=require"),
            Err("server did not use channel binding"),
        );
        check(s, "user=tls sslmode=require channel_binding=require", Err("server did not use channel binding"));
    });
}

#[test]
fn direct_negotiation() {
    let s = server();
    check(s, "sslmode=prefer sslnegotiation=direct", Err("cannot fall back"));
    let version = answer(&s.unix(""), "select current_setting('server_version_num')");
    let is_new = version.parse::<u32>().unwrap() >= 170_000;
    check(s, "sslmode=require sslnegotiation=direct", if is_new { Ok("TLSv1.3") } else { Err("TLS handshake") });
}

#[test]
fn servers_without_tls() {
    // A server that answers N to the request for TLS, and nothing more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        while let Ok((mut socket, _)) = listener.accept() {
            let mut request = [0; 8];
            if socket.read_exact(&mut request).is_ok() {
                let _ = socket.write_all(b"N");
                let _ = socket.read(&mut [0; 100]);
            }
        }
    });
    let config = super::config(&format!("host=127.0.0.1 port={port} sslmode=require"));
    let error = net::connect(&config).unwrap_err().to_string();
    assert!(error.contains("the server does not offer TLS") && error.contains("sslmode=prefer"), "{error}");
}
