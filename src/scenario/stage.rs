//! The script of one listener: which row answers a request, and the record of what came in.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;

use super::answer::Answer;
use super::certificate::Identity;
use super::link::Link;
use super::listener;
use super::play::Reply;
use super::proxy::{self, Behind};
use super::request::{self, Request};
use super::{Listen, ProxyMode, Tls};

/// What servers say to bytes that are no HTTP request.
const NOT_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Which of a scenario's listeners a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The server itself.
    Main,
    /// The second origin.
    Other,
    /// The proxy.
    Proxy,
}

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Received {
    /// Where.
    pub place: Place,
    /// On which connection, counted from 1 over all places.
    pub connection: usize,
    /// Whether it came through TLS.
    pub tls: bool,
    /// The method; `CONNECT` only at the proxy.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query without the question mark.
    pub query: Option<String>,
    /// Names in lower case, in the order sent, `authorization` included.
    pub headers: Vec<(String, String)>,
    /// The body, decoded from chunks if need be.
    pub body: Vec<u8>,
}

impl Received {
    /// The first header of this name (any case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the text occurs anywhere in the request: path, query, headers or body.
    #[must_use]
    pub fn carries(&self, text: &str) -> bool {
        let mut texts = [Some(&self.path), self.query.as_ref()]
            .into_iter()
            .flatten()
            .chain(self.headers.iter().map(|(_, value)| value));
        texts.any(|part| part.contains(text)) || String::from_utf8_lossy(&self.body).contains(text)
    }
}

/// What the threads share.
#[derive(Default)]
pub(super) struct Log {
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
}

impl Log {
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The script of one listener.
pub(super) struct Stage {
    pub place: Place,
    pub listen: Listen,
    pub tls: Option<Tls>,
    pub identity: Option<Identity>,
    pub proxy: Option<(ProxyMode, Behind)>,
    /// The rows, and how often each has served.
    pub answers: Vec<(Answer, AtomicU32)>,
    pub key: Option<String>,
    pub model: Option<String>,
    pub fill: Fill,
    pub log: Arc<Log>,
}

/// What placeholders stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Fill(pub Vec<(&'static str, String)>);

impl Fill {
    pub(super) fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
    }
}

/// Serves whoever connects, for as long as the runtime lives.
pub(super) async fn accept(listener: TcpListener, stage: Arc<Stage>) {
    loop {
        // A connection that was reset while it waited is an error here, and no reason to stop.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let number = stage.log.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let stage = Arc::clone(&stage);
        tokio::spawn(async move {
            let config = stage.identity.as_ref().map(|identity| Arc::clone(&identity.config));
            if let Ok(Some(link)) = listener::welcome(stream, stage.listen, stage.tls, config).await {
                // A client that goes away is the client's affair.
                let _gone = stage.serve(link, number).await;
            }
        });
    }
}

impl Stage {
    async fn serve(&self, mut link: Link, connection: usize) -> io::Result<()> {
        let tls = link.is_tls();
        if let Some((mode, behind)) = self.proxy {
            let config = self.identity.as_ref().map(|identity| Arc::clone(&identity.config));
            return proxy::serve(link, mode, behind, config, |request| self.note(request, connection, tls)).await;
        }
        let mut buffer = Vec::new();
        loop {
            let request = match request::read(&mut link, &mut buffer).await {
                Ok(Some(request)) => request,
                Ok(None) => break,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    link.write(NOT_HTTP).await?;
                    break;
                }
                Err(error) => return Err(error),
            };
            self.note(&request, connection, tls);
            let Some(rest) = self.reply(&request).send(link).await? else { return Ok(()) };
            link = rest;
            if !request.keeps_alive() {
                break;
            }
        }
        link.finish().await
    }

    fn note(&self, request: &Request, connection: usize, tls: bool) {
        let Request { method, path, query, headers, body, .. } = request.clone();
        let received = Received { place: self.place, connection, tls, method, path, query, headers, body };
        self.log.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    }

    fn reply(&self, request: &Request) -> Reply {
        let in_turn = |(row, served): &&(Answer, AtomicU32)| {
            row.fits(request, self.key.as_deref())
                && row.times.is_none_or(|times| served.fetch_add(1, Ordering::SeqCst) < times)
        };
        let row = self.answers.iter().find(in_turn);
        let fill = |text: &str| self.fill.apply(text);
        row.map_or_else(
            || Reply::no_such_path(request),
            |(row, _)| Reply::of(row, request, self.model.as_deref(), fill),
        )
    }
}
