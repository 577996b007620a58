//! The guided run at a real terminal, from the first question to the last: what stands on the screen, what is sent, and
//! in which state the terminal is left.

use std::error::Error;

use crate::person::{CTRL_C, CTRL_U, DOWN, ENTER, ESCAPE, KEY, Person, TAB, left_in_order};
use ruta::scenario::{Scenario, Server};

type Tested = Result<(), Box<dyn Error>>;

/// A usual terminal: rows and columns.
const USUAL: (u16, u16) = (60, 80);

/// The rows of a healthy server with a few models.
const HEALTHY: &str = r#"
[[answer]]
path = "/v1/models"
key = "right"
use = "models"
ids = ["text-embedding-3-large", "gpt-5.5", "gpt-5.5-mini", "claude-sonnet-5", "qwen3:8b"]
[[answer]]
path = "/v1/chat/completions"
key = "right"
use = "chat-or-stream"
[[answer]]
status = 401
body = '{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}'
"#;

fn serving(rows: &str) -> Result<(Scenario, Server), Box<dyn Error>> {
    let head = format!("title = 't'\ncause = 'ok'\noutcome = 'works'\nexit = 0\nkey = '{KEY}'\n");
    let scenario = Scenario::parse(&format!("{head}{rows}"))?;
    let server = Server::start(&scenario)?;
    Ok((scenario, server))
}

/// Everything that a person did and saw, a screen after each step.
#[derive(Default)]
struct Recording(String);

impl Recording {
    fn add(&mut self, what: &str, screen: &str) {
        self.0.push_str(&format!("----- {what}\n{screen}\n\n"));
    }

    fn compare(self, name: &str, server: &Server) {
        let port = server.address().port().to_string();
        let text = self.0.replace(&port, "40001");
        let mut settings = crate::snapshot::settings("terminal");
        settings.add_filter(r"\b\d+(\.\d+)? (ms|s)\b", "[time]");
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}

#[test]
fn a_guided_run_from_a_wrong_url_to_a_working_connection() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let url = server.fill("{server}/v1");
    let mut recording = Recording::default();
    let person = Person::at(USUAL, &[], &["doctor"])?;
    recording.add("ruta doctor", &person.sees("name of a provider")?);
    person.types("kimi")?;
    recording.add("types kimi", &person.sees("Base URL: kimi")?);
    person.types(&"\u{7f}".repeat(4))?.types(&format!("{url}/chat/completions{ENTER}"))?;
    recording.add("clears it, types the URL of the chat, Enter", &person.sees("instead?")?);
    person.types(ENTER)?;
    recording.add("Enter", &person.sees("API key")?);
    person.types(&format!("\"{KEY}\"{ENTER}"))?;
    recording.add("types the key in quotes, Enter", &person.sees("without it?")?);
    person.types(ENTER)?;
    recording.add("Enter", &person.sees("5 models")?);
    person.types("gpt m")?;
    recording.add("types gpt m", &person.sees("Model: gpt m")?);
    person.types(DOWN)?;
    recording.add("arrow down", &person.sees("> gpt-5.5-mini")?);
    person.types(ENTER)?;
    let ended = person.ends()?;
    recording.add("Enter", &ended.screen);
    left_in_order(&ended, "the whole run");
    assert_eq!(ended.exit, "0", "{}", ended.screen);
    recording.compare("guided-run", &server);
    let received = server.received();
    let sent = |request: &ruta::scenario::Received| request.carries(KEY);
    assert!(received.iter().all(sent), "the key was sent as it is, without the quotes");
    assert!(received.iter().any(|request| String::from_utf8_lossy(&request.body).contains("\"gpt-5.5-mini\"")));
    Ok(())
}

#[test]
fn pasted_lines_are_answers_with_or_without_their_end() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let url = server.fill("{server}/v1");
    for end in ["", "\n", "\r\n"] {
        let person = Person::at(USUAL, &[], &["doctor"])?;
        person.sees("Base URL:")?;
        person.pastes(&format!("{url}{end}"))?.types(ENTER)?;
        person.sees("API key")?;
        person.pastes(&format!("{KEY}{end}"))?.types(ENTER)?;
        person.sees("(47 characters)")?;
        person.sees("Model:")?;
        person.pastes(&format!("gpt-5.5{end}"))?.types(ENTER)?;
        let ended = person.ends()?;
        left_in_order(&ended, "pasted");
        assert_eq!(ended.exit, "0", "{end:?}: {}", ended.screen);
        assert!(ended.screen.contains("key sk-… (47 characters, from the keyboard) · gpt-5.5"), "{}", ended.screen);
    }
    Ok(())
}

#[test]
fn every_question_can_be_left() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let url = server.fill("{server}/v1");
    let wrong = format!("{url}/chat/completions{ENTER}");
    let (right, key, quoted) = (format!("{url}{ENTER}"), format!("{KEY}{ENTER}"), format!("'{KEY}'{ENTER}"));
    // What was answered before, and what is asked then.
    let places: &[(&[(&str, &str)], &str)] = &[
        (&[], "Base URL:"),
        (&[("Base URL:", &wrong)], "instead?"),
        (&[("Base URL:", &right)], "API key"),
        (&[("Base URL:", &right), ("API key", &quoted)], "without it?"),
        (&[("Base URL:", &right), ("API key", &key)], "Model:"),
        (&[("Base URL:", &right), ("API key", &key), ("Model:", "gpt-5.6\r")], "instead?"),
    ];
    for (answers, question) in places {
        for leave in [CTRL_C, ESCAPE] {
            let person = Person::at(USUAL, &[], &["doctor"])?;
            for (asked, answer) in *answers {
                person.sees(asked)?;
                person.types(answer)?;
            }
            person.sees(question)?;
            // A key that is half typed is not shown either.
            person.types(if *question == "API key" { &KEY[..20] } else { "" })?.types(leave)?;
            let ended = person.ends()?;
            left_in_order(&ended, question);
            assert_eq!(ended.exit, "130", "{question} {leave:?}: {}", ended.screen);
            assert!(!ended.screen.contains("error"), "{question} {leave:?}: {}", ended.screen);
        }
    }
    Ok(())
}

#[test]
fn ctrl_c_ends_it_while_the_list_is_fetched() -> Tested {
    let (_, server) = serving("[[answer]]\nfault = 'hang'\n")?;
    let person = Person::at(USUAL, &[], &["doctor", "--no-key", "--url", "", "--timeout", "60"])?;
    // An empty URL is one that was given: no question.
    assert_eq!(person.ends()?.exit, "1");
    let person = Person::at(USUAL, &[], &["doctor", "--no-key", "--timeout", "60"])?;
    person.sees("Base URL:")?;
    person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
    person.sees("asking /models")?;
    person.types(CTRL_C)?;
    let ended = person.ends()?;
    left_in_order(&ended, "while it asks");
    assert_eq!(ended.exit, "130", "{}", ended.screen);
    assert!(!ended.screen.contains("asking /models"), "the spinner stays: {:?}", ended.raw);
    Ok(())
}

#[test]
fn a_name_is_enough_and_the_key_of_the_environment_is_offered() -> Tested {
    let rows = HEALTHY.replace("/v1/", "/openai/v1/");
    let (scenario, server) = serving(&format!("host = 'api.groq.com'\ntls = 'good'\n{rows}"))?;
    let arguments = scenario.doctor_arguments(&server);
    let arguments: Vec<&str> = ["doctor"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
    for (name, question) in [("groq", "Use https://api.groq.com/openai/v1 (Groq)?"), ("grok.com", "instead?")] {
        let person = Person::at(USUAL, &[("GROQ_API_KEY", KEY)], &arguments)?;
        person.sees("Base URL:")?;
        if name == "groq" {
            person.types(name)?.types(ENTER)?;
            person.sees(question)?;
            person.types(ENTER)?;
        } else {
            // A suggestion that is taken with the arrow is the answer; Tab writes it out to be changed.
            person.types("groq")?;
            person.sees("  (Groq)")?;
            person.types(DOWN)?.types(TAB)?.types(ENTER)?;
        }
        person.sees("Use the key in GROQ_API_KEY (sk-… (47 characters))?")?;
        person.types("y")?.types(ENTER)?;
        person.sees("Model:")?;
        person.types(DOWN)?.types(ENTER)?;
        let ended = person.ends()?;
        left_in_order(&ended, name);
        assert_eq!(ended.exit, "0", "{}", ended.screen);
        let head = "Groq · key sk-… (47 characters, from GROQ_API_KEY) · gpt-5.5";
        assert!(ended.screen.contains(head), "those that chat come first: {}", ended.screen);
    }
    Ok(())
}

#[test]
fn nothing_that_was_given_is_asked_again() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let url = server.fill("{server}/v1");
    let given = [("RUTA_API_KEY", KEY), ("RUTA_MODEL", "gpt-5.5")];
    let person = Person::at(USUAL, &given, &["doctor"])?;
    person.sees("Base URL:")?;
    person.types(&url)?.types(ENTER)?;
    let ended = person.ends()?;
    left_in_order(&ended, "given");
    assert_eq!(ended.exit, "0", "{}", ended.screen);
    assert!(ended.screen.contains("? API key: sk-… (47 characters), from RUTA_API_KEY"), "{}", ended.screen);
    assert!(!ended.screen.contains("Model:"), "{}", ended.screen);
    for variables in [&given[..1], &[given[0], ("RUTA_BASE_URL", &url)]] {
        let person = Person::at(USUAL, variables, &["doctor", "--url", &url])?;
        let ended = person.ends()?;
        assert!(!ended.screen.contains('?'), "a URL was given: {}", ended.screen);
    }
    Ok(())
}

#[test]
fn where_there_is_no_list_its_reason_is_told_and_an_id_may_be_typed() -> Tested {
    let (_, server) = serving(&format!("[[answer]]\npath = '/v1/models'\nstatus = 500\n{HEALTHY}"))?;
    for (model, exit, says) in [("qwen3:8b", "0", "Works"), ("", "75", "not asked: no model was given")] {
        let person = Person::at(USUAL, &[], &["doctor"])?;
        person.sees("Base URL:")?;
        person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
        person.sees("API key")?;
        person.types(KEY)?.types(ENTER)?;
        person.sees("! the models cannot be listed: the server reports an error of its own")?;
        person.sees("Model:")?;
        person.types(model)?.types(ENTER)?;
        let ended = person.ends()?;
        left_in_order(&ended, model);
        assert_eq!(ended.exit, exit, "{}", ended.screen);
        assert!(ended.screen.contains(says), "{}", ended.screen);
    }
    Ok(())
}

#[test]
fn a_key_that_is_refused_may_be_typed_again() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let person = Person::at(USUAL, &[], &["doctor"])?;
    person.sees("Base URL:")?;
    person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
    person.sees("API key")?;
    // Ctrl-U clears what was typed, as in a shell.
    person.types("sk-another-key-of-old")?.types(CTRL_U)?.types(&KEY[..40])?.types(ENTER)?;
    person.sees("(40 characters)")?;
    person.sees("Enter the key again?")?;
    person.types(ENTER)?;
    person.sees("API key (hidden")?;
    person.types(KEY)?.types(ENTER)?;
    person.sees("5 models")?;
    person.types("qwen")?.types(ENTER)?;
    person.sees("Use qwen3:8b instead?")?;
    person.types(ENTER)?;
    let ended = person.ends()?;
    left_in_order(&ended, "typed again");
    assert_eq!(ended.exit, "0", "{}", ended.screen);
    Ok(())
}

#[test]
fn a_wrong_key_is_told_before_anything_is_sent() -> Tested {
    for (typed, says) in [
        ("sk-2f7L...5uEo", "this key has dots or stars where characters were left out"),
        ("YOUR_API_KEY", "this key is the sample text of a guide"),
        ("https://api.example.test/v1", "this key is a URL"),
    ] {
        let (_, server) = serving(HEALTHY)?;
        let person = Person::at(USUAL, &[], &["doctor"])?;
        person.sees("Base URL:")?;
        person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
        person.sees("API key")?;
        person.types(typed)?.types(ENTER)?;
        person.sees(says)?;
        person.sees("Enter it again?")?;
        assert_eq!(server.received().len(), 0, "{typed}");
        person.types("n")?.types(ENTER)?;
        person.sees("Enter the key again?")?;
        person.types(CTRL_C)?;
        left_in_order(&person.ends()?, typed);
    }
    Ok(())
}

#[test]
fn a_base_url_that_works_is_offered_once_it_is_proved() -> Tested {
    let rows = HEALTHY.replace("status = 401", "status = 404").replace("Incorrect API key provided", "not found");
    let (_, server) = serving(&rows.replace("invalid_api_key", "not_found"))?;
    let person = Person::at(USUAL, &[("RUTA_API_KEY", KEY), ("RUTA_MODEL", "")], &["doctor"])?;
    person.sees("Base URL:")?;
    person.types(&server.fill("{server}"))?.types(ENTER)?;
    person.sees("/v1 instead? It lists models.")?;
    person.types(ENTER)?;
    person.sees("5 models")?;
    person.types("qwen3:8b")?.types(ENTER)?;
    let ended = person.ends()?;
    left_in_order(&ended, "a proved URL");
    assert_eq!(ended.exit, "0", "{}", ended.screen);
    Ok(())
}

#[test]
fn a_key_at_the_wrong_place_does_not_stay_on_the_screen() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let person = Person::at(USUAL, &[("RUTA_API_KEY", KEY)], &["doctor"])?;
    person.sees("Base URL:")?;
    person.types(KEY)?.types(ENTER)?;
    let screen = person.sees("this looks like an API key, not a URL")?;
    assert!(!screen.contains(&KEY[3..12]), "{screen}");
    person.sees("name of a provider")?;
    person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
    person.sees("Model:")?;
    person.types(KEY)?.types(ENTER)?;
    person.sees("Use it all the same?")?;
    person.types("n")?.types(ENTER)?;
    let screen = person.sees("choose, Enter to take")?;
    assert!(!screen.contains(&KEY[3..12]), "{screen}");
    person.types(CTRL_C)?;
    let ended = person.ends()?;
    assert_eq!((ended.exit.as_str(), ended.wrong), ("130", Vec::new()), "{}", ended.screen);
    Ok(())
}

#[test]
fn a_long_list_is_searched() -> Tested {
    let rows = HEALTHY.replace("ids = [", "count = 30000\nids = [");
    let (_, server) = serving(&rows)?;
    let person = Person::at(USUAL, &[("RUTA_API_KEY", KEY)], &["doctor"])?;
    person.sees("Base URL:")?;
    person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
    person.sees("30005 models")?;
    person.types("29999")?;
    person.sees("vendor-39/model-29999")?;
    person.types(DOWN)?.types(ENTER)?;
    let ended = person.ends()?;
    assert_eq!((ended.exit.as_str(), ended.wrong.len()), ("0", 0), "{}", ended.screen);
    assert!(ended.screen.contains("vendor-39/model-29999"), "{}", ended.screen);
    Ok(())
}

#[test]
fn narrow_terminals_other_locales_and_no_colours_are_fine() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let url = server.fill("{server}/v1");
    for (size, variables, colored) in [
        ((80, 40), &[][..], true),
        ((60, 80), &[("NO_COLOR", "1")], false),
        ((60, 80), &[("LANG", "C")], true),
        ((90, 24), &[("LANG", "en_US.ISO-8859-1")], true),
    ] {
        let person = Person::at(size, variables, &["doctor"])?;
        person.sees("Base URL")?;
        person.types(&format!("{url}/models"))?.types(ENTER)?;
        person.sees("(Y/n)")?;
        person.types(ENTER)?;
        person.sees("API key")?;
        person.types(KEY)?.types(ENTER)?;
        person.sees("5 models")?;
        person.types("gpt-5.5")?.types(ENTER)?;
        let ended = person.ends()?;
        left_in_order(&ended, &format!("{size:?} {variables:?}"));
        assert_eq!(ended.exit, "0", "{size:?} {variables:?}: {}", ended.screen);
        assert_eq!(ended.raw.contains("\u{1b}[1;3"), colored, "{variables:?}: {:?}", ended.raw);
        let unicode = !variables.iter().any(|(name, _)| *name == "LANG");
        assert_eq!(ended.screen.is_ascii(), !unicode, "{variables:?}: {}", ended.screen);
    }
    Ok(())
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_is_not_asked() -> Tested {
    let ended = Person::at(USUAL, &[("TERM", "dumb")], &["doctor"])?.ends()?;
    assert!(ended.screen.contains("url-missing") && ended.screen.contains("--url"), "{}", ended.screen);
    assert_eq!((ended.exit.as_str(), ended.wrong), ("1", Vec::new()));
    Ok(())
}

#[test]
fn models_asks_for_what_it_needs_too() -> Tested {
    let (_, server) = serving(HEALTHY)?;
    let person = Person::at(USUAL, &[], &["models", "--chat"])?;
    person.sees("Base URL:")?;
    person.types(&server.fill("{server}/v1"))?.types(ENTER)?;
    person.sees("API key")?;
    person.types(KEY)?.types(ENTER)?;
    let ended = person.ends()?;
    left_in_order(&ended, "models");
    assert_eq!(ended.exit, "0", "{}", ended.screen);
    assert!(ended.screen.ends_with("\ngpt-5.5\ngpt-5.5-mini\nclaude-sonnet-5\nqwen3:8b\n"), "{}", ended.screen);
    Ok(())
}
