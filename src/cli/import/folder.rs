//! A folder: the settings that are known by their names in it.

use std::path::{Path, PathBuf};

use super::open_webui::{database_in, decided, is_in_volume, of_database, placed, settings};
use super::reading::shown;
use super::seen::Seen;
use super::{clients, detect};
use crate::connection::foreign::environment;
use crate::connection::foreign::open_webui::is_meant;

/// What is looked for, as people read it.
pub(super) const NAMES: &[&str] = &[
    ".env",
    "compose.yaml",
    "docker-compose.yml",
    "webui.db",
    "data/webui.db",
    "backend/data/webui.db",
    "config-*.json",
    "data/config.json",
    "opencode.json",
    ".claude/settings.json",
    ".codex/config.toml",
    ".continue/config.yaml",
    ".aider.conf.yml",
    "config.toml",
    "config.yaml",
    "settings.json",
];

/// Compose files, the first that is there counts.
const COMPOSE: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Settings of other clients, each for itself.
const OTHERS: &[&str] = &[
    ".codex/config.toml",
    "config.toml",
    ".continue/config.yaml",
    ".continue/config.json",
    "config.yaml",
    "config.json",
    "settings.json",
];

/// Looks into a folder.
pub(super) fn read(folder: &Path) -> Seen {
    let mut seen = compose_files(folder);
    let has_compose = !seen.holding.found.is_empty();
    let dotenv = folder.join(".env");
    let database = database_in(folder);
    if has_compose {
        if dotenv.is_file() {
            seen.holding.remarks.push(format!("{} only fills in what the compose file leaves open", shown(&dotenv)));
        }
    } else {
        seen.add(own(folder, &dotenv, database.as_deref()));
    }
    let export = exports(folder).filter(|_| database.is_none() && !has_compose);
    for path in export.into_iter().chain(OTHERS.iter().map(|name| folder.join(name))) {
        file(&mut seen, &path);
    }
    for client in clients::CLIENTS {
        if let Some(read) = client.in_folder {
            seen.add(read(folder));
        }
    }
    seen.absent.clear();
    seen
}

/// The compose files of a folder.
pub(super) fn compose_files(folder: &Path) -> Seen {
    let mut seen = Seen::default();
    match COMPOSE.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
        Some(path) => file(&mut seen, &path),
        None => seen.absent.extend(["compose.yaml", "docker-compose.yml"].map(|name| shown(&folder.join(name)))),
    }
    seen
}

/// Open `WebUI` without compose: the variables of `.env` and the database.
fn own(folder: &Path, dotenv: &Path, database: Option<&Path>) -> Seen {
    let mut seen = Seen::default();
    let variables = seen.text(dotenv).map(|text| detect::of_dotenv(&text, &shown(dotenv))).unwrap_or_default();
    let Some(path) = database else {
        seen.holding = detect::of_variables(&variables);
        return seen;
    };
    if !is_meant(&variables) {
        match of_database(path) {
            Ok(holding) => seen.holding = holding,
            Err(why) => seen.refused.push((shown(path), why)),
        }
        seen.holding.add(detect::of_variables(&variables));
        return seen;
    }
    match settings(path) {
        Ok(found) => {
            let (settings, remarks) = decided(&variables, Some((found, shown(path))));
            let mut holding = placed(settings.holding(), is_in_volume(folder));
            holding.remarks.extend(remarks);
            holding.found.extend(environment::found(&variables));
            seen.holding = holding;
        }
        Err(why) => {
            seen.refused.push((shown(path), why));
            seen.holding = detect::of_variables(&variables);
        }
    }
    seen
}

/// One file, if it is there. A file of this name may belong to anybody, so one that holds nothing known is passed over.
fn file(seen: &mut Seen, path: &Path) {
    let Some(text) = seen.text(path) else { return };
    match detect::holding(&text, &shown(path), Some(path)) {
        Ok(holding) => seen.holding.add(holding.unwrap_or_default()),
        Err(why) => seen.refused.push((shown(path), why)),
    }
}

/// The newest export of Open `WebUI`'s settings, else its oldest kind of settings.
fn exports(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(10_000);
    let newest = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("config-") && path.extension().is_some_and(|end| end == "json")
        })
        .max();
    newest.or_else(|| Some(folder.join("data/config.json")).filter(|path| path.is_file()))
}
