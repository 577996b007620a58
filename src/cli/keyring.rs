//! The system's keyring, within a time limit: a mute keyring must not hold the program.

use std::fmt;

use crate::connection::key::ApiKey;
use crate::connection::saved::variable_for;

/// Why the keyring gave or took nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoKeyring(String);

impl NoKeyring {
    /// Whether there is no keyring at all, so that it holds no key either.
    #[expect(clippy::unused_self, reason = "there is only this reason so far")]
    pub(super) fn is_absent(&self) -> bool {
        true
    }

    /// The two other ways to give the key of this connection.
    pub(super) fn other_ways(name: &str) -> String {
        let variable = variable_for(name);
        format!(
            "There are two other ways to give the key:\n       a variable:     ruta connections edit {name} --key-env {variable}   (and export {variable}=…)\n       standard input: pass show {name} | ruta doctor {name} --key-stdin"
        )
    }
}

impl fmt::Display for NoKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn none<T>() -> Result<T, NoKeyring> {
    let why = match super::environment::get("RUTA_KEYRING") {
        Some(_) => "RUTA_KEYRING switches the keyring off",
        None => "there is no keyring here",
    };
    Err(NoKeyring(why.into()))
}

/// Whether there is a keyring.
pub(super) fn check() -> Result<(), NoKeyring> {
    none()
}

/// The key that the keyring holds for this connection, if it holds one.
pub(super) fn get(_name: &str) -> Result<Option<ApiKey>, NoKeyring> {
    none()
}

/// Keeps the key of this connection, instead of the one that is there.
pub(super) fn set(_name: &str, _key: &ApiKey) -> Result<(), NoKeyring> {
    none()
}

/// Takes the key of this connection out; whether there was one.
pub(super) fn remove(_name: &str) -> Result<bool, NoKeyring> {
    none()
}
