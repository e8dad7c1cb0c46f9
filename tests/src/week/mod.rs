//! Weeks of one user with two devices and one relay, in virtual time: the real queue of writes in
//! every tab, the real engine of documents in the relay, and between them a way that loses, repeats
//! and delays what goes over it. One seed decides everything that happens.
//!
//! | file | what it is |
//! | --- | --- |
//! | [`life`] | a random week: everything that can go wrong does, then all is well again |
//! | [`world`] | the clock, the queue of what happens next, and who is told of it |
//! | `world/way` | connections, and what is asked over them |
//! | `world/shell` | what a page does around its machine |
//! | `world/hand` | what the user does with what the screen shows |
//! | `world/fate` | what befalls devices, tabs and the relay |
//! | `world/end` | what everybody has when all is well again |
//! | [`device`], [`tab`], [`database`] | a device, its pages, and what outlives them |
//! | [`relay`] | the engine over a store in memory, which is killed, backed up and restored |
//! | `relay/saboteur` | how it is broken without knowing |
//! | [`user`] | what a user wants, as bodies and drafts |
//! | [`mark`] | texts by which every act of a user's can be found again |
//! | [`judge`] | holds the promises against its own record; knows nothing else |
//! | [`sabotage`] | what is broken on purpose, to see that it would be noticed |
//!
//! What must never be here: a clock, a thread, or randomness that the seed does not decide.

pub mod database;
pub mod device;
pub mod judge;
pub mod life;
pub mod mark;
pub mod relay;
pub mod sabotage;
pub mod tab;
pub mod user;
pub mod world;
