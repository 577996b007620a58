//! Turns the data files into Rust constants, so that a run parses none of them and a mistake in one fails the build.
//!
//! Reads `src/knowledge/{providers,clients,abilities,advice}/*.toml`, `src/knowledge/kinds.toml` and
//! `fixtures/scenarios/*.toml`; writes constants in Rust into the build folder, the rows of marks packed and the scenarios
//! compressed. A wrong file, row or field is named.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use toml::{Table, Value};

/// What a field of a data file holds, and so how it is written in Rust.
#[derive(Clone, Copy)]
enum Field {
    Text,
    Texts,
    Numbers,
    Number,
    Bool,
    /// A table of texts.
    Pairs,
    /// A table of lists of texts.
    Lists,
    Rows(&'static str, &'static [(&'static str, &'static str, Field)]),
    /// Rows of marks: thousands, so they go into a [`Pool`].
    Packed,
}

use Field::{Bool, Lists, Number, Numbers, Packed, Pairs, Rows, Text, Texts};

/// Field in the file, field in Rust, kind.
type Shape = &'static [(&'static str, &'static str, Field)];

/// Fields of a row that are compared with an answer, in the order that `src/knowledge/row.rs` reads them in.
const MARKS: &[&str] = &["at", "code", "type", "text", "title", "header", "owned_by"];

/// Further fields of a row. What only tests read (the example and its source) stays in the file.
const SAYS: &[&str] = &["status", "means", "like", "like_status", "like_headers", "seen"];

const CHANGED: Shape = &[("since", "since", Text), ("what", "what", Text), ("seen", "seen", Text)];

const SYSTEM: Shape = &[
    ("name", "name", Text),
    ("kind", "kind", Text),
    ("base_url", "base_url", Text),
    ("also_right", "also_right", Texts),
    ("hosts", "hosts", Texts),
    ("ports", "ports", Numbers),
    ("not_the_api", "not_the_api", Pairs),
    ("not_the_root", "not_the_root", Pairs),
    ("twins", "twins", Texts),
    ("auth", "auth", Text),
    ("models_auth", "models_auth", Text),
    ("key_prefixes", "key_prefixes", Texts),
    ("wrong_kind_prefixes", "wrong_kind_prefixes", Pairs),
    ("key_env", "key_env", Texts),
    ("keyless_values", "keyless_values", Texts),
    ("models_endpoint", "models_endpoint", Text),
    ("many_models", "many_models", Bool),
    ("request_id", "request_id", Texts),
    ("models", "models", Texts),
    ("other_models", "other_models", Pairs),
    ("notes", "notes", Texts),
    ("links", "links", Pairs),
    ("changed", "changed", Rows("Changed", CHANGED)),
    ("advice", "advice", Lists),
    ("fingerprint", "fingerprints", Packed),
    ("says", "says", Packed),
];

const ADVICE: Shape =
    &[("title", "title", Text), ("meaning", "meaning", Text), ("fix", "fix", Texts), ("links", "links", Texts)];

const CLIENT: Shape = &[
    ("name", "name", Text),
    ("url", "url", Text),
    ("slash", "slash", Text),
    ("adds_scheme", "adds_scheme", Bool),
    ("literal", "literal", Text),
    ("auth", "auth", Text),
    ("calls", "calls", Pairs),
    ("needs", "needs", Texts),
    ("sends", "sends", Texts),
    ("strict_stream", "strict_stream", Bool),
    ("from", "from", Text),
    ("list_timeout", "list_timeout", Number),
    ("timeout", "timeout", Number),
    ("place", "place", Text),
    ("fields", "fields", Pairs),
    ("files", "files", Texts),
    ("variables", "variables", Pairs),
    ("notes", "notes", Texts),
    ("advice", "advice", Lists),
    ("says", "says", Rows("Says", &[("when", "when", Text), ("text", "text", Text), ("meaning", "meaning", Text)])),
    (
        "settings",
        "settings",
        Rows(
            "Settings",
            &[("title", "title", Text), ("format", "format", Text), ("file", "file", Text), ("body", "body", Text)],
        ),
    ),
    ("source", "sources", Rows("Source", &[("of", "of", Texts), ("version", "version", Text), ("seen", "seen", Text)])),
];

const KINDS: Shape = &[("chat", "chat", Texts), ("other", "other", Texts), ("names", "names", Texts)];
const ABILITY: Shape = &[
    ("name", "name", Text),
    ("path", "path", Text),
    ("model", "model", Text),
    ("costs", "costs", Text),
    ("without", "without", Text),
    ("without_in", "without_in", Pairs),
    ("kinds", "kinds", Texts),
    ("names", "names", Texts),
    ("not", "not", Texts),
    ("sends", "sends", Rows("Sends", &[("to", "to", Text), ("fields", "fields", Text)])),
];

fn main() {
    if let Err(problem) = generate() {
        println!("cargo::error={problem}");
        process::exit(1);
    }
}

fn generate() -> Result<(), String> {
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|_| "OUT_DIR is not set")?);
    let mut systems = String::from("&[\n");
    let mut pool = Pool::default();
    for (id, path) in files("src/knowledge/providers")? {
        let named = |what: String| format!("{}: {what}", path.display());
        let mut table = read(&path)?;
        let mut given = vec![("id", format!("{id:?}"))];
        for (key, field) in [("fingerprint", "fingerprints"), ("says", "says")] {
            if let Some(rows) = table.remove(key) {
                given.push((field, pool.rows(&rows).map_err(|what| named(format!("{key}: {what}")))?));
            }
        }
        let _ = writeln!(systems, "{},", emit("System", &given, &table, SYSTEM).map_err(named)?);
    }
    systems.push(']');
    write(&out.join("systems.rs"), &systems)?;
    let marks: Vec<_> = pool.marks.iter().map(|mark| format!("0x{:04x}_{:04x}", mark >> 16, mark & 0xffff)).collect();
    write(&out.join("marks.rs"), &format!("&[{}]", marks.join(", ")))?;
    write(&out.join("statuses.rs"), &format!("&{:?}", pool.statuses))?;
    write(&out.join("texts.txt"), &pool.texts)?;

    let mut clients = String::from("&[\n");
    for (id, path) in files("src/knowledge/clients")? {
        let table = read(&path)?;
        let fields = emit("Client", &[("id", format!("{id:?}"))], &table, CLIENT)
            .map_err(|what| format!("{}: {what}", path.display()))?;
        let _ = writeln!(clients, "{fields},");
    }
    clients.push(']');
    write(&out.join("clients.rs"), &clients)?;

    let mut abilities = String::from("&[\n");
    for (id, path) in files("src/knowledge/abilities")? {
        let table = read(&path)?;
        let fields = emit("Ability", &[("id", format!("{id:?}"))], &table, ABILITY)
            .map_err(|what| format!("{}: {what}", path.display()))?;
        let _ = writeln!(abilities, "{fields},");
    }
    abilities.push(']');
    write(&out.join("abilities.rs"), &abilities)?;

    let mut advice = String::from("&[\n");
    for (family, path) in files("src/knowledge/advice")? {
        for (code, table) in read(&path)? {
            let table = table.as_table().ok_or_else(|| format!("{}: `{code}` is no table", path.display()))?;
            let fields = emit("Advice", &[("family", format!("{family:?}"))], table, ADVICE)
                .map_err(|what| format!("{}: [{code}]: {what}", path.display()))?;
            let _ = writeln!(advice, "({}, {fields}),", cause(&code)?);
        }
    }
    advice.push(']');
    write(&out.join("advice.rs"), &advice)?;

    let kinds = Path::new("src/knowledge/kinds.toml");
    println!("cargo::rerun-if-changed={}", kinds.display());
    let fields = emit("Kinds", &[], &read(kinds)?, KINDS).map_err(|what| format!("{}: {what}", kinds.display()))?;
    write(&out.join("kinds.rs"), &fields)?;

    let names: Vec<String> = files("fixtures/scenarios")?.into_iter().map(|(name, _)| name).collect();
    write(&out.join("scenario_names.rs"), &format!("{names:?}"))?;
    let mut scenarios = Vec::new();
    for (name, path) in files("fixtures/scenarios")? {
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        scenarios.extend([name, text]);
    }
    let packed = fs::File::create(out.join("scenarios.deflate")).and_then(|file| {
        let mut packed = DeflateEncoder::new(file, Compression::best());
        packed.write_all(scenarios.join("\0").as_bytes())?;
        packed.finish()
    });
    packed.map(drop).map_err(|error| format!("the scenarios cannot be packed: {error}"))
}

/// The TOML files of a folder by name, sorted; the folder itself is watched, so that a new file is noticed.
fn files(folder: &str) -> Result<Vec<(String, PathBuf)>, String> {
    println!("cargo::rerun-if-changed={folder}");
    let entries = fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect();
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.parse().map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// A Rust struct literal with the fields that the table gives; the rest comes from `EMPTY`.
fn emit(name: &str, given: &[(&str, String)], table: &Table, shape: Shape) -> Result<String, String> {
    let mut out = format!("{name} {{ ");
    for (field, value) in given {
        let _ = write!(out, "{field}: {value}, ");
    }
    for (key, value) in table {
        let Some((_, field, kind)) = shape.iter().find(|(known, _, _)| known == key) else {
            let known: Vec<&str> = shape.iter().map(|(known, _, _)| *known).collect();
            return Err(format!("unknown field `{key}`; the fields are {}", known.join(", ")));
        };
        let value = literal(value, *kind).map_err(|what| format!("{key}: {what}"))?;
        let _ = write!(out, "{field}: {value}, ");
    }
    // A row that gives every field needs no rest.
    let missing = shape.iter().any(|(key, _, _)| !table.contains_key(*key));
    out.push_str(if missing { "..Self_::EMPTY }" } else { "}" });
    Ok(out.replace("Self_", name))
}

/// What all rows of marks share: one text, one list of marks that point into it, one list of statuses. Only numbers
/// point, because each of thousands of pointers would cost space in the program and time at its start.
#[derive(Default)]
struct Pool {
    texts: String,
    marks: Vec<u32>,
    statuses: Vec<u16>,
}

impl Pool {
    /// The rows as Rust.
    fn rows(&mut self, rows: &Value) -> Result<String, String> {
        let rows = rows.as_array().ok_or("rows ([[...]]) are wanted")?;
        let made = rows.iter().enumerate().map(|(index, row)| {
            table(row).and_then(|row| self.row(row)).map_err(|what| format!("row {index}: {what}"))
        });
        Ok(format!("&[{}]", made.collect::<Result<Vec<_>, _>>()?.join(", ")))
    }

    fn row(&mut self, row: &Table) -> Result<String, String> {
        if let Some(key) = row.keys().find(|key| !MARKS.contains(&key.as_str()) && !SAYS.contains(&key.as_str())) {
            let known: Vec<&str> = MARKS.iter().chain(SAYS).copied().collect();
            return Err(format!("unknown field `{key}`; the fields are {}", known.join(", ")));
        }
        let first_mark = self.marks.len();
        for (kind, key) in MARKS.iter().enumerate() {
            let Some(value) = row.get(*key) else { continue };
            let texts = many(value);
            let texts =
                texts.iter().map(text).collect::<Result<Vec<_>, _>>().map_err(|what| format!("{key}: {what}"))?;
            // One of the places is enough, but all other marks must fit.
            let texts = if *key == "at" {
                vec![texts.join(" ")]
            } else {
                texts.iter().map(|text| text.to_lowercase()).collect()
            };
            for text in texts {
                let (start, length) = (self.place(&text), text.len());
                if start >= 1 << 20 || length >= 1 << 8 {
                    return Err(format!("{key}: too long, or too many texts in all"));
                }
                self.marks.push(u32::try_from(kind << 28 | start << 8 | length).map_err(|error| error.to_string())?);
            }
        }
        let statuses = row.get("status").map(many).unwrap_or_default();
        let statuses =
            statuses.iter().map(number).collect::<Result<Vec<_>, _>>().map_err(|what| format!("status: {what}"))?;
        let first_status = self.statuses.len();
        self.statuses.extend(statuses.iter().filter_map(|status| status.parse::<u16>().ok()));
        let usual = row.get("like_status").map(number).transpose()?.or(statuses.first().cloned()).unwrap_or_default();
        let means = row.get("means").map(|code| text(code).and_then(cause)).transpose()?;
        Ok(format!(
            "Row::new(({first_mark}, {}), ({first_status}, {}), {}, {})",
            self.marks.len() - first_mark,
            statuses.len(),
            means.unwrap_or_else(|| "Cause::Unexplained".to_owned()),
            if usual.is_empty() { "0" } else { &usual },
        ))
    }

    /// Where the text stands in the text of all.
    fn place(&mut self, text: &str) -> usize {
        self.texts.find(text).unwrap_or_else(|| {
            self.texts.push_str(text);
            self.texts.len() - text.len()
        })
    }
}

fn literal(value: &Value, kind: Field) -> Result<String, String> {
    let list = |items: Vec<String>| format!("&[{}]", items.join(", "));
    Ok(match kind {
        Text => format!("{:?}", text(value)?),
        Texts => {
            list(many(value).iter().map(|item| text(item).map(|text| format!("{text:?}"))).collect::<Result<_, _>>()?)
        }
        Number => number(value)?,
        Numbers => list(many(value).iter().map(number).collect::<Result<_, _>>()?),
        Bool => value.as_bool().ok_or("true or false is wanted")?.to_string(),
        Pairs => list(
            table(value)?
                .iter()
                .map(|(name, inner)| text(inner).map(|text| format!("({name:?}, {text:?})")))
                .collect::<Result<_, _>>()?,
        ),
        Lists => list(
            table(value)?
                .iter()
                .map(|(name, inner)| {
                    literal(inner, Texts).map(|texts| format!("({}, {texts})", cause(name).unwrap_or_else(|what| what)))
                })
                .collect::<Result<_, _>>()?,
        ),
        Packed => return Err("is packed, not written out".to_owned()),
        Rows(name, shape) => list(
            value
                .as_array()
                .ok_or("rows ([[…]]) are wanted")?
                .iter()
                .enumerate()
                .map(|(index, row)| emit(name, &[], table(row)?, shape).map_err(|what| format!("row {index}: {what}")))
                .collect::<Result<_, _>>()?,
        ),
    })
}

fn many(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("a text is wanted, not {value:?}"))
}

fn number(value: &Value) -> Result<String, String> {
    let number = value.as_integer().ok_or_else(|| format!("a number is wanted, not {value:?}"))?;
    u16::try_from(number).map(|number| number.to_string()).map_err(|_| format!("{number} is out of range"))
}

fn table(value: &Value) -> Result<&Table, String> {
    value.as_table().ok_or_else(|| format!("a table is wanted, not {value:?}"))
}

/// `no-credits` as `Cause::NoCredits`; a code that does not exist fails to compile with that name.
fn cause(code: &str) -> Result<String, String> {
    if code.is_empty() || !code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(format!("`{code}` is no cause"));
    }
    let name: String = code.split('-').map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect();
    Ok(format!("Cause::{name}"))
}
