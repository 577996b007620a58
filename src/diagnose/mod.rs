//! From evidence to one root cause: an ordered list of rules, each a pure function. The first that speaks wins.

pub mod abilities;
mod answer;
mod healthy;
mod key;
mod model;
mod network;
mod path;
pub mod place;

use crate::cause::{Cause, Gravity};
use crate::evidence::CHECKS;
use crate::knowledge::advice::Values;
use crate::knowledge::view::{Sight, View};
pub use model::nearest;

/// How a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong, or nothing that the client needs.
    None,
    /// The model answers all the same.
    Warning,
    /// It does not work.
    Error,
}

/// A value to use instead, and whether it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// `base_url`, `key`, `model`, `header` or `parameter`.
    pub field: &'static str,
    /// The value.
    pub value: String,
    /// Whether it was tried.
    pub tried: bool,
    /// Whether it worked then.
    pub worked: bool,
    /// What the trial showed, for people.
    pub proof: Option<String>,
}

/// What a rule found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What is wrong.
    pub cause: Cause,
    /// The check at which it showed; `url`, `key` or `model` if the text alone shows it.
    pub at: &'static str,
    /// What was seen, in sentences.
    pub evidence: Vec<String>,
    /// Further values for the advice.
    pub values: Values,
    /// A value to use instead.
    pub suggestion: Option<Suggestion>,
    /// The observation that showed it.
    pub observation: Option<usize>,
    /// How much it counts.
    pub severity: Severity,
}

impl Finding {
    /// A finding without an observation.
    fn textual(cause: Cause, at: &'static str, evidence: String) -> Self {
        Self {
            cause,
            at,
            evidence: vec![evidence],
            values: Values::new(),
            suggestion: None,
            observation: None,
            severity: Severity::Error,
        }
    }

    /// A finding about one observation, which is its first evidence.
    fn at(cause: Cause, sight: Sight<'_>) -> Self {
        let index = sight.view().evidence.observations.iter().position(|other| std::ptr::eq(other, sight.observation));
        let path = sight
            .observation
            .request
            .as_ref()
            .and_then(|request| url::Url::parse(&request.url).ok())
            .map(|url| url.path().to_owned());
        Self {
            cause,
            at: check_name(sight.check()),
            evidence: vec![describe(sight)],
            values: path.map(|path| ("path", path)).into_iter().collect(),
            suggestion: None,
            observation: index,
            severity: Severity::Error,
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    fn and(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    fn suggest(mut self, suggestion: Option<Suggestion>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

/// The one cause and the lesser findings.
#[derive(Debug)]
pub struct Verdict {
    /// The root cause, or that all is well.
    pub main: Finding,
    /// Lesser findings, most important first.
    pub notes: Vec<Finding>,
    /// Whether the model was heard.
    pub heard: bool,
    /// The name of the rule that spoke.
    pub rule: &'static str,
}

/// One rule and why it stands where it stands.
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// Why it comes before the next.
    pub why: &'static str,
    judge: fn(&View) -> Option<Vec<Finding>>,
}

/// All rules, in order.
pub const RULES: &[Rule] = &[
    Rule { name: "unusable-url", why: "nothing can be asked at a URL that is no API root", judge: path::unusable },
    Rule { name: "out-of-reach", why: "where nothing was asked, nothing is known", judge: place::out_of_reach },
    Rule {
        name: "own-container",
        why: "what answers at localhost here is not what the client's container finds there",
        judge: place::own_container,
    },
    Rule {
        name: "withheld-key",
        why: "a key of another provider was not sent, so nothing else was seen",
        judge: key::withheld,
    },
    Rule { name: "clean-key-works", why: "a trial beats every reading of the refusal", judge: key::cleaned },
    Rule { name: "no-connection", why: "without a connection no answer can be judged", judge: network::no_connection },
    Rule { name: "answered", why: "what works is not broken, whatever the other checks saw", judge: healthy::answered },
    Rule { name: "broken-off", why: "an answer that broke off says nothing else", judge: network::broken_off },
    Rule { name: "twin-works", why: "a trial beats every reading of the refusal", judge: key::twin },
    Rule { name: "forbidden-to-all", why: "what a made-up key gets tells whose refusal it is", judge: key::compared },
    Rule { name: "lost", why: "a path that does not exist explains every other answer there", judge: path::lost },
    Rule {
        name: "chat-said",
        why: "the call that the client makes tells more than the list",
        judge: answer::chat_said,
    },
    Rule { name: "list-said", why: "the list tells where chat was not asked", judge: answer::list_said },
    Rule { name: "other-said", why: "an endpoint asked by itself", judge: answer::other_said },
    Rule {
        name: "no-model",
        why: "all that could be asked worked, but there is no model to hear",
        judge: model::missing,
    },
    Rule { name: "not-heard", why: "all that was asked worked, but chat was not asked", judge: healthy::not_heard },
    Rule {
        name: "unexplained",
        why: "no rule spoke: the evidence is shown instead of a guess",
        judge: answer::unexplained,
    },
];

/// Judges what was seen.
pub fn conclude(view: &View) -> Verdict {
    let heard = view.talk().is_some_and(|talk| talk.healthy())
        || view.all().filter(Sight::healthy).any(|sight| {
            (view.client.speaks_at() == "chat" && matches!(sight.check(), "stream" | "tools"))
                || abilities::judged(view, sight.check())
        })
        || healthy::at_the_end(view).is_some();
    for rule in RULES {
        if let Some(findings) = (rule.judge)(view)
            && !findings.is_empty()
        {
            let mut findings = findings.into_iter();
            let Some(main) = findings.next() else { continue };
            let mut notes: Vec<Finding> = findings.collect();
            // How a URL would travel matters once something travelled there.
            let answered = view.all().any(|sight| sight.answer().is_some());
            notes.extend(healthy::text_warnings(view).into_iter().filter(|note| {
                answered
                    && note.cause != main.cause
                    && main.severity == Severity::Error
                    && note.cause.gravity() != Gravity::Error
            }));
            let mut known = vec![main.cause];
            notes.retain(|note| {
                let new = !known.contains(&note.cause);
                known.push(note.cause);
                new
            });
            return Verdict { main, notes, heard, rule: rule.name };
        }
    }
    let main = Finding::textual(Cause::Unexplained, "models", "nothing was asked".into());
    Verdict { main, notes: Vec::new(), heard, rule: "unexplained" }
}

/// What was seen, in a sentence.
fn describe(sight: Sight<'_>) -> String {
    let what = sight.observation.request.as_ref().map_or_else(
        || sight.check().to_owned(),
        |request| format!("{} {}", request.method, place(sight.view(), &request.url)),
    );
    if let Some(failure) = &sight.observation.failure
        && sight.answer().is_none()
    {
        return format!("{what}: {}", failure.detail);
    }
    let Some(answer) = sight.answer() else { return what };
    let said = sight.reading().and_then(|reading| reading.message());
    let cut = sight
        .observation
        .failure
        .as_ref()
        .map(|failure| format!(", then broke off ({})", failure.detail))
        .unwrap_or_default();
    match said {
        Some(said) if !sight.healthy() => format!("{what} answered {}: {said}{cut}", answer.status),
        _ if answer.body.trim().is_empty() => format!("{what} answered {} with nothing in it{cut}", answer.status),
        _ => format!("{what} answered {}{cut}", answer.status),
    }
}

/// The path alone on the server that the report is about; the whole URL anywhere else.
fn place(view: &View, url: &str) -> String {
    let same = |one: &url::Url, other: &url::Url| {
        one.scheme() == other.scheme()
            && one.host_str() == other.host_str()
            && one.port_or_known_default() == other.port_or_known_default()
    };
    match (url::Url::parse(url), view.address.written()) {
        (Ok(asked), Some(own)) if same(&asked, &own) => {
            let at = url.find("://").and_then(|at| url[at + 3..].find('/').map(|path| at + 3 + path)).unwrap_or(0);
            url[at..].to_owned()
        }
        _ => url.to_owned(),
    }
}

/// A check's name as one of the fixed names of reports.
fn check_name(check: &str) -> &'static str {
    let check = if check == "tools-call" { "tools" } else { check };
    let texts = ["url", "key", "model"];
    CHECKS.iter().chain(&texts).find(|name| **name == check).copied().unwrap_or("models")
}
