//! Gives `--from` what it cannot use: names that do not exist, broken and hostile files; it says what stands in the way,
//! shows no key, and never hangs.

use std::error::Error;
use std::fmt::Write;
use std::fs::{self, File};

use crate::machine::{Machine, compare, flat};
use crate::width::too_wide;

type Tested = Result<(), Box<dyn Error>>;

#[test]
fn what_cannot_be_used_is_said_plainly() -> Tested {
    let machine = Machine::with(&[])?;
    machine.write("docker-compose.yml", "services: {db: {image: postgres, environment: {PASSWORD: x}}}\n")?;
    machine.write("broken.json", "{\"openai.api_keys\": [\"<KEY>\" \"<OTHER>\"]}")?;
    machine.write("cut.json", "{\"openai.api_keys\": [\"<KEY>")?;
    machine.write("broken.yml", "services:\n  a: {image: x\n  key: \"<KEY>\n")?;
    machine.write("broken.toml", "model = \"x\"\nkey = \"<KEY>\noops")?;
    machine.write("story.txt", "Once upon a time.\nThe end: it was <KEY>.\n")?;
    machine.write("empty.txt", "")?;
    machine.write("picture.png", [0x89, b'P', b'N', b'G', 0, 0xff])?;
    machine.write("variables.env", "OTHER_THING=<KEY>\n")?;
    machine.write(
        "off.env",
        "OPENAI_API_BASE_URLS=https://a.example/v1;https://b.example/v1\nOPENAI_API_KEYS=<KEY>\nENABLE_OPENAI_API=0\n",
    )?;
    machine.write("session.json", r#"{"openai":{"api_base_urls":["https://a.example/v1","https://b.example/v1"],"api_keys":["<KEY>"],"api_configs":{"0":{"auth_type":"session"},"1":{"auth_type":"microsoft_entra_id"}}}}"#)?;
    machine.write("other.db", fs::read(machine_database(&machine)?)?)?;
    machine.write("damaged.db", &fs::read(machine.path("other.db"))?[..2000])?;
    fs::create_dir(machine.path("nothing-here"))?;
    let mut all = String::new();
    for source in [
        "docker-compse.yml",
        "codx",
        "cursor",
        "codex",
        "claude-code",
        "continue",
        "opencode",
        "aider",
        "env",
        "nothing-here",
        "no/such/file",
        "broken.json",
        "cut.json",
        "broken.yml",
        "broken.toml",
        "story.txt",
        "empty.txt",
        "picture.png",
        "variables.env",
        "off.env",
        "session.json",
        "docker-compose.yml",
        "other.db",
        "damaged.db",
        "",
        " ",
    ] {
        let said = machine.refused(&["doctor", "--from", source])?;
        assert_eq!(too_wide(&said), Vec::<String>::new());
        writeln!(all, "--from {source:?}\n{said}")?;
    }
    // Elsewhere clients have other places.
    if cfg!(target_os = "linux") {
        compare("refused", &all);
    }
    Ok(())
}

/// A database of another program.
fn machine_database(machine: &Machine) -> Result<std::path::PathBuf, Box<dyn Error>> {
    let path = machine.path("tmp.db");
    let connection = rusqlite::Connection::open(&path)?;
    connection.execute_batch("CREATE TABLE song (name TEXT); INSERT INTO song VALUES ('la')")?;
    Ok(path)
}

#[test]
fn hostile_files_end_with_a_message() -> Tested {
    let machine = Machine::with(&[])?;
    let mut laughs = "services:\n  a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for n in 1..12 {
        writeln!(laughs, "  a{n}: &a{n} [{}]", format!("*a{}, ", n - 1).repeat(10))?;
    }
    machine.write("laughs.yml", laughs)?;
    machine.write("deep.json", format!("{}{}", "{\"a\":".repeat(200_000), "[".repeat(200_000)))?;
    machine.write("deep.yml", (0..1500).fold(String::new(), |text, n| format!("{text}{}a:\n", " ".repeat(n))))?;
    machine.write("deep.toml", format!("a = {}", "[".repeat(100_000)))?;
    machine.write(
        "doubling.env",
        (0..200).fold("V0=xxxxxxxxxxxxxxxx\n".to_owned(), |text, n| format!("{text}V{}=${{V{n}}}${{V{n}}}\n", n + 1)),
    )?;
    machine.write(
        "many.env",
        (0..40_000).fold(String::new(), |mut text, n| {
            let _ = writeln!(text, "A{n}=${{A{}}}", n - 1);
            text
        }),
    )?;
    machine.write(
        "braces.yml",
        format!("services: {{a: {{image: open-webui, environment: ['X={}']}}}}", "${A:-".repeat(50_000)),
    )?;
    // A hole, not bytes: nothing is stored for it.
    File::create(machine.path("huge.json"))?.set_len(5 << 30)?;
    machine.write(
        "control.env",
        "OPENAI_API_BASE_URL=http://a\u{1b}[2J\u{202e}.invalid/v1\nOPENAI_API_KEY=<KEY>\nENABLE_OPENAI_API=no\n",
    )?;
    for (source, wanted) in [
        ("laughs.yml", "stands for too many values"),
        ("deep.json", "the JSON is broken"),
        ("deep.yml", "too deep"),
        ("deep.toml", "the TOML is broken"),
        ("doubling.env", "no connection"),
        ("many.env", "no connection"),
        ("braces.yml", "no connection"),
        ("huge.json", "larger than 64 MB"),
        ("control.env", "is switched off in Open"),
    ] {
        let said = machine.refused(&["doctor", "--from", source])?;
        assert!(flat(&said).contains(wanted), "{source}: {said}");
        assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said:?}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_and_pipes() -> Tested {
    use std::os::unix::fs::symlink;

    let machine = Machine::with(&["healthy"])?;
    machine.write("real.env", "OPENAI_API_BASE_URL=http://<healthy>/v1\nOPENAI_API_KEY=<KEY>\n")?;
    symlink("real.env", machine.path("linked.env"))?;
    symlink("gone.env", machine.path("dangling.env"))?;
    symlink("loop.env", machine.path("loop.env"))?;
    assert_eq!(machine.run(&["doctor", "--from", "linked.env", "--model", "gpt-5.5"])?.exit, 0);
    let said = machine.refused(&["doctor", "--from", "dangling.env"])?;
    assert!(said.contains("this is a link that leads nowhere"), "{said}");
    machine.refused(&["doctor", "--from", "loop.env"])?;
    // In a folder, what is no plain file is passed over: it might never end.
    let pipe = machine.path("folder");
    fs::create_dir(&pipe)?;
    let made = std::process::Command::new("mkfifo").arg(pipe.join(".env")).status();
    if made.is_ok_and(|status| status.success()) {
        let said = machine.refused(&["doctor", "--from", "folder"])?;
        assert!(said.contains("holds no settings that ruta knows"), "{said}");
    }
    Ok(())
}
