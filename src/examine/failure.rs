//! From the library's error to what happened: told apart by type, not by text, wherever a type exists.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use rustls::CertificateError;

use super::tls::read_certificate;
use super::trace::{Moments, NameError};
use crate::connection::scrub::{Scrubber, one_line};
use crate::evidence::failure::{Failure, Kind, Stage};

type TunnelError = <Tunnel<HttpConnector> as tower_service::Service<http::Uri>>::Error;
type SocksError = <SocksV5<HttpConnector> as tower_service::Service<http::Uri>>::Error;

/// Reads an error that `send` or `chunk` returned. `proxy` is the host of the proxy that stands in between.
pub(super) fn read(
    error: &reqwest::Error,
    moments: &Moments,
    in_body: bool,
    proxy: Option<&str>,
    scrubber: &Scrubber,
) -> Failure {
    let mut facts = BTreeMap::new();
    let (kind, stage) = judge(error, moments, in_body, proxy, &mut facts);
    if let Some(words) = own_words(kind, &facts) {
        return Failure { kind, stage, detail: scrubber.scrub(&words), facts };
    }
    Failure { kind, stage, detail: scrubber.scrub(&one_line(&deepest(error), 200)), facts }
}

/// A request that took longer than it may.
pub(super) fn timed_out(moments: &Moments, in_body: bool, secure: bool, proxied: bool, waited: Duration) -> Failure {
    let stage = phase(moments, in_body, secure, proxied);
    let kind = match stage {
        Stage::Body => Kind::BodyTimeout,
        Stage::FirstByte | Stage::Tls => Kind::Timeout,
        Stage::Name => Kind::NoResolver,
        Stage::Proxy => Kind::ProxyUnreachable,
        _ => Kind::ConnectTimeout,
    };
    let mut failure = Failure { kind, stage, detail: String::new(), facts: BTreeMap::new() };
    late(&mut failure, waited);
    failure
}

/// Adds how long was waited. Whichever clock ends a wait, the library's or ours, it is told in the same words.
pub(super) fn late(failure: &mut Failure, waited: Duration) {
    let waited = seconds(waited);
    failure.detail = match own_words(failure.kind, &failure.facts) {
        Some(words) => words,
        None => format!("nothing came for {waited}"),
    };
    failure.facts.insert("waited".to_owned(), waited);
}

/// A time span as people read it: `0.4 s`, `12 s`.
pub(super) fn seconds(span: Duration) -> String {
    let value = span.as_secs_f64();
    if value < 10.0 { format!("{value:.1} s") } else { format!("{value:.0} s") }
}

/// Plainer words than the library's, where it speaks of certificates.
fn own_words(kind: Kind, facts: &BTreeMap<String, String>) -> Option<String> {
    let fact = |name: &str| facts.get(name).map(String::as_str);
    Some(match kind {
        Kind::TlsExpired => format!("the certificate expired on {}", fact("until")?),
        Kind::TlsNotYetValid => format!("the certificate is valid only from {}", fact("from")?),
        Kind::TlsSelfSigned => "the certificate is signed by itself, not by a known authority".into(),
        Kind::TlsUntrusted => {
            format!("the certificate was issued by \"{}\", which is not trusted here", fact("issuer")?)
        }
        Kind::TlsWrongHost => format!(
            "the certificate is for {}",
            fact("names").filter(|names| !names.is_empty()).unwrap_or("another host")
        ),
        Kind::PlainOnTlsUrl => "the server answered without TLS".into(),
        Kind::NotHttp => "the server does not speak HTTP".into(),
        Kind::Closed => "the server closed the connection without an answer".into(),
        Kind::Reset => "the connection was reset".into(),
        Kind::Refused => "connection refused".into(),
        Kind::Unreachable => "no way leads to this address".into(),
        Kind::ConnectTimeout => "no answer to the attempt to connect".into(),
        Kind::TlsClientCertificate => "the server wants a client certificate".into(),
        Kind::BodyCut => "the answer ended in the middle".into(),
        Kind::BodyGarbled => "the answer was damaged on the way".into(),
        Kind::HeadTooLarge => "the head of the answer is far too long".into(),
        Kind::ProxyUnreachable => "the proxy could not be reached".into(),
        Kind::ProxyNotFound => "no address was found for the name of the proxy".into(),
        Kind::ProxyAuthRequired => "the proxy wants a user name and a password (407)".into(),
        Kind::ProxyRefused => "the proxy did not let the request through".into(),
        _ => return None,
    })
}

/// What was under way.
fn phase(moments: &Moments, in_body: bool, secure: bool, proxied: bool) -> Stage {
    if in_body {
        return Stage::Body;
    }
    if moments.connected.is_some() || moments.connect_started.is_none() {
        return Stage::FirstByte;
    }
    if moments.dns_started.is_some() && moments.dns_done.is_none() {
        return Stage::Name;
    }
    match (moments.hello, secure, proxied) {
        (Some(_), true, _) => Stage::Tls,
        (_, _, true) => Stage::Proxy,
        _ => Stage::Connect,
    }
}

fn judge(
    error: &reqwest::Error,
    moments: &Moments,
    in_body: bool,
    proxy: Option<&str>,
    facts: &mut BTreeMap<String, String>,
) -> (Kind, Stage) {
    if let Some(name) = find::<NameError>(error) {
        let kind = if *name == NameError::NoSuchHost { Kind::NoSuchHost } else { Kind::NoResolver };
        // A SOCKS5 proxy may leave it to us to look up the server's name.
        let its_name = proxy.is_some_and(|proxy| moments.name.as_deref().is_none_or(|name| name == proxy));
        return (if its_name { Kind::ProxyNotFound } else { kind }, Stage::Name);
    }
    if let Some(tunnel) = find::<TunnelError>(error) {
        let kind = match tunnel {
            TunnelError::ProxyAuthRequired => Kind::ProxyAuthRequired,
            TunnelError::ConnectFailed(_) => Kind::ProxyUnreachable,
            _ => Kind::ProxyRefused,
        };
        return (kind, Stage::Proxy);
    }
    if let Some(socks) = find::<SocksError>(error) {
        return (
            if matches!(socks, SocksError::Inner(_)) { Kind::ProxyUnreachable } else { Kind::ProxyRefused },
            Stage::Proxy,
        );
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return (tls_kind(tls, moments, facts), Stage::Tls);
    }
    let io = find::<io::Error>(error).map(io::Error::kind);
    if in_body || error.is_decode() || error.is_body() {
        let kind = match io {
            _ if error.is_timeout() => Kind::BodyTimeout,
            Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => Kind::BodyGarbled,
            _ => Kind::BodyCut,
        };
        return (kind, Stage::Body);
    }
    if error.is_builder() {
        return (Kind::CannotSend, Stage::Request);
    }
    if error.is_connect() {
        return connecting(error, io, moments, proxy.is_some());
    }
    if error.is_timeout() {
        return (Kind::Timeout, Stage::FirstByte);
    }
    if let Some(hyper) = find::<hyper::Error>(error) {
        if hyper.is_parse_too_large() {
            return (Kind::HeadTooLarge, Stage::FirstByte);
        }
        if hyper.is_parse() || hyper.is_parse_status() {
            return (Kind::NotHttp, Stage::FirstByte);
        }
        if hyper.is_incomplete_message() {
            return (Kind::Closed, Stage::FirstByte);
        }
        // Something was sent before the request was: a banner, not an answer.
        if io.is_none() && find::<h2::Error>(error).is_none() && !hyper.is_canceled() {
            return (Kind::NotHttp, Stage::FirstByte);
        }
    }
    let kind = match io {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
            Kind::Reset
        }
        Some(io::ErrorKind::UnexpectedEof) => Kind::Closed,
        _ if find::<h2::Error>(error).is_some() => Kind::Reset,
        _ => Kind::Other,
    };
    (kind, if io == Some(io::ErrorKind::BrokenPipe) { Stage::Request } else { Stage::FirstByte })
}

/// A failure before the request could be sent.
fn connecting(error: &reqwest::Error, io: Option<io::ErrorKind>, moments: &Moments, proxied: bool) -> (Kind, Stage) {
    let in_tls = moments.hello.is_some();
    let kind = match io {
        _ if error.is_timeout() => {
            if in_tls {
                Kind::Timeout
            } else {
                Kind::ConnectTimeout
            }
        }
        Some(io::ErrorKind::ConnectionRefused) => Kind::Refused,
        Some(io::ErrorKind::TimedOut) => Kind::ConnectTimeout,
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
            Kind::Reset
        }
        Some(io::ErrorKind::UnexpectedEof) => Kind::Closed,
        // No route, or an address that cannot be routed at all (255.255.255.255, a zone without an interface).
        Some(
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::PermissionDenied,
        ) => Kind::Unreachable,
        _ => Kind::Other,
    };
    let kind = if proxied && matches!(kind, Kind::Refused | Kind::Unreachable | Kind::ConnectTimeout) {
        Kind::ProxyUnreachable
    } else {
        kind
    };
    (
        kind,
        if kind == Kind::ProxyUnreachable {
            Stage::Proxy
        } else if in_tls {
            Stage::Tls
        } else {
            Stage::Connect
        },
    )
}

fn tls_kind(error: &rustls::Error, moments: &Moments, facts: &mut BTreeMap<String, String>) -> Kind {
    let leaf = moments.chain.first().and_then(|der| read_certificate(der));
    if let Some(leaf) = &leaf {
        facts.insert("issuer".into(), one_line(&leaf.issuer, 120));
        facts.insert("subject".into(), one_line(&leaf.subject, 120));
        facts.insert("from".into(), date(leaf.from_s));
        facts.insert("until".into(), date(leaf.until_s));
    }
    let self_signed = leaf.as_ref().is_some_and(|leaf| leaf.issuer == leaf.subject);
    let untrusted = if self_signed { Kind::TlsSelfSigned } else { Kind::TlsUntrusted };
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::Other(other)
                if other.0.downcast_ref::<webpki::Error>() == Some(&webpki::Error::CaUsedAsEndEntity) =>
            {
                Kind::TlsSelfSigned
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Kind::TlsExpired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Kind::TlsNotYetValid,
            CertificateError::NotValidForNameContext { presented, .. } => {
                let names: Vec<String> = presented
                    .iter()
                    .take(6)
                    .map(|name| one_line(name.trim_start_matches("DnsName(\"").trim_end_matches("\")"), 100))
                    .collect();
                facts.insert("names".into(), names.join(", "));
                Kind::TlsWrongHost
            }
            CertificateError::NotValidForName => Kind::TlsWrongHost,
            // Unknown issuer, a trusted name with another key, a purpose that does not fit.
            _ => untrusted,
        },
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => Kind::PlainOnTlsUrl,
        rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired) => Kind::TlsClientCertificate,
        _ => Kind::TlsHandshake,
    }
}

/// A date as reports write it.
fn date(seconds: i64) -> String {
    let moment = u64::try_from(seconds).map_or(UNIX_EPOCH, |seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    humantime::format_rfc3339_seconds(moment).to_string().chars().take(10).collect()
}

/// The first error of this type anywhere in the chain. `io::Error` hides what it wraps from `source()`, so its inside is
/// walked as well.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            // The outermost io::Error only wraps the one that says what happened.
            if let Some(inner) = inside(error).and_then(|inner| find::<T>(inner)) {
                return Some(inner);
            }
            return Some(found);
        }
        next = inside(error);
    }
    None
}

fn inside<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return io.get_ref().map(|inner| inner as &(dyn Error + 'static));
    }
    error.source()
}

/// The innermost words: the outer ones only repeat the URL.
fn deepest(error: &reqwest::Error) -> String {
    let mut last: &(dyn Error + 'static) = error;
    while let Some(inner) = inside(last) {
        last = inner;
    }
    let words = last.to_string();
    let words = words.replace("received fatal alert: ", "the server broke off the TLS handshake: ");
    // The number helps nobody; the kind says it already.
    words.split(" (os error").next().unwrap_or(&words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificates_names_cannot_act_on_a_terminal() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut wanted = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        wanted.distinguished_name.push(rcgen::DnType::CommonName, "evil\u{1b}]0;title\u{7}\n Works   ok\u{202e}");
        let certificate = wanted.self_signed(&key).unwrap();
        let moments = Moments { chain: vec![certificate.der().to_vec()], ..Moments::default() };
        let mut facts = BTreeMap::new();
        let kind = tls_kind(&rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer), &moments, &mut facts);
        assert_eq!(kind, Kind::TlsSelfSigned);
        assert_eq!(facts["issuer"], "evil]0;title Works ok");
    }
}
