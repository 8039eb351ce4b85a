//! Chance that is the same each time: SplitMix64 (Steele, Lea, Flood 2014).

/// A source of numbers.
pub struct Chance(u64);

impl Chance {
    /// The source with this seed.
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1).max(1) as u64) as i64
    }

    /// Whether something of so many in a hundred happens.
    pub fn percent(&mut self, share: i64) -> bool {
        self.between(1, 100) <= share
    }

    /// One of a list.
    pub fn pick<T: Copy>(&mut self, list: &[T], otherwise: T) -> T {
        let at = self.between(0, list.len() as i64 - 1) as usize;
        list.get(at).copied().unwrap_or(otherwise)
    }
}
