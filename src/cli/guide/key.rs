//! The question for the API key: hidden, and what it looks like is told at once.

use zeroize::Zeroizing;

use crate::cli::asking::Asker;
use crate::cli::output::Problem;
use crate::cli::{environment, keys};
use crate::connection::KeySource;
use crate::connection::key::{ApiKey, KeyFacts, clean};
use crate::knowledge::{address, provider};

/// The key and where it came from; `None` if there is none.
pub(super) fn ask(asker: Asker, base_url: &str) -> Result<Option<(ApiKey, KeySource)>, Problem> {
    if let Some((key, source)) = environment::key(Some(base_url), None) {
        let name = source.describe();
        if asker.confirm(&format!("Use the key in {name} ({})?", keys::described(&key)))? {
            return Ok(Some((key, source)));
        }
    }
    loop {
        let typed = asker.secret("API key (hidden; Enter for none):")?;
        if typed.is_empty() {
            asker.answered("API key:", "none");
            return Ok(None);
        }
        let key = ApiKey::new(typed.to_string());
        asker.answered("API key:", &keys::described(&key));
        let facts = keys::facts(&key);
        if let Some(key) = settle(asker, base_url, &typed, key, &facts)? {
            return Ok(Some((key, KeySource::Typed)));
        }
    }
}

/// The key to use after all that its text shows was told; `None` to ask again.
fn settle(
    asker: Asker,
    base_url: &str,
    typed: &Zeroizing<String>,
    key: ApiKey,
    facts: &KeyFacts,
) -> Result<Option<ApiKey>, Problem> {
    let mut wrong = facts.problems.iter().filter(|problem| problem.certain);
    if let Some(problem) = wrong.next() {
        asker.complain(&format!("this key {}", problem.what));
        let only_wrapped = facts.cleanable && wrong.all(|other| other.cause == problem.cause);
        if only_wrapped
            && let Some(bare) = clean(typed)
            && asker.confirm("Use the key alone, without it?")?
        {
            return Ok(Some(ApiKey::new(bare.to_string())));
        }
        return again(asker, key);
    }
    let host = address::judge(base_url).provider;
    if let (Some((owner, what)), Some(host)) = (provider::by_key_prefix(&facts.prefix, host), host)
        && (what.is_some() || (owner.id != host.id && owner.kind == "cloud" && host.kind == "cloud"))
    {
        let what = what.map_or_else(
            || format!("this key belongs to {}, the URL to {}", owner.name, host.name),
            |what| format!("this is {what}; it cannot call models"),
        );
        asker.complain(&what);
        return again(asker, key);
    }
    Ok(Some(key))
}

/// The key as it is, unless it is to be entered again.
fn again(asker: Asker, key: ApiKey) -> Result<Option<ApiKey>, Problem> {
    Ok(if asker.confirm("Enter it again?")? { None } else { Some(key) })
}

/// A key that needed no question, by its public parts and its source.
pub(super) fn describe(key: &ApiKey, source: &KeySource) -> String {
    format!("{}, from {}", keys::described(key), source.describe())
}
