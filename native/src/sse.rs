//! The transport SSE: an event stream down, POST up.

use ::http::Response;
use ::http::header::HeaderValue;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::mpsc;

use crate::event_stream::EventStream;
use crate::http::{Poster, session_of};
use crate::link::{End, Reporter, Wire};

/// The close code that stands for a stream that ended without one.
const ABNORMAL: u16 = 1006;

pub(crate) async fn run(wire: Wire) {
    let Wire { address, origin, mut frames, goodbye, reports, .. } = wire;
    let exchange = async {
        let stream = Poster::new(address.clone(), origin.as_deref())?;
        let sending = Poster::new(address, origin.as_deref())?;
        exchange(stream, sending, &mut frames, &reports).await
    };
    tokio::select! {
        end = exchange => if let Err(end) = end {
            reports.end(end).await;
        },
        // Dropping the sockets is all the goodbye that there is.
        _ = goodbye => {}
    }
}

/// Goes on until the link ends; it never ends well by itself.
async fn exchange(
    mut stream: Poster,
    sending: Poster,
    frames: &mut mpsc::Receiver<Vec<u8>>,
    reports: &Reporter,
) -> Result<(), End> {
    // There is nothing to open before there is something to say.
    reports.opened().await;
    let Some(first) = frames.recv().await else { return Ok(()) };
    let response = stream.post("/v1/stream", None, first).await?;
    let session = session_of(&response)?;
    tokio::select! {
        end = read(response, reports) => Err(end),
        ended = send(sending, &session, frames) => ended,
    }
}

async fn read(response: Response<Incoming>, reports: &Reporter) -> End {
    let mut body = response.into_body();
    let mut events = EventStream::default();
    while let Some(piece) = body.frame().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => return End::failed(&error),
        };
        let Some(bytes) = piece.data_ref() else { continue };
        match events.push(bytes) {
            Ok(ended) => {
                for event in ended {
                    reports.frame(event).await;
                }
            }
            Err(error) => return End::failed(&error),
        }
    }
    End::Closed { code: ABNORMAL, reason: "the stream ended".to_owned() }
}

/// Sends what there is to send, one after the other: order is kept.
pub(crate) async fn send(
    mut poster: Poster,
    session: &HeaderValue,
    frames: &mut mpsc::Receiver<Vec<u8>>,
) -> Result<(), End> {
    while let Some(frame) = frames.recv().await {
        let response = poster.post("/v1/send", Some(session), frame).await?;
        // Read to its end, so that the connection can be kept.
        crate::http::frame_of(response).await?;
    }
    Ok(())
}
