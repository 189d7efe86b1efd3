//! What waits for its time on the way to one viewer, and when that is. Pure: time is given, in seconds.
//!
//! Only where the line is known to end near the estimate. There a burst would but fill the line's own queue, in which
//! sound waits behind pictures and what does not fit is lost; here sound goes past what waits, and nothing is lost. The
//! rate is a little above the estimate, as with libwebrtc once it has feedback of its own (`pacing/`, 1.1; before that
//! 2.5), and what is ahead of it by some milliseconds goes at once (there 40, too), so that a usual picture is one run.
//! Nothing is dropped: it has its number already, and would be asked for again. What would wait for longer than LONGEST
//! leaves sooner; whether a line is to get less is for whoever chooses layers.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use crate::outgoing::Written;
use crate::slab::Id;

/// Of the estimate.
const FACTOR: f64 = 1.1;
/// Seconds that may be sent ahead.
const AHEAD: f64 = 0.04;
/// Seconds that a packet may wait; where more comes than the rate carries away in that time, the rate is higher.
const LONGEST: f64 = 1.0;
/// Seconds between releases, so that fast ones still leave in runs.
const EVERY: f64 = 0.005;
/// Bytes from which the oldest leave at once.
pub const FULL: usize = 192 * 1024;
/// Bytes from which nothing is kept any more: it goes past what waits.
pub const MOST: usize = 256 * 1024;
/// What keeping a packet takes beside its bytes.
const BESIDE: usize = 128;

/// A packet in the clear, under its own sequence number; `stream` sends it, `first` is its key where it is sent for
/// the first time (see `Stream::note_number`), `is_same` when it was sent before as it is. It has waited since `at`.
#[derive(Debug)]
pub struct Waiting {
    pub stream: Id,
    pub first: Option<i64>,
    pub is_same: bool,
    pub written: Written,
    pub data: Box<[u8]>,
    pub at: f64,
}

impl Waiting {
    fn size(&self) -> usize {
        self.data.len() + BESIDE
    }

    fn is_late(&self, now: f64) -> bool {
        now >= self.at + LONGEST
    }
}

/// `rate` is infinite while nothing is known of the line's end; `least` is what the time allowed to wait asks for.
#[derive(Debug)]
pub struct Pacer {
    rate: f64,
    least: f64,
    /// When what was sent would be through at the rate.
    busy_until: f64,
    released_at: f64,
    bytes: usize,
    repairs: VecDeque<Waiting>,
    pictures: VecDeque<Waiting>,
}

impl Default for Pacer {
    fn default() -> Self {
        Self {
            rate: f64::INFINITY,
            least: 0.0,
            busy_until: f64::NEG_INFINITY,
            released_at: f64::NEG_INFINITY,
            bytes: 0,
            repairs: VecDeque::new(),
            pictures: VecDeque::new(),
        }
    }
}

impl Pacer {
    /// What the line carries, bit/s, where its end is known.
    pub fn aim(&mut self, end: Option<f64>) {
        self.rate = end.map_or(f64::INFINITY, |estimate| FACTOR * estimate);
        if end.is_none() {
            self.busy_until = f64::NEG_INFINITY;
        }
    }

    /// So many bytes left.
    pub fn left(&mut self, size: usize, now: f64) {
        if self.rate < f64::INFINITY {
            let rate = self.rate.max(self.least);
            let until = self.busy_until.max(now) + 8.0 * size as f64 / rate;
            self.busy_until = until.min(now + LONGEST); // sound alone may be more than the rate
        }
    }

    /// So many of the bytes that left were a probe's: it is above the estimate on purpose, and holds up nothing.
    pub fn probed(&mut self, size: usize) {
        self.busy_until -= 8.0 * size as f64 / self.rate.max(self.least);
    }

    /// Whether a picture's packet has to wait.
    pub fn holds(&self, now: f64) -> bool {
        self.bytes < MOST && (self.bytes > 0 || self.is_ahead(now))
    }

    /// As `holds`, of one that is sent again; these go before new ones.
    pub fn holds_repair(&self, now: f64) -> bool {
        self.bytes < MOST && (self.is_ahead(now) || !self.repairs.is_empty())
    }

    pub fn keep(&mut self, waiting: Waiting) {
        self.bytes += waiting.size();
        self.least = self.least.max(8.0 * self.bytes as f64 / LONGEST);
        match waiting.first {
            Some(_) => self.pictures.push_back(waiting),
            None => self.repairs.push_back(waiting),
        }
    }

    /// When to ask for the `next` packets.
    pub fn due(&self) -> Option<f64> {
        let fronts = [self.repairs.front(), self.pictures.front()].into_iter().flatten();
        let oldest = fronts.map(|front| front.at).reduce(f64::min)?;
        if self.bytes > FULL {
            return Some(f64::NEG_INFINITY);
        }
        let due = (self.busy_until - AHEAD).min(oldest + LONGEST);
        Some(due.max(self.released_at + EVERY))
    }

    /// A packet whose time has come. Whoever sends it says so (`left`), then the next may be asked for.
    pub fn next(&mut self, now: f64) -> Option<Waiting> {
        self.released_at = now;
        let is_open = self.bytes > FULL || !self.is_ahead(now);
        let is_due = |waiting: &Waiting| is_open || waiting.is_late(now);
        let waiting = if self.repairs.front().is_some_and(is_due) {
            self.repairs.pop_front()?
        } else if self.pictures.front().is_some_and(is_due) {
            self.pictures.pop_front()?
        } else {
            return None;
        };
        self.take_off(waiting.size());
        Some(waiting)
    }

    /// Nothing more of this stream.
    pub fn forget(&mut self, stream: Id) {
        self.retain(|waiting| waiting.stream != stream);
    }

    /// Nothing of what waits is of use any more.
    pub fn clear(&mut self) {
        self.retain(|_| false);
    }

    /// Bytes that waiting packets take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn is_ahead(&self, now: f64) -> bool {
        self.busy_until > now + AHEAD
    }

    fn retain(&mut self, is_wanted: impl Fn(&Waiting) -> bool) {
        let before = self.bytes;
        for queue in [&mut self.repairs, &mut self.pictures] {
            queue.retain(&is_wanted);
        }
        let kept: usize = self.repairs.iter().chain(&self.pictures).map(Waiting::size).sum();
        self.take_off(before - kept);
    }

    fn take_off(&mut self, size: usize) {
        self.bytes -= size;
        if self.bytes == 0 {
            self.least = 0.0;
        }
    }
}

#[cfg(test)]
#[path = "pacer_tests.rs"]
mod tests;
