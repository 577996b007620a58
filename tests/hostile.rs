//! Servers, files and values that try to act on the reader's terminal, log or program: nothing of it gets through.

use std::fs;

use crate::raw::{answer_of, serve};
use crate::stage::{Ran, run, ruta};
use crate::together::together;
use ruta::connection::key::is_invisible;
use serde_json::Value;
use tempfile::TempDir;

/// What a server may try, by what it is for. `FORGED` marks what must stay within its own line.
fn tricks() -> Vec<(&'static str, Vec<u8>)> {
    let long = format!("{} FORGED", "very long words ".repeat(300));
    let word = "x".repeat(5_000);
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            "escapes",
            text(
                "\u{1b}[2J\u{1b}[1;31m\u{1b}[8mhidden\u{1b}[0m\u{1b}[3A\u{1b}[G\u{1b}]0;title\u{7}\u{1b}]52;c;aGk=\u{7}",
            ),
        ),
        (
            "links",
            text(
                "\u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\\u{1b}P+q\u{1b}\\\u{1b}_x\u{1b}\\\u{1b}c",
            ),
        ),
        ("C1 controls", text("a\u{9b}2Jb\u{9d}0;title\u{9c}c\u{90}d\u{85}e\u{8d}f\u{7f}g")),
        ("overwriting", text("secret\rWorks\u{8}\u{8}\u{8}\u{8}\u{b}\u{c}x\ty")),
        ("direction", text("a\u{202e}drowssap\u{202c}b\u{2066}c\u{2069}d\u{200f}e\u{61c}f")),
        (
            "invisible",
            text("a\u{200b}b\u{200d}c\u{2060}d\u{feff}e\u{ad}f\u{e0041}\u{e007f}g\u{3164}h\u{fe0f}i\u{2028}j\u{2029}k"),
        ),
        (
            "a forged line",
            text(
                "no\n Works   the model answers FORGED\n ✓ all is well FORGED\r\n Fix     run evil FORGED\n\n< HTTP/1.1 200 FORGED",
            ),
        ),
        (
            "commands at the start",
            text("::error::FORGED ::set-output name=a::b ##[error]FORGED ##vso[task.setvariable]FORGED"),
        ),
        (
            "commands after a line",
            text("no\n::add-mask::FORGED\n::stop-commands::x\n  ::warning file=a::FORGED\n##[command]x"),
        ),
        ("commands where lines break", text(&"aaaa ::error::FORGED ".repeat(12))),
        (
            "markup",
            text(
                "</script><script>x</script> `code` | a | <!-- --> [a](javascript:x) ``` <img src=x> &lt;b&gt; ]]> {{x}} $(x) %s %n",
            ),
        ),
        ("marks", text(&format!("e{}x", "\u{301}\u{488}".repeat(200)))),
        ("long", text(&long)),
        ("a long word", text(&word)),
        ("no UTF-8", b"a\xff\xfe\xc3\x28\x80\xed\xa0\x80b\xf0\x28c".to_vec()),
        ("NULs", b"a\0b\0\0c".to_vec()),
    ]
}

/// An answer to `/models` and one to everything else, by the place of the trick.
type Place = (&'static str, Vec<u8>, Vec<u8>);

/// The bytes as JSON has them: escaped where text, as they are where no text.
fn quoted(trick: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(trick) {
        Ok(text) => serde_json::to_string(text).unwrap_or_default().into_bytes(),
        Err(_) => [b"\"", trick, b"\""].concat(),
    }
}

/// A template with the trick where `@` stands.
fn with(template: &str, trick: &[u8]) -> Vec<u8> {
    template.as_bytes().split(|byte| *byte == b'@').collect::<Vec<_>>().join(trick)
}

/// Every place of an answer that holds text.
fn places(trick: &[u8]) -> Vec<Place> {
    let json: &[(&str, &[u8])] = &[("content-type", b"application/json")];
    let both = |name, answer: Vec<u8>| (name, answer.clone(), answer);
    let list = answer_of(b"200 OK", json, br#"{"data":[{"id":"gpt-5.5"}]}"#);
    let quoted = quoted(trick);
    let error = |template: &str| answer_of(b"400 Bad Request", json, &with(template, &quoted));
    let wrapped =
        serde_json::to_string(&String::from_utf8_lossy(&with(r#"{"error":{"message":@,"code":@}}"#, &quoted)));
    let in_header = |name: &str, status: &[u8]| answer_of(status, &[(name, trick)], br#"{"error":{"message":"no"}}"#);
    let mut all = vec![
        both("an error", error(r#"{"error":{"message":@,"code":@,"type":@,"param":@}}"#)),
        both("codes", error(r#"{"error":{"message":"no","code":@,"type":@,"status":@}}"#)),
        both("details", error(r#"{"detail":[{"msg":@,"loc":[@]}]}"#)),
        both(
            "an error in an error",
            error(&format!(r#"{{"error":{{"message":{}}}}}"#, wrapped.unwrap_or_default().replace('@', ""))),
        ),
        both("an error as it stands", answer_of(b"401 No", json, &with(r#"{"error":{"message":"@"}}"#, trick))),
        both("plain text", answer_of(b"401 No", &[("content-type", b"text/plain")], trick)),
        both(
            "a page",
            answer_of(
                b"403 No",
                &[("content-type", b"text/html")],
                &with("<html><title>@</title><h1>@</h1>@</html>", trick),
            ),
        ),
        both(
            "a page as a success",
            answer_of(b"200 OK", &[("content-type", b"text/html")], &with("<html><title>@</title>@", trick)),
        ),
        both("the reason", answer_of(&[b"401 ", trick].concat(), json, b"{}")),
        both("no HTTP", trick.to_vec()),
        (
            "a list",
            answer_of(
                b"200 OK",
                json,
                &with(r#"{"data":[{"id":@,"owned_by":@,"type":@},{"id":"gpt-5.4","owned_by":@}]}"#, &quoted),
            ),
            error(r#"{"error":{"message":"The model does not exist","code":"model_not_found"}}"#),
        ),
        both("an odd list", answer_of(b"200 OK", json, &with(r#"{"models":[@],"object":@}"#, &quoted))),
        (
            "the model's words",
            list.clone(),
            answer_of(
                b"200 OK",
                json,
                &with(r#"{"choices":[{"message":{"content":@},"finish_reason":@}],"model":@}"#, &quoted),
            ),
        ),
        (
            "events",
            list.clone(),
            answer_of(
                b"200 OK",
                &[("content-type", b"text/event-stream")],
                &with("event: @\n\ndata: {\"error\":{\"message\":@,\"code\":@}}\n\ndata: @\n\n: @\n\n", &quoted),
            ),
        ),
        (
            "a stream as it stands",
            list,
            answer_of(b"200 OK", &[("content-type", b"text/event-stream")], &with("data: @\n\nerror: @\n\n", trick)),
        ),
    ];
    for (name, status) in [
        ("server", &b"500 No"[..]),
        ("location", b"302 Found"),
        ("retry-after", b"429 No"),
        ("x-request-id", b"500 No"),
        ("content-type", b"400 No"),
        ("www-authenticate", b"401 No"),
        ("via", b"502 No"),
        ("cf-ray", b"403 No"),
        ("x-amzn-errortype", b"403 No"),
    ] {
        all.push(both(name, in_header(name, status)));
    }
    all
}

/// What is wrong with a text for people.
fn wrong_in_text(text: &str) -> Option<String> {
    if let Some(c) = text.chars().find(|c| *c != '\n' && is_invisible(*c)) {
        return Some(format!("holds {c:?}"));
    }
    let command = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
    let forged = |line: &&str| {
        let start = line.trim_start_matches(['<', ' ', '✓']);
        line.len() - line.trim_start().len() < 8
            && (start.starts_with("Works   the model answers FORGED")
                || start.starts_with("all is well")
                || start.starts_with("Fix     run evil")
                || start.starts_with("HTTP/1.1 200 FORGED"))
    };
    text.lines().find(|line| command(line) || forged(line)).map(|line| format!("has the line {line:?}"))
}

/// What is wrong with a text for programs. The user's own values stand in it as they were written, but escaped.
fn wrong_in_json(text: &str, own: bool) -> Option<String> {
    if let Some(c) = text.chars().find(|c| *c != '\n' && is_invisible(*c)) {
        return Some(format!("JSON holds {c:?}"));
    }
    if text.contains("##[") || text.contains("##vso[") {
        return Some("JSON holds a command".into());
    }
    match serde_json::from_str(text) {
        Ok(value) => unseen(&value).filter(|_| !own),
        Err(error) => Some(format!("no JSON: {error}")),
    }
}

/// A value with a character that cannot be seen.
fn unseen(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let hidden = text.chars().any(|c| !matches!(c, '\n' | '\t') && is_invisible(c));
            hidden.then(|| format!("JSON has the value {text:?}"))
        }
        Value::Array(rows) => rows.iter().find_map(unseen),
        Value::Object(fields) => fields.values().find_map(unseen),
        _ => None,
    }
}

/// One run with everything it says checked; standard output as text or as JSON.
fn wrong(ran: &Ran, json: bool) -> Option<String> {
    let crashed = (!matches!(ran.exit, 0 | 1 | 2 | 75)).then(|| format!("exit {}: {}", ran.exit, ran.stderr));
    let out = || if json { wrong_in_json(&ran.stdout, false) } else { wrong_in_text(&ran.stdout) };
    crashed.or_else(out).or_else(|| wrong_in_text(&ran.stderr).map(|what| format!("standard error {what}")))
}

/// Colours are our own; everything else that begins with an escape is not.
fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
        let ours =
            after[end..].starts_with('m') && !after[..end].split(';').any(|code| matches!(code, "5" | "7" | "8"));
        rest = if ours { &after[end + 1..] } else { &rest[at + 2..] };
        if !ours {
            out.push('\u{1b}');
        }
    }
    out + rest
}

/// Everything that the program can be asked to make of one server.
fn play(models: Vec<u8>, others: Vec<u8>) -> Result<Option<String>, String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let file = folder.path().join("recording.json");
    let file = file.to_str().ok_or("the folder's name is no text")?;
    let body =
        others.windows(4).position(|end| end == b"\r\n\r\n").map_or(&others[..], |at| &others[at + 4..]).to_vec();
    let whole = others.clone();
    let url = format!("http://{}/v1", serve(models, others).map_err(|error| error.to_string())?);
    let doctor = ["doctor", "--url", &url, "--model", "gpt-5.5", "--key", "sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5"];
    let say = |arguments: &[&str], input: Option<&[u8]>| {
        let mut command = ruta();
        command.args(arguments);
        if let Some(input) = input {
            command.write_stdin(input);
        }
        run(&mut command).map_err(|error| error.to_string())
    };
    for (arguments, input, json) in [
        ([&doctor[..], &["-v", "--record", file]].concat(), None, false),
        (vec!["replay", file, "--format", "json"], None, true),
        (vec!["explain", "--status", "400", "--body", "-"], Some(&body), false),
        (vec!["explain", "--format", "json"], Some(&whole), true),
    ] {
        let ran = say(&arguments, input.map(Vec::as_slice))?;
        if let Some(what) = wrong(&ran, json) {
            return Ok(Some(format!("{arguments:?}: {what}")));
        }
    }
    let coloured = say(&["replay", file, "--color", "always"], None)?;
    if let Some(what) = wrong_in_text(&without_colours(&coloured.stdout)) {
        return Ok(Some(format!("in colour: {what}")));
    }
    let kept = fs::read_to_string(file).map_err(|error| format!("no recording: {error}"))?;
    Ok(wrong_in_json(&kept, false).map(|what| format!("the recording: {what}")))
}

#[test]
fn no_server_acts_on_the_reader() {
    let work: Vec<(String, Vec<u8>, Vec<u8>)> = tricks()
        .into_iter()
        .flat_map(|(trick, bytes)| {
            places(&bytes)
                .into_iter()
                .map(move |(place, models, others)| (format!("{trick}, in {place}"), models, others))
        })
        .collect();
    let wrong = together(&work, |(name, models, others)| {
        let found = play(models.clone(), others.clone()).unwrap_or_else(Some);
        found.map(|what| format!("{name}: {what}")).into_iter().collect()
    });
    assert!(wrong.is_empty(), "{} of {} got through:\n{}", wrong.len(), work.len(), wrong.join("\n"));
}

#[test]
fn the_users_own_values_act_no_more_than_a_servers() {
    let address = serve(answer_of(b"404 No", &[], b"no"), answer_of(b"404 No", &[], b"no")).expect("a server");
    let mut found = Vec::new();
    for (name, trick) in tricks() {
        let Ok(trick) = String::from_utf8(trick) else { continue };
        // No argument holds a NUL, and none is longer than the system takes.
        let trick: String = trick.replace('\0', "").chars().take(2000).collect();
        for (url, model) in [
            (format!("http://{address}/v1"), trick.clone()),
            (format!("http://{address}/{trick}"), "m".to_owned()),
            (format!("http://{address}/v1?a={trick}"), "m".to_owned()),
            (trick.clone(), "m".to_owned()),
            (format!("http://{trick}.test:9/v1"), trick.clone()),
        ] {
            for (flags, json) in [(&["-v"][..], false), (&["-q"], false), (&["--format", "json", "-v"], true)] {
                let ran = run(ruta()
                    .args(["doctor", "--no-key", "--connect-to", &format!("::{address}")])
                    .arg(format!("--url={url}"))
                    .arg(format!("--model={model}"))
                    .args(flags));
                let ran = ran.expect("it runs");
                let out = if json && !ran.stdout.is_empty() {
                    wrong_in_json(&ran.stdout, true)
                } else {
                    wrong_in_text(&ran.stdout)
                };
                let what = out.or_else(|| wrong_in_text(&ran.stderr));
                found.extend(what.map(|what| format!("{name} in {url:.60?}, {flags:?}: {what:.300}")));
            }
        }
        let ran = run(ruta().args(["explain", trick.as_str()])).expect("it runs");
        found.extend(wrong(&ran, false).map(|what| format!("{name} as a cause: {what:.300}")));
        let ran = run(ruta().args(["doctor", &format!("--{trick}"), &trick])).expect("it runs");
        found.extend(wrong(&ran, false).map(|what| format!("{name} as an argument: {what:.300}")));
    }
    assert!(found.is_empty(), "{} got through:\n{}", found.len(), found.join("\n"));
}
