//! Plays every file of `fixtures/scenarios` to the real program over a real socket and compares cause, outcome, exit
//! code, notes, suggestion and the whole report with what the file and its snapshot say. Holds each report against the
//! published schema, and each other format against the rules of its readers.
//!
//! `SCENARIO=tls cargo test --test all scenarios::` plays only those whose name contains `tls`.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{env, fs, thread};

use crate::scripts::{scenarios, slowest_first};
use crate::stage::{Played, run, ruta};
use crate::together::together;
use crate::width::too_wide;
use ruta::cause::Cause;
use ruta::scenario::Scenario;
use serde_json::Value;
use tempfile::TempDir;

/// Causes that no server on loopback can play, and why.
const UNPLAYABLE: &[(&str, &str)] = &[];

/// Where each field of the JSON contract stands; `[]` is every element of a list, `?` may be null.
const CONTRACT: &[&str] = &[
    "schema",
    "ruta",
    "started_at",
    "duration_ms",
    "outcome",
    "connection.base_url?",
    "connection.provider?",
    "connection.server?",
    "connection.client",
    "connection.model?",
    "connection.key?.source",
    "connection.key?.prefix",
    "connection.key?.length",
    "diagnosis.cause",
    "diagnosis.severity",
    "diagnosis.retry_later",
    "diagnosis.seen_at",
    "diagnosis.title",
    "diagnosis.meaning",
    "diagnosis.evidence",
    "diagnosis.fix",
    "diagnosis.suggestion?.field",
    "diagnosis.suggestion?.value",
    "diagnosis.suggestion?.tried",
    "diagnosis.suggestion?.worked",
    "diagnosis.links",
    "notes.[].cause",
    "notes.[].title",
    "notes.[].fix",
    "client_prediction?.client",
    "client_prediction?.verify?",
    "client_prediction?.verify_says?",
    "client_prediction?.models_listed?",
    "client_prediction?.model_in_menu?",
    "client_prediction?.breaks_all_lists",
    "client_prediction?.chat?",
    "client_prediction?.chat_says?",
    "client_prediction?.with_model_ids?.chat",
    "client_prediction?.with_model_ids?.chat_says?",
    "client_prediction?.say",
    "client_prediction?.enter.url?",
    "client_prediction?.enter.model_ids",
    "abilities.[].id",
    "abilities.[].name",
    "abilities.[].result",
    "abilities.[].detail",
    "abilities.[].refused",
    "abilities.[].means?",
    "checks.[].id",
    "checks.[].title",
    "checks.[].status",
    "checks.[].summary",
    "checks.[].skipped_because?",
    "checks.[].request?.method",
    "checks.[].request?.url",
    "checks.[].request?.bytes",
    "checks.[].request?.at",
    "checks.[].answer?.status",
    "checks.[].answer?.version",
    "checks.[].answer?.request_id?",
    "checks.[].answer?.content_type?",
    "checks.[].answer?.retry_after?",
    "checks.[].answer?.bytes",
    "checks.[].answer?.excerpt",
    "checks.[].failure?.kind",
    "checks.[].failure?.stage",
    "checks.[].failure?.detail",
    "checks.[].timing_ms.dns?",
    "checks.[].timing_ms.connect?",
    "checks.[].timing_ms.tls?",
    "checks.[].timing_ms.first_byte?",
    "checks.[].timing_ms.total?",
    "evidence.observations",
];

#[test]
fn every_scenario_ends_as_its_file_says() {
    let wanted = env::var("SCENARIO").unwrap_or_default();
    let all = slowest_first().expect("the scenarios can be read");
    let chosen: Vec<_> = all.iter().filter(|(name, _)| name.contains(&wanted)).collect();
    let wrong = together(&chosen, |(name, scenario)| {
        let complaints = examine(name, scenario).unwrap_or_else(|error| vec![error]);
        if complaints.is_empty() { Vec::new() } else { vec![format!("{name}:\n    {}", complaints.join("\n    "))] }
    });
    assert!(wrong.is_empty(), "{} of {} scenarios end otherwise:\n{}", wrong.len(), chosen.len(), wrong.join("\n"));
}

#[test]
fn every_cause_that_a_server_can_play_has_a_scenario() {
    let all = scenarios().expect("the scenarios can be read");
    let played: BTreeSet<&str> = all
        .iter()
        .flat_map(|(_, scenario)| scenario.notes.iter().chain([&scenario.cause]))
        .map(String::as_str)
        .collect();
    let known: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
    let excused: BTreeSet<&str> = UNPLAYABLE.iter().map(|(code, _)| *code).collect();
    assert_eq!(played.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "no causes");
    let without: Vec<_> = known.difference(&played).filter(|code| !excused.contains(*code)).collect();
    assert!(without.is_empty(), "no scenario for {without:?}");
    assert!(excused.is_disjoint(&played), "a scenario plays what is said to be unplayable");
    assert!(all.len() >= 70, "only {} scenarios", all.len());
    let odd = all.iter().filter(|(name, scenario)| name.starts_with("healthy-") && scenario.exit == 0).count();
    assert!(odd >= 8, "only {odd} healthy but odd scenarios");
}

#[test]
fn every_snapshot_belongs_to_a_scenario_and_every_scenario_has_one() {
    let all = scenarios().expect("the scenarios can be read");
    let names: BTreeSet<String> = all.into_iter().map(|(name, _)| name).collect();
    let kept: BTreeSet<String> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/scenarios"))
        .expect("the folder of snapshots")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter_map(|file| file.strip_suffix(".snap").map(str::to_owned))
        .collect();
    let (extra, missing) = (kept.difference(&names), names.difference(&kept));
    assert_eq!(extra.collect::<Vec<_>>(), Vec::<&String>::new(), "snapshots of no scenario");
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new(), "scenarios without a snapshot");
}

/// Everything about this scenario that is not as its file says.
fn examine(name: &str, scenario: &Scenario) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let file = folder.path().join("recording.json").display().to_string();
    // Both runs at once: a scenario that waits is waited for once.
    let (text, json) = thread::scope(|scope| {
        let json = scope.spawn(|| Played::doctor(scenario, &["--format", "json"]));
        let text = Played::doctor(scenario, &["--record", &file]);
        (text, json.join().unwrap_or_else(|_| Err("it crashed".into())))
    });
    let (text, json) = (text?, json?);
    let again = run(ruta().args(["replay", &file])).map_err(|error| error.to_string())?;
    if (again.exit, &again.stdout, again.stderr.as_str()) != (text.ran.exit, &text.ran.stdout, "") {
        wrong.push(format!("the recording says otherwise (exit {}): {}{}", again.exit, again.stdout, again.stderr));
    }
    for played in [&text, &json] {
        if let Some(leak) = scenario.leak(&played.server.received()) {
            wrong.push(format!("the key went to {:?}: {} {}", leak.place, leak.method, leak.path));
        }
        if played.ran.exit != i32::from(scenario.exit) {
            wrong.push(format!("exit {} instead of {}", played.ran.exit, scenario.exit));
        }
        // What it will cost is said before.
        let said =
            scenario.args.iter().any(|argument| argument == "--full") && played.ran.stderr.starts_with("--full sends ");
        if !played.ran.stderr.is_empty() && !said {
            wrong.push(format!("standard error says: {}", played.ran.stderr.trim()));
        }
    }
    let report: Value = serde_json::from_str(&json.ran.stdout).map_err(|error| format!("no JSON: {error}"))?;
    wrong.extend(CONTRACT.iter().filter(|path| lacks(&report, path)).map(|path| format!("the JSON lacks {path}")));
    wrong.extend(crate::contract::faults(&report).into_iter().map(|fault| format!("not as the schema says: {fault}")));
    let judged = ruta::report::report(ruta::evidence::record::load(&json.ran.stdout)?);
    wrong.extend(crate::valid::complaints(&[judged]));
    wrong.extend(strangers(scenario, &json, &report));
    let is = |pointer: &str| report.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut same = |what: &str, seen: &str, wanted: &str| {
        if seen != wanted {
            wrong.push(format!("{what} {seen} instead of {wanted}"));
        }
    };
    same("cause", &is("/diagnosis/cause"), &scenario.cause);
    same("outcome", &is("/outcome"), scenario.outcome.name());
    same("the text says cause", &cause_in(&text.ran.stdout), &is("/diagnosis/cause"));
    if let Some(suggestion) = &scenario.suggestion {
        same(
            "suggestion",
            &steady(&json, &is("/diagnosis/suggestion/value")),
            &steady(&json, &json.server.fill(suggestion)),
        );
    }
    let notes: Vec<&str> =
        report["notes"].as_array().into_iter().flatten().filter_map(|note| note["cause"].as_str()).collect();
    for note in scenario.notes.iter().filter(|note| !notes.contains(&note.as_str())) {
        wrong.push(format!("no note {note}, only {notes:?}"));
    }
    wrong.extend(too_wide(&text.ran.stdout).into_iter().map(|line| format!("wider than 80 columns: {line}")));
    if catch_unwind(AssertUnwindSafe(|| compare(name, scenario, &steady(&text, &text.ran.stdout)))).is_err() {
        wrong.push("the text differs from the snapshot".to_owned());
    }
    Ok(wrong)
}

/// Compares with the snapshot, whatever changes from run to run taken out.
fn compare(name: &str, scenario: &Scenario, text: &str) {
    let mut settings = crate::snapshot::settings("scenarios");
    settings.set_description(&scenario.title);
    settings.add_filter(r"\b\d+(\.\d+)? (ms|s)\b", "[time]");
    settings.add_filter(r"\b\d+ seconds (ago|in future)", "[time] $1");
    settings.add_filter(r"\b\d{10} \(UNIX\)", "[now] (UNIX)");
    settings.add_filter(r"\b\d\d:\d\d UTC", "[hour] UTC");
    settings.add_filter(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[now]");
    settings.add_filter(r"\S*ruta-scenario-\S*\.pem", "[ca file]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The text with the ports of this run written as 40001 (server), 40002 (other) and 40003 (proxy): as long as the real
/// ones, so that underlines stay where they are.
fn steady(played: &Played, text: &str) -> String {
    let places = [("{server}", ":40001"), ("{other}", ":40002"), ("{proxy}", ":40003")];
    places.into_iter().fold(text.to_owned(), |text, (place, steady)| {
        let filled = played.server.fill(place);
        match filled.rsplit_once(':').filter(|_| filled != place) {
            Some((_, port)) => {
                let text = text.replace(&format!(":{port}"), steady);
                text.replace(&format!("ort {port}"), &steady.replace(':', "ort "))
            }
            None => text,
        }
    })
}

/// The cause as the text names it.
fn cause_in(text: &str) -> String {
    let named = |line: &str| {
        let rest = [" Cause   ", " Warning ", " Unknown "].iter().find_map(|label| line.strip_prefix(label))?;
        Some(rest.split_once(':')?.0.to_owned()).filter(|code| code.parse::<Cause>().is_ok())
    };
    text.lines().find_map(named).unwrap_or_else(|| Cause::Ok.code().to_owned())
}

/// Requests to hosts that are no part of the scenario.
fn strangers(scenario: &Scenario, played: &Played, report: &Value) -> Vec<String> {
    let other = scenario.other.iter().flat_map(|other| other.host.iter());
    let known: Vec<String> = scenario.host.iter().chain(other).map(|host| played.server.fill(host)).collect();
    let home = ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "no-such-host.invalid"];
    let observations = report.pointer("/evidence/observations").and_then(Value::as_array).into_iter().flatten();
    let urls = observations.filter_map(|seen| seen.pointer("/request/url").and_then(Value::as_str));
    urls.filter(|url| {
        let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
        !home.contains(&name) && !known.iter().any(|host| host == authority || host == name)
    })
    .map(|url| format!("a request left loopback: {url}"))
    .collect()
}

/// Whether a field of the contract is missing, or null although it must not be.
fn lacks(value: &Value, path: &str) -> bool {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    if step == "[]" {
        return value
            .as_array()
            .is_none_or(|items| items.iter().any(|item| rest.is_some_and(|rest| lacks(item, rest))));
    }
    let name = step.trim_end_matches('?');
    match value.get(name) {
        None => true,
        Some(Value::Null) => name == step,
        Some(inner) => rest.is_some_and(|rest| lacks(inner, rest)),
    }
}
