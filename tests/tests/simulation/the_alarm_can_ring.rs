//! "A test that cannot fail proves nothing": each thing that must not happen is made to happen.

use tidemark_tests::simulation::life::live;
use tidemark_tests::simulation::sabotage::Sabotage;
use tidemark_tests::simulation::transcript::Transcript;

/// So many lives are sabotaged in each way; in one of them at least it must matter.
const LIVES: u64 = 12;

#[test]
fn a_message_that_the_wire_swallows_rings() {
    assert_rings(Sabotage::SkipOnTheWire, "found a hole");
}

#[test]
fn a_frame_that_comes_twice_rings() {
    assert_rings(Sabotage::RepeatOnTheWire, "came twice");
}

#[test]
fn a_socket_that_loses_a_byte_rings() {
    assert_rings(Sabotage::LoseBytes, "");
}

#[test]
fn a_delivery_that_is_forgotten_rings() {
    assert_rings(Sabotage::ForgetADelivery, "came after a hole");
}

#[test]
fn a_delivery_that_is_repeated_rings() {
    assert_rings(Sabotage::RepeatADelivery, "came twice");
}

#[test]
fn deliveries_in_the_wrong_order_ring() {
    assert_rings(Sabotage::SwapDeliveries, "came out of order");
}

#[test]
fn a_content_that_was_not_published_rings() {
    assert_rings(Sabotage::AlterADelivery, "says something else");
}

#[test]
fn a_loss_that_nothing_excuses_rings() {
    assert_rings(Sabotage::PretendExpiry, "still to be retained");
}

fn assert_rings(sabotage: Sabotage, expected: &str) {
    let alarms: Vec<String> =
        (0..LIVES).flat_map(|seed| live(seed, Transcript::hashed(), sabotage).alarms).collect();
    let rings = alarms.iter().any(|alarm| alarm.contains(expected));
    assert!(rings, "{sabotage:?} was not noticed: {alarms:#?}");
}
