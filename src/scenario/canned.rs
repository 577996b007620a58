//! Healthy answers, and the error of a path that does not exist, that scenarios need not write out.

use serde_json::{Value, json};

use super::answer::Canned;

/// 2026-01-01T00:00:00Z: when everything canned was made.
const CREATED: u64 = 1_767_225_600;

/// The answer of the canned model.
const WORD: &str = "pong";

/// A body and how it is sent.
pub(super) struct Ready {
    /// Its media type.
    pub(super) kind: &'static str,
    /// The body itself.
    pub(super) body: Vec<u8>,
    /// Whether it is sent event by event.
    pub(super) streams: bool,
}

impl Ready {
    /// A body of JSON.
    pub(super) fn json(body: String) -> Self {
        Self { kind: "application/json", body: body.into_bytes(), streams: false }
    }

    fn events(body: String) -> Self {
        Self { kind: "text/event-stream", body: body.into_bytes(), streams: true }
    }
}

/// What a server that can do it says to this request.
pub(super) fn answer(canned: Canned, model: &str, asked: &Value) -> Ready {
    let wants_stream = asked.get("stream").and_then(Value::as_bool) == Some(true);
    match canned {
        Canned::Stream => Ready::events(stream(model)),
        Canned::ChatOrStream | Canned::Capable if wants_stream => Ready::events(stream(model)),
        Canned::Capable => Ready::json(capable(model, asked)),
        Canned::Embeddings => Ready::json(vector(model)),
        Canned::Speech => Ready { kind: "audio/mpeg", body: SOUND.to_vec(), streams: false },
        Canned::Transcription => Ready::json(json!({"text": WORD}).to_string()),
        Canned::Images => {
            Ready::json(json!({"created": CREATED, "data": [{"b64_json": "iVBORw0KGgo".repeat(40)}]}).to_string())
        }
        Canned::Responses if wants_stream => Ready::events(response_events(model)),
        Canned::Responses => Ready::json(response(model).to_string()),
        Canned::Messages if wants_stream => Ready::events(message_events(model)),
        Canned::Messages => Ready::json(message(model).to_string()),
        Canned::Error => Ready::json(no_such_path()),
        Canned::Models | Canned::Chat | Canned::ChatOrStream => Ready::json(chat(model)),
    }
}

/// The head of an MP3 and a silent frame.
const SOUND: &[u8] = b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x64\x00\x00\x00\x00\x00\x00";

/// Calls the tool that it must call, answers in JSON where that is asked for, and else says its word.
fn capable(model: &str, asked: &Value) -> String {
    let message = if let Some(name) = asked.pointer("/tool_choice/function/name") {
        let call = json!({"id": "call_canned", "type": "function", "function": {"name": name, "arguments": "{}"}});
        json!({"role": "assistant", "content": null, "tool_calls": [call]})
    } else if asked.get("response_format").is_some() {
        json!({"role": "assistant", "content": "{\"ok\": true}"})
    } else {
        json!({"role": "assistant", "content": WORD})
    };
    completion(model, &message)
}

fn vector(model: &str) -> String {
    json!({
        "object": "list", "model": model, "usage": {"prompt_tokens": 1, "total_tokens": 1},
        "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5, 0.125, 0.75]}],
    })
    .to_string()
}

fn response(model: &str) -> Value {
    let text = json!({"type": "output_text", "text": WORD, "annotations": []});
    json!({
        "id": "resp_canned", "object": "response", "created_at": CREATED, "status": "completed", "model": model,
        "output": [{"id": "msg_canned", "type": "message", "role": "assistant", "status": "completed", "content": [text]}],
        "usage": {"input_tokens": 9, "output_tokens": 1, "total_tokens": 10},
    })
}

fn response_events(model: &str) -> String {
    let event = |kind: &str, more: Value| {
        let mut data = json!({"type": kind});
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        format!("event: {kind}\ndata: {data}\n\n")
    };
    [
        event("response.created", json!({"response": {"id": "resp_canned", "status": "in_progress"}})),
        event("response.output_text.delta", json!({"item_id": "msg_canned", "delta": WORD})),
        event("response.completed", json!({"response": response(model)})),
    ]
    .concat()
}

fn message(model: &str) -> Value {
    json!({
        "id": "msg_canned", "type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn",
        "content": [{"type": "text", "text": WORD}], "usage": {"input_tokens": 9, "output_tokens": 1},
    })
}

fn message_events(model: &str) -> String {
    let event = |data: Value| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default());
    [
        event(json!({"type": "message_start", "message": {"id": "msg_canned", "type": "message", "role": "assistant", "model": model, "content": []}})),
        event(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})),
        event(json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": WORD}})),
        event(json!({"type": "content_block_stop", "index": 0})),
        event(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}})),
        event(json!({"type": "message_stop"})),
    ]
    .concat()
}

/// A model list in the usual shape: `ids`, then `count` invented ones.
pub(super) fn models(ids: &[String], count: usize) -> String {
    let invented = (0..count).map(|number| format!("vendor-{}/model-{number:05}", number % 40));
    let entry = |id: String| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "organization"});
    let data: Vec<Value> = ids.iter().cloned().chain(invented).map(entry).collect();
    json!({"object": "list", "data": data}).to_string()
}

/// A chat completion of this model.
fn chat(model: &str) -> String {
    completion(model, &json!({"role": "assistant", "content": WORD}))
}

fn completion(model: &str, message: &Value) -> String {
    let called = message.get("tool_calls").is_some();
    let reason = if called { "tool_calls" } else { "stop" };
    json!({
        "id": "chatcmpl-canned", "object": "chat.completion", "created": CREATED, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
    })
    .to_string()
}

/// The same as a stream of events.
fn stream(model: &str) -> String {
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
fn no_such_path() -> String {
    json!({"error": {"message": "no such path", "type": "invalid_request_error"}}).to_string()
}
