//! The way out: packets and reports of a publication, sealed for each viewer and sent in runs.
#![forbid(unsafe_code)]

use crate::bytes::u32_at;
use crate::engine::{MAX_DATAGRAM, Output, TRAILER};
use crate::heads::Heads;
use crate::history::Packet;
use crate::incoming::Publication;
use crate::layers::Placed;
use crate::outgoing::{Stream, Written, number_in, put_number};
use crate::peer::Peer;
use crate::slab::Slab;

/// Packets in one segmented send; the kernel takes 64 (older ones) or 128.
pub const MAX_SEGMENTS: usize = 60;
pub const MAX_RUN_BYTES: usize = 60_000;

/// Writes into one piece of memory, seals there, and sends from there: a packet is copied once for a viewer.
pub struct Sender {
    arena: Vec<u8>,
    pub heads: Option<Box<Heads>>,
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            arena: vec![0; MAX_RUN_BYTES + 2 * MAX_DATAGRAM],
            heads: None,
        }
    }
}

impl Sender {
    /// Send a publication's pending packets to all viewers.
    pub fn forward(
        &mut self,
        peers: &mut Slab<Peer>,
        streams: &mut Slab<Stream>,
        publication: &Publication,
        now: f64,
        out: &mut impl Output,
    ) {
        let is_red = publication.is_red();
        for id in &publication.streams {
            let Some(stream) = streams
                .get_mut(*id)
                .filter(|stream| !stream.silent && stream.splice.is_none())
            else {
                continue;
            };
            let Some(peer) = peers.get_mut(stream.peer) else {
                continue;
            };
            let packets = if stream.unwraps && is_red {
                &publication.unwrapped
            } else {
                &publication.pending
            };
            let Some(first) = packets.first() else { continue };
            if stream.fresh {
                stream.begin(first.index);
                self.report(peer, publication, stream, out);
            }
            let packets = packets.iter().map(|packet| (&**packet, None));
            self.forward_to(peer, stream, packets, now, out);
        }
    }

    /// The hot path. Packets of equal size go together, and the last of them may be shorter.
    pub fn forward_to<'a>(
        &mut self,
        peer: &mut Peer,
        stream: &mut Stream,
        packets: impl Iterator<Item = (&'a Packet, Option<&'a Placed>)>,
        now: f64,
        out: &mut impl Output,
    ) {
        let (mut end, mut count, mut step) = (0, 0, 0);
        for (packet, placed) in packets {
            let Some(room) = self.arena.get_mut(end..) else { break };
            let Some(size) = place_sealed(room, peer, stream, packet, placed, now) else {
                continue;
            };
            if count > 0 && (size > step || count == MAX_SEGMENTS || end + size > MAX_RUN_BYTES) {
                self.emit(peer, end, count, step, out);
                self.arena.copy_within(end..end + size, 0);
                (end, count, step) = (0, 0, 0);
            }
            step = if count == 0 { size } else { step };
            end += size;
            count += 1;
            stream.packets += 1;
            stream.octets += packet.payload.len() as u64;
            if size < step {
                self.emit(peer, end, count, step, out);
                (end, count, step) = (0, 0, 0);
            }
        }
        self.emit(peer, end, count, step, out);
    }

    fn emit(&mut self, peer: &Peer, end: usize, count: usize, step: usize, out: &mut impl Output) {
        let data = self.arena.get(..end).unwrap_or_default();
        if let Some(heads) = self.heads.as_mut().filter(|heads| heads.peer == peer.key) {
            heads.run(data, step);
        }
        match count {
            0 => {}
            1 => out.send(peer.address, data),
            _ => out.send_run(peer.address, data, step),
        }
    }

    /// Send a lost packet again, if it is still there and the viewer may have it. `found` is which one was meant, where
    /// a splice knows.
    #[allow(clippy::too_many_arguments)]
    pub fn repair(
        &mut self,
        peer: &mut Peer,
        stream: &mut Stream,
        publication: &Publication,
        sequence: u16,
        found: Option<(&Packet, Placed)>,
        now: f64,
        out: &mut impl Output,
    ) -> bool {
        let (highest, payloads) = (publication.highest, &publication.payloads);
        let written = match &found {
            None => stream.place_repair(&mut self.arena, sequence, &publication.history, highest, payloads, now),
            Some((packet, placed)) => stream.place_asked(&mut self.arena, packet, Some(placed), now),
        };
        let Some(written) = written else { return false };
        let is_same = u32_at(&self.arena, 8) == Some(stream.ssrc);
        let sealed = match (is_same, &mut peer.line) {
            (true, Some(line)) if stream.number_extension > 0 => {
                if let Some(number) = number_in(&self.arena) {
                    line.estimator.repeated(number);
                }
                seal(&mut self.arena, peer, written)
            }
            _ => number_and_seal(&mut self.arena, peer, stream, written, None, now),
        };
        self.send(peer, sealed, out).is_some()
    }

    /// Send a kept packet as RTX though nobody asked; its size.
    pub fn again(
        &mut self,
        peer: &mut Peer,
        stream: &mut Stream,
        packet: &Packet,
        placed: Option<&Placed>,
        now: f64,
        out: &mut impl Output,
    ) -> Option<usize> {
        let written = stream.place_again(&mut self.arena, packet, placed)?;
        let sealed = number_and_seal(&mut self.arena, peer, stream, written, None, now);
        self.send(peer, sealed, out)
    }

    fn send(&mut self, peer: &Peer, sealed: Option<usize>, out: &mut impl Output) -> Option<usize> {
        let data = self.arena.get(..sealed?)?;
        if let Some(heads) = self.heads.as_mut().filter(|heads| heads.peer == peer.key) {
            heads.rtp(true, data, data.len());
        }
        out.send(peer.address, data);
        sealed
    }

    /// Seal a compound packet and send it.
    pub fn rtcp(&mut self, peer: &mut Peer, data: &[u8], out: &mut impl Output) {
        let size = data.len();
        let Some(room) = self.arena.get_mut(..size).filter(|_| size <= MAX_DATAGRAM - TRAILER) else {
            return;
        };
        room.copy_from_slice(data);
        if let Some(heads) = self.heads.as_mut().filter(|heads| heads.peer == peer.key) {
            heads.rtcp(true, data);
        }
        let sealed = peer
            .sealing
            .seal_rtcp(&mut self.arena, size)
            .and_then(|size| self.arena.get(..size));
        if let Some(data) = sealed {
            out.send(peer.address, data);
        }
    }

    /// Tell a viewer how media time and wall clock belong together, if the publisher has said so.
    pub fn report(&mut self, peer: &mut Peer, publication: &Publication, stream: &Stream, out: &mut impl Output) {
        if let Some(said) = publication.report.as_ref().filter(|_| !stream.fresh) {
            self.rtcp(peer, &stream.report(said, publication.shift), out);
        }
    }
}

fn place_sealed(
    room: &mut [u8],
    peer: &mut Peer,
    stream: &mut Stream,
    packet: &Packet,
    placed: Option<&Placed>,
    now: f64,
) -> Option<usize> {
    let written = stream.place(room, packet, placed)?;
    let key = placed.map_or(packet.index, |placed| placed.sequence);
    number_and_seal(room, peer, stream, written, Some(key), now)
}

/// Where agreed, under the next transport-wide number; `first` is the index of what leaves for the first time.
fn number_and_seal(
    room: &mut [u8],
    peer: &mut Peer,
    stream: &mut Stream,
    written: Written,
    first: Option<i64>,
    now: f64,
) -> Option<usize> {
    if stream.number_extension == 0 {
        return seal(room, peer, written);
    }
    let number = peer.line.as_ref()?.number;
    put_number(room, number)?;
    if let Some(index) = first {
        stream.note_number(index, number);
    }
    let size = seal(room, peer, written)?;
    peer.line.as_mut()?.sent(size, now);
    Some(size)
}

fn seal(room: &mut [u8], peer: &Peer, written: Written) -> Option<usize> {
    let Written {
        header,
        size,
        rollovers,
    } = written;
    peer.sealing.seal_rtp(room, header, size, rollovers)
}
