//! A user's device without a browser: it writes what it is told to, and reads what the relay has.
//!
//! It talks to the relay directly, past every bad network. What it reads is what all devices of the
//! user will come to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tidemark_native::Client;
use tidemark_shared::clock::{Stamp, UnixMillis};
use tidemark_shared::documents::{
    Change, Collection, Conflict, Document, Draft, Entity, GroupId, Mutation, MutationId,
    MutationKind, Push, Pushed, Receipt, Revision, UserName, Version,
};
use tidemark_shared::protocol::{Method, Reply};
use tidemark_shared::session::Settings;

use crate::wait::{TooLate, wait_for};

/// When its first write was written: any time will do that is no future.
const EPOCH: UnixMillis = UnixMillis(1_763_640_000_000);

/// Longest wait before it tries again to reach a relay that is away.
const BACK_AFTER: Duration = Duration::from_millis(100);

/// A user's device. It is signed out when it is dropped.
#[derive(Debug)]
pub struct Device {
    client: Client,
    user: UserName,
    group: GroupId,
    last: MutationId,
}

impl Device {
    /// A new device of a user's.
    #[must_use]
    pub fn of(user: &str, relay: SocketAddr) -> Device {
        let user: UserName = user.parse().unwrap();
        // It stands for a witness, not for a polite client: it is back as soon as the relay is.
        let settings = Settings {
            user: Some(user.clone()),
            backoff_first: BACK_AFTER,
            backoff_max: BACK_AFTER,
            ..Settings::default()
        };
        let (client, mut news) = Client::connect(&format!("http://{relay}"), settings).unwrap();
        // It is told of its connection's fate, and has nobody to tell.
        tokio::spawn(async move { while news.next().await.is_some() {} });
        let group = GroupId::from_bits(u128::from(fastrand::u64(..)));
        Device { client, user, group, last: MutationId::NONE }
    }

    /// All documents that are not deleted.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn documents(&self) -> Result<BTreeMap<Entity, Document>, TooLate> {
        let mut all = BTreeMap::new();
        let mut after = None;
        loop {
            let Reply::Documents(delta) = self.ask(Method::Documents { after }).await? else {
                panic!("a question for documents was answered with something else");
            };
            let is_last = delta.to >= delta.head;
            after = Some(delta.position());
            for document in delta.documents {
                assert!(document.is_intact(), "{document:?}");
                all.insert(document.entity.clone(), document);
            }
            if is_last {
                all.retain(|_, document: &mut Document| !document.deleted);
                return Ok(all);
            }
        }
    }

    /// One document, if it is there.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn document(&self, entity: &Entity) -> Result<Option<Document>, TooLate> {
        Ok(self.documents().await?.remove(entity))
    }

    /// The conflicts that were ever seen, by their names.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn conflicts(&self) -> Result<BTreeMap<Entity, Conflict>, TooLate> {
        let documents = self.documents().await?.into_iter();
        let conflicts =
            documents.filter(|(entity, _)| entity.collection == Collection::conflicts());
        let read = |document: &Document| Conflict::of_body(&document.body).unwrap();
        Ok(conflicts.map(|(entity, document)| (entity, read(&document))).collect())
    }

    /// What a document was, oldest first.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn revisions(&self, entity: &Entity) -> Result<Vec<Revision>, TooLate> {
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let question = Method::History { entity: entity.clone(), before };
            let Reply::History(page) = self.ask(question).await? else {
                panic!("a question for history was answered with something else");
            };
            before = page.revisions.last().map(|revision| revision.document.version);
            all.extend(page.revisions);
            if !page.more {
                all.reverse();
                return Ok(all);
            }
        }
    }

    /// The texts that a note had, oldest first.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn texts(&self, note: &Entity) -> Result<Vec<String>, TooLate> {
        let text = |revision: &Revision| revision.document.body.text("text").map(str::to_owned);
        Ok(self.revisions(note).await?.iter().filter_map(text).collect())
    }

    /// Waits until a note has a text.
    ///
    /// # Errors
    /// When it does not get it.
    pub async fn until_note(&self, note: &Entity, text: &str) -> Result<(), TooLate> {
        let has_it = async || {
            let document = self.document(note).await.ok()??;
            (document.body.text("text") == Some(text)).then_some(())
        };
        wait_for(&format!("{note} to be {text:?} at the relay"), has_it).await
    }

    /// Writes a note, which had the text `from` before.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn write_note(
        &mut self,
        note: &Entity,
        from: Option<&str>,
        to: &str,
    ) -> Result<Receipt, TooLate> {
        let base_version = self.document(note).await?.map_or(Version::NONE, |it| it.version);
        let mutation = self.seal(edit_of_note(note, base_version, from, to));
        let mut pushed = self.push(vec![mutation]).await?;
        Ok(pushed.receipts.pop().unwrap())
    }

    /// Numbers a write.
    pub fn seal(&mut self, draft: Draft) -> Mutation {
        self.last = self.last.next();
        let count = u32::try_from(self.last.0).unwrap();
        Mutation::seal(draft, self.last, self.user.clone(), Stamp { at: EPOCH, count })
    }

    /// Sends writes, and sends them again, until there is an answer.
    ///
    /// # Errors
    /// When none comes.
    pub async fn push(&self, mutations: Vec<Mutation>) -> Result<Pushed, TooLate> {
        let group = self.group.clone();
        let push = Push { epoch: None, group, settled: MutationId::NONE, mutations };
        match self.ask(Method::Push(push)).await? {
            Reply::Push(pushed) => Ok(pushed),
            other => panic!("a push was answered by {other:?}"),
        }
    }

    async fn ask(&self, method: Method) -> Result<Reply, TooLate> {
        let answer = async || self.client.ask(method.clone()).await.ok();
        wait_for("the relay's answer", answer).await
    }
}

/// The write of a note's text.
#[must_use]
pub fn edit_of_note(note: &Entity, base_version: Version, from: Option<&str>, to: &str) -> Draft {
    let change = Change { from: from.map(Value::from), to: Some(to.into()) };
    Draft {
        kind: MutationKind::Edit,
        entity: note.clone(),
        base_version,
        changes: [("text".parse().unwrap(), change)].into(),
        policy: None,
        valid_until: None,
        conflict: None,
    }
}
