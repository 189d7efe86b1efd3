"""The chart for Kubernetes: rendered by a small renderer of our own, and held against the code."""

from pathlib import Path
from typing import Any

import pytest

from server.cluster.links import PATH as LINK
from server.status import status_api
from tests.deploy import chart
from tests.deploy.said import settings, verb
from tests.house.tree import ROOT

OBJECTS = {
    "ConfigMap": ["school-settings"],
    "PersistentVolumeClaim": ["school-data"],
    "StatefulSet": ["school-server"],
    "Deployment": ["school-worker"],
    "Job": ["school-migrate"],
    "Service": ["school"],
    "Ingress": ["school"],
}
VERBS = {"StatefulSet": "run", "Deployment": "worker", "Job": "migrate"}


@pytest.fixture
def made() -> dict[str, dict[str, Any]]:
    """Each kind stands there once."""
    objects = chart.rendered(chart.values())
    assert [(o["kind"], [o["metadata"]["name"]]) for o in objects] == [
        (kind, OBJECTS[kind]) for kind in (o["kind"] for o in objects)
    ]
    assert {o["kind"] for o in objects} == set(OBJECTS)
    return {o["kind"]: o for o in objects}


def _pod(workload: dict[str, Any]) -> dict[str, Any]:
    return workload["spec"]["template"]["spec"]


def test_its_version_is_ours() -> None:
    import yaml

    from server import VERSION

    about = yaml.safe_load((chart.CHART / "Chart.yaml").read_text("utf-8"))
    assert (about["appVersion"], about["name"]) == (VERSION, "sabaq")


@pytest.mark.parametrize("kind", VERBS)
def test_each_container_does_a_verb_as_nobody_else(made: dict[str, dict[str, Any]], kind: str) -> None:
    pod = _pod(made[kind])
    [container] = pod["containers"]
    assert verb(container["args"]) == VERBS[kind]
    account = int((ROOT / "deploy" / "Containerfile").read_text().split("--uid ")[1].split()[0])
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == account
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts.keys() == {volume["name"] for volume in pod["volumes"]}
    assert mounts["data"] == "/var/lib/sabaq"
    claim = next(v["persistentVolumeClaim"] for v in pod["volumes"] if v["name"] == "data")
    assert claim == {"claimName": made["PersistentVolumeClaim"]["metadata"]["name"]}
    assert container["envFrom"] == [{"configMapRef": {"name": made["ConfigMap"]["metadata"]["name"]}}]


def test_settings_are_settings_and_secrets_are_files(made: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    environ: dict[str, str] = made["ConfigMap"]["data"]
    assert all(isinstance(value, str) for value in environ.values()), "a ConfigMap holds words only"
    [container] = _pod(made["StatefulSet"])["containers"]
    mine = {e["name"]: e["value"] for e in container["env"] if "value" in e}
    read = settings({**environ, **mine}, tmp_path)
    assert read.database_url
    assert read.turn
    assert read.internal_url.endswith(f":{read.port}")
    secret = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}["secret"]
    files = [value for name, value in environ.items() if name.endswith("_FILE")]
    assert all(Path(file).parent == Path(secret) for file in files)
    assert not {"SABAQ_DATABASE_URL", "SABAQ_TURN", "SABAQ_SMTP", "SABAQ_OIDC"} & environ.keys()


def test_browsers_and_kubernetes_reach_the_servers(made: dict[str, dict[str, Any]]) -> None:
    server = made["StatefulSet"]
    pod, labels = _pod(server), server["spec"]["template"]["metadata"]["labels"]
    [container] = pod["containers"]
    assert pod["hostNetwork"] is True, "media ports are the node's"
    [apart] = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert apart["labelSelector"]["matchLabels"] == labels == server["spec"]["selector"]["matchLabels"]
    assert made["Service"]["spec"]["selector"] == labels
    assert server["spec"]["serviceName"] == made["Service"]["metadata"]["name"]
    [port] = container["ports"]
    assert (port["name"], port["containerPort"]) == ("http", 8080)
    class_of: Any = object()
    routes = {route.path for route in status_api(class_of, {}, class_of).routes}
    for probe in ("startupProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in routes
        assert container[probe]["httpGet"]["port"] == port["name"]
    assert made["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/"
    assert LINK.startswith("/internal/"), "sealed with the installation's key, for an ingress lets it through"


def test_an_upgrade_migrates_first(made: dict[str, dict[str, Any]]) -> None:
    """At the first installation the claim is not there before the hooks: then the first start does it."""
    assert made["Job"]["metadata"]["annotations"]["helm.sh/hook"] == "pre-upgrade"
    assert _pod(made["Job"])["restartPolicy"] == "Never"


def test_changed_settings_start_new_pods() -> None:
    def mark(given: dict[str, Any]) -> str:
        objects = {o["kind"]: o for o in chart.rendered(given)}
        return objects["StatefulSet"]["spec"]["template"]["metadata"]["annotations"]["settings"]

    other = chart.values()
    other["env"]["SABAQ_PLANES"] = "3"
    assert mark(other) != mark(chart.values())


def test_a_value_that_is_not_there_is_seen() -> None:
    with pytest.raises(KeyError):
        chart.render("{{ .Values.nothing }}", {"Values": {}})
    with pytest.raises(KeyError):
        chart.render("{{ .Values.a | nonsense }}", {"Values": {"a": 1}})
