//! Which SRTP index a packet has, and whether it was there before (RFC 3711 §3.3.1 and §3.3.2).
#![forbid(unsafe_code)]

/// How many packets behind the newest one may come.
pub const WINDOW: u64 = 1024;

/// The indices that came of one SSRC, as far back as WINDOW.
pub struct Window {
    newest: u64,
    seen: [u64; (WINDOW / 64) as usize],
}

impl Window {
    /// With the first index that came.
    pub fn new(index: u64) -> Self {
        let mut made = Self {
            newest: index,
            seen: [0; (WINDOW / 64) as usize],
        };
        made.mark(index);
        made
    }

    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// False for one that was there, or is too old to tell.
    pub fn may_come(&self, index: u64) -> bool {
        index > self.newest || (self.newest - index < WINDOW && self.word(index) >> (index % 64) & 1 == 0)
    }

    /// It came, and was from the other side indeed.
    pub fn came(&mut self, index: u64) {
        if index > self.newest {
            for missing in (self.newest + 1).max(index.saturating_sub(WINDOW - 1))..index {
                if let Some(word) = self.seen.get_mut((missing / 64 % (WINDOW / 64)) as usize) {
                    *word &= !(1 << (missing % 64));
                }
            }
            self.newest = index;
        }
        self.mark(index);
    }

    fn mark(&mut self, index: u64) {
        if let Some(word) = self.seen.get_mut((index / 64 % (WINDOW / 64)) as usize) {
            *word |= 1 << (index % 64);
        }
    }

    fn word(&self, index: u64) -> u64 {
        self.seen
            .get((index / 64 % (WINDOW / 64)) as usize)
            .copied()
            .unwrap_or(u64::MAX)
    }
}

/// The likeliest index (rollover counter and sequence number) of a packet; None before the first and beyond the last.
///
/// In the first half of the first cycle a sequence number is taken as it is, as libsrtp does it.
pub fn guess(newest: Option<u64>, sequence: u16) -> Option<u64> {
    let newest = newest.unwrap_or(0);
    if newest <= 0x8000 {
        return Some(u64::from(sequence));
    }
    let (cycle, last) = (newest >> 16, newest as u16);
    let cycle = if last < 0x8000 {
        if sequence > last + 0x8000 {
            cycle.checked_sub(1)?
        } else {
            cycle
        }
    } else {
        cycle + u64::from(last - 0x8000 > sequence)
    };
    (cycle <= u64::from(u32::MAX)).then_some(cycle << 16 | u64::from(sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_go_on_through_the_wrap_and_back() {
        assert_eq!(guess(None, 65535), Some(65535));
        assert_eq!(guess(Some(10), 65530), Some(65530));
        assert_eq!(guess(Some(65535), 0), Some(65536));
        assert_eq!(guess(Some(65536), 65535), Some(65535));
        assert_eq!(guess(Some(0x2_7FFF), 0xFFFF), Some(0x2_FFFF));
        assert_eq!(guess(Some(0x2_7FFE), 0xFFFF), Some(0x1_FFFF));
        assert_eq!(guess(Some(0xFFFF_FFFF_FFFF), 0), None);
    }

    #[test]
    fn nothing_comes_twice_and_nothing_too_late() {
        let mut window = Window::new(5000);
        assert!(!window.may_come(5000));
        for index in [5001, 4990, 6000, 5999, 4977, 9000, 9000 - 1023] {
            assert!(window.may_come(index), "{index}");
            window.came(index);
            assert!(!window.may_come(index), "{index}");
        }
        assert!(!window.may_come(9000 - 1024));
        assert!((9000 - 1022..9000).all(|index| window.may_come(index)));
        assert!(!window.may_come(0));
    }
}
