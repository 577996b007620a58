//! `ruta connections`: saves, lists, shows, changes and forgets connections.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use serde::Serialize;

use super::args::{AddArgs, ColorChoice, ConnectionsArgs, ConnectionsCommand};
use super::output::{self, Problem};
use super::{environment, import, keyring, keys, saved};
use crate::connection::saved::{KeyPlace, Saved, check_name};
use crate::connection::scrub::visible_json;
use crate::knowledge::{address, client};
use crate::render::columns;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ConnectionsArgs) -> Result<u8, Problem> {
    match &args.what {
        ConnectionsCommand::Add(args) => add(args),
        ConnectionsCommand::List { json } => list(*json),
        ConnectionsCommand::Show { name } => show(name),
        ConnectionsCommand::Edit { changes, rename } => edit(changes, rename.as_deref()),
        ConnectionsCommand::Remove { names } => remove(names),
        ConnectionsCommand::Find { json } => import::find(*json),
    }
}

fn add(args: &AddArgs) -> Result<u8, Problem> {
    saved::check_free(&args.name)?;
    let Some(url) = args.url.clone().filter(|url| !url.trim().is_empty()) else {
        return Err(format!(
            "a connection needs at least its base URL:\n       ruta connections add {} --url URL --model MODEL",
            args.name
        )
        .into());
    };
    let new = Saved {
        name: args.name.clone(),
        url: Some(url),
        model: args.model.clone().filter(|model| !model.is_empty()),
        client: args.client.map(|client| client.id.to_owned()),
        key: place(args).unwrap_or(KeyPlace::Keyring),
        headers: merged(Vec::new(), &args.headers),
    };
    new.check()?;
    // Known before the key is asked for: a key must not be typed in vain.
    let keyring = if args.key_stdin { keyring::check().map(Some) } else { Ok(None) };
    let key = match &keyring {
        Ok(Some(())) => Some(keys::piped("--key-stdin")?),
        _ => None,
    };
    let file = saved::add(&new)?;
    told(&format!("Saved `{}` in {}\n", new.name, file.display()))?;
    warn_of_url(&new);
    match keyring {
        Err(why) => return Err(keyless(&new.name, &why.to_string())),
        Ok(_) => {
            if let Some(key) = key {
                keyring::set(&new.name, &key).map_err(|why| keyless(&new.name, &why.to_string()))?;
                told(&format!("Its key is in the keyring: {}\n", keys::described(&key)))?;
            }
        }
    }
    next(&new, args.key_stdin)?;
    Ok(0)
}

/// The connection is saved, its key is not.
fn keyless(name: &str, why: &str) -> Problem {
    format!("`{name}` is saved, but its key is not: {why}.\n       {}", keyring::NoKeyring::other_ways(name)).into()
}

/// What to do next with a new connection.
fn next(new: &Saved, has_key: bool) -> Result<(), Problem> {
    let name = &new.name;
    let key = match &new.key {
        KeyPlace::Variable(variable) if environment::get(variable).is_none() => {
            format!("Its key is read from {variable}, which is not set now: export {variable}=…\n")
        }
        KeyPlace::Keyring if !has_key => format!("Its key: ruta key set {name}\n"),
        _ => String::new(),
    };
    told(&format!("{key}Check it: ruta doctor {name}\n"))
}

/// Where the flags say that the key is.
fn place(args: &AddArgs) -> Option<KeyPlace> {
    if args.no_key {
        return Some(KeyPlace::None);
    }
    if args.key_stdin {
        return Some(KeyPlace::Keyring);
    }
    args.key_env.clone().map(KeyPlace::Variable)
}

/// The headers with those that were given: the same name replaces, an empty value takes away.
fn merged(mut headers: Vec<(String, String)>, given: &[(String, String)]) -> Vec<(String, String)> {
    for (name, value) in given {
        match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(known) => known.1.clone_from(value),
            None => headers.push((name.clone(), value.clone())),
        }
    }
    headers.retain(|(_, value)| !value.is_empty());
    headers
}

/// Says what the text of the base URL shows, with the corrected value; it is saved as it was given.
fn warn_of_url(saved: &Saved) {
    let Some(url) = saved.url.as_deref() else { return };
    let client = client::of(saved.client.as_deref().unwrap_or(client::USUAL));
    let address = address::judge_for(url, client);
    let Some(problem) = address.facts.problems.first() else {
        if let Some(near) = address.near.first() {
            complain(&format!("warning: is `{near}` meant? The host of {url} looks much like it\n"));
        }
        return;
    };
    let before = address.facts.shown.get(..problem.span.start).unwrap_or_default();
    let part = address.facts.shown.get(problem.span.clone()).unwrap_or_default();
    let lead = columns::width(before);
    let mut text = format!("warning: the base URL may be wrong\n     {}\n", address.facts.shown);
    text.push_str(&format!("     {}{} {}\n", " ".repeat(lead), "^".repeat(columns::width(part).max(1)), problem.label));
    if let Some(better) = &address.suggested {
        let better = client.enter(better);
        text.push_str(&format!("     try: ruta connections edit {} --url {better}\n", saved.name));
    }
    complain(&text);
}

fn edit(changes: &AddArgs, rename: Option<&str>) -> Result<u8, Problem> {
    let name = &changes.name;
    let old = saved::named(name)?;
    if let Some(new) = rename {
        check_name(new)?;
    }
    let nothing = changes.url.is_none()
        && changes.model.is_none()
        && changes.client.is_none()
        && changes.headers.is_empty()
        && place(changes).is_none()
        && rename.is_none();
    if nothing {
        return Err(format!(
            "nothing to change in `{name}`: give --url, --model, --for, --key-env, --key-stdin, --no-key, -H or --rename.\n       `ruta connections show {name}` shows what there is"
        )
        .into());
    }
    if changes.url.as_deref().is_some_and(|url| url.trim().is_empty()) {
        return Err("--url is empty; give the base URL".to_owned().into());
    }
    let keyring = if changes.key_stdin { keyring::check().map(Some) } else { Ok(None) };
    let key = match &keyring {
        Ok(Some(())) => Some(keys::piped("--key-stdin")?),
        _ => None,
    };
    let apply = |saved: &mut Saved| {
        if let Some(url) = &changes.url {
            saved.url = Some(url.clone());
        }
        if let Some(model) = &changes.model {
            saved.model = Some(model.clone()).filter(|model| !model.is_empty());
        }
        if let Some(client) = changes.client {
            saved.client = Some(client.id.to_owned());
        }
        if let Some(place) = place(changes) {
            saved.key = place;
        }
        if let Some(name) = rename {
            name.clone_into(&mut saved.name);
        }
        saved.headers = merged(std::mem::take(&mut saved.headers), &changes.headers);
    };
    let new = saved::change(name, apply)?;
    let called = if new.name == *name { String::new() } else { format!(", now called `{}`", new.name) };
    told(&format!("Changed `{name}`{called}\n"))?;
    if changes.url.is_some() || changes.client.is_some() {
        warn_of_url(&new);
    }
    keyring.map_err(|why| keyless(&new.name, &why.to_string()))?;
    if let Some(key) = key {
        keyring::set(&new.name, &key).map_err(|why| keyless(&new.name, &why.to_string()))?;
        told(&format!("Its key is in the keyring: {}\n", keys::described(&key)))?;
    } else if new.name != *name && new.key == KeyPlace::Keyring {
        move_key(name, &new.name)?;
    }
    if old.key == KeyPlace::Keyring && new.key != KeyPlace::Keyring {
        told(&format!("If the keyring holds a key for `{name}`, it stays there until: ruta key remove {name}\n"))?;
    }
    Ok(0)
}

/// The key goes with the new name.
fn move_key(from: &str, to: &str) -> Result<(), Problem> {
    let moved = match keyring::get(from) {
        Ok(None) => return Ok(()),
        Ok(Some(key)) => keyring::set(to, &key),
        Err(why) => Err(why),
    };
    match moved.and_then(|()| keyring::remove(from)) {
        Ok(_) => told(&format!("Its key in the keyring is now that of `{to}`\n")),
        Err(why) => {
            complain(&format!(
                "warning: if the keyring holds a key for `{from}`, it is still under that name: {why}.\n         `ruta key set {to}` keeps it under the new one\n"
            ));
            Ok(())
        }
    }
}

fn remove(names: &[String]) -> Result<u8, Problem> {
    for removed in saved::remove(names)? {
        let name = &removed.name;
        let key = match keyring::remove(name) {
            Ok(true) => ", and its key in the keyring",
            Ok(false) => "",
            Err(why) => {
                // Without a keyring there is no key in it.
                if removed.key == KeyPlace::Keyring && !why.is_absent() {
                    complain(&format!(
                        "warning: if the keyring holds a key for `{name}`, it is still there: {why}.\n         `ruta key remove {name}` takes it out\n"
                    ));
                }
                ""
            }
        };
        told(&format!("Forgot `{name}`{key}\n"))?;
    }
    Ok(0)
}

fn list(as_json: bool) -> Result<u8, Problem> {
    let all = saved::all()?;
    if as_json {
        let rows: Vec<Row<'_>> = all.iter().map(row).collect();
        let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
        told(&visible_json(&format!("{text}\n")))?;
        return Ok(0);
    }
    if all.is_empty() {
        complain("No connection is saved yet. Save one:\n  ruta connections add NAME --url URL --model MODEL\n");
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
    told(&columns::table(&rows, [12, 24, 14, 10, 12], room, style.unicode))?;
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

fn show(name: &str) -> Result<u8, Problem> {
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

/// Prints a result.
fn told(text: &str) -> Result<(), Problem> {
    output::write(&output::shown(text, false), None)
}

/// Prints a remark on standard error.
fn complain(text: &str) {
    let _ = write!(std::io::stderr(), "{}", output::shown(text, false));
}
