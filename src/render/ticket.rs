//! The report for a support desk: Markdown, what they ask for first, and never the key.

mod answer;
mod curl;
mod facts;

use super::markdown::{code, plain, prose, table};
use super::terminal::HELPERS;
use crate::cause::Cause;
use crate::connection::scrub::{REMOVED, one_line};
use crate::evidence::{Observation, Way, span};
use crate::knowledge::client;
use crate::report::{Outcome, Report};
use facts::clock;

/// One ticket, or one with a section for each connection.
pub fn render(reports: &[Report]) -> String {
    if let [report] = reports {
        return section(report);
    }
    let rows: Vec<Vec<String>> = reports
        .iter()
        .enumerate()
        .map(|(index, report)| {
            let connection = &report.connection;
            vec![
                plain(&name(report, index)),
                word(report.outcome).to_owned(),
                code(report.diagnosis.cause.code()),
                code(connection.base_url.as_deref().unwrap_or_default()),
                code(connection.model.as_deref().unwrap_or_default()),
            ]
        })
        .collect();
    let works = reports.iter().filter(|report| report.exit(false) == 0).count();
    let mut out = format!("# {works} of {} connections work\n\n", reports.len());
    out.push_str(&table(&["connection", "", "cause", "API URL", "model"], &rows));
    for (index, report) in reports.iter().enumerate() {
        out.push_str(&format!("\n---\n\n# {}\n\n{}", plain(&name(report, index)), section(report)));
    }
    out
}

/// What one connection is called: its name, or its place in the list.
fn name(report: &Report, index: usize) -> String {
    report.connection.name.clone().unwrap_or_else(|| format!("connection {}", index + 1))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Works => "works",
        Outcome::WorksWithWarnings => "works, with a warning",
        Outcome::Broken => "broken",
        Outcome::Inconclusive => "not known",
    }
}

fn section(report: &Report) -> String {
    let subject = subject(report);
    let mut out = format!("## {}: {}\n\n", report.diagnosis.cause, plain(&report.diagnosis.title));
    out.push_str(&facts::table_of(report, subject));
    out.push_str(&circumstances(report, subject));
    out.push_str(&diagnosis(report));
    out.push_str(&checks(report));
    if let Some(subject) = subject {
        out.push_str(&answer::said(subject));
    }
    out.push_str(&tried(report));
    if let Some(subject) = subject {
        out.push_str(&curl::reproduce(report, subject));
    }
    if report.outcome != Outcome::Works {
        out.push_str(&by_hand(report, subject));
    }
    out.push_str(&left_out(report, subject));
    out
}

/// The request that matters: the one that showed the cause, else the chat, else the list of models.
fn subject(report: &Report) -> Option<&Observation> {
    let seen = &report.evidence.observations;
    let sent = |observation: &&Observation| observation.request.is_some();
    let of = |check: &str| seen.iter().rev().filter(sent).find(|observation| observation.check == check);
    report
        .diagnosis
        .observation
        .and_then(|index| seen.get(index))
        .filter(sent)
        .or_else(|| of("chat-again"))
        .or_else(|| of("chat"))
        .or_else(|| of(&report.diagnosis.seen_at))
        .or_else(|| of("models"))
}

/// Who and what was involved.
fn circumstances(report: &Report, subject: Option<&Observation>) -> String {
    let connection = &report.connection;
    let evidence = &report.evidence;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: &str, value: Option<String>| rows.extend(value.map(|value| vec![name.to_owned(), value]));
    row("Provider", Some(connection.provider.as_deref().map_or_else(|| "not known".into(), plain)));
    row("Server software", connection.server.as_deref().map(plain));
    row("Server address", subject.and_then(|seen| seen.address.as_deref()).map(plain));
    let assumed = if evidence.target.client_assumed { ", assumed: none was named" } else { "" };
    row("Client", Some(format!("{}{assumed}", plain(client::of(&connection.client).name))));
    row("Extra headers", some_list(evidence.target.headers.iter().map(|name| code(name))));
    row("Circumstances", some_list(report.remarks.iter().map(|line| prose(line))));
    row("Run with", some_list(flags(&evidence.target.way).iter().map(|flag| code(flag))));
    let place = evidence.platform.as_deref().map(|platform| format!(" on {}", plain(platform))).unwrap_or_default();
    let container = if evidence.target.in_container { ", in a container" } else { "" };
    let judged = if evidence.ruta == report.ruta { String::new() } else { format!("; judged by {}", report.ruta) };
    row("ruta", Some(format!("{}{place}{container}{judged}", plain(&evidence.ruta))));
    if !evidence.origin.elsewhere() {
        row("Checked", Some(format!("{} UTC, took {}", clock(&report.started_at), took(report.duration_ms))));
    }
    let waited = evidence
        .target
        .waited
        .map(|waited| format!("{} for the server to start, {} tries before this one", took(waited.ms), waited.tries));
    row("Waited", waited);
    table(&["", ""], &rows) + "\n"
}

/// The flags that changed the way to the server.
fn flags(way: &Way) -> Vec<String> {
    let cacert = way.cacert.iter().map(|file| format!("--cacert {file}"));
    let connect = way.connect_to.iter().map(|rule| format!("--connect-to {rule}"));
    cacert.chain(connect).collect()
}

fn some_list(items: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<String> = items.collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn took(milliseconds: u64) -> String {
    let seconds = u32::try_from(milliseconds).unwrap_or(u32::MAX);
    span(f64::from(seconds))
}

fn diagnosis(report: &Report) -> String {
    let diagnosis = &report.diagnosis;
    let mut out = format!("### What ruta found: {}\n\n", word(report.outcome));
    if !diagnosis.meaning.is_empty() {
        out.push_str(&format!("{}\n", prose(&diagnosis.meaning)));
    }
    let mut list = |title: &str, lines: &mut dyn Iterator<Item = String>| {
        let lines: Vec<String> = lines.map(|line| format!("- {line}\n")).collect();
        if !lines.is_empty() {
            out.push_str(&format!("\n{title}\n\n{}", lines.concat()));
        }
    };
    list("Seen:", &mut diagnosis.evidence.iter().map(|line| plain(line)));
    // Nobody who reads a ticket needs the advice to make one.
    let fix = diagnosis.fix.iter().filter(|line| !line.contains("--format ticket"));
    list("Suggested to the user:", &mut fix.map(|line| prose(line)));
    list(
        "Also found:",
        &mut report.notes.iter().map(|note| format!("{}: {}", code(note.cause.code()), plain(&note.title))),
    );
    let prediction = report.client_prediction.iter().map(|seen| prose(&seen.say)).filter(|say| !say.is_empty());
    list("What the client will do:", &mut prediction.into_iter());
    list("Pages:", &mut pages(report).into_iter());
    out.push('\n');
    out
}

/// Where to ask and to look at this provider.
fn pages(report: &Report) -> Vec<String> {
    let Some(system) = report.system.filter(|_| report.diagnosis.cause != Cause::Ok) else { return Vec::new() };
    let wanted =
        [("status", "is it up"), ("errors", "what its errors mean"), ("docs", "its guide"), ("site", "its site")];
    let mut seen: Vec<&str> = Vec::new();
    let mut pages = Vec::new();
    for (name, what) in wanted {
        if let Some(link) = system.link(name).filter(|link| !seen.contains(link)) {
            seen.push(link);
            pages.push(format!("{}, {what}: {link}", plain(system.name)));
        }
    }
    pages
}

/// Every check in one row, follow-ups of the doctor's own left to the section after it.
fn checks(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .checks
        .iter()
        .filter(|check| !HELPERS.contains(&check.id.as_str()))
        .map(|check| {
            let answer = check.answer.as_ref();
            vec![
                plain(&check.title),
                check.status.to_owned(),
                plain(&one_line(&check.summary, 80)),
                answer.and_then(|answer| answer.request_id.as_deref()).map(code).unwrap_or_default(),
                check.timing_ms.describe(),
            ]
        })
        .collect();
    let heads = ["check", "result", "what happened", "request ID", "time"];
    if rows.is_empty() { String::new() } else { format!("### Checks\n\n{}\n", table(&heads, &rows)) }
}

/// Follow-ups, trials and what came of them.
fn tried(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .checks
        .iter()
        .filter(|check| HELPERS.contains(&check.id.as_str()))
        .map(|check| {
            let what = check.request.as_ref().map(|request| format!(" ({})", code(&request.url))).unwrap_or_default();
            let yes = if check.status == "pass" { "yes" } else { "no" };
            format!("- {}{what}: {yes}, {}\n", plain(&check.title), plain(&check.summary))
        })
        .collect();
    if let Some(suggestion) = &report.diagnosis.suggestion {
        let how = match (&suggestion.proof, suggestion.tried, suggestion.worked) {
            (Some(proof), ..) => plain(proof),
            (None, true, true) => "it works".into(),
            (None, true, false) => "it does not work either".into(),
            (None, false, _) => "not tried".into(),
        };
        let field = if suggestion.field == "base_url" { "base URL" } else { suggestion.field.as_str() };
        lines.insert(0, format!("- the {field} {} instead: {how}\n", code(&suggestion.value)));
    }
    if lines.is_empty() { String::new() } else { format!("### What was tried\n\n{}\n", lines.concat()) }
}

/// What a support desk will ask and ruta cannot know.
fn by_hand(report: &Report, subject: Option<&Observation>) -> String {
    let mut missing: Vec<&str> = Vec::new();
    if report.evidence.origin.elsewhere() && subject.and_then(facts::told_by_server).is_none() {
        missing.push("when it was");
    }
    if report.connection.base_url.is_none() {
        missing.push("the API URL");
    }
    if report.connection.model.is_none() {
        missing.push("the model ID");
    }
    missing.extend(["since when it fails", "whether it always does", "whether it ever worked"]);
    format!(
        "To add by hand: {}. Only where nobody else reads it: the name of your account and your public IP address.\n\n",
        listed(&missing)
    )
}

/// `a, b and c`.
fn listed(items: &[&str]) -> String {
    let (last, first) = items.split_last().unwrap_or((&"nothing", &[]));
    if first.is_empty() { (*last).to_owned() } else { format!("{} and {last}", first.join(", ")) }
}

/// What a reader must not look for here.
fn left_out(report: &Report, subject: Option<&Observation>) -> String {
    let mut left: Vec<&str> = Vec::new();
    let said = subject.and_then(|seen| seen.answer.as_ref());
    if report.connection.key.is_some() || said.is_some_and(|answer| answer.body.contains(REMOVED)) {
        left.push("the key");
    }
    if !report.evidence.target.headers.is_empty() {
        left.push("the values of the extra headers");
    }
    if said.is_some() {
        left.push("cookies");
    }
    if subject.is_some_and(answer::is_cut) {
        left.push("the rest of the answer");
    }
    left.push("passwords in URLs");
    let list = listed(&left);
    let masked = if report.evidence.anonymized {
        " Folders, names and addresses of the user's side are masked; the same stand-in is always the same thing."
    } else {
        ""
    };
    format!("Left out by ruta: {list}.{masked}\n")
}
