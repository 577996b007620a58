//! Tools: whether a request may carry them, and whether a call comes full circle.

use serde_json::{Value, json};

use super::Plan;
use super::ask::Ask;
use super::checks::{Step, Wording, after_chat, wanted};
use super::settings::only_streams;
use super::shape::{ask, chat_body, chat_path, roomy, working_budget};
use crate::knowledge::view::{Sight, View};

/// No message of a model that is sent back to it is longer than this, in bytes.
const MESSAGE_MOST: usize = 16 * 1024;
/// The question that the tool can answer.
const QUESTION: &str = "What time is it? Use the tool.";

/// The only tool: it takes nothing.
pub(super) fn tool() -> Value {
    json!({ "type": "function", "function": { "name": "current_time", "description": "The current time.", "parameters": { "type": "object", "properties": {} } } })
}

/// Whether the server takes a request that carries tools, as Open `WebUI` sends them with every chat.
pub(super) fn tools(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    after_chat(view, plan, "tools", |view| {
        let streamed = wanted(plan, "stream");
        let mut body = chat_body(view, working_budget(view), streamed);
        body["tools"] = json!([tool()]);
        match ask(view, "tools", wording.base_url, chat_path(view, wording.base_url), Some(body)) {
            Step::Ask(ask) => Step::Ask(Ask { stream: streamed, ..ask }),
            step => step,
        }
    })
}

/// The round trip: the model is made to call the tool, gets the tool's answer, and speaks.
pub(super) fn tools_call(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    let Some(last) = view.of_check("tools-call") else {
        return after_chat(view, plan, "tools-call", |view| {
            if view.of_check("tools").is_some_and(|tools| !tools.healthy()) {
                return Step::Skip("not asked: the request with tools already failed".to_owned());
            }
            if only_streams(view) {
                return Step::Skip("not asked: this server answers only as a stream".to_owned());
            }
            call(view, wording, true)
        });
    };
    let refused = |word: &str| last.reading().is_some_and(|reading| reading.haystack.contains(word));
    match variant(last) {
        Some("result") => Step::Done,
        // Models that think refuse to be forced; some servers know only `auto`.
        None if !last.calls_tool() && last.answer().is_some_and(|answer| !answer.success()) => {
            if refused("tool_choice") || refused("tool choice") { call(view, wording, false) } else { Step::Done }
        }
        _ => result(view, wording, last).unwrap_or(Step::Done),
    }
}

fn variant(sight: Sight<'_>) -> Option<&str> {
    sight.observation.request.as_ref().and_then(|request| request.variant.as_deref())
}

/// The request that is to be answered with a call.
fn call(view: &View, wording: &Wording<'_>, forced: bool) -> Step {
    let mut body = roomy(chat_body(view, working_budget(view), false));
    body["messages"] = json!([{ "role": "user", "content": QUESTION }]);
    body["tools"] = json!([tool()]);
    if forced {
        body["tool_choice"] = json!({ "type": "function", "function": { "name": "current_time" } });
    }
    send(view, wording, body, (!forced).then_some("without tool_choice"))
}

/// The request that gives the model what it called for. Its own message goes back as it came: some models want what
/// they thought, or a signature, to be in it.
fn result(view: &View, wording: &Wording<'_>, last: Sight<'_>) -> Option<Step> {
    let message = last.reading()?.json.as_ref()?.pointer("/choices/0/message").filter(|_| last.calls_tool())?;
    if message.to_string().len() > MESSAGE_MOST {
        return None;
    }
    let mut messages = vec![json!({ "role": "user", "content": QUESTION }), message.clone()];
    for call in message.get("tool_calls")?.as_array()? {
        let id = call.get("id")?.as_str()?;
        messages.push(json!({ "role": "tool", "tool_call_id": id, "content": "12:00" }));
    }
    let mut body = roomy(chat_body(view, working_budget(view), false));
    body["messages"] = Value::Array(messages);
    body["tools"] = json!([tool()]);
    Some(send(view, wording, body, Some("result")))
}

fn send(view: &View, wording: &Wording<'_>, body: Value, variant: Option<&str>) -> Step {
    match ask(view, "tools-call", wording.base_url, chat_path(view, wording.base_url), Some(body)) {
        Step::Ask(ask) => Step::Ask(Ask { variant: variant.map(str::to_owned), ..ask }),
        step => step,
    }
}
