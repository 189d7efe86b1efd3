//! What the plane tells the wire, and what the wire tells the plane: `media/wire/__init__.py` in Rust.

use std::net::SocketAddr;

use crate::descriptors::Codec;

/// Another side. IPv4 is never mapped into IPv6 here. `way` 0 is the first UDP socket; others are numbers of further
/// sockets or of TCP connections, as `media.wire.Address` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    pub socket: SocketAddr,
    pub way: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Gcm128,
    Gcm256,
    Cm128Sha1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Audio,
    Video,
}

/// See `media.wire.Payload`.
#[derive(Clone, Copy, Debug)]
pub struct Payload {
    pub number: u8,
    pub clock: u32,
    pub retransmission: Option<u8>,
    pub wraps: Option<u8>,
}

/// See `media.wire.PayloadMap`.
#[derive(Clone, Copy, Debug)]
pub struct PayloadMap {
    pub source: u8,
    pub target: u8,
    pub retransmission: Option<u8>,
    pub unwrap: bool,
}

/// See `media.wire.AddPublication`.
#[derive(Clone, Debug)]
pub struct AddPublication {
    pub publication: String,
    pub peer: String,
    pub kind: Kind,
    pub payloads: Vec<Payload>,
    pub ssrc: Option<u32>,
    pub retransmission_ssrc: Option<u32>,
    pub mid: Vec<u8>,
    pub mid_extension: u8,
    pub level_extension: u8,
    pub nack: bool,
    pub transport_extension: u8,
    pub codec: Option<Codec>,
    pub rids: Vec<Vec<u8>>,
    pub rid_extension: u8,
    pub repaired_rid_extension: u8,
    pub group: String,
    pub dependency_extension: u8,
    pub layer_ssrcs: Vec<(u32, u32)>,
}

/// See `media.wire.AddSubscription`.
#[derive(Clone, Debug)]
pub struct AddSubscription {
    pub peer: String,
    pub publication: String,
    pub ssrc: u32,
    pub sequence: u16,
    pub cname: String,
    pub payloads: Vec<PayloadMap>,
    pub retransmission_ssrc: Option<u32>,
    pub extensions: Vec<(u8, u8)>,
    pub mid: Vec<u8>,
    pub mid_extension: u8,
    pub nack: bool,
    pub transport_extension: u8,
}

/// Plane → wire. A command that names what is not known does nothing.
#[derive(Clone, Debug)]
pub enum Command {
    SendDatagram {
        address: Address,
        data: Vec<u8>,
    },
    AddPeer {
        peer: String,
        address: Address,
        profile: Profile,
        receive_key: Vec<u8>,
        send_key: Vec<u8>,
        weight: u16,
    },
    MovePeer {
        peer: String,
        address: Address,
    },
    HearPeer {
        peer: String,
        address: Address,
    },
    DropPeer {
        peer: String,
    },
    AddPublication(AddPublication),
    DropPublication {
        publication: String,
    },
    MutePublication {
        publication: String,
        muted: bool,
    },
    AddSubscription(AddSubscription),
    DropSubscription {
        peer: String,
        publication: String,
    },
    PauseSubscription {
        peer: String,
        publication: String,
        paused: bool,
    },
    MapPayloads {
        peer: String,
        publication: String,
        payloads: Vec<PayloadMap>,
    },
    LimitSounds {
        group: String,
        most: usize,
    },
    SendRtcp {
        peer: String,
        data: Vec<u8>,
    },
    SelectLayer {
        peer: String,
        publication: String,
        layer: u8,
        temporal: u8,
    },
    RequestKeyframe {
        publication: String,
        layer: Option<u8>,
    },
    WantBitrate {
        peer: String,
        bitrate: f64,
    },
    /// See `media.wire.Capture`.
    Capture {
        peer: String,
        packets: usize,
    },
    /// Hand what comes of a publication up, too, from now on and until it is dropped; false: no more.
    Tap {
        publication: String,
        on: bool,
    },
}

/// One packet for a tap, as `media.wire.history.Packet`: flags, type, index, timestamp, payload, time of arrival.
#[derive(Clone, Debug, PartialEq)]
pub struct Tapped {
    pub flags: u8,
    pub kind: u8,
    pub index: i64,
    pub timestamp: u32,
    pub payload: Vec<u8>,
    pub elements: Vec<(u8, Vec<u8>)>,
    pub at: f64,
}

/// See `media.wire.Line`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineNews {
    pub estimate: f64,
    pub loss: f64,
    pub round_trip: f64,
    pub queueing_delay: f64,
}

/// Wire → plane.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    Datagram {
        address: Address,
        data: Vec<u8>,
    },
    Rtcp {
        peer: String,
        data: Vec<u8>,
    },
    Started {
        publication: String,
    },
    Levels {
        levels: Vec<(String, u8)>,
    },
    PacketsLost {
        publication: String,
        layer: u8,
    },
    /// See `media.wire.Rates`.
    Rates {
        rates: Vec<(String, Vec<u64>)>,
        bases: Vec<(String, u64)>,
    },
    Closed {
        address: Address,
    },
    Line {
        peer: String,
        news: LineNews,
    },
    /// What a tapped publication brought, in the order of arrival.
    Packets {
        publication: String,
        packets: Vec<Tapped>,
    },
    /// A tapped publication's sender report: NTP time (64 bits) and the timestamp on the packets' timeline.
    Report {
        publication: String,
        ntp: u64,
        timestamp: u32,
        at: f64,
    },
}

/// See `media.wire.Reception`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reception {
    pub publication: String,
    pub ssrc: u32,
    pub received: u64,
    pub expected: i64,
    pub highest: i64,
    pub jitter: u32,
    pub last_report: u32,
    pub report_age: f64,
}

/// A value of `dump`: what JSON has.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    Int(i64),
    Text(String),
    Map(Vec<(String, Value)>),
    None,
}
