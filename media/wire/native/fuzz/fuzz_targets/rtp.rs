#![no_main]
use libfuzzer_sys::fuzz_target;
use sabaq_wire::rtp::{header_size, parse, read_elements, write_elements};

fuzz_target!(|data: &[u8]| {
    let Ok(parsed) = parse(data) else { return };
    assert_eq!(header_size(data), Some(data.len() - parsed.payload.len()));
    assert!(parsed.padding() <= parsed.payload.len());
    let elements: Vec<(u8, &[u8])> = parsed.elements().collect();
    let mut to = [0; 8192];
    let size = write_elements(&mut to, elements.iter().copied()).unwrap_or(0);
    if size > 0 {
        let again = read_elements(&to[4..size], u16::from_be_bytes([to[0], to[1]]));
        assert!(again.eq(elements));
    }
    for room in 0..to.len().min(size) {
        assert!(write_elements(&mut to[..room], parsed.elements()).is_none());
    }
});
