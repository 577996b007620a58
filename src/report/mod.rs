//! What every format shows: one cause with its evidence and advice, filled with the user's own values.

mod ability;
pub mod anonymous;
mod check;
pub mod prediction;
pub mod schema;
mod words;

use serde::Serialize;

use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::diagnose::{Severity, Suggestion, Verdict, abilities, conclude};
use crate::evidence::{Evidence, Target, span};
use crate::knowledge::advice::{self, fill};
use crate::knowledge::provider::System;
use crate::knowledge::view::View;
pub use ability::AbilityReport;
pub use check::{AnswerReport, CheckReport, RequestReport};
use check::{check, hidden};
use prediction::Prediction;
use words::{fixes, values};

/// How the examination ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The model answered on the path that the client will call.
    Works,
    /// It did, and there is something to know.
    WorksWithWarnings,
    /// It does not work.
    Broken,
    /// Nothing failed, but the model was not heard.
    Inconclusive,
}

impl Outcome {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::WorksWithWarnings => "works-with-warnings",
            Self::Broken => "broken",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What is said of the key.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct KeyReport {
    /// Where it came from.
    pub source: String,
    /// Its public prefix; empty if it has none.
    pub prefix: String,
    /// Its length in characters.
    pub length: usize,
}

/// The connection as it was checked.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct ConnectionReport {
    /// The name under which it is saved, or its place where it was found.
    pub name: Option<String>,
    /// The base URL as written, passwords taken out.
    pub base_url: Option<String>,
    /// The provider that the host belongs to.
    pub provider: Option<String>,
    /// The recognised server software.
    pub server: Option<String>,
    /// The client that will use the values.
    pub client: String,
    /// The model ID as written.
    pub model: Option<String>,
    /// The key, never its text.
    pub key: Option<KeyReport>,
}

/// A value to use instead.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct SuggestionReport {
    /// `base_url`, `key`, `model`, `header` or `parameter`.
    #[schemars(extend("enum" = ["base_url", "key", "model", "header", "parameter"]))]
    pub field: String,
    /// The value.
    pub value: String,
    /// Whether it was tried.
    pub tried: bool,
    /// Whether it worked then.
    pub worked: bool,
    #[serde(skip)]
    pub(crate) proof: Option<String>,
}

/// The one cause.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DiagnosisReport {
    /// Its code.
    pub cause: Cause,
    /// `none`, `warning` or `error`.
    #[schemars(extend("enum" = ["none", "warning", "error"]))]
    pub severity: &'static str,
    /// Whether the same request may work later.
    pub retry_later: bool,
    /// The check at which it showed.
    pub seen_at: String,
    /// The cause in a few words.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// What was seen.
    pub evidence: Vec<String>,
    /// What to do.
    pub fix: Vec<String>,
    /// A value to use instead.
    pub suggestion: Option<SuggestionReport>,
    /// Pages that help.
    pub links: Vec<String>,
    /// The faulty part of the base URL, in bytes, for an underline.
    #[serde(skip)]
    pub(crate) span: Option<(std::ops::Range<usize>, String)>,
    /// The place in [`Evidence::observations`] of what showed it.
    #[serde(skip)]
    pub(crate) observation: Option<usize>,
}

/// A lesser finding.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct NoteReport {
    /// Its code.
    pub cause: Cause,
    /// What it is.
    pub title: String,
    /// What to do.
    pub fix: Vec<String>,
}

/// The whole report: the JSON contract.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// Version of this layout; fields are only ever added within one number.
    #[schemars(extend("const" = 1))]
    pub schema: u32,
    /// The version of ruta.
    pub ruta: String,
    /// When the examination began (UTC).
    #[schemars(extend("format" = "date-time"))]
    pub started_at: String,
    /// How long it took.
    pub duration_ms: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What was checked.
    pub connection: ConnectionReport,
    /// The one cause.
    pub diagnosis: DiagnosisReport,
    /// Lesser findings.
    pub notes: Vec<NoteReport>,
    /// What the client will do; `None` where it is not predicted for this client.
    pub client_prediction: Option<Prediction>,
    /// What the server can do beside plain chat, as far as it was asked for.
    pub abilities: Vec<AbilityReport>,
    /// The checks, in order.
    pub checks: Vec<CheckReport>,
    /// What was seen, for judging it again.
    pub evidence: Evidence,
    /// What is to be said of the way to the server and of where the values come from, in sentences.
    #[serde(skip)]
    pub(crate) remarks: Vec<String>,
    /// The provider or, where none is known, the software: for its links.
    #[serde(skip)]
    pub(crate) system: Option<&'static System>,
}

impl Report {
    /// The exit code: 0 works, 1 broken or not told, 75 broken and worth trying later.
    pub fn exit(&self, strict: bool) -> u8 {
        match self.outcome {
            Outcome::Works => 0,
            Outcome::WorksWithWarnings => u8::from(strict),
            Outcome::Inconclusive => 1,
            Outcome::Broken => {
                if self.diagnosis.retry_later {
                    75
                } else {
                    1
                }
            }
        }
    }
}

/// Judges evidence and puts it into words.
pub fn report(evidence: Evidence) -> Report {
    let view = View::of(evidence);
    let verdict = conclude(&view);
    let outcome = outcome(&view, &verdict);
    let diagnosis = diagnosis(&view, &verdict, outcome);
    let prediction = prediction::predict(&view, diagnosis.suggestion.as_ref());
    let notes = verdict
        .notes
        .iter()
        .map(|note| NoteReport {
            cause: note.cause,
            title: advice::of(note.cause).title.to_owned(),
            fix: fixes(&view, note),
        })
        .collect();
    // A finding about an answer that came: a warning, or what is one for most clients and an error for this one.
    let judged = |index: usize| {
        let found = std::iter::once(&verdict.main).chain(&verdict.notes).filter(|finding| {
            finding.severity == Severity::Warning || finding.cause.gravity() == crate::cause::Gravity::Warning
        });
        found.filter(|finding| finding.observation == Some(index)).map(|finding| finding.severity).max()
    };
    let outcomes = abilities::outcomes(&view);
    let checks = view
        .all()
        .enumerate()
        .filter(|(_, sight)| !hidden(*sight, &outcomes))
        .map(|(index, sight)| check(&view, sight, judged(index), &outcomes))
        .collect();
    let target = &view.evidence.target;
    let connection = ConnectionReport {
        name: target.name.clone(),
        base_url: target.base_url.clone(),
        provider: view.address.provider.map(|system| system.name.to_owned()),
        server: server(&view).map(|system| system.name.to_owned()),
        client: target.client.clone(),
        model: view.model().map(|model| one_line(model, 200)),
        key: target.key.as_ref().filter(|_| view.has_key()).map(|key| KeyReport {
            source: key.source.describe(),
            prefix: key.prefix.clone(),
            length: key.length,
        }),
    };
    let remarks = remarks(target);
    Report {
        schema: 1,
        ruta: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: view.evidence.started_at.clone(),
        duration_ms: view.evidence.duration_ms,
        outcome,
        connection,
        diagnosis,
        notes,
        client_prediction: prediction,
        abilities: outcomes.iter().map(|outcome| AbilityReport::of(&view, outcome)).collect(),
        checks,
        system: view.address.provider.or_else(|| server(&view)),
        evidence: view.evidence,
        remarks,
    }
}

/// What is to be said of the way to the server, the wait for it, and where the values come from.
fn remarks(target: &Target) -> Vec<String> {
    let waited = target.waited.map(|waited| {
        let time = span(f64::from(u32::try_from(waited.ms).unwrap_or(u32::MAX)));
        format!("after waiting {time} for the server: this is try {}", waited.tries.saturating_add(1))
    });
    let proxy = target.proxy.as_ref().map(|proxy| format!("through the proxy {} (from {})", proxy.url, proxy.source));
    waited
        .into_iter()
        .chain(proxy)
        .chain(target.proxy_remarks.iter().cloned())
        .chain(target.remarks.iter().cloned())
        .collect()
}

/// The software to name: the server itself rather than what stands in front of it, and not the provider again.
fn server(view: &View) -> Option<&'static System> {
    view.software.iter().copied().find(|system| view.address.provider.is_none_or(|provider| provider.id != system.id))
}

fn outcome(view: &View, verdict: &Verdict) -> Outcome {
    match verdict.main.severity {
        Severity::None if verdict.heard || view.evidence.origin.elsewhere() => {
            if verdict.notes.iter().all(|note| note.severity == Severity::None) {
                Outcome::Works
            } else {
                Outcome::WorksWithWarnings
            }
        }
        Severity::None => Outcome::Inconclusive,
        Severity::Warning => Outcome::WorksWithWarnings,
        Severity::Error if verdict.main.cause == Cause::ModelMissing && verdict.rule == "no-model" => {
            Outcome::Inconclusive
        }
        Severity::Error => Outcome::Broken,
    }
}

fn diagnosis(view: &View, verdict: &Verdict, outcome: Outcome) -> DiagnosisReport {
    let main = &verdict.main;
    let words = advice::of(main.cause);
    let values = values(view, main);
    let out_of_reach = view.evidence.target.out_of_reach.as_deref().filter(|_| main.cause == Cause::Ok);
    let partly = main.cause == Cause::Ok && outcome == Outcome::Inconclusive;
    let told_list = main.cause == Cause::Ok && view.evidence.origin.elsewhere() && main.at == "models";
    let (title, meaning) = if out_of_reach.is_some() {
        ("this cannot be checked from here", "Nothing was asked, so nothing is known of this connection.".to_owned())
    } else if partly {
        words::unheard(view)
    } else if told_list {
        (
            "this is a list of models that clients can read",
            "Whether the model answers cannot be told from a list.".to_owned(),
        )
    } else {
        (words.title, sentence(fill(words.meaning, &values).unwrap_or_default()))
    };
    let fix = if let Some(remedy) = out_of_reach {
        vec![one_line(remedy, 400), "or run `ruta doctor` where the client runs, with the same values".to_owned()]
    } else if partly {
        vec!["run it again without `--only` or `--skip`".to_owned()]
    } else if main.cause == Cause::Ok && view.evidence.target.found {
        // The client has these values already.
        Vec::new()
    } else if told_list {
        vec!["run `ruta doctor` to let the model answer".to_owned()]
    } else {
        fixes(view, main)
    };
    let mut links: Vec<String> = Vec::new();
    if let Some(system) = view.address.provider.or_else(|| server(view)) {
        for name in words.links {
            if let Some(link) = system.link(name)
                && !links.iter().any(|known| known == link)
            {
                links.push(link.to_owned());
            }
        }
    }
    links.retain(|link| !fix.iter().any(|line| line.contains(link.as_str())));
    let span = view
        .address
        .facts
        .problem(main.cause)
        .filter(|_| main.cause.family() == crate::cause::Family::Url)
        .map(|problem| (problem.span.clone(), problem.label.clone()));
    DiagnosisReport {
        cause: main.cause,
        severity: match main.severity {
            Severity::None => "none",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        retry_later: main.severity == Severity::Error && main.cause.retry_later(),
        seen_at: main.at.to_owned(),
        title: title.to_owned(),
        meaning,
        evidence: main.evidence.iter().map(|line| one_line(line, 400)).collect(),
        fix,
        suggestion: main
            .suggestion
            .as_ref()
            .filter(|suggestion| suggestion.field != "base_url" || view.client.reaches(&suggestion.value))
            .map(|suggestion| suggested(view, suggestion)),
        links,
        span,
        observation: main.observation,
    }
}

/// A sentence that begins with "the server" because no host is known begins with a capital.
fn sentence(text: String) -> String {
    text.strip_prefix("the ").map(|rest| format!("The {rest}")).unwrap_or(text)
}

fn suggested(view: &View, suggestion: &Suggestion) -> SuggestionReport {
    SuggestionReport {
        field: suggestion.field.to_owned(),
        value: entered(view, suggestion.field, &suggestion.value),
        tried: suggestion.tried,
        worked: suggestion.worked,
        proof: suggestion.proof.clone(),
    }
}

/// The value as it is entered in the client, which may make a longer URL of it.
fn entered(view: &View, field: &str, value: &str) -> String {
    if field == "base_url" { view.client.enter(value) } else { value.to_owned() }
}
