//! One check as a report shows it.

use serde::Serialize;

use super::words::request_id;
use crate::connection::scrub::one_line;
use crate::diagnose::Severity;
use crate::diagnose::abilities::{self, Outcome, Turned};
use crate::evidence::answer::Answer;
use crate::evidence::failure::Failure;
use crate::evidence::list::Shape;
use crate::evidence::{SAME_REQUEST, Timing};
use crate::knowledge::view::{Sight, View};

/// An answer in short.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct AnswerReport {
    /// HTTP status.
    pub status: u16,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// The error code or type that the server gave.
    pub error_code: Option<String>,
    /// The request ID that support asks for.
    pub request_id: Option<String>,
    /// The media type.
    pub content_type: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The body's size in bytes.
    pub bytes: usize,
    /// The start of what the server said, on one line.
    pub excerpt: String,
}

/// The request of a check.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct RequestReport {
    /// `GET` or `POST`.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The body's size in bytes.
    pub bytes: usize,
    /// When it was sent (UTC).
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
}

/// One check.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct CheckReport {
    /// Its name, such as `models` or `chat`; the doctor's own follow-ups and trials have names as well.
    #[schemars(extend("pattern" = "^[a-z]+(-[a-z]+)*$"))]
    pub id: String,
    /// A statement that comes true when it passes.
    pub title: String,
    /// `pass`, `warn`, `fail` or `skip`.
    #[schemars(extend("enum" = ["pass", "warn", "fail", "skip"]))]
    pub status: &'static str,
    /// What happened, in a few words.
    pub summary: String,
    /// Why it was skipped.
    pub skipped_because: Option<String>,
    /// What was sent.
    pub request: Option<RequestReport>,
    /// What came back.
    pub answer: Option<AnswerReport>,
    /// Why nothing complete came back.
    pub failure: Option<Failure>,
    /// How long it took.
    pub timing_ms: Timing,
    /// Its place in [`Evidence::observations`](crate::evidence::Evidence::observations).
    #[serde(skip)]
    pub(crate) index: usize,
}

/// A follow-up that found nothing is no check of its own; it stands in the evidence.
/// Nor is each of the requests that show one ability.
pub(super) fn hidden(sight: Sight<'_>, outcomes: &[Outcome]) -> bool {
    if let Some(outcome) = outcomes.iter().find(|outcome| outcome.ability.id == sight.check()) {
        return outcome.index != sight.index();
    }
    let helper =
        !matches!(sight.check(), "models" | "chat" | "stream" | "tools") || sight.check() != sight.observation.check;
    helper && !sight.observation.ran()
}

/// `judged` tells of a finding about this check, although it brought an answer.
pub(super) fn check(view: &View, sight: Sight<'_>, judged: Option<Severity>, outcomes: &[Outcome]) -> CheckReport {
    let observation = sight.observation;
    let speaks = view.talk().is_some_and(|talk| talk.healthy());
    let followed =
        observation.check == "chat" && view.count("chat-again") > 0 && view.chat().is_some_and(|chat| chat.healthy())
            || observation.check == "responses" && view.count("responses-again") > 0 && speaks;
    // A list that the client never asks for is no fault.
    let unneeded = observation.check == "models" && speaks && !sight.healthy() && !view.client.needs("models");
    let shared = observation.skipped.as_deref() == Some(SAME_REQUEST);
    let outcome = outcomes.iter().find(|outcome| outcome.index == sight.index());
    let status = if let Some(outcome) = outcome {
        status(view, outcome)
    } else if shared {
        "pass"
    } else if observation.skipped.is_some() || unneeded {
        "skip"
    } else if sight.healthy() && observation.failure.is_none() {
        match judged {
            Some(Severity::Error) => "fail",
            Some(Severity::Warning) => "warn",
            _ => "pass",
        }
    } else if followed || speaks && (observation.check == "models" || !view.client.needs(sight.check())) {
        "warn"
    } else {
        "fail"
    };
    CheckReport {
        id: observation.check.clone(),
        title: crate::knowledge::titles::title(&observation.check).to_owned(),
        status,
        summary: match outcome {
            Some(outcome) => outcome.detail.clone(),
            None if unneeded => format!("{}; {}", summary(sight), unasked(view)),
            None => summary(sight),
        },
        skipped_because: match outcome {
            Some(outcome) => Some(outcome.detail.clone()).filter(|_| status == "skip"),
            None => observation.skipped.clone().filter(|_| !shared).or_else(|| unneeded.then(|| unasked(view))),
        },
        request: observation.request.as_ref().map(|request| RequestReport {
            method: request.method.clone(),
            url: request.url.clone(),
            bytes: request.bytes,
            at: request.at.clone(),
        }),
        answer: observation.answer.as_ref().map(|answer| AnswerReport {
            status: answer.status,
            version: answer.version.clone(),
            error_code: error_code(sight, answer),
            request_id: request_id(view, answer),
            content_type: answer.content_type(),
            retry_after: answer.header("retry-after").map(|value| one_line(value, 80)),
            bytes: answer.bytes,
            excerpt: one_line(&answer.body, 300),
        }),
        failure: observation.failure.clone(),
        timing_ms: observation.timing,
        index: sight.index(),
    }
}

/// What the client does not need is no fault, whether it is there or not.
fn status(view: &View, outcome: &Outcome) -> &'static str {
    match outcome.turned {
        Turned::Works => "pass",
        Turned::NotTested if view.of_check(outcome.ability.id).is_none() => "skip",
        Turned::Refused if outcome.ability.path == "/chat/completions" => "warn",
        Turned::NotThere | Turned::NotTested | Turned::Refused if abilities::judged(view, outcome.ability.id) => "fail",
        Turned::Refused => "warn",
        Turned::NotThere | Turned::NotTested => "skip",
    }
}

/// Why a list that is not there does no harm.
fn unasked(view: &View) -> String {
    format!("{} does not need the list", view.client.name)
}

/// The error code as the server wrote it.
fn error_code(sight: Sight<'_>, answer: &Answer) -> Option<String> {
    let code = sight.reading().filter(|_| !sight.healthy())?.code(answer.status)?;
    let at = answer.body.to_ascii_lowercase().find(code);
    let written = at.and_then(|at| answer.body.get(at..at + code.len()));
    Some(one_line(written.unwrap_or(code), 80))
}

fn summary(sight: Sight<'_>) -> String {
    if let Some(because) = &sight.observation.skipped {
        return because.clone();
    }
    let time = sight.observation.timing.total.map_or_else(String::new, crate::evidence::span);
    if let Some(failure) = &sight.observation.failure {
        return match sight.status() {
            Some(status) => format!("{status}, then {}", one_line(&failure.detail, 100)),
            None => one_line(&failure.detail, 120),
        };
    }
    let Some(status) = sight.status() else { return String::new() };
    if let Some(list) = sight
        .answer()
        .filter(|answer| answer.success() && sight.check() == "models")
        .and_then(|answer| answer.list.as_ref())
    {
        match (list.shape, &list.oddity) {
            (Shape::Empty, None) => return format!("{status}, but the list is empty"),
            (Shape::Empty | Shape::Malformed, Some(oddity)) => return format!("{status}, but {oddity}"),
            _ => {}
        }
    }
    if sight.healthy() {
        return match sight.list() {
            Some(list) if list.count == 1 => format!("1 model, {time}"),
            Some(list) => format!("{} models, {time}", list.count),
            None => match sight.observation.request.as_ref().and_then(|request| request.variant.as_deref()) {
                Some(variant) => format!("with {variant}, {time}"),
                None => time,
            },
        };
    }
    let said = sight
        .reading()
        .and_then(|reading| reading.message())
        .map(|said| format!(": {}", one_line(said, 120)))
        .unwrap_or_default();
    format!("{status}{said}")
}
