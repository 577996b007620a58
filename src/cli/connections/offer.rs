//! Offers to save the values of a guided run: a name is asked for, and the key goes into the keyring.

use super::{keep, next, warn_of_url};
use crate::cli::asking::{Asker, Question};
use crate::cli::output::Problem;
use crate::cli::{keyring, saved};
use crate::connection::saved::{KeyPlace, Saved, variable_for};
use crate::connection::url::redact;
use crate::connection::{Connection, KeySource, secretive};

/// Asks for a name and saves what was just examined under it. An empty name saves nothing, nor does Esc or Ctrl-C: the
/// examination was done before, and its exit code stays.
pub(in crate::cli) fn offer(asker: Asker, connection: &Connection) -> Result<(), Problem> {
    asker.say("");
    let free = |typed: &str| match typed.trim() {
        "" => None,
        name => saved::check_free(name).err().map(|why| match why {
            Problem::Said(said) => said.lines().next().unwrap_or_default().to_owned(),
            Problem::Quiet(_) => "this name is not free".to_owned(),
        }),
    };
    let asked = asker.text(&Question {
        message: "Save these values? Give them a name:",
        help: "letters, digits, . - _; Enter alone: do not save",
        wrong: &free,
        shown: &|typed| if typed.trim().is_empty() { "not saved".to_owned() } else { redact(typed) },
        ..Question::default()
    });
    let name = match asked {
        Ok(name) => name.trim().to_owned(),
        Err(Problem::Quiet(_)) => return Ok(()),
        Err(said) => return Err(said),
    };
    if name.is_empty() {
        return Ok(());
    }
    let typed = matches!(connection.key_source, Some(KeySource::Typed));
    let ring = if typed { Some(keyring::check()) } else { None };
    let key = match (&connection.key_source, &ring) {
        (None, _) => KeyPlace::None,
        (Some(KeySource::Env(variable)), _) => KeyPlace::Variable(variable.clone()),
        // Without a keyring, a variable is the way that is left.
        (Some(KeySource::Typed), Some(Err(_))) => KeyPlace::Variable(variable_for(&name)),
        _ => KeyPlace::Keyring,
    };
    let headers = connection.headers.iter().filter(|(name, value)| !secretive::is_header(name, value)).cloned();
    let new = Saved {
        name,
        url: connection.base_url.clone(),
        model: connection.model.clone(),
        client: Some(connection.client.clone()),
        key,
        headers: headers.collect(),
    };
    new.check()?;
    let file = saved::add(&new)?;
    super::told(&format!("Saved `{}` in {}\n", new.name, file.display()))?;
    warn_of_url(&new);
    if let Some(Err(why)) = ring {
        super::complain(&format!("Its key is not saved: {why}\n"));
        return next(&new, false);
    }
    let kept = connection.key.as_ref().filter(|_| typed);
    if let Some(key) = kept {
        keep(&new.name, Ok(Some(key)))?;
    }
    next(&new, kept.is_some())
}
