//! The wire's tables of publications: how they come and go, be they sent once or in layers.
#![forbid(unsafe_code)]

use crate::engine::Output;
use crate::incoming::Publication;
use crate::layering::{Layers, MOST_LAYERS};
use crate::slab::Id;
use crate::tables::Tables;
use crate::types::AddPublication;

impl Tables {
    /// What is sent in layers is a publication for each of them, and an outer one that has the viewers.
    pub fn add_publication(&mut self, mut command: AddPublication, out: &mut impl Output) {
        let Some(owner) = self.peer_id(&command.peer) else {
            return;
        };
        let mut rids: Vec<Vec<u8>> = Vec::new();
        for rid in std::mem::take(&mut command.rids) {
            if rids.len() < MOST_LAYERS && !rid.is_empty() && !rids.contains(&rid) {
                rids.push(rid);
            }
        }
        let (key, transport_extension) = (command.publication.clone(), command.transport_extension);
        if self.publication_id(&key).is_some_and(|id| self.rids_of(id) != rids) {
            self.drop_publication(&key, out);
        }
        let is_new = self.publication_id(&key).is_none();
        let inner: Vec<Id> = rids
            .iter()
            .enumerate()
            .filter_map(|(layer, rid)| self.put_publication(owner, of_layer(&command, layer, rid)))
            .collect();
        command.ssrc = command.ssrc.filter(|_| inner.is_empty());
        let outer = self.put_publication(owner, command);
        if let (Some(outer), true, false) = (outer, is_new, inner.is_empty()) {
            self.put_around(owner, outer, &inner);
        }
        if let Some(peer) = self.peers.get_mut(owner) {
            peer.report_to(transport_extension);
            peer.forget_incoming();
        }
    }

    /// As it is told, be it new or known.
    fn put_publication(&mut self, owner: Id, command: AddPublication) -> Option<Id> {
        if let Some(id) = self.publication_id(&command.publication) {
            let publication = self.publications.get_mut(id)?;
            if publication.group != command.group {
                self.sounds.forget(id, &publication.group);
            }
            publication.change(command);
            return Some(id);
        }
        let mut publication = Publication::new(command);
        publication.has_tap = self.taps.contains(&publication.key);
        let key = publication.key.clone();
        let id = self.publications.add(publication);
        self.peers.get_mut(owner)?.publications.push(id);
        self.publication_ids.insert(key, id);
        Some(id)
    }

    fn put_around(&mut self, owner: Id, outer: Id, inner: &[Id]) {
        if let Some(peer) = self.peers.get_mut(owner) {
            peer.publications.retain(|each| *each != outer);
        }
        let Some(publication) = self.publications.get_mut(outer) else {
            return;
        };
        publication.layers = Some(Box::new(Layers::new(inner)));
        let name = publication.name.clone();
        for (layer, id) in (0..).zip(inner) {
            if let Some(each) = self.publications.get_mut(*id) {
                (each.layer, each.outer) = (layer, Some(outer));
                each.name.clone_from(&name);
            }
        }
    }

    fn rids_of(&self, id: Id) -> Vec<Vec<u8>> {
        let layers = self.publications.get(id).and_then(|each| each.layers.as_ref());
        let inner = layers.into_iter().flat_map(|layers| layers.inner());
        let rids = inner.filter_map(|id| Some(self.publications.get(id)?.rid.clone()));
        rids.filter(|rid| !rid.is_empty()).collect()
    }

    /// Of its layers, if it has several, this is the only one that began.
    pub fn has_just_begun(&self, id: Id) -> bool {
        let outer = self.publications.get(id).and_then(|each| each.outer);
        let layers = outer.and_then(|outer| self.publications.get(outer)?.layers.as_ref());
        let inner = layers.into_iter().flat_map(|layers| layers.inner());
        let begun = inner.filter(|each| self.publications.get(*each).is_some_and(|each| each.highest >= 0));
        begun.count() <= 1
    }

    /// All of it, whichever of its layers is named.
    pub fn drop_publication(&mut self, key: &str, out: &mut impl Output) {
        self.taps.remove(key);
        let Some(id) = self.publication_id(key) else { return };
        let outer = self.publications.get(id).and_then(|each| each.outer).unwrap_or(id);
        let layers = self.publications.get(outer).and_then(|outer| outer.layers.as_ref());
        let inner: Vec<Id> = layers.into_iter().flat_map(|layers| layers.inner()).collect();
        self.forget(outer, out);
        for each in inner {
            self.forget(each, out);
        }
    }

    fn forget(&mut self, id: Id, out: &mut impl Output) {
        for waiting in [&mut self.busy, &mut self.gappy, &mut self.tapped] {
            waiting.retain(|each| *each != id);
        }
        let Some(mut publication) = self.publications.take(id) else {
            return;
        };
        self.taps.remove(&publication.key);
        self.publication_ids.remove(&publication.key);
        self.sounds.forget(id, &publication.group);
        publication.gather();
        Self::give(&mut publication, out);
        for stream in &publication.streams {
            self.take_stream(*stream);
        }
        if let Some(owner) = self
            .peer_id(&publication.peer)
            .and_then(|owner| self.peers.get_mut(owner))
        {
            owner.publications.retain(|each| *each != id);
            owner.forget_incoming();
        }
    }
}

fn of_layer(command: &AddPublication, layer: usize, rid: &[u8]) -> AddPublication {
    let told = command.layer_ssrcs.get(layer);
    AddPublication {
        publication: format!("{}~{}", command.publication, String::from_utf8_lossy(rid)),
        rids: vec![rid.to_vec()],
        ssrc: told.map(|each| each.0),
        retransmission_ssrc: told.map(|each| each.1),
        ..command.clone()
    }
}
