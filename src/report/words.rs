//! The user's own values in the advice: URL, model, links, times.

use std::time::{Duration, SystemTime};

use super::server;
use crate::cause::Cause;
use crate::connection::scrub::one_line;
use crate::connection::url::{is_loopback, is_private};
use crate::diagnose::Finding;
use crate::evidence::Observation;
use crate::knowledge::advice::{self, Values, fill};
use crate::knowledge::client::USUAL;
use crate::knowledge::view::View;

/// The fix lines that can be filled: the system's own first.
pub(super) fn fixes(view: &View, finding: &Finding) -> Vec<String> {
    let values = values(view, finding);
    if values.contains_key("apart") {
        return vec!["run it again without `--only` to check the whole connection".to_owned()];
    }
    let own = view
        .address
        .provider
        .into_iter()
        .chain(server(view))
        .flat_map(|system| system.advice.iter())
        .filter(|(cause, _)| *cause == finding.cause)
        .flat_map(|(_, lines)| lines.iter().copied());
    // The first line of the general advice is the one that was tried; the client's own follow it.
    let general = advice::of(finding.cause).fix;
    let (first, rest) = general.split_at(general.len().min(1));
    let clients = view.client.advice.iter().filter(|(cause, _)| *cause == finding.cause).flat_map(|(_, lines)| *lines);
    let lines: Vec<String> =
        own.chain(first.iter().chain(clients).chain(rest).copied()).filter_map(|line| fill(line, &values)).collect();
    // A line that an earlier one already says is left out.
    let mut kept: Vec<String> = Vec::new();
    for line in lines {
        if !kept.iter().any(|known| known.contains(&line)) {
            kept.push(line);
        }
    }
    let mut lines = kept;
    lines.truncate(5);
    lines
}

/// Everything that may stand in the advice.
pub(super) fn values(view: &View, finding: &Finding) -> Values {
    let mut values = finding.values.clone();
    if let Some((resource, version)) = azure(view) {
        values.insert("api_version", version);
        if finding.cause == Cause::Ok {
            values.insert("url", resource);
        }
    }
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
            .or_else(|| Some("the one you use".into())),
    );
    put("host", url.as_ref().and_then(|url| url.host_str().map(str::to_owned)).or_else(|| Some("the server".into())));
    put(
        "host_name",
        url.as_ref()
            .filter(|url| matches!(url.host(), Some(url::Host::Domain(_))))
            .and_then(|url| url.host_str().map(str::to_owned)),
    );
    if let Some((url, host)) = url.as_ref().and_then(|url| Some((url, url.host()?))) {
        let near = match (is_loopback(&host), is_private(&host)) {
            (true, _) => "loopback_host",
            (false, true) => "private_host",
            (false, false) => "public_host",
        };
        put(near, url.host_str().map(str::to_owned));
    }
    put("port", url.as_ref().and_then(url::Url::port_or_known_default).map(|port| port.to_string()));
    put("path", url.as_ref().map(|url| url.path().to_owned()));
    of_client(view, &mut put);
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
        if suggestion.field == "base_url" && !view.client.reaches(&suggestion.value) {
            put("out_of_reach", Some(suggestion.value.clone()));
        } else if suggestion.field != "key"
            && !(suggestion.tried
                && !suggestion.worked
                && suggestion.field == "base_url"
                && provider.is_none()
                && !finding.cause.code().starts_with("url-"))
        {
            put(name, Some(super::entered(view, suggestion.field, &suggestion.value)));
        }
    } else if finding.cause.code().starts_with("url-") {
        let (near, far): (Vec<&String>, Vec<&String>) =
            view.address.suggested.iter().partition(|root| view.client.reaches(root));
        put("suggested_url", near.first().map(|root| view.client.enter(root)));
        put("out_of_reach", far.first().map(|root| (*root).clone()));
    }
    put("clean_value", view.address.facts.corrected.as_deref().map(|root| view.client.enter(root)));
    if let Some(observation) = finding.observation.and_then(|index| view.evidence.observations.get(index)) {
        observed(view, observation, &mut put);
    }
    // Some of them are foreign texts, and some are the user's own with what cannot be seen in them.
    for value in values.values_mut() {
        *value = one_line(value, 500);
    }
    values
}

/// What is said where all that was asked works, but not what proves the connection.
pub(super) fn unheard(view: &View) -> (&'static str, String) {
    let own = view.client.speaks_at();
    if own != "chat" && view.chat().is_some_and(|chat| chat.healthy()) {
        let path = view.client.path(own).unwrap_or_default();
        return (
            "what was asked works, but the client calls another endpoint",
            format!("{} lets the model speak at {path}, and that was not asked.", view.client.name),
        );
    }
    (
        "what was asked works, but the model was not heard",
        "Only the parts above were checked. Whether the model answers is not known.".to_owned(),
    )
}

/// The client that will use the values: its name, its fields, and what its lines are.
fn of_client(view: &View, put: &mut impl FnMut(&'static str, Option<String>)) {
    let client = view.client;
    put("client", Some(client.name.to_owned()));
    let in_fields = client.fields.iter().any(|(_, takes)| *takes == "url");
    put("client_place", in_fields.then(|| client.place.to_owned()));
    put(if client.strict_stream { "strict_client" } else { "lenient_client" }, Some(client.name.to_owned()));
    put("open_webui", (client.id == USUAL).then(|| client.name.to_owned()));
    put("vendor_client", (client.from == "vendor").then(|| client.name.to_owned()));
    put("messages_client", (client.speaks_at() == "messages").then(|| client.name.to_owned()));
    let (lines, url) = (client.settings.iter().any(|form| form.format != "text"), view.address.facts.shown.trim());
    put(
        "client_lines",
        (lines && client.id != USUAL).then(|| format!("{} --url {}", client.id, shell_words::quote(url))),
    );
    for (name, what) in [("client_url_field", "url"), ("client_key_field", "key"), ("client_model_field", "model")] {
        // A field that is just called URL needs no name.
        put(name, client.field(what).filter(|field| *field != "URL").map(str::to_owned));
    }
}

/// Azure's older form as Open `WebUI` takes it: the URL of the resource alone, and the version in a field of its own.
fn azure(view: &View) -> Option<(String, String)> {
    let url = view.address.written().filter(|url| !url.path().contains("/openai/v1"))?;
    view.address.provider.filter(|system| system.id == "azure-openai" && view.client.id == USUAL)?;
    let version = url.query_pairs().find(|(name, _)| name == "api-version").map(|(_, value)| value.into_owned());
    let resource = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    Some((resource, version.unwrap_or_else(|| "2024-10-21".to_owned())))
}

fn observed(view: &View, observation: &Observation, put: &mut impl FnMut(&'static str, Option<String>)) {
    let Some(answer) = &observation.answer else { return };
    put("status", Some(answer.status.to_string()));
    put("request_id", request_id(view, answer));
    let reading = crate::evidence::reading::read(answer);
    put("error_message", reading.message().map(|said| said.trim_end_matches(['.', ' ']).to_owned()));
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
pub(super) fn request_id(view: &View, answer: &crate::evidence::answer::Answer) -> Option<String> {
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
