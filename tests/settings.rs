//! Reads each client's settings with a parser of their own form and finds the values again, however odd they are; compares
//! what `ruta settings` prints with snapshots; and what it says where there is nothing to enter.

use std::process::Command;

use crate::asked::{Tested, ask, ask_in, compare};
use crate::width::too_wide;
use ruta::knowledge::client::{self, CLIENTS};
use ruta::knowledge::settings::{Values, filled};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

const KEY: &str = "WORK_API_KEY";

/// Model IDs that every form must keep as they are.
const MODELS: &[&str] = &[
    "gpt-5.5",
    "openai/gpt-oss-120b:free",
    "with space",
    "it's",
    "a \"quoted\" name",
    "back\\slash",
    "$HOME",
    "`id`",
    "$(id)",
    "~root",
    "{url}",
    "# no comment",
    "a: b",
    "*anchor",
    "-x",
    "%s;|&",
    "模型/ünï",
];

const URLS: &[&str] = &["https://api.rutaapi.com/v1", "http://127.0.0.1:8080/$(id)&x/v1"];

/// Where a value stands in a client's file: the steps to it, and what stands there with URL, model and key variable.
type Place = (&'static str, &'static [&'static str], &'static str);

const PLACES: &[Place] = &[
    ("codex", &["model"], "{model}"),
    ("codex", &["model_provider"], "ruta"),
    ("codex", &["model_providers", "ruta", "base_url"], "{url}"),
    ("codex", &["model_providers", "ruta", "env_key"], "{key}"),
    ("codex", &["model_providers", "ruta", "name"], "It's \"mine\""),
    ("claude-code", &["env", "ANTHROPIC_BASE_URL"], "{url}"),
    ("claude-code", &["env", "ANTHROPIC_MODEL"], "{model}"),
    ("claude-code", &["apiKeyHelper"], "printenv {key}"),
    ("continue", &["models", "0", "apiBase"], "{url}"),
    ("continue", &["models", "0", "model"], "{model}"),
    ("continue", &["models", "0", "apiKey"], "${{ secrets.{key} }}"),
    ("librechat", &["endpoints", "custom", "0", "baseURL"], "{url}"),
    ("librechat", &["endpoints", "custom", "0", "models", "default", "0"], "{model}"),
    ("librechat", &["endpoints", "custom", "0", "apiKey"], "${{key}}"),
    ("zed", &["language_models", "openai_compatible", "ruta", "api_url"], "{url}"),
    ("zed", &["language_models", "openai_compatible", "ruta", "available_models", "0", "name"], "{model}"),
    ("opencode", &["provider", "ruta", "options", "baseURL"], "{url}"),
    ("opencode", &["provider", "ruta", "options", "apiKey"], "{env:{key}}"),
    ("opencode", &["provider", "ruta", "models", "{model}", "name"], "{model}"),
    ("opencode", &["model"], "ruta/{model}"),
    ("llm", &["0", "api_base"], "{url}"),
    ("llm", &["0", "model_name"], "{model}"),
    ("aichat", &["clients", "0", "api_base"], "{url}"),
    ("aichat", &["clients", "0", "models", "0", "name"], "{model}"),
    ("aichat", &["model"], "ruta:{model}"),
];

/// What a shell must print after a client's lines, and what they must lead to.
const PRINTED: &[(&str, &str, &str)] = &[
    ("open-webui", "$OPENAI_API_BASE_URL|$OPENAI_API_KEY", "{url}|the key"),
    ("nextchat", "$BASE_URL|$OPENAI_API_KEY|$CUSTOM_MODELS|$DEFAULT_MODEL", "{url}|the key|-all,+{model}|{model}"),
    ("lobechat", "$OPENAI_PROXY_URL|$OPENAI_API_KEY|$OPENAI_MODEL_LIST", "{url}|the key|-all,+{model}"),
    (
        "claude-code",
        "$ANTHROPIC_BASE_URL|$ANTHROPIC_AUTH_TOKEN|$ANTHROPIC_MODEL|${ANTHROPIC_API_KEY-}",
        "{url}|the key|{model}|",
    ),
    ("anthropic-sdk", "$ANTHROPIC_BASE_URL|$ANTHROPIC_API_KEY", "{url}|the key"),
    ("openai-sdk", "$OPENAI_BASE_URL|$OPENAI_API_KEY", "{url}|the key"),
    ("aider", "$OPENAI_API_BASE|$OPENAI_API_KEY|$called", "{url}|the key|--model|openai/{model}"),
    ("cline", "$called", "auth|-p|openai-compatible|-b|{url}|-k|the key|-m|{model}"),
    ("llm", "$called", "keys|set|ruta|--value|the key"),
    ("zed", "$RUTA_API_KEY", "the key"),
    ("aichat", "$RUTA_API_KEY", "the key"),
];

fn values(id: &str, root: &str, model: &str) -> Values {
    Values {
        url: client::of(id).enter(root),
        model: model.to_owned(),
        key_env: KEY.to_owned(),
        name: "ruta".to_owned(),
        title: "It's \"mine\"".to_owned(),
    }
}

/// A pattern with the values in it.
fn with(pattern: &str, values: &Values) -> String {
    pattern.replace("{url}", &values.url).replace("{key}", KEY).replace("{model}", &values.model)
}

/// A file's text as a plain value, read by the parser of its form.
fn read(format: &str, text: &str) -> Result<Value, String> {
    match format {
        "json" => serde_json::from_str(text).map_err(|error| error.to_string()),
        "toml" => {
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
            serde_json::to_value(table).map_err(|error| error.to_string())
        }
        _ => {
            let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
            documents.first().map(plain).ok_or_else(|| "an empty file".to_owned())
        }
    }
}

fn plain(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Sequence(rows) => Value::Array(rows.iter().map(plain).collect()),
        Yaml::Mapping(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, inner)| (name.as_str().unwrap_or_default().to_owned(), plain(inner)))
                .collect::<Map<_, _>>(),
        ),
        Yaml::Value(Scalar::String(text)) => Value::String(text.to_string()),
        Yaml::Value(Scalar::Boolean(is)) => Value::Bool(*is),
        other => Value::String(format!("{other:?}")),
    }
}

fn at<'a>(value: &'a Value, steps: &[&str], values: &Values) -> Option<&'a str> {
    let mut here = value;
    for step in steps {
        here = match here {
            Value::Array(rows) => rows.get(step.parse::<usize>().ok()?)?,
            other => other.get(with(step, values))?,
        };
    }
    here.as_str()
}

#[test]
fn files_hold_the_values_as_they_are() {
    let mut wrong = Vec::new();
    for (client, model, root) in CLIENTS
        .iter()
        .flat_map(|client| MODELS.iter().flat_map(move |model| URLS.iter().map(move |url| (client, *model, *url))))
    {
        let values = values(client.id, root, model);
        let files = filled(client, &values);
        let files = files.iter().filter(|(form, _)| matches!(form.format, "toml" | "json" | "yaml"));
        let read: Vec<_> = files.map(|(form, body)| read(form.format, body)).collect();
        for file in &read {
            match file {
                Ok(file) => {
                    for (_, steps, wanted) in PLACES.iter().filter(|(id, _, _)| *id == client.id) {
                        let wanted = with(wanted, &values);
                        if at(file, steps, &values) != Some(&wanted) {
                            wrong.push(format!("{}: {steps:?} is no {wanted:?} in {file}", client.id));
                        }
                    }
                }
                Err(why) => wrong.push(format!("{}: with {model:?}: {why}", client.id)),
            }
        }
        if !read.is_empty() && !PLACES.iter().any(|(id, _, _)| *id == client.id) {
            wrong.push(format!("{}: nothing says where the values stand in its file", client.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[cfg(unix)]
#[test]
fn shells_read_the_values_as_they_are() -> Tested {
    let mut wrong = Vec::new();
    for client in CLIENTS {
        let has_lines = client.settings.iter().any(|form| form.format == "shell");
        let expected: Vec<_> = PRINTED.iter().filter(|(id, _, _)| *id == client.id).collect();
        assert_eq!(has_lines, !expected.is_empty(), "{}: what its lines lead to", client.id);
        for (_, printed, wanted) in expected {
            for (model, root) in MODELS.iter().flat_map(|model| URLS.iter().map(move |url| (*model, *url))) {
                let values = values(client.id, root, model);
                let forms = filled(client, &values);
                let lines: String =
                    forms.iter().filter(|(form, _)| form.format == "shell").map(|(_, body)| body.as_str()).collect();
                // The client's own command only notes what it was called with.
                let note = "note() { called=$1; shift; for one; do called=\"$called|$one\"; done; }\n\
                            aider() { note \"$@\"; }; cline() { note \"$@\"; }; llm() { note \"$@\"; }\n";
                let script = format!("{note}{lines}printf '%s' \"{printed}\"");
                let mut shell = Command::new("sh");
                let ran =
                    ran_with(shell.args(["-eu", "-c", &script]).env(KEY, "the key").env("ANTHROPIC_API_KEY", ""))?;
                let wanted = with(wanted, &values);
                if ran != wanted {
                    wrong.push(format!("{}: {ran:?} instead of {wanted:?}", client.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[cfg(unix)]
fn ran_with(command: &mut Command) -> Result<String, std::io::Error> {
    let output = command.output()?;
    Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn each_client_has_settings_that_read_well() -> Tested {
    for client in CLIENTS {
        let url = if client.url == "without-v1" { "https://api.rutaapi.com/v1" } else { "https://api.rutaapi.com" };
        let ran = ask(&["settings", client.id, "--url", url, "--model", "gpt-5.5", "--key-env", KEY])?;
        assert_eq!(ran.exit, 0, "{}: {}", client.id, ran.stderr);
        // A command stays in one piece, so that it can be copied.
        let wide = too_wide(&format!("{}{}", ran.stdout, ran.stderr)).into_iter();
        let wide: Vec<String> = wide.filter(|line| !line.starts_with("  ruta doctor ")).collect();
        assert_eq!(wide, Vec::<String>::new(), "{}", client.id);
        compare(&format!("settings-{}", client.id), &format!("{}-- and on standard error\n{}", ran.stdout, ran.stderr));
    }
    let list = ask(&["settings"])?;
    assert_eq!(too_wide(&list.stdout), Vec::<String>::new());
    compare("settings", &list.stdout);
    Ok(())
}

#[test]
fn one_form_alone_is_a_whole_file() -> Tested {
    let url = ["--url", "http://localhost:11434"];
    let json = ask(&[&["settings", "claude-code", "--as", "json"][..], &url].concat())?;
    assert_eq!(serde_json::from_str::<Value>(&json.stdout)?["env"]["ANTHROPIC_BASE_URL"], "http://localhost:11434");
    assert!(json.stderr.contains("~/.claude/settings.json") && json.stderr.contains("MODEL"), "{}", json.stderr);
    let toml = ask(&[&["settings", "codex"][..], &url].concat())?;
    assert!(toml.stdout.parse::<toml::Table>().is_ok() && toml.stdout.contains("\"http://localhost:11434/v1\""));
    assert!(toml.stderr.contains("/v1 was added"), "{}", toml.stderr);
    let none = ask(&[&["settings", "codex", "--as", "yaml"][..], &url].concat())?;
    assert_eq!((none.exit, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("it has toml"), "{}", none.stderr);
    Ok(())
}

#[test]
fn what_cannot_be_entered_is_named() -> Tested {
    for (arguments, exit, says) in [
        (&["settings", "codex"][..], 2, "--url"),
        (&["settings", "codex", "nowhere"], 2, "nowhere"),
        (&["settings", "codex", "--url", ""], 1, "url-missing"),
        (&["settings", "codex", "--url", "https://rutaapi.com"], 1, "use https://api.rutaapi.com/v1 for Codex CLI"),
        (
            &["settings", "claude-code", "--url", "https://rutaapi.com"],
            1,
            "use https://api.rutaapi.com for Claude Code",
        ),
        (&["settings", "claude-code", "--url", "https://api.rutaapi.com/v1/messages"], 1, "url-endpoint-path"),
        (&["settings", "cursor", "--url", "http://localhost:11434/v1"], 1, "url-localhost"),
        (&["settings", "codex", "--url", "https://me:hunter2@api.rutaapi.com/v1"], 1, "url-has-credentials"),
        (&["settings", "codex", "--url", "https://h.example/v1", "--model", "a\u{200b}b"], 2, "cannot be seen"),
        (
            &["settings", "codex", "--url", "https://h.example/v1", "--key-env", "sk-proj-abcdefghijklmnop1234"],
            2,
            "--key-env",
        ),
        (&["settings", "codex", "--url", "https://h.example/v1", "--key-env", "A B"], 2, "--key-env"),
        (
            &["settings", "codex", "--url", "https://h.example/v1", "--model", "sk-proj-abcdefghijklmnop1234"],
            2,
            "looks like a key",
        ),
        (&["settings", "codex", "--url", "sk-proj-abcdefghijklmnop1234"], 1, "url-invalid"),
        (&["settings", "codx", "--url", "https://h.example/v1"], 2, "codex"),
    ] {
        let ran = ask(arguments)?;
        assert_eq!((ran.exit, ran.stdout.as_str()), (exit, ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2") && !ran.stderr.contains("abcdefghijklmnop"), "{}", ran.stderr);
    }
    Ok(())
}

#[test]
fn the_key_is_never_read() -> Tested {
    let key = "sk-test-2f7Lq8Zr4Xw1";
    for client in CLIENTS {
        let arguments = ["settings", client.id, "--url", "https://api.rutaapi.com", "--model", "m"];
        let ran = ask_in(&[("RUTA_API_KEY", key), ("OPENAI_API_KEY", key)], &arguments, "")?;
        assert!(!ran.stdout.contains(key) && !ran.stderr.contains(key), "{}", client.id);
        assert!(ran.stdout.contains("RUTA_API_KEY") || ran.stderr.contains("$RUTA_API_KEY"), "{}", client.id);
    }
    Ok(())
}
