"""S3: the file of a card or model is the old one or the new one, never a part."""
import os

import pytest
from test_cards import ODD, in_code

from custval import GammaGamma, Scorecard


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("name, first, second", [("value.toml", in_code().save, ODD.save),
                                                 ("spend.json", GammaGamma().to_json, GammaGamma(p=1).to_json)])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(name, first, second, broken, tmp_path, monkeypatch):
    path = tmp_path / name
    first(path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(OSError, match="No space"):
            second(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_the_file_it_leads_to_is_written(tmp_path):
    (tmp_path / "kept").mkdir()
    target, link = tmp_path / "kept" / "card-7.toml", tmp_path / "value.toml"
    link.symlink_to("kept/card-7.toml")
    for card in (in_code(), ODD):                           # a link that leads nowhere yet, then to a file
        card.save(link)
        assert link.is_symlink() and Scorecard.load(target) == card
    assert list((tmp_path / "kept").iterdir()) == [target]
