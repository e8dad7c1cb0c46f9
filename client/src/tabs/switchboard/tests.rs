//! Tabs that follow run the real connection machine: what they are told must make sense to it.

use std::time::Duration;

use tidemark_shared::clock::{Moment, Now};
use tidemark_shared::market::Quote;
use tidemark_shared::protocol::{
    ClientMessage, Encoding, Epoch, Metadata, Payload, Priority, ServerMessage,
};
use tidemark_shared::session::{LinkId, Output, Session, Settings, Status, Transport};

use super::*;
use crate::tabs::leading;

const TOPIC: &str = "price:AAPL";

fn event(sequence: u64) -> Event {
    Event {
        topic: TOPIC.parse().unwrap(),
        position: Position::new(Epoch(7), Sequence(sequence)),
        at: UnixMillis(5),
        source: "simulator".into(),
        priority: Priority::Normal,
        meta: Metadata::default(),
        payload: Payload::Quote(Quote::of_price("1.50".parse().unwrap(), UnixMillis(4))),
    }
}

fn snapshot(sequence: u64) -> Delivery {
    let event = event(sequence);
    Delivery::Snapshot { topic: event.topic.clone(), event: Some(event), lost: None }
}

fn pattern() -> Pattern {
    TOPIC.parse().unwrap()
}

/// A tab that follows.
struct Tab {
    id: TabId,
    session: Session,
    link: LinkId,
    now: Now,
    delivered: Vec<u64>,
}

impl Tab {
    fn new(id: u64) -> Self {
        let settings = Settings {
            transports: vec![Transport::WebSocket],
            encoding: Encoding::Json,
            ..Settings::default()
        };
        Tab {
            id: TabId(id),
            session: Session::new(settings, id),
            link: LinkId(0),
            now: Now { moment: Moment::START, unix: UnixMillis(1_000) },
            delivered: Vec::new(),
        }
    }

    fn status(&self) -> &Status {
        self.session.status()
    }

    fn wants(&mut self, resume: Option<u64>) {
        let resume = resume.map(|sequence| Position::new(Epoch(7), Sequence(sequence)));
        let input = Input::Subscribe { topic: pattern(), resume, rate_per_s_max: None };
        self.session.handle(input, self.now);
    }

    fn tell(&mut self, input: Input, board: &mut Switchboard) {
        self.session.handle(input, self.now);
        self.drain(board);
    }

    fn hear(&mut self, message: &ServerMessage, board: &mut Switchboard) {
        let mut bytes = Vec::new();
        Encoding::Json.append_server(message, &mut bytes);
        self.tell(Input::Frame { link: self.link, bytes }, board);
    }

    fn drain(&mut self, board: &mut Switchboard) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Open { link, .. } => {
                    self.link = link;
                    self.session.handle(Input::Opened(link), self.now);
                }
                Output::Send { frame, .. } => self.up(&frame, board),
                Output::Deliver(Delivery::Event(event)) => {
                    self.delivered.push(event.position.sequence.0);
                }
                Output::Deliver(Delivery::Snapshot { event, .. }) => {
                    self.delivered.extend(event.map(|event| event.position.sequence.0));
                }
                _ => {}
            }
        }
    }

    fn up(&mut self, frame: &[u8], board: &mut Switchboard) {
        for message in Encoding::Json.decode_client(frame).unwrap() {
            match message {
                ClientMessage::Hello(hello) => {
                    board.greet(self.id);
                    let welcome = leading::welcome(&Status::default(), "guest", self.now.unix);
                    self.hear(&welcome, board);
                    hello.topics.into_iter().for_each(|wish| board.want_for(self.id, wish));
                }
                ClientMessage::Subscribe(wishes) => {
                    wishes.topics.into_iter().for_each(|wish| board.want_for(self.id, wish));
                }
                ClientMessage::Unsubscribe(_)
                | ClientMessage::Request(_)
                | ClientMessage::Refresh(_) => {}
            }
        }
    }
}

/// Passes on what the switchboard says to the tabs; answers what it wants of the connection.
fn settle(board: &mut Switchboard, tabs: &mut [&mut Tab]) -> Vec<Input> {
    let mut wishes = Vec::new();
    while let Some(out) = board.poll_output() {
        match out {
            Out::Session(input) => wishes.push(input),
            Out::Down(to, message) => {
                let to = tabs.iter_mut().find(|tab| tab.id == to);
                to.into_iter().for_each(|tab| tab.hear(&message, board));
            }
            Out::Cast(message) => tabs.iter_mut().for_each(|tab| tab.hear(&message, board)),
            Out::Deliver(_) | Out::Beat(_) => {}
        }
    }
    wishes
}

fn pass(board: &mut Switchboard, delivery: Delivery, tabs: &mut [&mut Tab]) {
    board.deliver(&delivery);
    settle(board, tabs);
}

#[test]
fn a_tab_that_follows_gets_the_newest_at_once_and_then_everything() {
    let mut board = Switchboard::default();
    board.want(pattern(), None);
    settle(&mut board, &mut []);
    pass(&mut board, snapshot(4), &mut []);
    let mut tab = Tab::new(1);
    tab.wants(None);
    tab.tell(Input::Start, &mut board);
    assert_eq!(settle(&mut board, &mut [&mut tab]), [], "the connection has it already");
    for sequence in 5..8 {
        pass(&mut board, Delivery::Event(event(sequence)), &mut [&mut tab]);
    }
    assert_eq!(tab.delivered, [4, 5, 6, 7]);
    assert_eq!(tab.status().counters.holes, 0);
}

#[test]
fn what_only_another_tab_wants_is_asked_of_the_relay_and_not_shown_here() {
    let mut board = Switchboard::default();
    let mut tab = Tab::new(1);
    tab.wants(None);
    tab.tell(Input::Start, &mut board);
    let wishes = settle(&mut board, &mut [&mut tab]);
    assert!(matches!(&wishes[..], [Input::Subscribe { .. }]), "{wishes:?}");
    assert!(!board.deliver(&snapshot(4)));
    settle(&mut board, &mut [&mut tab]);
    assert_eq!(tab.delivered, [4]);
    board.leave(tab.id);
    let wishes = settle(&mut board, &mut []);
    assert!(matches!(&wishes[..], [Input::Unsubscribe { .. }]), "{wishes:?}");
}

#[test]
fn a_tab_goes_on_where_it_stood_when_another_one_takes_the_lead() {
    let mut board = Switchboard::default();
    board.want(pattern(), None);
    pass(&mut board, snapshot(9), &mut []);
    // One has less than the new leading tab, one has more.
    let (mut behind, mut ahead) = (Tab::new(1), Tab::new(2));
    behind.wants(Some(6));
    ahead.wants(Some(11));
    for tab in [&mut behind, &mut ahead] {
        tab.tell(Input::Start, &mut board);
    }
    settle(&mut board, &mut [&mut behind, &mut ahead]);
    for sequence in 10..14 {
        let next = Delivery::Event(event(sequence));
        pass(&mut board, next, &mut [&mut behind, &mut ahead]);
    }
    assert_eq!(behind.delivered, [9, 10, 11, 12, 13]);
    assert_eq!(behind.status().counters.skipped, 2);
    assert_eq!(ahead.delivered, [12, 13]);
    for tab in [behind, ahead] {
        let counters = tab.status().counters;
        assert_eq!((counters.holes, counters.topics_lost), (0, 0));
    }
}

#[test]
fn what_the_leading_tab_left_out_as_stale_is_no_hole_for_others() {
    let mut board = Switchboard::default();
    board.want(pattern(), None);
    pass(&mut board, snapshot(1), &mut []);
    let mut tab = Tab::new(1);
    tab.wants(None);
    tab.tell(Input::Start, &mut board);
    settle(&mut board, &mut [&mut tab]);
    pass(&mut board, Delivery::Event(event(4)), &mut [&mut tab]);
    assert_eq!(tab.delivered, [1, 4]);
    assert_eq!(tab.status().counters.holes, 0);
}

#[test]
fn a_message_that_got_lost_between_two_tabs_is_noticed_and_asked_for_again() {
    let mut board = Switchboard::default();
    board.want(pattern(), None);
    pass(&mut board, snapshot(1), &mut []);
    let mut tab = Tab::new(1);
    tab.wants(None);
    tab.tell(Input::Start, &mut board);
    settle(&mut board, &mut [&mut tab]);
    pass(&mut board, Delivery::Event(event(2)), &mut []);
    pass(&mut board, Delivery::Event(event(3)), &mut [&mut tab]);
    settle(&mut board, &mut [&mut tab]);
    assert_eq!(tab.status().counters.holes, 1);
    assert_eq!(tab.delivered.last(), Some(&3));
}

#[test]
fn a_leading_tab_that_hangs_is_noticed_within_the_lease() {
    let mut board = Switchboard::default();
    let mut tab = Tab::new(1);
    tab.tell(Input::Start, &mut board);
    let mut silent = Duration::ZERO;
    // Its machine asks whether the leading tab is there, and nobody answers.
    while tab.status().last_error.is_none() {
        let due = tab.session.next_deadline().unwrap();
        silent += due.since(tab.now.moment);
        let unix = tab.now.unix + due.since(tab.now.moment);
        tab.now = Now { moment: due, unix };
        tab.tell(Input::Timer, &mut board);
    }
    assert!(silent <= Duration::from_secs(6), "it took {silent:?}");
}
