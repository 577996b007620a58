//! Lets servers quote the key back in every spelling and at every place of an answer: no report repeats it.

use std::fmt::Write as _;

use crate::secret::{shown, strayed};
use crate::stage::Played;
use crate::together::together;
use base64::Engine;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ruta::scenario::Scenario;

/// A key with characters that every encoding writes in another way.
const KEY: &str = "sk-proj-Q7/vN2+xTz9=Lw4_Rk8Yb3/Hc6+Jd1=Fg5Ps0Mu";

/// The spellings in which servers and middle boxes quote a key.
fn spellings() -> Vec<(&'static str, String)> {
    let end = KEY.len() - 4;
    let escaped = KEY.chars().fold(String::new(), |mut text, c| {
        let _ = write!(text, "\\u{:04x}", u32::from(c));
        text
    });
    let engine = base64::engine::general_purpose::STANDARD;
    vec![
        ("plain", KEY.to_owned()),
        ("as the header had it", format!("Bearer {KEY}")),
        ("the first half", KEY[..24].to_owned()),
        ("the second half", KEY[24..].to_owned()),
        ("in the middle of other text", format!("x{}x", &KEY[10..30])),
        ("percent-encoded", utf8_percent_encode(KEY, NON_ALPHANUMERIC).to_string()),
        ("percent-encoded as a query", KEY.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")),
        ("base64", engine.encode(KEY)),
        ("base64 without padding", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(KEY)),
        ("slashes escaped, as PHP does", KEY.replace('/', "\\/")),
        ("escaped as JSON can", escaped),
        ("shortened with stars", format!("{}****{}", &KEY[..12], &KEY[end..])),
        ("shortened with dots", format!("{}...{}", &KEY[..11], &KEY[end..])),
        ("shortened with an ellipsis", format!("{}…{}", &KEY[..11], &KEY[end..])),
        ("the last characters", format!("****{}", &KEY[end..])),
    ]
}

/// The places at which a server can quote a text: rows of a script.
fn places(text: &str) -> Vec<(&'static str, String)> {
    let row = |status: u16, kind: &str, body: &str| {
        format!("[[answer]]\nstatus = {status}\nheaders = {{ \"content-type\" = \"{kind}\" }}\nbody = '''{body}'''\n")
    };
    let json = "application/json";
    let healthy = "[[answer]]\npath = \"/v1/models\"\nuse = \"models\"\nids = [\"gpt-5.5\"]\n";
    vec![
        (
            "an error",
            row(
                401,
                json,
                &format!(r#"{{"error":{{"message":"Incorrect API key provided: {text}.","code":"{text}"}}}}"#),
            ),
        ),
        ("an unknown error", row(400, json, &format!(r#"{{"detail":[{{"msg":"no","input":"{text}"}}]}}"#))),
        ("a code", row(403, json, &format!(r#"{{"error":{{"message":"no","type":"{text}","param":"{text}"}}}}"#))),
        (
            "an error within an error",
            row(
                500,
                json,
                &format!(
                    r#"{{"error":{{"message":"{{\"error\":{{\"message\":\"{}\"}}}}"}}}}"#,
                    text.replace('\\', "\\\\\\\\")
                ),
            ),
        ),
        ("plain text", row(401, "text/plain", &format!("refused: {text}"))),
        (
            "a page",
            row(
                403,
                "text/html",
                &format!("<html><head><title>Denied {text}</title></head><body>{text}</body></html>"),
            ),
        ),
        ("a list", row(200, json, &format!(r#"{{"object":"list","data":[{{"id":"{text}","owned_by":"{text}"}}]}}"#))),
        ("an odd list", row(200, json, &format!(r#"{{"models":["{text}"]}}"#))),
        (
            "what the model says",
            format!(
                "{healthy}{}",
                row(
                    200,
                    json,
                    &format!(
                        r#"{{"choices":[{{"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}]}}"#
                    )
                )
            ),
        ),
        (
            "an event",
            format!(
                "{healthy}{}",
                row(200, "text/event-stream", &format!("data: {{\"error\":{{\"message\":\"{text}\"}}}}\n\n"))
            ),
        ),
        ("no answer at all", format!("[[answer]]\nfault = \"no-head\"\nbody = '''HTTP/9 {text}'''\n")),
    ]
}

/// The same for headers, where only some characters can stand.
fn header_places(text: &str) -> Vec<(&'static str, String)> {
    let row = |status: u16, name: &str, value: &str| {
        format!(
            "[[answer]]\nstatus = {status}\nheaders = {{ '{name}' = '''{value}''' }}\nbody = '{{\"error\":{{\"message\":\"no\"}}}}'\n"
        )
    };
    vec![
        ("a redirect", row(302, "location", &format!("/login?key={text}"))),
        (
            "www-authenticate",
            row(401, "www-authenticate", &format!("Bearer error=\"invalid_token\", token=\"{text}\"")),
        ),
        ("a request ID", row(401, "x-request-id", text)),
        ("retry-after", row(429, "retry-after", text)),
        ("the content type", row(401, "content-type", text)),
        ("the server", row(401, "server", text)),
        ("a cookie", row(401, "set-cookie", &format!("key={text}; Path=/"))),
    ]
}

#[test]
fn a_server_that_quotes_the_key_is_not_quoted() {
    let mut work = Vec::new();
    for (spelling, text) in spellings() {
        let headers = if text.is_ascii() && !text.contains('\\') { header_places(&text) } else { Vec::new() };
        for (place, rows) in places(&text).into_iter().chain(headers) {
            work.push((format!("{spelling}, in {place}"), format!("{rows}\n[[answer]]\nstatus = 404\nbody = ''\n")));
        }
    }
    let wrong = together(&work, |(name, rows)| {
        let found = quoted(rows).unwrap_or_else(Some);
        found.map(|what| format!("{name}: {what}")).into_iter().collect()
    });
    assert!(wrong.is_empty(), "{} of {} leaks:\n{}", wrong.len(), work.len(), wrong.join("\n"));
}

/// What of the key is seen although the server quotes it.
fn quoted(rows: &str) -> Result<Option<String>, String> {
    let head = format!(
        "title = 't'\ncause = 'unexplained'\noutcome = 'broken'\nexit = 1\nurl = '{{server}}/v1'\nmodel = 'gpt-5.5'\nkey = '{KEY}'\n"
    );
    let scenario = Scenario::parse(&format!("{head}{rows}")).map_err(|error| error.to_string())?;
    for flags in [&["-v"][..], &["--format", "json"], &["-q"]] {
        let played = Played::doctor(&scenario, flags)?;
        let said = format!("{}{}", played.ran.stdout, played.ran.stderr);
        if !matches!(played.ran.exit, 0 | 1 | 75) || said.contains("panicked") {
            return Ok(Some(format!("it crashed: {said}")));
        }
        let base64 = base64::engine::general_purpose::STANDARD.encode(KEY);
        let encoded = utf8_percent_encode(KEY, NON_ALPHANUMERIC).to_string();
        let escaped = spellings()
            .into_iter()
            .find(|(name, _)| name.starts_with("escaped"))
            .map(|(_, text)| text)
            .unwrap_or_default();
        let found = shown(&played.ran, KEY)
            .or_else(|| shown(&played.ran, &base64))
            .or_else(|| shown(&played.ran, &encoded))
            // JSON output writes a backslash as two.
            .or_else(|| {
                said.replace("\\\\", "\\").contains(&escaped[12..60]).then(|| "the escaped key is shown".to_owned())
            })
            .or_else(|| said.contains(&KEY[KEY.len() - 4..]).then(|| "the last characters are shown".to_owned()))
            .or_else(|| said.contains(&KEY[..11]).then(|| "the first characters are shown".to_owned()))
            .or_else(|| strayed(&scenario, &played.server.received(), KEY));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
