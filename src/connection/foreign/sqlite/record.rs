//! The rows of a database: numbers of one to nine bytes, and values behind a head that tells their kinds.

use zeroize::Zeroizing;

use super::{Row, Value};

/// No table has more columns.
const COLUMNS: usize = 2000;

/// Reads rows.
pub(super) struct Record;

impl Record {
    /// The values of a row; `None` if they are cut off.
    pub(super) fn read(payload: &[u8]) -> Option<Row> {
        let (head, used) = varint(payload)?;
        let head = usize::try_from(head).ok()?;
        let mut kinds = payload.get(used..head)?;
        let mut values = payload.get(head..)?;
        let mut row = Vec::new();
        while !kinds.is_empty() && row.len() < COLUMNS {
            let (kind, used) = varint(kinds)?;
            kinds = &kinds[used..];
            let (value, length) = value(kind, values)?;
            values = &values[length..];
            row.push(value);
        }
        Some(row)
    }
}

/// One value and its length.
fn value(kind: i64, bytes: &[u8]) -> Option<(Value, usize)> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        12.. => usize::try_from((kind - 12) / 2).ok()?,
        _ => return None,
    };
    let own = bytes.get(..length)?;
    let value = match kind {
        0 => Value::Null,
        1..=6 => {
            let negative = own.first().is_some_and(|byte| byte & 0x80 != 0);
            let start = if negative { -1 } else { 0 };
            Value::Integer(own.iter().fold(start, |number: i64, byte| number << 8 | i64::from(*byte)))
        }
        8 | 9 => Value::Integer(kind - 8),
        // JSON is written as a text, and by some programs as bytes.
        12.. => String::from_utf8(own.to_vec()).map_or(Value::Other, |text| Value::Text(Zeroizing::new(text))),
        _ => Value::Other,
    };
    Some((value, length))
}

/// A number of one to nine bytes, and how many it took.
pub(super) fn varint(bytes: &[u8]) -> Option<(i64, usize)> {
    let mut number: i64 = 0;
    for (at, byte) in bytes.iter().take(8).enumerate() {
        number = number << 7 | i64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    bytes.get(8).map(|byte| (number << 8 | i64::from(*byte), 9))
}
