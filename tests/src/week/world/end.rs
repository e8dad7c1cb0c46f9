//! What everybody has, and whether it is the end.

use std::collections::BTreeMap;

use tidemark_shared::documents::{Body, Document, Entity};
use tidemark_shared::outbox::{Item, Pending};

use super::World;
use crate::week::judge::{DeviceAtTheEnd, RelayAtTheEnd};
use crate::week::tab::Tab;
use crate::week::user;

impl World {
    /// Whether nothing waits for anything but users.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let head = self.relay.head();
        self.relay.waiting() == 0
            && self.devices.iter().all(|device| {
                let waits = |tab: &Tab| tab.outbox.items().any(|item| !item.needs_user());
                let rows = device.database.items.values();
                device.tabs.iter().all(|tab| tab.outbox.position() == Some(head) && !waits(tab))
                    && rows.clone().all(Item::needs_user)
            })
    }

    /// What everybody has.
    #[must_use]
    pub fn end(&self) -> (RelayAtTheEnd, Vec<DeviceAtTheEnd>) {
        let relay = self.relay_now();
        let mut devices = Vec::new();
        for (number, device) in self.devices.iter().enumerate() {
            for tab in &device.tabs {
                devices.push(DeviceAtTheEnd {
                    name: format!("{:?} of device {number}", tab.key),
                    confirmed: self.confirmed(tab, &relay),
                    shown: shown(tab, &relay),
                    items: device.database.items.clone(),
                    position: tab.outbox.position(),
                });
            }
        }
        (relay, devices)
    }

    /// What the relay has.
    #[must_use]
    pub fn relay_now(&self) -> RelayAtTheEnd {
        let documents = self.relay.all_documents();
        let history = |entity| (Clone::clone(entity), self.relay.history(entity));
        let histories = documents.keys().map(history).collect();
        RelayAtTheEnd { documents, histories, head: self.relay.head() }
    }

    pub(super) fn confirmed(&self, tab: &Tab, relay: &RelayAtTheEnd) -> BTreeMap<Entity, Document> {
        let known = user::DOCUMENTS.iter().map(|name| name.parse().expect("a name"));
        let named = known.chain(relay.documents.keys().cloned());
        named
            .filter_map(|entity| Some((entity.clone(), tab.outbox.confirmed(&entity)?.clone())))
            .collect()
    }
}

fn shown(tab: &Tab, relay: &RelayAtTheEnd) -> BTreeMap<Entity, (Body, bool, Pending)> {
    let known = user::DOCUMENTS.iter().map(|name| name.parse().expect("a name"));
    let named = known.chain(relay.documents.keys().cloned());
    let view = |entity: Entity| {
        let view = tab.outbox.view(&entity)?;
        Some((entity, (view.body, view.deleted, view.pending)))
    };
    named.filter_map(view).collect()
}
