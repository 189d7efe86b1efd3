//! Whether packets come ever later: `media/wire/trend.py` in Rust. Times are milliseconds.

use std::collections::VecDeque;

const POINTS: usize = 20;
const BURST: f64 = 5.0;
const LONGEST_BURST: f64 = 100.0;
const SMOOTHING: f64 = 0.9;
const GAIN: f64 = 4.0;
const FULL: u32 = 60;
const OVER_FOR: f64 = 10.0;
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;
const LEAST: f64 = 6.0;
const MOST: f64 = 600.0;
const OUTLIER: f64 = 15.0;
const GAP: f64 = 500.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Drains,
    Steady,
    Grows,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: f64,
    last_sent: f64,
    first_arrived: f64,
    last_arrived: f64,
}

#[derive(Debug)]
pub struct Trend {
    pub state: State,
    /// By how many ms delays differ.
    pub jitter: f64,
    threshold: f64,
    group: Option<Group>,
    before: Option<Group>,
    line: VecDeque<(f64, f64)>,
    delay: f64,
    smoothed: f64,
    steep: f64,
    over: f64,
    overs: u32,
    count: u32,
}

impl Trend {
    pub fn new() -> Self {
        Trend {
            state: State::Steady,
            jitter: 0.0,
            threshold: 12.5,
            group: None,
            before: None,
            line: VecDeque::with_capacity(POINTS),
            delay: 0.0,
            smoothed: 0.0,
            steep: 0.0,
            over: 0.0,
            overs: 0,
            count: 0,
        }
    }

    pub fn add(&mut self, sent: f64, arrived: f64) {
        let new = Group {
            first_sent: sent,
            last_sent: sent,
            first_arrived: arrived,
            last_arrived: arrived,
        };
        let Some(group) = &mut self.group else {
            self.group = Some(new);
            return;
        };
        if sent < group.first_sent {
            return; // out of order
        }
        if group.takes(sent, arrived) {
            group.last_sent = group.last_sent.max(sent);
            group.last_arrived = group.last_arrived.max(arrived);
            return;
        }
        let group = *group;
        if let Some(before) = self.before {
            let arrived = group.last_arrived - before.last_arrived;
            self.step(group.last_sent - before.last_sent, arrived, group.last_arrived);
        }
        self.before = Some(group);
        self.group = Some(new);
    }

    /// Two groups were sent and arrived so far apart.
    fn step(&mut self, sent: f64, arrived: f64, now: f64) {
        if arrived < 0.0 || sent > GAP {
            self.line.clear();
            self.delay = 0.0;
            self.smoothed = 0.0;
            self.over = 0.0;
            self.overs = 0;
            self.state = State::Steady;
            return;
        }
        self.count = (self.count + 1).min(FULL);
        self.delay += arrived - sent;
        self.jitter += ((arrived - sent).abs() - self.jitter) / 16.0;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        if self.line.len() == POINTS {
            self.line.pop_front();
        }
        self.line.push_back((now, self.smoothed));
        if self.line.len() == POINTS {
            self.judge(self.slope(), sent);
        }
    }

    fn slope(&self) -> f64 {
        let start = self.line.front().map_or(0.0, |first| first.0);
        let (mut x_sum, mut y_sum) = (0.0, 0.0);
        for (x, y) in &self.line {
            x_sum += x - start;
            y_sum += y;
        }
        let (x_mean, y_mean) = (x_sum / POINTS as f64, y_sum / POINTS as f64);
        let (mut top, mut bottom) = (0.0, 0.0);
        for (x, y) in &self.line {
            let away = x - start - x_mean;
            top += away * (y - y_mean);
            bottom += away * away;
        }
        if bottom > 0.0 { top / bottom } else { 0.0 }
    }

    fn judge(&mut self, slope: f64, passed: f64) {
        let steep = f64::from(self.count) * slope * GAIN;
        if steep > self.threshold {
            self.over += if self.overs > 0 { passed } else { passed / 2.0 };
            self.overs += 1;
            if self.over > OVER_FOR && self.overs > 1 && slope >= self.steep {
                self.over = 0.0;
                self.overs = 0;
                self.state = State::Grows;
            }
        } else {
            self.over = 0.0;
            self.overs = 0;
            self.state = if steep < -self.threshold {
                State::Drains
            } else {
                State::Steady
            };
        }
        self.steep = slope;
        if steep.abs() <= self.threshold + OUTLIER {
            let speed = if steep.abs() < self.threshold { DOWN } else { UP };
            self.threshold += speed * (steep.abs() - self.threshold) * passed.min(100.0);
            self.threshold = self.threshold.clamp(LEAST, MOST);
        }
    }
}

impl Group {
    fn takes(&self, sent: f64, arrived: f64) -> bool {
        if sent - self.first_sent <= BURST {
            return true;
        }
        let late = arrived - self.last_arrived;
        late <= BURST && late < sent - self.last_sent && arrived - self.first_arrived < LONGEST_BURST
    }
}
