//! Shows that every TLS fault of a scenario is the one that a client names.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, InvalidMessage, RootCertStore,
    StreamOwned,
};

use super::Server;
use super::tests::{Tested, start};

/// Asks over TLS as `name`: the answer, or what was wrong. The scenario's CA is the only one that is trusted.
fn ask(server: &Server, name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = server.ca_pem() {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let tcp = TcpStream::connect(server.address())?;
    tcp.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut stream = StreamOwned::new(ClientConnection::new(config, ServerName::try_from(name.to_owned())?)?, tcp);
    stream.write_all(b"GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n")?;
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen)?;
    Ok(String::from_utf8_lossy(&seen).into_owned())
}

fn tls_error(tls: &str) -> Result<Error, Box<dyn std::error::Error>> {
    let (_, server) = start(&format!("tls = \"{tls}\"\n[[answer]]\nbody = \"here\"\n"))?;
    match ask(&server, "127.0.0.1") {
        Ok(seen) => Err(format!("{tls}: {seen}").into()),
        Err(error) => {
            let error = error.downcast::<std::io::Error>()?;
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
            inner.ok_or_else(|| format!("{tls}: {error}").into())
        }
    }
}

#[test]
fn a_good_certificate_names_all_hosts() -> Tested {
    let (_, server) = start("tls = \"good\"\nhost = \"api.a.test\"\n[[answer]]\nbody = \"here\"\n")?;
    for name in ["127.0.0.1", "localhost", "api.a.test"] {
        assert!(ask(&server, name)?.ends_with("here"), "{name}");
    }
    assert!(ask(&server, "b.test").is_err());
    assert!(server.received().iter().all(|request| request.tls));
    Ok(())
}

#[test]
fn each_bad_certificate_is_bad_in_its_own_way() -> Tested {
    let refused = |tls: &str| -> Result<CertificateError, Box<dyn std::error::Error>> {
        match tls_error(tls)? {
            Error::InvalidCertificate(error) => Ok(error),
            error => Err(format!("{tls}: {error}").into()),
        }
    };
    assert!(matches!(refused("expired")?, CertificateError::ExpiredContext { .. }));
    assert!(matches!(refused("not-yet-valid")?, CertificateError::NotValidYetContext { .. }));
    assert!(matches!(refused("wrong-host")?, CertificateError::NotValidForNameContext { .. }));
    assert_eq!(refused("unknown-ca")?, CertificateError::UnknownIssuer);
    assert_eq!(refused("intercepted")?, CertificateError::UnknownIssuer);
    // A CA as end entity: what webpki says of the certificate that `openssl req -x509` makes, trusted or not.
    assert!(matches!(refused("self-signed")?, CertificateError::Other(_) | CertificateError::UnknownIssuer));
    assert!(matches!(refused("self-signed-trusted")?, CertificateError::Other(_)));
    Ok(())
}

#[test]
fn handshakes_fail_as_described() -> Tested {
    assert_eq!(tls_error("alert")?, Error::AlertReceived(AlertDescription::HandshakeFailure));
    assert_eq!(tls_error("old-version")?, Error::AlertReceived(AlertDescription::ProtocolVersion));
    assert_eq!(tls_error("client-certificate")?, Error::AlertReceived(AlertDescription::CertificateRequired));
    assert_eq!(tls_error("plain")?, Error::InvalidMessage(InvalidMessage::InvalidContentType));
    let (_, server) = start("tls = \"plain\"\n[[answer]]\n")?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")?;
    let mut seen = String::new();
    stream.read_to_string(&mut seen)?;
    assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
    for (tls, kind) in [("reset", std::io::ErrorKind::ConnectionReset), ("close", std::io::ErrorKind::UnexpectedEof)] {
        let (_, server) = start(&format!("tls = \"{tls}\"\n"))?;
        let error = ask(&server, "127.0.0.1")
            .err()
            .and_then(|error| error.downcast::<std::io::Error>().ok())
            .map(|error| error.kind());
        assert_eq!(error, Some(kind), "{tls}");
    }
    Ok(())
}

#[test]
fn a_tls_server_answers_plain_http_with_an_alert() -> Tested {
    let (scenario, server) = start("listen = \"tls\"\n[[answer]]\nbody = \"here\"\n")?;
    assert!(scenario.doctor_arguments(&server)[1].starts_with("http://"));
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n")?;
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen)?;
    assert_eq!(seen.first(), Some(&21), "{seen:?}");
    assert!(ask(&server, "127.0.0.1")?.ends_with("here"));
    Ok(())
}

#[test]
fn a_body_cut_under_tls_misses_the_farewell() -> Tested {
    let (_, server) = start("tls = \"good\"\n[[answer]]\nbody = \"0123456789\"\nfault = \"half-body\"\n")?;
    let error = ask(&server, "localhost")
        .err()
        .and_then(|error| error.downcast::<std::io::Error>().ok())
        .map(|error| error.kind());
    assert_eq!(error, Some(std::io::ErrorKind::UnexpectedEof));
    Ok(())
}
