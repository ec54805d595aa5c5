"""Ranges and conditions as texts: any text is either understood as HTTP says or ignored."""

from hypothesis import given, strategies as st
import pytest

from custom_components.immich_plus.stream_headers import ByteRange

sizes = st.integers(min_value=0, max_value=2**50)
positions = st.none() | st.integers(min_value=0, max_value=2**50)


@given(st.text(max_size=60) | st.from_regex(r"bytes=[0-9, -]{0,40}", fullmatch=True))
def test_any_text_is_a_proper_range_or_none(text: str) -> None:
    """What is understood can be written again and means the same."""
    found = ByteRange.parse(text)
    if found is not None:
        assert ByteRange.parse(str(found)) == found
        assert str(found).isascii()


@given(positions, positions, sizes)
def test_a_range_lies_within(first: int | None, last: int | None, size: int) -> None:
    """A range is a real part of the file, never empty, or lies outside."""
    text = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    found = ByteRange.parse(text)
    if (first is None and last is None) or (first is not None and last is not None and last < first):
        assert found is None
        return
    assert found == ByteRange(first, last)
    span = found.within(size)
    if span is None:
        assert not size or first is None or first >= size
        assert first is not None or not last or not size
        return
    start, end = span
    assert 0 <= start < end <= size
    if first is not None:
        assert start == first
        assert end == (size if last is None else min(size, last + 1))
    else:
        assert end == size
        assert last is not None
        assert end - start == min(size, last)


@pytest.mark.parametrize(
    "text", ["bytes=٣-٤", "bytes=1-²", "bytes=+1-2", "bytes=1_0-20", "bytes = 1-2", "byte=1-2"]
)
def test_odd_digits(text: str) -> None:
    """Only plain digits are numbers."""
    assert ByteRange.parse(text) is None
