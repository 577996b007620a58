//! The usual places of each client's settings on this machine.

use std::path::{Path, PathBuf};

use super::reading::{self, home, shown};
use super::seen::Seen;
use super::source::process;
use super::{detect, open_webui};
use crate::connection::KeySource;
use crate::connection::foreign::tree::Tree;
use crate::connection::foreign::variables::Variables;
use crate::connection::foreign::{self, Holding, aider, claude_code, codex, continue_dev, dotenv};
use crate::knowledge::client;

/// A client whose settings can be read.
pub(super) struct Client {
    /// Its ID.
    pub(super) id: &'static str,
    /// The name that people read.
    pub(super) name: &'static str,
    /// Looks at its usual places.
    pub(super) read: fn() -> Seen,
    /// Looks for what it keeps in the folder of a project.
    pub(super) in_folder: Option<fn(&Path) -> Seen>,
    /// What to do where nothing was found.
    pub(super) hint: &'static str,
}

/// All of them.
pub(super) const CLIENTS: &[Client] = &[
    Client {
        id: "open-webui",
        name: "Open WebUI",
        read: open_webui::everywhere,
        in_folder: None,
        hint: "From a container: docker cp open-webui:/app/backend/data/webui.db .\n       then: ruta doctor --from webui.db",
    },
    Client { id: "codex", name: "Codex", read: codex_files, in_folder: None, hint: "" },
    Client {
        id: "claude-code",
        name: "Claude Code",
        read: claude_files,
        in_folder: Some(|folder| {
            claude(
                &[folder.join(".claude/settings.json"), folder.join(".claude/settings.local.json")],
                &Variables::default(),
            )
        }),
        hint: "",
    },
    Client { id: "continue", name: "Continue", read: continue_files, in_folder: None, hint: "" },
    Client {
        id: "opencode",
        name: "opencode",
        read: opencode_files,
        in_folder: Some(|folder| opencode_from(&[folder.to_owned(), folder.join(".opencode")], None)),
        hint: "",
    },
    Client {
        id: "aider",
        name: "aider",
        read: aider_files,
        in_folder: Some(|folder| aider_from(&[folder.to_owned()], &Variables::default())),
        hint: "",
    },
];

/// The client of this name, however it is written; a path is none.
pub(super) fn by_name(text: &str) -> Option<&'static Client> {
    if text.contains(['/', '\\', '.']) && !text.eq_ignore_ascii_case("continue.dev") {
        return None;
    }
    let own = match text.to_ascii_lowercase().as_str() {
        "claude" => "claude-code",
        "continue.dev" => "continue",
        _ => client::by_id(text).map_or(text, |client| client.id),
    };
    CLIENTS.iter().find(|client| client.id.eq_ignore_ascii_case(own))
}

/// The settings in a file beside another one, and its name; nothing where there is none.
pub(super) fn beside(folder: Option<&Path>, name: &str) -> (Tree, String) {
    let Some(path) = folder.map(|folder| folder.join(name)) else { return (Tree::Null, name.to_owned()) };
    let own = shown(&path);
    let tree = reading::text(&path).ok().and_then(|text| detect::tree(&text, &own).ok().flatten());
    (tree.unwrap_or(Tree::Null), own)
}

/// The variables with those of the `.env` file in this folder over them.
pub(super) fn with_dotenv(mut variables: Variables, folder: Option<&Path>) -> Variables {
    if let Some(path) = folder.map(|folder| folder.join(".env")).filter(|path| path.is_file())
        && let Ok(text) = reading::text(&path)
    {
        let outside = variables.clone();
        variables.add(dotenv::read(&text, &KeySource::File(shown(&path)), &|name| outside.get(name)));
    }
    variables
}

/// A folder that a variable names, else one in the user's own folder.
fn place(variable: &str, usual: &str) -> Option<PathBuf> {
    let named = process().filled(variable).map(PathBuf::from);
    named.or_else(|| Some(home()?.join(usual)))
}

fn codex_files() -> Seen {
    let mut seen = Seen::default();
    let Some(folder) = place("CODEX_HOME", ".codex") else { return seen };
    let config = seen.tree(&folder.join("config.toml"));
    let auth = seen.tree(&folder.join("auth.json"));
    if config.is_none() && auth.is_none() {
        return seen;
    }
    let process = process();
    let (config, config_name) = config.unwrap_or((Tree::Null, "config.toml".into()));
    let (auth, auth_name) = auth.unwrap_or((Tree::Null, "auth.json".into()));
    let files = codex::Files {
        config: &config,
        config_name: &config_name,
        auth: &auth,
        auth_name: &auth_name,
        process: &process,
    };
    seen.holding = codex::holding(&files);
    seen
}

fn claude_files() -> Seen {
    let mut paths = Vec::new();
    paths.extend(place("CLAUDE_CONFIG_DIR", ".claude").map(|folder| folder.join("settings.json")));
    paths.push(".claude/settings.json".into());
    paths.push(".claude/settings.local.json".into());
    paths.push(
        match std::env::consts::OS {
            "macos" => "/Library/Application Support/ClaudeCode/managed-settings.json",
            "windows" => "C:\\Program Files\\ClaudeCode\\managed-settings.json",
            _ => "/etc/claude-code/managed-settings.json",
        }
        .into(),
    );
    claude(&paths, &process())
}

/// The settings in these files, the later over the earlier.
fn claude(paths: &[PathBuf], variables: &Variables) -> Seen {
    let mut seen = Seen::default();
    let mut known = Vec::new();
    let mut trees = Vec::new();
    for path in paths {
        // The folder at hand may be the user's own.
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !known.contains(&real) {
            known.push(real);
            trees.extend(seen.tree(path));
        }
    }
    let named: Vec<(&Tree, &str)> = trees.iter().map(|(tree, name)| (tree, name.as_str())).collect();
    seen.holding = claude_code::holding(&named, variables);
    seen
}

fn continue_files() -> Seen {
    let mut seen = Seen::default();
    let Some(folder) = place("CONTINUE_GLOBAL_DIR", ".continue") else { return seen };
    let names = ["config.yaml", "config.yml", "config.json"].map(|name| folder.join(name));
    if let Some((tree, name)) = seen.first(names) {
        seen.holding = continue_dev::holding(&tree, &name, &with_dotenv(process(), Some(&folder)));
    }
    seen
}

fn opencode_files() -> Seen {
    let process = process();
    let base = |variable: &str, usual: &str| {
        process
            .filled(variable)
            .map(PathBuf::from)
            .or_else(|| Some(home()?.join(usual)))
            .map(|path| path.join("opencode"))
    };
    let mut folders = Vec::new();
    folders.extend(base("XDG_CONFIG_HOME", ".config"));
    folders.push(PathBuf::from("."));
    let auth = base("XDG_DATA_HOME", ".local/share").map(|folder| folder.join("auth.json"));
    opencode_from(&folders, auth.as_deref())
}

/// The settings in these folders, the later over the earlier.
fn opencode_from(folders: &[PathBuf], auth: Option<&Path>) -> Seen {
    let mut seen = Seen::default();
    let mut all = Tree::Null;
    let mut names = Vec::new();
    let own = process().filled("OPENCODE_CONFIG").map(PathBuf::from).filter(|_| auth.is_some());
    for folder in folders {
        let files = ["opencode.jsonc", "opencode.json"].map(|name| folder.join(name));
        if let Some((tree, name)) = seen.first(files) {
            all = all.under(tree);
            names.push((name, folder.clone()));
        }
    }
    if let Some((tree, name)) = own.and_then(|path| seen.tree(&path)) {
        all = all.under(tree);
        names.push((name, PathBuf::from(".")));
    }
    let auth = auth.and_then(|path| seen.tree(path));
    if names.is_empty() && auth.is_none() {
        return seen;
    }
    let (name, folder) = names.pop().unwrap_or_default();
    seen.holding = of_opencode(&all, &name, Some(&folder), auth, &process());
    seen
}

/// The connections of one file of opencode; keys may be in its `auth.json`.
pub(super) fn opencode(config: &Tree, name: &str, folder: Option<&Path>, process: &Variables) -> Holding {
    let data = process.filled("XDG_DATA_HOME").map(PathBuf::from).or_else(|| Some(home()?.join(".local/share")));
    let auth = data.and_then(|data| Seen::default().tree(&data.join("opencode/auth.json")));
    // Only the providers of this file are asked for.
    let auth = auth.map(|(tree, name)| {
        let own = |id: &str| config.get("provider").entries().iter().any(|(other, _)| other == id);
        (Tree::Map(tree.entries().iter().filter(|(id, _)| own(id)).cloned().collect()), name)
    });
    of_opencode(config, name, folder, auth, process)
}

fn of_opencode(
    config: &Tree,
    name: &str,
    folder: Option<&Path>,
    auth: Option<(Tree, String)>,
    process: &Variables,
) -> Holding {
    let (auth, auth_name) = auth.unwrap_or((Tree::Null, "auth.json".into()));
    let file = |path: &str| {
        let path = match (path.strip_prefix("~/"), folder) {
            (Some(rest), _) => home()?.join(rest),
            (None, Some(folder)) => folder.join(path),
            (None, None) => PathBuf::from(path),
        };
        reading::text(&path).ok().map(|text| text.to_string())
    };
    foreign::opencode::holding(&foreign::opencode::Files {
        config,
        config_name: name,
        auth: &auth,
        auth_name: &auth_name,
        process,
        file: &file,
    })
}

fn aider_files() -> Seen {
    let mut folders: Vec<PathBuf> = home().into_iter().collect();
    let here = std::env::current_dir().ok();
    let root = here.as_deref().and_then(|here| here.ancestors().find(|folder| folder.join(".git").exists()));
    folders.extend(root.map(Path::to_owned));
    folders.push(PathBuf::from("."));
    let mut seen = aider_from(&folders, &process());
    if seen.read.is_empty() {
        // Variables alone are those of the environment, whoever reads them.
        seen.holding = Holding::default();
    }
    seen
}

/// The settings in these folders, the later over the earlier.
fn aider_from(folders: &[PathBuf], variables: &Variables) -> Seen {
    let mut seen = Seen::default();
    let mut known: Vec<PathBuf> = Vec::new();
    let mut config: Option<(Tree, String)> = None;
    let mut variables = variables.clone();
    for folder in folders {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if known.contains(&real) {
            continue;
        }
        known.push(real);
        if let Some((tree, name)) = seen.tree(&folder.join(".aider.conf.yml")) {
            let before = config.take().map_or(Tree::Null, |(tree, _)| tree);
            config = Some((before.under(tree), name));
        }
        variables = with_dotenv(variables, Some(folder));
    }
    let Some((config, name)) = config else { return seen };
    if let Some(file) = config.get("env-file").filled()
        && let Some(text) = seen.text(Path::new(file))
    {
        variables.add(dotenv::read(&text, &KeySource::File(file.to_owned()), &|_| None));
    }
    seen.holding = aider::holding(&config, &name, variables);
    seen
}
