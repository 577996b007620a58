//! Looks for secrets where none may be: nothing that the program prints, records or sends shows the key, a password or
//! the value of a header.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::script::scenario;
use crate::scripts::slowest_first;
use crate::secret::{PIECE, pieces, shown, strayed};
use crate::stage::{Played, run, ruta};
use crate::together::together;
use ruta::scenario::{Place, Scenario};
use tempfile::TempDir;

type Tested = Result<(), Box<dyn Error>>;

#[test]
fn no_scenario_makes_the_program_show_or_misplace_the_key() {
    let all = slowest_first().expect("the scenarios can be read");
    let flags = [&["-v"][..], &["-v", "--format", "json"], &["-v", "-q"]];
    let runs: Vec<_> = all.iter().flat_map(|case| flags.map(|flags| (case, flags))).collect();
    let looked_at = AtomicUsize::new(0);
    let wrong = together(&runs, |((name, scenario), flags)| {
        let found = played(scenario, flags, &looked_at).unwrap_or_else(|what| vec![what]);
        found.into_iter().map(|what| format!("{name} {flags:?}: {what}")).collect()
    });
    let looked_at = looked_at.into_inner();
    let _ = writeln!(std::io::stderr(), "{} scenarios, {looked_at} outputs, {} leaks", all.len(), wrong.len());
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
    assert!(looked_at >= all.len() * (3 * 3 + 4), "only {looked_at} outputs were looked at");
}

/// Plays a scenario, judges its recording again, and returns what went wrong with its key; counts the outputs.
fn played(scenario: &Scenario, flags: &[&str], looked_at: &AtomicUsize) -> Result<Vec<String>, String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let file = folder.path().join("recording.json");
    let file = file.to_str().ok_or("the folder's name is no text")?;
    let played = Played::doctor(scenario, &[flags, &["--record", file]].concat())?;
    let key = scenario.key.as_deref().unwrap_or_default();
    let recorded = fs::read_to_string(file).map_err(|error| format!("no recording: {error}"))?;
    let mut wrong = Vec::new();
    if pieces(key).iter().any(|piece| recorded.contains(piece.as_str())) {
        wrong.push("the recording holds it".to_owned());
    }
    wrong.extend(strayed(scenario, &played.server.received(), key));
    let mut all = vec![played.ran];
    // What is recorded does not depend on what is shown.
    let judged = [&["replay", file][..], &["replay", file, "--format", "json"]];
    for again in judged.into_iter().filter(|_| flags.len() == 1) {
        all.push(run(ruta().args(again)).map_err(|error| error.to_string())?);
    }
    for ran in &all {
        wrong.extend(shown(ran, key));
        if ran.stderr.contains("panicked") {
            wrong.push(format!("it crashed: {}", ran.stderr));
        }
    }
    // Standard output and standard error of each run, and the recording.
    looked_at.fetch_add(all.len() * 2 + 1, Ordering::SeqCst);
    Ok(wrong)
}

#[test]
fn a_login_in_the_url_is_not_shown() -> Tested {
    for login in ["anna:Vn4kTz8QpW2xRb6L", "anna:p%40ss-Vn4kTz8QpW", "Vn4kTz8QpW2xRb6LmYc9", "anna:"] {
        for url in [
            format!("http://{login}@127.0.0.1:{{port}}/v1"),
            format!("{login}@127.0.0.1:{{port}}/v1"),
            format!("HTTP://{login}@127.0.0.1:{{port}}/v1/"),
        ] {
            let mut scenario = scenario("healthy")?;
            scenario.url = Some(url.clone());
            for flags in [&["-v"][..], &["--format", "json"], &["-q"]] {
                let played = Played::doctor(&scenario, flags)?;
                let said = format!("{}{}", played.ran.stdout, played.ran.stderr);
                let secret = login.split(':').next_back().filter(|word| !word.is_empty()).unwrap_or("anna");
                assert!(!said.contains(&secret[..secret.len().min(PIECE)]), "{url} {flags:?}: {said}");
                for request in played.server.received() {
                    assert!(request.header("authorization").is_none_or(|value| !value.starts_with("Basic")), "{url}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn secrets_in_the_query_of_the_url_are_not_shown() -> Tested {
    let secret = "Vn4kTz8QpW2xRb6LmYc9HdJf";
    for query in [
        "key",
        "api_key",
        "apikey",
        "token",
        "access_token",
        "sig",
        "code",
        "client_secret",
        "subscription-key",
        "auth",
    ] {
        let mut scenario = scenario("healthy")?;
        scenario.url = Some(format!("{{server}}/v1?{query}={secret}"));
        for flags in [&["-v"][..], &["--format", "json"]] {
            let played = Played::doctor(&scenario, flags)?;
            assert_eq!(shown(&played.ran, secret), None, "{query} {flags:?}");
        }
    }
    Ok(())
}

#[test]
fn the_value_of_a_header_is_sent_and_not_shown() -> Tested {
    let secret = "team-Vn4kTz8QpW2xRb6LmYc9";
    for body in [
        format!("{{\"error\":{{\"message\":\"bad team {secret}\"}}}}"),
        format!("<title>{secret}</title>"),
        secret.to_owned(),
    ] {
        let mut scenario = scenario("key-rejected")?;
        for answer in &mut scenario.answer {
            answer.body = Some(body.clone());
            answer.canned = None;
            answer.ids = Vec::new();
            answer.count = 0;
            answer.status = Some(403);
        }
        for flags in [&["-v"][..], &["-v", "--format", "json"], &["-q"]] {
            let header = format!("X-Team: {secret}");
            let played = Played::doctor(&scenario, &[flags, &["--header", &header]].concat())?;
            assert_eq!(shown(&played.ran, secret), None, "{body} {flags:?}");
            let received = played.server.received();
            assert!(
                received.iter().any(|request| request.header("x-team") == Some(secret)),
                "{flags:?}: the header was not sent"
            );
        }
    }
    Ok(())
}

#[test]
fn the_value_of_a_header_stays_at_the_origin_it_was_given_for() -> Tested {
    let secret = "team-Vn4kTz8QpW2xRb6LmYc9";
    let header = format!("X-Team: {secret}");
    let scenario = scenario("redirected-to-other-origin")?;
    let played = Played::doctor(&scenario, &["--header", &header])?;
    let received = played.server.received();
    assert!(received.iter().any(|request| request.place == Place::Main));
    let strangers: Vec<_> =
        received.iter().filter(|request| request.place == Place::Other && request.carries(secret)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    Ok(())
}

#[test]
fn a_key_that_was_pasted_as_an_argument_is_not_echoed() -> Tested {
    let mut wrong = Vec::new();
    for key in [
        "sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq",
        "sk-proj-T9dKq2mXw7_Rb4Zc8VfLn3-JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq",
        "sk-ant-api03-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq-AA",
        "gsk_T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq",
        "AIzaT9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0",
        "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "9f8e7d6c5b4a3928.T9dKq2mXw7Rb4Zc8",
        "T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5",
    ] {
        let bearer = format!("Bearer {key}");
        let header = format!("Authorization Bearer {key}");
        let assigned = format!("--key-env={key}");
        let url = format!("--url={key}");
        let nowhere = ["doctor", "--url", "http://127.0.0.1:9/v1"];
        for arguments in [
            &["doctor", key][..],
            &["doctor", &bearer],
            &["doctor", "--url", key],
            &["doctor", &url],
            &["doctor", "--url", key, "--format", "json"],
            &["doctor", "--url", key, "-q"],
            &["doctor", "--url", &bearer],
            &[&nowhere[..], &["--key-env", key]].concat(),
            &[&nowhere[..], &[&assigned]].concat(),
            &[&nowhere[..], &["--key-stdin", key]].concat(),
            &[&nowhere[..], &["--no-key", "--model", key]].concat(),
            &[&nowhere[..], &["--no-key", "--model", key, "--format", "json"]].concat(),
            &[&nowhere[..], &["--key", key, "--model", "m", "-v"]].concat(),
            &[&nowhere[..], &["--header", key]].concat(),
            &[&nowhere[..], &["--header", &header]].concat(),
            &[&nowhere[..], &["--only", key]].concat(),
            &[&nowhere[..], &["--timeout", key]].concat(),
            &[&nowhere[..], &["--connect-to", key]].concat(),
            &["explain", key],
            &["explain", "--status", key],
            &["demo", key],
            &[key],
        ] {
            let ran = run(ruta().args(arguments))?;
            wrong.extend(shown(&ran, key).map(|what| format!("{arguments:?}: {what}")));
            assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
        }
    }
    assert!(wrong.is_empty(), "{} echoes:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

#[test]
fn a_key_from_standard_input_is_sent_and_not_shown() -> Tested {
    let mut scenario = scenario("healthy")?;
    let key = scenario.key.clone().unwrap_or_default();
    let server = ruta::scenario::Server::start(&scenario)?;
    scenario.key = None;
    let ran = run(ruta()
        .arg("doctor")
        .args(scenario.doctor_arguments(&server))
        .args(["--key-stdin", "-v"])
        .write_stdin(format!("{key}\n")))?;
    assert_eq!((ran.exit, shown(&ran, &key)), (0, None), "{}", ran.stdout);
    assert!(server.received().iter().any(|request| request.carries(&key)));
    Ok(())
}

#[test]
fn a_key_in_a_pasted_answer_is_not_repeated() -> Tested {
    let mut wrong = Vec::new();
    let key = "sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq";
    let error = r#"{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}"#;
    for pasted in [
        format!(
            "> POST /v1/chat/completions HTTP/1.1\n> Host: api.openai.com\n> Authorization: Bearer {key}\n>\n< HTTP/1.1 401 Unauthorized\n< content-type: application/json\n<\n{error}\n"
        ),
        format!("$ curl https://api.openai.com/v1/models -H 'Authorization: Bearer {key}'\n{error}\n"),
        format!("HTTP/1.1 401 Unauthorized\ncontent-type: application/json\nx-key: {key}\n\n{error}\n"),
        format!("HTTP/1.1 401 Unauthorized\n\n{{\"error\":{{\"message\":\"Incorrect API key provided: {key}\"}}}}\n"),
        format!("OPENAI_API_KEY={key} failed: Error code: 401 - {error}"),
        format!("401, message='Unauthorized', url='https://api.openai.com/v1/models?api_key={key}'"),
        format!("error 401 for key {key}"),
        key.to_owned(),
    ] {
        // Nothing tells the program what the key is.
        for flags in [&[][..], &["--format", "json"], &["-q"], &["--body", "-", "--status", "401"]] {
            let ran = run(ruta().arg("explain").args(flags).write_stdin(pasted.as_str()))?;
            wrong.extend(shown(&ran, key).map(|what| format!("{pasted:?} {flags:?}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{} echoes:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
