//! "I changed the same note on my phone and on my desk, both without a network."

use tidemark_shared::documents::{Conflict, ConflictState, Entity};
use tidemark_tests::browser::Browser;
use tidemark_tests::device::Device;
use tidemark_tests::proxy::{Door, Proxy};
use tidemark_tests::wait::wait_for;

use crate::desk::{Desk, Place, browser, go_offline};

const BEFORE: &str = "price\nearnings\nrisk\n";

/// Two browsers, each with a network of its own to the same relay.
struct Two {
    place: Place,
    _browsers: [Browser; 2],
    phone_network: Proxy,
    phone: Desk,
    desk: Desk,
    witness: Device,
}

impl Two {
    /// Both have the note as it was before, and no network.
    async fn begin() -> Two {
        let place = Place::begin().await;
        let phone_network = Proxy::start(place.relay.address()).await.unwrap();
        let ((_, one), (_, other)) = tokio::join!(browser(), browser());
        let desk = place.open(&one).await;
        let phone = place.open_over(&phone_network, &other).await;
        assert_eq!(phone.note, desk.note);
        desk.write(BEFORE).await;
        phone.until_note(BEFORE).await;
        desk.until_all_is_everywhere().await;
        go_offline(&phone_network);
        go_offline(&place.network);
        let witness = place.witness();
        Two { place, _browsers: [one, other], phone_network, phone, desk, witness }
    }

    /// The phone comes back first.
    async fn go_online(&self) {
        self.phone_network.set_door(Door::Open);
        self.phone.until_nothing_waits().await;
        self.place.go_online();
        self.desk.until_nothing_waits().await;
    }

    async fn conflict(&self) -> (Entity, Conflict) {
        let conflicts = self.witness.conflicts().await.unwrap();
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        conflicts.into_iter().next().unwrap()
    }

    async fn until_conflict_is(&self, state: ConflictState) {
        let is_so = async || (self.conflict().await.1.state == state).then_some(());
        wait_for(&format!("the conflict to be {state:?}"), is_so).await.unwrap();
    }

    fn check(&self) {
        self.phone.check();
        self.desk.check();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_different_lines_come_together() {
    let two = Two::begin().await;
    two.phone.write("price 180\nearnings\nrisk\n").await;
    two.desk.write("price\nearnings\nrisk: none\n").await;
    two.go_online().await;
    let both = "price 180\nearnings\nrisk: none\n";
    two.phone.until_note(both).await;
    two.desk.until_note(both).await;
    two.phone.until_conflicts(0).await;
    two.witness.until_note(&two.desk.note, both).await.unwrap();
    two.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_same_line_are_decided_once_for_both() {
    let two = Two::begin().await;
    let (mine, theirs) = ("price 200\nearnings\nrisk\n", "price 180\nearnings\nrisk\n");
    two.phone.write(theirs).await;
    two.desk.write(mine).await;
    two.go_online().await;

    // Both tell the same story, and nothing of it is lost.
    two.desk.until_conflicts(1).await;
    two.phone.until_conflicts(1).await;
    let (_, conflict) = two.conflict().await;
    assert_eq!(conflict.theirs.unwrap().text("text"), Some(theirs));
    let change = &conflict.mine["text"];
    assert_eq!(change.to.as_ref().unwrap(), mine);
    assert_eq!(change.from.as_ref().unwrap(), BEFORE);
    decide_on(&two.phone).await;
    decide_on(&two.desk).await;
    let told = (two.phone.page.evaluate(STORY).await, two.desk.page.evaluate(STORY).await);
    assert_eq!(told.0.unwrap(), told.1.unwrap());

    // Decided on one, it is gone from the other.
    two.phone.page.click("[data-field=text] .switch button:nth-child(1)").await.unwrap();
    two.phone.page.click("[data-testid=apply]").await.unwrap();
    two.phone.until_conflicts(0).await;
    two.desk.until_conflicts(0).await;
    two.desk.until_note(mine).await;
    two.phone.until_note(mine).await;
    two.until_conflict_is(ConflictState::Resolved).await;

    // Taken back on one, it waits on both again.
    two.phone.press_button("Undo").await;
    two.phone.until_conflicts(1).await;
    two.desk.until_conflicts(1).await;
    two.desk.until_note(theirs).await;
    two.until_conflict_is(ConflictState::Open).await;
    two.check();
}

/// What a conflict's page says of its three sides.
const STORY: &str = "[...document.querySelectorAll('[data-field=text] .side')]
    .map(side => side.innerText)";

async fn decide_on(desk: &Desk) {
    desk.page.click("[data-testid=conflicts]").await.unwrap();
    desk.page.click("[data-testid=open-conflicts] button").await.unwrap();
    let is_open = "document.querySelectorAll('[data-field=text] .side').length === 3";
    desk.page.until("the three sides", is_open).await.unwrap();
}
