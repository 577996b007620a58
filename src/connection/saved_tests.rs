//! Tests of the file of saved connections: what is read, how faults are told, and that edits keep the rest.

use super::super::saved::check_name;
use super::*;

fn clients(text: &str) -> Result<&'static str, String> {
    match text {
        "open-webui" => Ok("open-webui"),
        "codex" => Ok("codex"),
        _ => Err("the clients: open-webui, codex".into()),
    }
}

fn saved(name: &str) -> Saved {
    Saved {
        name: name.into(),
        url: Some("https://api.rutaapi.com/v1".into()),
        model: None,
        client: None,
        key: KeyPlace::Keyring,
        headers: Vec::new(),
    }
}

/// Compares a text with its snapshot.
fn compare(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/saved"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The fault of a text, as it is shown.
fn told(text: &str) -> String {
    read(text, &clients).map_or_else(|fault| fault.describe("connections.toml", text), |found| format!("{found:?}"))
}

const HAND: &str = "\
# My own remarks stay.

# the office
[work] # since May
url = \"https://api.rutaapi.com/v1\"   # with v1
model = 'gpt-5.5'
key_env = \"WORK_KEY\"

[work.headers]
X-Team = \"blue\"  # not red

# at home
[\"my.home\"]
url = \"http://localhost:11434/v1\"
key = \"none\"

[third]
client = \"codex\"
# the end
";

#[test]
fn a_file_is_read_in_its_order() {
    let found = read(HAND, &clients).unwrap();
    let names: Vec<&str> = found.iter().map(|saved| saved.name.as_str()).collect();
    assert_eq!(names, ["work", "my.home", "third"]);
    assert_eq!(found[0].key, KeyPlace::Variable("WORK_KEY".into()));
    assert_eq!(found[0].headers, [("X-Team".to_owned(), "blue".to_owned())]);
    assert_eq!((found[1].key.clone(), found[2].key.clone()), (KeyPlace::None, KeyPlace::Keyring));
    assert_eq!(found[2].client.as_deref(), Some("codex"));
    assert_eq!(read("", &clients).unwrap(), []);
    assert_eq!(read("\u{feff}# only this\r\n", &clients).unwrap(), []);
    let other = "work = { url = \"https://h/v1\", headers = { X-A = \"b\" } }\nhome.url = \"http://localhost:1/v1\"\n";
    assert_eq!(read(other, &clients).unwrap().len(), 2);
}

#[test]
fn every_fault_is_told_with_its_place_and_what_to_write() {
    let faults = [
        "[work]\nmodle = \"gpt-5.5\"\n",
        "[work]\nurl = 3\n",
        "[work]\nurl = https://api.rutaapi.com/v1\n",
        "[work\nurl = \"x\"\n",
        "[work]\nurl = \"a\"\nurl = \"b\"\n",
        "[work]\n[work]\n",
        "[[work]]\nurl = \"a\"\n",
        "url = \"https://h/v1\"\n[work]\n",
        "[work]\nclient = \"emacs\"\n",
        "[work]\nkey_env = \"A\"\nkey = \"none\"\n",
        "[work]\nkey = \"keyring\"\n",
        "[work]\nheaders = [\"X-A: b\"]\n",
        "[work.headers]\n\"X A\" = \"b\"\n",
        "[my.server]\nurl = \"a\"\n",
        "[\"my server\"]\nurl = \"a\"\n",
        "[\"\"]\nurl = \"a\"\n",
        "[wörk]\n\turl = true\n",
        "[\"工作\"]\n工 = 1\n",
        "[work]\nurl = \"a",
    ];
    compare("faults", &faults.map(told).join("\n"));
}

#[test]
fn no_secret_is_taken_and_none_is_shown() {
    const KEY: &str = "sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq";
    for line in [
        format!("key = \"{KEY}\""),
        format!("key = {KEY}"),
        "key = \"T9dKq2mXw7Rb4Zc8VfLn3JpYh6".into(),
        format!("api_key = \"{KEY}\""),
        format!("key_env = \"{KEY}\""),
        format!("model = \"{KEY}\""),
        format!("url = \"https://h/v1?key={KEY}\""),
        format!("url = \"https://me:{KEY}@h/v1\""),
        "url = https://me:T9dKq2mXw7Rb4Zc8VfLn3JpYh6@h/v1".into(),
        format!("headers = {{ Authorization = \"Bearer {KEY}\" }}"),
        format!("headers = {{ X-Team = \"{KEY}\" }}"),
        "headers = \"Authorization: Bearer T9dKq2mXw7Rb4Zc8VfLn3JpYh6\"".into(),
        format!("modle = \"x\"\n{KEY} = 1"),
        format!("\"{KEY}\" = 1"),
        KEY.into(),
    ] {
        for text in [format!("[work]\n{line}\n"), format!("{line}\n[work]\n")] {
            let said = told(&text);
            assert!(said.starts_with("connections.toml:"), "{text}{said}");
            assert!(!said.contains("T9dKq2mXw7Rb") && !said.contains("Au5Ee0Oi9"), "{text}{said}");
        }
    }
    let refused = |change: &dyn Fn(&mut Saved)| {
        let mut saved = saved("work");
        change(&mut saved);
        let said = saved.check().unwrap_err();
        assert!(!said.contains("T9dKq2mXw7Rb"), "{said}");
    };
    refused(&|saved| saved.url = Some(format!("https://me:{KEY}@h/v1")));
    refused(&|saved| saved.url = Some(KEY.into()));
    refused(&|saved| saved.model = Some(KEY.into()));
    refused(&|saved| saved.name = KEY.into());
    refused(&|saved| saved.key = KeyPlace::Variable(KEY.into()));
    refused(&|saved| saved.headers = vec![("Authorization".into(), KEY.into())]);
    assert_eq!(saved("work").check(), Ok(()));
}

#[test]
fn a_new_file_explains_itself() {
    let mut work = saved("work");
    work.headers = vec![("X-Team".into(), "\"blue\"".into())];
    let text = add("", &work, &clients).unwrap();
    let mut home = saved("my.home");
    home.key = KeyPlace::None;
    compare("new", &add(&text, &home, &clients).unwrap());
}

#[test]
fn edits_keep_comments_order_and_line_breaks() {
    let mut work = read(HAND, &clients).unwrap().remove(0);
    work.model = Some("gpt-6".into());
    work.key = KeyPlace::Keyring;
    work.name = "office".into();
    work.headers.push(("X-App".into(), "ruta".into()));
    let changed = change(HAND, "work", &work, &clients).unwrap();
    compare("changed", &changed);
    let names = |text: &str| read(text, &clients).unwrap().into_iter().map(|saved| saved.name).collect::<Vec<_>>();
    assert_eq!(names(&changed), ["office", "my.home", "third"]);
    compare("removed", &remove(HAND, &["work".into()], &clients).unwrap());
    compare("removed-last", &remove(HAND, &["third".into()], &clients).unwrap());
    let none = remove(HAND, &["work".into(), "my.home".into(), "third".into()], &clients).unwrap();
    assert!(none.contains("# My own remarks stay.") && none.contains("# the end"), "{none}");
    let windows = HAND.replace('\n', "\r\n");
    for text in [
        add(&windows, &saved("new"), &clients).unwrap(),
        change(&windows, "work", &work, &clients).unwrap(),
        remove(&windows, &["work".into()], &clients).unwrap(),
    ] {
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count(), "{text:?}");
    }
    // Nothing to change changes nothing.
    let same = read(HAND, &clients).unwrap().remove(0);
    assert_eq!(change(HAND, "work", &same, &clients).unwrap(), HAND);
}

#[test]
fn other_ways_of_writing_are_edited_too() {
    for text in [
        "work = { url = \"https://h/v1\", headers = { X-A = \"b\" } }\n",
        "work.url = \"https://h/v1\"\nwork.headers.X-A = \"b\"\n",
        "[work]\nurl = \"https://h/v1\"\nheaders = { X-A = \"b\" }\n[z]\n",
        "[work]\nurl = \"https://h/v1\"\n[z]\n[work.headers]\nX-A = \"b\"\n",
        "work = { url = \"https://h/v1\" }",
        "work.url = \"https://h/v1\"",
        "[work]",
        "[work]\n[z]\n",
    ] {
        let mut work = read(text, &clients).unwrap().remove(0);
        work.url = Some("https://h/v2".into());
        work.client = Some("codex".into());
        work.headers = vec![("X-A".into(), "c".into()), ("X-B".into(), "d".into())];
        let changed = change(text, "work", &work, &clients).unwrap();
        assert!(alike(&read(&changed, &clients).unwrap()[0], &work), "{changed}");
        let mut bare = saved("other");
        bare.url = Some("https://h/v3".into());
        let changed = change(text, "work", &bare, &clients).unwrap();
        assert!(read(&changed, &clients).unwrap().contains(&bare), "{changed}");
        let added = add(text, &saved("new"), &clients).unwrap();
        assert!(added.starts_with(text.trim_end()), "{added}");
        let removed = remove(&added, &["work".into()], &clients).unwrap();
        assert!(!removed.contains("work"), "{removed}");
    }
}

#[test]
fn names_are_checked() {
    for name in ["work", "a", "my.home", "gpt_5-x", "工作", "Büro", "2nd"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    for name in ["", "-a", ".a", "a b", "a/b", "a\u{202e}b", "a\nb", &"x".repeat(65), "--all"] {
        assert!(check_name(name).is_err(), "{name:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_told_without_panic(text in "(\\[[a-z.\"]{0,4}\\]|[a-z_]{1,5} ?= ?|[\"'{}#,0-9\\n]|\\PC){0,30}") {
        let said = told(&text);
        proptest::prop_assert!(!said.is_empty());
    }

    #[test]
    fn what_is_added_is_read_back(
        names in proptest::collection::btree_set("[a-z][a-z.-]{0,6}", 1..5),
        url in proptest::option::of("https://[a-z]{1,9}/[a-z\"'\\\\#é ]{0,9}"),
        model in proptest::option::of("\\PC{0,12}"),
        value in "[ -~]{0,9}",
    ) {
        let mut text = String::new();
        let mut all = Vec::new();
        for name in &names {
            let saved = Saved { url: url.clone(), model: model.clone(), headers: vec![("X-A".into(), value.clone())], ..saved(name) };
            proptest::prop_assume!(saved.check().is_ok());
            text = add(&text, &saved, &clients).unwrap();
            all.push(saved);
        }
        proptest::prop_assert_eq!(read(&text, &clients).unwrap(), all);
        let names: Vec<String> = names.into_iter().collect();
        let left = remove(&text, &names, &clients).unwrap();
        proptest::prop_assert_eq!(left.trim_end(), OPENING.trim_end());
    }
}
