//! TLS with libpq's meanings of `sslmode`, `sslrootcert`, `sslcert` and `sslkey`.
//!
//! `require` encrypts and does not look at the certificate, unless there is a root certificate: then it checks the
//! chain like `verify-ca`. `verify-full` checks the name too. `allow` and `prefer` promise nothing and check nothing.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_postgres::tls::{self, ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{ConnectError, Reason};
use super::row_tap::RowTap;
use super::socket::Socket;
use super::tap::{Framing, Tap};
use crate::config::{PostgresConfig, SslMode};

/// What rustls makes of the socket.
type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Tap<Socket>>>::Stream;

/// A session's encrypted stream.
pub(super) type TlsStream = Tap<Encrypted>;

impl tls::TlsStream for TlsStream {
    fn channel_binding(&self) -> ChannelBinding {
        self.inner().channel_binding()
    }
}

/// Makes the encrypted stream of one connection.
pub(super) struct Connector {
    inner: <MakeRustlsConnect as MakeTlsConnect<Tap<Socket>>>::TlsConnect,
    rows: RowTap,
}

impl TlsConnect<Tap<Socket>> for Connector {
    type Stream = TlsStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TlsStream>> + Send>>;

    fn connect(self, socket: Tap<Socket>) -> Self::Future {
        let connecting = self.inner.connect(socket);
        Box::pin(async { Ok(Tap::new(connecting.await?, Framing::Messages, self.rows)) })
    }
}

/// The TLS settings of a configuration, read from their files once per connection, so that renewed ones are found.
#[derive(Clone)]
pub(super) struct Tls(MakeRustlsConnect);

impl Tls {
    /// # Errors
    /// A file that is missing, not PEM, or a key that others may read.
    pub fn new(config: &PostgresConfig) -> Result<Tls, ConnectError> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(Verifier::new(config, &provider)?);
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut settings = match client_certificate(config)? {
            None => builder.with_no_client_auth(),
            Some((path, chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
                let problem = format!("the client certificate {} cannot be used: {error}", path.display());
                ConnectError::settings(problem, "sslkey must be the private key of the certificate in sslcert")
            })?,
        };
        // Servers from 17 on ask for it with sslnegotiation=direct; older ones do not look.
        settings.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Tls(MakeRustlsConnect::new(settings)))
    }

    /// For one connection to the host of that name.
    pub fn connector(&self, host_name: &str, rows: RowTap) -> Connector {
        let Ok(inner) = MakeTlsConnect::<Tap<Socket>>::make_tls_connect(&mut self.0.clone(), host_name);
        Connector { inner, rows }
    }
}

/// What is asked of the server's certificate.
#[derive(Debug)]
struct Verifier {
    /// `None`: nothing.
    roots: Option<Roots>,
    checks_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug, Clone)]
struct Roots {
    anchors: Arc<RootCertStore>,
    /// The certificates of the user's own file, as they are there.
    own: Vec<CertificateDer<'static>>,
}

impl Verifier {
    fn new(config: &PostgresConfig, provider: &CryptoProvider) -> Result<Verifier, ConnectError> {
        let file = config.sslrootcert.clone().or_else(|| in_home("root.crt").filter(|path| path.exists()));
        let is_system = file.as_deref() == Some(Path::new("system"));
        if is_system && config.sslmode != SslMode::VerifyFull {
            return Err(ConnectError::settings(
                "sslrootcert=system without sslmode=verify-full would trust every web site's certificate",
                "use sslmode=verify-full with it",
            ));
        }
        let roots = match (config.sslmode, &file) {
            (SslMode::Disable | SslMode::Allow | SslMode::Prefer, _) | (SslMode::Require, None) => None,
            (SslMode::VerifyCa | SslMode::VerifyFull, None) => Some(system_roots()?),
            (_, Some(_)) if is_system => Some(system_roots()?),
            (_, Some(path)) => Some(roots_of(path)?),
        };
        Ok(Verifier {
            roots,
            checks_name: config.sslmode == SslMode::VerifyFull,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    fn check_chain(
        &self,
        roots: &Roots,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let checked =
            verify_server_cert_signed_by_trust_anchor(&parsed, &roots.anchors, intermediates, now, self.algorithms.all);
        match checked {
            // webpki refuses a CA's certificate as a server's. Whoever trusts this very certificate by its own file
            // means it so: `openssl req -x509` makes such ones. Its dates were checked before this error.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_) | CertificateError::UnknownIssuer))
                if roots.own.iter().any(|own| own == certificate) =>
            {
                Ok(())
            }
            other => other,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            self.check_chain(roots, certificate, intermediates, now)?;
            if self.checks_name {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, server_name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    // The signature is checked even where the certificate is not: channel binding rests on the server's having the
    // certificate's key.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verified = verify_tls13_signature(message, certificate, signed, &self.algorithms);
        // webpki reads no certificate of version 1, which `openssl x509 -req` makes without further options. Where the
        // certificate does not matter it is enough that the server has the key.
        if let (Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))), None) = (&verified, &self.roots)
            && let Some(key) = super::spki::public_key(certificate)
        {
            return verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms);
        }
        verified
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The operating system's roots, read once per process: there are hundreds.
fn system_roots() -> Result<Roots, ConnectError> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let anchors = ROOTS.get_or_init(|| {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    });
    if anchors.is_empty() {
        return Err(ConnectError::settings(
            "the operating system has no root certificates",
            "install them (ca-certificates), or name the CA's file with sslrootcert",
        ));
    }
    Ok(Roots { anchors: Arc::clone(anchors), own: Vec::new() })
}

fn roots_of(path: &Path) -> Result<Roots, ConnectError> {
    let own = certificates_of(path, "sslrootcert")?;
    let mut anchors = RootCertStore::empty();
    for certificate in &own {
        anchors.add(certificate.clone()).map_err(|error| {
            let problem = format!("sslrootcert {} holds a certificate that cannot be read: {error}", path.display());
            ConnectError::settings(problem, "it must be a PEM file of CA certificates")
        })?;
    }
    Ok(Roots { anchors: Arc::new(anchors), own })
}

fn certificates_of(path: &Path, setting: &str) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let certificates: Result<Vec<_>, pem::Error> =
        CertificateDer::pem_file_iter(path).and_then(|certificates| certificates.collect());
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(ConnectError::settings(
            format!("{setting} {} holds no certificate", path.display()),
            "it must be a PEM file, with -----BEGIN CERTIFICATE-----",
        )),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unreadable(setting, path, &error)),
    }
}

fn unreadable(setting: &str, path: &Path, error: &pem::Error) -> ConnectError {
    let why = match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "it holds none in a form that is understood (an encrypted key is not)".into(),
        other => other.to_string(),
    };
    ConnectError::settings(
        format!("{setting} {} cannot be read: {why}", path.display()),
        format!("{setting} must name a PEM file that this user may read"),
    )
}

type ClientCertificate = (PathBuf, Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// `sslcert` and `sslkey`, or libpq's files in `~/.postgresql` when they are there.
fn client_certificate(config: &PostgresConfig) -> Result<Option<ClientCertificate>, ConnectError> {
    let default = in_home("postgresql.crt").filter(|path| path.exists());
    let Some(path) = config.sslcert.clone().or(default) else { return Ok(None) };
    let Some(key_path) = config.sslkey.clone().or_else(|| in_home("postgresql.key").filter(|path| path.exists()))
    else {
        return Err(ConnectError::settings(
            "sslcert is set, and there is no sslkey",
            "name its private key with sslkey",
        ));
    };
    let chain = certificates_of(&path, "sslcert")?;
    refuse_open_key(&key_path)?;
    let key = PrivateKeyDer::from_pem_file(&key_path).map_err(|error| unreadable("sslkey", &key_path, &error))?;
    Ok(Some((path, chain, key)))
}

#[cfg(unix)]
fn refuse_open_key(path: &Path) -> Result<(), ConnectError> {
    use std::os::unix::fs::MetadataExt;
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(()) };
    // libpq: 0600, or 0640 when root owns it.
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & forbidden == 0 {
        return Ok(());
    }
    Err(ConnectError::settings(
        format!("the private key {} may be read by others", path.display()),
        format!("chmod 0600 {}", path.display()),
    ))
}

#[cfg(not(unix))]
fn refuse_open_key(_: &Path) -> Result<(), ConnectError> {
    Ok(())
}

fn in_home(file: &str) -> Option<PathBuf> {
    if cfg!(windows) {
        return std::env::var_os("APPDATA").map(|folder| Path::new(&folder).join("postgresql").join(file));
    }
    std::env::home_dir().map(|home| home.join(".postgresql").join(file))
}

/// Says what went wrong when it was TLS; anything else is the server's.
pub(super) fn explain(error: tokio_postgres::Error) -> Reason {
    let cause = error.source();
    if cause.is_some_and(|cause| cause.to_string() == "server does not support TLS") {
        return Reason::Tls {
            problem: "the server does not offer TLS".into(),
            help: "turn ssl on in postgresql.conf, or use sslmode=prefer or disable if the way there is safe".into(),
        };
    }
    let inner = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>()).and_then(std::io::Error::get_ref);
    match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(problem)) => explain_certificate(problem),
        Some(other) => Reason::Tls {
            problem: format!("TLS failed: {other}"),
            help: "sslmode, sslcert and sslkey must be what the server's ssl settings and pg_hba.conf ask for".into(),
        },
        // A handshake that ended without a TLS error: the server hung up, or spoke something else.
        None if error.to_string().contains("TLS handshake") => Reason::Tls {
            problem: super::error::in_words(&error),
            help: "does this port speak PostgreSQL with TLS? sslnegotiation=direct needs a server from 17 on".into(),
        },
        None => Reason::Server(error),
    }
}

fn explain_certificate(problem: &CertificateError) -> Reason {
    let (problem, help) = match problem {
        CertificateError::NotValidForNameContext { expected, presented } if presented.is_empty() => (
            format!("the server's certificate names no host, and we look for {}", expected.to_str()),
            "a common name (CN) is no longer taken: make the certificate with a subjectAltName, or use sslmode=verify-ca",
        ),
        CertificateError::NotValidForNameContext { expected, presented } => (
            format!("the server's certificate is for {}, not for {}", bare_names(presented), expected.to_str()),
            "connect by a name that the certificate holds (hostaddr can give the address), or use sslmode=verify-ca",
        ),
        CertificateError::UnknownIssuer => (
            "the server's certificate was issued by nobody we trust".into(),
            "name the file of the CA that issued it with sslrootcert",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (format!("the server's certificate is not valid any more: {problem}"), "renew it on the server")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (format!("the server's certificate is not valid yet: {problem}"), "is this machine's clock right?")
        }
        CertificateError::Other(_) if problem.to_string().contains("CaUsedAsEndEntity") => (
            "the server uses a CA's certificate as its own".into(),
            "name that certificate's file with sslrootcert, if you trust it",
        ),
        CertificateError::Other(_) if problem.to_string().contains("UnsupportedCertVersion") => (
            "the server's certificate is of version 1, which names no host and no purpose".into(),
            "make it again with a subjectAltName (openssl x509 -req -extfile ...), or use sslmode=require",
        ),
        other => (format!("the server's certificate is refused: {other}"), "the server's log may tell more"),
    };
    Reason::Tls { problem, help: help.into() }
}

/// `localhost` for webpki's `DnsName("localhost")`.
fn bare_names(presented: &[String]) -> String {
    let bare = |name: &String| match name.split_once('(') {
        Some((_, inside)) => inside.trim_end_matches(')').trim_matches('"').to_owned(),
        None => name.clone(),
    };
    presented.iter().map(bare).collect::<Vec<_>>().join(", ")
}
