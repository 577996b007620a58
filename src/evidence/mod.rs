//! What was asked and what came back: plain facts that hold no secret and can be saved and judged again.

pub mod answer;
pub mod events;
pub mod failure;
pub mod haystack;
pub mod list;
pub mod loose;
pub mod media;
mod page;
pub mod pasted;
pub mod reading;
pub mod record;
mod reply;
pub mod row;

use serde::{Deserialize, Serialize};

use crate::connection::key::KeyFacts;
use answer::Answer;
use failure::Failure;

/// The names of all checks that can be asked for, in the order of the run.
pub const CHECKS: &[&str] = &[
    "models",
    "chat",
    "stream",
    "tools",
    "parameters",
    "structured",
    "embeddings",
    "speech",
    "transcription",
    "images",
    "responses",
    "messages",
];

/// The version of the evidence's layout; a record of another version is not read.
pub const SCHEMA: u32 = 1;

/// Why the stream was not asked by itself: the request with tools was streamed and went well.
pub const SAME_REQUEST: &str = "in the same request as the tools";

/// How the evidence came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// Whether everything was asked for: what the client does not need is then told, not judged.
    #[serde(default)]
    pub full: bool,
    /// Whether ruta ran in a container, where `localhost` is the container itself.
    #[serde(default)]
    pub in_container: bool,
    /// Whether the client runs in a container, where `localhost` is that container and not this machine.
    #[serde(default)]
    pub client_in_container: bool,
    /// Whether the server listens on this machine's loopback only, where a container does not reach it.
    #[serde(default)]
    pub loopback_only: bool,
    /// Whether the values come from the client's own settings.
    #[serde(default)]
    pub found: bool,
    /// Whether the models are set by hand in the client, so that it never asks for the list.
    #[serde(default)]
    pub models_by_hand: bool,
    /// Where nothing could be asked from here: what to do about it, and why.
    #[serde(default)]
    pub out_of_reach: Option<String>,
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
    /// Whether nobody said which client it is, so that the usual one is assumed.
    #[serde(default)]
    pub client_assumed: bool,
    /// What flags changed on the way to the server.
    #[serde(default)]
    pub way: Way,
}

/// What flags changed on the way to the server, as curl takes them too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Way {
    /// The file of `--cacert`, as it was given.
    #[serde(default)]
    pub cacert: Option<String>,
    /// Each `--connect-to`, as curl reads it.
    #[serde(default)]
    pub connect_to: Vec<String>,
    /// Whether a flag kept the proxies of the environment away.
    #[serde(default)]
    pub direct: bool,
}

/// A wait for a server that was starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Waited {
    /// From the first examination to the start of this one, in milliseconds.
    pub ms: u64,
    /// Examinations before this one.
    pub tries: u32,
}

/// A proxy setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProxyFacts {
    /// The proxy's URL without credentials.
    pub url: String,
    /// The variable or flag that set it.
    pub source: String,
    /// Whether the variable has no scheme, such as `http://`, in front.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bare: bool,
}

/// Which key a request carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The URL, passwords taken out.
    pub url: String,
    /// Size of the request's body in bytes.
    pub bytes: usize,
    /// The request's body, which ruta wrote itself.
    #[serde(default)]
    pub body: Option<String>,
    /// When it was sent (UTC, RFC 3339).
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// Which key it carried.
    pub key: KeySent,
    /// How the key was sent: `bearer`, `x-api-key`, `api-key`, `api-key and bearer`.
    #[schemars(extend("enum" = ["bearer", "x-api-key", "api-key", "api-key and bearer"]))]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// The IP address of the server that answered, or those that its name has; absent behind a proxy.
    #[serde(default)]
    pub address: Option<String>,
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
            address: None,
        }
    }

    /// Whether something was sent.
    pub fn ran(&self) -> bool {
        self.request.is_some() || self.answer.is_some()
    }
}

/// All that is known of one connection after an examination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// Version of the evidence's layout, [`SCHEMA`].
    #[schemars(description = "Version of the evidence's layout.", extend("const" = 1))]
    pub schema: u32,
    /// The version of ruta that gathered it.
    pub ruta: String,
    /// The system that ruta ran on, such as `linux x86_64`.
    #[serde(default)]
    pub platform: Option<String>,
    /// When the examination began (UTC, RFC 3339).
    #[schemars(extend("format" = "date-time"))]
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Whether names and addresses of the user's side were masked.
    #[serde(default)]
    pub anonymized: bool,
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
