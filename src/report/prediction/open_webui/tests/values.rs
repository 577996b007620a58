//! Redirects, what to enter, and where nothing is predicted.

use super::super::predict as predict_view;
use super::{EVENTS, Got, LIST, ROOT, events, evidence, got, json, listed, predict, verify};
use crate::evidence::{Origin, ProxyFacts};
use crate::knowledge::view::View;

#[test]
fn redirects_are_followed_as_its_library_does() {
    let moved = |status, to: &str| got("models", status, "", "").header("location", to);
    let login = "https://api.ai.example/login";
    let page = got("followed", 200, "text/html", "<html>Log in</html>").at(login);
    let told = predict(&[moved(302, "/login"), page.clone()]);
    assert_eq!((told.verify, told.models_listed), (Some("verified"), Some(false)));
    let other = "https://other.example/v1/models";
    let with_key = json("followed", 200, LIST).at(other);
    assert_eq!(predict(&[moved(308, other), with_key.clone()]).verify, None, "the key does not go there");
    assert_eq!(predict(&[moved(308, other), with_key.keyless()]).verify, Some("verified"));
    assert_eq!(verify(moved(307, "https://api.ai.example/v1/models")), "OpenAI: Network Problem", "round and round");
    assert_eq!(verify(moved(302, "mailto:us@ai.example")), "OpenAI: Network Problem");
    assert_eq!(verify(json("models", 302, r#"{"error":{"message":"No"}}"#).header("location", "")), "OpenAI: No");
    // A chat becomes a GET on the way, unless the status forbids it.
    let post = |status: u16| got("chat", status, "", "").header("location", "/new");
    let get = json("followed", 405, r#"{"detail":"Method Not Allowed"}"#).at("https://api.ai.example/new");
    for status in [301, 302, 303] {
        assert_eq!(predict(&[listed(), post(status), get.clone()]).chat_says.as_deref(), Some("Method Not Allowed"));
    }
    let moved = got("followed", 200, "text/event-stream", EVENTS).at("https://api.ai.example/new").posted();
    for status in [307, 308] {
        assert_eq!(predict(&[listed(), post(status), get.clone()]).chat, None);
        assert_eq!(predict(&[listed(), post(status), moved.clone()]).chat, Some("reply"));
    }
}

#[test]
fn where_it_asks_elsewhere_than_the_doctor_the_answer_there_counts() {
    let at = |entered: &str, seen: &[Got]| predict_view(&View::of(evidence(entered, seen)), None).unwrap();
    let below = format!("{ROOT}/chat/completions");
    let list = json("entered", 404, r#"{"error":{"message":"No such path"}}"#).at(&format!("{below}/models"));
    let chat = json("entered", 404, r#"{"error":{"message":"Nor this"}}"#).at(&format!("{below}/chat/completions"));
    let told = at(&below, &[list, chat.posted()]);
    assert_eq!(told.verify_says.as_deref(), Some("OpenAI: No such path"));
    assert_eq!(told.with_model_ids.and_then(|then| then.chat_says).as_deref(), Some("Nor this"));
    // Azure's deployments stand in the path, and some names do not fit there.
    let azure = "https://us.openai.azure.com";
    let list = json("models", 404, "{}").at(&format!("{azure}/openai/models?api-version=2024-10-21"));
    let chat = got("entered", 200, "text/event-stream", EVENTS);
    let path = "openai/deployments/gpt-5.5/chat/completions?api-version=2024-10-21";
    let seen = [list.clone(), chat.at(&format!("{azure}/{path}")).posted()];
    assert_eq!(at(azure, &seen).chat, Some("reply"));
    let mut misnamed = evidence(azure, &[list]);
    misnamed.target.model = Some("azureml://gpt-5.5".to_owned());
    let told = predict_view(&View::of(misnamed), None).unwrap();
    assert!(told.chat_says.is_some_and(|says| says.starts_with("Invalid model name")));
}

#[test]
fn what_to_enter_is_what_was_seen_to_work() {
    let reply = events(EVENTS);
    let told = predict(&[listed(), reply.clone()]);
    assert_eq!((told.enter.url.as_deref(), told.enter.model_ids.len()), (Some(ROOT), 0));
    assert_eq!(
        told.say,
        "Verify Connection in Open WebUI will say \"Server connection verified\", the models will be listed, and a \
         chat will be answered."
    );
    let told = predict(&[json("models", 404, r#"{"detail":"Not Found"}"#), reply.clone()]);
    assert_eq!(told.enter.model_ids, ["gpt-5.5"]);
    assert_eq!(
        told.say,
        "Verify Connection in Open WebUI will say \"OpenAI: Network Problem\", and no model will be listed. With \
         gpt-5.5 under Model IDs (Filter), a chat will be answered."
    );
    let told = predict(&[json("models", 200, r#"["gpt-5.5"]"#), reply.clone()]);
    assert_eq!((told.chat, told.chat_says), (Some("error"), None));
    assert_eq!(
        told.say,
        "Verify Connection in Open WebUI will say \"Server connection verified\", but this list makes the models of \
         all connections vanish. With gpt-5.5 under Model IDs (Filter), a chat will be answered."
    );
    let told =
        predict(&[json("models", 200, r#"{"data":[{"id":"other"}]}"#), json("tools", 404, r#"{"error":"Unknown"}"#)]);
    assert!(told.enter.model_ids.is_empty(), "an ID that nobody knows helps nobody");
    let told = predict_view(&View::of(evidence("127.0.0.1:8000/v1", &[])), None).unwrap();
    assert_eq!(told.enter.url, None);
    assert_eq!(
        told.say,
        "Open WebUI cannot send anything with these values: Verify Connection will say \"OpenAI: Network Problem\"."
    );
    let slash = predict_view(&View::of(evidence(&format!("{ROOT}/"), &[listed(), reply])), None).unwrap();
    assert_eq!((slash.verify, slash.chat, slash.enter.url.as_deref()), (Some("verified"), Some("reply"), Some(ROOT)));
}

#[test]
fn a_proxy_counts_as_its_library_reads_the_variable() {
    let through = |url: &str, source: &str, bare: bool| {
        let mut seen = evidence(ROOT, &[listed(), events(EVENTS)]);
        seen.target.proxy = Some(ProxyFacts { url: url.to_owned(), source: source.to_owned(), bare });
        predict_view(&View::of(seen), None).unwrap()
    };
    assert_eq!(through("http://proxy:3128", "HTTPS_PROXY", false).chat, Some("reply"));
    let told = through("http://proxy:3128", "HTTPS_PROXY", true);
    assert_eq!(told.verify_says.as_deref(), Some("OpenAI: Network Problem"));
    assert!(told.say.ends_with("It cannot use HTTPS_PROXY without http:// in front."), "{}", told.say);
    for (url, source) in
        [("https://proxy", "HTTPS_PROXY"), ("socks5h://proxy", "HTTPS_PROXY"), ("http://proxy", "all_proxy")]
    {
        let told = through(url, source, false);
        assert_eq!((told.verify, told.chat), (None, None), "what it meets on its own way was not seen");
        assert!(told.say.starts_with("Open WebUI "), "{}", told.say);
    }
}

#[test]
fn nothing_is_predicted_from_nothing() {
    assert_eq!(predict_view(&View::of(evidence(ROOT, &[])), None), None);
    let mut other = evidence(ROOT, &[listed()]);
    other.target.client = "claude-code".to_owned();
    assert_eq!(crate::report::prediction::predict(&View::of(other), None), None);
    let mut told = evidence(ROOT, &[listed()]);
    told.origin = Origin::Told;
    assert_eq!(crate::report::prediction::predict(&View::of(told), None), None);
}

#[test]
fn a_server_text_stays_on_one_line_and_short() {
    let told = predict(&[listed(), json("tools", 400, &format!("{{\"error\":\"{}\"}}", "x\\n\\u001b[2J".repeat(99)))]);
    let says = told.chat_says.unwrap();
    assert!(says.chars().count() <= 301 && !says.contains(['\n', '\u{1b}']), "{says}");
}
