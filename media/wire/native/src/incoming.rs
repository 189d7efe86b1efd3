//! One publication as it comes in: its numbering, statistics, gaps and history.
//!
//! A publication has a timeline of its own, indices and timestamps, which goes on when its sender starts anew under
//! another SSRC; viewers are forwarded from that timeline and never see the break.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::bytes::u16_at;
use crate::dependencies::Dependencies;
use crate::descriptors::Codec;
use crate::gaps::Gaps;
use crate::history::{History, Packet};
use crate::layering::Layers;
use crate::outgoing::Stream;
use crate::red;
use crate::rtcp::SenderInfo;
use crate::rtp::{Malformed, Parsed, parse};
use crate::slab::{Id, Slab};
use crate::types::{AddPublication, Kind, Payload, Reception, Tapped};

/// What the wire knows of one track. `key` is its id, `peer` its sender's; `streams` are its viewers, and `pending`
/// is what they have not been sent yet. `newcomers` are those of them that have got nothing yet and may begin with what
/// came before them. `tapped` is what a tap has not been given yet. `rate` is what came lately, bit/s,
/// `base_rate` what of it was the lowest temporal layer where there were others; `octets` are the bytes that came
/// `since`. `unwrapped` is what is pending for viewers who are given of RED what is new alone. `dependencies` are the
/// templates of its dependency descriptors.
///
/// One that is sent in layers takes nothing itself: each of its `layers` is a publication of its own, whose `outer` it
/// is, and whose `name` is its key. A track that is sent once is its own outer where viewers get only some of its
/// temporal layers.
///
/// Of a sound with a `group`: `passing` while it is forwarded, up to index `passed` (None: not known); `loudest` is the
/// loudest of what is pending.
pub struct Publication {
    pub key: String,
    pub name: String,
    pub peer: String,
    pub kind: Kind,
    pub muted: bool,
    pub streams: Vec<Id>,
    pub newcomers: Vec<Id>,
    pub layer: u8,
    pub outer: Option<Id>,
    pub layers: Option<Box<Layers>>,
    pub codec: Option<Codec>,
    pub rid: Vec<u8>,
    pub rid_extension: u8,
    pub repaired_rid_extension: u8,
    pub octets: u64,
    pub rate: u64,
    pub base_rate: u64,
    since: f64,
    /// The header extensions that some viewer gets.
    pub kept: Vec<u8>,
    pub pending: Vec<Arc<Packet>>,
    pub unwrapped: Vec<Arc<Packet>>,
    pub has_tap: bool,
    pub tapped: Vec<Tapped>,
    pub history: History,
    pub gaps: Gaps,
    pub highest: i64,
    pub first: i64,
    pub shift: u32,
    pub last_arrival: f64,
    pub duplicates: u64,
    pub asked: u64,
    pub given_up: u64,
    pub repaired: u64,
    pub keyframes: u64,
    pub received: u64,
    pub told_ssrc: Option<u32>,
    pub ssrc: Option<u32>,
    pub repair_ssrc: Option<u32>,
    pub mid: Vec<u8>,
    pub mid_extension: u8,
    pub level_extension: u8,
    pub dependencies: Option<Box<Dependencies>>,
    dependency_extension: u8,
    pub report: Option<SenderInfo>,
    pub report_at: f64,
    pub group: String,
    pub passing: bool,
    pub passed: Option<i64>,
    pub loudest: Option<u8>,
    pub payloads: Vec<Payload>,
    nack: bool,
    base: i64,
    last_timestamp: u32,
    sent_timestamp: u32,
    transit: f64,
    jitter: f64,
    loud_sum: u64,
    loud_count: u64,
}

impl Publication {
    pub fn new(command: AddPublication) -> Self {
        let mut made = Self {
            key: command.publication.clone(),
            name: command.publication.clone(),
            peer: command.peer.clone(),
            kind: command.kind,
            muted: false,
            streams: Vec::new(),
            newcomers: Vec::new(),
            layer: 0,
            outer: None,
            layers: None,
            codec: None,
            rid: Vec::new(),
            rid_extension: 0,
            repaired_rid_extension: 0,
            octets: 0,
            rate: 0,
            base_rate: 0,
            since: 0.0,
            kept: Vec::new(),
            pending: Vec::new(),
            unwrapped: Vec::new(),
            has_tap: false,
            tapped: Vec::new(),
            history: History::default(),
            gaps: Gaps::default(),
            highest: -1,
            first: -1,
            shift: 0,
            last_arrival: 0.0,
            duplicates: 0,
            asked: 0,
            given_up: 0,
            repaired: 0,
            keyframes: 0,
            received: 0,
            told_ssrc: None,
            ssrc: None,
            repair_ssrc: None,
            mid: Vec::new(),
            mid_extension: 0,
            level_extension: 0,
            dependencies: None,
            dependency_extension: 0,
            report: None,
            report_at: 0.0,
            group: String::new(),
            passing: true,
            passed: None,
            loudest: None,
            payloads: Vec::new(),
            nack: false,
            base: 0,
            last_timestamp: 0,
            sent_timestamp: 0,
            transit: 0.0,
            jitter: 0.0,
            loud_sum: 0,
            loud_count: 0,
        };
        made.change(command);
        made
    }

    /// Take what signalling says of it, anew or for the first time.
    pub fn change(&mut self, command: AddPublication) {
        self.kind = command.kind;
        self.payloads = command.payloads;
        self.mid = command.mid;
        self.mid_extension = command.mid_extension;
        self.level_extension = command.level_extension;
        self.nack = command.nack;
        if command.group != self.group {
            (self.group, self.passing, self.passed) = (command.group, true, None);
        }
        self.codec = command.codec;
        self.rid = command.rids.into_iter().next().unwrap_or_default();
        self.rid_extension = command.rid_extension;
        self.repaired_rid_extension = command.repaired_rid_extension;
        if command.dependency_extension != self.dependency_extension {
            self.dependency_extension = command.dependency_extension;
            self.dependencies = (self.dependency_extension > 0).then(Box::default);
        }
        if self.rid.is_empty() || command.retransmission_ssrc.is_some() {
            self.repair_ssrc = command.retransmission_ssrc; // that of a browser's layer its packets tell
        }
        if command.ssrc.is_some() && command.ssrc != self.told_ssrc {
            self.told_ssrc = command.ssrc;
            self.begin(command.ssrc);
        }
    }

    /// A stream under another SSRC: its first packet will follow the last one of the former.
    pub fn begin(&mut self, ssrc: Option<u32>) {
        self.ssrc = ssrc;
        self.first = -1;
        self.received = 0;
        (self.jitter, self.transit, self.sent_timestamp) = (0.0, 0.0, 0);
        (self.report, self.report_at) = (None, 0.0);
        self.gaps.clear();
        if let Some(known) = &mut self.dependencies {
            known.begin();
        }
    }

    /// Whether a payload type is of this track; its RTP clock in Hz.
    pub fn clock_of(&self, kind: u8) -> Option<u32> {
        self.payloads
            .iter()
            .rfind(|payload| payload.number == kind & 0x7F)
            .map(|payload| payload.clock)
    }

    /// The payload type that packets of an RTX type repair.
    pub fn repaired_by(&self, kind: u8) -> Option<u8> {
        let found = self
            .payloads
            .iter()
            .rfind(|payload| payload.retransmission == Some(kind & 0x7F))?;
        Some(found.number)
    }

    /// A packet in the clear.
    pub fn take(&mut self, data: &[u8], now: f64) -> Result<(), Malformed> {
        let packet = parse(data)?;
        if self.clock_of(packet.kind).is_none() {
            return Ok(());
        }
        let elements = self.elements(&packet);
        let Some(index) = self.place(packet.sequence, packet.timestamp, packet.kind, now) else {
            self.duplicates += 1;
            return Ok(());
        };
        self.received += 1;
        self.octets += data.len() as u64;
        self.keep(&packet, packet.kind, index, packet.payload, elements, now);
        Ok(())
    }

    /// A retransmission: the original's number leads its payload (RFC 4588 §4).
    ///
    /// It does not count as received, so that reports tell what the network really lost.
    pub fn take_repaired(&mut self, data: &[u8], now: f64) -> Result<(), Malformed> {
        let packet = parse(data)?;
        let elements = self.elements(&packet);
        let (Some(original), Some(sequence)) = (self.repaired_by(packet.kind), u16_at(packet.payload, 0)) else {
            return Ok(());
        };
        if packet.payload.len() - packet.padding() < 2 || self.first < 0 {
            return Ok(()); // nothing but padding (a probe), or a repair of what never was
        }
        let kind = packet.kind & 0x80 | original & 0x7F;
        let Some(index) = self.place(sequence, packet.timestamp, kind, now) else {
            self.duplicates += 1;
            return Ok(());
        };
        self.octets += data.len() as u64;
        self.repaired += 1;
        self.keep(
            &packet,
            kind,
            index,
            packet.payload.get(2..).unwrap_or_default(),
            elements,
            now,
        );
        Ok(())
    }

    /// The sender's sequence numbers to ask for now, and how many packets were given up.
    pub fn asked_again(&mut self, now: f64) -> (Vec<u16>, usize) {
        if !self.nack {
            self.gaps.expire(now);
            return (Vec::new(), 0);
        }
        let (wanted, lost) = self.gaps.due(now);
        self.asked += wanted.len() as u64;
        self.given_up += lost as u64;
        (
            wanted.into_iter().map(|index| (index - self.base) as u16).collect(),
            lost,
        )
    }

    /// The mean since the last call, 0–127; 0 when nothing was heard.
    pub fn loudness(&mut self) -> u8 {
        let mean = self.loud_sum.checked_div(self.loud_count).unwrap_or(0);
        (self.loud_sum, self.loud_count) = (0, 0);
        mean as u8
    }

    /// Note the rate of what came, when it is due; at once when something comes again, which is news. It has begun
    /// `within` the last seconds.
    pub fn measure_rate(&mut self, is_due: bool, within: f64, now: f64) -> bool {
        let has_begun = self.rate == 0 && self.octets > 0;
        if has_begun {
            self.since = now - within;
        }
        if has_begun || is_due {
            self.rate = (8.0 * self.octets as f64 / (now - self.since).max(within)) as u64;
        }
        if is_due {
            (self.octets, self.since) = (0, now);
        }
        has_begun
    }

    /// None while there is no stream.
    pub fn reception(&self, now: f64) -> Option<Reception> {
        let ssrc = self.ssrc.filter(|_| self.first >= 0)?;
        Some(Reception {
            publication: self.name.clone(),
            ssrc,
            received: self.received,
            expected: self.highest - self.first + 1,
            highest: self.highest - self.base,
            jitter: self.jitter as u32,
            last_report: self.report.map_or(0, |said| (said.ntp >> 16) as u32),
            report_age: self.report.map_or(0.0, |_| now - self.report_at),
        })
    }

    /// Put what is pending by for the tap, too.
    pub fn gather(&mut self) {
        if self.has_tap && !self.muted {
            let (pending, payloads) = (&self.pending, &self.payloads);
            self.tapped.extend(pending.iter().filter_map(|packet| {
                let (flags, kind, payload) = red::new_of(packet, payloads)?;
                Some(Tapped::of(packet, flags, kind, payload))
            }));
        }
    }

    /// Whether it may be sent in RED.
    pub fn is_red(&self) -> bool {
        self.payloads.iter().any(|each| each.wraps.is_some())
    }

    /// Make what is pending ready for viewers who unwrap, if there are; how many packets were malformed.
    pub fn unwrap(&mut self, streams: &Slab<Stream>) -> u64 {
        self.unwrapped.clear();
        let payloads = &self.payloads;
        let mut viewers = self.streams.iter().filter_map(|id| streams.get(*id));
        if !self.is_red() || !viewers.any(|stream| stream.unwraps) {
            return 0;
        }
        let new = self
            .pending
            .iter()
            .filter_map(|packet| red::unwrapped(packet, payloads));
        self.unwrapped.extend(new);
        (self.pending.len() - self.unwrapped.len()) as u64
    }

    fn keep(
        &mut self,
        packet: &Parsed,
        kind: u8,
        index: i64,
        payload: &[u8],
        elements: Vec<(u8, Box<[u8]>)>,
        now: f64,
    ) {
        let timestamp = packet.timestamp.wrapping_add(self.shift);
        let flags = packet.first & 0xA0;
        let extension = self.dependency_extension;
        let dependency = self.dependencies.as_mut().and_then(|known| {
            let (_, value) = packet.elements().find(|(key, _)| *key == extension)?;
            known.read(value)
        });
        let kept = Arc::new(Packet {
            flags,
            kind,
            index,
            timestamp,
            payload: payload.into(),
            elements,
            at: now,
            dependency,
        });
        self.history.add(kept.clone());
        self.pending.push(kept);
    }

    /// The index of a packet on our timeline; None for one that was there, or comes too late.
    fn place(&mut self, sequence: u16, timestamp: u32, kind: u8, now: f64) -> Option<i64> {
        let highest = self.highest;
        let step = (i64::from(sequence) + self.base - highest) & 0xFFFF;
        if self.first < 0 {
            self.start(sequence, timestamp, kind, now);
        } else if step == 1 {
            self.highest = highest + 1;
        } else if 0 < step && step < 0x8000 {
            self.gaps.skipped(highest + 1, highest + step, now);
            self.highest = highest + step;
        } else {
            let late = highest + step - if step > 0 { 0x10000 } else { 0 };
            return self.gaps.arrived(late, now).then_some(late);
        }
        if timestamp != self.sent_timestamp || self.transit == 0.0 {
            self.measure(timestamp, kind, now);
        }
        Some(self.highest)
    }

    fn start(&mut self, sequence: u16, timestamp: u32, kind: u8, now: f64) {
        if self.highest < 0 {
            self.base = 0x10000;
        } else {
            self.base = self.highest + 1 - i64::from(sequence);
            let clock = self.clock_of(kind).unwrap_or(90_000);
            let gone = ((now - self.last_arrival) * f64::from(clock)) as i64;
            self.shift = self
                .last_timestamp
                .wrapping_add(gone.max(1) as u32)
                .wrapping_sub(timestamp);
        }
        self.highest = i64::from(sequence) + self.base;
        self.first = self.highest;
    }

    /// Jitter (RFC 3550 §6.4.1), of the first packet of each picture only.
    fn measure(&mut self, timestamp: u32, kind: u8, now: f64) {
        let clock = f64::from(self.clock_of(kind).unwrap_or(90_000));
        let transit = now * clock - f64::from(timestamp);
        let difference = (transit - self.transit).abs();
        if self.transit != 0.0 && difference < 5.0 * clock {
            self.jitter += (difference - self.jitter) / 16.0;
        }
        self.transit = transit;
        self.sent_timestamp = timestamp;
        self.last_timestamp = timestamp.wrapping_add(self.shift);
        self.last_arrival = now;
    }

    fn elements(&mut self, packet: &Parsed) -> Vec<(u8, Box<[u8]>)> {
        let mut kept = Vec::new();
        for (key, value) in packet.elements() {
            if let (true, Some(level)) = (key == self.level_extension, value.first()) {
                let loudness = 127 - (level & 0x7F);
                self.loud_sum += u64::from(loudness);
                self.loud_count += 1;
                self.loudest = self.loudest.max(Some(loudness));
            }
            if self.kept.contains(&key) {
                kept.push((key, value.into()));
            }
        }
        kept
    }
}

impl Tapped {
    /// Of a packet, with flags, type and payload as they are given.
    pub fn of(packet: &Packet, flags: u8, kind: u8, payload: &[u8]) -> Self {
        let elements = packet.elements.iter().map(|(key, value)| (*key, value.to_vec()));
        Self {
            flags,
            kind,
            index: packet.index,
            timestamp: packet.timestamp,
            payload: payload.to_vec(),
            elements: elements.collect(),
            at: packet.at,
        }
    }
}

#[cfg(test)]
#[path = "incoming_tests.rs"]
mod tests;
