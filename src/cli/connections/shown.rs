//! The saved connections as a table, as JSON, and one in full.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use serde::Serialize;

use super::{complain, told};
use crate::cli::args::ColorChoice;
use crate::cli::output::{self, Problem};
use crate::cli::{environment, saved};
use crate::connection::saved::{KeyPlace, Saved};
use crate::connection::scrub::visible_json;
use crate::knowledge::client;
use crate::render::columns;

/// `ruta connections list`.
pub(super) fn list(as_json: bool) -> Result<u8, Problem> {
    let all = saved::all()?;
    if as_json {
        let rows: Vec<Row<'_>> = all.iter().map(row).collect();
        let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
        told(&visible_json(&format!("{text}\n")))?;
        return Ok(0);
    }
    if all.is_empty() {
        complain(&format!("No connection is saved yet. Save one:\n  {}\n", saved::HOW_TO_SAVE));
        return Ok(0);
    }
    let none = || "-".to_owned();
    let head = ["NAME", "URL", "MODEL", "CLIENT", "KEY"].map(str::to_owned);
    let rows = all.iter().map(|saved| {
        [
            saved.name.clone(),
            saved.url.clone().unwrap_or_else(none),
            saved.model.clone().unwrap_or_else(none),
            saved.client.clone().unwrap_or_else(|| client::USUAL.to_owned()),
            key_of(saved),
        ]
    });
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    let style = output::style(ColorChoice::Auto, false);
    // Whoever reads from a pipe wants all of it.
    let room = if std::io::stdout().is_terminal() { style.width } else { usize::MAX };
    told(&columns::table(&rows, [12, 18, 10, 10, 22], room, style.unicode))?;
    Ok(0)
}

/// A connection as JSON.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    url: Option<&'a str>,
    model: Option<&'a str>,
    client: Option<&'a str>,
    key: &'static str,
    key_env: Option<&'a str>,
    headers: BTreeMap<&'a str, &'a str>,
}

fn row(saved: &Saved) -> Row<'_> {
    let (key, key_env) = match &saved.key {
        KeyPlace::Keyring => ("keyring", None),
        KeyPlace::Variable(name) => ("variable", Some(name.as_str())),
        KeyPlace::None => ("none", None),
    };
    Row {
        name: &saved.name,
        url: saved.url.as_deref(),
        model: saved.model.as_deref(),
        client: saved.client.as_deref(),
        key,
        key_env,
        headers: saved.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    }
}

/// Where the key of a connection is, in a word or two.
fn key_of(saved: &Saved) -> String {
    match &saved.key {
        KeyPlace::Keyring => "keyring".into(),
        KeyPlace::Variable(name) if environment::get(name).is_none() => format!("${name} (not set)"),
        KeyPlace::Variable(name) => format!("${name}"),
        KeyPlace::None => "none".into(),
    }
}

/// `ruta connections show`.
pub(super) fn show(name: &str) -> Result<u8, Problem> {
    let saved = saved::named(name)?;
    let unset = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let client = client::of(saved.client.as_deref().unwrap_or(client::USUAL));
    let key = match &saved.key {
        KeyPlace::Keyring => format!("in the keyring (ruta key get {name})"),
        KeyPlace::Variable(variable) if environment::get(variable).is_none() => {
            format!("in the variable {variable}, which is not set now")
        }
        KeyPlace::Variable(variable) => format!("in the variable {variable}"),
        KeyPlace::None => "the server wants none".into(),
    };
    let mut text = format!("{name}\n");
    let mut line = |label: &str, value: &str| text.push_str(&format!("  {label:<9}{value}\n"));
    line("URL", &unset(saved.url.as_deref()));
    line("Model", &unset(saved.model.as_deref()));
    line("Client", client.name);
    line("Key", &key);
    for (index, (header, value)) in saved.headers.iter().enumerate() {
        line(if index == 0 { "Headers" } else { "" }, &format!("{header}: {value}"));
    }
    line("File", &saved::file()?.display().to_string());
    told(&text)?;
    Ok(0)
}
