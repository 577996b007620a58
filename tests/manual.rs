//! The manual pages in `docs/man` are those of the program: one for each command, made from what `--help` says.
//!
//! `UPDATE=1 cargo test --test all manual::` writes them anew.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use tempfile::TempDir;

type Tested = Result<(), Box<dyn Error>>;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/man");

/// Every page by the name of its file.
fn pages() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut root = ruta::cli::command().disable_help_subcommand(true);
    root.build();
    let mut pages = BTreeMap::new();
    let mut open = vec![root];
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands().cloned());
        let page = page(&command)?;
        pages.insert(Man::new(command).get_filename(), page);
    }
    Ok(pages)
}

/// One page.
fn page(command: &clap::Command) -> Result<String, Box<dyn Error>> {
    let man = Man::new(command.clone()).manual("ruta").source(format!("ruta {}", env!("CARGO_PKG_VERSION")));
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut out)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (notes, examples) = after.split_once("Example").unwrap_or((&after, ""));
    let examples = examples.split_once(":\n").map_or("", |(_, rest)| rest);
    // Notes are text, examples keep their lines.
    for (heading, text, kept) in [("NOTES", notes, false), ("EXAMPLES", examples, true)] {
        if text.trim().is_empty() {
            continue;
        }
        let mut roff = Roff::default();
        roff.control("SH", [heading]);
        if kept {
            roff.control("nf", []);
        }
        for line in text.trim_end().lines() {
            match line.trim() {
                "" => roff.control("PP", []),
                _ => roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]),
            };
        }
        if kept {
            roff.control("fi", []);
        }
        roff.to_writer(&mut out)?;
    }
    Ok(String::from_utf8(out)?)
}

/// The files that are there.
fn kept() -> Result<BTreeMap<String, PathBuf>, std::io::Error> {
    fs::create_dir_all(FOLDER)?;
    fs::read_dir(FOLDER)?
        .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())))
        .collect()
}

#[test]
fn the_pages_say_what_the_help_says() -> Tested {
    let pages = pages()?;
    if env::var_os("UPDATE").is_some_and(|value| value == "1") {
        for path in kept()?.into_values() {
            fs::remove_file(path)?;
        }
        for (name, text) in &pages {
            fs::write(Path::new(FOLDER).join(name), text)?;
        }
    }
    let kept = kept()?;
    let names: Vec<&String> = pages.keys().collect();
    let hint = "run UPDATE=1 cargo test --test all manual::";
    assert_eq!(kept.keys().collect::<Vec<_>>(), names, "{hint}");
    for (name, text) in &pages {
        let there = fs::read_to_string(&kept[name])?.replace("\r\n", "\n");
        assert!(there == *text, "docs/man/{name} is not what it should be: {hint}");
    }
    assert!(names.len() > 15 && pages.contains_key("ruta.1") && pages.contains_key("ruta-connections-add.1"));
    Ok(())
}

#[test]
fn every_page_names_its_command_and_shows_examples() -> Tested {
    for (name, text) in pages()? {
        let title = name.trim_end_matches(".1");
        assert!(text.contains(&format!(".TH {title} 1")), "{name}: {}", &text[..200]);
        assert!(text.contains(".SH EXAMPLES\n.nf\n"), "{name} has no examples");
        assert!(text.is_ascii() || text.contains('…'), "{name}");
    }
    Ok(())
}

#[test]
fn the_pages_are_set_without_complaint() -> Tested {
    let there = Command::new("groff").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        let _ = writeln!(std::io::stderr(), "skipped: there is no groff");
        return Ok(());
    }
    let folder = TempDir::new()?;
    for (name, text) in pages()? {
        let path = folder.path().join(&name);
        fs::write(&path, text)?;
        let output = Command::new("groff").args(["-man", "-Tutf8", "-ww", "-K", "utf8"]).arg(&path).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
        assert!(output.stdout.len() > 300, "{name} is nearly empty");
    }
    Ok(())
}
