//! What every format shows: one cause with its evidence and advice, filled with the user's own values.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::Value;

use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::diagnose::{Finding, Severity, Suggestion, Verdict, conclude};
use crate::evidence::failure::Failure;
use crate::evidence::{Evidence, Observation, Origin, Timing};
use crate::knowledge::advice::{self, Values, fill};
use crate::knowledge::provider::System;
use crate::knowledge::view::{Sight, View};

/// How the examination ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

/// What is said of the key.
#[derive(Debug, Clone, Serialize)]
pub struct KeyReport {
    /// Where it came from.
    pub source: String,
    /// Its public prefix; empty if it has none.
    pub prefix: String,
    /// Its length in characters.
    pub length: usize,
}

/// The connection as it was checked.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectionReport {
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
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionReport {
    /// `base_url`, `key`, `model`, `header` or `parameter`.
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
#[derive(Debug, Clone, Serialize)]
pub struct DiagnosisReport {
    /// Its code.
    pub cause: Cause,
    /// `none`, `warning` or `error`.
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
}

/// A lesser finding.
#[derive(Debug, Clone, Serialize)]
pub struct NoteReport {
    /// Its code.
    pub cause: Cause,
    /// What it is.
    pub title: String,
    /// What to do.
    pub fix: Vec<String>,
}

/// An answer in short.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerReport {
    /// HTTP status.
    pub status: u16,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// The request ID that support asks for.
    pub request_id: Option<String>,
    /// The media type.
    pub content_type: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The body's size in bytes.
    pub bytes: usize,
    /// The start of what the server said, on one line.
    pub excerpt: String,
}

/// The request of a check.
#[derive(Debug, Clone, Serialize)]
pub struct RequestReport {
    /// `GET` or `POST`.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The body's size in bytes.
    pub bytes: usize,
    /// When it was sent (UTC).
    pub at: String,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Its name.
    pub id: String,
    /// A statement that comes true when it passes.
    pub title: String,
    /// `pass`, `warn`, `fail` or `skip`.
    pub status: &'static str,
    /// What happened, in a few words.
    pub summary: String,
    /// Why it was skipped.
    pub skipped_because: Option<String>,
    /// What was sent.
    pub request: Option<RequestReport>,
    /// What came back.
    pub answer: Option<AnswerReport>,
    /// Why nothing complete came back.
    pub failure: Option<Failure>,
    /// How long it took.
    pub timing_ms: Timing,
}

/// The whole report: the JSON contract.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of this layout; fields are only ever added within one number.
    pub schema: u32,
    /// The version of ruta.
    pub ruta: String,
    /// When the examination began (UTC).
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
    /// What the client will do; not predicted for this client.
    pub client_prediction: Option<Value>,
    /// The checks, in order.
    pub checks: Vec<CheckReport>,
    /// What was seen, for judging it again.
    pub evidence: Evidence,
    #[serde(skip)]
    pub(crate) proxy: Option<String>,
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
    let notes = verdict
        .notes
        .iter()
        .map(|note| NoteReport {
            cause: note.cause,
            title: advice::of(note.cause).title.to_owned(),
            fix: fixes(&view, note),
        })
        .collect();
    let checks = view.all().filter(|sight| !hidden(*sight)).map(|sight| check(&view, sight)).collect();
    let target = &view.evidence.target;
    let connection = ConnectionReport {
        base_url: target.base_url.clone(),
        provider: view.address.provider.map(|system| system.name.to_owned()),
        server: server(&view).map(|system| system.name.to_owned()),
        client: target.client.clone(),
        model: target.model.as_deref().map(|model| one_line(model, 200)),
        key: target.key.as_ref().map(|key| KeyReport {
            source: key.source.describe(),
            prefix: key.prefix.clone(),
            length: key.length,
        }),
    };
    let proxy = target.proxy.as_ref().map(|proxy| format!("{} (from {})", proxy.url, proxy.source));
    Report {
        schema: 1,
        ruta: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: view.evidence.started_at.clone(),
        duration_ms: view.evidence.duration_ms,
        outcome,
        connection,
        diagnosis,
        notes,
        client_prediction: None,
        checks,
        evidence: view.evidence,
        proxy,
    }
}

/// The software to name: the server itself rather than what stands in front of it, and not the provider again.
fn server(view: &View) -> Option<&'static System> {
    view.software.iter().copied().find(|system| view.address.provider.is_none_or(|provider| provider.id != system.id))
}

fn outcome(view: &View, verdict: &Verdict) -> Outcome {
    match verdict.main.severity {
        Severity::None if verdict.heard || view.evidence.origin == Origin::Told => {
            if verdict.notes.is_empty() {
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
    let (title, meaning) = if main.cause == Cause::Ok && outcome == Outcome::Inconclusive {
        (
            "what was asked works, but the model was not heard".to_owned(),
            "Only the parts above were checked. Whether the model answers is not known.".to_owned(),
        )
    } else {
        (words.title.to_owned(), fill(words.meaning, &values).unwrap_or_default())
    };
    let fix = if main.cause == Cause::Ok && outcome == Outcome::Inconclusive {
        vec!["run it again without `--only` or `--skip`".to_owned()]
    } else {
        fixes(view, main)
    };
    let mut links: Vec<String> = Vec::new();
    for system in view.address.provider.into_iter().chain(server(view)) {
        for name in words.links {
            if let Some(link) = system.link(name)
                && !links.iter().any(|known| known == link)
            {
                links.push(link.to_owned());
            }
        }
    }
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
        title,
        meaning,
        evidence: main.evidence.iter().map(|line| one_line(line, 400)).collect(),
        fix,
        suggestion: main.suggestion.as_ref().map(suggested),
        links,
        span,
    }
}

fn suggested(suggestion: &Suggestion) -> SuggestionReport {
    SuggestionReport {
        field: suggestion.field.to_owned(),
        value: suggestion.value.clone(),
        tried: suggestion.tried,
        worked: suggestion.worked,
        proof: suggestion.proof.clone(),
    }
}

/// The fix lines that can be filled: the system's own first.
fn fixes(view: &View, finding: &Finding) -> Vec<String> {
    let values = values(view, finding);
    let own = view
        .address
        .provider
        .into_iter()
        .chain(server(view))
        .flat_map(|system| system.advice.iter())
        .filter(|(cause, _)| *cause == finding.cause)
        .flat_map(|(_, lines)| lines.iter().copied());
    let mut lines: Vec<String> =
        own.chain(advice::of(finding.cause).fix.iter().copied()).filter_map(|line| fill(line, &values)).collect();
    lines.truncate(5);
    lines
}

/// Everything that may stand in the advice.
fn values(view: &View, finding: &Finding) -> Values {
    let mut values = finding.values.clone();
    let mut put = |name: &'static str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            values.entry(name).or_insert(value);
        }
    };
    let target = &view.evidence.target;
    let url = view.address.written();
    put(
        "url",
        Some(view.address.facts.shown.clone())
            .filter(|shown| !shown.is_empty())
            .or_else(|| Some("the base URL".into())),
    );
    put("host", url.as_ref().and_then(|url| url.host_str().map(str::to_owned)).or_else(|| Some("the server".into())));
    put("port", url.as_ref().and_then(url::Url::port_or_known_default).map(|port| port.to_string()));
    put("path", url.as_ref().map(|url| url.path().to_owned()));
    put("client", Some(client_name(&target.client).to_owned()));
    put("model", view.model().map(|model| one_line(model, 120)));
    let provider = view.address.provider;
    put(
        "provider",
        provider
            .filter(|_| finding.cause != Cause::KeyWrongProvider || target.key_withheld.is_some())
            .map(|system| system.name.to_owned()),
    );
    put("server", server(view).map(|system| system.name.to_owned()));
    if let Some(key) = &target.key {
        put("key_prefix", Some(key.prefix.clone()));
        put("key_length", Some(key.length.to_string()));
        put("key_source", Some(key.source.describe()));
    }
    let known = provider.or_else(|| server(view));
    for (name, link) in [
        ("keys_link", "keys"),
        ("credits_link", "credits"),
        ("limits_link", "limits"),
        ("models_link", "models"),
        ("status_link", "status"),
        ("docs_link", "docs"),
    ] {
        put(name, known.and_then(|system| system.link(link)).map(str::to_owned));
    }
    put("key_env", known.and_then(|system| system.key_env.first()).map(|name| (*name).to_owned()));
    if let Some(suggestion) = &finding.suggestion {
        let name = match suggestion.field {
            "model" => "nearest_model",
            "parameter" => "other_parameter",
            _ => "suggested_url",
        };
        if suggestion.field != "key"
            && !(suggestion.tried
                && !suggestion.worked
                && suggestion.field == "base_url"
                && provider.is_none()
                && !finding.cause.code().starts_with("url-"))
        {
            put(name, Some(suggestion.value.clone()));
        }
    } else if finding.cause.code().starts_with("url-") {
        put("suggested_url", view.address.suggested.clone());
    }
    put("clean_value", view.address.facts.corrected.clone());
    if let Some(observation) = finding.observation.and_then(|index| view.evidence.observations.get(index)) {
        observed(view, observation, &mut put);
    }
    values
}

fn observed(view: &View, observation: &Observation, put: &mut impl FnMut(&'static str, Option<String>)) {
    let Some(answer) = &observation.answer else { return };
    put("status", Some(answer.status.to_string()));
    put("request_id", request_id(view, answer));
    let reading = crate::evidence::reading::read(answer);
    put("error_message", reading.message().map(str::to_owned));
    put("error_code", reading.code(answer.status).map(|code| one_line(code, 80)));
    if let Some((after, at)) = retry_after(answer.header("retry-after"), observation) {
        put("retry_after", Some(after));
        put("retry_at", Some(at));
    }
    put("title_seen", reading.title.clone());
    put("location", answer.header("location").map(|location| one_line(location, 200)));
}

/// `Retry-After` as a span and as a time of day in UTC.
fn retry_after(header: Option<&str>, observation: &Observation) -> Option<(String, String)> {
    let header = header?.trim();
    let asked = observation
        .request
        .as_ref()
        .and_then(|request| humantime::parse_rfc3339(&request.at).ok())
        .unwrap_or_else(SystemTime::now);
    let wait = match header.parse::<f64>() {
        Ok(seconds) if (0.0..=31_536_000.0).contains(&seconds) => Duration::from_secs_f64(seconds.ceil()),
        Ok(_) => return None,
        Err(_) => httpdate::parse_http_date(header).ok()?.duration_since(asked).ok()?,
    };
    let wait = Duration::from_secs(wait.as_secs());
    let at = humantime::format_rfc3339_seconds(asked + wait).to_string();
    Some((humantime::format_duration(wait).to_string(), format!("{} UTC", at.get(11..16).unwrap_or_default())))
}

/// The request ID: by the header names of the known systems first, then by the usual ones, then from the message.
pub(crate) fn request_id(view: &View, answer: &crate::evidence::answer::Answer) -> Option<String> {
    const USUAL: &[&str] = &[
        "x-request-id",
        "request-id",
        "x-oneapi-request-id",
        "x-litellm-call-id",
        "x-amzn-requestid",
        "apim-request-id",
        "x-ms-request-id",
        "x-correlation-id",
        "x-trace-id",
        "x-ds-trace-id",
        "cf-ray",
    ];
    let known = view
        .address
        .provider
        .into_iter()
        .chain(view.software.iter().copied())
        .flat_map(|system| system.request_id.iter().copied());
    let header = known.chain(USUAL.iter().copied()).find_map(|name| answer.header(name)).filter(|id| !id.is_empty());
    header.map(|id| one_line(id, 120)).or_else(|| {
        let at = answer.body.find("request id: ")? + "request id: ".len();
        let id: String = answer.body[at..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
            .take(80)
            .collect();
        (id.len() >= 6).then_some(id)
    })
}

/// A follow-up that found nothing is no check of its own; it stands in the evidence.
fn hidden(sight: Sight<'_>) -> bool {
    let helper = matches!(
        sight.observation.check.as_str(),
        "other-root" | "other-scheme" | "models-clean-key" | "proof-models" | "proof-chat" | "chat-again"
    );
    helper && !sight.observation.ran()
}

fn check(view: &View, sight: Sight<'_>) -> CheckReport {
    let observation = sight.observation;
    let followed =
        observation.check == "chat" && view.count("chat-again") > 0 && view.chat().is_some_and(|chat| chat.healthy());
    let status = if observation.skipped.is_some() {
        "skip"
    } else if sight.healthy() && observation.failure.is_none() {
        "pass"
    } else if followed || (observation.check == "models" && view.chat().is_some_and(|chat| chat.healthy())) {
        "warn"
    } else {
        "fail"
    };
    CheckReport {
        id: observation.check.clone(),
        title: crate::knowledge::titles::title(&observation.check).to_owned(),
        status,
        summary: summary(view, sight),
        skipped_because: observation.skipped.clone(),
        request: observation.request.as_ref().map(|request| RequestReport {
            method: request.method.clone(),
            url: request.url.clone(),
            bytes: request.bytes,
            at: request.at.clone(),
        }),
        answer: observation.answer.as_ref().map(|answer| AnswerReport {
            status: answer.status,
            version: answer.version.clone(),
            request_id: request_id(view, answer),
            content_type: answer.content_type(),
            retry_after: answer.header("retry-after").map(|value| one_line(value, 80)),
            bytes: answer.bytes,
            excerpt: one_line(&answer.body, 300),
        }),
        failure: observation.failure.clone(),
        timing_ms: observation.timing,
    }
}

fn summary(view: &View, sight: Sight<'_>) -> String {
    if let Some(because) = &sight.observation.skipped {
        return because.clone();
    }
    let time = sight.observation.timing.total.map_or_else(String::new, |total| {
        if total < 1000.0 { format!("{total:.0} ms") } else { format!("{:.1} s", total / 1000.0) }
    });
    if let Some(failure) = &sight.observation.failure {
        return match sight.status() {
            Some(status) => format!("{status}, then {}", one_line(&failure.detail, 100)),
            None => one_line(&failure.detail, 120),
        };
    }
    let Some(status) = sight.status() else { return String::new() };
    if sight.healthy() {
        return match sight.list() {
            Some(list) if list.count == 1 => format!("1 model, {time}"),
            Some(list) => format!("{} models, {time}", list.count),
            None => match sight.observation.request.as_ref().and_then(|request| request.variant.as_deref()) {
                Some(variant) => format!("with {variant}, {time}"),
                None => time,
            },
        };
    }
    let said = sight
        .reading()
        .and_then(|reading| reading.message())
        .map(|said| format!(": {}", one_line(said, 120)))
        .unwrap_or_default();
    let _ = view;
    format!("{status}{said}")
}

/// A client's name for people.
fn client_name(id: &str) -> &str {
    if id == "open-webui" { "Open WebUI" } else { id }
}
