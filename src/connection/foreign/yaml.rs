//! YAML as compose files and clients use it: anchors, aliases and merge keys, within bounds that no file exceeds honestly.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use zeroize::Zeroizing;

use super::tree::Tree;

/// Values in values in values.
const DEEPEST: usize = 64;

/// What all values together may weigh, copies of aliases included: a few lines of aliases can stand for any number.
const MOST: usize = 32 << 20;

/// Reads the first document. The error says where, and quotes nothing of the file.
pub fn read(text: &str) -> Result<Tree, String> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, span) = event.map_err(|error| format!("the YAML is broken in line {}", error.marker().line()))?;
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) && builder.root.is_some() {
            break;
        }
        builder.take(event).map_err(|what| format!("{what}, from line {}", span.start.line()))?;
    }
    Ok(builder.root.unwrap_or(Tree::Null))
}

/// A list or a map that is not yet complete.
struct Open {
    anchor: usize,
    value: Tree,
    /// What all in it weighs.
    weight: usize,
    /// In a map, the name whose value comes next; `None` where a name comes next.
    name: Option<String>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, (Tree, usize)>,
    weight: usize,
    root: Option<Tree>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let nothing = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let weight = text.len() + size_of::<Tree>();
                let value = if nothing { Tree::Null } else { Tree::Text(Zeroizing::new(text.into_owned())) };
                self.put(value, anchor, weight)
            }
            Event::Alias(anchor) => {
                let weight = self.anchors.get(&anchor).map_or(0, |(_, weight)| *weight);
                self.bear(weight)?;
                let value = self.anchors.get(&anchor).map_or(Tree::Null, |(value, _)| value.clone());
                self.put(value, 0, weight)
            }
            Event::SequenceStart(anchor, _) => self.begin(Tree::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.begin(Tree::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = self.open.pop() else { return Ok(()) };
                self.put(merged(done.value), done.anchor, done.weight + size_of::<Tree>())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, value: Tree, anchor: usize) -> Result<(), String> {
        if self.open.len() == DEEPEST {
            return Err("the YAML is too deep".into());
        }
        self.open.push(Open { anchor, value, weight: 0, name: None });
        Ok(())
    }

    /// Refuses what would become too much before it is copied.
    fn bear(&mut self, weight: usize) -> Result<(), String> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > MOST { Err("the YAML stands for too many values".into()) } else { Ok(()) }
    }

    fn put(&mut self, value: Tree, anchor: usize, weight: usize) -> Result<(), String> {
        if anchor > 0 {
            self.bear(weight)?;
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        open.weight = open.weight.saturating_add(weight);
        match (&mut open.value, open.name.take()) {
            (Tree::List(values), _) => values.push(value),
            (Tree::Map(entries), Some(name)) => entries.push((name, value)),
            // Nothing that we read has a name that is no text.
            (Tree::Map(_), None) => open.name = Some(value.text().unwrap_or_default().to_owned()),
            _ => {}
        }
        Ok(())
    }
}

/// A map with what its `<<` brings in: its own entries come later, and so count.
fn merged(value: Tree) -> Tree {
    let Tree::Map(mut entries) = value else { return value };
    if !entries.iter().any(|(name, _)| name == "<<") {
        return Tree::Map(entries);
    }
    let mut all = Vec::new();
    for (_, value) in entries.extract_if(.., |(name, _)| name == "<<") {
        match value {
            Tree::Map(more) => all.extend(more),
            // Of several, the first counts.
            Tree::List(maps) => all.extend(maps.iter().rev().flat_map(|map| map.entries().iter().cloned())),
            _ => {}
        }
    }
    all.extend(entries);
    Tree::Map(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Tree {
        read(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn anchors_aliases_and_merge_keys() {
        let tree = tree(
            "x: &base\n  A: one\n  B: two\ny:\n  <<: *base\n  B: three\nz:\n  <<: [{C: first}, {C: second}, *base]\nw: *base\n",
        );
        assert_eq!(tree.at("y.A").text(), Some("one"));
        assert_eq!(tree.at("y.B").text(), Some("three"));
        assert_eq!(tree.at("z.C").text(), Some("first"));
        assert_eq!(tree.at("w.B").text(), Some("two"));
    }

    #[test]
    fn texts_stay_as_they_were_written() {
        let tree = tree("a: 007\nb: True\nc: ~\nd: 'null'\ne: |\n  x\n  y\nf: {g: [1.50, \"\\t\"]}\nh:\n");
        assert_eq!(tree.get("a").text(), Some("007"));
        assert_eq!((tree.get("b").text(), tree.get("b").flag()), (Some("True"), Some(true)));
        assert!(tree.get("c").is_null() && tree.get("h").is_null());
        assert_eq!(tree.get("d").text(), Some("null"));
        assert_eq!(tree.get("e").text(), Some("x\ny\n"));
        assert_eq!(tree.at("f.g").texts().collect::<Vec<_>>(), ["1.50", "\t"]);
    }

    #[test]
    fn hostile_files_end_with_a_message() {
        let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for n in 1..12 {
            let before = format!("*a{}, ", n - 1).repeat(9);
            laughs.push_str(&format!("a{n}: &a{n} [{before}]\n"));
        }
        assert!(read(&laughs).err().unwrap_or_default().starts_with("the YAML stands for too many values"));
        let deep = (0..2000).fold(String::new(), |text, n| format!("{text}{}a:\n", " ".repeat(n)));
        assert!(read(&deep).err().unwrap_or_default().starts_with("the YAML is too deep"));
        assert!(read(&"[".repeat(100_000)).is_err());
        assert_eq!(
            read("a: b\nk: \"sk-Vn4kTz8QpW2x\n").err().as_deref(),
            Some("the YAML is broken in line 2"),
            "nothing of the file is quoted"
        );
        assert!(tree("a: &a [*a]").get("a").list().iter().all(Tree::is_null), "an alias within its own anchor");
        assert!(tree("").is_null());
    }
}
