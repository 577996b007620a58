//! `ruta connections find`: what the environment and the usual places of all clients hold, and how to check it.

use serde::Serialize;

use super::super::args::ColorChoice;
use super::super::output::{self, Problem};
use super::source::process;
use super::{clients, detect, names};
use crate::connection::KeySource;
use crate::connection::foreign::{Found, Holding};
use crate::connection::key::{self, KeyFacts};
use crate::connection::scrub::{Scrubber, one_line, visible_json};
use crate::connection::url::redact;
use crate::knowledge::provider;
use crate::render::columns;

/// One connection, as it is listed.
#[derive(Serialize)]
struct Row {
    /// What `--from` takes.
    source: &'static str,
    name: String,
    client: String,
    base_url: Option<String>,
    model: Option<String>,
    key: Option<Key>,
    /// Whether `ruta doctor --from` checks it.
    enabled: bool,
    /// Why it does not.
    because: Option<String>,
    remarks: Vec<String>,
    command: String,
}

/// What may be said of a key.
#[derive(Serialize)]
struct Key {
    source: String,
    prefix: String,
    length: usize,
}

/// Lists all that is found and returns the exit code.
pub(in crate::cli) fn find(json: bool) -> Result<u8, Problem> {
    let mut rows: Vec<Row> = Vec::new();
    let mut remarks: Vec<String> = Vec::new();
    let mut absent: Vec<String> = Vec::new();
    add("env", detect::of_variables(&process()), &mut rows, &mut remarks);
    for client in clients::CLIENTS {
        let seen = (client.read)();
        remarks.extend(seen.refused.into_iter().map(|(path, why)| format!("{path} was not read: {why}")));
        absent.extend(seen.absent);
        add(client.id, seen.holding, &mut rows, &mut remarks);
    }
    let text = if json { as_json(&rows) } else { as_text(&rows, &remarks, &absent) };
    output::write(&text, None)?;
    Ok(0)
}

fn add(source: &'static str, mut holding: Holding, rows: &mut Vec<Row>, remarks: &mut Vec<String>) {
    names::complete(&mut holding.found);
    for found in holding.found {
        let row = row(source, found);
        // Variables of the process are seen again by the clients that read them.
        let known = rows.iter().any(|other| {
            let from = |row: &Row| row.key.as_ref().map(|key| key.source.clone());
            other.source == "env" && (&other.base_url, from(other)) == (&row.base_url, from(&row))
        });
        if !known {
            rows.push(row);
        }
    }
    remarks.extend(holding.remarks.into_iter().map(|remark| format!("{source}: {remark}")));
}

fn row(source: &'static str, found: Found) -> Row {
    let connection = found.connection;
    let scrubber = Scrubber::new(connection.key.as_ref(), connection.headers.iter().map(|(_, value)| value.as_str()));
    let facts = connection.key.as_ref().map(|key| {
        let from = connection.key_source.clone().unwrap_or(KeySource::Stdin);
        key::read(key, from, provider::key_prefixes())
    });
    let shown = |text: &str| one_line(&scrubber.scrub(&redact(text)), 200);
    Row {
        source,
        name: connection.name.unwrap_or_default(),
        client: connection.client,
        base_url: connection.base_url.as_deref().map(shown),
        model: connection.model.as_deref().map(shown),
        key: facts.map(|KeyFacts { source, prefix, length, .. }| Key { source: source.describe(), prefix, length }),
        enabled: found.skipped.is_none(),
        because: found.skipped,
        remarks: connection.remarks,
        command: format!("ruta doctor --from {source}"),
    }
}

fn as_json(rows: &[Row]) -> String {
    let mut text = serde_json::to_string_pretty(rows).unwrap_or_default();
    text.push('\n');
    visible_json(&text)
}

fn as_text(rows: &[Row], remarks: &[String], absent: &[String]) -> String {
    let style = output::style(ColorChoice::Auto, false);
    let mut out = String::new();
    if rows.is_empty() {
        out.push_str("No connection was found in the environment and in the settings of clients.\n");
        if !absent.is_empty() {
            out.push_str("Looked for:\n");
            out.extend(absent.iter().map(|path| format!("  {path}\n")));
        }
    } else {
        let heads = ["SOURCE", "URL", "MODEL", "KEY (LENGTH)", ""].map(str::to_owned);
        let lines: Vec<[String; 5]> = std::iter::once(heads).chain(rows.iter().map(cells)).collect();
        out.push_str(&columns::table(&lines, LEAST, style.width, style.unicode));
        for row in rows {
            if let Some(because) = &row.because {
                out.push_str(&paragraph(&format!("{} is not checked: {because}", row.name), style.width));
            }
        }
        out.push_str("\nCheck them:\n");
        let mut commands: Vec<&str> = rows.iter().filter(|row| row.enabled).map(|row| row.command.as_str()).collect();
        commands.dedup();
        out.extend(commands.iter().map(|command| format!("  {command}\n")));
    }
    if !remarks.is_empty() {
        out.push('\n');
        out.extend(remarks.iter().map(|remark| paragraph(remark, style.width)));
    }
    output::shown(&out, false)
}

fn paragraph(text: &str, width: usize) -> String {
    let options = textwrap::Options::new(width)
        .subsequent_indent("  ")
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    format!("{}\n", textwrap::fill(&one_line(text, 400), options))
}

/// Columns are not shortened below this.
const LEAST: [usize; 5] = [11, 30, 12, 12, 3];

fn cells(row: &Row) -> [String; 5] {
    let key = match &row.key {
        None => "none".to_owned(),
        Some(key) if key.prefix.is_empty() => format!("({})", key.length),
        Some(key) => format!("{}… ({})", key.prefix, key.length),
    };
    let or = |value: &Option<String>| value.clone().filter(|value| !value.is_empty()).unwrap_or_else(|| "-".to_owned());
    let state = if row.enabled { "" } else { "off" };
    [row.source.to_owned(), or(&row.base_url), or(&row.model), key, state.to_owned()]
}
