//! "Saved means saved": nothing is answered before it is on the disk, and nothing at all once the
//! disk has failed.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use tidemark_relay::documents::{
    DocumentRules, Engine, Failure, Limits, Question, Sink, Threads, Who, Writer,
};
use tidemark_relay::store::{Changes, MemoryStore, Store, StoreError};
use tidemark_shared::documents::{Delta, Outcome, Push, UserName};
use tidemark_shared::protocol::{Epoch, ErrorCode, Reply, WireError};

use crate::device::{Device, edit};
use crate::plain_merging::PlainMerging;
use crate::world::{EPOCH, NOW};

/// A store that asks before each commit whether it may succeed.
struct Gated {
    store: MemoryStore,
    commits: Sender<usize>,
    verdicts: Mutex<Receiver<Result<(), StoreError>>>,
}

impl Store for Gated {
    type Snapshot = <MemoryStore as Store>::Snapshot;

    fn epoch(&self) -> Epoch {
        self.store.epoch()
    }

    fn snapshot(&self) -> Result<Self::Snapshot, StoreError> {
        self.store.snapshot()
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        self.commits.send(changes.len()).unwrap();
        self.verdicts.lock().unwrap().recv().unwrap()?;
        self.store.write(changes)
    }

    fn turn(&self) -> &Mutex<()> {
        self.store.turn()
    }
}

#[derive(Debug)]
enum Told {
    Answer(u32, Result<Reply, WireError>),
    News(UserName, Delta),
}

struct Recorder(Sender<Told>);

impl Sink<u32> for Recorder {
    fn answer(&self, asker: u32, answer: Result<Reply, WireError>) {
        // A test that has seen enough is gone.
        let _ = self.0.send(Told::Answer(asker, answer));
    }

    fn publish(&self, user: &UserName, delta: Delta) {
        let _ = self.0.send(Told::News(user.clone(), delta));
    }
}

struct Running {
    writer: Writer<u32>,
    threads: Threads,
    told: Receiver<Told>,
    commits: Receiver<usize>,
    verdicts: Sender<Result<(), StoreError>>,
}

impl Running {
    fn start() -> Self {
        let (commits, begun) = mpsc::channel();
        let (verdicts, given) = mpsc::channel();
        let store = MemoryStore::new(EPOCH);
        let store = Arc::new(Gated { store, commits, verdicts: Mutex::new(given) });
        let rules = DocumentRules { merging: PlainMerging, limits: Limits::default() };
        let (sender, told) = mpsc::channel();
        let (writer, threads) =
            Writer::start(Engine::new(store, rules), || NOW, Recorder(sender)).unwrap();
        Running { writer, threads, told, commits: begun, verdicts }
    }

    fn push(&self, asker: u32, device: &mut Device, symbol: &str) {
        let push = write(device, symbol);
        self.writer.push(asker, who(device), push).unwrap();
    }
}

fn who(device: &Device) -> Who {
    Who::unrestricted(device.user.clone())
}

fn write(device: &mut Device, symbol: &str) -> Push {
    let draft = edit(&format!("notes/{symbol}"), 0, &[("text", None, Some("mine"))]);
    let mutation = device.write(draft);
    device.push([mutation])
}

#[test]
fn an_answer_comes_after_the_commit_and_then_the_news() {
    let running = Running::start();
    let mut phone = Device::new("ann", 1);
    running.push(1, &mut phone, "A");
    running.commits.recv().unwrap();
    assert!(running.told.try_recv().is_err(), "answered before it was committed");
    running.verdicts.send(Ok(())).unwrap();
    match running.told.recv().unwrap() {
        Told::Answer(1, Ok(Reply::Push(pushed))) => {
            assert!(matches!(pushed.receipts[0].outcome, Outcome::Applied { .. }));
        }
        other => panic!("{other:?}"),
    }
    match running.told.recv().unwrap() {
        Told::News(user, delta) => {
            assert_eq!((user, delta.documents.len()), (phone.user.clone(), 1));
        }
        other => panic!("{other:?}"),
    }
    running.threads.stop();
}

#[test]
fn all_who_push_while_the_disk_works_share_the_next_commit() {
    let running = Running::start();
    let mut phone = Device::new("ann", 1);
    running.push(0, &mut phone, "A");
    running.commits.recv().unwrap();
    let mut others: Vec<Device> =
        (0..50_u128).map(|number| Device::new(&format!("u{number}"), number + 2)).collect();
    for (asker, device) in (1..).zip(&mut others) {
        running.push(asker, device, "A");
    }
    running.verdicts.send(Ok(())).unwrap();
    running.verdicts.send(Ok(())).unwrap();
    running.commits.recv().unwrap();
    running.threads.stop();
    let answers = running.told.iter().filter(|told| matches!(told, Told::Answer(_, Ok(_))));
    assert_eq!(answers.count(), 51);
    assert!(running.commits.try_recv().is_err(), "more commits than groups");
}

#[test]
fn questions_are_answered_while_the_disk_works() {
    let running = Running::start();
    let mut phone = Device::new("ann", 1);
    running.push(1, &mut phone, "A");
    running.commits.recv().unwrap();
    let question = Question::Documents { after: None };
    running.writer.ask(2, who(&phone), question).unwrap();
    match running.told.recv().unwrap() {
        Told::Answer(2, Ok(Reply::Documents(delta))) => assert_eq!(delta.documents, []),
        other => panic!("{other:?}"),
    }
    running.verdicts.send(Ok(())).unwrap();
    running.threads.stop();
}

#[test]
fn a_disk_that_failed_ends_it_and_confirms_nothing() {
    let mut running = Running::start();
    let mut phone = Device::new("ann", 1);
    running.push(1, &mut phone, "A");
    running.commits.recv().unwrap();
    let failure = StoreError::Failed { reason: "the disk is full".to_owned() };
    running.verdicts.send(Err(failure.clone())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(running.threads.failed()), Failure::Store(failure.clone()));
    assert!(failure.to_string().contains("every write that was confirmed is safe"), "{failure}");
    assert!(running.told.try_recv().is_err(), "somebody was answered");
    let (asker, error) = running
        .writer
        .push(2, who(&phone), write(&mut phone, "B"))
        .expect_err("nobody takes it any more");
    assert_eq!((asker, error.code), (2, ErrorCode::Unavailable));
    assert!(error.retry_after_ms.is_some());
    running.threads.stop();
}

#[test]
fn when_too_many_wait_the_next_is_asked_to_come_back() {
    let running = Running::start();
    let mut phone = Device::new("ann", 1);
    running.push(0, &mut phone, "A");
    // The thread is in its commit now: nothing more is taken out.
    running.commits.recv().unwrap();
    let push = write(&mut phone, "B");
    let refused =
        (1..).find_map(|asker| running.writer.push(asker, who(&phone), push.clone()).err());
    let (_, error) = refused.unwrap();
    assert_eq!(error.code, ErrorCode::Unavailable);
    assert!(error.retry_after_ms.is_some());
    drop(running.verdicts);
}

#[test]
fn what_was_handed_in_before_a_stop_is_done() {
    let running = Running::start();
    let mut phone = Device::new("ann", 1);
    running.verdicts.send(Ok(())).unwrap();
    running.verdicts.send(Ok(())).unwrap();
    running.push(1, &mut phone, "A");
    running.push(2, &mut phone, "B");
    running.threads.stop();
    let answers: Vec<u32> = running
        .told
        .try_iter()
        .filter_map(|told| match told {
            Told::Answer(asker, Ok(_)) => Some(asker),
            _ => None,
        })
        .collect();
    assert_eq!(answers, [1, 2]);
}
