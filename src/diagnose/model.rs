//! The model and the list of models: unknown, retired, nearest, missing, malformed.

use super::{Finding, Severity, Suggestion};
use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::evidence::list::{ModelList, Shape};
use crate::knowledge::view::{Sight, View};

/// So many models are too many to pick from in a menu.
pub(super) const TOO_MANY: usize = 400;
/// Longer than this, Open `WebUI` does not wait for a list, in milliseconds.
pub(super) const TOO_SLOW_MS: f64 = 10_000.0;

/// No model was given, and everything that could be asked without one works.
pub(super) fn missing(view: &View) -> Option<Vec<Finding>> {
    if view.model().is_some() || view.evidence.origin.elsewhere() {
        return None;
    }
    let list = view.of_check("models").filter(Sight::healthy)?;
    let mut finding = Finding::at(Cause::ModelMissing, list).and("no model was given, so none was asked");
    finding.severity = Severity::Error;
    add_list(&mut finding, list.list(), "");
    Some(vec![finding])
}

/// The server does not serve this model: what comes nearest?
pub(super) fn unknown(view: &View, cause: Cause, sight: Sight<'_>) -> Finding {
    let model = view.model().unwrap_or_default().to_owned();
    let list = view.list();
    // Gateways say "no channel" for a model that they do not have at all: the list tells the two apart.
    let absent = view.of_check("models").is_some_and(|sight| sight.healthy())
        && list.is_some_and(|list| list.count > 0 && !list.has(&model));
    let cause = if cause == Cause::NoRoute && absent && !model.is_empty() { Cause::ModelNotFound } else { cause };
    let mut finding = Finding::at(cause, sight);
    add_list(&mut finding, list, &model);
    if let Some(list) = list {
        if list.has(&model) {
            finding = finding.and(format!("the list has {}", one_line(&model, 120)));
        } else if cause == Cause::ModelNotFound {
            finding = finding.and(format!("{} is not among the {} of the list", one_line(&model, 120), list.count));
        }
        if let Some(near) = nearest(list, &model).first() {
            finding = finding.suggest(Some(Suggestion {
                field: "model",
                value: near.clone(),
                tried: false,
                worked: false,
                proof: None,
            }));
        }
    } else if let Some(provider) = view.address.provider
        && !provider.models.is_empty()
        && matches!(cause, Cause::ModelNotFound | Cause::ModelRetired)
    {
        finding = finding.with("first_models", provider.models.join(", "));
    }
    finding
}

fn add_list(finding: &mut Finding, list: Option<&ModelList>, model: &str) {
    let Some(list) = list else { return };
    finding.values.insert("model_count", list.count.to_string());
    let first: Vec<&str> = list
        .entries
        .iter()
        .filter(|entry| entry.id != model && can_chat(entry.kind.as_deref(), &entry.id))
        .map(|entry| entry.id.as_str())
        .take(5)
        .collect();
    if !first.is_empty() {
        finding.values.insert("first_models", first.join(", "));
    }
    let near = nearest(list, model);
    if let Some(best) = near.first() {
        finding.values.insert("nearest_model", format!("{best}{}", difference(model, best)));
        finding.values.insert("nearest_models", near.join(", "));
    }
}

/// Whether an entry can chat, as far as the list tells.
fn can_chat(kind: Option<&str>, id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    !["embed", "whisper", "tts", "dall-e", "moderation", "rerank", "image", "transcribe"]
        .iter()
        .any(|word| id.contains(word))
        && kind.is_none_or(|kind| {
            !["embedding", "image", "rerank", "audio", "transcription", "speech", "video", "moderation"]
                .iter()
                .any(|word| kind.to_ascii_lowercase() == *word || kind.starts_with(&format!("{word}s")))
        })
}

/// The IDs that come nearest, best first; none if nothing is near.
pub(super) fn nearest(list: &ModelList, model: &str) -> Vec<String> {
    let wanted = plain(model);
    if wanted.is_empty() || list.has(model) {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = list
        .entries
        .iter()
        .take(20_000)
        .map(|entry| (likeness(&wanted, &plain(&entry.id)), entry.id.as_str()))
        .filter(|(score, _)| *score >= 0.72)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(b.1)));
    scored.into_iter().map(|(_, id)| id.to_owned()).take(3).collect()
}

/// An ID without what people mistake: case, vendor prefix, tag, separators.
fn plain(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase();
    let last = last.strip_suffix(":latest").unwrap_or(&last);
    last.chars().map(|c| if matches!(c, '_' | ' ' | ':' | '.') { '-' } else { c }).collect()
}

fn likeness(wanted: &str, id: &str) -> f64 {
    if wanted == id {
        return 1.0;
    }
    // `gpt-4o` and `gpt-4o-2024-08-06`: one is the other with a date or size behind it.
    if wanted.len() >= 4 && (id.starts_with(&format!("{wanted}-")) || wanted.starts_with(&format!("{id}-"))) {
        return 0.95;
    }
    // What one has more than the other is different, whatever the rest: most pairs need not be compared.
    let (long, short) =
        (wanted.chars().count().max(id.chars().count()), wanted.chars().count().min(id.chars().count()));
    if (long - short) * 3 > long {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(wanted, id)
}

/// What differs, where it is one plain thing.
fn difference(model: &str, near: &str) -> &'static str {
    if model.eq_ignore_ascii_case(near) {
        " (upper and lower case count)"
    } else if near.ends_with(&format!("/{model}")) {
        " (with its prefix)"
    } else if model.ends_with(&format!("/{near}")) {
        " (without a prefix)"
    } else if near.starts_with(&format!("{model}:")) {
        " (with its tag)"
    } else {
        ""
    }
}

/// A list that is empty, or that clients cannot read.
pub(super) fn odd_list(sight: Sight<'_>) -> Option<Finding> {
    let (answer, reading) = (sight.answer()?, sight.reading()?);
    if !answer.success() {
        return None;
    }
    if let Some(list) = &answer.list {
        let cause = match list.shape {
            Shape::Empty => Cause::ModelsEmpty,
            Shape::Malformed => Cause::ModelsMalformed,
            Shape::Standard => return None,
        };
        let mut finding = Finding::at(cause, sight);
        if let Some(oddity) = &list.oddity {
            finding = finding.and(oddity.clone());
        }
        return Some(finding);
    }
    let cause = if reading.error {
        Cause::ErrorInSuccess
    } else if reading.html {
        Cause::NotAnApi
    } else if answer.body.trim().is_empty() {
        Cause::ResponseEmpty
    } else if reading.json.is_none() {
        Cause::ResponseNotJson
    } else {
        Cause::ModelsMalformed
    };
    Some(Finding::at(cause, sight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::list::Entry;

    fn near(model: &str, ids: &[&str]) -> Vec<String> {
        let entries = ids.iter().map(|id| Entry { id: (*id).into(), kind: None }).collect();
        nearest(
            &ModelList { shape: Shape::Standard, oddity: None, entries, owners: Vec::new(), count: ids.len() },
            model,
        )
    }

    #[test]
    fn the_nearest_id_comes_first_and_far_ones_not_at_all() {
        let ids = ["gpt-5.5", "gpt-5.5-mini", "openai/gpt-4o", "qwen3:8b", "claude-sonnet-5"];
        assert_eq!(near("GPT-5.5", &ids)[0], "gpt-5.5");
        assert_eq!(near("gpt-4o", &ids)[0], "openai/gpt-4o");
        assert_eq!(near("qwen3-8b", &ids)[0], "qwen3:8b");
        assert!(near("llama-3.3-70b", &ids).is_empty());
    }
}
