//! One machine, one timer, its open wires.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use tidemark_shared::clock::Moment;
use tidemark_shared::protocol::{Method, Reply, RequestId};
use tidemark_shared::session::{
    AskFailed, Delivery, Input, LinkId, Note, Output, Session, Settings, Status,
};

use super::wire::{Far, Report, Wire};
use crate::browser::clock;
use crate::browser::timer::Timeout;

/// Who gets what the machine gives out. Called with the machine at rest.
pub(crate) trait Application {
    /// Something for a topic: in order, nothing twice.
    fn delivered(&self, delivery: Delivery);
    /// Something for the log of connection events.
    fn noted(&self, note: Note);
    /// The connection's status is different now.
    fn status_changed(&self, status: &Status);
}

/// The running connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shell(Rc<Inner>);

struct Inner {
    far: Far,
    application: Rc<dyn Application>,
    session: RefCell<Session>,
    wires: RefCell<HashMap<LinkId, Wire>>,
    timer: RefCell<Option<(Moment, Timeout)>>,
    answers: RefCell<HashMap<RequestId, oneshot::Sender<Result<Reply, AskFailed>>>>,
    last_request: Cell<u64>,
    /// Inputs that came while the machine's outputs were being carried out.
    inbox: RefCell<VecDeque<Input>>,
    busy: Cell<bool>,
}

impl Shell {
    /// A connection that rests until [`Input::Start`].
    pub(crate) fn new(
        far: Far,
        settings: Settings,
        seed: u64,
        application: Rc<dyn Application>,
    ) -> Self {
        Shell(Rc::new(Inner {
            far,
            application,
            session: RefCell::new(Session::new(settings, seed)),
            wires: RefCell::default(),
            timer: RefCell::default(),
            answers: RefCell::default(),
            last_request: Cell::new(0),
            inbox: RefCell::default(),
            busy: Cell::new(false),
        }))
    }

    /// Takes in what happened. May be called from inside an [`Application`]'s methods: it is then
    /// done after them.
    pub(crate) fn input(&self, input: Input) {
        self.0.clone().input(input);
    }

    /// Asks the relay something once.
    pub(crate) async fn ask(&self, method: Method) -> Result<Reply, AskFailed> {
        let id = RequestId(self.0.last_request.get() + 1);
        self.0.last_request.set(id.0);
        let (sender, receiver) = oneshot::channel();
        self.0.answers.borrow_mut().insert(id, sender);
        self.input(Input::Ask { id, method });
        receiver.await.unwrap_or(Err(AskFailed::Stopped))
    }

    /// The connection's status.
    pub(crate) fn status(&self) -> Status {
        self.0.session.borrow().status().clone()
    }

    /// The relay's clock minus ours.
    pub(crate) fn clock_offset_ms(&self) -> i64 {
        self.0.session.borrow().status().clock_offset_ms
    }
}

impl Inner {
    fn input(self: Rc<Self>, input: Input) {
        self.inbox.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return;
        }
        let mut status_changed = false;
        loop {
            let next = self.inbox.borrow_mut().pop_front();
            let Some(input) = next else { break };
            self.session.borrow_mut().handle(input, clock::now());
            loop {
                let output = self.session.borrow_mut().poll_output();
                match output {
                    Some(Output::StatusChanged) => status_changed = true,
                    Some(output) => self.carry_out(output),
                    None => break,
                }
            }
        }
        if status_changed {
            let status = self.session.borrow().status().clone();
            self.application.status_changed(&status);
        }
        self.busy.set(false);
        self.arm_timer();
        // What the application said while it was told of the status.
        let left = self.inbox.borrow_mut().pop_front();
        if let Some(input) = left {
            self.input(input);
        }
    }

    fn carry_out(self: &Rc<Self>, output: Output) {
        match output {
            Output::Open { link, transport, encoding } => {
                let wire = Wire::open(transport, encoding, link, &self.far, self.report());
                match wire {
                    Ok(wire) => _ = self.wires.borrow_mut().insert(link, wire),
                    Err(reason) => {
                        self.inbox.borrow_mut().push_back(Input::Failed { link, reason });
                    }
                }
            }
            Output::Send { link, frame } => {
                if let Some(wire) = self.wires.borrow().get(&link) {
                    wire.send(frame);
                }
            }
            Output::Close { link, code } => {
                let wire = self.wires.borrow_mut().remove(&link);
                if let Some(wire) = wire {
                    wire.close(code);
                }
            }
            Output::Deliver(delivery) => self.application.delivered(delivery),
            Output::Answer { id, outcome } => {
                if let Some(sender) = self.answers.borrow_mut().remove(&id) {
                    // Who asked may have gone meanwhile.
                    let _ = sender.send(outcome);
                }
            }
            Output::Note(note) => self.application.noted(note),
            Output::StatusChanged => {}
        }
    }

    fn report(self: &Rc<Self>) -> Report {
        let weak: Weak<Inner> = Rc::downgrade(self);
        Rc::new(move |input| {
            if let Some(inner) = weak.upgrade() {
                if let Input::Closed { link, .. } | Input::Failed { link, .. } = &input {
                    inner.let_go(*link);
                }
                inner.input(input);
            }
        })
    }

    /// Drops a wire that has ended, but not from within its own callback.
    fn let_go(self: &Rc<Self>, link: LinkId) {
        if let Some(wire) = self.wires.borrow_mut().remove(&link) {
            wasm_bindgen_futures::spawn_local(async move { drop(wire) });
        }
    }

    /// Every frame that comes moves the deadline away. A timer that fires too early and is armed
    /// again costs less than one that is made anew for each frame.
    fn arm_timer(self: &Rc<Self>) {
        let Some(deadline) = self.session.borrow().next_deadline() else {
            *self.timer.borrow_mut() = None;
            return;
        };
        let is_armed = self.timer.borrow().as_ref().is_some_and(|(armed, _)| *armed <= deadline);
        if is_armed {
            return;
        }
        let weak = Rc::downgrade(self);
        let timer = Timeout::after(deadline.since(clock::moment()), move || {
            if let Some(inner) = weak.upgrade() {
                inner.timer_fired();
            }
        });
        *self.timer.borrow_mut() = Some((deadline, timer));
    }

    fn timer_fired(self: Rc<Self>) {
        *self.timer.borrow_mut() = None;
        let deadline = self.session.borrow().next_deadline();
        if deadline.is_some_and(|deadline| deadline <= clock::moment()) {
            self.input(Input::Timer);
        } else {
            self.arm_timer();
        }
    }
}
