"""Browsers' paths to a plane: they move, fall silent, say goodbye, begin anew."""

from media.plane import seam
from media.plane.ice import PATIENCE, SILENCE
from tests.media.plane.house import CAMERA, House, play


async def test_a_browser_that_moves_is_followed(house: House) -> None:
    up = await house.publisher()
    down = await house.viewer("down", "up:1")
    play(up, 1)
    await house.until(lambda: down.peer.rtp)
    down.move(("10.0.9.9", 9))
    down.check()
    await house.network.run(0.1)
    play(up, 2)
    await house.until(lambda: len(down.peer.rtp) == 2)


async def test_a_silent_browser_is_lost_and_forgotten(house: House) -> None:
    await house.publisher()
    viewer = await house.viewer("down", "up:1")
    start = house.network.now
    while house.network.now < start + SILENCE + 5:
        viewer.check()
        await house.network.run(2.5)
    assert house.told(seam.Lost, "up") == [seam.Lost("up", "no_consent")]
    assert house.told(seam.Lost, "down") == []
    assert list(house.plane.dump()["transports"]) == ["down"]


async def test_one_that_never_comes_is_lost_sooner(house: House) -> None:
    house.order(seam.OpenPublisher("up", house.browser().offer(CAMERA)), seam.OpenReceiver("waiting"))
    await house.network.run(PATIENCE - 2)
    assert house.told(seam.Lost, "up") == []
    await house.network.run(4)
    assert house.told(seam.Lost, "up") == [seam.Lost("up", "never_connected")]
    assert list(house.plane.dump()["transports"]) == ["waiting"], "a receiver waits for something to receive"


async def test_a_browser_that_says_goodbye_is_lost_at_once(house: House) -> None:
    up = await house.publisher()
    assert up.handshake
    await up.handshake.close()
    await house.until(lambda: house.told(seam.Lost, "up"))
    assert house.told(seam.Lost, "up") == [seam.Lost("up", "closed")]


async def test_a_closed_transport_is_told_so_and_takes_its_publications_along(house: House) -> None:
    up = await house.publisher()
    down = await house.receiver("down", "up:1")
    house.order(seam.Close("up"))
    await house.until(lambda: up.ended)
    assert up.ended == "closed"
    assert house.told(seam.Lost, "up") == []
    assert (await house.offered("down", 2)).streams == ()
    house.order(seam.Close("up"), seam.Unsubscribe("down", "up:1"))
    assert down.connected


async def test_a_wrong_certificate_is_refused(house: House) -> None:
    up = house.browser()
    digest = up.fingerprints()[0][1]
    wrong = up.offer(CAMERA).replace(digest, ":".join(["AB"] * 32))
    house.order(seam.OpenPublisher("up", wrong))
    up.connect(house.told(seam.Answered, "up")[0].sdp)
    await house.until(lambda: house.told(seam.Lost, "up"))
    assert house.told(seam.Lost, "up")[0].why == "handshake_failed"
    assert house.told(seam.Connected, "up") == []


async def test_the_plane_leads_the_handshake_when_the_browser_will_not(house: House) -> None:
    up = house.browser()
    house.order(seam.OpenPublisher("up", up.offer(CAMERA, setup="passive")))
    answer = house.told(seam.Answered, "up")[0].sdp
    assert "a=setup:active" in answer
    up.connect(answer, role="server")
    await house.until(lambda: up.connected and house.told(seam.Connected, "up"))


async def test_ice_is_restarted_by_order_and_by_offer(house: House) -> None:
    up = await house.publisher()
    house.order(seam.RestartIce("up", "newu", "newpassword0123456789ab"))
    (restarted,) = house.told(seam.Restarted, "up")
    old = up._remote
    up.check()
    await house.network.run(0.1)
    assert up.answers == 2, "the former credentials hold until the new ones are used"
    up._remote = (restarted.ufrag, restarted.pwd)
    up.check()
    await house.network.run(0.1)
    assert up.answers == 3
    up._remote = old
    up.check()
    await house.network.run(0.1)
    assert up.answers == 3
    up.ufrag = "next"
    house.order(seam.ChangePublisher("up", up.offer(CAMERA)))
    answer = house.told(seam.Answered, "up")[-1].sdp
    assert restarted.ufrag not in answer
    up.connect(answer)
    await house.network.run(0.1)
    assert up.answers == 4
