//! Messages: what is read can be written and read again, and is the same.

use tidemark_shared::protocol::{
    AliasTable, Encoding, Event, FRAME_MESSAGES_MAX, Payload, Position, ServerMessage, Subscribed,
};

pub(super) fn client_json(data: &[u8]) {
    client(Encoding::Json, data);
}

pub(super) fn client_binary(data: &[u8]) {
    client(Encoding::Binary, data);
}

pub(super) fn server_json(data: &[u8]) {
    server(Encoding::Json, data);
}

pub(super) fn server_binary(data: &[u8]) {
    server(Encoding::Binary, data);
}

fn client(encoding: Encoding, data: &[u8]) {
    let Ok(messages) = encoding.decode_client(data) else { return };
    assert!(messages.len() <= FRAME_MESSAGES_MAX);
    for message in messages {
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mut frame = Vec::new();
            encoding.append_client(&message, &mut frame);
            let again = encoding.decode_client(&frame);
            // What was read in one form may be longer in another.
            if frame.len() <= tidemark_shared::protocol::FRAME_BYTES_MAX {
                assert_eq!(again.as_deref(), Ok(std::slice::from_ref(&message)));
            }
        }
    }
}

fn server(encoding: Encoding, data: &[u8]) {
    // Some topics are announced, so that compact events can be of one.
    let mut aliases = AliasTable::new();
    let mut greeting = Vec::new();
    for (alias, topic) in ["price:A", "bars:1m:A", "feed:x"].into_iter().enumerate() {
        let told = Subscribed {
            topic: topic.parse().unwrap(),
            position: Position::default(),
            head: Position::default().sequence,
            lost: None,
            alias: alias as u32,
            as_of: None,
            snapshot: None,
        };
        encoding.append_server(&ServerMessage::Subscribed(told), &mut greeting);
    }
    encoding.decode_server(&greeting, &mut aliases).unwrap();
    let Ok(messages) = encoding.decode_server(data, &mut aliases) else { return };
    assert!(messages.len() <= FRAME_MESSAGES_MAX);
    // What nobody knows is passed over, and nobody passes it on.
    let known = messages.iter().filter(|message| !matches!(message, ServerMessage::Unknown { .. }));
    for message in known {
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mut frame = Vec::new();
            encoding.append_server(message, &mut frame);
            is_again(encoding, &frame, message, &mut AliasTable::new());
        }
        if let ServerMessage::Event(event) = message {
            compact(event, message);
        }
    }
}

/// The form of events that needs an alias.
fn compact(event: &Event, message: &ServerMessage) {
    let told = Subscribed {
        topic: event.topic.clone(),
        position: event.position,
        head: event.position.sequence,
        lost: None,
        alias: 7,
        as_of: None,
        snapshot: None,
    };
    let (mut aliases, mut greeting, mut frame) = (AliasTable::new(), Vec::new(), Vec::new());
    Encoding::Binary.append_server(&ServerMessage::Subscribed(told), &mut greeting);
    Encoding::Binary.decode_server(&greeting, &mut aliases).unwrap();
    Encoding::Binary.append_event(event, 7, &mut frame);
    // It counts the time of a quote from the event's: two that are further apart than any clock
    // has run are not told apart.
    if let Payload::Quote(quote) = &event.payload
        && event.at.0.checked_sub(quote.time.0).is_none()
    {
        return;
    }
    is_again(Encoding::Binary, &frame, message, &mut aliases);
}

fn is_again(encoding: Encoding, frame: &[u8], message: &ServerMessage, aliases: &mut AliasTable) {
    if frame.len() <= tidemark_shared::protocol::FRAME_BYTES_MAX {
        let again = encoding.decode_server(frame, aliases);
        assert_eq!(again.as_deref(), Ok(std::slice::from_ref(message)));
    }
}
