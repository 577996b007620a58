//! Checks several saved connections side by side: the table and what is said below it, one array of JSON, the worst exit
//! code, and no key that goes to a server that is not its own.

use std::error::Error;

use crate::home::Home;
use crate::script::scenario;
use crate::secret::{shown, strayed};
use crate::stage::{Ran, run};
use crate::width::too_wide;
use ruta::scenario::{Scenario, Server};
use serde_json::Value;

type Tested = Result<(), Box<dyn Error>>;

/// What is saved under which name; five of them are broken.
const TWELVE: &[(&str, &str)] = &[
    ("work", "healthy"),
    ("home", "healthy-keyless-local"),
    ("office", "key-rejected"),
    ("relay", "no-credits-429"),
    ("thinker", "healthy-reasoning-only"),
    ("gateway", "models-endpoint-missing"),
    ("lab", "url-missing-v1-vllm"),
    ("spare", "connect-refused"),
    ("the-one-in-the-cellar-with-a-long-name", "healthy-no-usage"),
    ("typo", "model-not-found"),
    ("public", "healthy-public-models"),
    ("extra", "healthy-extra-fields"),
];

/// Saved connections and the servers that they lead to.
struct Cast {
    home: Home,
    servers: Vec<(String, Scenario, Server)>,
}

impl Cast {
    /// Plays these scenarios and saves them, each with the key in a variable of its own.
    fn of(names: &[(&str, &str)]) -> Result<Self, Box<dyn Error>> {
        let home = Home::new()?;
        let mut servers = Vec::new();
        for (name, played) in names {
            let scenario = scenario(played)?;
            let server = Server::start(&scenario)?;
            let url = server.fill(scenario.url.as_deref().unwrap_or_default());
            let model = scenario.model.clone().unwrap_or_default();
            let variable = variable(name);
            let key = scenario.key.as_ref().map_or(vec!["--no-key"], |_| vec!["--key-env", &variable]);
            home.done(&[&["connections", "add", name, "--url", &url, "--model", &model], key.as_slice()].concat())?;
            servers.push(((*name).to_owned(), scenario, server));
        }
        Ok(Self { home, servers })
    }

    /// Runs `ruta doctor` with every key in its variable.
    fn doctor(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        let mut command = self.home.ruta();
        for (name, scenario, _) in &self.servers {
            command.envs(scenario.key.iter().map(|key| (variable(name), key.clone())));
        }
        let ran = run(command.envs(variables.iter().copied()).arg("doctor").args(arguments))?;
        for (_, scenario, server) in &self.servers {
            let key = scenario.key.as_deref().unwrap_or_default();
            assert_eq!(shown(&ran, key), None);
            assert_eq!(strayed(scenario, &server.received(), key), None);
        }
        Ok(ran)
    }
}

fn variable(name: &str) -> String {
    format!("{}_KEY", name.to_uppercase().replace('-', "_"))
}

fn compare(name: &str, text: &str) {
    let mut settings = crate::snapshot::settings("several");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");
    settings.add_filter(r"port \d+", "port PORT");
    settings.add_filter(r" +\d[\d.]* (ms|s)\n", "  TIME\n");
    settings.add_filter(r"\d[\d.]* (ms|s)\b", "TIME");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn twelve_of_which_five_are_broken() -> Tested {
    let cast = Cast::of(TWELVE)?;
    let ran = cast.doctor(&[], &["--all"])?;
    assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (1, "", Vec::new()), "{}", ran.stdout);
    compare("twelve", &ran.stdout);

    let plain = cast.doctor(&[("LANG", "C")], &["--all"])?;
    assert!(plain.stdout.is_ascii(), "{}", plain.stdout);
    assert_eq!(too_wide(&plain.stdout), Vec::<String>::new());

    let quiet = cast.doctor(&[], &["--all", "-q"])?;
    assert_eq!((quiet.exit, quiet.stdout.lines().count()), (1, 12), "{}", quiet.stdout);
    compare("twelve-quiet", &quiet.stdout);

    let colour = cast.doctor(&[], &["--all", "--color", "always"])?;
    assert!(colour.stdout.contains("\u{1b}[1;31m"), "{}", colour.stdout);
    let bare: String =
        colour.stdout.split('\u{1b}').map(|piece| piece.split_once('m').map_or(piece, |(_, rest)| rest)).collect();
    assert_eq!(too_wide(&bare), Vec::<String>::new());

    let json = cast.doctor(&[], &["--all", "--format", "json"])?;
    let reports: Vec<Value> = serde_json::from_str(&json.stdout)?;
    let names: Vec<&str> = reports.iter().filter_map(|report| report["connection"]["name"].as_str()).collect();
    assert_eq!(names, TWELVE.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (report, (_, scenario, _)) in reports.iter().zip(&cast.servers) {
        assert_eq!(report["diagnosis"]["cause"], scenario.cause.as_str());
    }
    Ok(())
}

#[test]
fn the_exit_code_is_that_of_the_worst() -> Tested {
    let cast = Cast::of(&[
        ("good", "healthy"),
        ("warned", "models-endpoint-missing"),
        ("later", "rate-limited"),
        ("broken", "key-rejected"),
    ])?;
    for (arguments, exit) in [
        (&["good"][..], 0),
        (&["good", "good"], 0),
        (&["good", "warned"], 0),
        (&["good", "warned", "--strict"], 1),
        (&["good", "warned", "--fail-on", "warning"], 1),
        (&["good", "later"], 75),
        (&["good", "later", "broken"], 1),
        (&["--all", "--fail-on", "never"], 0),
        (&["--all", "--jobs", "1"], 1),
    ] {
        let ran = cast.doctor(&[], arguments)?;
        assert_eq!(ran.exit, exit, "{arguments:?}: {}", ran.stdout);
    }
    // One is shown as one, and each only once.
    let one = cast.doctor(&[], &["good", "good"])?;
    assert!(one.stdout.starts_with("ruta doctor") && one.stdout.contains("Works   "), "{}", one.stdout);
    let two = cast.doctor(&[], &["warned", "good", "warned"])?;
    assert!(two.stdout.contains("all 2 work, 1 of them with a warning"), "{}", two.stdout);
    let model = cast.doctor(&[], &["good", "warned", "--model", "gpt-4.1-mini", "--format", "json"])?;
    assert!(model.stdout.contains("gpt-4.1-mini") && !model.stdout.contains("\"model\": \"gpt-5.5\""));
    Ok(())
}

#[test]
fn one_key_never_goes_to_several_servers() -> Tested {
    let cast = Cast::of(&[("one", "healthy"), ("two", "key-rejected")])?;
    for name in ["one", "two"] {
        cast.home.done(&["connections", "edit", name, "--key-stdin"]).unwrap_err();
    }
    let text = cast.home.text()?;
    assert!(
        !text.contains("ONE_KEY") && !text.contains("TWO_KEY"),
        "both are to have their keys in the keyring: {text}"
    );
    let key = "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM";
    let general = [("RUTA_API_KEY", key), ("OPENAI_API_KEY", key)];
    let carried = |cast: &Cast| {
        let all = cast.servers.iter().flat_map(|(_, _, server)| server.received());
        all.filter(|request| request.carries(key)).count()
    };
    let ran = cast.doctor(&general, &["--all"])?;
    assert_eq!((ran.exit, carried(&cast)), (1, 0), "{}", ran.stdout);
    assert!(ran.stdout.contains("RUTA_KEYRING"), "why there is no key: {}", ran.stdout);
    // For one alone it is clear whose key it is.
    assert_eq!(cast.doctor(&general, &["one"])?.exit, 0);
    assert!(carried(&cast) > 0);
    for flags in [&["--key-env", "RUTA_API_KEY"][..], &["--key", key], &["--key-stdin"], &["-H", "X-Api-Key: abc"]] {
        let ran = run(cast.home.ruta().envs(general).args(["doctor", "one", "two"]).args(flags).write_stdin(key))?;
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{flags:?}");
        assert!(ran.stderr.contains("2 connections; a secret belongs to one"), "{}", ran.stderr);
        assert_eq!(shown(&ran, key), None);
    }
    assert_eq!(cast.doctor(&[], &["one", "two", "--no-key", "-H", "X-Team: blue"])?.exit, 1);
    Ok(())
}

#[test]
fn a_variable_that_is_not_set_is_named() -> Tested {
    let cast = Cast::of(&[("work", "healthy"), ("home", "healthy-keyless-local")])?;
    for arguments in [&["work"][..], &["work", "home"]] {
        let ran = run(cast.home.ruta().arg("doctor").args(arguments))?;
        assert_eq!(ran.exit, 1);
        let told = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("the variable WORK_KEY, which should hold the key, is not set"), "{}", ran.stdout);
    }
    Ok(())
}
