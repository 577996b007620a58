//! What was asked and what came back: plain facts that hold no secret and can be saved and judged again.

pub mod answer;
pub mod events;
pub mod failure;
pub mod haystack;
pub mod list;
pub mod loose;
mod page;
pub mod pasted;
pub mod reading;
pub mod record;
mod reply;

use serde::{Deserialize, Serialize};

use crate::connection::key::KeyFacts;
use answer::Answer;
use failure::Failure;

/// The version of the evidence's layout; a record of another version is not read.
pub const SCHEMA: u32 = 1;

/// Why the stream was not asked by itself: the request with tools was streamed and went well.
pub const SAME_REQUEST: &str = "in the same request as the tools";

/// How the evidence came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// `ruta doctor` asked the server itself.
    Examined,
    /// An answer that somebody saw elsewhere, with the values that were used.
    Told,
    /// An answer that somebody saw elsewhere, and nothing is known of the values.
    Pasted,
}

impl Origin {
    /// Whether ruta did not ask itself.
    pub fn elsewhere(self) -> bool {
        self != Self::Examined
    }
}

/// The three values and the circumstances, without any secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The base URL as written, passwords taken out.
    pub base_url: Option<String>,
    /// What may be said of the key.
    pub key: Option<KeyFacts>,
    /// The model ID as written.
    pub model: Option<String>,
    /// The client that will use the values.
    pub client: String,
    /// Time limit for one request, in seconds.
    pub timeout_s: f64,
    /// Time limit for name, connection and TLS, in seconds.
    pub connect_timeout_s: f64,
    /// Names of the extra headers.
    pub headers: Vec<String>,
    /// The proxy that applied to the base URL, credentials taken out, and where the setting came from.
    pub proxy: Option<ProxyFacts>,
    /// What is wrong with the proxy settings of the environment, in sentences.
    #[serde(default)]
    pub proxy_remarks: Vec<String>,
    /// The checks that were asked for.
    #[serde(default)]
    pub wanted: Vec<String>,
    /// Whether ruta ran in a container, where `localhost` is the container itself.
    #[serde(default)]
    pub in_container: bool,
    /// Why the key was not sent to the host of the base URL, if it was not.
    pub key_withheld: Option<String>,
    /// The name under which the connection is saved, or its place where it was found.
    #[serde(default)]
    pub name: Option<String>,
    /// What is to be said of where the values come from, in sentences.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// How long the server was waited for before this examination, if it was.
    #[serde(default)]
    pub waited: Option<Waited>,
}

/// A wait for a server that was starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// From the first examination to the start of this one, in milliseconds.
    pub ms: u64,
    /// Examinations before this one.
    pub tries: u32,
}

/// A proxy setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyFacts {
    /// The proxy's URL without credentials.
    pub url: String,
    /// The variable or flag that set it.
    pub source: String,
}

/// Which key a request carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeySent {
    /// The user's own.
    Own,
    /// The user's own without what a copy brought along (quotes, spaces, "Bearer").
    Cleaned,
    /// None at all.
    None,
    /// A made-up one.
    MadeUp,
}

/// What one request was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The URL, passwords taken out.
    pub url: String,
    /// Size of the request's body in bytes.
    pub bytes: usize,
    /// When it was sent (UTC, RFC 3339).
    pub at: String,
    /// Which key it carried.
    pub key: KeySent,
    /// How the key was sent: `bearer`, `x-api-key`, `api-key`.
    pub auth: String,
    /// The API root that this request was made for.
    pub root: String,
    /// What differs from the first request of its kind, such as `max_completion_tokens`.
    pub variant: Option<String>,
    /// Whether events were asked for.
    #[serde(default)]
    pub streamed: bool,
}

/// How long the stages took, in milliseconds; a stage that was not needed (reused connection, no TLS) is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Looking up the name.
    pub dns: Option<f64>,
    /// Opening the connection, proxy included.
    pub connect: Option<f64>,
    /// The TLS handshake.
    pub tls: Option<f64>,
    /// From the start to the first byte of the answer.
    pub first_byte: Option<f64>,
    /// From the start to the end.
    pub total: Option<f64>,
}

impl Timing {
    /// The stages that were needed and how long each took, on one line: `name 1 ms, connect 12 ms, total 95 ms`.
    #[must_use]
    pub fn describe(&self) -> String {
        let stages = [
            ("name", self.dns),
            ("connect", self.connect),
            ("TLS", self.tls),
            ("first byte", self.first_byte),
            ("total", self.total),
        ];
        let taken = stages.iter().filter_map(|(name, time)| Some(format!("{name} {}", span((*time)?))));
        taken.collect::<Vec<_>>().join(", ")
    }
}

/// What one check sent and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The check's name, such as `models` or `chat`.
    pub check: String,
    /// What was sent; absent if the check was skipped.
    pub request: Option<Request>,
    /// What came back.
    pub answer: Option<Answer>,
    /// Why nothing (complete) came back.
    pub failure: Option<Failure>,
    /// Why nothing was sent.
    pub skipped: Option<String>,
    /// How long it took.
    pub timing: Timing,
}

impl Observation {
    /// A check that was not run, and why.
    pub fn skipped(check: &str, because: impl Into<String>) -> Self {
        Self {
            check: check.to_owned(),
            request: None,
            answer: None,
            failure: None,
            skipped: Some(because.into()),
            timing: Timing::default(),
        }
    }

    /// Whether something was sent.
    pub fn ran(&self) -> bool {
        self.request.is_some() || self.answer.is_some()
    }
}

/// All that is known of one connection after an examination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// [`SCHEMA`] when it was written.
    pub schema: u32,
    /// The version of ruta that gathered it.
    pub ruta: String,
    /// When the examination began (UTC, RFC 3339).
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Examined here or told by somebody.
    pub origin: Origin,
    /// The three values.
    pub target: Target,
    /// What was seen, in order.
    pub observations: Vec<Observation>,
}

impl Evidence {
    /// The last observation of this check that was run.
    pub fn of(&self, check: &str) -> Option<&Observation> {
        self.observations.iter().rev().find(|seen| seen.check == check && seen.ran())
    }
}

/// A span of milliseconds as people read it: `12 ms`, `0.8 s`, `12 s`.
pub fn span(milliseconds: f64) -> String {
    if milliseconds < 100.0 {
        format!("{milliseconds:.0} ms")
    } else if milliseconds < 10_000.0 {
        format!("{:.1} s", milliseconds / 1000.0)
    } else {
        format!("{:.0} s", milliseconds / 1000.0)
    }
}
