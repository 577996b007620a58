//! Which models of a connection come into the menu: the status is ignored, the form of the list is not.

use serde_json::{Map, Value};
use url::Url;

use super::python::{self, has_half, truthy};
use super::verify::is_page;
use crate::evidence::answer::Answer;
use crate::evidence::list::{ModelList, Shape};
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

/// Whether its library can read the body as text: it wants every byte to fit the encoding that is named, or else UTF-8.
pub(super) fn is_text(answer: &Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let named = kind.split_once("charset=").map_or("", |(_, name)| name.trim_matches(['"', ' ']));
    !(answer.body.contains(char::REPLACEMENT_CHARACTER) && (named.is_empty() || named.starts_with("utf")))
}

/// What this brings into the menu.
pub(super) fn of(met: Met<'_>, entered: &str) -> Menu {
    let Met::Answered(sight) = met else { return Menu::Nothing };
    match sight.answer() {
        Some(answer) if reads_json(answer) && is_text(answer) => read(answer, entered),
        _ => Menu::Nothing,
    }
}

fn read(answer: &Answer, entered: &str) -> Menu {
    if is_anthropic(entered) && answer.status != 200 {
        return Menu::Nothing;
    }
    let own = is_own(entered);
    let listed = answer.list.as_ref();
    // A byte order mark is no JSON for it.
    if listed.is_some_and(|list| list.shape == Shape::Standard && list.oddity.is_some()) {
        return Menu::Nothing;
    }
    match (python::json::<Value>(&answer.body), listed) {
        (Some(page), _) if is_anthropic(entered) => of_anthropic(&page),
        (Some(value), _) => match odd(&value, own) {
            // It cannot hand on half of a character.
            Menu::Models(_) if has_half(&answer.body) => Menu::Breaks,
            menu => menu,
        },
        // Too long to be kept whole: what was read of it tells, or else its first entry.
        (None, Some(list)) if list.shape == Shape::Empty => Menu::Nothing,
        (None, Some(list)) if list.entries.iter().all(|entry| !entry.id.is_empty()) && !list.entries.is_empty() => {
            given(list, own)
        }
        (None, Some(_)) => first_row(&answer.body).map_or(Menu::Breaks, |row| odd(&row, own)),
        (None, None) => Menu::Nothing,
    }
}

/// The models of a list that was read already.
fn given(list: &ModelList, own: bool) -> Menu {
    let ids = list.entries.iter().map(|entry| entry.id.clone());
    Menu::of(ids.filter(|id| !(id.is_empty() || own && hidden(id))).collect())
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

/// A page of Anthropic's list: of each entry it takes the ID and the name for people, and leaves the rest.
fn of_anthropic(page: &Value) -> Menu {
    let rows = page.get("data").and_then(Value::as_array).filter(|_| is_page(page));
    let mut ids = Vec::new();
    for row in rows.into_iter().flatten() {
        let given = |name: &str| row.get(name).filter(|value| truthy(value));
        match given("id").or_else(|| given("display_name")) {
            None => {}
            Some(Value::Array(_) | Value::Object(_)) => return Menu::Breaks,
            Some(_) => ids.push(row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()),
        }
    }
    Menu::of(ids)
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

/// What an entry says of itself that Open `WebUI` takes for its own notes, and does not look at twice before it uses it.
fn is_usable(entry: &Map<String, Value>) -> bool {
    let iterable =
        |name: &str| entry.get(name).is_none_or(|value| value.is_array() || value.is_object() || value.is_string());
    entry.get("pipeline").is_none_or(Value::is_object)
        && entry.get("ollama").is_none_or(|value| value.is_object() || !truthy(value))
        && iterable("action_ids")
        && iterable("filter_ids")
}

/// What a model's entry in the list does to a chat with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing.
    Free,
    /// It ends with this error before anything is sent.
    Error(String),
    /// A server of pipelines is asked for more first, which was not seen.
    Unseen,
}

/// What the entry of this model does to a chat with it.
pub(super) fn way(met: Met<'_>, model: &str, has_key: bool) -> Way {
    let Met::Answered(sight) = met else { return Way::Free };
    let list = sight.answer().and_then(|answer| python::json::<Value>(&answer.body));
    let rows = list.as_ref().and_then(|list| list.as_array().or_else(|| list.get("data")?.as_array()));
    let Some(entry) = rows.and_then(|rows| rows.iter().find(|row| row.get("id").is_some_and(|id| id == model))) else {
        return Way::Free;
    };
    let noted = entry.get("info").filter(|info| !info.is_object());
    let inner = || entry.get("info")?.get("meta").filter(|meta| truthy(meta) && !meta.is_object());
    if let Some(odd) = noted.or_else(inner) {
        Way::Error(format!("'{}' object has no attribute 'get'", python::kind(odd)))
    } else if entry.get("pipeline").is_some() && has_key {
        Way::Unseen
    } else if entry.get("pipe").is_some_and(truthy) {
        Way::Error(format!("Function not found: {}", model.split('.').next().unwrap_or_default()))
    } else {
        Way::Free
    }
}

/// Whether an entry is a filter of a server of pipelines, which is no model.
fn is_filter(entry: &Map<String, Value>) -> bool {
    entry.get("pipeline").and_then(|pipeline| pipeline.get("type")).is_some_and(|kind| kind == "filter")
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
        _ if !is_usable(fields) => Err(()),
        _ if is_filter(fields) => Ok(None),
        Some(_) if !fields.contains_key("id") => Err(()),
        Some(Value::String(id)) if own && hidden(id) => Ok(None),
        Some(_) => Ok(Some(fields["id"].as_str().unwrap_or_default().to_owned())),
    }
}
