//! One machine, one timer, its inputs and outputs.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::Duration;

use leptos::prelude::{GetUntracked, RwSignal, Set};
use tidemark_shared::clock::{Moment, Now, UnixMillis};
use tidemark_shared::documents::{Delta, Document, UserName};
use tidemark_shared::outbox::{Done, Failure, Input, Meta, Outbox, Output};
use tidemark_shared::protocol::{Method, Position, Reply};
use tidemark_shared::session::{AskFailed, Status};
use wasm_bindgen_futures::spawn_local;

use super::signals::Signals;
use super::{StoreState, Told};
use crate::browser::clock;
use crate::browser::timer::{Timeout, sleep};
use crate::store::{Archive, Rows, Vault, VaultError};
use crate::tabs::{Line, Word};

/// How soon after the loss of the database's connection it is looked whether the rows are there.
const AFTER_LOSS: Duration = Duration::from_millis(500);

/// What a queue begins with.
pub(crate) struct Setup {
    /// Whose.
    pub(crate) user: UserName,
    /// Where its rows are.
    pub(crate) vault: Rc<dyn Vault>,
    /// The rows as they were found.
    pub(crate) rows: Rows,
    /// How safe they are.
    pub(crate) state: StoreState,
    /// Where confirmed documents are kept.
    pub(crate) archive: Archive,
    /// The documents as they were confirmed at the last visit.
    pub(crate) documents: Vec<Document>,
    /// Where the document log stood then.
    pub(crate) position: Option<Position>,
    /// Decides the machine's jitter and names.
    pub(crate) seed: u64,
}

/// Whom to tell what the user must be told once.
type OnTold = Box<dyn Fn(Told)>;

/// The running queue.
pub(crate) struct QueueShell {
    pub(super) user: UserName,
    pub(super) machine: RefCell<Outbox>,
    pub(super) vault: Rc<dyn Vault>,
    pub(super) archive: Archive,
    pub(super) meta: RefCell<Meta>,
    pub(super) signals: Signals,
    pub(super) state: RwSignal<StoreState>,
    pub(super) on_told: RefCell<Option<OnTold>>,
    line: OnceCell<Line>,
    is_linked: Cell<bool>,
    pub(super) asked_to_persist: Cell<bool>,
    /// The user leaves: what is gone from the browser then is not put back.
    pub(super) is_leaving: Cell<bool>,
    clock_offset_ms: Cell<i64>,
    timer: RefCell<Option<(Moment, Timeout)>>,
    /// Inputs that came while the machine's outputs were being carried out.
    inbox: RefCell<VecDeque<Input>>,
    busy: Cell<bool>,
}

impl QueueShell {
    /// A queue with its rows, which has nobody to talk to yet.
    pub(crate) fn new(setup: Setup) -> Rc<Self> {
        let shell = Rc::new(QueueShell {
            user: setup.user,
            machine: RefCell::new(Outbox::new(setup.seed)),
            vault: setup.vault,
            archive: setup.archive,
            signals: Signals::default(),
            state: RwSignal::new(setup.state),
            on_told: RefCell::default(),
            line: OnceCell::new(),
            is_linked: Cell::new(false),
            asked_to_persist: Cell::new(false),
            is_leaving: Cell::new(false),
            clock_offset_ms: Cell::new(0),
            timer: RefCell::default(),
            inbox: RefCell::default(),
            busy: Cell::new(false),
            meta: RefCell::new(setup.rows.meta.clone()),
        });
        shell.input(Input::Loaded {
            meta: setup.rows.meta,
            items: setup.rows.items,
            documents: setup.documents,
            position: setup.position,
        });
        shell
    }

    /// Whom to ask. To be called once.
    pub(crate) fn connect(self: &Rc<Self>, line: Line) {
        // Set here and nowhere else.
        let _ = self.line.set(line);
        let weak = Rc::downgrade(self);
        self.vault.when_lost(Box::new(move || {
            if let Some(shell) = weak.upgrade() {
                spawn_local(async move {
                    // Whoever wants the connection closed must get what it was closed for.
                    sleep(AFTER_LOSS).await;
                    shell.catch_up().await;
                });
            }
        }));
    }

    /// This tab holds the connection from now on, or another one does.
    pub(crate) fn role_changed(self: &Rc<Self>, leads: bool) {
        self.input(if leads { Input::Holding } else { Input::Released });
    }

    /// Tells the other tabs what this one has changed.
    pub(super) fn tell_tabs(&self, done: &Done) {
        if let Some(line) = self.line.get() {
            line.say(&Word::Written { done: done.clone() });
        }
    }

    /// The connection's status is different.
    pub(crate) fn link_status(self: &Rc<Self>, status: &Status) {
        use tidemark_shared::session::State;

        self.clock_offset_ms.set(status.clock_offset_ms);
        let is_reached = matches!(status.state, State::CatchingUp | State::Live | State::Suspect);
        // A relay that takes us for somebody else must not be given this user's writes.
        let is_linked = is_reached && status.user.as_deref() == Some(self.user.as_str());
        if self.is_linked.replace(is_linked) != is_linked {
            self.input(if is_linked { Input::LinkUp } else { Input::LinkDown });
        }
    }

    /// Whether everything the user wrote is everywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.machine.borrow().items().next().is_none()
    }

    /// The user leaves this page.
    pub(crate) fn leave(&self) {
        self.is_leaving.set(true);
    }

    /// Forgets everything that was written and not sent.
    pub(crate) async fn remove(&self) -> Result<(), VaultError> {
        self.vault.remove().await
    }

    /// News of the documents came.
    pub(crate) fn news(self: &Rc<Self>, delta: Delta) {
        self.input(Input::News(delta));
    }

    /// The best guess of the relay's time.
    pub(super) fn relay_now(&self) -> UnixMillis {
        self.now().unix
    }

    /// Asks the relay something once.
    pub(super) async fn ask(&self, method: Method) -> Result<Reply, AskFailed> {
        match self.line.get() {
            Some(line) => line.ask(method).await,
            None => Err(AskFailed::Stopped),
        }
    }

    /// Sends at once what waits.
    pub(super) fn retry_now(self: &Rc<Self>) {
        self.input(Input::RetryNow);
    }

    /// Takes in what happened. May be called from inside: it is then done after.
    pub(super) fn input(self: &Rc<Self>, input: Input) {
        self.inbox.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.inbox.borrow_mut().pop_front();
            let Some(input) = next else { break };
            self.machine.borrow_mut().handle(input, self.now());
            loop {
                let output = self.machine.borrow_mut().poll_output();
                let Some(output) = output else { break };
                self.carry_out(output);
            }
        }
        self.busy.set(false);
        self.arm_timer();
    }

    fn carry_out(self: &Rc<Self>, output: Output) {
        let shell = self.clone();
        match output {
            Output::Push { id, push } => spawn_local(async move {
                let answer = match shell.ask(Method::Push(push)).await {
                    Ok(Reply::Push(pushed)) => Ok(pushed),
                    other => Err(failure(other)),
                };
                shell.input(Input::Pushed { id, answer });
            }),
            Output::Pull { id, after } => spawn_local(async move {
                let answer = match shell.ask(Method::Documents { after }).await {
                    Ok(Reply::Documents(delta)) => Ok(delta),
                    other => Err(failure(other)),
                };
                shell.input(Input::Pulled { id, answer });
            }),
            Output::Write(write) => {
                spawn_local(async move { shell.save_for_machine(write).await });
            }
            Output::Reread => spawn_local(async move { shell.read_anew().await }),
            Output::Keep { kept, documents, position } => {
                self.archive.keep(kept, documents, position);
            }
            Output::Viewed(entities) => {
                let is_there = |entity: &_| {
                    let view = self.machine.borrow().view(entity);
                    view.is_some_and(|view| !view.deleted)
                };
                self.signals.documents_changed(&entities, is_there);
            }
            Output::Queue => self.signals.queue_changed(),
            Output::RolledBack { entity, error } => self.tell(Told::RolledBack { entity, error }),
            Output::Damaged(entity) => self.tell(Told::Damaged { entity }),
            Output::Forked => self.tell(Told::Forked),
            Output::Reinstated { documents } => self.tell(Told::Reinstated { documents }),
        }
    }

    pub(super) fn set_state(&self, state: StoreState) {
        if self.state.get_untracked() != state {
            self.state.set(state);
        }
    }

    fn tell(&self, told: Told) {
        if let Some(on_told) = &*self.on_told.borrow() {
            on_told(told);
        }
    }

    /// Both clocks; the wall clock as the relay's would show it.
    fn now(&self) -> Now {
        let now = clock::now();
        let unix = now.unix.0.saturating_add(self.clock_offset_ms.get());
        Now { moment: now.moment, unix: UnixMillis(unix) }
    }

    /// A timer that fires too early and is armed again costs less than one made anew each time.
    fn arm_timer(self: &Rc<Self>) {
        let Some(deadline) = self.machine.borrow().next_deadline() else {
            *self.timer.borrow_mut() = None;
            return;
        };
        let is_armed = self.timer.borrow().as_ref().is_some_and(|(armed, _)| *armed <= deadline);
        if is_armed {
            return;
        }
        let weak: Weak<Self> = Rc::downgrade(self);
        let timer = Timeout::after(deadline.since(clock::moment()), move || {
            if let Some(shell) = weak.upgrade() {
                shell.timer_fired();
            }
        });
        *self.timer.borrow_mut() = Some((deadline, timer));
    }

    fn timer_fired(self: &Rc<Self>) {
        *self.timer.borrow_mut() = None;
        let deadline = self.machine.borrow().next_deadline();
        if deadline.is_some_and(|deadline| deadline <= clock::moment()) {
            self.input(Input::Timer);
        } else {
            self.arm_timer();
        }
    }
}

/// Why there is no answer that the machine can use.
fn failure(answer: Result<Reply, AskFailed>) -> Failure {
    match answer {
        Err(AskFailed::Refused(error)) => Failure::Refused(error),
        // An answer to another question is none.
        Ok(_) | Err(AskFailed::Timeout | AskFailed::Stopped) => Failure::Unanswered,
    }
}
