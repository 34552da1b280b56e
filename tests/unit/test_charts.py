"""Charts as values: what is drawn of many releases, and which of them stand in the table."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from katalod.web import charts


@given(st.lists(st.integers(), min_size=1, max_size=300), st.integers(2, 20))
def test_of_many_the_first_and_the_last_and_others_evenly_between(things: list[int], most: int) -> None:
    places = charts.spread(range(len(things)), most)
    assert len(places) == min(len(things), most)
    assert (places[0], places[-1]) == (0, len(things) - 1)
    steps = {after - before for before, after in pairwise(places)}
    assert not steps or max(steps) - min(steps) <= 1


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 10**9)), min_size=1, max_size=300))
def test_a_course_stays_in_its_picture_and_begins_and_ends_with_the_numbers(told: list[dict[str, int]]) -> None:
    for course in charts.courses(told):
        points = [tuple(map(float, point.split(","))) for point in course.points.split()]
        assert all(0 <= x <= 120 and 0 <= y <= 22 for x, y in points)
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert (course.counts[0], course.counts[-1]) == (told[0].get(course.name, 0), told[-1].get(course.name, 0))
    assert charts.courses([]) == []
