//! A run costs no more than it must: one connection, no request that cannot change the verdict, nothing paid in vain.

use crate::script::scenario;
use crate::stage::Played;

/// Method and path of every request that the scenario's server got.
fn requests(played: &Played) -> Vec<String> {
    played.server.received().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

#[test]
fn a_healthy_server_is_asked_three_times_on_one_connection() {
    let played = Played::doctor(&scenario("healthy").unwrap(), &[]).unwrap();
    assert_eq!(requests(&played), ["GET /v1/models", "POST /v1/chat/completions", "POST /v1/chat/completions"]);
    assert_eq!(played.server.connections(), 1);
}

#[test]
fn nothing_is_sent_to_a_url_that_is_no_api_root() {
    let played = Played::doctor(&scenario("rutaapi-website").unwrap(), &[]).unwrap();
    assert_eq!(requests(&played), ["GET /v1/models", "POST /v1/chat/completions"], "only the corrected URL is tried");
    assert!(played.server.received().iter().all(|request| request.header("host") == Some("api.rutaapi.com")));
}

#[test]
fn nothing_is_paid_for_after_an_answer_that_settles_the_matter() {
    for name in ["no-credits-429", "key-rejected", "model-not-found", "key-wrong-provider-groq", "tls-expired"] {
        let played = Played::doctor(&scenario(name).unwrap(), &[]).unwrap();
        let chats = requests(&played).iter().filter(|request| request.ends_with("/chat/completions")).count();
        assert!(chats <= 1, "{name}: {:?}", requests(&played));
    }
}

#[test]
fn the_chat_is_short_and_limited() {
    let played = Played::doctor(&scenario("healthy").unwrap(), &["--only", "chat"]).unwrap();
    let received = played.server.received();
    let [chat] = received.as_slice() else { panic!("one request: {:?}", requests(&played)) };
    let body: serde_json::Value = serde_json::from_slice(&chat.body).unwrap();
    assert_eq!(body["max_tokens"], 16);
    assert!(chat.body.len() < 200, "{} bytes", chat.body.len());
}
