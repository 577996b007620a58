//! What the model said, in the shapes of the known endpoints.

use serde_json::Value;

/// What the model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Text.
    Text(String),
    /// Thinking without a final text, as short budgets make it.
    ReasoningOnly,
    /// A tool call.
    ToolCall,
    /// A well-formed answer with nothing in it.
    Empty,
    /// What another endpoint gives: a vector, an image, a transcript.
    Other(&'static str),
}

/// What the model said, if the value is an answer of any of the known endpoints.
pub(super) fn reply(value: &Value) -> Option<Reply> {
    if let Some(choice) = value.get("choices").and_then(Value::as_array) {
        let choice = choice.first()?;
        let Some(message) = choice.get("message").or_else(|| choice.get("delta")) else {
            return choice.get("text").map(|_| Reply::Other("a completion"));
        };
        let text = ["content", "refusal"]
            .iter()
            .find_map(|name| message.get(name).and_then(plain_text).filter(|text| !text.trim().is_empty()));
        if let Some(text) = text {
            return Some(Reply::Text(text));
        }
        if message.get("tool_calls").and_then(Value::as_array).is_some_and(|calls| !calls.is_empty()) {
            return Some(Reply::ToolCall);
        }
        let thought = value
            .pointer("/usage/completion_tokens_details/reasoning_tokens")
            .and_then(Value::as_u64)
            .is_some_and(|tokens| tokens > 0);
        return Some(if thinks(message) || thought { Reply::ReasoningOnly } else { Reply::Empty });
    }
    if value.get("output").is_some_and(Value::is_array) {
        return Some(Reply::Other("a response"));
    }
    if value.get("type").is_some_and(|kind| kind == "message") && value.get("content").is_some() {
        return Some(Reply::Other("a message"));
    }
    if value.get("text").is_some_and(Value::is_string) && value.get("object").is_none() {
        return Some(Reply::Other("a transcript"));
    }
    let first = value.pointer("/data/0")?;
    let full = |vector: &Value| vector.is_string() || vector.as_array().is_some_and(|row| !row.is_empty());
    if first.get("embedding").is_some_and(full) {
        return Some(Reply::Other("a vector"));
    }
    (first.get("b64_json").is_some() || (first.get("url").is_some() && first.get("id").is_none()))
        .then_some(Reply::Other("an image"))
}

/// The text of a message: a string, or a list of parts.
pub(super) fn plain_text(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()),
        _ => None,
    }
}

/// Whether a message or a delta carries thinking, under any of its names.
pub(super) fn thinks(message: &Value) -> bool {
    let part = |part: &Value| part.get("type").is_some_and(|kind| kind == "thinking" || kind == "reasoning");
    ["reasoning_content", "reasoning", "thinking", "reasoning_details"]
        .iter()
        .any(|name| message.get(name).is_some_and(is_full))
        || message.get("content").and_then(Value::as_array).is_some_and(|parts| parts.iter().any(part))
}

/// Whether a value says anything: not null, false, 0, empty, nor made of such values alone.
pub(super) fn is_full(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(rows) => rows.iter().any(is_full),
        Value::Object(fields) => fields.values().any(is_full),
    }
}

/// Whether an object reports an error by its own shape, in an answer or in an event.
pub(super) fn reports_error(value: &Value) -> bool {
    let full = |name: &str| value.get(name).is_some_and(is_full);
    let kind = |name: &str| value.get(name).is_some_and(|kind| kind == "error");
    // A choice that says something outranks a vague flag beside it.
    let spoke = matches!(reply(value), Some(Reply::Text(_) | Reply::ToolCall | Reply::ReasoningOnly));
    let content = ["choices", "data", "output", "content"]
        .iter()
        .any(|name| value.get(name).is_some_and(|inner| !inner.is_null()));
    full("error")
        || kind("object")
        || kind("type")
        || full("error_msg")
        || full("errors")
        || full("error_code")
        || (!spoke && value.get("success") == Some(&Value::Bool(false)))
        || value.pointer("/base_resp/status_code").and_then(Value::as_i64).is_some_and(|code| code != 0)
        || (!content && ["detail", "message", "msg", "Message"].iter().any(|name| full(name)))
}
