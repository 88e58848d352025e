from __future__ import annotations

import pytest

from dyadkit.simulation.sample import Sample, study_text


def test_a_sample_fills_a_folder_and_leaves_other_files(tmp_path):
    sample = Sample({"a.csv": b"x\n1\n"}, {"α": [1]}, "# A page\n", indent=1)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    written = sample.write(tmp_path)
    assert [path.name for path in written] == ["a.csv", "truth.json", "README.md"]
    assert (tmp_path / "truth.json").read_text(encoding="utf-8") == '{\n "α": [\n  1\n ]\n}\n'
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_truth_is_json_that_every_program_reads():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Sample({}, {"x": float("nan")}, "", indent=1).files()


@pytest.mark.parametrize("template", ["distance_coaching.toml", "mentoring.toml"])
@pytest.mark.parametrize(("data", "found"), [("", '"'), ("data", '"data/'), ("data/", '"data/')])
def test_a_study_file_names_the_folder_of_its_exports(template, data, found):
    text = study_text(template, data)
    assert "{data}" not in text
    assert f"path = {found}withdrawn.csv" in text
