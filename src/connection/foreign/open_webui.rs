//! Open `WebUI`'s connections: its variables, its database and its exported settings, paired as Open `WebUI` pairs them.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::tree::Tree;
use super::variables::Variables;
use super::{Found, Holding, json, open_webui_features};
use crate::connection::key::ApiKey;
use crate::connection::place::Place;
use crate::connection::url::redact;
use crate::connection::{Connection, KeySource};

/// Where a connection goes that names no base URL.
pub const USUAL_URL: &str = "https://api.openai.com/v1";

/// The API version that is used where none is set.
const USUAL_AZURE_VERSION: &str = "2023-03-15-preview";

const ENABLE: &str = "openai.enable";
const URLS: &str = "openai.api_base_urls";
const KEYS: &str = "openai.api_keys";
const CONFIGS: &str = "openai.api_configs";

/// What Open `WebUI` was told, by the names that its database and its exports use. What was never set is absent.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, (Tree, KeySource)>,
    remarks: Vec<String>,
}

/// Whether any variable is set that only Open `WebUI` reads.
pub fn is_meant(variables: &Variables) -> bool {
    let own = ["OPENAI_API_BASE_URLS", "OPENAI_API_BASE_URL", "OPENAI_API_KEYS", "OPENAI_API_CONFIGS"];
    let names = open_webui_features::FIELDS.iter().map(|(_, name)| *name);
    own.into_iter().chain(["ENABLE_OPENAI_API"]).chain(names).any(|name| variables.get(name).is_some())
}

impl Settings {
    /// Reads the variables as Open `WebUI` does at its start.
    pub fn of_variables(variables: &Variables) -> Self {
        let mut settings = Self::default();
        let source = |name: &str| variables.source(name).unwrap_or(KeySource::Env(name.to_owned()));
        if let Some(text) = variables.get("ENABLE_OPENAI_API") {
            let flag = if text.eq_ignore_ascii_case("true") { "true" } else { "false" };
            settings.set(ENABLE, Tree::text_of(flag), source("ENABLE_OPENAI_API"));
        }
        let plural = variables.filled("OPENAI_API_BASE_URLS").map(|text| ("OPENAI_API_BASE_URLS", text));
        // The slash is taken from the end of the whole text, once.
        let singular = variables
            .filled("OPENAI_API_BASE_URL")
            .map(|text| ("OPENAI_API_BASE_URL", text.strip_suffix('/').unwrap_or(text)));
        if let Some((name, text)) = plural.or(singular) {
            let urls = text.split(';').map(|part| if part.is_empty() { USUAL_URL } else { part.trim() });
            settings.set(URLS, Tree::List(urls.map(Tree::text_of).collect()), source(name));
            settings.remark_urls(name, text);
        }
        let keys = ["OPENAI_API_KEYS", "OPENAI_API_KEY"];
        if let Some((name, text)) = keys.iter().find_map(|name| Some((name, variables.filled(name)?))) {
            let keys = text.split(';').map(|part| Tree::text_of(part.trim()));
            settings.set(KEYS, Tree::List(keys.collect()), source(name));
        }
        if let Some(text) = variables.filled("OPENAI_API_CONFIGS") {
            match json::read(text) {
                Ok(tree) if tree.is_map() => settings.set(CONFIGS, tree, source("OPENAI_API_CONFIGS")),
                _ => settings.remarks.push("OPENAI_API_CONFIGS is no JSON object: Open WebUI ignores it".into()),
            }
        }
        for (path, name) in open_webui_features::FIELDS {
            if let Some(text) = variables.get(name) {
                settings.set(path, Tree::text_of(text), source(name));
            }
        }
        settings
    }

    /// Reads exported settings, flat or nested, or the answer of `GET /openai/config`; `None` if they are something else.
    pub fn of_config(config: &Tree, source: &KeySource) -> Option<Self> {
        let mut settings = Self::default();
        let mut take = |path: &'static str, other: &str| {
            let value = Some(config.at(path)).filter(|value| !value.is_null()).unwrap_or(config.at(other));
            if !value.is_null() {
                settings.set(path, value.clone(), source.clone());
            }
        };
        take(URLS, "OPENAI_API_BASE_URLS");
        take(KEYS, "OPENAI_API_KEYS");
        take(CONFIGS, "OPENAI_API_CONFIGS");
        for (path, _) in open_webui_features::FIELDS {
            take(path, "");
        }
        if settings.values.is_empty() {
            return None;
        }
        // The oldest files say "enabled".
        let enable = ["openai.enable", "openai.enabled", "ENABLE_OPENAI_API"].map(|path| config.at(path));
        if let Some(enable) = enable.into_iter().find(|value| !value.is_null()) {
            settings.set(ENABLE, enable.clone(), source.clone());
        }
        Some(settings)
    }

    fn set(&mut self, path: &'static str, value: Tree, source: KeySource) {
        self.values.insert(path, (value, source));
    }

    fn remark_urls(&mut self, name: &str, text: &str) {
        let parts: Vec<&str> = text.split(';').collect();
        for (at, _) in parts.iter().enumerate().filter(|(_, part)| part.is_empty()) {
            self.remarks.push(format!("part {} of {name} is empty: Open WebUI takes {USUAL_URL} for it", at + 1));
        }
        if text.contains(',') {
            self.remarks.push(format!("{name} holds a comma: Open WebUI separates URLs with semicolons only"));
        }
        if text.starts_with(['"', '\'']) {
            self.remarks.push(format!("{name} begins with a quote, which Open WebUI takes for a part of the URL"));
        }
    }

    /// A text, and where it came from.
    pub(super) fn text(&self, path: &str) -> Option<(&str, &KeySource)> {
        let (value, source) = self.values.get(path)?;
        Some((value.text()?, source))
    }

    /// A truth value.
    pub(super) fn flag(&self, path: &str) -> Option<bool> {
        self.values.get(path)?.0.flag()
    }

    /// Where the keys of the connections for chat came from.
    pub(super) fn keys_source(&self) -> Option<KeySource> {
        self.values.get(KEYS).map(|(_, source)| source.clone())
    }

    fn tree(&self, path: &str) -> &Tree {
        self.values.get(path).map_or(&Tree::Null, |(value, _)| value)
    }

    /// Whether anything is known of the connections for chat.
    pub fn has_connections(&self) -> bool {
        self.values.contains_key(URLS) || self.values.contains_key(KEYS)
    }

    /// These settings where the others say nothing: a database has only what was once saved.
    #[must_use]
    pub fn under(mut self, others: Self) -> Self {
        self.values.extend(others.values);
        self.remarks = others.remarks;
        self
    }

    /// What the variables say otherwise than the database, in parts of a sentence.
    pub fn differences(variables: &Self, database: &Self) -> Vec<String> {
        let differs = |path: &str, value: &Tree| {
            let other = database.tree(path);
            !other.is_null() && other != value
        };
        let all = variables.values.iter().filter(|(path, (value, _))| differs(path, value));
        all.map(|(path, (value, _))| match *path {
            URLS => format!("URLs {}", value.texts().map(redact).collect::<Vec<_>>().join(", ")),
            KEYS => "other keys".to_owned(),
            CONFIGS => "other settings of single connections".to_owned(),
            ENABLE => format!("connections switched {}", if value.flag() == Some(false) { "off" } else { "on" }),
            path => format!("another {path}"),
        })
        .collect()
    }

    /// The connections, in their order, then those of single features.
    pub fn holding(&self) -> Holding {
        let mut remarks = self.remarks.clone();
        let mut found = Vec::new();
        let mut paired = Vec::new();
        if self.has_connections() {
            let mut urls: Vec<&str> = self.tree(URLS).texts().collect();
            if !self.values.contains_key(URLS) {
                remarks.push(format!("no base URL is set: Open WebUI uses {USUAL_URL}"));
                urls.push(USUAL_URL);
            }
            let keys: Vec<&str> = self.tree(KEYS).texts().collect();
            let given = keys.iter().filter(|key| !key.is_empty()).count();
            if keys.len() > urls.len() && given > urls.len() {
                remarks.push(format!(
                    "there are {} keys for {}: those at the end are not used",
                    keys.len(),
                    count(urls.len(), "URL")
                ));
            } else if given > 0 && keys.len() < urls.len() {
                remarks.push(format!(
                    "there {} for {} URLs: those at the end go without",
                    if keys.len() == 1 { "is 1 key".into() } else { format!("are {} keys", keys.len()) },
                    urls.len()
                ));
            }
            for (at, url) in urls.iter().enumerate() {
                let key = keys.get(at).copied().unwrap_or_default();
                paired.push((*url, key));
                found.push(self.pair(at, url, key));
            }
        }
        found.extend(open_webui_features::found(self, &paired));
        Holding { found, remarks }
    }

    /// One connection of the list.
    fn pair(&self, at: usize, url: &str, key: &str) -> Found {
        let configs = self.tree(CONFIGS);
        let config = Some(configs.get(&at.to_string())).filter(|config| !config.is_null());
        // The oldest settings name the URL instead of its place.
        let config = config.unwrap_or(configs.get(url));
        let source = self.keys_source();
        let mut remarks = Vec::new();
        let mut skipped = None;
        if self.flag(ENABLE) == Some(false) {
            skipped = Some("the OpenAI API is switched off in Open WebUI as a whole".to_owned());
        } else if config.get("enable").flag() == Some(false) {
            skipped = Some("it is switched off".to_owned());
        }
        let auth = config.get("auth_type").text().unwrap_or("bearer");
        let sends_key = matches!(auth, "" | "bearer");
        if !sends_key && skipped.is_none() {
            skipped = unknowable(auth).map(str::to_owned);
        }
        if !sends_key && !key.is_empty() {
            remarks.push(format!("its auth type is {auth}, so the key that stands there is not sent"));
        }
        let key = Zeroizing::new(if sends_key { key.to_owned() } else { String::new() });
        let mut headers = Vec::new();
        for (name, value) in config.get("headers").entries() {
            match value.text() {
                Some(text) if text.contains("{{") => {
                    remarks.push(format!("its header {name} is filled in by Open WebUI, so it is not sent here"));
                }
                Some(text) => headers.push((name.clone(), text.to_owned())),
                None => {}
            }
        }
        let ids: Vec<&str> = config.get("model_ids").texts().map(str::trim).filter(|id| !id.is_empty()).collect();
        if ids.len() > 1 {
            remarks.push(format!("{} Model IDs are set; the first is checked", ids.len()));
        }
        if let Some(prefix) = config.get("prefix_id").filled() {
            remarks.push(format!("Open WebUI shows its models as {prefix}.MODEL"));
        }
        let model = ids.first().map(|id| (*id).to_owned());
        let mut place = Place { models_by_hand: !ids.is_empty(), ..Place::default() };
        if config.get("api_type").text() == Some("responses") {
            place.checks = vec!["models", "responses"];
        }
        let mut base_url = url.to_owned();
        if config.get("azure").flag() == Some(true) || config.get("provider").text() == Some("azure") {
            let version = config.get("api_version").filled().unwrap_or(USUAL_AZURE_VERSION);
            base_url = azure_root(url, version, model.as_deref());
            if !is_azure_host(url) && sends_key && !key.is_empty() {
                headers.push(("api-key".to_owned(), key.to_string()));
            }
        }
        let own_header = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let key = Some(key).filter(|key| !key.is_empty() && !own_header).map(|key| ApiKey::new(key.to_string()));
        Found {
            connection: Connection {
                name: Some(format!("open-webui {}", at + 1)),
                base_url: Some(base_url),
                key_source: source.filter(|_| key.is_some()),
                key,
                model,
                client: "open-webui".to_owned(),
                headers,
                remarks,
                place,
            },
            provider: None,
            skipped,
        }
    }
}

/// Why a way of signing in cannot be repeated from here; `None` for one that needs nothing.
fn unknowable(auth: &str) -> Option<&'static str> {
    match auth {
        "session" => Some("it uses each user's own Open WebUI session as the key, which ruta does not have"),
        "system_oauth" => Some("it uses the signed-in user's OAuth token, which ruta does not have"),
        "microsoft_entra_id" | "azure_ad" => {
            Some("it uses Microsoft Entra ID with credentials of the server, which ruta does not have")
        }
        _ => None,
    }
}

/// The base URL in the form that carries the version: the deployment is put in where the host does not tell that it is
/// Azure, as behind a gateway.
pub(super) fn azure_root(url: &str, version: &str, model: Option<&str>) -> String {
    if url.contains("/openai/v1") {
        return url.to_owned();
    }
    match model {
        Some(model) if !is_azure_host(url) && !url.contains("/deployments/") => {
            format!("{url}/openai/deployments/{model}?api-version={version}")
        }
        _ => format!("{url}?api-version={version}"),
    }
}

fn is_azure_host(url: &str) -> bool {
    url::Url::parse(url.trim()).ok().and_then(|url| url.host_str().map(str::to_owned)).is_some_and(|host| {
        ["azure.com", "azure.us", "azure.cn", "microsoft.com"].iter().any(|end| host.ends_with(end))
    })
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "open_webui_tests.rs"]
mod tests;
