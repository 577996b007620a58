//! Answers that were seen elsewhere: what people paste is read, and named as the doctor would name it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its own material has failed")]

use crate::stage::{run, ruta};

fn cause(arguments: &[&str], input: &str) -> String {
    let ran = run(ruta().arg("explain").args(arguments).args(["--format", "json"]).write_stdin(input)).unwrap();
    let report: serde_json::Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    report["diagnosis"]["cause"].as_str().unwrap().to_owned()
}

#[test]
fn a_pasted_answer_is_named_whatever_its_wrapping() {
    let rows: &[(&str, &str)] = &[
        (
            "{\"error\":{\"message\":\"x\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}",
            "no-credits",
        ),
        (
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\nContent-Type: application/json\r\n\r\n{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}",
            "rate-limited",
        ),
        (
            "> POST /v1/chat/completions HTTP/2\n> Host: api.rutaapi.com\n>\n< HTTP/2 403\n< content-type: application/json\n<\n{\"error\":{\"code\":\"insufficient_user_quota\",\"message\":\"用户额度不足\",\"type\":\"new_api_error\"}}\n",
            "no-credits",
        ),
        (
            "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided', 'type': 'invalid_request_error', 'param': None, 'code': 'invalid_api_key'}}",
            "key-rejected",
        ),
        (
            "unexpected status 404 Not Found: Invalid URL (POST /v1/v1/chat/completions), url: https://api.rutaapi.com/v1/v1/chat/completions",
            "url-duplicate-v1",
        ),
        (
            "error: \"{\\\"error\\\":{\\\"code\\\":\\\"model_not_found\\\",\\\"message\\\":\\\"The model does not exist\\\"}}\"",
            "model-not-found",
        ),
        ("data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n", "overloaded"),
        (
            "[{\"error\":{\"code\":400,\"message\":\"API key not valid\",\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}]",
            "key-rejected",
        ),
        (
            "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
            "bad-gateway",
        ),
        ("{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"OK\"},\"finish_reason\":\"stop\"}]}", "ok"),
    ];
    for (text, expected) in rows {
        assert_eq!(cause(&["--body", "-"], text), *expected, "{text}");
    }
}

#[test]
fn a_file_without_flags_is_enough() {
    let ran = run(ruta().arg("explain").write_stdin("Error code: 401 - {'error': {'message': 'Invalid token (request id: 20261122abcdef)', 'type': 'new_api_error'}}")).unwrap();
    assert!(ran.stdout.contains("key-rejected") && ran.stdout.contains("New API"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("no key"), "nothing is known of the key: {}", ran.stdout);
    assert_eq!(ran.exit, 1);
}

#[test]
fn flags_add_what_the_text_does_not_tell() {
    let chat = ["--status", "401", "--url", "https://api.rutaapi.com/v1", "--model", "gpt-5.5", "--body", "-"];
    assert_eq!(cause(&chat, "{\"error\":{\"message\":\"Invalid token\",\"type\":\"new_api_error\"}}"), "key-missing");
    let page = [
        "--status",
        "200",
        "--url",
        "https://api.rutaapi.com",
        "--at",
        "models",
        "--header",
        "Content-Type: text/html",
        "--body",
        "-",
    ];
    assert_eq!(cause(&page, "<!doctype html><title>RutaAPI</title>"), "url-missing-v1");
    let retry = run(ruta().args([
        "explain",
        "--status",
        "429",
        "--url",
        "https://api.x.test/v1",
        "--model",
        "m",
        "--header",
        "Retry-After: 90",
    ]))
    .unwrap();
    assert!(retry.stdout.contains("UTC"), "the time of day is named: {}", retry.stdout);
}
