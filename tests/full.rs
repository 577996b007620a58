//! `--full`: what is asked beside the chat is asked side by side, in the smallest way, and what it costs is said before.

#![expect(clippy::unwrap_used, reason = "a report that is not as it must be ends the test")]

use std::time::{Duration, SystemTime};

use crate::script::scenario;
use crate::scripts::scenarios;
use crate::stage::Played;
use serde_json::Value;

/// The checks of a full run, in the order of the table.
const ORDER: &[&str] = &[
    "models",
    "chat",
    "tools",
    "stream",
    "tools-call",
    "tools-call",
    "parameters",
    "structured",
    "embeddings",
    "speech",
    "transcription",
    "images",
    "responses",
    "messages",
];

/// So many requests may be under way at a time.
const AT_ONCE: usize = 8;

const MILLISECOND: Duration = Duration::from_millis(1);

/// One request of a run: its check, when it was sent and when the answer was there.
#[derive(Debug)]
struct Sent {
    check: String,
    from: SystemTime,
    to: SystemTime,
}

impl Sent {
    fn beside(&self, other: &Self) -> bool {
        // The moments are written down in whole milliseconds.
        self.from + MILLISECOND < other.to && other.from + MILLISECOND < self.to
    }
}

/// The report of a run.
fn report(played: &Played) -> Value {
    serde_json::from_str(&played.ran.stdout).unwrap()
}

fn observations(report: &Value) -> &[Value] {
    report["evidence"]["observations"].as_array().map_or(&[], Vec::as_slice)
}

/// The requests as the evidence has them.
fn sent(report: &Value) -> Vec<Sent> {
    let ran = observations(report).iter().filter(|seen| seen["request"].is_object());
    ran.map(|seen| {
        let from = humantime::parse_rfc3339(seen["request"]["at"].as_str().unwrap()).unwrap();
        let took = Duration::from_secs_f64(seen["timing"]["total"].as_f64().unwrap() / 1000.0);
        Sent { check: seen["check"].as_str().unwrap().to_owned(), from, to: from + took }
    })
    .collect()
}

/// The most requests that were under way at one moment.
fn most_at_once(sent: &[Sent]) -> usize {
    sent.iter()
        // The start is written down in whole milliseconds: an overlap shorter than that is none.
        .map(|one| {
            let start = one.from + Duration::from_millis(1);
            sent.iter().filter(|other| other.from <= one.from && start < other.to).count()
        })
        .max()
        .unwrap()
}

/// The numbers of requests that were announced: where nothing is refused, and at most.
fn announced(stderr: &str) -> (usize, usize) {
    let mut numbers = stderr.split_whitespace().filter_map(|word| word.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn endpoints_that_need_nothing_of_each_other_are_asked_side_by_side() {
    let mut healthy = scenario("full-healthy").unwrap();
    for row in healthy.answer.iter_mut().filter(|row| row.path.as_deref() != Some("/v1/models")) {
        row.delay_ms = if row.path.as_deref() == Some("/v1/chat/completions") { 50 } else { 300 };
    }
    let played = Played::doctor(&healthy, &["--format", "json"]).unwrap();
    let report = report(&played);
    let sent = sent(&report);
    let beside: Vec<&Sent> =
        sent.iter().filter(|one| one.to.duration_since(one.from).unwrap().as_millis() >= 300).collect();
    assert_eq!(beside.len(), 6, "the endpoints beside chat: {sent:#?}");
    let most = most_at_once(&sent);
    assert!((6..=AT_ONCE).contains(&most), "{most}: {sent:#?}");
    let images = sent.iter().find(|one| one.check == "images").unwrap();
    assert!(beside.iter().all(|one| images.beside(one)), "all are under way together: {sent:#?}");
    let chat = &sent[1];
    assert!(sent.iter().filter(|one| one.check != "chat").all(|one| !chat.beside(one)), "the chat comes alone");
}

#[test]
fn what_was_seen_stands_in_the_order_of_the_table_whoever_was_first() {
    let mut healthy = scenario("full-healthy").unwrap();
    for (place, row) in healthy.answer.iter_mut().rev().enumerate() {
        row.delay_ms = u64::try_from(place).unwrap() * 20;
    }
    for _ in 0..2 {
        let played = Played::doctor(&healthy, &["--format", "json"]).unwrap();
        let report = report(&played);
        let order: Vec<&str> = observations(&report).iter().filter_map(|seen| seen["check"].as_str()).collect();
        assert_eq!(order, ORDER);
        let by_time = sent(&report);
        assert!(!by_time.is_sorted_by_key(|one| one.to), "they came in another order");
    }
}

#[test]
fn a_slow_server_is_asked_less_at_a_time() {
    let mut slow = scenario("full-healthy").unwrap();
    for row in slow.answer.iter_mut().filter(|row| row.path.as_deref() != Some("/v1/models")) {
        row.delay_ms = 300;
    }
    let played = Played::doctor(&slow, &["--format", "json", "--timeout", "2"]).unwrap();
    let sent = sent(&report(&played));
    assert!((1..=3).contains(&most_at_once(&sent)), "one after the other they would not be in time: {sent:#?}");
}

#[test]
fn how_long_a_request_took_is_its_own_time() {
    let mut healthy = scenario("full-healthy").unwrap();
    for row in healthy.answer.iter_mut().filter(|row| row.path.as_deref() == Some("/v1/images/generations")) {
        row.delay_ms = 400;
    }
    let played = Played::doctor(&healthy, &["--format", "json"]).unwrap();
    for seen in observations(&report(&played)).iter().filter(|seen| seen["request"].is_object()) {
        let (timing, check) = (&seen["timing"], &seen["check"]);
        let stage = |name: &str| timing[name].as_f64().unwrap_or_default();
        assert!(stage("dns") + stage("connect") <= stage("first_byte") + 0.2, "{check}: {timing}");
        assert_eq!(stage("first_byte") >= 400.0, check == "images", "{check}: {timing}");
    }
}

#[test]
fn a_limit_that_was_met_side_by_side_is_no_verdict() {
    let limited = scenario("full-rate-limited").unwrap();
    let played = Played::doctor(&limited, &["--format", "json"]).unwrap();
    let sent = sent(&report(&played));
    let embeddings: Vec<&Sent> = sent.iter().filter(|one| one.check == "embeddings").collect();
    let [first, again] = embeddings.as_slice() else { panic!("twice: {sent:#?}") };
    assert!(first.to <= again.from);
    assert!(sent.iter().filter(|one| one.from != again.from).all(|one| !again.beside(one)), "alone: {sent:#?}");
    assert!(sent.iter().filter(|one| one.check == "responses").count() <= 2, "once more and not again: {sent:#?}");
}

#[test]
fn after_two_refusals_for_the_rate_the_rest_is_left_alone() {
    let mut limited = scenario("full-healthy").unwrap();
    for row in limited.answer.iter_mut().filter(|row| {
        row.path.as_deref().is_some_and(|path| {
            path.ends_with('s') && path != "/v1/models" && path != "/v1/chat/completions" || path.contains("audio")
        })
    }) {
        row.status = Some(429);
        row.canned = None;
        row.body =
            Some(r#"{"error":{"message":"Too many requests","type":"requests","code":"rate_limit_exceeded"}}"#.into());
    }
    let played = Played::doctor(&limited, &["--format", "json"]).unwrap();
    let report = report(&played);
    assert_eq!((report["outcome"].as_str(), played.ran.exit), (Some("works"), 0));
    assert!(played.server.received().len() <= 3 + AT_ONCE + 4 + 2, "{} requests", played.server.received().len());
    let abilities = report["abilities"].as_array().unwrap();
    assert!(abilities.iter().filter(|one| one["result"] == "not-tested").count() >= 5, "{abilities:#?}");
    assert!(abilities.iter().all(|one| one["result"] != "refused" && one["result"] != "not-there"), "{abilities:#?}");
}

#[test]
fn what_it_costs_is_said_before_and_it_costs_no_more() {
    for (name, scenario) in scenarios().unwrap().iter().filter(|(name, _)| name.starts_with("full-")) {
        let played = Played::doctor(scenario, &[]).unwrap();
        let received = played.server.received().len();
        let (usual, most) = announced(&played.ran.stderr);
        assert!(received <= most, "{name}: {received} requests, at most {most} were announced");
        assert!(name != "full-healthy" || received == usual, "{received} requests, {usual} were announced");
        for named in ["speech", "transcription", "images", "--skip"] {
            assert!(played.ran.stderr.contains(named), "{name}: {named} is not named: {}", played.ran.stderr);
        }
        assert!(played.ran.stderr.lines().all(|line| line.len() <= 80), "{name}: {}", played.ran.stderr);
    }
}

#[test]
fn what_is_left_out_is_not_announced_and_quiet_is_quiet() {
    let healthy = scenario("full-healthy").unwrap();
    let played = Played::doctor(&healthy, &["--skip", "speech,transcription,images"]).unwrap();
    assert_eq!(announced(&played.ran.stderr).0, played.server.received().len());
    assert!(!played.ran.stderr.contains("images"), "{}", played.ran.stderr);
    assert!(
        played
            .server
            .received()
            .iter()
            .all(|request| !request.path.contains("audio") && !request.path.contains("images"))
    );
    let played = Played::doctor(&healthy, &["-q"]).unwrap();
    assert_eq!(played.ran.stderr, "");
}

#[test]
fn each_endpoint_is_asked_in_the_smallest_way() {
    let played = Played::doctor(&scenario("full-healthy").unwrap(), &["--format", "json"]).unwrap();
    let received = played.server.received();
    let body = |path: &str| &received.iter().find(|request| request.path == path).unwrap().body;
    let fields = |path: &str| serde_json::from_slice::<Value>(body(path)).unwrap();
    let images = fields("/v1/images/generations");
    assert_eq!((images["quality"].as_str(), images["n"].as_u64()), (Some("low"), Some(1)));
    assert_eq!(fields("/v1/audio/speech")["input"], "OK");
    assert_eq!(fields("/v1/embeddings")["input"], "OK");
    assert_eq!(
        (&fields("/v1/responses")["stream"], &fields("/v1/messages")["stream"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    let form = received.iter().find(|request| request.path == "/v1/audio/transcriptions").unwrap();
    assert!(form.header("content-type").unwrap().starts_with("multipart/form-data; boundary="));
    assert!(
        form.body.windows(8).any(|window| window == b"WAVEfmt ") && form.body.len() < 20_000,
        "{}",
        form.body.len()
    );
    // Few connections carry them all, and what the report says was sent is what came.
    assert!(played.server.connections() <= AT_ONCE, "{} connections", played.server.connections());
    let report = report(&played);
    let mut told: Vec<u64> =
        observations(&report).iter().filter_map(|seen| seen["request"]["bytes"].as_u64()).collect();
    let mut came: Vec<u64> = received.iter().map(|request| request.body.len() as u64).collect();
    told.sort_unstable();
    came.sort_unstable();
    assert_eq!(told, came);
}

#[test]
fn the_model_hears_what_the_tool_gave() {
    let played = Played::doctor(&scenario("full-tools-not-forced").unwrap(), &[]).unwrap();
    let bodies: Vec<Value> =
        played.server.received().iter().filter_map(|request| serde_json::from_slice(&request.body).ok()).collect();
    let result = bodies.iter().find(|body| body["messages"][2]["role"] == "tool").unwrap();
    assert_eq!(result["messages"][2]["tool_call_id"], "call_7");
    assert_eq!(result["messages"][1]["reasoning_content"], "I look.", "the model's own message goes back as it came");
}

#[test]
fn nothing_more_is_paid_for_where_the_chat_fails() {
    for name in ["no-credits-402", "key-rejected", "model-not-found", "endpoint-not-found", "connect-refused"] {
        let played = Played::doctor(&scenario(name).unwrap(), &["--full"]).unwrap();
        let paid: Vec<String> = played
            .server
            .received()
            .iter()
            .filter(|request| request.path.contains("audio") || request.path.contains("images"))
            .map(|request| request.path.clone())
            .collect();
        assert_eq!(paid, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_a_client_does_not_need_breaks_nothing() {
    let mut little = scenario("full-no-embeddings").unwrap();
    let full = Played::doctor(&little, &["--format", "json", "--strict"]).unwrap();
    little.args.clear();
    let plain = Played::doctor(&little, &["--format", "json"]).unwrap();
    let (plain, report) = (report(&plain), report(&full));
    assert_eq!(report["outcome"], plain["outcome"]);
    assert_eq!(report["notes"], plain["notes"]);
    assert_eq!(full.ran.exit, 0);
    assert_eq!(plain["abilities"], Value::Array(Vec::new()));
}

#[test]
fn sound_and_pictures_are_not_kept() {
    let played = Played::doctor(&scenario("full-healthy").unwrap(), &["--format", "json"]).unwrap();
    let report = report(&played);
    let answer = |check: &str| {
        observations(&report).iter().find(|seen| seen["check"] == check).map(|seen| seen["answer"].clone()).unwrap()
    };
    let speech = answer("speech");
    assert_eq!((&speech["body"], &speech["media"]), (&Value::from(""), &Value::from("sound")));
    let images = answer("images");
    assert!(images["body"].as_str().unwrap().len() < 120 && images["bytes"].as_u64().unwrap() > 400, "{images}");
}
