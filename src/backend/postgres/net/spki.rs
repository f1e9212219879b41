//! The public key of an X.509 certificate of any version, which rustls reads only from version 3.

use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

const SEQUENCE: u8 = 0x30;
/// `[0]`, the version; certificates of version 1 leave it out.
const VERSION: u8 = 0xa0;

/// The certificate's SubjectPublicKeyInfo (RFC 5280, 4.1), or `None` when it is not a certificate's DER.
pub(super) fn public_key<'c>(certificate: &'c CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'c>> {
    let outer = element(certificate.as_ref())?;
    let signed_part = element(outer.content)?;
    let mut next = element(signed_part.content)?;
    if next.tag == VERSION {
        next = element(next.rest)?;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for _ in 0..5 {
        next = element(next.rest)?;
    }
    (outer.tag == SEQUENCE && signed_part.tag == SEQUENCE && next.tag == SEQUENCE).then(|| next.whole.into())
}

struct Element<'d> {
    tag: u8,
    whole: &'d [u8],
    content: &'d [u8],
    rest: &'d [u8],
}

/// The first element of some DER: tag, length in the short or the long form, content.
fn element(der: &[u8]) -> Option<Element<'_>> {
    let (&tag, after_tag) = der.split_first()?;
    let (&first, after_first) = after_tag.split_first()?;
    let (length, body) = match first {
        0..=0x7f => (usize::from(first), after_first),
        0x81..=0x84 => {
            let (bytes, body) = after_first.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), body)
        }
        _ => return None,
    };
    let (content, rest) = body.split_at_checked(length)?;
    let whole = &der[..der.len() - rest.len()];
    Some(Element { tag, whole, content, rest })
}
