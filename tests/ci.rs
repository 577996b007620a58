//! Reads the files for continuous integration: they are sound YAML, no key stands in one, nothing that is entered becomes
//! part of a script, and the action's own script does what it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

#[cfg(unix)]
use std::fs;
use std::path::{Path, PathBuf};

use ruta::connection::mask::mask_keys;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents of a YAML file.
fn documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let documents = Yaml::load_from_str(&text).map_err(|error| format!("{}: {error}", path.display())).unwrap();
    documents.iter().map(plain).collect()
}

fn plain(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Mapping(fields) => {
            let fields =
                fields.iter().map(|(name, value)| (name.as_str().unwrap_or_default().to_owned(), plain(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Value(Scalar::String(text)) => Value::String(text.to_string()),
        Yaml::Value(Scalar::Integer(number)) => Value::from(*number),
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        other => {
            assert!(matches!(other, Yaml::Value(Scalar::Null)), "{other:?}");
            Value::Null
        }
    }
}

/// Every YAML file of ours.
fn files() -> Vec<PathBuf> {
    let mut found = vec![project().join("action.yml")];
    for folder in ["docs/examples", ".github/workflows"] {
        let entries = fs::read_dir(project().join(folder)).unwrap();
        let yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yml" || end == "yaml");
        found.extend(entries.map(|entry| entry.unwrap().path()).filter(yaml));
    }
    assert!(found.len() >= 6, "{found:?}");
    found
}

/// Every field below a value with its name, the path to it, and what stands beside it.
fn fields<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a Value, &'a Value)>) {
    match value {
        Value::Object(inner) => {
            for (name, field) in inner {
                found.push((name, field, value));
                fields(field, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_is_entered_becomes_part_of_a_script() {
    for path in files() {
        for document in &documents(&path) {
            let mut all = Vec::new();
            fields(document, &mut all);
            let scripts = all.iter().filter(|(name, ..)| matches!(*name, "run" | "script" | "before_script"));
            for (_, script, _) in scripts {
                assert!(!script.to_string().contains("${{"), "{}: {script}", path.display());
            }
        }
    }
}

#[test]
fn no_key_stands_in_a_file() {
    for path in files() {
        let shown = path.display();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(mask_keys(&text), text, "{shown} holds what looks like a key");
        for document in &documents(&path) {
            let mut all = Vec::new();
            fields(document, &mut all);
            for (name, value, beside) in all {
                let secret = |name: &str| {
                    let name = name.to_ascii_uppercase();
                    (name.ends_with("_KEY") || name.ends_with("TOKEN")) && name != "CONTINUE_ON_TOKEN"
                };
                // GitHub: NAME: ${{ secrets.NAME }}
                if secret(name) && value.is_string() {
                    let text = value.as_str().unwrap();
                    assert!(text.starts_with("${{ secrets."), "{shown}: {name}: {text}");
                }
                // Kubernetes: name: NAME, valueFrom: a secret.
                if name == "name" && value.as_str().is_some_and(secret) {
                    assert_eq!(beside.get("value"), None, "{shown}: {value}");
                    assert!(beside.pointer("/valueFrom/secretKeyRef").is_some(), "{shown}: {value}");
                }
            }
        }
    }
}

#[test]
fn the_action_takes_a_key_by_its_name_only_and_says_what_everything_is() {
    let action = documents(&project().join("action.yml")).remove(0);
    let inputs = action["inputs"].as_object().unwrap();
    for name in ["url", "model", "key-env", "client", "checks", "format", "fail-on", "version"] {
        assert!(inputs.contains_key(name), "{name}");
    }
    for (name, input) in inputs {
        assert!(!matches!(name.as_str(), "key" | "api-key" | "token" | "secret"), "{name}");
        assert!(input["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
    }
    for output in ["outcome", "cause", "outcomes"] {
        let value = format!("${{{{ steps.doctor.outputs.{output} }}}}");
        assert_eq!(action["outputs"][output]["value"], value.as_str());
    }
    // What is handed to a script is an input, and every input is handed to one.
    let steps = action["runs"]["steps"].as_array().unwrap();
    let handed: Vec<&str> = steps
        .iter()
        .flat_map(|step| step["env"].as_object().unwrap().values())
        .filter_map(|value| value.as_str()?.strip_prefix("${{ inputs.")?.strip_suffix(" }}"))
        .collect();
    let missing: Vec<&String> =
        inputs.keys().filter(|name| *name != "install" && !handed.contains(&name.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new());
    let scripts: String = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    let doctor = ruta::cli::command();
    let flags = scripts.split_whitespace().filter_map(|word| word.trim_start_matches(['"', '(']).strip_prefix("--"));
    let ours = scripts.lines().skip_while(|line| !line.contains("RUTA_BASE_URL")).collect::<String>();
    for flag in
        flags.map(|flag| flag.split('=').next().unwrap_or(flag)).filter(|flag| ours.contains(&format!("--{flag}=")))
    {
        let known = ["doctor", "replay"].iter().any(|command| {
            let command = doctor.find_subcommand(command).unwrap();
            command.get_arguments().any(|argument| argument.get_long() == Some(flag))
        });
        assert!(known, "--{flag}");
    }
}

#[test]
fn the_examples_say_what_ruta_understands() {
    let example = |name: &str| documents(&project().join("docs/examples").join(name)).remove(0);
    let understood = |words: &[&str]| {
        let read = ruta::cli::command().try_get_matches_from(std::iter::once("ruta").chain(words.iter().copied()));
        assert!(read.is_ok(), "{words:?}: {}", read.unwrap_err());
    };
    for (name, pointer) in [
        ("kubernetes-init-container.yaml", "/spec/template/spec/initContainers/0"),
        ("kubernetes-job.yaml", "/spec/template/spec/containers/0"),
    ] {
        let file = example(name);
        let container = file.pointer(pointer).unwrap();
        let words: Vec<&str> =
            container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        understood(&words);
        assert!(words.contains(&"--wait"), "{name}");
        let named: Vec<&str> =
            container["env"].as_array().unwrap().iter().filter_map(|row| row["name"].as_str()).collect();
        let key = words.iter().skip_while(|word| **word != "--key-env").nth(1).unwrap();
        assert!(named.contains(key) && named.contains(&"RUTA_BASE_URL") && named.contains(&"RUTA_MODEL"), "{name}");
        let limits = &container["securityContext"];
        assert_eq!(
            (&limits["runAsNonRoot"], &limits["readOnlyRootFilesystem"]),
            (&Value::Bool(true), &Value::Bool(true))
        );
    }
    let gitlab = example("gitlab-ci.yml");
    let job = &gitlab["ai-connection"];
    let line = job["script"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .find(|line| line.contains("doctor"))
        .unwrap();
    let words = shell_words::split(line).unwrap();
    let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    understood(&words);
    assert_eq!(job.pointer("/artifacts/reports/junit").and_then(Value::as_str), words.last().copied());
    let workflow = example("github-workflow.yml");
    let step = workflow.pointer("/jobs/preflight/steps/0").unwrap();
    let action = documents(&project().join("action.yml")).remove(0);
    for name in step["with"].as_object().unwrap().keys() {
        assert!(action["inputs"].get(name).is_some(), "the action has no input {name}");
    }
    assert!(step["env"].get(step["with"]["key-env"].as_str().unwrap()).is_some());
    let image = fs::read_to_string(project().join("docs/examples/Dockerfile")).unwrap();
    let last = image.split("\nFROM ").last().unwrap();
    assert!(
        last.starts_with("scratch\n")
            && last.contains("\nUSER 65532:65532\n")
            && last.contains("ENTRYPOINT [\"/ruta\"]")
    );
    assert!(!last.contains("RUN "), "there is no shell in it");
}

/// The script of the action's step, run as a runner would run it.
#[cfg(unix)]
mod step {
    use std::process::Command;

    use ruta::scenario::Server;
    use tempfile::TempDir;

    use super::*;
    use crate::script::scenario;

    /// What is said of a second report that has no place to go.
    const NO_OUTPUT: &str = "::error title=ruta::format needs output, the file for the second report.\n";

    struct Ran {
        exit: i32,
        log: String,
        outputs: String,
        folder: TempDir,
    }

    fn step(inputs: &[(&str, &str)], environment: &[(&str, &str)]) -> Ran {
        let action = documents(&project().join("action.yml")).remove(0);
        let step = action["runs"]["steps"][1].clone();
        let folder = TempDir::new().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_ruta")).parent().unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()]);
        command.env_clear().env("PATH", format!("{}:/usr/bin:/bin", program.display()));
        command
            .current_dir(folder.path())
            .env("RUNNER_TEMP", folder.path())
            .env("GITHUB_OUTPUT", folder.path().join("outputs"));
        for (name, value) in step["env"].as_object().unwrap() {
            let input = value.as_str().unwrap().trim_start_matches("${{ inputs.").trim_end_matches(" }}");
            let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
            let usual = action["inputs"][input]["default"].as_str().unwrap();
            command.env(name, given.unwrap_or(usual));
        }
        let done = command.envs(environment.iter().copied()).output().unwrap();
        let log = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        let outputs = fs::read_to_string(folder.path().join("outputs")).unwrap_or_default();
        Ran { exit: done.status.code().unwrap(), log, outputs, folder }
    }

    #[test]
    fn it_checks_the_connection_and_writes_a_second_report() {
        let faulty = scenario("no-credits-429").unwrap();
        let server = Server::start(&faulty).unwrap();
        let url = server.fill("{server}/v1");
        let inputs = [
            ("url", url.as_str()),
            ("model", "gpt-5.5"),
            ("key-env", "AI_KEY"),
            ("format", "junit"),
            ("output", "ruta.xml"),
        ];
        let ran = step(&inputs, &[("AI_KEY", faulty.key.as_deref().unwrap())]);
        assert_eq!(ran.exit, 1, "{}", ran.log);
        assert!(ran.log.starts_with("::error title=ruta%3A no-credits::"), "{}", ran.log);
        assert!(ran.outputs.contains("no-credits"), "{}", ran.outputs);
        let file = fs::read_to_string(ran.folder.path().join("ruta.xml")).unwrap();
        assert!(file.contains("<testsuites") && file.contains("type=\"no-credits\""), "{file}");
        let never =
            step(&[&inputs[..3], &[("fail-on", "never")]].concat(), &[("AI_KEY", faulty.key.as_deref().unwrap())]);
        assert_eq!(never.exit, 0, "{}", never.log);
        let lost = step(&inputs[..4], &[("AI_KEY", faulty.key.as_deref().unwrap())]);
        assert_eq!((lost.exit, lost.log.as_str()), (2, NO_OUTPUT));
    }

    #[test]
    fn a_key_in_the_wrong_place_is_refused_without_showing_it() {
        for key in
            ["sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5", "gsk_T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5", "a b", "$(touch pwned)"]
        {
            let ran = step(&[("url", "http://127.0.0.1:9/v1"), ("key-env", key)], &[]);
            assert_eq!(ran.exit, 2, "{key}: {}", ran.log);
            assert!(!ran.log.contains(key) && ran.log.contains("key-env takes the name"), "{key}: {}", ran.log);
        }
    }

    #[test]
    fn nothing_that_is_entered_is_run() {
        let nasty = "\"; touch pwned; $(touch pwned) `touch pwned` '\n::error::x";
        for input in ["url", "model", "client", "checks", "wait", "fail-on", "format", "output"] {
            let mut inputs = vec![("url", "http://127.0.0.1:9/v1"), ("model", "m")];
            inputs.retain(|(name, _)| *name != input);
            inputs.push((input, nasty));
            let ran = step(&inputs, &[]);
            assert_ne!(ran.exit, 0, "{input}: {}", ran.log);
            assert!(!ran.folder.path().join("pwned").exists(), "{input} was run");
            let ours = |line: &str| line.starts_with("::error title=ruta%3A ") || line == NO_OUTPUT.trim_end();
            let commands = ran.log.lines().filter(|line| line.starts_with("::") && !ours(line));
            assert_eq!(commands.collect::<Vec<_>>(), Vec::<&str>::new(), "{input}");
        }
    }
}
