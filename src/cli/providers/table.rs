//! The known providers and servers as a table.

use super::{KINDS, listed};
use crate::cli::output;
use crate::knowledge::provider::{SYSTEMS, System};

/// Where the name begins, and where the URL.
const NAME: usize = 19;
const URL: usize = 38;
/// Columns in all.
const WIDTH: usize = 80;

/// All of them, by kind, and what to do next.
pub(super) fn all() -> String {
    let systems: Vec<&System> = listed().collect();
    let mut text = some(&systems);
    let between: Vec<&str> =
        SYSTEMS.iter().filter(|system| system.kind == "middlebox").map(|system| system.name).collect();
    text.push_str("\nIn between, known by what they answer in place of a server\n");
    output::wrap(&between.join(", "), "  ", &mut text);
    text.push('\n');
    output::wrap("`ruta providers ID` tells all of one of them; part of a name will do.", "", &mut text);
    text
}

/// These, by kind.
pub(super) fn some(systems: &[&System]) -> String {
    let mut text = String::new();
    for (kind, title, _) in KINDS {
        let of_kind: Vec<&&System> = systems.iter().filter(|system| system.kind == *kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{title}\n"));
        for system in of_kind {
            row(system, &mut text);
        }
    }
    text
}

/// One of them: a cell for which there is no room goes on the next line.
fn row(system: &System, text: &mut String) {
    let deviates = match system.models_endpoint {
        "missing" => "no list of models",
        "public" => "its list of models needs no key",
        "other-auth" => "its list of models wants another header",
        _ => "",
    };
    let mut line = format!("  {}", system.id);
    for (cell, at) in [(system.name, NAME), (system.base_url, URL), (deviates, URL)] {
        if cell.is_empty() {
            continue;
        }
        let at = at.min(WIDTH.saturating_sub(cell.len()));
        if line.len() >= at {
            text.push_str(&format!("{line}\n"));
            line.clear();
        }
        line = format!("{line:<at$}{cell}");
    }
    text.push_str(&format!("{line}\n"));
}
