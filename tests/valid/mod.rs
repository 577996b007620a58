//! Reads what the formats for machines say by the rules of those machines: XML, metrics, workflow commands, Markdown.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};
use ruta::report::Report;

/// Everything that is wrong with any format of these reports.
pub(crate) fn complaints(reports: &[Report]) -> Vec<String> {
    use ruta::render::{github, junit, prometheus, ticket};

    let mut wrong = Vec::new();
    let mut add =
        |format: &str, found: Vec<String>| wrong.extend(found.into_iter().map(|what| format!("{format}: {what}")));
    add("junit", junit_faults(&junit::render(reports), reports));
    add("prometheus", metric_faults(&prometheus::render(reports)));
    let annotations = github::render(reports);
    let count = reports.iter().map(|report| 1 + report.notes.len()).sum();
    add("github", command_faults(&annotations, count));
    add("outputs", output_faults(&github::outputs(reports)));
    add("summary", markdown_faults(&github::summary(reports)));
    add("ticket", markdown_faults(&ticket::render(reports)));
    wrong
}

/// A name, the attributes that must be there, those that may be there, and the elements inside.
type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The elements of such a file, the attributes that each must have and those that it may have, and what may stand in it:
/// what the schemas of Jenkins and of Surefire have in common, with the root that holds several suites.
const ELEMENTS: &[Element] = &[
    ("testsuites", &["tests", "failures", "errors"], &["name", "time", "skipped"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors", "skipped", "time"],
        &["timestamp"],
        &["properties", "testcase", "system-out"],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    ("testcase", &["name", "classname", "time"], &[], &["skipped", "failure", "system-out"]),
    ("failure", &["message", "type"], &[], &[]),
    ("skipped", &["message"], &[], &[]),
    ("system-out", &[], &[], &[]),
];

/// What a strict reader of test reports would refuse, and what contradicts the reports.
pub(crate) fn junit_faults(xml: &str, reports: &[Report]) -> Vec<String> {
    let document = match Document::parse(xml) {
        Ok(document) => document,
        Err(error) => return vec![format!("no XML: {error}")],
    };
    let mut wrong = Vec::new();
    let root = document.root_element();
    if !root.has_tag_name("testsuites") {
        wrong.push(format!("the root is {}", root.tag_name().name()));
    }
    for node in root.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let Some((_, must, may, inside)) = ELEMENTS.iter().find(|(known, ..)| *known == name) else {
            wrong.push(format!("an unknown element {name}"));
            continue;
        };
        let given: BTreeSet<&str> = node.attributes().map(|attribute| attribute.name()).collect();
        wrong.extend(must.iter().filter(|name| !given.contains(*name)).map(|lacks| format!("{name} lacks {lacks}")));
        let odd = given.iter().filter(|name| !must.contains(name) && !may.contains(name));
        wrong.extend(odd.map(|odd| format!("{name} has {odd}")));
        let foreign =
            node.children().filter(Node::is_element).filter(|child| !inside.contains(&child.tag_name().name()));
        wrong.extend(foreign.map(|child| format!("{} in {name}", child.tag_name().name())));
        for number in ["tests", "failures", "errors", "skipped"].iter().filter_map(|name| node.attribute(*name)) {
            wrong.extend(number.parse::<usize>().err().map(|_| format!("{number} is no count")));
        }
        if let Some(time) = node.attribute("time") {
            wrong.extend(time.parse::<f64>().err().map(|_| format!("{time} is no time")));
        }
    }
    let suites: Vec<Node> = root.children().filter(|child| child.has_tag_name("testsuite")).collect();
    let names: BTreeSet<&str> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    if suites.len() != reports.len() || names.len() != reports.len() {
        wrong.push(format!("{} suites with {} names for {} connections", suites.len(), names.len(), reports.len()));
    }
    for (suite, report) in suites.iter().zip(reports) {
        let cases = || suite.children().filter(|child| child.has_tag_name("testcase"));
        let with = |name: &str| cases().filter(|case| case.children().any(|child| child.has_tag_name(name))).count();
        for (name, count) in [("tests", cases().count()), ("failures", with("failure")), ("skipped", with("skipped"))] {
            if suite.attribute(name) != Some(count.to_string().as_str()) {
                wrong.push(format!("{name} is {:?}, there are {count}", suite.attribute(name)));
            }
        }
        let cause = report.diagnosis.cause.code();
        let telling =
            suite.descendants().filter(|node| node.has_tag_name("failure") && node.attribute("type") == Some(cause));
        // A build is red exactly where the exit code is not 0.
        let expected = usize::from(report.exit(false) != 0);
        if telling.count() != expected || (with("failure") > 0) != (expected > 0) {
            wrong.push(format!("{} failures for outcome {}", with("failure"), report.outcome.name()));
        }
    }
    wrong
}

/// What the text format of metrics does not allow: unknown shapes of lines, a sample without its head, one series twice.
pub(crate) fn metric_faults(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut typed = BTreeSet::new();
    if !text.ends_with('\n') {
        wrong.push("the last line has no end".to_owned());
    }
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            let name = head.strip_suffix(" gauge").unwrap_or_default();
            if !typed.insert(name.to_owned()) {
                wrong.push(format!("{name} begins twice"));
            }
            continue;
        }
        if line.starts_with("# HELP ruta_") {
            continue;
        }
        match sample(line) {
            Some((name, series)) if typed.contains(name) => {
                if !seen.insert(series.to_owned()) {
                    wrong.push(format!("twice: {series}"));
                }
            }
            _ => wrong.push(format!("no sample: {line}")),
        }
    }
    wrong
}

/// The name and the whole series of `name{label="value",…} number`.
fn sample(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once('{')?;
    let mut rest = rest;
    loop {
        let (label, value) = rest.split_once("=\"")?;
        if label.is_empty() || !label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return None;
        }
        let mut escaped = false;
        let end = value.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        })?;
        rest = &value[end.0 + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    let number = rest.strip_prefix("} ")?;
    number.parse::<f64>().ok()?;
    Some((name, &line[..line.len() - number.len()]))
}

/// Lines that are no annotation of ours, and whatever could be read as a command inside one.
pub(crate) fn command_faults(text: &str, count: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.lines().count() != count {
        wrong.push(format!("{} lines instead of {count}", text.lines().count()));
    }
    for line in text.lines() {
        let kind = ["::error title=ruta%3A ", "::warning title=ruta%3A ", "::notice title=ruta%3A "];
        let Some(rest) = kind.iter().find_map(|kind| line.strip_prefix(kind)) else {
            wrong.push(format!("no annotation: {line}"));
            continue;
        };
        let title = rest.split("::").next().unwrap_or_default();
        let shown = rest.replace("%0A", "\n");
        let inner = shown.lines().skip(1).any(|line| line.trim_start().starts_with("::"));
        if title.contains([',', ':']) || rest.contains("##[") || inner || rest.chars().any(char::is_control) {
            wrong.push(format!("something foreign in it: {line}"));
        }
    }
    wrong
}

/// What a runner would not read as the three outputs.
pub(crate) fn output_faults(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = Vec::new();
    for (rows, name) in lines.chunks(3).zip(["outcome", "cause", "outcomes"]) {
        let head = format!("{name}<<end-of-ruta");
        if rows.len() != 3 || rows[0] != head || rows[1] == "end-of-ruta" || rows[2] != "end-of-ruta" {
            wrong.push(format!("{rows:?}"));
        }
    }
    if lines.len() != 9 || serde_json::from_str::<Vec<serde_json::Value>>(lines[7]).is_err() {
        wrong.push(format!("{} lines: {text}", lines.len()));
    }
    wrong
}

/// Fences that do not close, rows with another number of cells than their head, HTML, headings that are not ours.
pub(crate) fn markdown_faults(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut fence: Option<&str> = None;
    let mut cells = 0;
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        if let Some(open) = fence {
            if line == open {
                fence = None;
            }
            continue;
        }
        if ticks.len() >= 3 {
            fence = Some(ticks);
            continue;
        }
        if line.starts_with('|') {
            let count = line.replace("\\|", "").matches('|').count();
            if cells != 0 && cells != count {
                wrong.push(format!("{count} bars instead of {cells}: {line}"));
            }
            cells = count;
        } else {
            cells = 0;
        }
        let bare = outside_code(line).replace("<!-- -->", "");
        if bare.contains('<') {
            wrong.push(format!("HTML: {line}"));
        }
        let ours = ["# ", "## ", "### ", "#### "].iter().any(|head| line.starts_with(head));
        if line.trim_start().starts_with('#') && !ours {
            wrong.push(format!("a heading: {line}"));
        }
    }
    if fence.is_some() {
        wrong.push("a fence stays open".to_owned());
    }
    wrong
}

/// A line without its code spans and its escaped signs.
fn outside_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['`', '\\']) {
        out.push_str(&rest[..at]);
        if rest[at..].starts_with('\\') {
            // The sign after a backslash is only itself.
            let mut signs = rest[at + 1..].chars();
            signs.next();
            rest = signs.as_str();
            continue;
        }
        let ticks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let mark = "`".repeat(ticks);
        let inner = &rest[at + ticks..];
        let run = |end: usize| inner[end..].len() - inner[end..].trim_start_matches('`').len();
        let ends = inner.match_indices(&mark).map(|(end, _)| end);
        let end = ends.filter(|end| !inner[..*end].ends_with('`')).find(|end| run(*end) == ticks);
        rest = end.map_or(inner, |end| &inner[end + ticks..]);
    }
    out.push_str(rest);
    out
}
