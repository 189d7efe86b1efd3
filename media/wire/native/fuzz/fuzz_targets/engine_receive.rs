//! The whole engine under datagrams of strangers, packets that peers sealed themselves, and commands in any order.
#![no_main]
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sabaq_wire::descriptors::Codec;
use sabaq_wire::engine::{Engine, MAX_DATAGRAM, Output};
use sabaq_wire::rtcp::{SenderInfo, write_empty_report, write_nack, write_pli, write_sender_report};
use sabaq_wire::rtp::{header_size, write_elements, write_header};
use sabaq_wire::srtp::{Opening, Sealing};
use sabaq_wire::types::{AddPublication, AddSubscription, Address, Command, Kind, Note, Payload, PayloadMap, Profile};

const PEERS: [&str; 3] = ["a", "b", "c"];
const TRACKS: [&str; 4] = ["a:1", "b:1", "a:2", "a:1~h"];
const LAYERS: [&[u8]; 3] = [b"q", b"h", b"f"];
const KEY: usize = 28;
/// The SSRC of the first subscription.
const VIEWED: u32 = 4;
/// What a viewer's numbers may begin with.
const FIRST: [u16; 3] = [0, 100, 65_500];

fn address(number: u8) -> Address {
    Address {
        socket: SocketAddr::from((Ipv4Addr::new(10, 0, 0, number), 9)),
        way: u32::from(number % 3),
    }
}

/// Where a peer speaks from: mostly where it should.
fn place_of(peer: &str, u: &mut Unstructured) -> Result<Address> {
    let own = PEERS.iter().position(|each| *each == peer).map_or(5, |at| at as u8 + 1);
    Ok(address(if u.ratio(1, 8)? { u.int_in_range(1..=5)? } else { own }))
}

/// The keys of a peer, both ways.
struct Side {
    sealing: Sealing,
    key: Vec<u8>,
}

#[derive(Default)]
struct Sent {
    now: Vec<Vec<u8>>,
}

impl Output for Sent {
    fn send(&mut self, _: Address, data: &[u8]) {
        self.now.push(data.to_vec());
    }

    fn send_run(&mut self, _: Address, data: &[u8], size: usize) {
        assert!(size > 0 && data.len() > size && data.len() <= 60_000 && data.len().div_ceil(size) <= 60);
        self.now.extend(data.chunks(size).map(<[u8]>::to_vec));
    }

    fn note(&mut self, note: Note) {
        if let Note::Packets { packets, .. } = note {
            assert!(!packets.is_empty());
        }
    }
}

#[derive(Default)]
struct Story {
    engine: Engine,
    sides: HashMap<&'static str, Side>,
    sent: Sent,
    /// What was sealed, by SSRC and sequence number.
    sealed: HashMap<(u32, u16), Vec<Vec<u8>>>,
    now: f64,
    drawn: u32,
}

impl Story {
    fn step(&mut self, u: &mut Unstructured) -> Result<()> {
        match u.int_in_range(0..=13)? {
            0 => self.datagram(u)?,
            1..=4 => self.media(u)?,
            5 => self.report(u)?,
            6..=8 => {
                let command = self.command(u)?;
                self.engine.perform(command, self.now, &mut self.sent);
            }
            9 | 10 => {
                self.engine.flush(self.now, &mut self.sent);
                if self.engine.due_at().is_some() {
                    self.engine.send_due(self.now + 0.01, &mut self.sent);
                }
            }
            11 => self.engine.ask(self.now, &mut self.sent),
            12 => self
                .engine
                .hold(address(u.int_in_range(1..=5)?), u.arbitrary()?, &mut self.sent),
            _ => self.rarely(u)?,
        }
        self.now += f64::from(u.int_in_range(0..=20u8)?) / 1000.0;
        self.check();
        Ok(())
    }

    fn rarely(&mut self, u: &mut Unstructured) -> Result<()> {
        match u.int_in_range(0..=2)? {
            0 => self.engine.closed(address(u.int_in_range(1..=5)?), &mut self.sent),
            1 => self.now += f64::from(u.arbitrary::<u8>()?) / 16.0,
            _ => {
                self.engine.tick(self.now, &mut self.sent);
                PEERS
                    .iter()
                    .for_each(|peer| drop(self.engine.receptions(peer, self.now)));
                self.engine.dump();
            }
        }
        Ok(())
    }

    fn datagram(&mut self, u: &mut Unstructured) -> Result<()> {
        let from = address(u.int_in_range(1..=5)?);
        let mut data = u.arbitrary::<Vec<u8>>()?;
        data.truncate(MAX_DATAGRAM);
        self.engine.receive(&mut data, from, self.now, &mut self.sent);
        Ok(())
    }

    fn media(&mut self, u: &mut Unstructured) -> Result<()> {
        let peer = *u.choose(&PEERS)?;
        let kind = u.choose(&[96, 96, 96, 97, 111, 50])? | if u.arbitrary()? { 0x80 } else { 0 };
        let ssrc = *u.choose(&[0xA0, 0xA0, 0xA1, 0xC0, 0x51, 0x52])?;
        let (sequence, timestamp) = (u.arbitrary::<u16>()? % 0x1FF + u.choose(&[0, 65_000])?, u.arbitrary()?);
        let named = [(3, &b"1"[..]), (*u.choose(&[10, 10, 11])?, *u.choose(&LAYERS)?)];
        let described = u.int_in_range(0..=20)?;
        let elements = [named[0], (1, u.bytes(1)?), (5, u.bytes(described)?)];
        let count = u.int_in_range(0..=4)?;
        let elements = if count > 3 { &named } else { &elements[..count] };
        let mut data = vec![0; 64];
        let size = write_elements(&mut data[12..], elements.iter().copied()).unwrap_or(0);
        let first = if size > 0 { 0x90 } else { 0x80 } | *u.choose(&[0, 0, 0, 0x20])?;
        write_header(&mut data, first, kind, sequence, timestamp, ssrc);
        data.truncate(12 + size);
        let payload = u.int_in_range(0..=1400)?;
        data.extend_from_slice(&picture(u)?);
        if u.ratio(1, 4)? {
            data.truncate(12 + size);
            data.extend_from_slice(&[0xE0, 0, 0, u.int_in_range(0..=9)?, 96]); // RED
        }
        data.resize(12 + size + payload, u.arbitrary()?);
        self.play(peer, &mut data, u.int_in_range(0..=1)?, u)
    }

    fn play(&mut self, peer: &str, data: &mut Vec<u8>, rollovers: u32, u: &mut Unstructured) -> Result<()> {
        let from = place_of(peer, u)?;
        let (Some(side), Some(header), size) = (self.sides.get(peer), header_size(data), data.len()) else {
            return Ok(());
        };
        data.resize(size + 32, 0);
        let sealed = side.sealing.seal_rtp(data, header, size, rollovers).unwrap();
        self.engine.receive(&mut data[..sealed], from, self.now, &mut self.sent);
        Ok(())
    }

    fn report(&mut self, u: &mut Unstructured) -> Result<()> {
        let peer = *u.choose(&["a", "b", "b", "c"])?;
        let from = place_of(peer, u)?;
        let mut data = Vec::new();
        write_empty_report(&mut data, u.int_in_range(0..=3)?);
        let media = *u.choose(&[0xA0, VIEWED, VIEWED, self.drawn])?;
        match u.int_in_range(0..=6)? {
            0 | 1 => write_nack(&mut data, 9, media, asked(u)?.into_iter()),
            2 => write_sender_report(
                &mut data,
                &SenderInfo {
                    ssrc: media,
                    ntp: u.arbitrary()?,
                    rtp: u.arbitrary()?,
                },
                1,
                2,
            ),
            3 => write_pli(&mut data, 9, media),
            4 => feedback(&mut data, u)?,
            5 => {
                data.extend_from_slice(&[0x81, 201, 0, 7, 0, 0, 0, 9]);
                data.extend_from_slice(&media.to_be_bytes());
                data.extend_from_slice(&u.arbitrary::<[u8; 20]>()?);
            }
            _ => data.extend_from_slice(u.bytes(16)?),
        }
        let size = data.len();
        data.resize(size + 32, 0);
        if let Some(sealed) = self
            .sides
            .get_mut(peer)
            .and_then(|side| side.sealing.seal_rtcp(&mut data, size))
        {
            self.engine.receive(&mut data[..sealed], from, self.now, &mut self.sent);
        }
        Ok(())
    }

    fn command(&mut self, u: &mut Unstructured) -> Result<Command> {
        let (name, track) = (*u.choose(&PEERS)?, u.choose(&TRACKS)?.to_string());
        let (peer, publication) = (name.to_string(), track);
        let address = address(u.int_in_range(1..=5)?);
        Ok(match u.int_in_range(0..=15)? {
            0 | 1 => self.add_peer(name, address),
            2 => Command::MovePeer { peer, address },
            3 => Command::HearPeer { peer, address },
            4 => Command::DropPeer { peer },
            5 | 6 => Command::AddPublication(added(peer, publication, u)?),
            7 => Command::DropPublication { publication },
            8 => Command::MutePublication {
                publication,
                muted: u.arbitrary()?,
            },
            9..=11 => Command::AddSubscription(self.subscription(peer, publication, u)?),
            12 => Command::DropSubscription { peer, publication },
            13 if u.arbitrary()? => Command::SelectLayer {
                peer,
                publication,
                layer: u.int_in_range(0..=4)?,
                temporal: *u.choose(&[0, 1, 7])?,
            },
            13 => Command::PauseSubscription {
                peer,
                publication,
                paused: u.arbitrary()?,
            },
            14 => Command::RequestKeyframe {
                publication,
                layer: *u.choose(&[None, Some(0), Some(9)])?,
            },
            _ => match u.int_in_range(0..=5)? {
                5 => Command::MapPayloads {
                    peer,
                    publication,
                    payloads: maps(None, u)?,
                },
                4 => Command::LimitSounds {
                    group: "room".into(),
                    most: u.int_in_range(0..=2)?,
                },
                3 => Command::WantBitrate {
                    peer,
                    bitrate: f64::from(u.arbitrary::<u32>()?),
                },
                0 => Command::Tap {
                    publication,
                    on: u.arbitrary()?,
                },
                1 => Command::SendRtcp {
                    peer,
                    data: u.arbitrary()?,
                },
                _ => Command::SendDatagram { address, data: vec![1] },
            },
        })
    }

    fn add_peer(&mut self, peer: &'static str, address: Address) -> Command {
        self.drawn += 1;
        let key = |way: u8| [&[way][..], &self.drawn.to_be_bytes(), &[0; KEY - 5]].concat();
        let (receive_key, send_key) = (key(1), key(2));
        let sealing = Sealing::new(Profile::Gcm128, &receive_key).unwrap();
        self.sides.insert(
            peer,
            Side {
                sealing,
                key: send_key.clone(),
            },
        );
        Command::AddPeer {
            peer: peer.to_owned(),
            address,
            profile: Profile::Gcm128,
            receive_key,
            send_key,
            weight: 1,
        }
    }

    fn subscription(&mut self, peer: String, publication: String, u: &mut Unstructured) -> Result<AddSubscription> {
        self.drawn += 2;
        let retransmission = if u.arbitrary()? { Some(121) } else { None };
        Ok(AddSubscription {
            peer,
            publication,
            ssrc: self.drawn,
            sequence: *u.choose(&FIRST)?,
            cname: "name".to_owned(),
            payloads: maps(retransmission, u)?,
            retransmission_ssrc: if u.arbitrary()? { Some(self.drawn - 1) } else { None },
            extensions: if u.arbitrary()? { vec![(5, 20), (1, 1)] } else { vec![] },
            mid: b"m".to_vec(),
            mid_extension: *u.choose(&[0, 4])?,
            nack: u.arbitrary()?,
            transport_extension: *u.choose(&[0, 9, 20])?,
        })
    }

    /// No number is sealed twice with different bytes behind it, which would give the keystream away.
    fn check(&mut self) {
        for data in std::mem::take(&mut self.sent.now) {
            if data.len() < 12 || (192..=223).contains(&data[1]) || data[0] >> 6 != 2 {
                continue;
            }
            let ssrc = u32::from_be_bytes([data[8], data[9], data[10], data[11]]);
            let sequence = u16::from_be_bytes([data[2], data[3]]);
            let known = self.sealed.entry((ssrc, sequence)).or_default();
            if known.contains(&data) {
                continue;
            }
            for (side, other) in self
                .sides
                .values()
                .flat_map(|side| known.iter().map(move |other| (side, other)))
            {
                assert!(
                    !(opens(side, &data) && opens(side, other)),
                    "two packets under one number"
                );
            }
            known.push(data);
        }
    }
}

/// How a payload begins: as one of VP8 with all numbers, or as it comes.
fn picture(u: &mut Unstructured) -> Result<[u8; 7]> {
    let mut head = u.arbitrary::<[u8; 7]>()?;
    if u.ratio(3, 4)? {
        (head[0], head[1]) = (*u.choose(&[0x90, 0x90, 0x80])?, 0xE0);
        head[2] |= 0x80;
        head[6] &= *u.choose(&[0xFE, 0xFF])?;
    }
    Ok(head)
}

/// Whether it was sealed for this side, before its number wrapped.
fn opens(side: &Side, data: &[u8]) -> bool {
    Opening::new(Profile::Gcm128, &side.key)
        .unwrap()
        .open_rtp(&mut data.to_vec())
        .is_some()
}

/// That the first few transport-wide numbers came, or anything else.
fn feedback(data: &mut Vec<u8>, u: &mut Unstructured) -> Result<()> {
    let (count, words) = (u.int_in_range(1..=40u8)?, 14);
    data.extend_from_slice(&[
        0x8F,
        205,
        0,
        words + 4,
        0,
        0,
        0,
        9,
        0,
        0,
        0,
        4,
        0,
        u.arbitrary()?,
        0,
        count,
    ]);
    data.extend_from_slice(&[0, 0, 1, 0, 0x20, count]);
    data.extend_from_slice(&u.arbitrary::<[u8; 54]>()?);
    Ok(())
}

/// What a viewer is given of a publication, of RED the whole or what is new.
fn maps(retransmission: Option<u8>, u: &mut Unstructured) -> Result<Vec<PayloadMap>> {
    let map = |source, target, unwrap| PayloadMap {
        source,
        target,
        retransmission,
        unwrap,
    };
    Ok(vec![map(96, 120, false), map(111, 119, u.arbitrary()?)])
}

/// Sequence numbers of a viewer's stream, as they may be.
fn asked(u: &mut Unstructured) -> Result<[u16; 4]> {
    let first = u.choose(&FIRST)?.wrapping_add(u.arbitrary::<u8>()?.into());
    Ok([0, 1, 2, 17].map(|more| first.wrapping_add(more)))
}

fn added(peer: String, publication: String, u: &mut Unstructured) -> Result<AddPublication> {
    let is_told = u.arbitrary()?;
    Ok(AddPublication {
        publication,
        peer,
        kind: if u.arbitrary()? { Kind::Video } else { Kind::Audio },
        payloads: vec![
            Payload {
                number: 96,
                clock: 90_000,
                retransmission: Some(97),
                wraps: None,
            },
            Payload {
                number: 111,
                clock: 48_000,
                retransmission: None,
                wraps: Some(96),
            },
        ],
        ssrc: if is_told { Some(*u.choose(&[0xA0, 0xC0])?) } else { None },
        retransmission_ssrc: if is_told { Some(0xA1) } else { None },
        mid: b"1".to_vec(),
        mid_extension: *u.choose(&[0, 3])?,
        level_extension: *u.choose(&[0, 1])?,
        nack: u.arbitrary()?,
        transport_extension: *u.choose(&[0, 9])?,
        codec: *u.choose(&[
            None,
            Some(Codec::Vp8),
            Some(Codec::Vp9),
            Some(Codec::H264),
            Some(Codec::Av1),
        ])?,
        rids: u
            .choose(&[vec![], LAYERS[..2].to_vec(), LAYERS.to_vec()])?
            .iter()
            .map(|rid| rid.to_vec())
            .collect(),
        rid_extension: 10,
        repaired_rid_extension: *u.choose(&[0, 11])?,
        group: if u.arbitrary()? { "room".into() } else { String::new() },
        dependency_extension: *u.choose(&[0, 5])?,
        layer_ssrcs: u.choose(&[vec![], vec![(0xA0, 0xC0)], vec![(0xA0, 0xC0), (0xA1, 0xC1)]])?.clone(),
    })
}

/// A publisher and a viewer who may ask again, with RTX or without.
fn begun(u: &mut Unstructured) -> Result<Story> {
    let mut story = Story::default();
    let (publisher, viewer) = (story.add_peer("a", address(1)), story.add_peer("b", address(2)));
    let added = AddPublication {
        ssrc: Some(0xA0),
        retransmission_ssrc: Some(0xA1),
        ..added("a".into(), "a:1".into(), u)?
    };
    let view = AddSubscription {
        nack: true,
        ..story.subscription("b".into(), "a:1".into(), u)?
    };
    for command in [
        publisher,
        viewer,
        Command::AddPublication(added),
        Command::AddSubscription(view),
    ] {
        story.engine.perform(command, 0.0, &mut story.sent);
    }
    Ok(story)
}

fuzz_target!(|data: &[u8]| {
    let mut u = Unstructured::new(data);
    let Ok(mut story) = begun(&mut u) else { return };
    while !u.is_empty() && story.step(&mut u).is_ok() {}
});
