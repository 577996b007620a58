//! Saved connections: the text of the file that keeps them, never with a key in it.

/// Where the key of a saved connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the system's keyring, under the connection's name.
    Keyring,
    /// In this environment variable.
    Variable(String),
    /// The server wants none.
    None,
}

/// One saved connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// The base URL.
    pub url: Option<String>,
    /// The model ID.
    pub model: Option<String>,
    /// The ID of the client that uses it.
    pub client: Option<String>,
    /// Where its key is.
    pub key: KeyPlace,
    /// Headers to send as well.
    pub headers: Vec<(String, String)>,
}
