//! Looks for secrets where none may be: nothing that the program prints or sends shows the key, a password or the value
//! of a header, whatever the server does to get them shown.

mod stage;

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::Engine;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ruta::connection::key::is_dummy;
use ruta::knowledge::provider::key_prefixes;
use ruta::scenario::{Place, Received, Scenario};
use stage::{Played, Ran, run, ruta, scenario, scenarios};

type Tested = Result<(), Box<dyn Error>>;

/// A piece of a secret this long gives it away.
const PIECE: usize = 12;

/// Runs at a time.
const AT_ONCE: usize = 6;

/// The headers that carry a key to the server that it is meant for.
const AUTH: &[&str] = &["authorization", "x-api-key", "api-key"];

/// A key with characters that every encoding writes in another way.
const KEY: &str = "sk-proj-Q7/vN2+xTz9=Lw4_Rk8Yb3/Hc6+Jd1=Fg5Ps0Mu";

/// The pieces of a key's text that nobody may see: of each run of characters without quotes, spaces or dots, the public
/// prefix taken off.
fn pieces(key: &str) -> Vec<String> {
    let words = key.split(|c: char| c.is_whitespace() || !c.is_ascii() || "\"'.$".contains(c));
    let words = words.filter(|word| word.len() >= 20 && !is_dummy(word)).map(|word| {
        let prefix = key_prefixes().filter(|prefix| word.starts_with(prefix)).map(str::len).max();
        &word[prefix.unwrap_or(0)..]
    });
    words
        .flat_map(|word| word.as_bytes().windows(PIECE).map(|piece| String::from_utf8_lossy(piece).into_owned()))
        .collect()
}

/// Where a piece of the key shows in what was printed.
fn shown(ran: &Ran, key: &str) -> Option<String> {
    let printed = [("standard output", &ran.stdout), ("standard error", &ran.stderr)];
    let lines = printed.into_iter().flat_map(|(place, text)| text.lines().map(move |line| (place, line)));
    let pieces = pieces(key);
    lines
        .filter(|(_, line)| pieces.iter().any(|piece| line.contains(piece.as_str())))
        .map(|(place, line)| format!("{place} shows it: {}", line.trim()))
        .next()
}

/// Where a request carried the key outside its header or to another server.
fn strayed(scenario: &Scenario, received: &[Received], key: &str) -> Option<String> {
    let pieces = pieces(key);
    let has = |text: &str| pieces.iter().any(|piece| text.contains(piece.as_str()));
    let wrong = |request: &&Received| {
        let elsewhere = request.headers.iter().any(|(name, value)| !AUTH.contains(&name.as_str()) && has(value));
        let query = request.query.as_deref().unwrap_or_default();
        elsewhere || has(&request.path) || has(query) || has(&String::from_utf8_lossy(&request.body))
    };
    let place = |request: &Received| format!("{} {} at {:?}", request.method, request.path, request.place);
    let leak = scenario.leak(received).map(|request| format!("the key went to the wrong server: {}", place(request)));
    leak.or_else(|| received.iter().find(wrong).map(|request| format!("not only in its header: {}", place(request))))
}

#[test]
fn no_scenario_makes_the_program_show_or_misplace_the_key() {
    let all = scenarios().expect("the scenarios can be read");
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some((name, scenario)) = all.get(next.fetch_add(1, Ordering::SeqCst)) {
            for flags in [&["-v"][..], &["-v", "--format", "json"]] {
                let found = played(scenario, flags).unwrap_or_else(Some);
                wrong.lock().expect("no thread died").extend(found.map(|what| format!("{name} {flags:?}: {what}")));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("no thread died");
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
}

/// Plays a scenario and returns what went wrong with its key.
fn played(scenario: &Scenario, flags: &[&str]) -> Result<Option<String>, String> {
    let played = Played::doctor(scenario, flags)?;
    let key = scenario.key.as_deref().unwrap_or_default();
    let crashed = played.ran.stderr.contains("panicked").then(|| format!("it crashed: {}", played.ran.stderr));
    Ok(crashed.or_else(|| shown(&played.ran, key)).or_else(|| strayed(scenario, &played.server.received(), key)))
}

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
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let run_all = || {
        while let Some((name, rows)) = work.get(next.fetch_add(1, Ordering::SeqCst)) {
            let found = quoted(rows).unwrap_or_else(Some);
            wrong.lock().expect("no thread died").extend(found.map(|what| format!("{name}: {what}")));
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(run_all);
        }
    });
    let mut wrong = wrong.into_inner().expect("no thread died");
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} leaks:\n{}", wrong.len(), work.len(), wrong.join("\n"));
}

/// What of the key is seen although the server quotes it.
fn quoted(rows: &str) -> Result<Option<String>, String> {
    let head = format!(
        "title = 't'\ncause = 'unexplained'\noutcome = 'broken'\nexit = 1\nurl = '{{server}}/v1'\nmodel = 'gpt-5.5'\nkey = '{KEY}'\n"
    );
    let scenario = Scenario::parse(&format!("{head}{rows}")).map_err(|error| error.to_string())?;
    for flags in [&["-v"][..], &["--format", "json"]] {
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
