//! `ruta connections`.

use super::args::ConnectionsArgs;
use super::output::Problem;
use crate::connection::Connection;

/// Runs the command and returns the exit code.
pub(super) fn run(_args: &ConnectionsArgs) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}

/// Offers to save what was just examined, at a terminal: asks for a name, saves the values, puts the key into the keyring.
#[expect(clippy::unnecessary_wraps, reason = "saving may fail")]
pub(super) fn offer(_connection: &Connection) -> Result<(), Problem> {
    Ok(())
}
