//! When a publisher's packets came, by their transport-wide numbers, and the reports that tell it:
//! `media/wire/arrivals.py` in Rust.
#![forbid(unsafe_code)]

use crate::rtp::{Malformed, parse};
use crate::twcc::{self, Report};

const SLOW: f64 = 0.1;
/// Seconds between looks at whether publishers are to be told.
pub const FAST: f64 = 0.05;
const BUSY: usize = 10;
const WINDOW: i64 = 2048;
const MOST_TOLD: usize = 250;
const FURTHEST: u32 = 0x7FFF;

/// One publisher's, of all its streams. `ticks` are those of the latest WINDOW numbers, each at its number modulo
/// WINDOW; `fresh` of them are not told yet.
#[derive(Debug)]
pub struct Arrivals {
    pub extension: u8,
    media: u32,
    begin: i64,
    highest: i64,
    ticks: Vec<Option<u32>>,
    fresh: usize,
    counter: u8,
    told_at: f64,
}

impl Arrivals {
    pub fn new(extension: u8) -> Self {
        Self {
            extension,
            media: 0,
            begin: 0,
            highest: -1,
            ticks: vec![None; WINDOW as usize],
            fresh: 0,
            counter: 0,
            told_at: 0.0,
        }
    }

    /// A packet in the clear, which may bear a number.
    pub fn note(&mut self, data: &[u8], ssrc: u32, now: f64) -> Result<(), Malformed> {
        let packet = parse(data)?;
        let number = packet.elements().find(|(key, _)| *key == self.extension);
        if let Some((_, &[high, low])) = number {
            self.media = ssrc;
            self.came(u16::from_be_bytes([high, low]), now);
        }
        Ok(())
    }

    fn came(&mut self, number: u16, now: f64) {
        if self.highest < 0 {
            self.begin = i64::from(number) + 0x10000;
            self.highest = self.begin - 1;
        }
        let step = i64::from(number.wrapping_sub(self.highest as u16) as i16);
        let index = self.highest + step;
        if step > 0 {
            for each in (index - step + 1).max(index - WINDOW + 1)..=index {
                if let Some(slot) = self.slot(each) {
                    *slot = None;
                }
            }
            self.highest = index;
        }
        self.begin = self.begin.max(self.highest - WINDOW + 1);
        if index <= self.highest - WINDOW {
            return;
        }
        if let Some(slot @ None) = self.slot(index) {
            *slot = Some((now / twcc::TICK) as u64 as u32);
            self.begin = self.begin.min(index);
            self.fresh += 1;
        }
    }

    fn slot(&mut self, index: i64) -> Option<&mut Option<u32>> {
        self.ticks.get_mut(index.rem_euclid(WINDOW) as usize)
    }

    fn tick(&self, index: i64) -> Option<u32> {
        self.ticks.get(index.rem_euclid(WINDOW) as usize).copied().flatten()
    }

    /// Whether something is to be told now.
    pub fn is_due(&mut self, now: f64) -> bool {
        let is_due = self.fresh > 0 && (self.fresh >= BUSY || now - self.told_at >= SLOW);
        if is_due {
            self.fresh = 0;
            self.told_at = now;
        }
        is_due
    }

    /// The next report of what came, as a whole RTCP packet; false when all is told. `room` is used again.
    pub fn report(&mut self, to: &mut Vec<u8>, room: &mut Report, sender: u32) -> bool {
        let Some(last) = self.piece() else {
            self.begin = self.highest + 1;
            return false;
        };
        (room.base, room.counter) = (self.begin as u16, self.counter);
        room.arrivals.clear();
        room.arrivals.extend((self.begin..=last).map(|index| self.tick(index)));
        self.begin = last + 1;
        self.counter = self.counter.wrapping_add(1);
        room.write(to, sender, self.media)
    }

    /// The last number of the next report: it came, and no two before it came too far apart.
    fn piece(&self) -> Option<i64> {
        let mut last: Option<(i64, u32)> = None;
        let mut count = 0;
        for index in self.begin..=self.highest {
            let Some(tick) = self.tick(index) else { continue };
            let is_far = |former: u32| (tick.wrapping_sub(former) as i32).unsigned_abs() > FURTHEST;
            if count == MOST_TOLD || last.is_some_and(|(_, former)| is_far(former)) {
                break;
            }
            last = Some((index, tick));
            count += 1;
        }
        last.map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::rtp;
    use crate::rtcp::split;

    fn told(arrivals: &mut Arrivals) -> Vec<Report> {
        let (mut room, mut data, mut reports) = (Report::default(), Vec::new(), Vec::new());
        while arrivals.report(&mut data, &mut room, 1) {
            assert!(data.len() <= 1200);
            let mut found = Report::default();
            found.read(split(&data).next().unwrap().unwrap().body).unwrap();
            assert_eq!(found, room);
            assert!(matches!(found.arrivals.last(), Some(Some(_))));
            reports.push(found);
            data.clear();
        }
        reports
    }

    fn bases(arrivals: &mut Arrivals) -> Vec<(u16, usize)> {
        told(arrivals)
            .iter()
            .map(|each| (each.base, each.arrivals.len()))
            .collect()
    }

    #[test]
    fn what_is_late_is_told_with_what_came_around_it() {
        let mut arrivals = Arrivals::new(5);
        for number in [65_534, 65_535, 1] {
            arrivals.came(number, 1.0);
        }
        let times = [Some(4000), Some(4000), None, Some(4000)];
        assert_eq!(told(&mut arrivals)[0].arrivals, times);
        for number in [2, 0, 2] {
            arrivals.came(number, 1.1);
        }
        assert_eq!(told(&mut arrivals)[0].arrivals, [Some(4400), Some(4000), Some(4400)]);
        assert!(told(&mut arrivals).is_empty());
    }

    #[test]
    fn it_is_due_sooner_when_much_came() {
        let mut arrivals = Arrivals::new(5);
        assert!(!arrivals.is_due(100.0));
        arrivals.came(7, 100.0);
        assert!(arrivals.is_due(100.0) && !arrivals.is_due(200.0));
        arrivals.came(8, 100.0);
        assert!(!arrivals.is_due(100.05) && arrivals.is_due(100.125));
        (9..19).for_each(|number| arrivals.came(number, 100.15));
        assert!(arrivals.is_due(100.1875));
    }

    #[test]
    fn what_is_much_or_far_apart_is_told_in_several() {
        let mut arrivals = Arrivals::new(5);
        (0..3 * MOST_TOLD as u16).for_each(|number| arrivals.came(2 * number, 1.0));
        assert_eq!(bases(&mut arrivals), [(0, 499), (499, 500), (999, 500)]);
        arrivals.came(1500, 20.0);
        arrivals.came(1502, 40.0);
        assert_eq!(bases(&mut arrivals), [(1499, 2), (1501, 2)]);
    }

    #[test]
    fn numbers_are_read_from_packets() {
        let mut arrivals = Arrivals::new(5);
        let more: &[u8] = &[1, 2];
        arrivals
            .note(&rtp(96, 0, 0, 1, &[(1, b"x"), (5, more)], b""), 0xA0, 1.0)
            .unwrap();
        arrivals.note(&rtp(96, 0, 0, 1, &[(5, b"x")], b""), 0xA0, 1.0).unwrap();
        arrivals.note(&rtp(96, 0, 0, 1, &[], b""), 0xA0, 1.0).unwrap();
        assert_eq!(bases(&mut arrivals), [(0x102, 1)]);
        assert!(arrivals.note(&[0x90; 12], 0xA0, 1.0).is_err());
    }

    #[test]
    fn hostile_numbers_do_no_harm() {
        let mut arrivals = Arrivals::new(5);
        let (mut seed, mut now) = (1u64, 0.0);
        for turn in 0..20_000u32 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            now += if turn % 100 == 0 { 9.0 } else { 0.001 };
            let near = if turn % 3 == 0 { 60_000 } else { 0 } + (seed >> 60) as u16;
            arrivals.came(if turn % 2 == 0 { (seed >> 40) as u16 } else { near }, now);
            if turn % 50 == 0 {
                let reports = told(&mut arrivals);
                let count: usize = reports.iter().map(|each| each.arrivals.len()).sum();
                assert!(count <= WINDOW as usize);
            }
        }
    }
}
