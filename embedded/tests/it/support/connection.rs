//! HTTP/1.1 on a socket, by hand: what a test writes is what travels, byte for byte.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use super::Answer;

/// Longer than any answer takes: a server that hangs fails its test instead of holding it up.
const PATIENCE: Duration = Duration::from_secs(60);

/// One request and its whole answer on a connection of their own.
pub(crate) fn exchange(address: &str, head: &Request<()>, body: &[u8]) -> io::Result<Answer> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    send(&mut connection, head, body)
}

/// One request and its whole answer on a connection that stays open.
pub(crate) fn send(connection: &mut TcpStream, head: &Request<()>, body: &[u8]) -> io::Result<Answer> {
    let mut text = format!("{} {} HTTP/1.1\r\n", head.method(), head.uri()).into_bytes();
    for (name, value) in head.headers() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(body);
    // One that refuses what it has not read to its end may close: its answer is what counts.
    let written = connection.write_all(&text);
    read(&mut BufReader::new(connection), head.method()).map_err(|error| written.err().unwrap_or(error))
}

fn read(connection: &mut impl BufRead, method: &Method) -> io::Result<Answer> {
    let (status, headers) = loop {
        let (status, headers) = read_head(connection)?;
        // 1xx: the answer is still to come.
        if !status.is_informational() {
            break (status, headers);
        }
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut body = Vec::new();
    let bodyless = *method == Method::HEAD || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let mut cut = false;
    if bodyless {
        // Whatever length the headers name is that of a body which does not travel.
    } else if text("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        read_chunks(connection, &mut body)?;
    } else if let Some(length) = text("content-length") {
        let length: u64 = length.parse().map_err(|_| broken("content-length"))?;
        let read = connection.take(length).read_to_end(&mut body);
        cut = read.is_err() || u64::try_from(body.len()) != Ok(length);
    } else {
        connection.read_to_end(&mut body)?;
    }
    Ok(Answer { status, headers, body: body.into(), cut })
}

fn read_head(connection: &mut impl BufRead) -> io::Result<(StatusCode, HeaderMap)> {
    let first = line(connection)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| broken("status"))?;
    let mut headers = HeaderMap::new();
    loop {
        let line = line(connection)?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("header"))?;
        let name: HeaderName = name.parse().map_err(|_| broken("header"))?;
        let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| broken("header"))?;
        headers.append(name, value);
    }
}

fn read_chunks(connection: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(connection)?;
        let size = size.split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(|_| broken("chunk"))?;
        connection.take(size).read_to_end(body)?;
        if !line(connection)?.is_empty() {
            return Err(broken("chunk"));
        }
        if size == 0 {
            return Ok(());
        }
    }
}

/// A line without its end.
fn line(connection: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    connection.read_until(b'\n', &mut line)?;
    match line.strip_suffix(b"\r\n") {
        Some(line) => Ok(String::from_utf8_lossy(line).into_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("no {what} as HTTP has them"))
}
