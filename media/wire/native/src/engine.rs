//! The packet path without its sockets: datagrams and commands in, sealed packets and notes out. Time is given, in
//! seconds.
//!
//! What came together is sent on together by `flush`, so that each viewer gets a burst in one system call.
#![forbid(unsafe_code)]

use crate::arrivals::FAST;
use crate::heads::{Head, Heads};
use crate::incoming::Publication;
use crate::loudest::AUDIBLE;
use crate::peer::Peer;
use crate::rtcp;
use crate::sending::Sender;
use crate::slab::Id;
use crate::tables::Tables;
use crate::twcc::Report;
use crate::types::{Address, Command, Kind, Note, Reception, Value};

/// Seconds between calls of `tick`.
pub const TICK_EVERY: f64 = 0.2;
/// Seconds between calls of `ask`, while `asking` says so.
pub const ASK_EVERY: f64 = 0.01;
/// The longest datagram that is read.
pub const MAX_DATAGRAM: usize = 2048;
/// What sealing may add.
pub const TRAILER: usize = 32;

const EXPIRE_EVERY: f64 = 1.0;
/// Our own SSRC in feedback; it names no stream.
const SENDER: u32 = 1;
/// Taps are given what was gathered after so many seconds, all at once: each waking costs more than many packets.
const GIVE_AFTER: f64 = 0.05;

/// Where the engine's output goes. Nothing here may call the engine.
pub trait Output {
    fn send(&mut self, to: Address, data: &[u8]);
    /// `data` holds packets of `size` bytes, the last may be shorter.
    fn send_run(&mut self, to: Address, data: &[u8], size: usize);
    fn note(&mut self, note: Note);
}

#[derive(Default)]
pub(crate) struct Counters {
    pub strange: u64,
    pub unopened: u64,
    pub malformed: u64,
    pub unwanted: u64,
    pub flooded: u64,
    pub repaired: u64,
    pub asked: u64,
    pub probed: u64,
    pub told: u64,
}

/// All peers, publications and subscriptions of one wire.
#[derive(Default)]
pub struct Engine {
    pub(crate) tables: Tables,
    pub(crate) sender: Sender,
    pub(crate) counters: Counters,
    pub(crate) probe_at: Option<f64>,
    pub(crate) plan_at: f64,
    pub(crate) rates_at: f64,
    /// Room for what a viewer reports, or is told to a publisher.
    pub(crate) report: Report,
    tell_at: f64,
    expire_at: f64,
    /// When the oldest of what waits for taps came.
    gathering_since: f64,
}

impl Engine {
    pub fn new() -> Self {
        Self::default()
    }

    /// One datagram, which is opened in place.
    pub fn receive(&mut self, data: &mut [u8], from: Address, now: f64, out: &mut impl Output) {
        match data.first() {
            Some(128..=191) => self.receive_media(data, from, now, out),
            Some(0..=3 | 20..=63) => out.note(Note::Datagram {
                address: from,
                data: data.to_vec(),
            }),
            _ => self.counters.strange += 1,
        }
    }

    /// Forward what was received since the last time.
    pub fn flush(&mut self, now: f64, out: &mut impl Output) {
        if let Some(heads) = &mut self.sender.heads {
            heads.now = now;
        }
        for id in std::mem::take(&mut self.tables.busy) {
            self.forward(id, now, out);
        }
        self.release(now, out);
        self.give(now, out);
        self.plan(now, out);
        self.tell_arrivals(now, out);
    }

    pub fn perform(&mut self, command: Command, now: f64, out: &mut impl Output) {
        match command {
            Command::SendDatagram { address, data } => out.send(address, &data),
            Command::SendRtcp { peer, data } => {
                if let Some(peer) = self.tables.peer_id(&peer).and_then(|id| self.tables.peers.get_mut(id)) {
                    self.sender.rtcp(peer, &data, out);
                }
            }
            Command::RequestKeyframe { publication, layer } => drop(self.request(&publication, layer, now, out)),
            Command::SelectLayer {
                peer,
                publication,
                layer,
                temporal,
            } => drop(self.select(&peer, &publication, layer, temporal, now, out)),
            Command::WantBitrate { peer, bitrate } => self.want(&peer, bitrate),
            Command::Capture { peer, packets } => {
                self.sender.heads = (packets > 0).then(|| Box::new(Heads::new(peer, packets, now)));
            }
            other => self.tables.perform(other, now, out),
        }
    }

    /// Too much waits on the way to an address (true), or there is room again (false). Not to be said between
    /// `receive` and `flush`, so that no number is skipped.
    pub fn hold(&mut self, address: Address, held: bool, out: &mut impl Output) {
        self.tables.hold(address, held, out);
    }

    /// A TCP connection has ended.
    pub fn closed(&mut self, address: Address, out: &mut impl Output) {
        self.tables.close(address);
        out.note(Note::Closed { address });
    }

    /// Whether packets are missing, or wait for a tap, so that `ask` wants to be called.
    pub fn asking(&self) -> bool {
        !self.tables.gappy.is_empty() || !self.tables.tapped.is_empty()
    }

    /// Ask publishers again for what is missing and due.
    pub fn ask(&mut self, now: f64, out: &mut impl Output) {
        for id in std::mem::take(&mut self.tables.gappy) {
            if self.ask_again(id, now, out) {
                self.tables.gappy.push(id);
            }
        }
        self.give(now, out);
    }

    /// The slow work, every TICK_EVERY seconds.
    pub fn tick(&mut self, now: f64, out: &mut impl Output) {
        self.tell_levels(out);
        self.tick_pictures(now, out);
        self.plan(now, out);
        self.tell_of_lines(now, out);
        self.tell_arrivals(now, out);
        self.give(now, out);
        if now >= self.expire_at {
            self.expire_at = now + EXPIRE_EVERY;
            self.tables
                .publications
                .iter_mut()
                .for_each(|publication| publication.history.expire(now));
        }
    }

    /// One for each stream this peer is sending now.
    pub fn receptions(&self, peer: &str, now: f64) -> Vec<Reception> {
        let known = self.tables.peer_id(peer).and_then(|id| self.tables.peers.get(id));
        let publications = known.into_iter().flat_map(|peer| &peer.publications);
        publications
            .filter_map(|id| self.tables.publications.get(*id)?.reception(now))
            .collect()
    }

    /// What was kept since the last Capture.
    pub fn captured(&self) -> Vec<Head> {
        self.sender.heads.as_ref().map(|heads| heads.kept()).unwrap_or_default()
    }

    /// What came from a peer and what went to it; None for one that is not known.
    pub fn counts(&self, peer: &str) -> Option<Vec<(String, Value)>> {
        self.tables.counts(peer)
    }

    /// Counters and state, as `Forwarder.dump`.
    pub fn dump(&self) -> Vec<(String, Value)> {
        let Counters {
            strange,
            unopened,
            malformed,
            unwanted,
            flooded,
            repaired,
            asked,
            probed,
            told,
        } = self.counters;
        let counters = [
            ("strange", strange),
            ("unopened", unopened),
            ("malformed", malformed),
            ("unwanted", unwanted),
            ("flooded", flooded),
            ("repaired", repaired),
            ("asked", asked),
            ("probed", probed),
            ("told", told),
            ("paced", self.sender.waited),
            ("paced_bytes", self.paced_bytes()),
        ];
        let counters = counters
            .into_iter()
            .map(|(key, count)| (key.to_owned(), Value::Int(count as i64)));
        counters.chain(self.tables.dump()).collect()
    }

    fn forward(&mut self, id: Id, now: f64, out: &mut impl Output) {
        let Tables {
            peers,
            publications,
            streams,
            gappy,
            sounds,
            ..
        } = &mut self.tables;
        let Some(publication) = publications.get_mut(id) else {
            return;
        };
        if !publication.gaps.is_empty() && !gappy.contains(&id) {
            gappy.push(id);
        }
        let had = !publication.tapped.is_empty();
        publication.gather();
        let is_ungrouped = publication.group.is_empty();
        let is_plain = publication.outer.is_none() && publication.newcomers.is_empty();
        let is_first_for_tap = !had && !publication.tapped.is_empty();
        if !publication.muted && (is_ungrouped || sounds.pass(id, publication, streams, now)) {
            self.counters.malformed += publication.unwrap(streams);
            if is_plain {
                self.sender.forward(peers, streams, publication, now, out);
            } else {
                self.forward_pictures(id, now, out);
            }
        }
        if let Some(publication) = self.tables.publications.get_mut(id) {
            publication.pending.clear();
        }
        if is_first_for_tap {
            self.tap_later(id, now);
        }
    }

    /// A publication has something for a tap.
    pub(crate) fn tap_later(&mut self, id: Id, now: f64) {
        if self.tables.tapped.is_empty() {
            self.gathering_since = now;
        }
        self.tables.tapped.push(id);
    }

    /// Give all taps what waits for them, when the first has waited long enough.
    fn give(&mut self, now: f64, out: &mut impl Output) {
        if self.tables.tapped.is_empty() || now - self.gathering_since < GIVE_AFTER {
            return;
        }
        for id in std::mem::take(&mut self.tables.tapped) {
            if let Some(publication) = self.tables.publications.get_mut(id) {
                Tables::give(publication, out);
            }
        }
    }

    /// Whether there is something to ask for later.
    fn ask_again(&mut self, id: Id, now: f64, out: &mut impl Output) -> bool {
        self.overlook(id);
        let Some(publication) = self.tables.publications.get_mut(id) else {
            return false;
        };
        let (wanted, lost) = publication.asked_again(now);
        let owner = self
            .tables
            .peer_ids
            .get(&publication.peer)
            .and_then(|id| self.tables.peers.get_mut(*id));
        if let (false, Some(peer), Some(ssrc)) = (wanted.is_empty(), owner, publication.ssrc) {
            self.counters.asked += wanted.len() as u64;
            feedback(&mut self.sender, peer, out, |to| {
                rtcp::write_nack(to, SENDER, ssrc, wanted.into_iter())
            });
        }
        if lost > 0 {
            out.note(Note::PacketsLost {
                publication: publication.name.clone(),
                layer: publication.layer,
            });
        }
        !publication.gaps.is_empty()
    }

    pub(crate) fn request_keyframe(&mut self, id: Id, out: &mut impl Output) {
        let Some(publication) = self.tables.publications.get_mut(id) else {
            return;
        };
        let owner = self
            .tables
            .peer_ids
            .get(&publication.peer)
            .and_then(|id| self.tables.peers.get_mut(*id));
        if let (Kind::Video, Some(peer), Some(ssrc)) = (publication.kind, owner, publication.ssrc) {
            publication.keyframes += 1;
            feedback(&mut self.sender, peer, out, |to| rtcp::write_pli(to, SENDER, ssrc));
        }
    }

    /// Tell publishers when their packets came.
    fn tell_arrivals(&mut self, now: f64, out: &mut impl Output) {
        if now < self.tell_at {
            return;
        }
        self.tell_at = now + FAST;
        for peer in self.tables.peers.iter_mut() {
            let Some(mut arrivals) = peer.arrivals.take_if(|arrivals| arrivals.is_due(now)) else {
                continue;
            };
            let mut told = Vec::new();
            while arrivals.report(&mut told, &mut self.report, SENDER) {
                feedback(&mut self.sender, peer, out, |to| to.append(&mut told));
                self.counters.told += 1;
            }
            peer.arrivals = Some(arrivals);
        }
    }

    fn tell_levels(&mut self, out: &mut impl Output) {
        let told = |each: &mut Publication| {
            let loudness = if each.level_extension > 0 { each.loudness() } else { 0 };
            (loudness >= AUDIBLE && !each.muted).then(|| (each.key.clone(), loudness))
        };
        let levels: Vec<(String, u8)> = self.tables.publications.iter_mut().filter_map(told).collect();
        if !levels.is_empty() {
            out.note(Note::Levels { levels });
        }
    }
}

/// Feedback travels behind a report, be it an empty one (RFC 4585 §3.1).
fn feedback(sender: &mut Sender, peer: &mut Peer, out: &mut impl Output, write: impl FnOnce(&mut Vec<u8>)) {
    let mut data = Vec::with_capacity(64);
    rtcp::write_empty_report(&mut data, SENDER);
    write(&mut data);
    sender.rtcp(peer, &data, out);
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
