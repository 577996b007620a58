//! `ruta replay`: judges a recording again; no network.

use super::args::ReplayArgs;
use super::output::{Problem, plain_io};
use crate::evidence::record::load;
use crate::report::report;

/// No recording is longer than this, in bytes.
const MOST: u64 = 64 * 1024 * 1024;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ReplayArgs) -> Result<u8, Problem> {
    let shown = args.file.display();
    if args.file.is_dir() {
        return Err(format!("{shown}: this is a folder; give a recording").into());
    }
    let size =
        std::fs::metadata(&args.file).map_err(|error| format!("{shown}: {}", plain_io(&error, &args.file)))?.len();
    if size > MOST {
        return Err(format!("{shown}: {} MiB is more than any recording has", size / 1024 / 1024).into());
    }
    let text =
        std::fs::read_to_string(&args.file).map_err(|error| format!("{shown}: {}", plain_io(&error, &args.file)))?;
    let evidence = load(&text).map_err(|error| format!("{shown}: {error}"))?;
    super::output::print(&report(evidence), &args.output)
}
