//! The heads of one peer's packets, kept for a while for whoever looks for a fault: `media/wire/heads.py` in Rust.
#![forbid(unsafe_code)]

use std::collections::VecDeque;

use crate::rtcp;

const MOST: usize = 20_000;
const RTP: usize = 12;
const RTCP: usize = 8;

/// See `media.wire.Captured`.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub at: f64,
    pub is_sent: bool,
    pub size: usize,
    pub data: Vec<u8>,
}

/// The latest of a peer's, both ways. `now` is to be told before packets are sent.
pub struct Heads {
    pub peer: String,
    pub now: f64,
    most: usize,
    kept: VecDeque<Head>,
}

impl Heads {
    pub fn new(peer: String, most: usize, now: f64) -> Self {
        let (most, kept) = (most.min(MOST), VecDeque::new());
        Self { peer, now, most, kept }
    }

    /// A packet of `size` bytes as it is on the line; `data` begins with its header, which is never sealed.
    pub fn rtp(&mut self, is_sent: bool, data: &[u8], size: usize) {
        self.keep(is_sent, data, RTP, size);
    }

    /// All packets of a run, each of `step` bytes but the last.
    pub fn run(&mut self, data: &[u8], step: usize) {
        for packet in data.chunks(step.max(1)) {
            self.rtp(true, packet, packet.len());
        }
    }

    /// A compound packet in the clear, part by part.
    pub fn rtcp(&mut self, is_sent: bool, data: &[u8]) {
        for part in rtcp::split(data).flatten() {
            self.keep(is_sent, part.raw, RTCP, part.raw.len());
        }
    }

    pub fn kept(&self) -> Vec<Head> {
        self.kept.iter().cloned().collect()
    }

    fn keep(&mut self, is_sent: bool, data: &[u8], most: usize, size: usize) {
        if self.kept.len() == self.most {
            self.kept.pop_front();
        }
        self.kept.push_back(Head {
            at: self.now,
            is_sent,
            size,
            data: data.iter().take(most).copied().collect(),
        });
    }
}
