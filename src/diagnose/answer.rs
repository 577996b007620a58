//! What an answer says, refined by everything else that is known.

use super::{Finding, abilities, healthy, key, model, network, path};
use crate::cause::Cause;
use crate::evidence::Origin;
use crate::evidence::list::{self, Shape};
use crate::evidence::reading::Reply;
use crate::knowledge::ability;
use crate::knowledge::view::{Sight, View};

/// The endpoint where the client lets the model speak, at the root as given.
pub(super) fn chat_said(view: &View) -> Option<Vec<Finding>> {
    let talk = view.talk()?;
    said(view, talk).map(|finding| vec![finding])
}

/// The list, where there is no chat to tell more.
pub(super) fn list_said(view: &View) -> Option<Vec<Finding>> {
    let list = view.of_check("models")?;
    said(view, list).map(|finding| vec![finding])
}

/// Any other check that was asked.
pub(super) fn other_said(view: &View) -> Option<Vec<Finding>> {
    let asked = |sight: &Sight<'_>| {
        (matches!(sight.check(), "stream" | "tools") || abilities::is_endpoint(sight.check()))
            && sight.observation.ran()
            && sight.is_last()
    };
    let mut found: Vec<Finding> = view.all().filter(asked).filter_map(|sight| said(view, sight)).collect();
    found.extend(abilities::findings(view));
    (!found.is_empty()).then_some(found)
}

/// What one answer means here; `None` if it is healthy.
pub(super) fn said(view: &View, sight: Sight<'_>) -> Option<Finding> {
    if let Some(failure) = &sight.observation.failure {
        return Some(network::finding(view, sight, failure));
    }
    if (sight.check() == "stream" && view.evidence.origin.elsewhere() || sight.check() == "stream" && sight.healthy())
        && let Some(finding) = healthy::stream_fault(sight)
    {
        return Some(finding);
    }
    if sight.healthy() {
        return None;
    }
    let Some(signal) = sight.cause() else { return unusable(view, sight) };
    let cause = refine(view, signal, sight);
    let mut finding = match cause {
        Cause::KeyRejected | Cause::KeyMissing | Cause::KeyWrongHeader | Cause::KeyRestricted | Cause::Forbidden => {
            key::refused(view, cause, sight)
        }
        Cause::ModelNotFound
        | Cause::ModelRetired
        | Cause::ModelWrongType
        | Cause::ModelNotAllowed
        | Cause::NoRoute
        | Cause::DeploymentNotFound => model::unknown(view, cause, sight),
        Cause::EndpointNotFound if sight.check() == view.client.speaks_at() => only_api(view, sight),
        cause => Finding::at(cause, sight),
    };
    if let Some(other) = other_evidence(view, sight) {
        finding = finding.and(other);
    }
    if cause == Cause::ServerError && !view.has_key() && view.evidence.origin == Origin::Examined {
        finding = finding.and("no key was sent: some servers fail this way when they get none");
    }
    if finding.cause == Cause::EndpointNotFound
        && let Some(ability) = ability::by_id(sight.check())
    {
        finding = finding.with("without", ability.without(view.client));
    }
    if let Some(param) = sight.reading().and_then(|reading| reading.param.clone()) {
        finding = finding.with("parameter", param);
    }
    if finding.cause == Cause::KeyWrongHeader
        && sight
            .answer()
            .and_then(|answer| answer.header("www-authenticate"))
            .is_some_and(|wanted| wanted.to_ascii_lowercase().starts_with("basic"))
    {
        finding = finding.with("login_wanted", "a user name and a password");
    }
    if finding.cause == Cause::Redirected
        && let Some(location) = sight.answer().and_then(|answer| answer.header("location"))
    {
        finding = finding.with("location", location);
        finding.evidence.extend(network::redirect_remark(sight, location));
        finding = finding.suggest(path::suggestion(view).filter(|suggestion| suggestion.worked));
    }
    if matches!(finding.cause, Cause::NotAnApi | Cause::BlockedByFirewall)
        && let Some(title) = sight.reading().and_then(|reading| reading.title.clone())
    {
        finding = finding.with("title_seen", title);
    }
    if finding.cause == Cause::HttpOnHttpsPort {
        finding = finding.suggest(path::suggestion(view));
    }
    Some(finding)
}

/// The server does not have the only API that the client speaks: nothing that is entered there changes that.
pub(super) fn only_api(view: &View, sight: Sight<'_>) -> Finding {
    let finding = Finding::at(Cause::EndpointNotFound, sight);
    match view.client.speaks_at() {
        "responses" => finding.with("only_api", "the Responses API"),
        "messages" => finding.with("only_api", "Anthropic's Messages API"),
        _ => finding,
    }
}

/// A signal of one answer with the facts beside it.
fn refine(view: &View, signal: Cause, sight: Sight<'_>) -> Cause {
    let listed = view.of_check("models").is_some_and(|list| list.healthy());
    let optional = sight.check() != view.client.speaks_at()
        && (matches!(sight.check(), "tools" | "stream") || ability::by_id(sight.check()).is_some());
    match signal {
        // The list is there, so the root is right and only this path is not.
        Cause::NotAnApi if listed && sight.answer().is_some_and(super::super::evidence::answer::Answer::success) => {
            Cause::ResponseNotJson
        }
        Cause::NotAnApi if listed || optional => Cause::EndpointNotFound,
        Cause::ModelNotFound | Cause::NoRoute | Cause::RequestRejected | Cause::ServerError
            if view.model().is_none() && view.evidence.origin != Origin::Pasted && sight.check() != "models" =>
        {
            Cause::ModelMissing
        }
        Cause::EndpointNotFound if !optional => path::azure(view).unwrap_or(signal),
        Cause::Redirected if view.address.facts.problem(Cause::UrlTrailingSlash).is_some() => Cause::UrlTrailingSlash,
        Cause::EndpointNotFound
            if sight.check() == "models" && view.evidence.origin.elsewhere() && view.address.right =>
        {
            Cause::ModelsEndpointMissing
        }
        signal => signal,
    }
}

/// What the list says beside a failed chat, where that helps to believe the verdict.
fn other_evidence(view: &View, sight: Sight<'_>) -> Option<String> {
    if sight.check() == "models" {
        return None;
    }
    let list = view.of_check("models")?;
    Some(match list.list() {
        Some(models) if list.healthy() => format!("{}, with {}", super::describe(list), list::models(models.count)),
        _ => super::describe(list),
    })
}

/// An answer without an error that no client can use.
fn unusable(view: &View, sight: Sight<'_>) -> Option<Finding> {
    let (answer, reading) = (sight.answer()?, sight.reading()?);
    if sight.check() == "models" {
        return model::odd_list(sight);
    }
    if !answer.success() {
        return None;
    }
    let cause = if answer.body.trim().is_empty() {
        Cause::ResponseEmpty
    } else if reading.error {
        Cause::ErrorInSuccess
    } else if reading.html {
        if view.of_check("models").is_some_and(|list| list.healthy()) {
            Cause::ResponseNotJson
        } else {
            Cause::NotAnApi
        }
    } else if let Some(events) = &reading.events {
        if events.spoke() {
            return None;
        }
        if events.chunks == 0 && events.garbled > 0 { Cause::StreamMalformed } else { Cause::ResponseEmpty }
    } else if reading.reply == Some(Reply::Empty) {
        let filtered = reading
            .json
            .as_ref()
            .and_then(|json| json.pointer("/choices/0/finish_reason"))
            .is_some_and(|reason| reason == "content_filter");
        if filtered { Cause::ContentBlocked } else { Cause::ResponseEmpty }
    } else if reading.json.is_some() && !reading.loose {
        Cause::ResponseMalformed
    } else {
        Cause::ResponseNotJson
    };
    let mut finding = Finding::at(cause, sight);
    if answer.list.as_ref().is_some_and(|list| list.shape == Shape::Standard) {
        finding = finding.and("it answered with a list of models instead");
    }
    if let Some(other) = other_evidence(view, sight) {
        finding = finding.and(other);
    }
    Some(finding)
}

/// No rule spoke.
pub(super) fn unexplained(view: &View) -> Option<Vec<Finding>> {
    let sight = view.all().filter(|sight| sight.observation.ran()).last()?;
    let mut finding = Finding::at(Cause::Unexplained, sight);
    for other in
        view.all().filter(|other| other.observation.ran() && !std::ptr::eq(other.observation, sight.observation))
    {
        finding = finding.and(super::describe(other));
    }
    Some(vec![finding])
}
