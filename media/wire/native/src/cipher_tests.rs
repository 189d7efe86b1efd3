//! Byte for byte against the RFCs' own examples.

use super::*;

pub fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|each| each.to_digit(16))
        .map(|each| each as u8)
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// RFC 7714 §16 and §17: session keys, not master keys.
fn gcm(key_size: u8) -> Cipher {
    let key: Vec<u8> = (0..key_size).collect();
    let half = || GcmHalf::of(&key, *b"Quid pro quo").unwrap();
    Cipher::Gcm(Box::new(Gcm {
        rtp: half(),
        rtcp: half(),
    }))
}

#[test]
fn rtp_is_sealed_and_opened_as_in_rfc_7714_section_16() {
    let clear = [
        &bytes("8040f17b 8041f8d3 5501a0b2")[..],
        b"Gallia est omnis divisa in partes tres",
    ]
    .concat();
    for (key_size, sealed) in [
        (
            16,
            "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833\
             899d7f27beb16a9152cf765ee4390cce",
        ),
        (
            32,
            "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b\
             7aa3db36dfffd6b0f9bb7878d7a76c13",
        ),
    ] {
        let (cipher, mut data) = (gcm(key_size), clear.clone());
        data.resize(clear.len() + 16, 0);
        assert_eq!(cipher.seal_rtp(&mut data, 12, clear.len(), 0xF17B), Some(data.len()));
        assert_eq!(data, bytes(sealed));
        assert_eq!(cipher.open_rtp(&mut data, 12, 0xF17B), Some(clear.len()));
        assert_eq!(data[..clear.len()], clear);
    }
}

#[test]
fn rtcp_is_sealed_and_opened_as_in_rfc_7714_section_17() {
    let clear = bytes(
        "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
         deadbeef deadbeef deadbeef deadbeef deadbeef",
    );
    for (key_size, sealed) in [
        (
            16,
            "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded\
             0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4",
        ),
        (
            32,
            "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de047\
             6f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
        ),
    ] {
        let (cipher, mut data) = (gcm(key_size), clear.clone());
        data.resize(clear.len() + 20, 0);
        assert_eq!(cipher.seal_rtcp(&mut data, clear.len(), 0x5D4), Some(data.len()));
        assert_eq!(data, bytes(sealed));
        assert_eq!(cipher.rtcp_index(&data), Some(0x5D4));
        assert_eq!(cipher.open_rtcp(&mut data, 0x5D4), Some(clear.len()));
        assert_eq!(data[..clear.len()], clear);
    }
}

#[test]
fn keys_are_derived_as_in_rfc_3711_appendix_b3() {
    let (key, salt) = (
        bytes("E1F97A0D3E018BE0D64FA32C06DE4139"),
        bytes("0EC675AD498AFEEBB6960B3AABE6"),
    );
    for (label, derived) in [
        (0, "C61E7A93744F39EE10734AFE3FF7A087"),
        (
            1,
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF722709863\
             71C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
        ),
        (2, "30CBBC08863D8C85D49DB34A9AE1"),
    ] {
        let mut out = vec![0xFF; bytes(derived).len()];
        derive(&key, &salt, label, &mut out).unwrap();
        assert_eq!(out, bytes(derived));
    }
}

/// RFC 6188 §7.2.
#[test]
fn keys_of_256_bits_are_derived_as_in_rfc_6188() {
    let key = bytes("F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6");
    let mut out = [0; 32];
    derive(&key, &bytes("3B04803DE51EE7C96423AB5B78D2"), 0, &mut out).unwrap();
    assert_eq!(
        out[..],
        bytes("5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4")
    );
}

/// What libsrtp's own self-test seals.
#[test]
fn counter_mode_with_hmac_is_that_of_libsrtp() {
    let key = bytes("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
    let cipher = Cipher::new(Profile::Cm128Sha1, &key).unwrap();
    let clear = bytes("800f1234 decafbad cafebabe abababab abababab abababab abababab");
    let mut data = clear.clone();
    data.resize(clear.len() + 10, 0);
    assert_eq!(cipher.seal_rtp(&mut data, 12, clear.len(), 0x1234), Some(data.len()));
    assert_eq!(
        data,
        bytes("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb")
    );
    assert_eq!(cipher.open_rtp(&mut data, 12, 0x1234), Some(clear.len()));
    assert_eq!(data[..clear.len()], clear);
}

/// RFC 3711 appendix B.2.
#[test]
fn the_key_stream_is_that_of_rfc_3711() {
    let key: [u8; 16] = bytes("2B7E151628AED2A6ABF7158809CF4F3C").try_into().unwrap();
    let salt = bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().unwrap();
    let mac = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &[]);
    let mut data = [0; 48];
    CmHalf {
        cipher: Aes128::new(&key.into()),
        salt,
        mac,
    }
    .crypt(0, 0, &mut data)
    .unwrap();
    let expected = "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0";
    assert_eq!(data[..], bytes(expected));
}
