//! Rows of marks: what an answer is recognised by, and what it then means. `build.rs` packs thousands of them.

use std::ops::Range;

use crate::cause::Cause;

/// All texts of all marks, one after the other.
static TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/texts.txt"));
/// Each mark: its kind (4 bits), where its text starts (20 bits) and how long it is (8 bits).
static MARKS: &[u32] = include!(concat!(env!("OUT_DIR"), "/marks.rs"));
static STATUSES: &[u16] = include!(concat!(env!("OUT_DIR"), "/statuses.rs"));

/// One row; every mark must fit.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    marks: (u16, u8),
    statuses: (u16, u8),
    /// What an answer means that fits.
    pub means: Cause,
    /// The status that such an answer usually has.
    pub usual_status: u16,
}

/// What must be found in an answer; texts are in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It came at one of these places; names of checks with spaces between them.
    At(&'static str),
    /// An error code.
    Code(&'static str),
    /// An error type.
    Type(&'static str),
    /// A text in the body.
    Text(&'static str),
    /// A text in the title of the page.
    Title(&'static str),
    /// A header, or `name: text` for a text in its value.
    Header(&'static str),
    /// A text in the owner of a listed model.
    OwnedBy(&'static str),
}

impl Row {
    pub(super) const fn new(marks: (u16, u8), statuses: (u16, u8), means: Cause, usual_status: u16) -> Self {
        Self { marks, statuses, means, usual_status }
    }

    /// The marks, without the status.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        MARKS.get(range(self.marks)).unwrap_or_default().iter().map(|mark| unpack(*mark))
    }

    /// The statuses of which one must fit; empty: any.
    pub fn statuses(&self) -> &'static [u16] {
        STATUSES.get(range(self.statuses)).unwrap_or_default()
    }
}

fn range((start, count): (u16, u8)) -> Range<usize> {
    usize::from(start)..usize::from(start) + usize::from(count)
}

fn unpack(mark: u32) -> Mark {
    let (kind, start, length) = (mark >> 28, (mark >> 8 & 0xf_ffff) as usize, (mark & 0xff) as usize);
    let text = TEXTS.get(start..start + length).unwrap_or_default();
    match kind {
        0 => Mark::At(text),
        1 => Mark::Code(text),
        2 => Mark::Type(text),
        3 => Mark::Text(text),
        4 => Mark::Title(text),
        5 => Mark::Header(text),
        _ => Mark::OwnedBy(text),
    }
}
