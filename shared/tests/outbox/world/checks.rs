//! The promises, held against a world.

use std::collections::{BTreeMap, BTreeSet};

use tidemark_shared::clock::Stamp;
use tidemark_shared::documents::{Entity, GroupId, MutationKind, Outcome};

use tidemark_shared::protocol::Epoch;

use super::{Tag, World, tag_of};

impl World {
    /// What must hold at every moment. Empty when it does.
    pub fn alarms(&self) -> Vec<String> {
        let mut alarms = Vec::new();
        self.check_effects(&mut alarms);
        self.check_order(&mut alarms);
        self.check_nothing_vanished(&mut alarms);
        alarms
    }

    /// What must hold as well once everything has come to rest.
    pub fn alarms_at_rest(&self) -> Vec<String> {
        let mut alarms = self.alarms();
        for tab in self.tabs() {
            let outbox = self.outbox(tab);
            let counts = outbox.counts();
            if counts.saved + counts.sending + counts.accepted > 0 {
                alarms.push(format!("{tab:?} has unfinished writes: {counts:?}"));
            }
            if outbox.position() != Some(self.relay.position()) {
                alarms.push(format!("{tab:?} is at {:?}", outbox.position()));
            }
            for (entity, theirs) in &self.relay.documents {
                let confirmed = outbox.confirmed(entity);
                if confirmed != Some(theirs) {
                    alarms.push(format!("{tab:?} has {confirmed:?} instead of {theirs:?}"));
                }
                let view = outbox.view(entity);
                let shown = view.map(|view| (view.body, view.deleted));
                if shown != Some((theirs.body.clone(), theirs.deleted)) {
                    alarms.push(format!("{tab:?} shows {shown:?} instead of {theirs:?}"));
                }
            }
        }
        // What a relay lost, and the only device that had seen it too, nobody has.
        if !self.has_lost_cache || self.relay.epoch == Epoch(1) {
            self.check_latest(&mut alarms);
        }
        alarms
    }

    /// What was taken back before it was sent is never done: where no queue was copied, and no
    /// relay restored.
    pub fn cancelled_but_done(&self) -> Vec<String> {
        let done = self.relay.decisions.iter().filter(|decision| decision.has_effect);
        let tags = done.filter_map(|decision| tag_of(&decision.mutation.draft));
        let taken_back = tags.filter(|tag| self.withdrawn.contains(tag));
        taken_back.map(|tag| format!("{tag} was taken back, and done")).collect()
    }

    /// A write takes effect at most once.
    fn check_effects(&self, alarms: &mut Vec<String>) {
        let mut effects: BTreeMap<Tag, usize> = BTreeMap::new();
        let own = self.relay.decisions.iter().filter(|it| it.mutation.draft.policy.is_none());
        for decision in own.filter(|decision| decision.has_effect) {
            let Some(tag) = tag_of(&decision.mutation.draft) else { continue };
            *effects.entry(tag).or_default() += 1;
        }
        let twice = effects.into_iter().filter(|(_, count)| *count > 1);
        alarms.extend(twice.map(|(tag, count)| format!("{tag} took effect {count} times")));
    }

    /// What one queue has of one document is decided in the order in which it was written.
    fn check_order(&self, alarms: &mut Vec<String>) {
        let written: BTreeMap<&Tag, usize> =
            self.written.iter().enumerate().map(|(order, (tag, ..))| (tag, order)).collect();
        let mut last: BTreeMap<(&GroupId, &Entity), (usize, Tag)> = BTreeMap::new();
        let own = self.relay.decisions.iter().filter(|it| it.mutation.draft.policy.is_none());
        for decision in own {
            let draft = &decision.mutation.draft;
            let Some(tag) = tag_of(draft) else { continue };
            let Some(order) = written.get(&tag).copied() else { continue };
            let before = last.insert((&decision.group, &draft.entity), (order, tag.clone()));
            if let Some((_, later)) = before.filter(|(before, _)| *before > order) {
                alarms.push(format!("{tag} was decided after {later}"));
            }
        }
    }

    /// What the user wrote is in a queue, or was decided, or was taken back.
    fn check_nothing_vanished(&self, alarms: &mut Vec<String>) {
        for (tag, ..) in &self.written {
            let is_queued = self.devices.iter().any(|device| {
                device
                    .disk
                    .items
                    .values()
                    .any(|it| tag_of(&it.mutation.draft).as_ref() == Some(tag))
            });
            let is_known = is_queued || self.ever_decided.contains(tag);
            if !is_known && !self.withdrawn.contains(tag) {
                alarms.push(format!("{tag} is gone"));
            }
        }
    }

    /// Of all that was ever done to a document in which the later write wins, the latest is there:
    /// also when the relay had lost it.
    fn check_latest(&self, alarms: &mut Vec<String>) {
        let mut latest: BTreeMap<&Entity, (Stamp, Option<Tag>)> = BTreeMap::new();
        for decision in &self.ever {
            let draft = &decision.mutation.draft;
            let is_done = matches!(
                decision.outcome,
                Outcome::Applied { .. } | Outcome::Merged { .. } | Outcome::Noop { .. }
            );
            if draft.entity.collection.as_str() != "settings"
                || !is_done
                || draft.changes.is_empty()
            {
                continue;
            }
            let found = (decision.mutation.stamp, tag_of(draft));
            let known = latest.entry(&draft.entity).or_insert_with(|| found.clone());
            if found.0 > known.0 {
                *known = found;
            }
        }
        // Not being there is the one value that comes back: a write that was made before the
        // document, and arrives after its end, makes it anew.
        let deletions =
            self.ever.iter().filter(|it| it.mutation.draft.kind == MutationKind::Delete);
        let deleted: BTreeSet<&Entity> = deletions.map(|it| &it.mutation.draft.entity).collect();
        latest.retain(|entity, _| !deleted.contains(entity));
        for (entity, (stamp, tag)) in latest {
            let there = self.relay.documents.get(entity);
            let value = there.and_then(|document| document.body.text("value"));
            // The user may have taken it back while it was on its way for the second time.
            let is_withdrawn = tag.as_ref().is_some_and(|tag| self.withdrawn.contains(tag));
            if value != tag.as_deref() && !is_withdrawn {
                alarms.push(format!(
                    "{entity} is {value:?}, but {tag:?} was written later ({stamp})"
                ));
            }
        }
    }
}
