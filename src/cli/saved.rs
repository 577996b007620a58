//! The file of saved connections: where it is, how it is read and written.

use super::output::Problem;
use crate::connection::saved::Saved;

/// All saved connections, in the order of the file.
pub(super) fn all() -> Result<Vec<Saved>, Problem> {
    Ok(Vec::new())
}

/// The saved connection of this name.
pub(super) fn named(name: &str) -> Result<Saved, Problem> {
    all()?
        .into_iter()
        .find(|saved| saved.name == name)
        .ok_or_else(|| format!("no connection is called `{name}`").into())
}
