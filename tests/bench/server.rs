//! The other side of the benchmark: a server that answers as an API does, lines with an added round trip, and the least
//! time that the same requests can take.
//!
//! `server serve` listens on 127.0.0.1 until its standard input ends, and says where; a line `count` on its standard
//! input is answered with what came in since the last one. `server floor PORT CA` is a client that does nothing but ask.

use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};
use std::{env, fs};

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What came in.
static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);
static REQUESTS: AtomicUsize = AtomicUsize::new(0);
static RECEIVED: AtomicUsize = AtomicUsize::new(0);

const CHAT: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"model-0","choices":[{"index":0,"message":{"role":"assistant","content":"OK"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;

const EVENTS: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"model-0","choices":[{"index":0,"delta":{"role":"assistant","content":"OK"},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"model-0","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    "\n\ndata: [DONE]\n\n"
);

fn main() -> Done<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", ca, models, bytes, think] => serve(ca, models.parse()?, bytes.parse()?, think.parse()?),
        ["floor", port, ca] => floor(port.parse()?, ca),
        _ => Err("usage: serve CA MODELS BYTES THINK_MS | floor PORT CA".into()),
    }
}

/// Answers with a list of so many models and about so many bytes, and takes so many milliseconds for each answer.
fn serve(ca: &str, models: usize, bytes: usize, think: u64) -> Done<()> {
    let list: Arc<str> = list(models, bytes).into();
    let think = Duration::from_millis(think);
    let config = identity(ca)?;
    let plain = listen({
        let list = list.clone();
        move |stream| answer_all(stream, &list, think)
    })?;
    let tls = listen(move |stream| {
        let session = ServerConnection::new(config.clone())?;
        answer_all(StreamOwned::new(session, stream), &list, think)
    })?;
    let (near, far) = (line(tls, Duration::from_millis(20))?, line(tls, Duration::from_millis(100))?);
    let mut out = io::stdout();
    writeln!(out, r#"{{"http":{plain},"0":{tls},"20":{near},"100":{far}}}"#)?;
    for command in io::stdin().lock().lines() {
        if command? == "count" {
            let [connections, requests, received] =
                [&CONNECTIONS, &REQUESTS, &RECEIVED].map(|count| count.swap(0, Ordering::SeqCst));
            writeln!(out, r#"{{"connections":{connections},"requests":{requests},"received":{received}}}"#)?;
        }
    }
    Ok(())
}

fn list(models: usize, bytes: usize) -> String {
    let row = |at: usize| format!(r#"{{"id":"model-{at}","object":"model","created":1700000000,"owned_by":"maker"}}"#);
    let size: usize = (0..models).map(|at| row(at).len() + 1).sum();
    let about = "Reads and writes. ".repeat(1 + bytes.saturating_sub(size) / 18 / models.max(1));
    let more = |row: String| format!(r#"{},"description":"{about}"}}"#, row.trim_end_matches('}'));
    let rows: Vec<String> = (0..models).map(|at| if bytes > size { more(row(at)) } else { row(at) }).collect();
    format!(r#"{{"object":"list","data":[{}]}}"#, rows.join(","))
}

/// A certificate for this machine by a CA of its own, which is written to a file.
fn identity(ca: &str) -> Done<Arc<ServerConfig>> {
    let mut parameters = rcgen::CertificateParams::new(Vec::new())?;
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Benchmark CA");
    let key = rcgen::KeyPair::generate()?;
    let authority = rcgen::CertifiedIssuer::self_signed(parameters, key)?;
    fs::write(ca, authority.pem())?;
    let key = rcgen::KeyPair::generate()?;
    let leaf = rcgen::CertificateParams::new(["localhost".into(), "127.0.0.1".into()])?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Counts what is read.
struct Counted(TcpStream);

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(into)?;
        RECEIVED.fetch_add(count, Ordering::SeqCst);
        Ok(count)
    }
}

impl Write for Counted {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.0.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Listens on a port of its own; each connection has a thread.
fn listen(each: impl Fn(Counted) -> Done<()> + Send + Sync + 'static) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let each = Arc::new(each);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            CONNECTIONS.fetch_add(1, Ordering::SeqCst);
            let each = each.clone();
            // How a connection ends is the client's affair.
            let serving = thread::Builder::new().stack_size(256 * 1024).spawn(move || {
                stream.set_nodelay(true).is_ok().then(|| each(Counted(stream)));
            });
            drop(serving);
        }
    });
    Ok(port)
}

/// Answers one request after the other.
fn answer_all(mut stream: impl Read + Write, list: &str, think: Duration) -> Done<()> {
    let mut text = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let head = loop {
            if let Some(at) = text.windows(4).position(|end| end == b"\r\n\r\n") {
                break String::from_utf8_lossy(&text[..at]).to_ascii_lowercase();
            }
            match stream.read(&mut part)? {
                0 => return Ok(()),
                count => text.extend_from_slice(&part[..count]),
            }
        };
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(Ok(0), |length| length.trim().parse())?;
        let whole = head.len() + 4 + length;
        while text.len() < whole {
            match stream.read(&mut part)? {
                0 => return Ok(()),
                count => text.extend_from_slice(&part[..count]),
            }
        }
        REQUESTS.fetch_add(1, Ordering::SeqCst);
        let streamed = text[..whole].windows(13).any(|word| word == br#""stream":true"#);
        let (kind, body) = match head.split(' ').nth(1) {
            Some(path) if path.ends_with("/models") => ("application/json", list),
            _ if streamed => ("text/event-stream", EVENTS),
            _ => ("application/json", CHAT),
        };
        text.drain(..whole);
        sleep(think);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        stream.flush()?;
    }
}

/// A port that leads to another one, with this much added to each round trip. Only the opening of the connection is as
/// quick as ever: that answer comes from the system.
fn line(to: u16, round_trip: Duration) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let ends = TcpStream::connect(("127.0.0.1", to)).and_then(|far| {
                near.set_nodelay(true)?;
                far.set_nodelay(true)?;
                Ok((near.try_clone()?, far.try_clone()?, far))
            });
            if let Ok((back, ahead, far)) = ends {
                carry(near, ahead, round_trip / 2);
                carry(far, back, round_trip / 2);
            }
        }
    });
    Ok(port)
}

/// Carries bytes one way, each so much later than it came.
fn carry(mut from: TcpStream, mut to: TcpStream, later: Duration) {
    let (road, arrived) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut part = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut part) {
            if road.send((Instant::now() + later, part[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, bytes) in arrived {
            sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                return;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// Asks for the list, a chat and a stream over one connection, and says how many milliseconds it took.
fn floor(port: u16, ca: &str) -> Done<()> {
    static REQUESTS: LazyLock<[String; 3]> = LazyLock::new(|| {
        let post = |stream: bool| {
            let body =
                format!(r#"{{"model":"model-0","messages":[{{"role":"user","content":"Hi"}}],"stream":{stream}}}"#);
            format!(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        ["GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n".to_owned(), post(false), post(true)]
    });
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_file_iter(ca)?.flatten());
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let started = Instant::now();
    let stream = TcpStream::connect(("localhost", port))?;
    stream.set_nodelay(true)?;
    let session = ClientConnection::new(Arc::new(config), "localhost".try_into()?)?;
    let mut stream = StreamOwned::new(session, stream);
    for request in REQUESTS.iter() {
        stream.write_all(request.as_bytes())?;
        let mut text = Vec::new();
        let mut part = [0; 16 * 1024];
        loop {
            let count = stream.read(&mut part)?;
            text.extend_from_slice(&part[..count]);
            let said = String::from_utf8_lossy(&text);
            let Some((head, body)) = said.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if count == 0 || body.len() >= length.parse()? {
                break;
            }
        }
    }
    writeln!(io::stdout(), "{}", started.elapsed().as_secs_f64() * 1000.0)?;
    Ok(())
}
