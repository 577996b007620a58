//! What is shown at a terminal while something runs: one calm line that says what it is at, and nothing of it afterwards.

use std::error::Error;

use crate::person::{CTRL_C, Person};
use crate::script::{HEALTHY, serving};
use ruta::scenario::Server;

type Tested = Result<(), Box<dyn Error>>;

const USUAL: (u16, u16) = (50, 80);

fn doctor(
    server: &Server,
    size: (u16, u16),
    variables: &[(&str, &str)],
    flags: &[&str],
) -> Result<Person, Box<dyn Error>> {
    let url = server.fill("{server}/v1");
    let arguments = [&["doctor", "--no-key", "--model", "m", "--url", &url], flags].concat();
    Person::at(size, variables, &arguments)
}

#[test]
fn a_late_answer_is_explained_and_the_line_goes_away() -> Tested {
    let server = serving(&format!(
        "[[answer]]\ntimes = 1\npath = '/v1/models'\nuse = 'models'\nids = ['m']\ndelay_ms = 3700\n{HEALTHY}"
    ))?;
    let person = doctor(&server, USUAL, &[], &[])?;
    assert_eq!(person.sees("asking /models, 1 s")?.lines().count(), 1);
    let late = person.sees("asking /models, 3 s: no answer yet, the list of models is late")?;
    assert_eq!(late.lines().count(), 1, "one line, whatever it says: {late}");
    let ended = person.ends()?;
    assert_eq!((ended.exit.as_str(), &ended.wrong), ("0", &Vec::new()), "{}", ended.screen);
    assert!(ended.screen.starts_with("ruta doctor  http://127.0.0.1:"), "nothing is left above: {}", ended.screen);
    assert!(!ended.screen.contains("asking"), "{}", ended.screen);
    Ok(())
}

#[test]
fn what_is_waited_for_is_said_until_the_time_is_over() -> Tested {
    let server = serving("[[answer]]\nstatus = 503\nbody = '{\"error\":{\"message\":\"Loading model\"}}'\n")?;
    let person = doctor(&server, USUAL, &[], &["--wait", "2"])?;
    person.sees("waiting, 1 s left: the model is still loading")?;
    let ended = person.ends()?;
    assert_eq!((ended.exit.as_str(), &ended.wrong), ("75", &Vec::new()), "{}", ended.screen);
    assert!(ended.screen.starts_with("ruta doctor  ") && !ended.screen.contains("s left"), "{}", ended.screen);
    assert!(ended.screen.contains("after waiting "), "{}", ended.screen);
    Ok(())
}

#[test]
fn ctrl_c_takes_the_line_away_on_every_width() -> Tested {
    let server = serving("[[answer]]\nfault = 'hang'\n")?;
    for size in [USUAL, (50, 30), (50, 200)] {
        let person = doctor(&server, size, &[], &["--timeout", "60"])?;
        person.sees("asking /models")?;
        person.types(CTRL_C)?;
        let ended = person.ends()?;
        assert_eq!((ended.exit.as_str(), &ended.wrong), ("130", &Vec::new()), "{size:?}: {}", ended.screen);
        assert_eq!(ended.screen.trim(), "", "{size:?}: something is left");
    }
    Ok(())
}

#[test]
fn every_connection_has_a_row_of_its_own() -> Tested {
    let (slow, quick) = (serving("[[answer]]\nfault = 'hang'\n")?, serving(HEALTHY)?);
    let home = tempfile::TempDir::new()?;
    let folder = home.path().display().to_string();
    let mut text = String::new();
    for number in 1..=5 {
        for (name, server) in [("slow", &slow), ("quick", &quick)] {
            let url = server.fill("{server}/v1");
            text.push_str(&format!("[{name}{number}]\nurl = \"{url}\"\nmodel = \"m\"\nkey = \"none\"\n"));
        }
    }
    std::fs::create_dir(home.path().join("ruta"))?;
    std::fs::write(home.path().join("ruta").join("connections.toml"), text)?;
    for size in [USUAL, (50, 30), (12, 200)] {
        let person = Person::at(size, &[("XDG_CONFIG_HOME", &folder)], &["doctor", "--all", "--timeout", "60"])?;
        let is_asking = |row: &str| row.contains("slow") && row.contains(": asking /models");
        let is_done = |row: &str| row.starts_with("   quick") && row.contains(": ok (");
        let screen = person.looks(|screen| {
            let done = screen.lines().filter(|row| is_done(row)).count();
            screen.lines().filter(|row| is_asking(row)).count() == 5 && done == 5
        });
        let screen = screen.map_err(|screen| format!("{size:?}: not one row each:\n{screen}"))?;
        assert!(screen.lines().all(|row| is_asking(row) != is_done(row)), "{size:?}: {screen}");
        person.types(CTRL_C)?;
        let ended = person.ends()?;
        assert_eq!((ended.exit.as_str(), &ended.wrong), ("130", &Vec::new()), "{size:?}: {}", ended.screen);
        assert_eq!(ended.screen.trim(), "", "{size:?}: something is left");
    }
    Ok(())
}

#[test]
fn quiet_and_verbose_runs_have_no_such_line() -> Tested {
    let server = serving(HEALTHY)?;
    let quiet = doctor(&server, USUAL, &[], &["-q"])?.ends()?;
    assert_eq!(quiet.screen.trim_end(), "Works  ok: the model answers");
    assert!(!quiet.raw.contains("asking"), "{:?}", quiet.raw);
    let verbose = doctor(&server, USUAL, &[], &["-v"])?.ends()?;
    assert!(!verbose.raw.contains("asking") && verbose.raw.contains("> GET http://"), "{:?}", verbose.raw);
    Ok(())
}

#[test]
fn without_a_unicode_locale_the_line_is_ascii_too() -> Tested {
    let server = serving(&format!("[[answer]]\ntimes = 1\ndelay_ms = 400\nuse = 'models'\nids = ['m']\n{HEALTHY}"))?;
    let ended = doctor(&server, USUAL, &[("LANG", "C")], &[])?.ends()?;
    assert!(ended.raw.contains("asking") && ended.raw.is_ascii(), "{:?}", ended.raw);
    Ok(())
}
