//! The report for node_exporter's textfile collector.

use crate::report::Report;

/// All reports together.
pub fn render(_reports: &[Report]) -> String {
    String::new()
}
