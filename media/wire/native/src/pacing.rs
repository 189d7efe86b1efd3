//! Packets that wait for their time: kept in the clear, numbered and sealed when they leave.
//!
//! Their sequence numbers they have at once. So what waits still leaves when its stream is paused: there are no gaps.
#![forbid(unsafe_code)]

use crate::engine::{Engine, Output};
use crate::outgoing::{Stream, Written};
use crate::pacer::Waiting;
use crate::peer::Peer;
use crate::sending::{Run, Sender, number_and_seal, seal_again};
use crate::slab::Slab;
use crate::tables::Tables;

impl Engine {
    /// When `send_due` wants to be called; None: not before something else happened.
    pub fn due_at(&self) -> Option<f64> {
        let paced = self.sender.paced.iter().filter_map(|id| {
            let peer = self.tables.peers.get(*id).filter(|peer| !peer.held)?;
            peer.line.as_ref()?.pacer.due()
        });
        self.probe_at.into_iter().chain(paced).reduce(f64::min)
    }

    /// Send what waits for its time: bursts that probe, and what is paced.
    pub fn send_due(&mut self, now: f64, out: &mut impl Output) {
        if self.probe_at.is_some_and(|at| now >= at) {
            self.probe(now, out);
        }
        self.release(now, out);
    }

    /// What waits for all peers together.
    pub(crate) fn paced_bytes(&self) -> u64 {
        let lines = self.tables.peers.iter().filter_map(|peer| peer.line.as_ref());
        lines.map(|line| line.pacer.bytes() as u64).sum()
    }

    /// Send what is due of the paced packets.
    pub(crate) fn release(&mut self, now: f64, out: &mut impl Output) {
        if self.sender.paced.is_empty() {
            return;
        }
        if let Some(heads) = &mut self.sender.heads {
            heads.now = now;
        }
        let Tables { peers, streams, .. } = &mut self.tables;
        for id in std::mem::take(&mut self.sender.paced) {
            let Some(peer) = peers.get_mut(id) else { continue };
            let is_due = |peer: &Peer| due(peer).is_some_and(|due| due <= now);
            if !peer.held && is_due(peer) {
                self.sender.release(peer, streams, now, out);
            }
            if due(peer).is_some() {
                self.sender.paced.push(id);
            }
        }
    }
}

impl Sender {
    /// Keep the packet at `start` of the arena until its time comes.
    pub(crate) fn wait(
        &mut self,
        peer: &mut Peer,
        stream: &Stream,
        start: usize,
        written: Written,
        of: (Option<i64>, bool),
        now: f64,
    ) -> Option<()> {
        let id = *peer.streams.get(&stream.publication)?;
        let data = self.arena.get(start..start + written.size)?;
        let (first, is_same) = of;
        peer.line.as_mut()?.pacer.keep(Waiting {
            stream: id,
            first,
            is_same,
            written,
            data: data.into(),
            at: now,
        });
        if !self.paced.contains(&stream.peer) {
            self.paced.push(stream.peer);
        }
        self.waited += 1;
        Some(())
    }

    fn release(&mut self, peer: &mut Peer, streams: &mut Slab<Stream>, now: f64, out: &mut impl Output) {
        let mut run = Run::default();
        while let Some(waiting) = peer.line.as_mut().and_then(|line| line.pacer.next(now)) {
            let room = self.arena.get_mut(run.end()..);
            let sealed = room.and_then(|room| sealed(room, peer, streams, &waiting, now));
            if let Some(size) = sealed {
                self.add(peer, &mut run, size, out);
            }
        }
        self.emit(peer, run, out);
    }
}

fn due(peer: &Peer) -> Option<f64> {
    peer.line.as_ref()?.pacer.due()
}

fn sealed(room: &mut [u8], peer: &mut Peer, streams: &mut Slab<Stream>, waiting: &Waiting, now: f64) -> Option<usize> {
    room.get_mut(..waiting.data.len())?.copy_from_slice(&waiting.data);
    if waiting.is_same {
        return seal_again(room, peer, waiting.written, now);
    }
    let stream = streams.get_mut(waiting.stream)?;
    number_and_seal(room, peer, stream, waiting.written, waiting.first, now)
}

#[cfg(test)]
#[path = "pacing_tests.rs"]
mod tests;
