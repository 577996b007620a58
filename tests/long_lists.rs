//! Lists of models that are too long to be kept: read as they come in, counted, searched, and judged like short ones.

use std::error::Error;

use crate::raw::{answer_of, serve};
use crate::stage::{run, ruta};
use serde_json::Value;

type Tested = Result<(), Box<dyn Error>>;

/// Looks like nobody's key.
const KEY: &str = "Vn4kTz8QpW2xRb6LmYc9HdJf";

const CHAT: &[u8] = br#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"OK"},"finish_reason":"stop"}]}"#;

/// A list of more than two megabytes.
fn long_list() -> String {
    let row = |at: usize| {
        let about = "It reads and writes text, and is sold by the token. ".repeat(3);
        format!(r#"{{"id":"maker-{}/model-{at}","object":"model","owned_by":"maker","description":"{about}"}}"#, at % 7)
    };
    format!(r#"{{"object":"list","data":[{}]}}"#, (0..10_000).map(row).collect::<Vec<_>>().join(","))
}

/// The report of a run against a server with this answer to `/models`.
fn report(models: Vec<u8>, model: &str) -> Result<Value, Box<dyn Error>> {
    let json: &[(&str, &[u8])] = &[("content-type", b"application/json")];
    let url = format!("http://{}/v1", serve(models, answer_of(b"200 OK", json, CHAT))?);
    let ran = run(ruta()
        .args(["doctor", "--url", &url, "--model", model, "--only", "models,chat", "--format", "json"])
        .env("RUTA_API_KEY", KEY))?;
    assert!(!ran.stdout.contains(KEY), "the key is shown");
    Ok(serde_json::from_str(&ran.stdout)?)
}

/// The same for a body that comes as a success.
fn report_of(body: &str, model: &str) -> Result<Value, Box<dyn Error>> {
    report(answer_of(b"200 OK", &[("content-type", b"application/json")], body.as_bytes()), model)
}

#[test]
fn a_long_list_is_counted_and_searched_to_its_end() -> Tested {
    let report = report_of(&long_list(), "maker-3/model-9992")?;
    assert_eq!(report["outcome"], "works-with-warnings", "that there are so many deserves a word");
    assert_eq!(report["evidence"]["observations"][0]["answer"]["list"]["count"], 10_000);
    assert!(
        report["checks"][0]["summary"].as_str().is_some_and(|summary| summary.contains("10000 models")),
        "{}",
        report["checks"][0]
    );
    let kept = report["evidence"]["observations"][0]["answer"]["body"].as_str().map_or(0, str::len);
    assert!((1..=64 * 1024).contains(&kept), "{kept} bytes are kept");
    Ok(())
}

#[test]
fn no_id_of_a_long_list_shows_the_key() -> Tested {
    let report = report_of(&long_list().replace("maker-0/model-9002", KEY), "maker-3/model-9992")?;
    assert!(report["evidence"].to_string().contains("[key removed]"));
    Ok(())
}

#[test]
fn a_long_list_that_breaks_off_is_none() -> Tested {
    let list = long_list();
    let whole = answer_of(b"200 OK", &[("content-type", b"application/json")], list.as_bytes());
    let cut = report(whole[..whole.len() - 100_000].to_vec(), "maker-3/model-9992")?;
    assert_eq!(cut["evidence"]["observations"][0]["answer"]["list"], Value::Null);
    assert_ne!(cut["checks"][0]["status"], "pass");
    let unfinished = report_of(&list[..list.len() - 100_000], "maker-3/model-9992")?;
    assert_eq!(unfinished["evidence"]["observations"][0]["answer"]["list"], Value::Null);
    assert_ne!(unfinished["checks"][0]["status"], "pass");
    Ok(())
}

#[test]
fn a_long_list_of_the_wrong_form_is_called_malformed() -> Tested {
    for wrong in [
        long_list().replace("\"data\"", "\"models\""),
        long_list().replace(r#""id":"maker-2/model-9004""#, r#""id":9004"#),
        format!("[{}]", vec![r#""model-of-some-maker-with-a-long-name""#; 60_000].join(",")),
    ] {
        let report = report_of(&wrong, "maker-3/model-9992")?;
        assert_eq!(report["evidence"]["observations"][0]["answer"]["list"]["shape"], "malformed", "{wrong:.100}");
    }
    let other = report_of(&long_list().replace("\"data\"", "\"news\""), "maker-3/model-9992")?;
    assert_eq!(other["evidence"]["observations"][0]["answer"]["list"], Value::Null);
    Ok(())
}
