//! The table of checks: what is worth asking next, given all that was seen so far.

use super::asides::{HOPS, entered, followed};
use super::ask::Ask;
use super::follow::{
    chat_again, clean_key, made_up_key, no_key, other_root, other_scheme, proof_chat, proof_models, twin,
};
use super::shape::{Budget, ask, chat_body, chat_path, models_path, working_budget};
use super::talk;
use super::tools::{tools, tools_call};
use super::{Plan, extras, settings};
use crate::evidence::SAME_REQUEST;
use crate::evidence::failure::{Kind, Stage};
use crate::knowledge::streaming;
use crate::knowledge::view::{Sight, View};

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

/// When a row runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In its turn: what comes before decides whether it runs.
    InTurn,
    /// Beside its neighbours in the table, of which it needs nothing.
    Beside,
    /// The same, and it starts before the others because it may take longer than a chat.
    BesideFirst,
}

/// One row: a check and what it asks next.
pub struct Check {
    /// The check's name in reports.
    pub id: &'static str,
    /// The name by which it is wanted: its own, or that of the check that it is a second look at.
    pub of: &'static str,
    /// When it runs.
    pub way: Way,
    /// Requests where nothing is wrong, and at most.
    pub requests: (usize, usize),
    /// What to do next. Called again after every answer until it is done.
    pub next: fn(&View, &Plan, &Wording<'_>) -> Step,
}

use Way::{Beside, BesideFirst, InTurn};

/// All checks, in order. Follow-ups and proofs are rows like any other.
#[rustfmt::skip]
pub const TABLE: &[Check] = &[
    Check { id: "models", of: "models", way: InTurn, requests: (1, 1), next: models },
    Check { id: "models-clean-key", of: "models", way: InTurn, requests: (0, 1), next: clean_key },
    Check { id: "chat", of: "chat", way: InTurn, requests: (1, 1), next: chat },
    Check { id: "chat-again", of: "chat", way: InTurn, requests: (0, 3), next: chat_again },
    Check { id: "own-endpoint", of: "", way: InTurn, requests: (0, 0), next: talk::own },
    Check { id: "own-endpoint-again", of: "responses", way: InTurn, requests: (0, 1), next: talk::own_again },
    Check { id: "models-made-up-key", of: "models", way: InTurn, requests: (0, 1), next: made_up_key },
    Check { id: "models-no-key", of: "models", way: InTurn, requests: (0, 1), next: no_key },
    Check { id: "twin", of: "models", way: InTurn, requests: (0, 3), next: twin },
    Check { id: "other-scheme", of: "models", way: InTurn, requests: (0, 1), next: other_scheme },
    Check { id: "other-root", of: "models", way: InTurn, requests: (0, 4), next: other_root },
    Check { id: "tools", of: "tools", way: InTurn, requests: (1, 1), next: tools },
    Check { id: "stream", of: "stream", way: InTurn, requests: (1, 1), next: stream },
    Check { id: "tools-call", of: "tools-call", way: BesideFirst, requests: (2, 3), next: tools_call },
    Check { id: "parameters", of: "parameters", way: Beside, requests: (1, settings::MOST), next: settings::parameters },
    Check { id: "structured", of: "structured", way: Beside, requests: (1, 1), next: settings::structured },
    Check { id: "embeddings", of: "embeddings", way: BesideFirst, requests: (1, 1), next: extras::embeddings },
    Check { id: "speech", of: "speech", way: BesideFirst, requests: (1, 1), next: extras::speech },
    Check { id: "transcription", of: "transcription", way: BesideFirst, requests: (1, 1), next: extras::transcription },
    Check { id: "images", of: "images", way: BesideFirst, requests: (1, 1), next: extras::images },
    Check { id: "responses", of: "responses", way: BesideFirst, requests: (1, 1), next: extras::responses },
    Check { id: "messages", of: "messages", way: BesideFirst, requests: (1, 1), next: extras::messages },
    Check { id: "proof-models", of: "models", way: InTurn, requests: (0, 1), next: proof_models },
    Check { id: "proof-chat", of: "chat", way: InTurn, requests: (0, 1), next: proof_chat },
    Check { id: "entered", of: "models", way: InTurn, requests: (0, 2), next: entered },
    Check { id: "followed", of: "models", way: InTurn, requests: (0, HOPS), next: followed },
];

/// How many requests a run with these checks sends: where nothing is wrong, and at most.
pub fn requests(wanted: &[&str]) -> (usize, usize) {
    let rows = TABLE.iter().filter(|row| wanted.contains(&row.of));
    let (usual, most) = rows.fold((0, 0), |(usual, most), row| {
        // What the server is too busy for is asked once more.
        (usual + row.requests.0, most + row.requests.1 + usize::from(row.way != InTurn))
    });
    // One request shows both.
    let shared = ["tools", "stream"].iter().all(|check| wanted.contains(check));
    (usual - usize::from(shared), most)
}

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
    if view.evidence.target.out_of_reach.is_some() {
        return Some("not asked: it cannot be reached from here".into());
    }
    if view.evidence.target.key_withheld.is_some() {
        return Some("not asked: the key was not sent".into());
    }
    None
}

/// Whether the server could not be reached at all, so that nothing else can work either.
pub(super) fn unreachable(view: &View) -> bool {
    let first = || view.all().find(|sight| sight.observation.ran());
    view.of_check("models").or_else(|| view.of_check("chat")).or_else(first).is_some_and(|sight| {
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

/// What ends a check before anything is sent: not asked for, done, or pointless here.
pub(super) fn over(view: &View, plan: &Plan, id: &str) -> Option<Step> {
    if !wanted(plan, id) || view.has(id) {
        return Some(Step::Done);
    }
    closed(view).or_else(|| unreachable(view).then(|| not_reached(view))).map(Step::Skip)
}

/// The same for a check that needs the user's model.
pub(super) fn settled(view: &View, plan: &Plan, id: &str) -> Option<Step> {
    over(view, plan, id)
        .or_else(|| view.model().is_none().then(|| Step::Skip("not asked: no model was given".to_owned())))
}

/// A check that only makes sense once the model has answered.
pub(super) fn after_chat(view: &View, plan: &Plan, id: &'static str, next: impl FnOnce(&View) -> Step) -> Step {
    settled(view, plan, id).or_else(|| chat_failed(view, plan)).unwrap_or_else(|| next(view))
}

/// Why a check that needs a model that answers is not run: it did not.
pub(super) fn chat_failed(view: &View, plan: &Plan) -> Option<Step> {
    match view.chat() {
        Some(chat) if !chat.healthy() => Some(Step::Skip("not asked: the chat already failed".into())),
        None if wanted(plan, "chat") => Some(Step::Skip("not asked: no chat came before".into())),
        _ => None,
    }
}
