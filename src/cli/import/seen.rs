//! What a look at the usual places found: what was read, what is not there, what cannot be read.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::detect;
use super::reading::{self, shown};
use crate::connection::foreign::Holding;
use crate::connection::foreign::tree::Tree;

/// The outcome of a look at several places.
#[derive(Default)]
pub(super) struct Seen {
    /// What the files hold.
    pub(super) holding: Holding,
    /// Files that were read.
    pub(super) read: Vec<String>,
    /// Places where nothing is.
    pub(super) absent: Vec<String>,
    /// Files that cannot be read, and why.
    pub(super) refused: Vec<(String, String)>,
}

impl Seen {
    /// The text of a file, if it is there and can be read; remembers what came of it.
    pub(super) fn text(&mut self, path: &Path) -> Option<Zeroizing<String>> {
        let name = shown(path);
        // What is no plain file might never end.
        match std::fs::metadata(path) {
            Ok(about) if !about.is_file() => None,
            Err(error) if is_absent(&error, path) => {
                self.absent.push(name);
                None
            }
            _ => match reading::text(path) {
                Ok(text) => {
                    self.read.push(name);
                    Some(text)
                }
                Err(why) => {
                    self.refused.push((name, why));
                    None
                }
            },
        }
    }

    /// The content of a file and its name.
    pub(super) fn tree(&mut self, path: &Path) -> Option<(Tree, String)> {
        let text = self.text(path)?;
        let name = shown(path);
        match detect::tree(&text, &name) {
            Ok(Some(tree)) => Some((tree, name)),
            Ok(None) => None,
            Err(why) => {
                self.read.retain(|read| *read != name);
                self.refused.push((name, why));
                None
            }
        }
    }

    /// The first of these files that is there.
    pub(super) fn first(&mut self, paths: impl IntoIterator<Item = PathBuf>) -> Option<(Tree, String)> {
        paths.into_iter().find_map(|path| self.tree(&path))
    }

    /// Adds what another look found.
    pub(super) fn add(&mut self, other: Self) {
        self.holding.add(other.holding);
        self.read.extend(other.read);
        self.absent.extend(other.absent);
        self.refused.extend(other.refused);
    }
}

/// Whether there is nothing at this path; a folder on the way that may not be entered is something else.
fn is_absent(error: &std::io::Error, path: &Path) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
        && !path.symlink_metadata().is_ok_and(|about| about.is_symlink())
}
