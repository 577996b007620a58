//! `ruta settings`.

use super::args::SettingsArgs;
use super::output::Problem;

/// Runs the command and returns the exit code.
pub(super) fn run(_args: &SettingsArgs) -> Result<u8, Problem> {
    Err(Problem::Quiet(2))
}
