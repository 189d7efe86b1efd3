//! Pictures: who gets which layer, where a viewer begins, which keyframes are asked for, what comes:
//! `media/wire/pictures.py` in Rust.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::{Engine, Output};
use crate::history::Packet;
use crate::incoming::Publication;
use crate::layering::{Layers, arrived, base_rate, has_temporal, recent, tapped};
use crate::layers::{ALL, Arrived, Splice};
use crate::outgoing::Stream;
use crate::slab::{Id, Slab};
use crate::tables::Tables;
use crate::types::{Kind, Note};

const RATES_EVERY: f64 = 1.0;
const BEGUN_WITHIN: f64 = 0.2;
const ASK_EVERY: f64 = 0.5;
const ASK_AGAIN: f64 = 1.0;

impl Engine {
    /// Follow `SelectLayer`. A stream of a track that is sent once gets a splice only when there is need.
    pub(crate) fn select(
        &mut self,
        peer: &str,
        key: &str,
        layer: u8,
        temporal: u8,
        now: f64,
        out: &mut impl Output,
    ) -> Option<()> {
        let (id, peer) = (self.tables.publication_id(key)?, self.tables.peer_id(peer)?);
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        let peer = peers.get(peer)?;
        let stream = streams.get_mut(*peer.streams.get(&id)?)?;
        let outer = publications.get_mut(id)?;
        if stream.splice.is_none() {
            if !has_need(outer, temporal) {
                return None;
            }
            outer.outer = Some(id);
            go_over(outer, stream);
        }
        let layers = outer.layers.get_or_insert_with(|| Box::new(Layers::new(&[id])));
        stream.wish = layer.min(layers.top());
        let splice = stream.splice.as_mut()?;
        splice.want(layers.best(stream.wish), temporal);
        let wanted = splice.wanted();
        if splice.layer() != Some(wanted) && !stream.silent {
            self.ask_for(id, wanted, ASK_EVERY, now, out);
        }
        Some(())
    }

    /// Follow `RequestKeyframe`, of whose pacing somebody else has thought.
    pub(crate) fn request(&mut self, key: &str, layer: Option<u8>, now: f64, out: &mut impl Output) -> Option<()> {
        let id = self.tables.publication_id(key)?;
        let Some(layers) = self.tables.publications.get_mut(id)?.layers.as_mut() else {
            self.request_keyframe(id, out);
            return Some(());
        };
        let wanted = match layer {
            None => 0..=layers.top(),
            Some(layer) => {
                let best = layers.best(layer.min(layers.top()));
                best..=best
            }
        };
        for each in wanted {
            self.ask_for(id, each, 0.0, now, out);
        }
        Some(())
    }

    /// Forward what is pending of a publication that has layers, is one, or has newcomers.
    pub(crate) fn forward_pictures(&mut self, id: Id, now: f64, out: &mut impl Output) {
        let Some(publication) = self.tables.publications.get_mut(id) else {
            return;
        };
        let (newcomers, outer) = (std::mem::take(&mut publication.newcomers), publication.outer);
        self.welcome(id, outer, &newcomers, now, out);
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        if let Some(publication) = publications.get(id) {
            self.sender.forward(peers, streams, publication, now, out);
        }
        if let Some(outer) = outer {
            self.forward_layer(id, outer, now, out);
        }
    }

    /// Send packets of a layer to those who get it, or wait for it.
    fn forward_layer(&mut self, id: Id, outer_id: Id, now: f64, out: &mut impl Output) -> Option<()> {
        let publication = self.tables.publications.get(id)?;
        let (layer, last_arrival, highest) = (publication.layer, publication.last_arrival, publication.highest);
        let outer = self.tables.publications.get_mut(outer_id)?;
        let has_begun = outer.layers.as_mut()?.came(layer, last_arrival);
        if has_begun {
            aim(outer, &mut self.tables.streams);
        }
        if id != outer_id && !outer.newcomers.is_empty() {
            let newcomers = take_newcomers(outer, &self.tables.streams, layer);
            self.welcome(id, Some(outer_id), &newcomers, now, out);
        }
        let outer = self.tables.publications.get_mut(outer_id)?;
        let until = outer.layers.as_ref()?.until(layer);
        if splices(outer, outer.layers.as_ref()?, &self.tables.streams).any(|splice| is_of(splice, layer)) {
            outer.layers.as_mut()?.is_wanted(layer, highest);
        }
        let publication = self.tables.publications.get(id)?;
        let is_late = publication.pending.iter().any(|packet| packet.index <= until);
        let come: Vec<Arrived> = publication
            .pending
            .iter()
            .map(|packet| arrived(publication, packet))
            .collect();
        let pending = publication.pending.clone();
        let streams = self.tables.publications.get(outer_id)?.streams.clone();
        for stream in streams {
            let splice = self
                .tables
                .streams
                .get(stream)
                .and_then(|stream| stream.splice.as_ref());
            if !splice.is_some_and(|splice| is_late || is_of(splice, layer)) {
                continue;
            }
            self.forward_spliced(id, outer_id, stream, &pending, &come, now, out);
        }
        if id != outer_id {
            self.gather_layers(outer_id, &pending, &come, now);
        }
        if has_begun {
            self.ask_wanted(outer_id, ASK_EVERY, now, out);
        }
        Some(())
    }

    #[allow(clippy::too_many_arguments)]
    fn forward_spliced(
        &mut self,
        id: Id,
        outer: Id,
        stream: Id,
        packets: &[Arc<Packet>],
        come: &[Arrived],
        now: f64,
        out: &mut impl Output,
    ) -> Option<()> {
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        let stream = streams.get_mut(stream).filter(|stream| !stream.silent)?;
        let publication = publications.get(id)?;
        let reports = &publications.get(outer)?.layers.as_ref()?.reports;
        let splice = stream.splice.as_mut()?;
        let before = splice.layer();
        let placed: Vec<_> = come.iter().map(|each| splice.place(each, reports)).collect();
        let is_switched = splice.layer() != before;
        let peer = peers.get_mut(stream.peer)?;
        if is_switched {
            self.sender.report(peer, publication, stream, out);
        }
        let placed = packets.iter().zip(&placed);
        let placed = placed.filter_map(|(packet, placed)| Some((&**packet, Some(placed.as_ref()?))));
        self.sender.forward_to(peer, stream, placed, now, out);
        Some(())
    }

    /// Newcomers get the latest keyframe of a publication and all since, but what is pending, which all are sent now.
    fn welcome(&mut self, id: Id, outer: Option<Id>, newcomers: &[Id], now: f64, out: &mut impl Output) -> Option<()> {
        if newcomers.is_empty() {
            return None;
        }
        let publication = self.tables.publications.get(id)?;
        let first = recent(publication, now)?;
        let is_pending = |index: i64| publication.pending.iter().any(|packet| packet.index == index);
        let before = (first..=publication.history.newest()).filter(|index| !is_pending(*index));
        let before: Vec<Arc<Packet>> = before
            .filter_map(|index| publication.history.get(index).cloned())
            .collect();
        let come: Vec<Arrived> = before.iter().map(|packet| arrived(publication, packet)).collect();
        for newcomer in newcomers {
            let Tables {
                peers,
                publications,
                streams,
                ..
            } = &mut self.tables;
            let (Some(stream), Some(publication)) = (streams.get_mut(*newcomer), publications.get(id)) else {
                continue;
            };
            if let (Some(_), Some(outer)) = (&stream.splice, outer) {
                self.forward_spliced(id, outer, *newcomer, &before, &come, now, out);
            } else if stream.fresh && !stream.silent {
                let Some(peer) = peers.get_mut(stream.peer) else {
                    continue;
                };
                stream.begin(first);
                self.sender.report(peer, publication, stream, out);
                let packets = before.iter().map(|packet| (&**packet, None));
                self.sender.forward_to(peer, stream, packets, now, out);
            }
        }
        Some(())
    }

    /// For the tap of all layers.
    fn gather_layers(&mut self, id: Id, packets: &[Arc<Packet>], come: &[Arrived], now: f64) -> Option<()> {
        let outer = self
            .tables
            .publications
            .get_mut(id)
            .filter(|outer| outer.has_tap && !outer.muted)?;
        let (layers, was_empty) = (outer.layers.as_mut()?, outer.tapped.is_empty());
        let reports = layers.reports.clone();
        let splice = layers.tap();
        for (packet, come) in packets.iter().zip(come) {
            outer.tapped.extend(tapped(splice, &reports, packet, come));
        }
        if was_empty && !outer.tapped.is_empty() {
            self.tap_later(id, now);
        }
        Some(())
    }

    /// A layer's sender said that `moment` on the layer's timeline is NTP time `ntp`.
    pub(crate) fn layer_reported(
        &mut self,
        id: Id,
        ntp: u64,
        moment: u32,
        now: f64,
        out: &mut impl Output,
    ) -> Option<()> {
        let Tables {
            peers,
            publications,
            streams,
            ..
        } = &mut self.tables;
        let publication = publications.get(id)?;
        let (outer_id, layer) = (publication.outer?, publication.layer);
        let outer = publications.get_mut(outer_id)?;
        outer.layers.as_mut()?.report(layer, Some((ntp, moment)));
        let (outer, publication) = (publications.get(outer_id)?, publications.get(id)?);
        for stream in outer.streams.iter().filter_map(|id| streams.get(*id)) {
            let splice = stream.splice.as_ref().filter(|splice| splice.layer() == Some(layer));
            if let (Some(_), Some(viewer)) = (splice, peers.get_mut(stream.peer)) {
                self.sender.report(viewer, publication, stream, out);
            }
        }
        let tapped = outer.layers.as_ref()?.tapped.as_ref();
        let shift = tapped.filter(|splice| splice.layer() == Some(layer))?.shift();
        if outer.has_tap && id != outer_id && !outer.muted {
            out.note(Note::Report {
                publication: outer.key.clone(),
                ntp,
                timestamp: moment.wrapping_add(shift),
                at: now,
            });
        }
        Some(())
    }

    /// What nobody was to get of a layer is not missed.
    pub(crate) fn overlook(&mut self, id: Id) -> Option<()> {
        let publications = &mut self.tables.publications;
        let publication = publications
            .get(id)
            .filter(|each| each.streams.is_empty() && !each.has_tap)?;
        let (outer, layer) = (publication.outer.filter(|outer| *outer != id)?, publication.layer);
        let until = publications.get(outer)?.layers.as_ref()?.until(layer);
        publications.get_mut(id)?.gaps.forget_after(until);
        Some(())
    }

    /// To be called every BEGUN_WITHIN seconds.
    pub(crate) fn tick_pictures(&mut self, now: f64, out: &mut impl Output) {
        let is_due = now >= self.rates_at;
        if is_due {
            self.rates_at = now + RATES_EVERY;
        }
        let of_pictures = |each: &&(Id, bool)| each.1;
        let all: Vec<(Id, bool)> = self
            .tables
            .publications
            .entries()
            .map(|(id, each)| {
                (
                    id,
                    each.kind == Kind::Video && each.outer.is_none_or(|outer| outer == id),
                )
            })
            .collect();
        let (mut rates, mut bases) = (Vec::new(), Vec::new());
        for (id, _) in all.iter().filter(of_pictures) {
            let has_stopped = self.look_after(*id, is_due, now, out);
            if let Some((key, told, base)) = self.measure(*id, is_due, has_stopped, now) {
                bases.extend((base > 0).then(|| (key.clone(), base)));
                rates.push((key, told));
            }
        }
        if !rates.is_empty() {
            out.note(Note::Rates { rates, bases });
        }
    }

    /// The rates of a publication's layers, and of the smallest's lowest temporal layer, when they are to be told.
    fn measure(&mut self, id: Id, is_due: bool, has_stopped: bool, now: f64) -> Option<(String, Vec<u64>, u64)> {
        let publications = &mut self.tables.publications;
        let outer = publications.get(id)?;
        let key = outer.key.clone();
        let inner: Vec<Id> = outer
            .layers
            .as_ref()
            .map_or(vec![id], |layers| layers.inner().collect());
        let (mut has_news, mut rates) = (is_due || has_stopped, Vec::with_capacity(inner.len()));
        for each in &inner {
            let publication = publications.get_mut(*each)?;
            has_news |= publication.measure_rate(is_due, BEGUN_WITHIN, now);
            rates.push(publication.rate);
        }
        let smallest = publications.get_mut(*inner.first()?)?;
        if is_due {
            smallest.base_rate = base_rate(smallest, now - RATES_EVERY);
        }
        has_news.then_some((key, rates, smallest.base_rate))
    }

    /// Whether a layer has stopped. Keyframes are asked for where they are wanted.
    fn look_after(&mut self, id: Id, is_due: bool, now: f64, out: &mut impl Output) -> bool {
        let Tables {
            publications, streams, ..
        } = &mut self.tables;
        let Some(outer) = publications.get_mut(id) else {
            return false;
        };
        let Some(layers) = &mut outer.layers else { return false };
        let stopped = layers.stopped(now);
        let has_stopped = !stopped.is_empty();
        let is_soon = std::mem::replace(&mut layers.is_due, false) || has_stopped;
        if has_stopped {
            aim(outer, streams);
        }
        for publication in stopped {
            if let Some(publication) = publications.get_mut(publication) {
                (publication.rate, publication.octets) = (0, 0);
            }
        }
        if is_soon || is_due {
            let every = if is_soon { ASK_EVERY } else { ASK_AGAIN };
            self.ask_wanted(id, every, now, out);
        }
        has_stopped
    }

    /// Keyframes of all layers that somebody waits for.
    fn ask_wanted(&mut self, id: Id, every: f64, now: f64, out: &mut impl Output) -> Option<()> {
        let outer = self.tables.publications.get(id)?;
        let all = splices(outer, outer.layers.as_ref()?, &self.tables.streams);
        let waiting: BTreeSet<u8> = all
            .filter(|splice| splice.layer() != Some(splice.wanted()))
            .map(Splice::wanted)
            .collect();
        for layer in waiting {
            self.ask_for(id, layer, every, now, out);
        }
        Some(())
    }

    fn ask_for(&mut self, id: Id, layer: u8, every: f64, now: f64, out: &mut impl Output) -> Option<()> {
        let outer = self.tables.publications.get_mut(id).filter(|outer| !outer.muted)?;
        let layers = outer.layers.as_mut()?;
        if layers.may_ask(layer, every, now) {
            let publication = layers.publication(layer)?;
            self.request_keyframe(publication, out);
        } else {
            layers.is_due |= every == ASK_EVERY;
        }
        Some(())
    }
}

fn is_of(splice: &Splice, layer: u8) -> bool {
    splice.layer() == Some(layer) || splice.wanted() == layer
}

fn has_need(publication: &Publication, temporal: u8) -> bool {
    publication.outer.is_none() && temporal < ALL && has_temporal(publication)
}

/// A stream that was sent as it came goes on over a splice.
fn go_over(publication: &Publication, stream: &mut Stream) {
    let newest = publication.history.get(publication.highest).filter(|_| !stream.fresh);
    let newest = newest.map(|packet| arrived(publication, packet));
    stream.leave_off(publication.highest);
    stream.begin_splice(newest);
}

/// Let all have the best of what comes now.
fn aim(outer: &mut Publication, streams: &mut Slab<Stream>) {
    let Some(layers) = &mut outer.layers else { return };
    for id in &outer.streams {
        let Some(stream) = streams.get_mut(*id) else { continue };
        if let Some(splice) = &mut stream.splice {
            splice.want(layers.best(stream.wish), splice.wanted_temporal());
        }
    }
    let best = layers.best(layers.top());
    if let Some(splice) = &mut layers.tapped {
        splice.want(best, ALL);
    }
}

/// Those that begin with this layer; those that wait for another stay.
fn take_newcomers(outer: &mut Publication, streams: &Slab<Stream>, layer: u8) -> Vec<Id> {
    let wanted = |id: &Id| {
        let splice = streams.get(*id)?.splice.as_ref()?;
        splice.layer().is_none().then(|| splice.wanted())
    };
    let all = std::mem::take(&mut outer.newcomers);
    outer.newcomers = all
        .iter()
        .copied()
        .filter(|id| wanted(id).is_some_and(|wanted| wanted != layer))
        .collect();
    all.into_iter().filter(|id| wanted(id) == Some(layer)).collect()
}

/// Those over which something is to go.
fn splices<'a>(
    outer: &'a Publication,
    layers: &'a Layers,
    streams: &'a Slab<Stream>,
) -> impl Iterator<Item = &'a Splice> {
    let heard = outer
        .streams
        .iter()
        .filter_map(|id| streams.get(*id))
        .filter(|stream| !stream.silent);
    heard
        .filter_map(|stream| stream.splice.as_deref())
        .chain(layers.tapped.as_ref())
}
