//! What was counted of one peer's packets: `media/wire/counts.py` in Rust.
#![forbid(unsafe_code)]

use crate::incoming::Publication;
use crate::outgoing::Stream;
use crate::tables::Tables;
use crate::types::Value;

impl Tables {
    /// None for a peer that is not known.
    pub fn counts(&self, peer: &str) -> Option<Vec<(String, Value)>> {
        let peer = self.peers.get(self.peer_id(peer)?)?;
        let publications = peer.publications.iter().filter_map(|id| self.publications.get(*id));
        let coming = publications.map(|each| (each.key.clone(), up(each))).collect();
        let streams = peer.streams.values().filter_map(|id| self.streams.get(*id));
        let going = streams.filter_map(|each| {
            let publication = self.publications.get(each.publication)?;
            Some((publication.key.clone(), down(each, publication)))
        });
        let told = [
            ("held", Value::Bool(peer.held)),
            ("up", Value::Map(coming)),
            ("down", Value::Map(going.collect())),
        ];
        Some(told.map(|(key, value)| (key.to_owned(), value)).into())
    }
}

fn up(each: &Publication) -> Value {
    let expected = if each.first >= 0 {
        each.highest - each.first + 1
    } else {
        0
    };
    let lost = (expected - each.received as i64).max(0);
    map([
        ("packets", int(each.received)),
        ("lost", Value::Int(lost)),
        ("repaired", int(each.repaired)),
        ("asked", int(each.asked)),
        ("given_up", int(each.given_up)),
        ("keyframes", int(each.keyframes)),
    ])
}

fn down(each: &Stream, publication: &Publication) -> Value {
    let way = if each.has_rtx() { "rtx" } else { "plain" };
    map([
        ("packets", int(each.packets)),
        ("bytes", int(each.octets)),
        ("repaired", int(each.retransmitted)),
        ("as", Value::Text(way.to_owned())),
        ("asked", int(each.asked)),
        ("paused", Value::Bool(each.is_paused())),
        ("muted", Value::Bool(publication.muted)),
    ])
}

fn int(value: u64) -> Value {
    Value::Int(value as i64)
}

fn map<const N: usize>(told: [(&str, Value); N]) -> Value {
    Value::Map(told.map(|(key, value)| (key.to_owned(), value)).into())
}
