//! "Whatever is thrown at it, in whatever order, it neither breaks nor lies."

use std::time::Duration;

use proptest::prelude::*;
use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{
    Beat, Closing, ConnectionLimits, Encoding, Epoch, ErrorCode, Event, Heartbeat, Metadata,
    Method, NeedsAuth, Notice, Pattern, Payload, Position, Priority, Refreshed, Reply, RequestId,
    Response, Sequence, ServerMessage, Severity, Skipped, Subscribed, Topic, VERSION, Welcome,
    WhyNotRecovered, WireError,
};
use tidemark_shared::session::{Input, LinkId, Now, Output, Session, Settings, State};

use crate::simulation::checker::{Checker, Source};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn it_never_panics_spins_sleeps_in_or_delivers_out_of_order(
        steps in proptest::collection::vec((input(), elapsed_ms(), unix_jump_ms()), 1..80),
        seed in any::<u64>(),
        encoding in prop_oneof![Just(Encoding::Json), Just(Encoding::Binary)],
    ) {
        let mut session = Session::new(Settings { encoding, ..Settings::default() }, seed);
        let mut checker = Checker::new(Source::Hostile);
        let mut now = Now { moment: Moment::START, unix: UnixMillis(1_763_000_000_000) };
        for (input, elapsed, jump_ms) in steps {
            now.moment = now.moment + Duration::from_millis(elapsed);
            now.unix = UnixMillis(now.unix.0.saturating_add(elapsed as i64).saturating_add(jump_ms));
            let is_timer = input == Input::Timer;
            match &input {
                Input::Subscribe { topic, resume, .. } => checker.wants(topic, *resume),
                Input::Unsubscribe { topic } => checker.wants_no_more(topic),
                _ => {}
            }
            session.handle(input, now);
            while let Some(output) = session.poll_output() {
                if let Output::Deliver(delivery) = output {
                    checker.delivered(&delivery);
                }
            }
            let next = session.next_deadline();
            if is_timer {
                prop_assert!(next.is_none_or(|next| next > now.moment), "the timer did not move on");
            }
            let may_rest = matches!(session.status().state, State::Idle | State::GaveUp);
            prop_assert!(may_rest || next.is_some(), "no timer in {:?}", session.status().state);
        }
        prop_assert!(checker.alarms.is_empty(), "{:#?}", checker.alarms);
    }
}

fn input() -> impl Strategy<Value = Input> {
    let link = || (0u64..5).prop_map(LinkId);
    prop_oneof![
        3 => Just(Input::Start),
        1 => Just(Input::Stop),
        8 => link().prop_map(Input::Opened),
        20 => (link(), frame()).prop_map(|(link, bytes)| Input::Frame { link, bytes }),
        2 => (link(), prop_oneof![Just(1006), 4000u16..=4010, 4498u16..=4510, any::<u16>()])
            .prop_map(|(link, code)| Input::Closed { link, code, reason: String::new() }),
        2 => link().prop_map(|link| Input::Failed { link, reason: String::new() }),
        4 => prop_oneof![
            Just(Input::Online), Just(Input::Offline), Just(Input::Shown), Just(Input::Hidden),
            Just(Input::Frozen), Just(Input::Resumed), Just(Input::ReconnectNow),
            Just(Input::SignIn { token: None }),
            Just(Input::SignIn { token: Some("\u{1}".repeat(20_000)) }),
        ],
        8 => Just(Input::Timer),
        5 => (pattern(), proptest::option::of(position())).prop_map(|(topic, resume)| {
            Input::Subscribe { topic, resume, rate_per_s_max: None }
        }),
        2 => pattern().prop_map(|topic| Input::Unsubscribe { topic }),
        2 => any::<u64>().prop_map(|id| Input::Ask { id: RequestId(id), method: Method::Ping {} }),
    ]
}

fn elapsed_ms() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0u64..100, 3 => 0u64..70_000, 1 => 0u64..10_000_000]
}

fn unix_jump_ms() -> impl Strategy<Value = i64> {
    prop_oneof![12 => Just(0i64), 1 => -4_000_000i64..4_000_000, 1 => any::<i64>()]
}

fn frame() -> impl Strategy<Value = Vec<u8>> {
    let messages = (proptest::collection::vec(message(), 1..6), any::<bool>());
    let sound = messages
        .prop_map(|(messages, is_json)| {
            let encoding = if is_json { Encoding::Json } else { Encoding::Binary };
            let mut frame = Vec::new();
            for message in &messages {
                match message {
                    ServerMessage::Event(event) => encoding.append_event(event, 0, &mut frame),
                    other => encoding.append_server(other, &mut frame),
                }
            }
            frame
        })
        .boxed();
    let cut = (sound.clone(), any::<prop::sample::Index>())
        .prop_map(|(frame, at)| frame[..at.index(frame.len() + 1)].to_vec());
    prop_oneof![10 => sound, 1 => cut, 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

fn message() -> impl Strategy<Value = ServerMessage> {
    let lost = || {
        proptest::option::of(prop_oneof![
            Just(WhyNotRecovered::Gap),
            Just(WhyNotRecovered::NewEpoch)
        ])
    };
    let told = (topic(), position(), 0u64..3, lost(), any::<bool>())
        .prop_map(|(topic, position, more, lost, has_snapshot)| Subscribed {
            snapshot: has_snapshot.then(|| event_at(&topic, position)),
            topic,
            position,
            head: Sequence(position.sequence.0.saturating_add(more)),
            lost,
            alias: 0,
            as_of: Some(UnixMillis(0)),
        })
        .boxed();
    let sequence =
        || prop_oneof![9 => (0u64..6).prop_map(Sequence), 1 => any::<u64>().prop_map(Sequence)];
    prop_oneof![
        6 => (any::<u64>(), any::<u64>(), 0u32..100_000).prop_map(|(beat, dead, bytes)| welcome(beat, dead, bytes)),
        6 => told.clone().prop_map(ServerMessage::Subscribed),
        1 => told.prop_map(ServerMessage::Reset),
        12 => (topic(), position()).prop_map(|(topic, at)| ServerMessage::Event(event_at(&topic, at))),
        2 => (topic(), sequence(), sequence())
            .prop_map(|(topic, from, to)| ServerMessage::Skipped(Skipped { topic, from, to })),
        2 => (any::<i64>(), topic(), sequence()).prop_map(|(at, topic, sequence)| {
            let topics = vec![Beat { topic, sequence, as_of: None }];
            ServerMessage::Heartbeat(Heartbeat { at: UnixMillis(at), topics })
        }),
        1 => (any::<u64>(), any::<i64>()).prop_map(|(id, time)| {
            let outcome = Ok(Reply::Ping { server_time: UnixMillis(time) });
            ServerMessage::Response(Response { id: RequestId(id), outcome })
        }),
        1 => (proptest::option::of(pattern()), any::<Option<u64>>()).prop_map(|(topic, wait)| {
            let mut error = WireError::new(ErrorCode::RateLimited, "no");
            error.retry_after_ms = wait;
            ServerMessage::Error { error, topic }
        }),
        1 => proptest::option::of(pattern()).prop_map(|topic| {
            ServerMessage::Error { error: WireError::new(ErrorCode::Unauthorized, "no"), topic }
        }),
        1 => any::<i64>().prop_map(|at| ServerMessage::NeedsAuth(NeedsAuth { ends_at: UnixMillis(at) })),
        1 => (any::<Option<i64>>(), any::<Option<u64>>()).prop_map(|(at, delayed_ms)| {
            let ends_at = at.map(UnixMillis);
            ServerMessage::Refreshed(Refreshed { ends_at, delayed_ms })
        }),
        1 => (any::<u16>(), any::<bool>(), any::<u64>()).prop_map(|(code, reconnect, after_ms)| {
            ServerMessage::Closing(Closing { code, reason: String::new(), reconnect, after_ms })
        }),
    ]
}

fn topic() -> impl Strategy<Value = Topic> {
    prop_oneof![Just("price:A"), Just("bars:1m:A"), Just("feed:x"), Just("feed:y")]
        .prop_map(|name| name.parse().unwrap())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![4 => topic().prop_map(Pattern::One), 1 => Just("feed:*".parse().unwrap())]
}

fn position() -> impl Strategy<Value = Position> {
    let sequence = prop_oneof![9 => 0u64..6, 1 => Just(u64::MAX), 1 => Just(u64::MAX - 1)];
    (1u64..3, sequence).prop_map(|(epoch, n)| Position::new(Epoch(epoch), Sequence(n)))
}

fn event_at(topic: &Topic, position: Position) -> Event {
    let text = "anything".to_owned();
    Event {
        topic: topic.clone(),
        position,
        at: UnixMillis(0),
        source: String::new(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Notice(Notice { severity: Severity::Info, text }),
    }
}

fn welcome(heartbeat_ms: u64, dead_after_ms: u64, frame_bytes_max: u32) -> ServerMessage {
    ServerMessage::Welcome(Welcome {
        protocol: VERSION,
        relay: String::new(),
        session: String::new(),
        user: String::new(),
        server_time: UnixMillis(0),
        heartbeat_ms,
        dead_after_ms,
        limits: ConnectionLimits { frame_bytes_max, topics_max: 1, messages_per_s_max: 1 },
        ends_at: None,
        delayed_ms: None,
    })
}
