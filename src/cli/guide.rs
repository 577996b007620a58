//! The guided run: asks for the three values on a terminal, one after the other.

use super::args::{DoctorArgs, ValuesArgs};
use super::output::Problem;
use crate::connection::Connection;

/// Whether somebody sits at a terminal who gave nothing and can be asked.
pub(super) fn wanted(_args: &DoctorArgs) -> bool {
    false
}

/// Asks, examines, offers to save, and returns the exit code.
pub(super) fn run(_args: &DoctorArgs, _connection: Connection) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}

/// The connection with its address: asked for, where none was given and somebody can be asked.
pub(super) fn address(_args: &ValuesArgs, connection: Connection) -> Result<Connection, Problem> {
    Ok(connection)
}
