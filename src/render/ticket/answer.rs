//! The server's own words in a ticket: status line, headers and the start of the body, in a fence that they cannot close.

use super::super::markdown::fence;
use crate::connection::scrub::one_line;
use crate::evidence::Observation;
use crate::evidence::answer::Answer;

/// So much of the body is shown, in characters.
const BODY: usize = 4000;
/// No more headers than this are shown.
const HEADERS: usize = 40;

/// What the server said; nothing if it said nothing.
pub(super) fn said(subject: &Observation) -> String {
    let Some(answer) = &subject.answer else { return String::new() };
    let mut text = String::new();
    if answer.status > 0 {
        text.push_str(format!("{} {}\n", answer.version, answer.status).trim_start());
    }
    for (name, value) in answer.headers.iter().take(HEADERS) {
        text.push_str(&format!("{name}: {}\n", one_line(value, 300)));
    }
    if answer.headers.len() > HEADERS {
        text.push_str(&format!("({} more headers)\n", answer.headers.len() - HEADERS));
    }
    if !answer.body.trim().is_empty() {
        text.push('\n');
        text.extend(answer.body.trim().chars().take(BODY));
        text.push('\n');
    }
    if is_cut(subject) {
        text.push_str(&format!("(cut: the whole body has {} bytes)\n", answer.bytes));
    }
    format!("### What the server said\n\n{}\n", fence(&text, "text"))
}

/// Whether not all of the body is shown.
pub(super) fn is_cut(subject: &Observation) -> bool {
    subject.answer.as_ref().is_some_and(|answer: &Answer| {
        answer.body.trim().chars().nth(BODY).is_some()
            || (answer.bytes > answer.body.len()
                && !answer.body.is_empty()
                && answer.bytes > crate::evidence::answer::KEPT)
    })
}
