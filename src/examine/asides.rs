//! Free requests that judge nothing: they only show what the chosen client would meet with the values as entered.

use url::Url;

use super::Plan;
use super::ask::Ask;
use super::checks::{Step, Wording, unreachable, wanted};
use super::shape::ask;
use crate::cause::Cause;
use crate::connection::url::is_private;
use crate::evidence::KeySent;
use crate::knowledge::open_webui::{self, Open};
use crate::knowledge::view::View;

/// As many requests follow redirects, at most.
const HOPS: usize = 9;

/// The list where Open `WebUI` asks for it, if the doctor asked elsewhere: without the slash that its form drops, or
/// below something that is no API root.
pub(super) fn entered(view: &View, plan: &Plan, _: &Wording<'_>) -> Step {
    let elsewhere = |cause: Cause| {
        matches!(cause, Cause::UrlWebsite | Cause::UrlDashboard | Cause::UrlWrongHost | Cause::UrlPlaceholder)
    };
    if !concerned(view, plan)
        || view.everything().any(|sight| sight.observation.check == "entered")
        || view.address.fatal().is_some_and(|problem| elsewhere(problem.cause))
    {
        return Step::Done;
    }
    match open_webui::list(view) {
        Err(open) if open.hops == 0 && view.address.may_have_key(&open.url) => get(view, "entered", &open),
        _ => Step::Done,
    }
}

/// Where a redirect leads: Open `WebUI` follows them, and a chat becomes a GET on the way.
pub(super) fn followed(view: &View, plan: &Plan, _: &Wording<'_>) -> Step {
    let so_far = view.everything().filter(|sight| sight.observation.check == "followed").count();
    if !concerned(view, plan) || so_far >= HOPS {
        return Step::Done;
    }
    let next = [open_webui::list(view).err(), open_webui::chat(view).err()];
    let next = next.into_iter().flatten().find(|open| open.hops > 0 && open.method == "GET");
    match next {
        Some(open) if harmless(view, &open.url) => get(view, "followed", &open),
        _ => Step::Done,
    }
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

fn get(view: &View, check: &'static str, open: &Open) -> Step {
    let own = open.with_key && view.address.may_have_key(&open.url);
    if open.with_key && !own {
        return Step::Done;
    }
    match ask(view, check, open.url.as_str(), String::new(), None) {
        Step::Ask(ask) if own => Step::Ask(ask),
        Step::Ask(ask) => Step::Ask(Ask { key: KeySent::None, headers: ask.headers && own, ..ask }),
        other => other,
    }
}
