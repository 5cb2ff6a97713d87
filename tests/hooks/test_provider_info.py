import json
import re
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import kiwoom_provider
from kiwoom_provider.provider_info import get_provider_info
from kiwoom_provider.settings import EXTRAS

BASES = {
    "hooks": re.compile(r"^class \w+\(HttpHook", re.MULTILINE),
    "operators": re.compile(r"^class (?!(Session|Planned)Operator)\w+\(\w*Operator", re.MULTILINE),
    "sensors": re.compile(r"^class \w+\(", re.MULTILINE),
    "triggers": re.compile(r"^class \w+\(\w*Trigger", re.MULTILINE),
}


def connection_type():
    (found,) = get_provider_info()["connection-types"]
    return found


@pytest.mark.parametrize("schema", ["provider_info.schema.json", "provider.yaml.schema.json"])
def test_the_connection_type_fits_airflows_own_schema(schema):
    content = json.loads((files("airflow") / schema).read_text())
    jsonschema.validate([connection_type()], content["properties"]["connection-types"])


def test_the_metadata_fits_the_schema_that_airflow_checks_at_run_time():
    jsonschema.validate(get_provider_info(), json.loads((files("airflow") / "provider_info.schema.json").read_text()))


def test_the_form_has_a_labelled_and_explained_field_for_every_extra():
    fields = connection_type()["conn-fields"]
    assert set(fields) == set(EXTRAS)
    assert all(field["label"] and field["description"] for field in fields.values())


def test_the_form_speaks_of_keys_and_hides_what_is_not_needed():
    form = connection_type()["ui-field-behaviour"]
    assert form["relabeling"]["login"] == "App key"
    assert form["relabeling"]["password"] == "Secret key"
    assert form["hidden-fields"] == ["schema"]
    assert form["placeholders"]["port"].startswith("443")
    assert "mockapi.kiwoom.com" in form["placeholders"]["host"]


def test_the_named_hook_is_there():
    from airflow.sdk.module_loading import import_string

    hook = import_string(connection_type()["hook-class-name"])
    assert (hook.conn_type, hook.conn_name_attr, hook.hook_name) == ("kiwoom", "kiwoom_conn_id", "Kiwoom")


def test_every_module_with_a_hook_an_operator_a_sensor_or_a_trigger_is_listed():
    package = Path(kiwoom_provider.__file__).parent
    for kind in ("hooks", "operators", "sensors", "triggers"):
        found = {path.stem for path in (package / kind).glob("*.py") if BASES[kind].search(path.read_text())}
        listed = [name for entry in get_provider_info().get(kind, []) for name in entry["python-modules"]]
        assert {f"kiwoom_provider.{kind}.{name}" for name in found} == set(listed), kind


def test_the_entry_point_for_plugins_brings_the_timetable_and_the_page():
    (found,) = entry_points(group="airflow.plugins", name="kiwoom")
    plugin = found.load()
    assert [timetable.__name__ for timetable in plugin.timetables] == ["KrxSessionTimetable"]
    assert isinstance(plugin.fastapi_apps, property)
