//! The three values: from flags, the environment, a saved connection, the keyring.

use std::io::{Read, Write};

use zeroize::Zeroize;

use super::args::ValuesArgs;
use super::output::Problem;
use super::{environment, keyring};
use crate::connection::key::ApiKey;
use crate::connection::saved::{KeyPlace, Saved};
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
    })
}

/// A saved connection, with whatever the flags say instead.
///
/// A variable that names no provider (`RUTA_API_KEY`) is used only if this connection is checked `alone`: with several,
/// nobody knows whose key it holds.
pub(super) fn saved(saved: &Saved, args: &ValuesArgs, alone: bool) -> Result<Connection, Problem> {
    let mut remarks = Vec::new();
    let base_url = saved.url.clone();
    let key = if args.no_key {
        None
    } else if let Some(key) = key_of_flags(args)? {
        Some(key)
    } else {
        match &saved.key {
            KeyPlace::None => None,
            KeyPlace::Variable(name) => {
                let text = environment::get(name);
                if text.is_none() {
                    remarks.push(format!("the variable {name}, which should hold the key, is not set"));
                }
                text.map(|text| (ApiKey::new(text), KeySource::Env(name.clone())))
            }
            KeyPlace::Keyring => match keyring::get(&saved.name) {
                Ok(Some(key)) => Some((key, KeySource::Keyring(saved.name.clone()))),
                Ok(None) => environment::own_key(base_url.as_deref(), alone),
                Err(why) => {
                    let other = environment::own_key(base_url.as_deref(), alone);
                    if other.is_none() {
                        remarks.push(why.to_string());
                    }
                    other
                }
            },
        }
    };
    let (key, key_source) = key.unzip();
    let mut headers = saved.headers.clone();
    headers.extend(args.headers.iter().cloned());
    Ok(Connection {
        name: Some(saved.name.clone()),
        base_url,
        key,
        key_source,
        model: args.model.clone().or_else(|| saved.model.clone()),
        client: args.client.map_or(saved.client.as_deref().unwrap_or(client::USUAL), |client| client.id).to_owned(),
        headers,
        remarks,
    })
}

/// The key that a flag gives or points to.
fn key_of_flags(args: &ValuesArgs) -> Result<Option<(ApiKey, KeySource)>, Problem> {
    if args.key_stdin {
        return read_key().map(|key| Some((key, KeySource::Stdin)));
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

/// A key from standard input, without the line break at its end.
pub(super) fn read_key() -> Result<ApiKey, Problem> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(KEY_MOST).read_to_string(&mut text);
    if let Err(error) = read {
        text.zeroize();
        return Err(format!("--key-stdin: {error}; the key is read as text from standard input").into());
    }
    // `echo KEY |` and `pass` end with a line break that is not part of the key.
    let key = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line)).to_owned();
    text.zeroize();
    if key.trim().is_empty() {
        return Err("--key-stdin: nothing came on standard input; did the command before the pipe fail?\n       Use --no-key to send none".to_owned().into());
    }
    Ok(ApiKey::new(key))
}
