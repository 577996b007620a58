//! Keeps the documents true: what is made of data is made anew and compared, screens are those of the program, commands
//! are understood, links lead somewhere.
//!
//! `UPDATE=1 cargo test --test all docs::` writes what is made.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::stage::{run, ruta};
use ruta::cause::{Cause, Family, Gravity};
use ruta::knowledge::advice::{self, fill};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap()
}

/// The documents that people read, by path.
fn documents() -> Vec<(String, String)> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in ["", "docs"] {
        let entries = fs::read_dir(project().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    found.sort();
    assert!(found.len() >= 8, "{found:?}");
    let name = |path: &Path| path.strip_prefix(project()).unwrap().to_string_lossy().replace('\\', "/");
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// Compares what was made with the file, or writes it.
fn kept(path: &str, made: &str) {
    if env::var_os("UPDATE").is_some() {
        fs::write(project().join(path), made).unwrap();
    }
    assert!(read(path) == made, "{path} is not what it is made of; write it anew with UPDATE=1");
}

#[test]
fn the_page_of_causes_is_made_of_the_advice() {
    let mut page = "# Causes\n\nEverything that ruta tells apart. Each run of `ruta doctor` ends with one of these. This \
        page is made of the files in\n`src/knowledge/advice`; change those, then run `UPDATE=1 cargo test --test all docs::`.\n\n\
        `ruta explain CAUSE` says the same on your own machine. The name of a cause is never changed and never used for\n\
        something else.\n"
        .to_owned();
    let families = [
        Family::Url,
        Family::Key,
        Family::Network,
        Family::Account,
        Family::Model,
        Family::Limits,
        Family::Request,
        Family::Ok,
    ];
    let of = |family: Family| Cause::ALL.iter().copied().filter(move |cause| cause.family() == family);
    for family in families {
        page.push_str(&format!("\n| {} | |\n| --- | --- |\n", question(family)));
        for cause in of(family) {
            page.push_str(&format!("| [`{cause}`](#{cause}) | {} |\n", advice::of(cause).title));
        }
    }
    for family in families {
        page.push_str(&format!("\n## {}\n", question(family)));
        for cause in of(family) {
            let words = advice::of(cause);
            let mut anybody = advice::anybody(cause);
            // Lines for one client alone would be too many.
            anybody.remove("open_webui");
            let meaning = advice::meaning(cause, &anybody);
            page.push_str(&format!("\n### {cause}\n\n{}.\n\n{meaning}\n\n", sentence(words.title)));
            for line in words.fix.iter().filter_map(|line| fill(line, &anybody)) {
                page.push_str(&format!("- {line}\n"));
            }
            page.push_str(&format!("\n{}\n", weight(cause)));
        }
    }
    kept("docs/causes.md", &page);
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

fn question(family: Family) -> &'static str {
    match family {
        Family::Url => "Is this the API root?",
        Family::Key => "Is it a key, and for this server?",
        Family::Network => "Does an API answer at all?",
        Family::Account => "May this account do this?",
        Family::Model => "Is this the model's name, and can it chat?",
        Family::Limits => "Is it too much, or is it the server?",
        Family::Request => "Does the answer have the right form?",
        Family::Ok => "Is anything wrong?",
    }
}

fn weight(cause: Cause) -> &'static str {
    match cause.gravity() {
        Gravity::None => "Exit code 0.",
        Gravity::Warning => "A warning where the model answers all the same (exit code 0), else an error (1).",
        Gravity::Either => "An error (exit code 1), or a warning where the model answers all the same (0).",
        Gravity::Error if cause.retry_later() => "An error that may pass without any change (exit code 75).",
        Gravity::Error => "An error (exit code 1).",
    }
}

/// The first fenced block after a mark, without its fences: where it stands and what it says.
fn block<'a>(text: &'a str, mark: &str) -> (std::ops::Range<usize>, &'a str) {
    let at = text.find(mark).unwrap();
    let start = at + text[at..].find("```text\n").unwrap() + "```text\n".len();
    let end = start + text[start..].find("\n```").unwrap() + 1;
    (start..end, &text[start..end])
}

#[test]
fn the_readme_shows_what_the_program_shows() {
    let mut readme = read("README.md");
    // A screen of the scenarios, times aside.
    let mark = "<!-- screen: ";
    let at = readme.find(mark).unwrap() + mark.len();
    let name = readme[at..].split(' ').next().unwrap().to_owned();
    let snapshot = read(&format!("tests/snapshots/scenarios/{name}.snap"));
    let screen = snapshot.split("\n---\n").nth(1).unwrap().trim_start_matches('\n');
    let (place, shown) = block(&readme, mark);
    let shown = shown.split_once("\n\n").unwrap();
    let command = shown.0.strip_prefix("$ ").unwrap();
    assert!(understood(command).is_none(), "{command}");
    let made = format!("$ {command}\n\n{}", screen.replace("[time]", "0.8 s"));
    readme.replace_range(place, &made);
    // The commands, as `ruta --help` has them.
    let help = run(ruta().arg("--help")).unwrap().stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let (place, _) = block(&readme, "<!-- ruta --help -->");
    readme.replace_range(place, &format!("{commands}\n"));
    kept("README.md", &readme);
}

/// What is wrong with a command of ours; nothing if it is understood.
fn understood(line: &str) -> Option<String> {
    let words = match shell_words::split(line) {
        Ok(words) => words,
        Err(error) => return Some(format!("{line}: {error}")),
    };
    let ends = |word: &String| {
        matches!(word.as_str(), "|" | "&&" | "||" | ";" | "<" | ">" | ">>" | "&") || word.starts_with('#')
    };
    let mut rest = words.as_slice();
    while let Some(at) = rest.iter().position(|word| word == "ruta") {
        let own: Vec<&String> = rest[at..].iter().take_while(|word| !ends(word)).collect();
        let heads: Vec<&String> = rest[..at].iter().rev().take_while(|word| !ends(word)).collect();
        rest = &rest[at + own.len()..];
        // `cargo install … ruta` and the like name it; what stands before may be assignments only.
        if !heads.iter().all(|word| word.contains('=')) {
            continue;
        }
        if let Err(error) = ruta::cli::command().try_get_matches_from(own)
            && !matches!(error.kind(), clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion)
        {
            return Some(format!("{line}: {error}"));
        }
    }
    None
}

#[test]
fn every_command_in_the_documents_is_understood() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in documents() {
        let mut language = None;
        for line in text.lines() {
            if let Some(fence) = line.trim_start().strip_prefix("```") {
                language = if language.is_some() { None } else { Some(fence.trim()) };
                continue;
            }
            if language == Some("sh") && line.contains("ruta ") {
                seen += 1;
                wrong.extend(understood(line.trim()).map(|what| format!("{path}: {what}")));
            }
            // In a sentence: the command and its flags exist; what they take is the reader's own.
            let quoted = line.split('`').skip(1).step_by(2).filter(|_| language.is_none());
            for quoted in quoted.filter(|quoted| quoted.starts_with("ruta ")) {
                seen += 1;
                wrong.extend(missing(quoted).map(|what| format!("{path}: `{quoted}`: {what}")));
            }
        }
        assert!(language.is_none(), "{path}: a fence stays open");
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 40, "only {seen} commands");
}

/// What of a quoted command does not exist.
fn missing(quoted: &str) -> Option<String> {
    let mut command = &ruta::cli::command();
    for word in quoted.split_whitespace().skip(1) {
        let word = word.split('=').next().unwrap_or(word).trim_end_matches(',');
        if let Some(flag) = word.strip_prefix("--") {
            let known = command.get_arguments().any(|argument| argument.get_long() == Some(flag));
            if !known && flag != "help" && flag != "version" {
                return Some(format!("no flag --{flag}"));
            }
        } else if let Some(inner) = command.find_subcommand(word) {
            command = inner;
        } else if command.has_subcommands() && !word.starts_with('-') && word.bytes().all(|b| b.is_ascii_lowercase()) {
            return Some(format!("no command {word}"));
        }
    }
    None
}

#[test]
fn every_link_leads_somewhere() {
    let all = documents();
    let mut wrong = Vec::new();
    for (path, text) in &all {
        let folder = Path::new(path).parent().unwrap();
        for (at, line) in text.lines().enumerate() {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
                if target.contains("://") {
                    continue;
                }
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let place = if file.is_empty() { PathBuf::from(path) } else { folder.join(file) };
                let known = project().join(&place).exists();
                let heading = || {
                    let other = fs::read_to_string(project().join(&place)).unwrap_or_default();
                    other.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == anchor)
                };
                if !known || (!anchor.is_empty() && !heading()) {
                    wrong.push(format!("{path}:{}: {target}", at + 1));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_guide_for_contributors_names_every_field() {
    let guide = read("CONTRIBUTING.md");
    // The fields of the data files, as `build.rs` takes them: the first of each pair, and the lists of marks.
    let build = read("build.rs");
    let shapes = build.split("const MARKS").nth(1).unwrap().split("fn main()").next().unwrap();
    let (marks, pairs) = shapes.split_once("const CHANGED").unwrap();
    let of_marks = marks.split('"').skip(1).step_by(2);
    let of_pairs = pairs.split("(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut fields: Vec<String> = of_marks.chain(of_pairs).map(str::to_owned).collect();
    // Those of scenarios are the fields of the types that read them.
    for file in ["mod", "answer", "proxy"] {
        let source = read(&format!("src/scenario/{file}.rs"));
        let types =
            source.lines().filter_map(|line| line.strip_prefix("    pub ")?.strip_suffix(',')?.split_once(": "));
        fields.extend(types.map(|(name, _)| if name == "canned" { "use".to_owned() } else { name.to_owned() }));
    }
    fields.retain(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    assert!(fields.len() > 100, "{fields:?}");
    let told = |name: &String| guide.contains(&format!("`{name}`")) || guide.contains(&format!("[{name}]"));
    // The one field there that no file has: the proxy's own address of its server.
    let missing: Vec<&String> = fields.iter().filter(|name| !told(name) && *name != "main").collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// A heading as the name that links use.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_page_is_reached_and_names_no_machine() {
    let all = documents();
    let linked: String = all.iter().map(|(_, text)| text.as_str()).collect();
    for (path, text) in &all {
        let name = path.rsplit('/').next().unwrap();
        assert!(path == "README.md" || linked.contains(&format!("{name})")), "no page links to {path}");
        assert!(text.starts_with("# ") && text.ends_with('\n'), "{path}");
        for home in ["root", "Users"].map(|home| format!("/{home}/")) {
            assert!(!text.contains(&home), "{path} holds a path of one machine");
        }
    }
}
