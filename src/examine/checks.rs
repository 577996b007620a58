//! The table of checks: what is worth asking next, given all that was seen so far.

use serde_json::{Value, json};
use url::Url;

use super::Plan;
use super::http::{Ask, Auth};
use crate::cause::Cause;
use crate::connection::url::tidy;
use crate::evidence::KeySent;
use crate::evidence::failure::{Kind, Stage};
use crate::knowledge::address::other_roots;
use crate::knowledge::view::{Sight, View};

/// Names that `--only` and `--skip` take, in the order of the run.
pub const NAMES: &[&str] = &["models", "chat", "stream", "tools", "embeddings", "responses", "messages"];
/// Checks that run when nothing else is said.
pub const USUAL: &[&str] = &["models", "chat", "stream"];

/// What to do next for one check.
#[derive(Debug)]
pub enum Step {
    /// Send this.
    Ask(Ask),
    /// Do not run it, and say why.
    Skip(String),
    /// Nothing (more) to do.
    Done,
}

/// What the user wrote, where a request needs it to the letter.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// The base URL with passwords in it, as a client would use it.
    pub base_url: &'a str,
}

/// One row: a check and what it asks next.
pub struct Check {
    /// The check's name in reports.
    pub id: &'static str,
    /// What to do next. Called again after every answer until it is done.
    pub next: fn(&View, &Plan, &Wording<'_>) -> Step,
}

/// All checks, in order. Follow-ups and proofs are rows like any other.
pub const TABLE: &[Check] = &[
    Check { id: "models", next: models },
    Check { id: "models-clean-key", next: clean_key },
    Check { id: "chat", next: chat },
    Check { id: "chat-again", next: chat_again },
    Check { id: "other-scheme", next: other_scheme },
    Check { id: "other-root", next: other_root },
    Check { id: "stream", next: stream },
    Check { id: "tools", next: tools },
    Check { id: "embeddings", next: embeddings },
    Check { id: "responses", next: responses },
    Check { id: "messages", next: messages },
    Check { id: "proof-models", next: proof_models },
    Check { id: "proof-chat", next: proof_chat },
];

/// Why the key is not sent to the host of the base URL, if it is not: it certainly belongs to another provider.
pub fn withheld(view: &View) -> Option<String> {
    let (owner, _) = view.key_owner?;
    let host = view.address.provider?;
    let written = view.address.written()?;
    let cloud = |kind: &str| kind == "cloud";
    (owner.id != host.id
        && cloud(owner.kind)
        && cloud(host.kind)
        && host.serves(written.host_str().unwrap_or_default())
        && !related(owner.id, host.id))
    .then(|| format!("this key belongs to {}, the URL to {}", owner.name, host.name))
}

/// Systems of one company whose keys may be good for each other.
fn related(one: &str, other: &str) -> bool {
    let family = |id: &str| match id {
        "bedrock-mantle" | "bedrock-runtime" => "bedrock",
        "openai" | "azure-openai" => "openai",
        "github-models" => "github",
        _ => "",
    };
    !family(one).is_empty() && family(one) == family(other) && one != "openai"
}

fn wanted(plan: &Plan, check: &str) -> bool {
    plan.wanted.contains(&check)
}

/// Why nothing is asked at the URL as written.
fn closed(view: &View) -> Option<String> {
    if view.address.fatal().is_some() {
        return Some("not asked at this URL".into());
    }
    if view.evidence.target.key_withheld.is_some() {
        return Some("not asked: the key was not sent".into());
    }
    None
}

/// Whether the server could not be reached at all, so that nothing else can work either.
fn unreachable(view: &View) -> bool {
    view.of_check("models").or_else(|| view.of_check("chat")).is_some_and(|sight| {
        sight.observation.failure.as_ref().is_some_and(|failure| {
            matches!(failure.stage, Stage::Name | Stage::Connect | Stage::Proxy | Stage::Tls)
                || matches!(failure.kind, Kind::NotHttp | Kind::CannotSend)
        })
    })
}

fn ask(view: &View, check: &'static str, root: &str, path: String, body: Option<Value>) -> Step {
    let key = if view.has_key() { KeySent::Own } else { KeySent::None };
    Step::Ask(Ask {
        check,
        root: root.to_owned(),
        path,
        body,
        key,
        auth: auth(view, check),
        stream: false,
        variant: None,
    })
}

/// How the key travels for this check at this provider.
fn auth(view: &View, check: &str) -> Auth {
    let Some(system) = view.address.provider else { return Auth::Bearer };
    let listing = matches!(check, "models" | "other-root" | "proof-models" | "models-clean-key");
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

fn models_path(view: &View, root: &str) -> String {
    if azure(view, root) {
        with_version(root, if root.contains("/openai/") { "/models" } else { "/openai/models" })
    } else {
        "/models".into()
    }
}

fn chat_path(view: &View, root: &str) -> String {
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

fn models(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    if !wanted(plan, "models") || view.has("models") {
        return Step::Done;
    }
    if let Some(because) = closed(view) {
        return Step::Skip(because);
    }
    ask(view, "models", wording.base_url, models_path(view, wording.base_url), None)
}

/// A key with quotes, spaces or "Bearer" around it: is what remains accepted?
fn clean_key(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    let cleanable = view.evidence.target.key.as_ref().is_some_and(|key| key.cleanable && !key.problems.is_empty());
    let refused = view.of_check("models").is_some_and(|sight| !sight.healthy());
    if !cleanable
        || !refused
        || view.count("models-clean-key") > 0
        || unreachable_but_key(view)
        || !wanted(plan, "models")
    {
        return Step::Done;
    }
    match ask(view, "models-clean-key", wording.base_url, models_path(view, wording.base_url), None) {
        Step::Ask(ask) => Step::Ask(Ask { key: KeySent::Cleaned, ..ask }),
        other => other,
    }
}

fn unreachable_but_key(view: &View) -> bool {
    unreachable(view)
        && !view.of_check("models").is_some_and(|sight| {
            sight.observation.failure.as_ref().is_some_and(|failure| failure.kind == Kind::CannotSend)
        })
}

fn chat(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    if !wanted(plan, "chat") || view.has("chat") {
        return Step::Done;
    }
    if let Some(because) = closed(view) {
        return Step::Skip(because);
    }
    if unreachable(view) {
        return Step::Skip("not asked: the server was not reached".into());
    }
    if view.model().is_none() {
        return Step::Skip("not asked: no model was given".into());
    }
    ask(
        view,
        "chat",
        wording.base_url,
        chat_path(view, wording.base_url),
        Some(chat_body(view, Budget::usual(view), false)),
    )
}

/// The limit that the probe puts on the answer.
#[derive(Clone, Copy, PartialEq)]
enum Budget {
    MaxTokens,
    MaxCompletionTokens,
    None,
}

impl Budget {
    /// Newer `OpenAI` models take only the newer name.
    fn usual(view: &View) -> Self {
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

fn chat_body(view: &View, budget: Budget, stream: bool) -> Value {
    let mut body = json!({ "model": view.model().unwrap_or_default(), "messages": [{ "role": "user", "content": "Reply with OK." }] });
    match budget {
        Budget::MaxTokens => body["max_tokens"] = json!(16),
        Budget::MaxCompletionTokens => body["max_completion_tokens"] = json!(16),
        Budget::None => {}
    }
    if stream {
        body["stream"] = json!(true);
    }
    body
}

/// A refusal that only concerns the probe's own parameters is no verdict: the request is sent another way.
fn chat_again(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    let Some(last) = view.chat() else { return Step::Done };
    if last.healthy() || view.count("chat-again") >= 3 {
        return Step::Done;
    }
    if let Some(failure) = &last.observation.failure {
        let once = view.count("chat-again") == 0;
        // A server may close an idle connection at the very moment when the next request goes out on it.
        let reused = last.observation.timing.connect.is_none();
        if once && reused && matches!(failure.kind, Kind::Reset | Kind::Closed) && failure.stage == Stage::FirstByte {
            return again(view, wording, "a fresh connection", Budget::usual(view), false);
        }
        return Step::Done;
    }
    let (Some(reading), Some(status)) = (last.reading(), last.status()) else { return Step::Done };
    if !matches!(status, 400 | 404 | 405 | 415 | 422 | 500 | 501) && !reading.error {
        return Step::Done;
    }
    let tried = |variant: &str| {
        view.all().any(|sight| {
            sight.observation.request.as_ref().is_some_and(|request| request.variant.as_deref() == Some(variant))
        })
    };
    let says = |word: &str| reading.haystack.contains(word) || reading.param.as_deref() == Some(word);
    if wants_stream(&reading.haystack) && !tried("stream") {
        return again(view, wording, "stream", Budget::usual(view), true);
    }
    let budget = ["max_tokens", "max_completion_tokens", "max_output_tokens", "maxtokens", "max tokens"]
        .iter()
        .any(|word| says(word));
    let fits = matches!(
        last.cause(),
        Some(Cause::UnsupportedParameter | Cause::RequestRejected | Cause::ServerError | Cause::ErrorInSuccess) | None
    );
    if !budget || !fits {
        return Step::Done;
    }
    let other = if Budget::usual(view) == Budget::MaxTokens {
        ("max_completion_tokens", Budget::MaxCompletionTokens)
    } else {
        ("max_tokens", Budget::MaxTokens)
    };
    if !tried(other.0) {
        return again(view, wording, other.0, other.1, false);
    }
    if !tried("no limit") {
        return again(view, wording, "no limit", Budget::None, false);
    }
    Step::Done
}

fn wants_stream(haystack: &str) -> bool {
    haystack.contains("stream")
        && [
            "stream must be",
            "only support stream",
            "only supports stream",
            "requires stream",
            "only stream",
            "set stream",
            "stream=true",
            "\"stream\": true",
            "stream mode",
            "streaming is required",
            "stream to true",
            "non-stream",
            "non stream",
            "must be streamed",
            "enable stream",
        ]
        .iter()
        .any(|phrase| haystack.contains(phrase))
        && ![
            "not support stream",
            "not supported for stream",
            "unsupported for stream",
            "verified to stream",
            "does not support stream",
        ]
        .iter()
        .any(|phrase| haystack.contains(phrase))
}

fn again(view: &View, wording: &Wording<'_>, variant: &str, budget: Budget, stream: bool) -> Step {
    match ask(
        view,
        "chat-again",
        wording.base_url,
        chat_path(view, wording.base_url),
        Some(chat_body(view, budget, stream)),
    ) {
        Step::Ask(ask) => Step::Ask(Ask { variant: Some(variant.to_owned()), stream, ..ask }),
        other => other,
    }
}

/// How the request that worked was made, so that later ones are made the same way.
fn working_budget(view: &View) -> Budget {
    let variant =
        view.chat().and_then(|sight| sight.observation.request.as_ref()).and_then(|request| request.variant.as_deref());
    match variant {
        Some("max_completion_tokens") => Budget::MaxCompletionTokens,
        Some("max_tokens") => Budget::MaxTokens,
        Some("no limit") => Budget::None,
        _ => Budget::usual(view),
    }
}

/// http on a TLS port and https on a plain one look alike from outside: the other scheme tells.
fn other_scheme(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    let Some(first) = view.of_check("models").or_else(|| view.of_check("chat")) else { return Step::Done };
    if view.has("other-scheme") {
        return Step::Done;
    }
    let root = wording.base_url;
    let lower = root.to_ascii_lowercase();
    let kind = first.observation.failure.as_ref().map(|failure| failure.kind);
    let plain = lower.starts_with("http://");
    let other = if plain
        && (matches!(kind, Some(Kind::NotHttp | Kind::Reset | Kind::Closed | Kind::TlsOnPlainUrl))
            || first.cause() == Some(Cause::HttpOnHttpsPort))
    {
        format!("https://{}", &root[7..])
    } else if !plain && kind == Some(Kind::PlainOnTlsUrl) && lower.starts_with("https://") {
        format!("http://{}", &root[8..])
    } else {
        return Step::Done;
    };
    // The key goes unencrypted only to a machine of the user's own network.
    let path = models_path(view, &other);
    match ask(view, "other-scheme", &other, path, None) {
        Step::Ask(ask) => Step::Ask(Ask {
            key: if other.starts_with("http://") && !view.is_private() { KeySent::None } else { ask.key },
            ..ask
        }),
        step => step,
    }
}

/// The list was not where the URL points, and neither was chat: is it somewhere else on this server?
fn other_root(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    if closed(view).is_some() || unreachable(view) || view.count("other-root") >= 4 {
        return Step::Done;
    }
    let Some(first) = view.of_check("models") else { return Step::Done };
    let lost = |sight: Sight<'_>| {
        sight.no_such_path()
            || sight.answer().is_some_and(|answer| answer.status == 404 && answer.body.trim().is_empty())
    };
    let strange = |sight: Sight<'_>| {
        lost(sight)
            || sight.status().is_some_and(|status| status < 500 && sight.cause() == Some(Cause::ErrorInSuccess))
            || (sight.status() == Some(404) && sight.cause() == Some(Cause::ModelNotFound))
    };
    let textual = view.address.facts.problem(Cause::UrlDuplicateV1).is_some()
        || view.address.facts.problem(Cause::UrlTrailingSlash).is_some();
    if !(strange(first) || (textual && !first.healthy())) || view.chat().is_some_and(|chat| chat.healthy()) {
        return Step::Done;
    }
    if view.all().any(|sight| {
        sight.observation.check == "other-root" && (sight.healthy() || sight.observation.failure.is_some())
    }) {
        return Step::Done;
    }
    let mut candidates: Vec<String> = redirect_root(view).into_iter().collect();
    candidates.extend(other_roots(&view.address, &view.software));
    let next = candidates
        .into_iter()
        .find(|root| root != wording.base_url && !view.all().any(|sight| sight.root() == Some(root.as_str())));
    let Some(root) = next else { return Step::Done };
    let allowed = Url::parse(&root).is_ok_and(|url| view.address.may_have_key(&url));
    match ask(view, "other-root", &root, models_path(view, &root), None) {
        Step::Ask(ask) => Step::Ask(Ask { key: if allowed { ask.key } else { KeySent::None }, ..ask }),
        step => step,
    }
}

/// The root that a redirect of /models points to, if it is a safe one to ask.
fn redirect_root(view: &View) -> Option<String> {
    let first = view.of_check("models")?;
    let answer = first.answer().filter(|answer| (300..400).contains(&answer.status))?;
    let base = Url::parse(&first.observation.request.as_ref()?.url).ok()?;
    let mut target = base.join(answer.header("location")?).ok()?;
    if target.host_str() != base.host_str()
        || !matches!(target.scheme(), "http" | "https")
        || (base.scheme() == "https" && target.scheme() == "http")
    {
        return None;
    }
    let path = target.path().trim_end_matches('/').strip_suffix("/models")?.to_owned();
    target.set_path(&path);
    target.set_query(None);
    Some(tidy(&target))
}

fn stream(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    after_chat(view, plan, "stream", |view| {
        if view.chat().is_some_and(|chat| {
            chat.observation.request.as_ref().is_some_and(|request| request.variant.as_deref() == Some("stream"))
        }) {
            return Step::Skip("the chat itself was streamed".into());
        }
        match ask(
            view,
            "stream",
            wording.base_url,
            chat_path(view, wording.base_url),
            Some(chat_body(view, working_budget(view), true)),
        ) {
            Step::Ask(ask) => Step::Ask(Ask { stream: true, ..ask }),
            step => step,
        }
    })
}

/// A check that only makes sense once the model has answered.
fn after_chat(view: &View, plan: &Plan, id: &'static str, next: impl Fn(&View) -> Step) -> Step {
    if !wanted(plan, id) || view.has(id) {
        return Step::Done;
    }
    if let Some(because) = closed(view) {
        return Step::Skip(because);
    }
    let chat = view.chat();
    if wanted(plan, "chat") && !chat.is_some_and(|chat| chat.healthy()) {
        return Step::Skip(
            if chat.is_some() { "not asked: the chat already failed" } else { "not asked: the chat was not" }.into(),
        );
    }
    if unreachable(view) {
        return Step::Skip("not asked: the server was not reached".into());
    }
    if view.model().is_none() {
        return Step::Skip("not asked: no model was given".into());
    }
    next(view)
}

/// A check of another endpoint than chat: it may work although chat does not, as with an embedding model.
fn beside_chat(view: &View, plan: &Plan, id: &'static str, next: impl Fn(&View) -> Step) -> Step {
    if !wanted(plan, id) || view.has(id) {
        return Step::Done;
    }
    if let Some(because) = closed(view) {
        return Step::Skip(because);
    }
    if unreachable(view) {
        return Step::Skip("not asked: the server was not reached".into());
    }
    if view.model().is_none() {
        return Step::Skip("not asked: no model was given".into());
    }
    let refused = |sight: Sight<'_>| matches!(sight.cause(), Some(cause) if cause.code().starts_with("key-") || cause == Cause::NoCredits);
    if view.chat().is_some_and(refused) {
        return Step::Skip("not asked: the chat was refused for another reason".into());
    }
    next(view)
}

fn tools(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    after_chat(view, plan, "tools", |view| {
        let mut body = chat_body(view, working_budget(view), false);
        body["tools"] = json!([{ "type": "function", "function": { "name": "current_time", "description": "The current time.", "parameters": { "type": "object", "properties": {} } } }]);
        ask(view, "tools", wording.base_url, chat_path(view, wording.base_url), Some(body))
    })
}

fn embeddings(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    beside_chat(view, plan, "embeddings", |view| {
        ask(
            view,
            "embeddings",
            wording.base_url,
            "/embeddings".into(),
            Some(json!({ "model": view.model(), "input": "OK" })),
        )
    })
}

fn responses(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    beside_chat(view, plan, "responses", |view| {
        ask(
            view,
            "responses",
            wording.base_url,
            "/responses".into(),
            Some(json!({ "model": view.model(), "input": "Reply with OK.", "max_output_tokens": 16 })),
        )
    })
}

fn messages(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    beside_chat(view, plan, "messages", |view| {
        let body = json!({ "model": view.model(), "max_tokens": 16, "messages": [{ "role": "user", "content": "Reply with OK." }] });
        ask(view, "messages", wording.base_url, "/messages".into(), Some(body))
    })
}

/// The root that the diagnosis will suggest: found on the server, or from the text and the provider's file.
pub fn suggestion(view: &View) -> Option<String> {
    if let Some(found) = view
        .all()
        .find(|sight| matches!(sight.observation.check.as_str(), "other-root" | "other-scheme") && sight.healthy())
    {
        return found.root().map(str::to_owned);
    }
    view.address.fatal().and(view.address.suggested.clone())
}

fn proof_models(view: &View, _: &Plan, _: &Wording<'_>) -> Step {
    let Some(root) = suggestion(view) else { return Step::Done };
    if view.evidence.target.key_withheld.is_some()
        || view.all().any(|sight| sight.check() == "models" && sight.root() == Some(root.as_str()))
    {
        return Step::Done;
    }
    let Ok(url) = Url::parse(&root) else { return Step::Done };
    if !view.address.may_have_key(&url) && view.has_key() {
        return Step::Done;
    }
    ask(view, "proof-models", &root, models_path(view, &root), None)
}

fn proof_chat(view: &View, plan: &Plan, _: &Wording<'_>) -> Step {
    let Some(root) = suggestion(view) else { return Step::Done };
    if view.has("proof-chat")
        || view.model().is_none()
        || !wanted(plan, "chat")
        || view.chat().is_some_and(|chat| chat.healthy())
    {
        return Step::Done;
    }
    let listed = view.all().filter(|sight| sight.root() == Some(root.as_str())).last();
    let Some(listed) = listed else { return Step::Done };
    let own_key = listed.key() == Some(KeySent::Own) || !view.has_key();
    let open = listed.healthy()
        || (listed.status() == Some(404)
            && view.address.provider.is_some_and(|system| system.models_endpoint == "missing"));
    if !own_key || !open {
        return Step::Done;
    }
    ask(view, "proof-chat", &root, chat_path(view, &root), Some(chat_body(view, Budget::usual(view), false)))
}
