//! `ruta replay`: judges a recording again; no network.

use std::io::Read;
use std::path::Path;

use super::args::ReplayArgs;
use super::output::{Problem, plain_io};
use crate::evidence::record::load;
use crate::report::report;

/// No recording is longer than this, in bytes.
const MOST: u64 = 64 * 1024 * 1024;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Problem> {
    let piped = args.file.as_os_str() == "-";
    let shown = if piped { "standard input".to_owned() } else { args.file.display().to_string() };
    let text = if piped { read(std::io::stdin().lock()) } else { read_file(&args.file) };
    let text = text.map_err(|why| format!("{shown}: {why}"))?;
    let evidence = load(&text).map_err(|error| format!("{shown}: {error}"))?;
    super::output::print(&report(evidence), &args.output)
}

fn read_file(path: &Path) -> Result<String, String> {
    if path.is_dir() {
        return Err("this is a folder; give a recording".into());
    }
    read(std::fs::File::open(path).map_err(|error| plain_io(&error, path))?)
}

/// All of it, if it may be a recording.
fn read(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| plain_io(&error, Path::new("")))?;
    if bytes.len() as u64 > MOST {
        return Err(format!("more than {} MiB is more than any recording has", MOST / 1024 / 1024));
    }
    String::from_utf8(bytes).map_err(|_| "this is no text".into())
}
