//! The reports of several connections for a person at a terminal: a table, then what is broken and how to mend it.

use super::{Style, terminal};
use crate::report::Report;

/// The table and the causes.
pub fn render(reports: &[Report], remarks: &[String], style: Style) -> String {
    let mut out = String::new();
    for remark in remarks {
        out.push_str(&format!("{remark}\n"));
    }
    for report in reports {
        out.push_str(&verdict(report, style));
    }
    out
}

/// One connection on one line.
pub fn verdict(report: &Report, style: Style) -> String {
    format!("{}  {}", report.connection.name.as_deref().unwrap_or("?"), terminal::verdict_line(report, style))
}
