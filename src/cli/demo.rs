//! `ruta demo`: plays a scenario on this machine and lets the doctor find the fault.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::{Command, Stdio};

use flate2::read::DeflateDecoder;

use super::args::{ColorChoice, DemoArgs};
use super::output::{self, Problem};
use crate::connection::near::near_name;
use crate::evidence::record::load;
use crate::render::terminal;
use crate::report::report;
use crate::scenario::{Scenario, Server};

/// The names of all scenarios, each followed by its file, compressed.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scenarios.deflate"));

/// What is played when nothing is named: a healthy server and three typical faults.
const TYPICAL: &[&str] = &["healthy", "url-endpoint-chat", "key-rejected", "no-credits-429"];

/// Variables that would take the doctor elsewhere.
const FOREIGN: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "RUTA_API_KEY",
    "RUTA_BASE_URL",
    "RUTA_MODEL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE_URL",
];

/// The names of all scenarios, so that they need not be unpacked for them.
static NAMES: &[&str] = &include!(concat!(env!("OUT_DIR"), "/scenario_names.rs"));

/// The names of all scenarios.
pub(super) fn names() -> Vec<&'static str> {
    NAMES.to_vec()
}

/// Runs the command and returns the exit code: 0 if every fault was found.
pub(super) fn run(args: &DemoArgs) -> Result<u8, Problem> {
    let mut unpacked = String::new();
    DeflateDecoder::new(PACKED)
        .read_to_string(&mut unpacked)
        .map_err(|error| format!("the scenarios cannot be read: {error}"))?;
    let scenarios = Scenarios(unpacked.split('\0').collect());
    if args.list {
        return scenarios.list().map(|()| 0);
    }
    let names: Vec<&str> =
        if args.scenarios.is_empty() { TYPICAL.to_vec() } else { args.scenarios.iter().map(String::as_str).collect() };
    let mut wrong = 0;
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            output::write("\n", None)?;
        }
        if !play(name, scenarios.named(name)?)? {
            wrong += 1;
        }
    }
    Ok(u8::from(wrong > 0))
}

/// Names and files by turns.
struct Scenarios<'a>(Vec<&'a str>);

impl<'a> Scenarios<'a> {
    fn all(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.chunks_exact(2).map(|pair| (pair[0], pair[1]))
    }

    fn named(&self, name: &str) -> Result<&'a str, Problem> {
        let found = self.all().find(|(known, _)| *known == name);
        found.map(|(_, file)| file).ok_or_else(|| self.unknown(name).into())
    }

    fn list(&self) -> Result<(), Problem> {
        let width = self.all().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for (name, file) in self.all() {
            let scenario = Scenario::parse(file).map_err(|error| format!("scenario {name}: {error}"))?;
            let _ = writeln!(text, "{name:width$}  {}", scenario.title);
        }
        output::write(&text, None)
    }

    fn unknown(&self, name: &str) -> String {
        if crate::connection::url::looks_like_key(name) {
            return "this is no scenario (it looks like a key); `ruta demo --list` shows all".into();
        }
        match near_name(name, self.all().map(|(known, _)| known)) {
            Some(known) => {
                format!("no scenario is called `{name}`; did you mean `{known}`?\n       `ruta demo --list` shows all")
            }
            None => format!("no scenario is called `{name}`; `ruta demo --list` shows all"),
        }
    }
}

/// Plays one scenario; whether the doctor ended as it must.
fn play(name: &str, file: &str) -> Result<bool, Problem> {
    let scenario = Scenario::parse(file).map_err(|error| format!("scenario {name}: {error}"))?;
    let server = Server::start(&scenario).map_err(|error| format!("scenario {name}: {error}"))?;
    let arguments = scenario.doctor_arguments(&server);
    let shown = shell_words::join(arguments.iter().map(String::as_str));
    let line = if output::style(ColorChoice::Auto, false).unicode { "──" } else { "--" };
    output::write(&format!("{line} {name}: {}\n$ ruta doctor {shown}\n\n", scenario.title), None)?;
    let program = std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
    let mut doctor = Command::new(program);
    doctor.arg("doctor").args(&arguments).args(["--format", "json"]);
    for variable in FOREIGN {
        doctor.env_remove(variable);
    }
    // The doctor runs as a program of its own, as for everybody else; its report is shown as text.
    // A demonstration is no container, wherever it runs.
    doctor.env("container", "");
    let done = doctor
        .envs(scenario.environment(&server))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("the doctor cannot be started: {error}"))?;
    let evidence = load(&String::from_utf8_lossy(&done.stdout))
        .map_err(|error| format!("scenario {name}: the doctor gave no report: {error}"))?;
    let report = report(evidence);
    output::write(&terminal::render(&report, output::style(ColorChoice::Auto, false)), None)?;
    let found = report.diagnosis.cause.code() == scenario.cause && done.status.code() == Some(i32::from(scenario.exit));
    if !found {
        output::write(&format!("\nThe scenario expects {} and exit code {}.\n", scenario.cause, scenario.exit), None)?;
    }
    Ok(found)
}
