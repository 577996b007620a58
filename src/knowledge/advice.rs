//! The wording for each cause, and how it is filled with the user's own values.

use std::collections::HashMap;

use crate::cause::Cause;

/// What people are told about a cause; texts may hold `{placeholders}` and `a || b` alternatives.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Advice {
    pub family: &'static str,
    pub title: &'static str,
    pub meaning: &'static str,
    pub fix: &'static [&'static str],
    pub links: &'static [&'static str],
}

impl Advice {
    const EMPTY: Self = Self { family: "", title: "", meaning: "", fix: &[], links: &[] };
}

/// The advice of every cause.
pub static ADVICE: &[(Cause, Advice)] = include!(concat!(env!("OUT_DIR"), "/advice.rs"));

/// The advice for a cause. Every cause has one (a test guards it).
pub fn of(cause: Cause) -> &'static Advice {
    static NONE: Advice = Advice::EMPTY;
    ADVICE.iter().find(|(known, _)| *known == cause).map_or(&NONE, |(_, advice)| advice)
}

/// The user's own values by placeholder name.
pub type Values = HashMap<&'static str, String>;

/// What stands for the values where a cause is told without a connection.
pub fn anybody(cause: Cause) -> Values {
    let host = match cause {
        Cause::UrlLocalhost => "localhost",
        Cause::UrlWildcardAddress => "0.0.0.0",
        _ => "the server",
    };
    let values = [
        ("url", "the base URL"),
        ("host", host),
        ("loopback_host", "localhost"),
        ("private_host", "another machine"),
        ("public_host", "the server"),
        ("client", "the client"),
        ("open_webui", "Open WebUI"),
    ];
    Values::from(values.map(|(name, value)| (name, value.to_owned())))
}

/// What a cause means without a connection, in whole sentences: what stands for a value may begin one.
pub fn meaning(cause: Cause, values: &Values) -> String {
    let mut text = fill(of(cause).meaning, values).unwrap_or_default();
    for value in values.values().filter(|value| value.starts_with("the ")) {
        let capital = format!("T{}", &value[1..]);
        if let Some(rest) = text.strip_prefix(value.as_str()) {
            text = format!("{capital}{rest}");
        }
        text = text.replace(&format!(". {value}"), &format!(". {capital}"));
    }
    text
}

/// The first alternative whose placeholders are all known, filled in; `None` if there is none.
pub fn fill(text: &str, values: &Values) -> Option<String> {
    text.split("||").find_map(|alternative| fill_one(alternative.trim(), values))
}

fn fill_one(text: &str, values: &Values) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let name_end = at + rest[at..].find('}')?;
        let name = &rest[at + 1..name_end];
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            out.push('{');
            rest = &rest[at + 1..];
            continue;
        }
        out.push_str(values.get(name).filter(|value| !value.is_empty())?);
        rest = &rest[name_end + 1..];
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meaning_for_anybody_is_made_of_sentences() {
        for (cause, _) in ADVICE {
            let text = meaning(*cause, &anybody(*cause));
            assert!(!text.starts_with("the ") && !text.contains(". the "), "{cause}: {text}");
        }
    }

    #[test]
    fn fills_the_first_alternative_that_can_be_filled() {
        let values = Values::from([("host", "h".into())]);
        assert_eq!(fill("use {url} || at {host} || plain", &values).as_deref(), Some("at h"));
        assert_eq!(fill("use {url} || plain", &values).as_deref(), Some("plain"));
        assert_eq!(fill("use {url}", &values), None);
        assert_eq!(fill(r#"{"data":[{"id"}]}"#, &values).as_deref(), Some(r#"{"data":[{"id"}]}"#));
    }
}
