//! Packets that wait for their time: what becomes of their numbers and of their streams meanwhile.

use crate::given::{DOWN, Path, address, view};
use crate::rtcp::write_nack;
use crate::types::{AddSubscription, Command};

const LINE: f64 = 400_000.0;

/// A viewer whose packets are numbered, and whose line is known to end.
fn path(rtx: bool) -> Path {
    let mut path = Path::new();
    path.perform(Command::AddSubscription(AddSubscription {
        ssrc: 0xBA,
        retransmission_ssrc: rtx.then_some(0xBB),
        transport_extension: 7,
        ..view()
    }));
    let id = path.engine.tables.peer_id("down").unwrap();
    let line = path.engine.tables.peers.get_mut(id).unwrap().line.as_mut().unwrap();
    line.pacer.aim(Some(LINE));
    path
}

fn pass(path: &mut Path, seconds: f64) {
    let end = path.now + seconds;
    while let Some(due) = path.engine.due_at().filter(|due| *due <= end) {
        path.now = path.now.max(due);
        path.engine.send_due(path.now, &mut path.out);
    }
    path.now = end;
}

fn transport_numbers(path: &Path) -> Vec<u16> {
    let sent = path.out.sent.iter().filter(|(to, _)| *to == address(DOWN));
    sent.map(|(_, data)| u16::from_be_bytes([data[17], data[18]])).collect()
}

fn sequences(path: &mut Path) -> Vec<u16> {
    path.heard().into_iter().map(|(_, sequence, ..)| sequence).collect()
}

#[test]
fn what_waits_is_numbered_when_it_leaves() {
    let mut path = path(true);
    path.burst(&[1000; 20], 0);
    assert_eq!((path.count("paced"), path.out.sent.len()), (17, 3));
    path.report(DOWN, |to| write_nack(to, 9, 0xBA, [101].into_iter()));
    assert_eq!(path.out.sent.len(), 3, "the repair waits, too");
    pass(&mut path, 1.0);
    assert_eq!(transport_numbers(&path), (0..21).collect::<Vec<_>>());
    let heard: Vec<(u32, u16)> = path
        .heard()
        .into_iter()
        .map(|(_, sequence, ssrc, _)| (ssrc, sequence))
        .collect();
    let first = (100..103).map(|sequence| (0xBA, sequence));
    let rest = (103..120).map(|sequence| (0xBA, sequence));
    assert_eq!(heard, first.chain([(0xBB, 100)]).chain(rest).collect::<Vec<_>>());
    assert_eq!(
        (path.count("paced"), path.count("paced_bytes"), path.count("repaired")),
        (18, 0, 1)
    );
    assert_eq!(path.engine.due_at(), None);
}

#[test]
fn over_an_ample_line_a_burst_is_one_run() {
    let mut path = path(true);
    let id = path.engine.tables.peer_id("down").unwrap();
    let line = path.engine.tables.peers.get_mut(id).unwrap().line.as_mut().unwrap();
    line.pacer.aim(Some(100.0 * LINE));
    path.burst(&[1000; 40], 0);
    assert_eq!((path.out.runs.clone(), path.engine.due_at()), (vec![(40, 1036)], None));
}

#[test]
fn what_leaves_together_leaves_in_one_call() {
    let mut path = path(true);
    let id = path.engine.tables.peer_id("down").unwrap();
    let line = path.engine.tables.peers.get_mut(id).unwrap().line.as_mut().unwrap();
    line.pacer.aim(Some(10.0 * LINE));
    path.burst(&[1000; 50], 0);
    pass(&mut path, 1.0);
    assert_eq!(sequences(&mut path), (100..150).collect::<Vec<_>>());
    assert!(path.out.runs.len() < 20, "{:?}", path.out.runs);
}

#[test]
fn without_rtx_it_is_the_same_packet_again_once_it_has_left() {
    let mut path = path(false);
    path.burst(&[1000; 10], 0);
    path.report(DOWN, |to| write_nack(to, 9, 0xBA, [101, 108].into_iter()));
    pass(&mut path, 1.0);
    let sent = path.out.sent.clone();
    assert_eq!(sent.len(), 11, "what waits is on its way");
    assert_eq!(sent[3], sent[1]);
    path.out.sent.clear();
    path.report(DOWN, |to| write_nack(to, 9, 0xBA, [108].into_iter()));
    assert_eq!(path.out.sent, [sent[9].clone()]);
}

#[test]
fn nothing_sealed_for_former_keys_leaves_under_new_ones() {
    let mut path = path(true);
    path.burst(&[1000; 10], 0);
    path.out.sent.clear();
    path.rekey_down();
    pass(&mut path, 1.0);
    assert_eq!((path.out.sent.len(), path.count("paced_bytes")), (0, 0));
    path.burst(&[100], 10);
    assert_eq!(sequences(&mut path), [110]);
}

#[test]
fn what_waits_of_a_stream_that_is_gone_does_not_leave() {
    let gone = [
        Command::DropSubscription {
            peer: "down".into(),
            publication: "up:1".into(),
        },
        Command::DropPublication {
            publication: "up:1".into(),
        },
        Command::DropPeer { peer: "down".into() },
    ];
    for command in gone {
        let mut path = path(true);
        path.burst(&[1000; 10], 0);
        path.out.sent.clear();
        path.perform(command);
        pass(&mut path, 1.0);
        assert_eq!((path.out.sent.len(), path.count("paced_bytes")), (0, 0));
    }
}

#[test]
fn a_paused_stream_has_no_gap() {
    let mut path = path(true);
    let pause = |paused| Command::PauseSubscription {
        peer: "down".into(),
        publication: "up:1".into(),
        paused,
    };
    path.burst(&[1000; 10], 0);
    path.perform(pause(true));
    path.burst(&[1000; 5], 10);
    pass(&mut path, 1.0);
    path.perform(pause(false));
    path.burst(&[100; 2], 15);
    assert_eq!(sequences(&mut path), (100..112).collect::<Vec<_>>());
}

#[test]
fn nothing_leaves_on_a_way_that_is_full() {
    let mut path = path(true);
    path.burst(&[1000; 10], 0);
    path.engine.hold(address(DOWN), true, &mut path.out);
    assert_eq!(path.engine.due_at(), None);
    path.engine.send_due(path.now + 5.0, &mut path.out);
    assert_eq!(sequences(&mut path), [100, 101, 102]);
    path.engine.hold(address(DOWN), false, &mut path.out);
    pass(&mut path, 1.0);
    assert_eq!(sequences(&mut path), (103..110).collect::<Vec<_>>());
}

#[test]
fn whoever_claims_to_get_nothing_takes_no_memory() {
    let mut path = path(true);
    let id = path.engine.tables.peer_id("down").unwrap();
    let line = path.engine.tables.peers.get_mut(id).unwrap().line.as_mut().unwrap();
    line.pacer.aim(Some(30_000.0));
    for turn in 0..400u16 {
        path.burst(&[1000; 10], 10 * turn);
        assert!(path.count("paced_bytes") < 270_000);
        pass(&mut path, 0.005);
    }
    pass(&mut path, 2.0);
    assert_eq!(sequences(&mut path), (100..4100).collect::<Vec<_>>());
    assert!(path.engine.sender.paced.is_empty());
}
