//! How a failed connection is told: the kind of the failure, the stage at which it ended, and how long that took.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot read its own material has failed")]

use std::process::Command;
use std::thread;

use crate::script::scenario;
use crate::stage::{Played, run, ruta};
use serde_json::Value;

/// What each scenario must show: the scenario, the kind of the failure, the stage.
const ENDS: &[(&str, &str, &str)] = &[
    ("dns-failed", "no-such-host|no-resolver", "name"),
    ("connect-refused", "refused", "connect"),
    ("connect-unreachable", "unreachable", "connect"),
    ("connect-timeout", "connect-timeout", "connect"),
    ("connect-reset-at-once", "reset", "connect|first-byte"),
    ("connect-reset-before-answer", "reset", "first-byte"),
    ("connect-reset-closed", "closed", "first-byte"),
    ("connect-reset-half-head", "closed", "first-byte"),
    ("connect-reset-tls", "reset", "tls"),
    ("tls-closed", "closed", "tls"),
    ("tls-unknown-ca", "tls-untrusted", "tls"),
    ("tls-self-signed", "tls-self-signed", "tls"),
    ("tls-expired", "tls-expired", "tls"),
    ("tls-not-yet-valid", "tls-not-yet-valid", "tls"),
    ("tls-wrong-host", "tls-wrong-host", "tls"),
    ("tls-handshake-alert", "tls-handshake", "tls"),
    ("tls-handshake-old-version", "tls-handshake", "tls"),
    ("tls-handshake-client-certificate", "tls-client-certificate", "tls"),
    ("https-on-http-port", "plain-on-tls-url", "tls"),
    ("http-on-https-port", "not-http|reset|closed", "first-byte"),
    ("not-an-api-ssh", "not-http", "first-byte"),
    ("response-timeout", "timeout", "first-byte"),
    ("response-timeout-tls", "timeout", "tls"),
    ("response-timeout-stalled-body", "body-timeout", "body"),
    ("response-timeout-drip", "body-timeout", "body"),
    ("response-timeout-stream", "body-timeout", "body"),
    ("response-timeout-silent-stream", "timeout", "first-byte"),
    ("response-truncated", "body-cut", "body"),
    ("response-truncated-chunk", "body-cut", "body"),
    ("response-truncated-reset", "body-cut", "body"),
    ("response-truncated-tls", "body-cut", "body"),
    ("response-malformed-chunk", "body-garbled", "body"),
    ("response-too-large-head", "head-too-large", "first-byte"),
    ("response-too-large", "too-large", "body"),
    ("response-too-large-stream", "too-large", "body"),
    ("proxy-refused", "proxy-unreachable", "proxy"),
    ("proxy-name-unknown", "proxy-not-found", "name"),
    ("proxy-silent", "proxy-refused", "proxy"),
    ("proxy-closes", "proxy-refused", "proxy"),
    ("proxy-garbage", "proxy-refused", "proxy"),
    ("proxy-wants-login", "proxy-auth-required", "proxy"),
    ("proxy-wants-login-plain", "proxy-auth-required", "proxy"),
    ("proxy-forbids-tunnel", "proxy-refused", "proxy"),
    ("proxy-bad-gateway", "proxy-refused", "proxy"),
    ("proxy-intercepts", "tls-untrusted", "tls"),
    ("proxy-socks-refused", "proxy-unreachable", "proxy"),
    ("proxy-socks-login", "proxy-auth-required", "proxy"),
    ("proxy-socks-wrong-login", "proxy-auth-required", "proxy"),
    ("proxy-socks-forbids", "proxy-refused", "proxy"),
    ("proxy-socks-target-refused", "proxy-refused", "proxy"),
];

/// The report as JSON, and what went to standard error.
fn doctor(name: &str, extra: &[&str]) -> (Value, String) {
    let scenario = scenario(name).expect("the scenario can be read");
    let played = Played::doctor(&scenario, &[extra, &["--format", "json"]].concat()).expect("it runs");
    assert!(scenario.leak(&played.server.received()).is_none(), "{name}: the key went where it must not");
    (serde_json::from_str(&played.ran.stdout).expect("a report"), played.ran.stderr)
}

#[test]
fn every_failure_is_told_with_its_kind_and_its_stage_and_its_time() {
    // Most of them wait for a timeout: side by side.
    thread::scope(|scope| {
        for part in ENDS.chunks(ENDS.len().div_ceil(6)) {
            scope.spawn(|| part.iter().for_each(ends_so));
        }
    });
}

fn ends_so((name, kinds, stages): &(&str, &str, &str)) {
    let (report, _) = doctor(name, &[]);
    let seen_at = report["diagnosis"]["seen_at"].as_str().unwrap_or_default();
    let checks = report["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["id"] == seen_at && !check["failure"].is_null());
    let check = check.unwrap_or_else(|| panic!("{name}: no failure at {seen_at}: {checks:#?}"));
    let is = |field: &str| check["failure"][field].as_str().unwrap_or_default().to_owned();
    assert!(kinds.split('|').any(|kind| kind == is("kind")), "{name}: kind {}", is("kind"));
    assert!(stages.split('|').any(|stage| stage == is("stage")), "{name}: stage {}", is("stage"));
    assert!(check["timing_ms"]["total"].is_number(), "{name}");
    let evidence = report["diagnosis"]["evidence"].to_string();
    assert!(evidence.contains("it ended while "), "{name}: {evidence}");
}

#[test]
fn a_dead_ipv6_address_costs_a_third_of_a_second() {
    let (report, _) = doctor("healthy-ipv6-dead", &[]);
    let connect = report["checks"][0]["timing_ms"]["connect"].as_f64().expect("a time");
    // Half a second more for a busy machine; without the second address it would be ten seconds.
    assert!(connect < 800.0, "{connect} ms");
}

#[test]
fn verbose_says_how_long_each_stage_took_and_where_it_ended() {
    let (_, good) = doctor("healthy-https", &["-v"]);
    let line = good.lines().find(|line| line.starts_with("* connect")).unwrap_or_default();
    let stages: Vec<&str> = line.split(", ").filter_map(|part| part.rsplitn(3, ' ').nth(2)).collect();
    assert_eq!(stages, ["* connect", "TLS", "first byte", "total"], "{good}");
    let (_, bad) = doctor("connect-refused", &["-v"]);
    assert!(bad.contains("* Refused while connecting: connection refused\n* connect "), "{bad}");
}

/// Only where this user may make a network of his own that leads nowhere.
#[test]
fn a_name_server_that_does_not_answer_is_not_a_name_that_does_not_exist() {
    let alone = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", program]);
        command
    };
    if !alone("true").output().is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: unshare does not work here");
        return;
    }
    let done = alone(env!("CARGO_BIN_EXE_ruta"))
        .env_clear()
        .args(["doctor", "--url", "https://api.no-resolver.test/v1", "--no-key", "--model", "m", "--format", "json"])
        .output()
        .expect("it runs");
    let report: Value = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!(report["diagnosis"]["cause"], "dns-failed");
    assert_eq!(report["checks"][0]["failure"]["kind"], "no-resolver");
    assert_eq!(report["checks"][0]["failure"]["stage"], "name");
    assert!(report["diagnosis"]["evidence"].to_string().contains("the name server did not answer"));
}

#[test]
fn a_proxy_flag_that_is_no_proxy_is_refused() {
    for wrong in ["htp://127.0.0.1:9", "http://[bad", "http://127.0.0.1:x"] {
        let ran = run(ruta().args(["doctor", "--url", "http://127.0.0.1:9/v1", "--no-key", "--proxy", wrong]))
            .expect("it runs");
        assert_eq!(ran.exit, 2, "{wrong}: {}", ran.stdout);
        assert!(ran.stderr.contains("no proxy URL"), "{wrong}: {}", ran.stderr);
    }
}

#[test]
fn a_certificate_in_the_trust_store_of_the_environment_is_trusted() {
    let scenario = scenario("healthy-self-signed-trusted").expect("the scenario can be read");
    let server = ruta::scenario::Server::start(&scenario).expect("it starts");
    let url = server.fill(scenario.url.as_deref().expect("a URL"));
    let ask = |file: &std::path::Path| {
        let mut command = ruta();
        command.args(["doctor", "--url", &url, "--model", "gpt-5.5", "--only", "models", "--format", "json"]);
        command.envs(scenario.environment(&server)).env("SSL_CERT_FILE", file);
        let report: Value = serde_json::from_str(&run(&mut command).expect("it runs").stdout).expect("a report");
        report["diagnosis"]["cause"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(ask(server.ca_file().expect("a certificate")), "ok");
    assert_eq!(ask(std::path::Path::new("/nonexistent.pem")), "tls-untrusted");
}
