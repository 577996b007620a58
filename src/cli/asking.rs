//! Questions to a person at a terminal; they are written to standard error.

use std::io::IsTerminal;

use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text};

use super::output::{Problem, shown};
use crate::connection::key::ApiKey;

/// Whether somebody sits there who can see a question and answer it.
pub(super) fn possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for the key of a connection: nothing of it is shown but what `described` makes of it.
pub(super) fn key(name: &str, described: impl Fn(&ApiKey) -> String) -> Result<ApiKey, Problem> {
    let answer = |text: &str| shown(&described(&ApiKey::new(text.to_owned())), false);
    let asked = Password::new(&format!("API key of {name}:"))
        .with_display_mode(PasswordDisplayMode::Hidden)
        .without_confirmation()
        .with_help_message("paste it and press Enter; it is not shown")
        .with_formatter(&answer)
        .prompt();
    let key = ApiKey::new(asked.map_err(ended)?);
    if key.is_blank() {
        return Err("no key was entered, and none was stored".to_owned().into());
    }
    Ok(key)
}

/// Asks for a text.
pub(super) fn text(question: &str, help: &str) -> Result<String, Problem> {
    Text::new(question).with_help_message(help).prompt().map_err(ended)
}

/// Asks for a text; Enter alone means `usual`.
pub(super) fn text_or(question: &str, usual: &str) -> Result<String, Problem> {
    Text::new(question).with_default(usual).prompt().map_err(ended)
}

/// Asks whether; Enter alone means yes.
pub(super) fn yes(question: &str, help: &str) -> Result<bool, Problem> {
    let (question, help) = (shown(question, false), shown(help, false));
    Confirm::new(&question).with_help_message(&help).with_default(true).prompt().map_err(ended)
}

/// Asks which of these; returns its place.
pub(super) fn one_of(question: &str, choices: &[&str]) -> Result<usize, Problem> {
    Select::new(question, choices.to_vec()).raw_prompt().map(|chosen| chosen.index).map_err(ended)
}

/// Esc and Ctrl-C end the program as Ctrl-C does.
fn ended(error: InquireError) -> Problem {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => Problem::Quiet(130),
        error => format!("the terminal: {error}").into(),
    }
}
