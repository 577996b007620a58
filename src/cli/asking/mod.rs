//! Questions to a person at a terminal: a text, a yes or a no, one of several, a secret. Standard error shows them.

mod frame;
mod keys;
mod line;
mod prompt;
mod secret;

use std::io::IsTerminal;

use colored::{Color, Colorize};
use zeroize::Zeroizing;

use super::args::ColorChoice;
use super::output::{self, Problem};
use crate::render::{Style, columns};
use frame::{Row, put};

/// Whether questions reach somebody: input and errors are a terminal on which a cursor can move.
pub(super) fn possible() -> bool {
    let moves = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    moves && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A question that is answered with a line of text.
pub(super) struct Question<'a> {
    /// What is asked.
    pub(super) message: &'a str,
    /// What stands there while nothing is typed.
    pub(super) placeholder: &'a str,
    /// What to do, in a few words.
    pub(super) help: &'a str,
    /// What stands there to be changed.
    pub(super) initial: &'a str,
    /// What is wrong with an answer; `None` takes it.
    pub(super) wrong: &'a dyn Fn(&str) -> Option<String>,
    /// What may be meant by what was typed so far, as it is shown, the best first.
    pub(super) suggest: &'a dyn Fn(&str) -> Vec<String>,
    /// How the answer stays on the screen.
    pub(super) shown: &'a dyn Fn(&str) -> String,
}

impl Default for Question<'_> {
    fn default() -> Self {
        Self {
            message: "",
            placeholder: "",
            help: "",
            initial: "",
            wrong: &|_| None,
            suggest: &|_| Vec::new(),
            shown: &str::to_owned,
        }
    }
}

/// Asks on standard error.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    /// How standard error may look.
    pub(super) style: Style,
}

impl Asker {
    /// Asks in colour where that is wanted.
    pub(super) fn new(color: ColorChoice) -> Self {
        Self { style: output::style_of_errors(color) }
    }

    /// Asks for a line of text.
    pub(super) fn text(self, question: &Question<'_>) -> Result<String, Problem> {
        prompt::text(self, question)
    }

    /// Asks for a yes or a no; Enter alone is yes.
    pub(super) fn confirm(self, message: &str) -> Result<bool, Problem> {
        let said = |typed: &str| match typed.trim().to_ascii_lowercase().as_str() {
            "" | "y" | "yes" => Some(true),
            "n" | "no" => Some(false),
            _ => None,
        };
        let answer = prompt::text(
            self,
            &Question {
                message: &format!("{message} (Y/n)"),
                wrong: &|typed| said(typed).is_none().then(|| "type y for yes or n for no".to_owned()),
                shown: &|typed| if said(typed) == Some(false) { "No" } else { "Yes" }.to_owned(),
                ..Question::default()
            },
        )?;
        Ok(said(&answer) == Some(true))
    }

    /// Asks which of these; returns its place.
    pub(super) fn one_of(self, message: &str, choices: &[&str]) -> Result<usize, Problem> {
        prompt::one_of(self, message, choices)
    }

    /// Asks for a secret. Nothing of it is shown: the caller says what came of it.
    pub(super) fn secret(self, message: &str) -> Result<Zeroizing<String>, Problem> {
        secret::read(self, message)
    }

    /// Says something between two questions.
    pub(super) fn say(self, text: &str) {
        put(&output::shown(&format!("{text}\n"), self.style.color));
    }

    /// Says a sentence, broken into lines where the terminal is narrow.
    pub(super) fn tell(self, lead: &str, text: &str) {
        self.say(output::wrapped(text, lead, frame::room().0.min(80)).trim_end());
    }

    /// Shows a question with its answer, or a value that needed no question.
    pub(super) fn answered(self, message: &str, answer: &str) {
        let answer = if self.style.color { answer.color(Color::Cyan).to_string() } else { answer.to_owned() };
        self.say(format!("{} {message} {answer}", self.mark()).trim_end());
    }

    /// Says what is wrong with an answer.
    pub(super) fn complain(self, text: &str) {
        let text = output::wrapped(text, "  ! ", frame::room().0.min(80));
        let sign = self.style.paint("!", Color::Yellow);
        self.say(text.trim_end().replacen('!', &sign, 1).as_str());
    }

    /// The sign before a question.
    fn mark(self) -> String {
        self.style.paint("?", Color::Green)
    }

    /// The rows of a question with its sign.
    fn marked(self, rows: Vec<String>) -> Vec<Row> {
        let mut rows: Vec<Row> = rows.into_iter().map(|text| Row { width: columns::width(&text), text }).collect();
        if let Some(first) = rows.first_mut() {
            first.text = first.text.replacen('?', &self.mark(), 1);
        }
        rows
    }

    /// What is of less weight.
    fn faint(self, text: &str) -> String {
        if self.style.color { text.dimmed().to_string() } else { text.to_owned() }
    }
}

/// A question in rows of this width, the last of which ends with a blank.
fn head(message: &str, room: usize) -> Vec<String> {
    let mut rows = frame::words(&output::shown(&format!("? {message}"), false), room - 1);
    if let Some(last) = rows.last_mut() {
        last.push(' ');
    }
    rows
}

/// A question that was left: the program ends as Ctrl-C ends it.
const LEFT: Problem = Problem::Quiet(130);

/// The terminal does not answer.
fn cannot(error: &std::io::Error) -> Problem {
    Problem::Said(format!("this terminal cannot be asked: {error}; give the values with flags, see --help"))
}
