//! The report as a `JUnit` file, for build servers: a suite a connection, a case a check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::terminal::HELPERS;
use crate::connection::scrub::harmless;
use crate::report::{CheckReport, Outcome, Report};

/// All reports together.
pub fn render(reports: &[Report]) -> String {
    let mut file = quick_junit::Report::new("ruta doctor");
    let mut names: Vec<String> = Vec::new();
    for report in reports {
        let name = unused(&name(report), &names);
        file.add_test_suite(suite(report, &name));
        names.push(name);
    }
    file.set_time(reports.iter().map(|report| Duration::from_millis(report.duration_ms)).sum());
    // Writing to memory does not fail.
    file.to_string().unwrap_or_default()
}

/// What a suite is called: the connection's name, else its URL.
fn name(report: &Report) -> String {
    let connection = &report.connection;
    let name = connection.name.as_ref().or(connection.base_url.as_ref()).filter(|name| !name.trim().is_empty());
    xml(name.map_or("no base URL", String::as_str))
}

/// The class of a suite's cases. Build servers read packages from its dots, and a URL has none.
fn class(name: &str) -> String {
    let bare = name.split_once("://").map_or(name, |(_, rest)| rest);
    format!("ruta.{}", bare.replace('.', "_"))
}

/// Build servers put cases of one name together: two connections must not share one.
fn unused(name: &str, names: &[String]) -> String {
    let mut numbers = 2..;
    let mut free = name.to_owned();
    while names.contains(&free) {
        free = format!("{name} #{}", numbers.next().unwrap_or(0));
    }
    free
}

fn suite(report: &Report, name: &str) -> TestSuite {
    let connection = &report.connection;
    let mut suite = TestSuite::new(name);
    suite.timestamp = report.started_at.parse().ok();
    suite.set_time(Duration::from_millis(report.duration_ms));
    let client = crate::knowledge::client::of(&connection.client).name;
    for (key, value) in [
        ("base_url", connection.base_url.as_deref()),
        ("model", connection.model.as_deref()),
        ("provider", connection.provider.as_deref()),
        ("server", connection.server.as_deref()),
        ("client", Some(client)),
        ("outcome", Some(report.outcome.name())),
        ("cause", Some(report.diagnosis.cause.code())),
        ("ruta", Some(report.ruta.as_str())),
    ] {
        if let Some(value) = value {
            suite.add_property(Property::new(key, xml(value)));
        }
    }
    let class = class(name);
    let shown: Vec<&CheckReport> = shown(report);
    let told = told_by(report, &shown);
    // A fault in the text of a value shows at no request: it gets a case of its own, before those that were not run.
    if told.is_none() && report.exit(false) != 0 {
        let mut case = failed(report, None);
        case.name = verdict_case(&report.diagnosis.seen_at).into();
        suite.add_test_case(finish(case, &class, None));
    }
    // Where the model answers all the same, a check that failed is a warning: a build is red where the exit code is not 0.
    let broken = report.exit(false) != 0;
    for check in shown {
        let mut case = match check.status {
            "skip" => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(xml(check.skipped_because.as_deref().unwrap_or(&check.summary)));
                TestCase::new("", status)
            }
            "fail" if broken => failed(report, Some((check, told == Some(check.index)))),
            _ => TestCase::new("", TestCaseStatus::success()),
        };
        case.name = format!("{}: {}", check.id, check.title).into();
        if check.status == "warn" || (check.status == "fail" && !broken) {
            case.set_system_out(xml(&format!("warning: {}", check.summary)));
        }
        suite.add_test_case(finish(case, &class, check.timing_ms.total));
    }
    if let Some(text) = remarks(report) {
        suite.set_system_out(xml(&text));
    }
    suite
}

/// The checks without the doctor's own follow-ups: a made-up key is meant to be refused.
fn shown(report: &Report) -> Vec<&CheckReport> {
    report.checks.iter().filter(|check| !HELPERS.contains(&check.id.as_str())).collect()
}

/// Which of the failed checks tells the cause: the one that showed it, else the one of that name, else the first.
fn told_by(report: &Report, shown: &[&CheckReport]) -> Option<usize> {
    let failed = || shown.iter().filter(|check| check.status == "fail");
    failed()
        .find(|check| Some(check.index) == report.diagnosis.observation)
        .or_else(|| failed().find(|check| check.id == report.diagnosis.seen_at))
        .or_else(|| failed().next())
        .map(|check| check.index)
}

/// The name of the case of a fault that shows at no request.
fn verdict_case(seen_at: &str) -> &'static str {
    match seen_at {
        "url" => "url: the base URL is an API root",
        "key" => "key: the key is one for this server",
        "model" => "model: a model is given",
        _ => "verdict: the connection works",
    }
}

/// A case that failed; the one that tells the cause has all of it, the others what they saw.
fn failed(report: &Report, check: Option<(&CheckReport, bool)>) -> TestCase {
    let diagnosis = &report.diagnosis;
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some((check, false)) = check {
        status.set_type("seen-too").set_message(xml(&check.summary));
        status.set_description(xml(&format!("{}\nThe cause is {}.", check.summary, diagnosis.cause)));
    } else {
        status.set_type(diagnosis.cause.code());
        status.set_message(xml(&format!("{}: {}", diagnosis.cause, diagnosis.title)));
        status.set_description(xml(&story(report)));
    }
    TestCase::new("", status)
}

/// Meaning, evidence and fix, a line each.
fn story(report: &Report) -> String {
    let diagnosis = &report.diagnosis;
    let mut lines = vec![diagnosis.meaning.clone()];
    lines.extend(diagnosis.evidence.iter().map(|line| format!("Seen: {line}")));
    lines.extend(diagnosis.fix.iter().map(|line| format!("Fix: {line}")));
    lines.extend(report.remarks.iter().map(|line| format!("Circumstances: {line}")));
    if let Some(proof) = diagnosis.suggestion.as_ref().and_then(|suggestion| suggestion.proof.as_ref()) {
        lines.push(format!("Tried: {proof}"));
    }
    // The request that showed it first: that is the one to look for in the server's log.
    let mut checks = shown(report);
    checks.sort_by_key(|check| Some(check.index) != diagnosis.observation);
    if let Some(request) = checks.first().and_then(|check| check.request.as_ref()) {
        lines.push(format!("Asked: {} {} at {}", request.method, request.url, request.at));
    }
    let mut told: Vec<&str> = Vec::new();
    for check in checks {
        if let Some(id) = check.answer.as_ref().and_then(|answer| answer.request_id.as_deref())
            && !told.contains(&id)
        {
            told.push(id);
            lines.push(format!("Request ID ({}): {id}", check.id));
        }
    }
    lines.extend(diagnosis.links.iter().map(|link| format!("See: {link}")));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The warnings and lesser findings.
fn remarks(report: &Report) -> Option<String> {
    let diagnosis = &report.diagnosis;
    let mut lines: Vec<String> = Vec::new();
    if report.outcome == Outcome::WorksWithWarnings {
        lines.push(format!("warning: {}: {}", diagnosis.cause, diagnosis.title));
        lines.extend(diagnosis.fix.iter().map(|line| format!("  fix: {line}")));
    }
    for note in &report.notes {
        lines.push(format!("note: {}: {}", note.cause, note.title));
        lines.extend(note.fix.iter().take(2).map(|line| format!("  fix: {line}")));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn finish(mut case: TestCase, class: &str, milliseconds: Option<f64>) -> TestCase {
    case.set_classname(class);
    case.set_time(Duration::from_secs_f64(milliseconds.unwrap_or(0.0).max(0.0) / 1000.0));
    case
}

/// Text with only the characters that XML 1.0 has.
fn xml(text: &str) -> String {
    harmless(text).replace(['\u{fffe}', '\u{ffff}'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_connections_of_one_name_are_told_apart() {
        assert_eq!(unused("a", &["a".to_owned(), "a #2".to_owned()]), "a #3");
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(xml("a\u{0}b\u{fffe}c\u{1b}d\ne"), "abcd\ne");
    }
}
