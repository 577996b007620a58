//! What `ruta connections add` asks for at a terminal where no values are given.

use crate::cli::args::AddArgs;
use crate::cli::asking::{Asker, Question};
use crate::cli::output::Problem;
use crate::cli::{guide, keyring};
use crate::connection::saved::{KeyPlace, variable_for};
use crate::connection::secretive;
use crate::connection::url::redact;
use crate::knowledge::client;

/// The base URL and the model ID.
pub(super) fn values(asker: Asker, args: &AddArgs) -> Result<(String, Option<String>), Problem> {
    let url = guide::base_url(asker, args.client.map_or(client::USUAL, |client| client.id))?;
    let model = match &args.model {
        Some(model) => model.clone(),
        None => asker.text(&Question {
            message: "Model ID:",
            placeholder: "as the client gets it",
            help: "Enter alone: none",
            wrong: &|typed| secretive::is_key(typed).then(|| "this looks like a key; it is asked for next".to_owned()),
            shown: &|typed| if typed.trim().is_empty() { "none".to_owned() } else { redact(typed) },
            ..Question::default()
        })?,
    };
    Ok((url, Some(model)))
}

/// Where the key is to be, and whether it is to be entered now.
pub(super) fn place(asker: Asker, name: &str) -> Result<(KeyPlace, bool), Problem> {
    let mut places = vec!["in the keyring; I enter it now", "in an environment variable", "the server wants no key"];
    // Known before anybody chooses it, or types a key in vain.
    if let Err(why) = keyring::check() {
        asker.complain(&why.to_string());
        places.remove(0);
    }
    let chosen = asker.one_of("Where is the API key?", &places)?;
    Ok(match chosen + 3 - places.len() {
        0 => (KeyPlace::Keyring, true),
        1 => (KeyPlace::Variable(variable(asker, name)?), false),
        _ => (KeyPlace::None, false),
    })
}

/// The name of the variable that holds the key.
fn variable(asker: Asker, name: &str) -> Result<String, Problem> {
    let usual = variable_for(name);
    let typed = asker.text(&Question {
        message: "Name of the variable:",
        initial: &usual,
        help: "it is read whenever the connection is used",
        wrong: &|typed| {
            let typed = typed.trim();
            let wrong = format!("a name such as {usual} is meant, not the key itself");
            (!secretive::is_variable(typed)).then_some(wrong)
        },
        shown: &redact,
        ..Question::default()
    })?;
    Ok(typed.trim().to_owned())
}
