//! The traces of `tests/media/wire/traces/layers_*`; `layered.py` beside them says how they are written.

use std::collections::HashMap;

use super::*;
use crate::dependencies::{Dependencies, Dependency};
use crate::{descriptors, keyframes};

const TRACES: [&str; 4] = [
    include_str!("../../../../tests/media/wire/traces/layers_vp8.txt"),
    include_str!("../../../../tests/media/wire/traces/layers_vp9.txt"),
    include_str!("../../../../tests/media/wire/traces/layers_h264.txt"),
    include_str!("../../../../tests/media/wire/traces/layers_av1.txt"),
];
const KEYFRAMES: &str = include_str!("../../../../tests/media/wire/traces/keyframes.txt");

/// `dependencies` are those of each layer; what they said of a packet is kept.
struct Replay {
    splice: Splice,
    reports: [Report; 3],
    dependencies: [Dependencies; 3],
    kept: HashMap<(u8, i64), Descriptor>,
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().ok().unwrap()
}

impl Replay {
    /// What is said at a line, as it is written.
    fn step(&mut self, words: &[&str]) -> String {
        match words[0] {
            "n" => self.splice = Splice::new(number(words[1]), number(words[2])),
            "w" => self.splice.want(number(words[1]), number(words[2])),
            "o" => self.splice.leave_off(),
            "r" => self.reports[number::<usize>(words[1])] = Some((number(words[2]), number(words[3]))),
            "f" => {
                let found = self.splice.find(number(words[1]));
                return found.map_or("-".into(), |(layer, index)| format!("{layer} {index}"));
            }
            _ => return self.packet(words),
        }
        String::new()
    }

    fn packet(&mut self, words: &[&str]) -> String {
        let (payload, said) = words[6].split_once(':').unwrap_or((words[6], ""));
        let (codec, mut payload) = (Codec::named(words[5]).unwrap(), bytes(payload));
        let (layer, index) = (number(words[2]), number(words[3]));
        if words[0] == "p" {
            let told = self.dependencies[usize::from(layer)].read(&bytes(said));
            self.kept
                .extend(told.map(|told| ((layer, index), Dependency::descriptor(told))));
        }
        let packet = Arrived {
            at: number(words[1]),
            layer,
            index,
            timestamp: number(words[4]),
            begins: keyframes::begins(codec, &payload),
            descriptor: descriptors::read(codec, &payload).or_else(|| self.kept.get(&(layer, index)).copied()),
        };
        let placed = match words[0] {
            "p" => self.splice.place(&packet, &self.reports),
            _ => self.splice.place_again(&packet),
        };
        let Some(placed) = placed else { return "-".into() };
        placed.rewrite(&mut payload);
        let payload = match placed.is_empty {
            true => ".".into(),
            false => payload.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        };
        format!("{} {} {payload}", placed.sequence, placed.timestamp)
    }
}

#[test]
fn each_trace_is_told_as_it_was() {
    for trace in TRACES {
        let mut replay = Replay {
            splice: Splice::new(0, 1),
            reports: [None; 3],
            dependencies: Default::default(),
            kept: HashMap::new(),
        };
        for line in trace.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let said = match words[0] {
                "f" => 2,
                "p" | "a" => 7,
                _ => words.len(),
            };
            assert_eq!(replay.step(&words), words[said..].join(" "), "{line}");
        }
    }
}

#[test]
fn keyframes_are_found() {
    for line in KEYFRAMES.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (codec, payload) = (Codec::named(words[0]).unwrap(), bytes(words[1].trim_matches('.')));
        assert_eq!(keyframes::begins(codec, &payload), words[2] == "1", "{line}");
        let told = descriptors::read(codec, &payload).map_or("-".into(), |told| {
            let picture = told.picture.map_or("-".into(), |id| format!("{}@{}", id.value, id.at));
            let base = told
                .base
                .map_or("-".into(), |base| format!("{}@{}", base.value, base.at));
            format!(
                "{} {picture} {base} {} {}",
                u8::from(told.starts),
                told.temporal,
                u8::from(told.rises)
            )
        });
        assert_eq!(told, words[3..].join(" "), "{line}");
    }
}

#[test]
fn an_epoch_is_small() {
    assert!(size_of::<Epoch>() <= 72);
}
