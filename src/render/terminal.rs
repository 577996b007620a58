//! The report for a person at a terminal: one line a check, the cause, the fix.

use colored::{Color, Colorize};
use textwrap::Options;

use super::Style;
use super::underline::underline;
use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::report::{AbilityReport, CheckReport, Outcome, Report};

/// Checks that are the doctor's own means; they show in the fix or in the evidence, not as lines of their own.
pub(super) const HELPERS: &[&str] = &[
    "other-root",
    "other-scheme",
    "twin",
    "models-clean-key",
    "models-made-up-key",
    "models-no-key",
    "proof-models",
    "proof-chat",
    "proof-responses",
    "proof-messages",
];
/// Column at which what happened is written.
const SUMMARY: usize = 34;

/// The whole report.
pub fn render(report: &Report, style: Style) -> String {
    let pen = Pen { style };
    let mut out = String::new();
    pen.header(report, &mut out);
    pen.url(report, &mut out);
    // Repeated on a fresh connection: the first try says nothing of the server.
    let repeated = report.checks.iter().any(|check| {
        check.id == "chat-again" && check.status == "pass" && check.summary.contains("a fresh connection")
    });
    let mut checks = report
        .checks
        .iter()
        .filter(|check| !(HELPERS.contains(&check.id.as_str()) || (repeated && check.id == "chat")))
        .peekable();
    while let Some(check) = checks.next() {
        // What is skipped for one reason is one line.
        let mut names = vec![check.id.as_str()];
        while let Some(next) =
            checks.next_if(|next| check.status == "skip" && next.status == "skip" && next.summary == check.summary)
        {
            names.push(&next.id);
        }
        pen.check(check, &names, &mut out);
    }
    out.push('\n');
    pen.verdict(report, &mut out);
    pen.abilities(report, &mut out);
    pen.prediction(report, &mut out);
    pen.notes(report, &mut out);
    out
}

/// The verdict alone, on one line.
pub fn verdict_line(report: &Report, style: Style) -> String {
    let pen = Pen { style };
    let (word, color) = word(report.outcome);
    format!("{}  {}: {}\n", pen.paint(word, color), report.diagnosis.cause, report.diagnosis.title)
}

fn word(outcome: Outcome) -> (&'static str, Color) {
    match outcome {
        Outcome::Works => ("Works", Color::Green),
        Outcome::WorksWithWarnings => ("Works, with a warning", Color::Yellow),
        Outcome::Broken => ("Broken", Color::Red),
        Outcome::Inconclusive => ("Not known", Color::Yellow),
    }
}

/// How lines are drawn, whatever the form of the report.
pub(super) struct Pen {
    pub(super) style: Style,
}

impl Pen {
    pub(super) fn paint(&self, text: &str, color: Color) -> String {
        self.style.paint(text, color)
    }

    pub(super) fn dim(&self, text: &str) -> String {
        if self.style.color { text.dimmed().to_string() } else { text.to_owned() }
    }

    pub(super) fn sign<'a>(&self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.style.unicode { unicode } else { ascii }
    }

    /// What is checked, in one line.
    fn header(&self, report: &Report, out: &mut String) {
        let connection = &report.connection;
        let dot = format!(" {} ", self.sign("·", "|"));
        let told = report.evidence.origin.elsewhere();
        let lead = if told { "ruta explain" } else { "ruta doctor " };
        let system = connection.provider.as_ref().or(connection.server.as_ref()).cloned();
        let url = connection.base_url.as_deref().filter(|url| !url.trim().is_empty());
        let key = connection.key.as_ref().map(|key| {
            let prefix = if key.prefix.is_empty() {
                String::new()
            } else {
                format!("{}{} ", key.prefix, self.sign("…", "..."))
            };
            format!("key {prefix}({} characters, from {})", key.length, key.source)
        });
        // What somebody pasted says nothing of the values: nothing is said of them either.
        let absent = |what: &str| (!told).then(|| what.to_owned());
        let first = url.map(|url| one_line(url, 200)).or_else(|| absent("no base URL"));
        let parts: Vec<String> =
            [system, key.or_else(|| absent("no key")), connection.model.clone().or_else(|| absent("no model"))]
                .into_iter()
                .flatten()
                .collect();
        let rest = parts.join(&dot);
        match first {
            Some(first) => {
                out.push_str(&format!("{lead} {}\n", self.ascii(&first)));
                self.paragraph("             ", &self.ascii(&rest), out);
            }
            None if rest.is_empty() => out.push_str(&format!("{lead} an answer seen elsewhere\n")),
            None => self.paragraph(&format!("{lead} "), &self.ascii(&rest), out),
        }
        for line in &report.remarks {
            self.paragraph("             ", &self.ascii(line), out);
        }
        out.push('\n');
    }

    /// The base URL with its faulty part underlined.
    fn url(&self, report: &Report, out: &mut String) {
        let Some((span, label)) = &report.diagnosis.span else { return };
        let Some(shown) = report.connection.base_url.as_deref().filter(|shown| !shown.is_empty()) else {
            out.push_str(&format!(" {} the base URL is an API root\n", self.paint(self.sign("✗", "x"), Color::Red)));
            return;
        };
        let (mark, color) = if report.outcome == Outcome::WorksWithWarnings {
            (self.sign("!", "!"), Color::Yellow)
        } else {
            (self.sign("✗", "x"), Color::Red)
        };
        out.push_str(&format!(" {} the base URL is an API root\n", self.paint(mark, color)));
        out.push_str(&underline(shown, span.clone(), label, color, self.style));
    }

    /// A check; where several were skipped for one reason, all their names.
    fn check(&self, check: &CheckReport, names: &[&str], out: &mut String) {
        let again = check.id == "chat-again" && check.summary.contains("a fresh connection");
        let title = match names {
            [_, _, ..] => names.join(", "),
            _ if again => "the model answers".to_owned(),
            _ => check.title.clone(),
        };
        let (mark, color) = match check.status {
            "pass" => (self.sign("✓", "+"), Color::Green),
            "warn" => ("!", Color::Yellow),
            "fail" => (self.sign("✗", "x"), Color::Red),
            _ => ("-", Color::White),
        };
        let mark = if check.status == "skip" { self.dim(mark) } else { self.paint(mark, color) };
        let mut lead = format!(" {mark} {title:<width$}", width = SUMMARY - 3);
        if title.len() > SUMMARY - 4 {
            out.push_str(&format!("{lead}\n"));
            lead = " ".repeat(SUMMARY);
        }
        let summary = self.ascii(&check.summary);
        let room = self.style.width.saturating_sub(SUMMARY).max(12);
        let lines = textwrap::wrap(&summary, room);
        for (index, line) in lines.iter().enumerate() {
            let text = if check.status == "skip" || check.status == "pass" { self.dim(line) } else { line.to_string() };
            if index == 0 {
                out.push_str(&format!("{lead}{text}\n"));
            } else {
                out.push_str(&format!("{}{text}\n", " ".repeat(SUMMARY)));
            }
        }
        if lines.is_empty() {
            out.push_str(lead.trim_end());
            out.push('\n');
        }
    }

    fn verdict(&self, report: &Report, out: &mut String) {
        let diagnosis = &report.diagnosis;
        let (word, color) = match report.outcome {
            Outcome::Works => ("Works  ", Color::Green),
            Outcome::WorksWithWarnings => ("Warning", Color::Yellow),
            Outcome::Broken => ("Cause  ", Color::Red),
            Outcome::Inconclusive if diagnosis.cause == Cause::Ok => ("So far ", Color::Yellow),
            Outcome::Inconclusive => ("Cause  ", Color::Yellow),
        };
        let title = if diagnosis.cause == Cause::Ok {
            diagnosis.title.clone()
        } else {
            format!("{}: {}", diagnosis.cause, diagnosis.title)
        };
        if report.outcome == Outcome::WorksWithWarnings {
            self.labelled(
                "Works  ",
                Color::Green,
                diagnosis.evidence.last().map_or("the model answered", String::as_str),
                out,
            );
        }
        self.labelled(word, color, &title, out);
        if !diagnosis.meaning.is_empty() {
            self.labelled("       ", color, &diagnosis.meaning, out);
        }
        // What a line of the checks above says already is not said again, nor what stands above as "Works".
        let said =
            |line: &str| report.checks.iter().any(|check| !HELPERS.contains(&check.id.as_str()) && tells(check, line));
        let last = diagnosis.evidence.len()
            - usize::from(report.outcome == Outcome::WorksWithWarnings && !diagnosis.evidence.is_empty());
        let alone = diagnosis.span.is_some() && diagnosis.evidence.len() == 1;
        let seen: Vec<&String> = if report.outcome == Outcome::Works || alone {
            Vec::new()
        } else {
            diagnosis.evidence[..last].iter().filter(|line| !said(line)).collect()
        };
        for (index, line) in seen.iter().enumerate() {
            self.labelled(if index == 0 { "Seen   " } else { "       " }, Color::White, line, out);
        }
        let proof = diagnosis.suggestion.as_ref().and_then(|suggestion| suggestion.proof.as_ref());
        for (index, line) in diagnosis.fix.iter().enumerate() {
            let label = match (index, report.outcome) {
                (0, Outcome::Works) => "Next   ",
                (0, _) => "Fix    ",
                _ => "       ",
            };
            self.labelled(label, Color::Cyan, line, out);
            if let (0, Some(proof)) = (index, proof) {
                self.labelled("       ", Color::Cyan, &format!("tried: {proof}"), out);
            }
        }
        for (index, link) in diagnosis.links.iter().enumerate() {
            self.labelled(if index == 0 { "See    " } else { "       " }, Color::White, link, out);
        }
    }

    /// What the client will show.
    fn prediction(&self, report: &Report, out: &mut String) {
        if let Some(told) = report.client_prediction.as_ref().filter(|told| !told.say.is_empty()) {
            self.labelled("Client ", Color::White, &told.say, out);
        }
    }

    fn notes(&self, report: &Report, out: &mut String) {
        for note in &report.notes {
            out.push('\n');
            self.labelled("Note   ", Color::Yellow, &format!("{}: {}", note.cause, note.title), out);
            for fix in note.fix.iter().take(2) {
                self.labelled("       ", Color::Yellow, fix, out);
            }
        }
    }

    /// What the server can do beside plain chat, where everything was asked.
    fn abilities(&self, report: &Report, out: &mut String) {
        if !report.evidence.target.full || report.outcome == Outcome::Broken {
            return;
        }
        let turned = |result: &'static str| report.abilities.iter().filter(move |ability| ability.result == result);
        let can: Vec<&str> = turned("works").map(|ability| ability.name.as_str()).collect();
        // An endpoint that refuses one request may take another; a model that calls no tool calls none.
        let partly = |ability: &&AbilityReport| !matches!(ability.id.as_str(), "tools-call" | "structured");
        let lack = |ability: &AbilityReport| {
            let what = if ability.refused.is_empty() { ability.name.clone() } else { ability.refused.join(", ") };
            format!("{what}: {}", ability.means.as_deref().unwrap_or(&ability.detail))
        };
        // The same reason is given once.
        let mut unknown: Vec<(Vec<&str>, String)> = Vec::new();
        for ability in turned("not-tested") {
            let why = [Some(ability.detail.as_str()), ability.means.as_deref()];
            let why = why.into_iter().flatten().collect::<Vec<_>>().join("; ");
            match unknown.iter_mut().find(|(_, known)| *known == why) {
                Some((names, _)) => names.push(&ability.name),
                None => unknown.push((vec![&ability.name], why)),
            }
        }
        let unknown = unknown.into_iter().map(|(names, why)| format!("{}: {why}", names.join(", ")));
        let lines = [
            ("Can    ", Color::Green, if can.is_empty() { Vec::new() } else { vec![can.join(", ")] }),
            (
                "Cannot ",
                Color::Yellow,
                turned("not-there").chain(turned("refused").filter(|one| !partly(one))).map(lack).collect(),
            ),
            ("Refuses", Color::Yellow, turned("refused").filter(partly).map(lack).collect()),
            ("Unknown", Color::White, unknown.collect()),
        ];
        out.push('\n');
        for (label, color, lines) in lines {
            for (index, line) in lines.iter().enumerate() {
                self.labelled(if index == 0 { label } else { "       " }, color, line, out);
            }
        }
    }

    pub(super) fn labelled(&self, label: &str, color: Color, text: &str, out: &mut String) {
        let lead = format!(" {}", if label.trim().is_empty() { label.to_owned() } else { self.paint(label, color) });
        let wrapped = wrap(&self.ascii(text), self.style.width.saturating_sub(9).max(20));
        for (index, line) in wrapped.iter().enumerate() {
            let start = if index == 0 { lead.clone() } else { " ".repeat(8) };
            out.push_str(format!("{start} {line}").trim_end());
            out.push('\n');
        }
    }

    pub(super) fn paragraph(&self, label: &str, text: &str, out: &mut String) {
        let wrapped = wrap(text, self.style.width.saturating_sub(label.len()).max(20));
        for (index, line) in wrapped.iter().enumerate() {
            let start = if index == 0 { label.to_owned() } else { " ".repeat(label.len()) };
            out.push_str(format!("{start}{line}").trim_end());
            out.push('\n');
        }
    }

    pub(super) fn ascii(&self, text: &str) -> String {
        self.style.ascii(text)
    }
}

/// Wraps at spaces only, so that URLs and IDs can be copied in one piece.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// Whether an evidence line tells of the request of this check.
fn tells(check: &CheckReport, line: &str) -> bool {
    let Some(request) = &check.request else { return false };
    let path = request
        .url
        .find("://")
        .and_then(|at| request.url[at + 3..].find('/').map(|slash| at + 3 + slash))
        .map_or("", |at| &request.url[at..]);
    let mut words = line.split([' ', ':']);
    words.next() == Some(request.method.as_str()) && words.next() == Some(path)
}
