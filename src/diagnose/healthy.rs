//! The model answered: all is well, or well enough with something to know.

use super::{Finding, Severity, Suggestion, abilities, answer, model, network, place};
use crate::cause::{Cause, Gravity};
use crate::evidence::answer::Answer;
use crate::evidence::failure::Kind;
use crate::evidence::list::Shape;
use crate::evidence::{KeySent, Origin, Request};
use crate::knowledge::advice::Values;
use crate::knowledge::streaming;
use crate::knowledge::view::{Sight, View};

/// The model answered at the root as given.
pub(super) fn answered(view: &View) -> Option<Vec<Finding>> {
    let told = view.evidence.origin.elsewhere();
    let talk = view.talk().filter(Sight::healthy);
    let proof = match talk {
        Some(talk) => talk,
        // Somebody else's answer can only be judged by itself.
        None if told => view.all().find(|sight| sight.observation.answer.is_some() && sight.healthy())?,
        None => return None,
    };
    let mut findings = Vec::new();
    let others = view.all().filter(|sight| {
        (matches!(sight.check(), "stream" | "tools") || abilities::is_judged_endpoint(view, sight.check()))
            && sight.check() != view.client.speaks_at()
            && sight.observation.ran()
    });
    // Where the client lets the model speak otherwise, chat is only one check more.
    let (own, chat) = if view.client.speaks_at() == "chat" { (None, None) } else { (talk, view.chat()) };
    for sight in own.into_iter().chain(chat).chain(others) {
        findings.extend(beside(view, sight));
    }
    findings.extend(abilities::findings(view));
    findings.extend(list_warnings(view));
    findings.extend(refused_parameters(view));
    findings.extend(text_warnings(view));
    findings.extend(place::unheard(view));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    // What the client does not need is worth a note, and no more.
    if findings.iter().all(|finding| finding.severity == Severity::None) {
        let mut fine = Finding::at(Cause::Ok, proof);
        fine.severity = Severity::None;
        fine.evidence = vec![heard(view, proof)];
        findings.insert(0, fine);
        return Some(findings);
    }
    if let Some(main) = findings.first_mut()
        && main.severity == Severity::Warning
    {
        main.evidence.push(heard(view, proof));
    }
    Some(findings)
}

/// The model, heard at the end of a redirect that the client follows with the same request.
pub(super) fn at_the_end(view: &View) -> Option<Sight<'_>> {
    view.everything().find(|sight| {
        let with_key = |request: &Request| request.key == KeySent::Own || !view.has_key();
        let chat = |request: &Request| request.method == "POST" && with_key(request);
        sight.observation.check == "followed" && sight.observation.request.as_ref().is_some_and(chat) && sight.healthy()
    })
}

/// What the answer that proves it showed.
pub(super) fn heard(view: &View, proof: Sight<'_>) -> String {
    let time = proof
        .observation
        .timing
        .total
        .map_or_else(String::new, |total| format!(" in {}", crate::evidence::span(total)));
    if let Some(words) = abilities::heard_in(view, proof) {
        return words;
    }
    match proof.check() {
        "models" => proof.list().map_or_else(String::new, |list| {
            if list.count == 1 { "1 model was listed".to_owned() } else { format!("{} models were listed", list.count) }
        }),
        _ => format!("{} answered{time}", view.model().unwrap_or("the model")),
    }
}

/// A check beside the chat that did not go well.
fn beside(view: &View, sight: Sight<'_>) -> Option<Finding> {
    let streamed =
        sight.check() == "stream" || sight.observation.request.as_ref().is_some_and(|request| request.streamed);
    // The same without tools tells whose fault it is.
    let plain = view.of_check("stream").filter(|_| sight.check() == "tools" && streamed);
    if plain.is_some_and(|plain| !plain.healthy() || streaming::fault(plain).is_some()) {
        return None;
    }
    // What was asked for by name counts as much as what the client lives by.
    let needed = view.client.needs(sight.check()) || abilities::judged(view, sight.check());
    if sight.healthy() && sight.observation.failure.is_none() {
        let fault = stream_fault(sight).filter(|_| streamed)?;
        let severity = match (needed, view.client.strict_stream) {
            (true, true) => Severity::Error,
            (true, false) => Severity::Warning,
            (false, _) => Severity::None,
        };
        return Some(Finding { severity, ..fault });
    }
    if let Some(failure) = &sight.observation.failure {
        let finding = network::finding(view, sight, failure);
        return Some(if needed { finding } else { Finding { severity: Severity::None, ..finding } });
    }
    let mut finding = answer::said(view, sight)?;
    if sight.check() == "stream"
        && matches!(finding.cause, Cause::RateLimited | Cause::ConcurrencyLimited | Cause::Overloaded)
    {
        // The chat just before may have used up the limit: what worked once is not broken.
        finding.severity = Severity::Warning;
    }
    let names_tools = sight
        .reading()
        .is_some_and(|reading| reading.haystack.contains("tool") || reading.haystack.contains("function"));
    if sight.check() == "tools"
        && names_tools
        && matches!(finding.cause, Cause::UnsupportedParameter | Cause::RequestRejected | Cause::EndpointNotFound)
        && !sight.reading().is_some_and(|reading| reading.haystack.contains("reasoning_content"))
    {
        finding.cause = Cause::ToolsUnsupported;
    }
    if !needed {
        finding.severity = Severity::None;
    } else if finding.cause.gravity() == Gravity::Warning {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

/// The fault of a stream that brought something.
pub(super) fn stream_fault(sight: Sight<'_>) -> Option<Finding> {
    let (cause, what) = streaming::fault(sight)?;
    Some(Finding::at(cause, sight).and(what).warning())
}

/// The list is absent, odd, long or slow, although the model answers.
fn list_warnings(view: &View) -> Vec<Finding> {
    // Whose client never asks for the list is not troubled by one that is missing, odd, long or slow.
    let asks = view.client.needs("models") && !view.evidence.target.models_by_hand;
    let Some(list) = view.of_check("models").filter(|_| asks) else { return Vec::new() };
    let mut found = Vec::new();
    let Some(models) = list.list().filter(|models| models.shape == Shape::Standard && list.healthy()) else {
        let odd = model::odd_list(list)
            .filter(|finding| matches!(finding.cause, Cause::ModelsEmpty | Cause::ModelsMalformed));
        let hung = list
            .observation
            .failure
            .as_ref()
            .is_some_and(|failure| matches!(failure.kind, Kind::Timeout | Kind::BodyTimeout));
        let finding = odd
            .unwrap_or_else(|| Finding::at(if hung { Cause::ModelsSlow } else { Cause::ModelsEndpointMissing }, list));
        let problem =
            list.status().map_or_else(|| "no answer came".to_owned(), |status| format!("it answered {status}"));
        return vec![finding.with("list_problem", problem).warning()];
    };
    let kind = list.answer().and_then(Answer::content_type);
    if view.evidence.origin == Origin::Examined && !kind.as_deref().is_some_and(|kind| kind.contains("json")) {
        let kind = kind.unwrap_or_else(|| "nothing in particular".into());
        found.push(
            Finding::at(Cause::ModelsMalformed, list)
                .and(format!("the list is sent as {kind}; {} reads it only as application/json", view.client.name))
                .warning(),
        );
    }
    if models.count > model::TOO_MANY {
        found.push(
            Finding::at(Cause::ModelsTooMany, list)
                .and(format!("the list has {} models", models.count))
                .with("model_count", models.count.to_string())
                .warning(),
        );
    }
    let single =
        models.count == 1 && view.software.iter().any(|system| matches!(system.id, "llama-cpp" | "llama-cpp-python"));
    if let Some(wanted) = view.model()
        && !listed(models, wanted)
        // A server of one model takes any name for it.
        && !single
        && view.evidence.origin.elsewhere()
    {
        found.push(Finding { severity: Severity::Error, ..model::unknown(view, Cause::ModelNotFound, list) });
    } else if let Some(wanted) = view.model()
        && view.chat().is_some_and(|chat| chat.healthy())
        && !listed(models, wanted)
        && !single
    {
        found.push(
            Finding::at(Cause::ModelNotInList, list)
                .and(format!("{wanted} answers, but is not among the {} of the list", models.count))
                .with("model_count", models.count.to_string())
                .warning(),
        );
    }
    if let Some(total) = list.observation.timing.total.filter(|total| *total > model::TOO_SLOW_MS) {
        found.push(
            Finding::at(Cause::ModelsSlow, list)
                .and(format!("the list took {:.0} s", total / 1000.0))
                .with("waited", format!("{:.0} s", total / 1000.0))
                .warning(),
        );
    }
    found
}

/// Ollama takes `name` for `name:latest`, Docker's runner a short name.
fn listed(models: &crate::evidence::list::ModelList, wanted: &str) -> bool {
    models.has(wanted)
        || models.entries.iter().any(|entry| {
            entry.id == format!("{wanted}:latest")
                || entry.id.ends_with(&format!("/{wanted}"))
                || entry.id.ends_with(&format!("/{wanted}:latest"))
        })
}

/// A parameter of the probe was refused; a client that sends it must be set otherwise.
fn refused_parameters(view: &View) -> Vec<Finding> {
    let Some(works) = view.chat() else { return Vec::new() };
    let Some(variant) = works.observation.request.as_ref().and_then(|request| request.variant.clone()) else {
        return Vec::new();
    };
    let Some(first) = view.of_check("chat").filter(|first| first.answer().is_some_and(|answer| !answer.success()))
    else {
        return Vec::new();
    };
    let finding = match variant.as_str() {
        "stream" => Finding::at(Cause::UnsupportedParameter, first).with("streaming_only", "only with streaming"),
        "max_completion_tokens" => parameter(first, "max_tokens", Some("max_completion_tokens")),
        "max_tokens" => parameter(first, "max_completion_tokens", Some("max_tokens")),
        "no limit" => parameter(first, "max_tokens", None),
        _ => return Vec::new(),
    };
    vec![finding.warning()]
}

fn parameter(sight: Sight<'_>, refused: &str, instead: Option<&str>) -> Finding {
    let finding = Finding::at(Cause::UnsupportedParameter, sight).with("parameter", refused);
    match instead {
        Some(other) => finding.with("other_parameter", other).suggest(Some(Suggestion {
            field: "parameter",
            value: other.to_owned(),
            tried: true,
            worked: true,
            proof: None,
        })),
        None => finding,
    }
}

/// What the text of the URL shows that does not keep it from working.
pub(super) fn text_warnings(view: &View) -> Vec<Finding> {
    let soft = [Cause::UrlInsecure, Cause::UrlWildcardAddress, Cause::UrlTrailingSlash];
    let facts = &view.address.facts;
    soft.into_iter()
        .filter_map(|cause| facts.problem(cause))
        .filter(|problem| problem.cause != Cause::UrlTrailingSlash || view.talk().is_some_and(|talk| talk.healthy()))
        .map(|problem| {
            let part = facts.shown.get(problem.span.clone()).unwrap_or_default();
            let values = Values::from([("wrong_part", part.to_owned())]);
            let suggestion = soft_suggestion(view, problem.cause);
            Finding { values, ..Finding::textual(problem.cause, "url", problem.label.clone()) }
                .warning()
                .suggest(suggestion)
        })
        .collect()
}

/// The better value for a URL that works all the same.
fn soft_suggestion(view: &View, cause: Cause) -> Option<Suggestion> {
    let facts = &view.address.facts;
    match cause {
        Cause::UrlInsecure => super::path::suggestion(view)
            .filter(|suggestion| suggestion.worked && suggestion.value.starts_with("https://")),
        Cause::UrlWildcardAddress => {
            let value = facts.corrected.as_ref()?.replace("://0.0.0.0", "://127.0.0.1").replace("://[::]", "://[::1]");
            Some(Suggestion { field: "base_url", value, tried: false, worked: false, proof: None })
        }
        _ => facts.corrected.clone().map(|value| Suggestion {
            field: "base_url",
            value,
            tried: false,
            worked: false,
            proof: None,
        }),
    }
}

/// Everything that was asked works, but chat was not asked.
pub(super) fn not_heard(view: &View) -> Option<Vec<Finding>> {
    let mut ran = view.all().filter(|sight| sight.observation.ran() && sight.is_last());
    let first = ran.next()?;
    if !first.healthy() || ran.any(|sight| !sight.healthy()) || view.talk().is_some() {
        return None;
    }
    let mut fine = Finding::at(Cause::Ok, first);
    fine.severity = Severity::None;
    fine.evidence = vec![heard(view, first)];
    if let Some(words) = abilities::apart(view, first) {
        fine = fine.with("apart", words);
    }
    let mut findings = list_warnings(view);
    findings.insert(0, fine);
    Some(findings)
}
