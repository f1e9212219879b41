//! Numbers and hashes that are the same on every machine and in every run: seeds and reports depend on it.

/// splitmix64
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound - 1`.
    pub fn below(&mut self, bound: i64) -> i64 {
        (self.next() % bound.max(1) as u64) as i64
    }

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as i64) as usize]
    }

    /// True in `percent` of the cases.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}

/// FNV-1a, 64 bits
pub struct Fnv(u64);

impl Fnv {
    pub fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    pub fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn write_all(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.write(part);
        }
    }

    pub fn finish(&self) -> u64 {
        self.0
    }
}

/// A date `days` after 2026-01-01, on a calendar whose months have 28 days: always valid, always in order.
pub fn day(days: i64) -> String {
    let (year, rest) = (2026 + days.div_euclid(336), days.rem_euclid(336));
    format!("{year:04}-{:02}-{:02}", rest / 28 + 1, rest % 28 + 1)
}
