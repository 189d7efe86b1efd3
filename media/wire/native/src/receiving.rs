//! The way in: what peers send, opened and told apart.
#![forbid(unsafe_code)]

use crate::bytes::u32_at;
use crate::engine::{Engine, Output};
use crate::history::Packet;
use crate::incoming::Publication;
use crate::layering::arrived;
use crate::layers::Placed;
use crate::outgoing::Stream;
use crate::rtcp::{self, Part, SenderInfo};
use crate::slab::{Id, Slab};
use crate::tables::Tables;
use crate::types::{Address, Note};

/// Seconds between sender reports of one publication; those that come sooner are overlooked.
const REPORT_EVERY: f64 = 0.1;
/// Packets one NACK may ask for; the rest of it is overlooked.
const MAX_ASKED: usize = 512;

impl Engine {
    pub(crate) fn receive_media(&mut self, data: &mut [u8], from: Address, now: f64, out: &mut impl Output) {
        let id = self.tables.by_address.get(&from).copied().filter(|_| data.len() >= 12);
        match (id, data.get(1)) {
            (Some(id), Some(192..=223)) => self.receive_rtcp(id, data, now, out), // RFC 5761 §4
            (Some(id), Some(_)) => self.receive_rtp(id, data, now, out),
            _ => self.counters.strange += 1,
        }
    }

    fn receive_rtp(&mut self, id: Id, data: &mut [u8], now: f64, out: &mut impl Output) {
        let Tables {
            peers,
            publications,
            busy,
            ..
        } = &mut self.tables;
        let (Some(peer), Some(ssrc)) = (peers.get_mut(id), u32_at(data, 8)) else {
            return;
        };
        if !peer.may_send_as(ssrc) {
            self.counters.strange += 1;
            return;
        }
        let sealed = data.len();
        let Some(data) = peer.opening.open_rtp(data).and_then(|size| data.get(..size)) else {
            self.counters.unopened += 1; // forged, replayed, or from before a rekey
            return;
        };
        if let Some(heads) = self.sender.heads.as_mut().filter(|heads| heads.peer == peer.key) {
            heads.now = now;
            heads.rtp(false, data, sealed);
        }
        if !peer.may_send_now(now) {
            self.counters.flooded += 1; // counted once opened: a forger uses up nobody's share
            return;
        }
        if peer
            .arrivals
            .as_mut()
            .is_some_and(|arrivals| arrivals.note(data, ssrc, now).is_err())
        {
            self.counters.malformed += 1;
            return;
        }
        let source = match peer.source(ssrc) {
            Some(source) => Ok(Some(source)),
            None => peer.latch(publications, ssrc, data, now),
        };
        let Ok(source) = source else {
            self.counters.malformed += 1;
            return;
        };
        let Some((source, publication)) =
            source.and_then(|source| Some((source, publications.get_mut(source.publication)?)))
        else {
            self.counters.unwanted += 1;
            return;
        };
        let (is_beginning, was_idle) = (publication.highest < 0, publication.pending.is_empty());
        let taken = if source.is_repair {
            publication.take_repaired(data, now)
        } else {
            publication.take(data, now)
        };
        if taken.is_err() {
            self.counters.malformed += 1;
            return;
        }
        if was_idle && !publication.pending.is_empty() {
            busy.push(source.publication);
            let name = is_beginning.then(|| publication.name.clone());
            if let Some(publication) = name.filter(|_| self.tables.has_just_begun(source.publication)) {
                out.note(Note::Started { publication });
            }
        }
    }

    fn receive_rtcp(&mut self, id: Id, data: &mut [u8], now: f64, out: &mut impl Output) {
        let (Some(peer), Some(ssrc)) = (self.tables.peers.get_mut(id), u32_at(data, 4)) else {
            return;
        };
        if !peer.may_report_as(ssrc) {
            self.counters.strange += 1;
            return;
        }
        let Some(data) = peer.opening.open_rtcp(data).and_then(|size| data.get(..size)) else {
            self.counters.unopened += 1;
            return;
        };
        peer.has_reported_as(ssrc);
        if let Some(heads) = self.sender.heads.as_mut().filter(|heads| heads.peer == peer.key) {
            heads.now = now;
            heads.rtcp(false, data);
        }
        if rtcp::split(data).any(|part| part.is_err()) {
            self.counters.malformed += 1;
            return;
        }
        let mut rest = Vec::new();
        for part in rtcp::split(data).flatten() {
            if !self.is_handled(id, &part, now, out) {
                rest.extend_from_slice(part.raw);
            }
        }
        if let Some(peer) = self.tables.peers.get(id).filter(|_| !rest.is_empty()) {
            out.note(Note::Rtcp {
                peer: peer.key.clone(),
                data: rest,
            });
        }
    }

    fn is_handled(&mut self, peer: Id, part: &Part, now: f64, out: &mut impl Output) -> bool {
        if self.is_of_line(peer, part, now, out) {
            return true;
        }
        match (part.kind, part.count) {
            (rtcp::TRANSPORT_FEEDBACK, rtcp::NACK) => {
                self.repair(peer, part, now, out);
                true
            }
            (rtcp::SENDER_REPORT, count) => {
                self.take_report(peer, part, now, out);
                count == 0
            }
            (kind, _) => kind == rtcp::SOURCE,
        }
    }

    fn repair(&mut self, peer: Id, part: &Part, now: f64, out: &mut impl Output) {
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        let (Some(peer), Some((ssrc, numbers))) = (peers.get_mut(peer), rtcp::nacked(part)) else {
            return;
        };
        let Some(stream) = peer.by_ssrc.get(&ssrc).and_then(|id| streams.get_mut(*id)) else {
            return;
        };
        let Some(publication) = publications.get(stream.publication).filter(|_| stream.nack) else {
            return;
        };
        if stream.splice.is_some() && (stream.silent || publication.muted) {
            return;
        }
        for number in numbers.take(MAX_ASKED) {
            stream.asked += 1;
            let found = asked_for(publications, publication, stream, number);
            if stream.splice.is_some() && found.is_none() {
                continue;
            }
            let sent = self.sender.repair(peer, stream, publication, number, found, now, out);
            self.counters.repaired += u64::from(sent);
        }
    }

    fn take_report(&mut self, peer: Id, part: &Part, now: f64, out: &mut impl Output) {
        let Some(said) = rtcp::sender_info(part) else { return };
        let known = self.tables.peers.get(peer);
        for id in known.map(|peer| peer.publications.clone()).unwrap_or_default() {
            self.take_report_of(id, said, now, out);
        }
    }

    fn take_report_of(&mut self, id: Id, said: SenderInfo, now: f64, out: &mut impl Output) {
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        let Some(publication) = publications.get_mut(id) else {
            return;
        };
        if publication.ssrc != Some(said.ssrc) || publication.first < 0 {
            return;
        }
        if publication.report.is_some() && now - publication.report_at < REPORT_EVERY {
            self.counters.flooded += 1;
            return;
        }
        (publication.report, publication.report_at) = (Some(said), now);
        let timestamp = said.rtp.wrapping_add(publication.shift);
        if publication.has_tap && !publication.muted {
            out.note(Note::Report {
                publication: publication.key.clone(),
                ntp: said.ntp,
                timestamp,
                at: now,
            });
        }
        let streams = publication.streams.iter().filter_map(|id| streams.get(*id));
        for stream in streams.filter(|stream| stream.splice.is_none()) {
            if let Some(viewer) = peers.get_mut(stream.peer) {
                self.sender.report(viewer, publication, stream, out);
            }
        }
        self.layer_reported(id, said.ntp, timestamp, now, out);
    }
}

/// What a viewer got, or should have got, under a number of its own, and how, where its splice knows.
fn asked_for<'a>(
    publications: &'a Slab<Publication>,
    outer: &Publication,
    stream: &Stream,
    sequence: u16,
) -> Option<(&'a Packet, Placed)> {
    let splice = stream.splice.as_ref()?;
    let (layer, index) = splice.find(sequence)?;
    let publication = publications.get(outer.layers.as_ref()?.publication(layer)?)?;
    let packet = publication.history.get(index)?;
    Some((packet, splice.place_again(&arrived(publication, packet))?))
}
