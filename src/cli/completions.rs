//! `ruta completions`: what a shell needs to complete commands and flags.

use super::args::CompletionsArgs;
use super::output::{self, Problem};

/// Runs the command and returns the exit code.
pub(super) fn run(args: &CompletionsArgs) -> Result<u8, Problem> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "ruta", &mut text);
    output::write(&String::from_utf8_lossy(&text), None).map(|()| 0)
}
