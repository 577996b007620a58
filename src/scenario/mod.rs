//! Describes servers with a fault and the cause to be found there (the scenario files), and plays them on the loopback interface.

use std::collections::BTreeMap;

use serde::Deserialize;

mod answer;
mod canned;
mod certificate;
mod error;
mod link;
mod listener;
mod play;
mod proxy;
mod request;
mod server;
mod socks;
mod stage;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_tls;

pub use answer::{Answer, Canned, Fault, KeyMatch};
pub use error::ScenarioError;
pub use proxy::{Proxy, ProxyMode};
pub use server::Server;
pub use stage::{Place, Received};

/// One scenario file: what the user entered, what the server does, and what the doctor must say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What is wrong, as a short statement for people.
    pub title: String,
    /// The cause code that must be found.
    pub cause: String,
    /// The outcome that must be reported.
    pub outcome: Outcome,
    /// The exit code: 0, 1 or 75.
    pub exit: u8,
    /// Further cause codes that must appear among the lesser findings.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The corrected value that the report must suggest, if the scenario insists on one; may hold placeholders.
    pub suggestion: Option<String>,
    /// The real key must never leave the program in this scenario.
    #[serde(default)]
    pub key_stays: bool,
    /// The base URL as the user wrote it; may hold placeholders, see [`Server::fill`]. Absent: none given.
    pub url: Option<String>,
    /// Real host names that the server stands in for, each `name` or `name:port`; may hold placeholders.
    #[serde(default, deserialize_with = "one_or_many")]
    pub host: Vec<String>,
    /// The key as the user wrote it. Absent: none given.
    pub key: Option<String>,
    /// The model ID as the user wrote it. Absent: none given.
    pub model: Option<String>,
    /// Further arguments of `ruta doctor`; may hold placeholders.
    #[serde(default)]
    pub args: Vec<String>,
    /// Further environment variables; the values may hold placeholders.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How the server speaks TLS. Absent: plain HTTP.
    pub tls: Option<Tls>,
    /// What happens to a TCP connection before any request.
    #[serde(default)]
    pub listen: Listen,
    /// The names of `host` have an IPv6 address too, and there this happens. Absent: they have only an IPv4 address.
    pub ipv6: Option<Listen>,
    /// What the server answers; the first row that fits wins.
    #[serde(default)]
    pub answer: Vec<Answer>,
    /// A second server, another origin.
    pub other: Option<Other>,
    /// An HTTP proxy in front of both.
    pub proxy: Option<Proxy>,
}

/// What the doctor must conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing is wrong.
    Works,
    /// The model answers, but something deserves a word.
    WorksWithWarnings,
    /// The connection cannot be used as it is.
    Broken,
    /// Nothing failed, but the model was not heard.
    Inconclusive,
}

impl Outcome {
    /// The name used in reports, e.g. `works-with-warnings`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::WorksWithWarnings => "works-with-warnings",
            Self::Broken => "broken",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// How a server behaves as a TLS peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// A valid certificate of the throw-away CA.
    Good,
    /// Valid until 2021-01-01.
    Expired,
    /// Valid from 2090-01-01.
    NotYetValid,
    /// Names `api.other.test` and `*.other.test` only.
    WrongHost,
    /// Self-signed with CA:TRUE, as `openssl req -x509` makes; not given to the doctor.
    SelfSigned,
    /// The same, but the doctor gets it with `--cacert`.
    SelfSignedTrusted,
    /// Of a CA that the doctor does not know.
    UnknownCa,
    /// Of an unknown CA that is named like a company's intercepting proxy.
    Intercepted,
    /// A valid certificate, but the server insists on one of the client.
    ClientCertificate,
    /// Answers the first message with the alert `handshake_failure`.
    Alert,
    /// Answers the first message with the alert `protocol_version`.
    OldVersion,
    /// Resets the connection after the first message.
    Reset,
    /// Closes the connection after the first message.
    Close,
    /// Never answers the first message.
    Silent,
    /// Serves plain HTTP although the URL says https.
    Plain,
}

/// What happens to a TCP connection before any request is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listen {
    /// It is served.
    #[default]
    Yes,
    /// Nothing listens on the port: refused. The port stays taken, so that no other program gets it.
    No,
    /// The accept queue is full: connecting never ends.
    Full,
    /// Reset right after it is accepted.
    Reset,
    /// Closed right after it is accepted.
    Close,
    /// Accepted, then nothing.
    Silent,
    /// Greeted with the banner of an SSH server.
    Ssh,
    /// Served with TLS, although the URL says http.
    Tls,
}

/// A second server at another origin, reachable as `{other}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Real host names that this server stands in for, each `name` or `name:port`.
    #[serde(default, deserialize_with = "one_or_many")]
    pub host: Vec<String>,
    /// The real key must never come here.
    #[serde(default)]
    pub key_stays: bool,
    /// How it speaks TLS. Absent: plain HTTP.
    pub tls: Option<Tls>,
    /// What happens to a TCP connection before any request.
    #[serde(default)]
    pub listen: Listen,
    /// What it answers; the first row that fits wins.
    #[serde(default)]
    pub answer: Vec<Answer>,
}

impl Scenario {
    /// Reads a scenario from the text of its file.
    ///
    /// # Errors
    /// [`ScenarioError::Syntax`] for bad TOML, unknown or missing fields; [`ScenarioError::Meaning`] for values that do not go together.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Syntax(Box::new(error)))?;
        scenario.check().map_err(ScenarioError::Meaning)?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), String> {
        let exit_fits = match self.outcome {
            Outcome::Works | Outcome::WorksWithWarnings => self.exit == 0,
            Outcome::Broken => self.exit == 1 || self.exit == 75,
            Outcome::Inconclusive => self.exit == 1,
        };
        if !exit_fits {
            return Err(format!("exit {} does not go with outcome {}", self.exit, self.outcome.name()));
        }
        if (self.outcome == Outcome::Works) != (self.cause == "ok") && self.outcome != Outcome::Inconclusive {
            return Err(format!("cause {} does not go with outcome {}", self.cause, self.outcome.name()));
        }
        let others = self.other.iter().flat_map(|other| other.answer.iter().enumerate());
        let rows =
            self.answer.iter().enumerate().map(|row| ("answer", row)).chain(others.map(|row| ("other.answer", row)));
        for (place, (index, row)) in rows {
            row.check().map_err(|text| format!("{place} {}: {text}", index + 1))?;
        }
        let texts = self.url.iter().chain(&self.args).chain(self.env.values());
        let (other, proxy) = (self.other.is_some(), self.proxy.is_some());
        for (placeholder, given) in [("{other}", other), ("{proxy}", proxy), ("{proxy_address}", proxy)] {
            if !given && texts.clone().any(|text| text.contains(placeholder)) {
                return Err(format!("{placeholder} is used, but there is no such table"));
            }
        }
        Ok(())
    }

    /// The arguments after `ruta doctor` that make it meet this scenario: `--url`, `--model`, `--connect-to`, `--cacert` and the
    /// scenario's own. The key is not among them, see [`Scenario::environment`].
    #[must_use]
    pub fn doctor_arguments(&self, server: &Server) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut add = |flag: &str, value: String| arguments.extend([flag.to_owned(), value]);
        if let Some(url) = &self.url {
            add("--url", server.fill(url));
        }
        if let Some(model) = &self.model {
            add("--model", model.clone());
        }
        let other = self.other.iter().flat_map(|o| o.host.iter().map(|host| (host, o.tls, server.other_address())));
        let hosts = self.host.iter().map(|host| (host, self.tls, Some(server.address()))).chain(other);
        for (host, tls, address) in hosts {
            let host = server.fill(host);
            let usual = if tls.is_some() { "443" } else { "80" };
            let (name, port) = host.rsplit_once(':').unwrap_or((host.as_str(), usual));
            if let Some(address) = address {
                if self.ipv6.is_some() && address == server.address() {
                    add("--connect-to", format!("{name}:{port}:[::1]:{}", address.port()));
                }
                add("--connect-to", format!("{name}:{port}:{}:{}", address.ip(), address.port()));
            }
        }
        if let Some(path) = server.ca_file() {
            add("--cacert", path.display().to_string());
        }
        arguments.extend(self.args.iter().map(|argument| server.fill(argument)));
        arguments
    }

    /// The environment variables that `ruta doctor` gets: `RUTA_API_KEY` with the key, if there is one, and the scenario's own.
    #[must_use]
    pub fn environment(&self, server: &Server) -> Vec<(String, String)> {
        let key = self.key.iter().map(|key| ("RUTA_API_KEY".to_owned(), key.clone()));
        key.chain(self.env.iter().map(|(name, value)| (name.clone(), server.fill(value)))).collect()
    }

    /// The first of these requests that carried the key to where the scenario forbids it.
    #[must_use]
    pub fn leak<'a>(&self, received: &'a [Received]) -> Option<&'a Received> {
        let key = self.key.as_deref().map(str::trim).filter(|key| !key.is_empty())?;
        let other_forbids = self.other.as_ref().is_some_and(|other| other.key_stays);
        let forbidden = |request: &&Received| self.key_stays || (other_forbids && request.place == Place::Other);
        received.iter().filter(forbidden).find(|request| request.carries(key))
    }
}

/// Lets a file write `host = "a"` for the usual case of one.
fn one_or_many<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(input)? {
        OneOrMany::One(text) => vec![text],
        OneOrMany::Many(texts) => texts,
    })
}
