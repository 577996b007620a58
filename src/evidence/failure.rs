//! Why no complete answer came: at which stage, and what exactly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The stage of a request at which it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Looking up the host's name.
    Name,
    /// Opening the connection.
    Connect,
    /// Talking to the proxy.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// Making and sending the request.
    Request,
    /// Waiting for the head of the answer.
    FirstByte,
    /// Reading the body.
    Body,
}

impl Stage {
    /// What was under way, after "while".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Name => "looking up the name",
            Self::Connect => "connecting",
            Self::Proxy => "talking to the proxy",
            Self::Tls => "setting up the encryption (TLS)",
            Self::Request => "sending the request",
            Self::FirstByte => "waiting for the first byte of the answer",
            Self::Body => "reading the body of the answer",
        }
    }
}

/// What happened, as told apart by the types of the libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it; each is described by the cause it leads to")]
pub enum Kind {
    NoSuchHost,
    NoResolver,
    Refused,
    Unreachable,
    ConnectTimeout,
    Reset,
    Closed,
    TlsUntrusted,
    TlsSelfSigned,
    TlsExpired,
    TlsNotYetValid,
    TlsWrongHost,
    TlsHandshake,
    TlsClientCertificate,
    PlainOnTlsUrl,
    TlsOnPlainUrl,
    NotHttp,
    Timeout,
    BodyTimeout,
    BodyCut,
    BodyGarbled,
    HeadTooLarge,
    TooLarge,
    ProxyUnreachable,
    ProxyNotFound,
    ProxyAuthRequired,
    ProxyRefused,
    CannotSend,
    Other,
}

/// Why no complete answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// What happened.
    pub kind: Kind,
    /// Where in the request.
    pub stage: Stage,
    /// The library's own words, scrubbed, on one line.
    pub detail: String,
    /// Further facts by name: `issuer`, `names`, `until`, `from`, `waited`, `said` (by a proxy).
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}
