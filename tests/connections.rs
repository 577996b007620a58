//! Saves, changes, lists and forgets connections as people do, and looks at the file: never a key in it, never half of
//! it, never less in it than before.

use std::error::Error;
use std::{fs, thread};

use crate::home::Home;
use crate::secret::pieces;
use crate::stage::run;
use serde_json::{Value, json};

type Tested = Result<(), Box<dyn Error>>;

const KEY: &str = "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM";

const URL: &str = "https://api.rutaapi.com/v1";

fn compare(name: &str, text: &str) {
    let settings = crate::snapshot::settings("saved");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_connection_lives_from_add_to_remove() -> Tested {
    let home = Home::new()?;
    let mut told = String::new();
    for arguments in [
        &["add", "work", "--url", URL, "--model", "gpt-5.5", "--key-env", "WORK_KEY"][..],
        &[
            "add",
            "home",
            "--url",
            "http://localhost:11434/v1",
            "--no-key",
            "--for",
            "claude-code",
            "-H",
            "X-Team: blue",
        ],
        &["list"],
        &["show", "home"],
        &["edit", "home", "--model", "llama3.2", "--key-env", "HOME_KEY", "-H", "X-Team:", "-H", "X-App: a:b"],
        &["edit", "work", "--rename", "büro.2", "--model", ""],
        &["list"],
        &["list", "--json"],
        &["remove", "home", "büro.2"],
        &["list", "--json"],
    ] {
        let ran = run(home.ruta().arg("connections").args(arguments))?;
        told.push_str(&format!("$ ruta connections {}\n{}{}\n", arguments.join(" "), ran.stdout, ran.stderr));
        assert_eq!(ran.exit, 0, "{arguments:?}: {}", ran.stderr);
    }
    let folder = home.file().parent().and_then(|folder| folder.parent()).map(|folder| folder.display().to_string());
    compare("life", &told.replace(&folder.unwrap_or_default(), "CONFIG").replace('\\', "/"));
    assert!(home.text()?.starts_with("# The saved connections of ruta"), "{}", home.text()?);
    Ok(())
}

#[test]
fn nothing_saved_is_no_trouble_and_says_how_to_begin() -> Tested {
    let home = Home::new()?;
    let ran = home.run(&["connections", "list"])?;
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("ruta connections add NAME --url URL"), "{}", ran.stderr);
    assert_eq!(home.done(&["connections", "list", "--json"])?, "[]\n");
    for arguments in [&["doctor", "--all"][..], &["doctor", "work"], &["connections", "show", "work"]] {
        assert!(home.refused(arguments)?.contains("ruta connections add NAME --url URL"), "{arguments:?}");
    }
    assert!(!home.file().exists(), "reading makes no file");
    Ok(())
}

#[test]
fn bad_input_is_refused_with_what_to_type_instead() -> Tested {
    let home = Home::new()?;
    home.done(&["connections", "add", "work", "--url", URL])?;
    let before = home.text()?;
    let with = |url: &str| format!("https://{url}/v1");
    let (user, query) = (with("me:secret-Vn4kTz8QpW2x@api.rutaapi.com"), format!("{URL}?api_key={KEY}"));
    let header = format!("X-Team: {KEY}");
    let table: &[(&[&str], &[&str])] = &[
        (&["add", "new"], &["--url URL --model MODEL"]),
        (&["add", "new", "--url", " "], &["--url URL"]),
        (&["add", "work", "--url", URL], &["`work` already", "ruta connections edit work"]),
        (&["add", "WORK", "--url", URL], &["`work` already"]),
        (&["add", "a b", "--url", URL], &["`a b`", "letters, digits"]),
        (&["add", "a/b", "--url", URL], &["`a/b`", "letters, digits"]),
        (&["add", ".a", "--url", URL], &["begin it with"]),
        (&["add", KEY, "--url", URL], &["looks like a key"]),
        (&["add", "new", "--url", KEY], &["a key", "ruta key set new"]),
        (&["add", "new", "--url", &user], &["a user name or a password", "ruta key set new"]),
        (&["add", "new", "--url", &query], &["looks like a key"]),
        (&["add", "new", "--url", URL, "--model", KEY], &["model ID looks like a key"]),
        (&["add", "new", "--url", URL, "--key-env", KEY], &["name of a variable", "NEW_KEY"]),
        (&["add", "new", "--url", URL, "-H", &header], &["X-Team carries a secret", "ruta doctor new -H"]),
        (&["add", "new", "--url", URL, "-H", "Authorization: abc"], &["Authorization carries a secret"]),
        (&["add", "new", "--url", URL, "--for", "clade-code"], &["claude-code"]),
        (&["add", "new", "--url", URL, "--no-key", "--key-env", "A"], &["cannot be used with"]),
        (&["show", "wrok"], &["did you mean `work`"]),
        (&["edit", "wrok", "--model", "x"], &["did you mean `work`"]),
        (&["edit", "work"], &["nothing to change", "--model"]),
        (&["edit", "work", "--url", ""], &["--url is empty"]),
        (&["edit", "work", "--rename", "a b"], &["letters, digits"]),
        (&["remove", "work", "wrok"], &["did you mean `work`"]),
    ];
    let mut wrong = Vec::new();
    for (arguments, hints) in table {
        let said = home.refused(&[&["connections"], *arguments].concat())?;
        wrong.extend(
            hints
                .iter()
                .filter(|hint| !said.contains(**hint))
                .map(|hint| format!("{arguments:?}: no `{hint}`: {said}")),
        );
        let secrets = [KEY, "secret-Vn4kTz8QpW2x"];
        if secrets.iter().flat_map(|key| pieces(key)).any(|piece| said.contains(&piece))
            || said.contains("Vn4kTz8QpW2x")
        {
            wrong.push(format!("{arguments:?} shows the secret: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(home.text()?, before, "a refusal changes nothing");
    Ok(())
}

#[test]
fn a_doubtful_url_is_saved_with_a_word_about_it() -> Tested {
    let home = Home::new()?;
    for (name, url, hint) in [
        ("a", "https://api.rutaapi.com/v1/chat/completions", "--url https://api.rutaapi.com/v1\n"),
        ("b", "https://rutaapi.com", "--url https://api.rutaapi.com/v1\n"),
        ("c", "api.rutaapi.com/v1", "--url https://api.rutaapi.com/v1\n"),
        ("d", "https://api.rutapi.com/v1", "is `api.rutaapi.com` meant?"),
        ("e", "ftp://", "warning: the base URL"),
    ] {
        let ran = home.run(&["connections", "add", name, "--url", url])?;
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        assert!(ran.stderr.starts_with("warning: ") && ran.stderr.contains(hint), "{url}: {}", ran.stderr);
        assert!(home.text()?.contains(&format!("url = \"{url}\"")), "saved as it was given");
    }
    // What is right for one client is wrong for another.
    let ran = home.run(&["connections", "add", "f", "--url", URL, "--for", "claude-code"])?;
    assert!(ran.stderr.contains("--url https://api.rutaapi.com\n"), "{}", ran.stderr);
    assert_eq!(home.run(&["connections", "add", "g", "--url", URL])?.stderr, "");
    Ok(())
}

#[test]
fn a_damaged_file_is_told_by_line_and_column_and_left_alone() -> Tested {
    let key = format!("[work]\nurl = \"{URL}\"\nkey = \"{KEY}\"\n");
    let latin = b"[work]\nurl = \"https://h/v1\"\nmodel = \"caf\xe9\"\n".to_vec();
    let table: &[(&[u8], &str)] = &[
        (b"[work]\nmodle = \"gpt-5.5\"\n", "connections.toml:2:1: there is no field `modle`"),
        (b"[work]\nurl = 3\n", "connections.toml:2:7: this is a number"),
        (b"[work\n", "connections.toml:1:6: "),
        (b"[work]\nclient = \"open-webiu\"\n", "connections.toml:2:10: there is no such client"),
        (key.as_bytes(), "connections.toml:3:7: a key has no place in this file"),
        (&latin, "line 3 holds bytes that are no UTF-8 text"),
    ];
    for (text, hint) in table {
        let home = Home::new()?;
        home.write(text)?;
        for arguments in [
            &["connections", "list"][..],
            &["connections", "list", "--json"],
            &["connections", "show", "work"],
            &["connections", "add", "new", "--url", URL],
            &["connections", "edit", "work", "--model", "x"],
            &["connections", "remove", "work"],
            &["doctor", "work"],
            &["doctor", "--all"],
        ] {
            let said = home.refused(arguments)?;
            assert!(said.starts_with("error: CONFIG/ruta/connections.toml") && said.contains(hint), "{said}");
            assert!(pieces(KEY).iter().all(|piece| !said.contains(piece.as_str())), "{said}");
            assert_eq!(fs::read(home.file())?, *text, "{arguments:?} changed a damaged file");
        }
    }
    let home = Home::new()?;
    fs::create_dir_all(home.file())?;
    assert!(home.refused(&["connections", "list"])?.contains("this is no file"));
    Ok(())
}

#[test]
fn twelve_at_once_lose_nothing() -> Tested {
    let home = Home::new()?;
    thread::scope(|scope| {
        let running: Vec<_> = (0..12)
            .map(|number| {
                let home = &home;
                scope.spawn(move || {
                    let name = format!("c{number}");
                    home.done(&["connections", "add", &name, "--url", URL]).map_err(|error| error.to_string())
                })
            })
            .collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread died".to_owned())?.map(drop))
    })?;
    let all: Value = serde_json::from_str(&home.done(&["connections", "list", "--json"])?)?;
    let mut names: Vec<&str> = all.as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    names.sort_unstable();
    let mut wanted: Vec<String> = (0..12).map(|number| format!("c{number}")).collect();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    let left: Vec<_> = fs::read_dir(home.file().parent().unwrap_or(&home.file()))?.collect::<Result<_, _>>()?;
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
    Ok(())
}

#[test]
fn a_hand_written_file_keeps_what_people_wrote() -> Tested {
    let home = Home::new()?;
    let own = "# mine\n\n[work]   # the office\nurl = 'https://api.rutaapi.com/v1'\n# a remark\nmodel = \"a\" # old\n";
    home.write(own)?;
    home.done(&["connections", "add", "home", "--url", "http://localhost:1/v1", "--no-key"])?;
    home.done(&["connections", "edit", "work", "--model", "b"])?;
    let wanted =
        format!("{}\n[home]\nurl = \"http://localhost:1/v1\"\nkey = \"none\"\n", own.replace("\"a\"", "\"b\""));
    assert_eq!(home.text()?, wanted);
    home.done(&["connections", "remove", "home"])?;
    assert_eq!(home.text()?.trim_end(), own.replace("\"a\"", "\"b\"").trim_end());
    let all: Value = serde_json::from_str(&home.done(&["connections", "list", "--json"])?)?;
    assert_eq!(
        all,
        json!([{ "name": "work", "url": URL, "model": "b", "client": null, "key": "keyring", "key_env": null, "headers": {} }])
    );
    Ok(())
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_the_file_and_links_stay_links() -> Tested {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let home = Home::new()?;
    let mode = |path: &std::path::Path| fs::metadata(path).map(|about| about.permissions().mode() & 0o777);
    home.done(&["connections", "add", "work", "--url", URL])?;
    assert_eq!(mode(&home.file())?, 0o600);
    assert_eq!(home.file().parent().map(mode).transpose()?, Some(0o700));
    // A file that is too open is closed by the next change.
    fs::set_permissions(home.file(), fs::Permissions::from_mode(0o644))?;
    home.done(&["connections", "edit", "work", "--model", "x"])?;
    assert_eq!(mode(&home.file())?, 0o600);
    // One that must not be written is not.
    fs::set_permissions(home.file(), fs::Permissions::from_mode(0o400))?;
    assert!(home.refused(&["connections", "edit", "work", "--model", "y"])?.contains("read-only"));
    fs::set_permissions(home.file(), fs::Permissions::from_mode(0o600))?;
    let kept = home.file().with_file_name("kept-elsewhere.toml");
    fs::rename(home.file(), &kept)?;
    symlink(&kept, home.file())?;
    home.done(&["connections", "edit", "work", "--model", "z"])?;
    assert!(fs::symlink_metadata(home.file())?.is_symlink());
    assert!(fs::read_to_string(&kept)?.contains("model = \"z\""));
    fs::remove_file(&kept)?;
    assert!(home.refused(&["connections", "add", "a", "--url", URL])?.contains("which does not exist"));
    Ok(())
}
