//! Saved connections: the text of the file that keeps them, never with a key in it.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use super::key::is_invisible;
use super::near::near_name;
use super::scrub::one_line;
use super::{fault, secretive};

pub use super::fault::Fault;
pub use super::saved_edit::{add, change, remove};

/// Where the key of a saved connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the system's keyring, under the connection's name.
    Keyring,
    /// In this environment variable.
    Variable(String),
    /// The server wants none.
    None,
}

/// One saved connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// The base URL.
    pub url: Option<String>,
    /// The model ID.
    pub model: Option<String>,
    /// The ID of the client that uses it.
    pub client: Option<String>,
    /// Where its key is.
    pub key: KeyPlace,
    /// Headers to send as well.
    pub headers: Vec<(String, String)>,
}

/// The fields of a connection, in the order in which they are written.
pub const FIELDS: &[&str] = &["url", "model", "client", "key_env", "key", "headers"];

/// Longest name.
const LONGEST_NAME: usize = 64;

/// What a client's name stands for: its ID, or what to write instead.
pub type Clients<'a> = &'a dyn Fn(&str) -> Result<&'static str, String>;

impl Saved {
    /// What stands against writing this connection into a file, and what to do instead.
    ///
    /// # Errors
    /// A message for people; it quotes nothing that may be secret.
    pub fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        if let Some(what) = self.url.as_deref().and_then(secretive::of_url) {
            return Err(format!(
                "the base URL holds {what}, which has no place in a file.\n       Give the URL without it, and the key with `ruta key set {}` or --key-env VAR",
                self.name
            ));
        }
        if self.model.as_deref().is_some_and(secretive::is_key) {
            return Err(format!(
                "the model ID looks like a key, which has no place in a file.\n       Give the key with `ruta key set {}` or --key-env VAR, and the model with --model",
                self.name
            ));
        }
        if let KeyPlace::Variable(variable) = &self.key
            && !secretive::is_variable(variable)
        {
            return Err(format!(
                "--key-env takes the name of a variable, such as {}, and this is none.\n       If it is the key itself: `ruta key set {}` keeps it in the keyring",
                variable_for(&self.name),
                self.name
            ));
        }
        match self.headers.iter().find(|(name, value)| secretive::is_header(name, value)) {
            Some((name, _)) => Err(format!(
                "the header {name} carries a secret, which has no place in a file.\n       Give it for one run: ruta doctor {} -H '{name}: …'",
                self.name
            )),
            None => Ok(()),
        }
    }
}

/// Whether connections can be called this.
///
/// # Errors
/// What is wrong with the name, for people.
pub fn check_name(name: &str) -> Result<(), String> {
    let fits = |c: char| (c.is_alphanumeric() && !is_invisible(c)) || matches!(c, '.' | '-' | '_');
    if secretive::is_key(name) {
        return Err(
            "this looks like a key, not like a name.\n       Give the connection a name, such as `work`; a key is read with --key-stdin"
                .into(),
        );
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(fits) {
        return Err(format!("`{}` is no name: take letters, digits, dots, hyphens, underscores", one_line(name, 24)));
    }
    if name.starts_with(['-', '.']) {
        return Err(format!("`{name}` is no name: begin it with a letter, a digit or an underscore"));
    }
    Ok(())
}

/// A variable's name for the key of this connection: `WORK_KEY` for `work`.
pub fn variable_for(name: &str) -> String {
    let letters: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let lead = if letters.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("{lead}{letters}_KEY")
}

/// Reads the text of the file: the connections in its order.
///
/// # Errors
/// The first fault, with its place and what to write instead.
pub fn read(text: &str, clients: Clients<'_>) -> Result<Vec<Saved>, Fault> {
    let document = Document::parse(text).map_err(|error| fault::syntax(text, &error))?;
    let mut found = Vec::new();
    for (name, item) in document.iter() {
        let place = span_of(document.as_table(), name);
        let Some(fields) = item.as_table_like() else {
            return Err(outside(name, item, place));
        };
        if let Err(what) = check_name(name) {
            return Err(Fault::new(place, what, "").hidden(secretive::is_key(name)));
        }
        found.push(connection(name, fields, clients)?);
    }
    Ok(found)
}

/// What stands at the top of the file and is no connection.
fn outside(name: &str, item: &Item, place: Range<usize>) -> Fault {
    if item.is_array_of_tables() {
        return Fault::new(
            place,
            format!("[[{name}]] is a list"),
            format!("write [{name}], with one pair of brackets"),
        );
    }
    let secret = name.to_ascii_lowercase().contains("key") || secretive::is_key(name);
    let place = if secret { item.span().unwrap_or(place) } else { place };
    let first = if FIELDS.contains(&name) { "this" } else { "a field" };
    Fault::new(place, format!("{first} belongs to no connection"), "write a line [NAME] above it").hidden(secret)
}

fn connection(name: &str, fields: &dyn TableLike, clients: Clients<'_>) -> Result<Saved, Fault> {
    let mut saved = Saved {
        name: name.to_owned(),
        url: None,
        model: None,
        client: None,
        key: KeyPlace::Keyring,
        headers: Vec::new(),
    };
    let set = format!("ruta key set {name}");
    for (field, item) in fields.iter() {
        let key = span_of(fields, field);
        let value = item.span().unwrap_or_else(|| key.clone());
        match field {
            "url" => {
                let url = text(field, item, &value)?;
                if let Some(what) = secretive::of_url(&url) {
                    let instead = format!("write the URL without it; `{set}` keeps the key in the keyring");
                    return Err(Fault::new(value, format!("this URL holds {what}"), instead).hidden(true));
                }
                saved.url = Some(url);
            }
            "model" => {
                let model = text(field, item, &value)?;
                if secretive::is_key(&model) {
                    let instead = format!("write the model ID here; `{set}` keeps the key in the keyring");
                    return Err(Fault::new(value, "this looks like a key", instead).hidden(true));
                }
                saved.model = Some(model);
            }
            "client" => {
                let client = text(field, item, &value)?;
                let id = clients(&client).map_err(|instead| Fault::new(value, "there is no such client", instead))?;
                saved.client = Some(id.to_owned());
            }
            "key_env" => {
                let variable = text(field, item, &value)?;
                if !secretive::is_variable(&variable) {
                    let instead = format!("write its name, such as key_env = \"{}\"", variable_for(name));
                    return Err(Fault::new(value, "this is no name of a variable", instead).hidden(true));
                }
                if saved.key == KeyPlace::None {
                    return Err(Fault::new(key, "here stand both key_env and key", "keep one of them"));
                }
                saved.key = KeyPlace::Variable(variable);
            }
            "key" => {
                if item.as_str() != Some("none") {
                    let instead = format!(
                        "`{set}` keeps it in the keyring, key_env = \"{}\" names a variable,\n     key = \"none\" says that the server wants none",
                        variable_for(name)
                    );
                    return Err(Fault::new(value, "a key has no place in this file", instead).hidden(true));
                }
                if saved.key != KeyPlace::Keyring {
                    return Err(Fault::new(key, "here stand both key_env and key", "keep one of them"));
                }
                saved.key = KeyPlace::None;
            }
            "headers" => saved.headers = headers(name, item, &value)?,
            _ => return Err(unknown(name, field, item, key)),
        }
    }
    Ok(saved)
}

/// A field that there is not.
fn unknown(name: &str, field: &str, item: &Item, place: Range<usize>) -> Fault {
    let lower = field.to_ascii_lowercase();
    if item.is_table() {
        let instead = format!("a name with a dot stands in quotes: [\"{name}.{field}\"]");
        return Fault::new(place, format!("`{}` is no part of a connection", one_line(field, 40)), instead);
    }
    if ["key", "token", "secret", "password"].iter().any(|word| lower.contains(word)) || secretive::is_key(field) {
        let instead = format!("`ruta key set {name}` keeps it in the keyring");
        return Fault::new(item.span().unwrap_or(place), "a key has no place in this file", instead).hidden(true);
    }
    let near =
        near_name(field, FIELDS.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let instead = format!("{near}The fields: {}", FIELDS.join(", "));
    Fault::new(place, format!("there is no field `{}`", one_line(field, 40)), instead)
}

fn headers(connection: &str, item: &Item, place: &Range<usize>) -> Result<Vec<(String, String)>, Fault> {
    let Some(table) = item.as_table_like() else {
        let instead = format!("write [{connection}.headers] on a line of its own, then X-Team = \"blue\" below it");
        return Err(Fault::new(place.clone(), "headers are a table", instead).hidden(true));
    };
    let mut found = Vec::new();
    for (name, item) in table.iter() {
        let key = span_of(table, name);
        let value = item.span().unwrap_or_else(|| key.clone());
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
            return Err(Fault::new(key, "this is no name of a header", "write X-Team = \"blue\""));
        }
        let text = text(name, item, &value)?;
        if secretive::is_header(name, &text) {
            let instead = format!("give it for one run: ruta doctor {connection} -H '{name}: …'");
            let what = format!("the header {name} carries a secret, which has no place in this file");
            return Err(Fault::new(value, what, instead).hidden(true));
        }
        if text.chars().any(char::is_control) {
            return Err(Fault::new(value, "this holds a line break or a control character", "write it on one line"));
        }
        found.push((name.to_owned(), text));
    }
    Ok(found)
}

/// The text of a field.
fn text(field: &str, item: &Item, place: &Range<usize>) -> Result<String, Fault> {
    item.as_str().map(str::to_owned).ok_or_else(|| {
        let instead = format!("write it in quotes: {field} = \"…\"");
        let secret = item.is_table_like() || item.is_array();
        Fault::new(place.clone(), format!("this is {}, and must be a text", fault::kind(item)), instead).hidden(secret)
    })
}

fn span_of(table: &dyn TableLike, name: &str) -> Range<usize> {
    table.key(name).and_then(toml_edit::Key::span).unwrap_or_default()
}
