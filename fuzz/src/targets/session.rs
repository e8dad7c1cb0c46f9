//! The client's connection, and a relay that says anything. An input is records with the byte 1E
//! between them; the first byte of each says what happens, the rest is what comes with it.

use std::time::Duration;

use tidemark_shared::clock::{Moment, UnixMillis};
use tidemark_shared::protocol::{Encoding, Method, RequestId};
use tidemark_shared::session::{Input, LinkId, Now, Output, Session, Settings, State};

/// No input makes the machine do more than this: it is a finite answer to a finite question.
const OUTPUTS_MAX: usize = 20_000;

pub(super) fn run(data: &[u8]) {
    let Some((first, script)) = data.split_first() else { return };
    let encoding = if first & 1 == 0 { Encoding::Json } else { Encoding::Binary };
    let settings = Settings { encoding, ..Settings::default() };
    let mut session = Session::new(settings, u64::from(*first));
    let mut now = Now { moment: Moment::START, unix: UnixMillis(1_763_640_000_000) };
    let (mut link, mut asked, mut bytes_in) = (LinkId(0), 0, 0_u64);
    for record in script.split(|byte| *byte == 0x1e) {
        let Some((what, rest)) = record.split_first() else { continue };
        let text = || String::from_utf8_lossy(rest).into_owned();
        let input = match what {
            b'F' => Input::Frame { link, bytes: rest.to_vec() },
            b'O' => Input::Opened(link),
            b'+' => Input::Start,
            b'-' => Input::Stop,
            b'S' => match text().parse() {
                Ok(topic) => Input::Subscribe { topic, resume: None, rate_per_s_max: None },
                Err(_) => continue,
            },
            b'U' => match text().parse() {
                Ok(topic) => Input::Unsubscribe { topic },
                Err(_) => continue,
            },
            b'C' => match text().parse() {
                Ok(code) => Input::Closed { link, code, reason: String::new() },
                Err(_) => continue,
            },
            b'X' => Input::Failed { link, reason: text() },
            b'A' => {
                asked += 1;
                Input::Ask { id: RequestId(asked), method: Method::Ping {} }
            }
            b'T' => {
                now.moment =
                    session.next_deadline().map_or(now.moment, |next| next.max(now.moment));
                Input::Timer
            }
            b'W' => {
                now.moment = now.moment + Duration::from_millis(text().parse().unwrap_or(100));
                Input::Timer
            }
            b'J' => {
                now.unix = UnixMillis(text().parse().unwrap_or(0));
                continue;
            }
            b'f' => Input::Frozen,
            b'r' => Input::Resumed,
            b'n' => Input::Online,
            b'o' => Input::Offline,
            b'N' => Input::ReconnectNow,
            b's' => Input::SignIn { token: Some(text()) },
            _ => continue,
        };
        if let Input::Frame { bytes, .. } = &input {
            bytes_in = bytes_in.saturating_add(bytes.len() as u64);
        }
        let is_timer = input == Input::Timer;
        session.handle(input, now);
        let mut outputs = 0;
        while let Some(output) = session.poll_output() {
            outputs += 1;
            assert!(outputs < OUTPUTS_MAX, "it does not come to an end");
            if let Output::Open { link: opened, .. } = output {
                link = opened;
            }
        }
        let next = session.next_deadline();
        assert!(
            !is_timer || next.is_none_or(|next| next > now.moment),
            "the timer did not move on"
        );
        let may_rest = matches!(session.status().state, State::Idle | State::GaveUp);
        assert!(may_rest || next.is_some(), "no timer in {:?}", session.status().state);
        let counters = &session.status().counters;
        assert!(counters.bytes_in <= bytes_in, "more came in than came");
        // Each event has bytes of its own, at least as many as its tag and its length.
        assert!(counters.delivered.saturating_mul(2) <= bytes_in, "more was delivered than came");
    }
}
