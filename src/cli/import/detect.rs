//! What a text is, by what stands in it: the settings of which client, in which form.

use std::path::Path;

use super::source::process;
use super::{clients, open_webui, project};
use crate::connection::foreign::open_webui::Settings;
use crate::connection::foreign::tree::Tree;
use crate::connection::foreign::variables::Variables;
use crate::connection::foreign::{
    Found, Holding, aider, claude_code, codex, compose, continue_dev, dotenv, environment, json, open_webui_network,
    opencode, yaml,
};
use crate::connection::{Connection, KeySource};
use crate::knowledge::provider::SYSTEMS;

/// A file of another kind than JSON is no longer than this, in bytes.
const MOST: usize = 4 << 20;

/// The connections in a text; `None` if it is nothing that is known.
pub(super) fn holding(text: &str, name: &str, path: Option<&Path>) -> Result<Option<Holding>, String> {
    let folder = path.and_then(Path::parent);
    if let Some(tree) = tree(text, name)?
        && let Some(holding) = of_tree(tree, name, path, folder)?
    {
        return Ok(Some(holding));
    }
    if text.len() <= MOST && dotenv::looks_like(text) {
        let variables = of_dotenv(text, name);
        let mut holding = open_webui::of_variables(&variables, name, folder);
        if holding.found.is_empty() && holding.remarks.is_empty() {
            holding.remarks.push("it sets no variable of a connection that ruta knows".to_owned());
        }
        return Ok(Some(holding));
    }
    Ok(None)
}

/// The values in a text; `None` if it has none, as a list of variables.
pub(super) fn tree(text: &str, name: &str) -> Result<Option<Tree>, String> {
    let start = text.trim_start_matches('\u{feff}').trim_start().chars().next();
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let json = matches!(start, Some('{' | '['));
    if json {
        match json::read(text) {
            Ok(tree) => return Ok(Some(tree)),
            // A table of TOML begins with a bracket, too.
            Err(why) if start == Some('{') || matches!(end.as_str(), "json" | "jsonc") => return Err(why),
            Err(_) => {}
        }
    }
    if text.len() > MOST {
        return if start.is_none() { Ok(None) } else { Err("this is too long for settings".into()) };
    }
    match toml::from_str::<Tree>(text.trim_start_matches('\u{feff}')) {
        Ok(tree) if end == "toml" || codex::is_config(&tree) => return Ok(Some(tree)),
        Err(error) if end == "toml" => {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            return Err(format!("the TOML is broken in line {}", before.lines().count().max(1)));
        }
        _ => {}
    }
    match yaml::read(text) {
        Ok(tree) if tree.is_map() => Ok(Some(tree)),
        Err(why) if matches!(end.as_str(), "yml" | "yaml") => Err(why),
        _ => Ok(None),
    }
}

fn of_tree(tree: Tree, name: &str, path: Option<&Path>, folder: Option<&Path>) -> Result<Option<Holding>, String> {
    let source = KeySource::File(name.to_owned());
    if let Some(settings) = Settings::of_config(&tree, &source) {
        return Ok(Some(open_webui::placed(settings.holding(), false)));
    }
    if compose::is_compose(&tree) {
        return project::of_file(tree, name, path).map(Some);
    }
    if let Some(project) = compose::of_inspect(&tree, name) {
        return Ok(Some(project::holding(&project, None)));
    }
    let process = process();
    let beside = |other: &str| clients::beside(folder, other);
    if opencode::is_config(&tree) {
        return Ok(Some(clients::opencode(&tree, name, folder, &process)));
    }
    if claude_code::is_settings(&tree) {
        return Ok(Some(claude_code::holding(&[(&tree, name)], &process)));
    }
    if codex::is_config(&tree) || codex::is_auth(&tree) {
        let auth = codex::is_auth(&tree);
        let (other, other_name) = beside(if auth { "config.toml" } else { "auth.json" });
        let (config, config_name, auth, auth_name) =
            if auth { (&other, other_name.as_str(), &tree, name) } else { (&tree, name, &other, other_name.as_str()) };
        let files = codex::Files { config, config_name, auth, auth_name, process: &process };
        return Ok(Some(codex::holding(&files)));
    }
    if continue_dev::is_config(&tree) {
        return Ok(Some(continue_dev::holding(&tree, name, &clients::with_dotenv(process, folder))));
    }
    if aider::is_config(&tree) {
        return Ok(Some(aider::holding(&tree, name, clients::with_dotenv(process, folder))));
    }
    Ok(None)
}

/// The variables of a `.env` file.
pub(super) fn of_dotenv(text: &str, name: &str) -> Variables {
    let outside = process();
    dotenv::read(text, &KeySource::File(name.to_owned()), &|name| outside.get(name))
}

/// The connections that variables describe, whoever reads them.
pub(super) fn of_variables(variables: &Variables) -> Holding {
    let mut holding = Holding::default();
    if crate::connection::foreign::open_webui::is_meant(variables) {
        holding = open_webui::placed(Settings::of_variables(variables).holding(), false);
        if !holding.found.is_empty() {
            holding.remarks.extend(open_webui_network::remarks(variables));
        }
    }
    holding.found.extend(environment::found(variables));
    holding.found.extend(by_key(variables));
    holding
}

/// Keys of known providers that no connection uses: where they belong is known.
fn by_key(variables: &Variables) -> Vec<Found> {
    let mut used: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for system in SYSTEMS.iter().filter(|system| !system.base_url.is_empty() && !system.base_url.contains('{')) {
        let own = system.key_env.iter().find(|name| variables.filled(name).is_some());
        let Some(name) = own.filter(|name| !used.contains(name) && !environment::uses(variables, name)) else {
            continue;
        };
        used.push(name);
        let (key, key_source) = variables.key(&[name]).unzip();
        found.push(Found {
            connection: Connection {
                name: Some(system.id.to_owned()),
                base_url: Some(system.base_url.to_owned()),
                key,
                key_source,
                client: "open-webui".to_owned(),
                ..Connection::default()
            },
            ..Found::default()
        });
    }
    found
}
