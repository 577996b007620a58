//! Compose projects: their files, the files that these name, and the database of Open `WebUI` among their mounts.

use std::path::{Path, PathBuf};

use super::super::environment;
use super::reading::{self, shown};
use super::source::process;
use super::{detect, open_webui};
use crate::connection::foreign::compose::{self, Outside, Project, Service};
use crate::connection::foreign::open_webui::Settings;
use crate::connection::foreign::tree::Tree;
use crate::connection::foreign::variables::Variables;
use crate::connection::foreign::{Holding, environment as programs, open_webui_network};

/// Where Open `WebUI` keeps its data in its container.
const DATA: &str = "/app/backend/data";

/// The connections of the project that this file describes, with the file that is put over it.
pub(super) fn of_file(tree: Tree, name: &str, path: Option<&Path>) -> Result<Holding, String> {
    let folder = path.and_then(Path::parent).map(Path::to_owned);
    let mut trees = vec![tree];
    if let Some(over) = path.and_then(over) {
        let text = reading::text(&over).map_err(|why| format!("{}: {why}", shown(&over)))?;
        let tree = detect::tree(&text, "compose.yaml").map_err(|why| format!("{}: {why}", shown(&over)))?;
        trees.extend(tree);
    }
    let shell = process();
    let dotenv = folder.as_deref().map(|folder| folder.join(".env")).filter(|path| path.is_file());
    let dotenv = match dotenv.map(|path| (reading::text(&path), path)) {
        Some((Ok(text), path)) => detect::of_dotenv(&text, &shown(&path)),
        _ => Variables::default(),
    };
    let file = |name: &str| {
        let path = folder.as_deref().map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        Ok(detect::of_dotenv(&reading::text(&path)?, &shown(&path)))
    };
    let variable = |name: &str| shell.get(name).or_else(|| dotenv.get(name));
    let short = path.and_then(Path::file_name).map_or_else(|| name.into(), |name| name.to_string_lossy());
    let project = compose::read(&trees, &short, &Outside { variable: &variable, file: &file });
    Ok(holding(&project, folder.as_deref()))
}

/// The file that compose puts over this one by itself.
fn over(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let stem = match name {
        "compose.yaml" | "compose.yml" => "compose.override",
        "docker-compose.yml" | "docker-compose.yaml" => "docker-compose.override",
        _ => return None,
    };
    ["yml", "yaml"].iter().map(|end| path.with_file_name(format!("{stem}.{end}"))).find(|path| path.is_file())
}

/// The connections of all services that have any.
pub(super) fn holding(project: &Project, folder: Option<&Path>) -> Holding {
    let mut all = Holding { found: Vec::new(), remarks: project.remarks.clone() };
    let several = project.services.iter().filter(|service| service.is_open_webui()).count() > 1;
    for service in &project.services {
        let mut holding = Holding::default();
        if service.is_open_webui() {
            let database = folder.and_then(|folder| database(project, service, folder));
            let (settings, remarks) = open_webui::decided(&service.variables, database);
            holding = settings.holding();
            holding.remarks.extend(remarks);
            if !holding.found.is_empty() {
                holding.remarks.extend(open_webui_network::remarks(&service.variables));
            }
            if !settings.has_connections() {
                holding.remarks.push(format!(
                    "{} has no OPENAI_API_BASE_URL: Open WebUI starts with https://api.openai.com/v1 and no key",
                    service.name
                ));
            }
        }
        holding.found.extend(programs::found(&service.variables));
        for row in &mut holding.found {
            if several && let Some(name) = &mut row.connection.name {
                *name = name.replacen("open-webui", &service.name, 1);
            }
            if !environment::in_container() {
                project.place(service, &mut row.connection);
            }
        }
        all.add(holding);
    }
    if all.found.is_empty() && all.remarks.is_empty() {
        all.remarks.push("no service of it runs Open WebUI or sets the URL of a connection".to_owned());
    }
    all
}

/// The database that a service keeps in a folder or in a volume of this machine.
fn database(project: &Project, service: &Service, folder: &Path) -> Option<(Settings, String)> {
    let data = service.variables.filled("DATA_DIR").unwrap_or(DATA);
    let (outside, _) = service.mounts.iter().find(|(_, inside)| inside.trim_end_matches('/') == data)?;
    let path = if outside.starts_with(['.', '/', '\\']) || outside.contains(":\\") {
        folder.join(outside)
    } else if let Some(rest) = outside.strip_prefix("~/") {
        reading::home()?.join(rest)
    } else {
        volume(project, outside, folder)?
    };
    let path = path.join("webui.db");
    let settings = path.is_file().then(|| open_webui::settings(&path))?.ok()?;
    Some((settings, shown(&path)))
}

/// The folder of a named volume.
fn volume(project: &Project, name: &str, folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let own = folder.file_name()?.to_string_lossy().to_lowercase();
    let project = project.name.clone().unwrap_or(own);
    let roots = [
        Some(PathBuf::from("/var/lib/docker/volumes")),
        reading::home().map(|home| home.join(".local/share/docker/volumes")),
        reading::home().map(|home| home.join(".local/share/containers/storage/volumes")),
    ];
    let names = [format!("{project}_{name}"), name.to_owned()];
    roots
        .into_iter()
        .flatten()
        .flat_map(|root| names.iter().map(move |name| root.join(name).join("_data")).collect::<Vec<_>>())
        .find(|path| path.is_dir())
}
