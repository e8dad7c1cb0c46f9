//! What happens to a tab, its network and its machine.

use std::time::Duration;

use tidemark_shared::protocol::Pattern;
use tidemark_shared::session::{Input, LinkId, State, Transport};

use super::{Down, Event, Up, World};
use crate::simulation::client::Weather;
use crate::simulation::link::{Key, Link, Way};

impl World {
    /// The page stops running; what comes for it waits.
    pub fn freeze(&mut self, client: usize) {
        self.clients[client].held.get_or_insert_default();
    }

    /// The page runs again: first what the platform says, then what had come.
    pub fn thaw(&mut self, client: usize, said: Option<Input>) {
        let held = self.clients[client].held.take().unwrap_or_default();
        said.into_iter().for_each(|said| self.feed(client, said));
        for (key, down) in held {
            self.at_client(key, down);
        }
    }

    /// Lets the machine under a client sleep: its stopwatch stands still, its connections die.
    pub fn sleep(&mut self, client: usize, asleep: Duration) {
        self.freeze(client);
        self.cut_silently(client, &[Way::Down, Way::Up]);
        self.run(asleep);
        self.clients[client].slept(asleep);
    }

    /// The page is loaded anew. Its storage has what it was given, each with its place.
    pub fn reload(&mut self, client: usize) {
        let page = self.clients[client].page;
        let open: Vec<LinkId> = self.clients[client].open.iter().copied().collect();
        for link in open {
            self.leave(Key { client, page, link });
        }
        let seed = self.dice.below(u64::MAX);
        let tab = &mut self.clients[client];
        let wishes = tab.judge.wishes();
        tab.judge.reloaded();
        tab.reload(seed);
        self.transcript.note(self.time, format_args!("{client} reloads with {wishes:?}"));
        for (topic, resume) in wishes {
            self.feed(client, Input::Subscribe { topic, resume, rate_per_s_max: None });
        }
        self.feed(client, Input::Start);
    }

    /// The connections of a client break, at any byte, and both ends hear of it.
    pub fn cut(&mut self, client: usize) {
        for key in self.links_of(client) {
            let Some(link) = self.links.get_mut(&key) else { continue };
            if link.is_dead_down {
                continue;
            }
            link.cut_down(&mut self.dice);
            let down_at = link.arrival(Way::Down, self.time, 0, &mut self.dice);
            let up_at = link.arrival(Way::Up, self.time, 0, &mut self.dice);
            link.is_dead_up = true;
            let is_noticed = link.transport != Transport::Poll;
            if !is_noticed && let Some(far) = &link.far {
                far.pipe.borrow_mut().has_poll = false;
            }
            self.schedule(down_at, Event::ToClient(key, Down::Closed(1006)));
            if is_noticed {
                self.schedule(up_at, Event::ToRelay(key, Up::Gone));
            }
        }
    }

    /// The connections of a client die in some directions, and nobody hears of it.
    pub fn cut_silently(&mut self, client: usize, ways: &[Way]) {
        for key in self.links_of(client) {
            if let Some(link) = self.links.get_mut(&key) {
                ways.iter().for_each(|way| link.die(*way));
            }
        }
    }

    /// Another weather for a client.
    pub fn set_weather(&mut self, client: usize, weather: Weather) {
        self.clients[client].weather = weather;
        if weather == Weather::BlackHole {
            self.cut_silently(client, &[Way::Down, Way::Up]);
        }
    }

    /// Everything works again.
    pub fn heal(&mut self, client: usize) {
        let tab = &mut self.clients[client];
        tab.weather = Weather::Fair;
        tab.blocked.clear();
        tab.timer_late_ms = 0;
        tab.quality.window = tab.quality.window.max(16 * 1024);
        self.thaw(client, Some(Input::Resumed));
        self.feed(client, Input::Online);
        self.feed(client, Input::Start);
    }

    /// Whether all clients show live data.
    #[must_use]
    pub fn is_everybody_live(&self) -> bool {
        self.clients.iter().all(|client| client.session.status().state == State::Live)
    }

    /// What a client wants.
    #[must_use]
    pub fn wishes(&self, client: usize) -> Vec<Pattern> {
        self.clients[client].judge.wishes().into_iter().map(|(pattern, _)| pattern).collect()
    }

    fn links_of(&self, client: usize) -> Vec<Key> {
        let page = self.clients[client].page;
        let is_meant =
            |(key, link): &(&Key, &Link)| key.client == client && key.page == page && !link.is_left;
        self.links.iter().filter(is_meant).map(|(key, _)| *key).collect()
    }
}
