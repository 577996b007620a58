//! Reads the sources: every file says what it is for, none is too long, modules use only the floors below them, and what
//! only one place may do is done only there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The floors, lowest first. Modules of one floor never use each other.
const FLOORS: &[&[&str]] = &[
    &["cause"],
    &["connection"],
    &["evidence"],
    &["knowledge"],
    &["diagnose", "examine", "scenario"],
    &["report"],
    &["render"],
    &["cli"],
];

/// No source file is longer than this many lines.
const LONGEST: usize = 400;

/// Where paths of home folders are looked for, and so written down.
const PATHS_ARE_THE_SUBJECT: &[&str] = &["src/report/anonymous", "tests/anonymize.rs"];

/// One source file.
struct Source {
    /// Relative to the project, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// The module of the crate that the file belongs to; empty for `lib.rs` and `main.rs`.
    fn module(&self) -> &str {
        let rest = self.path.strip_prefix("src/").unwrap_or_default();
        let name = rest.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if matches!(name, "lib" | "main") { "" } else { name }
    }

    /// The lines that are neither comments nor tests, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        let is_test = file.starts_with("tests") || file.ends_with("tests.rs");
        let lines: Vec<&str> = self.text.lines().collect();
        let tests =
            lines.windows(2).position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].starts_with("mod tests {"));
        let end = if is_test { 0 } else { tests.unwrap_or(lines.len()) };
        lines
            .into_iter()
            .enumerate()
            .take(end)
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file with one of these ends below a folder of the project.
fn files(folder: &str, ends: &[&str]) -> io::Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut open = vec![project().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| ends.iter().any(|wanted| end == *wanted)) {
                found.push(Source { path: relative(&path), text: fs::read_to_string(&path)? });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn relative(path: &Path) -> String {
    path.strip_prefix(project()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Fails with all complaints at once.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_file_opens_with_what_it_is_for() -> io::Result<()> {
    let all = files("src", &["rs"])?.into_iter().chain(files("tests", &["rs"])?);
    let wrong = all.filter(|source| {
        let first = source.text.lines().next().unwrap_or_default();
        let opening: String = source.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        !first.starts_with("//! ") || !opening.trim_end().ends_with(['.', ':'])
    });
    none(&wrong.map(|source| format!("{} does not open with a `//!` sentence", source.path)).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn no_file_is_too_long() -> io::Result<()> {
    let mut wrong = Vec::new();
    for source in files("src", &["rs"])?.into_iter().chain(files("tests", &["rs"])?) {
        let lines = source.text.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{} has {lines} lines, more than {LONGEST}", source.path));
        }
    }
    none(&wrong);
    Ok(())
}

#[test]
fn lib_rs_lists_the_modules_floor_by_floor() -> io::Result<()> {
    let text = fs::read_to_string(project().join("src/lib.rs"))?;
    let listed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(listed, FLOORS.concat());
    Ok(())
}

#[test]
fn a_module_uses_only_the_floors_below_it() -> io::Result<()> {
    let floor = |module: &str| FLOORS.iter().position(|floor| floor.contains(&module));
    let mut wrong = Vec::new();
    for source in files("src", &["rs"])?.iter().filter(|source| !source.module().is_empty()) {
        let own = source.module();
        for (number, used) in used_modules(source) {
            if used == own {
                continue;
            }
            match (floor(own), floor(&used)) {
                (Some(here), Some(there)) if there < here => {}
                _ => wrong.push(format!("{}:{number}: {own} uses {used}, which is on no floor below it", source.path)),
            }
        }
    }
    none(&wrong);
    Ok(())
}

/// The modules that follow `crate::`, also several in braces, with the line.
fn used_modules(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in source.code() {
        for rest in line.split("crate::").skip(1) {
            if let Some(list) = rest.strip_prefix('{') {
                let mut depth = 0;
                let mut word = String::new();
                for c in list.chars().chain([',']) {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth <= 0 => found.push((number, first_word(&std::mem::take(&mut word)))),
                        c => word.push(c),
                    }
                }
            } else {
                found.push((number, first_word(rest)));
            }
        }
    }
    found.retain(|(_, module)| !module.is_empty());
    found
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn what_one_place_may_do_is_done_only_there() -> io::Result<()> {
    // What must not stand, and where it may stand all the same.
    let rules: &[(&[&str], &[&str])] = &[
        (&["println!", "print!(", "eprint", "dbg!", "io::stdout", "io::stderr"], &["src/cli/"]),
        (&["env::var", "env::args", "process::exit"], &["src/cli/"]),
        // It is sent, taken out of text, and handed to the keyring or to the person who asked to see it.
        (
            &["reveal("],
            &["src/connection/key.rs", "src/connection/scrub.rs", "src/examine/http.rs", "src/cli/keyring/mod.rs"],
        ),
        (&["todo!", "unimplemented!"], &[]),
    ];
    let mut wrong = Vec::new();
    for source in files("src", &["rs"])? {
        for (number, line) in source.code() {
            for (words, places) in rules {
                for word in words.iter().filter(|word| line.contains(**word)) {
                    if !places.iter().any(|place| source.path.starts_with(place)) {
                        wrong.push(format!("{}:{number}: {word} may stand only in {places:?}", source.path));
                    }
                }
            }
        }
    }
    none(&wrong);
    Ok(())
}

#[test]
fn nothing_is_left_undone_and_nothing_names_this_machine() -> io::Result<()> {
    let here = project().to_string_lossy().into_owned();
    let undone = ["TO", "FIX"].map(|start| format!("{start}{}", if start == "TO" { "DO" } else { "ME" }));
    let homes = ["home", "Users", "root"].map(|home| format!("/{home}/"));
    let mut all = files("src", &["rs", "toml"])?;
    all.extend(files("tests", &["rs", "snap"])?);
    all.extend(files("fixtures", &["toml", "json"])?);
    all.extend(top(&["md", "toml", "rs"])?);
    let mut wrong = Vec::new();
    for source in &all {
        for (at, line) in source.text.lines().enumerate() {
            let place = format!("{}:{}", source.path, at + 1);
            if undone.iter().any(|word| line.contains(word.as_str())) && !source.path.starts_with("fixtures/") {
                wrong.push(format!("{place}: something is left undone"));
            }
            let subject = PATHS_ARE_THE_SUBJECT.iter().any(|start| source.path.starts_with(start));
            if line.contains(&here) || (!subject && homes.iter().any(|home| line.contains(home.as_str()))) {
                wrong.push(format!("{place}: a path of one machine"));
            }
        }
    }
    none(&wrong);
    Ok(())
}

/// Files of the project's own folder.
fn top(ends: &[&str]) -> io::Result<Vec<Source>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(project())? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|end| ends.iter().any(|wanted| end == *wanted)) {
            found.push(Source { path: relative(&path), text: fs::read_to_string(&path)? });
        }
    }
    Ok(found)
}

#[test]
fn every_path_that_the_documents_name_exists() -> io::Result<()> {
    let documents = top(&["md"])?;
    assert!(documents.iter().any(|document| document.path == "ARCHITECTURE.md"), "ARCHITECTURE.md is missing");
    let entries: BTreeSet<String> = fs::read_dir(project())?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    let mut wrong = Vec::new();
    for document in documents.iter().filter(|document| document.path != "CHANGELOG.md") {
        for (at, line) in document.text.lines().enumerate() {
            for path in paths(line, &entries).into_iter().filter(|path| !exists(path)) {
                wrong.push(format!("{}:{}: {path} does not exist", document.path, at + 1));
            }
        }
    }
    none(&wrong);
    Ok(())
}

/// Words of a line that are paths of the project: they begin with a folder of it, or are the target of a link.
fn paths(line: &str, entries: &BTreeSet<String>) -> Vec<String> {
    let is_end = |c: char| c.is_whitespace() || "`()[]<>\"',;".contains(c);
    let words = line.split(is_end).filter(|word| {
        let first = word.split('/').next().unwrap_or_default();
        word.contains('/')
            && (entries.contains(first) || matches!(first, "src" | "tests" | "fixtures"))
            && !word.contains("://")
    });
    let links = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or_default());
    let links = links.filter(|target| !target.is_empty() && !target.contains(':'));
    words.chain(links).map(|word| word.trim_end_matches(['.', ':', '/']).to_owned()).collect()
}

/// Whether the path exists; `*` and `…` stand for any file, `{a,b}` and upper-case names are the reader's own.
fn exists(path: &str) -> bool {
    let fixed: PathBuf =
        path.split('/').take_while(|part| !part.contains(['*', '{', '…']) && !is_stand_in(part)).collect();
    project().join(fixed).exists()
}

/// `NAME.toml`, `ID`: for the reader to fill in.
fn is_stand_in(part: &str) -> bool {
    let name = part.split('.').next().unwrap_or_default();
    let known = ["README", "LICENSE", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG"];
    name.len() >= 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && !known.contains(&name)
}

#[test]
fn every_test_is_in_the_one_binary() {
    let all = fs::read_to_string(project().join("tests/all.rs")).unwrap();
    for entry in fs::read_dir(project().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|end| end == "rs") && name != "all" {
            assert!(all.contains(&format!("\nmod {name};\n")), "tests/all.rs lacks `mod {name};`: it would never run");
        }
    }
}
