//! The command line: the only place that prints, reads the environment or exits.

mod args;
mod asking;
mod completions;
mod connections;
mod demo;
mod doctor;
mod environment;
mod explain;
mod guide;
mod import;
mod keyring;
mod keys;
mod models;
mod narrow;
mod output;
mod progress;
mod providers;
mod replay;
mod running;
mod saved;
mod settings;
mod values;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

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
        Command::Models(args) => models::run(&args),
        Command::Providers(args) => providers::run(&args),
        Command::Settings(args) => settings::run(&args),
        Command::Connections(args) => connections::run(&args),
        Command::Key(args) => keys::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Completions(args) => completions::run(&args),
    };
    match done {
        Ok(code) | Err(Problem::Quiet(code)) => ExitCode::from(code),
        Err(Problem::Said(message)) => output::complain(&message),
    }
}

/// The definition of the whole command line, for man pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}
