//! Reads the formats for support desks and machines: whole, of runs that end in different ways, and with hostile words.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

use std::fs;

use crate::script::scenario;
use crate::stage::{Played, run, ruta};
use crate::valid::complaints;
use proptest::prelude::*;
use ruta::evidence::Evidence;
use ruta::evidence::record::load;
use ruta::render::{github, junit, prometheus, ticket};
use ruta::report::{Report, report};
use ruta::scenario::Server;
use serde_json::{Value, json};

/// Runs whose formats are kept whole: a refusal, a fault in the text, a connection that fails, a follow-up that helps,
/// a warning, and health.
const KEPT: &[&str] = &[
    "no-credits-429",
    "rutaapi-no-credits-en",
    "url-endpoint-chat",
    "dns-failed",
    "url-missing-v1-web-app",
    "models-endpoint-missing",
    "healthy",
];

#[test]
fn the_formats_of_typical_runs_are_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    for name in KEPT {
        let file = folder.path().join(format!("{name}.json"));
        let file = file.to_str().unwrap();
        let played = Played::doctor(&scenario(name).unwrap(), &["--record", file]).unwrap();
        for format in ["ticket", "junit", "github", "prometheus"] {
            let ran = run(ruta().args(["replay", file, "--format", format])).unwrap();
            assert_eq!((ran.exit, ran.stderr.as_str()), (played.ran.exit, ""), "{name} {format}");
            compare(&format!("{name}.{format}"), &steady(&played.server, &ran.stdout));
        }
    }
}

#[test]
fn a_build_service_gets_its_summary_and_its_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let (summary, output) = (folder.path().join("summary.md"), folder.path().join("output.txt"));
    fs::write(&summary, "before\n").unwrap();
    let places = [("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()), ("GITHUB_OUTPUT", output.to_str().unwrap())];
    let played = Played::doctor_in(&places, &scenario("no-credits-429").unwrap(), &["--format", "github"]).unwrap();
    assert_eq!((played.ran.exit, played.ran.stderr.as_str()), (1, ""));
    assert!(played.ran.stdout.starts_with("::error title=ruta%3A no-credits::"), "{}", played.ran.stdout);
    let written = fs::read_to_string(&summary).unwrap();
    let ours = written.strip_prefix("before\n").unwrap();
    compare("no-credits-429.summary", &steady(&played.server, ours));
    let outputs = fs::read_to_string(&output).unwrap();
    assert_eq!(crate::valid::output_faults(&outputs), Vec::<String>::new());
    assert!(outputs.starts_with("outcome<<end-of-ruta\nbroken\nend-of-ruta\ncause<<end-of-ruta\nno-credits\n"));
    // Without those variables nothing is written, and a file that cannot be written changes no verdict.
    let lost = [("GITHUB_STEP_SUMMARY", "/nonexistent/summary.md")];
    let played = Played::doctor_in(&lost, &scenario("healthy").unwrap(), &["--format", "github"]).unwrap();
    assert_eq!(played.ran.exit, 0);
    assert!(played.ran.stderr.contains("GITHUB_STEP_SUMMARY") && played.ran.stdout.starts_with("::notice "));
}

#[test]
fn several_connections_make_one_report() {
    let reports: Vec<Report> = [(Some("a|b"), 401), (None, 200), (None, 200), (Some("shop <x>"), 503)]
        .map(|(name, status)| told(name, status, ""))
        .into();
    assert_eq!(complaints(&reports), Vec::<String>::new());
    let ticket = ticket::render(&reports);
    assert!(ticket.starts_with("# 2 of 4 connections work\n"), "{ticket}");
    assert_eq!(ticket.matches("\n---\n").count(), 4);
    let xml = junit::render(&reports);
    assert_eq!(xml.matches("<testsuite ").count(), 4);
    let outputs = github::outputs(&reports);
    assert!(outputs.contains("\nbroken\n") && outputs.contains(r#""connection":"shop <x>""#), "{outputs}");
    let metrics = prometheus::render(&reports);
    assert!(metrics.contains(r#"connection="http://127.0.0.1:9/v1 #2""#), "{metrics}");
    // No connection at all is a report too.
    assert_eq!(crate::valid::metric_faults(&prometheus::render(&[])), Vec::<String>::new());
    assert!(junit::render(&[]).contains("tests=\"0\""));
    // A thousand broken ones stay below what a job summary may have.
    let many: Vec<Report> = (0..1000).map(|n| told(Some(&format!("c{n}")), 401, &"long words ".repeat(50))).collect();
    assert!(github::summary(&many).len() < 1_000_000, "{}", github::summary(&many).len());
}

#[test]
fn the_curl_line_sends_the_same_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    for name in ["no-credits-429", "tools-unsupported", "stream-refused"] {
        let mut scenario = scenario(name).unwrap();
        scenario.model = Some("gpt-5.5".into());
        let played = Played::doctor(&scenario, &["--record", file.to_str().unwrap()]).unwrap();
        let ran = run(ruta().args(["replay", file.to_str().unwrap(), "--format", "ticket"])).unwrap();
        let command = ran.stdout.split("```sh\n").nth(1).unwrap().split("\n```").next().unwrap();
        let words = shell_words::split(command).unwrap();
        let after = |flag: &'static str| {
            let pairs = words.iter().zip(&words[1..]);
            pairs.filter(move |(word, _)| *word == flag).map(|(_, value)| value.clone())
        };
        let body = after("--data-raw").next().unwrap();
        let url = words.last().unwrap();
        let sent = played.server.received();
        let same = sent.iter().find(|request| {
            url.ends_with(&request.path)
                && String::from_utf8_lossy(&request.body) == body
                && after("-H").all(|header| {
                    let (name, value) = header.split_once(": ").unwrap();
                    let value = value.replace("$RUTA_API_KEY", scenario.key.as_deref().unwrap_or_default());
                    request.header(&name.to_ascii_lowercase()) == Some(value.as_str())
                })
        });
        assert!(same.is_some(), "{name}: no such request was sent:\n{command}\n{sent:?}");
    }
}

#[test]
fn what_shaped_the_run_is_told() {
    let played =
        Played::doctor(&scenario("no-credits-429").unwrap(), &["--proxy", "", "--for", "cline", "--format", "ticket"]);
    let ticket = played.unwrap().ran.stdout;
    assert!(ticket.contains("  --noproxy '*' \\\n") && ticket.contains("| Client | Cline |"), "{ticket}");
    assert!(ticket.contains("| Server address | 127.0.0.1 |"), "{ticket}");
    // Why there was no key belongs to what a build server shows, too.
    let mut seen = evidence(None, 401, "", "gpt-5.5", "http://127.0.0.1:9/v1");
    seen.target.remarks = vec!["the keyring holds no key for work (`ruta key set work`)".into()];
    let reports = [report(seen)];
    assert_eq!(complaints(&reports), Vec::<String>::new());
    for text in [junit::render(&reports), github::render(&reports), github::summary(&reports), ticket::render(&reports)]
    {
        assert!(text.contains("the keyring holds no key for work (`ruta key set work`)"), "{text}");
    }
}

#[test]
fn a_ticket_of_a_pasted_answer_asks_for_what_it_lacks() {
    let ticket = |pasted: &str, more: &[&str]| {
        run(ruta().args(["explain", "--format", "ticket"]).args(more).write_stdin(pasted)).unwrap().stdout
    };
    let words = r#"{"error":{"message":"Insufficient Balance","code":"insufficient_balance"}}"#;
    let bare = ticket(words, &[]);
    assert!(bare.contains("To add by hand: when it was, the API URL, the model ID, since when it fails, "), "{bare}");
    let whole = format!("HTTP/1.1 402 Payment Required\r\nDate: Sun, 22 Nov 2026 06:52:12 GMT\r\n\r\n{words}");
    let told = ticket(&whole, &["--url", "https://api.example.com/v1", "--model", "gpt-5.5"]);
    assert!(told.contains("| answered at 2026-11-22 06:52:12, by the server's clock |"), "{told}");
    assert!(told.contains("To add by hand: since when it fails, "), "{told}");
    // A key that was in it is said to be left out, although none was given.
    let quoted = ticket(&format!("401 bad key sk-proj-{} {words}", "2f7Lq8Zr4Xw1Kd9Pm3Aa0Bb7Cc"), &[]);
    assert!(!quoted.contains("2f7Lq8Zr") && quoted.contains("Left out by ruta: the key"), "{quoted}");
}

/// A report on an answer of chat with this status and these words, as a run would have it.
fn told(name: Option<&str>, status: u16, words: &str) -> Report {
    report(evidence(name, status, words, "gpt-5.5", "http://127.0.0.1:9/v1"))
}

fn evidence(name: Option<&str>, status: u16, words: &str, model: &str, url: &str) -> Evidence {
    let body = if status == 200 {
        json!({ "choices": [{ "message": { "role": "assistant", "content": format!("OK {words}") }, "finish_reason": "stop" }] })
    } else {
        json!({ "error": { "message": format!("no {words}"), "type": words, "code": words } })
    };
    let observation = |check: &str, method: &str, status: u16, body: &Value, list: Value| {
        json!({
            "check": check, "failure": null, "skipped": null,
            "request": { "method": method, "url": format!("{url}/{check}"), "bytes": 90, "body": null, "at": "2026-01-02T03:04:05.678Z",
                "key": "own", "auth": "bearer", "root": url, "variant": null },
            "answer": { "status": status, "version": "HTTP/1.1", "body": body.to_string(), "bytes": body.to_string().len(), "list": list,
                "arrival": null, "headers": [["content-type", "application/json"], ["x-request-id", words], ["retry-after", words]] },
            "timing": { "dns": null, "connect": 1.0, "tls": null, "first_byte": 2.0, "total": 3.0 },
        })
    };
    let list =
        json!({ "shape": "standard", "oddity": null, "entries": [{ "id": model }], "owners": [words], "count": 1 });
    let file = json!({
        "schema": 1, "ruta": "0.1.0", "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 12, "origin": "examined",
        "target": { "base_url": url, "key": { "source": { "env": "RUTA_API_KEY" }, "prefix": "sk-", "length": 51, "problems": [], "cleanable": false },
            "model": model, "client": "open-webui", "timeout_s": 30.0, "connect_timeout_s": 10.0, "headers": [words], "proxy": null,
            "key_withheld": null, "name": name, "wanted": ["models", "chat"] },
        "observations": [
            observation("models", "GET", 200, &json!({ "data": [{ "id": model }] }), list),
            observation("chat", "POST", status, &body, Value::Null),
        ],
    });
    load(&file.to_string()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a server says and whatever the user entered, every format stays well-formed and keeps its own shape.
    #[test]
    fn no_words_break_a_format(
        words in "\\PC{0,30}|[\\n\\r\\t`|<>\\[\\]#:%,\"'\\\\&@$\u{0}-\u{1f}\u{fffe}\u{ffff}\u{202e}a-c]{0,40}|::error::x|##\\[group\\]x|\\]\\]>|```|end-of-ruta",
        model in "[a-z`|<>:%\"'\\\\\\n ]{1,12}|::stop-commands::x",
        name in proptest::option::of("[a-z|`<>\"\\\\\\n:,%#]{0,12}"),
        status in prop_oneof![Just(200_u16), Just(401), Just(404), Just(429), Just(500)],
    ) {
        let url = format!("http://127.0.0.1:9/{}", words.chars().filter(char::is_ascii_graphic).collect::<String>());
        for (name, url) in [(name.as_deref(), "http://127.0.0.1:9/v1"), (None, url.as_str())] {
            let seen = report(evidence(name, status, &words, &model, url));
            prop_assert_eq!(complaints(&[seen]), Vec::<String>::new());
        }
    }
}

/// Compares with the snapshot, whatever changes from run to run taken out.
fn compare(name: &str, text: &str) {
    let mut settings = crate::snapshot::settings("formats");
    settings.add_filter(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "[now]");
    settings.add_filter(r"date: .*GMT", "date: [now]");
    settings.add_filter(r"\b\d{10}\.\d{3}\b", "[now]");
    settings.add_filter(r"\b\d+(\.\d+)? (ms|s)\b", "[time]");
    settings.add_filter(r#"time="\d+\.\d{3}""#, "time=\"[time]\"");
    settings.add_filter(r"_seconds(\{.*\}) \d+\.\d+", "_seconds$1 [time]");
    settings.add_filter(r" on [a-z]+ [a-z0-9_]+ \|", " on [platform] |");
    settings.add_filter(r"[^\s`]*ruta-scenario-\d+-\d+\.pem", "[ca].pem");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The text with the port of this run written as 40001.
fn steady(server: &Server, text: &str) -> String {
    let filled = server.fill("{server}");
    let port = filled.rsplit_once(':').map_or("", |(_, port)| port);
    text.replace(&format!(":{port}"), ":40001").replace(&format!("ort {port}"), "ort 40001")
}
