//! What a chat shows: a reply, an error box and its text, a blank reply, or a cursor that blinks for ever.

use serde_json::Value;

use super::NO_CONNECTION;
use super::menu::{is_text, reads_json};
use super::python::{self, Ordered, has_half, truthy};
use crate::evidence::answer::Answer;
use crate::evidence::failure::{Kind, Stage};
use crate::knowledge::open_webui::Met;
use crate::knowledge::view::Sight;

/// What it says where an error has no text that it can find.
const NO_WORDS: &str = "Server connection failed";

/// What it says of a stream that broke off; how much was missing follows.
const CUT: &str = "Response payload is not completed…";

/// What a chat ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chat {
    /// The model is heard.
    Reply,
    /// A red box with this text.
    Error(String),
    /// Nothing can be asked, because there is no menu any more.
    NoMenu,
    /// A blank reply without any error.
    Empty,
    /// No end.
    Endless,
}

impl Chat {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Error(_) | Self::NoMenu => "error",
            Self::Empty => "empty",
            Self::Endless => "endless",
        }
    }

    pub(super) fn says(&self) -> Option<String> {
        match self {
            Self::Error(text) => Some(super::say::short(text)),
            _ => None,
        }
    }
}

/// What it shows of this, if what came is known well enough.
pub(super) fn of(met: Met<'_>) -> Option<Chat> {
    match met {
        Met::Unsent | Met::Lost => Some(Chat::Error(NO_CONNECTION.to_owned())),
        Met::Failed(sight) => broken(sight),
        Met::Answered(sight) => sight.answer().map(said),
    }
}

/// No answer came, or half of one. It waits for as long as it takes, only not for a connection.
fn broken(sight: Sight<'_>) -> Option<Chat> {
    let failure = sight.observation.failure.as_ref()?;
    let request = sight.observation.request.as_ref()?;
    let plain = request.url.trim_start().to_ascii_lowercase().starts_with("http:");
    let streaming = sight.answer().is_some_and(|answer| streams(answer) && answer.status < 400);
    let no_connection = Some(Chat::Error(NO_CONNECTION.to_owned()));
    match (failure.kind, failure.stage) {
        // The system gives up after two minutes, a handshake is given one.
        (_, Stage::Name | Stage::Connect | Stage::Tls) => no_connection,
        (Kind::Timeout | Kind::BodyTimeout | Kind::TooLarge, _) => Some(Chat::Endless),
        (_, Stage::Proxy) if failure.facts.contains_key("waited") => Some(Chat::Endless),
        // A page of the proxy itself, which it would show; the doctor did not keep it.
        (Kind::ProxyAuthRequired | Kind::ProxyRefused, _) if plain => None,
        _ if streaming => Some(Chat::Error(CUT.to_owned())),
        _ => no_connection,
    }
}

fn streams(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.contains("text/event-stream"))
}

fn said(answer: &Answer) -> Chat {
    if streams(answer) && answer.status < 400 {
        stream(answer)
    } else if !is_text(answer) {
        Chat::Error(NO_CONNECTION.to_owned())
    } else if answer.status >= 400 {
        refused(answer)
    } else {
        whole(answer)
    }
}

/// An error status: the first text that its own chain of fields leads to, else the body as it came.
fn refused(answer: &Answer) -> Chat {
    let body = answer.body.trim();
    let fallback = || format!("Provider returned HTTP {}", answer.status);
    let read = Ordered::read(body);
    let text = match read {
        None if streams(answer) => answer.body.clone(),
        None if body.is_empty() => fallback(),
        None => body.to_owned(),
        // What holds half of a character cannot be handed on either.
        Some(_) if reads_json(answer) && has_half(body) => NO_CONNECTION.to_owned(),
        // What is neither an object, a list nor a text cannot be handed on.
        Some(Ordered::Plain(Value::Number(_) | Value::Bool(_))) if reads_json(answer) => NO_CONNECTION.to_owned(),
        Some(Ordered::Plain(Value::Null)) if reads_json(answer) => fallback(),
        Some(Ordered::Plain(Value::String(text))) if text.trim().is_empty() => fallback(),
        Some(value) => {
            let mut inner = &value;
            let chain = ["error", "message", "detail"];
            while let Some(next) = chain.iter().find_map(|name| inner.field(name)).filter(|next| !next.is_null()) {
                inner = next;
            }
            inner.printed()
        }
    };
    Chat::Error(text)
}

/// An answer in one piece: only a completion is shown, and only its text.
fn whole(answer: &Answer) -> Chat {
    let read = reads_json(answer).then(|| python::json::<Value>(&answer.body)).flatten();
    let value = match read {
        // A list of one is taken for what is in it.
        Some(Value::Array(mut rows)) if rows.len() == 1 => rows.remove(0),
        Some(value) => value,
        None => return Chat::Empty,
    };
    let Value::Object(fields) = &value else { return Chat::Empty };
    let first = value.pointer("/choices/0");
    let text = first.and_then(|choice| choice.pointer("/message/content")).is_some_and(truthy)
        || first.is_some() && value.get("output").is_some_and(truthy);
    match fields.get("error") {
        // An answer beside it brings the error once more, in another way.
        Some(error) if text && truthy(error) => return Chat::Error(words(error)),
        Some(Value::Object(error)) => match error.get("detail") {
            None | Some(Value::Object(_)) => return Chat::Error(NO_WORDS.to_owned()),
            Some(Value::String(detail)) => return Chat::Error(detail.clone()),
            Some(_) => {}
        },
        Some(_) => {
            let printed = Ordered::read(&answer.body).and_then(|body| body.field("error").map(Ordered::printed));
            return Chat::Error(printed.unwrap_or_default());
        }
        None => {}
    }
    // The doctor's own limit may have cut it short; Open WebUI sets none.
    if text || first.is_some_and(cut_short) { Chat::Reply } else { Chat::Empty }
}

fn cut_short(choice: &Value) -> bool {
    choice.get("finish_reason").is_some_and(|reason| reason == "length")
}

/// A stream: line by line, and what is no event is passed over.
fn stream(answer: &Answer) -> Chat {
    let mut heard = false;
    let mut error = None;
    for line in answer.body.split('\n') {
        let Some(data) = line.strip_prefix("data:") else {
            let told = python::json::<Value>(line).and_then(|value| value.get("error").cloned());
            error = told.filter(truthy).map(|told| words(&told)).or(error);
            continue;
        };
        let Some(event) = python::json::<Value>(data.trim()).filter(Value::is_object) else { continue };
        // A type that is no text raises an error, and the event is passed over.
        let Some(kind) = event.get("type").map_or(Some(""), Value::as_str) else { continue };
        let told = event.get("error").filter(|told| truthy(told));
        let choice = event.get("choices").and_then(|choices| choices.get(0));
        match choice {
            _ if kind == "error" => error = Some(words(&event)),
            _ if kind == "response.failed" => {
                let told = event.pointer("/response/error").filter(|told| truthy(told));
                error = told.map(words).or(error);
            }
            _ if kind.starts_with("response.") => heard |= kind.ends_with("_text.delta"),
            // So do counts that are none.
            _ if !counts(&event) => {}
            None => error = told.map(words).or(error),
            Some(choice) => {
                heard |= speaks(choice);
                let silent = choice.get("delta").is_none_or(|delta| !truthy(delta));
                error = told.filter(|_| silent).map(words).or(error);
            }
        }
    }
    match error {
        Some(text) => Chat::Error(text),
        None if heard => Chat::Reply,
        None => Chat::Empty,
    }
}

/// Whether an event's counts can be added up: each an object, the first may also be empty in any way.
fn counts(event: &Value) -> bool {
    event.get("usage").is_none_or(|usage| usage.is_object() || !truthy(usage))
        && event.get("timings").is_none_or(Value::is_object)
}

/// Whether a choice of an event brings text, thinking or a tool call that can be told from others.
fn speaks(choice: &Value) -> bool {
    let text = |value: &Value| truthy(value) && value.as_str().is_none_or(|text| !text.trim().is_empty());
    let Some(delta) = choice.get("delta") else {
        return choice.pointer("/message/content").is_some_and(text);
    };
    let thinks = ["reasoning_content", "reasoning", "thinking"];
    delta.get("content").is_some_and(text)
        || thinks.iter().find_map(|name| delta.get(name).filter(|value| truthy(value))).is_some_and(text)
        || delta
            .get("tool_calls")
            .and_then(Value::as_array)
            .is_some_and(|calls| calls.iter().any(|call| call.get("index").is_some_and(|index| !index.is_null())))
        || cut_short(choice)
}

/// The text that its page finds in an error of a stream.
fn words(error: &Value) -> String {
    let paths = [
        "/detail/error/message",
        "/detail/message",
        "/detail/content",
        "/detail/error",
        "/detail",
        "/error/message",
        "/error/content",
        "/error",
        "/message",
        "/content",
        "",
    ];
    let found = || paths.iter().find_map(|path| error.pointer(path).and_then(Value::as_str));
    if error.is_array() { NO_WORDS.to_owned() } else { found().unwrap_or(NO_WORDS).to_owned() }
}
