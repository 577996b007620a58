//! Requests that judge nothing: they only show what the chosen client would meet with the values as entered.

use serde_json::json;
use url::Url;

use super::Plan;
use super::ask::{Ask, Auth};
use super::checks::{Step, Wording, unreachable, wanted};
use super::shape::{ask, chat_body, working_budget};
use super::tools::tool;
use crate::cause::Cause;
use crate::connection::url::is_private;
use crate::evidence::KeySent;
use crate::knowledge::open_webui::{self, Open};
use crate::knowledge::view::View;

/// As many requests follow redirects, at most.
pub(super) const HOPS: usize = 9;

/// What Azure wants in a query, which its form has a field for.
const VERSION: &str = "api-version=2024-10-21";

/// The list and the chat where Open `WebUI` asks for them, if the doctor asked elsewhere: without the slash that its form
/// drops, or below something that is no API root. A chat there mostly meets no such path, and never costs more than one.
pub(super) fn entered(view: &View, plan: &Plan, _: &Wording<'_>) -> Step {
    let elsewhere = |cause: Cause| {
        matches!(cause, Cause::UrlWebsite | Cause::UrlDashboard | Cause::UrlWrongHost | Cause::UrlPlaceholder)
    };
    if !concerned(view, plan) || view.address.fatal().is_some_and(|problem| elsewhere(problem.cause)) {
        return Step::Done;
    }
    let next = [open_webui::list(view).err(), chat(view, plan)];
    let next = next.into_iter().flatten().find(|open| {
        open.hops == 0 && view.address.may_have_key(&open.url) && !asked(view, "entered").any(|was| was == open.method)
    });
    next.map_or(Step::Done, |open| send(view, "entered", &open))
}

/// Where a redirect leads: Open `WebUI` follows them, and a chat often becomes a GET on the way.
pub(super) fn followed(view: &View, plan: &Plan, _: &Wording<'_>) -> Step {
    if !concerned(view, plan) || asked(view, "followed").count() >= HOPS {
        return Step::Done;
    }
    let next = [open_webui::list(view).err(), chat(view, plan)];
    match next.into_iter().flatten().find(|open| open.hops > 0) {
        Some(open) if harmless(view, &open.url) => send(view, "followed", &open),
        _ => Step::Done,
    }
}

/// What its chat would ask and was not asked yet, if a chat as it sends it was wanted.
fn chat(view: &View, plan: &Plan) -> Option<Open> {
    let open = open_webui::chat(view).err()?;
    let whole = view.model().is_some() && ["chat", "stream", "tools"].iter().all(|check| wanted(plan, check));
    Some(open).filter(|open| open.method == "GET" || whole)
}

/// The methods of the requests of this aside that were sent.
fn asked<'a>(view: &'a View, check: &'static str) -> impl Iterator<Item = &'a str> {
    let of_check = view.everything().filter(move |sight| sight.observation.check == check);
    of_check.filter_map(|sight| Some(sight.observation.request.as_ref()?.method.as_str()))
}

fn concerned(view: &View, plan: &Plan) -> bool {
    view.client.id == open_webui::ID
        && wanted(plan, "models")
        && view.evidence.target.key_withheld.is_none()
        && !unreachable(view)
}

/// A server on the internet leads nobody into the user's own network.
fn harmless(view: &View, url: &Url) -> bool {
    view.is_private() || url.host().is_none_or(|host| !is_private(&host))
}

fn send(view: &View, check: &'static str, open: &Open) -> Step {
    let own = open.with_key && view.address.may_have_key(&open.url);
    if open.with_key && !own {
        return Step::Done;
    }
    let chats = open.method == "POST";
    let body = chats.then(|| {
        let mut body = chat_body(view, working_budget(view), true);
        body["tools"] = json!([tool()]);
        body
    });
    let mut url = open.url.clone();
    if open_webui::is_azure(text(view)) && open.hops == 0 && url.query().is_none() {
        url.set_query(Some(VERSION));
    }
    match ask(view, check, url.as_str(), String::new(), body) {
        Step::Ask(ask) => {
            let (key, headers) = if own { (ask.key, ask.headers) } else { (KeySent::None, false) };
            Step::Ask(Ask { key, headers, stream: chats, auth: auth(view, chats), ..ask })
        }
        other => other,
    }
}

/// How the key travels: only the lists of Anthropic and what its form takes for Azure get it another way.
fn auth(view: &View, chats: bool) -> Auth {
    if open_webui::is_azure(text(view)) {
        Auth::ApiKeyAndBearer
    } else if open_webui::is_anthropic(text(view)) && !chats {
        Auth::XApiKey
    } else {
        Auth::Bearer
    }
}

/// The base URL as it was entered.
fn text(view: &View) -> &str {
    view.evidence.target.base_url.as_deref().unwrap_or_default()
}
