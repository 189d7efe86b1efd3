//! The traces of `tests/media/wire/traces`; `test_traces.py` beside them says how they are written.

use std::time::Instant;

use super::*;
use crate::rtcp;

const TRACES: [(&str, &str); 5] = [
    ("falls", include_str!("../../../../tests/media/wire/traces/falls.txt")),
    ("radio", include_str!("../../../../tests/media/wire/traces/radio.txt")),
    ("longer", include_str!("../../../../tests/media/wire/traces/longer.txt")),
    ("little", include_str!("../../../../tests/media/wire/traces/little.txt")),
    (
        "reported",
        include_str!("../../../../tests/media/wire/traces/reported.txt"),
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// What the estimator says at a line, and what the line says.
fn step(estimator: &mut Estimator, report: &mut Report, line: &str) -> (Vec<f64>, Vec<f64>) {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| words[at].parse::<f64>().unwrap();
    let numbers = |from: usize| (from..words.len()).map(number).collect();
    match words[0] {
        "w" => {
            estimator.wanted = number(1);
            (vec![], vec![])
        }
        "s" => {
            estimator.sent(words[2].parse().unwrap(), words[3].parse().unwrap(), number(1));
            (vec![], vec![])
        }
        "f" => {
            let data = bytes(words[2]);
            report.read(rtcp::split(&data).next().unwrap().unwrap().body).unwrap();
            estimator.feedback(report, number(1));
            (
                vec![estimator.estimate(), estimator.loss(), estimator.queueing_delay],
                numbers(3),
            )
        }
        "p" => {
            let (rate, size) = estimator.probe(number(1)).unwrap_or((0.0, 0));
            (vec![rate, size as f64, estimator.estimate()], numbers(2))
        }
        "b" => {
            estimator.remb(number(1));
            (vec![estimator.estimate()], numbers(2))
        }
        "l" => {
            estimator.reported(number(2), number(1));
            (vec![estimator.estimate()], numbers(3))
        }
        _ => panic!("{line}"),
    }
}

#[test]
fn each_trace_is_told_as_in_python() {
    for (name, text) in TRACES {
        let (mut estimator, mut report) = (Estimator::default(), Report::default());
        for (number, line) in text.lines().enumerate() {
            let (found, expected) = step(&mut estimator, &mut report, line);
            assert_eq!(found.len(), expected.len());
            for (one, other) in found.iter().zip(&expected) {
                let near = (one - other).abs() <= 1e-6 * other.abs() + 1e-12;
                assert!(near, "{name}, line {}: {found:?} and not {expected:?}", number + 1);
            }
        }
    }
}

#[test]
fn a_receiver_that_lies_costs_no_memory() {
    let mut estimator = Estimator::default();
    let mut report = Report {
        arrivals: vec![Some(5)],
        ..Report::default()
    };
    for index in 0..20_000u32 {
        let now = f64::from(index) * 0.001;
        estimator.sent(index as u16, 1000, now);
        report.base = index as u16;
        estimator.feedback(&report, now + 0.0001);
    }
    assert!(estimator.acknowledged.items.len() <= HISTORY);
    assert_eq!(estimator.sent.len(), HISTORY);
}

/// `cargo test --release cost -- --ignored --nocapture`
#[test]
#[ignore = "prints what a report and a packet cost"]
fn cost() {
    let text = TRACES[0].1;
    let (mut sent, mut reports, mut packets, mut feedback) = (0.0, 0.0, 0u32, 0u32);
    for _ in 0..50 {
        let (mut estimator, mut report) = (Estimator::default(), Report::default());
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let now = words[1].parse::<f64>().unwrap();
            match words[0] {
                "s" => {
                    let (sequence, size) = (words[2].parse().unwrap(), words[3].parse().unwrap());
                    let begun = Instant::now();
                    estimator.sent(sequence, size, now);
                    sent += begun.elapsed().as_secs_f64();
                    packets += 1;
                }
                "f" => {
                    let data = bytes(words[2]);
                    let begun = Instant::now();
                    report.read(rtcp::split(&data).next().unwrap().unwrap().body).unwrap();
                    estimator.feedback(&report, now);
                    reports += begun.elapsed().as_secs_f64();
                    feedback += 1;
                }
                "p" => {
                    estimator.probe(now);
                }
                _ => estimator.wanted = now,
            }
        }
    }
    println!(
        "{:.2} µs a report of {:.0} packets",
        reports / f64::from(feedback) * 1e6,
        packets as f32 / feedback as f32
    );
    println!(
        "{:.3} µs a packet sent (and some 0.02 for the clock)",
        sent / f64::from(packets) * 1e6
    );
}
