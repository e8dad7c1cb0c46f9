//! The client's connection in virtual time: a machine, a network that misbehaves, a relay, and a
//! checker that knows only the promises. One seed decides everything; the same seed is the same run.
//!
//! | file | what |
//! | --- | --- |
//! | `world` | the clock, the queue of what happens next, the shell around the machine |
//! | `network` | wires: delays, cuts, half-open sockets, blocked transports |
//! | `relay_end` | what the world asks of a relay, so that a real one can take the model's place |
//! | `model_relay` | a small relay with real logs, and the faults it can be told to have |
//! | `log` | the model relay's logs |
//! | `checker` | the promises, held against what the application was given |
//! | `chaos` | a random life: everything that can go wrong, then a healed network |
//! | `dice` | the seed |

pub mod chaos;
pub mod checker;
pub mod dice;
pub mod log;
pub mod model_relay;
pub mod network;
pub mod relay_end;
pub mod world;

pub use dice::Dice;
pub use model_relay::Fault;
pub use world::World;
