//! Tries the command line as people and scripts use it: help, bad input, colours, widths, files and pipes.

mod stage;
mod width;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, str};

use ruta::cause::Cause;
use ruta::knowledge::advice;
use serde_json::Value;
use stage::{Played, Ran, run, ruta, scenario, scenarios};
use tempfile::TempDir;
use width::too_wide;

type Tested = Result<(), Box<dyn Error>>;

/// A URL at which nothing is asked, so that the report is the same every time.
const UNUSABLE: &str = "ftp://";

/// Runs the program with these arguments in a folder of its own, which must be as empty afterwards.
fn ask(arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
    ask_in(&[], arguments, "")
}

fn ask_in(variables: &[(&str, &str)], arguments: &[&str], input: &str) -> Result<Ran, Box<dyn Error>> {
    let folder = TempDir::new()?;
    let mut command = ruta();
    command.current_dir(folder.path()).envs(variables.iter().copied()).args(arguments).write_stdin(input);
    let ran = run(&mut command)?;
    assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
    assert_eq!(left_in(folder.path())?, Vec::<String>::new(), "{arguments:?} left something behind");
    Ok(ran)
}

fn left_in(folder: &Path) -> Result<Vec<String>, std::io::Error> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn compare(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/cli");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn help_tells_what_there_is() -> Tested {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help-doctor", &["doctor", "--help"]),
        ("help-explain", &["explain", "--help"]),
        ("help-demo", &["demo", "--help"]),
    ] {
        let ran = ask(arguments)?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(too_wide(&ran.stdout), Vec::<String>::new(), "{name}");
        compare(name, &ran.stdout);
    }
    let short = ask(&["doctor", "-h"])?;
    assert_eq!(short.exit, 0);
    let version = ask(&["--version"])?;
    assert_eq!((version.exit, version.stdout), (0, format!("ruta {}\n", env!("CARGO_PKG_VERSION"))));
    // Nothing at all is a question, too.
    let nothing = ask(&[])?;
    assert_eq!((nothing.exit, nothing.stdout.as_str()), (2, ""));
    assert!(nothing.stderr.contains("ruta doctor --url"), "{}", nothing.stderr);
    Ok(())
}

#[test]
fn bad_input_is_named_with_what_to_type_instead() -> Tested {
    let url = &["doctor", "--url", UNUSABLE][..];
    // Arguments, what the message must name, what it must tell.
    let table: &[(&[&str], &[&str], &str)] = &[
        (url, &["--output", "missing/report.txt"], "folder"),
        (url, &["--output", "."], "give a file"),
        (url, &["--output", ".."], "give a file"),
        (url, &["--cacert", "missing.pem"], "No such file"),
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
        (&["explain"], &["--body", "missing.json"], "No such file"),
        (&["explain", "--status", "404"], &["--at", "model"], "models, chat"),
        (&["demo"], &["helthy"], "healthy"),
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
        assert!(played.ran.stdout.contains("Unknown model-missing"), "{model:?}: {}", played.ran.stdout);
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
    for arguments in [&["explain"][..], &["explain", "429"], &["demo", "--list"], &["--help"]] {
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
fn explain_knows_every_cause() -> Tested {
    let list = ask(&["explain"])?.stdout;
    assert_eq!(too_wide(&list), Vec::<String>::new());
    for cause in Cause::ALL {
        let rows = list.lines().filter(|line| line.split_whitespace().next() == Some(cause.code())).count();
        assert_eq!(rows, 1, "{cause} in the list");
        let ran = ask(&["explain", cause.code()])?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{cause}");
        assert!(ran.stdout.starts_with(&format!("{cause}: {}\n", advice::of(*cause).title)), "{cause}: {}", ran.stdout);
        assert!(ran.stdout.contains("\nWhat to do:\n"), "{cause}: {}", ran.stdout);
        assert!(!ran.stdout.contains(['{', '|']) || ran.stdout.contains("{\"data\""), "{cause}: {}", ran.stdout);
        assert_eq!(too_wide(&ran.stdout), Vec::<String>::new(), "{cause}");
        let json: Value = serde_json::from_str(&ask(&["explain", cause.code(), "--format", "json"])?.stdout)?;
        assert_eq!(json["cause"], cause.code());
    }
    let all: Value = serde_json::from_str(&ask(&["explain", "--format", "json"])?.stdout)?;
    assert_eq!(all.as_array().map(Vec::len), Some(Cause::ALL.len()));
    Ok(())
}

#[test]
fn explain_knows_what_a_status_can_mean() -> Tested {
    for (status, causes) in [
        ("401", &["key-rejected", "no-credits"][..]),
        ("403", &["no-credits", "model-not-allowed"]),
        ("404", &["model-not-found", "endpoint-not-found"]),
        ("429", &["rate-limited", "no-credits"]),
        ("503", &["overloaded", "model-loading"]),
    ] {
        let ran = ask(&["explain", status])?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{status}");
        for cause in causes {
            assert!(
                ran.stdout.lines().any(|line| line.starts_with(cause)),
                "{status} can mean {cause}:\n{}",
                ran.stdout
            );
        }
    }
    compare("explain-429", &ask(&["explain", "429"])?.stdout);
    Ok(())
}

#[test]
fn explain_judges_an_answer_that_was_seen_elsewhere() -> Tested {
    let body = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    let arguments = ["explain", "--status", "429", "--url", "https://api.openai.com/v1", "--body", "-"];
    let ran = ask_in(&[], &arguments, body)?;
    assert_eq!(ran.exit, 1);
    assert!(ran.stdout.contains("Cause   no-credits"), "{}", ran.stdout);
    compare("explain-answer", &ran.stdout);
    let json: Value =
        serde_json::from_str(&ask_in(&[], &[&arguments[..], &["--format", "json"]].concat(), body)?.stdout)?;
    assert_eq!(json["diagnosis"]["cause"], "no-credits");
    Ok(())
}

#[test]
fn demo_plays_and_lists_scenarios() -> Tested {
    let list = ask(&["demo", "--list"])?;
    assert_eq!(list.exit, 0);
    let all = scenarios()?;
    assert_eq!(list.stdout.lines().count(), all.len());
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

#[test]
fn advice_speaks_only_of_flags_that_exist() -> Tested {
    let mut wrong = Vec::new();
    let systems = ruta::knowledge::provider::SYSTEMS.iter().flat_map(|system| system.advice.iter());
    let own = systems.flat_map(|(cause, lines)| lines.iter().map(move |line| (*cause, *line)));
    let general = advice::ADVICE
        .iter()
        .flat_map(|(cause, words)| words.fix.iter().chain([&words.meaning]).map(move |line| (*cause, *line)));
    for (cause, line) in general.chain(own) {
        for quoted in line.split('`').skip(1).step_by(2) {
            let mut words = quoted.split_whitespace();
            let command = if quoted.starts_with("ruta ") { words.nth(1).unwrap_or_default() } else { "doctor" };
            let flags: Vec<&str> = quoted.split_whitespace().filter(|word| word.starts_with("--")).collect();
            let ours = quoted.starts_with("ruta ") || (quoted.starts_with("--") && line.contains("ruta"));
            if !ours || (flags.is_empty() && !quoted.starts_with("ruta ")) {
                continue;
            }
            let help = ask(&[command, "--help"])?;
            let known =
                |flag: &&str| help.stdout.split_whitespace().any(|word| word.trim_end_matches([',', '.']) == *flag);
            if help.exit != 0 || !flags.iter().all(known) {
                wrong.push(format!("{cause}: `{quoted}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "no such command or flag:\n{}", wrong.join("\n"));
    Ok(())
}
