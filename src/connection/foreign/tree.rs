//! One value of a settings file, whatever the file's format: a text, a list or a map, wiped from memory when dropped.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// A value. Numbers and truth values are texts as they were written; it has no `Debug`, because keys are among them.
#[derive(Clone, PartialEq)]
pub enum Tree {
    /// Nothing.
    Null,
    /// A text, a number, a truth value.
    Text(Zeroizing<String>),
    /// Values in order.
    List(Vec<Tree>),
    /// Values by name; where a name comes twice, the last counts.
    Map(Vec<(String, Tree)>),
}

static NULL: Tree = Tree::Null;

impl Tree {
    /// A text.
    pub fn text_of(text: &str) -> Self {
        Self::Text(Zeroizing::new(text.to_owned()))
    }

    /// The value of this name in a map; nothing elsewhere.
    pub fn get(&self, name: &str) -> &Tree {
        match self {
            Self::Map(entries) => entries.iter().rev().find(|(key, _)| key == name).map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    /// The value at `a.b.c`, whether the map has one name with dots in it or maps in maps.
    pub fn at(&self, path: &str) -> &Tree {
        let flat = self.get(path);
        if !flat.is_null() {
            return flat;
        }
        path.split('.').fold(self, |tree, name| tree.get(name))
    }

    /// This value with the other over it: maps are put together, everything else is replaced.
    #[must_use]
    pub fn under(self, over: Self) -> Self {
        match (self, over) {
            (Self::Map(mut entries), Self::Map(others)) => {
                for (name, value) in others {
                    match entries.iter_mut().find(|(own, _)| *own == name) {
                        Some((_, own)) => *own = std::mem::replace(own, Self::Null).under(value),
                        None => entries.push((name, value)),
                    }
                }
                Self::Map(entries)
            }
            (own, Self::Null) => own,
            (_, over) => over,
        }
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, if it is more than nothing.
    pub fn filled(&self) -> Option<&str> {
        self.text().filter(|text| !text.is_empty())
    }

    /// The truth value, if it is one.
    pub fn flag(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The values of a list; none elsewhere.
    pub fn list(&self) -> &[Tree] {
        match self {
            Self::List(values) => values,
            _ => &[],
        }
    }

    /// The texts of a list.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.list().iter().filter_map(Tree::text)
    }

    /// The entries of a map; none elsewhere.
    pub fn entries(&self) -> &[(String, Tree)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// Takes whatever comes.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::text_of(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::text_of(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::text_of(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::text_of(&value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::text_of(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Text(Zeroizing::new(value)))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_flat_and_nested() {
        for json in [r#"{"a.b":["x",1,true,null]}"#, r#"{"a":{"b":["x",1,true,null]}}"#] {
            let tree: Tree = serde_json::from_str(json).unwrap();
            assert_eq!(tree.at("a.b").texts().collect::<Vec<_>>(), ["x", "1", "true"], "{json}");
            assert!(tree.at("a.c").is_null() && tree.at("a.b.c").is_null());
        }
    }

    #[test]
    fn the_last_of_two_counts() {
        let tree: Tree = serde_json::from_str(r#"{"a":"x","a":"y"}"#).unwrap();
        assert_eq!(tree.get("a").text(), Some("y"));
    }
}
