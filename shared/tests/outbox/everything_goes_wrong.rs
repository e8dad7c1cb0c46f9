//! "Whatever happens to my devices: what I wrote is there, once." Devices, tabs and a relay live
//! through any order of anything; then the network heals, and the promises are held against what
//! came of it. A failing life is shrunk to its shortest and printed.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tidemark_shared::documents::Entity;
use tidemark_shared::outbox::Input;

use crate::world::World;
use crate::world::device::TabId;
use crate::world::relay::Relay;
use crate::world::{note, setting};

/// Most devices in one life, copies included.
const DEVICES_MAX: usize = 3;

/// Most tabs at a time.
const TABS_MAX: usize = 4;

/// One thing that happens. Numbers choose among what there is, whatever that is by then.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Write { tab: usize, document: usize },
    Delete { tab: usize, document: usize },
    Cancel { tab: usize, item: usize },
    Happen { event: usize },
    HappenAll,
    Lose { event: usize },
    Repeat { event: usize },
    Wait { wait_ms: u64 },
    OpenTab { device: usize },
    Crash { tab: usize },
    LoseCache { device: usize },
    Hold { tab: usize },
    Release { tab: usize },
    Link { device: usize },
    Unlink { device: usize },
    AddDevice { skew_ms: i64 },
    CloneDevice { device: usize },
    BackUp,
    Restore,
}

/// What may happen to disks. Not both in one life: two copies of a queue that each take a new name,
/// because the relay began anew, have nothing left by which the relay could tell that what both
/// send is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disks {
    /// The relay's is restored from a backup. It forgets receipts as soon as it may.
    Restored,
    /// A browser profile is copied. The relay keeps receipts, so that two copies of a queue hear
    /// the same story. Of a number under which the two hold different writes, only the first is
    /// taken; what comes after it in the other copy is sent under another name, and changes
    /// nothing where it was done already. Nothing is deleted in such a life: not being there is
    /// the one value that comes back, and then it would change something.
    Copied,
}

/// What is known beforehand of a life: how much of everything there is.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    disks: Disks,
    devices: usize,
    tabs: usize,
    has_backup: bool,
    restores: usize,
}

impl Plan {
    const fn new(disks: Disks) -> Self {
        Plan { disks, devices: 1, tabs: 1, has_backup: false, restores: 0 }
    }
}

impl ReferenceStateMachine for Plan {
    type State = Plan;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Plan> {
        prop_oneof![Just(Plan::new(Disks::Restored)), Just(Plan::new(Disks::Copied))].boxed()
    }

    fn transitions(_: &Plan) -> BoxedStrategy<Step> {
        let any = || 0..1_000_usize;
        prop_oneof![
            12 => (any(), any()).prop_map(|(tab, document)| Step::Write { tab, document }),
            2 => (any(), any()).prop_map(|(tab, document)| Step::Delete { tab, document }),
            3 => (any(), any()).prop_map(|(tab, item)| Step::Cancel { tab, item }),
            40 => any().prop_map(|event| Step::Happen { event }),
            6 => Just(Step::HappenAll),
            5 => any().prop_map(|event| Step::Lose { event }),
            5 => any().prop_map(|event| Step::Repeat { event }),
            6 => (0..70_000_u64).prop_map(|wait_ms| Step::Wait { wait_ms }),
            4 => any().prop_map(|device| Step::OpenTab { device }),
            3 => any().prop_map(|tab| Step::Crash { tab }),
            1 => any().prop_map(|device| Step::LoseCache { device }),
            4 => any().prop_map(|tab| Step::Hold { tab }),
            2 => any().prop_map(|tab| Step::Release { tab }),
            5 => any().prop_map(|device| Step::Link { device }),
            2 => any().prop_map(|device| Step::Unlink { device }),
            2 => (-20_000..20_000_i64).prop_map(|skew_ms| Step::AddDevice { skew_ms }),
            1 => any().prop_map(|device| Step::CloneDevice { device }),
            2 => Just(Step::BackUp),
            2 => Just(Step::Restore),
        ]
        .boxed()
    }

    fn apply(mut plan: Plan, step: &Step) -> Plan {
        match step {
            Step::OpenTab { .. } => plan.tabs += 1,
            Step::Crash { .. } => plan.tabs = plan.tabs.saturating_sub(1),
            Step::AddDevice { .. } | Step::CloneDevice { .. } => plan.devices += 1,
            Step::BackUp => plan.has_backup = true,
            Step::Restore => plan.restores += 1,
            _ => {}
        }
        plan
    }

    fn preconditions(plan: &Plan, step: &Step) -> bool {
        match step {
            Step::OpenTab { .. } => plan.tabs < TABS_MAX,
            Step::CloneDevice { .. } if plan.disks == Disks::Restored => false,
            Step::Restore | Step::Delete { .. } if plan.disks == Disks::Copied => false,
            Step::AddDevice { .. } | Step::CloneDevice { .. } => plan.devices < DEVICES_MAX,
            Step::Restore => plan.has_backup && plan.restores < 2,
            Step::Crash { .. } => plan.tabs > 0,
            _ => true,
        }
    }
}

/// A life as it is lived.
pub(crate) struct Life {
    pub(crate) world: World,
    backup: Option<Relay>,
}

impl Life {
    pub(crate) fn new(disks: Disks) -> Self {
        let mut world = World::new();
        world.relay.forgets_settled = disks == Disks::Restored;
        let device = world.add_device();
        world.open_tab(device);
        world.relay.part_max = 3;
        Life { world, backup: None }
    }

    pub(crate) fn live(&mut self, step: &Step) {
        let world = &mut self.world;
        let tabs = world.tabs();
        let tab_at = |index: usize| tabs.get(index % tabs.len().max(1)).copied();
        match *step {
            Step::Write { tab, document } => {
                if let Some(tab) = tab_at(tab) {
                    world.write(tab, &document_at(document));
                }
            }
            Step::Delete { tab, document } => {
                if let Some(tab) = tab_at(tab) {
                    world.delete(tab, &document_at(document));
                }
            }
            Step::Cancel { tab, item } => {
                if let Some(tab) = tab_at(tab) {
                    cancel(world, tab, item);
                }
            }
            Step::Happen { event } if !world.events.is_empty() => {
                world.happen(event % world.events.len());
            }
            Step::Happen { .. } => world.advance(Duration::from_secs(70)),
            Step::HappenAll => world.run(),
            Step::Lose { event } => world.lose(event % world.events.len().max(1)),
            Step::Repeat { event } => world.repeat(event % world.events.len().max(1)),
            Step::Wait { wait_ms } => world.advance(Duration::from_millis(wait_ms)),
            Step::OpenTab { device } => {
                world.open_tab(device % world.devices.len());
            }
            Step::Crash { tab } => tab_at(tab).into_iter().for_each(|tab| world.crash(tab)),
            Step::LoseCache { device } => world.lose_cache(device % world.devices.len()),
            Step::Hold { tab } => {
                tab_at(tab).into_iter().for_each(|tab| world.input(tab, Input::Holding));
            }
            Step::Release { tab } => {
                tab_at(tab).into_iter().for_each(|tab| world.input(tab, Input::Released));
            }
            Step::Link { device } => world.link(device % world.devices.len()),
            Step::Unlink { device } => world.unlink(device % world.devices.len()),
            Step::AddDevice { skew_ms } => {
                let device = world.add_device();
                world.devices[device].skew_ms = skew_ms;
            }
            Step::CloneDevice { device } => {
                world.clone_device(device % world.devices.len());
            }
            Step::BackUp => self.backup = Some(world.relay.clone()),
            Step::Restore => {
                let backup = self.backup.take().unwrap_or_else(|| world.relay.clone());
                world.restart_relay(|relay| relay.restore(&backup));
                self.backup = Some(backup);
            }
        }
    }

    /// The network heals: every device has one tab that holds its connection.
    pub(crate) fn heal(&mut self) -> Vec<String> {
        let world = &mut self.world;
        for device in 0..world.devices.len() {
            if world.devices[device].tabs.is_empty() {
                world.open_tab(device);
            }
            let tabs: Vec<TabId> = world.devices[device].tabs.keys().copied().collect();
            world.input(tabs[0], Input::Holding);
            world.unlink(device);
            world.link(device);
        }
        world.settle();
        world.alarms_at_rest()
    }
}

fn document_at(index: usize) -> Entity {
    match index % 4 {
        0 => setting("a"),
        1 => setting("b"),
        2 => setting("c"),
        _ => note("n"),
    }
}

fn cancel(world: &mut World, tab: TabId, item: usize) {
    let mids: Vec<_> = world.outbox(tab).items().map(|item| item.mid()).collect();
    if let Some(mid) = mids.get(item % mids.len().max(1)) {
        let _too_late = world.cancel(tab, *mid);
    }
}

struct Anything;

impl StateMachineTest for Anything {
    type SystemUnderTest = Life;
    type Reference = Plan;

    fn init_test(plan: &Plan) -> Life {
        Life::new(plan.disks)
    }

    fn apply(mut life: Life, _: &Plan, step: Step) -> Life {
        life.live(&step);
        life
    }

    fn check_invariants(life: &Life, _: &Plan) {
        assert_eq!(life.world.alarms(), [""; 0]);
    }

    fn teardown(mut life: Life) {
        assert_eq!(life.heal(), [""; 0]);
    }
}

prop_state_machine! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_was_written_is_there_once(sequential 1..120 => Anything);
}
