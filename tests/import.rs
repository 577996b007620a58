//! Checks what Open `WebUI` holds: its variables, its database, its exports and its compose file, read as Open `WebUI`
//! reads them.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::machine::{Machine, compare, flat};
use crate::width::too_wide;
use rusqlite::Connection;
use serde_json::Value;

type Tested = Result<(), Box<dyn Error>>;

const CONFIGS: &str = r#"{"0":{"model_ids":["gpt-5.5"]},"1":{"model_ids":["gpt-5.5"]},"2":{"enable":false}}"#;

/// The name, the cause and the model of each report.
fn told(json: &str) -> Result<Vec<[String; 3]>, Box<dyn Error>> {
    let reports: Vec<Value> = serde_json::from_str(json)?;
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    Ok(reports
        .iter()
        .map(|report| {
            let connection = &report["connection"];
            [text(&connection["name"]), text(&report["diagnosis"]["cause"]), text(&connection["model"])]
        })
        .collect())
}

fn row(name: &str, cause: &str, model: &str) -> [String; 3] {
    [name, cause, model].map(str::to_owned)
}

#[test]
fn variables_in_a_file_and_in_the_environment() -> Tested {
    let mut machine = Machine::with(&["healthy", "key-rejected"])?;
    let urls = "http://<healthy>/v1;http://<key-rejected>/v1;https://off.invalid/v1";
    let keys = "<KEY>;<OTHER>;none";
    machine.write(
        ".env",
        format!(
            "# mine\nOPENAI_API_BASE_URLS={urls}\nexport OPENAI_API_KEYS=\"{keys}\"\nOPENAI_API_CONFIGS='{CONFIGS}'\n"
        ),
    )?;
    let ran = machine.run(&["doctor", "--from", ".env"])?;
    assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (1, "", Vec::new()), "{}", ran.stdout);
    compare("variables", &ran.stdout);

    let wanted = [
        row("open-webui 1 (127.0.0.1:40001)", "ok", "gpt-5.5"),
        row("open-webui 2 (127.0.0.1:40002)", "key-rejected", "gpt-5.5"),
    ];
    let ran = machine.run(&["doctor", "--from", ".env", "--format", "json", "-v"])?;
    assert_eq!(told(&ran.stdout)?, wanted);
    for (name, value) in [("OPENAI_API_BASE_URLS", urls), ("OPENAI_API_KEYS", keys), ("OPENAI_API_CONFIGS", CONFIGS)] {
        machine.set(name, value);
    }
    let ran = machine.run(&["doctor", "--from", "env", "--format", "json"])?;
    assert_eq!(told(&ran.stdout)?, wanted);
    Ok(())
}

#[test]
fn one_connection_is_shown_in_full_and_flags_complete_it() -> Tested {
    let machine = Machine::with(&["healthy"])?;
    machine.write("some.txt", "OPENAI_API_BASE_URL=http://<healthy>/v1/\nOPENAI_API_KEY=<KEY>\n")?;
    let ran = machine.run(&["doctor", "--from", "some.txt"])?;
    assert_eq!(ran.exit, 1, "no model, so nothing was heard: {}", ran.stdout);
    let ran = machine.run(&["doctor", "--from", "some.txt", "--model", "gpt-5.5"])?;
    assert_eq!((ran.exit, too_wide(&ran.stdout)), (0, Vec::new()));
    compare("one", &ran.stdout);
    let ran = machine.run(&["doctor", "--from", "some.txt", "--model", "gpt-5.5", "--no-key"])?;
    assert!(ran.stdout.contains("key-missing"), "{}", ran.stdout);
    let ran = machine.run_with(
        &["doctor", "--from", "-", "--model", "gpt-5.5"],
        "OPENAI_API_BASE_URL=http://<healthy>/v1\nOPENAI_API_KEY=<KEY>\n",
    )?;
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    let ran = machine.run_with(&["doctor", "--from", "some.txt", "--model", "gpt-5.5", "--key-stdin"], "<OTHER>")?;
    assert!(ran.stdout.contains("key-rejected"), "{}", ran.stdout);
    Ok(())
}

#[test]
fn a_secret_of_the_command_line_goes_to_one_server_only() -> Tested {
    let machine = Machine::with(&["healthy", "key-rejected"])?;
    machine.write(".env", "OPENAI_API_BASE_URLS=http://<healthy>/v1;http://<key-rejected>/v1\n")?;
    for flags in [&["--key", "x"][..], &["--key-env", "X"], &["-H", "Authorization: x"]] {
        let said = flat(&machine.refused(&[&["doctor", "--from", ".env"], flags].concat())?);
        assert!(said.contains("2 connections, and a secret is for one of them"), "{said}");
    }
    assert_eq!(machine.asked("healthy"), 0);
    assert_eq!(machine.run(&["doctor", "--from", ".env", "-H", "X-Team: blue"])?.exit, 1);
    assert!(machine.asked("healthy") > 0);
    Ok(())
}

#[test]
fn exports_of_every_age() -> Tested {
    let machine = Machine::with(&["healthy"])?;
    let dotted = r#"{"openai.enable":true,"openai.api_keys":["<KEY>"],"openai.api_base_urls":["http://<healthy>/v1"],"openai.api_configs":{"0":{"enable":true,"model_ids":["gpt-5.5"],"auth_type":"bearer"}},"ui.name":"x"}"#;
    let nested = r#"{"version":0,"openai":{"enable":true,"api_keys":["<KEY>"],"api_base_urls":["http://<healthy>/v1"],"api_configs":{"http://<healthy>/v1":{"model_ids":["gpt-5.5"]}}}}"#;
    for text in [dotted, nested] {
        machine.write("config-1760000000000.json", text)?;
        for source in ["config-1760000000000.json", "."] {
            let ran = machine.run(&["doctor", "--from", source, "--format", "json"])?;
            assert_eq!(told(&ran.stdout)?, [row("open-webui 1 (127.0.0.1:40001)", "ok", "gpt-5.5")]);
        }
    }
    let legacy = r#"{"openai":{"api_base_urls":["http://<healthy>/v1"],"api_keys":["<KEY>"],"enabled":false}}"#;
    machine.write("old.json", legacy)?;
    let said = flat(&machine.refused(&["doctor", "--from", "old.json"])?);
    assert!(said.contains("the OpenAI API is switched off in Open"), "{said}");
    Ok(())
}

/// A database of Open `WebUI` in one of its layouts.
fn database(path: &Path, since_0_10: bool, urls: &[String], keys: &[&str]) -> Result<Connection, Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let connection = Connection::open(path)?;
    let (urls, keys) = (serde_json::to_string(urls)?, serde_json::to_string(keys)?);
    if since_0_10 {
        connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE user (id TEXT); CREATE TABLE config (\"key\" TEXT NOT NULL, value JSON NOT NULL, updated_at BIGINT, PRIMARY KEY (\"key\"))")?;
        for (key, value) in [
            ("openai.enable", "true"),
            ("openai.api_base_urls", &urls),
            ("openai.api_keys", &keys),
            ("openai.api_configs", r#"{"0":{"model_ids":["gpt-5.5"]}}"#),
            ("ui.banners", "[]"),
        ] {
            connection.execute("INSERT INTO config VALUES (?1, ?2, 1760000000)", (key, value))?;
        }
    } else {
        connection.execute_batch("CREATE TABLE config (id INTEGER NOT NULL, data JSON NOT NULL, version INTEGER NOT NULL, created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, updated_at DATETIME, PRIMARY KEY (id))")?;
        let stale = r#"{"version":0,"openai":{"api_base_urls":["http://stale.invalid/v1"]}}"#.to_owned();
        let data = format!(
            r#"{{"version":0,"openai":{{"enable":true,"api_base_urls":{urls},"api_keys":{keys},"api_configs":{{"0":{{"model_ids":["gpt-5.5"]}}}}}}}}"#
        );
        for (id, data) in [(7, data), (3, stale)] {
            connection.execute("INSERT INTO config (id, data, version) VALUES (?1, ?2, 0)", (id, data))?;
        }
    }
    Ok(connection)
}

fn listing(folder: &Path) -> Result<Vec<(String, u64)>, Box<dyn Error>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        all.push((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len()));
    }
    all.sort();
    Ok(all)
}

#[test]
fn databases_of_both_layouts_while_they_are_in_use() -> Tested {
    for since_0_10 in [true, false] {
        let machine = Machine::with(&["healthy"])?;
        let path = machine.path("data/webui.db");
        let url = machine.fill("http://<healthy>/v1");
        let writer = database(&path, since_0_10, &[url], &[crate::machine::KEY])?;
        writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM config")?;
        writer.cache_flush()?;
        let folder = machine.path("data");
        let before = listing(&folder)?;
        for source in ["data/webui.db", "data", ".", "open-webui"] {
            let ran = machine.run(&["doctor", "--from", source, "--format", "json"])?;
            let wanted = [row("open-webui 1 (127.0.0.1:40001)", "ok", "gpt-5.5")];
            assert_eq!(
                told(&ran.stdout).map_err(|error| format!("{source}: {error}: {}", ran.stderr))?,
                wanted,
                "{source}"
            );
        }
        assert_eq!(listing(&folder)?, before, "nothing is left behind");
        writer.execute_batch("COMMIT")?;
        drop(writer);
        let said = flat(&machine.refused(&["doctor", "--from", "data/webui.db"])?);
        assert!(said.contains("it holds no OpenAI connection"), "{said}");
    }
    Ok(())
}

#[test]
fn a_database_wins_over_variables_and_both_are_named() -> Tested {
    let mut machine = Machine::with(&["healthy", "key-rejected"])?;
    machine.write(".env", "OPENAI_API_BASE_URL=http://<key-rejected>/v1\nOPENAI_API_KEY=<OTHER>\n")?;
    let url = machine.fill("http://<healthy>/v1");
    database(&machine.path("data/webui.db"), true, &[url], &[crate::machine::KEY])?;
    let ran = machine.run(&["doctor", "--from", "."])?;
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
    compare("database-and-variables", &ran.stdout);
    // Asked for by its name, the file is read, with a word on the database.
    let ran = machine.run(&["doctor", "--from", ".env", "--model", "gpt-5.5"])?;
    assert_eq!(ran.exit, 1, "{}", ran.stdout);
    compare("variables-beside-a-database", &ran.stdout);
    machine.write(".env", "OPENAI_API_BASE_URL=http://<key-rejected>/v1\nENABLE_PERSISTENT_CONFIG=False\n")?;
    let ran = machine.run(&["doctor", "--from", "."])?;
    let said = flat(&ran.stdout);
    assert!(said.contains("ENABLE_PERSISTENT_CONFIG=False: Open WebUI starts with its variables"), "{said}");
    // The variables of the process count for an Open WebUI that is started here.
    machine.write(".env", "")?;
    machine.set("OPENAI_API_BASE_URLS", "http://<key-rejected>/v1");
    let ran = machine.run(&["doctor", "--from", "open-webui", "--format", "json"])?;
    assert_eq!(told(&ran.stdout)?, [row("open-webui 1 (127.0.0.1:40001)", "ok", "gpt-5.5")]);
    Ok(())
}

const COMPOSE: &str = "
x-keys: &keys
  OPENAI_API_KEYS: ${GROUP_KEY};${GROUP_KEY:?};EMPTY;EMPTY
services:
  open-webui:
    image: ghcr.io/open-webui/open-webui:main
    environment:
      <<: *keys
      OPENAI_API_BASE_URLS: http://host.docker.internal:<healthy:port>/v1;http://vllm:8000/v1;http://localhost:<key-rejected:port>/v1;http://llama:8080/v1
      AIOHTTP_CLIENT_SESSION_SSL: 'False'
  vllm:
    image: vllm/vllm-openai
    ports: ['<healthy:port>:8000']
  llama:
    image: ghcr.io/ggml-org/llama.cpp:server
";

#[test]
fn a_compose_file_is_seen_from_outside() -> Tested {
    let machine = Machine::with(&["healthy", "key-rejected"])?;
    machine.write("stack/docker-compose.yml", COMPOSE)?;
    machine.write("stack/.env", "GROUP_KEY=<KEY>\n")?;
    for source in ["stack/docker-compose.yml", "stack"] {
        let ran = machine.run(&["doctor", "--from", source, "--model", "gpt-5.5"])?;
        assert_eq!((ran.exit, too_wide(&ran.stdout)), (1, Vec::new()), "{}", ran.stdout);
        if source == "stack" && cfg!(target_os = "linux") {
            compare("compose", &ran.stdout);
        }
        let ran = machine.run(&["doctor", "--from", source, "--model", "gpt-5.5", "--format", "json"])?;
        let causes: Vec<String> = told(&ran.stdout)?.into_iter().map(|[_, cause, _]| cause).collect();
        // Only Linux tells that the first server listens where no container reaches it.
        let first = if cfg!(target_os = "linux") { ["url-localhost", "works-with-warnings"] } else { ["ok", "works"] };
        assert_eq!(causes, [first[0], "ok", "url-localhost", "ok"]);
        let reports: Vec<Value> = serde_json::from_str(&ran.stdout)?;
        let outcomes: Vec<&str> = reports.iter().filter_map(|report| report["outcome"].as_str()).collect();
        assert_eq!(outcomes, [first[1], "works", "broken", "inconclusive"]);
        assert!(
            reports[3]["checks"].as_array().is_some_and(|checks| checks.iter().all(|check| check["status"] == "skip"))
        );
    }
    // Over it lies the file that compose puts over it, and the network of the machine makes localhost right.
    machine.write("stack/docker-compose.override.yml", "services: {open-webui: {network_mode: host}}")?;
    let ran = machine.run(&[
        "doctor",
        "--from",
        "stack",
        "--model",
        "gpt-5.5",
        "--format",
        "json",
        "--connect-timeout",
        "2",
    ])?;
    let causes: Vec<String> = told(&ran.stdout)?.into_iter().map(|[_, cause, _]| cause).collect();
    assert_eq!(causes[2], "key-rejected");
    Ok(())
}

#[test]
fn localhost_of_a_container_is_told_with_what_answers_here() -> Tested {
    let machine = Machine::with(&["healthy-keyless-local"])?;
    let file = "services: {chat: {image: open-webui, environment: ['OPENAI_API_BASE_URL=http://localhost:<healthy-keyless-local:port>/v1']}}";
    machine.write("compose.yaml", file)?;
    let ran = machine.run(&["doctor", "--from", "compose.yaml", "--model", "qwen3-8b"])?;
    assert_eq!((ran.exit, too_wide(&ran.stdout)), (1, Vec::new()));
    if cfg!(target_os = "linux") {
        compare("localhost", &ran.stdout);
    }
    Ok(())
}

#[test]
fn features_are_checked_for_what_they_do() -> Tested {
    let machine = Machine::with(&["only-embeddings"])?;
    let key = "sk-live-Qm7Vx2Rk9Tz4Lb8Nw3Hd6Jp1Sc5Yg0Fa";
    machine.write(".env", format!("RAG_EMBEDDING_ENGINE=openai\nRAG_EMBEDDING_MODEL=vendor/any-name\nRAG_OPENAI_API_BASE_URL=http://<only-embeddings>/v1\nRAG_OPENAI_API_KEY={key}\n"))?;
    let ran = machine.run(&["doctor", "--from", ".env"])?;
    compare("embeddings", &ran.stdout);
    Ok(())
}
