//! The command line: the only place that prints, reads the environment or exits.

mod args;
mod demo;
mod doctor;
mod environment;
mod explain;
mod output;
mod replay;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use output::Problem;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error, &arguments),
    };
    let done = match cli.command {
        Command::Doctor(args) => doctor::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Demo(args) => demo::run(&args),
    };
    match done {
        Ok(code) | Err(Problem::Quiet(code)) => ExitCode::from(code),
        Err(Problem::Said(message)) => output::complain(&message),
    }
}
