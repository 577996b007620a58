//! Claude Code: the variables of `settings.json` and of the process.

use zeroize::Zeroizing;

use super::tree::Tree;
use super::variables::Variables;
use super::{Found, Holding};
use crate::connection::{Connection, KeySource};

/// Where it asks without any setting.
const USUAL_URL: &str = "https://api.anthropic.com";

/// Names for the newest model of a kind; servers know their own.
const ALIASES: &[(&str, &str)] = &[
    ("opus", "ANTHROPIC_DEFAULT_OPUS_MODEL"),
    ("opusplan", "ANTHROPIC_DEFAULT_OPUS_MODEL"),
    ("sonnet", "ANTHROPIC_DEFAULT_SONNET_MODEL"),
    ("haiku", "ANTHROPIC_DEFAULT_HAIKU_MODEL"),
    ("default", ""),
    ("best", ""),
];

/// Whether these are Claude Code's settings.
pub fn is_settings(tree: &Tree) -> bool {
    let env = tree.get("env").entries();
    env.iter().any(|(name, _)| name.starts_with("ANTHROPIC_") || name.starts_with("CLAUDE_CODE_"))
        || ["apiKeyHelper", "permissions", "enabledPlugins"].iter().any(|name| !tree.get(name).is_null())
}

/// The connection. `settings` are the files with their names, the later over the earlier.
pub fn holding(settings: &[(&Tree, &str)], process: &Variables) -> Holding {
    let mut variables = process.clone();
    let mut model = None;
    let mut helper = false;
    for (tree, name) in settings {
        for (variable, value) in tree.get("env").entries() {
            if let Some(text) = value.text() {
                variables.set(variable, Zeroizing::new(text.to_owned()), KeySource::File((*name).to_owned()));
            }
        }
        model = tree.get("model").filled().or(model);
        helper |= tree.get("apiKeyHelper").filled().is_some();
    }
    let url = variables.filled("ANTHROPIC_BASE_URL");
    let (key, key_source) = variables.key(&["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"]).unzip();
    let mut holding = Holding::default();
    let elsewhere = [("CLAUDE_CODE_USE_BEDROCK", "Amazon Bedrock"), ("CLAUDE_CODE_USE_VERTEX", "Google Vertex AI")]
        .iter()
        .find(|(name, _)| variables.filled(name).is_some_and(|value| value != "0" && value != "false"));
    if url.is_none() && key.is_none() && !helper && elsewhere.is_none() {
        if !settings.is_empty() {
            holding.remarks.push(
                "Claude Code has no key and no base URL set: signed in with an account, it has none to check".into(),
            );
        }
        return holding;
    }
    let mut remarks = Vec::new();
    if ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"].iter().all(|name| variables.filled(name).is_some()) {
        remarks.push(
            "ANTHROPIC_AUTH_TOKEN and ANTHROPIC_API_KEY are both set: Claude Code sends both; unset one".to_owned(),
        );
    }
    let skipped = match elsewhere {
        Some((_, name)) => Some(format!("Claude Code asks {name} with credentials of the cloud")),
        None if helper && key.is_none() => {
            Some("its key comes from a program (apiKeyHelper), which ruta does not run".to_owned())
        }
        None => None,
    };
    let model = variables.filled("ANTHROPIC_MODEL").or(model);
    let alias = model.and_then(|model| ALIASES.iter().find(|(alias, _)| model.split('[').next() == Some(alias)));
    let model = match alias {
        Some((_, variable)) => variables.filled(variable),
        None => model,
    };
    let custom = variables.filled("ANTHROPIC_CUSTOM_HEADERS").unwrap_or_default();
    let header =
        |line: &str| line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    holding.found.push(Found {
        connection: Connection {
            name: Some("claude-code".to_owned()),
            base_url: Some(url.unwrap_or(USUAL_URL).to_owned()),
            key,
            key_source,
            model: model.map(str::to_owned),
            client: "claude-code".to_owned(),
            headers: custom.lines().filter_map(header).collect(),
            remarks,
            ..Connection::default()
        },
        provider: None,
        skipped,
    });
    holding
}
