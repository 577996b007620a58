//! opencode: `opencode.json`, and the keys of its `auth.json`.

use super::tree::Tree;
use super::variables::Variables;
use super::{Found, Holding};
use crate::connection::key::ApiKey;
use crate::connection::place::Place;
use crate::connection::{Connection, KeySource};

/// What opencode reads.
pub struct Files<'a> {
    /// `opencode.json`.
    pub config: &'a Tree,
    /// Its name in what people read.
    pub config_name: &'a str,
    /// `auth.json`.
    pub auth: &'a Tree,
    /// Its name in what people read.
    pub auth_name: &'a str,
    /// The variables of the process.
    pub process: &'a Variables,
    /// The text of a file that the settings name.
    pub file: &'a dyn Fn(&str) -> Option<String>,
}

/// Whether this is opencode's configuration.
pub fn is_config(tree: &Tree) -> bool {
    tree.get("$schema").text().is_some_and(|schema| schema.contains("opencode.ai"))
        || tree
            .get("provider")
            .entries()
            .iter()
            .any(|(_, provider)| ["npm", "options", "models"].iter().any(|name| !provider.get(name).is_null()))
}

/// The connections: every provider that is configured, then those that have only a key.
pub fn holding(files: &Files<'_>) -> Holding {
    let mut holding = Holding::default();
    let config = files.config;
    let providers = config.get("provider").entries();
    for (id, provider) in providers {
        holding.found.push(found(files, id, provider));
    }
    for (id, _) in files.auth.entries().iter().filter(|(id, _)| !providers.iter().any(|(own, _)| own == id)) {
        holding.found.push(found(files, id, &Tree::Null));
    }
    for row in &mut holding.found {
        let id = row.provider.as_deref().unwrap_or_default();
        let enabled = config.get("enabled_providers");
        let off = config.get("disabled_providers").texts().any(|other| other == id)
            || (!enabled.is_null() && !enabled.texts().any(|other| other == id));
        if off {
            row.skipped = Some("it is switched off in opencode's settings".to_owned());
        }
    }
    holding
}

fn found(files: &Files<'_>, id: &str, provider: &Tree) -> Found {
    let mut remarks = Vec::new();
    let mut text = |value: &Tree| value.filled().map(|text| filled_in(files, text, &mut remarks));
    let options = provider.get("options");
    let base_url = text(options.get("baseURL")).or_else(|| text(provider.get("api")));
    let own = text(options.get("apiKey")).filter(|key| !key.is_empty());
    let headers = options.get("headers").entries().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect();
    let login = files.auth.get(id);
    let (key, file) = match own {
        Some(key) => (Some(key), files.config_name),
        None => (login.get("key").filled().map(str::to_owned), files.auth_name),
    };
    let oauth = key.is_none() && login.get("type").text() == Some("oauth");
    let npm = provider.get("npm").text().unwrap_or_default();
    let checks = match npm {
        "@ai-sdk/openai" => vec!["models", "responses"],
        "@ai-sdk/anthropic" => vec!["models", "messages"],
        _ => Vec::new(),
    };
    let key = key.map(ApiKey::new);
    Found {
        connection: Connection {
            name: Some(format!("opencode {id}")),
            base_url,
            key_source: key.as_ref().map(|_| KeySource::File(file.to_owned())),
            key,
            model: model(files.config, id, provider),
            client: "opencode".to_owned(),
            headers,
            remarks,
            place: Place { checks, ..Place::default() },
        },
        provider: Some(id.to_owned()),
        skipped: oauth.then(|| "opencode is signed in there with an account, which has no API key".to_owned()),
    }
}

/// The model that is set for this provider, else the first that is listed for it.
fn model(config: &Tree, id: &str, provider: &Tree) -> Option<String> {
    let set = ["model", "small_model"].iter().find_map(|name| {
        let model = config.get(name).text()?.strip_prefix(id)?.strip_prefix('/')?;
        Some(model.to_owned())
    });
    let listed = provider.get("models").entries();
    let name = set.or_else(|| listed.first().map(|(name, _)| name.clone()))?;
    // A model may be sent under another name than it is shown.
    Some(provider.get("models").get(&name).get("id").filled().map_or(name.clone(), str::to_owned))
}

/// The text with `{env:NAME}` and `{file:PATH}` replaced.
fn filled_in(files: &Files<'_>, text: &str, remarks: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let inside = &rest[at + 1..];
        let Some((body, after)) = inside.split_once('}') else {
            out.push('{');
            rest = inside;
            continue;
        };
        if let Some(name) = body.strip_prefix("env:") {
            match files.process.get(name) {
                Some(value) => out.push_str(value),
                None => remarks.push(format!("the variable {name}, which opencode's settings use, is not set")),
            }
        } else if let Some(path) = body.strip_prefix("file:") {
            match (files.file)(path) {
                Some(text) => out.push_str(text.trim()),
                None => remarks.push(format!("the file {path}, which opencode's settings use, cannot be read")),
            }
        } else {
            out.push_str(&format!("{{{body}}}"));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
