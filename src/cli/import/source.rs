//! What a SOURCE is: the environment, standard input, a file, a folder, a client.

use std::path::Path;

use zeroize::Zeroizing;

use super::super::output::{self, Problem};
use super::reading::{self, shown};
use super::{clients, detect, folder, open_webui};
use crate::connection::foreign::variables::Variables;
use crate::connection::foreign::{Holding, environment, sqlite};
use crate::connection::{KeySource, near};
use crate::knowledge::client;

/// Reads a source.
pub(super) fn read(source: &str) -> Result<Holding, Problem> {
    if source == "env" {
        return of_environment();
    }
    if source == "-" {
        let text = reading::text_of(std::io::stdin().lock()).map_err(|error| format!("--from -: {error}"))?;
        let holding = detect::holding(&text, "standard input", None).map_err(|why| format!("--from -: {why}"))?;
        return holding.ok_or_else(|| nothing_known("-"));
    }
    // A folder of the same name is written `./codex`.
    if let Some(client) = clients::by_name(source) {
        return of_client(client);
    }
    let path = Path::new(source);
    if path.symlink_metadata().is_err() {
        return Err(unknown(source));
    }
    if path.is_dir() { of_folder(path) } else { of_file(path) }
}

/// The variables of this process.
pub(super) fn process() -> Variables {
    let mut variables = Variables::default();
    for (name, value) in std::env::vars_os() {
        let (Some(name), Ok(value)) = (name.to_str(), value.into_string()) else { continue };
        variables.set(name, Zeroizing::new(value), KeySource::Env(name.to_owned()));
    }
    variables
}

fn of_environment() -> Result<Holding, Problem> {
    let holding = detect::of_variables(&process());
    if holding.found.is_empty() {
        let names: Vec<&str> = environment::names().collect();
        let names = names.join(", ");
        let looked = wrapped(&format!("Looked for {names}, and for the key of each known provider"));
        return Err(format!("--from env: no variable of a connection is set.{looked}").into());
    }
    Ok(holding)
}

fn of_client(client: &'static clients::Client) -> Result<Holding, Problem> {
    let seen = (client.read)();
    if seen.read.is_empty() && seen.holding.found.is_empty() {
        let mut message = format!("--from {}: no settings of {} were found.", client.id, client.name);
        for (path, why) in &seen.refused {
            message.push_str(&wrapped(&format!("{path}: {why}")));
        }
        if !seen.absent.is_empty() {
            message.push_str(&wrapped(&format!("Looked for {}", seen.absent.join(", "))));
        }
        if !client.hint.is_empty() {
            message.push_str(&format!("\n       {}", client.hint));
        }
        return Err(message.into());
    }
    let mut holding = seen.holding;
    holding.remarks.extend(seen.refused.iter().map(|(path, why)| format!("{path} was not read: {why}")));
    if holding.found.is_empty() {
        let remarks: String = holding.remarks.iter().map(|remark| wrapped(remark)).collect();
        let read = seen.read.join(", ");
        return Err(format!("--from {}: {read} names no connection{remarks}", client.id).into());
    }
    Ok(holding)
}

fn of_folder(path: &Path) -> Result<Holding, Problem> {
    let name = shown(path);
    let seen = folder::read(path);
    if seen.holding.found.is_empty() && seen.holding.remarks.is_empty() {
        let mut message = format!("--from {name}: this folder holds no settings that ruta knows.");
        for (path, why) in &seen.refused {
            message.push_str(&wrapped(&format!("{path}: {why}")));
        }
        message.push_str(&wrapped(&format!("Looked for {}", folder::NAMES.join(", "))));
        return Err(message.into());
    }
    let mut holding = seen.holding;
    holding.remarks.extend(seen.refused.iter().map(|(path, why)| format!("{path} was not read: {why}")));
    Ok(holding)
}

fn of_file(path: &Path) -> Result<Holding, Problem> {
    let name = shown(path);
    let complaint = |why: String| format!("--from {name}: {why}");
    if is_database(path) {
        return Ok(open_webui::of_database(path).map_err(complaint)?);
    }
    let text = reading::text(path).map_err(complaint)?;
    if text.trim().is_empty() {
        return Err(complaint("this file is empty".into()).into());
    }
    detect::holding(&text, &name, Some(path)).map_err(complaint)?.ok_or_else(|| nothing_known(&name))
}

/// Whether the file begins as a database does. Only a plain file is looked into: a pipe can be read once.
pub(super) fn is_database(path: &Path) -> bool {
    use std::io::Read;

    let mut start = [0; sqlite::MAGIC.len()];
    path.metadata().is_ok_and(|about| about.is_file())
        && reading::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && start == *sqlite::MAGIC)
}

fn nothing_known(name: &str) -> Problem {
    let known = "It reads .env files, compose files, Open WebUI's webui.db and exported settings, what `docker inspect` \
                 prints, and the settings of Codex, Claude Code, Continue, opencode and aider";
    format!("--from {name}: this is nothing that ruta knows.{}", wrapped(known)).into()
}

/// No file, no folder, no client has this name.
fn unknown(source: &str) -> Problem {
    let names: Vec<&str> = clients::CLIENTS.iter().map(|client| client.id).collect();
    if let Some(other) = client::by_id(source) {
        return format!(
            "--from {source}: ruta cannot read the settings of {}.\n       Give its values yourself: ruta doctor --for {} --url URL --model ID",
            other.name, other.id
        )
        .into();
    }
    let near = near(source).map(|near| wrapped(&format!("Did you mean `{near}`?"))).unwrap_or_default();
    let help = format!("Give a file, a folder, env, - for standard input, or a client: {}", names.join(", "));
    format!("--from {source}: there is no such file or folder{near}{}", wrapped(&help)).into()
}

/// Further lines of an error, below its first word.
pub(super) fn wrapped(text: &str) -> String {
    format!("\n{}", output::wrapped(text, "       ", 80).trim_end())
}

/// The client or the file beside whose name is nearest.
fn near(source: &str) -> Option<String> {
    let path = Path::new(source);
    let wanted = path.file_name()?.to_string_lossy().to_lowercase();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?.take(10_000).flatten();
    let files = beside.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        folder.map_or(name.clone(), |folder| folder.join(name).display().to_string())
    });
    let clients = clients::CLIENTS.iter().map(|client| client.id).chain(["env"]).filter(|_| folder.is_none());
    let last = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
    near::near(&wanted, files.chain(clients.map(str::to_owned)).map(|name| (last(&name), name)))
}
