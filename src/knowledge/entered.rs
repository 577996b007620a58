//! The base URL as one client uses it: what counts is the API root that the client makes of it, and who asks there.

use url::Url;

use super::address::{Address, judge};
use super::client::Client;
use super::provider::System;
use crate::cause::Cause;
use crate::connection::url::{UrlProblem, is_private, read, tidy};

/// Judges the text of a base URL as this client uses it.
pub fn judge_for(raw: &str, client: &Client) -> Address {
    let made = client.root(raw);
    let mut address = if made == raw { judge(raw) } else { judge_made(raw, &made, client) };
    if client.speaks_at() == "messages" {
        address.for_messages(client);
    }
    if client.from == "vendor" {
        address.for_vendor(client);
    }
    address
}

/// Judges what the client makes of the text, and shows what the user wrote.
fn judge_made(raw: &str, made: &str, client: &Client) -> Address {
    let text = read(raw);
    let mended = |problem: &UrlProblem| problem.cause == Cause::UrlNoScheme && client.adds_scheme;
    let literal = !client.literal.is_empty() && raw.trim_end().ends_with(client.literal) && made != raw;
    if !literal && text.problems.iter().any(|problem| problem.certain && !mended(problem)) {
        // The text itself is wrong: its faults are shown where they stand, and what is left is used as the client does.
        let mut address = judge(raw);
        address.facts.problems.retain(|problem| problem.cause != Cause::UrlMissingV1);
        address.suggested = text.corrected.map(|value| {
            let made = client.root(&value);
            judge(&made).suggested.unwrap_or(made)
        });
        return address;
    }
    let mut address = judge(made);
    let facts = &mut address.facts;
    let before = if client.adds_scheme && !raw.contains("://") { "https://".len() } else { 0 };
    facts.shown = text.shown;
    let end = facts.shown.len();
    let place = |at: usize| at.saturating_sub(before).min(end);
    for problem in &mut facts.problems {
        problem.span = place(problem.span.start)..place(problem.span.end);
        if problem.cause == Cause::UrlWrongPath && judge(raw).right {
            problem.label = format!("{} adds {} behind this", client.name, client.adds(raw));
        }
        if problem.cause == Cause::UrlDuplicateV1 {
            let adds = client.adds(raw);
            problem.label = format!("{} adds {adds} itself", client.name);
            let kept = facts.shown.trim_end_matches('/');
            problem.span = kept.rfind('/').unwrap_or(0)..kept.len();
        }
    }
    address
}

impl Address {
    /// The root of an Anthropic-style API is wrong for chat, but right for a client that only sends messages.
    pub fn allow_messages(&mut self) {
        for problem in &mut self.facts.problems {
            if problem.cause == Cause::UrlWrongPath && problem.label.contains("anthropic") {
                problem.certain = false;
            }
        }
    }

    /// Some providers have their Messages API below a path of its own.
    fn for_messages(&mut self, client: &Client) {
        let Some((system, url)) = self.provider.zip(self.written()) else { return };
        let own = |root: &str| url.path() == root || url.path().starts_with(&format!("{root}/"));
        if messages_paths(system).any(own) && system.serves(url.host_str().unwrap_or_default()) {
            self.facts.problems.retain(|problem| problem.cause != Cause::UrlWrongPath);
            self.right = self.facts.fatal().is_none();
            self.facts.usable = self.right.then(|| url.clone());
            self.suggested = self.suggested.take().filter(|_| !self.right);
            return;
        }
        let host = self.suggested.as_deref().and_then(|root| Url::parse(root).ok()).unwrap_or_else(|| url.clone());
        let Some(root) = messages_root(system, &host) else { return };
        if self.facts.problems.is_empty() || self.facts.problem(Cause::UrlDuplicateV1).is_some() {
            let label = format!("{}'s API for {} is at {}", system.name, client.name, client.enter(&root));
            let shown = &self.facts.shown;
            let path = shown.find("://").and_then(|at| shown[at + 3..].find('/').map(|path| at + 3 + path));
            let span = path.filter(|at| at + 1 < shown.len()).unwrap_or(0)..shown.len();
            self.facts.problems = vec![UrlProblem { cause: Cause::UrlWrongPath, span, label, certain: false }];
            self.right = false;
        }
        self.suggested = Some(root);
    }

    /// The maker's servers reach neither this machine nor a private network.
    fn for_vendor(&mut self, client: &Client) {
        let Some(url) = self.written() else { return };
        if !url.host().is_some_and(|host| is_private(&host)) {
            return;
        }
        let shown = &self.facts.shown;
        let name = url.host_str().unwrap_or_default();
        let at = shown.to_ascii_lowercase().find(name);
        let span = at.map_or(0..shown.len(), |at| at..at + name.len());
        let label = format!("{}'s servers cannot reach this", client.name);
        self.facts.problems.insert(0, UrlProblem { cause: Cause::UrlLocalhost, span, label, certain: true });
        self.facts.usable = None;
        self.suggested = None;
    }
}

/// What is to be entered in a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The value.
    pub url: String,
    /// The provider or the host, for people.
    pub title: Option<String>,
    /// What was done to the text, if that needs a word.
    pub remark: Option<String>,
}

/// Why nothing can be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// The name of the fault.
    pub cause: Cause,
    /// The text as it may be shown.
    pub shown: String,
    /// The fault in a few words.
    pub label: String,
    /// The value to enter instead, where it is known.
    pub instead: Option<String>,
}

/// What to enter in a client for this server: the text may be in any client's form, with or without /v1.
pub fn enter(raw: &str, client: &Client) -> Result<Entered, Unusable> {
    let address = judge_for(raw, client);
    let facts = &address.facts;
    let near = address.suggested.clone().filter(|root| client.reaches(root));
    let unusable = |cause, label: &str| Unusable {
        cause,
        shown: facts.shown.clone(),
        label: label.to_owned(),
        instead: near.as_deref().map(|root| client.enter(root)),
    };
    // A right root that this client cannot be given is no fault of the text.
    if address.suggested.as_deref().is_some_and(|root| !client.reaches(root)) {
        let label =
            format!("no setting of {} leads to this API: it adds {} to every URL", client.name, client.adds(raw));
        return Err(unusable(Cause::UrlWrongPath, &label));
    }
    if let Some(problem) = address.fatal() {
        return Err(unusable(problem.cause, &problem.label));
    }
    let mut root = address.suggested.clone().unwrap_or_else(|| address.root.trim().to_owned());
    let mut remark = None;
    let url = Url::parse(&root).ok();
    let bare = url.as_ref().is_some_and(|url| url.path() == "/" && url.query().is_none());
    if bare && address.provider.is_none() && client.adds(&root).is_empty() {
        root = format!("{}/v1", root.trim_end_matches('/'));
        remark = Some(format!(
            "/v1 was added: {} adds no path of its own, and most servers have their API there.",
            client.name
        ));
    }
    let host = url.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
    let title = address.provider.map(|system| system.name.to_owned()).or(host);
    Ok(Entered { url: client.enter(root.trim_end_matches('/')), title, remark })
}

/// The paths below which this provider has its Messages API, as far as they differ from its API root.
fn messages_paths(system: &System) -> impl Iterator<Item = &'static str> {
    let paths = system.not_the_root.iter().map(|(path, _)| *path);
    paths.filter(|path| path.contains("anthropic")).map(|path| path.trim_end_matches("/v1"))
}

/// The root of the Messages API of this provider, on the same host.
fn messages_root(system: &System, url: &Url) -> Option<String> {
    let path = messages_paths(system).next()?;
    let mut root = url.clone();
    root.set_path(&format!("{path}/v1"));
    root.set_query(None);
    system.serves(url.host_str().unwrap_or_default()).then(|| tidy(&root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::client;

    /// The first fault, the underlined part, and the value to enter instead.
    fn first(id: &str, raw: &str) -> (Option<Cause>, String, Option<String>) {
        let client = client::of(id);
        let address = judge_for(raw, client);
        let problem = address.facts.problems.first();
        let part = problem.and_then(|problem| address.facts.shown.get(problem.span.clone())).unwrap_or_default();
        let enter = address.suggested.as_deref().map(|root| client.enter(root));
        (problem.map(|problem| problem.cause), part.to_owned(), enter)
    }

    fn told(cause: Cause, part: &str, enter: &str) -> (Option<Cause>, String, Option<String>) {
        (Some(cause), part.to_owned(), Some(enter.to_owned()).filter(|enter| !enter.is_empty()))
    }

    #[test]
    fn a_value_that_is_right_for_one_client_is_wrong_for_another() {
        let fine = (None, String::new(), None);
        for id in ["open-webui", "codex", "cursor", "cline", "cherry-studio"] {
            assert_eq!(first(id, "https://api.rutaapi.com/v1"), fine, "{id}");
        }
        for id in ["claude-code", "nextchat", "anthropic-sdk", "cherry-studio"] {
            assert_eq!(first(id, "https://api.rutaapi.com"), fine, "{id}");
            assert_eq!(first(id, "https://api.rutaapi.com/"), fine, "{id}");
        }
        for id in ["claude-code", "nextchat"] {
            let doubled = told(Cause::UrlDuplicateV1, "/v1", "https://api.rutaapi.com");
            assert_eq!(first(id, "https://api.rutaapi.com/v1"), doubled, "{id}");
            assert_eq!(first(id, "https://api.rutaapi.com/v1/"), doubled, "{id}");
        }
        assert_eq!(first("nextchat", "api.rutaapi.com"), fine);
        assert_eq!(first("nextchat", "api.rutaapi.com/v1").0, Some(Cause::UrlDuplicateV1));
        assert_eq!(first("cline", "https://api.rutaapi.com/v1/"), fine);
        assert_eq!(first("open-webui", "https://api.rutaapi.com/v1/").0, Some(Cause::UrlTrailingSlash));
    }

    #[test]
    fn a_fault_of_the_text_is_shown_where_it_stands_and_mended_for_the_client() {
        let endpoint = |enter| told(Cause::UrlEndpointPath, "/v1/chat/completions", enter);
        assert_eq!(
            first("claude-code", "https://llm.example.org/v1/messages"),
            told(Cause::UrlEndpointPath, "/messages", "https://llm.example.org")
        );
        assert_eq!(
            first("nextchat", "https://api.rutaapi.com/v1/chat/completions").2,
            endpoint("https://api.rutaapi.com").2
        );
        assert_eq!(first("claude-code", "\"https://llm.example.org/v1\"").2, Some("https://llm.example.org".into()));
        assert_eq!(
            first("claude-code", "https://rutaapi.com"),
            told(Cause::UrlWebsite, "rutaapi.com", "https://api.rutaapi.com")
        );
        assert_eq!(first("claude-code", "https://app.rutaapi.com/v1").2, Some("https://api.rutaapi.com".into()));
        let literal = first("cherry-studio", "https://llm.example.org/api/chat/completions#");
        assert_eq!(literal, (None, String::new(), None));
    }

    #[test]
    fn the_messages_api_of_a_provider_may_have_a_path_of_its_own() {
        let fine = (None, String::new(), None);
        assert_eq!(first("claude-code", "https://api.deepseek.com/anthropic"), fine);
        assert_eq!(first("claude-code", "https://api.z.ai/api/anthropic"), fine);
        assert_eq!(
            first("claude-code", "https://api.deepseek.com").2,
            Some("https://api.deepseek.com/anthropic".into())
        );
        assert_eq!(
            first("claude-code", "https://api.deepseek.com/v1"),
            told(Cause::UrlWrongPath, "/v1", "https://api.deepseek.com/anthropic")
        );
        assert_eq!(first("claude-code", "https://api.anthropic.com"), fine);
        assert_eq!(first("open-webui", "https://api.deepseek.com/anthropic").0, Some(Cause::UrlWrongPath));
    }

    #[test]
    fn what_is_entered_does_not_depend_on_the_form_of_the_text() {
        let value = |id: &str, raw: &str| enter(raw, client::of(id)).map(|entered| entered.url).map_err(|no| no.cause);
        for raw in [
            "https://api.rutaapi.com",
            "https://api.rutaapi.com/",
            "https://api.rutaapi.com/v1",
            "https://api.rutaapi.com/v1/",
        ] {
            assert_eq!(value("codex", raw), Ok("https://api.rutaapi.com/v1".into()), "{raw}");
            assert_eq!(value("claude-code", raw), Ok("https://api.rutaapi.com".into()), "{raw}");
        }
        for raw in ["http://localhost:8080", "http://localhost:8080/v1", "http://localhost:8080/v1/"] {
            assert_eq!(value("codex", raw), Ok("http://localhost:8080/v1".into()), "{raw}");
            assert_eq!(value("nextchat", raw), Ok("http://localhost:8080".into()), "{raw}");
            assert_eq!(value("cursor", raw), Err(Cause::UrlLocalhost), "{raw}");
        }
        assert_eq!(
            value("claude-code", "https://api.deepseek.com/v1"),
            Ok("https://api.deepseek.com/anthropic".into())
        );
        assert_eq!(value("codex", "https://llm.example.org/proxy"), Ok("https://llm.example.org/proxy".into()));
        assert_eq!(
            value("nextchat", "https://generativelanguage.googleapis.com/v1beta/openai"),
            Err(Cause::UrlWrongPath)
        );
        assert_eq!(value("codex", "https://rutaapi.com"), Err(Cause::UrlWebsite));
        assert_eq!(value("codex", " "), Err(Cause::UrlMissing));
    }

    #[test]
    fn localhost_is_right_on_the_machine_and_wrong_for_the_makers_servers() {
        assert_eq!(first("codex", "http://localhost:11434/v1").0, None);
        assert_eq!(first("open-webui", "http://localhost:11434/v1").0, None);
        for raw in ["http://localhost:11434/v1", "http://192.168.1.4:8000/v1", "http://ollama:11434/v1"] {
            let (cause, part, enter) = first("cursor", raw);
            assert_eq!((cause, enter), (Some(Cause::UrlLocalhost), None), "{raw}");
            assert!(raw.contains(&part) && !part.contains('/'), "{raw}: {part}");
        }
    }
}
