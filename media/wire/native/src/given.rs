//! What the tests send: packets, and a wire with one publisher and one viewer.

use std::net::SocketAddr;

use crate::engine::{Engine, Output};
use crate::history::Packet;
use crate::rtp::{header_size, parse, write_elements, write_header};
use crate::srtp::{Opening, Sealing};
use crate::types::{
    AddPublication, AddSubscription, Address, Command, Kind, Note, Payload, PayloadMap, Profile, Value,
};

pub fn packet(index: i64, kind: u8, payload: &[u8], elements: &[(u8, &[u8])]) -> Packet {
    let elements = elements.iter().map(|(key, value)| (*key, (*value).into())).collect();
    Packet {
        flags: 0x80,
        kind,
        index,
        timestamp: 0x0102_0304,
        payload: payload.into(),
        elements,
        at: 0.0,
        dependency: None,
    }
}

/// RTP in the clear.
pub fn rtp(kind: u8, sequence: u16, timestamp: u32, ssrc: u32, elements: &[(u8, &[u8])], payload: &[u8]) -> Vec<u8> {
    let mut data = vec![0; 4096];
    let size = write_elements(&mut data[12..], elements.iter().copied()).unwrap();
    write_header(
        &mut data,
        if size > 0 { 0x90 } else { 0x80 },
        kind,
        sequence,
        timestamp,
        ssrc,
    )
    .unwrap();
    data.truncate(12 + size);
    data.extend_from_slice(payload);
    data
}

pub fn address(number: u8) -> Address {
    Address {
        socket: SocketAddr::from(([10, 0, 0, number], 1)),
        way: 0,
    }
}

/// What came out. `runs` are (count, size) of what was sent together.
#[derive(Default)]
pub struct Out {
    pub runs: Vec<(usize, usize)>,
    pub sent: Vec<(Address, Vec<u8>)>,
    pub notes: Vec<Note>,
}

impl Output for Out {
    fn send(&mut self, to: Address, data: &[u8]) {
        self.runs.push((1, data.len()));
        self.sent.push((to, data.to_vec()));
    }

    fn send_run(&mut self, to: Address, data: &[u8], size: usize) {
        self.runs.push((data.len().div_ceil(size), size));
        self.sent.extend(data.chunks(size).map(|each| (to, each.to_vec())));
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }
}

pub const UP: u8 = 2;
pub const DOWN: u8 = 3;
const GCM: usize = 28;

pub fn video() -> AddPublication {
    AddPublication {
        publication: "up:1".into(),
        peer: "up".into(),
        kind: Kind::Video,
        payloads: vec![Payload {
            number: 96,
            clock: 90_000,
            retransmission: Some(97),
            wraps: None,
        }],
        ssrc: None,
        retransmission_ssrc: None,
        mid: b"1".to_vec(),
        mid_extension: 3,
        level_extension: 1,
        nack: true,
        transport_extension: 0,
        codec: None,
        rids: vec![],
        rid_extension: 0,
        repaired_rid_extension: 0,
        group: String::new(),
        dependency_extension: 0,
        layer_ssrcs: vec![],
    }
}

pub fn view() -> AddSubscription {
    AddSubscription {
        peer: "down".into(),
        publication: "up:1".into(),
        ssrc: 0xB0,
        sequence: 100,
        cname: "up".into(),
        payloads: vec![PayloadMap {
            source: 96,
            target: 120,
            retransmission: Some(121),
            unwrap: false,
        }],
        retransmission_ssrc: Some(0xB1),
        extensions: vec![(5, 5)],
        mid: vec![],
        mid_extension: 0,
        nack: true,
        transport_extension: 0,
    }
}

/// An engine with one publisher and one viewer, and what both sides need to speak to it.
pub struct Path {
    pub engine: Engine,
    pub out: Out,
    pub now: f64,
    pub up: Sealing,
    pub down: Sealing,
    heard: Opening,
    told: Opening,
}

impl Path {
    pub fn new() -> Self {
        let sealing = |fill: u8| Sealing::new(Profile::Gcm128, &[fill; GCM]).unwrap();
        let opening = |fill: u8| Opening::new(Profile::Gcm128, &[fill; GCM]).unwrap();
        let (heard, told) = (opening(DOWN + 100), opening(UP + 100));
        let (engine, out) = (Engine::new(), Out::default());
        let mut made = Self {
            engine,
            out,
            now: 100.0,
            up: sealing(UP),
            down: sealing(DOWN),
            heard,
            told,
        };
        made.add_peer("up", UP);
        made.add_peer("down", DOWN);
        made.perform(Command::AddPublication(video()));
        made.perform(Command::AddSubscription(view()));
        made
    }

    /// Its keys are its number, again and again.
    pub fn add_peer(&mut self, peer: &str, number: u8) {
        let (receive_key, send_key) = (vec![number; GCM], vec![number + 100; GCM]);
        let (peer, address) = (peer.to_owned(), address(number));
        self.perform(Command::AddPeer {
            peer,
            address,
            profile: Profile::Gcm128,
            receive_key,
            send_key,
            weight: 1,
        });
    }

    /// The viewer begins anew under other keys.
    pub fn rekey_down(&mut self) {
        let (receive_key, send_key) = (vec![77; GCM], vec![78; GCM]);
        self.down = Sealing::new(Profile::Gcm128, &receive_key).unwrap();
        self.heard = Opening::new(Profile::Gcm128, &send_key).unwrap();
        let (peer, address) = ("down".to_owned(), address(DOWN));
        self.perform(Command::AddPeer {
            peer,
            address,
            profile: Profile::Gcm128,
            receive_key,
            send_key,
            weight: 1,
        });
    }

    pub fn perform(&mut self, command: Command) {
        self.engine.perform(command, self.now, &mut self.out);
    }

    pub fn datagram(&mut self, mut data: Vec<u8>, from: u8) {
        self.engine.receive(&mut data, address(from), self.now, &mut self.out);
    }

    /// The publisher sends RTP given in the clear.
    pub fn play(&mut self, data: &[u8]) {
        let mut sealed = data.to_vec();
        sealed.resize(data.len() + 32, 0);
        let size = self
            .up
            .seal_rtp(&mut sealed, header_size(data).unwrap(), data.len(), 0)
            .unwrap();
        sealed.truncate(size);
        self.datagram(sealed, UP);
    }

    pub fn report(&mut self, from: u8, write: impl FnOnce(&mut Vec<u8>)) {
        let mut data = Vec::new();
        write(&mut data);
        let size = data.len();
        data.resize(size + 32, 0);
        let sealing = if from == UP { &mut self.up } else { &mut self.down };
        let size = sealing.seal_rtcp(&mut data, size).unwrap();
        data.truncate(size);
        self.datagram(data, from);
    }

    pub fn flush(&mut self) {
        self.engine.flush(self.now, &mut self.out);
    }

    pub fn burst(&mut self, sizes: &[usize], first: u16) {
        for (number, size) in sizes.iter().enumerate() {
            self.play(&rtp(96, first + number as u16, 0, 0xA0, &[], &vec![0; *size]));
        }
        self.flush();
    }

    /// What the viewer got since the last time, in the clear: (type, sequence, SSRC, payload).
    pub fn heard(&mut self) -> Vec<(u8, u16, u32, Vec<u8>)> {
        let sent = std::mem::take(&mut self.out.sent);
        let media = sent
            .into_iter()
            .filter(|(to, data)| *to == address(DOWN) && !(192..224).contains(&data[1]));
        media
            .map(|(_, mut data)| {
                let size = self.heard.open_rtp(&mut data).expect("sealed for the viewer");
                let packet = parse(&data[..size]).unwrap();
                let ssrc = u32::from_be_bytes(*data[8..].first_chunk().unwrap());
                (packet.kind, packet.sequence, ssrc, packet.payload.to_vec())
            })
            .collect()
    }

    /// RTCP that went to one side since the last time, in the clear.
    pub fn reports(&mut self, to: u8) -> Vec<Vec<u8>> {
        let sent = std::mem::take(&mut self.out.sent);
        let opening = if to == UP { &mut self.told } else { &mut self.heard };
        let reports = sent
            .into_iter()
            .filter(|(whom, data)| *whom == address(to) && (192..224).contains(&data[1]));
        reports
            .map(|(_, mut data)| {
                let size = opening.open_rtcp(&mut data).expect("sealed for this side");
                data.truncate(size);
                data
            })
            .collect()
    }

    pub fn count(&self, key: &str) -> i64 {
        match self.engine.dump().into_iter().find(|(name, _)| name == key) {
            Some((_, Value::Int(count))) => count,
            other => panic!("{key}: {other:?}"),
        }
    }
}
