//! Healthy answers, and the error of a path that does not exist, that scenarios need not write out.

use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z: when everything canned was made.
const CREATED: u64 = 1_767_225_600;

/// The answer of the canned model.
const WORD: &str = "pong";

/// A model list in the usual shape: `ids`, then `count` invented ones.
pub(super) fn models(ids: &[String], count: usize) -> String {
    let invented = (0..count).map(|number| format!("vendor-{}/model-{number:05}", number % 40));
    let entry = |id: String| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "organization"});
    let data: Vec<Value> = ids.iter().cloned().chain(invented).map(entry).collect();
    json!({"object": "list", "data": data}).to_string()
}

/// A chat completion of this model.
pub(super) fn chat(model: &str) -> String {
    json!({
        "id": "chatcmpl-canned", "object": "chat.completion", "created": CREATED, "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": WORD}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
    })
    .to_string()
}

/// The same as a stream of events.
pub(super) fn stream(model: &str) -> String {
    let event = |delta: Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        let chunk = json!({"id": "chatcmpl-canned", "object": "chat.completion.chunk", "created": CREATED, "model": model, "choices": [choice]});
        format!("data: {chunk}\n\n")
    };
    let (first, second) = WORD.split_at(WORD.len() / 2);
    [
        event(json!({"role": "assistant", "content": ""}), None),
        event(json!({"content": first}), None),
        event(json!({"content": second}), None),
        event(json!({}), Some("stop")),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat()
}

/// What an OpenAI-like server says to a path that it does not have.
pub(super) fn no_such_path() -> String {
    json!({"error": {"message": "no such path", "type": "invalid_request_error"}}).to_string()
}
