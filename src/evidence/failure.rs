//! Why no complete answer came: at which stage, and what exactly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The stage of a request at which it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Sending the request, waiting for the head of the answer.
    FirstByte,
    /// Reading the body.
    Body,
}

/// What happened, as told apart by the types of the libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    ProxyAuthRequired,
    ProxyRefused,
    CannotSend,
    Other,
}

/// Why no complete answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub kind: Kind,
    /// Where in the request.
    pub stage: Stage,
    /// The library's own words, scrubbed, on one line.
    pub detail: String,
    /// Further facts by name: `issuer`, `names`, `until`, `from`, `waited`.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}
