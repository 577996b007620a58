//! The report as JSON, for programs.

use crate::connection::scrub::visible_json;
use crate::report::Report;

/// One JSON object, indented, with a line break at the end.
pub fn render(report: &Report) -> String {
    // The report has only text keys and finite numbers, so it always serialises.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    visible_json(&text)
}

/// A JSON array of the reports, in the order of the connections.
pub fn render_many(reports: &[Report]) -> String {
    let mut text = serde_json::to_string_pretty(reports).unwrap_or_default();
    text.push('\n');
    visible_json(&text)
}
