//! Random numbers and random walks that can be read at any time without what came before.
//!
//! A walk is a sum of waves, each half as fast as the one before and √2 times as high: knots of
//! random height at whole multiples of the wave's period, straight lines between them. Over any
//! span between the fastest and the slowest wave it spreads like a random walk; beyond the slowest
//! it stays near home, so that a price never runs off.

/// Period of the fastest wave.
const FASTEST_MS: i64 = 250;

/// The slowest wave takes so many days.
const SLOWEST_DAYS: i64 = 64;

/// Makes the walk's typical movement over one day 1. Waves faster than a span contribute 8/3 of
/// their height squared per span in sum, slower ones 2: together 14/3, and 0.46² is its inverse.
const HEIGHT: f64 = 0.46;

/// A source of random numbers: of one seed, for one purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise(u64);

impl Noise {
    /// The source of a seed.
    pub(super) const fn of_seed(seed: u64) -> Self {
        Noise(mix(seed))
    }

    /// An independent source, for a purpose that `name` tells apart from others.
    pub(super) fn derive(self, name: &str) -> Self {
        Noise(name.bytes().fold(self.0, |state, byte| mix(state ^ u64::from(byte))))
    }

    /// The `index`-th number.
    pub(super) const fn bits(self, index: i64) -> u64 {
        mix(self.0 ^ mix(index.cast_unsigned()))
    }

    /// The `index`-th number, from 0 to just below 1.
    pub(super) fn unit(self, index: i64) -> f64 {
        unit(self.bits(index))
    }

    /// The walk at a time, in typical movements of one day.
    pub(super) fn walk(self, time_ms: i64, day_ms: i64) -> f64 {
        let mut sum = 0.0;
        let mut period_ms = FASTEST_MS;
        let mut wave = 0_u64;
        while period_ms <= day_ms.saturating_mul(SLOWEST_DAYS) {
            let height = (period_ms as f64 / day_ms as f64).sqrt();
            sum += height * Noise(mix(self.0 ^ wave)).wave(time_ms, period_ms);
            period_ms *= 2;
            wave += 1;
        }
        HEIGHT * sum
    }

    fn wave(self, time_ms: i64, period_ms: i64) -> f64 {
        let knot = time_ms.div_euclid(period_ms);
        let along = time_ms.rem_euclid(period_ms) as f64 / period_ms as f64;
        let (from, to) = (bell(self.bits(knot)), bell(self.bits(knot + 1)));
        from + (to - from) * along
    }
}

/// A number from 0 to just below 1.
pub(super) fn unit(bits: u64) -> f64 {
    // A float holds 53 bits exactly.
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Nearly normally distributed, mean 0, variance 1: the sum of four even ones.
fn bell(bits: u64) -> f64 {
    let quarters = [0, 16, 32, 48].map(|shift| ((bits >> shift) & 0xffff) as f64 / 65_535.0);
    (quarters.iter().sum::<f64>() - 2.0) * 3.0_f64.sqrt()
}

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_moves_as_far_in_a_day_as_it_says() {
        let noise = Noise::of_seed(7);
        let day_ms = 3_600_000;
        let moves: Vec<f64> = (0..4_000)
            .map(|n| noise.walk((n + 1) * day_ms, day_ms) - noise.walk(n * day_ms, day_ms))
            .collect();
        let variance = moves.iter().map(|m| m * m).sum::<f64>() / moves.len() as f64;
        assert!((0.6..1.6).contains(&variance), "variance of a day's movement: {variance}");
    }

    #[test]
    fn purposes_do_not_share_numbers() {
        let noise = Noise::of_seed(7);
        assert_ne!(noise.derive("a").bits(1), noise.derive("b").bits(1));
        assert_ne!(noise.derive("ab").bits(1), noise.derive("ba").bits(1));
        assert_ne!(Noise::of_seed(8).bits(1), noise.bits(1));
    }
}
