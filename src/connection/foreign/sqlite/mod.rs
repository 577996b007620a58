//! Reads tables of an `SQLite` database without taking a lock and without ever writing, also while another program uses it.
//!
//! The library itself would add two megabytes, and it leaves files beside a database in WAL mode that it only reads.

mod pages;
mod record;
mod undo;
mod wal;

use std::collections::HashSet;
use std::io::{self, Read, Seek};

use zeroize::Zeroizing;

use pages::Pages;
use record::{Record, varint};

/// How every database begins.
pub const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// No row that we read is longer than this, in bytes.
const LONGEST: usize = 64 << 20;

/// So many pages of one table are read, and no more.
const MOST_PAGES: usize = 200_000;

/// A value of a row.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(Zeroizing<String>),
    /// A fraction, or bytes that are no text: not read.
    Other,
}

impl Value {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

/// A row: its values in the order of the columns.
pub type Row = Vec<Value>;

/// What can be read at any place: a file, or bytes in memory.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// A database, with what stands in the files beside it.
pub struct Database<S> {
    pages: Pages<S>,
}

/// A table's columns and where its rows begin.
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    root: u32,
    /// The column that is the row's number, if one is.
    numbered: Option<usize>,
}

impl<S: Source> Database<S> {
    /// Opens a database with its write-ahead log (`-wal`) and its rollback journal (`-journal`), where there are any.
    ///
    /// # Errors
    /// If a file cannot be read, or is no database of this kind.
    pub fn open(file: S, wal: Option<S>, journal: Option<S>) -> io::Result<Self> {
        Ok(Self { pages: Pages::open(file, wal, journal)? })
    }

    /// Whether no other program changed the files since they were opened, as far as they tell.
    ///
    /// # Errors
    /// If a file cannot be read any more.
    pub fn is_unchanged(&mut self) -> io::Result<bool> {
        self.pages.is_unchanged()
    }

    /// The table of this name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn table(&mut self, name: &str) -> io::Result<Option<Table>> {
        let mut found = None;
        // Columns of the schema: type, name, tbl_name, rootpage, sql.
        let schema = Table { columns: Vec::new(), root: 1, numbered: None };
        self.rows(&schema, |row| {
            let text = |at: usize| row.get(at).and_then(Value::text);
            if found.is_none()
                && text(0) == Some("table")
                && text(1).is_some_and(|own| own.eq_ignore_ascii_case(name))
                && let Some(root) = row.get(3).and_then(Value::integer).and_then(|root| u32::try_from(root).ok())
            {
                let (columns, numbered) = columns(text(4).unwrap_or_default());
                found = Some(Table { columns, root, numbered });
            }
        })?;
        Ok(found)
    }

    /// Every row of a table, in the order of their numbers.
    ///
    /// # Errors
    /// If the database cannot be read, or is damaged.
    pub fn rows(&mut self, table: &Table, mut take: impl FnMut(Row)) -> io::Result<()> {
        let mut seen = HashSet::new();
        let mut open = vec![table.root];
        while let Some(number) = open.pop() {
            if !seen.insert(number) || seen.len() > MOST_PAGES {
                return Err(damaged());
            }
            let page = self.pages.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let head = page.get(start..start + 12).ok_or_else(damaged)?;
            let cells = usize::from(u16::from_be_bytes([head[3], head[4]]));
            let pointer = |at: usize| {
                let bytes = page.get(at..at + 2)?;
                Some(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
            };
            match head[0] {
                // Inner page of a table: the children, the last first, so that the first is read first.
                0x05 => {
                    open.push(u32::from_be_bytes([head[8], head[9], head[10], head[11]]));
                    for cell in (0..cells).rev() {
                        let at = pointer(start + 12 + cell * 2).ok_or_else(damaged)?;
                        let child = page.get(at..at + 4).ok_or_else(damaged)?;
                        open.push(u32::from_be_bytes([child[0], child[1], child[2], child[3]]));
                    }
                }
                // Leaf of a table.
                0x0d => {
                    for cell in 0..cells {
                        let at = pointer(start + 8 + cell * 2).ok_or_else(damaged)?;
                        let (rowid, payload) = self.payload(page.get(at..).ok_or_else(damaged)?)?;
                        let mut row = Record::read(&payload).ok_or_else(damaged)?;
                        if let Some(value) = table.numbered.and_then(|at| row.get_mut(at))
                            && *value == Value::Null
                        {
                            *value = Value::Integer(rowid);
                        }
                        take(row);
                    }
                }
                // An index, where a table without row numbers keeps its rows; nothing that we read is one.
                _ => return Err(damaged()),
            }
        }
        Ok(())
    }

    /// A leaf cell's row number and payload, with what stands on overflow pages.
    fn payload(&mut self, cell: &[u8]) -> io::Result<(i64, Zeroizing<Vec<u8>>)> {
        let (length, used) = varint(cell).ok_or_else(damaged)?;
        let (rowid, more) = varint(&cell[used..]).ok_or_else(damaged)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= LONGEST).ok_or_else(damaged)?;
        let usable = self.pages.usable();
        let most = usable - 35;
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + (length.saturating_sub(least)) % (usable - 4);
        let local = match length {
            _ if length <= most => length,
            _ if fitting <= most => fitting,
            _ => least,
        };
        let start = used + more;
        let mut payload = Zeroizing::new(cell.get(start..start + local).ok_or_else(damaged)?.to_vec());
        if local < length {
            let next = cell.get(start + local..start + local + 4).ok_or_else(damaged)?;
            let mut next = u32::from_be_bytes([next[0], next[1], next[2], next[3]]);
            while payload.len() < length {
                // A page that leads back to itself ends all the same, with the length.
                let page = self.pages.page(next)?;
                let part = (length - payload.len()).min(usable - 4);
                payload.extend_from_slice(page.get(4..4 + part).ok_or_else(damaged)?);
                next = u32::from_be_bytes([page[0], page[1], page[2], page[3]]);
            }
        }
        Ok((rowid, payload))
    }
}

/// The columns that `CREATE TABLE` names, and the one that is the row's number.
fn columns(sql: &str) -> (Vec<String>, Option<usize>) {
    let body = sql.find('(').map_or("", |at| &sql[at + 1..]);
    let (mut columns, mut numbered) = (Vec::new(), None);
    for definition in split(body) {
        let words = words(definition);
        let Some((quoted, name)) = words.first() else { continue };
        let upper: Vec<String> = words.iter().map(|(_, word)| word.to_ascii_uppercase()).collect();
        let constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(&upper[0].as_str());
        if constraint && !quoted {
            // PRIMARY KEY (id), where id is an INTEGER, is found below by SQLAlchemy's way of writing it.
            if let Some(at) = upper.iter().position(|word| word == "KEY")
                && upper.get(at.wrapping_sub(1)).is_some_and(|word| word == "PRIMARY")
                && let [name] = &upper[at + 1..]
            {
                let integers: &Vec<(String, bool)> = &columns;
                numbered = numbered
                    .or_else(|| integers.iter().position(|(own, integer)| *integer && own.eq_ignore_ascii_case(name)));
            }
            continue;
        }
        let integer = upper.get(1).is_some_and(|kind| kind == "INTEGER");
        if integer && upper.windows(2).any(|pair| pair[0] == "PRIMARY" && pair[1] == "KEY") {
            numbered = Some(columns.len());
        }
        columns.push((name.clone(), integer));
    }
    (columns.into_iter().map(|(name, _)| name).collect(), numbered)
}

/// The definitions of a table, separated by commas that stand in no parentheses and no quotes.
fn split(body: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0, None);
    for (at, c) in body.char_indices() {
        if let Some(close) = quote {
            if c == close {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' | '`' => quote = Some(c),
            '[' => quote = Some(']'),
            '(' => depth += 1,
            ')' if depth == 0 => {
                parts.push(&body[start..at]);
                return parts;
            }
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&body[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The words of a definition, and whether each was quoted; parentheses and commas only separate.
fn words(definition: &str) -> Vec<(bool, String)> {
    let mut words = Vec::new();
    let mut rest = definition;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ','));
        let Some(first) = rest.chars().next() else { return words };
        let close = match first {
            '"' | '\'' | '`' => Some(first),
            '[' => Some(']'),
            _ => None,
        };
        if let Some(close) = close {
            let end = rest[1..].find(close).map_or(rest.len(), |at| at + 1);
            words.push((true, rest[1..end].to_owned()));
            rest = rest.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',')).unwrap_or(rest.len());
            words.push((false, rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
}

/// The database does not hold what its own numbers promise.
fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the database is damaged")
}

#[cfg(test)]
mod tests;
