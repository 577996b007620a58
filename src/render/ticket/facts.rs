//! What a support desk asks for first: when, where, which request, what came back.

use std::time::Duration;

use super::super::markdown::{code, plain, table};
use crate::evidence::{KeySent, Observation};
use crate::report::{CheckReport, Report};

/// What a support desk asks for, in the order in which they ask.
pub(super) fn table_of(report: &Report, subject: Option<&Observation>) -> String {
    let connection = &report.connection;
    let request = subject.and_then(|seen| seen.request.as_ref());
    let shown = subject.and_then(|subject| shown(report, subject));
    let answer = shown.and_then(|check| check.answer.as_ref());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
    let given = |value: Option<&String>| value.map_or_else(|| "none was given".to_owned(), |value| code(value));
    let elsewhere = report.evidence.origin.elsewhere();
    row(
        "Request time (UTC)",
        match request {
            Some(_) if elsewhere => subject.and_then(told_by_server).map_or_else(
                || "not known: the answer was seen elsewhere".into(),
                |date| format!("answered at {date}, by the server's clock"),
            ),
            Some(request) => clock(&request.at),
            None => format!("nothing was sent; checked at {}", clock(&report.started_at)),
        },
    );
    row("API URL", given(connection.base_url.as_ref()));
    row("Model ID", given(connection.model.as_ref()));
    if let Some(request) = request.filter(|_| !elsewhere) {
        row("Request", code(&format!("{} {}", request.method, request.url)));
    }
    let failure = subject.and_then(|seen| seen.failure.as_ref());
    row(
        "HTTP status",
        match (answer, failure) {
            (Some(answer), None) => status(answer.status),
            (Some(answer), Some(failure)) => format!("{}, then {}", answer.status, plain(&failure.detail)),
            (None, Some(failure)) => {
                format!("none: {}, while {}", plain(&failure.detail), failure.stage.words())
            }
            (None, None) => "none".into(),
        },
    );
    if let Some(answer) = answer {
        let none =
            |what: &Option<String>| what.as_ref().map_or_else(|| "none in the answer".to_owned(), |text| code(text));
        row("Error code", none(&answer.error_code));
        row("Request ID", none(&answer.request_id));
        if let Some(after) = &answer.retry_after {
            row("Retry after", retry(after, subject));
        }
    }
    if let Some(request) = request.filter(|_| !elsewhere) {
        row(
            "Request size",
            if request.bytes == 0 {
                "no body".into()
            } else {
                format!("{} bytes of body, a test of ruta's own", request.bytes)
            },
        );
    }
    if let Some(skew) = subject.and_then(skew) {
        row("Clock", skew);
    }
    row("Key", key(report, request.map(|request| request.key)));
    table(&["", ""], &rows) + "\n"
}

/// `429 Too Many Requests`.
fn status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

/// What the server asked to wait, and until when that is where it is a number of seconds.
fn retry(after: &str, subject: Option<&Observation>) -> String {
    let until = || {
        let seen = subject?;
        let asked = humantime::parse_rfc3339(&seen.request.as_ref()?.at).ok()?;
        let took = Duration::try_from_secs_f64(seen.timing.total? / 1000.0).ok()?;
        let wait = Duration::from_secs(after.trim().parse::<u32>().ok()?.into());
        let until = asked.checked_add(took)?.checked_add(wait)?;
        Some(clock(&humantime::format_rfc3339_seconds(until).to_string()))
    };
    until().map_or_else(|| code(after), |until| format!("{} seconds, until {until}", code(after)))
}

/// The check as the report has it.
fn shown<'a>(report: &'a Report, subject: &Observation) -> Option<&'a CheckReport> {
    let index = report.evidence.observations.iter().position(|seen| std::ptr::eq(seen, subject))?;
    report.checks.iter().find(|check| check.index == index)
}

/// `2026-11-22T06:52:11.123Z` without the letters.
pub(super) fn clock(at: &str) -> String {
    plain(at.trim_end_matches('Z')).replace('T', " ")
}

fn key(report: &Report, sent: Option<KeySent>) -> String {
    let Some(key) = &report.connection.key else { return "none was given".into() };
    let start = if key.prefix.is_empty() { String::new() } else { format!("begins with {}, ", code(&key.prefix)) };
    let how = match sent {
        None | Some(KeySent::Own) => "",
        Some(KeySent::None) => "; not sent with this request",
        Some(KeySent::Cleaned) => "; sent without what a copy brought along",
        Some(KeySent::MadeUp) => "; a made-up one was sent with this request",
    };
    format!("{start}{} characters, from {}{how}", key.length, plain(&key.source))
}

/// When the server says that it answered.
pub(super) fn told_by_server(subject: &Observation) -> Option<String> {
    let date = httpdate::parse_http_date(subject.answer.as_ref()?.header("date")?).ok()?;
    Some(clock(&humantime::format_rfc3339_seconds(date).to_string()))
}

/// How far the clock of the server is from that of the user, if it is: a log is searched by its own clock.
fn skew(subject: &Observation) -> Option<String> {
    let asked = humantime::parse_rfc3339(&subject.request.as_ref()?.at).ok()?;
    let took = Duration::try_from_secs_f64(subject.timing.total? / 1000.0).ok()?;
    let theirs = httpdate::parse_http_date(subject.answer.as_ref()?.header("date")?).ok()?;
    let (apart, way) = match theirs.duration_since(asked + took) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let apart = Duration::from_secs(apart.as_secs());
    // The header has whole seconds, and an answer takes its time.
    (apart > took + Duration::from_secs(10))
        .then(|| format!("the server's is {} {way} the user's", humantime::format_duration(apart)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::scrub::Scrubber;
    use crate::evidence::Timing;
    use crate::evidence::answer::Answer;

    #[test]
    fn a_time_is_read_without_its_letters() {
        assert_eq!(clock("2026-11-22T06:52:11.123Z"), "2026-11-22 06:52:11.123");
    }

    #[test]
    fn an_answer_tells_when_it_was() {
        let answer = |headers: Vec<(String, String)>| {
            let answer = Answer::capture(200, "", headers, b"", 0, &Scrubber::new(None, []));
            let seen = serde_json::json!({ "check": "chat", "failure": null, "skipped": null, "answer": answer,
                "request": null, "timing": Timing::default() });
            told_by_server(&serde_json::from_value(seen).unwrap())
        };
        let date = ("date".to_owned(), "Sun, 22 Nov 2026 06:52:12 GMT".to_owned());
        assert_eq!(answer(vec![date]).as_deref(), Some("2026-11-22 06:52:12"));
        assert_eq!(answer(Vec::new()), None);
    }

    #[test]
    fn a_wait_has_an_end() {
        let seen: Observation = serde_json::from_value(serde_json::json!({
            "check": "chat", "failure": null, "skipped": null, "answer": null,
            "request": { "method": "GET", "url": "", "bytes": 0, "at": "2026-11-22T23:59:50.123Z", "key": "own",
                "auth": "bearer", "root": "", "variant": null },
            "timing": { "dns": null, "connect": null, "tls": null, "first_byte": null, "total": 800.0 },
        }))
        .unwrap();
        assert_eq!(retry("20", Some(&seen)), "`20` seconds, until 2026-11-23 00:00:10");
        let date = "Mon, 23 Nov 2026 00:00:10 GMT";
        assert_eq!(retry(date, Some(&seen)), format!("`{date}`"));
        assert_eq!(retry("20", None), "`20`");
    }

    #[test]
    fn a_clock_that_is_wrong_is_told() {
        let told = |date: &str| {
            let headers = vec![("date".to_owned(), date.to_owned())];
            let answer = Answer::capture(200, "", headers, b"", 0, &Scrubber::new(None, []));
            let seen = serde_json::json!({
                "check": "chat", "failure": null, "skipped": null, "answer": answer,
                "request": { "method": "GET", "url": "", "bytes": 0, "at": "2026-11-22T06:52:11.123Z", "key": "own",
                    "auth": "bearer", "root": "", "variant": null },
                "timing": { "dns": null, "connect": null, "tls": null, "first_byte": null, "total": 800.0 },
            });
            skew(&serde_json::from_value(seen).unwrap())
        };
        assert_eq!(told("Sun, 22 Nov 2026 06:52:12 GMT"), None);
        assert_eq!(told("Sun, 22 Nov 2026 06:55:12 GMT").as_deref(), Some("the server's is 3m ahead of the user's"));
        assert_eq!(told("Sun, 22 Nov 2026 05:52:12 GMT").as_deref(), Some("the server's is 59m 59s behind the user's"));
        assert_eq!(told("yesterday"), None);
    }
}
