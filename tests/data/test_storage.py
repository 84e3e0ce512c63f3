"""An address is checked before it is used; what goes wrong at a storage is one sentence without a key."""

import io
from pathlib import Path

import fsspec
import pytest

from data.errors import TriviumError
from data.storage import Place


@pytest.mark.parametrize(
    "url",
    ["runs/mine", "/tmp/mine", "s3:/bucket", "s3://", "simplecache::s3://bucket/x", "s3://a\x1b[2J", "S3 ://x", ""],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(TriviumError, match="give the address of a folder on a storage") as caught:
        Place(url)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("url", ["s3://me:secret-1@bucket/x", "abfs://box@account/x?sig=secret-1", "s3://b/x#secret-1"])
def test_a_key_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(TriviumError, match="without a key") as caught:
        Place(url)
    assert "secret-1" not in str(caught.value)


def test_a_storage_that_is_not_known_or_not_installed_is_named() -> None:
    with pytest.raises(
        TriviumError, match=r"nosuch://bucket: the storage did not do it \(ValueError: Protocol not known"
    ):
        Place("nosuch://bucket")
    fsspec.register_implementation("tape", "no_such_package.Tape", errtxt="Install no_such_package to access tapes")
    with pytest.raises(TriviumError, match="tape://bucket: Install no_such_package to access tapes"):
        Place("tape://bucket")


def test_errors_of_a_storage_are_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(f"memory://bucket{tmp_path}")

    def fail(*given: object, **named: object) -> None:
        raise RuntimeError("AccessDenied:\x1b[2J no\nRequestId: 5")

    monkeypatch.setattr(type(place._files), "open", fail)
    (tmp_path / "f").write_text("x")
    for work in (
        lambda: place.send(tmp_path / "f", "f", lambda more: None),
        lambda: place.fetch("f", io.BytesIO(), 1, lambda more: None),
        lambda: place.create("f", b""),
    ):
        with pytest.raises(TriviumError, match="RuntimeError: AccessDenied") as caught:
            work()
        assert str(caught.value).isprintable()
        assert "RequestId" not in str(caught.value)


def test_a_small_file_is_made_once_and_read_within_a_limit(tmp_path: Path) -> None:
    for url in (f"memory://bucket{tmp_path}", f"file://{tmp_path}/bucket"):
        place = Place(url)
        assert place.read("list", 10) is None
        assert (place.create("list", b"one"), place.create("list", b"two")) == (True, False)
        assert place.read("list", 3) == b"one"
        with pytest.raises(TriviumError, match="it has 3 bytes; at most 2 are read"):
            place.read("list", 2)
        place.remove("nothing")
