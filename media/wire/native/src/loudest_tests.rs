//! The trace of `tests/media/wire/test_loudest.py`, which says how it is written.

use super::*;

const TRACE: &str = include_str!("../../../../tests/media/wire/traces/loudest.txt");

#[test]
fn the_trace_is_told_as_it_was() {
    let mut group = Loudest::default();
    for (number, line) in TRACE.lines().enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let key = words[1].parse().unwrap();
        match words[0] {
            "m" => group.most = key,
            "f" => group.forget(key),
            _ => {
                let passed = group.heard(key, words[2].parse().ok(), words[3].parse().unwrap());
                assert_eq!(passed, words[4] == "1", "line {}", number + 1);
            }
        }
    }
}
