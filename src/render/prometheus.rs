//! The report for the textfile collector of the node exporter: whether each connection works, why not, and how long it took.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::terminal::HELPERS;
use crate::connection::scrub::one_line;
use crate::report::{CheckReport, Outcome, Report};

/// All reports together.
pub fn render(reports: &[Report]) -> String {
    let connections = names(reports);
    let rows: Vec<(&str, &Report)> = connections.iter().map(String::as_str).zip(reports).collect();
    let mut out = String::new();
    let mut metric = |name: &str, help: &str, samples: Vec<(Vec<(&str, &str)>, String)>| {
        out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
        for (labels, value) in samples {
            let labels: Vec<String> =
                labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escape(text))).collect();
            out.push_str(&format!("{name}{{{}}} {value}\n", labels.join(",")));
        }
    };
    metric(
        "ruta_connection_up",
        "Whether the model answers (1) or not (0); warnings do not count.",
        rows.iter().map(|(name, report)| (described(name, report), u8::from(up(report)).to_string())).collect(),
    );
    metric(
        "ruta_connection_cause",
        "The cause that was found; ok if nothing is wrong.",
        rows.iter()
            .map(|(name, report)| {
                let diagnosis = &report.diagnosis;
                let labels = vec![
                    ("connection", *name),
                    ("cause", diagnosis.cause.code()),
                    ("outcome", report.outcome.name()),
                    ("severity", diagnosis.severity),
                ];
                (labels, "1".to_owned())
            })
            .collect(),
    );
    let checks: Vec<(&str, &CheckReport)> =
        rows.iter().flat_map(|(name, report)| last_of_each(report).into_iter().map(|check| (*name, check))).collect();
    metric(
        "ruta_check_status",
        "How a check ended: pass, warn, fail or skip.",
        checks
            .iter()
            .map(|(name, check)| {
                let labels = vec![("connection", *name), ("check", check.id.as_str()), ("status", check.status)];
                (labels, "1".to_owned())
            })
            .collect(),
    );
    metric(
        "ruta_check_duration_seconds",
        "How long the request of a check took.",
        checks
            .iter()
            .filter_map(|(name, check)| {
                let total = check.timing_ms.total?;
                Some((vec![("connection", *name), ("check", check.id.as_str())], seconds(total)))
            })
            .collect(),
    );
    metric(
        "ruta_run_duration_seconds",
        "How long the whole examination took.",
        rows.iter().map(|(name, report)| (vec![("connection", *name)], thousandths(report.duration_ms))).collect(),
    );
    metric(
        "ruta_last_run_timestamp_seconds",
        "When the examination began, as Unix time.",
        rows.iter().map(|(name, report)| (vec![("connection", *name)], unix(&report.started_at))).collect(),
    );
    out
}

/// A name for each connection that no other has: two series must not be the same.
fn names(reports: &[Report]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::with_capacity(reports.len());
    for report in reports {
        let connection = &report.connection;
        let own = connection.name.as_deref().or(connection.base_url.as_deref()).unwrap_or_default();
        let own = one_line(own, 200);
        let mut name = own.clone();
        for number in 2.. {
            if taken.insert(name.clone()) {
                break;
            }
            name = format!("{own} #{number}");
        }
        names.push(name);
    }
    names
}

fn described<'a>(name: &'a str, report: &'a Report) -> Vec<(&'static str, &'a str)> {
    let connection = &report.connection;
    vec![
        ("connection", name),
        ("base_url", connection.base_url.as_deref().unwrap_or_default()),
        ("model", connection.model.as_deref().unwrap_or_default()),
        ("provider", connection.provider.as_deref().unwrap_or_default()),
        ("client", connection.client.as_str()),
    ]
}

fn up(report: &Report) -> bool {
    matches!(report.outcome, Outcome::Works | Outcome::WorksWithWarnings)
}

/// The last try of each check, the doctor's own follow-ups left out.
fn last_of_each(report: &Report) -> Vec<&CheckReport> {
    let shown: Vec<&CheckReport> = report.checks.iter().filter(|check| !HELPERS.contains(&check.id.as_str())).collect();
    shown
        .iter()
        .enumerate()
        .filter(|(at, check)| !shown[at + 1..].iter().any(|later| later.id == check.id))
        .map(|(_, check)| *check)
        .collect()
}

fn seconds(milliseconds: f64) -> String {
    format!("{:.4}", milliseconds / 1000.0)
}

fn thousandths(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// An RFC 3339 time as Unix time.
fn unix(at: &str) -> String {
    let since = humantime::parse_rfc3339_weak(at).ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.map_or_else(|| "NaN".to_owned(), |since| format!("{}.{:03}", since.as_secs(), since.subsec_millis()))
}

/// A label's value: one harmless line, its backslashes and quotes escaped.
fn escape(text: &str) -> String {
    one_line(text, 200).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_times_are_unix_times() {
        assert_eq!(escape("a\\b\"c\nd"), "a\\\\b\\\"c d");
        assert_eq!(unix("1970-01-01T00:01:00.250Z"), "60.250");
        assert_eq!(thousandths(12_034), "12.034");
    }
}
