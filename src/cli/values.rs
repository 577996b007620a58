//! The three values: from flags, the environment, a saved connection, the keyring.

use std::io::{Read, Write};

use zeroize::Zeroizing;

use super::args::ValuesArgs;
use super::output::Problem;
use super::{environment, keyring};
use crate::connection::key::ApiKey;
use crate::connection::place::Place;
use crate::connection::saved::{KeyPlace, Saved, variable_for};
use crate::connection::{Connection, KeySource};
use crate::knowledge::client;

/// No key is longer than this, in bytes; more on standard input is something else.
const KEY_MOST: u64 = 64 * 1024;

/// The connection that flags and environment describe.
pub(super) fn given(args: &ValuesArgs) -> Result<Connection, Problem> {
    let (base_url, url_from) = environment::base_url(args.url.as_deref());
    let model = args.model.clone().or_else(|| environment::get("RUTA_MODEL"));
    let key = if args.no_key {
        None
    } else {
        match key_of_flags(args)? {
            Some(key) => Some(key),
            None => environment::key(base_url.as_deref(), url_from),
        }
    };
    let (key, key_source) = key.unzip();
    Ok(Connection {
        name: None,
        base_url,
        key,
        key_source,
        model,
        client: args.client.map_or(client::USUAL, |client| client.id).to_owned(),
        headers: args.headers.clone(),
        remarks: Vec::new(),
        place: Place { assumed: args.client.is_none(), ..Place::default() },
    })
}

/// A saved connection, with whatever the flags say instead.
///
/// A variable that names no provider (`RUTA_API_KEY`) is used only if this connection is checked `alone`: with several,
/// nobody knows whose key it holds.
pub(super) fn saved(saved: &Saved, args: &ValuesArgs, alone: bool) -> Result<Connection, Problem> {
    let mut remarks = Vec::new();
    let key = if args.no_key {
        None
    } else if let Some(key) = key_of_flags(args)? {
        Some(key)
    } else {
        kept_key(saved, alone, &mut remarks)
    };
    let (key, key_source) = key.unzip();
    let replaced = |name: &str| args.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let mut headers: Vec<_> = saved.headers.iter().filter(|(name, _)| !replaced(name)).cloned().collect();
    headers.extend(args.headers.iter().cloned());
    Ok(Connection {
        name: Some(saved.name.clone()),
        base_url: saved.url.clone(),
        key,
        key_source,
        model: args.model.clone().or_else(|| saved.model.clone()),
        client: args.client.map_or(saved.client.as_deref().unwrap_or(client::USUAL), |client| client.id).to_owned(),
        headers,
        remarks,
        place: Place {
            assumed: args.client.or(saved.client.as_deref().and_then(client::by_id)).is_none(),
            ..Place::default()
        },
    })
}

/// The key from where the connection says that it is; why there is none goes to the remarks.
fn kept_key(saved: &Saved, alone: bool, remarks: &mut Vec<String>) -> Option<(ApiKey, KeySource)> {
    let name = &saved.name;
    match &saved.key {
        KeyPlace::None => None,
        KeyPlace::Variable(variable) => {
            let text = environment::get(variable);
            match text.as_deref().map(str::trim) {
                None => remarks.push(format!("the variable {variable}, which should hold the key, is not set")),
                Some("") => remarks.push(format!("the variable {variable}, which should hold the key, is empty")),
                Some(_) => {}
            }
            text.map(|text| (ApiKey::new(text), KeySource::Env(variable.clone())))
        }
        KeyPlace::Keyring => {
            let kept = keyring::get(name);
            if let Ok(Some(key)) = kept {
                return Some((key, KeySource::Keyring(name.clone())));
            }
            let other = environment::own_key(saved.url.as_deref(), alone);
            if other.is_none() {
                remarks.push(match kept {
                    Ok(_) => format!("the keyring holds no key for {name} (`ruta key set {name}`)"),
                    Err(why) => {
                        let variable = variable_for(name);
                        format!("no key: {why}; `ruta connections edit {name} --key-env {variable}` or --key-stdin gives one")
                    }
                });
            }
            other
        }
    }
}

/// The key that a flag gives or points to.
pub(super) fn key_of_flags(args: &ValuesArgs) -> Result<Option<(ApiKey, KeySource)>, Problem> {
    if args.key_stdin {
        return read_key("--key-stdin").map(|key| Some((key, KeySource::Stdin)));
    }
    if let Some(name) = &args.key_env {
        return match environment::get(name) {
            Some(text) => Ok(Some((ApiKey::new(text), KeySource::Env(name.clone())))),
            None if crate::connection::url::looks_like_key(name) => Err("--key-env takes the name of a variable, and this looks like the key itself.\n       Put the key into a variable first: export RUTA_API_KEY=… (and keep it out of the shell's history)".to_owned().into()),
            None => Err(format!("--key-env {name}: this variable is not set.\n       Set it with: export {name}=…").into()),
        };
    }
    if let Some(text) = &args.key {
        let _ = writeln!(
            std::io::stderr(),
            "warning: --key shows the key to other users of this machine and to the shell's history; use --key-env or --key-stdin"
        );
        return Ok(Some((ApiKey::new(text.clone()), KeySource::CommandLine)));
    }
    Ok(None)
}

/// A key from standard input, without the line break at its end; `flag` is named where that fails.
pub(super) fn read_key(flag: &str) -> Result<ApiKey, Problem> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .take(KEY_MOST + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("{flag}: {error}; the key is read as text from standard input"))?;
    if text.len() as u64 > KEY_MOST {
        return Err(format!("{flag}: far more came on standard input than any key has").into());
    }
    // `echo KEY |` and `pass` end with a line break that is not part of the key.
    let key = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if key.trim().is_empty() {
        let none = if flag.starts_with("--") { "\n       Use --no-key to send none" } else { "" };
        return Err(
            format!("{flag}: nothing came on standard input; did the command before the pipe fail?{none}").into()
        );
    }
    Ok(ApiKey::new(key.to_owned()))
}
