//! An echo server around the relay's own WebSocket framing, for outside judges of it. The relay
//! itself echoes nothing.
//!
//! `websocket_echo [ADDRESS]`, by default on 127.0.0.1:9001; ARCHITECTURE.md says how it is judged.
//! Messages may be as large as the judges' largest: the relay's own limits are tested elsewhere.

#![allow(clippy::print_stdout, reason = "it says where it listens")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tidemark_relay::transport::websocket::{
    self, Decoder, DecoderLimits, FrameError, Inbound, MessageKind,
};
use tidemark_shared::protocol::Encoding;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The judges' largest message is 16 MiB, and comes in up to 262,144 frames.
const LIMITS: DecoderLimits =
    DecoderLimits { message_bytes_max: 16 * 1024 * 1024, fragments_max: 300_000 };

/// Nobody is waited for any longer.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    let listener = TcpListener::bind(&address).with_context(|| format!("{address} is not free"))?;
    println!("echoing on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || {
            if let Err(error) = echo(stream) {
                eprintln!("{error:#}");
            }
        });
    }
    Ok(())
}

fn echo(stream: TcpStream) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream.try_clone()?;
    writer.write_all(answer_to(&mut reader)?.as_bytes())?;
    let mut decoder = Decoder::with_limits(LIMITS);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = reader.read(&mut buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        let (out, is_over) = heard(&mut decoder, bytes);
        writer.write_all(&out)?;
        if is_over {
            stream.shutdown(Shutdown::Write)?;
            // What still comes is passed over, as the relay does.
            while reader.read(&mut buffer)? > 0 {}
            return Ok(());
        }
    }
}

/// What is answered to some bytes, and whether that is the last.
fn heard(decoder: &mut Decoder, bytes: &[u8]) -> (Vec<u8>, bool) {
    let (mut out, mut is_over) = (Vec::new(), false);
    let result = decoder.push(bytes, |inbound| match inbound {
        Inbound::Message { payload, kind } => {
            let encoding = match kind {
                MessageKind::Text => Encoding::Json,
                MessageKind::Binary => Encoding::Binary,
            };
            let (header, used) = websocket::header(encoding, payload.len());
            out.extend(header.iter().take(used));
            out.extend_from_slice(payload);
        }
        Inbound::Ping(payload) => out.extend(websocket::pong(payload)),
        Inbound::Pong => {}
        Inbound::Close(code) => {
            out.extend(websocket::close(code.unwrap_or(1000), ""));
            is_over = true;
        }
    });
    if let Err(error) = result {
        out.extend(websocket::close(FrameError::close_code(error).number(), &error.to_string()));
        is_over = true;
    }
    (out, is_over)
}

/// Reads the request for a WebSocket, and says how it is granted.
fn answer_to(reader: &mut impl BufRead) -> Result<String> {
    let mut key = None;
    for line in reader.lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            key = Some(value.trim().to_owned());
        }
    }
    let Some(key) = key else { bail!("a request without a key") };
    let accept = derive_accept_key(key.as_bytes());
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    ))
}
