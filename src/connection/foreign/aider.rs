//! aider: `.aider.conf.yml` over `.env` files and the variables of the process.

use zeroize::Zeroizing;

use super::open_webui::USUAL_URL;
use super::tree::Tree;
use super::variables::Variables;
use super::{Found, Holding};
use crate::connection::{Connection, KeySource};

/// Settings that are variables by another name.
const SAME: &[(&str, &str)] = &[
    ("openai-api-base", "OPENAI_API_BASE"),
    ("openai-api-key", "OPENAI_API_KEY"),
    ("anthropic-api-key", "ANTHROPIC_API_KEY"),
    ("model", "AIDER_MODEL"),
];

/// Whether this is `.aider.conf.yml`.
pub fn is_config(tree: &Tree) -> bool {
    let own = ["api-key", "set-env", "env-file", "weak-model", "editor-model", "edit-format", "auto-commits", "read"];
    SAME[..3].iter().map(|(name, _)| *name).chain(own).any(|name| !tree.get(name).is_null())
        || (!tree.get("model").is_null() && tree.entries().len() == 1)
}

/// The connection. `variables` are those of the process and of the `.env` files.
pub fn holding(config: &Tree, name: &str, mut variables: Variables) -> Holding {
    let source = KeySource::File(name.to_owned());
    let mut set = |name: &str, value: &str| variables.set(name, Zeroizing::new(value.to_owned()), source.clone());
    let assignments = |place: &str| {
        let tree = config.get(place);
        let texts = tree.text().into_iter().chain(tree.texts()).collect::<Vec<_>>();
        texts.into_iter().filter_map(|text| text.split_once('=')).collect::<Vec<_>>()
    };
    for (name, value) in assignments("set-env") {
        set(name, value);
    }
    for (provider, key) in assignments("api-key") {
        set(&format!("{}_API_KEY", provider.to_ascii_uppercase()), key);
    }
    for (own, variable) in SAME {
        if let Some(text) = config.get(own).filled() {
            set(variable, text);
        }
    }
    let model = variables.filled("AIDER_MODEL").unwrap_or_default();
    let (provider, model) = split(model);
    let base = variables.filled("OPENAI_API_BASE").or(variables.filled("AIDER_OPENAI_API_BASE"));
    let base_url = match provider {
        "openai" => Some(base.unwrap_or(USUAL_URL)),
        _ => None,
    };
    let own = format!("{}_API_KEY", provider.to_ascii_uppercase().replace('-', "_"));
    let (key, key_source) = match provider {
        "openai" => variables.key(&["OPENAI_API_KEY", "AIDER_OPENAI_API_KEY"]),
        "ollama" | "ollama_chat" | "lm_studio" => None,
        _ => variables.key(&[&own]),
    }
    .unzip();
    let mut holding = Holding::default();
    if base.is_none() && key.is_none() && model.is_empty() {
        return holding;
    }
    holding.found.push(Found {
        connection: Connection {
            name: Some("aider".to_owned()),
            base_url: base_url.map(str::to_owned),
            key,
            key_source,
            model: Some(model.to_owned()).filter(|model| !model.is_empty()),
            client: "aider".to_owned(),
            ..Connection::default()
        },
        provider: Some(match provider {
            "ollama_chat" => "ollama".to_owned(),
            "lm_studio" => "lm-studio".to_owned(),
            other => other.to_owned(),
        }),
        skipped: None,
    });
    holding
}

/// Provider and the model that is sent: `openai/x`, `openrouter/maker/x`, or a name alone.
fn split(model: &str) -> (&str, &str) {
    match model.split_once('/') {
        Some((provider, rest)) => (provider, rest),
        None if model.starts_with("claude") || matches!(model, "sonnet" | "opus" | "haiku") => ("anthropic", model),
        None if model.starts_with("gemini") => ("gemini", model),
        None if model.starts_with("deepseek") => ("deepseek", model),
        None => ("openai", model),
    }
}
