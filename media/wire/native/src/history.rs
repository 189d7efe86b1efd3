//! What was forwarded lately, so that a viewer's loss is answered without asking the publisher.
#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::dependencies::Dependency;

/// A power of two.
pub const MAX_PACKETS: usize = 1024;
/// Of payloads.
pub const MAX_BYTES: usize = 1_000_000;
/// Seconds; a packet later than this is of no use to a jitter buffer.
pub const MAX_AGE: f64 = 3.0;

/// One RTP packet in the clear, without its header's numbers for any one viewer.
///
/// `flags` is the first header byte's version and padding bit, `kind` the second byte (marker and the publisher's
/// payload type), `index` the extended sequence number, `at` the time of arrival in seconds. `dependency` is what its
/// dependency descriptor says, where one came and is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    pub flags: u8,
    pub kind: u8,
    pub index: i64,
    pub timestamp: u32,
    pub payload: Box<[u8]>,
    pub elements: Vec<(u8, Box<[u8]>)>,
    pub at: f64,
    pub dependency: Option<Dependency>,
}

/// The latest packets of one publication by index, in a ring; bounded in packets, bytes and age.
pub struct History {
    max_bytes: usize,
    max_age: f64,
    ring: Vec<Option<Arc<Packet>>>,
    oldest: i64,
    newest: i64,
    size: usize,
}

impl Default for History {
    fn default() -> Self {
        Self::new(MAX_BYTES, MAX_AGE)
    }
}

impl History {
    pub fn new(max_bytes: usize, max_age: f64) -> Self {
        Self {
            max_bytes,
            max_age,
            ring: vec![None; MAX_PACKETS],
            oldest: 0,
            newest: -1,
            size: 0,
        }
    }

    /// The highest index ever kept.
    pub fn newest(&self) -> i64 {
        self.newest
    }

    /// Bytes of payloads.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How many packets are kept.
    pub fn len(&self) -> usize {
        self.ring.iter().flatten().count()
    }

    /// Keep a packet. One that is further behind than the ring is long is not kept.
    pub fn add(&mut self, packet: Arc<Packet>) {
        let index = packet.index;
        if index > self.newest {
            self.skip(index);
            self.newest = index;
        } else if index <= self.newest - MAX_PACKETS as i64 {
            return;
        }
        self.put(index, Some(packet));
        self.forget_oldest();
    }

    pub fn get(&self, index: i64) -> Option<&Arc<Packet>> {
        self.ring
            .get(place(index))?
            .as_ref()
            .filter(|packet| packet.index == index)
    }

    /// Forget what is too old; to be called about once a second.
    pub fn expire(&mut self, now: f64) {
        let before = now - self.max_age;
        for index in self.first()..=self.newest {
            self.oldest = index;
            if self.get(index).is_some_and(|packet| packet.at >= before) {
                return;
            }
            self.put(index, None);
        }
    }

    /// Numbers that did not come must not leave older packets in their places.
    fn skip(&mut self, index: i64) {
        for missing in (self.newest + 1).max(index - MAX_PACKETS as i64)..index {
            self.put(missing, None);
        }
    }

    fn forget_oldest(&mut self) {
        let mut index = self.first();
        while self.size > self.max_bytes && index < self.newest {
            self.put(index, None);
            index += 1;
            self.oldest = index;
        }
    }

    fn first(&self) -> i64 {
        self.oldest.max(self.newest - MAX_PACKETS as i64 + 1)
    }

    fn put(&mut self, index: i64, packet: Option<Arc<Packet>>) {
        if let Some(slot) = self.ring.get_mut(place(index)) {
            self.size += packet.as_ref().map_or(0, |packet| packet.payload.len());
            let former = std::mem::replace(slot, packet);
            self.size -= former.map_or(0, |packet| packet.payload.len());
        }
    }
}

fn place(index: i64) -> usize {
    index.rem_euclid(MAX_PACKETS as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(index: i64, size: usize, at: f64) -> Arc<Packet> {
        let payload = vec![0; size].into();
        Arc::new(Packet {
            flags: 0x80,
            kind: 96,
            index,
            timestamp: 0,
            payload,
            elements: vec![],
            at,
            dependency: None,
        })
    }

    fn filled(count: i64, size: usize, mut history: History) -> History {
        (0..count).for_each(|index| history.add(packet(index, size, index as f64 / 100.0)));
        history
    }

    #[test]
    fn what_was_added_is_found_and_nothing_else() {
        let history = filled(10, 100, History::default());
        assert_eq!(history.get(3).unwrap().index, 3);
        assert!(
            [10, 3 + 1024, 3 - 1024]
                .iter()
                .all(|index| history.get(*index).is_none())
        );
    }

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let history = filled(1024 + 5, 100, History::default());
        assert_eq!(
            (history.len(), history.get(4).is_none(), history.get(5).is_some()),
            (1024, true, true)
        );
    }

    #[test]
    fn bytes_are_bounded_but_the_newest_stays() {
        let history = filled(50, 100, History::new(1050, 3.0));
        assert_eq!(
            (
                history.len(),
                history.size(),
                history.get(39),
                history.get(40).is_some()
            ),
            (10, 1000, None, true)
        );
        let history = filled(3, 2000, History::new(1000, 3.0));
        assert_eq!((history.len(), history.get(2).is_some()), (1, true));
    }

    #[test]
    fn age_is_bounded() {
        let mut history = filled(100, 100, History::new(MAX_BYTES, 0.5));
        history.expire(1.0);
        assert_eq!(
            (history.get(49), history.get(50).is_some(), history.size()),
            (None, true, 5000)
        );
        history.expire(10.0);
        assert_eq!((history.len(), history.size()), (0, 0));
    }

    #[test]
    fn numbers_that_never_came_leave_nothing_old_behind() {
        let mut history = filled(1024, 100, History::default());
        history.add(packet(1024 + 600, 100, 0.0));
        assert_eq!(history.len(), 1024 - 600);
        history.add(packet(10 * 1024, 100, 0.0));
        assert_eq!((history.len(), history.size()), (1, 100));
    }

    #[test]
    fn a_late_packet_finds_its_place_unless_it_is_too_late() {
        let mut history = filled(10, 100, History::default());
        [12, 11].iter().for_each(|index| history.add(packet(*index, 1, 0.0)));
        assert!(history.get(11).is_some());
        [12 + 1024, 12]
            .iter()
            .for_each(|index| history.add(packet(*index, 1, 0.0)));
        assert!(history.get(12).is_none() && history.get(12 + 1024).is_some());
    }
}
