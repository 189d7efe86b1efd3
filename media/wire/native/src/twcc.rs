//! Transport-wide feedback out of bytes and into them, and REMB out of bytes: `media/wire/twcc.py` in Rust.
//!
//! draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, draft-alvestrand-rmcat-remb-03 §2.2.

use crate::bytes::{u16_at, u32_at};
use crate::rtcp::{Malformed, TRANSPORT_FEEDBACK};

/// The feedback format of both, of types 205 and 206.
pub const TRANSPORT_WIDE: u8 = 15;
/// Seconds.
pub const TICK: f64 = 250e-6;
/// Packets in one report: so a few bytes cannot ask for much work.
pub const MOST: usize = 4096;

const REFERENCE: u32 = 256;
const FIRST_CHUNK: usize = 16;
const MOST_RUN: usize = 0x1FFF;

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

    /// Add a whole RTCP packet, the same as `build` of `twcc.py`; false when nothing came, or too much, or two arrivals
    /// are more than 8 s apart.
    pub fn write(&self, to: &mut Vec<u8>, sender: u32, media: u32) -> bool {
        let start = to.len();
        let is_written = self.written(to, start, sender, media).is_some();
        if !is_written {
            to.truncate(start);
        }
        is_written
    }

    fn written(&self, to: &mut Vec<u8>, start: usize, sender: u32, media: u32) -> Option<()> {
        let first = self
            .arrivals
            .iter()
            .flatten()
            .next()
            .filter(|_| self.arrivals.len() <= MOST)?;
        let mut tick = first - first % REFERENCE;
        to.extend([0x80 | TRANSPORT_WIDE, TRANSPORT_FEEDBACK, 0, 0]);
        to.extend(sender.to_be_bytes());
        to.extend(media.to_be_bytes());
        to.extend(self.base.to_be_bytes());
        to.extend((self.arrivals.len() as u16).to_be_bytes());
        to.extend(((tick / REFERENCE) << 8 | u32::from(self.counter)).to_be_bytes());
        let mut symbols: Vec<u16> = Vec::with_capacity(self.arrivals.len());
        let mut deltas = Vec::new();
        for arrival in &self.arrivals {
            let Some(arrival) = *arrival else {
                symbols.push(0);
                continue;
            };
            let delta = arrival.wrapping_sub(tick) as i32;
            tick = arrival;
            if let Ok(small) = u8::try_from(delta) {
                symbols.push(1);
                deltas.push(small);
            } else {
                symbols.push(2);
                deltas.extend(i16::try_from(delta).ok()?.to_be_bytes());
            }
        }
        write_chunks(to, &symbols);
        to.extend(deltas);
        let missing = (to.len() - start).wrapping_neg() % 4;
        if missing > 0 {
            to.resize(to.len() + missing - 1, 0);
            to.push(missing as u8);
            *to.get_mut(start)? |= 0x20;
        }
        let words = ((to.len() - start) / 4 - 1) as u16;
        to.get_mut(start + 2..start + 4)?.copy_from_slice(&words.to_be_bytes());
        Some(())
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

/// Runs where they are longer than what a vector holds, else vectors.
fn write_chunks(to: &mut Vec<u8>, mut symbols: &[u16]) {
    while let Some(&first) = symbols.first() {
        let run = symbols.iter().take(MOST_RUN).take_while(|each| **each == first).count();
        let is_large = symbols.iter().take(14).any(|each| *each > 1);
        let (chunk, told) = if run >= symbols.len().min(14) || run >= 7 && is_large {
            (first << 13 | run as u16, run)
        } else if is_large {
            (0xC000 | packed(symbols, 7, 2), 7)
        } else {
            (0x8000 | packed(symbols, 14, 1), 14)
        };
        to.extend(chunk.to_be_bytes());
        symbols = symbols.get(told..).unwrap_or_default();
    }
}

fn packed(symbols: &[u16], room: usize, bits: u16) -> u16 {
    (0..room).fold(0, |word, at| word << bits | symbols.get(at).copied().unwrap_or(0))
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

    fn report(base: u16, counter: u8, arrivals: Vec<Option<u32>>) -> Report {
        Report {
            base,
            counter,
            arrivals,
        }
    }

    fn written(report: &Report) -> Option<Vec<u8>> {
        let mut to = b"before".to_vec();
        let is_written = report.write(&mut to, 1, 2);
        assert_eq!(to.get(..6), Some(&b"before"[..]));
        assert_eq!(is_written, to.len() > 6);
        is_written.then(|| to.split_off(6))
    }

    fn hex(data: &[u8]) -> String {
        data.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// As in tests/media/wire/test_twcc.py.
    #[test]
    fn reports_are_written_as_in_python() {
        let far = [&[Some(1)][..], &[None; 300], &[Some(1001), Some(20_000)]].concat();
        let mixed = (0..30).map(|n| (n % 3 != 1).then_some(5000 + n * if n % 4 == 2 { 300 } else { 1 }));
        let cases = [
            (
                report(65_534, 7, vec![Some(260), None, Some(258), Some(900), None, None]),
                "afcd00060000000100000002fffe000600000107d28004fffe028201",
            ),
            (
                report(5, 0, vec![Some(1000); 20]),
                "afcd000a000000010000000200050014000003002014e8000000000000000000000000000000000000000002",
            ),
            (
                report(1, 255, far),
                "afcd000700000001000000020001012f000000ffa000011f40020103e84a3701",
            ),
            (
                report(9, 1, vec![Some(u32::MAX - 1), Some(1), None, Some(700), Some(1)]),
                "8fcd0006000000010000000200090005ffffff01d4a0fe0302bbfd45",
            ),
            (
                report(0, 3, mixed.collect()),
                "8fcd000e00000001000000020000001e00001303d286c914e862d14a9000880258fdab020703f9000102\
                 01105cefa7021507eafc0102011e60e1a302",
            ),
        ];
        for (report, told) in cases {
            assert_eq!(hex(&written(&report).unwrap()), told);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut seed = 7u64;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as u32 % below
        };
        for _ in 0..2000 {
            let mut tick = next(u32::MAX);
            let (loss, spread) = (next(4), [1, 200, 30_000][next(3) as usize]);
            let mut arrivals = vec![Some(tick)];
            for _ in 0..next(100) {
                tick = tick.wrapping_add(next(spread)).wrapping_sub(next(1 + spread / 20));
                arrivals.push((next(4) >= loss).then_some(tick));
                tick = arrivals.iter().rev().flatten().next().copied().unwrap_or_default();
            }
            let told = report(next(65_536) as u16, next(256) as u8, arrivals);
            let data = written(&told).unwrap();
            let part = crate::rtcp::split(&data).next().unwrap().unwrap();
            assert_eq!(
                (data.len() % 4, part.kind, part.count),
                (0, TRANSPORT_FEEDBACK, TRANSPORT_WIDE)
            );
            let mut found = Report::default();
            found.read(part.body).unwrap();
            assert_eq!(found, told);
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_written() {
        let much = vec![Some(1); MOST + 1];
        for arrivals in [vec![None], vec![Some(0), Some(40_000)], much] {
            assert_eq!(written(&report(0, 0, arrivals)), None);
        }
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
