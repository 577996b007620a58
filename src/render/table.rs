//! The reports of several connections for a person at a terminal: a table, then what is broken and how to mend it.

use colored::Color;
use unicode_width::UnicodeWidthStr;

use super::Style;
use super::columns::short;
use super::terminal::{self, Pen};
use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::evidence::span;
use crate::report::{Outcome, Report};

/// Lines of advice for a connection that is broken, and for one that works with a warning.
const FIXES: (usize, usize) = (2, 1);
/// Names and models take no more columns than this, and are not shortened below that.
const MOST: usize = 32;
const LEAST: usize = 8;

/// The table, the causes and the count.
pub fn render(reports: &[Report], remarks: &[String], style: Style) -> String {
    let pen = Pen { style };
    let mut out = String::new();
    for remark in remarks {
        pen.paragraph(" ", &pen.ascii(&one_line(remark, 400)), &mut out);
    }
    if !remarks.is_empty() {
        out.push('\n');
    }
    table(&pen, reports, &mut out);
    for alike in alike(reports) {
        out.push('\n');
        finding(&pen, &alike, &mut out);
    }
    out.push('\n');
    out.push_str(&format!(" {}\n", count(&pen, reports)));
    out
}

/// One connection on one line.
pub fn verdict(report: &Report, style: Style) -> String {
    let pen = Pen { style };
    format!("{}  {}", pen.ascii(&name(report)), terminal::verdict_line(report, style))
}

fn name(report: &Report) -> String {
    one_line(report.connection.name.as_deref().unwrap_or("?"), 80)
}

fn mark(pen: &Pen, outcome: Outcome) -> String {
    let (mark, color) = match outcome {
        Outcome::Works => (pen.sign("✓", "+"), Color::Green),
        Outcome::WorksWithWarnings => ("!", Color::Yellow),
        Outcome::Broken => (pen.sign("✗", "x"), Color::Red),
        Outcome::Inconclusive => ("?", Color::Yellow),
    };
    pen.paint(mark, color)
}

/// A line for each connection: sign, name, cause, model, time. The cause always stands in full, so that it can be looked
/// up; what does not fit comes off the longer ones of name and model.
fn table(pen: &Pen, reports: &[Report], out: &mut String) {
    let rows: Vec<[String; 4]> = reports
        .iter()
        .map(|report| {
            let model = report.connection.model.as_deref().map(|model| one_line(model, 80));
            [
                pen.ascii(&name(report)),
                report.diagnosis.cause.to_string(),
                pen.ascii(&model.unwrap_or_else(|| "-".into())),
                span(f64::from(u32::try_from(report.duration_ms).unwrap_or(u32::MAX))),
            ]
        })
        .collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    widths[0] = widths[0].min(MOST);
    widths[2] = widths[2].min(MOST);
    // The sign with its blanks, and two blanks between the columns.
    let room = pen.style.width.saturating_sub(3 + 2 * 3);
    while widths.iter().sum::<usize>() > room && widths[0].max(widths[2]) > LEAST {
        let longer = if widths[0] >= widths[2] { 0 } else { 2 };
        widths[longer] -= 1;
    }
    for (report, row) in reports.iter().zip(&rows) {
        let mut line = format!(" {} ", mark(pen, report.outcome));
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let cell = if index == 1 { cell.clone() } else { short(cell, width, pen.style.unicode) };
            let fill = " ".repeat(width.saturating_sub(cell.width()));
            // Times stand below each other by their ends.
            let text = if index == 3 { format!("{fill}{cell}") } else { format!("{cell}{fill}  ") };
            line.push_str(&if index >= 2 { pen.dim(&text) } else { text });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// What does not work or deserves a word, in the order of the connections. Those of which the same is to be said stand
/// together: a network that is down is one trouble, not twelve.
fn alike(reports: &[Report]) -> Vec<Vec<&Report>> {
    let mut groups: Vec<Vec<&Report>> = Vec::new();
    for report in reports.iter().filter(|report| report.outcome != Outcome::Works) {
        let said = |report: &Report| {
            let diagnosis = &report.diagnosis;
            let proof = diagnosis.suggestion.as_ref().and_then(|suggestion| suggestion.proof.clone());
            let note = report.notes.first().map(|note| (note.cause, note.fix.clone()));
            let remarks = report.evidence.target.remarks.clone();
            (report.outcome, diagnosis.cause, diagnosis.title.clone(), diagnosis.fix.clone(), proof, note, remarks)
        };
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| said(first) == said(report))) {
            Some(group) => group.push(report),
            None => groups.push(vec![report]),
        }
    }
    groups
}

/// The cause and the first steps, once for all connections that share them.
fn finding(pen: &Pen, alike: &[&Report], out: &mut String) {
    let Some(report) = alike.first() else { return };
    let diagnosis = &report.diagnosis;
    let names: Vec<String> = alike.iter().map(|report| name(report)).collect();
    let warning = report.outcome == Outcome::WorksWithWarnings;
    let (mut cause, mut title, mut fixes) = (diagnosis.cause, diagnosis.title.as_str(), diagnosis.fix.as_slice());
    if let (true, Cause::Ok, Some(note)) = (warning, cause, report.notes.first()) {
        (cause, title, fixes) = (note.cause, note.title.as_str(), note.fix.as_slice());
    }
    let lead = format!(" {} ", mark(pen, report.outcome));
    let said = if cause == Cause::Ok { title.to_owned() } else { format!("{cause}: {title}") };
    let mut lines = String::new();
    pen.paragraph("   ", &pen.ascii(&format!("{}: {said}", names.join(", "))), &mut lines);
    out.push_str(&lines.replacen("   ", &lead, 1));
    for remark in &report.evidence.target.remarks {
        pen.paragraph("     ", &pen.ascii(&one_line(remark, 400)), out);
    }
    let proof = diagnosis.suggestion.as_ref().and_then(|suggestion| suggestion.proof.as_ref());
    let most = if warning { FIXES.1 } else { FIXES.0 };
    for (index, fix) in fixes.iter().take(most).enumerate() {
        pen.paragraph(if index == 0 { "     Fix  " } else { "          " }, &pen.ascii(fix), out);
        if let (0, Some(proof), false) = (index, proof, warning) {
            pen.paragraph("          ", &pen.ascii(&format!("tried: {proof}")), out);
        }
    }
}

/// How many work, of how many.
fn count(pen: &Pen, reports: &[Report]) -> String {
    let of = |outcome: Outcome| reports.iter().filter(|report| report.outcome == outcome).count();
    let warned = of(Outcome::WorksWithWarnings);
    let (works, broken, open) = (of(Outcome::Works) + warned, of(Outcome::Broken), of(Outcome::Inconclusive));
    let verb = if works == 1 { "works" } else { "work" };
    let mut text = if works == reports.len() && works > 1 {
        format!("all {works} work")
    } else {
        format!("{works} of {} {verb}", reports.len())
    };
    if warned > 0 {
        let them = if works > warned { format!("{warned} of them ") } else { String::new() };
        text.push_str(&format!(", {them}with a warning"));
    }
    let mut rest = Vec::new();
    if broken > 0 {
        rest.push(format!("{broken} broken"));
    }
    if open > 0 {
        rest.push(format!("{open} not known"));
    }
    if !rest.is_empty() {
        text.push_str(&format!("; {}", rest.join(", ")));
    }
    let color = if broken > 0 {
        Color::Red
    } else if open + warned > 0 {
        Color::Yellow
    } else {
        Color::Green
    };
    pen.paint(&text, color)
}
