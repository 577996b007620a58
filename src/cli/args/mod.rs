//! The arguments, with curl's names where curl has one.

mod doctor;
mod more;
mod parse;
mod saved;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::examine::ask::ConnectTo;
use crate::knowledge::client::Client;
use parse::{ClientName, connect_to, header, seconds};

pub(super) use doctor::DoctorArgs;
pub(super) use more::{CompletionsArgs, DemoArgs, ExplainArgs, ModelsArgs, ProvidersArgs, ReplayArgs, SettingsArgs};
pub(super) use saved::{AddArgs, ConnectionsArgs, ConnectionsCommand, KeyArgs, KeyCommand};

/// Finds the one reason why an AI client does not connect.
#[derive(Debug, Parser)]
#[command(
    name = "ruta",
    version,
    about,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:
  ruta doctor                        asks for the three values, one after the other
  ruta doctor --url https://api.rutaapi.com/v1 --key-env MY_KEY --model MODEL
  ruta explain no-credits            what a cause means and what to do
  ruta demo                          watch it diagnose a built-in server, no account needed")]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Check a base URL, an API key and a model ID against the server
    Doctor(Box<DoctorArgs>),
    /// What a cause or a status means, or what an answer seen elsewhere means; no network
    Explain(Box<ExplainArgs>),
    /// Judge a recording again
    Replay(Box<ReplayArgs>),
    /// The IDs of the models, one a line
    Models(Box<ModelsArgs>),
    /// The known providers and servers, or one of them in full
    Providers(ProvidersArgs),
    /// What to enter in a client for a connection
    Settings(Box<SettingsArgs>),
    /// Save connections under a name, without their keys
    Connections(ConnectionsArgs),
    /// Keep keys in the system's keyring
    Key(KeyArgs),
    /// Play a faulty server on this machine and watch the doctor find the fault
    Demo(DemoArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// For programs: one object, or a list of them for several connections; docs/report.schema.json describes it
    Json,
    /// For a support desk: Markdown with all that they ask for, and never the key
    Ticket,
    /// For build servers: a test report
    Junit,
    /// For GitHub Actions: annotations, job summary and outputs
    Github,
    /// For Prometheus, through the textfile collector of its node exporter
    Prometheus,
}

/// What makes the exit code one of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    /// A connection that does not work
    Error,
    /// Warnings too
    Warning,
    /// Nothing: the exit code is 0 once the checks ran
    Never,
}

/// What every report command takes.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct OutputArgs {
    /// Form of the report
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(in crate::cli) format: Format,
    /// Write the report to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(in crate::cli) color: ColorChoice,
    /// Exit with 1 on warnings too: the same as --fail-on warning
    #[arg(long, conflicts_with = "fail_on")]
    pub(in crate::cli) strict: bool,
    /// What makes the exit code one of failure
    #[arg(long, value_enum, default_value = "error", value_name = "WHEN")]
    pub(in crate::cli) fail_on: FailOn,
    /// Mask names, addresses and folders of this machine, for posting in public
    #[arg(long)]
    pub(in crate::cli) anonymize: bool,
    /// Print the verdict line only
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
}

/// The three values, and where they come from: what every command that asks a server takes.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ValuesArgs {
    /// Base URL, exactly as it is given to the client
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// Model ID, exactly as it is given to the client
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) model: Option<String>,
    /// Take the key from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with_all = ["key_stdin", "key", "no_key"])]
    pub(in crate::cli) key_env: Option<String>,
    /// Read the key from standard input
    #[arg(long, conflicts_with_all = ["key", "no_key"])]
    pub(in crate::cli) key_stdin: bool,
    /// The key itself (other users of this machine can see it: prefer --key-env)
    #[arg(long, value_name = "KEY", conflicts_with = "no_key", allow_hyphen_values = true)]
    pub(in crate::cli) key: Option<String>,
    /// Send no key, whatever the environment holds
    #[arg(long)]
    pub(in crate::cli) no_key: bool,
    /// Send this header as well; its value is treated as a secret
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    pub(in crate::cli) headers: Vec<(String, String)>,
    /// The client that will use the values
    #[arg(long = "for", value_name = "CLIENT", value_parser = ClientName, hide_possible_values = true)]
    pub(in crate::cli) client: Option<&'static Client>,
}

/// Limits and the way to the server: what every command that asks a server takes.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct NetworkArgs {
    /// Longest time for one request, in seconds
    #[arg(long, value_name = "SECS", default_value = "30", value_parser = seconds, allow_negative_numbers = true)]
    pub(in crate::cli) timeout: Duration,
    /// Longest time for name, connection and TLS, in seconds
    #[arg(long, value_name = "SECS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(in crate::cli) connect_timeout: Duration,
    /// Use this proxy instead of those that the environment names ("" for none)
    #[arg(short = 'x', long, value_name = "URL")]
    pub(in crate::cli) proxy: Option<String>,
    /// Hosts to ask without a proxy, instead of `NO_PROXY`, separated by commas; * for all
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) noproxy: Option<String>,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) cacert: Option<PathBuf>,
    /// For requests to HOST1:PORT1 connect to HOST2:PORT2 instead
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = connect_to)]
    pub(in crate::cli) connect_to: Vec<ConnectTo>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Advice and notes must not name a command or a flag that does not exist.
    #[test]
    fn every_command_that_the_advice_names_exists() {
        use crate::knowledge::{advice::ADVICE, provider::SYSTEMS};
        let advice = ADVICE.iter().flat_map(|(_, words)| words.fix.iter().chain([&words.meaning]));
        let systems = SYSTEMS
            .iter()
            .flat_map(|system| system.notes.iter().chain(system.advice.iter().flat_map(|(_, lines)| lines.iter())));
        for text in advice.chain(systems) {
            for quoted in text.split('`').skip(1).step_by(2).filter(|quoted| quoted.starts_with("ruta ")) {
                let words: Vec<&str> =
                    quoted.split_whitespace().map(|word| word.split('=').next().unwrap_or(word)).collect();
                let command = Cli::command();
                let name = if words[0] == "ruta" { words[1] } else { "doctor" };
                let command = command.find_subcommand(name).unwrap_or_else(|| panic!("{quoted}: no such command"));
                for flag in words.iter().filter(|word| word.starts_with('-') && word.len() > 1) {
                    let known = command.get_arguments().any(|arg| {
                        arg.get_long().is_some_and(|long| format!("--{long}") == **flag)
                            || arg.get_short().is_some_and(|short| format!("-{short}") == **flag)
                    });
                    assert!(known, "{quoted}: no such flag {flag}");
                }
            }
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
