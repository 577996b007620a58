//! What can be asked, of which address, through which proxy, and within which limits.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use super::proxy::ProxyVariables;
use crate::evidence::KeySent;

/// Limits and circumstances of a run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For one request.
    pub timeout: Duration,
    /// For name, connection and TLS.
    pub connect_timeout: Duration,
    /// For the whole run.
    pub total: Duration,
    /// A PEM file with certificates to trust beside the system's.
    pub cacert: Option<PathBuf>,
    /// The proxy of `--proxy`, instead of those of the environment.
    pub proxy: Option<String>,
    /// Where the proxy setting comes from: `--proxy` or the name of a variable.
    pub proxy_source: String,
    /// What the environment says of proxies.
    pub variables: ProxyVariables,
    /// Whether ruta runs in a container, where `localhost` is the container itself.
    pub in_container: bool,
    /// Hosts that are asked without a proxy, as curl's `--noproxy` has them.
    pub noproxy: Option<String>,
    /// `HOST1:PORT1:HOST2:PORT2`, as curl reads it.
    pub connect_to: Vec<ConnectTo>,
    /// Whether all that a list says of each model is kept for the run.
    pub whole_list: bool,
}

/// A request for one address that is sent to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// Host of the URL; empty: any.
    pub host: String,
    /// Port of the URL; `None`: any.
    pub port: Option<u16>,
    /// Host to connect to; empty: unchanged.
    pub to_host: String,
    /// Port to connect to; `None`: unchanged.
    pub to_port: Option<u16>,
}

/// How the key travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer`.
    Bearer,
    /// `x-api-key`, with `anthropic-version`.
    XApiKey,
    /// `api-key`, as Azure wants it.
    ApiKey,
    /// `api-key` and `Authorization: Bearer`, as Open `WebUI` sends both to Azure.
    ApiKeyAndBearer,
}

impl Auth {
    /// The name in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::XApiKey => "x-api-key",
            Self::ApiKey => "api-key",
            Self::ApiKeyAndBearer => "api-key and bearer",
        }
    }
}

/// One request that is worth sending.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The check it belongs to.
    pub check: &'static str,
    /// The API root, exactly as a client would have it.
    pub root: String,
    /// What the client appends, with a slash in front.
    pub path: String,
    /// The fields of the body; `None` for a GET.
    pub body: Option<serde_json::Value>,
    /// Whether the fields travel as a form with a short sound beside them, instead of as JSON.
    pub form: bool,
    /// Which key it carries.
    pub key: KeySent,
    /// How the key travels.
    pub auth: Auth,
    /// Whether the extra headers go along: only to where the key might go, too.
    pub headers: bool,
    /// Whether events are expected as they come.
    pub stream: bool,
    /// What differs from the first request of its kind.
    pub variant: Option<String>,
}

impl std::fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An IPv6 address has colons of its own.
        let host = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let port = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
        let (from, to) = (host(&self.host), host(&self.to_host));
        write!(f, "{from}:{}:{to}:{}", port(self.port), port(self.to_port))
    }
}

impl ConnectTo {
    /// Whether the rule is for requests to this host and port.
    pub(super) fn fits(&self, host: &str, port: Option<u16>) -> bool {
        (self.host.is_empty() || self.host.eq_ignore_ascii_case(host)) && (self.port.is_none() || self.port == port)
    }

    /// The address to connect to.
    pub(super) fn address(&self) -> Result<Option<SocketAddr>, String> {
        if self.to_host.is_empty() && self.to_port.is_none() {
            return Ok(None);
        }
        let host = if self.to_host.is_empty() { &self.host } else { &self.to_host };
        let port = self.to_port.or(self.port).unwrap_or(0);
        (host.trim_matches(['[', ']']), port)
            .to_socket_addrs()
            .ok()
            .and_then(|mut found| found.next())
            .map(Some)
            .ok_or_else(|| format!("--connect-to: the host `{host}` is unknown"))
    }
}

/// The client's own way to make a URL: the path is appended to the text, whatever the text is. Only a query, as Azure
/// has it, stays behind the path.
pub fn join(root: &str, path: &str) -> String {
    match root.split_once('?') {
        Some((before, query)) if query.contains("api-version") => {
            format!("{}{path}?{query}", before.trim_end_matches('/'))
        }
        _ => format!("{root}{path}"),
    }
}
