//! `ruta models`.

use super::args::ModelsArgs;
use super::output::Problem;

/// Runs the command and returns the exit code.
pub(super) fn run(_args: &ModelsArgs) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}
