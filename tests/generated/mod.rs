//! Generates what people, servers and files can hold: URLs, bodies, headers, encoded keys, damaged recordings.

mod damaged;

pub(crate) use damaged::mutation;
use proptest::prelude::*;
use proptest::sample::select;
use ruta::connection::KeySource;
use ruta::connection::key::{self, ApiKey};
use ruta::connection::scrub::{Scrubber, one_line};
use ruta::evidence::answer::Answer;
use ruta::evidence::{Evidence, KeySent, Observation, Origin, Request, SCHEMA, Target, Timing};

/// A key that is marked: no other text holds a piece of it by chance.
pub(crate) const KEY: &str = "sk-proj-Q7vN2xTz9Lw4-Rk8Yb3_Hc6Jd1Fg5Ps0MuWe7Zt4";

/// All runs of twelve characters of a key, its public prefix taken off.
pub(crate) fn pieces(key: &str) -> Vec<String> {
    let letters: Vec<char> = key.trim_start_matches("sk-proj-").chars().collect();
    letters.windows(12).map(|piece| piece.iter().collect()).collect()
}

/// What servers send, in pieces that make every reader look closer.
pub(crate) const BODIES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    ":",
    ",",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "data: ",
    "data:",
    "data: [DONE]",
    ": ping",
    "event: x",
    "error: ",
    "{\"error\":",
    "{\"error\":{\"message\":\"",
    "\"code\":\"",
    "\"type\":",
    "\"message\":",
    "null",
    "-1",
    "1e400",
    "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}",
    "{\"choices\":[{\"message\":{\"content\":\"",
    "\"}}]}",
    "{\"data\":[{\"id\":\"",
    "\",\"owned_by\":\"",
    "\"}]}",
    "\\u001b[31m",
    "\\u202e",
    "\\n Works   the model answers",
    "\u{1b}]0;t\u{7}",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{200b}",
    "\u{9b}31m",
    "\0",
    "\u{e0041}",
    "\u{feff}",
    "::error::x",
    "##[error]x",
    "<html>",
    "<title>",
    "</title>",
    "<script>",
    "</script",
    "&lt;",
    "&#27;",
    "<h1>",
    "İ",
    "ß",
    "é",
    "中",
    "\u{1f468}\u{200d}\u{1f469}",
    "{'a': None, 'b': b'\\xe9'}",
    "invalid_api_key",
    "model_not_found",
    "request id: abc123def",
    "max_tokens",
    "You exceeded your current quota",
    "****",
    "...",
    "…",
    "Bearer ",
    "sk-",
    "{\\\"error\\\":{\\\"message\\\":\\\"no\\\"}}",
];

/// Pieces joined with random text between them.
pub(crate) fn fragments(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![5 => select(pieces).prop_map(str::to_owned), 1 => "\\PC{0,8}", 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..most).prop_map(|parts| parts.concat())
}

/// Texts like base URLs.
pub(crate) fn any_url() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "http",
        "https",
        "htp",
        "://",
        ":/",
        "//",
        ":",
        "/",
        "\\",
        "@",
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2F",
        ".",
        "..",
        "..",
        " ",
        "\"",
        "<",
        ">",
        "{",
        "}",
        "$",
        "v1",
        "V1",
        "v1beta",
        "chat",
        "completions",
        "models",
        "openai",
        "api",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[",
        "]",
        "0.0.0.0",
        "api.openai.com",
        "api.x.ai",
        "rutaapi",
        "platform",
        "generativelanguage.googleapis.com",
        "openai.azure.com",
        "11434",
        "65536",
        "8080",
        "host",
        "user:pass",
        "key",
        "sk-abcd1234efgh5678ijkl",
        "\u{200b}",
        "é",
        "🃁",
        "İ",
        "xn--",
        "\n",
        "\t",
        ",",
        ";",
        "…",
        "YOUR_RESOURCE",
        "api-version=1",
    ];
    prop_oneof![6 => fragments(PARTS, 12), 3 => fragments(PARTS, 8).prop_map(|rest| format!("https://{rest}")), 1 => "\\PC{0,40}"]
}

/// What a server sends as a body, also what is no UTF-8, with the key in it at times.
pub(crate) fn seen() -> impl Strategy<Value = Vec<u8>> {
    let text = (fragments(BODIES, 24), 0usize..4, encoded_piece(), fragments(BODIES, 8)).prop_map(
        |(before, with, piece, after)| {
            if with == 0 {
                format!("{before}{KEY}{after}")
            } else if with == 1 {
                format!("{before}{}{after}", piece.whole)
            } else {
                before
            }
        },
    );
    prop_oneof![
        6 => text.prop_map(String::into_bytes),
        2 => (fragments(BODIES, 8), prop::collection::vec(any::<u8>(), 0..40), fragments(BODIES, 8)).prop_map(|(a, b, c)| [a.into_bytes(), b, c.into_bytes()].concat()),
    ]
}

/// A header whose name may mean something.
pub(crate) fn header() -> impl Strategy<Value = (String, String)> {
    const NAMES: &[&str] = &[
        "content-type",
        "server",
        "location",
        "retry-after",
        "x-request-id",
        "www-authenticate",
        "cf-ray",
        "x-amzn-errortype",
        "Set-Cookie",
        "via",
        "x-oneapi-request-id",
        "cf-mitigated",
        "\u{1b}[2J",
    ];
    const VALUES: &[&str] = &[
        "text/event-stream",
        "application/json",
        "text/html",
        "; charset=utf-8",
        "nginx",
        "cloudflare",
        "/login",
        "https://h/v1/models",
        "-1",
        "1e300",
        "120",
        "9999999999999",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Bearer",
        "\u{1b}[31m",
        "\u{202e}",
        "\n Works   x",
        "::error::",
        KEY,
        "é",
    ];
    (select(NAMES).prop_map(str::to_owned), fragments(VALUES, 4))
}

/// A piece of the key as it is written somewhere.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// Each twelve characters of the key as they are written.
    pub(crate) written: Vec<String>,
    /// The whole piece as it is written.
    pub(crate) whole: String,
}

/// A piece of the key of at least twelve characters, each written in one of many ways, and quoted a few times.
pub(crate) fn encoded_piece() -> impl Strategy<Value = Piece> {
    let how = prop::collection::vec(0u8..12, KEY.len());
    (0..KEY.len() - 12, 12..KEY.len(), how, prop::collection::vec(0u8..4, 0..4)).prop_map(
        |(from, length, how, wraps)| {
            let written: Vec<String> = KEY[from..(from + length).min(KEY.len())]
                .chars()
                .zip(&how)
                .map(|(c, how)| wraps.iter().fold(write(c, *how), |text, wrap| quote(&text, *wrap)))
                .collect();
            Piece { written: written.windows(12).map(<[String]>::concat).collect(), whole: written.concat() }
        },
    )
}

fn write(c: char, how: u8) -> String {
    let code = u32::from(c);
    match how {
        0 => format!("%{code:02X}"),
        1 => format!("%{code:02x}"),
        2 => format!("\\u{code:04x}"),
        3 => format!("&#{code};"),
        4 => format!("&#x{code:x};"),
        5 => format!("\\x{code:02x}"),
        6 => format!("{c}\u{200b}"),
        7 => format!("{c}\n"),
        _ => c.to_string(),
    }
}

/// What another gateway makes of a text that it quotes.
fn quote(text: &str, how: u8) -> String {
    match how {
        0 => text.replace('%', "%25"),
        1 => text.replace('\\', "\\\\"),
        2 => text.replace('&', "&amp;"),
        _ => text.to_owned(),
    }
}

/// Evidence of one answer that somebody saw elsewhere.
pub(crate) fn told() -> impl Strategy<Value = Evidence> {
    let models = prop_oneof![Just("gpt-5.5".to_owned()), fragments(BODIES, 4)];
    (
        100u16..1000,
        prop::collection::vec(header(), 0..5),
        seen(),
        any_url(),
        models,
        select(&["models", "chat", "stream", "embeddings", "messages"][..]),
    )
        .prop_map(|(status, headers, body, url, model, check)| one_answer(status, headers, &body, &url, &model, check))
}

/// Evidence that a recording could hold.
pub(crate) fn evidence() -> impl Strategy<Value = Evidence> {
    (told(), told(), any::<bool>()).prop_map(|(mut one, other, examined)| {
        one.observations.extend(other.observations);
        one.observations.push(Observation::skipped("tools", "not asked for"));
        if examined {
            one.origin = Origin::Examined;
        }
        one
    })
}

fn one_answer(
    status: u16,
    headers: Vec<(String, String)>,
    body: &[u8],
    url: &str,
    model: &str,
    check: &str,
) -> Evidence {
    let key = ApiKey::new(KEY.into());
    let scrubber = Scrubber::new(Some(&key), []);
    let url = one_line(&scrubber.scrub(&ruta::connection::url::redact(url)), 500);
    let request = Request {
        method: if check == "models" { "GET" } else { "POST" }.into(),
        url: format!("{url}/{check}"),
        bytes: 0,
        body: None,
        at: "2026-01-01T00:00:00.000Z".into(),
        key: KeySent::Own,
        auth: "bearer".into(),
        root: url.clone(),
        variant: None,
        streamed: check == "stream",
    };
    Evidence {
        schema: SCHEMA,
        ruta: "0.1.0".into(),
        platform: None,
        started_at: "2026-01-01T00:00:00.000Z".into(),
        duration_ms: 0,
        anonymized: false,
        origin: Origin::Told,
        target: target(&url, &key, &scrubber.scrub(model), check),
        observations: vec![Observation {
            check: check.into(),
            request: Some(request),
            answer: Some(Answer::capture(status, "", headers, body, body.len(), &scrubber)),
            failure: None,
            skipped: None,
            timing: Timing::default(),
            address: None,
        }],
    }
}

/// The three values, as a file has them: what a later version adds is left out.
#[expect(clippy::expect_used, reason = "the generator itself is wrong then")]
fn target(url: &str, key: &ApiKey, model: &str, check: &str) -> Target {
    let key = key::read(key, KeySource::Stdin, ["sk-proj-"].into_iter());
    let fields = serde_json::json!({
        "base_url": url, "key": key, "model": model, "client": "open-webui", "timeout_s": 60.0, "connect_timeout_s": 10.0,
        "headers": [], "proxy": null, "wanted": [check], "key_withheld": null,
    });
    serde_json::from_value(fields).expect("a target can do without what was added later")
}
