//! The question for the base URL: known providers as one types, and a wrong value underlined at once.

use crate::cause::Cause;
use crate::cli::asking::{Asker, Question};
use crate::cli::output::Problem;
use crate::cli::providers;
use crate::connection::url::redact;
use crate::knowledge::address::{self, Address};
use crate::knowledge::client::{self, Client};
use crate::knowledge::provider::{SYSTEMS, System};
use crate::render::underline::underline;

/// The base URL: as typed, or as corrected where that was wanted.
pub(in crate::cli) fn ask(asker: Asker, client: &str) -> Result<String, Problem> {
    let client = client::of(client);
    let mut typed = String::new();
    // What was typed once more after it was called wrong is meant.
    let mut meant: Option<String> = None;
    loop {
        let answer = asker.text(&Question {
            message: "Base URL:",
            placeholder: "https://... or the name of a provider",
            help: "arrow down to choose, Enter to take",
            // What is secret is not shown again.
            initial: if redact(&typed) == typed { &typed } else { "" },
            wrong: &|typed| typed.trim().is_empty().then(|| "type a URL, or the name of a provider".to_owned()),
            suggest: &suggest,
            shown: &|answer| redact(value(answer)),
        })?;
        value(&answer).clone_into(&mut typed);
        if meant.as_deref() == Some(&typed) {
            return Ok(typed);
        }
        match settle(asker, client, &typed)? {
            Some(url) => return Ok(url),
            None => meant = Some(typed.clone()),
        }
    }
}

/// The URL to use after all that is wrong with it was told; `None` to ask again.
fn settle(asker: Asker, client: &Client, typed: &str) -> Result<Option<String>, Problem> {
    if let Some(system) = named(typed) {
        let root = client.enter(system.base_url);
        return Ok(asker.confirm(&format!("Use {root} ({})?", system.name))?.then_some(root));
    }
    let mut url = typed.to_owned();
    // A corrected value may still have another fault, but not for long.
    for _ in 0..4 {
        let address = address::judge_for(&url, client);
        let Some((label, span, certain)) = fault(&address) else { return Ok(Some(url)) };
        let look = asker.style;
        asker.say(underline(&address.facts.shown, span, &label, colored::Color::Red, look).trim_end_matches('\n'));
        let better = better(&address).map(|root| client.enter(&root)).filter(|better| *better != url);
        match better {
            Some(better) if asker.confirm(&format!("Use {better} instead?"))? => url = better,
            None if !certain => return Ok(Some(url)),
            _ => return Ok(None),
        }
    }
    Ok(Some(url))
}

/// What is most wrong with it: a few words, the place in the text, and whether nothing can work with it.
fn fault(address: &Address) -> Option<(String, std::ops::Range<usize>, bool)> {
    let problems = &address.facts.problems;
    // Said in the report, and no reason to stop here: nothing about it can be typed better.
    let worth = |problem: &&crate::connection::url::UrlProblem| problem.cause != Cause::UrlInsecure;
    if let Some(problem) = address.fatal().or_else(|| problems.iter().find(worth)) {
        return Some((problem.label.clone(), problem.span.clone(), problem.certain));
    }
    let near = address.near.first()?;
    let host = address.written()?.host_str()?.to_owned();
    let start = address.facts.shown.find(&host)?;
    Some((format!("did you mean {near}?"), start..start + host.len(), false))
}

/// The value to use instead, where one is known.
fn better(address: &Address) -> Option<String> {
    if let Some(near) = address.near.first()
        && address.fatal().is_none()
    {
        let system = SYSTEMS.iter().find(|system| system.hosts.contains(near))?;
        let same_host = system.roots().find(|root| root.contains(near));
        return Some(same_host.unwrap_or(system.base_url).to_owned());
    }
    address.suggested.clone().or_else(|| address.facts.corrected.clone())
}

/// The provider that was named instead of a URL, if it is just one and has an address to enter.
fn named(typed: &str) -> Option<&'static System> {
    if typed.contains([':', '/', '.']) {
        return None;
    }
    let [one] = providers::find(typed)[..] else { return None };
    (!one.base_url.is_empty() && one.kind != "middlebox").then_some(one)
}

/// The URL of a suggestion, or what was typed.
fn value(answer: &str) -> &str {
    answer.split_once("  (").map_or(answer, |(url, _)| url).trim_end_matches(['\n', '\r'])
}

/// The roots of the known providers.
fn suggest(typed: &str) -> Vec<String> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    for system in SYSTEMS.iter().filter(|system| !matches!(system.kind, "any" | "middlebox")) {
        let mut seen: Vec<&str> = Vec::new();
        for root in system.roots() {
            let place = rank(system, root, &typed).filter(|_| !seen.contains(&root) && root != typed);
            if let Some(rank) = place {
                found.push((rank, seen.len(), format!("{root}  ({})", system.name)));
            }
            seen.push(root);
        }
    }
    // The main root of every provider comes before the further ones.
    found.sort_by_key(|(rank, index, _)| (*rank, *index));
    found.into_iter().map(|(_, _, line)| line).collect()
}

/// How well a root fits what was typed; the lowest is the best.
fn rank(system: &System, root: &str, typed: &str) -> Option<usize> {
    let name = system.name.to_lowercase();
    let bare = |text: &str| text.split_once("://").map_or(text, |(_, rest)| rest).to_owned();
    let (host, wanted) = (bare(root), bare(typed));
    let starts = |text: &str| text.starts_with(typed);
    let word = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(starts);
    // Whoever typed a scheme types an address.
    let a_name = !typed.contains("://");
    if a_name && (starts(system.id) || starts(&name)) {
        Some(0)
    } else if !wanted.is_empty() && host.starts_with(&wanted) {
        Some(1)
    } else if a_name && (word(&name) || word(&host)) {
        Some(2)
    } else if wanted.len() >= 3 && host.contains(&wanted) {
        Some(3)
    } else {
        (a_name && typed.len() >= 4 && strsim::jaro_winkler(system.id, typed) > 0.88).then_some(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(typed: &str) -> String {
        suggest(typed).into_iter().next().unwrap_or_default()
    }

    #[test]
    fn the_best_match_comes_first() {
        assert_eq!(first("groq"), "https://api.groq.com/openai/v1  (Groq)");
        assert_eq!(first("https://api.gr"), "https://api.groq.com/openai/v1  (Groq)");
        assert_eq!(first("openai"), "https://api.openai.com/v1  (OpenAI)");
        assert_eq!(first("api.openai"), "https://api.openai.com/v1  (OpenAI)");
        assert_eq!(first("kimi"), "https://api.moonshot.ai/v1  (Moonshot (Kimi))");
        assert_eq!(first("localhost:114"), "http://localhost:11434/v1  (Ollama)");
        assert_eq!(first("olama"), "http://localhost:11434/v1  (Ollama)");
        assert_eq!(first(""), "");
        assert_eq!(first("https://llm.example.org/v1"), "");
        assert_eq!(value(&first("kimi")), "https://api.moonshot.ai/v1");
    }

    #[test]
    fn what_stands_there_already_is_not_suggested() {
        assert!(!suggest("https://api.groq.com/openai/v1").iter().any(|line| line.contains("groq.com/openai/v1  ")));
    }

    #[test]
    fn a_name_is_no_url() {
        assert_eq!(named("groq").map(|system| system.id), Some("groq"));
        assert_eq!(named("Azure OpenAI").map(|system| system.id), Some("azure-openai"));
        for other in ["bedrock", "api.groq.com", "http:", "nginx", "qqqq"] {
            assert!(named(other).is_none(), "{other}");
        }
    }
}
