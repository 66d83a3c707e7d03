//! Numbers that look random and are the same in every run.

/// Repeatable numbers (xorshift).
pub struct Numbers(pub u64);

impl Numbers {
    /// Returns a number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
