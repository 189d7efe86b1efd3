//! The trace `tests/media/wire/traces/dependencies.txt`; `test_dependencies.py` says how it is written.

use super::*;

const TRACE: &str = include_str!("../../../../tests/media/wire/traces/dependencies.txt");

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn told(found: Option<Dependency>) -> String {
    found.map_or("-".into(), |found| {
        let (starts, key, rises) = (found.starts.into(), found.key.into(), found.rises.into());
        [starts, key, found.temporal.into(), rises, found.frame]
            .map(|number| number.to_string())
            .join(" ")
    })
}

#[test]
fn the_trace_is_told_as_it_was() {
    let mut known = Dependencies::default();
    for line in TRACE.lines() {
        match line.split_once(' ') {
            None => known = Dependencies::default(),
            Some((value, expected)) => {
                assert_eq!(told(known.read(&bytes(value.trim_matches('.')))), expected, "{line}");
            }
        }
        assert!(known.structures() <= STRUCTURES);
    }
}

#[test]
fn another_stream_has_templates_of_its_own() {
    let mut known = Dependencies::default();
    assert!(known.read(&bytes("c00001800214eaa860414d1410208426")).is_some());
    assert!(known.read(&bytes("c30002")).is_some());
    known.begin();
    assert_eq!(known.read(&bytes("c30003")), None);
}

#[test]
fn it_adds_little_to_a_packet() {
    assert!(size_of::<Option<Dependency>>() <= 8);
}
