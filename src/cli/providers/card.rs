//! One provider in full, as text and as JSON.

use serde_json::{Value, json};

use super::{KINDS, models};
use crate::cli::output;
use crate::knowledge::provider::System;

/// Where the facts begin.
const LEAD: usize = 12;

/// All that is known of one.
pub(super) fn text(system: &System) -> String {
    let kind = KINDS.iter().find(|(kind, _, _)| *kind == system.kind).map_or("", |(_, _, one)| *one);
    let mut card = Card(String::new());
    output::wrap(&format!("{} ({}): {kind}", system.name, system.id), "", &mut card.0);
    card.0.push('\n');
    card.fact("Base URL", system.base_url);
    let own: Vec<&str> = system.also_right.iter().copied().filter(|root| !system.twins.contains(root)).collect();
    card.facts("Also right", own);
    card.facts("Other keys", system.twins.iter().map(|root| format!("{root} wants keys of its own")));
    let not: Vec<String> = places(system.not_the_api).into_iter().chain(places(system.not_the_root)).collect();
    card.facts("Not the API", not);
    keys(system, &mut card);
    if system.kind != "middlebox" {
        let many = if system.many_models { ", too many to pick from" } else { "" };
        card.fact("Models", &format!("{}{many}", models(system)));
        card.fact("", &system.models.join(", "));
    }
    card.facts("To know", system.notes.iter().map(|note| format!("- {note}")));
    card.facts(
        "Changed",
        system.changed.iter().map(|changed| format!("{}: {} ({})", changed.since, changed.what, changed.seen)),
    );
    let pages = system.links.iter().filter(|(name, _)| *name != "keys");
    card.facts("Pages", pages.map(|(name, link)| format!("{name}: {link}")));
    card.fact("Try", &command(system));
    card.0
}

/// Where its keys are made, what they look like, and how they travel.
fn keys(system: &System, card: &mut Card) {
    if system.kind == "middlebox" {
        return;
    }
    let mut lines = Vec::new();
    if system.auth == "none" {
        lines.push("none needed".to_owned());
    }
    lines.extend(system.link("keys").map(|link| format!("made at {link}")));
    if !system.key_prefixes.is_empty() {
        lines.push(format!("begin with {}", system.key_prefixes.join(" or ")));
    }
    if !system.wrong_kind_prefixes.is_empty() {
        let wrong = system.wrong_kind_prefixes.iter().map(|(prefix, what)| format!("{prefix} is {what}"));
        lines.push(format!("not for models: {}", wrong.collect::<Vec<_>>().join(", ")));
    }
    if !system.key_env.is_empty() {
        lines.push(format!("looked for in {}", system.key_env.join(", then in ")));
    }
    let header = |auth: &str| match auth {
        "x-api-key" => "the header x-api-key",
        "api-key" => "the header api-key",
        _ => "Authorization: Bearer",
    };
    if system.auth != "none" {
        lines.push(format!("sent as {}", header(system.auth)));
    }
    if !system.models_auth.is_empty() && system.models_auth != system.auth {
        lines.push(format!("for the list of models sent as {}", header(system.models_auth)));
    }
    if !system.keyless_values.is_empty() {
        lines.push(format!("where a client insists on one: {}", system.keyless_values.join(" or ")));
    }
    card.facts("Keys", lines);
}

/// Hosts or paths by what they are: one line for each kind.
fn places(pairs: &[(&str, &str)]) -> Vec<String> {
    const WORDS: &[(&str, &str)] = &[
        ("website", "the web site"),
        ("dashboard", "the dashboard"),
        ("docs", "the documentation"),
        ("other-product", "another product"),
        ("native", "an API of its own kind"),
    ];
    let line = |(what, words): &(&str, &str)| {
        let bare = |place: &&str| !place.starts_with("www.");
        let of_kind: Vec<&str> =
            pairs.iter().filter(|(_, kind)| kind == what).map(|(place, _)| *place).filter(bare).collect();
        (!of_kind.is_empty()).then(|| format!("{} ({words})", of_kind.join(", ")))
    };
    WORDS.iter().filter_map(line).collect()
}

/// How to try it. The provider's own variable is looked at without being named.
fn command(system: &System) -> String {
    if system.base_url.is_empty() {
        return String::new();
    }
    let key = match (system.auth, system.key_env) {
        ("none", _) => " --no-key",
        (_, []) => " --key-env VAR",
        _ => "",
    };
    format!("ruta doctor --url {}{key} --model MODEL", system.base_url)
}

/// A text of facts, each with a label before its first line.
struct Card(String);

impl Card {
    fn fact(&mut self, label: &str, fact: &str) {
        self.facts(label, [fact]);
    }

    fn facts<T: AsRef<str>>(&mut self, label: &str, facts: impl IntoIterator<Item = T>) {
        let mut label = label;
        for fact in facts {
            if !fact.as_ref().is_empty() {
                let (bullet, fact) = fact.as_ref().strip_prefix("- ").map_or(("", fact.as_ref()), |fact| ("- ", fact));
                output::wrap(fact, &format!("{label:<LEAD$}{bullet}"), &mut self.0);
                label = "";
            }
        }
    }
}

/// All that is known of these: one object, or a list of them.
pub(super) fn json(systems: &[&System]) -> String {
    let rows: Vec<Value> = systems.iter().map(|system| row(system)).collect();
    let value = if let [one] = rows.as_slice() { one.clone() } else { Value::Array(rows) };
    format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default())
}

fn row(system: &System) -> Value {
    let table = |pairs: &[(&'static str, &'static str)]| -> Value {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let changed: Vec<Value> = system
        .changed
        .iter()
        .map(|changed| json!({ "since": changed.since, "what": changed.what, "seen": changed.seen }))
        .collect();
    let models_auth = if system.models_auth.is_empty() { system.auth } else { system.models_auth };
    json!({
        "id": system.id,
        "name": system.name,
        "kind": system.kind,
        "base_url": Some(system.base_url).filter(|url| !url.is_empty()),
        "also_right": system.also_right,
        "twins": system.twins,
        "hosts": system.hosts,
        "ports": system.ports,
        "not_the_api": table(system.not_the_api),
        "not_the_root": table(system.not_the_root),
        "auth": system.auth,
        "models_auth": models_auth,
        "models_endpoint": system.models_endpoint,
        "many_models": system.many_models,
        "key_prefixes": system.key_prefixes,
        "wrong_kind_prefixes": table(system.wrong_kind_prefixes),
        "key_env": system.key_env,
        "keyless_values": system.keyless_values,
        "request_id": system.request_id,
        "models": system.models,
        "notes": system.notes,
        "changed": changed,
        "links": table(system.links),
    })
}
