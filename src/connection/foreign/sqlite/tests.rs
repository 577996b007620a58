//! Our reading of databases, compared with what the real library wrote and reads.

use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn open(path: &Path) -> Database<File> {
    let file = |end: &str| File::open(beside(path, end)).ok();
    Database::open(File::open(path).unwrap(), file("-wal"), file("-journal")).unwrap()
}

/// All rows of the table `t`, with whole numbers and texts as text.
fn ours(database: &mut Database<impl Source>) -> io::Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let Some(table) = database.table("t")? else { return Ok(rows) };
    database.rows(&table, |row| {
        rows.push(
            row.iter()
                .map(|value| match value {
                    Value::Null => "NULL".to_owned(),
                    Value::Integer(number) => number.to_string(),
                    Value::Text(text) => text.to_string(),
                    Value::Other => "?".to_owned(),
                })
                .collect(),
        );
    })?;
    Ok(rows)
}

/// The same by the library.
fn theirs(connection: &Connection) -> Vec<Vec<String>> {
    let mut statement = connection.prepare("SELECT * FROM t ORDER BY rowid").unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..columns)
            .map(|at| {
                Ok(match row.get_ref(at)? {
                    rusqlite::types::ValueRef::Null => "NULL".to_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    _ => "?".to_owned(),
                })
            })
            .collect()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Names, sizes and times of all files in a folder.
fn state(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            (entry.path(), about.len(), about.modified().unwrap())
        })
        .collect();
    all.sort();
    all
}

fn fill(connection: &Connection, rows: u32) {
    connection
        .execute_batch("BEGIN; CREATE TABLE other (x); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b, c)")
        .unwrap();
    for number in 0..rows {
        let long = "x".repeat((number * number % 7001) as usize);
        let values = (number, format!("{number} {long}"), i64::from(number) * -99_999_999_999, 1.5);
        connection.execute("INSERT INTO t VALUES (?1 * 3, ?2, ?3, ?4)", values).unwrap();
    }
    connection.execute_batch("INSERT INTO t (a) VALUES (NULL); COMMIT").unwrap();
}

fn checkpoint(connection: &Connection, mode: &str) {
    let mut statement = connection.prepare(&format!("PRAGMA wal_checkpoint({mode})")).unwrap();
    statement.query_row([], |_| Ok(())).unwrap();
}

#[test]
fn every_page_size_long_values_and_many_rows() {
    for size in [512, 1024, 4096, 65_536] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "page_size", size).unwrap();
        fill(&connection, 400);
        let before = state(folder.path());
        let mut database = open(&path);
        assert_eq!(ours(&mut database).unwrap(), theirs(&connection), "{size}");
        assert!(database.is_unchanged().unwrap());
        assert_eq!(state(folder.path()), before, "nothing is written");
        connection.execute("UPDATE t SET a = 'new' WHERE id = 3", ()).unwrap();
        assert!(!database.is_unchanged().unwrap());
    }
}

#[test]
fn a_log_that_a_writer_holds_open() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    fill(&connection, 300);
    assert_eq!(ours(&mut open(&path)).unwrap(), theirs(&connection));
    checkpoint(&connection, "FULL");
    connection.execute("UPDATE t SET a = 'in the log' WHERE id > 600", ()).unwrap();
    connection.execute("DELETE FROM t WHERE id < 90", ()).unwrap();
    let mut database = open(&path);
    assert_eq!(ours(&mut database).unwrap(), theirs(&connection));
    assert!(database.is_unchanged().unwrap());

    // What is not committed is not seen, even where it is already in the log.
    let committed = theirs(&connection);
    let log = std::fs::read(beside(&path, "-wal")).unwrap();
    connection.execute_batch("BEGIN; UPDATE t SET a = 'not yet' || id || b").unwrap();
    connection.cache_flush().unwrap();
    assert_ne!(std::fs::read(beside(&path, "-wal")).unwrap(), log, "pages of the transaction are already in the log");
    let before = state(folder.path());
    assert_eq!(ours(&mut open(&path)).unwrap(), committed);
    assert_eq!(state(folder.path()), before, "nothing is written");
    assert!(!database.is_unchanged().unwrap(), "the log went on");
    connection.execute_batch("COMMIT").unwrap();
    assert_eq!(ours(&mut open(&path)).unwrap(), theirs(&connection));

    // Begun anew after a checkpoint: frames of the old log lie behind the new ones.
    checkpoint(&connection, "RESTART");
    connection.execute("UPDATE t SET a = 'anew' WHERE id = 300", ()).unwrap();
    assert_eq!(ours(&mut open(&path)).unwrap(), theirs(&connection));
}

#[test]
fn a_transaction_that_is_not_finished_is_undone() {
    for (mode, synchronous) in [("DELETE", "FULL"), ("DELETE", "OFF"), ("PERSIST", "NORMAL"), ("TRUNCATE", "NORMAL")] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", mode).unwrap();
        connection.pragma_update(None, "synchronous", synchronous).unwrap();
        fill(&connection, 300);
        assert_eq!(ours(&mut open(&path)).unwrap(), theirs(&connection), "an ended journal counts for nothing");
        let committed = theirs(&connection);
        let untouched = std::fs::read(&path).unwrap();
        connection.execute_batch("BEGIN; UPDATE t SET a = 'not yet'; DELETE FROM t WHERE id > 500").unwrap();
        connection.cache_flush().unwrap();
        assert_ne!(std::fs::read(&path).unwrap(), untouched, "pages of the transaction are already in the file");
        let mut database = open(&path);
        assert_eq!(ours(&mut database).unwrap(), committed, "{mode} {synchronous}");
        assert!(database.is_unchanged().unwrap());
        connection.execute_batch("UPDATE t SET b = 'more' WHERE id < 9; COMMIT").unwrap();
        assert!(!database.is_unchanged().unwrap());
        assert_eq!(ours(&mut open(&path)).unwrap(), theirs(&connection), "{mode} {synchronous}");
    }
}

#[test]
fn columns_are_found_however_the_table_was_written() {
    for (sql, wanted, numbered) in [
        (
            "CREATE TABLE config (id INTEGER NOT NULL, data JSON NOT NULL, PRIMARY KEY (id))",
            vec!["id", "data"],
            Some(0),
        ),
        (
            "CREATE TABLE \"config\" (\"key\" TEXT PRIMARY KEY, value JSON, n NUMERIC(10, 2) DEFAULT (1))",
            vec!["key", "value", "n"],
            None,
        ),
        ("create table config(a text default 'x, (y', id integer primary key autoincrement)", vec!["a", "id"], Some(1)),
        (
            "CREATE TABLE [config] ([key] TEXT, `value` JSON, CONSTRAINT p PRIMARY KEY ([key]))",
            vec!["key", "value"],
            None,
        ),
        ("CREATE TABLE config", vec![], None),
        ("", vec![], None),
    ] {
        assert_eq!(columns(sql), (wanted.into_iter().map(str::to_owned).collect(), numbered), "{sql}");
    }
}

proptest::proptest! {
    #[test]
    fn a_damaged_database_ends_with_an_error_or_with_rows(
        places in proptest::collection::vec((0usize..20_000, 0u8..=255), 1..40), cut in 0usize..20_000
    ) {
        static WHOLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let whole = WHOLE.get_or_init(|| {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("a.db");
            let connection = Connection::open(&path).unwrap();
            connection.pragma_update(None, "page_size", 512).unwrap();
            fill(&connection, 12);
            std::fs::read(&path).unwrap()
        });
        let mut bytes = whole.clone();
        for (at, byte) in places {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(bytes.len().min(cut.max(100)));
        if let Ok(mut database) = Database::open(Cursor::new(bytes.clone()), Some(Cursor::new(bytes.clone())), Some(Cursor::new(bytes))) {
            let _ = ours(&mut database);
        }
    }
}
