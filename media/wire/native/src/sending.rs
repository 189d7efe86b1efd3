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
use crate::slab::{Id, Slab};

/// Packets in one segmented send; the kernel takes 64 (older ones) or 128.
pub const MAX_SEGMENTS: usize = 60;
pub const MAX_RUN_BYTES: usize = 60_000;

/// Writes into one piece of memory, seals there, and sends from there: a packet is copied once for a viewer.
///
/// `paced` are peers for whom packets wait, `waited` is how many packets ever did.
pub struct Sender {
    pub(crate) arena: Vec<u8>,
    pub heads: Option<Box<Heads>>,
    pub paced: Vec<Id>,
    pub waited: u64,
}

/// Packets at the beginning of the arena that leave in one call: `count` of `step` bytes, up to `end`.
#[derive(Clone, Copy, Default)]
pub struct Run {
    end: usize,
    count: usize,
    step: usize,
}

impl Run {
    pub fn end(&self) -> usize {
        self.end
    }
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            arena: vec![0; MAX_RUN_BYTES + 2 * MAX_DATAGRAM],
            heads: None,
            paced: Vec::new(),
            waited: 0,
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

    /// The hot path. What is to be paced waits.
    pub fn forward_to<'a>(
        &mut self,
        peer: &mut Peer,
        stream: &mut Stream,
        packets: impl Iterator<Item = (&'a Packet, Option<&'a Placed>)>,
        now: f64,
        out: &mut impl Output,
    ) {
        let mut run = Run::default();
        for (packet, placed) in packets {
            let Some(room) = self.arena.get_mut(run.end..) else {
                break;
            };
            let Some(written) = stream.place(room, packet, placed) else {
                continue;
            };
            stream.packets += 1;
            stream.octets += packet.payload.len() as u64;
            let key = Some(placed.map_or(packet.index, |placed| placed.sequence));
            if !stream.is_sound && peer.line.as_ref().is_some_and(|line| line.pacer.holds(now)) {
                self.wait(peer, stream, run.end, written, (key, false), now);
            } else if let Some(size) = number_and_seal(room, peer, stream, written, key, now) {
                self.add(peer, &mut run, size, out);
            }
        }
        self.emit(peer, run, out);
    }

    /// A packet of `size` bytes, which lies behind the run, goes with it. Packets of equal size go together, and the
    /// last of them may be shorter.
    #[inline]
    pub(crate) fn add(&mut self, peer: &Peer, run: &mut Run, size: usize, out: &mut impl Output) {
        if run.count > 0 && (size > run.step || run.count == MAX_SEGMENTS || run.end + size > MAX_RUN_BYTES) {
            self.emit(peer, *run, out);
            self.arena.copy_within(run.end..run.end + size, 0);
            *run = Run::default();
        }
        run.step = if run.count == 0 { size } else { run.step };
        run.end += size;
        run.count += 1;
        if size < run.step {
            self.emit(peer, *run, out);
            *run = Run::default();
        }
    }

    pub(crate) fn emit(&mut self, peer: &Peer, run: Run, out: &mut impl Output) {
        let Run { end, count, step } = run;
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
        let is_same = stream.number_extension > 0 && u32_at(&self.arena, 8) == Some(stream.ssrc);
        let pacer = peer.line.as_ref().map(|line| &line.pacer);
        if !stream.is_sound && pacer.is_some_and(|pacer| pacer.holds_repair(now)) {
            return self.wait(peer, stream, 0, written, (None, is_same), now).is_some();
        }
        let sealed = if is_same {
            seal_again(&mut self.arena, peer, written, now)
        } else {
            number_and_seal(&mut self.arena, peer, stream, written, None, now)
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

/// Where agreed, under the next transport-wide number; `first` is the index of what leaves for the first time.
pub(crate) fn number_and_seal(
    room: &mut [u8],
    peer: &mut Peer,
    stream: &mut Stream,
    written: Written,
    first: Option<i64>,
    now: f64,
) -> Option<usize> {
    if stream.number_extension == 0 {
        return seal(room, peer, written, now);
    }
    let number = peer.line.as_ref()?.number;
    put_number(room, number)?;
    if let Some(index) = first {
        stream.note_number(index, number);
    }
    let size = seal(room, peer, written, now)?;
    peer.line.as_mut()?.sent(size, now);
    Some(size)
}

/// The same packet again, to the last bit.
pub(crate) fn seal_again(room: &mut [u8], peer: &mut Peer, written: Written, now: f64) -> Option<usize> {
    if let (Some(line), Some(number)) = (&mut peer.line, number_in(room)) {
        line.estimator.repeated(number);
    }
    seal(room, peer, written, now)
}

fn seal(room: &mut [u8], peer: &mut Peer, written: Written, now: f64) -> Option<usize> {
    let Written {
        header,
        size,
        rollovers,
    } = written;
    let size = peer.sealing.seal_rtp(room, header, size, rollovers)?;
    if let Some(line) = &mut peer.line {
        line.pacer.left(size, now);
    }
    Some(size)
}
