//! The way in: what peers send, opened and told apart.
#![forbid(unsafe_code)]

use crate::bytes::u32_at;
use crate::engine::{Engine, Output};
use crate::rtcp::{self, Part};
use crate::slab::Id;
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
        if !peer.may_send_now(now) {
            self.counters.flooded += 1;
            return;
        }
        let Some(data) = peer.opening.open_rtp(data).and_then(|size| data.get(..size)) else {
            self.counters.unopened += 1; // forged, replayed, or from before a rekey
            return;
        };
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
            if is_beginning {
                out.note(Note::Started {
                    publication: publication.key.clone(),
                });
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
        for number in numbers.take(MAX_ASKED) {
            let sent = self.sender.repair(peer, stream, publication, number, now, out);
            self.counters.repaired += u64::from(sent);
        }
    }

    fn take_report(&mut self, peer: Id, part: &Part, now: f64, out: &mut impl Output) {
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        let Some(said) = rtcp::sender_info(part) else { return };
        let all = peers
            .get(peer)
            .map(|peer| peer.publications.clone())
            .unwrap_or_default();
        for id in all {
            let Some(publication) = publications.get_mut(id) else {
                continue;
            };
            if publication.ssrc != Some(said.ssrc) || publication.first < 0 {
                continue;
            }
            if publication.report.is_some() && now - publication.report_at < REPORT_EVERY {
                self.counters.flooded += 1;
                continue;
            }
            (publication.report, publication.report_at) = (Some(said), now);
            if publication.has_tap && !publication.muted {
                let timestamp = said.rtp.wrapping_add(publication.shift);
                out.note(Note::Report {
                    publication: publication.key.clone(),
                    ntp: said.ntp,
                    timestamp,
                    at: now,
                });
            }
            for stream in publication.streams.iter().filter_map(|id| streams.get(*id)) {
                if let Some(viewer) = peers.get_mut(stream.peer) {
                    self.sender.report(viewer, publication, stream, out);
                }
            }
        }
    }
}
