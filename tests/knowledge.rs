//! Checks the data files: every system and every cause is complete, every row that gives an answer a meaning is found by
//! its own example, and nothing that a file calls right is ever flagged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use ruta::cause::{Cause, Family};
use ruta::connection::scrub::Scrubber;
use ruta::diagnose::RULES;
use ruta::evidence::CHECKS;
use ruta::evidence::answer::Answer;
use ruta::evidence::reading;
use ruta::knowledge::address::judge;
use ruta::knowledge::advice::{ADVICE, Values, fill, of};
use ruta::knowledge::provider::{self, SYSTEMS, System};
use ruta::knowledge::row::{Mark, Row};
use ruta::knowledge::signal::{Signal, signal};
use ruta::knowledge::titles;

/// What a system can be.
const KINDS: &[&str] = &["cloud", "gateway", "local", "middlebox", "any"];

/// What a host of a provider can be that does not serve its API.
const SITES: &[&str] = &["website", "dashboard", "docs", "other-product"];

/// Fails with all complaints at once, because a data file is mended in one go.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_system_is_complete() {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for system in SYSTEMS {
        let id = system.id;
        let mut add = |what: &str| wrong.push(format!("{id}: {what}"));
        if system.name.is_empty() || !names.insert(system.name) {
            add("no name, or one that another file has too");
        }
        if !KINDS.contains(&system.kind) {
            add("unknown kind");
        }
        if system.kind == "cloud" && (system.base_url.is_empty() || system.hosts.is_empty()) {
            add("a cloud without base_url or hosts");
        }
        if system.kind == "cloud" && system.link("keys").is_none() {
            add("a cloud without links.keys");
        }
        for (name, link) in system.links.iter().filter(|(_, link)| !is_page(link) || !link.starts_with("https://")) {
            add(&format!("links.{name}: {link} is no https page"));
        }
        for name in system.key_env.iter().filter(|name| !is_variable(name)) {
            add(&format!("key_env: {name} is no variable"));
        }
        for (site, what) in system.not_the_api.iter().filter(|(_, what)| !SITES.contains(what)) {
            add(&format!("not_the_api: {site} is {what}, which is none of {SITES:?}"));
        }
        for root in system.roots().filter(|root| root.ends_with('/')) {
            add(&format!("{root} ends in a slash"));
        }
        for changed in system.changed.iter().filter(|changed| !is_page(changed.seen) || changed.since.is_empty()) {
            add(&format!("changed: `{}` has no date or no source", changed.what));
        }
    }
    none(&wrong);
}

#[test]
fn every_host_and_every_key_prefix_belongs_to_one_system() {
    let mut wrong = Vec::new();
    let mut hosts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut prefixes: BTreeMap<&str, &str> = BTreeMap::new();
    for system in SYSTEMS {
        for host in system.hosts.iter().copied().chain(system.not_the_api.iter().map(|(host, _)| *host)) {
            if let Some(other) = hosts.insert(host, system.id).filter(|other| !same_house(other, system)) {
                wrong.push(format!("{host} is of {other} and of {}", system.id));
            }
        }
        for host in system.hosts {
            let one = filled(host);
            let found = provider::by_host(&one).map(|found| found.id);
            if found != Some(system.id) {
                wrong.push(format!("{one} is taken for {found:?} instead of {}", system.id));
            }
        }
        for prefix in
            system.key_prefixes.iter().copied().chain(system.wrong_kind_prefixes.iter().map(|(prefix, _)| *prefix))
        {
            if let Some(other) = prefixes.insert(prefix, system.id).filter(|other| !same_house(other, system)) {
                wrong.push(format!("keys with {prefix} are of {other} and of {}", system.id));
            }
        }
    }
    none(&wrong);
}

/// Whether two files describe the same provider: one file twice, or two APIs that take the same keys.
fn same_house(id: &str, system: &System) -> bool {
    let twin = |other: &System| other.twins.contains(&system.base_url) || system.twins.contains(&other.base_url);
    id == system.id || provider::by_id(id).is_some_and(twin)
}

#[test]
fn the_roots_of_a_file_are_right_and_its_sites_are_not() {
    let mut wrong = Vec::new();
    for system in SYSTEMS {
        for root in system.roots() {
            let address = judge(&filled(root));
            // A gateway that a user runs in the open without TLS is right and still deserves the warning.
            let flagged = address.facts.problems.iter().any(|problem| problem.cause != Cause::UrlInsecure);
            if flagged || address.suggested.is_some() {
                wrong.push(format!("{}: {root}: {:?}, {:?}", system.id, address.facts.problems, address.suggested));
            }
            if system.kind == "cloud" && address.provider.is_none_or(|found| !same_house(found.id, system)) {
                wrong.push(format!("{}: {root} is taken for {:?}", system.id, address.provider.map(|found| found.id)));
            }
        }
        for (site, what) in system.not_the_api {
            let address = judge(&format!("https://{}", filled(site)));
            let causes: Vec<Cause> = address.facts.problems.iter().map(|problem| problem.cause).collect();
            let wanted = match *what {
                "dashboard" => Cause::UrlDashboard,
                "other-product" => Cause::UrlWrongHost,
                _ => Cause::UrlWebsite,
            };
            // A host that serves the API under another path is told by the answers.
            if !causes.contains(&wanted) && !system.serves(&filled(site)) {
                wrong.push(format!("{}: {site} is a {what}, but is judged {causes:?}", system.id));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_row_is_found_by_its_own_example_first() {
    let mut wrong = Vec::new();
    for system in SYSTEMS {
        let examples = examples(system);
        assert_eq!(examples.len(), system.says.len(), "{}", system.id);
        for (index, (row, example)) in system.says.iter().zip(&examples).enumerate() {
            let place = || format!("{}, row {} ({}: {})", system.id, index + 1, row.means, mark(row));
            // A bare status is its own example: an answer with nothing in it.
            let only_status = !row.statuses().is_empty() && row.marks().next().is_none();
            if example.like.is_empty() && example.like_headers.is_empty() && !only_status {
                wrong.push(format!("{}: no example", place()));
                continue;
            }
            if !is_page(&example.seen) {
                wrong.push(format!("{}: no source", place()));
            }
            let status = if row.usual_status > 0 { row.usual_status } else { 400 };
            match look_up(system, row, example, status) {
                None => wrong.push(format!("{}: no row knows its example (status {status})", place())),
                Some(found) if found.system.id == system.id && found.row == index => {}
                Some(found) => {
                    let first = &found.system.says[found.row];
                    let whose = if found.system.id == system.id { "" } else { found.system.id };
                    wrong.push(format!(
                        "{}: row {} {whose} ({}: {}) comes first",
                        place(),
                        found.row + 1,
                        first.means,
                        mark(first)
                    ));
                }
            }
            for status in row.statuses() {
                let found = look_up(system, row, example, *status).map(|found| found.cause);
                if found != Some(row.means) {
                    wrong.push(format!("{}: with status {status} it means {found:?}", place()));
                }
            }
        }
    }
    none(&wrong);
}

/// What the program does not need of a row: its example and where the fact comes from.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Example {
    like: String,
    like_headers: BTreeMap<String, String>,
    seen: String,
}

/// The examples of a system's rows, read from its file.
fn examples(system: &System) -> Vec<Example> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        says: Vec<Example>,
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/knowledge/providers");
    let text = fs::read_to_string(folder.join(system.id).with_extension("toml")).unwrap_or_default();
    toml::from_str::<File>(&text).map(|file| file.says).unwrap_or_default()
}

/// What the example of a row means, asked as the program asks.
fn look_up(system: &'static System, row: &Row, example: &Example, status: u16) -> Option<Signal> {
    let mut headers: Vec<(String, String)> = example.like_headers.clone().into_iter().collect();
    if !headers.iter().any(|(name, _)| name == "content-type") && example.like.starts_with(['{', '[']) {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let scrubber = Scrubber::new(None, []);
    let body = example.like.as_bytes();
    let answer = Answer::capture(status, "HTTP/1.1", headers, body, body.len(), &scrubber);
    let places = row.marks().find_map(|mark| if let Mark::At(places) = mark { places.split(' ').next() } else { None });
    let (provider, software) = if system.kind == "cloud" { (Some(system), None) } else { (None, Some(system)) };
    signal(&answer, &reading::read(&answer), places.unwrap_or("chat"), provider, software.as_slice())
}

/// The marks of a row, for a person who has to find it.
fn mark(row: &Row) -> String {
    let mut marks: Vec<String> = row.statuses().iter().map(u16::to_string).collect();
    marks.extend(row.marks().map(|mark| format!("{mark:?}")));
    marks.join(" ")
}

#[test]
fn every_cause_has_advice_that_reads_well() {
    let mut wrong = Vec::new();
    let link_names: BTreeSet<&str> =
        SYSTEMS.iter().flat_map(|system| system.links.iter().map(|(name, _)| *name)).collect();
    let least = Values::from([
        ("url", "the base URL".to_owned()),
        ("host", "the server".to_owned()),
        ("client", "Open WebUI".to_owned()),
    ]);
    for cause in Cause::ALL {
        let words = of(*cause);
        let mut add = |what: String| wrong.push(format!("{cause}: {what}"));
        if ADVICE.iter().filter(|(known, _)| known == cause).count() != 1 {
            add("no advice, or more than one".to_owned());
            continue;
        }
        if words.family != cause.family().name() {
            add(format!("stands in {}.toml", words.family));
        }
        if words.title.is_empty() || words.title.len() > 72 || words.title.ends_with('.') || words.title.contains('{') {
            add(format!("the title `{}` must be a short statement without a full stop", words.title));
        }
        match fill(words.meaning, &least) {
            Some(meaning) if !meaning.trim().is_empty() && !has_placeholder(&meaning) => {}
            other => add(format!("with the least that is known the meaning is {other:?}")),
        }
        let fixes: Vec<String> = words.fix.iter().filter_map(|line| fill(line, &least)).collect();
        if fixes.is_empty() && *cause != Cause::Ok {
            add("with the least that is known there is nothing to do".to_owned());
        }
        for line in fixes.iter().filter(|line| has_placeholder(line)) {
            add(format!("a placeholder is left in `{line}`"));
        }
        for name in words.links.iter().filter(|name| !link_names.contains(*name)) {
            add(format!("no system has a link `{name}`"));
        }
        for text in [words.title, words.meaning].into_iter().chain(words.fix.iter().copied()) {
            wrong.extend(oddities(text).map(|what| format!("{cause}: {what} in `{text}`")));
        }
        for alternative in
            words.fix.iter().flat_map(|line| line.split("||")).map(str::trim).filter(|line| line.ends_with('.'))
        {
            wrong.push(format!("{cause}: a line of the fix ends with a full stop: `{alternative}`"));
        }
    }
    none(&wrong);
}

#[test]
fn every_advice_of_a_system_can_be_filled_and_reads_well() {
    let mut wrong = Vec::new();
    let given = [("url", "https://h/v1"), ("host", "h"), ("client", "Open WebUI"), ("model", "gpt-5.5")];
    let given = given.into_iter().chain([("open_webui", "Open WebUI"), ("api_version", "2024-10-21")]);
    let given: Values = given.map(|(name, value)| (name, value.to_owned())).collect();
    for system in SYSTEMS {
        for (cause, lines) in system.advice {
            // The general advice follows, so a line may need the values that the user gave.
            if lines.is_empty() || lines.iter().all(|line| fill(line, &given).is_none()) {
                wrong.push(format!("{}: {cause}: nothing to do although URL and model are known", system.id));
            }
            for line in *lines {
                wrong.extend(oddities(line).map(|what| format!("{}: {cause}: {what} in `{line}`", system.id)));
            }
        }
        for note in system.notes {
            wrong.extend(oddities(note).map(|what| format!("{}: {what} in `{note}`", system.id)));
        }
    }
    none(&wrong);
}

#[test]
fn every_placeholder_of_the_advice_is_filled_somewhere() -> io::Result<()> {
    let source = read_sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path())?;
    let advice = ADVICE.iter().flat_map(|(_, words)| words.fix.iter().copied().chain([words.meaning]));
    let own = SYSTEMS.iter().flat_map(|system| system.advice.iter().flat_map(|(_, lines)| lines.iter().copied()));
    let names: BTreeSet<&str> = advice.chain(own).flat_map(placeholders).collect();
    let unknown: Vec<_> = names.into_iter().filter(|name| !source.contains(&format!("\"{name}\""))).collect();
    assert!(unknown.is_empty(), "nothing ever fills {unknown:?}");
    Ok(())
}

#[test]
fn every_rule_and_every_check_says_what_it_is_for() {
    let mut names = BTreeSet::new();
    for rule in RULES {
        assert!(names.insert(rule.name), "two rules are called {}", rule.name);
        assert!(rule.why.len() >= 20, "{} does not say why it stands where it stands", rule.name);
    }
    for check in CHECKS {
        assert!(!titles::title(check).is_empty(), "the check {check} has no title");
    }
}

#[test]
fn every_family_has_a_file_of_advice_and_no_file_is_left_over() -> io::Result<()> {
    let wanted: BTreeSet<String> = Cause::ALL.iter().map(|cause| Family::name(cause.family()).to_owned()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/knowledge/advice");
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        files.insert(entry?.file_name().to_string_lossy().trim_end_matches(".toml").to_owned());
    }
    assert_eq!(files, wanted);
    Ok(())
}

/// A pattern or a template with something in its open places.
fn filled(pattern: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in pattern.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("abc");
            }
            '}' => inside = false,
            '*' => out.push_str("abc"),
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

fn is_page(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains('.') && !rest.contains(' '))
}

fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The names in braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

fn has_placeholder(text: &str) -> bool {
    placeholders(text).next().is_some() || text.contains("||")
}

/// Signs that do not belong into a text for a plain terminal.
fn oddities(text: &str) -> impl Iterator<Item = &'static str> {
    let odd = |c: char| !c.is_ascii();
    [
        (text.contains(odd), "a character beyond ASCII (dash, curly quote, ellipsis)"),
        (text.contains("  "), "two spaces"),
        (text.trim() != text, "a space at an end"),
        (text.matches('`').count() % 2 == 1, "a lone backtick"),
        (text.matches('"').count() % 2 == 1, "a lone quote"),
        (text.contains(" - ") || text.contains(" -- "), "a dash"),
        (text.contains(" ,") || text.contains(" ."), "a space before a stop"),
    ]
    .into_iter()
    .filter_map(|(is, what)| is.then_some(what))
}

fn read_sources(folder: &Path) -> io::Result<String> {
    let mut all = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.push_str(&read_sources(&path)?);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(all)
}
