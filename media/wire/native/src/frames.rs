//! Packets on a stream, each behind its length in two bytes (RFC 4571).
#![forbid(unsafe_code)]

/// A packet longer than any of ours: whoever sends it speaks of something else.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong(pub usize);

/// Cuts what comes on a stream into packets, however it was torn on the way.
pub struct Frames {
    longest: usize,
    rest: Vec<u8>,
}

impl Frames {
    /// `longest` is in bytes, without the length itself.
    pub fn new(longest: usize) -> Self {
        Self {
            longest,
            rest: Vec::new(),
        }
    }

    /// Give the packets that are whole now to `take`, which may write in them; empty ones are left out.
    pub fn feed(&mut self, data: &[u8], mut take: impl FnMut(&mut [u8])) -> Result<(), TooLong> {
        self.rest.extend_from_slice(data);
        let mut at = 0;
        while let Some(&[high, low]) = self.rest.get(at..).and_then(|rest| rest.first_chunk()) {
            let size = usize::from(u16::from_be_bytes([high, low]));
            if size > self.longest {
                return Err(TooLong(size));
            }
            let Some(packet) = self.rest.get_mut(at + 2..at + 2 + size) else {
                break;
            };
            if size > 0 {
                take(packet);
            }
            at += 2 + size;
        }
        self.rest.drain(..at);
        Ok(())
    }
}

/// Write a packet behind its length; nothing when it is longer than a length can say.
pub fn frame(into: &mut Vec<u8>, data: &[u8]) {
    if let Ok(size) = u16::try_from(data.len()) {
        into.extend_from_slice(&size.to_be_bytes());
        into.extend_from_slice(data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(frames: &mut Frames, data: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut packets = Vec::new();
        frames.feed(data, |packet| packets.push(packet.to_vec()))?;
        Ok(packets)
    }

    #[test]
    fn packets_come_whole_however_they_were_torn() {
        let mut stream = Vec::new();
        for packet in [b"one".as_slice(), b"", b"three"] {
            frame(&mut stream, packet);
        }
        for torn in 1..stream.len() {
            let mut frames = Frames::new(5);
            let mut got = Vec::new();
            for piece in stream.chunks(torn) {
                got.extend(fed(&mut frames, piece).unwrap());
            }
            assert_eq!(got, [b"one".to_vec(), b"three".to_vec()]);
            assert!(frames.rest.is_empty());
        }
    }

    #[test]
    fn one_too_long_is_refused_by_its_length_alone() {
        let mut frames = Frames::new(5);
        assert_eq!(fed(&mut frames, &[0]), Ok(vec![]));
        assert_eq!(fed(&mut frames, &[6]), Err(TooLong(6)));
    }
}
