//! Connections that clients on this machine already hold: found, read and paired, never written.

mod clients;
mod detect;
mod find;
mod folder;
mod listening;
mod names;
mod open_webui;
mod project;
mod reading;
mod seen;
mod source;

use super::args::ValuesArgs;
use super::output::Problem;
use super::values;
use crate::connection::foreign::{Found as Row, Holding};
use crate::connection::{Connection, secretive};

pub(super) use find::find;

/// What a source holds.
pub(super) struct Found {
    /// The connections, in the order of the source, each with its own name.
    pub(super) connections: Vec<Connection>,
    /// What is to be said of the source itself: what was skipped and why, in sentences.
    pub(super) remarks: Vec<String>,
}

/// Reads the connections of a source: `env`, a file, a folder, or a client's name.
pub(super) fn from(source: &str, args: &ValuesArgs) -> Result<Found, Problem> {
    let Holding { mut found, mut remarks } = source::read(source)?;
    names::complete(&mut found);
    let mut connections = Vec::new();
    for Row { connection, skipped, .. } in found {
        match skipped {
            Some(why) => {
                let name = connection.name.as_deref().unwrap_or("a connection");
                remarks.push(format!("{name} is not checked: {why}"));
            }
            None => connections.push(connection),
        }
    }
    if connections.is_empty() {
        let why: String = remarks.iter().map(|remark| source::wrapped(remark)).collect();
        return Err(format!("--from {source}: this holds no connection that could be checked{why}").into());
    }
    let several = connections.len();
    if let Some(flag) = secret_flag(args).filter(|_| several > 1) {
        return Err(format!(
            "{flag} does not go with --from {source}: it holds {several} connections, and a secret is for one of them"
        )
        .into());
    }
    for connection in &mut connections {
        connection.place.found = true;
        listening::note(connection);
        if let Some(client) = args.client {
            client.id.clone_into(&mut connection.client);
            connection.place.checks.clear();
        }
        if connection.model.is_none() {
            connection.model.clone_from(&args.model);
        }
        if args.no_key {
            (connection.key, connection.key_source) = (None, None);
        } else if let Some((key, from)) = values::key_of_flags(args)? {
            (connection.key, connection.key_source) = (Some(key), Some(from));
        }
        connection.headers.extend(args.headers.iter().cloned());
    }
    // The report of a single connection has a place for what is to be said of its source.
    if let [connection] = connections.as_mut_slice() {
        connection.remarks.splice(0..0, std::mem::take(&mut remarks));
    }
    Ok(Found { connections, remarks })
}

/// The flag that gives a secret, if one does.
fn secret_flag(args: &ValuesArgs) -> Option<&'static str> {
    let flags = [
        ("--key-stdin", args.key_stdin),
        ("--key-env", args.key_env.is_some()),
        ("--key", args.key.is_some()),
        ("--header", args.headers.iter().any(|(name, value)| secretive::is_header(name, value))),
    ];
    flags.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
}
