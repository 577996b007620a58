//! `--wait`: a server that is starting is asked again until it works or the time is over, and whatever waiting cannot
//! cure ends it at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own material has failed")]

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::script::{HEALTHY, serving};
use crate::stage::{Ran, run, ruta};
use ruta::scenario::Server;
use serde_json::Value;
use socket2::{Domain, Socket, Type};

fn doctor(server: &Server, arguments: &[&str]) -> Ran {
    let mut command = ruta();
    command.args(["doctor", "--no-key", "--model", "m", "--url", &server.fill("{server}/v1")]).args(arguments);
    run(&mut command).unwrap()
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Lets the bytes of a connection through to a server and back.
fn pass_on(here: TcpStream, to: SocketAddr) {
    let there = TcpStream::connect(to).unwrap();
    for (mut from, mut to) in [(here.try_clone().unwrap(), there.try_clone().unwrap()), (there, here)] {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

#[test]
fn a_port_that_opens_later_is_waited_for() {
    let server = serving(HEALTHY).unwrap();
    // Taken, but nobody listens yet: connections are refused.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ruta"))
        .env_clear()
        .env("container", "")
        .args(["doctor", "-v", "--no-key", "--model", "m", "--wait", "30", "--url", &format!("http://{address}/v1")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let waiting = said.find(|line| line.as_ref().unwrap().starts_with("* waiting, ")).unwrap().unwrap();
    assert!(waiting.ends_with("s left: nothing accepts connections at this address"), "{waiting}");
    socket.listen(16).unwrap();
    let to = server.address();
    thread::spawn(move || {
        while let Ok((here, _)) = socket.accept() {
            pass_on(here.into(), to);
        }
    });
    // Everything is read, so that the program is never held up.
    let rest = thread::spawn(move || said.map_while(Result::ok).count());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(rest.join().unwrap() > 0);
    assert_eq!(child.wait().unwrap().code(), Some(0), "{text}");
    assert!(text.contains("after waiting ") && text.contains(" for the server: this is try "), "{text}");
    assert!(text.contains("Works   the model answers"), "{text}");
}

#[test]
fn a_server_that_loads_is_waited_for() {
    let server = serving(&format!(
        "[[answer]]\ntimes = 2\nstatus = 503\nbody = '{{\"error\":{{\"message\":\"Loading model\"}}}}'\n{HEALTHY}"
    ))
    .unwrap();
    let ran = doctor(&server, &["--wait", "20", "--format", "json"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let waited = &report(&ran)["evidence"]["target"]["waited"];
    assert_eq!(waited["tries"], 1, "{waited}");
    assert!(waited["ms"].as_u64().unwrap() >= 500, "{waited}");
}

#[test]
fn as_long_as_the_server_asks() {
    let busy = "[[answer]]\ntimes = 2\nstatus = 503\nheaders = { 'retry-after' = '1' }\nbody = '{\"error\":{\"message\":\"overloaded\"}}'\n";
    let server = serving(&format!("{busy}{HEALTHY}")).unwrap();
    let ran = doctor(&server, &["--wait", "20", "--format", "json"]);
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
    let waited = &report(&ran)["evidence"]["target"]["waited"];
    assert!(waited["ms"].as_u64().unwrap() >= 1000, "{waited}");
    // More than there is time for: not waited at all.
    let server = serving(&busy.replace("'1'", "'3600'").replace("times = 2", "times = 1000")).unwrap();
    let started = Instant::now();
    let ran = doctor(&server, &["--wait", "20", "--format", "json"]);
    assert_eq!(ran.exit, 75, "{}", ran.stdout);
    assert!(report(&ran)["evidence"]["target"]["waited"].is_null());
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn what_waiting_cannot_cure_ends_it_at_once() {
    for (what, row, cause) in [
        (
            "a refused key",
            "status = 401\nbody = '{\"error\":{\"code\":\"invalid_api_key\",\"message\":\"no\"}}'",
            "key-",
        ),
        ("no credits", "status = 402\nbody = '{\"error\":{\"message\":\"Insufficient Balance\"}}'", "no-credits"),
        ("a web page", "headers = { 'content-type' = 'text/html' }\nbody = '<!doctype html><title>Login</title>'", ""),
        (
            "an unknown model",
            "status = 404\nbody = '{\"error\":{\"code\":\"model_not_found\",\"message\":\"no\"}}'",
            "model-not-found",
        ),
    ] {
        let server = serving(&format!("[[answer]]\n{row}\n")).unwrap();
        let plain = doctor(&server, &["--format", "json"]);
        let asked = server.received().len();
        let ran = doctor(&server, &["--wait", "60", "--format", "json"]);
        assert_eq!((ran.exit, plain.exit), (1, 1), "{what}");
        assert_eq!(server.received().len(), asked * 2, "{what}: it was asked again");
        let report = report(&ran);
        assert!(report["diagnosis"]["cause"].as_str().unwrap().starts_with(cause), "{what}: {report}");
        assert!(report["evidence"]["target"]["waited"].is_null(), "{what}");
    }
}

#[test]
fn when_the_time_is_over_the_cause_is_told() {
    let server = serving("[[answer]]\nstatus = 503\nbody = '{\"error\":{\"message\":\"Loading model\"}}'\n").unwrap();
    let ran = doctor(&server, &["--wait", "1"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (75, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("Cause   model-loading") && ran.stdout.contains("after waiting "), "{}", ran.stdout);
    // Nobody listens there, whatever comes: the port is taken by a socket that only connects.
    let closed = serving("listen = 'no'\n").unwrap();
    let ran = doctor(&closed, &["--wait", "0.7", "--format", "json"]);
    let report = report(&ran);
    assert_eq!((ran.exit, report["diagnosis"]["cause"].as_str()), (1, Some("connect-refused")));
    // The last try comes when the time is over, not long before.
    assert!(report["evidence"]["target"]["waited"]["ms"].as_u64().unwrap() >= 700, "{report}");
    let quiet = doctor(&closed, &["--wait", "0.2", "-q"]);
    assert_eq!((quiet.stderr.as_str(), quiet.stdout.lines().count()), ("", 1), "{}", quiet.stdout);
}

#[test]
fn a_wait_that_is_none_is_refused() {
    for wait in ["0", "-1", "soon", "999999"] {
        let ran = run(ruta().args(["doctor", "--url", "ftp://", "--wait", wait])).unwrap();
        assert!(ran.exit == 2 && ran.stderr.contains("--wait"), "{wait}: {}", ran.stderr);
    }
}
