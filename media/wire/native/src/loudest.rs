//! Of the sounds of one group only the loudest are forwarded; `media/wire/loudest.py` gives the rule.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Arc;

use crate::history::Packet;
use crate::incoming::Publication;
use crate::outgoing::Stream;
use crate::slab::{Id, Slab};

/// Loudness, 127 the loudest, from which a sound is heard: −70 dBov.
pub const AUDIBLE: u8 = 57;
const HOLD: f64 = 1.0;
/// dB a second.
const FALL: f64 = 100.0;
const MARGIN: u8 = 6;
const UNMEASURED: f64 = 2.0;
/// Seconds of what came before the first loud packet that are sent with it.
const LEAD: f64 = 0.07;
const MOST_LEAD: i64 = 8;

/// The loudest packet of late, and when that was.
struct Place {
    key: Id,
    loudest: u8,
    at: f64,
}

impl Place {
    fn loudness(&self, now: f64) -> f64 {
        f64::from(self.loudest) - (now - self.at - HOLD).max(0.0) * FALL
    }
}

/// One group. `most` sounds have a place.
#[derive(Default)]
pub struct Loudest {
    pub most: usize,
    places: Vec<Place>,
    /// When a sound last bore a level.
    measured: HashMap<Id, f64>,
}

impl Loudest {
    /// Whether what just came of a sound is forwarded; `level` 0–127, 127 the loudest, None when it bears none.
    pub fn heard(&mut self, key: Id, level: Option<u8>, now: f64) -> bool {
        while self.places.len() > self.most {
            self.drop_quietest(now);
        }
        let found = self.places.iter().position(|place| place.key == key);
        let Some(level) = level else {
            let is_new = |at: &f64| now - at <= UNMEASURED;
            return found.is_some() || !self.measured.get(&key).is_some_and(is_new);
        };
        self.measured.insert(key, now);
        if let Some(at) = found {
            return self.keeps(at, level, now);
        }
        if level < AUDIBLE || self.most == 0 {
            return false;
        }
        if self.places.len() == self.most {
            let needed = f64::from(AUDIBLE.max(level.saturating_sub(MARGIN)));
            if self.quietest(now).is_none_or(|(_, loudness)| loudness >= needed) {
                return false;
            }
            self.drop_quietest(now);
        }
        let loudest = level;
        self.places.push(Place { key, loudest, at: now });
        true
    }

    /// A sound is not there any more.
    pub fn forget(&mut self, key: Id) {
        self.places.retain(|place| place.key != key);
        self.measured.remove(&key);
    }

    fn keeps(&mut self, at: usize, level: u8, now: f64) -> bool {
        let Some(place) = self.places.get_mut(at) else {
            return false;
        };
        let loudness = place.loudness(now);
        if f64::from(level) >= loudness {
            (place.loudest, place.at) = (level, now);
        }
        let is_audible = loudness.max(level.into()) >= AUDIBLE.into();
        if !is_audible {
            self.places.remove(at);
        }
        is_audible
    }

    fn quietest(&self, now: f64) -> Option<(usize, f64)> {
        let all = self.places.iter().map(|place| place.loudness(now)).enumerate();
        all.min_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    fn drop_quietest(&mut self, now: f64) {
        if let Some((at, _)) = self.quietest(now) {
            self.places.remove(at);
        }
    }
}

/// All groups by name; one that nobody limited is not there.
#[derive(Default)]
pub struct Sounds(HashMap<String, Loudest>);

impl Sounds {
    /// Forward so many from now on, 0: all.
    pub fn limit(&mut self, group: String, most: usize) {
        if most == 0 {
            self.0.remove(&group);
        } else {
            self.0.entry(group).or_default().most = most;
        }
    }

    /// It is in this group no longer.
    pub fn forget(&mut self, id: Id, group: &str) {
        if let Some(group) = self.0.get_mut(group) {
            group.forget(id);
        }
    }

    /// Whether what is pending of a sound is forwarded. Where it begins to be, what came just before is put in front
    /// of it; viewers see no gap afterwards where it is not.
    pub fn pass(&mut self, id: Id, publication: &mut Publication, streams: &mut Slab<Stream>, now: f64) -> bool {
        let level = publication.loudest.take();
        let group = self.0.get_mut(&publication.group);
        if group.is_some_and(|group| !group.heard(id, level, now)) {
            if publication.passing {
                publication.passing = false;
                let last = *publication.passed.get_or_insert(publication.highest);
                for stream in &publication.streams {
                    if let Some(stream) = streams.get_mut(*stream) {
                        stream.leave_off(last);
                    }
                }
            }
            return false;
        }
        if !publication.passing {
            publication.passing = true;
            put_lead(publication, now);
        }
        publication.passed = Some(publication.highest);
        true
    }
}

fn put_lead(publication: &mut Publication, now: f64) {
    let Some(first) = publication.pending.iter().map(|packet| packet.index).min() else {
        return;
    };
    let begin = publication.passed.map_or(0, |last| last + 1).max(first - MOST_LEAD);
    let before = (begin..first).filter_map(|index| publication.history.get(index));
    let lead: Vec<Arc<Packet>> = before.filter(|packet| packet.at >= now - LEAD).cloned().collect();
    publication.pending.splice(..0, lead);
}

#[cfg(test)]
#[path = "loudest_tests.rs"]
mod tests;
