//! The key: what its text shows, what its prefix says, and what a refusal then means.

use super::{Finding, Suggestion};
use crate::cause::Cause;
use crate::connection::key::KeyProblem;
use crate::evidence::Origin;
use crate::evidence::list::models;
use crate::knowledge::advice::Values;
use crate::knowledge::view::{Sight, View};

/// The key belongs to another provider and was not sent.
pub(super) fn withheld(view: &View) -> Option<Vec<Finding>> {
    let because = view.evidence.target.key_withheld.clone()?;
    let mut finding = Finding::textual(Cause::KeyWrongProvider, "key", because);
    finding.values.extend(owner_values(view));
    if let Some(provider) = view.address.provider {
        finding = finding.with("provider", provider.name);
    }
    Some(vec![finding])
}

fn owner_values(view: &View) -> Values {
    let mut values = Values::new();
    if let Some((owner, kind)) = view.key_owner {
        values.insert("key_provider", owner.name.to_owned());
        if !owner.base_url.is_empty() && !owner.base_url.contains('{') {
            values.insert("key_provider_url", owner.base_url.to_owned());
        }
        if let Some(kind) = kind {
            values.insert("key_kind", kind.to_owned());
        }
    }
    values
}

/// The key as given was refused, the same key without what a copy brought along was taken.
pub(super) fn cleaned(view: &View) -> Option<Vec<Finding>> {
    let trial = view.of_check("models-clean-key").filter(Sight::healthy)?;
    let first = view.of_check("models")?;
    let problem = view.evidence.target.key.as_ref()?.problems.first()?.clone();
    let proof = trial.list().map(|list| models(list.count));
    let suggestion = Suggestion {
        field: "key",
        value: "the same key without what does not belong to it".to_owned(),
        tried: true,
        worked: true,
        proof,
    };
    Some(vec![
        Finding::at(problem.cause, first)
            .and(format!("the key {}", problem.what))
            .and("the same key without that is accepted")
            .with("wrong_part", problem.what)
            .suggest(Some(suggestion)),
    ])
}

/// The key is refused here and taken at another host of the same provider.
pub(super) fn twin(view: &View) -> Option<Vec<Finding>> {
    let trial = view.of_check("twin").filter(Sight::healthy)?;
    let first = view.of_check("models")?;
    let finding = Finding::at(Cause::UrlWrongHost, first).and(format!("{} takes the same key", trial.root()?));
    Some(vec![finding.suggest(super::path::suggestion(view))])
}

/// A bare 403: the same for a made-up key and another without any means that the key is not known; the same for all
/// three means that the key is not the reason.
pub(super) fn compared(view: &View) -> Option<Vec<Finding>> {
    let (own, made_up, none) =
        (view.of_check("models")?, view.of_check("models-made-up-key")?, view.of_check("models-no-key")?);
    let same = |a: Sight<'_>, b: Sight<'_>| {
        a.status() == b.status()
            && a.reading().and_then(|reading| reading.message()) == b.reading().and_then(|reading| reading.message())
    };
    if !same(own, made_up) {
        let finding = Finding::at(Cause::Forbidden, own).and("a made-up key gets another answer, so this key is known");
        return Some(vec![finding]);
    }
    if !same(own, none) {
        return Some(vec![
            refused(view, Cause::KeyRejected, own)
                .and("a made-up key gets the same answer, a request without a key another one"),
        ]);
    }
    Some(vec![
        Finding::at(Cause::Forbidden, own)
            .and("a made-up key and a request without a key get the same answer, so the key may not be the reason"),
    ])
}

/// What a refused key means, with what its own text and prefix say.
pub(super) fn refused(view: &View, signal: Cause, sight: Sight<'_>) -> Finding {
    let (cause, because) = refine(view, signal);
    let mut finding = Finding::at(cause, sight);
    if let Some(because) = because {
        finding = finding.and(because);
    }
    if cause == Cause::KeyWrongProvider || cause == Cause::KeyWrongKind {
        finding.values.extend(owner_values(view));
    }
    finding
}

fn refine(view: &View, signal: Cause) -> (Cause, Option<String>) {
    if !view.has_key() {
        if view.evidence.origin == Origin::Pasted {
            return (signal, None);
        }
        return (Cause::KeyMissing, Some("no key was given".into()));
    }
    let Some(key) = &view.evidence.target.key else { return (signal, None) };
    if !matches!(
        signal,
        Cause::KeyRejected | Cause::KeyMissing | Cause::KeyWrongHeader | Cause::KeyRestricted | Cause::Forbidden
    ) {
        return (signal, None);
    }
    let shown_by = |problem: &KeyProblem| {
        problem.certain
            && (matches!(signal, Cause::KeyRejected | Cause::KeyMissing)
                || !matches!(problem.cause, Cause::KeyPlaceholder | Cause::KeyMasked))
    };
    if let Some(problem) = key.problems.iter().find(|problem| shown_by(problem)) {
        return (problem.cause, Some(format!("the key {}", problem.what)));
    }
    if signal == Cause::KeyRestricted || signal == Cause::Forbidden || signal == Cause::KeyWrongHeader {
        return (signal, None);
    }
    match view.key_owner {
        Some((owner, Some(kind))) if view.address.provider.is_none_or(|provider| provider.id == owner.id) => {
            return (
                Cause::KeyWrongKind,
                Some(format!("the key starts with {}: {kind} of {}", key.prefix, owner.name)),
            );
        }
        Some((owner, _)) if view.address.provider.is_none_or(|provider| provider.id != owner.id) => {
            return (
                Cause::KeyWrongProvider,
                Some(format!("keys that start with {} belong to {}", key.prefix, owner.name)),
            );
        }
        _ => {}
    }
    if let Some(problem) = key.problems.first() {
        return (Cause::KeyRejected, Some(format!("the key {}", problem.what)));
    }
    (Cause::KeyRejected, None)
}
