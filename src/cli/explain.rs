//! `ruta explain`: the causes and their advice, and answers that were seen elsewhere; no network.

use std::io::Read;
use std::time::SystemTime;

use super::args::{ExplainArgs, Format};
use super::environment;
use super::output::{self, Problem};
use crate::cause::Cause;
use crate::connection::key;
use crate::connection::near::near_name;
use crate::connection::scrub::Scrubber;
use crate::connection::url::redact;
use crate::evidence::CHECKS;
use crate::evidence::answer::Answer;
use crate::evidence::pasted;
use crate::evidence::{Evidence, KeySent, Observation, Origin, Request, SCHEMA, Target, Timing, Way};
use crate::knowledge::ability;
use crate::knowledge::advice::{self, fill};
use crate::knowledge::provider::{self, SYSTEMS};

/// A pasted answer is read no further than this, in bytes.
const BODY_MOST: u64 = 32 * 1024 * 1024;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ExplainArgs) -> Result<u8, Problem> {
    if args.what.is_none() && args.body.is_none() && args.status.is_none() && input_waits() {
        let told = told(args, true)?;
        if told.observations.iter().any(|seen| seen.answer.as_ref().is_some_and(|answer| answer.bytes > 0)) {
            return output::print(&crate::report::report(told), &args.output);
        }
    }
    if args.status.is_some() || args.body.is_some() {
        return output::print(&crate::report::report(told(args, false)?), &args.output);
    }
    let text = match args.what.as_deref() {
        None => match args.output.format {
            Format::Json => json(Cause::ALL),
            _ => list(),
        },
        Some(what) => one(what, args.output.format)?,
    };
    output::write(&text, args.output.output.as_deref()).map(|()| 0)
}

/// All causes, a line each, by family.
fn list() -> String {
    let mut text = String::new();
    let mut family = None;
    for cause in Cause::ALL {
        if family != Some(cause.family()) {
            if family.is_some() {
                text.push('\n');
            }
            family = Some(cause.family());
        }
        output::wrap(advice::of(*cause).title, &format!("{:26} ", cause.code()), &mut text);
    }
    text.push_str("\n`ruta explain CAUSE` tells what one of them means and what to do.\n");
    text
}

fn json(causes: &[Cause]) -> String {
    let rows: Vec<serde_json::Value> = causes
        .iter()
        .map(|cause| {
            let (words, values) = (advice::of(*cause), advice::anybody(*cause));
            let fix: Vec<String> = words.fix.iter().filter_map(|line| fill(line, &values)).collect();
            serde_json::json!({ "cause": cause, "title": words.title, "meaning": advice::meaning(*cause, &values), "fix": fix, "retry_later": cause.retry_later() })
        })
        .collect();
    let value = if let [one] = rows.as_slice() { one.clone() } else { serde_json::Value::Array(rows) };
    format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default())
}

/// One cause, or what a status can mean.
fn one(what: &str, format: Format) -> Result<String, Problem> {
    let name = what.trim().to_ascii_lowercase();
    if let Ok(cause) = name.parse::<Cause>() {
        return Ok(match format {
            Format::Json => json(&[cause]),
            _ => cause_text(cause),
        });
    }
    if let Ok(status) = name.parse::<u16>()
        && (100..=999).contains(&status)
    {
        let causes = causes_of(status);
        if causes.is_empty() {
            return Err(format!("no rule knows the status {status}; `ruta explain` lists the causes").into());
        }
        return Ok(match format {
            Format::Json => json(&causes),
            _ => status_text(status, &causes),
        });
    }
    let near = near_name(&name, Cause::ALL.iter().map(|cause| cause.code()));
    let shown = if crate::connection::url::looks_like_key(what) {
        "this (it looks like a key)".to_owned()
    } else {
        format!("`{}`", crate::connection::scrub::one_line(what, 60))
    };
    Err(match near {
        Some(code) => format!("no cause is called {shown}; did you mean `{code}`?"),
        None => format!("no cause is called {shown}; `ruta explain` lists them"),
    }
    .into())
}

fn cause_text(cause: Cause) -> String {
    let values = advice::anybody(cause);
    let words = advice::of(cause);
    let mut text = format!("{cause}: {}\n\n", words.title);
    output::wrap(&advice::meaning(cause, &values), "", &mut text);
    let lines: Vec<String> = words.fix.iter().filter_map(|line| fill(line, &values)).collect();
    if !lines.is_empty() {
        text.push_str("\nWhat to do:\n");
        for line in &lines {
            output::wrap(line, "- ", &mut text);
        }
    }
    if cause.retry_later() {
        text.push_str("\nIt may work later without any change (exit code 75).\n");
    }
    text
}

/// The causes that the known systems report with this status, most frequent first.
fn causes_of(status: u16) -> Vec<Cause> {
    let mut counted: Vec<(usize, Cause)> = Vec::new();
    for row in SYSTEMS
        .iter()
        .flat_map(|system| system.says.iter())
        .filter(|row| row.statuses().contains(&status) || row.usual_status == status)
    {
        match counted.iter_mut().find(|(_, cause)| *cause == row.means) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, row.means)),
        }
    }
    counted.sort_by_key(|(count, cause)| (std::cmp::Reverse(*count), *cause));
    counted.into_iter().map(|(_, cause)| cause).collect()
}

fn status_text(status: u16, causes: &[Cause]) -> String {
    let mut text = format!("HTTP {status} by itself does not name the cause. Servers send it for:\n\n");
    for cause in causes {
        output::wrap(advice::of(*cause).title, &format!("{:26} ", cause.code()), &mut text);
    }
    text.push('\n');
    output::wrap(
        &format!("The body tells which: `ruta explain --status {status} --body FILE`, or let `ruta doctor` ask."),
        "",
        &mut text,
    );
    text
}

/// Evidence from what somebody saw elsewhere.
fn told(args: &ExplainArgs, piped: bool) -> Result<Evidence, Problem> {
    let mut bytes = Vec::new();
    if piped || args.body.as_ref().is_some_and(|path| path.as_os_str() == "-") {
        std::io::stdin()
            .lock()
            .take(BODY_MOST)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("standard input: {error}"))?;
    } else if let Some(path) = &args.body {
        let read = std::fs::File::open(path).and_then(|file| file.take(BODY_MOST).read_to_end(&mut bytes));
        read.map_err(|error| format!("--body {}: {}", path.display(), output::plain_io(&error, path)))?;
    }
    let pasted = pasted::read(&String::from_utf8_lossy(&bytes));
    let (pasted_url, pasted_at) = pasted.url.as_deref().and_then(split_endpoint).unzip();
    let base_url = args.url.clone().or(pasted_url);
    let found = environment::key(base_url.as_deref(), None);
    let scrubber = Scrubber::new(found.as_ref().map(|(key, _)| key), []);
    let facts = found.as_ref().map(|(text, source)| key::read(text, source.clone(), provider::key_prefixes()));
    let headers: Vec<(String, String)> = args.headers.iter().cloned().chain(pasted.headers).collect();
    let answer = Answer::capture(
        args.status.or(pasted.status).unwrap_or(if looks_fine(&bytes) { 200 } else { 400 }),
        "",
        headers,
        pasted.body.as_bytes(),
        pasted.body.len(),
        &scrubber,
    );
    let at =
        args.at.as_deref().or(pasted_at).unwrap_or(if answer.list.is_some() { "models" } else { "chat" }).to_owned();
    let url = base_url.as_deref().map(|url| scrubber.scrub(&redact(url)));
    let asked = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
    let request = Request {
        method: if at == "models" { "GET" } else { "POST" }.into(),
        url: format!("{}{}", url.as_deref().unwrap_or_default(), endpoint(&at)),
        bytes: 0,
        body: None,
        at: asked.clone(),
        key: if facts.is_some() { KeySent::Own } else { KeySent::None },
        auth: "bearer".into(),
        root: url.clone().unwrap_or_default(),
        variant: None,
        streamed: at == "stream",
    };
    let target = Target {
        base_url: url,
        key: facts,
        model: args.model.as_deref().map(|model| {
            if crate::connection::url::looks_like_key(model) { redact(model) } else { scrubber.scrub(model) }
        }),
        client: "open-webui".into(),
        timeout_s: 0.0,
        connect_timeout_s: 0.0,
        headers: Vec::new(),
        proxy: None,
        wanted: vec![at.clone()],
        full: false,
        in_container: false,
        client_in_container: false,
        loopback_only: false,
        found: false,
        models_by_hand: false,
        out_of_reach: None,
        proxy_remarks: Vec::new(),
        key_withheld: None,
        name: None,
        remarks: Vec::new(),
        waited: None,
        client_assumed: true,
        way: Way::default(),
    };
    let observation = Observation {
        check: at,
        request: Some(request),
        answer: Some(answer),
        failure: None,
        skipped: None,
        timing: Timing::default(),
        address: None,
    };
    Ok(Evidence {
        schema: SCHEMA,
        ruta: env!("CARGO_PKG_VERSION").to_owned(),
        platform: None,
        started_at: asked,
        duration_ms: 0,
        anonymized: false,
        origin: if args.url.is_none() && args.model.is_none() { Origin::Pasted } else { Origin::Told },
        target,
        observations: vec![observation],
    })
}

/// Whether a text without any status is a good answer: a list, a completion, a stream that says something.
fn looks_fine(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    ["\"choices\"", "\"data\":", "\"data\" :", "\"embedding\"", "<!doctype html", "<!DOCTYPE html"]
        .iter()
        .any(|mark| text.contains(mark))
        || text.trim_start().starts_with("data:")
}

/// The root and the check of a URL that ends in a known endpoint.
fn split_endpoint(url: &str) -> Option<(String, &'static str)> {
    CHECKS.iter().find_map(|check| {
        let path = endpoint(check);
        let url = url.split('?').next().unwrap_or(url).trim_end_matches('/');
        url.strip_suffix(path).map(|root| (root.to_owned(), *check))
    })
}

fn endpoint(check: &str) -> &'static str {
    match ability::by_id(check) {
        Some(ability) => ability.path,
        None if check == "models" => "/models",
        None => "/chat/completions",
    }
}

/// Whether standard input is a file or a pipe, not a terminal and not nothing.
#[cfg(unix)]
fn input_waits() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;

    let stdin = std::io::stdin();
    let kind = stdin
        .as_fd()
        .try_clone_to_owned()
        .and_then(|owned| std::fs::File::from(owned).metadata())
        .map(|facts| facts.file_type());
    kind.is_ok_and(|kind| kind.is_file() || kind.is_fifo())
}

/// Whether standard input is a file or a pipe.
#[cfg(not(unix))]
fn input_waits() -> bool {
    use std::io::IsTerminal;

    !std::io::stdin().is_terminal()
}
