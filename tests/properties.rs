//! Throws generated text at everything that reads text: nothing panics, nothing of a key survives, nothing that cannot be
//! seen comes out. `PROPTEST_CASES` sets how many cases each test tries.

use std::collections::BTreeSet;

use crate::generated::{
    BODIES, KEY, Piece, any_url, encoded_piece, evidence, fragments, header, mutation, pieces, seen, told,
};
use proptest::prelude::*;
use ruta::connection::KeySource;
use ruta::connection::key::{self, ApiKey, is_invisible};
use ruta::connection::scrub::{Scrubber, harmless, one_line, visible_json};
use ruta::connection::url;
use ruta::evidence::answer::Answer;
use ruta::evidence::{events, loose, pasted, reading, record};
use ruta::knowledge::address;
use ruta::render::{Style, json, terminal};
use ruta::report::report;

/// No file of failed cases: what is found becomes a test of its own.
fn settings() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn scrubber() -> Scrubber {
    Scrubber::new(Some(&ApiKey::new(KEY.into())), [])
}

/// The first character that a reader cannot see, apart from the ends of lines.
fn unseen(text: &str) -> Option<char> {
    text.chars().find(|c| *c != '\n' && is_invisible(*c))
}

/// Every format of a report, none of which may hold anything that hides or acts.
fn shown(evidence: ruta::evidence::Evidence) -> Vec<String> {
    let report = report(evidence);
    let mut all = vec![json::render(&report)];
    for (unicode, width) in [(true, 40), (true, 80), (false, 100)] {
        let style = Style { color: false, unicode, width };
        all.extend([terminal::render(&report, style), terminal::verdict_line(&report, style)]);
    }
    all
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_url_reader_reads_any_text(raw in any_url()) {
        for facts in [url::read(&raw), address::judge(&raw).facts] {
            for problem in &facts.problems {
                prop_assert!(facts.shown.get(problem.span.clone()).is_some(), "{:?} in {:?}", problem, facts.shown);
                prop_assert_eq!(unseen(&problem.label), None);
            }
            prop_assert!(facts.usable.as_ref().is_none_or(::url::Url::has_host), "{:?}", facts);
        }
        if let Some(corrected) = url::read(&raw).corrected {
            let again = url::read(&corrected);
            prop_assert!(again.fatal().is_none(), "{} -> {}: {:?}", raw, corrected, again.problems);
            prop_assert_eq!(again.corrected.as_deref(), Some(corrected.as_str()), "mending twice changes nothing");
        }
        let address = address::judge(&raw);
        if let Some(written) = address.written() {
            let _ = address.may_have_key(&written);
        }
    }

    #[test]
    fn the_key_reader_reads_any_text_and_tells_none_of_it(text in fragments(&["sk-proj-", "Bearer ", "KEY=", "\"", "…", "\n", "\u{200b}", "$", "x"], 12)) {
        let facts = key::read(&ApiKey::new(text.clone()), KeySource::Stdin, ["sk-", "sk-proj-"].into_iter());
        let told = serde_json::to_string(&facts).unwrap_or_default();
        prop_assert!(!pieces(&text).iter().any(|piece| told.contains(piece.as_str())), "{}", told);
        if let Some(once) = key::clean(&text) {
            prop_assert!(key::clean(&once).is_none(), "cleaning twice changes nothing: {:?}", once.as_str());
        }
    }

    #[test]
    fn no_piece_of_the_key_survives_in_any_encoding(piece in encoded_piece(), before in "[a-z .,:{}\"]{0,12}", after in "[^0-9a-zA-Z%&\\\\;#]{0,12}") {
        let Piece { written, whole } = piece;
        let text = format!("{before}{whole}{after}");
        let out = scrubber().scrub(&text);
        for window in &written {
            prop_assert!(!out.contains(window.as_str()), "{} -> {}", text, out);
        }
        // Scrubbing also holds after the text was made harmless, in either order.
        let out = scrubber().scrub(&harmless(&text));
        for window in &written {
            prop_assert!(!out.contains(window.as_str()), "{} -> {}", text, out);
        }
    }

    #[test]
    fn any_answer_is_captured_and_read(status in 100u16..1000, headers in prop::collection::vec(header(), 0..6), body in seen()) {
        let answer = Answer::capture(status, "HTTP/1.1", headers, &body, body.len(), &scrubber());
        prop_assert_eq!(unseen(&answer.body.replace('\t', " ")), None);
        prop_assert!(answer.headers.iter().all(|(name, value)| unseen(name).or(unseen(value)).is_none()));
        let read = reading::read(&answer);
        let said = read.messages.iter().chain(&read.codes).chain(&read.types).chain(&read.title).chain(&read.param);
        for text in said {
            prop_assert_eq!(unseen(text), None, "{:?}", text);
            prop_assert!(!text.contains('\n'), "{:?}", text);
        }
        let listed = answer.list.iter().flat_map(|list| list.entries.iter().map(|entry| &entry.id).chain(&list.owners));
        for text in listed {
            prop_assert_eq!(unseen(text), None, "{:?}", text);
            prop_assert!(!text.contains('\n'), "{:?}", text);
        }
        let kept = serde_json::to_string(&answer).unwrap_or_default();
        let leaked: BTreeSet<String> = pieces(KEY).into_iter().filter(|piece| kept.contains(piece.as_str())).collect();
        prop_assert!(leaked.is_empty(), "{:?} in {}", leaked, kept);
    }

    #[test]
    fn any_stream_is_read(body in fragments(BODIES, 30)) {
        let _ = events::looks_like_events(&body);
        let read = events::read(&body);
        prop_assert!(read.chunks + read.garbled + read.comments <= body.split(['\r', '\n']).count());
        let _ = loose::inner_value(&body);
    }

    #[test]
    fn any_paste_is_read(text in fragments(&["HTTP/1.1 ", "HTTP/2 ", "404 ", "503", "< ", "> GET /v1", "> Host: a", "\r\n", "\n", ": ", "{", "}", "'error': ", "code: ", "<title>", "https://h/v1", "é", "\u{feff}"], 30)) {
        let read = pasted::read(&text);
        prop_assert!(read.status.is_none_or(|status| (100..600).contains(&status)), "{:?}", read);
    }

    #[test]
    fn any_recording_is_judged_or_refused(changes in prop::collection::vec(mutation(), 1..6), base in evidence()) {
        let mut value = serde_json::to_value(&base).unwrap_or_default();
        for change in &changes {
            change.apply(&mut value);
        }
        if let Ok(loaded) = record::load(&value.to_string()) {
            // The user's own values may hold what cannot be seen; the command line takes care of it.
            let own = [&loaded.target.base_url, &loaded.target.model].into_iter().flatten().any(|own| unseen(own).is_some());
            for text in shown(loaded).into_iter().filter(|_| !own) {
                prop_assert!(text.starts_with('{') || unseen(&text).is_none(), "{:?}", text);
                prop_assert_eq!(unseen(&visible_json(&text)), None);
            }
        }
    }

    #[test]
    fn any_told_answer_is_explained_without_the_key(told in told()) {
        for text in shown(told) {
            let leaked = pieces(KEY).into_iter().find(|piece| text.contains(piece.as_str()));
            prop_assert!(leaked.is_none(), "{:?} in {}", leaked, text);
            let valid = !text.starts_with('{') || serde_json::from_str::<serde_json::Value>(&text).is_ok();
            prop_assert!(valid, "{}", text);
            prop_assert!(text.starts_with('{') || unseen(&text).is_none(), "{:?} in {:?}", unseen(&text), text);
        }
    }

    #[test]
    fn any_text_becomes_one_line(text in fragments(BODIES, 20), most in 0usize..60) {
        let line = one_line(&text, most);
        prop_assert!(!line.contains('\n') && unseen(&line).is_none() && line.chars().count() <= most + 1, "{:?}", line);
        prop_assert_eq!(harmless(&harmless(&text)), harmless(&text));
    }
}

#[test]
fn what_was_found_once_stays_found() {
    for raw in ["a🃁/\\$a", "(;?a", "%%\thttp", "http://\u{200b}@[::1"] {
        if let Some(corrected) = url::read(raw).corrected {
            assert_eq!(url::read(&corrected).corrected.as_deref(), Some(corrected.as_str()), "{raw}");
        }
        assert_eq!(unseen(&one_line(raw, 80)), None);
    }
    for text in ["Bearer KEY=!", "KEY=Bearer \"KEY=x\"", "\"Bearer 'x-api-key: k'\""] {
        let once = key::clean(text).expect("there is something to clean");
        assert!(key::clean(&once).is_none(), "{text}: {}", once.as_str());
    }
    let headers = vec![("X-Amzn-ErrorType".to_owned(), "\t".to_owned())];
    let answer = Answer::capture(400, "", headers, b"{\"error\":{\"code\":\"\\u001b[2J\\nx\"}}", 36, &scrubber());
    assert!(
        reading::read(&answer)
            .codes
            .iter()
            .chain(&reading::read(&answer).types)
            .all(|text| unseen(text).is_none() && !text.contains('\n'))
    );
}
