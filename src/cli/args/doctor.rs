//! The arguments of `ruta doctor`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::parse::seconds;
use super::{NetworkArgs, OutputArgs, ValuesArgs};
use crate::evidence::CHECKS;

#[derive(Debug, Args)]
#[command(
    after_help = "The key, first found wins: --key-stdin, --key-env, --key, the keyring entry of the saved connection,
RUTA_API_KEY, then the provider's own variable (such as GROQ_API_KEY), and that only for the
provider's own hosts. OPENAI_API_KEY goes with OPENAI_BASE_URL or OpenAI's hosts, nowhere else.
Without --url: RUTA_BASE_URL, OPENAI_BASE_URL, OPENAI_API_BASE_URL. Without --model: RUTA_MODEL.
With nothing at all, on a terminal, it asks.

Exit codes: 0 works, 1 broken or not known, 2 ruta could not run, 75 broken but
worth trying later.

Examples:
  ruta doctor                        asks for the three values, one after the other
  export RUTA_API_KEY=...            (or: read -rs RUTA_API_KEY; export RUTA_API_KEY)
  ruta doctor --url https://api.rutaapi.com/v1 --model MODEL
  ruta doctor --url http://localhost:11434/v1 --no-key --model llama3.2 --wait 60
  pass show groq | ruta doctor --url https://api.groq.com/openai/v1 --key-stdin
  ruta doctor --for codex --url https://api.rutaapi.com/v1 --model MODEL
  ruta doctor --all                  every saved connection, side by side
  ruta doctor --from .env --format junit --output ruta.xml"
)]
pub(in crate::cli) struct DoctorArgs {
    /// Saved connections to check
    #[arg(value_name = "NAME", conflicts_with_all = ["url", "all", "from"])]
    pub(in crate::cli) names: Vec<String>,
    /// Check every saved connection, side by side
    #[arg(long, conflicts_with_all = ["url", "from"])]
    pub(in crate::cli) all: bool,
    /// Check the connections that a file or the environment of a client holds: a file, a folder, env, or a client's name
    #[arg(long, value_name = "SOURCE", conflicts_with = "url")]
    pub(in crate::cli) from: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) values: ValuesArgs,
    /// Run only these checks
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(CHECKS))]
    pub(in crate::cli) only: Vec<String>,
    /// Do not run these checks
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',', conflicts_with = "only", value_parser = clap::builder::PossibleValuesParser::new(CHECKS))]
    pub(in crate::cli) skip: Vec<String>,
    /// Run every check, also those of endpoints that this client does not need
    #[arg(long, conflicts_with = "only")]
    pub(in crate::cli) full: bool,
    #[command(flatten)]
    pub(in crate::cli) network: NetworkArgs,
    /// If the server is still starting, try again for so many seconds
    #[arg(long, value_name = "SECS", value_parser = seconds, allow_negative_numbers = true)]
    pub(in crate::cli) wait: Option<Duration>,
    /// Connections to check at a time; if left out, as many as this machine has room for
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(in crate::cli) jobs: Option<u16>,
    /// Save what was seen to FILE, without any secret, for `ruta replay`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "all", "from"])]
    pub(in crate::cli) record: Option<PathBuf>,
    /// Show each request and each answer on standard error, without secrets
    #[arg(short, long)]
    pub(in crate::cli) verbose: bool,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}
