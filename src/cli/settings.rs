//! `ruta settings`: what to enter in a client, without asking the network and without the key.

use std::io::Write;

use super::args::SettingsArgs;
use super::output::{self, Problem, shown};
use super::{environment, saved};
use crate::cause::Cause;
use crate::connection::key::is_invisible;
use crate::connection::mask::mask_keys;
use crate::connection::saved::KeyPlace;
use crate::connection::scrub::one_line;
use crate::connection::url::looks_like_key;
use crate::knowledge::advice;
use crate::knowledge::client::{CLIENTS, Client, Settings};
use crate::knowledge::entered::{self, Entered, Unusable};
use crate::knowledge::settings::{Values, filled, short_name};

/// The variable that holds the key, unless another is named.
const KEY: &str = "RUTA_API_KEY";

/// Stands for a model that was not given.
const MODEL: &str = "MODEL";

/// Runs the command and returns the exit code.
pub(super) fn run(args: &SettingsArgs) -> Result<u8, Problem> {
    let Some(client) = args.client else {
        output::write(&list(), None)?;
        tell("`ruta settings CLIENT --url URL --model MODEL` prints what to enter there");
        return Ok(0);
    };
    let given = given(args)?;
    let entered = match entered::enter(&given.url, client) {
        Ok(entered) => entered,
        Err(unusable) => {
            complain(client, &unusable);
            return Ok(1);
        }
    };
    let values = Values {
        url: entered.url.clone(),
        model: given.model.clone().unwrap_or_else(|| MODEL.to_owned()),
        key_env: given.key_env.clone(),
        name: short_name(given.name.as_deref().unwrap_or_default()),
        title: given.name.clone().or_else(|| entered.title.clone()).unwrap_or_else(|| "Ruta".to_owned()),
    };
    let forms = chosen(client, filled(client, &values), args.form.as_deref())?;
    for (index, (form, body)) in forms.iter().enumerate() {
        heading(form, index > 0);
        output::write(body, None)?;
    }
    closing(client, &given, &entered);
    Ok(0)
}

/// The connection that the settings are for.
struct Given {
    name: Option<String>,
    url: String,
    model: Option<String>,
    key_env: String,
    /// What is to be said of the connection.
    remarks: Vec<String>,
}

fn given(args: &SettingsArgs) -> Result<Given, Problem> {
    let mut remarks = Vec::new();
    let mut key_env = args.key_env.clone();
    let saved = args.name.as_deref().map(saved::named).transpose()?;
    if let Some(saved) = &saved {
        match &saved.key {
            KeyPlace::Variable(name) if key_env.is_none() => key_env = Some(name.clone()),
            KeyPlace::Keyring if key_env.is_none() => {
                remarks.push(format!(
                    "The key is in the keyring: export {KEY}=\"$(ruta key get {} --reveal)\"",
                    shell_words::quote(&saved.name)
                ));
            }
            KeyPlace::None => remarks.push("The server wants no key: any word will do as its value.".to_owned()),
            _ => {}
        }
        if !saved.headers.is_empty() {
            let names: Vec<&str> = saved.headers.iter().map(|(name, _)| name.as_str()).collect();
            remarks.push(format!("This connection sends headers too; set them in the client: {}.", names.join(", ")));
        }
    }
    let key_env = key_env.unwrap_or_else(|| KEY.to_owned());
    if !is_variable(&key_env) {
        let what = if looks_like_key(&key_env) { "this looks like the key itself" } else { "this is no such name" };
        return Err(format!("--key-env takes the name of a variable, and {what}").into());
    }
    let (from_saved, saved_model) =
        saved.as_ref().map_or((None, None), |saved| (saved.url.clone(), saved.model.clone()));
    let url = args.url.clone().or(from_saved).or_else(|| environment::base_url(None).0);
    let Some(url) = url else {
        return Err("give the server: --url URL, or the NAME of a saved connection".to_owned().into());
    };
    let model = args.model.clone().or(saved_model).or_else(|| environment::get("RUTA_MODEL"));
    let model = model.filter(|model| !model.trim().is_empty());
    if let Some(odd) = model.as_deref().filter(|model| model.chars().any(|c| c.is_control() || is_invisible(c))) {
        return Err(format!(
            "--model {}: there is a character in it that cannot be seen; type it again",
            one_line(odd, 80)
        )
        .into());
    }
    if model.as_deref().is_some_and(looks_like_key) {
        return Err("--model takes the ID of a model, and this looks like a key".to_owned().into());
    }
    Ok(Given { name: saved.map(|saved| saved.name), url, model, key_env, remarks })
}

fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !looks_like_key(text)
}

/// The forms that were asked for.
fn chosen(
    client: &Client,
    mut forms: Vec<(&'static Settings, String)>,
    wanted: Option<&str>,
) -> Result<Vec<(&'static Settings, String)>, Problem> {
    let Some(wanted) = wanted else { return Ok(forms) };
    let mut known: Vec<&str> = forms.iter().map(|(form, _)| form.format).collect();
    known.dedup();
    forms.retain(|(form, _)| form.format == wanted);
    if forms.is_empty() {
        return Err(format!(
            "--as {wanted}: {} has no settings of this form; it has {}",
            client.name,
            known.join(" and ")
        )
        .into());
    }
    Ok(forms)
}

/// What the next settings are, and where they go: on standard error, so that a file can take the settings alone.
fn heading(form: &Settings, again: bool) {
    let file = if form.file.is_empty() { String::new() } else { format!(" ({})", form.file) };
    let (first, rest) = form.title.split_at(form.title.chars().next().map_or(0, char::len_utf8));
    let title = output::wrapped(&format!("{}{rest}{file}:", first.to_uppercase()), "", 80);
    tell(&format!("{}{title}", if again { "\n" } else { "" }));
}

fn closing(client: &Client, given: &Given, entered: &Entered) {
    let mut lines = given.remarks.clone();
    lines.extend(entered.remark.clone());
    if given.model.is_none() {
        lines.push(format!("Put the ID of a model in place of {MODEL}: `ruta models` lists them."));
    }
    if given.remarks.is_empty() {
        lines.push(format!("The key is not in there: it is the value of ${}.", given.key_env));
    }
    let model =
        given.model.as_deref().map(|model| format!(" --model {}", shell_words::quote(model))).unwrap_or_default();
    let url = shell_words::quote(&entered.url);
    let lines: String = lines.iter().map(|line| output::wrapped(line, "", 80)).collect();
    let doctor = format!("ruta doctor --for {} --url {url}{model}", client.id);
    tell(&format!("\n{lines}Nothing was tried. This does it:\n  {doctor}"));
}

/// Why there is nothing to enter.
fn complain(client: &Client, unusable: &Unusable) {
    let title = advice::of(unusable.cause).title;
    let label = &unusable.label;
    let mut text = format!("error: {}: {title}\n       {}", unusable.cause, one_line(&unusable.shown, 200));
    if !label.is_empty() && unusable.cause != Cause::UrlMissing {
        text.push_str(&format!("\n       {label}"));
    }
    if let Some(instead) = &unusable.instead {
        text.push_str(&format!("\n       use {instead} for {}", client.name));
    }
    text.push_str(&format!("\n       `ruta explain {}` says more", unusable.cause));
    tell(&text);
}

/// Writes to standard error.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", shown(&mask_keys(text), false));
}

/// All clients, one a line.
fn list() -> String {
    let url = |client: &Client| match client.url {
        "with-v1" => "with /v1",
        "without-v1" => "without /v1",
        _ => "either way",
    };
    let from = |client: &Client| match client.from {
        "machine" => "your machine",
        "server" => "its server",
        "browser" => "your browser",
        _ => "its maker's servers",
    };
    let line = |cells: [&str; 4]| format!("{:14} {:23} {:12} {}\n", cells[0], cells[1], cells[2], cells[3]);
    let clients = CLIENTS.iter().map(|client| line([client.id, client.name, url(client), from(client)]));
    std::iter::once(line(["CLIENT", "NAME", "BASE URL", "CALLS FROM"])).chain(clients).collect()
}
