//! The endpoints beside chat: the smallest request that shows whether each of them works.

use serde_json::{Value, json};

use super::Plan;
use super::ask::Ask;
use super::checks::{Step, Wording, chat_failed, over, settled};
use super::shape::{ask, endpoint_path};
use crate::cause::Cause;
use crate::knowledge::ability::{self, Chosen, NOT_KNOWN, NOT_LISTED};
use crate::knowledge::view::{Sight, View};

pub(super) fn embeddings(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    other_model(view, plan, wording, "embeddings", || json!({ "input": "OK" }))
}

pub(super) fn speech(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    other_model(view, plan, wording, "speech", || json!({ "input": "OK" }))
}

pub(super) fn transcription(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    match other_model(view, plan, wording, "transcription", || json!({})) {
        Step::Ask(ask) => Step::Ask(Ask { form: true, ..ask }),
        step => step,
    }
}

pub(super) fn images(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    other_model(view, plan, wording, "images", || json!({ "prompt": "A grey dot.", "n": 1 }))
}

pub(super) fn responses(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    same_model(view, plan, wording, "responses", || json!({ "input": "Reply with OK.", "max_output_tokens": 16 }))
}

pub(super) fn messages(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    same_model(
        view,
        plan,
        wording,
        "messages",
        || json!({ "max_tokens": 16, "messages": [{ "role": "user", "content": "Reply with OK." }] }),
    )
}

/// An endpoint that another kind of model serves than chat.
fn other_model(
    view: &View,
    plan: &Plan,
    wording: &Wording<'_>,
    id: &'static str,
    body: impl FnOnce() -> Value,
) -> Step {
    if let Some(step) = over(view, plan, id) {
        return step;
    }
    let Some(ability) = ability::by_id(id) else { return Step::Done };
    let (model, own) = match ability.model(view) {
        Chosen::Given(model) => (model, true),
        Chosen::Listed(model) | Chosen::Usual(model) => (model, false),
        Chosen::Unknown { listed } => {
            return Step::Skip(if listed { NOT_LISTED } else { NOT_KNOWN }.to_owned());
        }
    };
    // A model of this kind does not chat: that it did not says nothing.
    let refused = if own { refused_otherwise(view) } else { chat_failed(view, plan) };
    if let Some(step) = refused {
        return step;
    }
    let mut body = body();
    body["model"] = json!(model);
    for (name, value) in ability.fields(model) {
        body[name] = value;
    }
    let path = endpoint_path(view, wording.base_url, model, ability.path);
    match ask(view, id, wording.base_url, path, Some(body)) {
        Step::Ask(ask) => Step::Ask(Ask { variant: (!own).then(|| model.to_owned()), ..ask }),
        step => step,
    }
}

/// Another endpoint for the same model; it may work although chat does not. Streamed if the client streams.
fn same_model(view: &View, plan: &Plan, wording: &Wording<'_>, id: &'static str, body: impl FnOnce() -> Value) -> Step {
    if let Some(step) = settled(view, plan, id).or_else(|| refused_otherwise(view)) {
        return step;
    }
    let stream = view.client.sends.contains(&"stream");
    let mut body = body();
    body["model"] = json!(view.model());
    if stream {
        body["stream"] = json!(true);
    }
    match ask(view, id, wording.base_url, ability::by_id(id).map_or("", |ability| ability.path).into(), Some(body)) {
        Step::Ask(ask) => Step::Ask(Ask { stream, ..ask }),
        step => step,
    }
}

/// Why another endpoint is not asked either: what the chat was refused for has nothing to do with the model.
fn refused_otherwise(view: &View) -> Option<Step> {
    let refused = |sight: Sight<'_>| matches!(sight.cause(), Some(cause) if cause.code().starts_with("key-") || cause == Cause::NoCredits);
    let refused = view.chat().is_some_and(refused);
    refused.then(|| Step::Skip("not asked: the chat was refused for another reason".into()))
}
