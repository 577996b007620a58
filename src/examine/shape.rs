//! How a request is made for this provider: path, key, body.

use serde_json::{Value, json};

use super::ask::{Ask, Auth};
use super::checks::Step;
use crate::evidence::KeySent;
use crate::knowledge::client::USUAL;
use crate::knowledge::view::{View, kind_of};

pub(super) fn ask(view: &View, check: &'static str, root: &str, path: String, body: Option<Value>) -> Step {
    let key = if view.has_key() { KeySent::Own } else { KeySent::None };
    let headers = url::Url::parse(root.trim()).is_ok_and(|url| view.address.may_have_key(&url));
    Step::Ask(Ask {
        check,
        root: root.to_owned(),
        path,
        body,
        form: false,
        key,
        auth: auth(view, check, root),
        headers,
        stream: false,
        variant: None,
    })
}

/// How the key travels for this check at this provider.
fn auth(view: &View, check: &str, root: &str) -> Auth {
    let own = if view.client.auth == "x-api-key" { Auth::XApiKey } else { Auth::Bearer };
    let Some(system) = view.address.provider else { return own };
    let listing = matches!(
        check,
        "models"
            | "other-root"
            | "other-scheme"
            | "twin"
            | "proof-models"
            | "models-clean-key"
            | "models-no-key"
            | "models-made-up-key"
    );
    match if listing && !system.models_auth.is_empty() { system.models_auth } else { system.auth } {
        "x-api-key" => Auth::XApiKey,
        // Azure's own provider type in Open WebUI sends both, but its form takes only the older roots for Azure's. Other
        // clients know only Bearer, which the newer root takes.
        "api-key" if root.contains("/openai/v1") => own,
        "api-key" if view.client.id == USUAL => Auth::ApiKeyAndBearer,
        "api-key" => Auth::ApiKey,
        _ if kind_of(check) == "messages" && system.id == "anthropic" => Auth::XApiKey,
        _ => own,
    }
}

/// Azure has other paths: the deployment stands in the URL unless the root is the newer `/openai/v1`. Of the clients here
/// only Open `WebUI` makes them of the resource's own URL.
fn azure(view: &View, root: &str) -> bool {
    view.address.provider.is_some_and(|system| system.id == "azure-openai")
        && (root.contains("/deployments/") || view.client.id == USUAL)
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
    endpoint_path(view, root, view.model().unwrap_or_default(), "/chat/completions")
}

/// The path of an endpoint that this model serves.
pub(super) fn endpoint_path(view: &View, root: &str, model: &str, endpoint: &str) -> String {
    if azure(view, root) && !root.contains("/deployments/") {
        with_version(root, &format!("/openai/deployments/{model}{endpoint}"))
    } else if azure(view, root) {
        with_version(root, endpoint)
    } else {
        endpoint.into()
    }
}

fn with_version(root: &str, path: &str) -> String {
    if root.contains("api-version=") { path.to_owned() } else { format!("{path}?api-version=2024-10-21") }
}

/// A limit on the answer that leaves room for models that think first.
const ROOM: u32 = 512;

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
        let name = model.rsplit('/').next().unwrap_or(model);
        let name = name.strip_prefix("openai.").unwrap_or(name);
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
            Budget::MaxCompletionTokens => body["max_completion_tokens"] = json!(ROOM),
            _ => body["max_tokens"] = json!(ROOM),
        },
        Budget::None => {}
    }
    if stream {
        body["stream"] = json!(true);
    }
    body
}

/// The same with room for a call or an object: models that think need it.
pub(super) fn roomy(mut body: Value) -> Value {
    for name in ["max_tokens", "max_completion_tokens"] {
        if body.get(name).is_some() {
            body[name] = json!(ROOM);
        }
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
