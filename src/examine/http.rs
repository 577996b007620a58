//! The one place that talks to the network: sends one request and writes down what came back.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper_util::client::proxy::matcher::Intercept;
use url::Url;

use super::ask::{Ask, Limits, join};
use super::long::LongList;
use super::proxy::Proxies;
use super::tls;
use super::trace::{self, Connects, Moments, SystemResolver};
use super::{failure, form, probe};
use crate::connection::Connection;
use crate::connection::key::clean;
use crate::connection::scrub::Scrubber;
use crate::connection::url::{looks_like_key, redact};
use crate::evidence::answer::{Answer, Arrival, KEPT_WHOLE};
use crate::evidence::failure::{Failure, Kind, Stage};
use crate::evidence::list::{CLOSELY, ModelList};
use crate::evidence::{KeySent, Observation, Request, Timing, row};

/// No body is read further than this, in bytes, decompressed: a list of 100,000 models fits.
const BODY_MOST: usize = 32 * 1024 * 1024;
/// An answer of chat or of a stream is no longer than this, in bytes.
const REPLY_MOST: usize = 2 * 1024 * 1024;

/// A key that no server can know; sent to learn whether keys are looked at.
const MADE_UP: &str = "sk-ruta-made-up-key-to-see-if-keys-are-checked";

/// Sends requests for one connection.
pub struct Sender<'a> {
    client: reqwest::Client,
    pub(super) connection: &'a Connection,
    pub(super) limits: &'a Limits,
    scrubber: Arc<Scrubber>,
    proxies: Proxies,
    deadline: Instant,
}

impl<'a> Sender<'a> {
    /// Prepares a client. Nothing is loaded and nothing is sent before the first request.
    ///
    /// # Errors
    /// A sentence for people: the `--cacert` file is unusable, or a host of `--connect-to` is unknown.
    pub fn new(connection: &'a Connection, limits: &'a Limits) -> Result<Self, String> {
        let extra = limits.cacert.as_deref().map(tls::read_ca).transpose()?.unwrap_or_default();
        let config = tls::config(extra).map_err(|error| format!("TLS cannot be set up: {error}"))?;
        for rule in &limits.connect_to {
            rule.address()?;
        }
        let mut proxies = Proxies::new(connection, limits)?;
        let mut builder = reqwest::Client::builder();
        if proxies.by_hand {
            builder = builder.no_proxy();
        }
        if let Some(proxy) = proxies.own.take() {
            builder = builder.proxy(proxy);
        }
        let client = builder
            .tls_backend_preconfigured(config)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limits.connect_timeout)
            .dns_resolver(SystemResolver)
            .connector_layer(Connects)
            // Servers may send many headers; the limit of clients is higher than the library's.
            .http1_max_headers(1000)
            .pool_idle_timeout(Duration::from_secs(20))
            .referer(false)
            .build()
            .map_err(|error| format!("the HTTP client cannot be set up: {error}"))?;
        let password = connection.base_url.as_deref().and_then(password);
        let secrets = connection
            .headers
            .iter()
            .map(|(_, value)| value.as_str())
            .filter(|value| value.len() >= 8)
            .chain(password.as_deref());
        let scrubber = Arc::new(Scrubber::new(connection.key.as_ref(), secrets));
        Ok(Self { client, connection, limits, scrubber, proxies, deadline: Instant::now() + limits.total })
    }

    /// Takes secrets out of a text.
    pub fn scrub(&self, text: &str) -> String {
        self.scrubber.scrub(text)
    }

    /// Whether the time of the whole run is over.
    pub fn out_of_time(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// The proxy that requests to this URL go through.
    pub fn proxy_for(&self, url: &str) -> Option<String> {
        self.proxies.of(url).map(|hit| redact(&hit.uri().to_string()).trim_end_matches('/').to_owned())
    }

    /// Sends one request and writes down what came back. Never fails: a failure is an observation too.
    /// Several may be under way side by side.
    pub async fn send(&self, ask: &Ask) -> Observation {
        trace::timed(self.send_timed(ask)).await
    }

    async fn send_timed(&self, ask: &Ask) -> Observation {
        let started = Instant::now();
        let at = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let full = join(&ask.root, &ask.path);
        let body = ask
            .body
            .as_ref()
            .map(|fields| if ask.form { form::with_sound(fields) } else { fields.to_string().into_bytes() });
        let request = Request {
            method: if body.is_some() { "POST" } else { "GET" }.to_owned(),
            url: self.scrubber.scrub(&redact(&full)),
            bytes: body.as_ref().map_or(0, Vec::len),
            body: ask.body.as_ref().map(|body| self.recorded(body)),
            at,
            key: if self.key_text(ask.key).is_some() { ask.key } else { KeySent::None },
            auth: ask.auth.name().to_owned(),
            root: redact(&ask.root),
            variant: ask.variant.clone(),
            streamed: ask.stream,
        };
        let mut observation = Observation {
            check: ask.check.to_owned(),
            request: Some(request),
            answer: None,
            failure: None,
            skipped: None,
            timing: Timing::default(),
            address: None,
        };
        let url = match Url::parse(full.trim()) {
            Ok(url) => url,
            Err(error) => {
                observation.failure = Some(Failure {
                    kind: Kind::CannotSend,
                    stage: Stage::Request,
                    detail: error.to_string(),
                    facts: std::collections::BTreeMap::new(),
                });
                return observation;
            }
        };
        let most = self
            .limits
            .timeout
            .min(self.deadline.saturating_duration_since(Instant::now()))
            .max(Duration::from_millis(50));
        let proxy = self.proxies.of(url.as_str());
        let mut progress = Progress::default();
        let sending = self.exchange(ask, &url, body, started, proxy.as_ref(), &mut progress);
        let timed_out = tokio::time::timeout(most, sending).await.is_err();
        let moments = trace::read();
        let Progress { head, body, list, total, first, last, pieces, failure, ended, address } = progress;
        let ended = ended.unwrap_or_else(Instant::now);
        observation.failure = failure.or_else(|| {
            timed_out.then(|| {
                let secure = url.scheme() == "https";
                failure::timed_out(&moments, head.is_some(), secure, proxy.is_some(), ended - started)
            })
        });
        observation.address = address.or_else(|| moments.addresses()).filter(|_| proxy.is_none());
        if let Some((status, version, headers)) = head {
            let scrubber = &self.scrubber;
            let mut answer = match list {
                Some(list) => Answer::with_list(status, version, headers, &body, total, Some(list), scrubber),
                None => Answer::capture(status, version, headers, &body, total, scrubber),
            };
            if let (true, Some(first_ms), Some(last_ms)) = (ask.stream, first, last) {
                answer.arrival = Some(Arrival { first_ms, last_ms, pieces });
            }
            if let Some(list) = answer.list.as_mut().filter(|_| self.limits.whole_list) {
                list.rows = row::rows(&body, &self.scrubber);
            }
            observation.timing.first_byte = first;
            observation.answer = Some(answer);
        }
        fill_timing(&mut observation.timing, &moments, started, ended);
        observation
    }

    /// A body as it may be written down: the model may be a key that was entered in the wrong place.
    fn recorded(&self, body: &serde_json::Value) -> String {
        let mut body = body.clone();
        if let Some(serde_json::Value::String(model)) = body.get_mut("model")
            && looks_like_key(model)
        {
            *model = redact(model);
        }
        self.scrubber.scrub(&body.to_string())
    }

    async fn exchange(
        &self,
        ask: &Ask,
        url: &Url,
        body: Option<Vec<u8>>,
        started: Instant,
        proxy: Option<&Intercept>,
        progress: &mut Progress,
    ) {
        let request = match self.request(ask, url, body) {
            Ok(request) => request,
            Err(detail) => {
                progress.failure = Some(Failure {
                    kind: Kind::CannotSend,
                    stage: Stage::Request,
                    detail: self.scrubber.scrub(&detail),
                    facts: std::collections::BTreeMap::new(),
                });
                return;
            }
        };
        let proxy_host = proxy.and_then(|proxy| proxy.uri().host());
        let mut response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                let mut failure = failure::read(&error, &trace::read(), false, proxy_host, &self.scrubber);
                if error.is_timeout() {
                    failure::late(&mut failure, started.elapsed());
                }
                self.ask_proxy(proxy, url, failure, progress).await;
                return;
            }
        };
        progress.address = response.remote_addr().map(|address| address.ip().to_string());
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .take(100)
            .collect();
        if let (Some(_), "http") = (proxy, url.scheme())
            && let Some(said) = probe::own_page(response.status(), response.headers())
        {
            progress.failure = Some(said.failure(&self.scrubber));
            return;
        }
        progress.first = Some(milliseconds(started));
        progress.head = Some((response.status().as_u16(), version(response.version()), headers));
        let mut long: Option<LongList> = None;
        loop {
            // Only what may be a list, or carries a picture, is read so far.
            let listing = ask.body.is_none() && may_be_list(&progress.body);
            let most = if listing || ask.check == "images" { BODY_MOST } else { REPLY_MOST };
            // After the last word of a stream a well-kept connection ends at once; clients do not wait for more.
            let next = response.chunk();
            let arrived = if ask.stream && said_last_word(&progress.body) {
                match tokio::time::timeout(Duration::from_millis(250), next).await {
                    Ok(Ok(chunk)) => Ok(chunk),
                    _ => return,
                }
            } else {
                next.await
            };
            match arrived {
                Ok(Some(chunk)) => {
                    if progress.pieces == 0 {
                        progress.first = Some(milliseconds(started));
                    }
                    progress.pieces += 1;
                    progress.last = Some(milliseconds(started));
                    progress.total += chunk.len();
                    if let Some(list) = &long {
                        list.feed(chunk).await;
                    } else {
                        let room = most.saturating_sub(progress.body.len());
                        progress.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                        if listing && !self.limits.whole_list && progress.body.len() > CLOSELY {
                            let start = progress.body[..KEPT_WHOLE].to_vec();
                            let all = std::mem::replace(&mut progress.body, start);
                            long = Some(LongList::begin(all, self.scrubber.clone()));
                        }
                    }
                    if progress.total > most {
                        progress.failure = Some(Failure {
                            kind: Kind::TooLarge,
                            stage: Stage::Body,
                            detail: format!("more than {} MiB", most / 1024 / 1024),
                            facts: std::collections::BTreeMap::new(),
                        });
                        return;
                    }
                }
                Ok(None) => {
                    if let Some(list) = long {
                        progress.list = list.end().await;
                    }
                    return;
                }
                Err(error) => {
                    progress.failure = Some(failure::read(&error, &trace::read(), true, proxy_host, &self.scrubber));
                    return;
                }
            }
        }
    }

    pub(super) fn key_text(&self, sent: KeySent) -> Option<zeroize::Zeroizing<String>> {
        let own = || self.connection.key.as_ref().filter(|key| !key.is_blank());
        match sent {
            KeySent::Own => own().map(|key| zeroize::Zeroizing::new(key.reveal().to_owned())),
            KeySent::Cleaned => own().and_then(|key| clean(key.reveal())),
            KeySent::MadeUp => Some(zeroize::Zeroizing::new(MADE_UP.to_owned())),
            KeySent::None => None,
        }
    }

    /// Where the library only knows that a proxy stood in the way: what the proxy itself says.
    async fn ask_proxy(&self, proxy: Option<&Intercept>, url: &Url, failure: Failure, progress: &mut Progress) {
        progress.ended = Some(Instant::now());
        let asked = failure.stage == Stage::Proxy;
        // Kept if the time runs out meanwhile.
        let failure = progress.failure.insert(failure);
        if let (true, Some(proxy), Some(host), Some(port)) = (asked, proxy, url.host_str(), url.port_or_known_default())
            && let Some(said) = probe::ask(proxy, host, port).await
        {
            let waited = failure.facts.remove("waited");
            *failure = said.failure(&self.scrubber);
            failure.facts.extend(waited.map(|waited| ("waited".to_owned(), waited)));
        }
    }
}

/// Whether a stream has come to its end mark.
fn said_last_word(body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(64)..];
    tail.windows(6).any(|window| window == b"[DONE]")
}

/// Status, version and headers of an answer.
type Head = (u16, &'static str, Vec<(String, String)>);

#[derive(Default)]
struct Progress {
    head: Option<Head>,
    /// The start of the body, or all of it.
    body: Vec<u8>,
    /// A list that was too long to be kept as it came.
    list: Option<ModelList>,
    total: usize,
    first: Option<f64>,
    last: Option<f64>,
    pieces: usize,
    failure: Option<Failure>,
    /// When it ended, if something was asked afterwards.
    ended: Option<Instant>,
    /// The address that answered.
    address: Option<String>,
}

/// Whether a body that begins like this may be a list of models.
fn may_be_list(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|byte| matches!(byte, b'{' | b'['))
}

fn password(raw: &str) -> Option<String> {
    let url = Url::parse(raw.trim()).ok()?;
    url.password().filter(|password| password.len() >= 4).map(str::to_owned)
}

fn version(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_2 => "HTTP/2.0",
        http::Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn milliseconds(started: Instant) -> f64 {
    round(started.elapsed())
}

fn round(span: Duration) -> f64 {
    (span.as_secs_f64() * 10_000.0).round() / 10.0
}

/// A stage in which the request ended lasted until then.
fn fill_timing(timing: &mut Timing, moments: &Moments, started: Instant, ended: Instant) {
    let between =
        |from: Option<Instant>, to: Option<Instant>| Some(round(to.unwrap_or(ended).checked_duration_since(from?)?));
    timing.dns = between(moments.dns_started, moments.dns_done);
    let looking = moments.dns_started.is_some() && moments.dns_done.is_none();
    let name_known = moments.dns_done.or(moments.connect_started).filter(|_| !looking);
    let name_failed = looking || (moments.name_failed && moments.hello.or(moments.connected).is_none());
    if !name_failed {
        timing.connect = between(name_known, moments.hello.or(moments.connected));
    }
    timing.tls = between(moments.hello, moments.connected);
    timing.total = Some(round(ended - started));
}
