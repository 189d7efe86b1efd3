//! The layers of one publication: which of them come, and what was asked of their sender: `media/wire/layering.py` in
//! Rust.
#![forbid(unsafe_code)]

use crate::dependencies::Dependency;
use crate::descriptors::{Codec, Descriptor, read};
use crate::history::{History, Packet};
use crate::incoming::Publication;
use crate::keyframes::begins;
use crate::layers::{Arrived, Report, Splice};
use crate::slab::Id;
use crate::types::Tapped;

const STOPPED: f64 = 0.5;
pub const MOST_LAYERS: usize = 4;
/// Packets, the latest, by which a rate is parted.
const MOST_MEASURED: i64 = 256;
/// Seconds that what a new viewer is given may lie back.
const MAX_AGE: f64 = 0.3;
const NEVER: f64 = f64::NEG_INFINITY;

/// What is known of one layer. `missed` are pictures of others since its latest.
struct Layer {
    publication: Id,
    comes: bool,
    missed: usize,
    came_at: f64,
    asked_at: f64,
    /// The newest packet that somebody got or waited for.
    until: i64,
}

/// `tapped` splices for a receiver inside the server. `is_due`: a keyframe is wanted as soon as one may be asked for.
pub struct Layers {
    layers: Vec<Layer>,
    pub reports: Vec<Report>,
    pub tapped: Option<Splice>,
    pub is_due: bool,
}

impl Layers {
    /// Of these publications, the smallest first.
    pub fn new(inner: &[Id]) -> Self {
        let layer = |publication: &Id| Layer {
            publication: *publication,
            comes: false,
            missed: 0,
            came_at: NEVER,
            asked_at: NEVER,
            until: -1,
        };
        Self {
            layers: inner.iter().map(layer).collect(),
            reports: vec![None; inner.len()],
            tapped: None,
            is_due: false,
        }
    }

    pub fn inner(&self) -> impl Iterator<Item = Id> {
        self.layers.iter().map(|layer| layer.publication)
    }

    pub fn publication(&self, layer: u8) -> Option<Id> {
        Some(self.layers.get(usize::from(layer))?.publication)
    }

    pub fn top(&self) -> u8 {
        self.layers.len().saturating_sub(1) as u8
    }

    pub fn until(&self, layer: u8) -> i64 {
        self.layers.get(usize::from(layer)).map_or(-1, |layer| layer.until)
    }

    /// Somebody gets, or waits for, a layer, of which `index` is the newest packet.
    pub fn is_wanted(&mut self, layer: u8, index: i64) {
        if let Some(layer) = self.layers.get_mut(usize::from(layer)) {
            layer.until = index;
        }
    }

    pub fn report(&mut self, layer: u8, said: Report) {
        if let Some(report) = self.reports.get_mut(usize::from(layer)) {
            *report = said;
        }
    }

    /// The newest picture of a layer came at `at`; whether the layer has begun with it.
    pub fn came(&mut self, layer: u8, at: f64) -> bool {
        let place = usize::from(layer);
        if self.layers.get(place).is_none_or(|layer| layer.came_at == at) {
            return false;
        }
        self.layers.iter_mut().for_each(|layer| layer.missed += 1);
        let Some(layer) = self.layers.get_mut(place) else {
            return false;
        };
        (layer.came_at, layer.missed) = (at, 0);
        !std::mem::replace(&mut layer.comes, true)
    }

    /// Which layers come no more while others do, noted once: a camera of one picture a second has not stopped.
    pub fn stopped(&mut self, now: f64) -> Vec<Id> {
        let most = 2 * self.layers.len().saturating_sub(1);
        let found = self
            .layers
            .iter_mut()
            .filter(|layer| layer.comes && now - layer.came_at >= STOPPED && layer.missed > most);
        found
            .map(|layer| {
                layer.comes = false;
                layer.publication
            })
            .collect()
    }

    /// What is sent to one who is to get `wish`: the highest up to it that comes, else the lowest that does.
    pub fn best(&self, wish: u8) -> u8 {
        let coming = || (0..).zip(&self.layers).filter(|(_, layer)| layer.comes);
        let lower = coming().take_while(|(number, _)| *number <= wish).last();
        lower.or_else(|| coming().next()).map_or(wish, |(number, _)| number)
    }

    /// Whether a keyframe may be asked for, which it thereby is.
    pub fn may_ask(&mut self, number: u8, every: f64, now: f64) -> bool {
        let Some(layer) = self.layers.get_mut(usize::from(number)) else {
            return false;
        };
        if now - layer.asked_at < every {
            return false;
        }
        layer.asked_at = now;
        true
    }

    /// Over all layers the highest, and one timeline.
    pub fn tap(&mut self) -> &mut Splice {
        let best = self.best(self.top());
        self.tapped.get_or_insert_with(|| {
            let mut splice = Splice::new(0, 90_000);
            splice.want(best, crate::layers::ALL);
            splice
        })
    }
}

/// Whether its temporal layers, if it has any, are known.
pub fn has_temporal(publication: &Publication) -> bool {
    matches!(publication.codec, Some(Codec::Vp8 | Codec::Vp9)) || publication.dependencies.is_some()
}

/// What of the rate is the lowest temporal layer, bit/s, by the packets that came since then; 0 where there are no
/// others.
pub fn base_rate(publication: &Publication, since: f64) -> u64 {
    if publication.rate == 0 || !has_temporal(publication) {
        return 0;
    }
    let newest = publication.history.newest();
    let kept = (newest - MOST_MEASURED + 1..=newest).rev();
    let latest = kept.filter_map(|index| publication.history.get(index));
    let (mut octets, mut base, mut picture, mut is_base) = (0, 0, None, true);
    for packet in latest.take_while(|packet| packet.at >= since) {
        if picture != Some(packet.timestamp) {
            picture = Some(packet.timestamp);
            is_base = described(publication, packet).is_none_or(|told| told.temporal == 0);
        }
        let size = packet.payload.len() as u64;
        octets += size;
        base += if is_base { size } else { 0 };
    }
    if base < octets {
        publication.rate * base / octets
    } else {
        0
    }
}

/// A packet of a layer as a Splice takes it.
pub fn arrived(publication: &Publication, packet: &Packet) -> Arrived {
    let codec = publication.codec;
    Arrived {
        layer: publication.layer,
        index: packet.index,
        timestamp: packet.timestamp,
        begins: codec.is_none_or(|codec| begins(codec, &packet.payload)),
        descriptor: described(publication, packet),
        at: packet.at,
    }
}

fn described(publication: &Publication, packet: &Packet) -> Option<Descriptor> {
    let told = publication.codec.and_then(|codec| read(codec, &packet.payload));
    told.or_else(|| packet.dependency.map(Dependency::descriptor))
}

/// A packet as a tap gets it over a splice; None when it is not for it.
pub fn tapped(splice: &mut Splice, reports: &[Report], packet: &Packet, come: &Arrived) -> Option<Tapped> {
    let placed = splice.place(come, reports)?;
    let mut tapped = Tapped::of(packet, packet.flags, packet.kind, &packet.payload);
    (tapped.index, tapped.timestamp) = (placed.sequence, placed.timestamp);
    if placed.is_empty {
        tapped.payload.clear();
        tapped.flags &= !0x20;
    } else {
        placed.rewrite(&mut tapped.payload);
    }
    Some(tapped)
}

/// The index of the latest keyframe, where that and all since is kept and not too old.
pub fn recent(publication: &Publication, now: f64) -> Option<i64> {
    let history: &History = &publication.history;
    let codec = publication.codec?;
    let mut found: Option<&Packet> = None;
    let mut index = history.newest();
    while let Some(packet) = history.get(index).filter(|packet| packet.at >= now - MAX_AGE) {
        if found.is_some_and(|begin| begin.timestamp != packet.timestamp) {
            break;
        }
        if begins(codec, &packet.payload) {
            found = Some(packet);
        }
        index -= 1;
    }
    found.map(|packet| packet.index)
}
