//! The lines to viewers: transport-wide numbers, the estimate, and bursts that probe: `media/wire/viewer_line.py` in
//! Rust.
#![forbid(unsafe_code)]

use crate::bandwidth::Estimator;
use crate::engine::{Engine, Output};
use crate::history::Packet;
use crate::incoming::Publication;
use crate::layering::arrived;
use crate::layers::Placed;
use crate::outgoing::Stream;
use crate::pacer::Pacer;
use crate::peer::Peer;
use crate::rtcp::{self, Part, ReportBlock};
use crate::slab::{Id, Slab};
use crate::tables::Tables;
use crate::twcc::{self, Report};
use crate::types::{LineNews, Note};

const WANTED: f64 = 5_000_000.0;
const PLAN_EVERY: f64 = 0.02;
const TELL_EVERY: f64 = 0.2;
const FEEDBACK_RATE: f64 = 100.0;
const FEEDBACK_BURST: f64 = 0.5;
const LEAST_PACKETS: usize = 6;
const AMONG: i64 = 64;
const MOST_PACKETS: usize = 256;
const ESTIMATE: f64 = 0.03;
const LOSS: f64 = 0.02;
const QUEUE: f64 = 0.02;
const TRIP: f64 = 0.05;

/// Packets of one stream that are sent again, the next one when it is `due`.
#[derive(Debug)]
struct Burst {
    stream: Id,
    publication: Id,
    rate: f64,
    due: f64,
    waiting: Vec<i64>,
}

/// One viewer's. `number` is the transport-wide one of the next packet, of whichever stream.
#[derive(Debug)]
pub struct ViewerLine {
    pub number: u16,
    pub estimator: Estimator,
    pub pacer: Pacer,
    burst: Option<Burst>,
    heard: bool,
    due: f64,
    told_at: f64,
    told: Option<LineNews>,
    highest: Vec<(u32, u32)>,
}

impl Default for ViewerLine {
    fn default() -> Self {
        let mut estimator = Estimator::default();
        estimator.wanted = WANTED;
        Self {
            number: 0,
            estimator,
            pacer: Pacer::default(),
            burst: None,
            heard: false,
            due: 0.0,
            told_at: 0.0,
            told: None,
            highest: Vec::new(),
        }
    }
}

impl ViewerLine {
    /// The packet with the present number left.
    pub fn sent(&mut self, size: usize, now: f64) {
        self.estimator.sent(self.number, size as u32, now);
        self.number = self.number.wrapping_add(1);
    }

    /// False for one report too many.
    fn may_report(&mut self, now: f64) -> bool {
        let due = self.due.max(now);
        if due > now + FEEDBACK_BURST {
            return false;
        }
        self.due = due + 1.0 / FEEDBACK_RATE;
        true
    }

    /// Loss of several streams, each weighed by how many packets it speaks of.
    fn reported(&mut self, blocks: impl Iterator<Item = ReportBlock>, now: f64) {
        let (mut lost, mut total) = (0, 0);
        for block in blocks {
            let weight = match self.highest.iter_mut().find(|(ssrc, _)| *ssrc == block.ssrc) {
                Some((_, before)) => block.highest.wrapping_sub(std::mem::replace(before, block.highest)) & 0xFFFF,
                None => {
                    self.highest.push((block.ssrc, block.highest));
                    0
                }
            };
            lost += u64::from(block.fraction) * u64::from(weight);
            total += u64::from(weight);
        }
        if total > 0 {
            self.estimator.reported(lost as f64 / (256.0 * total as f64), now);
            self.heard = true;
        }
    }

    /// A stream is gone; so are its reports.
    pub fn forget(&mut self, ssrc: u32) {
        self.highest.retain(|(known, _)| *known != ssrc);
    }

    /// What is worth telling.
    fn news(&mut self, now: f64) -> Option<LineNews> {
        if !self.heard || now - self.told_at < TELL_EVERY {
            return None;
        }
        let found = LineNews {
            estimate: self.estimator.estimate(),
            loss: self.estimator.loss(),
            round_trip: self.estimator.round_trip,
            queueing_delay: self.estimator.queueing_delay,
        };
        if self.told.as_ref().is_some_and(|told| !differs(told, &found)) {
            return None;
        }
        self.told_at = now;
        self.told = Some(found);
        Some(found)
    }
}

impl Engine {
    /// What a peer could use of its line, bit/s.
    pub(crate) fn want(&mut self, key: &str, bitrate: f64) {
        let peer = self.tables.peer_id(key).and_then(|id| self.tables.peers.get_mut(id));
        if let Some(peer) = peer {
            peer.line.get_or_insert_default().estimator.wanted = bitrate;
        }
    }

    /// Take what `part` says of the line to a peer; whether it says nothing else.
    pub(crate) fn is_of_line(&mut self, id: Id, part: &Part, now: f64, out: &mut impl Output) -> bool {
        let is_only_that = match (part.kind, part.count) {
            (rtcp::TRANSPORT_FEEDBACK, twcc::TRANSPORT_WIDE) => {
                self.feedback(id, part, now);
                true
            }
            (rtcp::PAYLOAD_FEEDBACK, twcc::TRANSPORT_WIDE) => {
                let Some(rate) = twcc::remb(part.body) else {
                    return false;
                };
                let peer = self.tables.peers.get_mut(id);
                if let Some(peer) = peer.filter(|peer| !peer.by_ssrc.is_empty()) {
                    let line = peer.line.get_or_insert_default();
                    line.estimator.remb(rate);
                    line.heard = true;
                }
                true
            }
            (rtcp::RECEIVER_REPORT | rtcp::SENDER_REPORT, 1..) => {
                self.loss_reported(id, part, now);
                false
            }
            _ => return false,
        };
        self.tell_of_line(id, now, out);
        is_only_that
    }

    fn feedback(&mut self, id: Id, part: &Part, now: f64) {
        let Some(line) = self.tables.peers.get_mut(id).and_then(|peer| peer.line.as_mut()) else {
            return;
        };
        let report: &mut Report = &mut self.report;
        if report.read(part.body).is_err() {
            self.counters.malformed += 1;
        } else if line.may_report(now) {
            line.estimator.feedback(report, now);
            line.pacer.aim(line.estimator.end(now));
            line.heard = true;
        } else {
            self.counters.flooded += 1;
        }
    }

    fn loss_reported(&mut self, id: Id, part: &Part, now: f64) {
        let Some(peer) = self.tables.peers.get_mut(id) else {
            return;
        };
        let Peer { by_ssrc, line, .. } = peer;
        let mut blocks = rtcp::report_blocks(part)
            .filter(|block| by_ssrc.contains_key(&block.ssrc))
            .peekable();
        if blocks.peek().is_some() {
            line.get_or_insert_default().reported(blocks, now);
        }
    }

    pub(crate) fn tell_of_lines(&mut self, now: f64, out: &mut impl Output) {
        for peer in self.tables.peers.iter_mut() {
            tell(peer, now, out);
        }
    }

    fn tell_of_line(&mut self, id: Id, now: f64, out: &mut impl Output) {
        if let Some(peer) = self.tables.peers.get_mut(id) {
            tell(peer, now, out);
        }
    }

    /// Begin what bursts are to be sent; to be called whenever packets were sent.
    pub(crate) fn plan(&mut self, now: f64, out: &mut impl Output) {
        if now < self.plan_at {
            return;
        }
        self.plan_at = now + PLAN_EVERY;
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        for peer in peers.iter_mut() {
            let Peer { line, streams: own, .. } = peer;
            let Some(line) = line.as_mut().filter(|line| line.burst.is_none()) else {
                continue;
            };
            let Some((rate, size)) = line.estimator.probe(now) else {
                continue;
            };
            let found = own.values().find_map(|id| {
                let stream = streams.get(*id).filter(|stream| stream.number_extension > 0)?;
                let shown = shown(publications, stream)?;
                let (waiting, total) = chosen(stream, publications.get(shown)?, size as usize)?;
                let burst = Burst {
                    stream: *id,
                    publication: shown,
                    rate,
                    due: now,
                    waiting,
                };
                Some((burst, total))
            });
            if let Some((burst, total)) = found {
                line.estimator.probes(total as u64);
                line.burst = Some(burst);
            }
        }
        self.probe(now, out);
    }

    /// Send what is due of the bursts.
    pub(crate) fn probe(&mut self, now: f64, out: &mut impl Output) {
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        self.probe_at = None;
        for peer in peers.iter_mut() {
            let Some(mut burst) = peer.line.as_mut().and_then(|line| line.burst.take()) else {
                continue;
            };
            let found = streams.get_mut(burst.stream);
            let found = found.filter(|stream| shown(publications, stream).is_some());
            let (Some(stream), Some(publication)) = (found, publications.get(burst.publication)) else {
                continue;
            };
            while burst.due <= now {
                let Some(index) = burst.waiting.pop() else { break };
                let Some((packet, placed)) = kept(stream, publication, index) else {
                    continue;
                };
                if let Some(size) = self.sender.again(peer, stream, packet, placed.as_ref(), now, out) {
                    burst.due += 8.0 * size as f64 / burst.rate;
                    if let Some(line) = &mut peer.line {
                        line.pacer.probed(size);
                    }
                    self.counters.probed += 1;
                }
            }
            if !burst.waiting.is_empty() {
                self.probe_at = Some(self.probe_at.map_or(burst.due, |due| due.min(burst.due)));
                if let Some(line) = peer.line.as_mut() {
                    line.burst = Some(burst);
                }
            }
        }
    }
}

fn tell(peer: &mut Peer, now: f64, out: &mut impl Output) {
    if let Some(news) = peer.line.as_mut().and_then(|line| line.news(now)) {
        out.note(Note::Line {
            peer: peer.key.clone(),
            news,
        });
    }
}

/// Indices of the newest packets, of those the largest that fit six times; again and again, until it is enough;
/// and how many bytes that is.
fn chosen(stream: &Stream, shown: &Publication, size: usize) -> Option<(Vec<i64>, usize)> {
    let newest = (0..AMONG).filter_map(|back| kept(stream, shown, shown.history.newest() - back));
    let mut sizes: Vec<(usize, i64)> = newest
        .filter(|(packet, _)| stream.has_repair(packet) && !packet.payload.is_empty())
        .map(|(packet, _)| (packet.payload.len(), packet.index))
        .collect();
    sizes.sort_unstable();
    let fitting = sizes.partition_point(|(length, _)| *length <= size / LEAST_PACKETS);
    let chosen = match fitting {
        0 => sizes.get(..1)?,
        _ => sizes.get(fitting.saturating_sub(LEAST_PACKETS)..fitting)?,
    };
    let (mut found, mut total) = (Vec::new(), 0);
    for (length, index) in chosen.iter().cycle().take(MOST_PACKETS) {
        if total >= size && found.len() >= LEAST_PACKETS {
            break;
        }
        found.push(*index);
        total += length;
    }
    found.reverse();
    Some((found, total))
}

/// What goes over a stream now.
fn shown(publications: &Slab<Publication>, stream: &Stream) -> Option<Id> {
    let Some(splice) = &stream.splice else {
        return (!stream.fresh).then_some(stream.publication);
    };
    let layers = publications.get(stream.publication)?.layers.as_ref()?;
    layers.publication(splice.layer().filter(|_| !stream.silent)?)
}

/// A packet that a viewer got, or should have got, and how.
fn kept<'a>(stream: &Stream, publication: &'a Publication, index: i64) -> Option<(&'a Packet, Option<Placed>)> {
    let packet = publication.history.get(index)?;
    let Some(splice) = &stream.splice else {
        return Some((packet, None));
    };
    let placed = splice.place_again(&arrived(publication, packet))?;
    Some((packet, Some(placed)))
}

fn differs(one: &LineNews, other: &LineNews) -> bool {
    (other.estimate - one.estimate).abs() > ESTIMATE * one.estimate
        || (other.loss - one.loss).abs() > LOSS
        || (other.queueing_delay - one.queueing_delay).abs() > QUEUE
        || (other.round_trip - one.round_trip).abs() > TRIP
}
