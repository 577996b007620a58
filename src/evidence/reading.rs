//! What an answer says, in whatever shape it says it: error object, page, list, completion or event stream.

use serde_json::Value;

use super::answer::{Answer, KEPT};
use super::events::{self, Events};
use super::haystack::Haystack;
use super::loose;
use super::page::page;
pub use super::reply::Reply;
use super::reply::{is_full, reply, reports_error};
use crate::connection::scrub::one_line;

/// Texts inside JSON are read as JSON this many levels deep.
const DEPTH: usize = 6;

/// An answer, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The body as JSON, if it is JSON.
    pub json: Option<Value>,
    /// Whether the body is a web page.
    pub html: bool,
    /// The page's title.
    pub title: Option<String>,
    /// Whether an error is reported, whatever the status.
    pub error: bool,
    /// What people are told, outermost first, each on one line.
    pub messages: Vec<String>,
    /// Error codes, in lower case.
    pub codes: Vec<String>,
    /// Error types, in lower case.
    pub types: Vec<String>,
    /// The parameter that the error names.
    pub param: Option<String>,
    /// Whether the body is only nearly JSON, so that clients cannot read it.
    pub loose: bool,
    /// What the model said, if the body is an answer of the model.
    pub reply: Option<Reply>,
    /// The body as an event stream.
    pub events: Option<Events>,
    /// Everything that is said, in lower case, for phrases to be looked up in.
    pub haystack: Haystack,
    /// The `owned_by` values of a list.
    pub owners: Vec<String>,
}

impl Reading {
    /// The server's own words in short, or nothing.
    pub fn message(&self) -> Option<&str> {
        self.messages.first().map(String::as_str)
    }

    /// The error code as a report shows it: the first that is not just the status again.
    pub fn code(&self, status: u16) -> Option<&str> {
        let plain = status.to_string();
        self.codes
            .iter()
            .chain(&self.types)
            .map(String::as_str)
            .find(|code| **code != plain && !matches!(*code, "error" | "none" | "null" | "ok" | "" | "list" | "model"))
    }
}

/// Reads an answer.
pub fn read(answer: &Answer) -> Reading {
    let mut reading = Reading::default();
    let body = answer.body.trim();
    let lower_type = answer.content_type().unwrap_or_default();
    if let Some(kind) = answer.header("x-amzn-errortype") {
        reading.types.push(kind.split(':').next().unwrap_or_default().to_ascii_lowercase());
    }
    if let Some(list) = &answer.list {
        reading.owners = list.owners.iter().map(|owner| owner.to_lowercase()).collect();
    }
    // What a server repeats of the request says nothing of the server.
    match without_echo(body) {
        Some(own) => reading.haystack.push(&own),
        None => reading.haystack.push(body),
    }
    if lower_type.contains("event-stream") && !body.starts_with(['{', '[', '<']) || events::looks_like_events(body) {
        let events = events::read(body);
        if let Some(error) = &events.error {
            reading.error = true;
            collect(error, &mut reading, 0);
        }
        for line in body.lines().filter_map(|line| line.strip_prefix("data:")).take(50) {
            if let Some(value) = loose::first_value(line) {
                leaves(&value, &mut reading, 0);
            }
        }
        reading.events = Some(events);
    } else if body.starts_with('<')
        || (!body.starts_with(['{', '[']) && (lower_type == "text/html" || lower_type == "application/xhtml+xml"))
    {
        page(body, &mut reading);
    } else if answer.list.is_some() && answer.bytes > KEPT {
        // Only the start of the list is there; all that it says was read before it was cut.
    } else if let Some(value) = loose::first_value(body) {
        reading.loose = serde_json::from_str::<serde::de::IgnoredAny>(body).is_err();
        object(value, answer, &mut reading);
    } else if !body.is_empty() && answer.list.is_none() {
        if let Some(value) = loose::inner_value(body) {
            collect(&value, &mut reading, 0);
            leaves(&value, &mut reading, 0);
            reading.error = true;
        }
        if reading.messages.is_empty() {
            reading.messages.push(one_line(body, 300));
        }
    }
    reading.messages.retain(|message| !message.is_empty());
    reading
}

/// A validation error without the `input` values that it quotes.
fn without_echo(body: &str) -> Option<String> {
    fn strip(value: &mut Value) {
        match value {
            Value::Array(rows) => rows.iter_mut().for_each(strip),
            Value::Object(fields) => {
                fields.remove("input");
                fields.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    if !(body.contains("\"input\"") && body.contains("\"loc\"")) {
        return None;
    }
    let mut value = loose::first_value(body)?;
    strip(&mut value);
    Some(value.to_string())
}

fn object(value: Value, answer: &Answer, reading: &mut Reading) {
    leaves(&value, reading, 0);
    reading.reply = reply(&value);
    reading.error = is_error(&value, answer);
    if reading.error || !answer.success() {
        collect(&value, reading, 0);
    }
    reading.json = Some(value);
}

/// Whether a JSON body reports an error by its own shape.
fn is_error(value: &Value, answer: &Answer) -> bool {
    match value {
        Value::Object(_) if answer.list.as_ref().is_some_and(|list| list.count > 0) => false,
        Value::Object(_) => reports_error(value),
        Value::Array(rows) => rows.first().is_some_and(|row| row.get("error").is_some_and(is_full)),
        Value::String(_) => !answer.success(),
        _ => false,
    }
}

/// Gathers what the error says, at every level where gateways wrap the errors of others.
fn collect(value: &Value, reading: &mut Reading, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match value {
        Value::Array(rows) => rows.iter().take(4).for_each(|row| collect(row, reading, depth + 1)),
        Value::String(text) => {
            say(text, reading);
            if let Some(inner) = loose::inner_value(text) {
                collect(&inner, reading, depth + 1);
            }
        }
        Value::Object(fields) => {
            if reading.param.is_none()
                && let Some(param) =
                    fields.get("param").and_then(Value::as_str).filter(|param| !matches!(*param, "" | "None" | "null"))
            {
                reading.param = Some(one_line(param, 80));
            }
            for name in [
                "error",
                "message",
                "Message",
                "msg",
                "detail",
                "error_msg",
                "status_msg",
                "errors",
                "raw",
                "title",
                "base_resp",
                "metadata",
                "innererror",
                "details",
                "data",
            ] {
                if let Some(inner) = fields.get(name) {
                    collect(inner, reading, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn say(text: &str, reading: &mut Reading) {
    let line = one_line(text, 300);
    if line.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && !reading.messages.contains(&line)
        && !line.starts_with("type.googleapis.com")
        && reading.messages.len() < 8
    {
        reading.messages.push(line);
    }
}

/// Puts every text of the value into the haystack and every code and type aside.
fn leaves(value: &Value, reading: &mut Reading, depth: usize) {
    if depth > DEPTH * 2 {
        return;
    }
    match value {
        Value::Array(rows) => rows.iter().take(500).for_each(|row| leaves(row, reading, depth + 1)),
        Value::Object(fields) => {
            for (name, inner) in fields.iter().filter(|(name, _)| *name != "input") {
                let text = match inner {
                    Value::String(text) => Some(one_line(text, 200).to_lowercase()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                if let Some(text) = text {
                    match name.as_str() {
                        "code" | "status" | "reason" | "status_code" | "http_code" | "error_code"
                            if reading.codes.len() < 32 =>
                        {
                            reading.codes.push(text);
                        }
                        "type" | "object" | "error_type" | "__type" if reading.types.len() < 32 => {
                            reading.types.push(text);
                        }
                        _ => {}
                    }
                }
                leaves(inner, reading, depth + 1);
            }
        }
        Value::String(text) => {
            reading.haystack.push(text);
            if text.contains(['{', '['])
                && let Some(inner) = loose::inner_value(text)
            {
                leaves(&inner, reading, depth + 2);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::scrub::Scrubber;

    fn reading(status: u16, kind: &str, body: &str) -> Reading {
        read(&Answer::capture(
            status,
            "",
            vec![("Content-Type".into(), kind.into())],
            body.as_bytes(),
            body.len(),
            &Scrubber::new(None, []),
        ))
    }

    #[test]
    fn a_large_picture_is_no_list() {
        let body = format!(r#"{{"created":1,"data":[{{"b64_json":"{}"}}]}}"#, "iVBO".repeat(100_000));
        assert_eq!(reading(200, "application/json", &body).reply, Some(Reply::Other("an image")));
    }

    #[test]
    fn finds_the_words_of_every_error_shape() {
        for body in [
            r#"{"error":{"message":"No such key","type":"t","code":"c"}}"#,
            r#"[{"error":{"code":400,"message":"No such key","status":"INVALID"}}]"#,
            r#"{"type":"error","error":{"type":"t","message":"No such key"}}"#,
            r#"{"detail":"No such key"}"#,
            r#"{"detail":[{"msg":"No such key","loc":["body"]}]}"#,
            r#"{"message":"No such key"}"#,
            r#"{"Message":"No such key"}"#,
            r#"{"error":"No such key"}"#,
            r#"{"object":"error","message":"No such key"}"#,
            r#"{"error_msg":"No such key"}"#,
            r#"{"error":{"message":"{\"detail\":\"No such key\"}"}}"#,
            r#""No such key""#,
            "No such key",
            "Error code: 401 - {'error': {'message': 'No such key', 'param': None}}",
            "data: {\"error\":{\"message\":\"No such key\"}}\n\n",
            r#"{"base_resp":{"status_code":1004,"status_msg":"No such key"}}"#,
        ] {
            let seen = reading(401, "application/json", body);
            assert!(seen.messages.iter().any(|message| message == "No such key"), "{body}: {:?}", seen.messages);
            assert!(seen.haystack.contains("no such key"), "{body}");
        }
    }

    #[test]
    fn an_error_may_hide_in_a_success() {
        for body in [
            r#"{"error":"x"}"#,
            r#"{"success":false,"message":"x"}"#,
            r#"{"base_resp":{"status_code":1008,"status_msg":"x"}}"#,
            "data: {\"error\":{\"message\":\"x\"}}\n",
        ] {
            assert!(reading(200, "application/json", body).error, "{body}");
        }
        for body in
            [r#"{"data":[{"id":"a"}],"success":true}"#, r#"{"choices":[{"message":{"content":"OK"}}],"error":null}"#]
        {
            assert!(!reading(200, "application/json", body).error, "{body}");
        }
    }

    #[test]
    fn hears_the_model() {
        let say = |message: &str| {
            reading(200, "application/json", &format!(r#"{{"choices":[{{"message":{message}}}]}}"#)).reply
        };
        assert_eq!(say(r#"{"content":"OK"}"#), Some(Reply::Text("OK".into())));
        assert_eq!(say(r#"{"content":[{"type":"text","text":"OK"}]}"#), Some(Reply::Text("OK".into())));
        assert_eq!(say(r#"{"content":null,"reasoning_content":"hm"}"#), Some(Reply::ReasoningOnly));
        assert_eq!(say(r#"{"content":null,"tool_calls":[{}]}"#), Some(Reply::ToolCall));
        assert_eq!(say(r#"{"content":""}"#), Some(Reply::Empty));
    }

    #[test]
    fn reads_pages() {
        let seen = reading(
            502,
            "text/html",
            "<html><head><title>502 Bad &amp; Gateway</title><script>var x='<b>'</script></head><body><h1>nginx</h1></body></html>",
        );
        assert_eq!(seen.title.as_deref(), Some("502 Bad & Gateway"));
        assert!(seen.html && !seen.haystack.as_str().split("502 bad").nth(1).is_some_and(str::is_empty));
    }

    proptest::proptest! {
        #[test]
        fn no_body_panics(status in 100u16..600, body in "\\PC{0,80}|[<>a-z/{}\\[\\]\":, \n]{0,80}") {
            let _ = reading(status, "text/html", &body);
            let _ = reading(status, "application/json", &body);
        }
    }
}
