"""One transport looked into: what its plane says of it, and the heads of its packets."""

from media.own_lines import told
from media.pcap import pcap
from media.plane import seam
from tests.media.plane.house import House, play


def dumped(house: House, request: str) -> list[seam.Dumped]:
    return [each for each in house.told(seam.Dumped) if each.request == request]


async def test_what_is_known_of_a_transport_is_told(house: House) -> None:
    up = await house.publisher()
    await house.receiver("down", "up:0", "up:1")
    play(up, 1)
    await house.until(lambda: house.told(seam.Started))
    house.order(seam.Look("1", "up"), seam.Look("2", "down"), seam.Look("3", "nobody"))
    (coming,), (going,), (none,) = (dumped(house, each) for each in "123")
    assert coming.data["counts"]["up"]["up:1"]["packets"] == 1
    assert set(going.data["counts"]["down"]) == {"up:0", "up:1"}
    assert going.data["kind"] == "receiver"
    assert none.data == {}
    assert told("up", coming.data)["counts"] == {"packets": 1, "lost": 0, "repaired": 0, "asked": 0, "given_up": 0}
    to_page = told("down", going.data)
    assert to_page["counts"]["packets"] == 1
    assert [each["publication_id"] for each in to_page["pictures"]] == ["up:1"]
    assert told("down", none.data)["known"] is False


async def test_heads_are_told_when_the_time_is_over_and_one_at_a_time(house: House) -> None:
    up = await house.publisher()
    play(up, 1)
    house.order(seam.Capture("1", "up", 2.0), seam.Capture("2", "up", 1.0))
    assert [each.data for each in dumped(house, "2")] == [{"error": "busy"}]
    for number in range(2, 5):
        play(up, number)
        await house.network.run(0.5)
    assert dumped(house, "1") == []
    await house.network.run(0.6)
    (told,) = dumped(house, "1")
    heads = [each for each in told.data["heads"] if each[3][:2] == "80" and not 0xC8 <= int(each[3][2:4], 16) < 0xE0]
    assert [int(head[4:8], 16) for _, _, _, head in heads] == [1, 2, 3, 4]
    assert all(len(head) <= 24 for _, _, _, head in heads)
    assert {is_sent for _, is_sent, _, _ in heads} == {False}
    assert heads[0][0] - heads[-1][0] > 0.9
    house.order(seam.Capture("3", "up", 1000.0), seam.Close("up"))
    await house.network.run(61.0)
    assert len(dumped(house, "3")) == 1, "no capture goes on for ever"


def test_heads_make_a_file_of_packets_that_were_cut() -> None:
    rtp, report = bytes.fromhex("80600001000000020000000a"), bytes.fromhex("80c8000600000007")
    file = pcap([(1.5, False, 1200, rtp), (2.000001, True, 28, report)])
    assert file[:24].hex() == "a1b2c3d4000200040000000000000000" + "0000ffff00000065"
    first, second = file[24 : 24 + 56], file[24 + 56 :]
    assert first[:16].hex() == "00000001" + f"{500_000:08x}" + f"{40:08x}" + f"{1228:08x}"
    ip = first[16:36]
    assert sum(int.from_bytes(ip[at : at + 2], "big") for at in range(0, 20, 2)) % 0xFFFF == 0
    assert (ip[12:16], ip[16:20], ip[9]) == (bytes((10, 0, 0, 2)), bytes((10, 0, 0, 1)), 17)
    assert first[36:44].hex() == f"{5004:04x}{5004:04x}{1208:04x}0000"
    assert first[44:] == rtp
    assert second[:8].hex() == "0000000200000001"
    assert second[36:40].hex() == f"{5005:04x}{5005:04x}"
    assert second[44:] == report
