//! Shows that every fault of a scenario really happens on the socket.

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{Place, Scenario, ScenarioError, Server};

pub(super) type Tested = Result<(), Box<dyn Error>>;

/// Long enough for anything that is going to happen on loopback.
const PATIENCE: Duration = Duration::from_secs(5);
/// Long enough to say that nothing happens.
const NOTHING: Duration = Duration::from_millis(150);

const HEAD: &str = "title = \"t\"\ncause = \"ok\"\noutcome = \"works\"\nexit = 0\nkey = \"k-right\"\nmodel = \"m-1\"\nurl = \"{server}/v1\"\n";

pub(super) fn start(rest: &str) -> Result<(Scenario, Server), ScenarioError> {
    let scenario = Scenario::parse(&format!("{HEAD}{rest}"))?;
    let server = Server::start(&scenario)?;
    Ok((scenario, server))
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends one request and reads until the server closes: the bytes, and how it ended.
fn ask(address: SocketAddr, request: &str) -> std::io::Result<(String, Option<ErrorKind>)> {
    let mut stream = connect(address)?;
    stream.write_all(request.as_bytes())?;
    Ok(read_all(&mut stream))
}

fn read_all(stream: &mut TcpStream) -> (String, Option<ErrorKind>) {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    let end = loop {
        match stream.read(&mut part) {
            Ok(0) => break None,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

const GET: &str = "GET /v1/models HTTP/1.1\r\nhost: h\r\nauthorization: Bearer k-right\r\nconnection: close\r\n\r\n";

/// What a client sees of an answer with this fault.
fn fault(name: &str) -> Result<(String, Option<ErrorKind>), Box<dyn Error>> {
    let (_, server) = start(
        &format!("[[answer]]\nbody = '{{\"a\":\"0123456789\"}}'\ndrip_ms = 1\nfault = \"{name}\"\n")
            .replace(if name == "drip" { "\u{0}" } else { "drip_ms = 1\n" }, ""),
    )?;
    Ok(ask(server.address(), GET)?)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn rows_are_tried_in_order_on_one_kept_connection() -> Tested {
    let (_, server) = start(concat!(
        "[[answer]]\npath = \"/v1/models\"\nkey = \"none\"\nstatus = 401\n",
        "[[answer]]\npath = \"/v1/models\"\nkey = \"other\"\nstatus = 403\nbody = '{method} {path} with {key} at {server}'\n",
        "[[answer]]\npath = \"/v1/models\"\ntimes = 1\nstatus = 503\n",
        "[[answer]]\npath = \"/v1/models\"\nuse = \"models\"\nids = [\"m-1\"]\ncount = 2\n",
        "[[answer]]\nmethod = \"POST\"\nbody_has = ['\"stream\":true']\nquery_has = [\"a=b\"]\nheader_has = [\"x-b: C\"]\nuse = \"stream\"\n",
        "[[answer]]\npath_starts = \"/v2/\"\nstatus = 410\n",
    ))?;
    let mut stream = connect(server.address())?;
    let post = "{\"model\":\"m-9\",\"stream\":true}";
    let mut say = |text: String, wanted: &[&str]| -> Tested {
        stream.write_all(text.as_bytes())?;
        let (mut seen, mut part) = (String::new(), [0; 4096]);
        while !wanted.iter().all(|want| seen.contains(want)) {
            let count = stream.read(&mut part)?;
            assert!(count > 0, "closed after {seen}");
            seen.push_str(&String::from_utf8_lossy(&part[..count]));
        }
        Ok(())
    };
    say("GET /v1/models HTTP/1.1\r\n\r\n".to_owned(), &["401 Unauthorized", "content-length: 0"])?;
    let at = format!("GET /v1/models with k-2 at http://{}", server.address());
    say("GET /v1/models HTTP/1.1\r\nx-api-key: k-2\r\n\r\n".to_owned(), &["403 Forbidden", &at])?;
    let right = GET.replace("connection: close\r\n", "");
    say(right.clone(), &["503 Service Unavailable"])?;
    say(right, &["200 OK", "\"m-1\"", "vendor-1/model-00001"])?;
    say("POST /v1/none HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}".to_owned(), &["404 Not Found", "no such path"])?;
    say("GET /v2/models HTTP/1.1\r\n\r\n".to_owned(), &["410 Gone"])?;
    let length = post.len();
    say(
        format!("POST /v1/x?a=b HTTP/1.1\r\nX-B: abcd\r\ncontent-length: {length}\r\n\r\n{post}"),
        &["text/event-stream", "chunked", "\"m-9\"", "data: [DONE]", "\r\n0\r\n\r\n"],
    )?;
    let received = server.received();
    assert_eq!((received.len(), server.connections()), (7, 1));
    assert!(received.iter().all(|request| request.place == Place::Main && request.connection == 1 && !request.tls));
    assert_eq!(received[3].header("Authorization"), Some("Bearer k-right"));
    assert!(received[3].carries("k-right") && !received[0].carries("k-right"));
    assert_eq!((received[6].query.as_deref(), received[6].body.as_slice()), (Some("a=b"), post.as_bytes()));
    Ok(())
}

#[test]
fn heads_that_do_not_come() -> Tested {
    assert_eq!(fault("reset-before-head")?, (String::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(fault("close-before-head")?, (String::new(), None));
    let (seen, end) = fault("half-head")?;
    assert!(seen.starts_with("HTTP/1.1 2") && !seen.contains("\r\n\r\n") && end.is_none(), "{seen}");
    let (seen, end) = fault("no-head")?;
    assert_eq!((seen.as_str(), end), ("{\"a\":\"0123456789\"}", None));
    let (seen, _) = fault("huge-head")?;
    assert!(seen.len() > 600_000);
    Ok(())
}

#[test]
fn bodies_that_do_not_come_whole() -> Tested {
    let (seen, end) = fault("half-body")?;
    assert!(seen.contains("content-length: 18\r\n") && body(&seen).len() == 9 && end.is_none(), "{seen}");
    let (seen, end) = fault("reset-body")?;
    assert!(seen.contains("content-length: 18\r\n") && body(&seen).len() == 9, "{seen}");
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    let (seen, end) = fault("cut-chunk")?;
    assert!(
        seen.contains("transfer-encoding: chunked") && body(&seen) == "12\r\n{\"a\":\"012" && end.is_none(),
        "{seen}"
    );
    let (seen, _) = fault("bad-chunk")?;
    assert!(body(&seen).starts_with("zz\r\n{"), "{seen}");
    let (seen, end) = fault("no-length")?;
    assert!(!seen.contains("content-length") && body(&seen).len() == 18 && end.is_none(), "{seen}");
    let (seen, _) = fault("not-gzip")?;
    assert!(seen.contains("content-encoding: gzip") && body(&seen).starts_with('{'), "{seen}");
    let (seen, _) = fault("drip")?;
    assert!(body(&seen).len() == 18, "{seen}");
    Ok(())
}

#[test]
fn silence_and_endlessness_end_with_the_server() -> Tested {
    for (script, wanted) in [
        ("[[answer]]\nfault = \"hang\"\n", 0),
        ("[[answer]]\nbody = \"0123456789\"\nfault = \"stall-body\"\n", 5),
        ("[[answer]]\ndelay_ms = 60000\n", 0),
        ("listen = \"silent\"\n", 0),
    ] {
        let (_, server) = start(script)?;
        let mut stream = connect(server.address())?;
        stream.write_all(GET.as_bytes())?;
        stream.set_read_timeout(Some(NOTHING))?;
        let (seen, end) = read_all(&mut stream);
        assert!(matches!(end, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{script}: {end:?}");
        assert_eq!(body(&seen).len(), wanted, "{script}");
        let before = Instant::now();
        drop(server);
        assert!(before.elapsed() < Duration::from_secs(1), "{script}");
    }
    let (_, server) = start("[[answer]]\nbody = \"x\"\nfault = \"endless-body\"\n")?;
    let mut stream = connect(server.address())?;
    stream.write_all(GET.as_bytes())?;
    let mut much = vec![0; 300_000];
    stream.read_exact(&mut much)?;
    drop(server);
    Ok(())
}

#[test]
fn ports_behave_before_any_request() -> Tested {
    let (_, server) = start("listen = \"no\"\n")?;
    assert_eq!(connect(server.address()).map(|_| ()).map_err(|e| e.kind()), Err(ErrorKind::ConnectionRefused));
    let (_, server) = start("listen = \"full\"\n")?;
    let waited = TcpStream::connect_timeout(&server.address(), NOTHING).map(|_| ()).map_err(|e| e.kind());
    assert_eq!(waited, Err(ErrorKind::TimedOut));
    let (_, server) = start("listen = \"reset\"\n")?;
    // By chance the reset is seen while connecting, while writing or while reading.
    let seen = connect(server.address()).map(|mut stream| read_all(&mut stream));
    assert!(matches!(&seen, Ok((_, Some(ErrorKind::ConnectionReset))) | Err(_)), "{seen:?}");
    let (_, server) = start("listen = \"close\"\n")?;
    assert_eq!(ask(server.address(), GET)?, (String::new(), None));
    let (_, server) = start("listen = \"ssh\"\n")?;
    let mut banner = [0; 8];
    connect(server.address())?.read_exact(&mut banner)?;
    assert_eq!(&banner, b"SSH-2.0-");
    Ok(())
}

#[test]
fn a_proxy_forwards_or_refuses() -> Tested {
    let main = "[[answer]]\npath = \"/v1/models\"\nbody = \"here\"\n";
    let absolute = GET.replace(" /v1", " http://api.test/v1");
    for (mode, wanted) in [
        ("forward", "here"),
        ("login", "407 Proxy"),
        ("refuse", "403 "),
        ("bad-gateway", "502 "),
        ("garbage", "what is this"),
        ("close", ""),
    ] {
        let (_, server) = start(&format!("args = [\"--proxy\", \"{{proxy}}\"]\n{main}[proxy]\nmode = \"{mode}\"\n"))?;
        let proxy: SocketAddr = server.fill("{proxy}").replace("http://", "").parse()?;
        let (seen, _) = ask(proxy, &absolute)?;
        assert!(seen.contains(wanted), "{mode}: {seen}");
        let tunnel = format!("CONNECT api.test:443 HTTP/1.1\r\n\r\n{}", if mode == "forward" { GET } else { "" });
        let (seen, _) = ask(proxy, &tunnel)?;
        assert!(seen.contains(wanted) && seen.contains("200 Connection") == (mode == "forward"), "{mode}: {seen}");
        let received = server.received();
        assert_eq!(
            received.iter().filter(|request| request.place == Place::Main).count(),
            if mode == "forward" { 2 } else { 0 }
        );
    }
    Ok(())
}

#[test]
fn arguments_and_environment_tell_the_doctor_all() -> Tested {
    let (scenario, server) = start(concat!(
        "args = [\"--timeout\", \"2\"]\nhost = [\"api.a.test\", \"b.test:8443\"]\ntls = \"good\"\nenv = { HTTPS_PROXY = \"{proxy}\" }\n",
        "[other]\nhost = \"c.test\"\n[proxy]\nmode = \"forward\"\n",
    ))?;
    let arguments = scenario.doctor_arguments(&server);
    let (main, other) = (server.address(), server.other_address().ok_or("no other")?);
    let path = server.ca_file().ok_or("no CA file")?.to_owned();
    let to = |name: &str, address: SocketAddr| format!("--connect-to {name}:127.0.0.1:{}", address.port());
    let wanted = format!(
        "--url https://{main}/v1 --model m-1 {} {} {} --cacert {} --timeout 2",
        to("api.a.test:443", main),
        to("b.test:8443", main),
        to("c.test:80", other),
        path.display(),
    );
    assert_eq!(arguments.join(" "), wanted);
    assert_eq!(Some(std::fs::read_to_string(&path)?.as_str()), server.ca_pem());
    let environment = scenario.environment(&server);
    assert_eq!(environment[0], ("RUTA_API_KEY".to_owned(), "k-right".to_owned()));
    assert!(environment[1].1.starts_with("http://127.0.0.1:"));
    drop(server);
    assert!(!path.exists());
    Ok(())
}

#[test]
fn a_key_that_went_where_it_must_not_is_found() -> Tested {
    let (scenario, server) = start("[[answer]]\n[other]\nkey_stays = true\n[[other.answer]]\n")?;
    ask(server.address(), GET)?;
    assert!(scenario.leak(&server.received()).is_none());
    ask(server.other_address().ok_or("no other")?, GET)?;
    assert_eq!(scenario.leak(&server.received()).map(|request| request.place), Some(Place::Other));
    Ok(())
}

#[test]
fn contradictions_are_named() {
    for (text, wanted) in [
        ("colour = 1\n", "unknown field `colour`"),
        ("[[answer]]\nfault = \"fire\"\n", "unknown variant `fire`"),
        ("[[answer]]\nuse = \"chat\"\nbody = \"x\"\n", "answer 1: `use` and `body`"),
        ("[[answer]]\n[[answer]]\nids = [\"a\"]\n", "answer 2: `ids`"),
        ("args = [\"{other}\"]\n", "no such table"),
    ] {
        let error = Scenario::parse(&format!("{HEAD}{text}")).map(|_| ()).map_err(|error| error.to_string());
        assert!(error.as_ref().is_err_and(|said| said.contains(wanted)), "{text}: {error:?}");
    }
    let error = Scenario::parse(&HEAD.replace("exit = 0", "exit = 1")).map(|_| ()).map_err(|error| error.to_string());
    assert!(error.is_err_and(|said| said.contains("exit 1")));
}
