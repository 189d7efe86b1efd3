//! Transport-wide feedback and REMB out of bytes: `media/wire/twcc.py` in Rust.
//!
//! draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, draft-alvestrand-rmcat-remb-03 §2.2.

use crate::bytes::{u16_at, u32_at};
use crate::rtcp::Malformed;

/// The feedback format of both, of types 205 and 206.
pub const TRANSPORT_WIDE: u8 = 15;
/// Seconds.
pub const TICK: f64 = 250e-6;
/// Packets in one report: so a few bytes cannot ask for much work.
pub const MOST: usize = 4096;

const REFERENCE: u32 = 256;
const FIRST_CHUNK: usize = 16;

/// What came of the packets `base`, `base` + 1, …: the tick of arrival, None for not yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub base: u16,
    pub counter: u8,
    pub arrivals: Vec<Option<u32>>,
}

impl Report {
    /// Read the body (what follows the 4-byte header) of a packet of type 205 and format 15. The room of `self` is
    /// used again; when it is malformed what is in it means nothing.
    pub fn read(&mut self, body: &[u8]) -> Result<(), Malformed> {
        self.base = u16_at(body, 8).ok_or(Malformed)?;
        let count = usize::from(u16_at(body, 10).ok_or(Malformed)?);
        let packed = u32_at(body, 12).ok_or(Malformed)?;
        if count == 0 || count > MOST {
            return Err(Malformed);
        }
        self.counter = packed as u8;
        self.arrivals.clear();
        let times = self.symbols(body, count)?;
        self.times(body, times, (packed >> 8) * REFERENCE)
    }

    /// Leaves the number of bytes of each time (0 did not come) in `arrivals`; where the times begin.
    fn symbols(&mut self, body: &[u8], count: usize) -> Result<usize, Malformed> {
        let mut at = FIRST_CHUNK;
        while self.arrivals.len() < count {
            let chunk = u32::from(u16_at(body, at).ok_or(Malformed)?);
            at += 2;
            let left = count - self.arrivals.len();
            let symbol = |bits: u32| if bits == 0 { None } else { Some(bits) };
            match chunk >> 14 {
                0 | 1 => {
                    let run = left.min((chunk & 0x1FFF) as usize);
                    self.arrivals.extend(std::iter::repeat_n(symbol(chunk >> 13), run));
                }
                2 => self
                    .arrivals
                    .extend((0..14).rev().map(|bit| symbol(chunk >> bit & 1)).take(left)),
                _ => self
                    .arrivals
                    .extend((0..7).rev().map(|pair| symbol(chunk >> (2 * pair) & 3)).take(left)),
            }
        }
        Ok(at)
    }

    fn times(&mut self, body: &[u8], mut at: usize, mut tick: u32) -> Result<(), Malformed> {
        for arrival in &mut self.arrivals {
            let delta = match *arrival {
                None => continue,
                Some(1) => u32::from(*body.get(at).ok_or(Malformed)?),
                Some(2) => i32::from(u16_at(body, at).ok_or(Malformed)? as i16) as u32,
                Some(_) => return Err(Malformed),
            };
            at += arrival.map_or(0, |bytes| bytes as usize);
            tick = tick.wrapping_add(delta);
            *arrival = Some(tick);
        }
        Ok(())
    }
}

/// The most a receiver wants, bit/s, from the body of a packet of type 206 and format 15.
pub fn remb(body: &[u8]) -> Option<f64> {
    if body.get(8..12)? != b"REMB" {
        return None;
    }
    let packed = u32_at(body, 12)?;
    Some(f64::from(packed & 0x3FFFF) * 2f64.powi((packed >> 18 & 0x3F) as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[u8], count: u16) -> Result<Report, Malformed> {
        let mut body = vec![0; 8];
        body.extend([0, 5]);
        body.extend(count.to_be_bytes());
        body.extend([0, 0, 1, 9]);
        body.extend(chunks);
        let mut report = Report::default();
        report.read(&body).map(|()| report)
    }

    #[test]
    fn runs_and_vectors_are_read() {
        let one = read(&[0xA8, 0, 4, 8], 3).unwrap();
        assert_eq!((one.base, one.counter), (5, 9));
        assert_eq!(one.arrivals, [Some(260), None, Some(268)]);
        assert_eq!(
            read(&[0xD2, 0, 4, 0xFF, 0xFE], 3).unwrap().arrivals,
            [Some(260), None, Some(258)]
        );
        assert_eq!(read(&[0x20, 2, 4, 8], 2).unwrap().arrivals, [Some(260), Some(268)]);
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for (chunks, count) in [
            (&[][..], 1),
            (&[0x20, 2, 4], 2),
            (&[0x60, 2, 4, 4], 2),
            (&[0, 0], 4),
            (&[0x3F, 0xFF], 0xFFFF),
            (&[0x20, 2, 4, 8], 0),
        ] {
            assert_eq!(read(chunks, count), Err(Malformed), "{chunks:?}");
        }
    }

    #[test]
    fn no_bytes_do_harm() {
        let mut seed = 1u64;
        let mut report = Report::default();
        for length in 0..4000 {
            let body: Vec<u8> = (0..length % 80)
                .map(|_| {
                    seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (seed >> 33) as u8
                })
                .collect();
            let _ = report.read(&body);
            let _ = remb(&body);
            assert!(report.arrivals.len() <= MOST);
        }
    }

    #[test]
    fn remb_keeps_eighteen_bits() {
        let mut body = [0; 20];
        body[8..12].copy_from_slice(b"REMB");
        body[12..16].copy_from_slice(&(1 << 24 | 2 << 18 | 0x3FFFFu32).to_be_bytes());
        assert_eq!(remb(&body), Some(f64::from(0x3FFFF << 2)));
        body[8] = 0;
        assert_eq!(remb(&body), None);
        assert_eq!(remb(&body[..9]), None);
    }
}
