//! The transport long polling: every answer's body is a frame.

use ::http::header::HeaderValue;
use tokio::sync::mpsc;

use crate::http::{Poster, frame_of, session_of};
use crate::link::{End, Reporter, Wire};
use crate::sse;

pub(crate) async fn run(wire: Wire) {
    let Wire { address, origin, mut frames, goodbye, reports, .. } = wire;
    let exchange = async {
        let polling = Poster::new(address.clone(), origin.as_deref())?;
        let sending = Poster::new(address, origin.as_deref())?;
        exchange(polling, sending, &mut frames, &reports).await
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
    mut polling: Poster,
    sending: Poster,
    frames: &mut mpsc::Receiver<Vec<u8>>,
    reports: &Reporter,
) -> Result<(), End> {
    // There is nothing to open before there is something to say.
    reports.opened().await;
    let Some(first) = frames.recv().await else { return Ok(()) };
    let response = polling.post("/v1/poll", None, first).await?;
    let session = session_of(&response)?;
    reports.frame(frame_of(response).await?).await;
    tokio::select! {
        end = poll(polling, &session, reports) => Err(end),
        ended = sse::send(sending, &session, frames) => ended,
    }
}

async fn poll(mut polling: Poster, session: &HeaderValue, reports: &Reporter) -> End {
    loop {
        let answer = match polling.post("/v1/poll", Some(session), Vec::new()).await {
            Ok(response) => frame_of(response).await,
            Err(end) => return end,
        };
        match answer {
            // An empty one is a sign of life, too.
            Ok(frame) => reports.frame(frame).await,
            Err(end) => return end,
        }
    }
}
