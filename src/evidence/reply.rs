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
        let message = choice.get("message").or_else(|| choice.get("delta"));
        let content = message.and_then(|message| message.get("content")).or_else(|| choice.get("text"));
        if let Some(text) = content.and_then(plain_text).filter(|text| !text.trim().is_empty()) {
            return Some(Reply::Text(text));
        }
        let full = |name: &str| {
            message.and_then(|message| message.get(name)).is_some_and(|inner| {
                inner.as_str().is_some_and(|text| !text.is_empty())
                    || inner.as_array().is_some_and(|rows| !rows.is_empty())
            })
        };
        if full("tool_calls") {
            return Some(Reply::ToolCall);
        }
        let thought = value
            .pointer("/usage/completion_tokens_details/reasoning_tokens")
            .and_then(Value::as_u64)
            .is_some_and(|tokens| tokens > 0);
        if full("reasoning_content") || full("reasoning") || full("reasoning_details") || thought {
            return Some(Reply::ReasoningOnly);
        }
        return message.or_else(|| choice.get("text")).map(|_| Reply::Empty);
    }
    if value.get("output").is_some_and(Value::is_array) {
        return Some(Reply::Other("a response"));
    }
    if value.get("type").is_some_and(|kind| kind == "message") && value.get("content").is_some() {
        return Some(Reply::Other("a message"));
    }
    let first = value.pointer("/data/0")?;
    if first.get("embedding").is_some() {
        return Some(Reply::Other("a vector"));
    }
    (first.get("b64_json").is_some() || (first.get("url").is_some() && first.get("id").is_none()))
        .then_some(Reply::Other("an image"))
}

fn plain_text(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()),
        _ => None,
    }
}
