//! What is broken on purpose. A harness that stays silent over any of these proves nothing.

/// Something that must not happen, and is made to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    /// Nothing is broken.
    #[default]
    None,
    /// The relay loses a message on its way to one of its shards, and does not notice.
    SkipOnTheWire,
    /// A frame comes to the client twice.
    RepeatOnTheWire,
    /// A socket says that it took bytes, and loses a piece of them.
    LoseBytes,
    /// The client machine forgets to hand an event over.
    ForgetADelivery,
    /// The client machine hands an event over twice.
    RepeatADelivery,
    /// The client machine hands two events over in the wrong order.
    SwapDeliveries,
    /// The client machine hands an event over whose content is another one's.
    AlterADelivery,
    /// The relay claims that a window is past which is not.
    PretendExpiry,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Sabotage; 8] = [
        Sabotage::SkipOnTheWire,
        Sabotage::RepeatOnTheWire,
        Sabotage::LoseBytes,
        Sabotage::ForgetADelivery,
        Sabotage::RepeatADelivery,
        Sabotage::SwapDeliveries,
        Sabotage::AlterADelivery,
        Sabotage::PretendExpiry,
    ];
}
