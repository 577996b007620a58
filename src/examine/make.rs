//! Makes one request: its headers, the key in the right one, and the address that it really goes to.

use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use url::{Host, Url};

use super::ask::{Ask, Auth, ConnectTo};
use super::http::Sender;
use super::{form, trace};
use crate::knowledge::view::kind_of;

impl Sender<'_> {
    pub(super) fn request(&self, ask: &Ask, url: &Url, body: Option<Vec<u8>>) -> Result<reqwest::Request, String> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("ruta/", env!("CARGO_PKG_VERSION"))));
        headers.insert(
            ACCEPT,
            HeaderValue::from_static(match ask.check {
                _ if ask.stream => "text/event-stream, application/json",
                "speech" => "audio/*, application/json",
                _ => "application/json",
            }),
        );
        // Gateways answer in the language that is asked for; English is what the guides quote.
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
        if let Some(key) = self.key_text(ask.key) {
            let bearer = || zeroize::Zeroizing::new(format!("Bearer {}", key.as_str()));
            let named = |name| (HeaderName::from_static(name), zeroize::Zeroizing::new(key.as_str().to_owned()));
            let carriers = match ask.auth {
                Auth::Bearer => vec![(AUTHORIZATION, bearer())],
                Auth::XApiKey => vec![named("x-api-key")],
                Auth::ApiKey => vec![named("api-key")],
                Auth::ApiKeyAndBearer => vec![named("api-key"), (AUTHORIZATION, bearer())],
            };
            for (name, value) in carriers {
                let mut value = HeaderValue::from_bytes(value.as_bytes())
                    .map_err(|_| "the key holds a character that no header can carry".to_owned())?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        if ask.auth == Auth::XApiKey || kind_of(ask.check) == "messages" {
            headers.insert(HeaderName::from_static("anthropic-version"), HeaderValue::from_static("2023-06-01"));
        }
        if ask.headers {
            for (name, value) in &self.connection.headers {
                let name =
                    HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
                let mut value = HeaderValue::from_str(value)
                    .map_err(|_| format!("the value of the header `{name}` cannot be sent"))?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        let (target, host) = self.target(url)?;
        if let Some(host) = host {
            headers.insert(HOST, HeaderValue::from_str(&host).map_err(|error| error.to_string())?);
        }
        let method = if body.is_some() { reqwest::Method::POST } else { reqwest::Method::GET };
        let mut request = reqwest::Request::new(method, target);
        if let Some(body) = body {
            let kind = if ask.form { form::CONTENT_TYPE } else { "application/json" };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            *request.body_mut() = Some(body.into());
        }
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// `--connect-to`: the URL to hand to the client, and the `Host` header where it has to differ.
    ///
    /// The client takes a port from the resolver only if the URL has none, and asks no resolver for an address. So the
    /// port is taken out of the URL, an address is replaced, and `Host` says what the user wrote.
    fn target(&self, url: &Url) -> Result<(Url, Option<String>), String> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default();
        let mut rules = self.limits.connect_to.iter().filter(|rule| rule.fits(host, port));
        let Some(rule) = rules.next() else { return Ok((url.clone(), None)) };
        let mut target = url.clone();
        let named = matches!(url.host(), Some(Host::Domain(_))) && !rule.host.is_empty();
        if named {
            // Several rules for one host are its several addresses, as a name server might give them.
            let same = rules.filter(|other| (&other.host, other.port) == (&rule.host, rule.port));
            let found: Result<Vec<_>, _> = std::iter::once(rule).chain(same).map(ConnectTo::address).collect();
            let found: Vec<_> = found?.into_iter().flatten().collect();
            let instead = !found.is_empty();
            trace::note(|moments| moments.instead = instead.then(|| (host.to_owned(), found)));
            if instead {
                let _ = target.set_port(None);
            }
        } else {
            let address = rule.address()?;
            let (to_host, to_port) = address.map_or((rule.to_host.clone(), rule.to_port), |address| {
                (address.ip().to_string(), Some(address.port()).filter(|port| *port != 0))
            });
            if !to_host.is_empty() {
                target.set_host(Some(&to_host)).map_err(|error| format!("--connect-to: {error}"))?;
            }
            let _ = target.set_port(to_port.or(port));
        }
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok((target, Some(authority)))
    }
}
