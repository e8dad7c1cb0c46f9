//! While a worse transport works: a better one is tried beside it, and takes over once it is open.

use super::phase::Phase;
use super::{Now, Output, Session};

/// Normal closure.
const NORMAL: u16 = 1000;

impl Session {
    /// It is time to try a better transport.
    pub(super) fn try_better_transport(&mut self, now: Now) {
        if self.candidate.is_some() || !matches!(self.phase, Phase::Connected(_)) {
            return;
        }
        if let Some(transport) = self.ladder.start_upgrade() {
            self.candidate = Some(self.open(transport, now));
        }
    }

    /// The better transport is open: the topics move over to it, each from where it stands.
    pub(super) fn candidate_opened(&mut self, now: Now) {
        let Some(candidate) = self.candidate.take() else { return };
        let from = self.phase.link().map(|link| link.transport);
        self.leave_link_for_another();
        self.greet(candidate, from, now);
    }

    /// The better transport does not work yet. The one in use never noticed.
    pub(super) fn candidate_failed(&mut self, now: Now) {
        if let Some(candidate) = self.candidate.take() {
            self.outputs.push_back(Output::Close { link: candidate.link.id, code: NORMAL });
            self.ladder.upgrade_failed(now.moment);
        }
    }
}
