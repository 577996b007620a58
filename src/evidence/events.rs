//! A body read as a stream of server-sent events.

use serde_json::Value;

use super::reply::{is_full, plain_text, reports_error, thinks};

/// What an event stream holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Events {
    /// Events that carry JSON.
    pub chunks: usize,
    /// Comment lines (`: keep-alive`).
    pub comments: usize,
    /// `data:` lines that are neither JSON nor `[DONE]`.
    pub garbled: usize,
    /// Whether `[DONE]` (or the end event of another API) came.
    pub done: bool,
    /// Whether a chunk carried a `finish_reason`.
    pub finished: bool,
    /// Whether the answer ended because its budget was used up.
    pub cut_short: bool,
    /// The text that the deltas make.
    pub text: String,
    /// Whether thinking came, with or without text.
    pub reasoning: bool,
    /// Whether a tool was called.
    pub tool_call: bool,
    /// The first event that carries an error.
    pub error: Option<Value>,
}

impl Events {
    /// Whether the model said anything.
    pub fn spoke(&self) -> bool {
        !self.text.trim().is_empty() || self.reasoning || self.tool_call || self.cut_short
    }
}

/// Whether the body looks like an event stream, whatever its content type says.
pub fn looks_like_events(body: &str) -> bool {
    let start = body.trim_start();
    ["data:", "event:", ": ", "error:", "id:"].iter().any(|field| start.starts_with(field))
        && (start.contains("data:") || start.starts_with(": ") || start.starts_with("error:"))
}

/// Reads a body as clients do: fields with or without their space, any line ends, comments, data over several lines.
pub fn read(body: &str) -> Events {
    let mut events = Events::default();
    let mut data = String::new();
    let plain = body.replace("\r\n", "\n").replace('\r', "\n");
    for line in plain.split('\n') {
        if let Some(part) = line.strip_prefix("data:") {
            // Most servers send one line an event; a line that is whole by itself is one.
            if !data.is_empty() && serde_json::from_str::<Value>(&data).is_ok() {
                event(&mut events, &std::mem::take(&mut data));
            }
            data.push_str(part.trim());
            if data == "[DONE]" {
                event(&mut events, &std::mem::take(&mut data));
            }
            continue;
        }
        if line.is_empty() {
            event(&mut events, &std::mem::take(&mut data));
        } else if let Some(error) = line.strip_prefix("error:") {
            event(&mut events, error.trim());
        } else if line.starts_with(':') {
            events.comments += 1;
        } else if line.starts_with('{') && line.contains("\"error\"") {
            event(&mut events, line.trim());
        }
    }
    event(&mut events, &data);
    events
}

fn event(events: &mut Events, data: &str) {
    if data == "[DONE]" {
        events.done = true;
    } else if let Ok(value) = serde_json::from_str::<Value>(data) {
        take(events, value);
    } else if data.starts_with(['{', '[', '<']) {
        events.garbled += 1;
    } else if !data.is_empty() {
        // `data: ping` keeps the line alive, as a comment does.
        events.comments += 1;
    }
}

fn take(events: &mut Events, value: Value) {
    events.chunks += 1;
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let own = kind.starts_with("message_") || kind.starts_with("content_block_") || kind.starts_with("response.");
    // These say themselves what they are, and carry a `message` or a `response` of their own that is no complaint.
    let failed =
        if own { kind == "response.failed" || value.get("error").is_some_and(is_full) } else { reports_error(&value) };
    if events.error.is_none() && failed {
        events.error = Some(value);
        return;
    }
    if own {
        other_api(events, kind, &value);
    }
    if let Some(text) = value.pointer("/delta/text").or_else(|| value.get("delta")).and_then(Value::as_str) {
        events.text.push_str(text);
    }
    for choice in value.get("choices").and_then(Value::as_array).into_iter().flatten() {
        let reason = choice.get("finish_reason").filter(|reason| !reason.is_null());
        events.finished |= reason.is_some();
        events.cut_short |= reason.is_some_and(|reason| reason == "length");
        for part in ["delta", "message"] {
            let Some(delta) = choice.get(part) else { continue };
            for name in ["content", "refusal"] {
                if let Some(text) = delta.get(name).and_then(plain_text) {
                    events.text.push_str(&text);
                }
            }
            events.reasoning |= thinks(delta);
            events.tool_call |=
                delta.get("tool_calls").and_then(Value::as_array).is_some_and(|calls| !calls.is_empty());
        }
        if let Some(text) = choice.get("text").and_then(Value::as_str) {
            events.text.push_str(text);
        }
    }
}

/// What events of the Responses API and of the Messages API tell beside their text.
fn other_api(events: &mut Events, kind: &str, value: &Value) {
    if matches!(kind, "message_stop" | "response.completed" | "response.incomplete") {
        events.done = true;
        events.finished = true;
    }
    let reason = value.pointer("/delta/stop_reason").filter(|reason| !reason.is_null());
    events.finished |= reason.is_some();
    events.cut_short |= kind == "response.incomplete" || reason.is_some_and(|reason| reason == "max_tokens");
    let part =
        ["/item/type", "/content_block/type", "/delta/type"].iter().find_map(|path| value.pointer(path)?.as_str());
    events.tool_call |= matches!(part, Some("function_call" | "tool_use" | "input_json_delta"));
    events.reasoning |= matches!(part, Some("reasoning" | "thinking" | "thinking_delta"));
    if kind == "response.completed" && events.text.is_empty() {
        // Some servers send the text in the last event only.
        let items = value.pointer("/response/output").and_then(Value::as_array).into_iter().flatten();
        for text in items.filter_map(|item| item.get("content").and_then(plain_text)) {
            events.text.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_end_errors_and_oddities() {
        let good = read(
            "data: {\"choices\":[{\"delta\":{\"content\":\"O\"}}]}\r\n\r\n: keep-alive\n\ndata:{\"choices\":[{\"delta\":{\"content\":\"K\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        );
        assert_eq!(
            (good.text.as_str(), good.chunks, good.comments, good.done, good.finished),
            ("OK", 2, 1, true, true)
        );
        let bad = read("data: {\"error\":{\"message\":\"no\"}}\n\ndata: {nonsense\n\n");
        assert!(bad.error.is_some() && bad.garbled == 1 && !bad.spoke() && !bad.done);
        assert!(read("error: {\"error\":{\"message\":\"old form\"}}\n").error.is_some());
        let message = "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n\
                       data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"OK\"}}\n\n\
                       data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"}}\n\n\
                       data: {\"type\":\"message_stop\"}\n\n";
        let message = read(message);
        assert!(message.error.is_none() && message.text == "OK" && message.done && message.cut_short);
        let failed = read("data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"no\"}}}\n\n");
        assert!(failed.error.is_some());
        assert!(read("data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n").spoke());
    }

    #[test]
    fn reads_the_streams_of_the_responses_and_of_the_messages_api() {
        let stream = |events: &[&str]| read(&format!("data: {}\n\n", events.join("\n\ndata: ")));
        let messages = stream(&[
            r#"{"type":"message_start","message":{"id":"m","role":"assistant","content":[]}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"OK"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}"#,
            r#"{"type":"message_stop"}"#,
        ]);
        assert_eq!((messages.text.as_str(), messages.done, &messages.error), ("OK", true, &None));
        let responses = stream(&[
            r#"{"type":"response.created","response":{"id":"r","status":"in_progress","error":null}}"#,
            r#"{"type":"response.output_text.delta","delta":"OK"}"#,
            r#"{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}"#,
        ]);
        assert_eq!((responses.text.as_str(), responses.done, &responses.error), ("OK", true, &None));
        let late = stream(&[
            r#"{"type":"response.completed","response":{"output":[{"content":[{"type":"output_text","text":"OK"}]}]}}"#,
        ]);
        assert_eq!(late.text, "OK");
        let called = stream(&[r#"{"type":"response.output_item.added","item":{"type":"function_call","name":"x"}}"#]);
        assert!(called.spoke() && !called.done);
        let short = stream(&[r#"{"type":"response.incomplete","response":{"incomplete_details":{}}}"#]);
        assert!(short.spoke() && short.done);
        let failed = stream(&[r#"{"type":"response.failed","response":{"error":{"message":"no"}}}"#]);
        assert!(failed.error.is_some() && stream(&[r#"{"type":"error","error":{"message":"no"}}"#]).error.is_some());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(data: ?|: |error:|\\PC{0,20}|\n|\\{\"choices\":\\[)*") {
            let _ = read(&text);
        }
    }
}
