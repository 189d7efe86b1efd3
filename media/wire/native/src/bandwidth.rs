//! What one viewer's line carries: `media/wire/bandwidth.py` in Rust, which says why and where it is from. Both pass
//! the traces in `tests/media/wire/traces`. Pure: time is given, in seconds; rates in bit/s, sizes in bytes.

use std::collections::VecDeque;

use crate::losses::LossBound;
use crate::probing::{Found, Prober};
use crate::trend::{State, Trend};
use crate::twcc::{Report, TICK};

pub const START: f64 = 300_000.0;
pub const LEAST: f64 = 30_000.0;
pub const MOST: f64 = 100_000_000.0;

const CUT: f64 = 0.85;
const RISE: f64 = 0.08;
const BUSY: f64 = 0.65;
const FILLED: f64 = 0.8;
const KNOWN_FOR: f64 = 6.0;
const STANDING: f64 = 0.05;
const DRAIN: f64 = 0.25;
const GROWN: f64 = 0.02;
const FULL: f64 = 0.03;
const DRAINED: f64 = 0.005;
const SURE: f64 = 0.05;
const RISES: f64 = 1.1;
const FELL: f64 = 0.7;
const LONGER: f64 = 1.5;
const ALIKE: f64 = 0.2;
const SILENCE: f64 = 1.0;
const HISTORY: usize = 2048;
const WINDOW: f64 = 0.3;
const FORGETS: f64 = 30.0;
/// Seconds for which a line whose end was seen counts as one that ends near the estimate.
const ENDS_FOR: f64 = 30.0;
const NEVER: f64 = f64::NEG_INFINITY;

/// Bit/s over the last `WINDOW` seconds of whatever clock the times are of.
#[derive(Debug, Default)]
struct Meter {
    items: VecDeque<(f64, u32)>,
    bytes: u64,
    first: f64,
    last: f64,
}

impl Meter {
    fn add(&mut self, when: f64, size: u32) {
        if self.items.is_empty() {
            self.first = when;
            self.last = when;
        }
        self.items.push_back((when, size));
        self.bytes += u64::from(size);
        self.last = self.last.max(when);
        self.expire(self.last);
    }

    fn rate(&mut self, now: f64) -> f64 {
        self.expire(now);
        if now - self.first >= WINDOW {
            8.0 * self.bytes as f64 / WINDOW
        } else {
            0.0
        }
    }

    /// Until the newest.
    fn last_rate(&mut self) -> f64 {
        self.rate(self.last)
    }

    fn expire(&mut self, last: f64) {
        while self.items.len() > 1 {
            match self.items.front() {
                Some(&(when, size)) if when <= last - WINDOW || self.items.len() > HISTORY => {
                    self.items.pop_front();
                    self.bytes -= u64::from(size);
                }
                _ => break,
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Unknown,
    Lost,
    Arrived,
}

/// A packet on its way: `cluster` is the number of the probe that it belongs to, 0 for none. Of no size: no packet.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    at: f64,
    size: u32,
    cluster: u32,
    sequence: u16,
    fate: Fate,
}

/// One viewer's line.
#[derive(Debug)]
pub struct Estimator {
    /// What the viewer could use, bit/s; nothing above is looked for.
    pub wanted: f64,
    pub round_trip: f64,
    pub queueing_delay: f64,
    rate: f64,
    sent: Vec<Sent>,
    unanswered: Option<f64>,
    heard: Option<f64>,
    sending: Meter,
    acknowledged: Meter,
    trend: Trend,
    losses: LossBound,
    prober: Prober,
    ticks: Option<(u32, i64)>,
    shortest: (f64, f64),
    shortest_since: f64,
    /// Since when there is about as much queue, how much, and the rate then.
    stands: (f64, f64, f64),
    queue_before: f64,
    through_before: f64,
    newest: f64,
    bad: u32,
    cut_at: f64,
    raised_at: f64,
    capacity: Option<f64>,
    /// When a queue, a loss or a probe has last shown where the line ends.
    ended_at: f64,
    remb: Option<f64>,
    arrived: Vec<(Sent, f64)>,
}

impl Default for Estimator {
    fn default() -> Self {
        Estimator::new(START, MOST)
    }
}

impl Estimator {
    pub fn new(start: f64, wanted: f64) -> Self {
        Estimator {
            wanted,
            round_trip: 0.1,
            queueing_delay: 0.0,
            rate: start,
            sent: Vec::new(),
            unanswered: None,
            heard: None,
            sending: Meter::default(),
            acknowledged: Meter::default(),
            trend: Trend::new(),
            losses: LossBound::new(),
            prober: Prober::new(),
            ticks: None,
            shortest: (f64::INFINITY, f64::INFINITY),
            shortest_since: 0.0,
            stands: (0.0, 0.0, 0.0),
            queue_before: 0.0,
            through_before: 0.0,
            newest: 0.0,
            bad: 0,
            cut_at: 0.0,
            raised_at: 0.0,
            capacity: None,
            ended_at: NEVER,
            remb: None,
            arrived: Vec::new(),
        }
    }

    /// What may be sent. Less than the line carries while a queue drains.
    pub fn estimate(&self) -> f64 {
        let mut rate = self.rate.min(self.losses.bound).min(self.remb.unwrap_or(f64::INFINITY));
        if self.queueing_delay > STANDING {
            rate *= 1.0 - (self.queueing_delay - STANDING).min(DRAIN);
        }
        rate.clamp(LEAST, MOST)
    }

    /// The estimate, where it tells how much the line carries. One that nothing has held down for long is only what was
    /// tried so far, or wanted. For pacing, so there is no such thing in Python.
    pub fn end(&self, now: f64) -> Option<f64> {
        (now - self.ended_at < ENDS_FOR).then(|| self.estimate())
    }

    /// A part of 1.
    pub fn loss(&self) -> f64 {
        self.losses.loss
    }

    /// A packet with the transport-wide number `sequence` left.
    pub fn sent(&mut self, sequence: u16, size: u32, now: f64) {
        if self.sent.is_empty() {
            self.sent.resize(HISTORY, Sent::default()); // a viewer without this feedback does not pay for it
        }
        let cluster = self.prober.sent(size, now);
        if let Some(place) = self.sent.get_mut(usize::from(sequence) % HISTORY) {
            *place = Sent {
                at: now,
                size,
                cluster,
                sequence,
                fate: Fate::Unknown,
            };
        }
        if cluster == 0 {
            self.sending.add(now, size);
        }
        self.unanswered.get_or_insert(now);
    }

    /// The packet of that number was sent again under it: nothing can be learned of it any more.
    pub fn repeated(&mut self, sequence: u16) {
        let known = self.sent.get_mut(usize::from(sequence) % HISTORY);
        if let Some(known) = known.filter(|sent| sent.sequence == sequence) {
            known.size = 0;
        }
    }

    /// A transport-wide report came.
    pub fn feedback(&mut self, report: &Report, now: f64) {
        self.heard = Some(now);
        self.unanswered = None;
        self.remb = None;
        let mut arrived = std::mem::take(&mut self.arrived);
        let lost = self.read(report, &mut arrived);
        let sending = self.sending.rate(now);
        self.losses.count(lost, arrived.len() as i64 + lost, sending, now);
        if let Some((last, _)) = arrived.last() {
            self.round_trip += ((now - last.at).clamp(0.001, 2.0) - self.round_trip) / 8.0;
            self.newest = self.newest.max(last.at);
            self.measure(&arrived, now);
        }
        self.arrived = arrived;
        self.control(now);
        if let Some(found) = self.prober.found(self.round_trip, now) {
            self.take(found, now);
        }
        let through = self.acknowledged.last_rate();
        self.losses
            .judge(self.rate, through, self.queueing_delay, self.round_trip, now);
        if self.losses.bound < self.rate {
            self.rate = self.losses.bound;
            self.ended_at = now;
        }
    }

    /// A receiver report: the part of 1 that was lost since the last. Counts only where there is nothing better.
    pub fn reported(&mut self, fraction: f64, now: f64) {
        if self.heard.is_some() {
            return;
        }
        let rate = self.remb.filter(|rate| *rate > 0.0).unwrap_or(self.rate);
        self.losses.reported(fraction, rate, now);
        self.losses.bound = self.losses.bound.min((1.5 * self.wanted).max(START));
        if self.remb.is_none() {
            self.rate = self.losses.bound;
        }
    }

    /// What a receiver says that its line carries. Counts only where there is no transport-wide feedback.
    pub fn remb(&mut self, rate: f64) {
        if self.heard.is_none() {
            let rate = rate.min(MOST);
            self.remb = Some(rate);
            self.rate = self.rate.max(rate);
        }
    }

    /// To be asked every 20 ms or so: at which rate to send how many bytes at once on top of everything (repeated
    /// packets or padding, six at least), to find out whether the line carries it. None: go on as before.
    pub fn probe(&mut self, now: f64) -> Option<(f64, u64)> {
        if self
            .unanswered
            .is_some_and(|since| now - since.max(self.raised_at) > SILENCE)
        {
            self.rate = (CUT * self.rate).max(LEAST); // nothing comes back: the line stalls, or is gone
            self.raised_at = now - SILENCE / 2.0;
        }
        let heard = self.heard?;
        let is_calm = self.queueing_delay < STANDING / 2.0 && now - self.cut_at > 0.5;
        if self.trend.state == State::Grows || !is_calm || now - heard > SILENCE {
            return None;
        }
        let sending = self.sending.rate(now);
        if sending >= FILLED * self.rate && now - self.cut_at < KNOWN_FOR {
            return None;
        }
        let idle = sending < BUSY * self.rate;
        self.prober
            .plan(self.estimate(), self.wanted, idle, self.trend.jitter / 1000.0, now)
    }

    /// The packets for the last `probe` are of so many bytes, because there are no smaller ones.
    pub fn probes(&mut self, size: u64) {
        self.prober.asks(size);
    }

    /// Leaves what arrived with its time; how many more are lost now, those that came after all taken off.
    fn read(&mut self, report: &Report, arrived: &mut Vec<(Sent, f64)>) -> i64 {
        arrived.clear();
        let mut lost = 0;
        let mut sequence = report.base;
        for tick in &report.arrivals {
            let known = self.sent.get_mut(usize::from(sequence) % HISTORY);
            let known = known.filter(|sent| sent.size > 0 && sent.sequence == sequence);
            sequence = sequence.wrapping_add(1);
            match (known, tick) {
                (Some(sent), None) if sent.fate == Fate::Unknown => {
                    sent.fate = Fate::Lost;
                    lost += 1;
                }
                (Some(sent), Some(tick)) if sent.fate != Fate::Arrived => {
                    lost -= i64::from(sent.fate == Fate::Lost);
                    sent.fate = Fate::Arrived;
                    let (before, total) = self.ticks.unwrap_or((*tick, 0));
                    let total = total + i64::from(tick.wrapping_sub(before) as i32);
                    self.ticks = Some((*tick, total));
                    arrived.push((*sent, total as f64 * TICK));
                }
                _ => {}
            }
        }
        lost
    }

    fn measure(&mut self, arrived: &[(Sent, f64)], now: f64) {
        let mut shortest = f64::INFINITY;
        for (sent, when) in arrived {
            self.acknowledged.add(*when, sent.size);
            shortest = shortest.min(when - sent.at);
            if sent.cluster == 0 {
                self.trend.add(1000.0 * sent.at, 1000.0 * when);
            } else {
                self.prober.arrived(sent.cluster, sent.at, *when, sent.size);
            }
        }
        if now - self.shortest_since > FORGETS {
            self.shortest = (self.shortest.1, f64::INFINITY);
            self.shortest_since = now;
        }
        self.shortest = (self.shortest.0.min(shortest), self.shortest.1.min(shortest));
        self.queueing_delay = shortest - self.shortest.0;
        if self.is_longer(now) {
            self.shortest = (shortest, f64::INFINITY);
            self.shortest_since = now;
            self.queueing_delay = 0.0;
            self.ended_at = NEVER;
            self.rate = self.rate.max(CUT * self.stands.2);
            self.prober.soon();
        }
    }

    fn is_longer(&mut self, now: f64) -> bool {
        let (since, queue, _) = self.stands;
        if self.queueing_delay < STANDING || (self.queueing_delay - queue).abs() > ALIKE * queue {
            self.stands = (now, self.queueing_delay, self.rate);
            return false;
        }
        now - since > LONGER && self.cut_at > since
    }

    fn control(&mut self, now: f64) {
        let queue = self.queueing_delay;
        let through = self.acknowledged.last_rate();
        let passed = (now - self.raised_at).clamp(0.0, 1.0);
        self.raised_at = now;
        let drains = queue < self.queue_before - DRAINED;
        let rises = through > RISES * self.through_before && queue < 2.0 * STANDING;
        self.queue_before = queue;
        self.through_before = through;
        let grows = self.trend.state == State::Grows && queue > GROWN;
        self.bad = if (grows || queue > STANDING) && !drains {
            self.bad.saturating_add(1)
        } else {
            0
        };
        if self.bad > 0 {
            let is_sure = (self.bad > 1 || queue > SURE) && !rises;
            if is_sure && now - self.cut_at >= self.round_trip.clamp(0.05, 0.2) && through > 0.0 {
                self.cut(through, now);
            }
        } else if through > 0.0
            && self.sending.rate(now) >= BUSY * self.rate
            && self.trend.state == State::Steady
            && queue < FULL
        {
            self.raise(through, passed);
        }
    }

    fn cut(&mut self, through: f64, now: f64) {
        let sending = self.sending.rate(now);
        let mut lower = (CUT * through).max(LEAST);
        if sending < BUSY * self.rate && through >= 0.9 * sending {
            lower = lower.max(CUT * self.rate); // all that was sent came: what is not sent says nothing of the line
        }
        let fell = lower < FELL * self.rate;
        if lower < self.rate && (fell || self.newest > self.cut_at) {
            if fell {
                self.prober.soon();
            }
            self.cut_at = now;
            self.ended_at = now;
            self.rate = lower;
            let near = self.capacity.filter(|known| (through - known).abs() < 0.3 * known);
            self.capacity = Some(near.map_or(through, |known| 0.7 * known + 0.3 * through));
        }
    }

    fn raise(&mut self, through: f64, passed: f64) {
        if self.capacity.take_if(|known| through > 1.3 * *known).is_some() {
            self.ended_at = NEVER;
        }
        let mut step = RISE * self.rate;
        if self.capacity.is_some_and(|known| self.rate > 0.8 * known) {
            step = step.min(3600.0 / (self.round_trip + 0.1)); // half a packet a response: the end is near
        }
        let highest = self.rate.max(1.5 * through + 10_000.0);
        self.rate = (self.rate + step * passed).min(highest).min(MOST);
    }

    fn take(&mut self, found: Found, now: f64) {
        if !found.whole {
            self.ended_at = now;
        } else if found.rate > self.rate {
            self.ended_at = NEVER;
        }
        if found.rate > self.rate {
            self.rate = found.rate;
            self.losses.passed(found.rate);
            self.capacity = if found.whole { None } else { Some(found.rate) };
        } else if !found.whole {
            self.rate = found.rate.max(CUT * self.rate);
        }
    }
}

#[cfg(test)]
#[path = "bandwidth_tests.rs"]
mod tests;
