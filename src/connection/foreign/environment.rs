//! Variables that programs other than Open `WebUI` take their connection from: SDKs, aider, Claude Code, web clients.

use super::Found;
use super::open_webui::{self, azure_root};
use super::variables::Variables;
use crate::connection::Connection;

/// Variables of one program.
struct Form {
    /// The name of the connection.
    name: &'static str,
    /// The client's ID.
    client: &'static str,
    url: &'static [&'static str],
    keys: &'static [&'static str],
    models: &'static [&'static str],
    /// What the program puts before a model ID and does not send.
    prefix: &'static str,
    /// If any: one of these must be set, because the other names are used by many programs.
    marks: &'static [&'static str],
}

const FORMS: &[Form] = &[
    Form {
        name: "ruta",
        client: "open-webui",
        url: &["RUTA_BASE_URL"],
        keys: &["RUTA_API_KEY"],
        models: &["RUTA_MODEL"],
        prefix: "",
        marks: &[],
    },
    Form {
        name: "openai-sdk",
        client: "openai-sdk",
        url: &["OPENAI_BASE_URL"],
        keys: &["OPENAI_API_KEY"],
        models: &["OPENAI_MODEL", "OPENAI_DEFAULT_MODEL"],
        prefix: "",
        marks: &[],
    },
    Form {
        name: "aider",
        client: "aider",
        url: &["AIDER_OPENAI_API_BASE", "OPENAI_API_BASE"],
        keys: &["AIDER_OPENAI_API_KEY", "OPENAI_API_KEY"],
        models: &["AIDER_MODEL"],
        prefix: "openai/",
        marks: &[],
    },
    Form {
        name: "claude-code",
        client: "claude-code",
        url: &["ANTHROPIC_BASE_URL"],
        keys: &["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"],
        models: &["ANTHROPIC_MODEL"],
        prefix: "",
        marks: &[],
    },
    Form {
        name: "lobechat",
        client: "lobechat",
        url: &["OPENAI_PROXY_URL"],
        keys: &["OPENAI_API_KEY"],
        models: &[],
        prefix: "",
        marks: &[],
    },
    Form {
        name: "nextchat",
        client: "nextchat",
        url: &["BASE_URL"],
        keys: &["OPENAI_API_KEY"],
        models: &["DEFAULT_MODEL"],
        prefix: "",
        marks: &["CUSTOM_MODELS", "DEFAULT_MODEL", "HIDE_USER_API_KEY", "CODE"],
    },
];

/// The variables that hold a base URL or a list of them, for people who wonder what was looked for.
pub fn names() -> impl Iterator<Item = &'static str> {
    let own = ["OPENAI_API_BASE_URLS", "OPENAI_API_BASE_URL"];
    own.into_iter().chain(FORMS.iter().flat_map(|form| form.url.iter().copied())).chain([AZURE])
}

/// Azure's resource, beside `AZURE_OPENAI_API_KEY`.
const AZURE: &str = "AZURE_OPENAI_ENDPOINT";

/// The connections that these variables describe, Open `WebUI`'s not among them.
pub fn found(variables: &Variables) -> Vec<Found> {
    let mut found = Vec::new();
    for form in FORMS {
        let Some(name) = form.url.iter().find(|name| variables.filled(name).is_some()) else { continue };
        let url = variables.filled(name).unwrap_or_default();
        if !form.marks.is_empty() && !form.marks.iter().any(|mark| variables.get(mark).is_some()) {
            continue;
        }
        // LangChain reads both names; people set both.
        if *name == "OPENAI_API_BASE" && variables.get("OPENAI_BASE_URL") == Some(url) {
            continue;
        }
        let model = form.models.iter().find_map(|name| variables.filled(name));
        let model = model.map(|model| model.strip_prefix(form.prefix).unwrap_or(model).to_owned());
        found.push(connection(form, url, variables, model));
    }
    found.extend(azure(variables));
    found
}

fn connection(form: &Form, url: &str, variables: &Variables, model: Option<String>) -> Found {
    let (key, key_source) = variables.key(form.keys).unzip();
    Found {
        connection: Connection {
            name: Some(form.name.to_owned()),
            base_url: Some(url.to_owned()),
            key,
            key_source,
            model,
            client: form.client.to_owned(),
            ..Connection::default()
        },
        ..Found::default()
    }
}

fn azure(variables: &Variables) -> Option<Found> {
    let url = variables.filled(AZURE)?;
    let first = |names: &[&str]| names.iter().find_map(|name| variables.filled(name)).map(str::to_owned);
    let model =
        first(&["AZURE_OPENAI_DEPLOYMENT", "AZURE_OPENAI_DEPLOYMENT_NAME", "AZURE_OPENAI_CHAT_DEPLOYMENT_NAME"]);
    let version = first(&["OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"]);
    let base_url = match &version {
        Some(version) => azure_root(url.trim_end_matches('/'), version, model.as_deref()),
        None => url.to_owned(),
    };
    let (key, key_source) = variables.key(&["AZURE_OPENAI_API_KEY"]).unzip();
    Some(Found {
        connection: Connection {
            name: Some("azure".to_owned()),
            base_url: Some(base_url),
            key,
            key_source,
            model,
            client: "openai-sdk".to_owned(),
            ..Connection::default()
        },
        ..Found::default()
    })
}

/// Whether a key variable belongs to a connection that was found, so that it says nothing more by itself.
pub fn uses(variables: &Variables, key: &str) -> bool {
    let set = |name: &str| variables.filled(name).is_some();
    let by_form = FORMS.iter().any(|form| form.keys.contains(&key) && form.url.iter().any(|name| set(name)));
    let by_azure = key == "AZURE_OPENAI_API_KEY" && set(AZURE);
    by_form || by_azure || (key.starts_with("OPENAI_API_KEY") && open_webui::is_meant(variables))
}
