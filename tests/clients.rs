//! Checks the client files: complete, proved by a source, without a key; and docs/clients.md, which is made of them.
//!
//! `UPDATE=1 cargo test --test all clients::` writes docs/clients.md anew.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs, io};

use ruta::cause::Cause;
use ruta::evidence::CHECKS;
use ruta::knowledge::advice;
use ruta::knowledge::client::{self, CLIENTS, Client};
use ruta::knowledge::entered::judge_for;
use ruta::knowledge::provider::{SYSTEMS, System};
use ruta::knowledge::settings::{FORMS, Values, filled};

const SLASHES: &[&str] = &["dropped", "fine", "kept", "varies", "unknown"];
const PLACES: &[&str] = &["machine", "server", "browser", "vendor"];

/// Fails with all complaints at once, because a data file is mended in one go.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

/// The fields that hold something, by the names of the file.
fn given(client: &Client) -> BTreeSet<&'static str> {
    let fields = [
        ("url", true),
        ("slash", true),
        ("adds_scheme", client.adds_scheme),
        ("literal", !client.literal.is_empty()),
        ("auth", true),
        ("calls", true),
        ("needs", true),
        ("sends", !client.sends.is_empty()),
        ("strict_stream", client.strict_stream),
        ("from", true),
        ("list_timeout", client.list_timeout > 0),
        ("timeout", client.timeout > 0),
        ("place", true),
        ("fields", !client.fields.is_empty()),
        ("files", !client.files.is_empty()),
        ("variables", !client.variables.is_empty()),
        ("advice", !client.advice.is_empty()),
        ("says", !client.says.is_empty()),
        ("settings", true),
    ];
    fields.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

#[test]
fn every_client_is_complete_and_every_fact_has_a_source() {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for client in CLIENTS {
        let mut add = |what: String| wrong.push(format!("{}: {what}", client.id));
        if client.name.is_empty() || !names.insert(client.name) {
            add("no name, or one that another file has too".into());
        }
        for (field, value, known) in [
            ("url", client.url, &["with-v1", "without-v1", "either"][..]),
            ("slash", client.slash, SLASHES),
            ("auth", client.auth, &["bearer", "x-api-key"]),
            ("from", client.from, PLACES),
        ] {
            if !known.contains(&value) {
                add(format!("{field} = {value:?} is none of {known:?}"));
            }
        }
        for check in client.needs.iter().filter(|check| !CHECKS.contains(check)) {
            add(format!("needs {check}, which is no check"));
        }
        let main = client.speaks_at();
        if !client.needs(main) || client.path(main).is_none() {
            add("it needs chat, responses or messages, and `calls` must say which path that is".into());
        }
        for (check, call) in client.calls {
            let method = if *check == "models" { "GET /" } else { "POST /" };
            if !CHECKS.contains(check) || !call.starts_with(method) {
                add(format!("calls {check} = {call:?}"));
            }
        }
        for takes in ["url", "key", "model"] {
            if client.field(takes).is_none() {
                add(format!("no field and no variable takes the {takes}"));
            }
        }
        for (name, takes) in client.fields.iter().chain(client.variables) {
            if name.is_empty() || !["url", "key", "model"].contains(takes) {
                add(format!("{name} takes {takes}"));
            }
        }
        if client.place.is_empty() || client.notes.is_empty() || client.settings.is_empty() {
            add("no place, no notes or no settings".into());
        }
        for (cause, lines) in client.advice {
            let given = [("url", "https://h/v1"), ("host", "h"), ("client", client.name), ("model", "m")];
            let given: advice::Values = given.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
            if lines.is_empty() || lines.iter().any(|line| advice::fill(line, &given).is_none()) {
                add(format!("advice for {cause} that cannot be filled with URL, host and model"));
            }
        }
        for says in client.says {
            if [says.when, says.text, says.meaning].contains(&"") {
                add(format!("an incomplete row of says: {:?}", says.text));
            }
        }
        for source in client.sources {
            if !source.seen.starts_with("https://") || source.version.is_empty() {
                add(format!("the source {} is no https page, or has no version", source.seen));
            }
        }
        let proved: BTreeSet<&str> = client.sources.iter().flat_map(|source| source.of.iter().copied()).collect();
        let known = given(client);
        for field in known.difference(&proved) {
            add(format!("{field} has no source"));
        }
        for field in proved.difference(&known) {
            add(format!("a source proves {field}, which the file does not give"));
        }
    }
    assert_eq!(client::of("").id, client::USUAL);
    none(&wrong);
}

#[test]
fn settings_hold_what_the_client_needs_and_never_a_key() {
    let mut wrong = Vec::new();
    for client in CLIENTS {
        let mut add = |what: &str| wrong.push(format!("{}: {what}", client.id));
        let all: String = client.settings.iter().map(|form| form.body).collect();
        for placeholder in ["{url}", "{key_env}"] {
            if !all.contains(placeholder) {
                add(&format!("no settings hold {placeholder}"));
            }
        }
        for form in client.settings {
            if !FORMS.contains(&form.format) || form.title.is_empty() || !form.body.ends_with('\n') {
                add("settings without a title, of an unknown format or without a line break at their end");
            }
            let is_file = matches!(form.format, "toml" | "json" | "yaml");
            if is_file == form.file.is_empty() && form.format != "shell" {
                add(&format!("{}: a file has a name, and what is entered has none", form.title));
            }
            if form.body.contains("sk-") || form.body.to_lowercase().contains("bearer ") {
                add(&format!("{}: something like a key", form.title));
            }
        }
    }
    none(&wrong);
}

/// A root that a provider's file calls right is entered in each client in a form that the client makes the same root of.
#[test]
fn every_root_of_a_provider_can_be_entered_or_is_known_not_to() {
    let mut wrong = Vec::new();
    for client in CLIENTS {
        for root in SYSTEMS.iter().flat_map(System::roots).filter(|root| !root.contains('{')) {
            let entered = client.enter(root);
            let address = judge_for(&entered, client);
            let faults: Vec<Cause> = address.facts.problems.iter().map(|problem| problem.cause).collect();
            // What an OpenAI-compatible API is for chat need not be one for messages, and no vendor reaches localhost.
            let other = client.speaks_at() == "messages" || faults == [Cause::UrlLocalhost] && client.from == "vendor";
            if client.reaches(root) && !faults.is_empty() && !other {
                wrong.push(format!("{}: {root} is entered as {entered}, and that is {faults:?}", client.id));
            }
        }
    }
    none(&wrong);
}

#[test]
fn the_page_about_the_clients_is_made_of_their_files() -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clients.md");
    let page = page();
    if env::var_os("UPDATE").is_some() {
        return fs::write(path, page);
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    assert!(stored == page, "docs/clients.md is out of date: run UPDATE=1 cargo test --test all clients::");
    Ok(())
}

fn page() -> String {
    let mut out = String::from(
        "# Clients\n\n\
         What each client wants as its base URL, what it calls, from where, and where its settings are. This page is made\n\
         of the files in `src/knowledge/clients`; change those, then run `UPDATE=1 cargo test --test all clients::`.\n\n\
         `ruta doctor --for CLIENT` checks a connection as this client would use it, and `ruta settings CLIENT` prints what\n\
         to enter. ROOT stands for the address of a server without `/v1`, such as `https://api.rutaapi.com`.\n\n\
         | client | name for `--for` | base URL | slash at the end | it calls | requests leave from |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for client in CLIENTS {
        let calls: Vec<String> =
            client.calls.iter().map(|(_, call)| format!("`{}`", from_root(client, call))).collect();
        out.push_str(&format!(
            "| [{}](#{}) | `{}` | {} | {} | {} | {} |\n",
            client.name,
            client.name.to_lowercase().replace(' ', "-"),
            client.id,
            base_url(client),
            slash(client),
            calls.join(", "),
            from(client)
        ));
    }
    for client in CLIENTS {
        section(client, &mut out);
    }
    out
}

fn section(client: &'static Client, out: &mut String) {
    out.push_str(&format!("\n## {}\n\n", client.name));
    let mut fact = |name: &str, what: String| {
        if !what.is_empty() {
            out.push_str(&format!("- **{name}**: {what}\n"));
        }
    };
    let quoted = |texts: &[&str]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
    let named = |pairs: &[(&str, &str)]| {
        let name =
            |what: &str| pairs.iter().filter(|(_, takes)| *takes == what).map(|(name, _)| *name).collect::<Vec<_>>();
        let one = |what: &str, word: &str| {
            Some(quoted(&name(what))).filter(|names| !names.is_empty()).map(|names| format!("{word} {names}"))
        };
        [one("url", "URL"), one("key", "key"), one("model", "model")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; ")
    };
    fact("Where", client.place.to_owned());
    fact("Fields", named(client.fields));
    fact("Variables", named(client.variables));
    fact("Files", quoted(client.files));
    fact("Needs", quoted(client.needs));
    fact("Sends", quoted(client.sends));
    fact(
        "Key",
        if client.auth == "bearer" { "`Authorization: Bearer`".to_owned() } else { format!("`{}`", client.auth) },
    );
    let waits = [(client.list_timeout, "the list of models"), (client.timeout, "an answer")];
    let waits: Vec<String> =
        waits.iter().filter(|(time, _)| *time > 0).map(|(time, what)| format!("{time} s for {what}")).collect();
    fact("Waits", waits.join(", "));
    out.push('\n');
    for note in client.notes {
        out.push_str(&format!("- {note}\n"));
    }
    if !client.says.is_empty() {
        out.push_str("\n| when | it shows | what to think of it |\n| --- | --- | --- |\n");
        for says in client.says {
            out.push_str(&format!("| {} | {} | {} |\n", says.when, says.text, says.meaning));
        }
    }
    let values = Values {
        url: client.enter("ROOT/v1"),
        model: "MODEL".into(),
        key_env: "RUTA_API_KEY".into(),
        name: "ruta".into(),
        title: "Ruta".into(),
    };
    for (form, body) in filled(client, &values) {
        let file = if form.file.is_empty() { String::new() } else { format!(" (`{}`)", form.file) };
        let mark = if form.format == "shell" { "sh" } else { form.format };
        out.push_str(&format!("\n{}{file}:\n\n```{mark}\n{body}```\n", capital(form.title)));
    }
    out.push_str("\nSeen in:\n\n");
    for source in client.sources {
        out.push_str(&format!("- {}: <{}>\n", source.version, source.seen));
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

fn from_root(client: &Client, call: &str) -> String {
    let (method, path) = call.split_once(' ').unwrap_or(("", call));
    if client.url == "with-v1" { format!("{method} {path}") } else { format!("{method} /v1{path}") }
}

fn base_url(client: &Client) -> &'static str {
    match client.url {
        "with-v1" => "`ROOT/v1`",
        "without-v1" => "`ROOT`, without `/v1`",
        _ => "`ROOT` or `ROOT/v1`",
    }
}

fn slash(client: &Client) -> &'static str {
    match client.slash {
        "dropped" => "taken off",
        "fine" => "does no harm",
        "kept" => "is kept: leave it out",
        "varies" => "taken off in the form only",
        _ => "not known: leave it out",
    }
}

fn from(client: &Client) -> &'static str {
    match client.from {
        "machine" => "your machine",
        "server" => "its server or container",
        "browser" => "your browser",
        _ => "its maker's servers",
    }
}
