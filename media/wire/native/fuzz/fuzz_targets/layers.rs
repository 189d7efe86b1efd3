//! Payloads of strangers on three layers in any order: no number goes out with two meanings.
#![no_main]
use std::collections::HashMap;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sabaq_wire::dependencies::{Dependencies, Dependency, STRUCTURES};
use sabaq_wire::descriptors::{self, Codec};
use sabaq_wire::keyframes;
use sabaq_wire::layers::{Arrived, MOST_EPOCHS, Placed, Report, Splice};

/// A dependency descriptor with Chromium's templates of three temporal layers.
const TEMPLATES: [u8; 16] = [
    0xC0, 0, 1, 0x80, 2, 0x14, 0xEA, 0xA8, 0x60, 0x41, 0x4D, 0x14, 0x10, 0x20, 0x84, 0x26,
];
const CODECS: [Codec; 4] = [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1];

struct Story {
    splice: Splice,
    codec: Codec,
    now: f64,
    reports: [Report; 3],
    dependencies: [Dependencies; 3],
    highest: [i64; 3],
    came: HashMap<(u8, i64), (Arrived, Vec<u8>)>,
    /// What went out, by sequence number: the layer, index and bytes behind it.
    sent: HashMap<i64, (u8, i64, u32, Vec<u8>)>,
}

impl Story {
    fn step(&mut self, u: &mut Unstructured) -> Result<()> {
        let layer = u.int_in_range(0..=2)?;
        match u.int_in_range(0..=15)? {
            0 => self.splice.want(layer, u.int_in_range(0..=7)?),
            1 => self.splice.leave_off(),
            2 => self.reports[usize::from(layer)] = Some((u.arbitrary()?, u.arbitrary()?)),
            3 | 4 => self.ask(u.arbitrary()?),
            _ => self.packet(layer, u)?,
        }
        Ok(())
    }

    fn packet(&mut self, layer: u8, u: &mut Unstructured) -> Result<()> {
        let highest = &mut self.highest[usize::from(layer)];
        let index = *highest + i64::from(u.int_in_range(-4..=6i8)?);
        self.now += f64::from(u.arbitrary::<u8>()?) / 1000.0;
        if index < 0 || self.came.contains_key(&(layer, index)) {
            return Ok(()); // a publication takes no packet twice
        }
        *highest = index.max(*highest);
        let size = u.int_in_range(0..=8)?;
        let payload = u.bytes(size)?.to_vec();
        let said = dependency(u)?;
        let known = &mut self.dependencies[usize::from(layer)];
        let packet = Arrived {
            layer,
            index,
            timestamp: u32::from(u.arbitrary::<u8>()? % 8) * 3000 + u.choose(&[0, 0, 1 << 31])?,
            begins: keyframes::begins(self.codec, &payload),
            descriptor: descriptors::read(self.codec, &payload)
                .or_else(|| known.read(&said).map(Dependency::descriptor)),
            at: self.now,
        };
        let placed = self.splice.place(&packet, &self.reports);
        self.came.insert((layer, index), (packet, payload));
        if let Some(placed) = placed {
            self.out(&placed, layer, index);
            assert_eq!(self.splice.place_again(&packet), Some(placed));
        }
        Ok(())
    }

    fn ask(&mut self, sequence: u16) {
        let Some((layer, index)) = self.splice.find(sequence) else {
            return;
        };
        if let Some((packet, _)) = self.came.get(&(layer, index)) {
            let placed = self.splice.place_again(packet).unwrap();
            assert_eq!(placed.sequence as u16, sequence);
            self.out(&placed, layer, index);
        }
    }

    fn out(&mut self, placed: &Placed, layer: u8, index: i64) {
        let mut payload = self.came[&(layer, index)].1.clone();
        placed.rewrite(&mut payload);
        if placed.is_empty {
            payload.clear();
        }
        let told = (layer, index, placed.timestamp, payload);
        assert_eq!(self.sent.entry(placed.sequence).or_insert_with(|| told.clone()), &told);
    }
}

/// Of the templates, or anything.
fn dependency(u: &mut Unstructured) -> Result<Vec<u8>> {
    let number = u.int_in_range(0..=5)?;
    Ok(match u.int_in_range(0..=7)? {
        0 => TEMPLATES.to_vec(),
        1 => {
            let size = u.int_in_range(0..=40)?;
            u.bytes(size)?.to_vec()
        }
        _ => vec![u.choose(&[0xC0, 0x80, 0x40])? | number, 0, u.arbitrary()?],
    })
}

/// All bytes may be descriptors.
fn described(data: &[u8]) {
    let mut known = Dependencies::default();
    for size in [3, 16, 24, 255] {
        for said in data.chunks(size).take(8) {
            assert!(known.read(said).is_none_or(|told| told.temporal <= 7));
            assert!(known.structures() <= STRUCTURES);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    described(data);
    for codec in CODECS {
        let told = descriptors::read(codec, data);
        assert!(told.is_none_or(|told| !told.key || keyframes::begins(codec, data)));
    }
    let mut u = Unstructured::new(data);
    let (Ok(codec), Ok(sequence)) = (u.choose(&CODECS), u.arbitrary()) else {
        return;
    };
    let mut story = Story {
        splice: Splice::new(sequence, 90_000),
        codec: *codec,
        now: 1.0,
        reports: [None; 3],
        dependencies: Default::default(),
        highest: [8; 3],
        came: HashMap::new(),
        sent: HashMap::new(),
    };
    while !u.is_empty() && story.step(&mut u).is_ok() {}
    assert!(story.splice.epochs() <= MOST_EPOCHS);
});
