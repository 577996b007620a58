//! The report for GitHub Actions: annotations, a job summary and outputs.

use crate::report::Report;

/// All reports together.
pub fn render(_reports: &[Report]) -> String {
    String::new()
}
