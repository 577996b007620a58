//! Tries what needs no network: the advice for every cause and status, an answer seen elsewhere, a recording.

use std::fs;

use crate::asked::{Tested, ask, ask_in, compare};
use crate::script::scenario;
use crate::stage::Played;
use crate::width::too_wide;
use ruta::cause::Cause;
use ruta::knowledge::advice;
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn explain_knows_every_cause() -> Tested {
    let list = ask(&["explain"])?.stdout;
    assert_eq!(too_wide(&list), Vec::<String>::new());
    for cause in Cause::ALL {
        let rows = list.lines().filter(|line| line.split_whitespace().next() == Some(cause.code())).count();
        assert_eq!(rows, 1, "{cause} in the list");
        let ran = ask(&["explain", cause.code()])?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{cause}");
        assert!(ran.stdout.starts_with(&format!("{cause}: {}\n", advice::of(*cause).title)), "{cause}: {}", ran.stdout);
        assert!(ran.stdout.contains("\nWhat to do:\n"), "{cause}: {}", ran.stdout);
        assert!(!ran.stdout.contains(['{', '|']) || ran.stdout.contains("{\"data\""), "{cause}: {}", ran.stdout);
        assert_eq!(too_wide(&ran.stdout), Vec::<String>::new(), "{cause}");
        let json: Value = serde_json::from_str(&ask(&["explain", cause.code(), "--format", "json"])?.stdout)?;
        assert_eq!(json["cause"], cause.code());
    }
    let all: Value = serde_json::from_str(&ask(&["explain", "--format", "json"])?.stdout)?;
    assert_eq!(all.as_array().map(Vec::len), Some(Cause::ALL.len()));
    Ok(())
}

#[test]
fn explain_knows_what_a_status_can_mean() -> Tested {
    for (status, causes) in [
        ("401", &["key-rejected", "no-credits"][..]),
        ("403", &["no-credits", "model-not-allowed"]),
        ("404", &["model-not-found", "endpoint-not-found"]),
        ("429", &["rate-limited", "no-credits"]),
        ("503", &["overloaded", "model-loading"]),
    ] {
        let ran = ask(&["explain", status])?;
        assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (0, "", Vec::new()), "{status}");
        for cause in causes {
            assert!(
                ran.stdout.lines().any(|line| line.starts_with(cause)),
                "{status} can mean {cause}:\n{}",
                ran.stdout
            );
        }
    }
    compare("explain-429", &ask(&["explain", "429"])?.stdout);
    Ok(())
}

#[test]
fn explain_judges_an_answer_that_was_seen_elsewhere() -> Tested {
    let body = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let arguments = ["explain", "--status", "429", "--url", "https://api.openai.com/v1", "--body", "-"];
    let ran = ask_in(&[], &arguments, body)?;
    assert_eq!(ran.exit, 1);
    assert!(ran.stdout.contains("Cause   no-credits"), "{}", ran.stdout);
    compare("explain-answer", &ran.stdout);
    let json: Value =
        serde_json::from_str(&ask_in(&[], &[&arguments[..], &["--format", "json"]].concat(), body)?.stdout)?;
    assert_eq!(json["diagnosis"]["cause"], "no-credits");
    Ok(())
}

#[test]
fn replay_judges_a_recording_again() -> Tested {
    let folder = TempDir::new()?;
    let file = folder.path().join("recording.json");
    let path = file.display().to_string();
    let scenario = scenario("no-credits-429")?;
    let live = Played::doctor(&scenario, &["--record", &path])?;
    let before = live.server.received().len();
    let text = ask(&["replay", &path])?;
    assert_eq!((text.exit, &text.stdout), (live.ran.exit, &live.ran.stdout));
    let json: Value = serde_json::from_str(&ask(&["replay", &path, "--format", "json"])?.stdout)?;
    assert_eq!(json["diagnosis"]["cause"], "no-credits");
    assert_eq!(ask(&["replay", &path, "-q"])?.stdout.lines().count(), 1);
    assert_eq!(live.server.received().len(), before, "a replay asks nobody");
    // A report holds the evidence as well.
    fs::write(&file, Played::doctor(&scenario, &["--format", "json"])?.ran.stdout)?;
    assert!(ask(&["replay", &path])?.stdout.contains("Cause   no-credits"));
    for (content, says) in [
        ("", "empty"),
        ("{\"a\":", "line 1"),
        ("{}", "--record"),
        ("{\"schema\":99}", "99"),
        ("\u{0}\u{1}", "recording"),
    ] {
        fs::write(&file, content)?;
        let ran = ask(&["replay", &path])?;
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{content:?}");
        assert!(
            ran.stderr.starts_with("error: ") && ran.stderr.contains("recording.json") && ran.stderr.contains(says),
            "{content:?}: {}",
            ran.stderr
        );
    }
    Ok(())
}

#[test]
fn advice_speaks_only_of_flags_that_exist() -> Tested {
    let mut wrong = Vec::new();
    let systems = ruta::knowledge::provider::SYSTEMS.iter().flat_map(|system| system.advice.iter());
    let own = systems.flat_map(|(cause, lines)| lines.iter().map(move |line| (*cause, *line)));
    let general = advice::ADVICE
        .iter()
        .flat_map(|(cause, words)| words.fix.iter().chain([&words.meaning]).map(move |line| (*cause, *line)));
    for (cause, line) in general.chain(own) {
        for quoted in line.split('`').skip(1).step_by(2) {
            let mut words = quoted.split_whitespace();
            let command = if quoted.starts_with("ruta ") { words.nth(1).unwrap_or_default() } else { "doctor" };
            let flags: Vec<&str> = quoted.split_whitespace().filter(|word| word.starts_with("--")).collect();
            let ours = quoted.starts_with("ruta ") || (quoted.starts_with("--") && line.contains("ruta"));
            if !ours || (flags.is_empty() && !quoted.starts_with("ruta ")) {
                continue;
            }
            let help = ask(&[command, "--help"])?;
            let known =
                |flag: &&str| help.stdout.split_whitespace().any(|word| word.trim_end_matches([',', '.']) == *flag);
            if help.exit != 0 || !flags.iter().all(known) {
                wrong.push(format!("{cause}: `{quoted}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "no such command or flag:\n{}", wrong.join("\n"));
    Ok(())
}
