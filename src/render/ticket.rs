//! The report for a support desk, in Markdown.

use crate::report::Report;

/// All reports together.
pub fn render(_reports: &[Report]) -> String {
    String::new()
}
