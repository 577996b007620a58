//! `ruta doctor`: gathers the three values, runs the examination, prints the report.

use std::io::{IsTerminal, Read, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use zeroize::Zeroize;

use super::args::{DoctorArgs, Format, OutputArgs};
use super::environment;
use super::output::{self, Problem};
use crate::connection::key::ApiKey;
use crate::connection::scrub::one_line;
use crate::connection::{Connection, KeySource};
use crate::evidence::{Evidence, Observation};
use crate::examine::ask::Limits;
use crate::examine::checks::{NAMES, USUAL};
use crate::examine::{Plan, Progress, examine};
use crate::render::{json, terminal};
use crate::report::{Report, report};

/// No key is longer than this, in bytes; more on standard input is something else.
const KEY_MOST: u64 = 64 * 1024;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &DoctorArgs) -> Result<u8, Problem> {
    if args.record.is_some() && args.record == args.output.output {
        return Err("--output and --record name the same file; give two".to_owned().into());
    }
    // A report that could not be written would be lost: better to know before.
    for (flag, path) in [("--output", &args.output.output), ("--record", &args.record)] {
        if let Some(path) = path {
            output::check_file(flag, path)?;
        }
    }
    let connection = connection(args)?;
    let plan = plan(args, connection.base_url.as_deref());
    if plan.wanted.is_empty() {
        return Err("--skip leaves no check to run".to_owned().into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the program cannot start: {error}"))?;
    let spinner = spinner(args);
    let examined = runtime.block_on(async {
        tokio::select! {
            // First, so that Ctrl-C is waited for before anything else is done.
            biased;
            _ = tokio::signal::ctrl_c() => None,
            evidence = examine(&connection, &plan, |progress| show(args, spinner.as_ref(), &progress)) => Some(evidence),
        }
    });
    if let Some(spinner) = spinner {
        spinner.finish_and_clear();
    }
    // A name that is still being looked up must not hold the program.
    runtime.shutdown_background();
    let evidence: Evidence = match examined {
        Some(evidence) => evidence?,
        None => return Err(Problem::Quiet(130)),
    };
    if let Some(path) = &args.record {
        output::write_file("--record", path, &crate::evidence::record::save(&evidence))?;
    }
    print(&report(evidence), &args.output)
}

/// Prints a report in the form that was asked for and returns its exit code.
pub(super) fn print(report: &Report, args: &OutputArgs) -> Result<u8, Problem> {
    let style = output::style(args.color, args.output.is_some());
    let text = match args.format {
        Format::Json => json::render(report),
        Format::Text if args.quiet => output::shown(&terminal::verdict_line(report, style), style.color),
        Format::Text => output::shown(&terminal::render(report, style), style.color),
    };
    match output::write(&text, args.output.as_deref()) {
        // The exit code tells of the connection, also where the reader has left.
        Ok(()) | Err(Problem::Quiet(0)) => Ok(report.exit(args.strict)),
        Err(problem) => Err(problem),
    }
}

fn connection(args: &DoctorArgs) -> Result<Connection, Problem> {
    let (base_url, url_from) = environment::base_url(args.url.as_deref());
    let model = args.model.clone().or_else(|| environment::get("RUTA_MODEL"));
    let (key, key_source) = key(args, base_url.as_deref(), url_from)?.unzip();
    Ok(Connection { base_url, key, key_source, model, client: "open-webui".into(), headers: args.headers.clone() })
}

fn key(
    args: &DoctorArgs,
    base_url: Option<&str>,
    url_from: Option<&str>,
) -> Result<Option<(ApiKey, KeySource)>, Problem> {
    if args.no_key {
        return Ok(None);
    }
    if args.key_stdin {
        return read_key().map(|key| Some((key, KeySource::Stdin)));
    }
    if let Some(name) = &args.key_env {
        return match environment::get(name) {
            Some(text) => Ok(Some((ApiKey::new(text), KeySource::Env(name.clone())))),
            None if crate::connection::url::looks_like_key(name) => Err("--key-env takes the name of a variable, and this looks like the key itself.\n       Put the key into a variable first: export RUTA_API_KEY=… (and keep it out of the shell's history)".to_owned().into()),
            None => Err(format!("--key-env {name}: this variable is not set.\n       Set it with: export {name}=…").into()),
        };
    }
    if let Some(text) = &args.key {
        let _ = writeln!(
            std::io::stderr(),
            "warning: --key shows the key to other users of this machine and to the shell's history; use --key-env or --key-stdin"
        );
        return Ok(Some((ApiKey::new(text.clone()), KeySource::CommandLine)));
    }
    Ok(environment::key(base_url, url_from))
}

fn read_key() -> Result<ApiKey, Problem> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(KEY_MOST).read_to_string(&mut text);
    if let Err(error) = read {
        text.zeroize();
        return Err(format!("--key-stdin: {error}; the key is read as text from standard input").into());
    }
    // `echo KEY |` and `pass` end with a line break that is not part of the key.
    let key = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line)).to_owned();
    text.zeroize();
    if key.trim().is_empty() {
        return Err("--key-stdin: nothing came on standard input; did the command before the pipe fail?\n       Use --no-key to send none".to_owned().into());
    }
    Ok(ApiKey::new(key))
}

fn plan(args: &DoctorArgs, base_url: Option<&str>) -> Plan {
    let asked = |name: &&&str| {
        if args.only.is_empty() {
            USUAL.contains(name) && !args.skip.iter().any(|skip| skip == **name)
        } else {
            args.only.iter().any(|only| only == **name)
        }
    };
    let wanted = NAMES.iter().filter(asked).copied().collect();
    let (variables, source) = environment::proxy(base_url);
    let limits = Limits {
        timeout: args.timeout,
        connect_timeout: args.connect_timeout.min(args.timeout),
        total: args.timeout.saturating_mul(4),
        proxy_source: if args.proxy.is_some() { "--proxy".to_owned() } else { source },
        variables,
        in_container: environment::in_container(),
        proxy: args.proxy.clone(),
        noproxy: args.noproxy.clone(),
        cacert: args.cacert.clone(),
        connect_to: args.connect_to.clone(),
    };
    Plan { wanted, limits }
}

/// A spinner on standard error, for people who wait.
fn spinner(args: &DoctorArgs) -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() || args.output.quiet || args.verbose {
        return None;
    }
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(" {spinner} {msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    Some(spinner)
}

fn show(args: &DoctorArgs, spinner: Option<&ProgressBar>, progress: &Progress<'_>) {
    match progress {
        Progress::Asking(ask) => {
            if let Some(spinner) = spinner {
                spinner.set_message(format!("asking {}", one_line(&ask.path, 40)));
            }
        }
        Progress::Seen(seen) if args.verbose => log(seen),
        Progress::Seen(_) => {}
    }
}

/// One exchange for `-v`, in curl's manner: `>` sent, `<` received, `*` remarks.
fn log(seen: &Observation) {
    let Some(request) = &seen.request else { return };
    let mut err = std::io::stderr().lock();
    let mut line = |text: &str| {
        let _ = writeln!(err, "{}", output::shown(text, false).replace('\n', " "));
    };
    line(&format!(
        "> {} {}  [{}, key {}, {} bytes]",
        request.method,
        request.url,
        seen.check,
        serde_json::to_string(&request.key).unwrap_or_default().trim_matches('"'),
        request.bytes
    ));
    if let Some(answer) = &seen.answer {
        line(&format!(
            "< {} {}  [{} bytes, {:.0} ms]",
            answer.version,
            answer.status,
            answer.bytes,
            seen.timing.total.unwrap_or_default()
        ));
        for (name, value) in &answer.headers {
            line(&format!("< {name}: {}", one_line(value, 200)));
        }
        if !answer.body.trim().is_empty() {
            line(&format!("< {}", one_line(&answer.body, 500)));
        }
    }
    if let Some(failure) = &seen.failure {
        line(&format!("* {:?} while {}: {}", failure.kind, failure.stage.words(), failure.detail));
    }
    line(&format!("* {}", seen.timing.describe()));
}
