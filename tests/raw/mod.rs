//! A server that sends any bytes, also those that no text can hold.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Serves the bytes until the test ends: `/models` gets the first, all other paths the second.
pub(crate) fn serve(models: Vec<u8>, others: Vec<u8>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            let (models, others) = (models.clone(), others.clone());
            thread::spawn(move || answer(stream, &models, &others));
        }
    });
    Ok(address)
}

/// Reads one request as far as it matters and sends what is to be sent.
fn answer(mut stream: TcpStream, models: &[u8], others: &[u8]) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
    let mut head = Vec::new();
    let mut part = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(count) if count > 0 => head.extend_from_slice(&part[..count]),
            _ => break,
        }
    }
    let first = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let listed = String::from_utf8_lossy(first).contains("/models");
    let _ = stream.write_all(if listed { models } else { others });
    let _ = stream.shutdown(std::net::Shutdown::Write);
    // Unread bytes at closing time would turn the orderly end into a reset.
    while matches!(stream.read(&mut part), Ok(count) if count > 0) {}
}

/// A whole answer with this head line, these headers and this body.
pub(crate) fn answer_of(status: &[u8], headers: &[(&str, &[u8])], body: &[u8]) -> Vec<u8> {
    let mut out = [b"HTTP/1.1 ", status, b"\r\nconnection: close\r\n"].concat();
    for (name, value) in headers {
        out.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    out.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
    out.extend(body);
    out
}
