//! `ruta connections`: saves, lists, shows, changes and forgets connections.

mod asked;
mod offer;
mod shown;

use std::io::Write;

use super::args::{AddArgs, ColorChoice, ConnectionsArgs, ConnectionsCommand};
use super::asking::{self, Asker};
use super::keyring::NoKeyring;
use super::output::{self, Problem};
use super::{environment, import, keyring, keys, saved};
use crate::connection::key::ApiKey;
use crate::connection::saved::{KeyPlace, Saved, check_name};
use crate::knowledge::{address, client};
use crate::render::columns;

pub(super) use offer::offer;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ConnectionsArgs) -> Result<u8, Problem> {
    match &args.what {
        ConnectionsCommand::Add(args) => add(args),
        ConnectionsCommand::List { json } => shown::list(*json),
        ConnectionsCommand::Show { name } => shown::show(name),
        ConnectionsCommand::Edit { changes, rename } => edit(changes, rename.as_deref()),
        ConnectionsCommand::Remove { names } => remove(names),
        ConnectionsCommand::Find { json } => import::find(*json),
    }
}

fn add(args: &AddArgs) -> Result<u8, Problem> {
    saved::check_free(&args.name)?;
    let given = args.url.clone().filter(|url| !url.trim().is_empty());
    // Whoever gives nothing at a terminal is asked.
    let asker = (given.is_none() && asking::possible()).then(|| Asker::new(ColorChoice::Auto));
    let (url, model) = match (given, asker) {
        (Some(url), _) => (url, args.model.clone()),
        (None, Some(asker)) => asked::values(asker, args)?,
        (None, None) => {
            return Err(format!(
                "a connection needs at least its base URL:\n       ruta connections add {} --url URL --model MODEL",
                args.name
            )
            .into());
        }
    };
    let (key, enter) = match (place(args), asker) {
        (None, Some(asker)) => asked::place(asker, &args.name)?,
        (place, _) => (place.unwrap_or(KeyPlace::Keyring), args.key_stdin),
    };
    let new = Saved {
        name: args.name.clone(),
        url: Some(url),
        model: model.map(|model| model.trim().to_owned()).filter(|model| !model.is_empty()),
        client: args.client.map(|client| client.id.to_owned()),
        key,
        headers: merged(Vec::new(), &args.headers),
    };
    new.check()?;
    let key = key_to_keep(&new.name, enter)?;
    let file = saved::add(&new)?;
    told(&format!("Saved `{}` in {}\n", new.name, file.display()))?;
    warn_of_url(&new);
    keep(&new.name, key.as_ref().map(Option::as_ref).map_err(Clone::clone))?;
    next(&new, enter)?;
    Ok(0)
}

/// The key for the keyring, if one is to be kept; or why there is no keyring, known before anybody types a key in vain.
fn key_to_keep(name: &str, wanted: bool) -> Result<Result<Option<ApiKey>, NoKeyring>, Problem> {
    if !wanted {
        return Ok(Ok(None));
    }
    match keyring::check() {
        Ok(()) => keys::given(name, "--key-stdin").map(|key| Ok(Some(key))),
        Err(why) => Ok(Err(why)),
    }
}

/// Keeps the key of a connection that is saved by now.
fn keep(name: &str, key: Result<Option<&ApiKey>, NoKeyring>) -> Result<(), Problem> {
    let kept = match key {
        Ok(None) => return Ok(()),
        Ok(Some(key)) => match keyring::set(name, key) {
            Ok(()) => return told(&format!("Its key is in the keyring: {}\n", keys::described(key))),
            Err(why) => keys::not_kept(name, &why),
        },
        Err(why) => why.complaint(name),
    };
    Err(match kept {
        Problem::Said(said) => format!("`{name}` is saved, but not its key: {said}").into(),
        quiet @ Problem::Quiet(_) => quiet,
    })
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
    let key = key_to_keep(rename.unwrap_or(name), changes.key_stdin)?;
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
    if !changes.key_stdin && new.name != *name && new.key == KeyPlace::Keyring {
        move_key(name, &new.name)?;
    }
    keep(&new.name, key.as_ref().map(Option::as_ref).map_err(Clone::clone))?;
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

/// Prints a result.
fn told(text: &str) -> Result<(), Problem> {
    output::write(&output::shown(text, false), None)
}

/// Prints a remark on standard error.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", output::fitted(output::shown(text, false).trim_end()));
}
