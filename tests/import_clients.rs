//! Finds and checks what Codex, Claude Code, Continue, opencode and aider have in their settings.

use std::error::Error;

use crate::machine::{Machine, compare, flat};
use crate::width::too_wide;
use serde_json::Value;

type Tested = Result<(), Box<dyn Error>>;

/// Name, cause and client of the first report.
fn told(json: &str) -> Result<[String; 3], Box<dyn Error>> {
    let reports: Vec<Value> = serde_json::from_str(json)?;
    let report = reports.first().ok_or("no report")?;
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let connection = &report["connection"];
    Ok([text(&connection["name"]), text(&report["diagnosis"]["cause"]), text(&connection["client"])])
}

/// Checks a source and returns what its first report tells.
fn check(machine: &Machine, source: &str) -> Result<[String; 3], Box<dyn Error>> {
    let ran = machine.run(&["doctor", "--from", source, "--format", "json", "-v"])?;
    told(&ran.stdout).map_err(|error| format!("{source}: {error}: {}", ran.stderr).into())
}

const CODEX: &str = "model = \"gpt-5.5\"\nmodel_provider = \"gate\"\n\n[model_providers.gate]\nname = \"Gate\"\nbase_url = \"http://<client-codex-healthy>/v1\"\n";

#[test]
fn codex_with_its_key_in_every_place() -> Tested {
    let mut machine = Machine::with(&["client-codex-healthy"])?;
    let wanted = ["codex gate (127.0.0.1:40001)", "ok", "codex"];
    machine.write(
        "~/.codex/config.toml",
        format!("{CODEX}experimental_bearer_token = \"<client-codex-healthy:key>\"\n"),
    )?;
    assert_eq!(check(&machine, "codex")?, wanted);
    assert_eq!(check(&machine, "Codex CLI")?, wanted);
    machine.write("~/.codex/config.toml", format!("{CODEX}requires_openai_auth = true\n"))?;
    machine.write("~/.codex/auth.json", r#"{"OPENAI_API_KEY":"<client-codex-healthy:key>"}"#)?;
    assert_eq!(check(&machine, "codex")?, wanted);
    // The same files elsewhere, and one by its path.
    let home = machine.path("~/.codex").display().to_string();
    assert_eq!(check(&machine, &home)?, wanted);
    assert_eq!(check(&machine, &format!("{home}/auth.json"))?, wanted);
    machine.write("~/.codex/auth.json", r#"{"OPENAI_API_KEY":null,"tokens":{"access_token":"<OTHER>"}}"#)?;
    let said = flat(&machine.refused(&["doctor", "--from", "codex"])?);
    assert!(said.contains("signed in with a ChatGPT account"), "{said}");
    machine.write("~/.codex/config.toml", format!("{CODEX}env_key = \"GATE_KEY\"\n[model_providers.spare]\nname = \"Spare\"\nbase_url = \"http://spare.invalid/v1\"\n"))?;
    let ran = machine.run(&["doctor", "--from", "codex"])?;
    assert_eq!(ran.exit, 1);
    compare("codex-without-its-variable", &ran.stdout);
    machine.set("GATE_KEY", "<client-codex-healthy:key>");
    assert_eq!(check(&machine, "codex")?, wanted);
    machine.write("~/.codex/config.toml", "model_provider = \"gone\"\n")?;
    let said = flat(&machine.refused(&["doctor", "--from", "codex"])?);
    assert!(said.contains("Model provider `gone` not found"), "{said}");
    Ok(())
}

#[test]
fn claude_code_with_one_file_over_the_other() -> Tested {
    let machine = Machine::with(&["client-claude-code-healthy"])?;
    let url = machine.fill("http://<client-claude-code-healthy>");
    machine.write("~/.claude/settings.json", r#"{"env":{"ANTHROPIC_BASE_URL":"http://wrong.invalid","ANTHROPIC_AUTH_TOKEN":"<client-claude-code-healthy:key>"},"model":"opus","permissions":{}}"#)?;
    machine.write(
        ".claude/settings.local.json",
        format!(r#"{{"env":{{"ANTHROPIC_BASE_URL":"{url}","ANTHROPIC_MODEL":"claude-sonnet-5"}}}}"#),
    )?;
    let wanted = ["claude-code (127.0.0.1:40001)", "ok", "claude-code"];
    assert_eq!(check(&machine, "claude-code")?, wanted);
    assert_eq!(check(&machine, "claude")?, wanted);
    machine.write(".claude/settings.local.json", r#"{"apiKeyHelper":"/usr/bin/get-key"}"#)?;
    machine.write("~/.claude/settings.json", "{}")?;
    let said = flat(&machine.refused(&["doctor", "--from", "claude-code"])?);
    assert!(said.contains("comes from a program"), "{said}");
    machine.write(".claude/settings.local.json", r#"{"permissions":{}}"#)?;
    let said = flat(&machine.refused(&["doctor", "--from", "claude-code"])?);
    assert!(said.contains("signed in with an account"), "{said}");
    Ok(())
}

#[test]
fn continue_opencode_and_aider() -> Tested {
    let mut machine = Machine::with(&["healthy"])?;
    let models = "models:\n  - name: Gate\n    provider: openai\n    model: gpt-5.5\n    apiBase: http://<healthy>/v1\n    apiKey: ${{ secrets.GATE_KEY }}\n  - uses: maker/block\n  - {name: Local, provider: mystery, model: m}\n";
    machine.write("~/.continue/config.yaml", format!("name: Mine\nversion: 1.0.0\nschema: v1\n{models}"))?;
    machine.write("~/.continue/.env", "GATE_KEY=<KEY>\n")?;
    let wanted = ["continue Gate (127.0.0.1:40001)", "ok", "continue"];
    assert_eq!(check(&machine, "continue")?, wanted);
    machine.write("old/config.json", r#"{"models":[{"title":"Gate","provider":"openai","model":"gpt-5.5","apiBase":"http://<healthy>/v1","apiKey":"<KEY>"}]}"#)?;
    assert_eq!(check(&machine, "old")?, wanted);

    let config = r#"{ // mine
        "provider": {"gate": {"npm": "@ai-sdk/openai-compatible", "options": {"baseURL": "http://<healthy>/v1", "apiKey": "{env:GATE_KEY}"}, "models": {"gpt-5.5": {}},}},
        "model": "gate/gpt-5.5" }"#;
    machine.write("~/.config/opencode/opencode.jsonc", config)?;
    machine.set("GATE_KEY", "<KEY>");
    assert_eq!(check(&machine, "opencode")?, ["opencode gate (127.0.0.1:40001)", "ok", "opencode"]);
    machine.write("opencode.json", r#"{"disabled_providers":["gate"]}"#)?;
    let said = flat(&machine.refused(&["doctor", "--from", "opencode"])?);
    assert!(said.contains("switched off in opencode's settings"), "{said}");
    machine.write("opencode.json", r#"{"provider":{"gate":{"options":{"apiKey":"{file:key.txt}"}}}}"#)?;
    machine.write("key.txt", "<KEY>\n")?;
    assert_eq!(check(&machine, "opencode")?[1], "ok");

    machine.write("~/.aider.conf.yml", "model: openai/gpt-5.5\nopenai-api-base: http://<healthy>/v1\n")?;
    machine.write(".env", "OPENAI_API_KEY=<KEY>\n")?;
    assert_eq!(check(&machine, "aider")?, ["aider (127.0.0.1:40001)", "ok", "aider"]);
    Ok(())
}

#[test]
fn all_of_them_are_found() -> Tested {
    let mut machine = Machine::with(&[])?;
    let ran = machine.run(&["connections", "find"])?;
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("No connection was found"), "{}", ran.stdout);
    assert!(ran.stdout.contains("~/.codex/config.toml"), "{}", ran.stdout);
    assert_eq!(machine.run(&["connections", "find", "--json"])?.stdout, "[]\n");

    machine.set("OPENAI_API_BASE_URLS", "https://api.rutaapi.com/v1;https://api.mistral.ai/v1");
    machine.set("OPENAI_API_KEYS", "<KEY>;<OTHER>");
    machine.set("OPENAI_API_CONFIGS", r#"{"1":{"enable":false}}"#);
    machine.set("GROQ_API_KEY", "gsk_Vn4kTz8QpW2xRb7Lq9Mf3Dg6Hj5cYt1NsX8vKe4Pw6Zu");
    machine.write("~/.codex/config.toml", "model = \"gpt-5.5\"\nmodel_provider = \"gate\"\n[model_providers.gate]\nname = \"Gate\"\nbase_url = \"https://a-gateway.with-a-long-name.example.net/v1\"\nexperimental_bearer_token = \"<KEY>\"\n")?;
    machine.write("~/.claude/settings.json", r#"{"env":{"ANTHROPIC_BASE_URL":"https://api.rutaapi.com"}}"#)?;
    machine.write(
        "~/.continue/config.yaml",
        "models: [{provider: ollama, model: 'llama3.2:latest'}, {provider: mystery, model: m}]\n",
    )?;
    machine.write("~/.config/opencode/opencode.json", "{broken")?;
    let ran = machine.run(&["connections", "find"])?;
    assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (0, "", Vec::new()), "{}", ran.stdout);
    compare("find", &ran.stdout);
    let ran = machine.run(&["connections", "find", "--json"])?;
    compare("find-json", &ran.stdout);
    Ok(())
}
