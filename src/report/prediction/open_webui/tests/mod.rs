//! The rules one by one, with sentences and bodies of our own. Each was compared with the real program, see
//! `tests/real/open-webui.sh`.

mod chat;
mod list;
mod values;

use super::Prediction;
use crate::connection::KeySource;
use crate::connection::key::{ApiKey, read};
use crate::connection::scrub::Scrubber;
use crate::evidence::answer::Answer;
use crate::evidence::failure::{Failure, Kind, Stage};
use crate::evidence::{Evidence, KeySent, Observation, Origin, Request, SCHEMA, Target, Timing};
use crate::knowledge::view::View;

const ROOT: &str = "https://api.ai.example/v1";
const LIST: &str = r#"{"object":"list","data":[{"id":"gpt-5.5"}]}"#;
const EVENTS: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"pong\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// What a check got: a status, a media type and a body, or a failure, or both.
#[derive(Clone, Default)]
struct Got {
    check: &'static str,
    url: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    failure: Option<Kind>,
    keyless: bool,
    posted: bool,
    seconds: f64,
}

fn got(check: &'static str, status: u16, kind: &str, body: &str) -> Got {
    let path = if matches!(check, "models" | "other-root") { "/models" } else { "/chat/completions" };
    let headers = if kind.is_empty() { Vec::new() } else { vec![("content-type", kind.to_owned())] };
    Got { check, url: format!("{ROOT}{path}"), status, headers, body: body.to_owned(), ..Got::default() }
}

fn failed(check: &'static str, kind: Kind) -> Got {
    Got { failure: Some(kind), ..got(check, 0, "", "") }
}

fn json(check: &'static str, status: u16, body: &str) -> Got {
    got(check, status, "application/json", body)
}

fn events(body: &str) -> Got {
    got("tools", 200, "text/event-stream", body)
}

fn listed() -> Got {
    json("models", 200, LIST)
}

impl Got {
    fn at(mut self, url: &str) -> Self {
        self.url = url.to_owned();
        self
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn keyless(mut self) -> Self {
        self.keyless = true;
        self
    }

    /// An aside that was a chat.
    fn posted(mut self) -> Self {
        self.posted = true;
        self
    }

    fn observation(self) -> Observation {
        let post = self.posted || !matches!(self.check, "models" | "other-root" | "entered" | "followed");
        let headers = self.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (body, scrubber) = (self.body.as_bytes(), Scrubber::new(None, []));
        Observation {
            check: self.check.to_owned(),
            request: Some(Request {
                method: if post { "POST" } else { "GET" }.to_owned(),
                root: self.url.trim_end_matches("/models").trim_end_matches("/chat/completions").to_owned(),
                url: self.url,
                bytes: 0,
                body: None,
                at: String::new(),
                key: if self.keyless { KeySent::None } else { KeySent::Own },
                auth: "bearer".to_owned(),
                variant: None,
                streamed: self.posted || self.check == "tools",
            }),
            answer: (self.status > 0)
                .then(|| Answer::capture(self.status, "HTTP/1.1", headers, body, body.len(), &scrubber)),
            failure: self.failure.map(|kind| Failure {
                kind,
                stage: match kind {
                    _ if self.status > 0 => Stage::Body,
                    Kind::Refused | Kind::ConnectTimeout => Stage::Connect,
                    Kind::TlsExpired => Stage::Tls,
                    _ => Stage::FirstByte,
                },
                detail: String::new(),
                facts: std::collections::BTreeMap::new(),
            }),
            skipped: None,
            timing: Timing { total: Some(self.seconds * 1000.0), ..Timing::default() },
            address: None,
        }
    }
}

fn evidence(url: &str, seen: &[Got]) -> Evidence {
    let key = ApiKey::new("sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5".to_owned());
    Evidence {
        schema: SCHEMA,
        ruta: "0.0.0".to_owned(),
        platform: None,
        anonymized: false,
        started_at: String::new(),
        duration_ms: 0,
        origin: Origin::Examined,
        target: Target {
            base_url: Some(url.to_owned()),
            key: Some(read(&key, KeySource::Stdin, ["sk-"].into_iter())),
            model: Some("gpt-5.5".to_owned()),
            client: "open-webui".to_owned(),
            timeout_s: 30.0,
            connect_timeout_s: 10.0,
            headers: Vec::new(),
            proxy: None,
            proxy_remarks: Vec::new(),
            wanted: Vec::new(),
            in_container: false,
            key_withheld: None,
            name: None,
            remarks: Vec::new(),
            waited: None,
            client_assumed: false,
            way: crate::evidence::Way::default(),
            full: false,
            client_in_container: false,
            loopback_only: false,
            found: false,
            models_by_hand: false,
            out_of_reach: None,
        },
        observations: seen.iter().cloned().map(Got::observation).collect(),
    }
}

fn predict(seen: &[Got]) -> Prediction {
    super::predict(&View::of(evidence(ROOT, seen)), None).unwrap()
}

/// The button's words, `nothing` for none.
fn verify(list: Got) -> String {
    let told = predict(&[list]);
    told.verify_says.unwrap_or_else(|| told.verify.unwrap_or_default().replace("silent", "nothing"))
}

/// `models`, `nothing` or `breaks`.
fn menu(list: Got) -> &'static str {
    let told = predict(&[list]);
    match (told.models_listed, told.breaks_all_lists) {
        (Some(true), false) => "models",
        (Some(false), true) => "breaks",
        (Some(false), false) => "nothing",
        _ => "odd",
    }
}

/// What a chat shows whose model is in the menu.
fn chat(answer: Got) -> String {
    let told = predict(&[listed(), answer]);
    told.chat_says.unwrap_or_else(|| told.chat.unwrap_or("unknown").to_owned())
}
