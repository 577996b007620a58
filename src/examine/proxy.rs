//! Which proxy a request goes through, by curl's rules: flags before variables, and a list of hosts that are asked directly.

use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::ask::Limits;
use crate::connection::Connection;
use crate::connection::url::redact;

/// How a proxy has to be written.
pub(super) const FORM: &str = "write http://HOST:PORT or socks5h://HOST:PORT";

/// What the environment says of proxies, as far as it concerns one base URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxyVariables {
    /// The proxy, as the variable has it; `None` where no usable variable sets one.
    pub value: Option<String>,
    /// Hosts that are asked without a proxy.
    pub none: Option<String>,
    /// What is wrong with the variables, in sentences.
    pub remarks: Vec<String>,
}

/// Whether the HTTP client understands this as the URL of a proxy. One that it does not understand it ignores without a word.
#[must_use]
pub fn usable(value: &str) -> bool {
    Matcher::builder().all(value.to_owned()).build().intercept(&http::Uri::from_static("http://host/")).is_some()
}

/// The proxies of one examination.
pub(super) struct Proxies {
    matcher: Matcher,
    /// What is to be set by hand, because a flag overrides the environment.
    pub(super) own: Option<reqwest::Proxy>,
    /// Whether the client must not look at the environment itself.
    pub(super) by_hand: bool,
}

impl Proxies {
    /// Reads the flags and, where they leave it open, the environment.
    ///
    /// # Errors
    /// A sentence for people if `--proxy` is no proxy URL.
    pub(super) fn new(connection: &Connection, limits: &Limits) -> Result<Self, String> {
        let system = Matcher::from_system();
        if limits.proxy.is_none() && limits.noproxy.is_none() {
            return Ok(Self { matcher: system, own: None, by_hand: false });
        }
        // As curl has it: `--noproxy` takes the place of NO_PROXY, which counts beside `--proxy` otherwise.
        let none = limits.noproxy.as_ref().or(limits.variables.none.as_ref()).cloned().unwrap_or_default();
        let none = none.split([',', ' ', '\t']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",");
        let url = match &limits.proxy {
            Some(url) if url.is_empty() => None,
            Some(url) => Some(if url.contains("://") { url.clone() } else { format!("http://{url}") }),
            None => limits.variables.value.clone().or_else(|| {
                let uri: http::Uri = connection.base_url.as_deref()?.trim().parse().ok()?;
                system.intercept(&uri).map(|hit| hit.uri().to_string())
            }),
        };
        let nothing = || Self { matcher: Matcher::builder().build(), own: None, by_hand: true };
        let Some(url) = url.filter(|_| none != "*") else { return Ok(nothing()) };
        let wrong = || format!("--proxy {}: this is no proxy URL; {FORM}", redact(&url));
        if !usable(&url) {
            return if limits.proxy.is_some() { Err(wrong()) } else { Ok(nothing()) };
        }
        let proxy = reqwest::Proxy::all(&url).map_err(|_| wrong())?.no_proxy(reqwest::NoProxy::from_string(&none));
        Ok(Self { matcher: Matcher::builder().all(url).no(none).build(), own: Some(proxy), by_hand: true })
    }

    /// The proxy that a request to this URL goes through.
    pub(super) fn of(&self, url: &str) -> Option<Intercept> {
        self.matcher.intercept(&url.parse().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_the_client_ignores() {
        for good in ["http://p:3128", "p:3128", "https://p", "socks5://u:w@p:1080", "socks5h://p:1080", "socks4://p"] {
            assert!(usable(good), "{good}");
        }
        for ignored in ["htp://p:3128", "http://[bad", " http://p:3128", "ftp://p", "socks://p:1", ""] {
            assert!(!usable(ignored), "{ignored}");
        }
    }
}
