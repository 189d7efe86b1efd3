//! Short bursts above the estimate, to find out how much more a line carries: `media/wire/probing.py` in Rust.

const EVERY: f64 = 2.5;
const CHECKED_EVERY: f64 = 10.0;
const FIRST: f64 = 3.0;
const IDLE: f64 = 2.0;
const BUSY: f64 = 1.5;
const OVER: f64 = 1.2;
const LASTS: f64 = 0.03;
const LASTS_AT_MOST: f64 = 0.1;
const JITTERS: f64 = 4.0;
const LEAST: u64 = 2000;
const ENDS: f64 = 0.25;
const CAME: f64 = 0.7;
const WHOLE: f64 = 0.9;
const OF_IT: f64 = 0.95;

/// What a line carried of a burst, bit/s, and whether that was all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    pub rate: f64,
    pub whole: bool,
}

#[derive(Debug)]
pub struct Prober {
    number: u32,
    asked: u64,
    wanted: f64,
    sent: u64,
    began: f64,
    ended: f64,
    open: bool,
    waits: bool,
    again: bool,
    came: Vec<(f64, f64, u64)>,
}

impl Prober {
    pub fn new() -> Self {
        Prober {
            number: 0,
            asked: 0,
            wanted: 0.0,
            sent: 0,
            began: f64::NEG_INFINITY,
            ended: f64::NEG_INFINITY,
            open: false,
            waits: false,
            again: true,
            came: Vec::new(),
        }
    }

    /// Whatever is known of the line has just become old.
    pub fn soon(&mut self) {
        self.again = true;
    }

    /// The next burst (bit/s, bytes) when one is due. `idle`: much less is sent than the estimate allows.
    pub fn plan(&mut self, estimate: f64, wanted: f64, idle: bool, jitter: f64, now: f64) -> Option<(f64, u64)> {
        let is_enough = estimate >= wanted;
        if self.open || self.waits || (is_enough && !idle) {
            return None;
        }
        if !self.again && now - self.began < if is_enough { CHECKED_EVERY } else { EVERY } {
            return None;
        }
        self.again = false;
        let higher = match (self.number, idle) {
            (0, _) => FIRST,
            (_, true) => IDLE,
            _ => BUSY,
        };
        let rate = if is_enough {
            estimate
        } else {
            (estimate * higher).min(wanted * OVER)
        };
        self.number += 1;
        self.asked = ((rate * (JITTERS * jitter).clamp(LASTS, LASTS_AT_MOST) / 8.0) as u64).max(LEAST);
        self.sent = 0;
        self.began = now;
        self.open = true;
        self.came.clear();
        self.wanted = wanted;
        Some((rate, self.asked))
    }

    /// The burst has as many bytes as this.
    pub fn asks(&mut self, size: u64) {
        self.asked = self.asked.max(size);
    }

    /// The number of the burst that a packet sent now belongs to, 0 for none.
    pub fn sent(&mut self, size: u32, now: f64) -> u32 {
        if !self.open {
            return 0;
        }
        if now - self.began > ENDS {
            self.open = false;
            self.waits = self.sent > 0;
            self.ended = now;
            return 0;
        }
        self.sent += u64::from(size);
        if self.sent >= self.asked {
            self.open = false;
            self.waits = true;
            self.ended = now;
        }
        self.number
    }

    pub fn arrived(&mut self, number: u32, sent: f64, arrived: f64, size: u32) {
        if number == self.number {
            self.came.push((sent, arrived, u64::from(size)));
        }
    }

    /// The result of a burst, once.
    pub fn found(&mut self, round_trip: f64, now: f64) -> Option<Found> {
        if !self.waits {
            return None;
        }
        let got: u64 = self.came.iter().map(|one| one.2).sum();
        if got < self.sent && now - self.ended < 0.15 + 2.0 * round_trip {
            return None;
        }
        self.waits = false;
        if self.came.len() < 4 || (got as f64) < CAME * self.sent as f64 {
            return None;
        }
        let (first, last) = (*self.came.first()?, *self.came.last()?);
        let (sent_for, arrived_for) = (last.0 - first.0, last.1 - first.1);
        if sent_for <= 0.0 || arrived_for <= 0.0 {
            return None;
        }
        let out = 8.0 * (got - last.2) as f64 / sent_for;
        let through = 8.0 * (got - first.2) as f64 / arrived_for;
        if through < WHOLE * out {
            return Some(Found {
                rate: OF_IT * through,
                whole: false,
            });
        }
        let rate = out.min(through);
        self.again = rate < self.wanted; // perhaps it carries still more
        Some(Found { rate, whole: true })
    }
}
