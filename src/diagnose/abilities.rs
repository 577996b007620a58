//! What the server can do beside plain chat: told for whoever wants to know, judged only where the client needs it or the
//! user asked for just that.

use super::{Finding, answer};
use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::evidence::answer::Answer;
use crate::evidence::span;
use crate::knowledge::ability::{self, ABILITIES, Ability};
use crate::knowledge::parameters::Search;
use crate::knowledge::view::{Sight, View};

/// How one ability turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// It works.
    Works,
    /// The server knows it, and refused the request or a part of it.
    Refused,
    /// The server does not have it.
    NotThere,
    /// It was not asked, or the answer does not tell.
    NotTested,
}

/// One ability and how it turned out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which one.
    pub ability: &'static Ability,
    /// How it turned out.
    pub turned: Turned,
    /// What was seen, in a few words.
    pub detail: String,
    /// The settings that are refused, where these are the matter.
    pub refused: Vec<&'static str>,
    /// The observation that tells.
    pub index: usize,
}

/// Whether this check is of an endpoint of its own, not a chat that is asked for more.
pub(super) fn is_endpoint(check: &str) -> bool {
    ability::by_id(check).is_some_and(|ability| ability.path != "/chat/completions")
}

/// Whether the verdict depends on this ability.
pub fn judged(view: &View, check: &str) -> bool {
    let wanted = |check: &str| view.evidence.target.wanted.iter().any(|wanted| wanted == check);
    ability::by_id(check).is_some()
        && (view.evidence.origin.elsewhere()
            || view.client.needs.contains(&check)
            || (!view.evidence.target.full && wanted(check)))
}

/// Whether the verdict depends on what this endpoint answered.
pub(super) fn is_judged_endpoint(view: &View, check: &str) -> bool {
    is_endpoint(check) && judged(view, check)
}

/// All abilities that were asked for, in the order of the checks.
pub fn outcomes(view: &View) -> Vec<Outcome> {
    let mut found: Vec<Outcome> = ABILITIES.iter().filter_map(|ability| outcome(view, ability)).collect();
    found.sort_by_key(|outcome| outcome.index);
    found
}

fn outcome(view: &View, ability: &'static Ability) -> Option<Outcome> {
    let made = |turned, detail: String, sight: Sight<'_>| {
        Some(Outcome { ability, turned, detail, refused: Vec::new(), index: sight.index() })
    };
    let Some(last) = view.of_check(ability.id) else {
        let skipped = view.all().find(|sight| sight.observation.check == ability.id)?;
        return made(Turned::NotTested, skipped.observation.skipped.clone().unwrap_or_default(), skipped);
    };
    if let Some(why) = untold(last) {
        return made(Turned::NotTested, format!("not tested: {why}"), last);
    }
    if ability.id == "parameters" {
        return Some(settings(view, ability, last));
    }
    if last.healthy() && last.observation.failure.is_none() {
        return made(Turned::Works, works(view, last), last);
    }
    let said = said(last);
    let (turned, detail) = match last.cause() {
        _ if is_endpoint(ability.id) && not_there(last) => {
            (Turned::NotThere, format!("not there ({})", last.status().unwrap_or_default()))
        }
        Some(Cause::ModelNotFound | Cause::NoRoute | Cause::ModelNotAllowed | Cause::ModelRetired)
            if !ability.model.is_empty()
                && variant(last).is_some_and(|model| view.list().is_none_or(|list| !list.has(model))) =>
        {
            let model = variant(last).unwrap_or_default();
            (Turned::NotTested, format!("not tested: {model}, the usual model for it, is not served here"))
        }
        _ if last.answer().is_some_and(Answer::success) => (Turned::Refused, ignored(ability, last)),
        _ if ability.id == "tools-call" && variant(last) == Some("result") => {
            (Turned::Refused, format!("called, but the tool's answer was refused: {said}"))
        }
        _ => (Turned::Refused, said),
    };
    made(turned, detail, last)
}

/// Why an answer says nothing of the ability: it did not come, or the server had no time for it.
fn untold(sight: Sight<'_>) -> Option<String> {
    if let Some(failure) = &sight.observation.failure {
        return (!sight.healthy()).then(|| one_line(&failure.detail, 100));
    }
    let status = sight.status()?;
    match sight.cause() {
        Some(Cause::RateLimited | Cause::ConcurrencyLimited) => Some(format!("the rate limit was reached ({status})")),
        Some(Cause::Overloaded) => Some(format!("the server is overloaded ({status})")),
        Some(Cause::NoRoute) if matches!(status, 429 | 503) => {
            Some(format!("nobody serves the model for the moment ({status})"))
        }
        Some(Cause::BadGateway | Cause::GatewayTimeout) => Some("the server behind the gateway failed".to_owned()),
        None if status == 429 => Some("the rate limit was reached (429)".to_owned()),
        _ if !sight.healthy() && cut_short(sight) => {
            Some("the answer was cut short while the model was thinking".to_owned())
        }
        _ => None,
    }
}

/// Whether the limit of the probe was used up.
fn cut_short(sight: Sight<'_>) -> bool {
    let reason = sight.reading().and_then(|reading| reading.json.as_ref()?.pointer("/choices/0/finish_reason"));
    let events = sight.reading().and_then(|reading| reading.events.as_ref());
    matches!(sight.check(), "tools-call" | "structured")
        && (reason.is_some_and(|reason| reason == "length") || events.is_some_and(|events| events.cut_short))
}

/// Whether the server has no such endpoint.
fn not_there(sight: Sight<'_>) -> bool {
    sight.no_such_path()
        || matches!((sight.cause(), sight.status()), (None | Some(Cause::ServerError), Some(404 | 405 | 501)))
}

fn works(view: &View, sight: Sight<'_>) -> String {
    let time = sight.observation.timing.total.map_or_else(String::new, span);
    match (sight.check(), variant(sight)) {
        ("tools-call", _) if view.all().any(|other| variant(other) == Some("without tool_choice")) => {
            format!("{time}, but tool_choice cannot be forced")
        }
        ("tools-call", _) | (_, None) => time,
        (_, Some(model)) => format!("with {}, {time}", one_line(model, 60)),
    }
}

/// A success that does not bring what was asked for.
fn ignored(ability: &Ability, sight: Sight<'_>) -> String {
    match ability.id {
        "tools-call" => "the model was to call a tool and did not".to_owned(),
        "structured" => "taken, but the answer is not in this form".to_owned(),
        _ => format!("{}, but the answer has another form", sight.status().unwrap_or_default()),
    }
}

/// Status and the server's own words.
fn said(sight: Sight<'_>) -> String {
    let status = sight.status().unwrap_or_default();
    match sight.reading().and_then(|reading| reading.message()) {
        Some(words) => format!("{status}: {}", one_line(words, 120)),
        None => status.to_string(),
    }
}

fn settings(view: &View, ability: &'static Ability, last: Sight<'_>) -> Outcome {
    let search = Search::of(view);
    let others = search.all.len() - search.refused.len();
    let (turned, detail) = if search.settled && search.refused.is_empty() {
        (Turned::Works, format!("all {others} taken, {}", last.observation.timing.total.map_or_else(String::new, span)))
    } else if search.settled {
        (Turned::Refused, format!("{} refused, the other {others} taken", search.refused.join(", ")))
    } else if search.stopped {
        (Turned::NotTested, format!("not tested: {}", said(last)))
    } else if search.refused.is_empty() {
        (Turned::Refused, format!("refused, and the server does not say which: {}", said(last)))
    } else {
        (Turned::Refused, format!("{} refused, and more: {}", search.refused.join(", "), said(last)))
    };
    let index = if turned == Turned::Refused {
        first_refusal(view).map_or(last.index(), |sight| sight.index())
    } else {
        last.index()
    };
    Outcome { ability, turned, detail, refused: search.refused, index }
}

/// The answer that names what is refused: the first one.
fn first_refusal(view: &View) -> Option<Sight<'_>> {
    view.all().find(|sight| sight.observation.check == "parameters" && sight.answer().is_some() && !sight.healthy())
}

fn variant(sight: Sight<'_>) -> Option<&str> {
    sight.observation.request.as_ref().and_then(|request| request.variant.as_deref())
}

/// What the chats that were asked for more say for the verdict.
pub(super) fn findings(view: &View) -> Vec<Finding> {
    let counts = |outcome: &Outcome| {
        let check = outcome.ability.id;
        !is_endpoint(check) && (judged(view, check) || (check == "tools-call" && view.client.needs.contains(&"tools")))
    };
    outcomes(view).iter().filter(|outcome| counts(outcome)).filter_map(|outcome| finding(view, outcome)).collect()
}

fn finding(view: &View, outcome: &Outcome) -> Option<Finding> {
    let sight = view.all().find(|sight| sight.index() == outcome.index)?;
    if !sight.observation.ran() || outcome.turned == Turned::Works {
        return None;
    }
    let answered = view.chat().is_some_and(|chat| chat.healthy());
    if outcome.turned == Turned::NotTested {
        // Beside a chat that works it is no matter; asked for by itself, the reason is the verdict.
        return if answered { None } else { answer::said(view, sight) };
    }
    let finding = match outcome.ability.id {
        "tools-call" => Finding::at(Cause::ToolsUnsupported, sight).with("tool_fault", fault(sight)),
        "parameters" if outcome.refused.is_empty() => Finding::at(Cause::UnsupportedParameter, sight),
        "parameters" => Finding::at(Cause::UnsupportedParameter, sight).with("parameter", outcome.refused.join("`, `")),
        _ if !answered => return answer::said(view, sight),
        _ if sight.answer().is_some_and(Answer::success) => {
            Finding::at(Cause::UnsupportedParameter, sight).with("ignored", "response_format")
        }
        _ => Finding::at(Cause::UnsupportedParameter, sight).with("parameter", "response_format"),
    };
    let finding = finding.and(outcome.detail.clone());
    if answered {
        return Some(finding.warning());
    }
    let heard = view.all().find(|sight| sight.check() != "models" && sight.healthy());
    Some(match heard.and_then(|proof| heard_in(view, proof)) {
        Some(words) => finding.and(words).warning(),
        None => finding,
    })
}

/// What is wrong with a tool's round trip, in a sentence without its end.
fn fault(sight: Sight<'_>) -> &'static str {
    match (sight.answer().is_some_and(Answer::success), variant(sight)) {
        (true, Some("result")) => "The model called a tool, but said nothing once it had the tool's answer",
        (true, _) => "The model was to call a tool, and answered without a call",
        (false, Some("result")) => "The model called a tool, but the tool's answer was refused",
        (false, _) => "A request in which the model is to call a tool was refused",
    }
}

/// What the proof of a run showed that asked for one ability alone.
pub(super) fn heard_in(view: &View, proof: Sight<'_>) -> Option<String> {
    let ability = ability::by_id(proof.check())?;
    let time = proof.observation.timing.total.map_or_else(String::new, |time| format!(" in {}", span(time)));
    let model = variant(proof).filter(|_| !ability.model.is_empty()).or_else(|| view.model()).unwrap_or("the model");
    Some(format!("{} answered{time}", one_line(model, 120)))
}

/// The same, where the client does not live by it: then it tells nothing of the connection as a whole.
pub(super) fn apart(view: &View, proof: Sight<'_>) -> Option<String> {
    heard_in(view, proof).filter(|_| !view.client.needs.contains(&proof.check())).map(|words| {
        let path = ability::by_id(proof.check()).map_or("", |ability| ability.path);
        format!("{words} at {path}")
    })
}
