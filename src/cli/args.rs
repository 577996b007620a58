//! The arguments, with curl's names where curl has one.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::examine::ask::ConnectTo;
use crate::examine::checks::NAMES;

/// Finds the one reason why an AI client does not connect.
#[derive(Debug, Parser)]
#[command(
    name = "ruta",
    version,
    about,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
#[command(after_help = "Examples:
  ruta demo                          watch it diagnose a built-in server, no account needed
  ruta doctor --url https://api.rutaapi.com/v1 --key-env MY_KEY --model MODEL
  ruta explain no-credits            what a cause means and what to do")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a base URL, an API key and a model ID against the server
    Doctor(Box<DoctorArgs>),
    /// What a cause or a status means, or what an answer seen elsewhere means; no network
    Explain(Box<ExplainArgs>),
    /// Judge a recording again
    Replay(Box<ReplayArgs>),
    /// Play a faulty server on this machine and watch the doctor find the fault
    Demo(DemoArgs),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs: one object, described in the documentation
    Json,
}

/// What every report command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputArgs {
    /// Form of the report
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(super) format: Format,
    /// Write the report to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(super) color: ColorChoice,
    /// Exit with 1 on warnings too
    #[arg(long)]
    pub(super) strict: bool,
    /// Print the verdict line only
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The key, first found wins: --key-stdin, --key-env, --key, RUTA_API_KEY, then the provider's own
variable (such as GROQ_API_KEY), and that only for the provider's own hosts. OPENAI_API_KEY goes
with OPENAI_BASE_URL or OpenAI's hosts, nowhere else. Without --url: RUTA_BASE_URL, OPENAI_BASE_URL,
OPENAI_API_BASE_URL. Without --model: RUTA_MODEL.

Exit codes: 0 works, 1 broken or not known, 2 ruta could not run, 75 broken but
worth trying later.

Examples:
  export RUTA_API_KEY=...            (or: read -rs RUTA_API_KEY; export RUTA_API_KEY)
  ruta doctor --url https://api.rutaapi.com/v1 --model MODEL
  ruta doctor --url http://localhost:11434/v1 --no-key --model llama3.2
  pass show groq | ruta doctor --url https://api.groq.com/openai/v1 --key-stdin
  ruta doctor --url https://llm.corp.example/v1 --cacert ca.pem --format json"
)]
pub(super) struct DoctorArgs {
    /// Base URL, exactly as it is given to the client
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// Model ID, exactly as it is given to the client
    #[arg(long, value_name = "ID")]
    pub(super) model: Option<String>,
    /// Take the key from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with_all = ["key_stdin", "key", "no_key"])]
    pub(super) key_env: Option<String>,
    /// Read the key from standard input
    #[arg(long, conflicts_with_all = ["key", "no_key"])]
    pub(super) key_stdin: bool,
    /// The key itself (other users of this machine can see it: prefer --key-env)
    #[arg(long, value_name = "KEY", conflicts_with = "no_key", allow_hyphen_values = true)]
    pub(super) key: Option<String>,
    /// Send no key, whatever the environment holds
    #[arg(long)]
    pub(super) no_key: bool,
    /// Run only these checks
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(NAMES))]
    pub(super) only: Vec<String>,
    /// Do not run these checks
    #[arg(long, value_name = "CHECK,…", value_delimiter = ',', conflicts_with = "only", value_parser = clap::builder::PossibleValuesParser::new(NAMES))]
    pub(super) skip: Vec<String>,
    /// Longest time for one request, in seconds
    #[arg(long, value_name = "SECS", default_value = "30", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) timeout: Duration,
    /// Longest time for name, connection and TLS, in seconds
    #[arg(long, value_name = "SECS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) connect_timeout: Duration,
    /// Use this proxy instead of those that the environment names ("" for none)
    #[arg(short = 'x', long, value_name = "URL")]
    pub(super) proxy: Option<String>,
    /// Hosts to ask without a proxy, instead of `NO_PROXY`, separated by commas; * for all
    #[arg(long, value_name = "LIST")]
    pub(super) noproxy: Option<String>,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(super) cacert: Option<PathBuf>,
    /// For requests to HOST1:PORT1 connect to HOST2:PORT2 instead
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", value_parser = connect_to)]
    pub(super) connect_to: Vec<ConnectTo>,
    /// Send this header as well; its value is treated as a secret
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    pub(super) headers: Vec<(String, String)>,
    /// Save what was seen to FILE, without any secret, for `ruta replay`
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Show each request and each answer on standard error, without secrets
    #[arg(short, long)]
    pub(super) verbose: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta explain                       list all causes
  ruta explain model-not-found       one cause
  ruta explain 429                   what a status can mean
  ruta explain --status 404 --url https://api.rutaapi.com --body answer.json
  ruta explain --status 429 --at chat --header 'Retry-After: 20' --body -
  ruta explain < error.txt           an error line, curl's output, a whole response")]
pub(super) struct ExplainArgs {
    /// A cause, or an HTTP status
    #[arg(value_name = "CAUSE|STATUS", conflicts_with_all = ["status", "body"])]
    pub(super) what: Option<String>,
    /// HTTP status of an answer seen elsewhere
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=999))]
    pub(super) status: Option<u16>,
    /// Base URL that was used
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// Model ID that was used
    #[arg(long, value_name = "ID")]
    pub(super) model: Option<String>,
    /// What was asked for (chat, unless the text tells)
    #[arg(long, value_name = "CHECK", value_parser = clap::builder::PossibleValuesParser::new(NAMES))]
    pub(super) at: Option<String>,
    /// A header of the answer
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    pub(super) headers: Vec<(String, String)>,
    /// File with the answer: its body, a whole response, a client's error line; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(super) body: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta doctor --url URL --model MODEL --record run.json
  ruta replay run.json
  ruta replay run.json --format json")]
pub(super) struct ReplayArgs {
    /// A file of `ruta doctor --record`, or a report of `--format json`
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ruta demo                          one healthy server and three typical faults
  ruta demo --list                   all scenarios
  ruta demo tls-expired              one of them")]
pub(super) struct DemoArgs {
    /// Scenarios to play
    #[arg(value_name = "SCENARIO")]
    pub(super) scenarios: Vec<String>,
    /// List the scenarios
    #[arg(long)]
    pub(super) list: bool,
}

/// Seconds with a fraction, as curl takes them.
fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text.trim_end_matches('s').parse().map_err(|_| "give seconds, such as 10 or 0.5".to_owned())?;
    if !(value.is_finite() && (0.001..=86_400.0).contains(&value)) {
        return Err("give seconds between 0.001 and 86400".into());
    }
    Ok(Duration::from_secs_f64(value))
}

/// `Name: value`.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written as 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
        return Err("this is no header name; a header is written as 'Name: value'".into());
    }
    if value.chars().any(char::is_control) {
        return Err("the value holds a line break or a control character".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// `HOST1:PORT1:HOST2:PORT2`; an empty part means any, or unchanged.
fn connect_to(text: &str) -> Result<ConnectTo, String> {
    const FORM: &str =
        "write HOST1:PORT1:HOST2:PORT2, such as api.rutaapi.com:443:127.0.0.1:8443 (an IPv6 address in brackets)";
    let mut parts: Vec<String> = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            ':' if !inside => parts.push(String::new()),
            c => {
                if let Some(last) = parts.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    let [host, port, to_host, to_port] = parts.try_into().map_err(|_| FORM.to_owned())?;
    let number = |text: &str| {
        if text.is_empty() {
            Ok(None)
        } else {
            text.parse::<u16>().map(Some).map_err(|_| format!("`{text}` is no port; {FORM}"))
        }
    };
    Ok(ConnectTo { host, port: number(&port)?, to_host, to_port: number(&to_port)? })
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

    #[test]
    fn connect_to_reads_curls_form() {
        assert_eq!(
            connect_to("a:443:127.0.0.1:8443"),
            Ok(ConnectTo { host: "a".into(), port: Some(443), to_host: "127.0.0.1".into(), to_port: Some(8443) })
        );
        assert_eq!(
            connect_to("::[::1]:80"),
            Ok(ConnectTo { host: String::new(), port: None, to_host: "::1".into(), to_port: Some(80) })
        );
        for wrong in ["a:443", "a:b:c:d", "", "a:1:b:99999"] {
            assert!(connect_to(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_and_headers_are_checked() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["-1", "0", "x", "NaN", "inf", "1e99"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(header("X-A: b:c"), Ok(("X-A".into(), "b:c".into())));
        for wrong in ["x", ": y", "a b: c", "a: b\nc"] {
            assert!(header(wrong).is_err(), "{wrong}");
        }
    }
}
