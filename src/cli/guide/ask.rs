//! Questions at a terminal: their look, and what ends them.

use inquire::ui::RenderConfig;
use inquire::validator::Validation;
use inquire::{Confirm, InquireError, Text};

use super::put;
use crate::cli::args::ColorChoice;
use crate::cli::output::{self, Problem};
use crate::render::Style;

/// Suggestions shown at a time.
const PAGE: usize = 6;

/// Finds what may be meant by what was typed so far, the best first.
pub(super) trait Suggest: Clone {
    /// The suggestions, as they are shown.
    fn suggest(&self, typed: &str) -> Vec<String>;
}

/// A question that is answered with a line of text.
pub(super) struct Question<'a, S> {
    /// What is asked.
    pub(super) message: &'a str,
    /// What stands there while nothing is typed.
    pub(super) placeholder: &'a str,
    /// What to do, in a few words.
    pub(super) help: &'a str,
    /// What stands there to be changed.
    pub(super) initial: &'a str,
    /// What is said if nothing was typed; `None` if nothing is an answer.
    pub(super) empty: Option<&'a str>,
    /// What may be meant.
    pub(super) suggest: S,
    /// How the answer is shown once it is given.
    pub(super) shown: &'a dyn Fn(&str) -> String,
}

/// Asks on standard error.
pub(super) struct Asker {
    /// How standard error may look.
    pub(super) style: Style,
    look: RenderConfig<'static>,
}

impl Asker {
    /// Asks in colour where that is wanted.
    pub(super) fn new(color: ColorChoice) -> Self {
        let style = output::style_of_errors(color);
        let look = if style.color { RenderConfig::default_colored() } else { RenderConfig::empty() };
        Self { style, look: look.with_answered_prompt_prefix(look.prompt_prefix) }
    }

    /// Asks for a line of text.
    pub(super) fn text<S: Suggest>(&self, question: Question<'_, S>) -> Result<String, Problem> {
        let Question { message, placeholder, help, initial, empty, suggest, shown } = question;
        let complete = move |typed: &str| Ok(suggest.suggest(typed));
        let mut text = Text::new(message)
            .with_placeholder(placeholder)
            .with_help_message(help)
            .with_initial_value(initial)
            .with_page_size(PAGE)
            .with_autocomplete(complete)
            .with_formatter(shown)
            .with_render_config(self.look);
        if let Some(empty) = empty {
            text = text.with_validator(move |typed: &str| {
                Ok(if typed.trim().is_empty() { Validation::Invalid(empty.into()) } else { Validation::Valid })
            });
        }
        let answer = text.prompt().map_err(|error| ended(&error))?;
        // A line that was copied whole brings its end along.
        Ok(answer.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Asks for a yes or a no; Enter alone is yes.
    pub(super) fn confirm(&self, message: &str) -> Result<bool, Problem> {
        Confirm::new(message)
            .with_default(true)
            .with_error_message("type y for yes or n for no")
            .with_render_config(self.look)
            .prompt()
            .map_err(|error| ended(&error))
    }

    /// Says something between two questions.
    pub(super) fn say(&self, text: &str) {
        put(&output::shown(&format!("{text}\n"), self.style.color));
    }

    /// Shows a value that needed no question, as an answered question looks.
    pub(super) fn answered(&self, message: &str, answer: &str) {
        self.say(&format!("{} {message} {answer}", self.mark()));
    }

    /// Says what is wrong with an answer.
    pub(super) fn complain(&self, text: &str) {
        self.say(&format!("  {} {text}", self.style.paint("!", colored::Color::Yellow)));
    }

    /// The sign before a question.
    pub(super) fn mark(&self) -> String {
        self.style.paint("?", colored::Color::BrightGreen)
    }
}

/// What an unanswered question means for the program.
pub(super) fn ended(error: &InquireError) -> Problem {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => Problem::Quiet(130),
        InquireError::IO(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Problem::Quiet(130),
        other => Problem::Said(format!("this terminal cannot be asked: {other}; give --url, a key and --model")),
    }
}
