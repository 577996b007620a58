//! The clock of one request: when the name was known, the connection stood, TLS began and ended.

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::NamedGroup;
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// So many addresses of a name are told.
const MOST_ADDRESSES: usize = 8;

/// Moments of the request under way. A stage that the request did not need stays `None`.
#[derive(Debug, Default, Clone)]
pub(super) struct Moments {
    /// The name that was looked up: the server's, or the proxy's.
    pub(super) name: Option<String>,
    pub(super) dns_started: Option<Instant>,
    pub(super) dns_done: Option<Instant>,
    pub(super) name_failed: bool,
    /// The addresses of the name.
    pub(super) found: Vec<IpAddr>,
    pub(super) connect_started: Option<Instant>,
    pub(super) hello: Option<Instant>,
    pub(super) connected: Option<Instant>,
    /// `--connect-to`: the host of this request, and the addresses that stand for it.
    pub(super) instead: Option<(String, Vec<SocketAddr>)>,
    /// Certificates that the server showed, leaf first, in DER.
    pub(super) chain: Vec<Vec<u8>>,
    /// Whether the connection that was being opened is no longer this request's.
    pub(super) left_behind: Arc<AtomicBool>,
}

impl Moments {
    /// The addresses that the name has, on one line.
    pub(super) fn addresses(&self) -> Option<String> {
        let all: Vec<String> = self.found.iter().take(MOST_ADDRESSES).map(IpAddr::to_string).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

tokio::task_local! {
    /// The clock of the request that is under way. The hooks of the HTTP client run inside the request's own future, so
    /// requests side by side have a clock each, also on one connection.
    static CLOCK: RefCell<Moments>;
}

/// Runs one request with a clock of its own.
pub(super) async fn timed<F: Future>(request: F) -> F::Output {
    CLOCK.scope(RefCell::default(), request).await
}

/// What the clock of this request shows; nothing outside of one.
///
/// Requests side by side may get a connection that another one has just finished with, while their own is still being
/// opened. That one is then finished in the background for later: it is no stage of this request.
pub(super) fn read() -> Moments {
    let mut moments = CLOCK.try_with(|clock| clock.borrow().clone()).unwrap_or_default();
    if moments.left_behind.load(Ordering::Relaxed) {
        moments.dns_started = None;
        moments.dns_done = None;
        moments.connect_started = None;
        moments.hello = None;
        moments.connected = None;
    }
    moments
}

/// Notes something on the clock of this request; nothing happens outside of one.
pub(super) fn note(change: impl FnOnce(&mut Moments)) {
    let _ = CLOCK.try_with(|clock| change(&mut clock.borrow_mut()));
}

/// Whether this runs inside a request.
fn inside() -> bool {
    CLOCK.try_with(|_| ()).is_ok()
}

/// Names are looked up by the system (hosts file, VPN, mDNS), so that ruta sees what other programs see.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        if !inside() {
            // For a connection that nobody waits for any more.
            return Box::pin(std::future::ready(Err(NameError::NoResolver.into())));
        }
        let host = name.as_str().to_ascii_lowercase();
        // Not for the name of a proxy, which is looked up here as well.
        if let Some((_, found)) = read().instead.filter(|(known, _)| known.eq_ignore_ascii_case(&host)) {
            let addresses: Addrs = Box::new(found.into_iter());
            return Box::pin(std::future::ready(Ok(addresses)));
        }
        note(|moments| {
            moments.name = Some(host.clone());
            moments.dns_started = Some(Instant::now());
        });
        Box::pin(async move {
            let found = look_up(&host).await;
            note(|moments| {
                moments.dns_done = Some(Instant::now());
                moments.name_failed = found.is_err();
                moments.found = found.iter().flatten().map(SocketAddr::ip).collect();
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
pub(super) struct Sessions(ClientSessionMemoryCache);

impl Sessions {
    pub(super) fn new() -> Self {
        Self(ClientSessionMemoryCache::new(16))
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        note(|moments| moments.hello = Some(Instant::now()));
        self.0.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, value);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, value);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(server)
    }
}

/// Wraps the connector to see when a connection is begun and when it stands.
#[derive(Debug, Clone)]
pub(super) struct Connects;

impl<S> tower_layer::Layer<S> for Connects {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting { inner }
    }
}

/// The wrapped connector.
#[derive(Debug, Clone)]
pub(super) struct Connecting<S> {
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
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        note(|moments| moments.connect_started = Some(Instant::now()));
        let left_behind = read().left_behind;
        let mut connecting = Box::pin(self.inner.call(request));
        Box::pin(std::future::poll_fn(move |context| {
            if !inside() {
                left_behind.store(true, Ordering::Relaxed);
            }
            let polled = connecting.as_mut().poll(context);
            if matches!(polled, Poll::Ready(Ok(_))) {
                note(|moments| moments.connected = Some(Instant::now()));
            }
            polled
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_service::Service;

    use super::*;

    /// A connector that takes its time.
    struct Slow;

    impl Service<Duration> for Slow {
        type Response = ();
        type Error = ();
        type Future = Pin<Box<dyn Future<Output = Result<(), ()>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, time: Duration) -> Self::Future {
            Box::pin(async move {
                tokio::time::sleep(time).await;
                Ok(())
            })
        }
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(test);
    }

    #[test]
    fn requests_side_by_side_have_a_clock_each() {
        run(async {
            let one = |time| timed(async move { Connecting { inner: Slow }.call(time).await.map(|()| read()) });
            let (slow, quick) = tokio::join!(one(Duration::from_millis(20)), one(Duration::ZERO));
            let connected = |moments: Moments| moments.connected.unwrap() - moments.connect_started.unwrap();
            assert!(connected(slow.unwrap()) >= Duration::from_millis(20));
            assert!(connected(quick.unwrap()) < Duration::from_millis(20));
        });
    }

    #[test]
    fn a_connection_that_another_request_will_use_is_no_stage_of_this_one() {
        run(timed(async {
            let mut connecting = Connecting { inner: Slow }.call(Duration::ZERO);
            std::future::poll_fn(|context| Poll::Ready(connecting.as_mut().poll(context).is_pending())).await;
            assert!(read().connect_started.is_some());
            tokio::spawn(connecting).await.unwrap().unwrap();
            assert!(read().connect_started.is_none() && read().connected.is_none());
        }));
    }
}
