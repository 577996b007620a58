//! Open `WebUI` on this machine: its database, its variables, and which of them it uses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::environment;
use super::detect;
use super::reading::{self, shown};
use super::seen::Seen;
use super::source::process;
use crate::connection::KeySource;
use crate::connection::foreign::compose::seen_from_outside;
use crate::connection::foreign::open_webui::{Settings, is_meant};
use crate::connection::foreign::sqlite::Database;
use crate::connection::foreign::variables::Variables;
use crate::connection::foreign::{Holding, open_webui_database};

/// Where the database is in a folder of Open `WebUI`.
const DATABASES: &[&str] = &["webui.db", "data/webui.db", "backend/data/webui.db"];

/// How often a database is read again that another program is writing, and the pause between.
const TRIES: (u32, Duration) = (40, Duration::from_millis(50));

/// The connections of a database.
pub(super) fn of_database(path: &Path) -> Result<Holding, String> {
    let settings = settings(path)?;
    let holding = settings.holding();
    let mut holding = placed(holding, is_in_volume(path));
    if holding.found.is_empty() {
        holding.remarks.push("it holds no OpenAI connection: Open WebUI takes them from its environment".into());
    }
    Ok(holding)
}

/// The settings in a database.
pub(super) fn settings(path: &Path) -> Result<Settings, String> {
    let name = shown(path);
    let complaint = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::InvalidData => error.to_string(),
        _ => super::super::output::plain_io(&error, path),
    };
    let mut tree = None;
    for _ in 0..TRIES.0 {
        let (wal, journal) = (beside(path, "-wal"), beside(path, "-journal"));
        let open = |path: &PathBuf| if path.exists() { reading::open(path).map(Some) } else { Ok(None) };
        let (log, undo) = (open(&wal)?, open(&journal)?);
        let before = (log.is_some(), undo.is_some());
        let mut database = Database::open(reading::open(path)?, log, undo).map_err(complaint)?;
        let read = open_webui_database::settings(&mut database);
        // What was torn by a writer shows as damage, too: only what stayed as it was counts.
        if database.is_unchanged().map_err(complaint)? && before == (wal.exists(), journal.exists()) {
            tree = Some(read.map_err(complaint)?);
            break;
        }
        std::thread::sleep(TRIES.1);
    }
    let tree = tree.ok_or("another program is writing this database all the time; try again")?;
    let tree = tree.ok_or("this database is not Open WebUI's: it has no settings")?;
    Ok(Settings::of_config(&tree, &KeySource::File(name)).unwrap_or_default())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Whether only a container uses what is there.
pub(super) fn is_in_volume(path: &Path) -> bool {
    let text = std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    ["/docker/volumes/", "/containers/storage/volumes/"].iter().any(|part| text.contains(part))
}

/// What addresses mean from here: those that only a container knows are asked elsewhere.
pub(super) fn placed(mut holding: Holding, in_container: bool) -> Holding {
    for row in &mut holding.found {
        row.connection.place.in_container |= in_container;
        if !environment::in_container() {
            seen_from_outside(&mut row.connection);
        }
    }
    holding
}

/// What variables and database together mean, and what is to be said of it.
pub(super) fn decided(variables: &Variables, database: Option<(Settings, String)>) -> (Settings, Vec<String>) {
    let own = Settings::of_variables(variables);
    let Some((database, name)) = database else { return (own, Vec::new()) };
    let fresh = [("ENABLE_PERSISTENT_CONFIG", true, false), ("RESET_CONFIG_ON_START", false, true)]
        .into_iter()
        .find(|(name, usual, fresh)| variables.says(name, *usual) == *fresh);
    let differences = Settings::differences(&own, &database);
    if let Some((variable, ..)) = fresh {
        let value = variables.get(variable).unwrap_or_default();
        let said = format!("{variable}={value}: Open WebUI starts with its variables, so {name} is not read");
        return (own, if differences.is_empty() { Vec::new() } else { vec![said] });
    }
    let mut remarks = Vec::new();
    if !differences.is_empty() {
        remarks.push(format!(
            "{name} is read: after its first start Open WebUI uses its database and not its variables, \
             unless ENABLE_PERSISTENT_CONFIG=False"
        ));
        remarks.push(format!("the variables say otherwise, without effect: {}", differences.join(", ")));
    }
    (own.under(database), remarks)
}

/// The connections that variables of a file describe. A database beside it is named where it says otherwise.
pub(super) fn of_variables(variables: &Variables, name: &str, folder: Option<&Path>) -> Holding {
    let mut holding = detect::of_variables(variables);
    let near = folder.and_then(database_in).filter(|_| is_meant(variables));
    if let Some(path) = near
        && let Ok(database) = settings(&path)
    {
        let (_, remarks) = decided(variables, Some((database, shown(&path))));
        if remarks.len() > 1 {
            let path = shown(&path);
            holding.remarks.push(format!(
                "{name} is read, but Open WebUI uses {path}, which differs: after its first start its database wins, \
                 unless ENABLE_PERSISTENT_CONFIG=False. Check that with --from {path}"
            ));
            holding.remarks.extend(remarks.into_iter().skip(1));
        }
    }
    holding
}

/// The database in a folder of Open `WebUI`.
pub(super) fn database_in(folder: &Path) -> Option<PathBuf> {
    DATABASES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Looks where Open `WebUI` is usually kept.
pub(super) fn everywhere() -> Seen {
    let mut seen = Seen::default();
    let process = process();
    let mut paths = Vec::new();
    if let Some(url) = process.filled("DATABASE_URL") {
        match url.strip_prefix("sqlite:///") {
            Some(path) => paths.push(PathBuf::from(path)),
            None => seen.refused.push(("the database of DATABASE_URL".into(), "ruta reads SQLite only".into())),
        }
    }
    paths.extend(process.filled("DATA_DIR").map(|folder| Path::new(folder).join("webui.db")));
    paths.extend(DATABASES.iter().map(PathBuf::from));
    if let Some(home) = reading::home() {
        paths.push(home.join(".open-webui/webui.db"));
        paths.push(home.join("open-webui/backend/data/webui.db"));
        paths.extend(installed(&home, &process));
        paths.push(home.join(".local/share/docker/volumes/open-webui/_data/webui.db"));
        paths.push(home.join(".local/share/containers/storage/volumes/open-webui/_data/webui.db"));
    }
    paths.push("/var/lib/docker/volumes/open-webui/_data/webui.db".into());
    paths.push("/var/lib/containers/storage/volumes/open-webui/_data/webui.db".into());
    let mut known = Vec::new();
    for path in paths {
        let real = path.canonicalize();
        match real {
            Ok(real) if known.contains(&real) => {}
            Ok(real) => {
                known.push(real);
                take(&mut seen, &path, &process);
            }
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                seen.refused.push((shown(&path), "you may not look there".into()));
            }
            Err(_) => seen.absent.push(shown(&path)),
        }
    }
    seen.add(super::folder::compose_files(Path::new(".")));
    if seen.holding.found.is_empty() && is_meant(&process) {
        seen.read.push("the environment".into());
        seen.holding.add(placed(Settings::of_variables(&process).holding(), false));
    }
    seen
}

/// Takes one database, with the variables of this process where it is run here.
fn take(seen: &mut Seen, path: &Path, process: &Variables) {
    let name = shown(path);
    match settings(path) {
        Ok(database) => {
            let in_volume = is_in_volume(path);
            let variables = if in_volume || !is_meant(process) { Variables::default() } else { process.clone() };
            let (settings, remarks) = decided(&variables, Some((database, name.clone())));
            let mut holding = placed(settings.holding(), in_volume);
            if holding.found.is_empty() {
                holding.remarks.push(format!("{name} holds no OpenAI connection"));
            }
            holding.remarks.extend(remarks);
            seen.read.push(name);
            seen.holding.add(holding);
        }
        Err(why) => seen.refused.push((name, why)),
    }
}

/// The data folders of installations with pip, pipx and uv.
fn installed(home: &Path, process: &Variables) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    roots.extend(process.filled("VIRTUAL_ENV").map(PathBuf::from));
    roots.extend(process.filled("CONDA_PREFIX").map(PathBuf::from));
    for place in [
        ".local/share/uv/tools/open-webui",
        ".local/share/pipx/venvs/open-webui",
        ".local/pipx/venvs/open-webui",
        ".local",
    ] {
        roots.push(home.join(place));
    }
    roots.push(PathBuf::from("/usr/local"));
    let mut paths = Vec::new();
    for root in roots {
        let pythons = std::fs::read_dir(root.join("lib")).into_iter().flatten().flatten().take(1000);
        let pythons = pythons.filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"));
        let windows = root.join("Lib/site-packages");
        let sites = pythons.map(|entry| entry.path().join("site-packages")).chain([windows]);
        paths.extend(sites.map(|site| site.join("open_webui/data/webui.db")).filter(|path| path.is_file()));
    }
    paths
}
