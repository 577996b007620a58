//! The report for GitHub Actions: annotations for the log, a job summary in Markdown, and outputs of the step.

use super::markdown::{code, plain, prose, table};
use super::terminal::HELPERS;
use crate::connection::scrub::one_line;
use crate::report::{Outcome, Report};

/// A job summary is cut by GitHub at 1 MiB; so many connections are told in full.
const IN_FULL: usize = 50;

/// One annotation for each connection, and one for each lesser finding: workflow commands, each on its own line.
pub fn render(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        let diagnosis = &report.diagnosis;
        let level = match report.outcome {
            Outcome::Works => "notice",
            Outcome::WorksWithWarnings => "warning",
            Outcome::Broken | Outcome::Inconclusive => "error",
        };
        let mut lines = vec![format!("{}: {}", diagnosis.title, diagnosis.meaning)];
        if report.outcome == Outcome::Works {
            lines = vec![works(report)];
        } else {
            lines.extend(diagnosis.evidence.iter().map(|line| format!("Seen: {line}")));
            lines.extend(report.remarks.iter().map(|line| format!("Circumstances: {line}")));
            lines.extend(diagnosis.fix.iter().map(|line| format!("Fix: {line}")));
        }
        out.push_str(&command(level, &title(report, diagnosis.cause.code()), &lines));
        for note in &report.notes {
            let mut lines = vec![note.title.clone()];
            lines.extend(note.fix.iter().take(2).map(|line| format!("Fix: {line}")));
            out.push_str(&command("warning", &title(report, note.cause.code()), &lines));
        }
    }
    out
}

/// What is said of a connection that works.
fn works(report: &Report) -> String {
    let connection = &report.connection;
    let model = connection.model.as_deref().unwrap_or("the model");
    let place = connection.base_url.as_deref().unwrap_or("the server");
    format!("{model} answers at {place}")
}

fn title(report: &Report, cause: &str) -> String {
    match &report.connection.name {
        Some(name) => format!("ruta: {name}: {cause}"),
        None => format!("ruta: {cause}"),
    }
}

/// One workflow command. Line breaks become `%0A`, so nothing in it can begin a line and be a command of its own.
fn command(level: &str, title: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| data(line)).collect();
    format!("::{level} title={}::{}\n", property(title), lines.join("%0A"))
}

/// The message of a command.
fn data(text: &str) -> String {
    let text = one_line(text, 600);
    // The log shows each line again; none may look like a command, nor hold a mark of the older kind.
    let text = text.strip_prefix("::").map_or(text.clone(), |rest| format!(": :{rest}"));
    text.replace("##[", "# #[").replace("##vso[", "# #vso[").replace('%', "%25")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The outputs `outcome`, `cause` and `outcomes` for the file that `GITHUB_OUTPUT` names, each in the form for any text.
pub fn outputs(reports: &[Report]) -> String {
    let worst = reports.iter().max_by_key(|report| rank(report.outcome));
    let all: Vec<serde_json::Value> = reports
        .iter()
        .map(|report| {
            serde_json::json!({
                "connection": report.connection.name,
                "outcome": report.outcome.name(),
                "cause": report.diagnosis.cause.code(),
            })
        })
        .collect();
    let all = serde_json::Value::Array(all).to_string();
    let outputs = [
        ("outcome", worst.map_or("", |report| report.outcome.name())),
        ("cause", worst.map_or("", |report| report.diagnosis.cause.code())),
        ("outcomes", all.as_str()),
    ];
    // The values are single lines of ours that never equal the mark at their end.
    let lines = outputs.map(|(name, value)| format!("{name}<<end-of-ruta\n{value}\nend-of-ruta\n"));
    lines.concat()
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Works => 0,
        Outcome::WorksWithWarnings => 1,
        Outcome::Inconclusive => 2,
        Outcome::Broken => 3,
    }
}

/// The job summary: a table of all connections, then whatever is wrong and how to mend it.
pub fn summary(reports: &[Report]) -> String {
    let works = reports.iter().filter(|report| report.exit(false) == 0).count();
    let mut out = match reports {
        [one] => format!("### ruta: {}\n\n", plain(&headline(one))),
        many => format!("### ruta: {works} of {} connections work\n\n", many.len()),
    };
    let named = reports.iter().any(|report| report.connection.name.is_some());
    let rows: Vec<Vec<String>> = reports
        .iter()
        .map(|report| {
            let connection = &report.connection;
            let mut row = vec![sign(report.outcome).to_owned()];
            if named {
                row.push(plain(connection.name.as_deref().unwrap_or_default()));
            }
            row.extend([
                code(connection.base_url.as_deref().unwrap_or_default()),
                code(connection.model.as_deref().unwrap_or_default()),
                code(report.diagnosis.cause.code()),
                plain(&report.diagnosis.title),
            ]);
            row
        })
        .collect();
    let heads = ["", "connection", "API URL", "model", "cause", ""];
    let heads: Vec<&str> = heads.into_iter().filter(|head| named || *head != "connection").collect();
    out.push_str(&table(&heads, &rows));
    let told = reports.iter().filter(|report| report.outcome != Outcome::Works || !report.notes.is_empty());
    for report in told.clone().take(IN_FULL) {
        out.push_str(&details(report, reports.len() == 1));
    }
    let more = told.clone().count().saturating_sub(IN_FULL);
    if more > 0 {
        out.push_str(&format!("\n{more} more connections are not told in full here.\n"));
    }
    if let Some(first) = reports.first() {
        let at = first.started_at.split('.').next().unwrap_or_default().replace('T', " ");
        out.push_str(&format!("\nChecked at {} UTC by ruta {}.", plain(&at), plain(&first.ruta)));
        if works < reports.len() {
            out.push_str(" `ruta doctor --format ticket` makes a ticket for the support of the provider.");
        }
        out.push('\n');
    }
    out
}

fn headline(report: &Report) -> String {
    match report.outcome {
        Outcome::Works => works(report),
        _ => report.diagnosis.title.clone(),
    }
}

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Works => "✅ works",
        Outcome::WorksWithWarnings => "⚠️ works, with a warning",
        Outcome::Broken => "❌ broken",
        Outcome::Inconclusive => "❔ not known",
    }
}

/// One connection in full.
fn details(report: &Report, alone: bool) -> String {
    let diagnosis = &report.diagnosis;
    let connection = &report.connection;
    let mut out = String::new();
    if !alone {
        let name = connection.name.as_deref().or(connection.base_url.as_deref()).unwrap_or("no base URL");
        out.push_str(&format!("\n#### {}: {}\n", plain(name), diagnosis.cause));
    }
    if !diagnosis.meaning.is_empty() {
        out.push_str(&format!("\n{}\n", prose(&diagnosis.meaning)));
    }
    let mut list = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push_str(&format!("\n**{title}**\n\n{}", lines.concat()));
        }
    };
    list("Seen", diagnosis.evidence.iter().map(|line| format!("- {}\n", plain(line))).collect());
    list("Circumstances", report.remarks.iter().map(|line| format!("- {}\n", prose(line))).collect());
    let mut fix: Vec<String> = diagnosis.fix.iter().map(|line| format!("- {}\n", prose(line))).collect();
    if let Some(proof) = diagnosis.suggestion.as_ref().and_then(|suggestion| suggestion.proof.as_ref()) {
        fix.insert(1.min(fix.len()), format!("  tried: {}\n", plain(proof)));
    }
    list("Fix", fix);
    let notes = report.notes.iter();
    list("Also found", notes.map(|note| format!("- {}: {}\n", code(note.cause.code()), plain(&note.title))).collect());
    let systems: Vec<&str> =
        [&connection.provider, &connection.server].into_iter().flatten().map(String::as_str).collect();
    if !systems.is_empty() {
        out.push_str(&format!("\nThe server: {}\n", plain(&systems.join(", "))));
    }
    let rows: Vec<Vec<String>> = report
        .checks
        .iter()
        .filter(|check| !HELPERS.contains(&check.id.as_str()))
        .map(|check| {
            let id = check.answer.as_ref().and_then(|answer| answer.request_id.as_deref()).map(code);
            vec![
                plain(&check.title),
                check.status.to_owned(),
                plain(&one_line(&check.summary, 80)),
                id.unwrap_or_default(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&table(&["check", "result", "what happened", "request ID"], &rows));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_whatever_is_in_it() {
        let lines = ["100% a\n::error::b".to_owned(), "::stop::##[group]c\rd".to_owned()];
        assert_eq!(
            command("error", "x: y, z\n", &lines),
            "::error title=x%3A y%2C z::100%25 a ::error::b%0A: :stop::# #[group]c d\n"
        );
    }
}
