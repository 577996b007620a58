//! Asks the program something in an empty folder and compares what it says with a snapshot.

use std::error::Error;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::stage::{Ran, run, ruta};

pub(crate) type Tested = Result<(), Box<dyn Error>>;

/// Runs the program with these arguments in a folder of its own, which must be as empty afterwards.
pub(crate) fn ask(arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
    ask_in(&[], arguments, "")
}

/// The same with variables in its environment and text on its standard input.
pub(crate) fn ask_in(variables: &[(&str, &str)], arguments: &[&str], input: &str) -> Result<Ran, Box<dyn Error>> {
    let folder = TempDir::new()?;
    let mut command = ruta();
    command.current_dir(folder.path()).envs(variables.iter().copied()).args(arguments).write_stdin(input);
    let ran = run(&mut command)?;
    assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
    assert_eq!(left_in(folder.path())?, Vec::<String>::new(), "{arguments:?} left something behind");
    Ok(ran)
}

/// The names of what lies in a folder.
pub(crate) fn left_in(folder: &Path) -> Result<Vec<String>, std::io::Error> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Compares a text with its snapshot.
pub(crate) fn compare(name: &str, text: &str) {
    let settings = crate::snapshot::settings("cli");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
