//! One row of a scenario's script: which requests it fits and what is sent back.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::request::Request;

/// A row of the script. Every condition given must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The method, e.g. `POST`.
    pub method: Option<String>,
    /// The exact path, without the query.
    pub path: Option<String>,
    /// The beginning of the path.
    pub path_starts: Option<String>,
    /// What was sent as the key.
    pub key: Option<KeyMatch>,
    /// The exact key that was sent, when it is not the scenario's own (a corrected one, say).
    pub key_is: Option<String>,
    /// Texts that all occur in the request body.
    #[serde(default)]
    pub body_has: Vec<String>,
    /// Texts that all occur in the query.
    #[serde(default)]
    pub query_has: Vec<String>,
    /// Headers that were all sent: `name`, or `name: text` for a value that contains the text (case does not matter).
    #[serde(default)]
    pub header_has: Vec<String>,
    /// The row serves only so many fitting requests.
    pub times: Option<u32>,
    /// A canned answer instead of `body`.
    #[serde(rename = "use")]
    pub canned: Option<Canned>,
    /// The model IDs of the canned list.
    #[serde(default)]
    pub ids: Vec<String>,
    /// So many more invented model IDs for the canned list.
    #[serde(default)]
    pub count: usize,
    /// The HTTP status; 200 if absent.
    pub status: Option<u16>,
    /// Headers, added to (or instead of) `content-type: application/json`, `content-length` and the like. Values may hold placeholders.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; may hold placeholders, and `{method}`, `{path}` and `{key}` as they were received.
    pub body: Option<String>,
    /// Milliseconds to wait before the head is sent.
    #[serde(default)]
    pub delay_ms: u64,
    /// Sends the body event by event (parts that end in a blank line), so many milliseconds apart, in chunks. Canned streams: 5.
    pub event_ms: Option<u64>,
    /// What goes wrong while the answer is sent.
    pub fault: Option<Fault>,
    /// Milliseconds between the bytes of `fault = "drip"`; 100 if absent.
    pub drip_ms: Option<u64>,
}

/// What a request carried as its key, compared with the scenario's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyMatch {
    /// The scenario's key, in whichever header.
    Right,
    /// No key at all.
    None,
    /// A key, but not the scenario's.
    Other,
}

/// Answers that need not be written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Canned {
    /// A list of `ids`, in the usual shape.
    Models,
    /// A chat completion.
    Chat,
    /// A chat completion as an event stream, closed by `[DONE]`.
    Stream,
    /// The one or the other, as the request asks.
    ChatOrStream,
    /// A chat completion of a model that can do all that is asked of it: stream, call a tool that it is made to call,
    /// answer in JSON.
    Capable,
    /// A vector.
    Embeddings,
    /// A short sound.
    Speech,
    /// A transcript.
    Transcription,
    /// A picture, as data.
    Images,
    /// An answer of the Responses API, streamed if the request asks for it.
    Responses,
    /// An answer of the Messages API, streamed if the request asks for it.
    Messages,
    /// The default error of a path that does not exist, with status 404.
    Error,
}

/// What goes wrong while an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// TCP reset instead of an answer.
    ResetBeforeHead,
    /// Closed without an answer.
    CloseBeforeHead,
    /// No answer, and the connection stays open.
    Hang,
    /// Closed in the middle of the head.
    HalfHead,
    /// `content-length` of the whole body, half of it sent, then closed (under TLS without `close_notify`).
    HalfBody,
    /// Half the body, then a TCP reset.
    ResetBody,
    /// The body byte by byte.
    Drip,
    /// A chunk whose size is no number.
    BadChunk,
    /// Closed in the middle of a chunk.
    CutChunk,
    /// A header of 600 000 bytes.
    HugeHead,
    /// The body again and again, for as long as somebody reads.
    EndlessBody,
    /// Half the body, then nothing, and the connection stays open.
    StallBody,
    /// `content-encoding: gzip` on a body that is not.
    NotGzip,
    /// Neither `content-length` nor chunks: the body ends with the connection. Allowed, and some servers do it.
    NoLength,
    /// The body alone, without a head: what speaks here is not HTTP.
    NoHead,
}

impl Answer {
    /// Whether the fields of the row go together; otherwise what does not.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.canned.is_some() && self.body.is_some() {
            return Err("`use` and `body` exclude each other".to_owned());
        }
        if self.canned != Some(Canned::Models) && (self.count > 0 || !self.ids.is_empty()) {
            return Err("`ids` and `count` need use = \"models\"".to_owned());
        }
        if self.drip_ms.is_some() && self.fault != Some(Fault::Drip) {
            return Err("`drip_ms` needs fault = \"drip\"".to_owned());
        }
        if self.status.is_some_and(|status| !(200..1000).contains(&status)) {
            return Err("`status` must lie between 200 and 999".to_owned());
        }
        if self.path.as_ref().is_some_and(|path| !path.starts_with('/') || path.contains('?')) {
            return Err("`path` starts with / and has no query".to_owned());
        }
        Ok(())
    }

    /// Whether the row answers this request. `key` is the scenario's.
    pub(super) fn fits(&self, request: &Request, key: Option<&str>) -> bool {
        let sent = request.key();
        let key_fits = self.key.is_none_or(|wanted| match wanted {
            KeyMatch::Right => sent.is_some() && sent == key.map(str::trim),
            KeyMatch::None => sent.is_none(),
            KeyMatch::Other => sent.is_some() && sent != key.map(str::trim),
        });
        let body = String::from_utf8_lossy(&request.body);
        let query = request.query.as_deref().unwrap_or_default();
        key_fits
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.path.as_ref().is_none_or(|path| *path == request.path)
            && self.path_starts.as_ref().is_none_or(|start| request.path.starts_with(start))
            && self.key_is.as_ref().is_none_or(|wanted| sent == Some(wanted.as_str()))
            && self.body_has.iter().all(|text| body.contains(text))
            && self.query_has.iter().all(|text| query.contains(text))
            && self.header_has.iter().all(|rule| header_fits(rule, request))
    }
}

fn header_fits(rule: &str, request: &Request) -> bool {
    match rule.split_once(':') {
        None => request.header(rule.trim()).is_some(),
        Some((name, text)) => {
            request.header(name).is_some_and(|value| value.to_lowercase().contains(&text.trim().to_lowercase()))
        }
    }
}
