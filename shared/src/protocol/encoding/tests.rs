//! Both encodings say the same, and rubbish is refused without a panic.

use proptest::prelude::*;

use super::*;
use crate::clock::UnixMillis;
use crate::market::{Bar, Phase, Price, Quantity, Quote, Side};
use crate::protocol::{
    Hello, Metadata, Method, Payload, Position, Priority, Reply, Request, RequestId, Response,
    Sequence, Subscribed, UnknownPayload, VERSION,
};

fn decimal() -> impl Strategy<Value = rust_decimal::Decimal> {
    (any::<i64>(), 0u32..=18)
        .prop_map(|(mantissa, scale)| rust_decimal::Decimal::new(mantissa, scale))
}

fn quote() -> impl Strategy<Value = Quote> {
    let price = || proptest::option::of(decimal().prop_map(Price::new));
    let quantity = || proptest::option::of(decimal().prop_map(Quantity::new));
    let side = prop_oneof![Just(None), Just(Some(Side::Buy)), Just(Some(Side::Sell))];
    let phase = prop_oneof![Just(Phase::Open), Just(Phase::Halted), Just(Phase::Closed)];
    let time = -1_000_000_000_000i64..4_000_000_000_000;
    (
        decimal(),
        time,
        quantity(),
        side,
        price(),
        price(),
        price(),
        price(),
        price(),
        quantity(),
        phase,
    )
        .prop_map(|(p, time, size, side, bid, ask, reference, high, low, volume, phase)| {
            Quote {
                price: Price::new(p),
                time: UnixMillis(time),
                size,
                side,
                bid,
                ask,
                reference,
                high,
                low,
                volume,
                phase,
            }
        })
}

fn payload() -> impl Strategy<Value = Payload> {
    let bar = (any::<[i32; 5]>(), any::<u32>(), any::<bool>()).prop_map(|(n, trades, closed)| {
        let price = |value: i32| Price::new(rust_decimal::Decimal::new(value.into(), 2));
        Payload::Bar(Bar {
            start: UnixMillis(n[0].into()),
            open: price(n[1]),
            high: price(n[2]),
            low: price(n[3]),
            close: price(n[4]),
            volume: Quantity::new(rust_decimal::Decimal::new(n[0].into(), 3)),
            trades: trades.into(),
            closed,
        })
    });
    let unknown = Just(Payload::Unknown(UnknownPayload {
        kind: "moon_phase".into(),
        json: r#"{"full":[1,2,{"a":"b"}]}"#.into(),
    }));
    prop_oneof![quote().prop_map(Payload::Quote), bar, unknown]
}

fn event() -> impl Strategy<Value = Event> {
    let priority =
        prop_oneof![Just(Priority::Low), Just(Priority::Normal), Just(Priority::Critical)];
    (1u64.., 0i64..4_000_000_000_000, priority, proptest::option::of(any::<u64>()), payload())
        .prop_map(|(sequence, at, priority, ttl_ms, payload)| Event {
            topic: "price:AAPL".parse().unwrap(),
            position: Position::new(Epoch(7), Sequence(sequence)),
            at: UnixMillis(at),
            source: "simulator".into(),
            priority,
            meta: Metadata { ttl_ms, ..Metadata::default() },
            payload,
        })
}

fn announced(alias: u32) -> ServerMessage {
    ServerMessage::Subscribed(Subscribed {
        topic: "price:AAPL".parse().unwrap(),
        position: Position::new(Epoch(7), Sequence(0)),
        head: Sequence(3),
        lost: None,
        alias,
        as_of: None,
        snapshot: None,
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read_in_both_encodings(events in proptest::collection::vec(event(), 0..20)) {
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mut frame = Vec::new();
            encoding.append_server(&announced(300), &mut frame);
            for event in &events {
                encoding.append_event(event, 300, &mut frame);
            }
            let read = encoding.decode_server(&frame, &mut AliasTable::new()).unwrap();
            let mut expected = vec![announced(300)];
            expected.extend(events.iter().cloned().map(ServerMessage::Event));
            prop_assert_eq!(read, expected);
        }
    }

    #[test]
    fn rubbish_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut aliases = AliasTable::new();
        aliases.learn(&announced(1));
        for encoding in [Encoding::Json, Encoding::Binary] {
            let _ = encoding.decode_client(&bytes);
            let _ = encoding.decode_server(&bytes, &mut aliases);
        }
    }

    #[test]
    fn a_damaged_frame_never_panics(event in event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for encoding in [Encoding::Json, Encoding::Binary] {
            let mut frame = Vec::new();
            encoding.append_event(&event, 1, &mut frame);
            let at = at.index(frame.len());
            frame[at] = byte;
            let mut aliases = AliasTable::new();
            aliases.learn(&announced(1));
            let _ = encoding.decode_server(&frame, &mut aliases);
            let _ = encoding.decode_server(&frame[..at], &mut aliases);
        }
    }
}

#[test]
fn clients_are_read_in_both_encodings() {
    let said = [
        ClientMessage::Hello(Hello {
            protocol: VERSION,
            client: "test".into(),
            token: None,
            user: None,
            topics: Vec::new(),
        }),
        ClientMessage::Request(Request { id: RequestId(4), method: Method::Ping {} }),
    ];
    for encoding in [Encoding::Json, Encoding::Binary] {
        let mut frame = Vec::new();
        for message in &said {
            encoding.append_client(message, &mut frame);
        }
        assert_eq!(encoding.decode_client(&frame).unwrap(), said);
    }
}

#[test]
fn answers_and_refusals_are_told_apart() {
    let reply = Ok(Reply::Ping { server_time: UnixMillis(5) });
    let refusal = Err(crate::protocol::WireError::new(
        crate::protocol::ErrorCode::NotFound,
        "no such instrument",
    ));
    for outcome in [reply, refusal] {
        let said = ServerMessage::Response(Response { id: RequestId(9), outcome });
        let mut frame = Vec::new();
        Encoding::Json.append_server(&said, &mut frame);
        let read = Encoding::Json.decode_server(&frame, &mut AliasTable::new()).unwrap();
        assert_eq!(read, [said], "{}", String::from_utf8_lossy(&frame));
    }
}

#[test]
fn a_frame_of_newlines_is_refused_before_it_is_work() {
    let newlines = vec![b'\n'; FRAME_BYTES_MAX];
    assert_eq!(Encoding::Json.decode_client(&newlines), Err(DecodeError::TooManyMessages));
    let large = vec![b' '; FRAME_BYTES_MAX + 1];
    assert!(matches!(Encoding::Json.decode_client(&large), Err(DecodeError::FrameTooLarge { .. })));
}

#[test]
fn a_message_from_the_future_is_passed_over() {
    let frame = br#"{"type":"teleport","to":"moon"}"#;
    let read = Encoding::Json.decode_server(frame, &mut AliasTable::new()).unwrap();
    assert_eq!(read, [ServerMessage::Unknown { kind: "teleport".into() }]);
}

#[test]
fn a_binary_quote_is_a_fraction_of_its_json() {
    let mut quote = Quote::of_price("189.12".parse().unwrap(), UnixMillis(1_763_000_000_000));
    quote.bid = Some("189.11".parse().unwrap());
    quote.ask = Some("189.13".parse().unwrap());
    quote.volume = Some("12345678".parse().unwrap());
    let event = Event {
        topic: "price:AAPL".parse().unwrap(),
        position: Position::new(Epoch(1_763_000_000_000), Sequence(1_000)),
        at: UnixMillis(1_763_000_000_005),
        source: "simulator".into(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Quote(quote),
    };
    let size = |encoding: Encoding| {
        let mut frame = Vec::new();
        encoding.append_event(&event, 17, &mut frame);
        frame.len()
    };
    assert!(size(Encoding::Binary) * 4 < size(Encoding::Json));
}
