//! One TCP connection of a browser, without its socket: frames in (RFC 4571), frames out, and how much may wait.

use std::ops::Range;

use crate::engine::MAX_DATAGRAM;

/// Bytes waiting from which no more video is sent there; a large picture's keyframe fits in.
pub const FULL: usize = 128 * 1024;
/// Bytes waiting from which nothing is: packets are dropped, whole ones.
pub const MOST: usize = 256 * 1024;
/// Bytes waiting below which video goes on.
pub const ROOM: usize = 16 * 1024;
/// What may come before we have answered once; we answer only who knows a password of ours.
pub const STRANGERS_BYTES: usize = 8 * 1024;

/// What no browser sends: the connection is to be closed.
#[derive(Debug, PartialEq)]
pub struct Strange;

/// What has become of a way out.
#[derive(Debug, PartialEq)]
pub enum Turn {
    Nothing,
    /// Too much waits now.
    Filled,
    /// There is room again.
    Emptied,
}

/// Both directions. `began` and `heard` are moments; `answered`: we have sent something.
#[derive(Default)]
pub struct Talk {
    pub began: f64,
    pub heard: f64,
    pub answered: bool,
    pub dropped: u64,
    taken: usize,
    rest: Vec<u8>,
    waiting: Vec<u8>,
    start: usize,
    is_full: bool,
}

impl Talk {
    pub fn new(now: f64) -> Self {
        Self {
            began: now,
            heard: now,
            ..Self::default()
        }
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len() - self.start
    }

    /// The packets in what came: memory, and where they lie in it. What is not whole yet stays.
    pub fn take(&mut self, data: &[u8], now: f64) -> Result<(Vec<u8>, Vec<Range<usize>>), Strange> {
        self.heard = now;
        self.taken = self.taken.saturating_add(data.len());
        if !self.answered && self.taken > STRANGERS_BYTES {
            return Err(Strange);
        }
        self.rest.extend_from_slice(data);
        let (packets, end) = cut(&self.rest)?;
        let rest = self.rest.split_off(end);
        Ok((std::mem::replace(&mut self.rest, rest), packets))
    }

    /// Send packets of `size` bytes, the last may be shorter. `push` gives bytes to the network, and tells how many
    /// it took.
    pub fn send(&mut self, data: &[u8], size: usize, push: impl FnOnce(&[u8]) -> usize) -> Turn {
        self.answered = true;
        let size = size.max(1);
        let length = data.len() + 2 * data.len().div_ceil(size);
        if self.waiting() > 0 && self.waiting() + length > MOST {
            self.dropped += 1;
            return Turn::Nothing;
        }
        let was_empty = self.waiting() == 0;
        for packet in data.chunks(size) {
            self.waiting.extend_from_slice(&(packet.len() as u16).to_be_bytes());
            self.waiting.extend_from_slice(packet);
        }
        if was_empty {
            self.push(push);
        }
        if self.waiting() > FULL && !self.is_full {
            self.is_full = true;
            return Turn::Filled;
        }
        Turn::Nothing
    }

    /// The network takes bytes again.
    pub fn pushed_on(&mut self, push: impl FnOnce(&[u8]) -> usize) -> Turn {
        self.push(push);
        if self.is_full && self.waiting() <= ROOM {
            self.is_full = false;
            return Turn::Emptied;
        }
        Turn::Nothing
    }

    fn push(&mut self, push: impl FnOnce(&[u8]) -> usize) {
        let waiting = self.waiting.get(self.start..).unwrap_or_default();
        self.start += push(waiting).min(waiting.len());
        if self.start == self.waiting.len() {
            self.waiting.clear();
            self.start = 0;
        } else if self.start > MOST {
            self.waiting.drain(..self.start);
            self.start = 0;
        }
    }
}

/// Where the packets lie that are whole, and where the rest begins; empty ones are left out.
fn cut(data: &[u8]) -> Result<(Vec<Range<usize>>, usize), Strange> {
    let (mut packets, mut at) = (Vec::new(), 0);
    while let Some(&[high, low]) = data.get(at..at + 2) {
        let size = usize::from(u16::from_be_bytes([high, low]));
        if size > MAX_DATAGRAM {
            return Err(Strange);
        }
        let end = at + 2 + size;
        if end > data.len() {
            break;
        }
        if size > 0 {
            packets.push(at + 2..end);
        }
        at = end;
    }
    Ok((packets, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(talk: &mut Talk, data: &[u8]) -> Vec<Vec<u8>> {
        let (memory, packets) = talk.take(data, 1.0).unwrap();
        packets.into_iter().map(|each| memory[each].to_vec()).collect()
    }

    #[test]
    fn packets_are_whole_however_they_were_torn() {
        let stream = b"\x00\x03one\x00\x00\x00\x05three";
        for step in 1..stream.len() {
            let mut talk = Talk::new(0.0);
            let got: Vec<_> = stream.chunks(step).flat_map(|part| taken(&mut talk, part)).collect();
            assert_eq!(got, [b"one".to_vec(), b"three".to_vec()]);
        }
    }

    #[test]
    fn what_no_browser_sends_ends_it() {
        assert_eq!(Talk::new(0.0).take(b"GET / HTTP", 0.0), Err(Strange));
        let mut talk = Talk::new(0.0);
        let word = [&[1, 0][..], &[0; 256]].concat();
        let said = (0..).take_while(|_| talk.take(&word, 0.0).is_ok()).count();
        assert_eq!(said, STRANGERS_BYTES / word.len());
        let mut talk = Talk::new(0.0);
        talk.send(b"answer", 6, <[u8]>::len);
        assert!(
            (0..1000).all(|_| talk.take(&word, 0.0).is_ok()),
            "who was answered may say more"
        );
    }

    #[test]
    fn a_way_is_full_then_dropping_then_empty_again_and_whole_packets_come() {
        let (mut talk, packet) = (Talk::new(0.0), [7; 1000]);
        let mut turns = Vec::new();
        for _ in 0..400 {
            turns.push(talk.send(&packet, 1000, |_| 0));
        }
        assert_eq!(turns.iter().filter(|turn| **turn == Turn::Filled).count(), 1);
        assert_eq!(turns.iter().position(|turn| *turn == Turn::Filled), Some(FULL / 1002));
        assert_eq!(talk.waiting() / 1002, MOST / 1002);
        assert_eq!(talk.dropped as usize, 400 - MOST / 1002);
        let (mut sent, mut turns) = (Vec::new(), Vec::new());
        while talk.waiting() > 0 {
            turns.push(talk.pushed_on(|data| {
                let part = &data[..data.len().min(7777)];
                sent.extend_from_slice(part);
                part.len()
            }));
        }
        assert_eq!(turns.iter().filter(|turn| **turn == Turn::Emptied).count(), 1);
        let (packets, end) = cut(&sent).unwrap();
        assert_eq!((packets.len(), end), (MOST / 1002, sent.len()));
        talk.send(&[1; 250], 100, |data| {
            assert_eq!(data.len(), 256, "a run is framed packet by packet");
            data.len()
        });
    }
}
