//! Questions at a real terminal: the keys of a shell, values at the wrong place, and what is saved of them.

use std::error::Error;

use crate::person::{CTRL_C, CTRL_U, DOWN, ENTER, ESCAPE, KEY, Person, left_in_order};
use ruta::scenario::{Scenario, Server};
use tempfile::TempDir;

type Tested = Result<(), Box<dyn Error>>;

const USUAL: (u16, u16) = (60, 80);

/// A person whose configuration is in this folder, and who has no keyring.
fn at(size: (u16, u16), home: &TempDir, arguments: &[&str]) -> Result<Person, Box<dyn Error>> {
    let folder = home.path().display().to_string();
    Person::at(size, &[("XDG_CONFIG_HOME", &folder), ("RUTA_KEYRING", "off")], arguments)
}

fn saved(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("ruta").join("connections.toml")).unwrap_or_default()
}

fn compare(name: &str, home: &TempDir, text: &str) {
    let text = text.replace(&home.path().display().to_string(), "CONFIG");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/terminal");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_line_is_edited_as_in_a_shell() -> Tested {
    let home = TempDir::new()?;
    let (left, ctrl_a, ctrl_d, ctrl_e, ctrl_k, ctrl_w) = ("\u{1b}[D", "\u{1}", "\u{4}", "\u{5}", "\u{b}", "\u{17}");
    let person = at(USUAL, &home, &["doctor"])?;
    person.sees("name of a provider")?;
    person.types("https://one.example/v1")?;
    person.sees("Base URL: https://one.example/v1\n")?;
    person.types(CTRL_U)?;
    person.sees("name of a provider")?;
    person.types("one two")?.types(ctrl_w)?;
    person.sees("Base URL: one\n")?;
    person.types(ctrl_a)?.types("x")?.types(ctrl_e)?.types("y")?;
    person.sees("Base URL: xone y\n")?;
    person.types(&left.repeat(3))?.types(ctrl_d)?.types(ctrl_k)?;
    person.sees("Base URL: xon\n")?;
    // Of what is pasted, only the first line is meant: the second may be the key.
    person.types(CTRL_U)?.pastes(&format!("http://\n{KEY}\n"))?;
    person.sees("Base URL: http://\n")?;
    person.types(CTRL_C)?;
    let ended = person.ends()?;
    left_in_order(&ended, "edited");
    assert_eq!(ended.exit, "130");
    assert_eq!(ended.screen.lines().last(), Some("? Base URL: http://"), "what was asked for stays: {}", ended.screen);
    Ok(())
}

#[test]
fn what_add_asks_for_ends_in_the_file_and_a_key_does_not() -> Tested {
    let home = TempDir::new()?;
    let mut seen = String::new();
    let mut add = |what: &str, screen: &str| seen.push_str(&format!("----- {what}\n{screen}\n\n"));
    let person = at(USUAL, &home, &["connections", "add", "work"])?;
    add("ruta connections add work", &person.sees("name of a provider")?);
    person.types(ENTER)?;
    add("Enter", &person.sees("! type a URL")?);
    person.types(KEY)?.types(ENTER)?;
    person.sees("looks like an API key")?;
    add("types the key, Enter", &person.sees("name of a provider")?);
    person.types("groq")?.types(DOWN)?;
    add("types groq, arrow down", &person.sees("> https://api.groq.com")?);
    person.types(ENTER)?;
    person.sees("as the client gets it")?;
    person.types(KEY)?.types(ENTER)?;
    add("Enter; types the key, Enter", &person.sees("! this looks like a key")?);
    person.types("llama")?.types(ENTER)?;
    add("types a model, Enter", &person.sees("Where is the API key?")?);
    person.types(ENTER)?;
    person.sees("WORK_KEY")?;
    person.types(CTRL_U)?.types(KEY)?.types(ENTER)?;
    add("Enter; types the key, Enter", &person.sees("! a name such as WORK_KEY")?);
    person.types("GROQ_KEY")?.types(ENTER)?;
    let ended = person.ends()?;
    add("types a name, Enter", &ended.screen);
    assert_eq!((ended.exit.as_str(), ended.wrong), ("0", Vec::new()), "{}", ended.screen);
    assert!(!ended.screen.contains(&KEY[3..12]), "{}", ended.screen);
    let file = saved(&home);
    assert!(
        file.ends_with("[work]\nurl = \"https://api.groq.com/openai/v1\"\nmodel = \"llama\"\nkey_env = \"GROQ_KEY\"\n")
    );
    compare("connections-add", &home, &seen);
    Ok(())
}

#[test]
fn whoever_leaves_the_offer_to_save_has_the_examination_all_the_same() -> Tested {
    let rows = "[[answer]]\npath = '/v1/models'\nuse = 'models'\nids = ['m']\n\
                [[answer]]\npath = '/v1/chat/completions'\nuse = 'chat-or-stream'\n";
    let head = "title = 't'\ncause = 'ok'\noutcome = 'works'\nexit = 0\n";
    let server = Server::start(&Scenario::parse(&format!("{head}{rows}"))?)?;
    for (answer, left, wanted) in [("", ESCAPE, ""), ("", CTRL_C, ""), ("a b\r", ESCAPE, ""), ("work", ENTER, "[work]")]
    {
        let home = TempDir::new()?;
        let person = at(USUAL, &home, &["doctor", "--no-key"])?;
        person.sees("Base URL:")?;
        person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
        person.sees("Model:")?;
        person.types("m")?.types(ENTER)?;
        person.sees("Save these values?")?;
        person.types(answer)?;
        if answer.ends_with('\r') {
            person.sees("! `a b` is no name")?;
        }
        person.types(left)?;
        person.sees("ended with ")?;
        let ended = person.ends()?;
        left_in_order(&ended, answer);
        assert_eq!(ended.exit, "0", "{answer:?}: {}", ended.screen);
        assert_eq!(saved(&home).contains("\n[work]\n"), !wanted.is_empty(), "{answer:?}: {}", ended.screen);
    }
    Ok(())
}

#[test]
fn twenty_columns_and_a_few_rows_are_enough() -> Tested {
    let home = TempDir::new()?;
    for size in [(70, 20), (14, 80)] {
        let person = at(size, &home, &["doctor"])?;
        person.sees("Base URL:")?;
        person.types("openai")?;
        person.sees("  https://")?;
        person.types(DOWN)?.types(DOWN)?;
        person.sees("> https://")?;
        // As many rows as the terminal has: the end, where the cursor is, stays in sight.
        person.types(CTRL_U)?.types(&format!("http://127.0.0.1:9/{}end", "path/".repeat(190)))?;
        person.sees("path/end")?;
        person.types(CTRL_U)?;
        person.sees("Base URL: htt")?;
        person.types(CTRL_C)?;
        let ended = person.ends()?;
        left_in_order(&ended, "narrow");
        assert_eq!(ended.exit, "130");
    }
    Ok(())
}
