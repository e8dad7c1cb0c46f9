//! "A test that cannot fail proves nothing": each thing that must not happen is made to happen.

use tidemark_tests::simulation::transcript::Transcript;
use tidemark_tests::week::life::live;
use tidemark_tests::week::sabotage::Sabotage;

/// So many weeks are sabotaged in each way; in one of them at least it must matter.
const WEEKS: u64 = 200;

#[test]
fn a_write_that_is_done_twice_rings() {
    assert_rings(Sabotage::ForgetReceipts, "has two receipts");
    assert_rings(Sabotage::ForgetReceipts, "no write had brought it");
}

#[test]
fn a_write_that_is_done_though_it_was_taken_back_rings() {
    assert_rings(Sabotage::SkipMarkSending, "was taken back");
}

#[test]
fn a_merge_that_forgets_the_other_side_rings() {
    assert_rings(Sabotage::TakeMineSilently, "though nobody took it away");
}

#[test]
fn a_copied_queue_that_is_not_told_apart_rings() {
    assert_rings(Sabotage::IgnoreForks, "is nowhere");
}

#[test]
fn an_answer_before_the_commit_rings() {
    assert_rings(Sabotage::AnswerBeforeCommit, "was answered with what is not committed");
}

#[test]
fn a_browser_that_loses_what_it_has_saved_rings() {
    assert_rings(Sabotage::LoseSavedRows, "");
}

#[test]
fn news_that_gets_lost_unnoticed_rings() {
    assert_rings(Sabotage::SwallowDeltas, "has other documents than the relay");
}

fn assert_rings(sabotage: Sabotage, expected: &str) {
    let mut alarms = Vec::new();
    for seed in 0..WEEKS {
        alarms.extend(live(seed, Transcript::hashed(), sabotage).alarms);
        if alarms.iter().any(|alarm| alarm.contains(expected)) {
            return;
        }
    }
    panic!("{sabotage:?} was not noticed as {expected:?}: {alarms:#?}");
}
