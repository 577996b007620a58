//! Keeps the published JSON Schema true: it is what the types make, reports fit it, and what is no report does not.
//!
//! `UPDATE=1 cargo test --test all schema::` writes it anew; what changed then shows in the file.

use std::{env, fs};

use crate::contract::{PUBLISHED, faults};
use crate::script::scenario;
use crate::stage::{Played, run, ruta};
use ruta::cause::Cause;
use ruta::report::schema::schema;
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");

#[test]
fn the_published_schema_is_that_of_the_types() {
    let made = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if env::var_os("UPDATE").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    let published = fs::read_to_string(FILE).unwrap();
    assert!(published == made, "docs/report.schema.json is not what the types say; write it anew with UPDATE=1");
}

#[test]
fn it_is_a_schema_that_names_every_cause_and_describes_every_field() {
    assert!(jsonschema::meta::is_valid(&PUBLISHED));
    let causes: Vec<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
    assert_eq!(PUBLISHED["$defs"]["Cause"]["enum"], json!(causes));
    let mut silent = Vec::new();
    for (name, definition) in PUBLISHED["$defs"].as_object().unwrap() {
        for (field, what) in definition["properties"].as_object().into_iter().flatten() {
            if what["description"].as_str().is_none_or(|text| text.is_empty() || text.contains("[`")) {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn reports_of_every_command_fit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let file = file.to_str().unwrap();
    let played = Played::doctor(&scenario("no-credits-429").unwrap(), &["--format", "json", "--record", file]).unwrap();
    let live: Value = serde_json::from_str(&played.ran.stdout).unwrap();
    assert_eq!(faults(&live), Vec::<String>::new());
    assert_eq!(faults(&json!([live, live])), Vec::<String>::new(), "several connections");
    assert_eq!(faults(&json!([])), Vec::<String>::new(), "no connection");
    for arguments in [
        &["replay", file, "--format", "json"][..],
        &["explain", "--status", "429", "--url", "https://api.groq.com/openai/v1", "--format", "json"],
        &["explain", "--status", "429", "--format", "json"],
    ] {
        let ran = run(ruta().args(arguments).write_stdin("")).unwrap();
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(faults(&report), Vec::<String>::new(), "{arguments:?}");
    }
    // What is no report does not fit.
    for (pointer, wrong) in [
        ("/schema", json!(2)),
        ("/outcome", json!("fine")),
        ("/diagnosis/cause", json!("no-such-cause")),
        ("/diagnosis/severity", json!("fatal")),
        ("/checks/0/status", json!("ok")),
        ("/checks/0/timing_ms", json!(null)),
        ("/connection/key", json!("sk-secret")),
        ("/evidence/observations/0/request/key", json!("sk-secret")),
    ] {
        let mut other = live.clone();
        *other.pointer_mut(pointer).unwrap() = wrong;
        assert!(!faults(&other).is_empty(), "{pointer}");
    }
    let mut more = live;
    more["surprise"] = json!(1);
    assert!(!faults(&more).is_empty(), "a field that the schema does not know");
}
