//! How loss bounds the rate of a line: `media/wire/losses.py` in Rust.

use std::collections::VecDeque;

const MUCH: f64 = 0.10;
const LITTLE: f64 = 0.02;
const RISE: f64 = 0.08;
const FLOOR: f64 = 0.85;
const OWN_AT_MOST: f64 = 0.3;
const JUDGED_EVERY: f64 = 0.3;
const LEAST_PACKETS: i64 = 50;
const SECONDS: usize = 20;
const CALM: f64 = 0.05;

#[derive(Debug)]
pub struct LossBound {
    /// Bit/s; infinite until much was lost.
    pub bound: f64,
    pub loss: f64,
    own: f64,
    recent: VecDeque<(f64, i64, i64)>,
    recent_lost: i64,
    known: i64,
    judged: f64,
    reported: f64,
    samples: VecDeque<(f64, i64, i64)>,
    sample_since: Option<f64>,
    lost: i64,
    total: i64,
    fastest: f64,
}

impl LossBound {
    pub fn new() -> Self {
        LossBound {
            bound: f64::INFINITY,
            loss: 0.0,
            own: 0.0,
            recent: VecDeque::new(),
            recent_lost: 0,
            known: 0,
            judged: 0.0,
            reported: 0.0,
            samples: VecDeque::new(),
            sample_since: None,
            lost: 0,
            total: 0,
            fastest: 0.0,
        }
    }

    /// So many of so many more packets were lost while `rate` was sent; less than 0 when some came after all.
    pub fn count(&mut self, lost: i64, total: i64, rate: f64, now: f64) {
        if lost != 0 || total != 0 {
            self.recent.push_back((now, lost, total));
            self.recent_lost += lost;
            self.known += total;
        }
        while self.recent.len() > 1 && self.known > LEAST_PACKETS {
            match self.recent.front() {
                Some(&(when, lost, total)) if when < now - 1.0 => {
                    self.recent.pop_front();
                    self.recent_lost -= lost;
                    self.known -= total;
                }
                _ => break,
            }
        }
        self.loss = if self.known > 0 {
            (self.recent_lost as f64 / self.known as f64).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.lost += lost;
        self.total += total;
        self.fastest = self.fastest.max(rate);
    }

    /// Moves the bound; `rate` is what is believed now, `through` what comes through, `queue` the seconds that packets
    /// wait.
    pub fn judge(&mut self, rate: f64, through: f64, queue: f64, round_trip: f64, now: f64) {
        self.learn(queue, now);
        let passed = now - self.judged;
        if passed < JUDGED_EVERY.max(round_trip) || self.known < LEAST_PACKETS {
            return;
        }
        self.judged = now;
        let floor = (FLOOR * through).min(rate).min(self.bound);
        self.shift((self.loss - self.own) / (1.0 - self.own), rate, passed.min(1.0));
        self.bound = self.bound.max(floor);
    }

    /// A receiver report, where it is all that there is.
    pub fn reported(&mut self, fraction: f64, rate: f64, now: f64) {
        let passed = if self.reported == 0.0 {
            1.0
        } else {
            (now - self.reported).min(5.0)
        };
        self.reported = now;
        self.loss = fraction;
        if self.bound == f64::INFINITY {
            self.bound = rate;
        }
        self.shift(fraction, rate, passed);
    }

    /// A probe got through at this rate.
    pub fn passed(&mut self, rate: f64) {
        self.bound = self.bound.max(rate);
    }

    fn shift(&mut self, loss: f64, rate: f64, passed: f64) {
        if loss > MUCH {
            self.bound = self.bound.min(rate) * (1.0 - 0.5 * loss);
        } else if loss < LITTLE {
            self.bound += self.bound * RISE * passed;
        }
    }

    /// What was lost in the seconds in which clearly less was sent than in others.
    fn learn(&mut self, queue: f64, now: f64) {
        let since = *self.sample_since.get_or_insert(now);
        if now - since < 1.0 {
            return;
        }
        if queue < CALM && self.total > 0 {
            if self.samples.len() == SECONDS {
                self.samples.pop_front();
            }
            self.samples.push_back((self.fastest, self.lost, self.total));
        }
        self.sample_since = Some(now);
        self.fastest = 0.0;
        self.lost = 0;
        self.total = 0;
        let highest = self.samples.iter().fold(0.0, |most: f64, sample| most.max(sample.0));
        let (mut lost, mut total) = (0, 0);
        for sample in self.samples.iter().filter(|sample| sample.0 <= 0.85 * highest) {
            lost += sample.1;
            total += sample.2;
        }
        if total >= LEAST_PACKETS {
            let own = (lost as f64 / total as f64).clamp(0.0, OWN_AT_MOST);
            if own > self.own + LITTLE {
                self.bound = f64::INFINITY; // it was lowered for what lowering does not help
            }
            self.own = own;
        }
    }
}
