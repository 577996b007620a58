//! Codex: `config.toml` and the `auth.json` beside it.

use super::open_webui::USUAL_URL;
use super::tree::Tree;
use super::variables::Variables;
use super::{Found, Holding, headers};
use crate::connection::key::ApiKey;
use crate::connection::{Connection, KeySource};

/// Providers that Codex has built in beside `OpenAI`, and their ports on this machine.
const BUILT_IN: &[(&str, &str)] = &[("oss", "ollama"), ("ollama", "ollama"), ("lmstudio", "lm-studio")];

/// What Codex reads.
pub struct Files<'a> {
    /// `config.toml`.
    pub config: &'a Tree,
    /// Its name in what people read.
    pub config_name: &'a str,
    /// `auth.json`.
    pub auth: &'a Tree,
    /// Its name in what people read.
    pub auth_name: &'a str,
    /// The variables of the process.
    pub process: &'a Variables,
}

/// Whether this is Codex's `config.toml`.
pub fn is_config(tree: &Tree) -> bool {
    ["model_providers", "model_provider", "openai_base_url", "profiles", "model_reasoning_effort"]
        .iter()
        .any(|name| !tree.get(name).is_null())
}

/// Whether this is Codex's `auth.json`.
pub fn is_auth(tree: &Tree) -> bool {
    !tree.get("OPENAI_API_KEY").is_null() || !tree.at("tokens.access_token").is_null()
}

/// The connections: the one in use, and those that are only defined.
pub fn holding(files: &Files<'_>) -> Holding {
    let config = files.config;
    let profile = config.get("profile").text().map_or(&Tree::Null, |name| config.get("profiles").get(name));
    let chosen = |name: &str| profile.get(name).filled().or_else(|| config.get(name).filled());
    let used = chosen("model_provider").unwrap_or("openai");
    let model = chosen("model").map(str::to_owned);
    let mut holding = Holding::default();
    let providers = config.get("model_providers").entries();
    if let Some((id, provider)) = providers.iter().find(|(id, _)| id == used) {
        holding.found.push(defined(files, id, provider, model));
    } else if let Some((_, system)) = BUILT_IN.iter().find(|(id, _)| *id == used) {
        holding.found.push(Found { provider: Some((*system).to_owned()), ..found(used, None, model) });
    } else if used == "openai" {
        holding.found.extend(openai(files, model));
    } else {
        holding.remarks.push(format!(
            "Codex ends with \"Model provider `{used}` not found\": {} does not define it",
            files.config_name
        ));
    }
    for (id, provider) in providers.iter().filter(|(id, _)| id != used) {
        let mut other = defined(files, id, provider, profile_model(config, id));
        other.skipped = Some(format!("Codex does not use it now (model_provider is {used})"));
        holding.found.push(other);
    }
    holding
}

/// The model of a profile that uses this provider.
fn profile_model(config: &Tree, id: &str) -> Option<String> {
    let mut profiles = config.get("profiles").entries().iter().map(|(_, profile)| profile);
    let profile = profiles.find(|profile| profile.get("model_provider").text() == Some(id))?;
    profile.get("model").filled().map(str::to_owned)
}

fn found(id: &str, base_url: Option<String>, model: Option<String>) -> Found {
    Found {
        connection: Connection {
            name: Some(format!("codex {id}")),
            base_url,
            model,
            client: "codex".to_owned(),
            ..Connection::default()
        },
        ..Found::default()
    }
}

/// A provider of the table `[model_providers]`.
fn defined(files: &Files<'_>, id: &str, provider: &Tree, model: Option<String>) -> Found {
    let url = provider.get("base_url").text().map(|url| with_query(url, provider.get("query_params")));
    let mut found = found(id, url, model);
    let connection = &mut found.connection;
    let token = provider.get("experimental_bearer_token").filled();
    if let Some(name) = provider.get("env_key").filled() {
        match files.process.key(&[name]) {
            Some((key, source)) => (connection.key, connection.key_source) = (Some(key), Some(source)),
            None => connection.remarks.push(format!("the variable {name}, which should hold the key, is not set")),
        }
    } else if let Some(token) = token {
        connection.key = Some(ApiKey::new(token.to_owned()));
        connection.key_source = Some(KeySource::File(files.config_name.to_owned()));
    } else if provider.get("requires_openai_auth").flag() == Some(true) {
        found.skipped = signed_in(files, connection);
    }
    let connection = &mut found.connection;
    connection.headers = headers(provider.get("http_headers"));
    for (name, variable) in provider.get("env_http_headers").entries() {
        if let Some(value) = variable.text().and_then(|variable| files.process.filled(variable)) {
            connection.headers.push((name.clone(), value.to_owned()));
        }
    }
    if provider.get("wire_api").text() == Some("chat") {
        connection.remarks.push("Codex no longer starts with wire_api = \"chat\"".to_owned());
    }
    if provider.get("name").filled().is_none() {
        connection
            .remarks
            .push(format!("Codex wants a name for the provider {id}, and {} gives none", files.config_name));
    }
    found
}

/// The built-in provider, where there is anything to check.
fn openai(files: &Files<'_>, model: Option<String>) -> Option<Found> {
    let own = files.config.get("openai_base_url").filled();
    let mut found = found("openai", Some(own.unwrap_or(USUAL_URL).to_owned()), model);
    if let Some((key, source)) = files.process.key(&["CODEX_API_KEY"]) {
        (found.connection.key, found.connection.key_source) = (Some(key), Some(source));
    } else {
        found.skipped = signed_in(files, &mut found.connection);
    }
    if own.is_none() && files.process.filled("OPENAI_BASE_URL").is_some() {
        found
            .connection
            .remarks
            .push("Codex ignores OPENAI_BASE_URL; openai_base_url in config.toml is what it reads".into());
    }
    (own.is_some() || found.connection.key.is_some() || found.skipped.is_some()).then_some(found)
}

/// Takes the key of `auth.json`; says why there is none to check.
fn signed_in(files: &Files<'_>, connection: &mut Connection) -> Option<String> {
    if let Some(key) = files.auth.get("OPENAI_API_KEY").filled() {
        connection.key = Some(ApiKey::new(key.to_owned()));
        connection.key_source = Some(KeySource::File(files.auth_name.to_owned()));
        return None;
    }
    files
        .auth
        .get("tokens")
        .is_map()
        .then(|| "Codex is signed in with a ChatGPT account, which has no API key".to_owned())
}

/// The URL with Azure's version behind it; other parameters are not known here.
fn with_query(url: &str, query: &Tree) -> String {
    match query.get("api-version").filled() {
        Some(version) => format!("{}?api-version={version}", url.trim_end_matches('/')),
        None => url.to_owned(),
    }
}
