//! What the button and the menu make of the answer to the request for the list.

use super::super::predict as predict_view;
use super::{EVENTS, Got, LIST, events, evidence, failed, got, json, listed, menu, predict, verify};
use crate::evidence::failure::Kind;
use crate::knowledge::view::View;

#[test]
fn the_button_looks_at_the_status_and_at_whether_there_is_a_body() {
    for (status, kind, body, says) in [
        (200, "application/json", LIST, "Server connection verified"),
        (200, "application/json", "{}", "Server connection verified"),
        (200, "text/html", "<html>\u{fffd}</html>", "OpenAI: Network Problem"),
        (200, "text/html; charset=gbk", "<html>\u{fffd}</html>", "Server connection verified"),
        (200, "application/json", r#"{"x":NaN}"#, "Server connection verified"),
        (200, "application/json", r#"{"x":"\ud83d"}"#, "OpenAI: Network Problem"),
        (401, "application/json", r#"{"error":{"message":"no","x":NaN}}"#, "OpenAI: no"),
        (401, "application/json", r#"{"error":{"message":["a",1.0,null]}}"#, "OpenAI: a,1,"),
        (600, "application/json", r#"{"error":{"message":"no"}}"#, "OpenAI: Network Problem"),
        (200, "application/json", "[]", "Server connection verified"),
        (200, "application/json", r#"{"error":{"message":"no"}}"#, "Server connection verified"),
        (200, "text/html", "<html><title>Log in</title></html>", "Server connection verified"),
        (200, "text/plain", "  ", "Server connection verified"),
        (200, "application/json", "{\"data\":[", "Server connection verified"),
        (200, "application/json", "null", "nothing"),
        (200, "application/json", "", "nothing"),
        (200, "text/plain", "", "nothing"),
        (200, "application/json", "0", "nothing"),
        (200, "application/json", "false", "nothing"),
        (200, "application/json", "\"\"", "nothing"),
        (201, "application/json", "{}", "Server connection verified"),
        (201, "text/plain", "{\"a\":1}", "Server connection verified"),
        (201, "text/plain", "made", "OpenAI: Network Problem"),
        (202, "application/json", "null", "OpenAI: Network Problem"),
        (204, "", "", "OpenAI: Network Problem"),
        (401, "application/json", r#"{"error":{"message":"Who are you?"}}"#, "OpenAI: Who are you?"),
        (429, "text/plain", r#"{"error":{"message":"Slow down"}}"#, "OpenAI: Slow down"),
        (401, "application/json", r#"{"error":{"message":""}}"#, "OpenAI: "),
        (401, "application/json", r#"{"error":{"message":7}}"#, "OpenAI: 7"),
        (401, "application/json", r#"{"error":{"message":{"a":1}}}"#, "OpenAI: [object Object]"),
        (401, "application/json", r#"{"error":{"message":["a",null,1]}}"#, "OpenAI: a,,1"),
        (401, "application/json", r#"{"error":{"message":null}}"#, "OpenAI: Network Problem"),
        (401, "application/json", r#"{"error":"Who are you?"}"#, "OpenAI: Network Problem"),
        (403, "application/json", r#"{"detail":"Who are you?"}"#, "OpenAI: Network Problem"),
        (403, "application/json", r#"{"message":"Who are you?"}"#, "OpenAI: Network Problem"),
        (400, "application/json", r#"[{"error":{"message":"Who?"}}]"#, "OpenAI: Network Problem"),
        (401, "application/json", "\"Who are you?\"", "OpenAI: Network Problem"),
        (401, "application/json", "5", "OpenAI: Network Problem"),
        (502, "text/html", "<html>Bad Gateway</html>", "OpenAI: Network Problem"),
        (502, "", "", "OpenAI: Network Problem"),
        (302, "application/json", r#"{"error":{"message":"Elsewhere"}}"#, "OpenAI: Elsewhere"),
    ] {
        assert_eq!(verify(got("models", status, kind, body)), says, "{status} {kind} {body}");
    }
    for kind in [Kind::NoSuchHost, Kind::Refused, Kind::TlsUntrusted, Kind::Reset, Kind::Timeout, Kind::CannotSend] {
        assert_eq!(verify(failed("models", kind)), "OpenAI: Network Problem", "{kind:?}");
    }
    let cut = Got { failure: Some(Kind::BodyCut), ..listed() };
    assert_eq!(verify(cut), "OpenAI: Network Problem");
    assert_eq!(verify(Got { seconds: 10.5, ..listed() }), "OpenAI: Network Problem");
    assert_eq!(verify(listed().header("x-policy", &"a".repeat(9000))), "OpenAI: Network Problem");
}

#[test]
fn the_menu_wants_objects_with_ids_and_one_bad_list_takes_all_menus_away() {
    for (body, wanted) in [
        (LIST, "models"),
        (r#"[{"id":"a"}]"#, "models"),
        (r#"{"error":{"message":"no"},"data":[{"id":"a"}]}"#, "models"),
        (r#"{"data":[{"id":"a"},{}]}"#, "models"),
        (r#"{"data":[{"id":null,"name":"a"}]}"#, "models"),
        (r#"{"data":[{"id":"","name":"a"}]}"#, "models"),
        (r#"{"data":[{"id":5}]}"#, "models"),
        (r#"{"object":"list","data":null}"#, "nothing"),
        (r#"{"data":[]}"#, "nothing"),
        (r#"{"models":[{"name":"a"}]}"#, "nothing"),
        (r#"{"error":{"message":"no"}}"#, "nothing"),
        (r#"{"data":[{}]}"#, "nothing"),
        (r#"{"data":[{"id":null}]}"#, "nothing"),
        (r#"{"data":{}}"#, "nothing"),
        (r#"{"data":{"error":"no"}}"#, "nothing"),
        (r#"{"data":""}"#, "nothing"),
        ("[]", "nothing"),
        ("{}", "nothing"),
        ("null", "nothing"),
        ("0", "nothing"),
        ("", "nothing"),
        ("\u{feff}{\"data\":[{\"id\":\"a\"}]}", "nothing"),
        ("<html>", "nothing"),
        (r#"["a"]"#, "breaks"),
        (r#"{"data":["a"]}"#, "breaks"),
        (r#"{"data":[5]}"#, "breaks"),
        (r#"{"data":[["a"]]}"#, "breaks"),
        (r#"{"data":[null]}"#, "breaks"),
        (r#"{"data":{"a":{}}}"#, "breaks"),
        (r#"{"data":"a"}"#, "breaks"),
        (r#"{"data":5}"#, "breaks"),
        (r#"{"data":false}"#, "breaks"),
        (r#"{"data":[{"name":"a"}]}"#, "breaks"),
        (r#"{"data":[{"id":"a"},{"name":"b"}]}"#, "breaks"),
        (r#"{"data":[{"id":["a"]}]}"#, "breaks"),
        (r#"{"data":[{"id":{"a":1}}]}"#, "breaks"),
        // What an entry says of itself in words that Open WebUI keeps notes in.
        (r#"{"data":[{"id":"a","tags":["x"],"info":null,"pipe":true}]}"#, "models"),
        (r#"{"data":[{"id":"a","pipeline":{"type":"pipe"},"ollama":null,"action_ids":[]}]}"#, "models"),
        (r#"{"data":[{"id":"a","pipeline":{"type":"filter"}}]}"#, "nothing"),
        (r#"{"data":[{"id":"a","pipeline":null}]}"#, "breaks"),
        (r#"{"data":[{"id":"a","ollama":true}]}"#, "breaks"),
        (r#"{"data":[{"id":"a","action_ids":null}]}"#, "breaks"),
        (r#"{"data":[{"id":"a","filter_ids":5}]}"#, "breaks"),
        // What Python reads and Rust does not.
        (r#"{"data":[{"id":"a","price":NaN,"most":-Infinity}]}"#, "models"),
        (r#"{"data":[{"id":"a","about":"\ud83d\udd11 NaN"}]}"#, "models"),
        (r#"{"data":[{"id":"a","about":"cut \ud83d"}]}"#, "breaks"),
        (r#"{"data":[],"about":"cut \ud83d"}"#, "nothing"),
        ("\"a\"", "breaks"),
        ("5", "breaks"),
        ("true", "breaks"),
    ] {
        assert_eq!(menu(json("models", 200, body)), wanted, "{body}");
    }
    for (kind, wanted) in [
        ("application/json", "models"),
        ("Application/JSON; charset=utf-8", "models"),
        ("application/vnd.api+json", "models"),
        ("application/jsonl", "models"),
        ("application/x-ndjson", "nothing"),
        ("text/json", "nothing"),
        ("text/plain", "nothing"),
        ("", "nothing"),
    ] {
        assert_eq!(menu(got("models", 200, kind, LIST)), wanted, "{kind}");
    }
    assert_eq!(menu(json("models", 401, LIST)), "models", "the status is not looked at");
    assert_eq!(menu(json("models", 200, &LIST.replace("list", "\u{fffd}"))), "nothing", "no UTF-8");
}

#[test]
fn a_long_list_that_was_cut_is_judged_by_its_first_entry() {
    let long = |row: &str| format!("{{\"data\":[{row}{}]}}", format!(",{row}").repeat(9000));
    assert_eq!(menu(json("models", 200, &long("\"model-name\""))), "breaks");
    assert_eq!(menu(json("models", 200, &long(r#"{"name":"model"}"#))), "breaks");
    assert_eq!(menu(json("models", 200, &long(r#"{"id":5}"#))), "models");
    assert_eq!(menu(json("models", 200, &long(r#"{"id":"model"}"#))), "models");
}

#[test]
fn a_list_of_anthropic_is_read_in_another_way() {
    let root = "https://api.anthropic.com/v1";
    for (status, body, verify, listed) in [
        (200, r#"{"data":[{"id":"a","display_name":"A"}]}"#, "verified", true),
        (200, r#"{"data":[{"display_name":"A"}]}"#, "verified", true),
        (200, r#"{"data":[{"name":"A"}]}"#, "verified", false),
        (200, r#"{"object":"list"}"#, "verified", false),
        (200, r#"{"data":[]}"#, "verified", false),
        (200, r#"{"data":null}"#, "error", false),
        (200, r#"{"data":["a"]}"#, "error", false),
        (200, r#"[{"id":"a"}]"#, "error", false),
        (201, r#"{"data":[{"id":"a"}]}"#, "error", false),
        (401, r#"{"data":[{"id":"a"}]}"#, "error", false),
    ] {
        let seen = [json("models", status, body).at(&format!("{root}/models"))];
        let told = predict_view(&View::of(evidence(root, &seen)), None).unwrap();
        assert_eq!((told.verify, told.models_listed), (Some(verify), Some(listed)), "{status} {body}");
        assert!(!told.breaks_all_lists, "{body}");
    }
}

#[test]
fn an_entry_can_stand_in_the_way_of_a_chat() {
    for (entry, says) in [
        (r#"{"id":"gpt-5.5","info":null}"#, "'NoneType' object has no attribute 'get'"),
        (r#"{"id":"gpt-5.5","info":"good"}"#, "'str' object has no attribute 'get'"),
        (r#"{"id":"gpt-5.5","info":{"meta":["good"]}}"#, "'list' object has no attribute 'get'"),
        (r#"{"id":"gpt-5.5","info":{"meta":null}}"#, "reply"),
        (r#"{"id":"gpt-5.5","pipe":{"type":"pipe"}}"#, "Function not found: gpt-5"),
        (r#"{"id":"gpt-5.5","pipeline":{"type":"pipe"}}"#, "unknown"),
        (r#"{"id":"gpt-5.5","tags":["good"]}"#, "reply"),
    ] {
        let told = predict(&[json("models", 200, &format!("{{\"data\":[{entry}]}}")), events(EVENTS)]);
        let shown = told.chat_says.as_deref().or(told.chat).unwrap_or("unknown");
        assert_eq!(shown, says, "{entry}");
    }
}

#[test]
fn an_id_counts_to_the_letter() {
    let told = predict(&[json("models", 200, r#"{"data":[{"id":" gpt-5.5"}]}"#), events(EVENTS)]);
    assert_eq!((told.models_listed, told.model_in_menu), (Some(true), Some(false)));
}

#[test]
fn some_models_are_hidden_on_the_own_host_of_openai_only() {
    let list = r#"{"data":[{"id":"text-embedding-3-small"},{"id":"whisper-1"}]}"#;
    assert_eq!(menu(json("models", 200, list)), "models");
    let root = "https://api.openai.com/v1";
    let seen = [json("models", 200, list).at(&format!("{root}/models"))];
    let told = predict_view(&View::of(evidence(root, &seen)), None).unwrap();
    assert_eq!(told.models_listed, Some(false));
    // An ID that is entered by hand does not bring such a model back.
    let mut seen = evidence(root, &[seen[0].clone(), events(EVENTS).at(&format!("{root}/chat/completions"))]);
    seen.target.model = Some("whisper-1".to_owned());
    let told = predict_view(&View::of(seen), None).unwrap();
    assert_eq!(told.with_model_ids.and_then(|then| then.chat_says).as_deref(), Some("Model not found"));
    assert!(told.enter.model_ids.is_empty());
}
