//! What the user configured, as written, mistakes included.

mod decode;
mod fault;
pub mod foreign;
pub mod key;
pub mod mask;
pub mod near;
pub mod place;
mod plain;
pub mod saved;
mod saved_edit;
pub mod scrub;
pub mod secretive;
pub mod url;
mod url_mend;
mod url_placeholder;

use key::ApiKey;

/// Where the API key came from; shown in reports, never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeySource {
    /// Standard input (`--key-stdin`).
    Stdin,
    /// The environment variable of this name.
    Env(String),
    /// The command line (`--key`), where other users of the machine can see it.
    CommandLine,
    /// The system's keyring, under the name of a saved connection.
    Keyring(String),
    /// A file with settings, such as `.env`.
    File(String),
    /// Typed in when asked for.
    Typed,
}

impl KeySource {
    /// How a report names the source.
    pub fn describe(&self) -> String {
        match self {
            Self::Stdin => "standard input".into(),
            Self::Env(name) | Self::File(name) => name.clone(),
            Self::CommandLine => "the command line".into(),
            Self::Keyring(_) => "the keyring".into(),
            Self::Typed => "the keyboard".into(),
        }
    }
}

/// The three values a client is given, and what else shapes its requests.
#[derive(Debug, Default)]
pub struct Connection {
    /// The name under which it is saved, or its place where it was found.
    pub name: Option<String>,
    /// The base URL as written.
    pub base_url: Option<String>,
    /// The key as written.
    pub key: Option<ApiKey>,
    /// Where the key came from.
    pub key_source: Option<KeySource>,
    /// The model ID as written.
    pub model: Option<String>,
    /// The client that will use these values (`open-webui` by default).
    pub client: String,
    /// Extra request headers as `(name, value)`; values are treated as secret.
    pub headers: Vec<(String, String)>,
    /// What is to be said of where the values come from, in sentences.
    pub remarks: Vec<String>,
    /// Where its client runs and what it is used for, as far as its settings tell.
    pub place: place::Place,
}
