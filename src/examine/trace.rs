//! The clock of one request: when the name was known, the connection stood, TLS began and ended.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::NamedGroup;
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// Moments of the request under way. A stage that the request did not need stays `None`.
#[derive(Debug, Default, Clone)]
pub(super) struct Moments {
    /// The name that was looked up: the server's, or the proxy's.
    pub(super) name: Option<String>,
    pub(super) dns_started: Option<Instant>,
    pub(super) dns_done: Option<Instant>,
    pub(super) name_failed: bool,
    pub(super) connect_started: Option<Instant>,
    pub(super) hello: Option<Instant>,
    pub(super) connected: Option<Instant>,
    /// `--connect-to`: the host of this request, and the addresses that stand for it.
    pub(super) instead: Option<(String, Vec<SocketAddr>)>,
    /// Certificates that the server showed, leaf first, in DER.
    pub(super) chain: Vec<Vec<u8>>,
}

/// Shared by the hooks that the HTTP client calls.
#[derive(Debug, Default, Clone)]
pub(super) struct Trace(Arc<Mutex<Moments>>);

impl Trace {
    /// Forgets the last request.
    pub(super) fn restart(&self) {
        self.with(|moments| *moments = Moments::default());
    }

    pub(super) fn read(&self) -> Moments {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn with(&self, change: impl FnOnce(&mut Moments)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Names are looked up by the system (hosts file, VPN, mDNS), so that ruta sees what other programs see.
pub(super) struct SystemResolver {
    pub(super) trace: Trace,
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        // Not for the name of a proxy, which is looked up here as well.
        if let Some((_, found)) = self.trace.read().instead.filter(|(known, _)| known.eq_ignore_ascii_case(&host)) {
            let addresses: Addrs = Box::new(found.into_iter());
            return Box::pin(std::future::ready(Ok(addresses)));
        }
        let trace = self.trace.clone();
        trace.with(|moments| {
            moments.name = Some(host.clone());
            moments.dns_started = Some(Instant::now());
        });
        Box::pin(async move {
            let found = look_up(&host).await;
            trace.with(|moments| {
                moments.dns_done = Some(Instant::now());
                moments.name_failed = found.is_err();
            });
            let addresses: Addrs = Box::new(found?.into_iter());
            Ok(addresses)
        })
    }
}

/// Why a name has no address, by the resolver's own code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameError {
    /// No such name, or no address for it.
    NoSuchHost,
    /// The resolver did not answer.
    NoResolver,
}

impl std::fmt::Display for NameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoSuchHost => "no such host",
            Self::NoResolver => "the resolver did not answer",
        })
    }
}

impl std::error::Error for NameError {}

async fn look_up(host: &str) -> Result<Vec<SocketAddr>, NameError> {
    let host = host.to_owned();
    let task = tokio::task::spawn_blocking(move || {
        let hints = dns_lookup::AddrInfoHints {
            socktype: dns_lookup::SockType::Stream.into(),
            ..dns_lookup::AddrInfoHints::default()
        };
        match dns_lookup::getaddrinfo(Some(&host), None, Some(hints)) {
            Ok(found) => Ok(found.filter_map(Result::ok).map(|info| info.sockaddr).collect::<Vec<_>>()),
            Err(error) => Err(match error.kind() {
                dns_lookup::LookupErrorKind::Again
                | dns_lookup::LookupErrorKind::Fail
                | dns_lookup::LookupErrorKind::System => NameError::NoResolver,
                _ => NameError::NoSuchHost,
            }),
        }
    });
    match task.await {
        Ok(Ok(found)) if found.is_empty() => Err(NameError::NoSuchHost),
        Ok(result) => result,
        Err(_) => Err(NameError::NoResolver),
    }
}

/// Marks the moment of the `ClientHello`: the library asks for a session just before it builds one.
#[derive(Debug)]
pub(super) struct Sessions {
    trace: Trace,
    inner: ClientSessionMemoryCache,
}

impl Sessions {
    pub(super) fn new(trace: Trace) -> Self {
        Self { trace, inner: ClientSessionMemoryCache::new(16) }
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.inner.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.trace.with(|moments| moments.hello = Some(Instant::now()));
        self.inner.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.inner.set_tls12_session(server, value);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.inner.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.inner.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.inner.insert_tls13_ticket(server, value);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.inner.take_tls13_ticket(server)
    }
}

/// Wraps the connector to see when a connection is begun and when it stands.
#[derive(Debug, Clone)]
pub(super) struct Connects(pub(super) Trace);

impl<S> tower_layer::Layer<S> for Connects {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting { trace: self.0.clone(), inner }
    }
}

/// The wrapped connector.
#[derive(Debug, Clone)]
pub(super) struct Connecting<S> {
    trace: Trace,
    inner: S,
}

impl<S, R> tower_service::Service<R> for Connecting<S>
where
    S: tower_service::Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let trace = self.trace.clone();
        trace.with(|moments| moments.connect_started = Some(Instant::now()));
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connected = connecting.await;
            if connected.is_ok() {
                trace.with(|moments| moments.connected = Some(Instant::now()));
            }
            connected
        })
    }
}
