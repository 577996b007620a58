//! The question for the model: picked from the list that was just fetched, or typed.

use crate::cli::asking::{Asker, Question};
use crate::cli::models;
use crate::cli::output::Problem;
use crate::connection::url::{looks_like_key, redact};
use crate::diagnose::nearest;
use crate::evidence::list;
use crate::knowledge::{address, kind};
use crate::report::Report;

/// So many matches are offered at most; the search looks at all models.
const MOST: usize = 200;

/// The model's ID; `None` if none is to be asked.
pub(super) fn ask(asker: Asker, report: &Report) -> Result<Option<String>, Problem> {
    match models::found(report) {
        Some(list) => pick(asker, list).map(Some),
        None => free(asker, report),
    }
}

/// Picks one of the list, or takes what was typed.
fn pick(asker: Asker, list: &list::ModelList) -> Result<String, Problem> {
    let ids =
        Ids::of(list.entries.iter().map(|entry| (entry.id.as_str(), kind::chats(entry.kind.as_deref(), &entry.id))));
    let help = format!("{}: type to search, arrow down to choose, Enter to take", list::models(list.count));
    let mut typed = String::new();
    loop {
        let answer = asker.text(&Question {
            message: "Model:",
            help: &help,
            initial: if looks_like_key(&typed) { "" } else { &typed },
            wrong: &|typed| typed.trim().is_empty().then(|| "choose one with the arrow keys, or type an ID".to_owned()),
            suggest: &|typed| ids.suggest(typed),
            shown: &shown,
            ..Question::default()
        })?;
        // What was typed once more after it was not found is meant.
        if list.has(&answer) || answer == typed {
            return Ok(answer);
        }
        let found = ids.suggest(&answer);
        let better = match found.as_slice() {
            [one] => Some(one.clone()),
            _ => nearest(list, &answer).into_iter().next(),
        };
        asker.complain("this ID is not in the list");
        let question = better
            .as_ref()
            .map_or_else(|| "Use it all the same?".to_owned(), |better| format!("Use {better} instead?"));
        if asker.confirm(&question)? {
            return Ok(better.unwrap_or(answer));
        }
        typed = answer;
    }
}

/// Says why there is no list, and takes what is typed.
fn free(asker: Asker, report: &Report) -> Result<Option<String>, Problem> {
    let diagnosis = &report.diagnosis;
    asker.complain(&format!("the models cannot be listed: {}", diagnosis.title));
    let provider = address::judge(report.connection.base_url.as_deref().unwrap_or_default()).provider;
    let known = provider.map(|system| system.models).unwrap_or_default();
    let ids = Ids::of(known.iter().map(|id| (*id, true)));
    let answer = asker.text(&Question {
        message: "Model:",
        placeholder: "its ID, as in your client",
        help: "Enter alone: no model is asked",
        suggest: &|typed| ids.suggest(typed),
        shown: &shown,
        ..Question::default()
    })?;
    Ok(Some(answer).filter(|answer| !answer.trim().is_empty()))
}

/// An answer as it may stay on the screen: a key that was pasted at the wrong place does not.
fn shown(answer: &str) -> String {
    match answer.trim() {
        "" => "none".to_owned(),
        key if looks_like_key(key) => redact(key),
        _ => answer.to_owned(),
    }
}

/// The IDs to search in: those that can chat first.
struct Ids(Vec<(String, String)>);

impl Ids {
    fn of<'a>(ids: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let (chat, other): (Vec<_>, Vec<_>) = ids.partition(|(_, chats)| *chats);
        Self(chat.into_iter().chain(other).map(|(id, _)| (id.to_lowercase(), id.to_owned())).collect())
    }

    /// IDs that hold every word of what was typed: those that begin with it first.
    fn suggest(&self, typed: &str) -> Vec<String> {
        let typed = typed.trim().to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let fits = |lower: &str| words.iter().all(|word| lower.contains(word));
        let last = |lower: &str| lower.rsplit('/').next().is_some_and(|name| name.starts_with(&typed));
        let mut found: Vec<(usize, &str)> = Vec::new();
        for (lower, id) in self.0.iter().filter(|(lower, _)| fits(lower)) {
            found.push((
                if lower.starts_with(&typed) {
                    0
                } else if last(lower) {
                    1
                } else {
                    2
                },
                id,
            ));
            if typed.is_empty() && found.len() == MOST {
                break;
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(MOST).map(|(_, id)| id.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_every_word_and_the_beginning_first() {
        let ids = ["text-embed-mini", "openai/gpt-5.5", "gpt-5.5-mini", "Claude-Mini"];
        let ids = Ids::of(ids.into_iter().map(|id| (id, kind::chats(None, id))));
        assert_eq!(ids.suggest(""), ["openai/gpt-5.5", "gpt-5.5-mini", "Claude-Mini", "text-embed-mini"]);
        assert_eq!(ids.suggest("gpt"), ["gpt-5.5-mini", "openai/gpt-5.5"]);
        assert_eq!(ids.suggest(" MINI gpt "), ["gpt-5.5-mini"]);
        assert_eq!(ids.suggest("claude"), ["Claude-Mini"]);
        assert!(ids.suggest("qqq").is_empty());
    }

    #[test]
    fn a_hundred_thousand_are_searched_at_once() {
        let names: Vec<String> = (0..100_000).map(|number| format!("vendor/model-{number}")).collect();
        let ids = Ids::of(names.iter().map(|id| (id.as_str(), true)));
        assert_eq!(ids.suggest("").len(), MOST);
        assert_eq!(ids.suggest("model-99999"), ["vendor/model-99999"]);
    }
}
