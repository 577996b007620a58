//! Looks for the user where `--anonymize` was asked for: no folder, name or address of theirs is left in any format, the
//! same thing keeps one stand-in, and the verdict stays what it was.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

use std::fs;

use crate::script::scenario;
use crate::stage::{Played, run, ruta};
use proptest::prelude::*;
use ruta::evidence::record::{load, save};
use ruta::render::{Style, github, json, junit, prometheus, terminal, ticket};
use ruta::report::anonymous::{Machine, Masker};
use ruta::report::{Report, report};
use ruta::scenario::Server;
use serde_json::{Value, json};

fn annas() -> Machine {
    Machine {
        homes: vec!["/home/anna".into()],
        users: vec!["anna".into()],
        hosts: vec!["annas-laptop.fritz.box".into()],
    }
}

/// What nobody may read afterwards.
const PRIVATE: &[&str] = &[
    "anna",
    "Anna",
    "fritz",
    "gpu-box",
    "corp.lan",
    "10.20.30.40",
    "203.0.113.77",
    "2001:db8",
    "fd00:",
    "acme",
    "eva",
    "x@",
];

/// Words of a server that tell a lot.
const WORDS: &str = "Your IP 203.0.113.77 (10.20.30.40, 2001:db8::7, [fd00::9]:8080) may not; user anna, Anna's key in \
    /home/anna/.config and /Users/eva/x; ask anna@acme.example at http://gpu-box:8000/v1, annas-laptop, \
    annas-laptop.fritz.box or llm.corp.lan; request from 127.0.0.1 to api.openai.com with Chrome/120.0.0.0";

/// A run against this URL whose server says these words.
fn seen(url: &str, words: &str) -> Report {
    let body = json!({ "error": { "message": words, "type": "insufficient_quota", "code": "insufficient_quota" } })
        .to_string();
    let observation = |check: &str, method: &str, status: u16, body: &str, list: Value| {
        json!({
            "check": check, "failure": null, "skipped": null, "address": "203.0.113.77",
            "request": { "method": method, "url": format!("{url}/{check}"), "bytes": 90, "body": "{}", "at": "2026-01-02T03:04:05.678Z",
                "key": "own", "auth": "bearer", "root": url, "variant": null },
            "answer": { "status": status, "version": "HTTP/1.1", "body": body, "bytes": body.len(), "list": list, "arrival": null,
                "headers": [["content-type", "application/json"], ["x-forwarded-for", words], ["openai-organization", "acme-corp"]] },
            "timing": { "dns": null, "connect": 1.0, "tls": null, "first_byte": 2.0, "total": 3.0 },
        })
    };
    let list =
        json!({ "shape": "standard", "oddity": null, "entries": [{ "id": "gpt-5.5" }], "owners": [], "count": 1 });
    let file = json!({
        "schema": 1, "ruta": "0.1.0", "started_at": "2026-01-02T03:04:05.678Z", "duration_ms": 12, "origin": "examined",
        "target": { "base_url": url, "model": "gpt-5.5", "client": "open-webui", "timeout_s": 30.0, "connect_timeout_s": 10.0,
            "key": { "source": { "file": "/home/anna/chat/.env" }, "prefix": "sk-", "length": 51, "problems": [], "cleanable": false },
            "headers": [], "proxy": { "url": "http://gpu-box:3128", "source": "HTTPS_PROXY" }, "key_withheld": null, "name": "anna-home",
            "way": { "cacert": "/home/anna/certs/ca.pem", "connect_to": ["annas-laptop:443:10.20.30.40:8443"], "direct": false },
            "wanted": ["models", "chat"], "remarks": ["found in /home/anna/chat/.env"] },
        "observations": [
            observation("models", "GET", 200, r#"{"data":[{"id":"gpt-5.5"}]}"#, list),
            observation("chat", "POST", 429, &body, Value::Null),
        ],
    });
    report(load(&file.to_string()).unwrap())
}

/// Every format of a report.
fn every_format(report: &Report) -> Vec<(&'static str, String)> {
    let reports = std::slice::from_ref(report);
    vec![
        ("text", terminal::render(report, Style { color: false, unicode: true, width: 80 })),
        ("json", json::render(report)),
        ("ticket", ticket::render(reports)),
        ("junit", junit::render(reports)),
        ("github", github::render(reports)),
        ("summary", github::summary(reports)),
        ("outputs", github::outputs(reports)),
        ("prometheus", prometheus::render(reports)),
        ("recording", save(&report.evidence)),
    ]
}

#[test]
fn nothing_of_the_user_is_left_in_any_format() {
    for url in [
        "http://10.20.30.40:8080/v1",
        "http://annas-laptop:8080/v1",
        "http://[fd00::9]:8080/v1",
        "https://203.0.113.77/v1",
        "http://llm.corp.lan/v1",
    ] {
        let original = seen(url, WORDS);
        let masked = Masker::new(&annas()).report(&original);
        assert_eq!(masked.diagnosis.cause, original.diagnosis.cause, "{url}");
        assert_eq!(masked.outcome, original.outcome, "{url}");
        for (format, text) in every_format(&masked) {
            let left: Vec<_> = PRIVATE.iter().filter(|word| text.contains(**word)).collect();
            assert!(left.is_empty(), "{url} {format} still has {left:?}:\n{text}");
        }
        let ticket = ticket::render(std::slice::from_ref(&masked));
        assert!(
            ticket.contains("--cacert ~/certs/ca.pem \\\n") && ticket.contains("| Server address | address-"),
            "{ticket}"
        );
        for kept in ["127.0.0.1", "api.openai.com", "Chrome/120.0.0.0", "gpt-5.5", "insufficient_quota", "are masked"] {
            assert!(ticket.contains(kept), "{kept} is gone:\n{ticket}");
        }
        assert_eq!(crate::contract::faults(&serde_json::to_value(&masked).unwrap()), Vec::<String>::new());
        // A masked recording is judged as the run was, and masking it again changes nothing.
        let again = report(load(&save(&masked.evidence)).unwrap());
        assert_eq!((again.diagnosis.cause, again.outcome), (original.diagnosis.cause, original.outcome));
        assert_eq!(Masker::new(&annas()).evidence(&masked.evidence), masked.evidence);
    }
}

#[test]
fn the_same_thing_has_the_same_stand_in() {
    let mut masker = Masker::new(&annas());
    let first = masker.text("http://gpu-box:8000 and http://annas-laptop:1 and 10.0.0.7, 10.0.0.8, 198.51.100.4");
    assert_eq!(
        first,
        "http://host-1:8000 and http://host-2:1 and private-address-1, private-address-2, address-1.example"
    );
    assert_eq!(masker.text("10.0.0.8 on GPU-BOX, annas-laptop.fritz.box"), "private-address-2 on host-1, host-2");
    assert_eq!(
        masker.text("/home/anna/x /home/eva/x /home/ubuntu/x a@b.de A@B.de"),
        "~/x /home/user-2/x /home/ubuntu/x mail-1 mail-1"
    );
    // A machine's own name tells whose it is also where it is a short word, unless answers use that word.
    let named = |host: &str, text: &str| Masker::new(&Machine { hosts: vec![host.into()], ..annas() }).text(text);
    assert_eq!(named("bobspc", "request from bobspc refused"), "request from host-1 refused");
    assert_eq!(named("chat", "the chat at http://chat:1 failed"), "the chat at http://host-1:1 failed");
    assert_eq!(masker.text("joanna knows anna and Anna_key"), "joanna knows user-1 and user-1_key");
}

#[test]
fn public_hosts_and_our_own_words_stay() {
    let machine =
        Machine { users: vec!["model".into(), "chat".into(), "root".into(), "data".into()], ..Machine::default() };
    for url in [
        "https://api.openai.com/v1",
        "http://localhost:11434/v1",
        "http://ollama:11434/v1",
        "http://host.docker.internal:8000/v1",
    ] {
        let original = seen(url, "no credits left");
        let masked = Masker::new(&machine).report(&original);
        assert_eq!(masked.connection.base_url.as_deref(), Some(url));
        assert_eq!(masked.diagnosis.cause, original.diagnosis.cause);
        assert_eq!(masked.diagnosis.title, original.diagnosis.title);
        assert_eq!(masked.checks.len(), original.checks.len());
    }
}

#[test]
fn the_program_masks_what_it_prints_and_what_it_records() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let file = file.to_str().unwrap();
    let mut faulty = scenario("no-credits-429").unwrap();
    for answer in faulty.answer.iter_mut().filter(|answer| answer.status == Some(429)) {
        answer.body = Some(json!({ "error": { "message": WORDS, "code": "insufficient_quota" } }).to_string());
    }
    let server = Server::start(&faulty).unwrap();
    let anna = [("HOME", "/home/anna"), ("USER", "anna"), ("HOSTNAME", "annas-laptop.fritz.box")];
    let key = [("RUTA_API_KEY", faulty.key.as_deref().unwrap())];
    for format in ["text", "json", "ticket", "junit", "github", "prometheus"] {
        let arguments =
            ["doctor", "--url", &server.fill("{server}/v1"), "--model", "gpt-5.5", "--anonymize", "--record", file];
        let ran = run(ruta().envs(anna).envs(key).args(arguments).args(["--format", format])).unwrap();
        assert_eq!((ran.exit, ran.stderr.as_str()), (1, ""), "{format}");
        for text in [&ran.stdout, &fs::read_to_string(file).unwrap()] {
            let left: Vec<_> = PRIVATE.iter().filter(|word| text.contains(**word)).collect();
            assert!(left.is_empty(), "{format} still has {left:?}:\n{text}");
        }
    }
    // A recording of another machine: its names are not known, but what shows in it is masked all the same.
    let played = Played::doctor(&faulty, &["--record", file]).unwrap();
    assert_eq!(played.ran.exit, 1);
    assert!(fs::read_to_string(file).unwrap().contains("203.0.113.77"), "the recording itself is not masked unasked");
    let ran = run(ruta().args(["replay", file, "--format", "ticket", "--anonymize"])).unwrap();
    for word in ["10.20.30.40", "203.0.113.77", "2001:db8", "/home/anna", "/Users/eva", "gpu-box", "corp.lan", "@acme"]
    {
        assert!(!ran.stdout.contains(word), "{word}:\n{}", ran.stdout);
    }
}

#[test]
fn no_scenario_ends_otherwise_when_its_evidence_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    // Those that wait on purpose say no more than the others.
    let quick = crate::scripts::scenarios().unwrap().into_iter().filter(|(name, _)| {
        ["url-", "key-", "tls-", "dns-", "rutaapi-", "redirected", "proxy", "healthy-"]
            .iter()
            .any(|start| name.starts_with(start))
    });
    let mut looked_at = 0;
    for (name, scenario) in quick.filter(|(name, scenario)| scenario.args.is_empty() && !name.contains("slow")) {
        let played = Played::doctor(&scenario, &["--record", file.to_str().unwrap()]).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let original = report(load(&text).unwrap());
        // The same run as if the server had stood elsewhere: in the network, on a public address, on a named machine.
        for host in ["10.20.30.40", "gpu-box", "llm.corp.lan", "203.0.113.77"] {
            let moved = report(load(&text.replace("127.0.0.1", host)).unwrap());
            let mut masker = Masker::new(&annas());
            let masked = masker.report(&moved);
            assert_eq!(
                (masked.diagnosis.cause, masked.outcome),
                (moved.diagnosis.cause, moved.outcome),
                "{name} at {host}"
            );
            // Judged from the masked evidence alone, too.
            let alone = report(masker.evidence(&moved.evidence));
            assert_eq!(alone.diagnosis.cause, moved.diagnosis.cause, "{name} at {host}, from its masked recording");
        }
        assert_eq!(original.exit(false), u8::try_from(played.ran.exit).unwrap(), "{name}");
        looked_at += 1;
    }
    assert!(looked_at > 80, "only {looked_at} scenarios");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands around them, addresses and names go, nothing panics, and masking twice changes nothing.
    #[test]
    fn whatever_stands_around_it(
        before in "\\PC{0,12}|[a-z:/@\\[(\"' .,=]{0,12}",
        what in prop_oneof![
            Just("10.20.30.40"), Just("203.0.113.77"), Just("2001:db8::7"), Just("fd00::9"), Just("annas-laptop"),
            Just("/home/anna"), Just("anna@acme.example"), Just("http://gpu-box:8000"),
        ],
        after in "\\PC{0,12}|[a-z:/@\\])\"' .,=]{0,12}",
    ) {
        let text = format!("{before} {what} {after}");
        let mut masker = Masker::new(&annas());
        let masked = masker.text(&text);
        prop_assert!(!masked.contains(what.trim_start_matches("http://").trim_end_matches(":8000")), "{text} -> {masked}");
        prop_assert_eq!(masker.text(&masked), masked);
    }
}
