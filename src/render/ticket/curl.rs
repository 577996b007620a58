//! The command that sends the same request again, with the key in a variable.

use super::super::markdown::{fence, plain};
use crate::evidence::{KeySent, Observation, Request};
use crate::report::Report;

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
    let remarks = if remarks.is_empty() { String::new() } else { format!("{}\n\n", remarks.join(" ")) };
    format!("### Send it again\n\n{remarks}{}\n", fence(&command(report, request), "sh"))
}

/// One option a line, as a shell reads it.
fn command(report: &Report, request: &Request) -> String {
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let mut lines = vec![format!("curl -sS -g -i --max-time {:.0}", report.evidence.target.timeout_s.max(1.0))];
    if request.streamed {
        lines[0].push_str(" -N");
    }
    if let Some(proxy) = &report.evidence.target.proxy {
        lines.push(format!("-x {}", quote(&proxy.url)));
    }
    let accept = if request.streamed { "text/event-stream, application/json" } else { "application/json" };
    lines.push(format!(
        "-A {} -H 'Accept: {accept}' -H 'Accept-Language: en'",
        quote(&format!("ruta/{}", report.evidence.ruta))
    ));
    if matches!(request.key, KeySent::Own | KeySent::Cleaned) {
        // Double quotes, so that the shell puts the key in.
        lines.push(match request.auth.as_str() {
            "x-api-key" => "-H \"x-api-key: $RUTA_API_KEY\"".to_owned(),
            "api-key" => "-H \"api-key: $RUTA_API_KEY\"".to_owned(),
            _ => "-H \"Authorization: Bearer $RUTA_API_KEY\"".to_owned(),
        });
    }
    if request.auth == "x-api-key" {
        lines.push("-H 'anthropic-version: 2023-06-01'".to_owned());
    }
    for name in &report.evidence.target.headers {
        lines.push(format!("-H {}", quote(&format!("{name}: ..."))));
    }
    if let Some(body) = &request.body {
        lines.push(format!("-H 'Content-Type: application/json' --data-raw {}", quote(body)));
    }
    lines.push(quote(&request.url));
    lines.join(" \\\n  ")
}
