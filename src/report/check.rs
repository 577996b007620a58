//! One check as a report shows it.

use super::words::request_id;
use super::{AnswerReport, CheckReport, RequestReport};
use crate::connection::scrub::one_line;
use crate::diagnose::Severity;
use crate::evidence::SAME_REQUEST;
use crate::evidence::list::Shape;
use crate::knowledge::view::{Sight, View};

/// A follow-up that found nothing is no check of its own; it stands in the evidence.
pub(super) fn hidden(sight: Sight<'_>) -> bool {
    let helper =
        !matches!(sight.check(), "models" | "chat" | "stream" | "tools" | "embeddings" | "responses" | "messages")
            || sight.check() != sight.observation.check;
    helper && !sight.observation.ran()
}

/// `judged` tells of a finding about this check, although it brought an answer.
pub(super) fn check(view: &View, sight: Sight<'_>, judged: Option<Severity>) -> CheckReport {
    let observation = sight.observation;
    let speaks = view.talk().is_some_and(|talk| talk.healthy());
    let followed =
        observation.check == "chat" && view.count("chat-again") > 0 && view.chat().is_some_and(|chat| chat.healthy())
            || observation.check == "responses" && view.count("responses-again") > 0 && speaks;
    // A list that the client never asks for is no fault.
    let unneeded = observation.check == "models" && speaks && !sight.healthy() && !view.client.needs("models");
    let shared = observation.skipped.as_deref() == Some(SAME_REQUEST);
    let status = if shared {
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
        summary: if unneeded { format!("{}; {}", summary(sight), unasked(view)) } else { summary(sight) },
        skipped_because: observation.skipped.clone().filter(|_| !shared).or_else(|| unneeded.then(|| unasked(view))),
        request: observation.request.as_ref().map(|request| RequestReport {
            method: request.method.clone(),
            url: request.url.clone(),
            bytes: request.bytes,
            at: request.at.clone(),
        }),
        answer: observation.answer.as_ref().map(|answer| AnswerReport {
            status: answer.status,
            version: answer.version.clone(),
            request_id: request_id(view, answer),
            content_type: answer.content_type(),
            retry_after: answer.header("retry-after").map(|value| one_line(value, 80)),
            bytes: answer.bytes,
            excerpt: one_line(&answer.body, 300),
        }),
        failure: observation.failure.clone(),
        timing_ms: observation.timing,
    }
}

/// Why a list that is not there does no harm.
fn unasked(view: &View) -> String {
    format!("{} does not need the list", view.client.name)
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
