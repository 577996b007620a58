//! What clients pass on with a chat: their settings, and the form that an answer is to have.

use serde_json::{Value, json};

use super::Plan;
use super::ask::Ask;
use super::checks::{Step, Wording, after_chat, chat_failed, over};
use super::shape::{ask, chat_body, chat_path, roomy, working_budget};
use super::tools::tool;
pub(super) use crate::knowledge::parameters::MOST;
use crate::knowledge::parameters::Search;
use crate::knowledge::view::View;

/// All settings in one request; only if that is refused, which of them.
pub(super) fn parameters(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    if view.count("parameters") == 0
        && let Some(step) = over(view, plan, "parameters").or_else(|| chat_failed(view, plan))
    {
        return step;
    }
    if view.model().is_none() {
        return Step::Skip("not asked: no model was given".to_owned());
    }
    let Some(probe) = Search::of(view).next(view) else { return Step::Done };
    let stream = only_streams(view);
    let mut body = chat_body(view, working_budget(view), stream);
    for name in &probe.sent {
        body[name] = value(name);
    }
    if probe.sent.contains(&"tool_choice") {
        body["tools"] = json!([tool()]);
    }
    match ask(view, "parameters", wording.base_url, chat_path(view, wording.base_url), Some(body)) {
        Step::Ask(ask) => Step::Ask(Ask { variant: probe.variant, stream, ..ask }),
        step => step,
    }
}

/// A value that no server has as its default, and that every one can know.
fn value(name: &str) -> Value {
    match name {
        "temperature" => json!(0.7),
        "top_p" => json!(0.9),
        "stop" => json!(["END"]),
        "seed" => json!(7),
        "logit_bias" => json!({ "100": -1 }),
        "tool_choice" => json!("auto"),
        _ => json!(0.1),
    }
}

/// An answer in a given form.
pub(super) fn structured(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    after_chat(view, plan, "structured", |view| {
        let stream = only_streams(view);
        let mut body = roomy(chat_body(view, working_budget(view), stream));
        body["messages"] = json!([{ "role": "user", "content": "Reply with the JSON object {\"ok\": true}." }]);
        let schema = json!({ "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"], "additionalProperties": false });
        body["response_format"] =
            json!({ "type": "json_schema", "json_schema": { "name": "answer", "strict": true, "schema": schema } });
        match ask(view, "structured", wording.base_url, chat_path(view, wording.base_url), Some(body)) {
            Step::Ask(ask) => Step::Ask(Ask { stream, ..ask }),
            step => step,
        }
    })
}

/// Whether the chat was only answered as a stream.
pub(super) fn only_streams(view: &View) -> bool {
    view.chat().and_then(|chat| chat.observation.request.as_ref()).is_some_and(|request| request.streamed)
}
