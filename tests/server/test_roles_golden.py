"""Every route and every topic, asked by every role: the answers stand in tests/golden/roles.json.

The rows asked about are of one planned lesson of 11 «А» that nobody has opened yet.
"""

from pathlib import Path
from typing import Any

import pytest

from lms_core.kernel.api import Route
from tests.support import golden
from tests.support.factories import PASSWORD
from tests.support.story import Person, Refused
from tests.support.world import World, a_world

ROLES = {
    "nobody": None,
    "learner": "misha",
    "learner of another class": "erlan",
    "parent": "parent",
    "teacher": "anna",
    "teacher of another class": "boris",
    "teacher of another school": "victor",
    "tutor": "tutor",
    "methodist": "methodist",
    "methodist of the oblast": "inspector",
    "proctor": "proctor",
    "deputy": "deputy",
    "director": "director",
    "administrator": "administrator",
}
BODIES: dict[str, Any] = {
    "add_slides": {"title": "Туынды", "file_id": ""},
    "keep_board_state": {"number": 1, "state": "AAA="},
    "log_in": {"login": "anna", "password": PASSWORD},
    "log_out": {},
    "log_out_everywhere": {},
    "log_in_second": {"ticket": "guessed", "code": "000000"},
    "log_in_with_paper_code": {"login": "anna", "code": "guessed", "password": "long enough"},
    "change_password": {"old": "guessed", "new": "long enough"},
    "offer_totp": {"password": PASSWORD},
    "set_up_totp": {"ticket": "guessed", "code": "000000"},
    "new_recovery_codes": {"password": PASSWORD},
    "remove_factor": {"password": PASSWORD},
    "end_login": {},
    "end_other_logins": {},
    "forget_device": {},
    "make_paper_code": {},
    "offer_passkey": {"password": PASSWORD},
    "add_passkey": {"ticket": "guessed", "credential": {}},
    "offer_passkey_log_in": {},
    "log_in_with_passkey": {"ticket": "guessed", "credential": {}},
    "set_mail": {"password": PASSWORD, "address": "anna@mail.example"},
    "confirm_mail": {"code": "000000"},
    "remove_mail": {"password": PASSWORD},
    "recover": {"login": "anna"},
    "invite": {},
    "erase_person": {},
    "remove_factors_of": {},
    "set_lock_rule": {"second_factor": "none"},
    "change_me": {"language": "ru"},
    "start_lesson": {"title": "Олимпиада"},
    "join_lesson": {},
    "end_lesson": {},
    "post_message": {"text": "сәлем"},
    "react_to_message": {"kind": "like"},
    "set_chat_rule": {"rule": "all"},
    "create_poll": {"question": "Түсінікті ме?", "kind": "yes_no"},
    "vote": {"choices": [0]},
    "close_poll": {},
    "publish_poll": {},
    "open_breakouts": {"by": "chance", "count": 2},
    "close_breakouts": {},
    "start_recording": {},
    "stop_recording": {},
    "mark_chapter": {"title": "Мысал"},
    "give_consent": {"agrees": True},
    "open_consultations": {"day": "2026-10-22", "begins": "15:00", "minutes": 20},
    "book_consultation": {},
    "give_consultation_back": {},
    "call_consultation_off": {},
    "make_calendar_link": {},
    "set_reminders": {"page": True, "letter": False, "minutes": 10, "quiet_from": "22:00", "quiet_to": "07:00"},
    "wake_browser": {"endpoint": "https://fcm.googleapis.com/x"},
    "let_browser_sleep": {"endpoint": "https://fcm.googleapis.com/x"},
    "set_push_rule": {"push": False},
    "test_connection": {"sdp": None},  # there is no plane here that would answer
    "link_oidc": {"password": PASSWORD},
    "unlink_oidc": {"password": PASSWORD},
    "open_demo": {},
    "enter_demo": {"login": "admin"},
    "set_up_organisation": {
        "invitation": "guessed",
        "kind": "school",
        "names": {"kk": "a", "ru": "b", "en": "c"},
        "admin": {"family": "a", "given": "b", "login": "root", "password": "long enough"},
    },
}
NAMES = {"kk": "№ 3", "ru": "№ 3", "en": "No. 3"}
PERSON = {"family": "Нұрланова", "given": "Әсел"}
LIST = {"kind": "people", "year": 2026, "first": "2026-10-22", "text": "Ахмет Әли;11А"}
KEEPING: dict[str, Any] = {
    "add_organisation": {"above": "", "names": NAMES, "kind": "school"},
    "change_organisation": {"version": 1, "names": NAMES, "kind": "school", "zone": "Asia/Almaty"},
    "appoint_administrator": {"data": PERSON},
    "add_person": {"data": PERSON},
    "change_person": {"version": 1, "data": PERSON},
    "remove_person": {},
    "bring_back_person": {},
    "give_role": {"role": "tutor"},
    "end_role": {},
    "make_slips": {"person_ids": []},
    "add_group": {"name": "9 «А»", "grade": 9, "year": 2026},
    "change_group": {"version": 1, "name": "11 «А»", "grade": 11},
    "enrol": {"person_ids": [], "first": "2026-10-22"},
    "move_learners": {"person_ids": [], "day": "2026-10-22"},
    "promote_groups": {"year": 2025, "day": "2026-10-22"},
    "add_subject": {"names": NAMES},
    "add_course": {"subject_code": "biology", "group_ids": [], "teacher_ids": [], "year": 2026},
    "change_course": {"version": 1, "subject_code": "biology", "group_ids": [], "teacher_ids": []},
    "end_course": {"version": 1, "day": "2027-06-01"},
    "plan_lessons": {"course_id": "", "hours": [], "first": "2026-10-22", "until": "2026-10-22"},
    "change_lesson": {"version": 9, "day": "2026-10-22", "begins": "09:50", "minutes": 45, "teacher_id": ""},
    "cancel_lesson": {"version": 9},
    "check_list": LIST,
    "take_list": {"sheet": LIST},
}
"""What who keeps an organisation sends; empty ids are those of the school."""
ITEM = {"version": 1, "prompt": {"kk": {"blocks": []}}, "body": {"kind": "true_false", "right": True}}
EXAM = {"title": "Туынды"}
OF_DEVICE = {"device": "desk-1"}
EXAMS: dict[str, Any] = {
    "create_bank": {"title": "Алгебра", "shared": True},
    "change_bank": {"title": "Алгебра", "shared": True, "archived": False},
    "add_objective": {"subject": "algebra", "code": "10.4.1", "names": NAMES},
    "create_item": {"item": ITEM},
    "change_item": {"version": 1, "item": ITEM},
    "set_item_state": {"version": 1, "state": "review"},
    "set_item_states": {"state": "review", "filter": {}},
    "preview_item": {"item": ITEM},
    "create_exam": EXAM,
    "count_fitting": {"banks": [], "cells": [], "languages": ["kk"]},
    "change_exam": {"version": 1, "data": EXAM},
    "publish_exam": {},
    "cancel_exam": {"why": "Ауа райы"},
    "change_taker": {},
    "preview_exam": {},
    "make_resit": {"persons": []},
    "start_sitting": OF_DEVICE,
    "answer": {"place": 1, "revision": 1, "answer": None, **OF_DEVICE},
    "beat_sitting": OF_DEVICE,
    "bring_sitting": OF_DEVICE,
    "turn_section": OF_DEVICE,
    "hand_in": OF_DEVICE,
    "speak_sitting": {"language": "kk", **OF_DEVICE},
    "move_sitting": {"act": "pause", "why": "Шу"},
    "mark_answer": {"place": 1, "revision": 1, "seen": 0, "points": "1"},
    "judge_sitting": {"verdict": "accept"},
    "regrade_item": {"item_id": "", "how": "full", "why": "Қате"},
    "appeal": {"why": "Дұрыс"},
    "decide_appeal": {"decision": "refuse", "why": "Жоқ"},
    "release_results": {},
    "add_scale": {"level": "school", "valid_from": "2026-10-22", "source": "№ 1", "bands": [
        {"least": "0", "label": "2", "value": "2", "passed": False}
    ]},
}  # fmt: skip
"""What who examines, and who is examined, sends."""
QUERIES = {"list_groups": {"day": "2026-10-22"}, "read_timetable": {"first": "2026-10-19"},
           "capture_heads": {"seconds": "1"}, "add_answer_file": {"place": "1"}}  # fmt: skip
LAST = ("join_lesson", "end_lesson", "log_out", "log_out_everywhere")


@pytest.mark.req("S456-27.18")
async def test_every_route_and_topic_as_every_role(tmp_path: Path) -> None:
    table: dict[str, dict[str, str]] = {}
    for role, name in ROLES.items():
        async with a_world(tmp_path / role) as world:
            for asked in _questions(world):
                person = (await world.enters(name))[0] if name else world.stranger()
                table.setdefault(asked, {})[role] = await _answer(world, person, asked)
    golden.check("roles", {asked: table[asked] for asked in sorted(table)})


def _questions(world: World) -> list[str]:
    routes = sorted(world.routes, key=lambda op: (LAST.index(op) if op in LAST else -1, op))
    return [*(t.template for api in world.house.apis for t in api.topics), *routes]


async def _answer(world: World, person: Person, asked: str) -> str:
    try:
        if asked in world.routes:
            await _ask(world, person, world.routes[asked])
        elif person.token is None:
            return "401 not_logged_in"  # no socket: tests/server/test_sockets.py
        else:
            topic = asked.format(**_ids(world))
            await person.commands("subscribe", {"topic": topic, "position": 0})
    except Refused as no:
        return f"{no.status} {no.code}"
    return "200"


async def _ask(world: World, person: Person, route: Route) -> None:
    known = _ids(world)
    body = (BODIES | KEEPING | EXAMS)[route.operation_id] if route.body else None
    if body and "" in body.values():
        body = {name: known[name] if value == "" else value for name, value in body.items()}
    ids = {name: known[name] for name in route.path_params}
    await person.asks(route.operation_id, body, query=QUERIES.get(route.operation_id), **ids)


def _ids(world: World) -> dict[str, str]:
    lesson = world.school.algebra
    return {
        "lesson_id": lesson.id,
        "room_id": lesson.room_id,
        "organisation_id": lesson.organisation_id,
        "person_id": world.school.persons["dina"],
        "factor_id": lesson.id.replace("lesson_", "factor_"),
        "recording_id": lesson.id.replace("lesson_", "recording_"),
        "login_id": lesson.id.replace("lesson_", "login_"),
        "group_id": world.school.eleven.id,
        "course_id": lesson.id.replace("lesson_", "course_"),
        "role_id": lesson.id.replace("lesson_", "role_"),
        "teacher_id": world.school.persons["anna"],
        "above": str(world.school.school.path.split("/")[1]),
        "kind": "people",
        "file_id": lesson.id.replace("lesson_", "file_"),
        "board_id": lesson.id.replace("lesson_", "board_"),
        "message_id": lesson.id.replace("lesson_", "message_"),
        "poll_id": lesson.id.replace("lesson_", "poll_"),
        "provider": "nobodys",
        "transport_id": "tr_known",
        "device_id": lesson.id.replace("lesson_", "device_"),
        **{
            f"{kind}_id": lesson.id.replace("lesson_", f"{kind}_")
            for kind in ("bank", "item", "exam", "sitting", "appeal")
        },
    }
