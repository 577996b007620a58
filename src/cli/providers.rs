//! `ruta providers`.

use super::args::ProvidersArgs;
use super::output::Problem;

/// Runs the command and returns the exit code.
pub(super) fn run(_args: &ProvidersArgs) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}
