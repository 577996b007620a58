//! `ruta key`: keys in the system's keyring, one for each saved connection.

use std::io::Write;

use super::args::KeyArgs;
use super::output::Problem;
use super::values;
use crate::connection::KeySource;
use crate::connection::key::{self, ApiKey, KeyFacts};
use crate::knowledge::provider;

/// Runs the command and returns the exit code.
pub(super) fn run(_args: &KeyArgs) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}

/// A key from standard input, with a warning if its text looks wrong; `flag` is named where that fails.
pub(super) fn piped(flag: &str) -> Result<ApiKey, Problem> {
    let key = values::read_key(flag)?;
    if let Some(problem) = facts(&key).problems.first() {
        let _ = writeln!(std::io::stderr(), "warning: the key {}; it is kept as it was given", problem.what);
    }
    Ok(key)
}

/// What may be said of a key.
pub(super) fn facts(key: &ApiKey) -> KeyFacts {
    key::read(key, KeySource::Typed, provider::key_prefixes())
}

/// The key as it may be shown: its public prefix and its length.
pub(super) fn described(key: &ApiKey) -> String {
    let facts = facts(key);
    let plural = if facts.length == 1 { "" } else { "s" };
    let length = format!("{} character{plural}", facts.length);
    if facts.prefix.is_empty() { length } else { format!("{}… ({length})", facts.prefix) }
}
