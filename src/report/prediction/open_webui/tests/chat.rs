//! What a chat makes of the answer to its request.

use super::{EVENTS, Got, chat, events, failed, got, json, listed, predict};
use crate::evidence::failure::Kind;

#[test]
fn an_error_status_shows_the_text_at_the_end_of_its_chain_or_the_raw_body() {
    for (status, kind, body, says) in [
        (429, "application/json", r#"{"error":{"message":"Slow down","code":"x"}}"#, "Slow down"),
        (400, "application/json", r#"{"error":"Not so"}"#, "Not so"),
        (400, "application/json", r#"{"detail":"Not so"}"#, "Not so"),
        (400, "application/json", r#"{"message":"Not so","detail":"else"}"#, "Not so"),
        (500, "application/json", r#"{"error":{"message":{"detail":"deep"}}}"#, "deep"),
        (400, "text/plain", r#"{"error":{"message":"Not so"}}"#, "Not so"),
        (400, "text/plain", "Not so\n", "Not so"),
        (404, "text/html", "<html>\n<b>Not here</b>\n</html>", "<html> <b>Not here</b> </html>"),
        (422, "application/json", r#"{"detail":[{"loc":["body"],"n":null}]}"#, "[{'loc': ['body'], 'n': None}]"),
        (
            400,
            "application/json",
            r#"{"msg":"it's","code":1.5,"ok":false}"#,
            r#"{'msg': "it's", 'code': 1.5, 'ok': False}"#,
        ),
        (
            400,
            "application/json",
            r#"{"a":1.0,"b":1e20,"c":1.5e-7,"d":0.0001,"e":1E5,"f":"\u0007\u00a0\u200b\ue000é","g":12}"#,
            r"{'a': 1.0, 'b': 1e+20, 'c': 1.5e-07, 'd': 0.0001, 'e': 100000.0, 'f': '\x07\xa0\u200b\ue000é', 'g': 12}",
        ),
        (400, "application/json", r#"{"error":"Not so","score":NaN}"#, "Not so"),
        (400, "application/json", r#"{"error":"Not \ud83d"}"#, "Open WebUI: Server Connection Error"),
        (400, "application/json", r#"{"error":null,"z":1,"a":2}"#, "{'error': None, 'z': 1, 'a': 2}"),
        (400, "application/json", r#"[{"error":{"message":"Not so"}}]"#, "[{'error': {'message': 'Not so'}}]"),
        (500, "application/json", "\"Not so\"", "Not so"),
        (500, "application/json", "null", "Provider returned HTTP 500"),
        (500, "application/json", "5", "Open WebUI: Server Connection Error"),
        (502, "text/html", "", "Provider returned HTTP 502"),
        // Bytes that are no UTF-8, of which nothing else is said.
        (502, "text/html", "<html>\u{fffd}\u{fffd}</html>", "Open WebUI: Server Connection Error"),
        (502, "text/html; charset=gbk", "<html>\u{fffd}</html>", "<html>\u{fffd}</html>"),
        (400, "text/event-stream", r#"{"error":{"message":"Not so"}}"#, "Not so"),
        (400, "text/event-stream", "data: no", "data: no"),
        (400, "text/event-stream", "", ""),
    ] {
        assert_eq!(chat(got("tools", status, kind, body)), says, "{status} {kind} {body}");
    }
}

#[test]
fn an_answer_in_one_piece_shows_its_text_or_nothing() {
    for (kind, body, says) in [
        ("application/json", r#"{"choices":[{"message":{"content":"pong"}}]}"#, "reply"),
        ("application/json", r#"[{"choices":[{"message":{"content":"pong"}}]}]"#, "reply"),
        ("application/json", r#"{"choices":[{"message":{"content":[{"type":"text","text":"pong"}]}}]}"#, "reply"),
        ("text/plain", r#"{"choices":[{"message":{"content":"pong"}}]}"#, "empty"),
        ("application/json", r#"{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}"#, "empty"),
        ("application/json", r#"{"choices":[{"message":{"content":"","reasoning_content":"hm"}}]}"#, "empty"),
        ("application/json", r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a"}]}}]}"#, "empty"),
        ("application/json", r#"{"choices":[]}"#, "empty"),
        ("application/json", r#"{"id":"x"}"#, "empty"),
        ("application/json", "", "empty"),
        ("application/json", EVENTS, "empty"),
        ("text/html", "<html>Log in</html>", "empty"),
        ("application/json", r#"{"error":{"message":"No credits"}}"#, "Server connection failed"),
        ("application/json", r#"{"error":{"detail":"No credits"}}"#, "No credits"),
        ("application/json", r#"{"error":"No credits"}"#, "No credits"),
        ("application/json", r#"{"error":null,"choices":[{"message":{"content":"pong"}}]}"#, "None"),
        ("application/json", r#"{"error":{"message":"No"},"choices":[{"message":{"content":"pong"}}]}"#, "No"),
        ("application/json", r#"{"choices":[{"message":{"content":"pong"},"score":NaN}]}"#, "reply"),
        ("application/json", r#"{"choices":[{"message":{"content":"pong \ud83d"}}]}"#, "reply"),
    ] {
        assert_eq!(chat(got("tools", 200, kind, body)), says, "{kind} {body}");
    }
    let limited = r#"{"choices":[{"message":{"content":""},"finish_reason":"length"}]}"#;
    assert_eq!(chat(json("tools", 200, limited)), "reply", "the limit was the doctor's own");
}

#[test]
fn a_stream_is_read_line_by_line_and_what_is_no_event_is_passed_over() {
    let said = |delta: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\ndata: [DONE]\n\n");
    for (body, says) in [
        (EVENTS.to_owned(), "reply"),
        (EVENTS.replace("data: ", "data:"), "reply"),
        (EVENTS.replace('\n', "\r\n"), "reply"),
        (format!(": ping\n\nnoise\n\ndata: {{oops\n\ndata: {{\"choices\":null}}\n\n{EVENTS}"), "reply"),
        (said(r#"{"reasoning_content":"hm"}"#), "reply"),
        (said(r#"{"reasoning_content":" "}"#), "empty"),
        (said(r#"{"content":"pong \ud83d"}"#), "reply"),
        (said("{\"content\":\"pong\"}").replace("\"index\":0", "\"index\":NaN"), "reply"),
        // Counts that cannot be added up make it pass over the whole event.
        (said("{\"content\":\"pong\"}").replace("{\"choices\"", "{\"usage\":5,\"choices\""), "empty"),
        (said("{\"content\":\"pong\"}").replace("{\"choices\"", "{\"timings\":null,\"choices\""), "empty"),
        (said("{\"content\":\"pong\"}").replace("{\"choices\"", "{\"usage\":null,\"choices\""), "reply"),
        (said(r#"{"tool_calls":[{"index":0,"id":"a"}]}"#), "reply"),
        (said(r#"{"tool_calls":[{"id":"a"}]}"#), "empty"),
        (said(r#"{"content":"  "}"#), "empty"),
        (said("null"), "empty"),
        ("data: [DONE]\n\n".to_owned(), "empty"),
        (String::new(), "empty"),
        (EVENTS.replace("{\"choices\"", "{\"type\":null,\"choices\""), "empty"),
        ("data: {\"choices\":[{\"message\":{\"content\":\"pong\"}}]}\n\n".to_owned(), "reply"),
        ("data: {\"error\":{\"message\":\"No credits\",\"code\":7}}\n\n".to_owned(), "No credits"),
        ("data: {\"error\":\"No credits\"}\n\n".to_owned(), "No credits"),
        ("data: {\"error\":{\"code\":7}}\n\n".to_owned(), "Server connection failed"),
        ("{\"error\":{\"message\":\"No credits\"}}\n".to_owned(), "No credits"),
        (format!("{EVENTS}data: {{\"error\":{{\"message\":\"Cut\"}}}}\n\n"), "Cut"),
        ("data: {\"type\":\"error\",\"error\":{\"message\":\"Busy\"}}\n\n".to_owned(), "Busy"),
        ("data: {\"error\":{\"message\":\"Cut\"},\"choices\":[{\"delta\":{}}]}\n\n".to_owned(), "Cut"),
        (
            "data: {\"error\":{\"message\":\"Cut\"},\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n".to_owned(),
            "empty",
        ),
        ("data: {\"type\":\"error\",\"code\":\"x\",\"message\":\"Busy\"}\n\n".to_owned(), "Busy"),
        ("data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"Busy\"}}}\n\n".to_owned(), "Busy"),
        ("data: {\"message\":\"No credits\"}\n\n".to_owned(), "empty"),
        ("data: {\"type\":\"response.output_text.delta\",\"delta\":\"pong\"}\n\n".to_owned(), "reply"),
    ] {
        assert_eq!(chat(events(&body)), says, "{body}");
    }
    assert_eq!(chat(Got { failure: Some(Kind::BodyCut), ..events(EVENTS) }), "Response payload is not completed…");
    assert_eq!(chat(Got { failure: Some(Kind::BodyTimeout), ..events(EVENTS) }), "endless");
}

#[test]
fn no_answer_is_waited_for_without_end_and_no_connection_has_one_sentence() {
    for (kind, says) in [
        (Kind::Timeout, "endless"),
        (Kind::Refused, "Open WebUI: Server Connection Error"),
        (Kind::Reset, "Open WebUI: Server Connection Error"),
        (Kind::Closed, "Open WebUI: Server Connection Error"),
        (Kind::TlsExpired, "Open WebUI: Server Connection Error"),
        (Kind::ConnectTimeout, "Open WebUI: Server Connection Error"),
    ] {
        assert_eq!(chat(failed("chat", kind)), says, "{kind:?}");
    }
    let told = predict(&[failed("models", Kind::Refused)]);
    assert_eq!(told.chat_says.as_deref(), Some("Model not found"));
    let by_hand = told.with_model_ids.unwrap();
    assert_eq!(by_hand.chat_says.as_deref(), Some("Open WebUI: Server Connection Error"));
}

#[test]
fn only_a_request_like_its_own_tells_that_a_chat_is_answered() {
    let whole = r#"{"choices":[{"message":{"content":"pong"}}]}"#;
    let plain = json("chat", 200, whole);
    assert_eq!(predict(&[listed(), plain.clone()]).chat, None, "neither streamed nor with tools");
    assert_eq!(predict(&[listed(), plain.clone(), events(EVENTS)]).chat, Some("reply"));
    let refused = json("tools", 400, r#"{"error":{"message":"No tools here"}}"#);
    let streamed = Got { check: "stream", ..events(EVENTS) };
    let told = predict(&[listed(), plain.clone(), refused, streamed]);
    assert_eq!(told.chat_says.as_deref(), Some("No tools here"));
    let broken = Got { check: "stream", ..json("stream", 500, "") };
    assert_eq!(predict(&[listed(), plain, broken]).chat_says.as_deref(), Some("Provider returned HTTP 500"));
}
