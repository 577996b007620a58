//! Continue: `config.yaml`, and the older `config.json`.

use super::open_webui::azure_root;
use super::tree::Tree;
use super::variables::Variables;
use super::{Found, Holding, headers};
use crate::connection::key::ApiKey;
use crate::connection::place::Place;
use crate::connection::{Connection, KeySource};

/// Whether this is a configuration of Continue.
pub fn is_config(tree: &Tree) -> bool {
    tree.get("models").list().iter().any(|model| !model.get("provider").is_null() || !model.get("uses").is_null())
}

/// The connections. `secrets` are the variables of the process and of the `.env` file beside the configuration.
pub fn holding(config: &Tree, name: &str, secrets: &Variables) -> Holding {
    let mut holding = Holding::default();
    let models = config.get("models").list().iter();
    let blocks = models.clone().filter(|model| !model.get("uses").is_null()).count();
    if blocks > 0 {
        holding
            .remarks
            .push(format!("{name} takes {blocks} of its models from Continue's hub, which ruta does not read"));
    }
    let single = ["tabAutocompleteModel", "embeddingsProvider"].map(|place| (place, config.get(place)));
    let all = models.map(|model| ("", model)).chain(single);
    for (place, model) in all.filter(|(_, model)| !model.get("provider").is_null()) {
        holding.found.push(found(place, model, name, secrets));
    }
    holding
}

fn found(place: &str, model: &Tree, file: &str, secrets: &Variables) -> Found {
    let mut remarks = Vec::new();
    let mut text = |name: &str| model.get(name).filled().map(|text| filled_in(text, secrets, &mut remarks));
    let (base, key) = (text("apiBase"), text("apiKey").filter(|key| !key.is_empty()));
    let provider = model.get("provider").text().unwrap_or_default();
    let id = model.get("model").filled().filter(|id| *id != "AUTODETECT");
    let title = ["name", "title", "model"].iter().find_map(|name| model.get(name).filled()).unwrap_or(provider);
    let roles: Vec<&str> = model.get("roles").texts().collect();
    let embeds = place == "embeddingsProvider" || (!roles.is_empty() && roles.iter().all(|role| *role == "embed"));
    let mut base = base;
    // Continue speaks Ollama's own API, whose address has no /v1.
    if let Some(url) = base.as_mut().filter(|url| provider == "ollama" && !url.trim_end_matches('/').ends_with("/v1")) {
        *url = format!("{}/v1", url.trim_end_matches('/'));
        remarks.push("Continue uses Ollama's own API here; ruta checks the same server under /v1".to_owned());
    }
    if provider == "azure" {
        let env =
            |name: &str| Some(model.get("env").get(name)).filter(|value| !value.is_null()).unwrap_or(model.get(name));
        let version = env("apiVersion").filled().unwrap_or("2024-02-15-preview");
        let deployment = env("deployment").filled().or(id);
        base = base.map(|url| azure_root(url.trim_end_matches('/'), version, deployment));
    }
    let skipped = (roles == ["rerank"]).then(|| "it is for reranking, which ruta does not check".to_owned());
    let key = key.map(ApiKey::new);
    Found {
        connection: Connection {
            name: Some(format!("continue {title}")),
            base_url: base,
            key_source: key.as_ref().map(|_| KeySource::File(file.to_owned())),
            key,
            model: id.map(str::to_owned),
            client: "continue".to_owned(),
            headers: headers(model.at("requestOptions.headers")),
            remarks,
            place: Place { checks: if embeds { vec!["embeddings"] } else { Vec::new() }, ..Place::default() },
        },
        provider: Some(provider.to_owned()),
        skipped,
    }
}

/// The text with `${{ secrets.NAME }}` replaced.
fn filled_in(text: &str, secrets: &Variables, remarks: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${{") {
        let Some((name, after)) = inside.split_once("}}") else { break };
        out.push_str(before);
        let name = name.trim().rsplit('.').next().unwrap_or_default();
        match secrets.get(name) {
            Some(value) => out.push_str(value),
            None => {
                remarks.push(format!("the secret {name} is neither in the environment nor in Continue's .env file"));
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
