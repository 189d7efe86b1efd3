"""OpenAPI 3.1 from the typed functions: routes, socket commands, events and signals."""

import inspect
from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from .api import PUBLIC, Api, Command, Route
from .events import EVENTS

_Wanted = list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]]
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem; `code` is stable, `params` are its values.",
    "required": ["type", "title", "status", "code", "params"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "params": {"type": "object"},
    },
}


class TwoShapesOfOneName(Exception):
    """In the description each would be told by the path of its module; give one of them another name."""


def openapi(title: str, version: str, apis: Iterable[Api], signals: dict[str, type]) -> dict[str, Any]:
    """The whole description. Commands, events and signals stand in `components.schemas` as
    `Commands`, `Event` and `Signal`, so that the client's types come from the same file.

    Raises TwoShapesOfOneName.
    """
    apis = list(apis)
    routes = [route for api in apis for route in api.routes]
    commands = [command for api in apis for command in api.commands]
    wanted = _wanted(routes, commands, signals)
    _check_names(adapter for _, _, adapter in wanted)
    keyed, shared = TypeAdapter.json_schemas(wanted, ref_template="#/components/schemas/{model}")
    schema = {key: value for (key, _), value in keyed.items()}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "sabaq"},
            },
            "schemas": {
                **shared.get("$defs", {}),
                "Problem": _PROBLEM,
                "Commands": _commands(commands, schema),
                "Event": _named(EVENTS, "event", schema),
                "Signal": _named(signals, "signal", schema),
            },
        },
    }


def _wanted(routes: list[Route], commands: list[Command], signals: dict[str, type]) -> _Wanted:
    wanted: _Wanted = []
    for route in routes:
        if route.body:
            wanted.append((f"{route.operation_id} body", "validation", route.body))
        wanted.append((f"{route.operation_id} result", "serialization", route.result))
        for name, kind in {**route.path_params, **route.query_params}.items():
            wanted.append((f"{route.operation_id} {name}", "validation", kind))
    for command in commands:
        if command.body:
            wanted.append((f"command {command.name} body", "validation", command.body))
        wanted.append((f"command {command.name} result", "serialization", command.result))
    wanted.extend((f"event {name}", "serialization", TypeAdapter(kind)) for name, kind in EVENTS.items())
    wanted.extend((f"signal {name}", "serialization", TypeAdapter(kind)) for name, kind in signals.items())
    return wanted


def _check_names(adapters: Iterable[TypeAdapter[Any]]) -> None:
    """Raises TwoShapesOfOneName."""
    known: dict[str, type] = {}
    waiting: list[Any] = [one.core_schema for one in adapters]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            shape = one.get("cls")
            if isinstance(shape, type) and is_dataclass(shape) and known.setdefault(shape.__name__, shape) is not shape:
                places = sorted({shape.__module__, known[shape.__name__].__module__})
                raise TwoShapesOfOneName(f"{shape.__name__}: {', '.join(places)}")
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one


def _operation(route: Route, schema: dict[str, Any]) -> dict[str, Any]:
    doc = (inspect.getdoc(route.handler) or "").split("\n\n", 1)
    op = route.operation_id
    operation: dict[str, Any] = {
        "operationId": op,
        "summary": " ".join(doc[0].split()),
        "x-needs": route.needs,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": schema[f"{op} {name}"]}
            for name in route.path_params
        ]
        + [
            {
                "name": name,
                "in": "query",
                "required": name in route.required_query,
                "schema": schema[f"{op} {name}"],
            }
            for name in route.query_params
        ],
        "responses": {
            "200": {"description": "done", "content": _json(schema[f"{op} result"])},
            "default": {
                "description": "refused",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if len(doc) > 1:
        operation["description"] = doc[1]
    if route.needs != PUBLIC:
        operation["security"] = [{"bearer": []}, {"cookie": []}]
    if route.body:
        operation["requestBody"] = {"required": True, "content": _json(schema[f"{op} body"])}
    if route.streams:
        anything = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": anything}
        named = {"name": "X-File-Name", "in": "header", "required": False, "schema": {"type": "string"}}
        operation["parameters"].append(named)
    return operation


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _commands(commands: list[Command], schema: dict[str, Any]) -> dict[str, Any]:
    empty = {"type": "object", "additionalProperties": False}
    return {
        "type": "object",
        "description": "Socket commands: name → body and result.",
        "required": [command.name for command in commands],
        "properties": {
            command.name: {
                "type": "object",
                "required": ["body", "result"],
                "properties": {
                    "body": schema.get(f"command {command.name} body", empty),
                    "result": schema[f"command {command.name} result"],
                },
            }
            for command in commands
        },
    }


def _named(kinds: dict[str, type], prefix: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "oneOf": [
            {
                "type": "object",
                "required": ["name", "body"],
                "properties": {"name": {"const": name}, "body": schema[f"{prefix} {name}"]},
            }
            for name in kinds
        ]
    }
