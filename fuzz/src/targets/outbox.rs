//! The queue of the user's writes, and a relay that says anything. An input is records with the byte
//! 1E between them; the first byte of each says what happens, the rest is JSON that comes with it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tidemark_shared::clock::{Moment, Now, UnixMillis};
use tidemark_shared::documents::{Draft, GroupId, MutationId};
use tidemark_shared::outbox::{
    Done, Failure, Input, Item, Meta, Outbox, Output, PullId, PushId, Write,
};

/// No input makes the machine do more than this: it is a finite answer to a finite question.
const OUTPUTS_MAX: usize = 5_000;

/// A tab: the machine, and the rows that it changes.
struct Tab {
    machine: Outbox,
    meta: Meta,
    rows: BTreeMap<MutationId, Item>,
    now: Now,
    push: Option<PushId>,
    pull: Option<PullId>,
}

pub(super) fn run(data: &[u8]) {
    let mut tab = Tab::open();
    for record in data.split(|byte| *byte == 0x1e) {
        let Some((what, rest)) = record.split_first() else { continue };
        tab.happens(*what, rest);
        let waiting = tab.machine.next_deadline();
        assert!(*what != b'T' || waiting.is_none_or(|next| next > tab.now.moment), "it spins");
        assert!(tab.machine.counts().all() <= tab.rows.len(), "it counts what is not there");
        tab.look();
    }
}

impl Tab {
    fn open() -> Self {
        let meta = Meta::new("alice".parse().unwrap(), GroupId::from_bits(7));
        let mut tab = Tab {
            machine: Outbox::new(7),
            rows: BTreeMap::new(),
            now: Now { moment: Moment::START, unix: UnixMillis(1_763_640_000_000) },
            push: None,
            pull: None,
            meta: meta.clone(),
        };
        tab.takes(Input::Loaded { meta, items: Vec::new(), documents: Vec::new(), position: None });
        tab
    }

    fn happens(&mut self, what: u8, rest: &[u8]) {
        match what {
            b'+' => self.takes(Input::Holding),
            b'-' => self.takes(Input::Released),
            b'U' => self.takes(Input::LinkUp),
            b'D' => self.takes(Input::LinkDown),
            b'R' => self.takes(Input::RetryNow),
            b'L' => self.takes(Input::CacheLost),
            b'T' => {
                let next = self.machine.next_deadline().unwrap_or(self.now.moment);
                self.now.moment = self.now.moment.max(next);
                self.takes(Input::Timer);
            }
            b'W' => self.now.moment = self.now.moment + Duration::from_secs(1),
            b'E' => {
                let Some(draft) = read::<Draft>(rest) else { return };
                let (now, seen) = (self.now.unix, self.machine.seen());
                let written = self.writes(Write::Enqueue { drafts: vec![draft], now, seen });
                self.takes(written);
            }
            b'N' => {
                let Some(delta) = read(rest) else { return };
                self.takes(Input::News(delta));
            }
            b'P' => {
                let Some(id) = self.push.take() else { return };
                let answer = read(rest).ok_or(Failure::Unanswered);
                self.takes(Input::Pushed { id, answer });
            }
            b'Q' => {
                let Some(id) = self.pull.take() else { return };
                let answer = read(rest).ok_or(Failure::Unanswered);
                self.takes(Input::Pulled { id, answer });
            }
            b'F' => {
                let Some(error) = read(rest) else { return };
                if let Some(id) = self.push.take() {
                    self.takes(Input::Pushed { id, answer: Err(Failure::Refused(error)) });
                }
            }
            b'C' | b'X' => {
                let mid = MutationId(read(rest).unwrap_or(1));
                let Some(item) = self.rows.get(&mid) else { return };
                let hash = item.mutation.hash;
                let write = match what {
                    b'C' => Write::Cancel { mid, hash },
                    _ => Write::Discard { mid, hash, anew: None },
                };
                let written = self.writes(write);
                self.takes(written);
            }
            _ => {}
        }
    }

    /// Hands an input to the machine and does what it asks for.
    fn takes(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        let mut outputs = 0;
        while let Some(input) = inputs.pop_front() {
            self.machine.handle(input, self.now);
            while let Some(output) = self.machine.poll_output() {
                outputs += 1;
                assert!(outputs < OUTPUTS_MAX, "it does not come to an end");
                match output {
                    Output::Push { id, push } => {
                        assert!(push.mutations.len() <= 50, "a push of too many");
                        self.push = Some(id);
                    }
                    Output::Pull { id, .. } => self.pull = Some(id),
                    Output::Write(write) => inputs.push_back(self.writes(write)),
                    Output::Reread => inputs.push_back(Input::Reread {
                        meta: self.meta.clone(),
                        items: self.rows.values().cloned().collect(),
                    }),
                    _ => {}
                }
            }
        }
    }

    /// One transaction of the rows.
    fn writes(&mut self, write: Write) -> Input {
        let rows = match write.reads() {
            Some(range) => self.rows.range(range).map(|(mid, item)| (*mid, item.clone())).collect(),
            None => BTreeMap::new(),
        };
        let Ok(done) = write.perform(&self.meta, rows) else { return Input::WriteFailed(write) };
        let Done { meta, removed, put } = &done;
        if let Some(meta) = meta {
            assert!(meta.settled < meta.next, "more is settled than was written");
            self.meta = meta.clone();
        }
        for mid in removed {
            self.rows.remove(mid);
        }
        for item in put {
            self.rows.insert(item.mid(), item.clone());
        }
        Input::Written(done)
    }

    /// Looks at every document as the user sees it.
    fn look(&self) {
        let entities: Vec<_> =
            self.rows.values().map(|item| item.mutation.draft.entity.clone()).collect();
        for entity in entities {
            let _ = self.machine.view(&entity);
        }
    }
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}
