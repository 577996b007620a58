//! Which models of a connection come into the menu: the status is ignored, the form of the list is not.

use serde_json::Value;
use url::Url;

use super::python::truthy;
use crate::evidence::answer::Answer;
use crate::evidence::list::Shape;
use crate::knowledge::open_webui::{Met, is_anthropic};

/// Words in IDs that it hides, on `OpenAI`'s own host only.
const HIDDEN: &[&str] = &["babbage", "dall-e", "davinci", "embedding", "tts", "whisper"];

/// What a connection brings into the menu.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Menu {
    /// Nothing, silently.
    Nothing,
    /// An error that takes the models of every other connection away, too.
    Breaks,
    /// These models; those whose ID is no text stand there without one.
    Models(Vec<String>),
}

impl Menu {
    pub(super) fn has(&self, model: &str) -> bool {
        matches!(self, Self::Models(ids) if ids.iter().any(|id| id == model))
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Models(ids) => ids.len(),
            _ => 0,
        }
    }

    fn of(ids: Vec<String>) -> Self {
        if ids.is_empty() { Self::Nothing } else { Self::Models(ids) }
    }
}

/// Whether its library reads a body of this type as JSON: `application/json`, `application/…+json`.
pub(super) fn reads_json(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let Some(rest) = kind.strip_prefix("application/") else { return false };
    rest.starts_with("json")
        || rest.split_once("+json").is_some_and(|(before, _)| {
            !before.is_empty() && before.chars().all(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c))
        })
}

/// What this brings into the menu.
pub(super) fn of(met: Met<'_>, entered: &str) -> Menu {
    let Met::Answered(sight) = met else { return Menu::Nothing };
    match sight.answer() {
        Some(answer) if reads_json(answer) => read(answer, entered),
        _ => Menu::Nothing,
    }
}

fn read(answer: &Answer, entered: &str) -> Menu {
    if is_anthropic(entered) && answer.status != 200 {
        return Menu::Nothing;
    }
    let own = is_own(entered);
    match &answer.list {
        // A byte order mark is no JSON for it.
        Some(list) if list.shape == Shape::Standard && list.oddity.is_some() => Menu::Nothing,
        Some(list) if list.shape == Shape::Standard && list.entries.iter().all(|entry| !entry.id.is_empty()) => {
            let ids = list.entries.iter().map(|entry| entry.id.clone());
            Menu::of(ids.filter(|id| !(own && hidden(id))).collect())
        }
        Some(list) if list.shape == Shape::Empty => Menu::Nothing,
        list => match serde_json::from_str::<Value>(&answer.body) {
            Ok(_) if is_anthropic(entered) => Menu::Nothing,
            Ok(value) => odd(&value, own),
            // Too long to be kept whole: its first entry tells.
            Err(_) if list.is_some() => first_row(&answer.body).map_or(Menu::Breaks, |row| odd(&row, own)),
            Err(_) => Menu::Nothing,
        },
    }
}

/// Whether it keeps this model out of its menu, also where its ID was entered by hand.
pub(super) fn hides(entered: &str, model: &str) -> bool {
    is_own(entered) && hidden(model)
}

/// Whether the entered URL belongs to `OpenAI` itself.
fn is_own(entered: &str) -> bool {
    let host = Url::parse(entered.trim()).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.as_deref() == Some("api.openai.com")
}

fn hidden(id: &str) -> bool {
    HIDDEN.iter().any(|word| id.contains(word))
}

/// A list of the first entry of a body that was cut.
fn first_row(body: &str) -> Option<Value> {
    let rows = if body.trim_start().starts_with('{') {
        let rest = body.split_once("\"data\"")?.1.trim_start().strip_prefix(':')?;
        rest.trim_start()
    } else {
        body.trim_start()
    };
    let row = serde_json::Deserializer::from_str(rows.strip_prefix('[')?).into_iter::<Value>().next()?.ok()?;
    Some(Value::Array(vec![row]))
}

/// A list that is not as it should be: some of it is passed over, some raises an error that nothing catches.
fn odd(value: &Value, own: bool) -> Menu {
    let rows = match value {
        value if !truthy(value) => return Menu::Nothing,
        Value::Array(rows) => rows,
        Value::Object(fields) => match fields.get("data") {
            None | Some(Value::Null) => return Menu::Nothing,
            Some(Value::Array(rows)) => rows,
            Some(Value::Object(data)) if data.is_empty() || data.contains_key("error") => return Menu::Nothing,
            Some(Value::String(data)) if data.is_empty() || data.contains("error") => return Menu::Nothing,
            Some(_) => return Menu::Breaks,
        },
        _ => return Menu::Breaks,
    };
    rows.iter()
        .map(|row| entry(row, own))
        .collect::<Result<Vec<_>, _>>()
        .map_or(Menu::Breaks, |ids| Menu::of(ids.into_iter().flatten().collect()))
}

/// The ID under which one entry of a list comes into the menu, if it does; an error where it raises one.
fn entry(row: &Value, own: bool) -> Result<Option<String>, ()> {
    let Value::Object(fields) = row else { return Err(()) };
    let given = |name: &str| fields.get(name).filter(|value| truthy(value));
    let id = given("id").or_else(|| given("name"));
    // Only on OpenAI's own host is the ID looked into.
    let text = id.or_else(|| fields.get("name").or_else(|| fields.get("id"))).is_some_and(Value::is_string);
    match id {
        _ if own && !text => Err(()),
        None => Ok(None),
        Some(Value::Array(_) | Value::Object(_)) => Err(()),
        Some(_) if !fields.contains_key("id") => Err(()),
        Some(Value::String(id)) if own && hidden(id) => Ok(None),
        Some(_) => Ok(Some(fields["id"].as_str().unwrap_or_default().to_owned())),
    }
}
