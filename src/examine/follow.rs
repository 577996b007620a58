//! Second looks: sent only when the first answers leave a question that decides the verdict, and to try the fix.

use url::Url;

use super::Plan;
use super::ask::Ask;
use super::checks::{Step, Wording, closed, unreachable, wanted};
use super::shape::{Budget, ask, chat_body, chat_path, models_path};
use crate::cause::Cause;
use crate::connection::url::tidy;
use crate::evidence::KeySent;
use crate::evidence::failure::{Kind, Stage};
use crate::evidence::haystack::Haystack;
use crate::knowledge::address::other_roots;
use crate::knowledge::view::{Sight, View};

/// A key with quotes, spaces or "Bearer" around it: is what remains accepted?
pub(super) fn clean_key(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    let cleanable = view.evidence.target.key.as_ref().is_some_and(|key| key.cleanable && !key.problems.is_empty());
    let refused = view.of_check("models").is_some_and(|sight| !sight.healthy());
    if !cleanable
        || !refused
        || view.count("models-clean-key") > 0
        || unreachable_but_key(view)
        || !wanted(plan, "models")
    {
        return Step::Done;
    }
    match ask(view, "models-clean-key", wording.base_url, models_path(view, wording.base_url), None) {
        Step::Ask(ask) => Step::Ask(Ask { key: KeySent::Cleaned, ..ask }),
        other => other,
    }
}

fn unreachable_but_key(view: &View) -> bool {
    unreachable(view)
        && !view.of_check("models").is_some_and(|sight| {
            sight.observation.failure.as_ref().is_some_and(|failure| failure.kind == Kind::CannotSend)
        })
}

/// A refusal that only concerns the probe's own parameters is no verdict: the request is sent another way.
pub(super) fn chat_again(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    let Some(last) = view.chat() else { return Step::Done };
    if last.healthy() || view.count("chat-again") >= 3 {
        return Step::Done;
    }
    if let Some(failure) = &last.observation.failure {
        let once = view.count("chat-again") == 0;
        // A server may close an idle connection at the very moment when the next request goes out on it.
        let reused = last.observation.timing.connect.is_none();
        if once && reused && matches!(failure.kind, Kind::Reset | Kind::Closed) && failure.stage == Stage::FirstByte {
            return again(view, wording, "a fresh connection", Budget::usual(view), false);
        }
        return Step::Done;
    }
    let (Some(reading), Some(status)) = (last.reading(), last.status()) else { return Step::Done };
    if !matches!(status, 400 | 404 | 405 | 415 | 422 | 500 | 501) && !reading.error {
        return Step::Done;
    }
    let tried = |variant: &str| {
        view.all().any(|sight| {
            sight.observation.request.as_ref().is_some_and(|request| request.variant.as_deref() == Some(variant))
        })
    };
    let says = |word: &str| reading.haystack.contains(word) || reading.param.as_deref() == Some(word);
    if wants_stream(&reading.haystack) && !tried("stream") {
        return again(view, wording, "stream", Budget::usual(view), true);
    }
    let budget = ["max_tokens", "max_completion_tokens", "max_output_tokens", "maxtokens", "max tokens"]
        .iter()
        .any(|word| says(word));
    let fits = matches!(
        last.cause(),
        Some(Cause::UnsupportedParameter | Cause::RequestRejected | Cause::ServerError | Cause::ErrorInSuccess) | None
    );
    if !budget || !fits {
        return Step::Done;
    }
    let small = ["at least", "minimum", "too small", "was reached", "higher max", "greater than", "larger than"]
        .iter()
        .any(|phrase| reading.haystack.contains(phrase));
    if small && !tried("a larger limit") {
        return again(view, wording, "a larger limit", Budget::Large, false);
    }
    let other = if Budget::usual(view) == Budget::MaxTokens {
        ("max_completion_tokens", Budget::MaxCompletionTokens)
    } else {
        ("max_tokens", Budget::MaxTokens)
    };
    if !tried(other.0) {
        return again(view, wording, other.0, other.1, false);
    }
    if !tried("no limit") {
        return again(view, wording, "no limit", Budget::None, false);
    }
    Step::Done
}

fn wants_stream(haystack: &Haystack) -> bool {
    haystack.contains("stream")
        && [
            "stream must be",
            "only support stream",
            "only supports stream",
            "requires stream",
            "only stream",
            "set stream",
            "stream=true",
            "\"stream\": true",
            "stream mode",
            "streaming is required",
            "stream to true",
            "non-stream",
            "non stream",
            "must be streamed",
            "enable stream",
        ]
        .iter()
        .any(|phrase| haystack.contains(phrase))
        && ![
            "not support stream",
            "not supported for stream",
            "unsupported for stream",
            "verified to stream",
            "does not support stream",
        ]
        .iter()
        .any(|phrase| haystack.contains(phrase))
}

fn again(view: &View, wording: &Wording<'_>, variant: &str, budget: Budget, stream: bool) -> Step {
    match ask(
        view,
        "chat-again",
        wording.base_url,
        chat_path(view, wording.base_url),
        Some(chat_body(view, budget, stream)),
    ) {
        Step::Ask(ask) => Step::Ask(Ask { variant: Some(variant.to_owned()), stream, ..ask }),
        other => other,
    }
}

/// A bare "no" to the user's key: would a key that nobody can know get another one?
fn bare_refusal(view: &View) -> bool {
    let bare = |sight: Sight<'_>| sight.cause() == Some(Cause::Forbidden);
    view.has_key() && view.of_check("models").is_some_and(bare) && view.chat().is_none_or(bare)
}

pub(super) fn made_up_key(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    if !bare_refusal(view) || view.has("models-made-up-key") {
        return Step::Done;
    }
    with_key(
        ask(view, "models-made-up-key", wording.base_url, models_path(view, wording.base_url), None),
        KeySent::MadeUp,
    )
}

/// The same without any key: is it the key that is refused, or everybody?
pub(super) fn no_key(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    if !bare_refusal(view) || view.has("models-no-key") {
        return Step::Done;
    }
    with_key(ask(view, "models-no-key", wording.base_url, models_path(view, wording.base_url), None), KeySent::None)
}

fn with_key(step: Step, key: KeySent) -> Step {
    match step {
        Step::Ask(ask) => Step::Ask(Ask { key, headers: false, ..ask }),
        other => other,
    }
}

/// The key is unknown here, and the provider has a region or a plan with keys of its own: does it belong there?
pub(super) fn twin(view: &View, plan: &Plan, wording: &Wording<'_>) -> Step {
    let Some(provider) = view.address.provider.filter(|provider| !provider.twins.is_empty()) else { return Step::Done };
    let refused = |sight: Sight<'_>| matches!(sight.cause(), Some(Cause::KeyRejected | Cause::UrlWrongHost));
    let all_refused = view.of_check("models").is_some_and(refused) && view.chat().is_none_or(refused);
    let clean = view.evidence.target.key.as_ref().is_some_and(|key| key.problems.is_empty());
    if !all_refused || !clean || !view.address.right || !wanted(plan, "models") {
        return Step::Done;
    }
    if view.all().any(|sight| sight.observation.check == "twin" && sight.healthy()) || view.count("twin") >= 3 {
        return Step::Done;
    }
    let next = std::iter::once(provider.base_url).chain(provider.twins.iter().copied()).find(|root| {
        !root.contains('{')
            && *root != wording.base_url.trim_end_matches('/')
            && !view.all().any(|sight| sight.root() == Some(root))
    });
    match next {
        Some(root) => ask(view, "twin", root, models_path(view, root), None),
        None => Step::Done,
    }
}

/// http on a TLS port and https on a plain one look alike from outside: the other scheme tells.
pub(super) fn other_scheme(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    let Some(first) = view.of_check("models").or_else(|| view.of_check("chat")) else { return Step::Done };
    if view.has("other-scheme") {
        return Step::Done;
    }
    let root = wording.base_url;
    let lower = root.to_ascii_lowercase();
    let kind = first.observation.failure.as_ref().map(|failure| failure.kind);
    let plain = lower.starts_with("http://");
    let other = if plain
        && (matches!(kind, Some(Kind::NotHttp | Kind::Reset | Kind::Closed | Kind::TlsOnPlainUrl))
            || first.cause() == Some(Cause::HttpOnHttpsPort))
    {
        format!("https://{}", &root[7..])
    } else if !plain && kind == Some(Kind::PlainOnTlsUrl) && lower.starts_with("https://") {
        format!("http://{}", &root[8..])
    } else if plain
        && view.chat().is_some_and(|chat| chat.healthy())
        && view.address.facts.problem(Cause::UrlInsecure).is_some()
        && Url::parse(root).is_ok_and(|url| url.port().is_none())
    {
        // It works, but in clear: does it work encrypted as well?
        format!("https://{}", &root[7..])
    } else {
        return Step::Done;
    };
    // The key goes unencrypted only to a machine of the user's own network.
    let path = models_path(view, &other);
    match ask(view, "other-scheme", &other, path, None) {
        Step::Ask(ask) => Step::Ask(Ask {
            key: if other.starts_with("http://") && !view.is_private() { KeySent::None } else { ask.key },
            ..ask
        }),
        step => step,
    }
}

/// The list was not where the URL points, and neither was chat: is it somewhere else on this server?
pub(super) fn other_root(view: &View, _: &Plan, wording: &Wording<'_>) -> Step {
    if closed(view).is_some() || unreachable(view) || view.count("other-root") >= 4 {
        return Step::Done;
    }
    let Some(first) = view.of_check("models") else { return Step::Done };
    let lost = |sight: Sight<'_>| {
        sight.no_such_path()
            || sight.answer().is_some_and(|answer| answer.status == 404 && answer.body.trim().is_empty())
    };
    let strange = |sight: Sight<'_>| {
        lost(sight)
            || sight.status().is_some_and(|status| status < 500 && sight.cause() == Some(Cause::ErrorInSuccess))
            || (sight.status() == Some(404) && sight.cause() == Some(Cause::ModelNotFound))
    };
    let textual = view.address.facts.problem(Cause::UrlDuplicateV1).is_some()
        || view.address.facts.problem(Cause::UrlTrailingSlash).is_some();
    if !(strange(first) || (textual && !first.healthy())) || view.chat().is_some_and(|chat| chat.healthy()) {
        return Step::Done;
    }
    if view.all().any(|sight| {
        sight.observation.check == "other-root" && (sight.healthy() || sight.observation.failure.is_some())
    }) {
        return Step::Done;
    }
    let mut candidates: Vec<String> = redirect_root(view).into_iter().collect();
    candidates.extend(other_roots(&view.address, &view.software));
    let next = candidates
        .into_iter()
        .find(|root| root != wording.base_url && !view.all().any(|sight| sight.root() == Some(root.as_str())));
    let Some(root) = next else { return Step::Done };
    let allowed = Url::parse(&root).is_ok_and(|url| view.address.may_have_key(&url));
    match ask(view, "other-root", &root, models_path(view, &root), None) {
        Step::Ask(ask) => Step::Ask(Ask { key: if allowed { ask.key } else { KeySent::None }, ..ask }),
        step => step,
    }
}

/// The root that a redirect of /models points to, if it is a safe one to ask.
fn redirect_root(view: &View) -> Option<String> {
    let first = view.of_check("models")?;
    let answer = first.answer().filter(|answer| (300..400).contains(&answer.status))?;
    let base = Url::parse(&first.observation.request.as_ref()?.url).ok()?;
    let mut target = base.join(answer.header("location")?).ok()?;
    let upgrade = target.scheme() == "https" && target.port().is_none() && base.port().is_none();
    if target.host_str() != base.host_str()
        || !(target.port_or_known_default() == base.port_or_known_default() || upgrade)
        || !matches!(target.scheme(), "http" | "https")
        || (base.scheme() == "https" && target.scheme() == "http")
    {
        return None;
    }
    let path = target.path().trim_end_matches('/').strip_suffix("/models")?.to_owned();
    target.set_path(&path);
    target.set_query(None);
    Some(tidy(&target))
}

/// The root that the diagnosis will suggest: found on the server, or from the text and the provider's file.
fn suggestion(view: &View) -> Option<String> {
    if let Some(found) = view.all().find(|sight| {
        matches!(sight.observation.check.as_str(), "other-root" | "other-scheme" | "twin") && sight.healthy()
    }) {
        return found.root().map(str::to_owned);
    }
    view.address.fatal().and(view.address.suggested.clone())
}

pub(super) fn proof_models(view: &View, _: &Plan, _: &Wording<'_>) -> Step {
    let Some(root) = suggestion(view) else { return Step::Done };
    if view.evidence.target.key_withheld.is_some()
        || view.all().any(|sight| sight.check() == "models" && sight.root() == Some(root.as_str()))
    {
        return Step::Done;
    }
    let Ok(url) = Url::parse(&root) else { return Step::Done };
    if !view.address.may_have_key(&url) && view.has_key() {
        return Step::Done;
    }
    ask(view, "proof-models", &root, models_path(view, &root), None)
}

pub(super) fn proof_chat(view: &View, plan: &Plan, _: &Wording<'_>) -> Step {
    let Some(root) = suggestion(view) else { return Step::Done };
    if view.has("proof-chat")
        || view.model().is_none()
        || !wanted(plan, "chat")
        || view.chat().is_some_and(|chat| chat.healthy())
    {
        return Step::Done;
    }
    let listed = view.all().filter(|sight| sight.root() == Some(root.as_str())).last();
    let Some(listed) = listed else { return Step::Done };
    let own_key = listed.key() == Some(KeySent::Own) || !view.has_key();
    let lost = |sight: Sight<'_>| sight.no_such_path();
    let nowhere = view.of_check("models").is_some_and(lost) && view.chat().is_some_and(lost);
    let open = listed.healthy()
        || (nowhere && lost(listed))
        || (listed.status() == Some(404)
            && view.address.provider.is_some_and(|system| system.models_endpoint == "missing"));
    if !own_key || !open {
        return Step::Done;
    }
    ask(view, "proof-chat", &root, chat_path(view, &root), Some(chat_body(view, Budget::usual(view), false)))
}
