//! The command that sends the same request again, with the key in a variable.

use serde_json::Value;

use super::super::markdown::{fence, plain};
use crate::evidence::{KeySent, Observation, Request};
use crate::knowledge::view::kind_of;
use crate::report::Report;

/// The check whose request is a form with a short sound in it.
const SOUND: &str = "transcription";

/// How to send it again; nothing if ruta did not send it or does not know its body.
pub(super) fn reproduce(report: &Report, subject: &Observation) -> String {
    let Some(request) = subject.request.as_ref().filter(|_| !report.evidence.origin.elsewhere()) else {
        return String::new();
    };
    if request.method == "POST" && request.body.is_none() {
        return String::new();
    }
    let mut remarks: Vec<String> = Vec::new();
    match request.key {
        KeySent::Own => remarks.push("The key is in the variable `RUTA_API_KEY`.".to_owned()),
        KeySent::Cleaned => remarks.push(
            "The key is in the variable `RUTA_API_KEY`, without the quotes, blanks or \"Bearer\" around it.".to_owned(),
        ),
        KeySent::None | KeySent::MadeUp => {}
    }
    let headers = &report.evidence.target.headers;
    if !headers.is_empty() {
        remarks.push(format!("The values of these headers are not shown: {}.", plain(&headers.join(", "))));
    }
    if request.url.contains("***")
        || report.evidence.target.proxy.as_ref().is_some_and(|proxy| proxy.url.contains("***"))
    {
        remarks.push("`***` stands for what was taken out of a URL.".to_owned());
    }
    if subject.check == SOUND {
        remarks.push("`sound.wav` is any short sound; ruta sent one of its own.".to_owned());
    }
    let remarks = if remarks.is_empty() { String::new() } else { format!("{}\n\n", remarks.join(" ")) };
    format!("### Send it again\n\n{remarks}{}\n", fence(&command(report, subject, request), "sh"))
}

/// One option a line, as a shell reads it.
fn command(report: &Report, subject: &Observation, request: &Request) -> String {
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let check = kind_of(&subject.check);
    let target = &report.evidence.target;
    let (connect, most) = (target.connect_timeout_s.max(1.0), target.timeout_s.max(1.0));
    let mut lines = vec![format!("curl -sS -g -i --connect-timeout {connect:.0} --max-time {most:.0}")];
    if request.streamed {
        lines[0].push_str(" -N");
    }
    if let Some(proxy) = &target.proxy {
        lines.push(format!("-x {}", quote(&proxy.url)));
    } else if target.way.direct {
        lines.push("--noproxy '*'".to_owned());
    }
    if let Some(file) = &target.way.cacert {
        // A quoted tilde would be no home folder.
        let file = file.strip_prefix("~/").map_or_else(|| quote(file), |rest| format!("~/{}", quote(rest)));
        lines.push(format!("--cacert {file}"));
    }
    lines.extend(target.way.connect_to.iter().map(|rule| format!("--connect-to {}", quote(rule))));
    let accept = match check {
        _ if request.streamed => "text/event-stream, application/json",
        "speech" => "audio/*, application/json",
        _ => "application/json",
    };
    let agent = quote(&format!("ruta/{}", report.evidence.ruta));
    lines.push(format!("-A {agent} -H 'Accept: {accept}' -H 'Accept-Language: en'"));
    if matches!(request.key, KeySent::Own | KeySent::Cleaned) {
        // Double quotes, so that the shell puts the key in.
        lines.extend(request.auth.split(" and ").map(|how| match how {
            "x-api-key" | "api-key" => format!("-H \"{how}: $RUTA_API_KEY\""),
            _ => "-H \"Authorization: Bearer $RUTA_API_KEY\"".to_owned(),
        }));
    }
    if request.auth == "x-api-key" || check == "messages" {
        lines.push("-H 'anthropic-version: 2023-06-01'".to_owned());
    }
    lines.extend(target.headers.iter().map(|name| format!("-H {}", quote(&format!("{name}: ...")))));
    match &request.body {
        Some(body) if check == SOUND => lines.extend(form(body).iter().map(|part| format!("-F {}", quote(part)))),
        Some(body) => lines.push(format!("-H 'Content-Type: application/json' --data-raw {}", quote(body))),
        None => {}
    }
    lines.push(quote(&request.url));
    lines.join(" \\\n  ")
}

/// The fields of a form, and the sound as its file.
fn form(fields: &str) -> Vec<String> {
    let fields: Value = serde_json::from_str(fields).unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut parts: Vec<String> =
        fields.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={}", text(value))).collect();
    parts.push("file=@sound.wav".to_owned());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sent_as_one() {
        assert_eq!(
            form(r#"{"language":"en","model":"whisper-1"}"#),
            ["language=en", "model=whisper-1", "file=@sound.wav"]
        );
    }
}
