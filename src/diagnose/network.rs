//! Connections that were never made, and answers that broke off.

use super::Finding;
use super::path::suggestion;
use crate::cause::Cause;
use crate::connection::url::is_loopback;
use crate::evidence::failure::{Failure, Kind, Stage};
use crate::evidence::span;
use crate::knowledge::view::{Sight, View};

/// The first request did not get as far as an answer.
pub(super) fn no_connection(view: &View) -> Option<Vec<Finding>> {
    let first = view.all().find(|sight| sight.observation.ran())?;
    let failure = first.observation.failure.as_ref()?;
    if first.answer().is_some()
        || (failure.stage == Stage::FirstByte && !matches!(failure.kind, Kind::NotHttp))
            && view.talk().is_some_and(|chat| chat.answer().is_some())
    {
        return None;
    }
    Some(vec![finding(view, first, failure)])
}

/// An answer came in part, or not in time.
pub(super) fn broken_off(view: &View) -> Option<Vec<Finding>> {
    let chat = view.talk().filter(|sight| sight.observation.failure.is_some());
    let list = view.of_check("models").filter(|sight| sight.observation.failure.is_some() && view.talk().is_none());
    let sight = chat.or(list)?;
    Some(vec![finding(view, sight, sight.observation.failure.as_ref()?)])
}

/// The cause of a failure.
pub(super) fn cause_of(view: &View, failure: &Failure) -> Cause {
    let other_works = view.of_check("other-scheme").is_some_and(|sight| sight.answer().is_some());
    // A refusal of our certificate check proves that TLS is spoken there, too.
    let speaks_tls = other_works
        || view.of_check("other-scheme").is_some_and(|sight| {
            sight.observation.failure.as_ref().is_some_and(|failure| {
                matches!(
                    failure.kind,
                    Kind::TlsUntrusted
                        | Kind::TlsSelfSigned
                        | Kind::TlsExpired
                        | Kind::TlsNotYetValid
                        | Kind::TlsWrongHost
                )
            })
        });
    let plain = view.address.written().is_some_and(|url| url.scheme() == "http");
    match failure.kind {
        Kind::NoSuchHost if is_example(view) => Cause::UrlPlaceholder,
        Kind::NoSuchHost | Kind::NoResolver => Cause::DnsFailed,
        Kind::Refused if view.evidence.target.in_container && is_own(view) => Cause::UrlLocalhost,
        Kind::Refused => Cause::ConnectRefused,
        Kind::Unreachable | Kind::ConnectTimeout => Cause::ConnectTimeout,
        Kind::Reset | Kind::Closed | Kind::NotHttp if plain && speaks_tls => Cause::HttpOnHttpsPort,
        Kind::Reset | Kind::Closed => Cause::ConnectReset,
        Kind::TlsUntrusted | Kind::TlsSelfSigned => Cause::TlsUntrusted,
        Kind::TlsExpired | Kind::TlsNotYetValid => Cause::TlsExpired,
        Kind::TlsWrongHost => Cause::TlsWrongHost,
        Kind::TlsHandshake | Kind::TlsClientCertificate => Cause::TlsHandshake,
        Kind::PlainOnTlsUrl | Kind::TlsOnPlainUrl => Cause::HttpOnHttpsPort,
        Kind::NotHttp => Cause::NotAnApi,
        Kind::Timeout | Kind::BodyTimeout => Cause::ResponseTimeout,
        Kind::BodyCut => Cause::ResponseTruncated,
        Kind::BodyGarbled => Cause::ResponseMalformed,
        Kind::HeadTooLarge | Kind::TooLarge => Cause::ResponseTooLarge,
        Kind::ProxyUnreachable | Kind::ProxyNotFound | Kind::ProxyRefused => Cause::ProxyFailed,
        Kind::ProxyAuthRequired => Cause::ProxyAuthRequired,
        Kind::CannotSend => {
            if view.evidence.target.key.as_ref().is_some_and(|key| !key.problems.is_empty()) {
                Cause::KeyStrayCharacters
            } else {
                Cause::UrlInvalid
            }
        }
        Kind::Other => Cause::Unexplained,
    }
}

/// Whether the URL points to the machine itself.
fn is_own(view: &View) -> bool {
    view.address.written().is_some_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

fn is_example(view: &View) -> bool {
    view.address.written().and_then(|url| url.host_str().map(str::to_ascii_lowercase)).is_some_and(|host| {
        ["example.com", "example.org", "example.net"]
            .iter()
            .any(|end| host == *end || host.ends_with(&format!(".{end}")))
    })
}

/// Where a redirect leads, if that says more than its address.
pub(super) fn redirect_remark(sight: Sight<'_>, location: &str) -> Option<String> {
    let from = url::Url::parse(&sight.observation.request.as_ref()?.url).ok()?;
    let to = from.join(location).ok()?;
    let words = ["login", "signin", "sign-in", "sign_in", "sso", "oauth", "auth", "portal", "guest"];
    let login = to.path().split('/').any(|part| words.contains(&part.to_ascii_lowercase().as_str()));
    if to == from {
        Some("the redirect leads back to where the request was sent: it goes round in a circle".to_owned())
    } else if login {
        Some("the redirect leads to a login page".to_owned())
    } else if to.host_str() == from.host_str() && (from.scheme(), to.scheme()) == ("http", "https") {
        Some("the redirect leads to the same address with https".to_owned())
    } else if to.origin() != from.origin() {
        Some("the redirect leads to another server".to_owned())
    } else {
        None
    }
}

/// A reset that the library meets while connecting came after the connection stood; before, it would be a refusal.
fn stage(failure: &Failure) -> Stage {
    match (failure.kind, failure.stage) {
        (Kind::Reset | Kind::Closed, Stage::Connect | Stage::Request) => Stage::FirstByte,
        (_, stage) => stage,
    }
}

pub(super) fn finding(view: &View, sight: Sight<'_>, failure: &Failure) -> Finding {
    let cause = cause_of(view, failure);
    let mut finding = Finding::at(cause, sight);
    if let Some(total) = sight.observation.timing.total.filter(|_| failure.kind != Kind::CannotSend) {
        finding = finding.and(format!("it ended while {}, after {}", stage(failure).words(), span(total)));
    }
    for (name, fact) in [
        ("issuer", "issuer"),
        ("cert_names", "names"),
        ("cert_until", "until"),
        ("cert_from", "from"),
        ("waited", "waited"),
        ("proxy_said", "said"),
    ] {
        if let Some(value) = failure.facts.get(fact) {
            finding = finding.with(name, value.clone());
        }
    }
    match failure.kind {
        Kind::TlsExpired => {
            finding.values.remove("cert_from");
        }
        Kind::TlsNotYetValid => {
            finding.values.remove("cert_until");
        }
        Kind::Unreachable => finding = finding.with("no_route", "no way leads there from here"),
        Kind::NoResolver => {
            finding = finding.and("the name server did not answer, so this says nothing about the host");
        }
        Kind::TlsClientCertificate => finding = finding.with("client_certificate", "ruta has none to show"),
        Kind::TlsSelfSigned => finding = finding.with("self_signed", "is signed by itself, not by a known authority"),
        Kind::NotHttp => {
            finding = finding.with("not_http", "what it sends is not HTTP").with("other_service", "another service");
        }
        Kind::BodyGarbled => finding = finding.with("damaged", "damaged on the way"),
        Kind::BodyTimeout => {
            if let Some(waited) = failure.facts.get("waited") {
                finding = finding.with("began", waited.clone());
            }
        }
        _ => {}
    }
    if sight.check() == "models" && cause == Cause::ResponseTimeout && view.talk().is_none_or(|chat| chat.healthy()) {
        finding = finding.with("slow_list", "10 s");
    }
    let host = view.address.written().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    if cause == Cause::DnsFailed && (host.ends_with(".docker.internal") || host == "host.containers.internal") {
        finding = finding.with("docker_name", host);
    }
    if !view.address.near.is_empty() && cause == Cause::DnsFailed {
        finding = finding.with("typo_hosts", view.address.near.join(", "));
    }
    if cause == Cause::ConnectRefused && is_own(view) {
        finding = finding.and("the address is this machine itself");
    }
    if let Some(proxy) = &view.evidence.target.proxy {
        if cause == Cause::TlsUntrusted {
            finding =
                finding.and(format!("the way leads through the proxy {}, which may open the encryption", proxy.url));
        }
        finding = finding
            .with("proxy", proxy.url.clone())
            .with("proxy_login", proxy.url.replacen("://", "://USER:PASSWORD@", 1))
            .with("proxy_source", proxy.source.clone());
    }
    if cause == Cause::UrlLocalhost
        && let Some(mut url) = view.address.written()
        && url.set_host(Some("host.docker.internal")).is_ok()
    {
        let value = crate::connection::url::tidy(&url);
        let finding = finding.and("ruta runs in a container, where this address is the container itself");
        return finding.suggest(Some(super::Suggestion {
            field: "base_url",
            value,
            tried: false,
            worked: false,
            proof: None,
        }));
    }
    let suggestion =
        if cause == Cause::HttpOnHttpsPort { suggestion(view).or_else(|| scheme_suggestion(view)) } else { None };
    finding.suggest(suggestion)
}

/// The other scheme, where it was tried and at least answered.
fn scheme_suggestion(view: &View) -> Option<super::Suggestion> {
    let trial = view.of_check("other-scheme")?;
    let answered = trial.status().map(|status| format!("it answered {status}"));
    Some(super::Suggestion {
        field: "base_url",
        value: trial.root()?.to_owned(),
        tried: true,
        worked: trial.healthy(),
        proof: answered,
    })
}
