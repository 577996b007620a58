//! Offers to save the values of a guided run: a name is asked for, and the key goes into the keyring.

use super::{keep, next, warn_of_url};
use crate::cli::keyring;
use crate::cli::output::Problem;
use crate::cli::{asking, saved};
use crate::connection::saved::{KeyPlace, Saved, variable_for};
use crate::connection::{Connection, KeySource, secretive};

/// Asks for a name and saves what was just examined under it; an empty name saves nothing.
pub(in crate::cli) fn offer(connection: &Connection) -> Result<(), Problem> {
    let question = "Save these values? Give them a name:";
    let mut name = asking::text(question, "letters, digits, . - _; empty: do not save")?.trim().to_owned();
    while !name.is_empty() {
        match saved::check_free(&name) {
            Ok(()) => break,
            Err(Problem::Said(why)) => {
                super::complain(&format!("{why}\n"));
                asking::text("Another name:", "empty: do not save")?.trim().clone_into(&mut name);
            }
            Err(other) => return Err(other),
        }
    }
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
