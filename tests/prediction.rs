//! What `ruta doctor` says that Open `WebUI` will do, and what it asks to know it. `tests/real/open-webui.sh` compares
//! the same with the real program.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

use crate::script::scenario;
use crate::stage::{Played, run, ruta};
use serde_json::{Value, json};
use tempfile::TempDir;

/// One of each kind: what works, what only seems to, what works by hand, what is followed, what cannot be known.
const PLAYED: &[&str] = &[
    "healthy",
    "no-credits-402",
    "key-rejected",
    "key-rejected-as-400",
    "response-empty",
    "response-timeout-chat",
    "tools-unsupported",
    "models-endpoint-missing",
    "models-malformed-strings",
    "model-not-in-list",
    "healthy-ollama-latest",
    "redirected-by-captive-portal",
    "redirected-to-other-origin",
    "redirected-in-a-circle",
    "url-endpoint-chat",
    "url-trailing-slash",
    "url-no-scheme",
    "url-missing-v1-web-app",
    "deployment-not-found",
    "connect-refused",
    "model-missing",
    "healthy-through-socks",
];

fn report(name: &str, extra: &[&str]) -> (Value, Played) {
    let played = Played::doctor(&scenario(name).unwrap(), &[extra, &["--format", "json"]].concat()).unwrap();
    (serde_json::from_str(&played.ran.stdout).unwrap(), played)
}

/// Method and path of every request that the scenario's servers got, and whether it carried a key.
fn requests(played: &Played) -> Vec<String> {
    let sent = played.server.received();
    let key = |request: &ruta::scenario::Received| {
        if request.header("authorization").is_some() { "with the key" } else { "without" }
    };
    sent.iter().map(|request| format!("{} {} {}", request.method, request.path, key(request))).collect()
}

#[test]
fn the_prediction_is_part_of_the_contract() {
    let mut all = String::new();
    for name in PLAYED {
        let (report, played) = report(name, &[]);
        let told = serde_json::to_string_pretty(&report["client_prediction"]).unwrap();
        let port = played.server.address().port().to_string();
        all.push_str(&format!("{name}: {}\n\n", told.replace(&format!(":{port}"), ":40001")));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_recording_predicts_the_same() {
    let folder = TempDir::new().unwrap();
    for name in ["redirected-by-captive-portal", "url-endpoint-chat", "models-malformed-strings"] {
        let file = folder.path().join(format!("{name}.json")).display().to_string();
        let (live, _) = report(name, &["--record", &file]);
        let again = run(ruta().args(["replay", &file, "--format", "json"])).unwrap();
        let again: Value = serde_json::from_str(&again.stdout).unwrap();
        assert!(live["client_prediction"].is_object(), "{name}");
        assert_eq!(again["client_prediction"], live["client_prediction"], "{name}");
    }
}

#[test]
fn nothing_is_predicted_for_a_client_whose_rules_are_not_known() {
    let (report, _) = report("healthy", &["--for", "claude-code"]);
    assert_eq!(report["client_prediction"], Value::Null);
}

#[test]
fn a_redirect_is_followed_once_and_without_the_key() {
    let (_, played) = report("redirected-to-other-origin", &[]);
    let sent = requests(&played);
    let last = &sent[sent.len() - 2..];
    assert_eq!(last, ["GET /v1/models without", "POST /v1/chat/completions without"], "{sent:?}");
    assert_eq!(sent.iter().filter(|request| request.starts_with("POST")).count(), 2, "{sent:?}");
    let (_, played) = report("redirected-in-a-circle", &[]);
    let lists = requests(&played).iter().filter(|request| request.starts_with("GET /v1/models")).count();
    assert_eq!(lists, 1, "a circle is seen at once: {:?}", requests(&played));
}

#[test]
fn a_chat_of_which_only_a_part_is_wanted_is_not_asked_for() {
    let (report, played) = report("url-endpoint-chat", &["--only", "models,chat"]);
    assert_eq!(requests(&played).iter().filter(|request| request.starts_with("POST")).count(), 1);
    assert_eq!(report["client_prediction"]["with_model_ids"], Value::Null, "it was not seen");
}

#[test]
fn below_an_endpoint_the_list_and_a_chat_are_asked_for_once() {
    let (report, played) = report("url-endpoint-chat", &[]);
    assert_eq!(
        requests(&played),
        [
            "GET /v1/models with the key",
            "POST /v1/chat/completions with the key",
            "GET /v1/chat/completions/models with the key",
            "POST /v1/chat/completions/chat/completions with the key",
        ]
    );
    let sent = played.server.received();
    let chat: Value = serde_json::from_slice(&sent.last().unwrap().body).unwrap();
    assert_eq!((&chat["stream"], chat["tools"].is_array(), &chat["max_tokens"]), (&json!(true), true, &json!(16)));
    let shown: Vec<&str> =
        report["checks"].as_array().unwrap().iter().filter_map(|check| check["id"].as_str()).collect();
    assert!(!shown.contains(&"entered"), "it judges nothing, so it is no check: {shown:?}");
}
