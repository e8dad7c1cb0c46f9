//! The end of the line in a tab that follows: frames go to the leading tab instead of a socket.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tidemark_shared::session::{Input, LinkId};

use super::channel::Channel;
use super::word::{TabId, Word};
use crate::link::Report;

/// Where this tab's frames go to the leading tab, and where its frames come in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Port(Rc<Inner>);

struct Inner {
    channel: Channel,
    tab: TabId,
    open: RefCell<Option<(LinkId, Report)>>,
    /// Whether the leading tab has answered: what it says to all before that is not for us.
    is_answered: Cell<bool>,
}

impl Port {
    pub(super) fn new(channel: Channel, tab: TabId) -> Self {
        Port(Rc::new(Inner {
            channel,
            tab,
            open: RefCell::default(),
            is_answered: Cell::new(false),
        }))
    }

    /// Begins a connection. There is nothing to wait for: whether anybody leads, the answer to the
    /// first frame shows.
    pub(crate) fn open(&self, link: LinkId, report: Report) {
        self.0.is_answered.set(false);
        *self.0.open.borrow_mut() = Some((link, report.clone()));
        report(Input::Opened(link));
    }

    /// Sends a frame.
    pub(crate) fn send(&self, frame: &[u8]) {
        let frame = String::from_utf8_lossy(frame).into_owned();
        self.0.channel.say(&Word::Up { from: self.0.tab, frame });
    }

    /// Ends the connection.
    pub(crate) fn close(&self) {
        *self.0.open.borrow_mut() = None;
        self.0.channel.say(&Word::Bye { from: self.0.tab });
    }

    /// A frame for this tab.
    pub(super) fn answered(&self, frame: String) {
        self.0.is_answered.set(true);
        self.receive(frame);
    }

    /// A frame for all tabs.
    pub(super) fn heard(&self, frame: String) {
        if self.0.is_answered.get() {
            self.receive(frame);
        }
    }

    fn receive(&self, frame: String) {
        let open = self.0.open.borrow().clone();
        if let Some((link, report)) = open {
            report(Input::Frame { link, bytes: frame.into_bytes() });
        }
    }
}
