//! One subscription: what a packet of a publication looks like to one viewer.
#![forbid(unsafe_code)]

use crate::bytes::{put, u16_at};
use crate::history::{History, Packet};
use crate::layers::{Arrived, Placed, Splice};
use crate::red::unwrapped;
use crate::rtcp::{SenderInfo, write_sender_report, write_source};
use crate::rtp::{HEADER, ONE_BYTE, write_elements, write_header};
use crate::slab::Id;
use crate::srtp::Rollovers;
use crate::types::{AddSubscription, Payload, PayloadMap};

/// Bytes a second of retransmission that one stream may have, and how many at once.
pub const RETRANSMIT_RATE: f64 = 256_000.0;
pub const RETRANSMIT_BURST: f64 = 128_000.0;
/// Packets of which the transport-wide number is known, where they may be sent again as they were.
const REPEATS: usize = 256;

/// A packet in the clear, as it was written: where its payload begins, its size, and what sealing needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub header: usize,
    pub size: usize,
    pub rollovers: u32,
}

/// The rewriting for one viewer, whose numbering has no gaps but those of lost packets.
///
/// `delta` is ours minus the publication's index, `first` the first index forwarded; `fresh` until then, and again
/// after a pause. `silent` while `paused` by command, or `held` because the way to the viewer is full. What
/// `is_sound` is never paced. `unwraps`: of RED it is given the new part alone.
///
/// With a `number_extension` packets bring the viewer's transport-wide number, which whoever sends them writes
/// (`put_number`). Without RTX, `numbers` keeps what it was, by index: a packet that is sealed again under its own
/// sequence number must be the same to the last bit, or its key would be given away.
///
/// With a `splice`, which is told to send at most layer `wish`, numbers are as it has placed packets.
pub struct Stream {
    pub peer: Id,
    pub publication: Id,
    pub ssrc: u32,
    pub nack: bool,
    pub fresh: bool,
    pub silent: bool,
    pub is_sound: bool,
    pub unwraps: bool,
    pub packets: u64,
    pub octets: u64,
    pub retransmitted: u64,
    pub asked: u64,
    pub extensions: Vec<(u8, u8)>,
    pub number_extension: u8,
    pub splice: Option<Box<Splice>>,
    pub wish: u8,
    numbers: Vec<(i64, u16)>,
    repair_ssrc: Option<u32>,
    cname: String,
    payloads: Vec<PayloadMap>,
    /// The viewer's own mid.
    fixed: Option<(u8, Vec<u8>)>,
    /// The extension of a packet that brings none.
    block: Vec<u8>,
    paused: bool,
    held: bool,
    next_sequence: i64,
    next_repair: i64,
    delta: i64,
    first: i64,
    allowance: f64,
    allowance_at: f64,
    rollovers: Rollovers,
    repair_rollovers: Rollovers,
}

impl Stream {
    pub fn new(command: AddSubscription, peer: Id, publication: Id, now: f64) -> Self {
        let has_mid = command.mid_extension > 0 && !command.mid.is_empty();
        let fixed = has_mid.then_some((command.mid_extension, command.mid));
        let mut block = vec![0; 512];
        let listed = leading(command.transport_extension).chain(fixed.iter().map(|(key, value)| (*key, &value[..])));
        let size = write_elements(&mut block, listed).unwrap_or(0);
        block.truncate(size);
        let has_rtx = command.retransmission_ssrc.is_some()
            && command
                .payloads
                .iter()
                .all(|each| each.retransmission.is_some() && !each.unwrap);
        let is_repeated = command.transport_extension > 0 && command.nack && !has_rtx;
        Self {
            peer,
            publication,
            ssrc: command.ssrc,
            nack: command.nack,
            fresh: true,
            silent: false,
            is_sound: false,
            unwraps: command.payloads.iter().any(|map| map.unwrap),
            packets: 0,
            octets: 0,
            retransmitted: 0,
            asked: 0,
            extensions: command.extensions,
            number_extension: command.transport_extension,
            splice: None,
            wish: 0,
            numbers: vec![(-1, 0); if is_repeated { REPEATS } else { 0 }],
            repair_ssrc: command.retransmission_ssrc,
            cname: command.cname,
            payloads: command.payloads,
            fixed,
            block,
            paused: false,
            held: false,
            next_sequence: 0x10000 + i64::from(command.sequence),
            next_repair: i64::from(command.sequence),
            delta: 0,
            first: 0,
            allowance: RETRANSMIT_BURST,
            allowance_at: now,
            rollovers: Rollovers::default(),
            repair_rollovers: Rollovers::default(),
        }
    }

    /// Forward from the publication's packet `first` on, under the next number of our own.
    pub fn begin(&mut self, first: i64) {
        self.first = first;
        self.delta = self.next_sequence - first;
        self.fresh = false;
    }

    /// Other payloads from the next packet on; `highest` is the publication's newest. What was sent before is not sent
    /// again: under its number it must stay the same to the last bit.
    pub fn map(&mut self, payloads: Vec<PayloadMap>, highest: i64) {
        if self.splice.is_some() {
            return; // what that has numbered must stay the same, too
        }
        self.first = self.first.max(highest + 1);
        self.unwraps = payloads.iter().any(|map| map.unwrap);
        self.payloads = payloads;
    }

    /// Numbers are given by a splice from now on; it goes on under the next number, or behind the `newest` packet.
    pub fn begin_splice(&mut self, newest: Option<Arrived>) -> &mut Splice {
        let mut splice = Box::new(Splice::new(0, 90_000));
        splice.number_from(self.next_sequence);
        if let Some(newest) = newest {
            splice.adopt(&newest, self.first, self.delta);
        }
        (self.delta, self.first, self.fresh) = (0, 0, false);
        self.numbers.fill((-1, 0));
        self.splice.insert(splice)
    }

    /// The peer has other keys now, under which numbers wrap anew.
    pub fn rekey(&mut self) {
        self.rollovers = Rollovers::default();
        self.repair_rollovers = Rollovers::default();
    }

    pub fn is_paused(&self) -> bool {
        self.paused
    }

    pub fn has_rtx(&self) -> bool {
        self.repair_ssrc.is_some()
    }

    pub fn pause(&mut self, paused: bool, highest: i64) {
        self.paused = paused;
        self.hush(highest);
    }

    pub fn hold(&mut self, held: bool, highest: i64) {
        self.held = held;
        self.hush(highest);
    }

    fn hush(&mut self, highest: i64) {
        self.silent = self.paused || self.held;
        self.leave_off(highest);
    }

    /// Forward nothing for a while; `highest` is the publication's newest packet.
    pub fn leave_off(&mut self, highest: i64) {
        if let Some(splice) = &mut self.splice {
            splice.leave_off();
        } else if !self.fresh {
            self.next_sequence = highest + self.delta + 1;
            self.fresh = true;
        }
    }

    /// Write the packet as this viewer gets it, `placed` by its splice if it has one; None when it is not for this
    /// viewer.
    pub fn place(&mut self, to: &mut [u8], packet: &Packet, placed: Option<&Placed>) -> Option<Written> {
        if self.fresh || packet.index < self.first {
            return None;
        }
        let kind = packet.kind & 0x80 | self.map_of(packet.kind)?.target & 0x7F;
        let number = placed.map_or(packet.index + self.delta, |placed| placed.sequence);
        let (header, size) = self.write(to, packet, placed, kind, number as u16, self.ssrc, &[])?;
        Some(Written {
            header,
            size,
            rollovers: self.rollovers.of(number)?,
        })
    }

    /// Write the answer to a NACK of our `sequence`: as RTX where negotiated (RFC 4588), else as it was.
    ///
    /// None when the packet is not kept any more, or this viewer asks for more than its share.
    pub fn place_repair(
        &mut self,
        to: &mut [u8],
        sequence: u16,
        history: &History,
        highest: i64,
        payloads: &[Payload],
        now: f64,
    ) -> Option<Written> {
        if self.fresh {
            return None;
        }
        let newest = highest + self.delta;
        let packet = history.get(newest - ((newest - i64::from(sequence)) & 0xFFFF) - self.delta)?;
        let packet = &*if self.unwraps {
            unwrapped(packet, payloads)?
        } else {
            packet.clone()
        };
        self.place_asked(to, packet, None, now)
    }

    /// As `place_repair`, when it is known which packet was meant.
    pub fn place_asked(
        &mut self,
        to: &mut [u8],
        packet: &Packet,
        placed: Option<&Placed>,
        now: f64,
    ) -> Option<Written> {
        if packet.index < self.first || !self.may_repair(packet.payload.len(), now) {
            return None;
        }
        if self.has_repair(packet) {
            self.place_again(to, packet, placed)
        } else {
            self.place_as_it_was(to, packet, placed)
        }
    }

    /// Write a kept packet as RTX; None where that is not agreed, or not for this viewer.
    pub fn place_again(&mut self, to: &mut [u8], packet: &Packet, placed: Option<&Placed>) -> Option<Written> {
        let repair = self.map_of(packet.kind).filter(|map| !map.unwrap)?.retransmission?;
        let ssrc = self.repair_ssrc?;
        if self.fresh || packet.index < self.first {
            return None;
        }
        let sequence = placed.map_or(packet.index + self.delta, |placed| placed.sequence) as u16;
        let number = self.next_repair;
        self.next_repair += 1;
        let kind = packet.kind & 0x80 | repair & 0x7F;
        let prefix = sequence.to_be_bytes();
        let (header, size) = self.write(to, packet, placed, kind, number as u16, ssrc, &prefix)?;
        Some(Written {
            header,
            size,
            rollovers: self.repair_rollovers.of(number)?,
        })
    }

    /// Whether `place_again` has something to write.
    pub fn has_repair(&self, packet: &Packet) -> bool {
        let map = self.map_of(packet.kind);
        let is_agreed = map.is_some_and(|map| map.retransmission.is_some() && !map.unwrap);
        is_agreed && self.repair_ssrc.is_some() && !self.fresh && packet.index >= self.first
    }

    /// The packet left for the first time, with this transport-wide number.
    pub fn note_number(&mut self, index: i64, number: u16) {
        if let Some(place) = self.numbers.get_mut(index.rem_euclid(REPEATS as i64) as usize) {
            *place = (index, number);
        }
    }

    fn place_as_it_was(&mut self, to: &mut [u8], packet: &Packet, placed: Option<&Placed>) -> Option<Written> {
        let written = self.place(to, packet, placed)?;
        if self.number_extension > 0 {
            let key = placed.map_or(packet.index, |placed| placed.sequence);
            let known = self.numbers.get(key.rem_euclid(REPEATS as i64) as usize);
            let (_, number) = known.filter(|(index, _)| *index == key)?;
            put_number(to, *number)?;
        }
        Some(written)
    }

    /// The publisher's latest report in our numbers: the same moment, so that lips stay with voices.
    pub fn report(&self, said: &SenderInfo, shift: u32) -> Vec<u8> {
        let shift = shift.wrapping_add(self.splice.as_ref().map_or(0, |splice| splice.shift()));
        let told = SenderInfo {
            ssrc: self.ssrc,
            ntp: said.ntp,
            rtp: said.rtp.wrapping_add(shift),
        };
        let mut data = Vec::with_capacity(64);
        write_sender_report(&mut data, &told, self.packets, self.octets);
        write_source(&mut data, self.ssrc, self.cname.as_bytes());
        data
    }

    fn map_of(&self, kind: u8) -> Option<&PayloadMap> {
        self.payloads.iter().rfind(|map| map.source == kind & 0x7F)
    }

    #[allow(clippy::too_many_arguments)]
    fn write(
        &self,
        to: &mut [u8],
        packet: &Packet,
        placed: Option<&Placed>,
        kind: u8,
        sequence: u16,
        ssrc: u32,
        prefix: &[u8],
    ) -> Option<(usize, usize)> {
        let header = self.write_extension(to, packet)?;
        let flags = if header > HEADER {
            packet.flags | 0x10
        } else {
            packet.flags
        };
        let Some(placed) = placed else {
            write_header(to, flags, kind, sequence, packet.timestamp, ssrc)?;
            let at = put(to, header, prefix)?;
            return Some((header, put(to, at, &packet.payload)?));
        };
        let flags = if placed.is_empty { flags & !0x20 } else { flags };
        write_header(to, flags, kind, sequence, placed.timestamp, ssrc)?;
        let at = put(to, header, prefix)?;
        if placed.is_empty {
            return Some((header, at));
        }
        let end = put(to, at, &packet.payload)?;
        placed.rewrite(to.get_mut(at..end)?);
        Some((header, end))
    }

    /// What this viewer knows of the packet's extensions under its own ids, then its mid; where the payload begins.
    fn write_extension(&self, to: &mut [u8], packet: &Packet) -> Option<usize> {
        if packet.elements.is_empty() {
            return put(to, HEADER, &self.block);
        }
        let renamed = packet.elements.iter().filter_map(|(key, value)| {
            let (_, ours) = self.extensions.iter().rfind(|(theirs, _)| theirs == key)?;
            Some((*ours, &value[..]))
        });
        let fixed = self.fixed.iter().map(|(key, value)| (*key, &value[..]));
        let all = leading(self.number_extension).chain(renamed).chain(fixed);
        Some(HEADER + write_elements(to.get_mut(HEADER..)?, all)?)
    }

    fn may_repair(&mut self, size: usize, now: f64) -> bool {
        let gained = (now - self.allowance_at) * RETRANSMIT_RATE;
        self.allowance = RETRANSMIT_BURST.min(self.allowance + gained);
        self.allowance_at = now;
        if self.allowance < size as f64 {
            return false;
        }
        self.allowance -= size as f64;
        self.retransmitted += 1;
        true
    }
}

/// Room for the transport-wide number, the first of the extensions.
fn leading<'a>(extension: u8) -> impl Iterator<Item = (u8, &'a [u8])> + Clone {
    (extension > 0).then_some((extension, &[0; 2][..])).into_iter()
}

/// Write the transport-wide number into a packet that has room for one.
pub fn put_number(to: &mut [u8], number: u16) -> Option<()> {
    let place = number_place(to)?;
    put(to, place, &number.to_be_bytes()).map(|_| ())
}

pub fn number_in(data: &[u8]) -> Option<u16> {
    u16_at(data, number_place(data)?)
}

/// Behind the extension's head, and that of its first element, which is longer in the two-byte form.
fn number_place(data: &[u8]) -> Option<usize> {
    let is_short = u16_at(data, HEADER)? == ONE_BYTE;
    Some(HEADER + if is_short { 5 } else { 6 })
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
