"""S3: a card file is the old one or the new one, never a part."""
import os

import pytest
from test_cards import ODD, in_code


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(broken, tmp_path, monkeypatch):
    path = tmp_path / "value.toml"
    in_code().save(path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(OSError, match="No space"):
            ODD.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
