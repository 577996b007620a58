//! A fault in the file of saved connections: its place, the line underlined, and what to write instead.

use std::ops::Range;

use toml_edit::{Item, TomlError};
use unicode_width::UnicodeWidthStr;

use super::key::is_invisible;
use super::mask::mask_keys;
use super::secretive;

/// Columns of a line that are shown.
const SHOWN: usize = 70;

/// What is wrong with the text of the file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The offending part, in bytes of the text.
    span: Range<usize>,
    /// What is wrong.
    what: String,
    /// What to write or to do instead; may be empty.
    instead: String,
    /// Whether the offending part may be secret.
    hide: bool,
}

impl Fault {
    /// A fault at this place.
    pub fn new(span: Range<usize>, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { span, what: what.into(), instead: instead.into(), hide: false }
    }

    /// The same, where the offending part may be secret.
    pub(super) fn hidden(self, hide: bool) -> Self {
        Self { hide: self.hide || hide, ..self }
    }

    /// Line and column, both from 1.
    pub fn place(&self, text: &str) -> (usize, usize) {
        let start = self.start(text);
        let line = text[..start].matches('\n').count() + 1;
        let column = text[..start].rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The fault for people: `file:line:column: what`, the line with the place underlined, and what to write instead.
    pub fn describe(&self, file: &str, text: &str) -> String {
        let (number, column) = self.place(text);
        let mut out = format!("{file}:{number}:{column}: {}\n", self.what);
        let start = self.start(text);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
        let stop = self.span.end.clamp(start, end);
        let stop = (stop..=end).find(|at| text.is_char_boundary(*at)).unwrap_or(end);
        let before = visible(&text[begin..start]);
        let part = if self.hide { "\"…\"".to_owned() } else { visible(&text[start..stop]) };
        let after = visible(&text[stop..end]);
        let after = if self.hide || suspicious(&after) { String::new() } else { after };
        let line = format!("{before}{part}{after}");
        let gutter = format!("{number:>4} | ");
        let nothing = self.hide && before.trim().is_empty();
        if before.width() < SHOWN && mask_keys(&line) == line && !line.trim().is_empty() && !nothing {
            let cut: String = line.chars().take(SHOWN).collect();
            let more = if cut.len() < line.len() { "…" } else { "" };
            out.push_str(&format!("{gutter}{}{more}\n", cut.trim_end()));
            let carets = part.width().clamp(1, SHOWN - before.width());
            out.push_str(&format!("{:>4} | {}{}\n", "", " ".repeat(before.width()), "^".repeat(carets)));
        } else if !line.trim().is_empty() {
            out.push_str(&format!("{gutter}(this line is not shown: it may hold a key)\n"));
        }
        if !self.instead.is_empty() {
            out.push_str(&format!("     {}\n", self.instead));
        }
        out
    }

    /// The start of the place, within the text and between two characters.
    fn start(&self, text: &str) -> usize {
        let start = self.span.start.min(text.len());
        (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// A text of which every character takes the place that an underline expects.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if is_invisible(c) {
                '·'
            } else {
                c
            }
        })
        .collect()
}

/// The fault of a text that is no TOML.
pub(super) fn syntax(text: &str, error: &TomlError) -> Fault {
    let span = error.span().unwrap_or(text.len()..text.len());
    let mut fault = Fault::new(span, format!("this is not written as TOML: {}", error.message()), "");
    let start = fault.start(text);
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[begin..].lines().next().unwrap_or_default();
    let (name, value) = line.split_once('=').map_or(("", line), |(name, value)| (name.trim(), value.trim()));
    let plain = ["url", "model", "client", "key_env"].contains(&name);
    let bare = value.trim_matches(['"', '\'']);
    if if plain { secretive::is_key(bare) || secretive::of_url(bare).is_some() } else { suspicious(value) } {
        // From its first character on, the line may hold a key.
        fault.span = begin..begin + line.len();
        return fault.hidden(true);
    }
    if plain && !value.is_empty() && !value.starts_with(['"', '\'', '[', '{']) && !value.contains(['"', '\\']) {
        fault.instead = format!("texts stand in quotes: {name} = \"{}\"", visible(value));
    } else if text[start..].starts_with(|c: char| !c.is_ascii()) {
        fault.instead = "names with other letters than a-z stand in quotes".into();
    } else if error.message().contains("duplicate") {
        fault.instead = "it stands here twice; keep one".into();
    }
    fault
}

/// Whether a piece of the file may hold a secret: a word of letters and digits that is longer than most.
fn suspicious(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).any(|word| {
        word.len() >= 12 && word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
    })
}

/// What an item is, for people.
pub(super) fn kind(item: &Item) -> &'static str {
    match item {
        Item::Value(value) if value.is_integer() || value.is_float() => "a number",
        Item::Value(value) if value.is_bool() => "true or false",
        Item::Value(value) if value.is_array() => "a list",
        Item::Value(value) if value.is_datetime() => "a date",
        Item::Value(value) if value.is_str() => "a text",
        _ => "a table",
    }
}
