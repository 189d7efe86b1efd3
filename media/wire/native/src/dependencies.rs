//! The dependency descriptor, a header extension of AV1 that H264 may bear, too: the temporal layer of a packet's
//! picture (AV1 RTP specification 1.0, annex A): `media/wire/dependencies.py` in Rust.
//!
//! Most packets bring three bytes, which point at one of the templates that came with a keyframe.
#![forbid(unsafe_code)]

use crate::descriptors::{Codec, Descriptor};

/// The latest, and the one before it: packets that are older than a keyframe may come after it.
pub const STRUCTURES: usize = 2;
const MOST_SPATIAL: u8 = 3;
const MOST_TEMPORAL: u8 = 7;
/// Nine layers need some 95, and 135 as templates times decode targets. What a stranger sends costs no more.
const MOST_BYTES: usize = 128;
const MOST_INDICATIONS: usize = 256;
const MOST_TEMPLATES: usize = 64;
const SWITCH: u8 = 2;

/// The picture of one packet, as a Descriptor tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub starts: bool,
    pub key: bool,
    pub temporal: u8,
    pub rises: bool,
    pub frame: u16,
}

impl Dependency {
    pub fn descriptor(self) -> Descriptor {
        Descriptor {
            codec: Codec::Av1,
            starts: self.starts,
            key: self.key,
            picture: None,
            base: None,
            temporal: self.temporal,
            rises: self.rises,
            frame: Some(self.frame),
        }
    }
}

#[derive(Clone, Copy)]
struct Layer {
    spatial: u8,
    temporal: u8,
}

/// Templates, with whether they rise, of which the first is number `offset`; `targets` are the highest layers of each
/// decode target.
struct Structure {
    offset: u8,
    templates: Vec<(Layer, bool)>,
    targets: Vec<Layer>,
}

/// The templates of one publication.
#[derive(Default)]
pub struct Dependencies {
    structures: Vec<Structure>,
}

impl Dependencies {
    /// Another stream: its templates are its own.
    pub fn begin(&mut self) {
        self.structures.clear();
    }

    /// How many structures are kept.
    pub fn structures(&self) -> usize {
        self.structures.len()
    }

    /// None when it is torn, or its template has not come.
    pub fn read(&mut self, value: &[u8]) -> Option<Dependency> {
        let [first, high, low, rest @ ..] = value else {
            return None;
        };
        if value.len() > MOST_BYTES {
            return None;
        }
        let (starts, number) = (first & 0x80 > 0, first & 0x3F);
        let mut more = Bits { data: rest, at: 0 };
        let (mut has_structure, mut has_targets, mut has_dtis) = (false, false, false);
        if !rest.is_empty() {
            (has_structure, has_targets, has_dtis) = (more.flag()?, more.flag()?, more.flag()?);
            more.skip(2)?; // frame differences and chains of its own, which come last
        }
        if has_structure {
            self.adopt(Structure::read(&mut more)?);
        }
        let fits = |each: &&Structure| has_structure || each.has(number);
        let found = self.structures.iter().find(fits)?;
        if has_targets {
            more.skip(found.targets.len())?;
        }
        let (layer, mut rises) = *found.templates.get(usize::from(found.place(number)))?;
        if has_dtis {
            let dtis: Option<Vec<u8>> = found.targets.iter().map(|_| more.take(2)).collect();
            rises = can_rise(layer, &found.targets, &dtis?);
        }
        Some(Dependency {
            starts,
            key: starts && has_structure,
            temporal: layer.temporal,
            rises,
            frame: u16::from_be_bytes([*high, *low]),
        })
    }

    fn adopt(&mut self, structure: Structure) {
        self.structures.retain(|each| each.offset != structure.offset);
        self.structures.insert(0, structure);
        self.structures.truncate(STRUCTURES);
    }
}

impl Structure {
    /// `template_dependency_structure`, of which differences, chains and sizes are passed over.
    fn read(bits: &mut Bits) -> Option<Self> {
        let (offset, many) = (bits.take(6)?, usize::from(bits.take(5)?) + 1);
        let layers = layers(bits, MOST_INDICATIONS / many)?;
        let mut dtis = Vec::with_capacity(layers.len());
        for _ in &layers {
            let row: Option<Vec<u8>> = (0..many).map(|_| bits.take(2)).collect();
            dtis.push(row?);
        }
        for _ in &layers {
            while bits.flag()? {
                bits.skip(4)?;
            }
        }
        let chains = bits.take_below(many as u8 + 1)?;
        if chains > 0 {
            for _ in 0..many {
                bits.take_below(chains)?;
            }
            bits.skip(4 * usize::from(chains) * layers.len())?;
        }
        if bits.flag()? {
            bits.skip(32 * (usize::from(layers.last()?.spatial) + 1))?;
        }
        let targets: Vec<Layer> = (0..many).map(|number| target(&layers, &dtis, number)).collect();
        let templates = layers
            .iter()
            .zip(&dtis)
            .map(|(layer, row)| (*layer, can_rise(*layer, &targets, row)));
        Some(Self {
            offset,
            templates: templates.collect(),
            targets,
        })
    }

    fn place(&self, number: u8) -> u8 {
        number.wrapping_sub(self.offset) & 0x3F
    }

    fn has(&self, number: u8) -> bool {
        usize::from(self.place(number)) < self.templates.len()
    }
}

/// Of each template.
fn layers(bits: &mut Bits, most: usize) -> Option<Vec<Layer>> {
    let mut last = Layer {
        spatial: 0,
        temporal: 0,
    };
    let mut found = vec![last];
    loop {
        match bits.take(2)? {
            0 => {}
            1 => last.temporal += 1,
            2 => (last.spatial, last.temporal) = (last.spatial + 1, 0),
            _ => return Some(found),
        }
        found.push(last);
        if found.len() > most.min(MOST_TEMPLATES) || last.spatial > MOST_SPATIAL || last.temporal > MOST_TEMPORAL {
            return None;
        }
    }
}

fn target(layers: &[Layer], dtis: &[Vec<u8>], number: usize) -> Layer {
    let rows = layers.iter().zip(dtis);
    let inside = || {
        rows.clone()
            .filter(|(_, row)| row.get(number).is_some_and(|dti| *dti > 0))
    };
    Layer {
        spatial: inside().map(|(layer, _)| layer.spatial).max().unwrap_or(0),
        temporal: inside().map(|(layer, _)| layer.temporal).max().unwrap_or(0),
    }
}

/// Whether who can decode this picture can decode all that follows in higher temporal layers.
fn can_rise(layer: Layer, targets: &[Layer], dtis: &[u8]) -> bool {
    let is_above = |target: &Layer| target.spatial == layer.spatial && target.temporal > layer.temporal;
    let mut above = targets.iter().zip(dtis).filter(|(target, _)| is_above(target));
    above.all(|(_, dti)| *dti == SWITCH)
}

/// What is None where there are no more.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        Some(self.take(1)? > 0)
    }

    /// Up to eight.
    fn take(&mut self, count: usize) -> Option<u8> {
        let mut number = 0;
        for at in self.at..self.at + count {
            let byte = self.data.get(at / 8)?;
            number = number << 1 | (byte >> (7 - at % 8) & 1);
        }
        self.at += count;
        Some(number)
    }

    /// One of so many numbers, those below a power of two in a bit less: `ns(n)`.
    fn take_below(&mut self, many: u8) -> Option<u8> {
        let width = 8 - many.leading_zeros() as usize;
        let short = ((1u16 << width) - u16::from(many)) as u8;
        let number = self.take(width - 1)?;
        if number < short {
            return Some(number);
        }
        Some((number << 1) - short + self.take(1)?)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at += count;
        (self.at <= 8 * self.data.len()).then_some(())
    }
}

#[cfg(test)]
#[path = "dependencies_tests.rs"]
mod tests;
