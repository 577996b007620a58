//! What the button "Verify Connection" says: it looks at the status and at whether there is a body at all.

use serde_json::Value;

use super::menu::{is_text, reads_json};
use super::python::{self, has_half, js_string, js_truthy, truthy};
use crate::evidence::answer::Answer;
use crate::knowledge::open_webui::{Met, is_anthropic};

/// What the button ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verify {
    /// The green message.
    Verified,
    /// No message at all.
    Silent,
    /// The red message, without the word before it.
    Error(String),
}

impl Verify {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Silent => "silent",
            Self::Error(_) => "error",
        }
    }

    pub(super) fn says(&self) -> Option<String> {
        match self {
            Self::Verified => Some("Server connection verified".to_owned()),
            Self::Silent => None,
            Self::Error(text) => Some(format!("OpenAI: {}", super::say::short(text))),
        }
    }

    fn network_problem() -> Self {
        Self::Error("Network Problem".to_owned())
    }
}

/// What the button says of this.
pub(super) fn of(met: Met<'_>, entered: &str) -> Verify {
    let Met::Answered(sight) = met else { return Verify::network_problem() };
    let Some(answer) = sight.answer() else { return Verify::network_problem() };
    if !is_text(answer) {
        return Verify::network_problem();
    }
    if is_anthropic(entered) {
        let listed = answer.status == 200 && reads_json(answer) && json(answer).is_some_and(|list| is_page(&list));
        return if listed { Verify::Verified } else { Verify::network_problem() };
    }
    verify(answer)
}

fn verify(answer: &Answer) -> Verify {
    // Its server cannot hand on half of a character, nor a status that there is not.
    if (reads_json(answer) && has_half(&answer.body)) || answer.status > 599 {
        return Verify::network_problem();
    }
    let parsed = reads_json(answer).then(|| json(answer)).flatten();
    let empty = answer.body.trim().is_empty();
    // What the form gets: the answer's JSON, or else its text, which the form tries to read as JSON.
    let got = match parsed {
        // The server chokes on handing these on.
        Some(Value::Number(_) | Value::Bool(_)) if answer.status != 200 => return Verify::network_problem(),
        Some(Value::String(text)) if answer.status != 200 => python::json(&text),
        Some(value) => Some(value),
        None if reads_json(answer) && empty => (answer.status == 200).then_some(Value::Null),
        None if answer.status == 200 => Some(Value::String(answer.body.clone())),
        None => json(answer),
    };
    match got {
        Some(Value::Null) if answer.status != 200 => Verify::network_problem(),
        Some(value) if answer.success() => {
            if js_truthy(&value) {
                Verify::Verified
            } else {
                Verify::Silent
            }
        }
        Some(value) => match value.pointer("/error/message").filter(|message| !message.is_null()) {
            Some(message) if value["error"].is_object() => Verify::Error(js_string(message)),
            _ => Verify::network_problem(),
        },
        None => Verify::network_problem(),
    }
}

/// Whether this is a page of Anthropic's list, which may have no rows, but no rows that are no objects.
pub(super) fn is_page(list: &Value) -> bool {
    list.is_object()
        && list.get("data").is_none_or(|data| match data {
            Value::Array(rows) => rows.iter().all(Value::is_object),
            Value::Object(_) | Value::String(_) => !truthy(data),
            _ => false,
        })
}

/// The body as JSON. Of a long one only the start was kept: a list that was read whole counts as JSON.
fn json(answer: &Answer) -> Option<Value> {
    python::json(&answer.body).or_else(|| answer.list.as_ref().map(|_| serde_json::json!({ "data": [] })))
}
