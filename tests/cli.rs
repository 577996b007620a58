//! Tries the command line as people and scripts use it: help, bad input, colours, widths, files and pipes.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::asked::{Tested, ask, ask_in, compare, left_in};
use crate::script::scenario;
use crate::scripts::scenarios;
use crate::stage::Played;
use crate::width::too_wide;
use tempfile::TempDir;

/// A URL at which nothing is asked, so that the report is the same every time.
const UNUSABLE: &str = "ftp://";

#[test]
fn help_tells_what_there_is() -> Tested {
    let main = ask(&["--help"])?;
    assert_eq!((main.exit, main.stderr.as_str(), too_wide(&main.stdout)), (0, "", Vec::new()));
    compare("help", &main.stdout);
    let commands =
        main.stdout.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> =
        commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"doctor") && names.contains(&"explain") && names.contains(&"demo"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        for flag in ["--help", "-h"] {
            let ran = ask(&[name, flag])?;
            assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (0, "", Vec::new()), "{name} {flag}");
        }
        compare(&format!("help-{name}"), &ask(&[name, "--help"])?.stdout);
    }
    let version = ask(&["--version"])?;
    assert_eq!((version.exit, version.stdout), (0, format!("ruta {}\n", env!("CARGO_PKG_VERSION"))));
    // Nothing at all is a question, too.
    let nothing = ask(&[])?;
    assert_eq!((nothing.exit, nothing.stdout.as_str()), (2, ""));
    assert!(nothing.stderr.contains("ruta doctor --url"), "{}", nothing.stderr);
    Ok(())
}

#[test]
fn every_command_shows_examples() -> Tested {
    let mut root = ruta::cli::command();
    root.build();
    let mut open: Vec<(Vec<String>, clap::Command)> = vec![(Vec::new(), root)];
    let mut seen = 0;
    while let Some((words, command)) = open.pop() {
        let commands = command.get_subcommands().filter(|command| command.get_name() != "help").cloned();
        open.extend(commands.map(|inner| ([&words[..], &[inner.get_name().to_owned()]].concat(), inner)));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for arguments in [[&words[..], &["--help"]].concat(), [&["help"], &words[..]].concat()] {
            let ran = ask(&arguments)?;
            assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (0, "", Vec::new()), "{arguments:?}");
            let examples = ran.stdout.split_once("\nExample").map(|(_, examples)| examples).unwrap_or_default();
            let start = ["  ruta", "  export", "  pass"];
            let shown = examples.lines().filter(|line| start.iter().any(|start| line.starts_with(start))).count();
            assert!(shown > 0, "{arguments:?} shows no example: {}", ran.stdout);
            seen += 1;
        }
    }
    assert!(seen >= 2 * 18, "only {seen}");
    Ok(())
}

#[test]
fn bad_input_is_named_with_what_to_type_instead() -> Tested {
    let url = &["doctor", "--url", UNUSABLE][..];
    // Arguments, what the message must name, what it must tell.
    let table: &[(&[&str], &[&str], &str)] = &[
        (url, &["--output", "missing/report.txt"], "folder"),
        (url, &["--output", "."], "file"),
        (url, &["--output", ".."], "file"),
        (url, &["--cacert", "missing.pem"], "no such file"),
        (url, &["--cacert", "."], "--cacert"),
        (url, &["--connect-to", "api.rutaapi.com"], "HOST1:PORT1:HOST2:PORT2"),
        (url, &["--connect-to", "a:1:b:99999"], "99999"),
        (url, &["--header", "X-Team"], "Name: value"),
        (url, &["--header", "X Team: a"], "Name: value"),
        (url, &["--header", "X-Team: a\nb"], "line break"),
        (url, &["--only", "modles"], "models, chat, stream"),
        (url, &["--skip", "everything"], "models, chat, stream"),
        (url, &["--timeout", "-1"], "seconds"),
        (url, &["--timeout=-1"], "seconds"),
        (url, &["--timeout", "soon"], "such as 10 or 0.5"),
        (url, &["--timeout", "0"], "seconds"),
        (url, &["--connect-timeout", "-2"], "seconds"),
        (url, &["--key-env", "RUTA_TEST_UNSET"], "export RUTA_TEST_UNSET="),
        (url, &["--key-env", "A", "--key-stdin"], "cannot be used with"),
        (url, &["--key-env", "A", "--no-key"], "cannot be used with"),
        (url, &["--key-stdin", "--no-key"], "cannot be used with"),
        (url, &["--key", "a", "--key-stdin"], "cannot be used with"),
        (url, &["--key", "a", "--no-key"], "cannot be used with"),
        (url, &["--only", "chat", "--skip", "chat"], "cannot be used with"),
        (url, &["--format", "xml"], "text, json"),
        (url, &["--color", "sometimes"], "auto, always, never"),
        (url, &["--urll", "x"], "--url"),
        (&["explain"], &["modle-not-found"], "model-not-found"),
        (&["explain"], &["qqqq"], "ruta explain"),
        (&["explain"], &["999"], "ruta explain"),
        (&["explain"], &["--status", "42"], "100"),
        (&["explain"], &["--status", "many"], "--status"),
        (&["explain"], &["--body", "missing.json"], "no such file"),
        (&["explain", "--status", "404"], &["--at", "model"], "models, chat"),
        (url, &["--record", "missing/recording.json"], "folder"),
        (url, &["--record", "."], "file"),
        (&["replay"], &["missing.json"], "no such file"),
        (&["replay"], &["."], "folder"),
        (&["demo"], &["helthy"], "healthy"),
        (&["providers"], &["opnai"], "openai"),
        (&["providers"], &["qqqq"], "ruta providers"),
        (url, &["--for", "open-weeb"], "open-webui"),
        (url, &["--for", "qqqq"], "claude-code"),
        (&["settings"], &["open-weeb"], "open-webui"),
        (&["completions"], &["bsh"], "bash"),
        (&["demo"], &["qqqq"], "ruta demo --list"),
        (&["docter"], &[], "doctor"),
    ];
    let mut wrong = Vec::new();
    for (command, flags, hint) in table {
        let ran = ask(&[*command, *flags].concat())?;
        let name = flags.first().map_or("docter", |flag| flag.split('=').next().unwrap_or_default());
        let mut add = |what: &str| wrong.push(format!("{flags:?}: {what}: {}", ran.stderr.trim()));
        if ran.exit != 2 || !ran.stdout.is_empty() || !ran.stderr.starts_with("error: ") {
            add("must be a complaint with exit 2");
        }
        if !ran.stderr.contains(name) {
            add("does not name what is wrong");
        }
        if !ran.stderr.contains(hint) {
            add(&format!("does not say `{hint}`"));
        }
        if ran.stderr.contains("os error") {
            add("speaks of an os error");
        }
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

#[test]
fn a_file_that_holds_no_certificate_is_named() -> Tested {
    let folder = TempDir::new()?;
    let file = folder.path().join("notes.pem");
    for content in ["", "my notes\n", "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n"] {
        fs::write(&file, content)?;
        let path = file.display().to_string();
        let ran = ask(&["doctor", "--url", "http://127.0.0.1:9/v1", "--cacert", &path])?;
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{content:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("--cacert") && ran.stderr.contains("certificate"), "{content:?}: {}", ran.stderr);
    }
    Ok(())
}

#[test]
fn what_is_missing_is_a_report_and_no_usage_error() -> Tested {
    for arguments in [&["doctor"][..], &["doctor", "--url", ""], &["doctor", "--url", "  "]] {
        let ran = ask(arguments)?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (1, ""), "{arguments:?}");
        assert!(ran.stdout.contains("Cause   url-missing"), "{arguments:?}: {}", ran.stdout);
        // The value may come from a variable as well, and the report ought to say how.
        assert!(ran.stdout.contains("--url"), "{}", ran.stdout);
    }
    for key in [None, Some(""), Some("  ")] {
        let mut wanting = scenario("key-missing")?;
        wanting.key = key.map(str::to_owned);
        let played = Played::doctor(&wanting, &[])?;
        assert_eq!(played.ran.exit, 1);
        assert!(played.ran.stdout.contains("Cause   key-missing"), "{key:?}: {}", played.ran.stdout);
        assert!(played.server.received().iter().all(|request| request.header("authorization").is_none()), "{key:?}");
    }
    for model in [None, Some(""), Some("  ")] {
        let mut silent = scenario("healthy")?;
        silent.model = model.map(str::to_owned);
        let played = Played::doctor(&silent, &[])?;
        assert_eq!(played.ran.exit, 1);
        assert!(played.ran.stdout.contains("model-missing: no model was given"), "{model:?}: {}", played.ran.stdout);
        assert!(
            played.ran.stdout.lines().all(|line| line.trim_end() == line && !line.ends_with('·')),
            "{}",
            played.ran.stdout
        );
    }
    Ok(())
}

#[test]
fn colours_come_only_when_they_are_wanted() -> Tested {
    let doctor = ["doctor", "--url", UNUSABLE];
    let colored = |variables: &[(&str, &str)], flags: &[&str]| -> Result<bool, Box<dyn Error>> {
        Ok(ask_in(variables, &[&doctor[..], flags].concat(), "")?.stdout.contains('\u{1b}'))
    };
    assert!(!colored(&[], &[])?, "standard output is no terminal");
    assert!(!colored(&[], &["--color", "never"])?);
    assert!(colored(&[], &["--color", "always"])?);
    assert!(colored(&[("NO_COLOR", "1")], &["--color", "always"])?, "the flag is stronger than the variable");
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &[])?);
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[])?);
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["--color", "never"])?);
    assert!(!colored(&[], &["--color", "always", "--format", "json"])?, "JSON has no colours");
    Ok(())
}

#[test]
fn without_a_unicode_locale_the_text_is_ascii() -> Tested {
    let mut wrong = Vec::new();
    for name in [
        "healthy",
        "key-masked",
        "key-rejected",
        "key-zero-width-space",
        "models-endpoint-missing",
        "not-an-api-captive-portal",
        "redirected-to-new-path",
        "rutaapi-model-unknown",
        "tls-expired",
        "url-endpoint-chat",
        "url-missing",
        "url-zero-width-space",
    ] {
        for locale in [("LANG", "C"), ("LC_ALL", "POSIX"), ("LC_CTYPE", "en_US.ISO-8859-1")] {
            let played = Played::doctor_in(&[("LANG", "C"), locale], &scenario(name)?, &[])?;
            wrong.extend(
                played.ran.stdout.lines().filter(|line| !line.is_ascii()).map(|line| format!("{name}: {line}")),
            );
        }
    }
    for arguments in [&["explain"][..], &["explain", "ok"], &["explain", "429"], &["demo", "--list"], &["demo"]] {
        let ran = ask_in(&[("LANG", "C")], arguments, "")?;
        wrong.extend(ran.stdout.lines().filter(|line| !line.is_ascii()).map(|line| format!("{arguments:?}: {line}")));
    }
    assert!(wrong.is_empty(), "beyond ASCII:\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn output_writes_the_same_to_a_file() -> Tested {
    for arguments in [
        &["doctor", "--url", UNUSABLE][..],
        &["explain"],
        &["explain", "no-credits"],
        &["explain", "429", "--format", "json"],
    ] {
        let shown = ask(arguments)?;
        let folder = TempDir::new()?;
        let file = folder.path().join("report.txt");
        fs::write(&file, "what was here before")?;
        let path = file.display().to_string();
        let written = ask(&[arguments, &["--output", &path]].concat())?;
        assert_eq!(
            (written.exit, written.stdout.as_str(), written.stderr.as_str()),
            (shown.exit, "", ""),
            "{arguments:?}"
        );
        assert_eq!(fs::read_to_string(&file)?, shown.stdout, "{arguments:?}");
        assert_eq!(left_in(folder.path())?, ["report.txt"], "{arguments:?}");
    }
    Ok(())
}

#[test]
fn a_reader_that_leaves_early_is_no_trouble() -> Tested {
    // The reader is gone before the program gets its input, so every line it prints meets a closed pipe.
    for (arguments, exit) in [
        (&["doctor", "--url", UNUSABLE, "--key-stdin"][..], 1),
        (&["doctor", "--url", UNUSABLE, "--key-stdin", "--format", "json"], 1),
        (&["explain", "--status", "401", "--body", "-"], 1),
    ] {
        let (code, stderr) = without_a_reader(arguments)?;
        assert_eq!((code, stderr.as_str()), (Some(exit), ""), "{arguments:?}");
    }
    for arguments in [&["explain", "ok"][..], &["explain", "429"], &["demo", "--list"], &["--help"]] {
        let (code, stderr) = without_a_reader(arguments)?;
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    Ok(())
}

fn without_a_reader(arguments: &[&str]) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ruta"));
    command.env_clear().env("LANG", "C.UTF-8").args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    if let Some(mut input) = child.stdin.take() {
        // A command that reads nothing may be gone already.
        let _gone = input.write_all(b"some-key-1\n");
    }
    let output = child.wait_with_output()?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn strict_fails_on_warnings_only() -> Tested {
    for (name, plain, strict) in
        [("healthy", 0, 0), ("models-endpoint-missing", 0, 1), ("key-rejected", 1, 1), ("rate-limited", 75, 75)]
    {
        let scenario = scenario(name)?;
        for format in ["text", "json"] {
            assert_eq!(Played::doctor(&scenario, &["--format", format])?.ran.exit, plain, "{name}");
            assert_eq!(Played::doctor(&scenario, &["--format", format, "--strict"])?.ran.exit, strict, "{name}");
        }
    }
    Ok(())
}

#[test]
fn quiet_prints_the_verdict_on_one_line() -> Tested {
    for (name, wanted) in [
        ("healthy", "Works  ok: "),
        ("models-endpoint-missing", "Works, with a warning  models-endpoint-missing: "),
        ("key-rejected", "Broken  key-rejected: "),
        ("model-missing", "Not known  model-missing: "),
    ] {
        let ran = Played::doctor(&scenario(name)?, &["-q"])?.ran;
        assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (1, ""), "{name}: {}", ran.stdout);
        assert!(ran.stdout.starts_with(wanted) && ran.stdout.ends_with('\n'), "{name}: {}", ran.stdout);
    }
    Ok(())
}

#[test]
fn verbose_speaks_on_standard_error_and_leaves_the_report_alone() -> Tested {
    let scenario = scenario("key-rejected")?;
    let (plain, verbose) = (Played::doctor(&scenario, &[])?, Played::doctor(&scenario, &["-v"])?);
    assert_eq!(verbose.ran.stdout.lines().count(), plain.ran.stdout.lines().count());
    assert_eq!(plain.ran.stderr, "");
    assert_eq!(
        verbose.ran.stderr.lines().filter(|line| line.starts_with("> ")).count(),
        verbose.server.received().len()
    );
    Ok(())
}

#[test]
fn demo_plays_and_lists_scenarios() -> Tested {
    let list = ask(&["demo", "--list"])?;
    assert_eq!(list.exit, 0);
    let all = scenarios()?;
    for (name, scenario) in &all {
        let row = list.stdout.lines().any(|line| {
            line.split_once(' ').is_some_and(|(first, rest)| first == name && rest.trim() == scenario.title)
        });
        assert!(row, "{name} is not listed with its title");
    }
    let played = ask(&["demo"])?;
    assert_eq!((played.exit, played.stderr.as_str()), (0, ""), "{}", played.stdout);
    // A key in the environment of a person who tries the demo stays there.
    let key = "sk-Vn4kTz8QpW2xRb6LmYc9HdJf3GsA5uEo";
    let mine = [("RUTA_API_KEY", key), ("OPENAI_API_KEY", key), ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")];
    let played = ask_in(&mine, &["demo", "no-credits-429"], "")?;
    assert_eq!(played.exit, 0, "{}", played.stdout);
    assert!(!played.stdout.contains(key) && !played.stderr.contains(key));
    Ok(())
}
