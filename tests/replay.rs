//! A recorded run, judged again, gives the same report in every format.

use std::fs;

use crate::scripts::scenarios;
use crate::stage::{Played, run, ruta};
use crate::together::together;
use ruta::scenario::Scenario;

#[test]
fn every_recording_gives_the_report_of_its_run() {
    let folder = tempfile::tempdir().unwrap();
    // Those that wait on purpose say no more than the others.
    let quick = |(name, scenario): &(String, Scenario)| scenario.args.is_empty() && !name.contains("slow");
    let scenarios: Vec<_> = scenarios().unwrap().into_iter().filter(quick).collect();
    assert!(scenarios.len() > 100, "only {} scenarios", scenarios.len());
    together(&scenarios, |(name, scenario)| {
        let file = folder.path().join(format!("{name}.json"));
        let file = file.to_str().unwrap();
        let live = Played::doctor(scenario, &["--format", "json", "--record", file]).unwrap().ran;
        let json = run(ruta().args(["replay", file, "--format", "json"])).unwrap();
        assert_eq!((json.exit, &json.stdout), (live.exit, &live.stdout), "{name}: the JSON differs");
        // A report holds its evidence, so it can be replayed as well; the text is the same from both.
        let report = folder.path().join(format!("{name}-report.json"));
        fs::write(&report, &live.stdout).unwrap();
        let text = run(ruta().args(["replay", file])).unwrap();
        let again = run(ruta().args(["replay", report.to_str().unwrap()])).unwrap();
        assert_eq!((text.exit, &text.stdout), (live.exit, &again.stdout), "{name}: the text differs");
        let piped = run(ruta().args(["replay", "-"]).write_stdin(live.stdout.clone())).unwrap();
        assert_eq!((text.exit, &text.stdout), (piped.exit, &piped.stdout), "{name}: from a pipe");
        assert!(text.stdout.contains(&scenario.cause) || scenario.cause == "ok", "{name}: {}", text.stdout);
        if let Some(key) = scenario.key.as_deref().filter(|key| key.len() >= 12) {
            let recorded = fs::read_to_string(file).unwrap();
            assert!(!recorded.contains(key), "{name}: the recording holds the key");
        }
        Vec::new()
    });
}

#[test]
fn what_is_no_recording_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, says) in [
        ("empty", "", "the file is empty"),
        ("text", "hello", "line 1, column 1"),
        ("other", "{\"a\": 1}", "ruta doctor --record FILE"),
        ("newer", "{\"schema\": 2, \"ruta\": \"7.0.0\"}", "written by ruta 7.0.0"),
        ("cut", "{\"schema\": 1, \"ruta\": \"0.1.0\"}", "damaged"),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        let ran = run(ruta().arg("replay").arg(&file)).unwrap();
        assert_eq!(ran.exit, 2, "{name}");
        assert!(ran.stderr.contains(says) && ran.stderr.contains(name), "{name}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{name}");
    }
    for (input, says) in [("", "standard input: the file is empty"), ("hello", "standard input: not a recording")] {
        let ran = run(ruta().args(["replay", "-"]).write_stdin(input)).unwrap();
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{input:?}");
        assert!(ran.stderr.contains(says), "{input:?}: {}", ran.stderr);
    }
    let ran = run(ruta().args(["replay", "-"]).write_stdin([0xff, 0xfe, 0])).unwrap();
    assert!(ran.exit == 2 && ran.stderr.contains("this is no text"), "{}", ran.stderr);
    let missing = run(ruta().args(["replay", "/nonexistent/run.json"])).unwrap();
    assert_eq!(missing.exit, 2);
    assert!(missing.stderr.contains("/nonexistent/run.json"), "{}", missing.stderr);
}
