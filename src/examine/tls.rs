//! TLS as the doctor needs it: roots loaded only when a certificate must be judged, and the refused chain kept.

use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::trace::{self, Sessions};

/// Reads a PEM file with one or more certificates.
///
/// # Errors
/// A sentence for people: the file cannot be read, or holds no certificate.
pub(super) fn read_ca(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = std::fs::read(path).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::IsADirectory => "this is a folder; give a file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "you have no permission for it".to_owned(),
            _ => error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
        };
        format!("--cacert {}: {why}", path.display())
    })?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if found.is_empty() {
        return Err(format!(
            "--cacert {}: no certificate in PEM form (-----BEGIN CERTIFICATE-----) in this file",
            path.display()
        ));
    }
    Ok(found)
}

/// A client configuration whose trust store is loaded at the first handshake.
pub(super) fn config(extra: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Error> {
    let verifier = Verifier { extra, named: OnceLock::new() };
    let mut config = ClientConfig::builder_with_provider(provider().clone())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::store(Arc::new(Sessions::new()));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    &PROVIDER
}

/// A verifier, or why there is none.
type Made = Result<Arc<WebPkiServerVerifier>, String>;

fn trusting(roots: RootCertStore) -> Made {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider().clone())
        .build()
        .map_err(|error| error.to_string())
}

/// The trust store of this machine: read once, when the first certificate must be judged, for all connections.
fn system() -> &'static Made {
    static SYSTEM: LazyLock<Made> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            // A machine without a trust store (a slim container): the roots that browsers use.
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        trusting(roots)
    });
    &SYSTEM
}

/// Judges certificates as usual, but keeps the chain for the report and trusts a certificate that the user named
/// himself, even one that calls itself a CA (as `openssl req -x509` makes them).
#[derive(Debug)]
struct Verifier {
    extra: Vec<CertificateDer<'static>>,
    /// Judges by the certificates of `--cacert` alone.
    named: OnceLock<Made>,
}

impl Verifier {
    /// Asked first, so that the machine's store need not be read where the user's own certificates are enough.
    fn named(&self) -> &Made {
        self.named.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(self.extra.iter().cloned());
            trusting(roots)
        })
    }

    /// A chain ends at one root, so it is good if it is good by the user's roots or by the machine's.
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ask = |made: &Made| match made {
            Ok(verifier) => verifier.verify_server_cert(leaf, between, name, ocsp, now),
            Err(error) => Err(Error::General(error.clone())),
        };
        if self.extra.is_empty() {
            return ask(system());
        }
        let unknown = |error: &Error| matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer));
        ask(self.named()).or_else(|first| {
            // Of the two errors, the one that says more than that the root is another.
            ask(system())
                .map_err(|second| if unknown(&second) && !matches!(first, Error::General(_)) { first } else { second })
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        trace::note(|moments| {
            moments.chain = std::iter::once(leaf).chain(between).map(|certificate| certificate.to_vec()).collect();
        });
        let verdict = self.judge(leaf, between, name, ocsp, now);
        // Trusted by name: with `--cacert`, or by being in the store itself (`SSL_CERT_FILE`). Looked up only on refusal.
        let own = |certificates: &[CertificateDer<'_>]| certificates.iter().any(|own| own.as_ref() == leaf.as_ref());
        if verdict.is_err() && (own(&self.extra) || own(&rustls_native_certs::load_native_certs().certs)) {
            let parsed = rustls::server::ParsedCertificate::try_from(leaf)?;
            rustls::client::verify_server_name(&parsed, name)?;
            check_dates(leaf, now)?;
            return Ok(ServerCertVerified::assertion());
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, leaf, signed, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signed, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

fn check_dates(leaf: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let Some(facts) = read_certificate(leaf) else { return Err(CertificateError::BadEncoding.into()) };
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now > facts.until_s {
        return Err(CertificateError::Expired.into());
    }
    if now < facts.from_s {
        return Err(CertificateError::NotValidYet.into());
    }
    Ok(())
}

/// What a report says of a certificate.
pub(super) struct CertificateFacts {
    /// Whose it is.
    pub(super) subject: String,
    /// Who signed it.
    pub(super) issuer: String,
    /// Valid from, in seconds since 1970.
    pub(super) from_s: i64,
    /// Valid until, in seconds since 1970.
    pub(super) until_s: i64,
}

/// Reads subject, issuer and dates of a certificate in DER form.
pub(super) fn read_certificate(der: &[u8]) -> Option<CertificateFacts> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let name = |name: &x509_parser::x509::X509Name<'_>| {
        let common = name.iter_common_name().next().and_then(|part| part.as_str().ok()).map(str::to_owned);
        let organisation = name.iter_organization().next().and_then(|part| part.as_str().ok()).map(str::to_owned);
        common.or(organisation).unwrap_or_else(|| name.to_string())
    };
    Some(CertificateFacts {
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        from_s: certificate.validity().not_before.timestamp(),
        until_s: certificate.validity().not_after.timestamp(),
    })
}
