//! The guided run: asks for the three values on a terminal, one after the other, examines them and offers to save them.

mod key;
mod model;
mod url;

use super::args::{DoctorArgs, ValuesArgs};
use super::asking::{self, Asker};
use super::output::Problem;
use super::{connections, doctor, models, running};
use crate::cause::Family;
use crate::connection::{Connection, KeySource};
use crate::report::Report;

pub(super) use url::ask as base_url;

/// Whether somebody sits at a terminal who gave no address and can be asked.
pub(super) fn wanted(args: &DoctorArgs) -> bool {
    args.values.url.is_none() && asking::possible()
}

/// Asks for what was not given, examines, offers to save, and returns the exit code.
pub(super) fn run(args: &DoctorArgs, connection: Connection) -> Result<u8, Problem> {
    let asker = Asker::new(args.output.color);
    asker.tell("", "ruta asks for what it needs, then examines the connection. Ctrl-C ends it.");
    asker.say("");
    let mut connection = address_and_key(asker, &args.values, connection)?;
    let chats = |connection: &Connection| doctor::wanted(args, connection).iter().any(|check| *check != "models");
    let blank = connection.model.as_deref().is_none_or(|model| model.trim().is_empty());
    if blank && chats(&connection) {
        let report;
        (connection, report) = listed(asker, args, connection)?;
        connection.model = model::ask(asker, &report)?;
    }
    let job = doctor::job(args, connection)?;
    asker.say("");
    let jobs = [job];
    let reports = running::run(&jobs, &doctor::how(args))?;
    let Some(report) = reports.first() else { return Err(Problem::Quiet(2)) };
    let code = doctor::show(args, report)?;
    connections::offer(asker, &jobs[0].connection)?;
    Ok(code)
}

/// Asks the server for its models. Where it refuses a key that was typed here, the key may be typed again, and where
/// another base URL was tried and works, that is offered.
fn listed(asker: Asker, args: &DoctorArgs, connection: Connection) -> Result<(Connection, Report), Problem> {
    let (mut connection, mut report) = models::ask(connection, &args.network, false)?;
    while models::found(&report).is_none() {
        let diagnosis = &report.diagnosis;
        let proved = diagnosis.suggestion.as_ref().filter(|better| better.field == "base_url" && better.worked);
        let typed = matches!(connection.key_source, Some(KeySource::Typed) | None) && !args.values.no_key;
        if let Some(better) = proved {
            asker.complain(&diagnosis.title);
            if !asker.confirm(&format!("Use {} instead? It lists models.", better.value))? {
                break;
            }
            connection.base_url = Some(better.value.clone());
        } else if typed && diagnosis.cause.family() == Family::Key {
            asker.complain(&diagnosis.title);
            let again = if connection.key.is_some() { "Enter the key again?" } else { "Enter a key?" };
            if !asker.confirm(again)? {
                break;
            }
            let base_url = connection.base_url.clone().unwrap_or_default();
            (connection.key, connection.key_source) = key::ask(asker, &base_url)?.unzip();
        } else {
            break;
        }
        (connection, report) = models::ask(connection, &args.network, false)?;
    }
    Ok((connection, report))
}

/// The connection with its address and key: asked for, where no address was given and somebody can be asked.
pub(super) fn address(args: &ValuesArgs, connection: Connection) -> Result<Connection, Problem> {
    if connection.base_url.is_some() || !asking::possible() {
        return Ok(connection);
    }
    address_and_key(Asker::new(super::args::ColorChoice::Auto), args, connection)
}

fn address_and_key(asker: Asker, args: &ValuesArgs, connection: Connection) -> Result<Connection, Problem> {
    let base_url = base_url(asker, &connection.client)?;
    let (key, key_source) = match (connection.key, connection.key_source) {
        (Some(key), Some(source)) => {
            asker.answered("API key:", &key::describe(&key, &source));
            (Some(key), Some(source))
        }
        _ if args.no_key => (None, None),
        _ => key::ask(asker, &base_url)?.unzip(),
    };
    Ok(Connection { base_url: Some(base_url), key, key_source, ..connection })
}
