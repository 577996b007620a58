//! The arguments of the other commands.

use std::path::PathBuf;

use clap::Args;

use super::parse::{ClientName, Offers, header};
use super::{NetworkArgs, OutputArgs, ValuesArgs};
use crate::cause::Cause;
use crate::evidence::CHECKS;
use crate::knowledge::client::Client;
use crate::knowledge::provider::SYSTEMS;
use crate::knowledge::settings::FORMS;

/// The IDs of the providers and servers that can be asked.
fn providers() -> Vec<&'static str> {
    SYSTEMS.iter().filter(|system| system.kind != "any").map(|system| system.id).collect()
}

/// The codes of all causes.
fn causes() -> Vec<&'static str> {
    Cause::ALL.iter().map(|cause| cause.code()).collect()
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta models                        asks for what it needs, or takes the usual variables
  ruta models work --filter gpt
  ruta models --url http://localhost:11434/v1 --no-key --chat
  ruta models work --json | jq '.[].id'")]
#[command(mut_arg("model", |model| model.hide(true)))]
pub(in crate::cli) struct ModelsArgs {
    /// A saved connection
    #[arg(value_name = "NAME", conflicts_with = "url")]
    pub(in crate::cli) name: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) values: ValuesArgs,
    /// Only IDs that contain TEXT, upper and lower case alike
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) filter: Option<String>,
    /// Only models that can chat, as far as the list tells
    #[arg(long)]
    pub(in crate::cli) chat: bool,
    /// Print what the list says of each model, as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) network: NetworkArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta providers                     all of them
  ruta providers groq                one in full
  ruta providers --json")]
pub(in crate::cli) struct ProvidersArgs {
    /// A provider or server; part of its name will do
    #[arg(value_name = "ID", value_parser = Offers(providers), hide_possible_values = true)]
    pub(in crate::cli) id: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta settings                      the clients there are
  ruta settings codex --url https://api.rutaapi.com/v1 --model MODEL
  ruta settings codex --url https://api.rutaapi.com/v1 --model MODEL >> ~/.codex/config.toml
  ruta settings claude-code --as json --url https://api.rutaapi.com --model MODEL
  ruta settings open-webui work      for a saved connection")]
pub(in crate::cli) struct SettingsArgs {
    /// The client
    #[arg(value_name = "CLIENT", value_parser = ClientName, hide_possible_values = true)]
    pub(in crate::cli) client: Option<&'static Client>,
    /// A saved connection
    #[arg(value_name = "NAME", conflicts_with = "url")]
    pub(in crate::cli) name: Option<String>,
    /// Base URL of the server, with or without /v1
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// Model ID
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) model: Option<String>,
    /// The variable that will hold the key, instead of `RUTA_API_KEY`
    #[arg(long, value_name = "VAR")]
    pub(in crate::cli) key_env: Option<String>,
    /// Only the settings of this form: values to type in (text), a file, or lines for a shell
    #[arg(long = "as", value_name = "FORM", value_parser = clap::builder::PossibleValuesParser::new(FORMS))]
    pub(in crate::cli) form: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta completions bash > ~/.local/share/bash-completion/completions/ruta
  ruta completions zsh > ~/.zfunc/_ruta
  ruta completions fish > ~/.config/fish/completions/ruta.fish")]
pub(in crate::cli) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta explain                       list all causes
  ruta explain model-not-found       one cause
  ruta explain 429                   what a status can mean
  ruta explain --status 404 --url https://api.rutaapi.com --body answer.json
  ruta explain --status 429 --at chat --header 'Retry-After: 20' --body -
  ruta explain < error.txt           an error line, curl's output, a whole response")]
pub(in crate::cli) struct ExplainArgs {
    /// A cause, or an HTTP status
    #[arg(value_name = "CAUSE|STATUS", conflicts_with_all = ["status", "body"], value_parser = Offers(causes), hide_possible_values = true)]
    pub(in crate::cli) what: Option<String>,
    /// HTTP status of an answer seen elsewhere
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=999))]
    pub(in crate::cli) status: Option<u16>,
    /// Base URL that was used
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// Model ID that was used
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) model: Option<String>,
    /// What was asked for (chat, unless the text tells)
    #[arg(long, value_name = "CHECK", value_parser = clap::builder::PossibleValuesParser::new(CHECKS))]
    pub(in crate::cli) at: Option<String>,
    /// A header of the answer
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    pub(in crate::cli) headers: Vec<(String, String)>,
    /// File with the answer: its body, a whole response, a client's error line; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) body: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta doctor --url URL --model MODEL --record run.json
  ruta replay run.json
  ruta replay run.json --format json
  ssh host ruta doctor --format json | ruta replay -")]
pub(in crate::cli) struct ReplayArgs {
    /// A file of `ruta doctor --record`, or a report of `--format json`; - reads standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta demo                          one healthy server and three typical faults
  ruta demo --list                   all scenarios
  ruta demo tls-expired              one of them")]
pub(in crate::cli) struct DemoArgs {
    /// Scenarios to play
    #[arg(value_name = "SCENARIO", value_parser = Offers(crate::cli::demo::names), hide_possible_values = true)]
    pub(in crate::cli) scenarios: Vec<String>,
    /// List the scenarios
    #[arg(long)]
    pub(in crate::cli) list: bool,
}
