//! Which packets of a stream are missing, when to ask for them, and when to give up.
//!
//! A late packet is taken only when it is known to be missing: so no number is ever forwarded twice, which would mean
//! sealing two different packets under one SRTP nonce.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

/// Seconds before a missing packet is asked for: what is only out of order comes by itself.
pub const FIRST_WAIT: f64 = 0.005;
pub const MAX_ASKED: u32 = 8;
/// Seconds.
pub const MAX_AGE: f64 = 1.2;
pub const MAX_MISSING: i64 = 200;

const SLOWEST: f64 = 0.3;
const FASTEST: f64 = 0.025;

struct Missing {
    since: f64,
    last: f64,
    asked: u32,
}

/// Missing packets by extended sequence number. `round_trip` is in seconds.
pub struct Gaps {
    missing: BTreeMap<i64, Missing>,
    pub round_trip: f64,
}

impl Default for Gaps {
    fn default() -> Self {
        Self {
            missing: BTreeMap::new(),
            round_trip: 0.1,
        }
    }
}

impl Gaps {
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty()
    }

    pub fn len(&self) -> usize {
        self.missing.len()
    }

    /// Packets first … end-1 did not come. False when these are too many to be asked for.
    pub fn skipped(&mut self, first: i64, end: i64, now: f64) -> bool {
        if end - first + self.missing.len() as i64 > MAX_MISSING {
            self.missing.clear();
            return false;
        }
        self.missing.extend((first..end).map(|index| {
            (
                index,
                Missing {
                    since: now,
                    last: now,
                    asked: 0,
                },
            )
        }));
        true
    }

    /// A late packet came, by itself or because it was asked for. False when it was not missing.
    pub fn arrived(&mut self, index: i64, now: f64) -> bool {
        let Some(missing) = self.missing.remove(&index) else {
            return false;
        };
        if missing.asked == 1 {
            let sample = (now - missing.last).clamp(0.001, 1.0);
            self.round_trip += (sample - self.round_trip) / 8.0;
        }
        true
    }

    /// What to ask for now, in order, and how many were given up.
    pub fn due(&mut self, now: f64) -> (Vec<i64>, usize) {
        let wait = (1.5 * self.round_trip).clamp(FASTEST, SLOWEST);
        let (mut wanted, before) = (Vec::new(), self.missing.len());
        self.missing.retain(|index, missing| {
            if now - missing.since > MAX_AGE || missing.asked >= MAX_ASKED {
                return false;
            }
            if now - missing.last >= (if missing.asked > 0 { wait } else { FIRST_WAIT }) {
                missing.asked += 1;
                missing.last = now;
                wanted.push(*index);
            }
            true
        });
        (wanted, before - self.missing.len())
    }

    /// Forget what is not to be asked for and will not come any more.
    pub fn expire(&mut self, now: f64) {
        self.missing.retain(|_, missing| now - missing.since <= MAX_AGE);
    }

    /// What comes after that is not missed.
    pub fn forget_after(&mut self, index: i64) {
        self.missing.split_off(&(index + 1));
    }

    pub fn clear(&mut self) {
        self.missing.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_asked_for_soon_but_not_at_once() {
        let mut gaps = Gaps::default();
        gaps.skipped(10, 12, 0.0);
        assert_eq!(gaps.due(0.001), (vec![], 0));
        assert_eq!(gaps.due(FIRST_WAIT), (vec![10, 11], 0));
        assert_eq!(gaps.due(FIRST_WAIT + 0.01), (vec![], 0));
        assert_eq!(gaps.due(0.1), (vec![], 0));
        assert_eq!(gaps.due(0.156), (vec![10, 11], 0), "after a round trip and a half");
    }

    #[test]
    fn what_arrives_is_not_asked_for_and_teaches_the_round_trip() {
        let mut gaps = Gaps::default();
        gaps.skipped(1, 4, 0.0);
        assert!(gaps.arrived(1, 0.004));
        assert_eq!(gaps.round_trip, 0.1, "one that came by itself teaches nothing");
        gaps.due(0.005);
        assert!(gaps.arrived(2, 0.025) && !gaps.arrived(2, 0.03) && !gaps.arrived(99, 0.03));
        assert!(gaps.round_trip < 0.1);
        assert_eq!(gaps.len(), 1);
    }

    #[test]
    fn it_is_given_up_after_so_many_times_or_so_long() {
        let mut gaps = Gaps {
            round_trip: 0.02,
            ..Gaps::default()
        };
        gaps.skipped(1, 2, 0.0);
        let (mut asked, mut now, mut lost) = (0, 0.0, 0);
        while lost == 0 {
            now += 0.01;
            let (wanted, given_up) = gaps.due(now);
            (asked, lost) = (asked + wanted.len(), given_up);
        }
        assert_eq!((asked, lost, now < MAX_AGE), (8, 1, true));
        gaps.skipped(2, 3, 10.0);
        assert_eq!(gaps.due(10.0 + MAX_AGE + 0.01), (vec![], 1));
    }

    #[test]
    fn too_wide_a_gap_is_not_asked_for_and_what_is_old_is_forgotten() {
        let mut gaps = Gaps::default();
        gaps.skipped(0, 10, 0.0);
        assert!(!gaps.skipped(20, 20 + MAX_MISSING, 0.0) && gaps.is_empty());
        assert!(gaps.skipped(300, 300 + MAX_MISSING, 0.0));
        gaps.expire(MAX_AGE + 0.1);
        assert!(gaps.is_empty());
    }
}
