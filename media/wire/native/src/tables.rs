//! The wire's tables, and how commands change them.
#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};

use crate::engine::Output;
use crate::incoming::Publication;
use crate::layers::ALL;
use crate::loudest::Sounds;
use crate::outgoing::Stream;
use crate::peer::{MAX_ADDRESSES, Peer};
use crate::slab::{Id, Slab};
use crate::srtp::{Opening, Sealing};
use crate::types::{AddSubscription, Address, Command, Kind, Note, PayloadMap, Value};

/// Peers, publications and streams by what they are asked for.
///
/// `busy` are publications with packets to send, `gappy` with missing ones, `tapped` with some for a tap; each once.
#[derive(Default)]
pub struct Tables {
    pub peers: Slab<Peer>,
    pub publications: Slab<Publication>,
    pub streams: Slab<Stream>,
    pub by_address: HashMap<Address, Id>,
    pub busy: Vec<Id>,
    pub gappy: Vec<Id>,
    pub tapped: Vec<Id>,
    pub peer_ids: HashMap<String, Id>,
    pub sounds: Sounds,
    pub publication_ids: HashMap<String, Id>,
    pub taps: HashSet<String>,
}

impl Tables {
    pub fn peer_id(&self, key: &str) -> Option<Id> {
        self.peer_ids.get(key).copied()
    }

    pub fn publication_id(&self, key: &str) -> Option<Id> {
        self.publication_ids.get(key).copied()
    }

    /// Follow a command; those that send something are the engine's.
    pub fn perform(&mut self, command: Command, now: f64, out: &mut impl Output) {
        match command {
            Command::AddPeer {
                peer,
                address,
                profile,
                receive_key,
                send_key,
                weight,
            } => {
                let keys = (Opening::new(profile, &receive_key), Sealing::new(profile, &send_key));
                if let (Some(opening), Some(sealing)) = keys {
                    let id = self.add_peer(peer, address, opening, sealing);
                    if let Some(peer) = self.peers.get_mut(id) {
                        peer.weigh(weight);
                    }
                    self.place(id, address, out);
                }
            }
            Command::MovePeer { peer, address } => {
                if let Some(id) = self.peer_id(&peer) {
                    self.place(id, address, out);
                }
            }
            Command::HearPeer { peer, address } => self.hear(&peer, address),
            Command::DropPeer { peer } => self.drop_peer(&peer, out),
            Command::AddPublication(command) => self.add_publication(command, out),
            Command::DropPublication { publication } => self.drop_publication(&publication, out),
            Command::MutePublication { publication, muted } => self.mute(&publication, muted),
            Command::AddSubscription(command) => self.add_stream(command, now),
            Command::DropSubscription { peer, publication } => self.drop_stream(&peer, &publication),
            Command::PauseSubscription {
                peer,
                publication,
                paused,
            } => self.pause(&peer, &publication, paused),
            Command::MapPayloads {
                peer,
                publication,
                payloads,
            } => self.map(&peer, &publication, payloads),
            Command::LimitSounds { group, most } => self.sounds.limit(group, most),
            Command::Tap { publication, on } => self.tap(publication, on, out),
            Command::SendDatagram { .. }
            | Command::SendRtcp { .. }
            | Command::SelectLayer { .. }
            | Command::RequestKeyframe { .. }
            | Command::WantBitrate { .. }
            | Command::Capture { .. } => {}
        }
    }

    /// Too much waits on the way to an address: no more video until there is room. Then keyframes are in want.
    pub fn hold(&mut self, address: Address, held: bool, out: &mut impl Output) {
        let Some(id) = self.by_address.get(&address).copied() else {
            return;
        };
        if self.peers.get(id).is_some_and(|peer| peer.address == address) {
            self.hold_peer(id, held, out);
        }
    }

    /// Nobody is behind this address any more.
    pub fn close(&mut self, address: Address) {
        if let Some(peer) = self.by_address.remove(&address).and_then(|id| self.peers.get_mut(id)) {
            peer.addresses.retain(|each| *each != address);
        }
    }

    /// Give what was gathered for a publication's tap.
    pub fn give(publication: &mut Publication, out: &mut impl Output) {
        if !publication.tapped.is_empty() {
            let packets = std::mem::take(&mut publication.tapped);
            out.note(Note::Packets {
                publication: publication.key.clone(),
                packets,
            });
        }
    }

    pub fn dump(&self) -> Vec<(String, Value)> {
        let told = self
            .publications
            .iter()
            .map(|each| (each.key.clone(), self.told_of(each)))
            .collect();
        vec![
            ("peers".into(), Value::Int(self.peers.len() as i64)),
            ("publications".into(), Value::Map(told)),
        ]
    }

    fn told_of(&self, each: &Publication) -> Value {
        let sum = |of: fn(&Stream) -> u64| {
            Value::Int(
                each.streams
                    .iter()
                    .filter_map(|id| self.streams.get(*id))
                    .map(of)
                    .sum::<u64>() as i64,
            )
        };
        let told = [
            ("ssrc", each.ssrc.map_or(Value::None, |ssrc| Value::Int(ssrc.into()))),
            ("received", Value::Int(each.received as i64)),
            ("late", Value::Int(each.duplicates as i64)),
            ("missing", Value::Int(each.gaps.len() as i64)),
            ("history", Value::Int(each.history.len() as i64)),
            ("history_bytes", Value::Int(each.history.size() as i64)),
            ("rate", Value::Int(each.rate as i64)),
            ("viewers", Value::Int(each.streams.len() as i64)),
            ("forwarded", sum(|stream| stream.packets)),
            ("repaired", sum(|stream| stream.retransmitted)),
            ("muted", Value::Bool(each.muted)),
        ];
        Value::Map(told.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn add_peer(&mut self, key: String, address: Address, opening: Opening, sealing: Sealing) -> Id {
        match self.peer_id(&key) {
            Some(id) => {
                self.rekey(id, opening, sealing);
                id
            }
            None => {
                let id = self.peers.add(Peer::new(key.clone(), address, opening, sealing));
                self.peer_ids.insert(key, id);
                id
            }
        }
    }

    fn rekey(&mut self, id: Id, opening: Opening, sealing: Sealing) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        peer.rekey(opening, sealing);
        if let Some(line) = &mut peer.line {
            line.pacer.clear(); // numbers wrap anew
        }
        for id in peer.streams.values() {
            if let Some(stream) = self.streams.get_mut(*id) {
                stream.rekey();
            }
        }
    }

    /// Send to `address` from now on; the peer's latest few addresses are listened to.
    fn place(&mut self, id: Id, address: Address, out: &mut impl Output) {
        let former = self.by_address.insert(address, id).filter(|former| *former != id);
        if let Some(former) = former.and_then(|former| self.peers.get_mut(former)) {
            former.addresses.retain(|each| *each != address);
        }
        let Some(peer) = self.peers.get_mut(id) else { return };
        peer.address = address;
        peer.addresses.retain(|each| *each != address);
        peer.addresses.push(address);
        let too_many = peer.addresses.len().saturating_sub(MAX_ADDRESSES);
        for old in peer.addresses.drain(..too_many) {
            self.by_address.remove(&old);
        }
        self.hold_peer(id, false, out);
    }

    fn hear(&mut self, key: &str, address: Address) {
        let Some(id) = self.peer_id(key).filter(|_| !self.by_address.contains_key(&address)) else {
            return;
        };
        if let Some(peer) = self
            .peers
            .get_mut(id)
            .filter(|peer| peer.addresses.len() < MAX_ADDRESSES)
        {
            peer.addresses.insert(0, address);
            self.by_address.insert(address, id);
        }
    }

    fn hold_peer(&mut self, id: Id, held: bool, out: &mut impl Output) {
        let Some(peer) = self.peers.get_mut(id).filter(|peer| peer.held != held) else {
            return;
        };
        peer.held = held;
        for (publication, stream) in &peer.streams {
            let publication = self
                .publications
                .get(*publication)
                .filter(|each| each.kind == Kind::Video);
            let (Some(publication), Some(stream)) = (publication, self.streams.get_mut(*stream)) else {
                continue;
            };
            stream.hold(held, publication.highest);
            if !held && !stream.silent {
                let wanted = stream.splice.as_ref().map(|splice| splice.wanted());
                out.note(Note::PacketsLost {
                    publication: publication.name.clone(),
                    layer: wanted.unwrap_or(publication.layer),
                });
            }
        }
    }

    fn drop_peer(&mut self, key: &str, out: &mut impl Output) {
        let Some(id) = self.peer_ids.remove(key) else { return };
        let publications = self
            .peers
            .get(id)
            .map(|peer| peer.publications.clone())
            .unwrap_or_default();
        for publication in publications {
            if let Some(name) = self.publications.get(publication).map(|each| each.key.clone()) {
                self.drop_publication(&name, out);
            }
        }
        let Some(peer) = self.peers.take(id) else { return };
        for stream in peer.streams.values() {
            self.take_stream(*stream);
        }
        for address in &peer.addresses {
            self.by_address.remove(address);
        }
    }

    fn mute(&mut self, key: &str, muted: bool) {
        let Some(id) = self.publication_id(key) else { return };
        let layers = self.publications.get(id).and_then(|outer| outer.layers.as_ref());
        let inner = layers.into_iter().flat_map(|layers| layers.inner());
        let all: Vec<Id> = inner.filter(|each| *each != id).chain([id]).collect();
        for each in all {
            let Some(publication) = self.publications.get_mut(each) else {
                continue;
            };
            publication.muted = muted;
            for id in &publication.streams {
                if let Some(stream) = self.streams.get_mut(*id) {
                    stream.leave_off(publication.highest);
                }
            }
        }
    }

    fn add_stream(&mut self, command: AddSubscription, now: f64) {
        let ids = (self.peer_id(&command.peer), self.publication_id(&command.publication));
        let (Some(peer_id), Some(publication_id)) = ids else {
            return;
        };
        self.drop_stream(&command.peer, &command.publication);
        let parts = (self.peers.get_mut(peer_id), self.publications.get_mut(publication_id));
        let (Some(peer), Some(publication)) = parts else { return };
        let mut stream = Stream::new(command, peer_id, publication_id, now);
        stream.is_sound = publication.kind == Kind::Audio;
        if let (Some(layers), None) = (&publication.layers, publication.outer) {
            stream.begin_splice(None).want(layers.best(0), ALL);
        }
        stream.hold(peer.held && publication.kind == Kind::Video, publication.highest);
        let ssrc = stream.ssrc;
        if stream.number_extension > 0 {
            peer.line.get_or_insert_default();
        }
        let id = self.streams.add(stream);
        peer.streams.insert(publication_id, id);
        peer.by_ssrc.insert(ssrc, id);
        publication.streams.push(id);
        if publication.codec.is_some() {
            publication.newcomers.push(id);
        }
        self.note_kept(publication_id);
    }

    fn drop_stream(&mut self, key: &str, name: &str) {
        let ids = (self.peer_id(key), self.publication_id(name));
        let (Some(peer), Some(publication)) = ids else { return };
        let stream = self
            .peers
            .get(peer)
            .and_then(|peer| peer.streams.get(&publication).copied());
        if let Some(stream) = stream {
            self.take_stream(stream);
        }
    }

    fn pause(&mut self, key: &str, name: &str, paused: bool) {
        let ids = (self.peer_id(key), self.publication_id(name));
        let (Some(peer), Some(id)) = ids else { return };
        let stream = self.peers.get(peer).and_then(|peer| peer.streams.get(&id).copied());
        let stream = stream.and_then(|stream| self.streams.get_mut(stream));
        if let (Some(stream), Some(publication)) = (stream, self.publications.get(id)) {
            stream.pause(paused, publication.highest);
        }
    }

    fn map(&mut self, key: &str, name: &str, payloads: Vec<PayloadMap>) {
        let ids = (self.peer_id(key), self.publication_id(name));
        let (Some(peer), Some(id)) = ids else { return };
        let stream = self.peers.get(peer).and_then(|peer| peer.streams.get(&id).copied());
        let stream = stream.and_then(|stream| self.streams.get_mut(stream));
        if let (Some(stream), Some(publication)) = (stream, self.publications.get(id)) {
            stream.map(payloads, publication.highest);
        }
    }

    fn tap(&mut self, key: String, on: bool, out: &mut impl Output) {
        if let Some(publication) = self.publication_id(&key).and_then(|id| self.publications.get_mut(id)) {
            publication.has_tap = on;
            if let Some(layers) = &mut publication.layers {
                layers.tapped = None;
            }
            if !on {
                Self::give(publication, out);
            }
        }
        if on {
            self.taps.insert(key)
        } else {
            self.taps.remove(&key)
        };
    }

    /// Forget a stream wherever it is known.
    pub fn take_stream(&mut self, id: Id) {
        let Some(stream) = self.streams.take(id) else { return };
        if let Some(peer) = self.peers.get_mut(stream.peer) {
            peer.streams.remove(&stream.publication);
            if peer.by_ssrc.get(&stream.ssrc) == Some(&id) {
                peer.by_ssrc.remove(&stream.ssrc);
            }
            if let Some(line) = &mut peer.line {
                line.forget(stream.ssrc);
                line.pacer.forget(id);
            }
        }
        if let Some(publication) = self.publications.get_mut(stream.publication) {
            publication.streams.retain(|each| *each != id);
            publication.newcomers.retain(|each| *each != id);
        }
        self.note_kept(stream.publication);
    }

    /// Header extensions that no viewer wants are not even kept; of a layer some are also its outer's viewers'.
    fn note_kept(&mut self, id: Id) {
        let Some(publication) = self.publications.get(id) else {
            return;
        };
        let inner: Vec<Id> = match &publication.layers {
            Some(layers) => layers.inner().collect(),
            None => vec![id],
        };
        for id in inner {
            let outer = self.publications.get(id).and_then(|each| each.outer).unwrap_or(id);
            let both = [id, outer].into_iter().filter_map(|id| self.publications.get(id));
            let wanted = both
                .flat_map(|each| &each.streams)
                .filter_map(|id| self.streams.get(*id));
            let mut kept: Vec<u8> = wanted
                .flat_map(|stream| stream.extensions.iter().map(|(key, _)| *key))
                .collect();
            kept.sort_unstable();
            kept.dedup();
            if let Some(publication) = self.publications.get_mut(id) {
                publication.kept = kept;
            }
        }
    }
}
