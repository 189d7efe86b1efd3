"""Whatever people may do in a room, for property tests."""

from hypothesis import strategies as st

from media import room_deeds as deeds
from media.grant import SOURCES

PEOPLE = ("anna", "misha", "dana", "ghost")  # ghost may neither publish nor hear
anybody = st.sampled_from([f"part_{who}" for who in PEOPLE])
maybe = st.none() | st.booleans()
places = st.sampled_from(("main", *(f"b{number}" for number in range(1, 7))))
persons = st.lists(st.sampled_from([f"person_{who}" for who in (*PEOPLE, "absent")]), unique=True, max_size=3)
groups = persons.map(lambda ids: tuple(deeds.Group(f"group {one}", (one,)) for one in ids))
anything_done = st.one_of(
    st.builds(deeds.RaiseHand, st.booleans()),
    st.builds(deeds.LowerHand, st.none() | anybody),
    st.builds(deeds.React, st.just("clap")),
    st.builds(deeds.SayCaption, st.just("text"), st.booleans()),
    st.builds(deeds.SetRights, st.none() | anybody, maybe, maybe, maybe, maybe),
    st.builds(deeds.AskToUnmute, st.none() | anybody, st.sampled_from(sorted(SOURCES))),
    st.builds(deeds.MuteAll, st.sampled_from(sorted(SOURCES))),
    st.builds(deeds.RemoveParticipant, anybody, st.booleans()),
    st.builds(deeds.SetLobby, st.booleans()),
    st.builds(deeds.Admit, st.none() | anybody),
    st.builds(deeds.TellWaiting, st.sampled_from(("", "soon"))),
    st.builds(deeds.SetSpotlight, st.none() | anybody),
    st.builds(deeds.StartTimer, st.integers(-1, 30), st.just("work")),
    st.builds(deeds.StopTimer),
    st.builds(deeds.Show, st.just("board"), st.just("board_1"), st.integers(-1, 3)),
    st.builds(deeds.ShowNothing),
    st.builds(deeds.PickAtRandom),
    st.builds(deeds.SetSecond, anybody, st.booleans()),
    st.builds(deeds.GoTo, places),
    st.builds(deeds.PutInto, anybody, places),
    st.builds(deeds.CallForHelp, st.booleans()),
    st.builds(deeds.CallBreakouts, st.sampled_from(("", "hello"))),
    st.builds(deeds.CloseBreakouts),
    st.builds(deeds.OpenBreakouts, st.just("chance"), st.integers(0, 3), minutes=st.sampled_from((None, 0.1, 5.0))),
    st.builds(deeds.OpenBreakouts, st.just("list"), st.none(), groups),
)
