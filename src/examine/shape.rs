//! How a request is made for this provider: path, key, body.

use serde_json::{Value, json};

use super::ask::{Ask, Auth};
use super::checks::Step;
use crate::evidence::KeySent;
use crate::knowledge::view::View;

pub(super) fn ask(view: &View, check: &'static str, root: &str, path: String, body: Option<Value>) -> Step {
    let key = if view.has_key() { KeySent::Own } else { KeySent::None };
    let headers = url::Url::parse(root.trim()).is_ok_and(|url| view.address.may_have_key(&url));
    Step::Ask(Ask {
        check,
        root: root.to_owned(),
        path,
        body,
        key,
        auth: auth(view, check),
        headers,
        stream: false,
        variant: None,
    })
}

/// How the key travels for this check at this provider.
pub(super) fn auth(view: &View, check: &str) -> Auth {
    let Some(system) = view.address.provider else { return Auth::Bearer };
    let listing = matches!(
        check,
        "models"
            | "other-root"
            | "other-scheme"
            | "twin"
            | "proof-models"
            | "models-clean-key"
            | "models-no-key"
            | "entered"
            | "followed"
            | "models-made-up-key"
    );
    match if listing && !system.models_auth.is_empty() { system.models_auth } else { system.auth } {
        "x-api-key" => Auth::XApiKey,
        "api-key" => Auth::ApiKey,
        _ if check == "messages" && system.id == "anthropic" => Auth::XApiKey,
        _ => Auth::Bearer,
    }
}

/// Azure has other paths: the deployment stands in the URL unless the root is the newer `/openai/v1`.
fn azure(view: &View, root: &str) -> bool {
    view.address.provider.is_some_and(|system| system.id == "azure-openai")
        && !root.contains("/openai/v1")
        && !root.contains("models.ai.azure.com")
}

pub(super) fn models_path(view: &View, root: &str) -> String {
    if azure(view, root) {
        with_version(root, if root.contains("/openai/") { "/models" } else { "/openai/models" })
    } else {
        "/models".into()
    }
}

pub(super) fn chat_path(view: &View, root: &str) -> String {
    if azure(view, root) && !root.contains("/deployments/") {
        with_version(root, &format!("/openai/deployments/{}/chat/completions", view.model().unwrap_or_default()))
    } else if azure(view, root) {
        with_version(root, "/chat/completions")
    } else {
        "/chat/completions".into()
    }
}

fn with_version(root: &str, path: &str) -> String {
    if root.contains("api-version=") { path.to_owned() } else { format!("{path}?api-version=2024-10-21") }
}

/// The limit that the probe puts on the answer.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Budget {
    MaxTokens,
    MaxCompletionTokens,
    /// The usual name with room for models that think first.
    Large,
    None,
}

impl Budget {
    /// Newer `OpenAI` models take only the newer name.
    pub(super) fn usual(view: &View) -> Self {
        let model = view.model().unwrap_or_default();
        let name = model.rsplit(['/', '.']).next().unwrap_or(model);
        let new = name.strip_prefix("gpt-").is_some_and(|rest| rest.starts_with(|c: char| ('5'..='9').contains(&c)))
            || (name.starts_with('o') && name[1..].starts_with(|c: char| c.is_ascii_digit()));
        if new && view.address.provider.is_some_and(|system| matches!(system.id, "openai" | "azure-openai")) {
            Self::MaxCompletionTokens
        } else {
            Self::MaxTokens
        }
    }
}

pub(super) fn chat_body(view: &View, budget: Budget, stream: bool) -> Value {
    let mut body = json!({ "model": view.model().unwrap_or_default(), "messages": [{ "role": "user", "content": "Reply with OK." }] });
    match budget {
        Budget::MaxTokens => body["max_tokens"] = json!(16),
        Budget::MaxCompletionTokens => body["max_completion_tokens"] = json!(16),
        Budget::Large => match Budget::usual(view) {
            Budget::MaxCompletionTokens => body["max_completion_tokens"] = json!(512),
            _ => body["max_tokens"] = json!(512),
        },
        Budget::None => {}
    }
    if stream {
        body["stream"] = json!(true);
    }
    body
}

/// How the request that worked was made, so that later ones are made the same way.
pub(super) fn working_budget(view: &View) -> Budget {
    let variant =
        view.chat().and_then(|sight| sight.observation.request.as_ref()).and_then(|request| request.variant.as_deref());
    match variant {
        Some("max_completion_tokens") => Budget::MaxCompletionTokens,
        Some("max_tokens") => Budget::MaxTokens,
        Some("a larger limit") => Budget::Large,
        Some("no limit") => Budget::None,
        _ => Budget::usual(view),
    }
}
