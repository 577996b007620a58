//! The prediction in a sentence or two, for somebody who is about to click "Verify Connection".

use super::super::Prediction;
use crate::connection::scrub::one_line;
use crate::knowledge::open_webui::saved;
use crate::knowledge::view::View;

/// Texts of servers are kept up to this length, in characters.
const SHORT: usize = 300;
/// And in a sentence up to this one.
const SHORTER: usize = 100;

/// A server's text on one line.
pub(super) fn short(text: &str) -> String {
    one_line(text, SHORT)
}

/// The sentences. `unsent` tells that no request leaves Open `WebUI` at all, `alias` under which name the menu has the
/// model.
pub(super) fn say(told: &Prediction, view: &View, unsent: bool, alias: Option<&str>) -> String {
    if unsent {
        return "Open WebUI cannot send anything with these values: Verify Connection will say \"OpenAI: Network \
                Problem\"."
            .to_owned();
    }
    let model = one_line(view.model().unwrap_or("the model"), 80);
    let says = one_line(told.verify_says.as_deref().unwrap_or_default(), SHORTER);
    let verify = match told.verify {
        Some("silent") => Some("Verify Connection in Open WebUI will say nothing at all".to_owned()),
        Some(_) => Some(format!("Verify Connection in Open WebUI will say \"{says}\"")),
        None => None,
    };
    let green = told.verify == Some("verified");
    let ends = |chat: &str, says: Option<&str>| match chat {
        "reply" => "be answered".to_owned(),
        "empty" => "stay blank, without any error".to_owned(),
        "endless" => "wait for ever".to_owned(),
        // A page is shown with all its tags.
        _ if says.is_some_and(|says| says.starts_with('<')) => "show the raw HTML of the page that came".to_owned(),
        _ => says.map_or_else(
            || "not be possible".to_owned(),
            |says| format!("show \"{}\"", one_line(says, SHORTER).trim_end_matches('.')),
        ),
    };
    let chat = told.chat.map(|chat| format!("a chat will {}", ends(chat, told.chat_says.as_deref())));
    let menu = match (told.models_listed, told.model_in_menu) {
        (Some(false), _) => Some("no model will be listed".to_owned()),
        (Some(true), Some(false)) => Some(format!("{model} will not be in the menu")),
        (Some(true), _) => Some("the models will be listed".to_owned()),
        (None, _) => None,
    };
    let by_hand =
        told.with_model_ids.as_ref().map(|then| (then.chat == "reply", ends(then.chat, then.chat_says.as_deref())));
    if let (Some(verify), Some(alias)) = (&verify, alias) {
        return format!("{verify}, and the menu will have the model as {}.", one_line(alias, 80));
    }
    let mut text = Vec::new();
    if told.breaks_all_lists {
        let first = verify.map_or_else(String::new, |verify| format!("{verify}, but "));
        text.push(format!("{first}this list makes the models of all connections vanish."));
    } else if told.model_in_menu == Some(false) || told.models_listed == Some(false) {
        let menu = menu.unwrap_or_default();
        text.push(match verify {
            Some(verify) if green => format!("{verify}, but {menu}."),
            Some(verify) => format!("{verify}, and {menu}."),
            None => format!("In Open WebUI {menu}."),
        });
    } else if told.chat.is_some_and(|chat| chat != "reply") {
        let chat = chat.unwrap_or_default();
        text.push(match verify {
            Some(verify) if green => format!("{verify}, but that proves nothing: {chat}."),
            Some(verify) => format!("{verify}, and {chat}."),
            None => format!("In Open WebUI {chat}."),
        });
        return text.concat();
    } else {
        let parts: Vec<String> = [verify, menu, chat].into_iter().flatten().collect();
        return sentence(&parts);
    }
    // Where another URL works, nobody need know how this one would fare further on.
    let named = text.iter().any(|line: &String| line.contains(&model));
    let model = if named { "its ID" } else { model.as_str() };
    match by_hand.filter(|_| told.enter.url.as_deref().is_none_or(|url| saved(entered(view)) == url)) {
        Some((true, _)) => text.push(format!("With {model} under Model IDs (Filter), a chat will be answered.")),
        Some((false, ends)) if green || told.breaks_all_lists => {
            text.push(format!("With {model} under Model IDs (Filter), a chat will {ends}."));
        }
        _ => {}
    }
    text.join(" ")
}

/// A proxy that the doctor used and Open `WebUI` cannot: it would go another way, of which nothing was seen.
pub(super) fn foreign_proxy(view: &View) -> Option<String> {
    let proxy = view.evidence.target.proxy.as_ref()?;
    if proxy.url.to_ascii_lowercase().starts_with("socks") {
        Some("Open WebUI cannot use a SOCKS proxy; give its server an HTTP proxy in HTTP_PROXY and HTTPS_PROXY.".into())
    } else if proxy.url.to_ascii_lowercase().starts_with("https:") {
        Some("Open WebUI passes by a proxy with https:// in front; write http:// if the proxy takes that.".into())
    } else if proxy.source.eq_ignore_ascii_case("all_proxy") {
        Some("Open WebUI does not look at ALL_PROXY; set HTTP_PROXY and HTTPS_PROXY for its server.".into())
    } else {
        None
    }
}

/// What is wrong with a proxy variable for Open `WebUI` alone, which sends nothing then.
pub(super) fn bare_proxy(view: &View) -> Option<String> {
    let proxy = view.evidence.target.proxy.as_ref().filter(|proxy| proxy.bare)?;
    let name = one_line(&proxy.source, 40);
    Some(format!("It cannot use {name} without http:// in front."))
}

fn entered(view: &View) -> &str {
    view.evidence.target.base_url.as_deref().unwrap_or_default().trim()
}

/// `a`, `a and b`, `a, b, and c`, with a capital and a full stop.
fn sentence(parts: &[String]) -> String {
    let text = match parts {
        [] => return String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one}, and {two}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    };
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
