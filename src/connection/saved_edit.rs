//! Changes to the file of saved connections that keep its comments, its order and whatever else stands in it.

use toml_edit::{Document, DocumentMut, InlineTable, Item, Key, RawString, Table, TableLike, Value};

use super::saved::{Clients, Fault, KeyPlace, Saved, read};

/// What a new file begins with.
const OPENING: &str = r#"# The saved connections of ruta, one table each. No key in here: keys are kept in
# the keyring (`ruta key set NAME`) or in environment variables.
#
#   [work]                              the name; with a dot in it, in quotes
#   url = "https://api.rutaapi.com/v1"  the base URL, as the client gets it
#   model = "gpt-5.5"                   the model ID
#   client = "open-webui"               the client; `ruta settings` lists them
#   key_env = "WORK_KEY"                the variable that holds the key; or
#   key = "none"                        for a server that wants no key
#   [work.headers]                      headers to send as well, no secrets
#   X-Team = "blue"
"#;

/// The text with one more connection, at its end.
///
/// # Errors
/// A fault of the text as it is.
pub fn add(text: &str, saved: &Saved, clients: Clients<'_>) -> Result<String, Fault> {
    let mut wanted = read(text, clients)?;
    let mut out = if text.trim().is_empty() { OPENING.to_owned() } else { text.to_owned() };
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.push('\n');
    out.push_str(&table(saved));
    wanted.push(saved.clone());
    checked(text, out, &wanted, clients)
}

/// The text with the connection `name` changed to what is given, its name included.
///
/// # Errors
/// A fault of the text as it is.
pub fn change(text: &str, name: &str, to: &Saved, clients: Clients<'_>) -> Result<String, Fault> {
    let mut wanted = read(text, clients)?;
    let mut document = mutable(text)?;
    if name != to.name
        && let Some((key, item)) = document.remove_entry(name)
    {
        let renamed =
            Key::new(&to.name).with_leaf_decor(key.leaf_decor().clone()).with_dotted_decor(key.dotted_decor().clone());
        document.insert_formatted(&renamed, item);
    }
    let item = document.get_mut(&to.name);
    let braces = item.as_ref().is_some_and(|item| item.as_table().is_none_or(Table::is_dotted));
    if let Some(fields) = item.and_then(Item::as_table_like_mut) {
        set(fields, "url", to.url.as_deref());
        set(fields, "model", to.model.as_deref());
        set(fields, "client", to.client.as_deref());
        let variable = if let KeyPlace::Variable(variable) = &to.key { Some(variable.as_str()) } else { None };
        set(fields, "key_env", variable);
        set(fields, "key", (to.key == KeyPlace::None).then_some("none"));
        set_headers(fields, &to.headers, braces);
    }
    for old in wanted.iter_mut().filter(|old| old.name == name) {
        *old = to.clone();
    }
    checked(text, document.to_string(), &wanted, clients)
}

/// The text without these connections.
///
/// # Errors
/// A fault of the text as it is.
pub fn remove(text: &str, names: &[String], clients: Clients<'_>) -> Result<String, Fault> {
    let mut wanted = read(text, clients)?;
    let mut document = mutable(text)?;
    for name in names {
        let removed = document.remove(name);
        // A comment that stands apart from the table is not about it.
        if let Some(table) = removed.as_ref().and_then(Item::as_table)
            && let Some(position) = table.position()
            && let Some((apart, _)) = raw(table.decor().prefix()).rsplit_once("\n\n")
            && !apart.trim().is_empty()
        {
            give(&mut document, position, &format!("{}\n\n", apart.trim_start_matches('\n')));
        }
    }
    wanted.retain(|saved| !names.contains(&saved.name));
    checked(text, document.to_string().trim_start_matches('\n').to_owned(), &wanted, clients)
}

/// The new text, if it says what is wanted; line breaks as they were.
fn checked(before: &str, after: String, wanted: &[Saved], clients: Clients<'_>) -> Result<String, Fault> {
    let after = if before.contains("\r\n") { after.replace("\r\n", "\n").replace('\n', "\r\n") } else { after };
    let same = read(&after, clients).is_ok_and(|found| {
        found.len() == wanted.len() && wanted.iter().all(|saved| found.iter().any(|found| alike(found, saved)))
    });
    if same {
        Ok(after)
    } else {
        Err(Fault::new(0..0, "this file is written in a way that ruta cannot change safely", "change it in an editor"))
    }
}

/// Whether two connections are the same, whatever the order of their headers.
fn alike(one: &Saved, other: &Saved) -> bool {
    let sorted = |saved: &Saved| {
        let mut saved = saved.clone();
        saved.headers.sort();
        saved
    };
    sorted(one) == sorted(other)
}

fn mutable(text: &str) -> Result<DocumentMut, Fault> {
    Document::parse(text.replace("\r\n", "\n"))
        .map(Document::into_mut)
        .map_err(|error| super::fault::syntax(text, &error))
}

/// A connection as a table of its own.
fn table(saved: &Saved) -> String {
    let name = Key::new(&saved.name).display_repr().into_owned();
    let mut out = format!("[{name}]\n");
    let mut line = |field: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push_str(&format!("{} = {}\n", Key::new(field).display_repr(), Value::from(value)));
        }
    };
    line("url", saved.url.as_deref());
    line("model", saved.model.as_deref());
    line("client", saved.client.as_deref());
    match &saved.key {
        KeyPlace::Keyring => {}
        KeyPlace::Variable(variable) => line("key_env", Some(variable)),
        KeyPlace::None => line("key", Some("none")),
    }
    if !saved.headers.is_empty() {
        out.push_str(&format!("[{name}.headers]\n"));
        for (header, value) in &saved.headers {
            out.push_str(&format!("{} = {}\n", Key::new(header).display_repr(), Value::from(value.as_str())));
        }
    }
    out
}

/// Sets one field, or takes it away; a field that says so already keeps the way in which it is written.
fn set(fields: &mut dyn TableLike, field: &str, value: Option<&str>) {
    let Some(value) = value else {
        fields.remove(field);
        return;
    };
    match fields.get_mut(field) {
        Some(item) if item.as_str() == Some(value) => {}
        Some(Item::Value(old)) => {
            let decor = old.decor().clone();
            *old = Value::from(value);
            *old.decor_mut() = decor;
        }
        _ => {
            fields.insert(field, toml_edit::value(value));
        }
    }
}

/// Sets the headers; a new table of them stands in braces where the connection does.
fn set_headers(fields: &mut dyn TableLike, headers: &[(String, String)], braces: bool) {
    if headers.is_empty() {
        fields.remove("headers");
        return;
    }
    if fields.get("headers").is_none_or(|item| !item.is_table_like()) {
        let new = if braces { Item::Value(InlineTable::new().into()) } else { Item::Table(Table::new()) };
        fields.insert("headers", new);
    }
    let Some(table) = fields.get_mut("headers").and_then(Item::as_table_like_mut) else { return };
    let gone: Vec<String> = table
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !headers.iter().any(|(kept, _)| kept == name))
        .collect();
    for name in gone {
        table.remove(&name);
    }
    for (name, value) in headers {
        set(table, name, Some(value));
    }
}

fn raw(text: Option<&RawString>) -> String {
    text.and_then(RawString::as_str).unwrap_or_default().to_owned()
}

/// Puts a comment before the table that follows this position, or at the end.
fn give(document: &mut DocumentMut, position: isize, comment: &str) {
    let next = document
        .iter_mut()
        .filter_map(|(_, item)| item.as_table_mut())
        .filter(|table| table.position().is_some_and(|at| at > position))
        .min_by_key(|table| table.position());
    if let Some(table) = next {
        let own = raw(table.decor().prefix());
        table.decor_mut().set_prefix(format!("{comment}{}", own.trim_start_matches('\n')));
    } else {
        let own = raw(Some(document.trailing()));
        document.set_trailing(format!("{comment}{own}"));
    }
}

#[cfg(test)]
#[path = "saved_tests.rs"]
mod tests;
