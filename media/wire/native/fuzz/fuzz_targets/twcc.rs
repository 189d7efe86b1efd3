#![no_main]
use libfuzzer_sys::fuzz_target;
use sabaq_wire::bandwidth::{Estimator, LEAST, MOST as HIGHEST};
use sabaq_wire::rtcp::{report_blocks, split};
use sabaq_wire::twcc::{MOST, Report, remb};

fuzz_target!(|data: &[u8]| {
    let mut estimator = Estimator::default();
    let (mut report, mut now) = (Report::default(), 0.0);
    for number in 0..300 {
        estimator.sent(number, 1200, now);
        now += 0.001;
    }
    for part in split(data).map_while(Result::ok) {
        now += 0.05;
        if report.read(part.body).is_ok() {
            assert!((1..=MOST).contains(&report.arrivals.len()));
            estimator.feedback(&report, now);
        }
        for block in report_blocks(&part) {
            estimator.reported(f64::from(block.fraction) / 256.0, now);
        }
        if let Some(rate) = remb(part.body) {
            assert!(rate >= 0.0 && rate.is_finite());
            estimator.remb(rate);
        }
        estimator.sent(report.base, 100, now);
        let told = estimator.estimate();
        assert!((LEAST..=HIGHEST).contains(&told) && (0.0..=1.0).contains(&estimator.loss()));
        if let Some((rate, size)) = estimator.probe(now) {
            assert!(rate > 0.0 && rate <= 2.0 * HIGHEST && size <= HIGHEST as u64);
        }
    }
});
