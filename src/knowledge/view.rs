//! Evidence seen with what is known: the address judged, each answer read, its meaning looked up.

use std::sync::OnceLock;

use serde_json::Value;

use super::address::{self, Address};
use super::client::{self, Client};
use super::provider::{self, System};
use super::signal::{self, Signal};
use crate::cause::Cause;
use crate::evidence::answer::Answer;
use crate::evidence::list::{ModelList, Shape};
use crate::evidence::media::Media;
use crate::evidence::reading::{self, Reading, Reply};
use crate::evidence::{Evidence, KeySent, Observation};

/// One observation with its reading.
#[derive(Debug)]
pub struct Seen {
    /// The check's place in [`Evidence::observations`].
    pub index: usize,
    /// The answer, read; `None` if none came.
    pub reading: Option<Reading>,
    /// What the answer means by itself, once somebody wants to know.
    signal: OnceLock<Option<Signal>>,
}

/// Evidence with everything that follows from a single fact.
#[derive(Debug)]
pub struct View {
    /// The facts themselves.
    pub evidence: Evidence,
    /// The client that will use the values.
    pub client: &'static Client,
    /// The base URL, judged as this client uses it.
    pub address: Address,
    /// Recognised software, servers before middle boxes.
    pub software: Vec<&'static System>,
    /// The provider that the key's prefix belongs to, and what kind of credential it is if not an inference key.
    pub key_owner: Option<(&'static System, Option<&'static str>)>,
    seen: Vec<Seen>,
}

impl View {
    /// Looks at evidence.
    pub fn of(mut evidence: Evidence) -> Self {
        let observations = std::mem::take(&mut evidence.observations);
        let client = client::of(&evidence.target.client);
        let mut address = address::judge_for(evidence.target.base_url.as_deref().unwrap_or_default(), client);
        let asked = !evidence.target.full && evidence.target.wanted.iter().any(|check| check == "messages");
        if asked || client.needs.contains(&"messages") {
            address.allow_messages();
        }
        let key_owner =
            evidence.target.key.as_ref().and_then(|key| provider::by_key_prefix(&key.prefix, address.provider));
        let mut view = Self { evidence, client, address, software: Vec::new(), key_owner, seen: Vec::new() };
        for observation in observations {
            view.push(observation);
        }
        view
    }

    /// Adds what was seen next.
    pub fn push(&mut self, observation: Observation) {
        let reading = observation.answer.as_ref().map(reading::read);
        let known = self.software.len();
        if let (Some(answer), Some(reading), false) = (&observation.answer, &reading, is_aside(&observation.check)) {
            for system in signal::software(answer, reading) {
                if !self.software.iter().any(|other| other.id == system.id) {
                    self.software.push(system);
                }
            }
        }
        self.seen.push(Seen { index: self.evidence.observations.len(), reading, signal: OnceLock::new() });
        self.evidence.observations.push(observation);
        if self.software.len() > known {
            self.software.sort_by_key(|system| rank(system));
            // With other software answers may mean something else.
            self.seen.iter_mut().for_each(|seen| seen.signal = OnceLock::new());
        }
    }

    /// Puts the observations from this one on into another order.
    pub fn arrange<K: Ord>(&mut self, from: usize, place: impl Fn(&Observation) -> K) {
        let from = from.min(self.seen.len());
        let observations = self.evidence.observations.drain(from..);
        let mut tail: Vec<_> = observations.zip(self.seen.drain(from..)).collect();
        tail.sort_by_key(|(observation, _)| place(observation));
        for (observation, seen) in tail {
            self.seen.push(Seen { index: self.seen.len(), ..seen });
            self.evidence.observations.push(observation);
        }
    }

    /// Everything that was run or skipped to judge the connection, in order.
    pub fn all(&self) -> impl Iterator<Item = Sight<'_>> {
        self.everything().filter(|sight| !is_aside(&sight.observation.check))
    }

    /// Everything that was run or skipped, also what only tells how the client would fare, in order.
    pub fn everything(&self) -> impl Iterator<Item = Sight<'_>> {
        self.seen.iter().map(|seen| Sight { view: self, seen, observation: &self.evidence.observations[seen.index] })
    }

    /// The last observation of this check that was run.
    pub fn of_check(&self, check: &str) -> Option<Sight<'_>> {
        self.all().filter(|sight| sight.observation.check == check && sight.observation.ran()).last()
    }

    /// The observations of this check that were run.
    pub fn count(&self, check: &str) -> usize {
        self.all().filter(|sight| sight.observation.check == check && sight.observation.ran()).count()
    }

    /// Whether this check was skipped or run.
    pub fn has(&self, check: &str) -> bool {
        self.all().any(|sight| sight.observation.check == check)
    }

    /// The list of models, wherever it was found with the user's key or in public.
    pub fn list(&self) -> Option<&ModelList> {
        self.all().filter_map(|sight| sight.list()).find(|list| list.shape == Shape::Standard)
    }

    /// The model that the user gave, unless it is blank.
    pub fn model(&self) -> Option<&str> {
        self.evidence.target.model.as_deref().filter(|model| !model.trim().is_empty())
    }

    /// Whether a key was given that is more than blanks.
    pub fn has_key(&self) -> bool {
        self.evidence
            .target
            .key
            .as_ref()
            .is_some_and(|key| !key.problems.iter().any(|problem| problem.cause == Cause::KeyMissing))
    }

    /// Whether the server runs on this machine or in the private network.
    pub fn is_private(&self) -> bool {
        self.address
            .written()
            .is_some_and(|url| url.host().is_some_and(|host| crate::connection::url::is_private(&host)))
    }

    /// The final answer of a chat at the root as given: the last of its tries.
    pub fn chat(&self) -> Option<Sight<'_>> {
        self.all()
            .filter(|sight| {
                matches!(sight.observation.check.as_str(), "chat" | "chat-again") && sight.observation.ran()
            })
            .last()
    }

    /// The final answer at the endpoint where the client lets the model speak, at the root as given.
    pub fn talk(&self) -> Option<Sight<'_>> {
        match self.client.speaks_at() {
            "chat" => self.chat(),
            check => self.all().filter(|sight| sight.is_talk(check) && sight.observation.ran()).last(),
        }
    }
}

/// A gateway speaks for the servers behind it, and a server for itself before the box in front of it.
fn rank(system: &System) -> u8 {
    match system.kind {
        "gateway" => 0,
        "local" | "cloud" => 1,
        _ => 2,
    }
}

/// Whether a check only tells how the client would fare: it judges nothing.
pub fn is_aside(check: &str) -> bool {
    matches!(check, "entered" | "followed")
}

/// `chat-again` is judged as `chat`, `other-root` as `models` …
pub fn kind_of(check: &str) -> &str {
    match check {
        "chat-again" | "proof-chat" => "chat",
        "responses-again" | "proof-responses" => "responses",
        "messages-again" | "proof-messages" => "messages",
        "other-root" | "other-scheme" | "twin" | "proof-models" | "models-no-key" | "models-made-up-key"
        | "models-clean-key" => "models",
        check => check,
    }
}

/// One observation with all that is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    view: &'a View,
    seen: &'a Seen,
    /// What was sent and came back.
    pub observation: &'a Observation,
}

impl<'a> Sight<'a> {
    /// The answer, if one came.
    pub fn answer(&self) -> Option<&'a Answer> {
        self.observation.answer.as_ref()
    }

    /// The answer, read.
    pub fn reading(&self) -> Option<&'a Reading> {
        self.seen.reading.as_ref()
    }

    /// What the answer means by itself; a healthy answer means nothing.
    pub fn signal(&self) -> Option<Signal> {
        if self.healthy() {
            return None;
        }
        *self.seen.signal.get_or_init(|| {
            let (answer, reading) = self.answer().zip(self.reading())?;
            let kind = match self.check() {
                "tools-call" => "tools",
                "parameters" | "structured" => "chat",
                kind => kind,
            };
            signal::signal(answer, reading, kind, self.view.address.provider, &self.view.software)
        })
    }

    /// The cause that the answer alone points to.
    pub fn cause(&self) -> Option<Cause> {
        self.signal().map(|signal| signal.cause)
    }

    /// HTTP status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }

    /// The models that the answer lists.
    pub fn list(&self) -> Option<&'a ModelList> {
        let answer = self.answer()?;
        if self.check() == "models" { answer.list.as_ref().filter(|_| answer.success()) } else { None }
    }

    /// The kind of check that this is.
    pub fn check(&self) -> &'a str {
        kind_of(&self.observation.check)
    }

    /// Which key was sent.
    pub fn key(&self) -> Option<KeySent> {
        self.observation.request.as_ref().map(|request| request.key)
    }

    /// The API root that was asked.
    pub fn root(&self) -> Option<&'a str> {
        self.observation.request.as_ref().map(|request| request.root.as_str())
    }

    /// Whether the server did what was asked: listed models, let the model speak, gave a vector …
    pub fn healthy(&self) -> bool {
        let (Some(answer), Some(reading)) = (self.answer(), self.reading()) else { return false };
        // A stream that said its last word is complete, whatever the connection did afterwards.
        let complete = reading.events.as_ref().is_some_and(|events| events.done && events.spoke());
        if (self.observation.failure.is_some() && !complete) || !answer.success() || reading.html {
            return false;
        }
        if reading.loose && self.view.evidence.origin == crate::evidence::Origin::Examined {
            return false;
        }
        match self.check() {
            "models" => answer.list.as_ref().is_some_and(|list| list.shape == Shape::Standard) && !reading.error,
            "stream" => {
                reading.events.as_ref().is_some_and(|events| events.error.is_none() && events.spoke())
                    || (!reading.error && self.spoke())
            }
            "embeddings" => !reading.error && matches!(reading.reply, Some(Reply::Other("a vector"))),
            "images" => !reading.error && matches!(reading.reply, Some(Reply::Other("an image"))),
            "responses" => {
                !reading.error && (matches!(reading.reply, Some(Reply::Other("a response"))) || self.streamed_words())
            }
            "messages" => {
                !reading.error && (matches!(reading.reply, Some(Reply::Other("a message"))) || self.streamed_words())
            }
            "speech" => answer.media == Some(Media::Sound),
            "transcription" => !reading.error && matches!(reading.reply, Some(Reply::Other("a transcript"))),
            "tools-call" => !reading.error && (self.calls_tool() || (self.has_result() && self.spoke())),
            "structured" => !reading.error && self.object(),
            _ => !reading.error && self.spoke(),
        }
    }

    /// Whether this check was not run again later.
    pub fn is_last(&self) -> bool {
        let later = self.view.evidence.observations.get(self.seen.index + 1..).unwrap_or_default();
        !later.iter().any(|other| other.check == self.observation.check && other.ran())
    }

    /// Its place in [`Evidence::observations`].
    pub fn index(&self) -> usize {
        self.seen.index
    }

    /// Whether this is an answer at this endpoint of the root as given, not the trial of another one.
    fn is_talk(&self, check: &str) -> bool {
        self.check() == check && !self.observation.check.starts_with("proof-")
    }

    /// Whether events came in which the model was heard.
    fn streamed_words(&self) -> bool {
        self.reading()
            .and_then(|reading| reading.events.as_ref())
            .is_some_and(|events| events.error.is_none() && events.spoke())
    }

    /// Whether the model calls a tool, with an ID for the answer to refer to.
    pub fn calls_tool(&self) -> bool {
        self.reading()
            .and_then(|reading| reading.json.as_ref()?.pointer("/choices/0/message/tool_calls")?.as_array())
            .is_some_and(|calls| {
                !calls.is_empty() && calls.iter().all(|call| call.get("id").is_some_and(Value::is_string))
            })
    }

    /// Whether the request brought the model what a tool gave.
    fn has_result(&self) -> bool {
        self.observation.request.as_ref().is_some_and(|request| request.variant.as_deref() == Some("result"))
    }

    /// Whether the text of the answer is a JSON object.
    fn object(&self) -> bool {
        let text = self.reading().and_then(|reading| match (&reading.events, &reading.reply) {
            (Some(events), _) => Some(events.text.as_str()),
            (None, Some(Reply::Text(text))) => Some(text.as_str()),
            _ => None,
        });
        text.is_some_and(|text| serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok())
    }

    /// Whether the model was heard: text, thinking, or a tool call.
    pub fn spoke(&self) -> bool {
        let Some(reading) = self.reading() else { return false };
        if self.streamed_words() {
            return true;
        }
        match &reading.reply {
            Some(Reply::Text(_) | Reply::ReasoningOnly | Reply::ToolCall) => true,
            // Nothing visible because the budget of the probe was used up: the model did work.
            Some(Reply::Empty) => reading
                .json
                .as_ref()
                .and_then(|json| json.pointer("/choices/0/finish_reason"))
                .is_some_and(|reason| reason == "length"),
            _ => false,
        }
    }

    /// Whether this observation shows that the path does not exist here.
    pub fn no_such_path(&self) -> bool {
        matches!(
            self.cause(),
            Some(Cause::EndpointNotFound | Cause::NotAnApi | Cause::Redirected | Cause::MethodNotAllowed)
        ) || self.limit_of_pages()
            || self.page_not_found()
            || (self.check() == "models"
                && self.cause().is_none()
                && self.reading().is_some_and(|reading| reading.html))
    }

    /// A 404 that a provider sends for unknown models as well, where the URL is not its API root: the path comes first.
    fn page_not_found(&self) -> bool {
        self.cause() == Some(Cause::ModelNotFound)
            && self.view.address.provider.is_some()
            && !self.view.address.right
            && self.reading().is_some_and(|reading| !reading.haystack.contains("model"))
    }

    /// A limit on the web pages of a gateway, met where its API is not: an empty 429 outside the known root.
    fn limit_of_pages(&self) -> bool {
        self.view.address.facts.problem(Cause::UrlMissingV1).is_some()
            && self.answer().is_some_and(|answer| answer.status == 429 && answer.body.trim().is_empty())
    }

    /// The view this belongs to.
    pub fn view(&self) -> &'a View {
        self.view
    }
}
