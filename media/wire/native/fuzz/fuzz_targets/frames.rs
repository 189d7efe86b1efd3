#![no_main]
use libfuzzer_sys::fuzz_target;
use sabaq_wire::frames::{Frames, frame};

fuzz_target!(|data: &[u8]| {
    let Some((&torn, data)) = data.split_first() else {
        return;
    };
    let mut frames = Frames::new(2048);
    let mut whole = Vec::new();
    for piece in data.chunks(usize::from(torn) + 1) {
        let fed = frames.feed(piece, |packet| {
            assert!((1..=2048).contains(&packet.len()));
            frame(&mut whole, packet);
        });
        if fed.is_err() {
            break;
        }
    }
    assert!(whole.len() <= data.len());
});
