//! `ruta keys`.

use super::args::KeyArgs;
use super::output::Problem;

/// Runs the command and returns the exit code.
pub(super) fn run(_args: &KeyArgs) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}
