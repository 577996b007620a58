//! `ruta providers`: the known providers and servers, or one of them in full.

mod card;
mod table;

use super::args::ProvidersArgs;
use super::output::{self, Problem};
use crate::connection::near::near;
use crate::connection::scrub::one_line;
use crate::connection::url::looks_like_key;
use crate::knowledge::provider::{self, SYSTEMS, System};

/// The kinds in the order of the table, with what people call them: several, and one.
const KINDS: &[(&str, &str, &str)] = &[
    ("cloud", "In the cloud", "a provider in the cloud"),
    ("gateway", "Gateways", "a gateway to other providers"),
    ("local", "Servers of your own", "a server of your own"),
    ("middlebox", "In between", "known by what it answers in place of a server"),
];

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ProvidersArgs) -> Result<u8, Problem> {
    let Some(id) = args.id.as_deref() else {
        let all: Vec<&System> = listed().collect();
        let text = if args.json { card::json(&all) } else { table::all() };
        return output::write(&text, None).map(|()| 0);
    };
    let text = match find(id).as_slice() {
        [] => return Err(unknown(id).into()),
        found if args.json => card::json(found),
        [one] => card::text(one),
        several => table::some(several),
    };
    output::write(&text, None).map(|()| 0)
}

/// What the table shows: all but the boxes in between and the answers of anybody.
fn listed() -> impl Iterator<Item = &'static System> {
    SYSTEMS.iter().filter(|system| !matches!(system.kind, "middlebox" | "any"))
}

/// A word as it is compared: small letters and digits only.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The systems that are meant: the one of this ID, name, host, URL or key prefix, else all that have the text in their ID
/// or name.
pub(super) fn find(text: &str) -> Vec<&'static System> {
    let known = || SYSTEMS.iter().filter(|system| system.kind != "any");
    let wanted = plain(text);
    if wanted.is_empty() {
        return Vec::new();
    }
    if let Some(one) = known().find(|system| plain(system.id) == wanted || plain(system.name) == wanted) {
        return vec![one];
    }
    let url = url::Url::parse(text.trim()).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = url.unwrap_or_else(|| text.trim().split(['/', ':']).next().unwrap_or_default().to_owned());
    if let Some(one) = provider::by_host(&host).or_else(|| provider::by_site(&host).map(|(system, _)| system)) {
        return vec![one];
    }
    if let Some((one, _)) = provider::by_key_prefix(text.trim(), None) {
        return vec![one];
    }
    // A box in between is meant only by whoever begins its name: `grok` is no ngrok.
    let fits = |name: &str, system: &System| match system.kind {
        "middlebox" => plain(name).starts_with(&wanted),
        _ => plain(name).contains(&wanted),
    };
    known().filter(|system| fits(system.id, system) || fits(system.name, system)).collect()
}

fn unknown(text: &str) -> String {
    if looks_like_key(text.trim()) {
        return "this is no provider (it looks like a key); `ruta providers` lists them".into();
    }
    let names = |system: &'static System| {
        let words = system.name.split([' ', '(', ')', '/']).filter(|word| word.len() > 2);
        [system.id, system.name].into_iter().chain(words).map(move |name| (name, system))
    };
    let near = near(text, listed().flat_map(names));
    let shown = one_line(text, 60);
    match near {
        Some(system) => format!("no provider is called `{shown}`; did you mean `{}`?", system.id),
        None => format!("no provider is called `{shown}`; `ruta providers` lists them"),
    }
}

/// What `GET /models` does there, in words.
fn models(system: &System) -> &'static str {
    match system.models_endpoint {
        "missing" => "no list of models: clients need the IDs by hand",
        "public" => "lists models to anybody, so a list proves no key",
        "other-auth" => "lists models only with another header than chat",
        _ => "lists models",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        find(text).iter().map(|system| system.id).collect()
    }

    #[test]
    fn a_provider_is_found_by_whatever_people_know_of_it() {
        for text in
            ["groq", "Groq", "api.groq.com", "https://api.groq.com/openai/v1", "console.groq.com", "gsk_", "GROQ "]
        {
            assert_eq!(ids(text), ["groq"], "{text}");
        }
        assert_eq!(ids("azure openai"), ["azure-openai"]);
        assert_eq!(ids("Azure OpenAI"), ["azure-openai"]);
        assert_eq!(ids("llama.cpp"), ["llama-cpp"]);
        assert_eq!(ids("fireworks"), ["fireworks"]);
        assert_eq!(ids("kimi"), ["moonshot"]);
        assert_eq!(ids("nginx"), ["nginx"]);
        assert_eq!(ids("ngro"), ["ngrok"]);
        assert!(ids("bedrock").len() >= 3);
        for nothing in ["grok", "", "  ", "-", "qqqq"] {
            assert_eq!(ids(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn every_kind_has_its_place() {
        for system in SYSTEMS.iter().filter(|system| system.kind != "any") {
            assert!(KINDS.iter().any(|(kind, _, _)| *kind == system.kind), "{}", system.id);
        }
    }
}
