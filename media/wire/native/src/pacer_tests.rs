//! When packets leave that wait, and how many may.

use super::*;

const LINE: f64 = 400_000.0;
const SIZE: usize = 1000;

fn waiting(number: i64, at: f64) -> Waiting {
    let (stream, first) = ((number % 2) as Id, (number >= 0).then_some(number));
    Waiting {
        stream,
        first,
        is_same: false,
        written: Written {
            header: 12,
            size: SIZE,
            rollovers: 0,
        },
        data: vec![0; SIZE].into(),
        at,
    }
}

/// On the way to a viewer whose line ends.
struct Way {
    pacer: Pacer,
    now: f64,
    /// What left: when, and which.
    left: Vec<(f64, i64)>,
}

impl Way {
    fn new() -> Self {
        let (mut pacer, now, left) = (Pacer::default(), 50.0, Vec::new());
        pacer.aim(Some(LINE));
        Self { pacer, now, left }
    }

    /// Packets that come together.
    fn burst(&mut self, numbers: impl Iterator<Item = i64>) {
        for number in numbers {
            if self.pacer.holds(self.now) {
                self.pacer.keep(waiting(number, self.now));
            } else {
                self.leave(number);
            }
        }
    }

    fn leave(&mut self, number: i64) {
        self.left.push((self.now, number));
        self.pacer.left(SIZE, self.now);
    }

    /// Until nothing waits, or so long.
    fn pass(&mut self, seconds: f64) {
        let end = self.now + seconds;
        while let Some(due) = self.pacer.due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            while let Some(waiting) = self.pacer.next(self.now) {
                self.leave(waiting.first.unwrap_or(-1));
            }
        }
        self.now = end;
    }

    fn numbers(&self) -> Vec<i64> {
        self.left.iter().map(|(_, number)| *number).collect()
    }
}

#[test]
fn where_no_end_is_known_nothing_waits() {
    let mut way = Way::new();
    way.pacer.aim(None);
    way.burst(0..1000);
    assert_eq!((way.left.len(), way.pacer.bytes(), way.pacer.due()), (1000, 0, None));
}

#[test]
fn a_burst_leaves_a_little_faster_than_the_line_carries_it() {
    let mut way = Way::new();
    way.burst(0..40);
    assert_eq!(way.left.len(), 3, "so many go ahead");
    way.pass(5.0);
    assert_eq!(way.numbers(), (0..40).collect::<Vec<_>>());
    let took = way.left[39].0 - way.left[0].0;
    let rate = 8.0 * SIZE as f64 * 37.0 / took;
    assert!((0.95..1.05).contains(&(rate / (FACTOR * LINE))), "{rate}");
    assert!(way.left.windows(2).skip(2).all(|two| two[1].0 - two[0].0 < 0.02));
}

#[test]
fn usual_pictures_do_not_wait() {
    let mut way = Way::new();
    for picture in 0..300 {
        way.burst(picture..picture + 1);
        assert_eq!(way.pacer.bytes(), 0);
        way.pass(1.0 / 40.0);
    }
}

#[test]
fn fast_releases_are_runs() {
    let mut way = Way::new();
    way.pacer.aim(Some(10_000_000.0));
    way.burst(0..150);
    way.pass(1.0);
    let mut moments: Vec<f64> = way.left.iter().map(|(at, _)| *at).collect();
    assert_eq!(moments.len(), 150);
    moments.dedup();
    assert!(moments.windows(2).skip(1).all(|two| two[1] - two[0] > 0.99 * EVERY));
    assert!(moments.len() < 20);
}

#[test]
fn what_is_sent_again_goes_before_new_packets() {
    let mut way = Way::new();
    way.burst(0..10);
    assert!(way.pacer.holds_repair(way.now));
    way.pacer.keep(waiting(-1, way.now));
    way.pass(1.0);
    assert_eq!(way.numbers()[..5], [0, 1, 2, -1, 3]);
    assert!(!way.pacer.holds_repair(way.now + 1.0));
}

#[test]
fn nothing_waits_longer_than_it_may() {
    for estimate in [30_000.0, 100_000.0, 400_000.0] {
        let mut way = Way::new();
        way.pacer.aim(Some(estimate));
        way.burst(0..100);
        way.pass(0.3);
        way.burst(100..120);
        let begin = way.now - 0.3;
        way.pass(5.0);
        assert_eq!(way.numbers(), (0..120).collect::<Vec<_>>());
        let late = way
            .left
            .iter()
            .map(|(at, number)| at - begin - if *number < 100 { 0.0 } else { 0.3 });
        assert!(late.fold(0.0, f64::max) <= LONGEST + EVERY);
    }
}

#[test]
fn a_rate_that_the_time_asks_for_is_even() {
    let mut way = Way::new();
    way.pacer.aim(Some(30_000.0));
    way.burst(0..100);
    way.pass(LONGEST / 2.0);
    assert!((35..65).contains(&way.left.len()), "{}", way.left.len());
}

#[test]
fn sound_above_the_rate_does_not_shut_pictures_out() {
    let mut way = Way::new();
    way.pacer.aim(Some(30_000.0));
    for number in 0..200 {
        way.pacer.left(200, way.now);
        way.burst(number..number + 1);
        way.pass(0.02);
    }
    let (now, waits) = (way.now, way.pacer.bytes() / (SIZE + BESIDE));
    assert!(waits as f64 <= LONGEST / 0.02 + 1.0, "{waits}");
    way.pass(LONGEST + 2.0 * EVERY);
    assert_eq!((way.left.len(), way.pacer.bytes()), (200, 0));
    assert!(way.left[199].0 < now + LONGEST);
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut way = Way::new();
    way.pacer.aim(Some(30_000.0));
    let mut most = 0;
    for number in 0..5000 {
        way.burst(number..number + 1);
        most = most.max(way.pacer.bytes());
    }
    assert!((FULL..MOST + SIZE + BESIDE).contains(&most));
    assert_eq!(way.pacer.due(), Some(f64::NEG_INFINITY));
    way.pass(0.0);
    assert!(way.pacer.bytes() <= FULL);
    way.pass(5.0);
    assert_eq!((way.left.len(), way.pacer.bytes(), way.pacer.due()), (5000, 0, None));
}

#[test]
fn who_sends_little_by_little_more_than_fits_stays_in_order() {
    let mut way = Way::new();
    way.pacer.aim(Some(30_000.0));
    for number in 0..2000 {
        way.burst(5 * number..5 * number + 5);
        way.pass(0.005);
        assert!(way.pacer.bytes() <= FULL);
    }
    way.pass(5.0);
    assert_eq!(way.numbers(), (0..10_000).collect::<Vec<_>>());
}

#[test]
fn a_stream_that_is_gone_leaves_nothing() {
    let mut way = Way::new();
    way.burst(0..20);
    way.pacer.forget(1);
    way.pass(5.0);
    assert_eq!(way.numbers()[3..], [4, 6, 8, 10, 12, 14, 16, 18]);
    assert_eq!(way.pacer.bytes(), 0);
    way.burst(0..20);
    way.pacer.clear();
    assert_eq!((way.pacer.bytes(), way.pacer.due()), (0, None));
}

#[test]
fn once_the_line_is_ample_all_leaves() {
    let mut way = Way::new();
    way.burst(0..40);
    way.pacer.aim(None);
    way.pass(EVERY);
    assert_eq!(way.left.len(), 40);
}
