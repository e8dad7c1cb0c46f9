//! What the user does with what the screen of a page shows.

use std::time::Duration;

use tidemark_shared::documents::{
    Changes, Collection, Conflict, ConflictState, DocumentId, Draft, Entity,
};
use tidemark_shared::outbox::{Anew, Input, Item, ItemState, View, Write};

use super::{Job, World};
use crate::week::mark::Mark;
use crate::week::tab::TabKey;
use crate::week::user;

impl World {
    /// The user does something on a page that runs.
    pub fn act(&mut self, device: usize, which: usize) {
        let tab = &self.devices[device].tabs[which];
        if !tab.is_awake() {
            return;
        }
        let key = tab.key;
        match self.dice.below(32) {
            0..=15 => self.edit(device, which),
            16 | 17 => self.write_twice(device, which),
            18 => self.delete(device, which),
            19..=21 => self.undo(device, which),
            22 | 23 => self.cancel(device, which),
            24..=27 => self.decide_conflict(device, which),
            28 => self.reopen_conflict(device, which),
            29 | 30 => self.see_to_failed(device, which),
            _ => self.tell(key, Input::RetryNow),
        }
    }

    fn edit(&mut self, device: usize, which: usize) {
        let entity = self.any_document();
        let view = self.view(device, which, &entity);
        let seen = view.as_ref().map(|view| view.body.clone()).unwrap_or_default();
        let mark = self.next_mark();
        let wanted = match self.dice.below(30) {
            0 => user::nonsense(&entity, &seen, mark),
            _ => user::thought(&entity, &seen, mark, &mut self.dice),
        };
        let Some(mut draft) = user::edit(&entity, view.as_ref(), &wanted) else { return };
        if self.dice.once_in(12) {
            let most = self.dice.pick(&[10_000, 600_000, 40_000_000]);
            let until = self.dice.between_ms(0, most);
            draft.valid_until = Some(self.devices[device].relay_unix(self.time) + until);
        }
        self.remember(device, which, &draft.entity, &draft.changes);
        self.enqueue(device, which, vec![draft]);
    }

    /// Two documents in one step, as one transaction.
    fn write_twice(&mut self, device: usize, which: usize) {
        let mut drafts: Vec<Draft> = Vec::new();
        for _ in 0..2 {
            let entity = self.any_document();
            if drafts.iter().any(|draft| draft.entity == entity) {
                continue;
            }
            let view = self.view(device, which, &entity);
            let seen = view.as_ref().map(|view| view.body.clone()).unwrap_or_default();
            let mark = self.next_mark();
            let wanted = user::thought(&entity, &seen, mark, &mut self.dice);
            drafts.extend(user::edit(&entity, view.as_ref(), &wanted));
        }
        self.enqueue(device, which, drafts);
    }

    fn delete(&mut self, device: usize, which: usize) {
        let entity = self.any_document();
        let Some(view) = self.view(device, which, &entity).filter(|view| !view.deleted) else {
            return;
        };
        let draft = user::delete(&entity, &view);
        self.remember(device, which, &entity, &draft.changes);
        self.enqueue(device, which, vec![draft]);
    }

    fn undo(&mut self, device: usize, which: usize) {
        let Some((entity, changes)) = self.devices[device].tabs[which].acts.pop() else { return };
        let view = self.view(device, which, &entity);
        let seen = view.as_ref().map(|view| view.body.clone()).unwrap_or_default();
        let wanted = user::undone(&seen, &changes);
        if let Some(draft) = user::edit(&entity, view.as_ref(), &wanted) {
            self.told.undone += 1;
            self.enqueue(device, which, vec![draft]);
        }
    }

    /// The user takes something back that is not sent, or so it looked.
    fn cancel(&mut self, device: usize, which: usize) {
        let undecided = |item: &Item| !matches!(item.state, ItemState::Decided { .. });
        let Some(item) = self.any_item(device, which, undecided) else { return };
        let write = Write::Cancel { mid: item.mid(), hash: item.mutation.hash };
        self.wish(device, which, write);
    }

    fn decide_conflict(&mut self, device: usize, which: usize) {
        let Some((id, conflict)) = self.any_conflict(device, which, ConflictState::Open) else {
            return;
        };
        let view = self.view(device, which, &conflict.entity);
        let draft = user::resolve(&id, &conflict, view.as_ref(), &mut self.dice);
        self.told.resolved += 1;
        self.enqueue(device, which, vec![draft]);
    }

    fn reopen_conflict(&mut self, device: usize, which: usize) {
        let Some((id, conflict)) = self.any_conflict(device, which, ConflictState::Resolved) else {
            return;
        };
        let view = self.view(device, which, &conflict.entity);
        let draft = user::reopen(&id, &conflict, view.as_ref());
        self.enqueue(device, which, vec![draft]);
    }

    /// The user gives up a write that has failed, or wants it all the same.
    fn see_to_failed(&mut self, device: usize, which: usize) {
        let Some(item) = self.any_item(device, which, Item::needs_user) else { return };
        let failed = &item.mutation.draft;
        let view = self.view(device, which, &failed.entity);
        let again = user::again(failed, view.as_ref(), None).filter(|_| self.dice.once_in(2));
        let anew = again.map(|draft| Anew {
            draft,
            now: self.devices[device].relay_unix(self.time),
            seen: self.devices[device].tabs[which].outbox.seen(),
        });
        let write = Write::Discard { mid: item.mid(), hash: item.mutation.hash, anew };
        self.wish(device, which, write);
    }

    fn enqueue(&mut self, device: usize, which: usize, drafts: Vec<Draft>) {
        if drafts.is_empty() {
            return;
        }
        let now = self.devices[device].relay_unix(self.time);
        let seen = self.devices[device].tabs[which].outbox.seen();
        self.wish(device, which, Write::Enqueue { drafts, now, seen });
    }

    fn wish(&mut self, device: usize, which: usize, write: Write) {
        let tab: TabKey = self.devices[device].tabs[which].key;
        self.note(format_args!("{tab:?}: its user wants {write:?}"));
        self.ask_database(device, tab, Job::Wish(write));
        // People are slower than databases: what they wrote is on the screen when they go on.
        let pause = self.dice.between_ms(100, 2_000);
        if self.dice.once_in(4) {
            self.run(Duration::ZERO);
        } else {
            self.run(pause);
        }
    }

    fn remember(&mut self, device: usize, which: usize, entity: &Entity, changes: &Changes) {
        self.devices[device].tabs[which].acts.push((entity.clone(), changes.clone()));
    }

    fn view(&self, device: usize, which: usize, entity: &Entity) -> Option<View> {
        self.devices[device].tabs[which].outbox.view(entity)
    }

    fn any_document(&mut self) -> Entity {
        self.dice.pick(&user::DOCUMENTS).parse().expect("these are documents' names")
    }

    fn any_item(
        &mut self,
        device: usize,
        which: usize,
        fits: impl Fn(&Item) -> bool,
    ) -> Option<Item> {
        let items = self.devices[device].tabs[which].outbox.items();
        let fitting: Vec<Item> = items.filter(|item| fits(item)).cloned().collect();
        (!fitting.is_empty()).then(|| self.dice.pick(&fitting))
    }

    fn any_conflict(
        &mut self,
        device: usize,
        which: usize,
        state: ConflictState,
    ) -> Option<(DocumentId, Conflict)> {
        let outbox = &self.devices[device].tabs[which].outbox;
        let shown = outbox.entities(&Collection::conflicts()).into_iter().filter_map(|entity| {
            let conflict = Conflict::of_body(&outbox.view(&entity)?.body).ok()?;
            (conflict.state == state).then_some((entity.id, conflict))
        });
        let shown: Vec<(DocumentId, Conflict)> = shown.collect();
        (!shown.is_empty()).then(|| self.dice.pick(&shown))
    }

    fn next_mark(&mut self) -> Mark {
        self.mark = self.mark.next();
        self.mark
    }
}
