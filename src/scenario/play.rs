//! Sends one answer of a scenario, with the fault that it is to show.

use std::io;
use std::time::Duration;

use http::StatusCode;
use tokio::time::sleep;

use super::answer::{Answer, Canned, Fault};
use super::canned::{self, Ready};
use super::link::Link;
use super::request::Request;

/// Bytes of the header of `huge-head`: more than any client takes.
const HUGE: usize = 600_000;

/// An answer whose texts are final.
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    /// Pieces of the body that are sent apart.
    parts: Vec<Vec<u8>>,
    gap: Duration,
    delay: Duration,
    drip: Duration,
    fault: Option<Fault>,
    chunked: bool,
    head_only: bool,
}

impl Reply {
    /// The answer that no row gives.
    pub(super) fn no_such_path(request: &Request) -> Self {
        Self::of(&Answer { canned: Some(Canned::Error), ..Answer::default() }, request, None, str::to_owned)
    }

    /// What this row says to this request. `model` stands in when the request names none.
    pub(super) fn of(row: &Answer, request: &Request, model: Option<&str>, fill: impl Fn(&str) -> String) -> Self {
        let asked = serde_json::from_slice::<serde_json::Value>(&request.body).unwrap_or_default();
        let model = asked.get("model").and_then(|value| value.as_str()).or(model).unwrap_or("gpt-5.5");
        let canned = match row.canned {
            None => Ready::json(echo(&fill(row.body.as_deref().unwrap_or_default()), request)),
            Some(Canned::Models) => Ready::json(canned::models(&row.ids, row.count)),
            Some(canned) => canned::answer(canned, model, &asked),
        };
        let chunked = canned.streams || row.event_ms.is_some();
        let parts = if chunked { split_events(&canned.body) } else { vec![canned.body] };
        let usual = canned.kind;
        let mut headers: Vec<_> = row.headers.iter().map(|(name, value)| (name.to_lowercase(), fill(value))).collect();
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".to_owned(), usual.to_owned()));
        }
        let status = row.status.unwrap_or(if row.canned == Some(Canned::Error) { 404 } else { 200 });
        Self {
            status,
            headers,
            parts,
            gap: Duration::from_millis(row.event_ms.unwrap_or(5)),
            delay: Duration::from_millis(row.delay_ms),
            drip: Duration::from_millis(row.drip_ms.unwrap_or(100)),
            fault: row.fault,
            chunked,
            head_only: request.method == "HEAD" || status == 204 || status == 304,
        }
    }

    fn body(&self) -> Vec<u8> {
        self.parts.concat()
    }

    fn head(&self) -> Vec<u8> {
        let reason =
            StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        let mut add = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        for (name, value) in &self.headers {
            add(name, value);
        }
        if self.fault == Some(Fault::NotGzip) {
            add("content-encoding", "gzip");
        }
        if self.fault == Some(Fault::HugeHead) {
            add("x-huge", &"a".repeat(HUGE));
        }
        let chunked =
            self.chunked || matches!(self.fault, Some(Fault::BadChunk | Fault::CutChunk | Fault::EndlessBody));
        let own_length = self.headers.iter().any(|(name, _)| name == "content-length");
        if self.fault == Some(Fault::NoLength) {
            add("connection", "close");
        } else if chunked && self.framed_by_chunks() {
            add("transfer-encoding", "chunked");
        } else if !own_length && !self.head_only {
            add("content-length", &self.body().len().to_string());
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Half bodies are promised by `content-length`, so that the missing half shows.
    fn framed_by_chunks(&self) -> bool {
        !matches!(self.fault, Some(Fault::HalfBody | Fault::StallBody | Fault::Drip | Fault::NotGzip))
    }

    /// Sends the answer. Gives the connection back if it may serve another request.
    ///
    /// # Errors
    /// Whatever the socket says, usually that the client went away.
    pub(super) async fn send(self, mut link: Link) -> io::Result<Option<Link>> {
        sleep(self.delay).await;
        let (head, body) = (self.head(), self.body());
        let (head_half, body_half) = (head.get(..head.len() / 2), body.get(..body.len() / 2).unwrap_or_default());
        match self.fault {
            Some(Fault::ResetBeforeHead) => return link.reset().map(|()| None),
            Some(Fault::CloseBeforeHead) => return link.finish().await.map(|()| None),
            Some(Fault::Hang) => {
                link.hang().await;
                return Ok(None);
            }
            Some(Fault::HalfHead) => {
                link.write(head_half.unwrap_or_default()).await?;
                return link.cut().await.map(|()| None);
            }
            Some(Fault::NoHead) => {
                link.write(&body).await?;
                return link.finish().await.map(|()| None);
            }
            _ => link.write(&head).await?,
        }
        match self.fault {
            Some(Fault::HalfBody) => {
                link.write(body_half).await?;
                return link.cut().await.map(|()| None);
            }
            Some(Fault::ResetBody) => {
                link.write(body_half).await?;
                return link.reset().map(|()| None);
            }
            Some(Fault::StallBody) => {
                link.write(body_half).await?;
                link.hang().await;
                return Ok(None);
            }
            Some(Fault::BadChunk) => {
                link.write(&[b"zz\r\n", body.as_slice(), b"\r\n0\r\n\r\n"].concat()).await?;
                return link.finish().await.map(|()| None);
            }
            Some(Fault::CutChunk) => {
                link.write(&[format!("{:x}\r\n", body.len()).as_bytes(), body_half].concat()).await?;
                return link.cut().await.map(|()| None);
            }
            Some(Fault::EndlessBody) => loop {
                link.write(&chunk(if body.is_empty() { b" " } else { &body })).await?;
                tokio::task::yield_now().await;
            },
            Some(Fault::NoLength) => {
                link.write(&body).await?;
                return link.finish().await.map(|()| None);
            }
            Some(Fault::Drip) => {
                for byte in body {
                    link.write(&[byte]).await?;
                    sleep(self.drip).await;
                }
            }
            _ if self.head_only => {}
            _ if self.chunked && self.framed_by_chunks() => {
                for part in self.parts.iter().filter(|part| !part.is_empty()) {
                    link.write(&chunk(part)).await?;
                    sleep(self.gap).await;
                }
                link.write(b"0\r\n\r\n").await?;
            }
            _ => link.write(&body).await?,
        }
        Ok(Some(link))
    }
}

/// The events of a stream, each with the blank line that ends it.
fn split_events(body: &[u8]) -> Vec<Vec<u8>> {
    String::from_utf8_lossy(body).split_inclusive("\n\n").map(|part| part.as_bytes().to_vec()).collect()
}

/// Repeats what servers like to repeat.
fn echo(text: &str, request: &Request) -> String {
    let parts = [
        ("{method}", request.method.as_str()),
        ("{path}", &request.path),
        ("{key}", request.key().unwrap_or_default()),
    ];
    parts.iter().fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
}

fn chunk(part: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()
}
