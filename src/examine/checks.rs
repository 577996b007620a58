//! The table of checks: what is worth asking next, given all that was seen so far.

use serde_json::json;

use super::Plan;
use super::asides::{entered, followed};
use super::ask::Ask;
use super::follow::{
    chat_again, clean_key, made_up_key, no_key, other_root, other_scheme, proof_chat, proof_models, twin,
};
use super::shape::{Budget, ask, chat_body, chat_path, models_path, working_budget};
use crate::cause::Cause;
use crate::evidence::SAME_REQUEST;
use crate::evidence::failure::{Kind, Stage};
use crate::knowledge::streaming;
use crate::knowledge::view::{Sight, View};

/// Names that `--only` and `--skip` take, in the order of the run.
pub const NAMES: &[&str] = &["models", "chat", "stream", "tools", "embeddings", "responses", "messages"];

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
    Check { id: "models-made-up-key", next: made_up_key },
    Check { id: "models-no-key", next: no_key },
    Check { id: "twin", next: twin },
    Check { id: "other-scheme", next: other_scheme },
    Check { id: "other-root", next: other_root },
    Check { id: "tools", next: tools },
    Check { id: "stream", next: stream },
    Check { id: "embeddings", next: embeddings },
    Check { id: "responses", next: responses },
    Check { id: "messages", next: messages },
    Check { id: "proof-models", next: proof_models },
    Check { id: "proof-chat", next: proof_chat },
    Check { id: "entered", next: entered },
    Check { id: "followed", next: followed },
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

pub(super) fn wanted(plan: &Plan, check: &str) -> bool {
    plan.wanted.contains(&check)
}

/// Why nothing is asked at the URL as written.
pub(super) fn closed(view: &View) -> Option<String> {
    if view.address.fatal().is_some() {
        return Some("not asked at this URL".into());
    }
    if view.evidence.target.key_withheld.is_some() {
        return Some("not asked: the key was not sent".into());
    }
    None
}

/// Whether the server could not be reached at all, so that nothing else can work either.
pub(super) fn unreachable(view: &View) -> bool {
    view.of_check("models").or_else(|| view.of_check("chat")).is_some_and(|sight| {
        sight.observation.failure.as_ref().is_some_and(|failure| {
            // A reset shows at the connection or after it by chance; only the latter would let chat be asked.
            (matches!(failure.stage, Stage::Name | Stage::Connect | Stage::Proxy | Stage::Tls)
                && !(failure.stage == Stage::Connect && matches!(failure.kind, Kind::Reset | Kind::Closed)))
                || matches!(failure.kind, Kind::NotHttp | Kind::CannotSend)
        })
    })
}

/// Why nothing more is asked once the first request did not get through.
fn not_reached(view: &View) -> String {
    let unsent = view
        .all()
        .any(|sight| sight.observation.failure.as_ref().is_some_and(|failure| failure.kind == Kind::CannotSend));
    if unsent { "not asked: this key cannot be sent" } else { "not asked: the server was not reached" }.into()
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

fn chat(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    if let Some(step) = settled(view, plan, "chat") {
        return step;
    }
    let body = chat_body(view, Budget::usual(view), false);
    ask(view, "chat", wording.base_url, chat_path(view, wording.base_url), Some(body))
}

fn stream(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    after_chat(view, plan, "stream", |view| {
        if view.chat().is_some_and(|chat| {
            chat.observation.request.as_ref().is_some_and(|request| request.variant.as_deref() == Some("stream"))
        }) {
            return Step::Skip("the chat itself was streamed".into());
        }
        // One request shows both, as clients that use tools send it; only if it fails must they be told apart.
        let shown = |sight: Sight<'_>| {
            sight.healthy() && sight.observation.failure.is_none() && streaming::fault(sight).is_none()
        };
        if view.of_check("tools").is_some_and(shown) {
            return Step::Skip(SAME_REQUEST.into());
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

/// What ends a check that needs a model before anything is sent: not asked for, done, or pointless here.
fn settled(view: &View, plan: &Plan, id: &str) -> Option<Step> {
    if !wanted(plan, id) || view.has(id) {
        return Some(Step::Done);
    }
    let because = closed(view)
        .or_else(|| unreachable(view).then(|| not_reached(view)))
        .or_else(|| view.model().is_none().then(|| "not asked: no model was given".into()));
    because.map(Step::Skip)
}

/// A check that only makes sense once the model has answered.
fn after_chat(view: &View, plan: &Plan, id: &'static str, next: impl Fn(&View) -> Step) -> Step {
    if let Some(step) = settled(view, plan, id) {
        return step;
    }
    match view.chat() {
        Some(chat) if !chat.healthy() => Step::Skip("not asked: the chat already failed".into()),
        None if wanted(plan, "chat") => Step::Skip("not asked: no chat came before".into()),
        _ => next(view),
    }
}

/// A check of another endpoint than chat: it may work although chat does not, as with an embedding model.
fn beside_chat(view: &View, plan: &Plan, id: &'static str, next: impl Fn(&View) -> Step) -> Step {
    if let Some(step) = settled(view, plan, id) {
        return step;
    }
    let refused = |sight: Sight<'_>| matches!(sight.cause(), Some(cause) if cause.code().starts_with("key-") || cause == Cause::NoCredits);
    if view.chat().is_some_and(refused) {
        return Step::Skip("not asked: the chat was refused for another reason".into());
    }
    next(view)
}

fn tools(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    after_chat(view, plan, "tools", |view| {
        let streamed = wanted(plan, "stream");
        let mut body = chat_body(view, working_budget(view), streamed);
        body["tools"] = json!([{ "type": "function", "function": { "name": "current_time", "description": "The current time.", "parameters": { "type": "object", "properties": {} } } }]);
        match ask(view, "tools", wording.base_url, chat_path(view, wording.base_url), Some(body)) {
            Step::Ask(ask) => Step::Ask(Ask { stream: streamed, ..ask }),
            step => step,
        }
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
