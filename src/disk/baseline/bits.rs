//! The bits of a JPEG's picture, from the highest of each byte on. Behind 0xFF a zero is stuffed, so that any other byte behind
//! it is a marker.

/// Beyond a marker or the end there are zeros; [`Bits::are_exhausted`] says whether any of them was taken. Copied where it is
/// used much, so that it stays in registers.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits are the highest.
    word: u64,
    count: u32,
    /// Zeros among them that the file does not have.
    made_up: u32,
    next_restart: u8,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0, word: 0, count: 0, made_up: 0, next_restart: 0 }
    }

    /// Makes at least 32 bits ready.
    #[inline(always)]
    pub fn prepare(&mut self) {
        if self.count < 32 {
            self.fill();
        }
    }

    /// The next `count` of those that are ready, of 1 to 32.
    #[inline(always)]
    pub fn look(&self, count: u32) -> u32 {
        (self.word >> (64 - count)) as u32
    }

    /// Goes on by `count` of those that are ready.
    #[inline(always)]
    pub fn skip(&mut self, count: u32) {
        self.word <<= count;
        self.count = self.count.wrapping_sub(count);
    }

    pub fn are_exhausted(&self) -> bool {
        self.made_up > self.count
    }

    /// Goes on behind the next marker, if it is the restart that is due.
    pub fn restart(&mut self) -> Option<()> {
        if self.are_exhausted() {
            return None;
        }
        // What is ready but not used ends before the marker: less than a byte was left, else there is no marker here.
        let expected = 0xd0 + self.next_restart;
        if self.bytes.get(self.at..self.at + 2)? != [0xff, expected] || self.count - self.made_up >= 8 {
            return None;
        }
        self.next_restart = (self.next_restart + 1) % 8;
        *self = Bits { at: self.at + 2, word: 0, count: 0, made_up: 0, ..*self };
        Some(())
    }

    #[inline(always)]
    fn fill(&mut self) {
        if let Some(next) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let next = u64::from_be_bytes(*next);
            if !has_ff(next) {
                // Bits beyond whole bytes are set too; they are the same that come the next time.
                self.word |= next >> self.count;
                let bytes = (64 - self.count) / 8;
                self.at += bytes as usize;
                self.count += bytes * 8;
                return;
            }
        }
        *self = self.slowly_filled();
    }

    #[cold]
    fn slowly_filled(mut self) -> Self {
        while self.count <= 56 {
            let byte = match self.bytes.get(self.at..) {
                Some([0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([byte, ..]) if *byte != 0xff => {
                    self.at += 1;
                    *byte
                }
                _ => {
                    self.made_up += 8;
                    0
                }
            };
            self.word |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
        self
    }
}

#[inline(always)]
fn has_ff(word: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let inverted = !word;
    inverted.wrapping_sub(LOW) & word & (LOW << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffed_zeros_are_left_out_and_a_marker_ends_the_bits() {
        let mut bits = Bits::new(b"\x12\xff\x00\x34\xff\xd0\x56\x78\x9a\xbc\xde\xf0\x11\x22");
        bits.prepare();
        assert_eq!(bits.look(24), 0x12_ff34);
        bits.skip(20);
        assert!(!bits.are_exhausted());
        assert_eq!(bits.restart(), Some(()));
        bits.prepare();
        assert_eq!(bits.look(32), 0x5678_9abc);
        bits.skip(32);
        bits.prepare();
        assert_eq!(bits.look(32), 0xdef0_1122);
        bits.skip(32);
        assert!(!bits.are_exhausted());
        bits.prepare();
        bits.skip(1);
        assert!(bits.are_exhausted());
    }

    #[test]
    fn a_byte_of_ones_is_seen_wherever_it_stands() {
        assert!((0..8).all(|byte| has_ff(0x7f80_fe01_0055_aa7f & !(0xff << (byte * 8)) | 0xff << (byte * 8))));
        assert!(!has_ff(0x7f80_fe01_0055_aa7f) && !has_ff(0) && !has_ff(0xfefe_fefe_fefe_fefe));
    }
}
