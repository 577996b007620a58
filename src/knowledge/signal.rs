//! What one answer means by itself: the rows of `says`, looked up in a fixed order.

use super::provider::{SYSTEMS, System, by_id};
use super::row::{Mark, Row};
use crate::cause::Cause;
use crate::evidence::answer::Answer;
use crate::evidence::reading::Reading;

/// What one answer means, and which row said so.
#[derive(Debug, Clone, Copy)]
pub struct Signal {
    /// The meaning of this answer alone; other observations may refine it.
    pub cause: Cause,
    /// The system whose row fits.
    pub system: &'static System,
    /// The row's place in its file.
    pub row: usize,
}

/// Looks the answer up: rows of the host's provider, then of the recognised software, then the general ones.
pub fn signal(
    answer: &Answer,
    reading: &Reading,
    at: &str,
    provider: Option<&'static System>,
    software: &[&'static System],
) -> Option<Signal> {
    let general = by_id("any");
    let mut asked: Vec<&str> = Vec::new();
    for system in provider.into_iter().chain(software.iter().copied()).chain(general) {
        if asked.contains(&system.id) {
            continue;
        }
        asked.push(system.id);
        if let Some((row, says)) = system.says.iter().enumerate().find(|(_, row)| fits(row, answer, reading, at)) {
            return Some(Signal { cause: says.means, system, row });
        }
    }
    None
}

/// The software that the answer's marks give away: servers and gateways first, then what stands before them.
pub fn software(answer: &Answer, reading: &Reading) -> Vec<&'static System> {
    let fit = |system: &&'static System| system.fingerprints.iter().any(|row| fits(row, answer, reading, ""));
    let (mut servers, boxes): (Vec<_>, Vec<_>) =
        SYSTEMS.iter().filter(fit).partition(|system| system.kind != "middlebox");
    servers.extend(boxes);
    servers
}

/// Whether every mark of the row is there.
pub fn fits(row: &Row, answer: &Answer, reading: &Reading, at: &str) -> bool {
    let has = |known: &[String], wanted: &str| known.iter().any(|one| one == wanted);
    (row.statuses().is_empty() || row.statuses().contains(&answer.status))
        && row.marks().all(|mark| match mark {
            Mark::At(places) => at.is_empty() || places.split(' ').any(|place| place == at),
            Mark::Code(code) => has(&reading.codes, code),
            Mark::Type(kind) => has(&reading.types, kind),
            Mark::Text(phrase) => reading.haystack.contains(phrase),
            Mark::Title(text) => reading.title.as_ref().is_some_and(|title| title.to_lowercase().contains(text)),
            Mark::Header(mark) => header_fits(mark, answer),
            Mark::OwnedBy(text) => reading.owners.iter().any(|owner| owner.contains(text)),
        })
}

fn header_fits(mark: &str, answer: &Answer) -> bool {
    let (name, wanted) = mark.split_once(':').unwrap_or((mark, ""));
    let (name, wanted) = (name.trim(), wanted.trim());
    answer.headers.iter().any(|(known, value)| *known == name && value.to_lowercase().contains(wanted))
}
