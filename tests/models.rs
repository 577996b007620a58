//! `ruta models` as people and scripts use it: IDs on standard output, everything else on standard error.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::stage::{Ran, run, ruta};
use ruta::scenario::{Scenario, Server};
use serde_json::{Value, json};

const KEY: &str = "sk-Vn4kTz8QpW2xRb6LmYc9HdJf3GsA5uEo";

/// A server that answers `GET /v1/models` with this row.
fn serving(row: &str) -> Server {
    let head = "title = 't'\ncause = 'ok'\noutcome = 'works'\nexit = 0\n";
    let row = format!("{head}key = '{KEY}'\n[[answer]]\npath = '/v1/models'\n{row}\n");
    Server::start(&Scenario::parse(&row).unwrap()).unwrap()
}

/// A server whose list has these entries.
fn listing(entries: &Value) -> Server {
    serving(&format!("body = '{}'", json!({ "object": "list", "data": entries })))
}

/// Runs it against the server.
fn models(server: &Server, arguments: &[&str]) -> Ran {
    let mut command = ruta();
    command.env("RUTA_API_KEY", KEY).args(["models", "--url", &server.fill("{server}/v1")]).args(arguments);
    run(&mut command).unwrap()
}

fn of_many_kinds() -> Value {
    json!([
        { "id": "gpt-5.5", "object": "model", "owned_by": "openai" },
        { "id": "Claude-Sonnet-5", "type": "model", "display_name": "Claude" },
        { "id": "text-embedding-3-large" },
        { "id": "painter", "architecture": { "modality": "text->image" } },
        { "id": "flux-talk", "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["image", "text"] } },
        { "id": "mistral-x", "capabilities": { "completion_chat": false, "vision": true } },
        { "id": "bge-anything", "supported_endpoint_types": ["openai", "jina-rerank"] },
        { "id": "whisper-1", "owned_by": "openai-internal" },
        { "id": "llama", "type": "chat" },
    ])
}

#[test]
fn one_request_gives_the_ids_one_a_line() {
    let server = listing(&of_many_kinds());
    let ran = models(&server, &[]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let expected = "gpt-5.5\nClaude-Sonnet-5\ntext-embedding-3-large\npainter\nflux-talk\nmistral-x\nbge-anything\nwhisper-1\nllama\n";
    assert_eq!(ran.stdout, expected);
    let received = server.received();
    assert_eq!(received.len(), 1, "no more than the list is asked for");
    assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("GET", "/v1/models"));
    assert!(received[0].carries(KEY));
}

#[test]
fn filters_leave_what_is_wanted() {
    let server = listing(&of_many_kinds());
    let ids = |arguments: &[&str]| {
        let ran = models(&server, arguments);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{arguments:?}");
        ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--filter", "claude"]), ["Claude-Sonnet-5"], "upper and lower case are alike");
    assert_eq!(ids(&["--chat"]), ["gpt-5.5", "Claude-Sonnet-5", "flux-talk", "llama"]);
    assert_eq!(ids(&["--chat", "--filter", "L"]), ["Claude-Sonnet-5", "flux-talk", "llama"]);
    for (arguments, says) in [
        (&["--filter", "nothing-like-it"][..], "none of the 9 models has `nothing-like-it` in its ID"),
        (
            &["--chat", "--filter", "whisper"],
            "none of the 9 models can chat, as far as the list tells, and has `whisper` in its ID",
        ),
    ] {
        let ran = models(&server, arguments);
        assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.trim()), (1, "", says), "{arguments:?}");
    }
    let embedders = models(&listing(&json!([{ "id": "nomic-embed-text" }])), &["--chat"]);
    assert_eq!(
        (embedders.exit, embedders.stderr.trim()),
        (1, "none of the 1 model can chat, as far as the list tells")
    );
}

#[test]
fn json_has_all_that_the_list_says() {
    let server = listing(&of_many_kinds());
    let ran = models(&server, &["--json", "--filter", "a"]);
    let rows: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    let all = of_many_kinds();
    let expected: Vec<&Value> =
        all.as_array().unwrap().iter().filter(|row| row["id"].as_str().unwrap().to_lowercase().contains('a')).collect();
    assert_eq!((ran.exit, rows.iter().collect::<Vec<_>>()), (0, expected));
    let none = models(&server, &["--json", "--filter", "qqq"]);
    assert_eq!((none.exit, none.stdout.as_str()), (1, "[]\n"));
}

#[test]
fn what_a_list_says_cannot_act_on_a_terminal() {
    let bad = "a\u{1b}[2J\u{202e}b\n::error::c";
    let server = listing(&json!([
        { "id": bad, "about": bad, bad: [bad] },
        { "id": format!("echo-{KEY}"), "key": KEY },
        { "id": "##[error]x" },
    ]));
    for arguments in [&[][..], &["--json"]] {
        let ran = models(&server, arguments);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.stdout);
        assert!(!ran.stdout.contains(&KEY[3..15]) && !ran.stdout.contains("##["), "{}", ran.stdout);
        assert!(!ran.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", ran.stdout);
    }
    assert_eq!(models(&server, &[]).stdout.lines().count(), 3, "an ID is one line, whatever is in it");
}

#[test]
fn where_there_is_no_list_the_cause_and_the_fix_are_told() {
    let mut seen = String::new();
    for (what, row) in [
        (
            "the key is refused",
            "status = 401\nbody = '{\"error\":{\"message\":\"Incorrect API key\",\"code\":\"invalid_api_key\"}}'",
        ),
        ("there is no such path", "status = 404\nbody = '{\"error\":{\"message\":\"not found\"}}'"),
        (
            "too many requests",
            "status = 429\nheaders = { \"retry-after\" = \"20\" }\nbody = '{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}'",
        ),
        (
            "the model is loading",
            "status = 503\nbody = '{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}'",
        ),
        (
            "a web page",
            "status = 200\nheaders = { \"content-type\" = \"text/html\" }\nbody = '<!doctype html><title>Login</title>'",
        ),
        ("an empty list", "body = '{\"object\":\"list\",\"data\":[]}'"),
        ("names instead of objects", "body = '{\"data\":[\"a\",\"b\"]}'"),
        ("the native list of Ollama", "body = '{\"models\":[{\"name\":\"llama3.2:latest\"}]}'"),
    ] {
        let server = serving(row);
        let ran = models(&server, &[]);
        assert_eq!(ran.stdout, "", "{what}");
        assert!(matches!(ran.exit, 1 | 75), "{what}: {}", ran.exit);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("\n  fix: "), "{what}: {}", ran.stderr);
        let steady = ran.stderr.replace(&server.address().port().to_string(), "40001");
        seen.push_str(&format!("## {what}: exit {}\n{steady}\n", ran.exit));
    }
    compare("models-without-a-list", &seen);
}

#[test]
fn an_address_that_cannot_be_asked_is_named() {
    for (arguments, says) in [
        (&["models"][..], "url-missing"),
        (&["models", "--url", "ftp://x"], "url-unsupported-scheme"),
        (&["models", "--url", "http://127.0.0.1:9/v1", "--no-key"], "connect-refused"),
    ] {
        let ran = run(ruta().args(arguments)).unwrap();
        assert_eq!((ran.exit, ran.stdout.as_str()), (1, ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
    let unknown = run(ruta().args(["models", "no-such-name"])).unwrap();
    assert_eq!((unknown.exit, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("no-such-name"), "{}", unknown.stderr);
}

#[test]
fn a_bare_list_is_read() {
    let ran = models(&serving("body = '[{\"id\":\"a\"},{\"id\":\"b\",\"type\":\"image\"}]'"), &["--chat", "--json"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, "[\n  {\n    \"id\": \"a\"\n  }\n]\n"));
}

#[test]
fn a_hundred_thousand_models_are_no_trouble() {
    let server = serving("use = 'models'\ncount = 100000");
    let started = Instant::now();
    let ran = models(&server, &["--filter", "99999"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, "vendor-39/model-99999\n"));
    assert_eq!(models(&server, &["--chat"]).stdout.lines().count(), 100_000);
    let server = serving("use = 'models'\ncount = 10000");
    let all: Vec<Value> = serde_json::from_str(&models(&server, &["--json"]).stdout).unwrap();
    assert_eq!(all.len(), 10_000);
    // Without optimisation and on a busy machine; the program that people have needs a fraction of this.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn a_reader_that_has_seen_enough_hears_no_complaint() {
    let server = serving("use = 'models'\ncount = 20000");
    let mut child = Command::new(env!("CARGO_BIN_EXE_ruta"))
        .env_clear()
        .args(["models", "--no-key", "--url", &server.fill("{server}/v1")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(first, "vendor-0/model-00000\n");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

/// Compares a text with its snapshot.
fn compare(name: &str, text: &str) {
    let mut settings = crate::snapshot::settings("cli");
    settings.add_filter(r"\b\d\d:\d\d UTC", "[hour] UTC");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
