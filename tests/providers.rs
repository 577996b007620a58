//! `ruta providers`: the table, one in full, and what is found by what people type.

use crate::asked::{Tested, ask, ask_in, compare};
use crate::width::too_wide;
use ruta::knowledge::provider::SYSTEMS;
use serde_json::Value;

#[test]
fn the_table_names_all_that_can_be_asked() -> Tested {
    let ran = ask(&["providers"])?;
    assert_eq!((ran.exit, ran.stderr.as_str(), too_wide(&ran.stdout)), (0, "", Vec::new()));
    for system in SYSTEMS.iter().filter(|system| matches!(system.kind, "cloud" | "gateway" | "local")) {
        let row = |line: &str| line.split_whitespace().next() == Some(system.id);
        assert!(ran.stdout.lines().any(row) && ran.stdout.contains(system.base_url), "{}", system.id);
    }
    compare("providers", &ran.stdout);
    Ok(())
}

#[test]
fn one_in_full_says_what_is_known() -> Tested {
    let mut text = String::new();
    for id in ["groq", "anthropic", "azure-openai", "minimax", "ollama", "litellm", "nginx"] {
        let ran = ask(&["providers", id])?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{id}");
        text.push_str(&format!("$ ruta providers {id}\n{}\n", ran.stdout));
    }
    compare("providers-in-full", &text);
    for system in SYSTEMS.iter().filter(|system| system.kind != "any") {
        let ran = ask(&["providers", system.id])?;
        assert!(ran.stdout.starts_with(&format!("{} ({})", system.name, system.id)), "{}: {}", system.id, ran.stdout);
        assert_eq!(too_wide(&ran.stdout), Vec::<String>::new(), "{}", system.id);
        assert!(ran.stdout.is_ascii(), "{}: {}", system.id, ran.stdout);
    }
    Ok(())
}

#[test]
fn part_of_a_name_will_do_and_a_slip_is_understood() -> Tested {
    for (text, first) in [
        ("api.groq.com", "Groq (groq)"),
        ("https://console.groq.com/keys", "Groq (groq)"),
        ("gsk_", "Groq (groq)"),
        ("OpenRouter", "OpenRouter (openrouter)"),
        ("kimi", "Moonshot (Kimi) (moonshot)"),
        ("bedrock", "In the cloud"),
    ] {
        let ran = ask(&["providers", text])?;
        assert!(ran.exit == 0 && ran.stdout.starts_with(first), "{text}: {}{}", ran.stdout, ran.stderr);
    }
    for (text, says) in [
        ("opnai", "did you mean `openai`?"),
        ("olama", "did you mean `ollama`?"),
        ("qqqq", "`ruta providers` lists them"),
        ("", "`ruta providers` lists them"),
        ("sk-Vn4kTz8QpW2xRb6LmYc9HdJf3GsA5uEo", "it looks like a key"),
    ] {
        let ran = ask(&["providers", text])?;
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{text}");
        assert!(ran.stderr.contains(says) && !ran.stderr.contains("Vn4kTz8QpW2x"), "{text}: {}", ran.stderr);
    }
    Ok(())
}

#[test]
fn json_holds_the_same_facts() -> Tested {
    let all: Vec<Value> = serde_json::from_str(&ask(&["providers", "--json"])?.stdout)?;
    assert!(all.len() >= 40, "{}", all.len());
    assert!(all.iter().all(|row| row["kind"] != "middlebox" && row["kind"] != "any"));
    let one: Value = serde_json::from_str(&ask(&["providers", "anthropic", "--json"])?.stdout)?;
    assert_eq!(one["base_url"], "https://api.anthropic.com/v1");
    assert_eq!((&one["auth"], &one["models_auth"]), (&Value::from("bearer"), &Value::from("x-api-key")));
    assert_eq!(one["models_endpoint"], "other-auth");
    assert!(all.contains(&one));
    let several: Vec<Value> = serde_json::from_str(&ask(&["providers", "bedrock", "--json"])?.stdout)?;
    assert!(several.len() >= 3);
    Ok(())
}

#[test]
fn the_locale_changes_nothing() -> Tested {
    assert_eq!(ask_in(&[("LANG", "C")], &["providers", "groq"], "")?.stdout, ask(&["providers", "groq"])?.stdout);
    Ok(())
}
