//! Lives of the whole chain in virtual time: the relay's real sequencer and shards, the real client
//! machine, and between them a wire that delays, fills up, breaks and goes silent. One seed decides
//! everything that happens.
//!
//! | file | what it is |
//! | --- | --- |
//! | [`life`] | a random life: everything that can go wrong does, then the network heals |
//! | [`world`] | the clock, the queue of what happens next, and who is told of it |
//! | `world/fate` | what befalls a tab, its network and its machine |
//! | `world/shell`, `world/far_end` | what a browser and the relay's process do around their cores |
//! | [`relay`] | one sequencer and two shards, that restart and crash |
//! | [`market`] | what is published, remembered as it was numbered |
//! | [`client`] | the shell around one client machine: a tab that freezes and reloads |
//! | [`link`], [`pipe`] | one connection's way, and the relay's end of it |
//! | [`frames`] | a browser's side of the framing, written apart from the relay's |
//! | [`judge`] | holds the promises against what an application was given; knows nothing else |
//! | [`sabotage`] | what is broken on purpose, to see that it would be noticed |
//! | [`transcript`] | all that happened, as one number or as text |
//!
//! What must never be here: a clock, a thread, or randomness that the seed does not decide.

pub mod client;
pub mod dice;
pub mod frames;
pub mod judge;
pub mod life;
pub mod link;
pub mod market;
pub mod pipe;
pub mod relay;
pub mod sabotage;
pub mod transcript;
pub mod world;
