//! A body read as a stream of server-sent events.

use serde_json::Value;

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
        !self.text.trim().is_empty() || self.reasoning || self.tool_call
    }
}

/// Whether the body looks like an event stream, whatever its content type says.
pub fn looks_like_events(body: &str) -> bool {
    let start = body.trim_start();
    ["data:", "event:", ": ", "error:", "id:"].iter().any(|field| start.starts_with(field))
        && (start.contains("data:") || start.starts_with(": ") || start.starts_with("error:"))
}

/// Reads a body line by line, as clients do: fields without their space, CRLF and comments are fine.
pub fn read(body: &str) -> Events {
    let mut events = Events::default();
    for line in body.lines() {
        let line = line.trim_end_matches('\r');
        let data = if let Some(data) = line.strip_prefix("data:") {
            data.trim()
        } else if let Some(error) = line.strip_prefix("error:") {
            error.trim()
        } else if line.starts_with(':') {
            events.comments += 1;
            continue;
        } else if line.starts_with('{') && line.contains("\"error\"") {
            line.trim()
        } else {
            continue;
        };
        if data.is_empty() {
            continue;
        }
        if data == "[DONE]" {
            events.done = true;
            continue;
        }
        match serde_json::from_str::<Value>(data) {
            Ok(value) => take(&mut events, value),
            Err(_) => events.garbled += 1,
        }
    }
    events
}

fn take(events: &mut Events, value: Value) {
    events.chunks += 1;
    if events.error.is_none()
        && (value.get("error").is_some_and(|error| !error.is_null())
            || value.get("type").is_some_and(|kind| kind == "error")
            || value.get("object").is_some_and(|kind| kind == "error")
            || value.get("error_code").is_some()
            || value.get("detail").is_some())
    {
        events.error = Some(value);
        return;
    }
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    if matches!(kind, "message_stop" | "response.completed" | "response.incomplete") {
        events.done = true;
        events.finished = true;
    }
    if let Some(text) = value.pointer("/delta/text").or_else(|| value.get("delta")).and_then(Value::as_str) {
        events.text.push_str(text);
    }
    for choice in value.get("choices").and_then(Value::as_array).into_iter().flatten() {
        events.finished |= choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
        for part in ["delta", "message"] {
            let Some(delta) = choice.get(part) else { continue };
            if let Some(text) = delta.get("content").and_then(Value::as_str) {
                events.text.push_str(text);
            }
            events.reasoning |= ["reasoning_content", "reasoning", "thinking"]
                .iter()
                .any(|name| delta.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()));
            events.tool_call |=
                delta.get("tool_calls").and_then(Value::as_array).is_some_and(|calls| !calls.is_empty());
        }
        if let Some(text) = choice.get("text").and_then(Value::as_str) {
            events.text.push_str(text);
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
        let bad = read("data: {\"error\":{\"message\":\"no\"}}\n\ndata: nonsense\n\n");
        assert!(bad.error.is_some() && bad.garbled == 1 && !bad.spoke() && !bad.done);
        assert!(read("error: {\"error\":{\"message\":\"old form\"}}\n").error.is_some());
        assert!(read("data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n").spoke());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(data: ?|: |error:|\\PC{0,20}|\n|\\{\"choices\":\\[)*") {
            let _ = read(&text);
        }
    }
}
