//! Asks for keys where there is no keyring, or one that never answers: the program says so in time, with the two other
//! ways, shows nothing of the key and loses nothing else. With a real keyring: `tests/real/keyring.sh`.

use std::error::Error;

use crate::home::Home;
use crate::secret::{pieces, shown};
use crate::stage::{Ran, run};

type Tested = Result<(), Box<dyn Error>>;

const KEY: &str = "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM";

/// A server that nobody asks: nothing listens there.
const URL: &str = "http://127.0.0.1:9/v1";

/// Runs a command with a key on its standard input, and looks for it in what comes out and in the file.
fn with_key(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
    let ran = run(home.ruta().envs(variables.iter().copied()).args(arguments).write_stdin(format!("{KEY}\n")))?;
    assert_eq!(shown(&ran, KEY), None, "{arguments:?}");
    let text = home.text()?;
    assert!(pieces(KEY).iter().all(|piece| !text.contains(piece.as_str())), "{arguments:?}: {text}");
    Ok(ran)
}

#[test]
fn without_a_keyring_every_command_says_so_and_names_the_other_ways() -> Tested {
    let home = Home::new()?;
    home.done(&["connections", "add", "work", "--url", URL, "--model", "gpt-5.5"])?;
    let ways = ["ruta connections edit", "--key-env", "ruta doctor", "--key-stdin"];
    for arguments in [
        &["key", "set", "work"][..],
        &["key", "get", "work"],
        &["key", "get", "work", "--reveal"],
        &["key", "list"],
        &["connections", "edit", "work", "--model", "gpt-6", "--key-stdin"],
        &["connections", "add", "more", "--url", URL, "--model", "gpt-5.5", "--key-stdin"],
    ] {
        let ran = with_key(&home, &[], arguments)?;
        assert_eq!(ran.exit, 2, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("switched off by RUTA_KEYRING"), "{arguments:?}: {}", ran.stderr);
        assert!(ways.iter().all(|way| ran.stderr.contains(way)), "{arguments:?}: {}", ran.stderr);
    }
    // What could be saved was saved, and it is said what was not.
    let all = home.done(&["connections", "list"])?;
    assert!(all.contains("more  http") && all.contains("gpt-6"), "{all}");
    let ran = with_key(&home, &[], &["connections", "add", "third", "--url", URL, "--key-stdin"])?;
    assert!(ran.stderr.contains("`third` is saved, but not its key: "), "{}", ran.stderr);
    // Without a keyring there is no key in it that could be left behind.
    let ran = with_key(&home, &[], &["connections", "remove", "third", "more"])?;
    assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (0, "Forgot `third`\nForgot `more`\n", ""));
    let ran = with_key(&home, &[], &["doctor", "work", "--key-stdin"])?;
    assert!(ran.stdout.contains("sk-… (51 characters, from standard input)"), "{}", ran.stdout);
    Ok(())
}

#[test]
fn a_key_in_the_place_of_a_name_is_not_repeated() -> Tested {
    let home = Home::new()?;
    home.done(&["connections", "add", "work", "--url", URL])?;
    let hexadecimal = "0f3c9a7b2d4e6f8091a2b3c4d5e6f708192a3b4c";
    for key in [KEY, hexadecimal] {
        for arguments in [
            &["key", "set", key][..],
            &["key", "get", key],
            &["key", "remove", key],
            &["doctor", key],
            &["connections", "show", key],
            &["connections", "remove", key],
            &["connections", "edit", key, "--model", "x"],
            &["connections", "edit", "work", "--rename", key],
            &["connections", "add", key, "--url", URL],
        ] {
            let said = home.refused(arguments)?;
            assert!(said.contains("looks like a key"), "{arguments:?}: {said}");
            assert!(pieces(key).iter().all(|piece| !said.contains(piece.as_str())), "{arguments:?}: {said}");
        }
    }
    Ok(())
}

#[cfg(all(feature = "keyring", target_os = "linux"))]
#[test]
fn a_bus_that_never_answers_holds_nobody() -> Tested {
    use std::os::unix::net::UnixListener;
    use std::thread;
    use std::time::{Duration, Instant};

    let home = Home::new()?;
    for name in ["one", "two", "three"] {
        home.done(&["connections", "add", name, "--url", URL, "--model", "gpt-5.5"])?;
    }
    let socket = home.file().with_file_name("bus");
    let listener = UnixListener::bind(&socket)?;
    thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            kept.push(stream);
        }
    });
    let address = format!("unix:path={}", socket.display());
    let mute = [("RUTA_KEYRING", ""), ("DBUS_SESSION_BUS_ADDRESS", address.as_str())];
    let timed = |arguments: &[&str]| -> Result<(Ran, Duration), Box<dyn Error>> {
        let started = Instant::now();
        Ok((with_key(&home, &mute, arguments)?, started.elapsed()))
    };
    thread::scope(|scope| {
        let tries: &[(&[&str], i32, &str)] = &[
            (&["key", "set", "one"], 2, "the keyring does not answer"),
            (&["key", "list"], 2, "the keyring does not answer"),
            (&["connections", "add", "more", "--url", URL, "--key-stdin"], 2, "`more` is saved, but not its key"),
            // Three connections wait once.
            (&["doctor", "one", "two", "three"], 1, "0 of 3 work"),
        ];
        let running: Vec<_> = tries
            .iter()
            .map(|(arguments, exit, text)| {
                scope.spawn(move || {
                    let (ran, took) = timed(arguments).map_err(|error| error.to_string())?;
                    let said = format!("{}{}", ran.stdout, ran.stderr);
                    let right = ran.exit == *exit && said.contains(text) && took < Duration::from_secs(8);
                    if right { Ok(()) } else { Err(format!("{arguments:?} took {took:?}, {}: {said}", ran.exit)) }
                })
            })
            .collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread died".to_owned())?)
    })?;
    Ok(())
}
