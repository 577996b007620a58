//! Measures a text against a terminal of 80 columns.

use unicode_width::UnicodeWidthStr;

/// Lines that are wider although they could have been broken at a space: URLs and IDs stay in one piece.
pub(crate) fn too_wide(text: &str) -> Vec<String> {
    let breakable = |line: &&str| {
        let text = line.trim_start().trim_start_matches(|c: char| c.is_alphabetic() || c == ':').trim();
        text.contains(' ')
    };
    text.lines().filter(|line| line.width() > 80).filter(breakable).map(str::to_owned).collect()
}
