"""What run.json says of a run before anything was computed."""

import os

from data.schema import Domain
from evaluation.run.plan import make_plan
from evaluation.run.run_record import new_record
from evaluation.run.settings import RunSettings


def test_it_names_the_machine(domain: Domain) -> None:
    settings = RunSettings(domain=domain.folder)
    machine = new_record(domain, settings, make_plan(domain, settings), "mine", "digest")["machine"]
    assert machine["cores"] == os.cpu_count()
    assert all(machine[name] for name in ("system", "kind"))
    assert set(machine) == {"system", "kind", "cores"}, "no name of it, and no person's"
