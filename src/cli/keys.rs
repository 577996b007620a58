//! `ruta key`: keys in the system's keyring, one for each saved connection.

use std::io::{IsTerminal, Write};

use super::args::{ColorChoice, KeyArgs, KeyCommand};
use super::asking::{self, Asker};
use super::keyring::{self, NoKeyring};
use super::output::{self, Problem};
use super::{environment, saved, values};
use crate::connection::KeySource;
use crate::connection::key::{self, ApiKey, KeyFacts};
use crate::connection::near::near_name;
use crate::connection::saved::{KeyPlace, check_name};
use crate::connection::scrub::one_line;
use crate::connection::secretive::is_key;
use crate::knowledge::provider;
use crate::render::columns;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &KeyArgs) -> Result<u8, Problem> {
    match &args.what {
        KeyCommand::Set { name } => set(name),
        KeyCommand::Get { name, reveal } => get(name, *reveal),
        KeyCommand::Remove { name } => remove(name),
        KeyCommand::List => list(),
    }
}

/// Only a saved connection gets a key: nothing would ever ask for that of another name.
fn set(name: &str) -> Result<u8, Problem> {
    let connection = saved::named(name)?;
    // Known before the key is asked for: a key must not be typed in vain.
    keyring::check().map_err(|why| why.complaint(name))?;
    let key = given(name, &format!("ruta key set {name}"))?;
    keyring::set(name, &key).map_err(|why| not_kept(name, &why))?;
    let mut text = format!("The keyring keeps the key of `{name}`: {}\n", described(&key));
    if connection.key != KeyPlace::Keyring {
        saved::change(name, |saved| saved.key = KeyPlace::Keyring)?;
        let before = match &connection.key {
            KeyPlace::Variable(variable) => format!("no longer from {variable}"),
            _ => "which was saved as one that needs none".to_owned(),
        };
        text.push_str(&format!("`{name}` takes its key from there now, {before}\n"));
    }
    told(&text)?;
    Ok(0)
}

/// The keyring did not take the key, or nobody knows whether it did.
pub(super) fn not_kept(name: &str, why: &NoKeyring) -> Problem {
    if let NoKeyring::Mute(_) = why {
        return format!(
            "{why}, so it is not known whether it has the key.\n       `ruta key get {name}` tells, once it answers.\n       {}",
            NoKeyring::other_ways(name)
        )
        .into();
    }
    why.complaint(name)
}

/// A key that is typed or pasted at a terminal, or else comes on standard input; `flag` is named where that fails.
pub(super) fn given(name: &str, flag: &str) -> Result<ApiKey, Problem> {
    if asking::possible() {
        return typed(name);
    }
    if std::io::stdin().is_terminal() {
        return Err(format!("{flag}: this terminal cannot be asked for a key; give it on standard input").into());
    }
    let key = values::read_key(flag)?;
    if let Some(problem) = facts(&key).problems.into_iter().find(|problem| problem.certain) {
        let _ = writeln!(std::io::stderr(), "warning: the key {}; it is kept as it was given", problem.what);
    }
    Ok(key)
}

/// A key that a person types or pastes; its text is shown nowhere. Where it looks wrong, the person decides.
fn typed(name: &str) -> Result<ApiKey, Problem> {
    let asker = Asker::new(ColorChoice::Auto);
    let text = asker.secret(&format!("API key of {name} (hidden; paste it and press Enter):"))?;
    let key = ApiKey::new(text.to_string());
    if key.is_blank() {
        return Err("no key was entered, and none was stored".to_owned().into());
    }
    asker.answered(&format!("API key of {name}:"), &described(&key));
    let Some(problem) = facts(&key).problems.into_iter().find(|problem| problem.certain) else { return Ok(key) };
    let clean = key.cleaned();
    let without = clean.as_ref().map(|clean| format!("store it without that: {}", described(clean)));
    let choices: Vec<&str> =
        without.as_deref().into_iter().chain(["store it exactly as it is", "store nothing"]).collect();
    // The places without the first choice are those with it, less one.
    let place = asker.one_of(&format!("The key {}. What now?", problem.what), &choices)?;
    match (place + usize::from(clean.is_none()), clean) {
        (0, Some(clean)) => Ok(clean),
        (1, _) => Ok(key),
        _ => Err("no key was stored".to_owned().into()),
    }
}

fn get(name: &str, reveal: bool) -> Result<u8, Problem> {
    no_key(name)?;
    match keyring::get(name).map_err(|why| why.complaint(&one_line(name, 40)))? {
        Some(key) if reveal => keyring::print(&key)?,
        Some(key) => told(&format!("{}  {}\n", one_line(name, 80), described(&key)))?,
        None => return Ok(none_under(name)),
    }
    Ok(0)
}

fn remove(name: &str) -> Result<u8, Problem> {
    no_key(name)?;
    if keyring::remove(name).map_err(|why| Problem::Said(format!("{why}; nothing was removed")))? {
        told(&format!("The keyring no longer holds a key for `{}`\n", one_line(name, 40)))?;
        return Ok(0);
    }
    Ok(none_under(name))
}

/// Somebody who gives the key where the name belongs must not see it on the screen.
fn no_key(name: &str) -> Result<(), Problem> {
    if is_key(name) { check_name(name).map_err(Problem::Said) } else { Ok(()) }
}

/// Says that the keyring holds nothing under this name, and which name may have been meant.
fn none_under(name: &str) -> u8 {
    let all = saved::all().unwrap_or_default();
    let known = all.iter().any(|saved| saved.name == name);
    let near = near_name(name, all.iter().map(|saved| saved.name.as_str())).filter(|_| !known);
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let text = format!("The keyring holds no key for `{}`{hint}\n", one_line(name, 40));
    let _ = write!(std::io::stderr(), "{}", output::shown(&text, false));
    1
}

fn list() -> Result<u8, Problem> {
    let all = saved::all()?;
    let names: Vec<String> = all.iter().map(|saved| saved.name.clone()).collect();
    let held = keyring::names(&names);
    let holds = |name: &String| held.as_ref().is_ok_and(|held| held.contains(name));
    let mut rows: Vec<[String; 2]> = Vec::new();
    for saved in &all {
        let place = match &saved.key {
            KeyPlace::Keyring if held.is_err() => "in the keyring, which cannot be asked".to_owned(),
            KeyPlace::Keyring if holds(&saved.name) => "in the keyring".to_owned(),
            KeyPlace::Keyring => format!("none yet: ruta key set {}", saved.name),
            KeyPlace::Variable(name) if environment::get(name).is_none() => format!("${name} (not set)"),
            KeyPlace::Variable(name) => format!("${name}"),
            KeyPlace::None => "needs none".to_owned(),
        };
        rows.push([saved.name.clone(), place]);
    }
    for name in held.iter().flatten().filter(|name| !names.contains(name)) {
        rows.push([name.clone(), format!("in the keyring, but not saved: ruta key remove {}", one_line(name, 80))]);
    }
    let style = output::style(ColorChoice::Auto, false);
    told(&columns::table(&rows, [12, 24], usize::MAX, style.unicode))?;
    match held {
        Err(why) if all.iter().any(|saved| saved.key == KeyPlace::Keyring) => Err(why.complaint("NAME")),
        _ => {
            if rows.is_empty() {
                let _ = writeln!(
                    std::io::stderr(),
                    "No connection is saved yet, and no key. Save one:\n  {}",
                    saved::HOW_TO_SAVE
                );
            }
            Ok(0)
        }
    }
}

/// What may be said of a key.
pub(super) fn facts(key: &ApiKey) -> KeyFacts {
    key::read(key, KeySource::Typed, provider::key_prefixes())
}

/// The key as it may be shown: its public prefix and its length.
pub(super) fn described(key: &ApiKey) -> String {
    let facts = facts(key);
    let plural = if facts.length == 1 { "" } else { "s" };
    let length = format!("{} character{plural}", facts.length);
    let dots = if output::unicode() { "…" } else { "..." };
    if facts.prefix.is_empty() { length } else { format!("{}{dots} ({length})", facts.prefix) }
}

/// Prints a result.
fn told(text: &str) -> Result<(), Problem> {
    output::write(&output::shown(text, false), None)
}
