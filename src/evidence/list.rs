//! The list of models in an answer: its IDs, and what is odd about its shape.

use std::io::{BufReader, Read};

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::row::Row;
use crate::connection::scrub::{Scrubber, one_line};

/// More entries than this are counted, not kept.
pub(super) const MOST: usize = 100_000;
/// A list that is not the standard one is looked at closely up to this size, in bytes; a longer one is read while it
/// comes in, and not kept.
pub const CLOSELY: usize = 1024 * 1024;

/// The shape of a list, by what clients make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `{"data":[{"id"}]}`, or the bare list of objects that clients read as well.
    Standard,
    /// A list of nothing.
    Empty,
    /// Something that clients cannot read; some lose every other provider's models too.
    Malformed,
}

/// One model of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Entry {
    /// The model's ID.
    pub id: String,
    /// What the list says that it does, in the list's own words divided by spaces (`embedding`, `image`, `chat` …).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
}

/// The models that an answer lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ModelList {
    /// What clients make of it.
    pub shape: Shape,
    /// What is odd, where the shape is not standard.
    pub oddity: Option<String>,
    /// The models, in the server's order.
    pub entries: Vec<Entry>,
    /// The different `owned_by` values, at most eight.
    pub owners: Vec<String>,
    /// How many entries there were.
    pub count: usize,
    /// All that the list says of each model, where that was asked for: scrubbed and harmless, never saved.
    #[serde(skip)]
    pub rows: Vec<Value>,
}

impl ModelList {
    /// A list without entries.
    fn nothing(shape: Shape, oddity: Option<&str>) -> Self {
        Self {
            shape,
            oddity: oddity.map(str::to_owned),
            entries: Vec::new(),
            owners: Vec::new(),
            count: 0,
            rows: Vec::new(),
        }
    }

    /// Whether the ID is listed, exactly as written.
    pub fn has(&self, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.id == id)
    }
}

#[derive(Deserialize)]
struct Listing {
    data: Rows,
}

/// The rows of a list: all are counted, and only so many are kept, however many a server sends.
#[derive(Default)]
struct Rows {
    kept: Vec<Entry>,
    owners: Vec<String>,
    count: usize,
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Rows;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of models")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows, A::Error> {
                let mut rows = Rows::default();
                while let Some(row) = list.next_element::<Fields>()? {
                    rows.count += 1;
                    if rows.kept.len() < MOST {
                        rows.keep(row.0);
                    }
                }
                Ok(rows)
            }
        }
        input.deserialize_seq(Counting)
    }
}

/// A row that is an object: a derived reader would take a list of the values as well.
struct Fields(Row);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object with an id")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields, A::Error> {
                Row::deserialize(MapAccessDeserializer::new(map)).map(Fields)
            }
        }
        input.deserialize_map(Object)
    }
}

/// A number of models in words: `1 model`, `37 models`.
pub fn models(count: usize) -> String {
    if count == 1 { "1 model".to_owned() } else { format!("{count} models") }
}

/// The list in a body, or `None` if the body is none.
pub fn read(body: &[u8], scrubber: &Scrubber) -> Option<ModelList> {
    let marked = body.strip_prefix(b"\xef\xbb\xbf");
    let mut list = read_plain(marked.unwrap_or(body), scrubber)?;
    if marked.is_some() && list.oddity.is_none() {
        list.oddity = Some("a byte order mark stands before the list".to_owned());
    }
    Some(list)
}

fn read_plain(body: &[u8], scrubber: &Scrubber) -> Option<ModelList> {
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace())?;
    let rows = match start {
        b'{' => serde_json::from_slice::<Listing>(body).map(|listing| listing.data),
        b'[' => serde_json::from_slice::<Rows>(body),
        b'"' => return serde_json::from_slice::<String>(body).is_ok().then(|| malformed("a text instead of a list")),
        _ => return None,
    };
    match rows {
        Ok(rows) => Some(standard(rows, scrubber)),
        Err(error) if body.len() > CLOSELY => long_and_odd(body, *start, &error),
        Err(_) => odd(&serde_json::from_slice(body).ok()?),
    }
}

/// The list in a long body, of which the start is there and the rest is still coming in. `None` if it is no list.
pub fn read_long(start: &[u8], rest: impl Read, scrubber: &Scrubber) -> Option<ModelList> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace())?;
    let body = BufReader::with_capacity(64 * 1024, start.chain(rest));
    let rows = match first {
        b'{' => serde_json::from_reader::<_, Listing>(body).map(|listing| listing.data),
        b'[' => serde_json::from_reader::<_, Rows>(body),
        _ => return None,
    };
    match rows {
        Ok(rows) => Some(standard(rows, scrubber)),
        Err(error) => long_and_odd(start, *first, &error),
    }
}

/// A list that is too long to be looked at closely: what its start shows has to do.
fn long_and_odd(body: &[u8], first: u8, error: &serde_json::Error) -> Option<ModelList> {
    let start = &body[..body.len().min(CLOSELY / 1024)];
    let named = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
    let list = first == b'[' || named(b"\"data\"") || named(b"\"models\"");
    (list && error.is_data()).then(|| malformed("the entries are not objects with an \"id\""))
}

impl Rows {
    /// Keeps what counts of a row.
    fn keep(&mut self, row: Row) {
        if let Some(Value::String(owner)) = &row.owned_by
            && self.owners.len() < 8
        {
            let owner = one_line(owner, 400);
            if !self.owners.contains(&owner) {
                self.owners.push(owner);
            }
        }
        self.kept.push(Entry { kind: row.kind(), id: row.id });
    }
}

fn standard(rows: Rows, scrubber: &Scrubber) -> ModelList {
    if rows.count == 0 {
        return ModelList::nothing(Shape::Empty, None);
    }
    let mut entries = rows.kept;
    for entry in &mut entries {
        let id = one_line(&scrubber.scrub(&entry.id), 200);
        entry.id = if entry.id.len() >= 4 { id } else { one_line(&entry.id, 200) };
    }
    let owners = rows.owners.iter().map(|owner| one_line(&scrubber.scrub(owner), 80)).collect();
    ModelList { shape: Shape::Standard, oddity: None, entries, owners, count: rows.count, rows: Vec::new() }
}

fn malformed(oddity: &str) -> ModelList {
    ModelList::nothing(Shape::Malformed, Some(oddity))
}

/// Names what is odd about a list that is not the standard one; `None` if it is no list at all.
fn odd(value: &Value) -> Option<ModelList> {
    match value {
        Value::Array(rows) => Some(rows_oddity(rows)),
        Value::Object(fields) if fields.get("error").is_none_or(Value::is_null) => {
            match (fields.get("data"), fields.get("models")) {
                (Some(Value::Null), _) => Some(ModelList::nothing(Shape::Empty, Some("\"data\" is null"))),
                (Some(Value::Array(rows)), _) => Some(rows_oddity(rows)),
                (Some(Value::Object(_)), _) => Some(malformed("\"data\" is an object instead of a list")),
                (None, Some(Value::Array(_))) => Some(malformed("the list is called \"models\" instead of \"data\"")),
                _ => None,
            }
        }
        _ => None,
    }
}

fn rows_oddity(rows: &[Value]) -> ModelList {
    if rows.iter().any(Value::is_string) {
        malformed("the entries are texts instead of objects with an \"id\"")
    } else if rows.iter().any(|row| row.get("id").is_some_and(|id| !id.is_string())) {
        malformed("an \"id\" is not a text")
    } else {
        malformed("entries without an \"id\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(body: &str) -> Option<Shape> {
        read(body.as_bytes(), &Scrubber::new(None, [])).map(|list| list.shape)
    }

    #[test]
    fn knows_the_shapes_that_clients_meet() {
        assert_eq!(shape(r#"{"object":"list","data":[{"id":"a","owned_by":null}]}"#), Some(Shape::Standard));
        assert_eq!(shape(r#"[{"id":"a"}]"#), Some(Shape::Standard));
        assert_eq!(shape(r#"{"data":[]}"#), Some(Shape::Empty));
        assert_eq!(shape(r#"{"data":null,"object":"list"}"#), Some(Shape::Empty));
        for malformed in [
            r#"["a"]"#,
            r#"{"data":["a"]}"#,
            r#"{"data":{"a":1}}"#,
            r#"{"models":[{"name":"a"}]}"#,
            r#"{"data":[{"name":"a"}]}"#,
            r#"{"data":[{"id":1}]}"#,
            r#"{"data":[["a"]]}"#,
            r#""text""#,
        ] {
            assert_eq!(shape(malformed), Some(Shape::Malformed), "{malformed}");
        }
        for other in [
            r#"{"error":{"message":"x"}}"#,
            "<html>",
            "",
            r#"{"message":"x","success":false}"#,
            r#"{"data":[{"id":"a"}"#,
        ] {
            assert_eq!(shape(other), None, "{other}");
        }
    }

    #[test]
    fn a_list_that_comes_in_pieces_is_the_same_list() {
        let body = br#" {"object":"list","data":[{"id":"a","owned_by":"x","type":"chat"},{"id":"b"}],"next":null}"#;
        let scrubber = Scrubber::new(None, []);
        for at in 2..body.len() {
            assert_eq!(read_long(&body[..at], &body[at..], &scrubber), read(body, &scrubber), "{at}");
        }
        assert_eq!(read_long(&body[..20], &body[20..50], &scrubber), None);
    }
}
