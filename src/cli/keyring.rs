//! The system's keyring, within a time limit: a mute keyring must not hold the program.

use std::fmt;

use crate::connection::key::ApiKey;

/// Why the keyring gave or took nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoKeyring(String);

impl fmt::Display for NoKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key that the keyring holds for this connection, if it holds one.
pub(super) fn get(_name: &str) -> Result<Option<ApiKey>, NoKeyring> {
    Err(NoKeyring("there is no keyring here".into()))
}
