//! Measures a text against a terminal of 80 columns.

use unicode_width::UnicodeWidthStr;

/// A word this wide may stick out: URLs and IDs stay in one piece.
const UNBREAKABLE: usize = 60;

/// Lines that are wider although they could have been broken at a space.
pub(crate) fn too_wide(text: &str) -> Vec<String> {
    let breakable = |line: &&str| line.split_whitespace().all(|word| word.width() < UNBREAKABLE);
    text.lines().filter(|line| line.width() > 80).filter(breakable).map(str::to_owned).collect()
}
