//! One viewer's stream over the layers of a publication: what each packet is to the viewer. Pure, time is given.
//!
//! Each layer has a timeline of its own (indices, timestamps, picture ids). What the viewer gets is one stream: it
//! goes over to another layer at a keyframe only, and there sequence numbers, timestamps and picture ids go on.
//! Pictures of temporal layers that are not wanted are left out, and leave no gap. Where the numbers begin to differ
//! otherwise, a new epoch begins; the latest are kept, so that what comes late or is asked for again goes out under
//! the numbers it has.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use crate::descriptors::{Base, Codec, Descriptor, PictureId};

/// More than a viewer asks back for: at 60 pictures a second, half of them left out, two seconds.
pub const MOST_EPOCHS: usize = 64;
/// No temporal layer is above this.
pub const ALL: u8 = 7;

const OPEN: i64 = 1 << 62;
/// Timestamps go forward by at least the thirtieth part of a second at a switch.
const FRAMES: i64 = 30;

/// A layer's latest sender report: NTP time, and that moment's timestamp on the layer's timeline.
pub type Report = Option<(u64, u32)>;

/// A packet of a layer; one for all viewers.
///
/// `index` and `timestamp` on the layer's timeline, `begins` as `keyframes::begins` says (true where the codec is not
/// known), `at` the time of arrival in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    pub layer: u8,
    pub index: i64,
    pub timestamp: u32,
    pub begins: bool,
    pub descriptor: Option<Descriptor>,
    pub at: f64,
}

/// What goes out: extended sequence number, timestamp, and the numbers to be written into the payload.
///
/// With `is_empty` the payload is left away: the packet belongs to a picture that is left out, but its number cannot
/// be taken back any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub sequence: i64,
    pub timestamp: u32,
    pub picture: Option<PictureId>,
    pub base: Option<Base>,
    pub is_empty: bool,
}

impl Placed {
    /// Write the viewer's numbers into its copy of the payload.
    pub fn rewrite(&self, payload: &mut [u8]) {
        if let Some(PictureId { value, at, wide }) = self.picture {
            let [high, low] = value.to_be_bytes();
            match payload.get_mut(at..) {
                Some([first, second, ..]) if wide => (*first, *second) = (high | 0x80, low),
                Some([first, ..]) if !wide => *first = low,
                _ => {}
            }
        }
        if let Some(byte) = self.base.and_then(|base| payload.get_mut(base.at)) {
            *byte = self.base.map_or(0, |base| base.value);
        }
    }
}

/// Packets `first` to before `end` of a layer, which all go out under numbers that differ by the same.
///
/// Those before `body` and from `tail` on had not come when their numbers were given away; one of them whose timestamp
/// is `before`, or `after`, is of a picture that is left out.
#[derive(Clone, Copy)]
struct Epoch {
    layer: u8,
    first: i64,
    body: i64,
    tail: i64,
    end: i64,
    delta: i64,
    shift: u32,
    picture: u16,
    base: u8,
    before: Option<u32>,
    after: Option<u32>,
}

impl Epoch {
    fn place(&self, packet: &Arrived) -> Placed {
        let told = packet.descriptor.as_ref();
        let is_before = packet.index < self.body && self.before == Some(packet.timestamp);
        let is_after = packet.index >= self.tail && self.after == Some(packet.timestamp);
        Placed {
            sequence: packet.index + self.delta,
            timestamp: packet.timestamp.wrapping_add(self.shift),
            picture: told
                .and_then(|told| told.picture)
                .map(|id| renumbered(id, self.picture)),
            base: told.and_then(|told| told.base).map(|base| Base {
                value: base.value.wrapping_add(self.base),
                ..base
            }),
            is_empty: is_before || is_after,
        }
    }

    fn has(&self, index: i64) -> bool {
        (self.first..self.end).contains(&index)
    }
}

/// `layer` is what the viewer gets now, None before the first packet and after `leave_off`; `wanted` what it is to
/// get. `temporal` is the highest temporal layer that goes out now, `wanted_temporal` that which may.
pub struct Splice {
    layer: Option<u8>,
    wanted: u8,
    temporal: u8,
    wanted_temporal: u8,
    clock: i64,
    epochs: VecDeque<Epoch>,
    next: i64,
    /// Of the newest packet that was seen: the viewer's timestamp and picture numbers, and when it came.
    sent: u32,
    sent_at: f64,
    picture: Option<u16>,
    base: Option<u8>,
    /// What `sent` would be without what was added to go forward.
    ideal: u32,
    /// What is added to picture ids from now on.
    offset: u16,
    seen: i64,
    picture_time: u32,
    is_out: bool,
    left_out: Option<Descriptor>,
}

impl Splice {
    pub fn new(sequence: u16, clock: u32) -> Self {
        Self {
            layer: None,
            wanted: 0,
            temporal: ALL,
            wanted_temporal: ALL,
            clock: clock.into(),
            epochs: VecDeque::new(),
            next: 0x10000 + i64::from(sequence),
            sent: 0,
            sent_at: 0.0,
            picture: None,
            base: None,
            ideal: 0,
            offset: 0,
            seen: -1,
            picture_time: 0,
            is_out: false,
            left_out: None,
        }
    }

    /// The first number, with its rollovers.
    pub fn number_from(&mut self, sequence: i64) {
        self.next = sequence;
    }

    pub fn layer(&self) -> Option<u8> {
        self.layer
    }

    pub fn wanted(&self) -> u8 {
        self.wanted
    }

    /// Ours minus the timestamps of the layer that is sent now.
    pub fn shift(&self) -> u32 {
        self.epochs.back().map_or(0, |epoch| epoch.shift)
    }

    /// How many epochs are remembered.
    pub fn epochs(&self) -> usize {
        self.epochs.len()
    }

    /// Go over to `layer` at its next keyframe; fewer temporal layers from the next picture on, more of them where
    /// the sender allows it.
    pub fn want(&mut self, layer: u8, temporal: u8) {
        self.wanted = layer;
        self.wanted_temporal = temporal;
    }

    pub fn wanted_temporal(&self) -> u8 {
        self.wanted_temporal
    }

    /// Go on with what was sent without a splice until now: packets from `first` to `newest`, whose numbers are their
    /// index and `delta`.
    pub fn adopt(&mut self, newest: &Arrived, first: i64, delta: i64) {
        self.push(Epoch {
            layer: newest.layer,
            first,
            body: first,
            tail: OPEN,
            end: OPEN,
            delta,
            shift: 0,
            picture: 0,
            base: 0,
            before: None,
            after: None,
        });
        self.layer = Some(newest.layer);
        self.saw(newest);
    }

    /// Send nothing until a keyframe comes again; there are no gaps then.
    pub fn leave_off(&mut self) {
        if self.layer.take().is_some() {
            self.close(None);
        }
    }

    /// What the viewer gets of a packet, once it has come; None for nothing. `reports` by layer.
    pub fn place(&mut self, packet: &Arrived, reports: &[Report]) -> Option<Placed> {
        let is_current = self.layer == Some(packet.layer);
        if is_current && packet.index > self.seen {
            if self.is_left_out(packet) {
                self.leave_out(packet);
                return None;
            }
            return self.forward(packet);
        }
        if let Some(placed) = self.place_again(packet) {
            return Some(placed);
        }
        let is_awaited = !is_current && packet.layer == self.wanted && packet.begins;
        if is_awaited && self.is_new(packet) {
            return self.begin(packet, reports);
        }
        None
    }

    /// What the viewer got of a packet, or gets now that it came late; None for nothing.
    pub fn place_again(&self, packet: &Arrived) -> Option<Placed> {
        let mut epochs = self.epochs.iter().rev();
        let epoch = epochs.find(|epoch| epoch.layer == packet.layer && epoch.has(packet.index))?;
        Some(epoch.place(packet))
    }

    /// The layer and index of what went out, or will, under a sequence number; None when forgotten.
    pub fn find(&self, sequence: u16) -> Option<(u8, i64)> {
        let last = self.epochs.back()?;
        let end = if last.end == OPEN { self.seen + 1 } else { last.end };
        let newest = end + last.delta - 1;
        let number = newest - ((newest - i64::from(sequence)) & 0xFFFF);
        let epoch = self.epochs.iter().rev().find(|epoch| epoch.has(number - epoch.delta))?;
        Some((epoch.layer, number - epoch.delta))
    }

    fn begin(&mut self, packet: &Arrived, reports: &[Report]) -> Option<Placed> {
        let shift = self.shift_for(packet, reports);
        self.close(None);
        let number = self.epochs.back().map_or(self.next, |last| last.end + last.delta);
        let told = packet.descriptor.as_ref();
        let base = told.and_then(|told| told.base).zip(self.base);
        self.offset = told
            .and_then(|told| told.picture)
            .zip(self.picture)
            .map_or(0, |(id, last)| last.wrapping_add(1).wrapping_sub(id.value));
        self.push(Epoch {
            layer: packet.layer,
            first: packet.index,
            body: packet.index,
            tail: OPEN,
            end: OPEN,
            delta: number - packet.index,
            shift,
            picture: self.offset,
            base: base.map_or(0, |(base, last)| last.wrapping_add(1).wrapping_sub(base.value)),
            before: None,
            after: None,
        });
        self.layer = Some(packet.layer);
        self.temporal = self.wanted_temporal;
        self.is_out = false;
        self.saw(packet);
        Some(self.epochs.back()?.place(packet))
    }

    /// No packet gets a second number.
    fn is_new(&self, packet: &Arrived) -> bool {
        let mut known = self.epochs.iter().filter(|epoch| epoch.layer == packet.layer);
        known.all(|epoch| epoch.end <= packet.index)
    }

    /// What makes the packet come as long after the last one sent as it was taken after that.
    fn shift_for(&mut self, packet: &Arrived, reports: &[Report]) -> u32 {
        let Some(last) = self.epochs.back() else { return 0 };
        let gone = (((packet.at - self.sent_at) * self.clock as f64) as i64).max(0);
        let told = self
            .told(packet, last.layer, reports)
            .filter(|told| (told - gone).abs() <= self.clock); // a sender may say what it likes
        let step = told.unwrap_or(gone).max(self.clock / FRAMES);
        let shift_by = |step: i64| self.sent.wrapping_add(step as u32).wrapping_sub(packet.timestamp);
        let (shift, ideal) = (shift_by(step), told.map(shift_by));
        self.ideal = ideal.unwrap_or(shift);
        shift
    }

    /// The same by the senders' clocks, in our timestamps; None when they have not said.
    fn told(&self, packet: &Arrived, last: u8, reports: &[Report]) -> Option<i64> {
        let since = packet.timestamp.wrapping_add(self.ideal).wrapping_sub(self.sent);
        if last == packet.layer {
            return Some((since as i32).into());
        }
        let report = |layer: u8| reports.get(usize::from(layer)).copied().flatten();
        let (ours, theirs) = (report(last)?, report(packet.layer)?);
        let apart = (i128::from(theirs.0.wrapping_sub(ours.0) as i64) * i128::from(self.clock)) >> 32;
        let since = since.wrapping_add(ours.1).wrapping_sub(theirs.1);
        Some((since.wrapping_add(apart as u32) as i32).into())
    }

    fn forward(&mut self, packet: &Arrived) -> Option<Placed> {
        if self.is_out {
            self.open(packet.index);
            self.is_out = false;
        }
        self.saw(packet);
        Some(self.epochs.back()?.place(packet))
    }

    /// Keep what the next picture must go beyond: a picture that is left out counts, others before it may come.
    fn saw(&mut self, packet: &Arrived) {
        let Some(last) = self.epochs.back() else { return };
        self.seen = packet.index;
        self.picture_time = packet.timestamp;
        self.sent = packet.timestamp.wrapping_add(last.shift);
        self.sent_at = packet.at;
        let Some(told) = &packet.descriptor else { return };
        if let Some(id) = told.picture {
            self.picture = Some(renumbered(id, self.offset).value);
        }
        if let Some(base) = told.base {
            self.base = Some(base.value.wrapping_add(last.base));
        }
    }

    /// All packets of a picture share its fate.
    fn is_left_out(&mut self, packet: &Arrived) -> bool {
        if packet.timestamp == self.picture_time {
            return self.is_out;
        }
        self.temporal = self.temporal.min(self.wanted_temporal);
        let Some(told) = &packet.descriptor else { return false };
        if self.layer == Some(self.wanted) {
            self.rise(told, packet.begins);
        }
        told.temporal > self.temporal
    }

    /// More temporal layers, where this picture or what follows needs nothing that was left out.
    fn rise(&mut self, told: &Descriptor, begins: bool) {
        let is_next = told.temporal == self.temporal.saturating_add(1) && told.temporal <= self.wanted_temporal;
        if begins || (told.codec != Codec::Vp8 && told.rises && told.temporal <= self.temporal) {
            self.temporal = self.wanted_temporal;
        } else if told.codec == Codec::Vp8 && told.rises && is_next {
            self.temporal = told.temporal;
        }
    }

    fn leave_out(&mut self, packet: &Arrived) {
        let is_same = self.is_out && packet.timestamp == self.picture_time;
        if !self.is_out {
            self.close(Some(packet));
        } else if !is_same && packet.index > self.seen + 1 && !self.follows(packet) {
            // Whole pictures are missing between two that are left out: they keep numbers.
            self.open(packet.index);
            self.close(Some(packet));
        }
        if !is_same {
            self.skip_picture(packet.descriptor.as_ref());
        }
        self.is_out = true;
        self.saw(packet);
    }

    fn skip_picture(&mut self, told: Option<&Descriptor>) {
        self.left_out = told.copied();
        // VP9 says by differences of picture ids what a picture needs: they must stay.
        if told.is_some_and(|told| told.codec == Codec::Vp8 && told.picture.is_some()) {
            self.offset = self.offset.wrapping_sub(1);
        }
    }

    /// It is of the picture after the one that was left out last.
    fn follows(&self, packet: &Arrived) -> bool {
        let told = packet.descriptor.as_ref().zip(self.left_out.as_ref());
        told.is_some_and(|(told, before)| told.follows(before))
    }

    /// Forward again after what was left out; what did not come since, before `body`, has numbers too.
    fn open(&mut self, body: i64) {
        let Some(last) = self.epochs.back().copied() else {
            return;
        };
        let first = self.seen + 1;
        self.push(Epoch {
            first,
            body,
            tail: OPEN,
            end: OPEN,
            delta: last.end + last.delta - first,
            picture: self.offset,
            before: Some(self.picture_time),
            after: None,
            ..last
        });
    }

    /// Nothing more goes out in this epoch; from `packet` on pictures are left out.
    fn close(&mut self, packet: Option<&Arrived>) {
        let Some(last) = self.epochs.back_mut().filter(|last| last.end == OPEN) else {
            return;
        };
        last.tail = self.seen + 1;
        last.end = packet.map_or(last.tail, |packet| packet.index);
        last.after = packet.map(|packet| packet.timestamp);
    }

    fn push(&mut self, epoch: Epoch) {
        if self.epochs.len() == MOST_EPOCHS {
            self.epochs.pop_front();
        }
        self.epochs.push_back(epoch);
    }
}

fn renumbered(id: PictureId, offset: u16) -> PictureId {
    let mask = if id.wide { 0x7FFF } else { 0x7F };
    PictureId {
        value: id.value.wrapping_add(offset) & mask,
        ..id
    }
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
