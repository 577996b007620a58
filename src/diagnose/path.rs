//! Where the URL points: text that cannot be used, and paths that the server does not have.

use url::Url;

use super::{Finding, Suggestion, answer, healthy};
use crate::cause::Cause;
use crate::connection::url::{UrlProblem, is_version};
use crate::evidence::list::models;
use crate::knowledge::view::{Sight, View};

/// Words in a path that lead to pages for people.
const PAGES: &[&str] = &[
    "ui",
    "dashboard",
    "console",
    "login",
    "signin",
    "token",
    "tokens",
    "panel",
    "admin",
    "settings",
    "account",
    "keys",
    "playground",
    "docs",
    "webui",
    "home",
];

/// The text of the URL shows that nothing can be asked there.
pub(super) fn unusable(view: &View) -> Option<Vec<Finding>> {
    let problem = view.address.fatal()?;
    let mut finding = textual(view, problem);
    if problem.cause == Cause::UrlMissing && view.evidence.origin.elsewhere() {
        return None;
    }
    if finding.suggestion.is_none() {
        finding = finding.suggest(suggestion(view));
    }
    Some(vec![finding])
}

fn textual(view: &View, problem: &UrlProblem) -> Finding {
    let part = view.address.facts.shown.get(problem.span.clone()).unwrap_or_default();
    let evidence = if part.is_empty() { problem.label.clone() } else { format!("{part}: {}", problem.label) };
    Finding::textual(problem.cause, "url", evidence).with("wrong_part", part).with("placeholder", part)
}

/// The corrected URL and how the trial went.
pub(super) fn suggestion(view: &View) -> Option<Suggestion> {
    let found = view.all().find(|sight| {
        matches!(sight.observation.check.as_str(), "other-root" | "other-scheme" | "twin") && sight.healthy()
    });
    let value = match found.and_then(|sight| sight.root()) {
        Some(root) => root.to_owned(),
        None => view.address.suggested.clone()?,
    };
    let tries: Vec<Sight<'_>> =
        view.all().filter(|sight| sight.root() == Some(value.as_str()) && sight.observation.ran()).collect();
    let tried = !tries.is_empty();
    let chat = tries.iter().rev().find(|sight| sight.check() == view.client.speaks_at());
    let listed = tries.iter().find(|sight| sight.check() == "models");
    let worked = chat.map_or_else(|| listed.is_some_and(Sight::healthy), Sight::healthy);
    let mut proof = Vec::new();
    if let Some(list) = listed.and_then(Sight::list).filter(|list| list.count > 0) {
        proof.push(models(list.count));
    }
    if let Some(chat) = chat.filter(|sight| sight.healthy()) {
        let time = chat
            .observation
            .timing
            .total
            .map_or_else(String::new, |total| format!(" in {}", crate::evidence::span(total)));
        proof.push(format!("{} answered{time}", view.model().unwrap_or("the model")));
    }
    let failed = tries.iter().rev().find(|sight| !sight.healthy()).filter(|_| !worked);
    if let Some(failed) = failed {
        proof.push(failed.status().map_or_else(
            || "it could not be reached".to_owned(),
            |status| {
                format!(
                    "it answered {status}{}",
                    failed
                        .reading()
                        .and_then(|reading| reading.message())
                        .map(|said| format!(", \"{said}\""))
                        .unwrap_or_default()
                )
            },
        ));
    }
    Some(Suggestion { field: "base_url", value, tried, worked, proof: (!proof.is_empty()).then(|| proof.join(", ")) })
}

/// Neither the list nor chat is where the URL points.
pub(super) fn lost(view: &View) -> Option<Vec<Finding>> {
    let list = view.of_check("models");
    let chat = view.talk();
    let chat_lost = chat.is_some_and(|chat| chat.no_such_path()) && textual_path(view);
    // What has ended is nowhere, whatever the path.
    if chat.is_some_and(|chat| chat.cause() == Some(Cause::ServiceRetired)) {
        return None;
    }
    if chat.is_some_and(|chat| chat.healthy()) || (list.is_some_and(|list| list.healthy()) && !chat_lost) {
        return None;
    }
    let found = view
        .all()
        .find(|sight| matches!(sight.observation.check.as_str(), "other-root" | "other-scheme") && sight.healthy());
    let shown = [chat, list].into_iter().flatten().find(|sight| sight.no_such_path() || empty_404(*sight));
    // A list elsewhere on this server, while nothing at the given root makes sense, is proof enough.
    let shown = shown.or_else(|| found.and(list).or(chat).filter(|_| found.is_some()))?;
    let told_more = |sight: Sight<'_>| !(sight.no_such_path() || empty_404(sight)) && sight.cause().is_some();
    if found.is_none() && chat.is_some_and(told_more) && !textual_path(view) {
        return None;
    }
    if found.is_none() && chat.is_none() && list.is_some_and(told_more) {
        return None;
    }
    if shown.check() != view.client.speaks_at() && shown.check() != "models" {
        return None;
    }
    let cause = cause_of(view, shown, found);
    let mut finding = Finding::at(cause, shown);
    for other in [list, chat, found].into_iter().flatten() {
        if !std::ptr::eq(other.observation, shown.observation) {
            finding = finding.and(super::describe(other));
        }
    }
    if let Some(title) = shown.reading().and_then(|reading| reading.title.clone()) {
        finding = finding.with("title_seen", title);
    }
    if let Some(location) = shown.answer().and_then(|answer| answer.header("location")) {
        finding = finding.with("location", location);
        finding.evidence.extend(super::network::redirect_remark(shown, location));
    }
    if let Some(problem) = view.address.facts.problem(cause) {
        let part = view.address.facts.shown.get(problem.span.clone()).unwrap_or_default();
        finding = finding.with("wrong_part", part);
    }
    let suggestion = suggestion(view).filter(|suggestion| {
        suggestion.worked || view.address.provider.is_some() || view.address.facts.problem(cause).is_some()
    });
    // Where even the right root does not have the only API that the client speaks, no URL helps.
    let absent = view.all().find(|sight| sight.observation.check.starts_with("proof-") && is_absent(view, *sight));
    // The client was followed to where the server sends it, with the key, and heard the model there.
    if let Some(end) = healthy::at_the_end(view).filter(|_| cause == Cause::Redirected) {
        finding = finding.and(healthy::heard(view, end)).warning();
    }
    match absent {
        Some(absent) => Some(vec![answer::only_api(view, absent), finding.suggest(suggestion).warning()]),
        None => Some(vec![finding.suggest(suggestion)]),
    }
}

fn is_absent(view: &View, sight: Sight<'_>) -> bool {
    sight.check() == view.client.speaks_at() && sight.check() != "chat" && sight.no_such_path()
}

fn empty_404(sight: Sight<'_>) -> bool {
    sight.answer().is_some_and(|answer| answer.status == 404 && answer.body.trim().is_empty())
}

/// Whether the text already shows what is wrong with the path.
fn textual_path(view: &View) -> bool {
    view.address.facts.problem(Cause::UrlDuplicateV1).is_some()
        || view.address.facts.problem(Cause::UrlTrailingSlash).is_some()
        // A root that is right for chat, where the provider has its Messages API elsewhere.
        || (view.client.speaks_at() == "messages" && view.address.facts.problem(Cause::UrlWrongPath).is_some())
}

/// Azure says "Resource not found" for a version that it does not know and for a path that it does not have.
pub(super) fn azure(view: &View) -> Option<Cause> {
    view.address.provider.filter(|system| system.id == "azure-openai")?;
    let versioned =
        view.address.written().is_some_and(|url| url.query().is_some_and(|query| query.contains("api-version")));
    Some(if versioned { Cause::ApiVersion } else { Cause::UrlWrongPath })
}

/// Names a path fault by the text, by the root that does work, and by what the server showed.
fn cause_of(view: &View, shown: Sight<'_>, found: Option<Sight<'_>>) -> Cause {
    let facts = &view.address.facts;
    if facts.problem(Cause::UrlDuplicateV1).is_some() {
        return Cause::UrlDuplicateV1;
    }
    if shown.cause() == Some(Cause::Redirected)
        && facts.problem(Cause::UrlTrailingSlash).is_none()
        && facts.problem(Cause::UrlMissingV1).is_none()
    {
        return Cause::Redirected;
    }
    let chat_ui = view.software.iter().any(|system| system.id == "open-webui");
    let is_page = |sight: Sight<'_>| sight.reading().is_some_and(|reading| reading.html);
    if chat_ui && (is_page(shown) || view.of_check("models").is_some_and(is_page)) {
        return Cause::NotAnApi;
    }
    let own = view.address.written();
    let segments: Vec<String> = own
        .as_ref()
        .map(|url| url.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect())
        .unwrap_or_default();
    if let Some(other) = found.and_then(|sight| sight.root()).and_then(|root| Url::parse(root).ok()) {
        let better: Vec<&str> = other.path().split('/').filter(|part| !part.is_empty()).collect();
        if own.as_ref().is_some_and(|own| own.scheme() != other.scheme()) && better == segments {
            return Cause::Redirected;
        }
        if better == segments {
            return Cause::UrlTrailingSlash;
        }
        let added = better.len() > segments.len()
            && better.starts_with(&segments.iter().map(String::as_str).collect::<Vec<_>>());
        return if added && better.last().is_some_and(|last| is_version(last)) {
            Cause::UrlMissingV1
        } else {
            Cause::UrlWrongPath
        };
    }
    if facts.problem(Cause::UrlTrailingSlash).is_some() {
        return Cause::UrlTrailingSlash;
    }
    let signal = shown.cause();
    if let Some(cause) =
        [Cause::UrlMissingV1, Cause::UrlWrongPath].into_iter().find(|cause| facts.problem(*cause).is_some())
    {
        return cause;
    }
    if signal == Some(Cause::Redirected) {
        return Cause::Redirected;
    }
    let versioned = segments.iter().any(|part| is_version(part));
    let page = shown.reading().is_some_and(|reading| reading.html) && shown.cause() != Some(Cause::EndpointNotFound);
    if segments.last().is_some_and(|last| PAGES.contains(&last.to_ascii_lowercase().as_str())) {
        return Cause::UrlDashboard;
    }
    if page {
        let gateway = view.software.iter().any(|system| matches!(system.id, "one-api" | "new-api"));
        return if segments.is_empty() && gateway { Cause::UrlMissingV1 } else { Cause::NotAnApi };
    }
    if let Some(cause) = azure(view) {
        return cause;
    }
    if view.address.right {
        return if signal == Some(Cause::MethodNotAllowed) { Cause::MethodNotAllowed } else { Cause::EndpointNotFound };
    }
    if segments.is_empty() {
        Cause::UrlMissingV1
    } else if versioned && signal == Some(Cause::MethodNotAllowed) {
        Cause::MethodNotAllowed
    } else {
        Cause::UrlWrongPath
    }
}
