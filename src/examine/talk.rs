//! The endpoint at which a client lets the model speak, where that is not chat: the Responses or the Messages API.

use serde_json::{Value, json};

use super::Plan;
use super::ask::Ask;
use super::checks::{Step, Wording, settled};
use super::shape::{Budget, ask, chat_body, chat_path};
use crate::cause::Cause;
use crate::knowledge::view::View;

/// The client's own endpoint comes where chat comes for others: what follows depends on it.
pub(super) fn own(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    let check = match view.client.speaks_at() {
        "responses" => "responses",
        "messages" => "messages",
        _ => return Step::Done,
    };
    settled(view, plan, check).unwrap_or_else(|| talk(view, check, wording.base_url))
}

/// The limit is ruta's own: a server that does not take it is asked without.
pub(super) fn own_again(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    let (check, again) = match view.client.speaks_at() {
        "responses" => ("responses", "responses-again"),
        _ => return Step::Done,
    };
    let Some(last) = view.talk().filter(|last| !last.healthy() && last.observation.check == check) else {
        return Step::Done;
    };
    let refused = last.reading().is_some_and(|reading| reading.haystack.contains("max_output_tokens"))
        && matches!(
            last.cause(),
            Some(Cause::UnsupportedParameter | Cause::RequestRejected | Cause::ServerError) | None
        );
    if !refused {
        return Step::Done;
    }
    match talk(view, again, wording.base_url) {
        Step::Ask(ask) => {
            let mut ask = Ask { variant: Some("no limit".to_owned()), ..ask };
            if let Some(fields) = ask.body.as_mut().and_then(Value::as_object_mut) {
                fields.remove("max_output_tokens");
            }
            Step::Ask(ask)
        }
        step => step,
    }
}

/// The request with which the client lets the model speak, as small as it can be.
pub(super) fn talk(view: &View, check: &'static str, root: &str) -> Step {
    let client = view.client;
    let kind = crate::knowledge::view::kind_of(check);
    let own = client.speaks_at() == kind;
    // Only what the client itself sends: another client's habits prove nothing.
    let (streamed, tools) = (own && client.sends("stream"), own && client.sends("tools"));
    let mut body = match kind {
        "responses" => responses_body(view, own, tools),
        "messages" => messages_body(view, tools),
        _ => return ask(view, check, root, chat_path(view, root), Some(chat_body(view, Budget::usual(view), false))),
    };
    if streamed {
        body["stream"] = json!(true);
    }
    let usual = if kind == "responses" { "/responses" } else { "/messages" };
    let path = client.path(kind).filter(|_| own).unwrap_or(usual).to_owned();
    match ask(view, check, root, path, Some(body)) {
        Step::Ask(ask) => Step::Ask(Ask { stream: streamed, ..ask }),
        step => step,
    }
}

fn responses_body(view: &View, own: bool, tools: bool) -> Value {
    let plain = json!("Reply with OK.");
    let parts = json!([{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": plain }] }]);
    let mut body = json!({ "model": view.model(), "input": if own { parts } else { plain }, "max_output_tokens": 16 });
    if tools {
        body["tools"] = json!([{ "type": "function", "name": "current_time", "description": "The current time.", "parameters": { "type": "object", "properties": {} } }]);
    }
    body
}

fn messages_body(view: &View, tools: bool) -> Value {
    let mut body = json!({ "model": view.model(), "max_tokens": 16, "messages": [{ "role": "user", "content": "Reply with OK." }] });
    if tools {
        body["tools"] = json!([{ "name": "current_time", "description": "The current time.", "input_schema": { "type": "object", "properties": {} } }]);
    }
    body
}
