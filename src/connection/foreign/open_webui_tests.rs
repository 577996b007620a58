//! Open `WebUI`'s pairing of URLs and keys, row by row.

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let mut variables = Variables::default();
    for (name, value) in pairs {
        variables.set(name, Zeroizing::new((*value).to_owned()), KeySource::Env((*name).to_owned()));
    }
    variables
}

fn holding(pairs: &[(&str, &str)]) -> Holding {
    Settings::of_variables(&variables(pairs)).holding()
}

fn config(json: &str) -> Holding {
    let tree = json::read(json).unwrap_or(Tree::Null);
    Settings::of_config(&tree, &KeySource::File("config.json".into())).unwrap_or_default().holding()
}

/// URL and key of each connection; `-` for no key.
fn pairs(holding: &Holding) -> Vec<(String, String)> {
    let pair = |found: &Found| {
        let key = found.connection.key.as_ref().map_or("-", |key| key.reveal());
        (found.connection.base_url.clone().unwrap_or_default(), key.to_owned())
    };
    holding.found.iter().map(pair).collect()
}

#[test]
fn urls_and_keys_are_paired_as_open_webui_pairs_them() {
    const OPENAI: &str = "https://api.openai.com/v1";
    type Pairs<'a> = &'a [(&'a str, &'a str)];
    let rows: &[(Pairs<'_>, Pairs<'_>)] = &[
        (&[("OPENAI_API_BASE_URL", "https://a/v1"), ("OPENAI_API_KEY", "ka")], &[("https://a/v1", "ka")]),
        // The singular loses one slash, the plural keeps it.
        (&[("OPENAI_API_BASE_URL", "https://a/v1/")], &[("https://a/v1", "-")]),
        (&[("OPENAI_API_BASE_URL", "https://a/v1//")], &[("https://a/v1/", "-")]),
        (
            &[("OPENAI_API_BASE_URLS", "https://a/v1/;https://b/v1"), ("OPENAI_API_KEY", "ka")],
            &[("https://a/v1/", "ka"), ("https://b/v1", "-")],
        ),
        // The slash is that of the whole text.
        (&[("OPENAI_API_BASE_URL", "https://a/v1/;https://b/v1/")], &[("https://a/v1/", "-"), ("https://b/v1", "-")]),
        // The plural wins, unless it is empty.
        (
            &[
                ("OPENAI_API_BASE_URLS", "https://b/v1"),
                ("OPENAI_API_BASE_URL", "https://a/v1"),
                ("OPENAI_API_KEYS", "kb"),
                ("OPENAI_API_KEY", "ka"),
            ],
            &[("https://b/v1", "kb")],
        ),
        (
            &[
                ("OPENAI_API_BASE_URLS", ""),
                ("OPENAI_API_BASE_URL", "https://a/v1"),
                ("OPENAI_API_KEYS", ""),
                ("OPENAI_API_KEY", "ka"),
            ],
            &[("https://a/v1", "ka")],
        ),
        // An empty part is OpenAI; keys that are too many are dropped.
        (
            &[("OPENAI_API_BASE_URLS", "https://a/v1;;https://b/v1"), ("OPENAI_API_KEYS", "ka;kb;kc;kd")],
            &[("https://a/v1", "ka"), (OPENAI, "kb"), ("https://b/v1", "kc")],
        ),
        (&[("OPENAI_API_BASE_URLS", "https://a/v1;")], &[("https://a/v1", "-"), (OPENAI, "-")]),
        (&[("OPENAI_API_BASE_URLS", "https://a/v1; ")], &[("https://a/v1", "-"), ("", "-")]),
        (&[("OPENAI_API_BASE_URLS", " https://a/v1 ; https://b/v1")], &[("https://a/v1", "-"), ("https://b/v1", "-")]),
        // Both singular names take lists, too; a comma separates nothing.
        (
            &[("OPENAI_API_BASE_URL", "https://a/v1;https://b/v1"), ("OPENAI_API_KEY", "ka; kb ")],
            &[("https://a/v1", "ka"), ("https://b/v1", "kb")],
        ),
        (&[("OPENAI_API_BASE_URLS", "https://a/v1,https://b/v1")], &[("https://a/v1,https://b/v1", "-")]),
        (&[("OPENAI_API_BASE_URLS", "\"https://a/v1\""), ("OPENAI_API_KEYS", "'ka'")], &[("\"https://a/v1\"", "'ka'")]),
        // No URL at all.
        (&[("OPENAI_API_KEY", "ka")], &[(OPENAI, "ka")]),
        (&[("OPENAI_API_KEYS", "ka;kb")], &[(OPENAI, "ka")]),
        (&[("ENABLE_OPENAI_API", "True")], &[]),
    ];
    for (given, wanted) in rows {
        let wanted: Vec<_> = wanted.iter().map(|(url, key)| ((*url).to_owned(), (*key).to_owned())).collect();
        assert_eq!(pairs(&holding(given)), wanted, "{given:?}");
    }
}

#[test]
fn single_connections_have_settings_of_their_own() {
    let configs = r#"{"0":{"enable":false},"1":{"model_ids":["m1","m2"],"prefix_id":"groq"},"2":{"auth_type":"none"},
        "3":{"auth_type":"session"},"4":{"api_type":"responses","headers":{"X-Team":"team-Vn4kTz8Q","X-User":"{{USER_EMAIL}}"}},
        "https://f/v1":{"enable":false},"6":{"headers":{"Authorization":"Bearer other-Vn4kTz8Q"}}}"#;
    let urls = "https://a/v1;https://b/v1;https://c/v1;https://d/v1;https://e/v1;https://f/v1;https://g/v1";
    let given =
        [("OPENAI_API_BASE_URLS", urls), ("OPENAI_API_KEYS", "k0;k1;k2;k3;k4;k5;k6"), ("OPENAI_API_CONFIGS", configs)];
    let holding = holding(&given);
    let skipped: Vec<bool> = holding.found.iter().map(|found| found.skipped.is_some()).collect();
    assert_eq!(skipped, [true, false, false, true, false, true, false]);
    let connection = |at: usize| &holding.found[at].connection;
    assert_eq!((connection(1).name.as_deref(), connection(1).model.as_deref()), (Some("open-webui 2"), Some("m1")));
    assert_eq!(pairs(&holding)[2].1, "-", "auth_type none sends no key");
    assert_eq!(connection(4).place.checks, ["models", "responses"]);
    assert_eq!(connection(4).headers, [("X-Team".to_owned(), "team-Vn4kTz8Q".to_owned())]);
    assert_eq!(pairs(&holding)[6].1, "-", "a header of its own takes the key's place");
    assert!(connection(1).remarks.iter().any(|remark| remark.contains("groq.MODEL")));
    assert_eq!(connection(1).key_source, Some(KeySource::Env("OPENAI_API_KEYS".into())));
}

#[test]
fn azure_has_its_version_in_the_url() {
    for (url, config, wanted) in [
        (
            "https://x.openai.azure.com",
            r#"{"azure":true,"api_version":"2024-10-21","model_ids":["d"]}"#,
            "https://x.openai.azure.com?api-version=2024-10-21",
        ),
        (
            "https://x.openai.azure.com",
            r#"{"provider":"azure"}"#,
            "https://x.openai.azure.com?api-version=2023-03-15-preview",
        ),
        ("https://x.openai.azure.com/openai/v1", r#"{"provider":"azure"}"#, "https://x.openai.azure.com/openai/v1"),
        (
            "https://gw.example/a",
            r#"{"provider":"azure","api_version":"v","model_ids":["d"]}"#,
            "https://gw.example/a/openai/deployments/d?api-version=v",
        ),
        ("https://x.openai.azure.com", "{}", "https://x.openai.azure.com"),
    ] {
        let configs = format!("{{\"0\":{config}}}");
        let found =
            holding(&[("OPENAI_API_BASE_URLS", url), ("OPENAI_API_KEYS", "ka"), ("OPENAI_API_CONFIGS", &configs)]);
        assert_eq!(pairs(&found)[0].0, wanted, "{url} {config}");
    }
}

#[test]
fn exports_and_databases_are_read_in_every_layout() {
    let wanted = [("https://api.groq.com/openai/v1".to_owned(), "gsk_EXAMPLE".to_owned())];
    let config0 = r#"{"0":{"enable":true,"tags":[],"prefix_id":"","model_ids":["llama-3.3-70b-versatile"],"connection_type":"external","auth_type":"bearer"}}"#;
    for json in [
        format!(
            r#"{{"openai.enable":true,"openai.api_keys":["gsk_EXAMPLE"],"openai.api_base_urls":["https://api.groq.com/openai/v1"],"openai.api_configs":{config0},"ui.x":1}}"#
        ),
        format!(
            r#"{{"version":0,"openai":{{"enable":true,"api_base_urls":["https://api.groq.com/openai/v1"],"api_keys":["gsk_EXAMPLE"],"api_configs":{config0}}}}}"#
        ),
        format!(
            r#"{{"ENABLE_OPENAI_API":true,"OPENAI_API_BASE_URLS":["https://api.groq.com/openai/v1"],"OPENAI_API_KEYS":["gsk_EXAMPLE"],"OPENAI_API_CONFIGS":{config0}}}"#
        ),
    ] {
        let holding = config(&json);
        assert_eq!(pairs(&holding), wanted, "{json}");
        assert_eq!(holding.found[0].connection.model.as_deref(), Some("llama-3.3-70b-versatile"), "{json}");
        assert!(holding.found[0].skipped.is_none() && holding.found[0].connection.place.checks.is_empty(), "{json}");
    }
    let legacy = config(r#"{"openai":{"api_base_urls":["http://litellm:4000/v1"],"api_keys":[""],"enabled":true}}"#);
    assert_eq!(pairs(&legacy), [("http://litellm:4000/v1".to_owned(), "-".to_owned())]);
    let off = config(r#"{"openai":{"api_base_urls":["http://litellm:4000/v1"],"enabled":false}}"#);
    assert!(off.found[0].skipped.is_some());
    assert!(Settings::of_config(&json::read(r#"{"a":1,"env":{}}"#).unwrap_or(Tree::Null), &KeySource::Stdin).is_none());
}

#[test]
fn features_have_connections_of_their_own() {
    let holding = holding(&[
        ("OPENAI_API_BASE_URLS", "https://a/v1;https://api.openai.com/v1"),
        ("OPENAI_API_KEYS", "ka;ko"),
        ("RAG_EMBEDDING_ENGINE", "openai"),
        ("RAG_EMBEDDING_MODEL", "text-embedding-3-small"),
        ("AUDIO_TTS_ENGINE", "openai"),
        ("AUDIO_TTS_OPENAI_API_BASE_URL", "http://speech:8880/v1"),
        ("AUDIO_TTS_OPENAI_API_KEY", "kt"),
        ("AUDIO_STT_ENGINE", ""),
        ("AUDIO_STT_OPENAI_API_BASE_URL", "http://unused/v1"),
        ("ENABLE_IMAGE_GENERATION", "true"),
        ("IMAGES_OPENAI_API_KEY", "ki"),
        ("ENABLE_IMAGE_EDIT", "false"),
    ]);
    let rows: Vec<_> = holding
        .found
        .iter()
        .zip(pairs(&holding))
        .skip(2)
        .map(|(found, pair)| {
            let connection = &found.connection;
            (
                connection.name.clone().unwrap_or_default(),
                pair.0,
                pair.1,
                connection.model.clone().unwrap_or_default(),
                connection.place.checks.join(","),
            )
        })
        .collect();
    let row = |name: &str, url: &str, key: &str, model: &str, checks: &str| {
        (name.into(), url.into(), key.into(), model.into(), checks.into())
    };
    let wanted: Vec<(String, String, String, String, String)> = vec![
        row("open-webui embeddings", USUAL_URL, "ko", "text-embedding-3-small", "embeddings"),
        row("open-webui speech", "http://speech:8880/v1", "kt", "tts-1", "speech"),
        row("open-webui images", USUAL_URL, "ki", "dall-e-2", "images"),
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn a_database_wins_value_by_value() {
    let source = KeySource::File("webui.db".into());
    let of = |json: &str| Settings::of_config(&json::read(json).unwrap_or(Tree::Null), &source).unwrap_or_default();
    let given = Settings::of_variables(&variables(&[
        ("OPENAI_API_BASE_URLS", "https://env/v1;https://more/v1"),
        ("OPENAI_API_KEYS", "ke"),
        ("ENABLE_OPENAI_API", "False"),
    ]));
    let database = of(r#"{"openai.api_base_urls":["https://db/v1"],"openai.api_keys":["kd"],"openai.enable":true}"#);
    assert_eq!(
        Settings::differences(&given, &database),
        ["URLs https://env/v1, https://more/v1", "other keys", "connections switched off",]
    );
    assert_eq!(pairs(&given.clone().under(database).holding()), [("https://db/v1".to_owned(), "kd".to_owned())]);
    // The older layout has only what was once saved.
    let old = of(r#"{"openai":{"api_base_urls":["https://db/v1"]}}"#);
    assert_eq!(pairs(&given.clone().under(old).holding()), [("https://db/v1".to_owned(), "ke".to_owned())]);
    assert!(Settings::differences(&given, &given.clone()).is_empty());
}

#[test]
fn what_is_odd_is_said() {
    for (given, part) in [
        (&[("OPENAI_API_BASE_URLS", "https://a/v1;;https://b/v1")][..], "part 2 of OPENAI_API_BASE_URLS is empty"),
        (&[("OPENAI_API_BASE_URLS", "https://a/v1,https://b/v1")], "separates URLs with semicolons only"),
        (&[("OPENAI_API_BASE_URL", "\"https://a/v1\"")], "begins with a quote"),
        (&[("OPENAI_API_KEY", "ka")], "no base URL is set"),
        (&[("OPENAI_API_BASE_URLS", "https://a/v1"), ("OPENAI_API_KEYS", "ka;kb")], "there are 2 keys for 1 URL:"),
        (
            &[("OPENAI_API_BASE_URLS", "https://a/v1;https://b/v1"), ("OPENAI_API_KEY", "ka")],
            "there is 1 key for 2 URLs",
        ),
        (&[("OPENAI_API_BASE_URLS", "https://a/v1"), ("OPENAI_API_CONFIGS", "[]")], "is no JSON object"),
    ] {
        let remarks = holding(given).remarks;
        assert!(remarks.iter().any(|remark| remark.contains(part)), "{given:?}: {remarks:?}");
    }
}
