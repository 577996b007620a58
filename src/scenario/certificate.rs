//! Makes a throw-away CA and certificates, good and bad ones, for one run of a scenario.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::{ScenarioError, Tls};

/// What a TLS server needs, and what its clients may be told.
pub(super) struct Identity {
    pub config: Arc<ServerConfig>,
    /// The certificate that makes clients trust the server, if they are to trust it.
    pub ca_pem: Option<String>,
}

/// A CA that several servers of a scenario share.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    trusted: bool,
}

impl Authority {
    /// The CA whose certificate the doctor gets.
    pub(super) fn trusted() -> Result<Self, ScenarioError> {
        Self::named("ruta throw-away CA", true)
    }

    fn named(name: &str, trusted: bool) -> Result<Self, ScenarioError> {
        let mut parameters = parameters(Vec::new(), name)?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        Ok(Self { issuer, trusted })
    }

    /// The identity of a server that behaves like `tls` and stands in for these host names.
    pub(super) fn identity(&self, tls: Tls, hosts: &[String]) -> Result<Identity, ScenarioError> {
        // Each CA has another name: one with a known name and another key would be a different fault (a bad signature).
        let stranger = match tls {
            Tls::UnknownCa => Some(Self::named("A CA nobody knows", false)?),
            Tls::Intercepted => Some(Self::named("Contoso Web Inspection CA", false)?),
            _ => None,
        };
        let authority = stranger.as_ref().unwrap_or(self);
        let key = KeyPair::generate()?;
        let mut leaf = parameters(names(tls, hosts), "ruta scenario server")?;
        match tls {
            Tls::Expired => (leaf.not_before, leaf.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1)),
            Tls::NotYetValid => {
                (leaf.not_before, leaf.not_after) = (date_time_ymd(2090, 1, 1), date_time_ymd(2091, 1, 1));
            }
            Tls::SelfSigned | Tls::SelfSignedTrusted => leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            _ => {}
        }
        let certificate = match tls {
            Tls::SelfSigned | Tls::SelfSignedTrusted => leaf.self_signed(&key)?,
            _ => leaf.signed_by(&key, &authority.issuer)?,
        };
        let ca_pem = match tls {
            Tls::SelfSigned => None,
            Tls::SelfSignedTrusted => Some(certificate.pem()),
            _ => authority.trusted.then(|| authority.issuer.pem()),
        };
        let config = self.config(tls, certificate.der().clone(), &key)?;
        Ok(Identity { config: Arc::new(config), ca_pem })
    }

    fn config(
        &self,
        tls: Tls,
        certificate: CertificateDer<'static>,
        key: &KeyPair,
    ) -> Result<ServerConfig, ScenarioError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unfit)?;
        let builder = if tls == Tls::ClientCertificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).map_err(unfit)?;
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(unfit)?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        builder.with_single_cert(vec![certificate], key).map_err(unfit)
    }
}

fn names(tls: Tls, hosts: &[String]) -> Vec<String> {
    if tls == Tls::WrongHost {
        return vec!["api.other.test".to_owned(), "*.other.test".to_owned()];
    }
    let plain = hosts.iter().map(|host| host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name).to_owned());
    ["127.0.0.1".to_owned(), "localhost".to_owned()].into_iter().chain(plain).collect()
}

/// Fixed dates, so that reports of demo runs are the same on every day.
fn parameters(names: Vec<String>, common_name: &str) -> Result<CertificateParams, ScenarioError> {
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name.push(DnType::CommonName, common_name);
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2089, 1, 1));
    Ok(parameters)
}

fn unfit(error: impl std::fmt::Display) -> ScenarioError {
    ScenarioError::Certificate(error.to_string())
}

impl From<rcgen::Error> for ScenarioError {
    fn from(error: rcgen::Error) -> Self {
        unfit(error)
    }
}
