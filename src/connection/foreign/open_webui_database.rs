//! The table of settings in Open `WebUI`'s database, as one tree in both of its layouts.

use std::io;

use super::json;
use super::sqlite::{Database, Row, Source, Table, Value};
use super::tree::Tree;

/// What the names of settings begin with that describe connections.
const WANTED: &[&str] = &["openai.", "rag.", "audio.", "image_generation.", "images."];

/// The settings; `None` if the database has no table for them, as another program's.
///
/// # Errors
/// If the database cannot be read.
pub fn settings<S: Source>(database: &mut Database<S>) -> io::Result<Option<Tree>> {
    let Some(table) = database.table("config")? else { return Ok(None) };
    let place = |name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    if let (Some(key), Some(value)) = (place("key"), place("value")) {
        return rows(database, &table, key, value).map(Some);
    }
    let (Some(id), Some(data)) = (place("id"), place("data")) else { return Ok(None) };
    blob(database, &table, id, data).map(Some)
}

/// One row for each setting, since 0.10.
fn rows<S: Source>(database: &mut Database<S>, table: &Table, key: usize, value: usize) -> io::Result<Tree> {
    let mut entries = Vec::new();
    let text = |row: &Row, at: usize| row.get(at).and_then(Value::text).map(str::to_owned);
    database.rows(table, |row| {
        let Some(key) = text(&row, key).filter(|key| WANTED.iter().any(|start| key.starts_with(start))) else { return };
        let value = row.get(value).and_then(Value::text).and_then(|json| json::read(json).ok());
        entries.push((key, value.unwrap_or(Tree::Null)));
    })?;
    Ok(Tree::Map(entries))
}

/// All settings in one row, up to 0.9: the row with the highest number counts.
fn blob<S: Source>(database: &mut Database<S>, table: &Table, id: usize, data: usize) -> io::Result<Tree> {
    let mut newest = None;
    let mut tree = Tree::Null;
    database.rows(table, |row| {
        let number = row.get(id).and_then(Value::integer);
        if number >= newest {
            newest = number;
            tree = row.get(data).and_then(Value::text).and_then(|json| json::read(json).ok()).unwrap_or(Tree::Null);
        }
    })?;
    Ok(tree)
}
