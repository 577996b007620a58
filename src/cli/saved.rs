//! The file of saved connections: where it is, how it is read and written.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use etcetera::BaseStrategy;
use fd_lock::RwLock;

use super::output::{Problem, plain_io};
use crate::connection::near::near_name;
use crate::connection::saved::{self, Fault, Saved};
use crate::connection::scrub::one_line;
use crate::knowledge::client;

/// The command that saves one.
pub(super) const HOW_TO_SAVE: &str = "ruta connections add NAME --url URL --model MODEL";
/// More bytes than anybody's list of connections has.
const LARGEST: u64 = 1024 * 1024;
/// How long another ruta that is writing is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// All saved connections, in the order of the file.
pub(super) fn all() -> Result<Vec<Saved>, Problem> {
    let path = file()?;
    let text = load(&path)?.unwrap_or_default();
    saved::read(&text, &known).map_err(|fault| faulty(&fault, &path, &text))
}

/// All saved connections, and it is an error if there is none.
pub(super) fn some() -> Result<Vec<Saved>, Problem> {
    let all = all()?;
    if all.is_empty() { Err(none_yet()) } else { Ok(all) }
}

/// The saved connection of this name.
pub(super) fn named(name: &str) -> Result<Saved, Problem> {
    saved::check_name(name)?;
    let all = all()?;
    all.iter().find(|saved| saved.name == name).cloned().ok_or_else(|| unknown(name, &all))
}

/// No connection has this name: which one may have been meant, and which there are.
fn unknown(name: &str, all: &[Saved]) -> Problem {
    if all.is_empty() {
        let name = one_line(name, 40);
        return format!("no connection is called `{name}`: none is saved yet. Save one:\n       {HOW_TO_SAVE}").into();
    }
    let names = || all.iter().map(|saved| saved.name.as_str());
    let near = near_name(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let list: Vec<&str> = names().take(20).collect();
    let more = if all.len() > list.len() { ", …" } else { "" };
    format!(
        "no connection is called `{}`{near}\n       There are: {}{more}\n       `ruta connections add` saves another",
        one_line(name, 40),
        list.join(", ")
    )
    .into()
}

fn none_yet() -> Problem {
    format!("no connection is saved yet. Save one:\n       {HOW_TO_SAVE}").into()
}

/// Saves one more connection and returns the file.
pub(super) fn add(new: &Saved) -> Result<PathBuf, Problem> {
    new.check()?;
    update(|text| {
        let all = saved::read(text, &known).map_err(Stop::Fault)?;
        free(&new.name, &all)?;
        saved::add(text, new, &known).map_err(Stop::Fault)
    })
}

/// Whether a new connection can have this name: on some systems the keyring does not tell `Work` from `work`.
fn free(name: &str, all: &[Saved]) -> Result<(), Problem> {
    match all.iter().find(|saved| saved.name.to_lowercase() == name.to_lowercase()) {
        Some(saved) => Err(format!(
            "a connection is called `{0}` already.\n       `ruta connections edit {0}` changes it, `ruta connections remove {0}` forgets it",
            saved.name
        )
        .into()),
        None => Ok(()),
    }
}

/// Whether a connection can be saved under this name.
pub(super) fn check_free(name: &str) -> Result<(), Problem> {
    saved::check_name(name)?;
    free(name, &all()?)
}

/// Changes the connection `name`, as it is in the file at that moment; what comes out may have another name.
pub(super) fn change(name: &str, edit: impl FnOnce(&mut Saved)) -> Result<Saved, Problem> {
    let mut changed = None;
    update(|text| {
        let all = saved::read(text, &known).map_err(Stop::Fault)?;
        let mut saved = all.iter().find(|saved| saved.name == name).cloned().ok_or_else(|| unknown(name, &all))?;
        edit(&mut saved);
        saved.check()?;
        if saved.name != name {
            let others: Vec<Saved> = all.into_iter().filter(|other| other.name != name).collect();
            free(&saved.name, &others)?;
        }
        let text = saved::change(text, name, &saved, &known).map_err(Stop::Fault)?;
        changed = Some(saved);
        Ok(text)
    })?;
    changed.ok_or(Problem::Quiet(2))
}

/// Forgets these connections; all of them must be there. Returns them.
pub(super) fn remove(names: &[String]) -> Result<Vec<Saved>, Problem> {
    names.iter().try_for_each(|name| saved::check_name(name))?;
    let mut removed = Vec::new();
    update(|text| {
        let all = saved::read(text, &known).map_err(Stop::Fault)?;
        for name in names {
            let found = all.iter().find(|saved| saved.name == *name).cloned().ok_or_else(|| unknown(name, &all))?;
            if !removed.contains(&found) {
                removed.push(found);
            }
        }
        saved::remove(text, names, &known).map_err(Stop::Fault)
    })?;
    Ok(removed)
}

/// The ID of a client, or what to write instead.
fn known(text: &str) -> Result<&'static str, String> {
    client::by_id(text).map(|client| client.id).ok_or_else(|| {
        let all: Vec<&str> = client::CLIENTS.iter().map(|client| client.id).collect();
        let near = client::near(text).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        format!("{near}`ruta settings` lists them: {}", all.join(", "))
    })
}

/// The file: `connections.toml` in ruta's own folder of the user's configuration.
pub(super) fn file() -> Result<PathBuf, Problem> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| "there is no home folder to keep connections in; set HOME".to_owned())?;
    Ok(strategy.config_dir().join("ruta").join("connections.toml"))
}

/// The text of the file; `None` if there is no file yet.
fn load(path: &Path) -> Result<Option<String>, Problem> {
    let told = |what: &str| Problem::Said(format!("{}: {what}", path.display()));
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match std::fs::read_link(path) {
                Ok(target) => Err(told(&format!("this is a link to {}, which does not exist", target.display()))),
                Err(_) => Ok(None),
            };
        }
        Err(error) => return Err(told(&plain_io(&error, path))),
    };
    if !about.is_file() {
        return Err(told("this is no file"));
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| told(&plain_io(&error, path)))?;
    if bytes.len() as u64 > LARGEST {
        return Err(told("this is far too large for a list of connections"));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].split(|byte| *byte == b'\n').count();
        told(&format!("line {line} holds bytes that are no UTF-8 text.\n       Save the file as UTF-8 in an editor"))
    })
}

/// Why a change did not take place.
enum Stop {
    /// The text of the file has a fault.
    Fault(Fault),
    /// Something else is wrong.
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Problem(message.into())
    }
}

fn faulty(fault: &Fault, path: &Path, text: &str) -> Problem {
    fault.describe(&path.display().to_string(), text).trim_end().to_owned().into()
}

/// Changes the file: one ruta at a time, whole or not at all.
fn update(edit: impl FnOnce(&str) -> Result<String, Stop>) -> Result<PathBuf, Problem> {
    let path = file()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder).map_err(|error| format!("{}: {}", folder.display(), plain_io(&error, folder)))?;
    let mut lock = lock_file(folder);
    lock.as_mut().map_or(Ok(()), hold)?;
    let before = load(&path)?;
    let text = before.clone().unwrap_or_default();
    let after = edit(&text).map_err(|stop| match stop {
        Stop::Fault(fault) => match faulty(&fault, &path, &text) {
            Problem::Said(said) => Problem::Said(format!("{said}\n     Nothing was changed.")),
            quiet @ Problem::Quiet(_) => quiet,
        },
        Stop::Problem(problem) => problem,
    })?;
    if before.as_deref() != Some(after.as_str()) {
        write(&path, &after).map_err(|error| format!("{}: {}", path.display(), plain_io(&error, &path)))?;
    }
    Ok(path)
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The file that whoever writes holds a lock on; it stays, and is empty.
fn lock_file(folder: &Path) -> Option<RwLock<std::fs::File>> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join("connections.lock")).map(RwLock::new).ok()
}

/// Waits until nobody else writes, and keeps the others out until the file is closed.
fn hold(lock: &mut RwLock<std::fs::File>) -> Result<(), Problem> {
    let started = Instant::now();
    loop {
        // The guard would only give the lock back earlier than closing the file does.
        match lock.try_write().map(std::mem::forget) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            // A file system without locks: the change is still written whole.
            Ok(()) | Err(_) => return Ok(()),
        }
        if started.elapsed() > PATIENCE {
            return Err("another ruta has been changing the connections for 5 seconds; try again".to_owned().into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Writes the file beside and renames it, so that nobody ever reads half of it; only its owner may read it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if std::fs::metadata(&target).is_ok_and(|about| about.permissions().readonly()) {
        return Err(std::io::Error::other("this file is read-only; nothing was changed"));
    }
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = target.with_file_name(name);
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, &target)).inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}
