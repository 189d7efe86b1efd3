//! One peer of the wire: an address with its keys, what it sends and what it is sent.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::arrivals::Arrivals;
use crate::incoming::Publication;
use crate::rtp::{Malformed, Parsed, parse};
use crate::slab::{Id, Slab};
use crate::srtp::{Opening, Sealing};
use crate::types::Address;
use crate::viewer_line::ViewerLine;

/// SSRCs one peer may send under in its life.
pub const MAX_STREAMS: usize = 256;
pub const MAX_ADDRESSES: usize = 8;
/// RTP packets a peer may send in a second, and BURST seconds' worth of them at once.
pub const MAX_RATE: f64 = 12_000.0;
pub const BURST: f64 = 1.0;
/// Seconds after which a stream may go on under another SSRC without signalling.
pub const SILENCE: f64 = 1.0;

/// Whose packets an SSRC's are, and whether they are repairs (RTX).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub publication: Id,
    pub is_repair: bool,
}

/// `held` while no video goes to `address`, because too much is waiting. `addresses` are listened to, the present one
/// is the last.
///
/// `incoming` tells whose the packets of an SSRC are; None for one that nobody wants. `due` is when its next RTP
/// packet would be if it kept to MAX_RATE; it may be BURST seconds early. `streams` are by publication. `line` is there
/// once something is to be known of what it carries to this peer, `arrivals` once this peer wants to know what its line
/// up carries.
pub struct Peer {
    pub key: String,
    pub address: Address,
    pub addresses: Vec<Address>,
    pub opening: Opening,
    pub sealing: Sealing,
    pub held: bool,
    pub line: Option<Box<ViewerLine>>,
    pub arrivals: Option<Box<Arrivals>>,
    pub publications: Vec<Id>,
    pub streams: BTreeMap<Id, Id>,
    pub by_ssrc: HashMap<u32, Id>,
    due: f64,
    weight: u16,
    incoming: HashMap<u32, Option<Source>>,
    reporters: HashSet<u32>,
}

impl Peer {
    pub fn new(key: String, address: Address, opening: Opening, sealing: Sealing) -> Self {
        Self {
            key,
            address,
            addresses: vec![address],
            opening,
            sealing,
            held: false,
            line: None,
            arrivals: None,
            publications: Vec::new(),
            streams: BTreeMap::new(),
            by_ssrc: HashMap::new(),
            due: 0.0,
            weight: 1,
            incoming: HashMap::new(),
            reporters: HashSet::new(),
        }
    }

    /// It may send as much as so many.
    pub fn weigh(&mut self, weight: u16) {
        self.weight = weight.max(1);
    }

    /// Under new keys nothing is known of its SSRCs.
    pub fn rekey(&mut self, opening: Opening, sealing: Sealing) {
        (self.opening, self.sealing) = (opening, sealing);
        self.incoming.clear();
        self.reporters.clear();
        self.arrivals = self
            .arrivals
            .take()
            .map(|known| Box::new(Arrivals::new(known.extension)));
    }

    /// Its packets bear transport-wide numbers under this id (0: not these), and it wants to be told of them; all its
    /// publications have the same id (RFC 8843 §9.2).
    pub fn report_to(&mut self, extension: u8) {
        if extension > 0 && self.arrivals.as_ref().is_none_or(|known| known.extension != extension) {
            self.arrivals = Some(Box::new(Arrivals::new(extension)));
        }
    }

    pub fn source(&self, ssrc: u32) -> Option<Source> {
        self.incoming.get(&ssrc).copied().flatten()
    }

    /// False for one SSRC too many; asked before a packet is opened.
    pub fn may_send_as(&self, ssrc: u32) -> bool {
        self.incoming.len() < self.most_streams() || self.incoming.contains_key(&ssrc)
    }

    /// As `may_send_as`, of RTCP.
    pub fn may_report_as(&self, ssrc: u32) -> bool {
        self.reporters.len() < self.most_streams() || self.reporters.contains(&ssrc)
    }

    pub fn has_reported_as(&mut self, ssrc: u32) {
        self.reporters.insert(ssrc);
    }

    /// False for a packet that is one too many.
    pub fn may_send_now(&mut self, now: f64) -> bool {
        let due = self.due.max(now);
        if due > now + BURST {
            return false;
        }
        self.due = due + 1.0 / (MAX_RATE * f64::from(self.weight));
        true
    }

    /// Publications changed: what was known of SSRCs is asked anew, except their number.
    pub fn forget_incoming(&mut self) {
        self.incoming.values_mut().for_each(|source| *source = None);
    }

    /// Find out whose stream a new SSRC is: by signalling, else by mid and rid, else by a payload type of its own.
    pub fn latch(
        &mut self,
        publications: &mut Slab<Publication>,
        ssrc: u32,
        data: &[u8],
        now: f64,
    ) -> Result<Option<Source>, Malformed> {
        let source = match self.told(publications, ssrc) {
            Some(source) => Some(source),
            None => self.guessed(publications, ssrc, &parse(data)?, now),
        };
        self.incoming.insert(ssrc, source);
        Ok(source)
    }

    fn most_streams(&self) -> usize {
        MAX_STREAMS * usize::from(self.weight)
    }

    fn told(&self, publications: &Slab<Publication>, ssrc: u32) -> Option<Source> {
        self.publications.iter().find_map(|id| {
            let publication = publications.get(*id)?;
            let is_repair = publication.repair_ssrc == Some(ssrc) && publication.ssrc != Some(ssrc);
            let is_ours = is_repair || publication.ssrc == Some(ssrc);
            is_ours.then_some(Source {
                publication: *id,
                is_repair,
            })
        })
    }

    fn guessed(
        &mut self,
        publications: &mut Slab<Publication>,
        ssrc: u32,
        packet: &Parsed,
        now: f64,
    ) -> Option<Source> {
        let all = || {
            self.publications
                .iter()
                .filter_map(|id| Some((*id, publications.get(*id)?)))
        };
        let is_named = all().any(|(_, publication)| is_named(publication, packet));
        let candidates = || {
            all().filter(|(_, each)| {
                if is_named {
                    self::is_named(each, packet)
                } else {
                    each.told_ssrc.is_none()
                }
            })
        };
        let playing = candidates().filter(|(_, each)| each.clock_of(packet.kind).is_some());
        let playing = only(playing.filter(|(_, each)| is_of_layer(each, packet, each.rid_extension)));
        let repairing = candidates().filter(|(_, each)| each.repaired_by(packet.kind).is_some());
        let repairing = only(repairing.filter(|(_, each)| is_of_layer(each, packet, each.repaired_rid_extension)));
        match (playing, repairing) {
            (Found::One(publication), Found::None) => {
                let found = publications.get_mut(publication).filter(|each| is_free(each, now))?;
                found.begin(Some(ssrc));
                let (layer, outer) = (found.layer, found.outer);
                if let Some(layers) = outer
                    .and_then(|outer| publications.get_mut(outer))
                    .and_then(|outer| outer.layers.as_mut())
                {
                    layers.report(layer, None);
                }
                let source = Some(Source {
                    publication,
                    is_repair: false,
                });
                self.incoming
                    .values_mut()
                    .filter(|each| **each == source)
                    .for_each(|each| *each = None);
                source
            }
            (Found::None, Found::One(publication)) => {
                let found = publications.get_mut(publication)?;
                if !found.rid.is_empty() {
                    found.repair_ssrc = Some(ssrc); // browsers leave the rid out after a while
                }
                Some(Source {
                    publication,
                    is_repair: true,
                })
            }
            _ => None,
        }
    }
}

enum Found {
    None,
    One(Id),
    Several,
}

fn only<'a>(mut found: impl Iterator<Item = (Id, &'a Publication)>) -> Found {
    match (found.next(), found.next()) {
        (None, _) => Found::None,
        (Some((id, _)), None) => Found::One(id),
        _ => Found::Several,
    }
}

fn is_named(publication: &Publication, packet: &Parsed) -> bool {
    let wanted = publication.mid_extension;
    let mid = packet.elements().find(|(key, _)| *key == wanted);
    wanted > 0 && mid.is_some_and(|(_, value)| value == publication.mid)
}

/// It names the layer that this publication is, unless that is none.
fn is_of_layer(publication: &Publication, packet: &Parsed, extension: u8) -> bool {
    let rid = packet.elements().find(|(key, _)| *key == extension);
    publication.rid.is_empty() || rid.is_some_and(|(_, value)| value == publication.rid)
}

fn is_free(publication: &Publication, now: f64) -> bool {
    publication.first < 0 || now - publication.last_arrival > SILENCE
}
