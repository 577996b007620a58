//! Open `WebUI` (0.10 to 0.12): its check of a connection, its menu, its chat, each by the rules of its own code.

mod chat;
mod menu;
mod python;
mod say;
mod verify;

#[cfg(test)]
mod tests;

use super::{Enter, Prediction, SuggestionReport, WithModelIds};
use crate::connection::scrub::one_line;
use crate::diagnose::place;
use crate::evidence::Observation;
use crate::evidence::list::ModelList;
use crate::knowledge::open_webui::{self as rules, ID, Met};
use crate::knowledge::view::View;
use chat::Chat;
use menu::{Menu, Way};
use verify::Verify;

/// More models than this are too many to find one in a menu.
const MANY: usize = 400;
/// Longer than this, it does not wait for a list, in milliseconds.
const PATIENCE_MS: f64 = 10_000.0;
/// What it says of a model that is not in its menu.
const NO_SUCH_MODEL: &str = "Model not found";
/// What it says where no connection came about.
const NO_CONNECTION: &str = "Open WebUI: Server Connection Error";
/// What it says of a deployment whose name it puts into no path.
const MISNAMED: &str = "Invalid model name: must not be empty or contain path separators or traversal sequences";

/// What it will do with these values.
pub(super) fn predict(view: &View, suggestion: Option<&SuggestionReport>) -> Option<Prediction> {
    let entered = view.evidence.target.base_url.as_deref().filter(|url| !url.trim().is_empty())?;
    if let Some(say) = say::foreign_proxy(view) {
        return Some(unknown(view, entered, suggestion, say));
    }
    // What answers here is not what its container meets, or what it meets where it cannot read the proxy's address.
    let bare_proxy = say::bare_proxy(view);
    let cut_off = place::is_cut_off(view) || bare_proxy.is_some();
    let list = if cut_off { Some(Met::Lost) } else { rules::list(view).ok().map(|met| in_time(view, met)) };
    let verify = list.map(|met| verify::of(met, entered));
    let given = rules::is_azure(entered) || view.evidence.target.models_by_hand;
    let menu = match list {
        // The form asks for the names of deployments there, and takes them as they are.
        _ if given => view.model().map(|model| Menu::Models(vec![model.to_owned()])),
        Some(met) => Some(menu::of(met, entered)),
        None => None,
    };
    let model = view.model();
    let in_menu = model.and_then(|model| menu.as_ref().map(|menu| menu.has(model)));
    let seen = if cut_off { Some(Met::Lost) } else { rules::chat(view).ok() };
    let misnamed = rules::is_azure(entered) && model.is_some_and(rules::is_misnamed);
    let answer = if misnamed {
        Some(Chat::Error(MISNAMED.to_owned()))
    } else {
        seen.and_then(chat::of).or_else(|| unreachable(view)).filter(|_| model.is_some())
    };
    let by_hand = if rules::breaks_menu(entered) {
        Some(Chat::NoMenu)
    } else if model.is_some_and(|model| menu::hides(entered, model)) {
        Some(Chat::Error(NO_SUCH_MODEL.to_owned()))
    } else {
        answer.clone()
    };
    let chat = match in_menu {
        Some(_) if menu == Some(Menu::Breaks) => Some(Chat::NoMenu),
        Some(true) => match list.zip(model).map_or(Way::Free, |(met, model)| menu::way(met, model, view.has_key())) {
            Way::Error(text) if !given => Some(Chat::Error(text)),
            Way::Unseen if !given => None,
            _ => answer.clone(),
        },
        Some(false) => Some(Chat::Error(NO_SUCH_MODEL.to_owned())),
        None => None,
    };
    let with_model_ids = by_hand
        .as_ref()
        .filter(|_| in_menu == Some(false))
        .map(|chat| WithModelIds { chat: chat.name(), chat_says: chat.says() });
    if verify.is_none() && answer.is_none() && !view.everything().any(|sight| sight.observation.ran()) {
        return None;
    }
    let mut prediction = Prediction {
        client: ID.to_owned(),
        verify: verify.as_ref().map(Verify::name),
        verify_says: verify.as_ref().and_then(Verify::says),
        models_listed: menu.as_ref().map(|menu| matches!(menu, Menu::Models(_))),
        model_in_menu: in_menu,
        breaks_all_lists: matches!(menu, Some(Menu::Breaks)),
        chat: chat.as_ref().map(Chat::name),
        chat_says: chat.as_ref().and_then(Chat::says),
        with_model_ids,
        say: String::new(),
        enter: enter(view, entered, suggestion, menu.as_ref(), by_hand.as_ref()),
    };
    let alias = model.zip(menu.as_ref()).and_then(|(model, menu)| alias(menu, model));
    let said = say::say(&prediction, view, matches!(list, Some(Met::Unsent)), alias.as_deref());
    prediction.say = std::iter::once(said).chain(bare_proxy).collect::<Vec<_>>().join(" ");
    Some(prediction)
}

/// Nothing is known of what it will do, and why.
fn unknown(view: &View, entered: &str, suggestion: Option<&SuggestionReport>, say: String) -> Prediction {
    Prediction {
        client: ID.to_owned(),
        verify: None,
        verify_says: None,
        models_listed: None,
        model_in_menu: None,
        breaks_all_lists: false,
        chat: None,
        chat_says: None,
        with_model_ids: None,
        say,
        enter: enter(view, entered, suggestion, None, None),
    }
}

/// The name under which the menu has the model instead: servers of Ollama's kind list what has no tag as `latest`.
fn alias(menu: &Menu, model: &str) -> Option<String> {
    let tagged = format!("{model}:latest");
    (!menu.has(model) && menu.has(&tagged)).then_some(tagged)
}

/// A list that comes later than it waits comes never.
fn in_time<'a>(view: &'a View, met: Met<'a>) -> Met<'a> {
    let followed = matches!(met, Met::Answered(sight) if sight.observation.check == "followed");
    let asks = |seen: &Observation| seen.request.as_ref().is_some_and(|request| request.method == "GET");
    let on_the_way =
        |seen: &Observation| followed && matches!(seen.check.as_str(), "models" | "entered" | "followed") && asks(seen);
    let taken: f64 = match met {
        Met::Answered(sight) => view
            .everything()
            .filter(|other| std::ptr::eq(other.observation, sight.observation) || on_the_way(other.observation))
            .filter_map(|other| other.observation.timing.total)
            .sum(),
        _ => 0.0,
    };
    match met {
        Met::Answered(sight) if taken > PATIENCE_MS => Met::Failed(sight),
        met => met,
    }
}

/// Where not even the list could be asked for, a chat fares the same.
fn unreachable(view: &View) -> Option<Chat> {
    match rules::list(view) {
        Ok(Met::Failed(sight)) if sight.answer().is_none() && view.chat().is_none() => chat::of(Met::Failed(sight)),
        _ => None,
    }
}

/// The values that work, as far as that was seen.
fn enter(
    view: &View,
    entered: &str,
    suggestion: Option<&SuggestionReport>,
    menu: Option<&Menu>,
    answer: Option<&Chat>,
) -> Enter {
    let better = suggestion.filter(|other| other.field == "base_url" && other.worked);
    let model = view.model();
    let by_hand = |wanted: bool| model.filter(|_| wanted).map(|model| vec![one_line(model, 200)]).unwrap_or_default();
    if let Some(better) = better {
        let there = |check: &str| {
            view.all().filter(|sight| sight.root() == Some(better.value.as_str()) && sight.check() == check).last()
        };
        let list: Option<&ModelList> = there("models").and_then(|sight| sight.list());
        let heard = there("chat").is_some_and(|sight| sight.healthy());
        let found = list.is_some_and(|list| list.count <= MANY && model.is_some_and(|model| list.has(model)));
        return Enter { url: Some(better.value.clone()), model_ids: by_hand(heard && !found) };
    }
    let usable = view.address.fatal().is_none();
    let replies = matches!(answer, Some(Chat::Reply));
    let has = |menu: &Menu, model: &str| menu.has(model) || alias(menu, model).is_some();
    let listed = menu.is_none_or(|menu| model.is_none_or(|model| has(menu, model)) && menu.count() <= MANY);
    Enter {
        url: usable.then(|| rules::saved(entered.trim()).to_owned()),
        model_ids: by_hand((replies && !listed) || rules::is_azure(entered)),
    }
}
