"""What holds of every undo: what stands as the run left it goes back, what changed since stays, and every difference is in one bucket."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.engine.reverse import Key, Logged, Row, reverse

FIELDS = ("bucket", "status")
values = st.sampled_from(["a", "b", "c", None])
contents = st.fixed_dictionaries(dict.fromkeys(FIELDS, values))


@dataclass
class Story:
    """Rows before a run, what the run logged, and the rows it left."""

    before: dict[Key, Row]
    log: list[Logged] = field(default_factory=list)
    after: dict[Key, Row] = field(default_factory=dict)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story({})
    for pk in range(draw(st.integers(1, 6))):
        key, label, kind = ("unit", pk), f"ZZ{pk}", draw(st.sampled_from(["new", "gone", "changed"]))
        was, now = draw(contents), draw(contents)
        if kind == "new":
            story.log.append(Logged("unit", pk, label, "appeared", "", None, dict(now)))
            story.after[key] = Row(dict(now), gone=False)
        elif kind == "gone":
            story.before[key] = Row(dict(was), gone=False)
            story.log.append(Logged("unit", pk, label, "disappeared", "", dict(was), None))
            story.after[key] = Row(dict(was), gone=True)
        else:
            story.before[key] = Row(dict(was), gone=False)
            story.after[key] = Row(dict(now), gone=False)
            story.log += [
                Logged("unit", pk, label, "changed", name, {name: was[name]}, {name: now[name]})
                for name in FIELDS
                if was[name] != now[name]
            ]
    return story


@given(stories())
@settings(max_examples=100, deadline=None)
def test_run_after_which_nothing_happened_goes_back_whole(story: Story) -> None:
    rows = dict(story.after)
    found = reverse(reversed(story.log), rows, tied={})
    assert (found.kept, found.refused) == ((), ())
    assert len(found.reversed) == len(story.log)
    for key, row in rows.items():
        if key in story.before:
            assert row == story.before[key]
        else:
            assert row.gone


@given(stories(), st.data())
@settings(max_examples=100, deadline=None)
def test_field_that_changed_since_stays_and_the_others_go_back(story: Story, data: st.DataObject) -> None:
    rows = dict(story.after)
    touched = {key: data.draw(st.sets(st.sampled_from(FIELDS))) for key in rows}
    for key, names in touched.items():
        for name in names:
            rows[key].values[name] = "changed since"
    now = {key: dict(row.values) for key, row in rows.items()}
    found = reverse(reversed(story.log), rows, tied={})
    for change in story.log:
        key = (change.entity, change.entity_id)
        if change.field:
            stays = change.field in touched[key]
            assert rows[key].values[change.field] == (now[key] if stays else change.before or {})[change.field]
        elif change.before is None:
            assert rows[key].gone == (not touched[key])
        else:
            assert not rows[key].gone
    assert len(found.reversed) + len(found.kept) == len(story.log)


@given(stories(), st.data())
@settings(max_examples=100, deadline=None)
def test_new_row_that_people_worked_with_is_refused_and_nothing_else(story: Story, data: st.DataObject) -> None:
    rows = dict(story.after)
    new = [("unit", change.entity_id) for change in story.log if change.before is None]
    tied = {key: "It was scanned." for key in new if data.draw(st.booleans())}
    found = reverse(reversed(story.log), rows, tied=tied)
    assert {(step.entity, step.entity_id): step.reason for step in found.refused} == tied
    assert not any(rows[key].gone for key in tied)
    assert len(found.reversed) == len(story.log) - len(tied)


@given(stories())
@settings(max_examples=50, deadline=None)
def test_undo_of_what_was_undone_finds_nothing_more_to_do(story: Story) -> None:
    rows = dict(story.after)
    reverse(reversed(story.log), rows, tied={})
    left = {key: (dict(row.values), row.gone) for key, row in rows.items()}
    again = reverse(reversed(story.log), rows, tied={})
    assert {key: (dict(row.values), row.gone) for key, row in rows.items()} == left
    assert again.reversed == ()


@given(stories())
@settings(max_examples=30, deadline=None)
def test_row_that_is_not_stored_any_more_is_kept_out_of_it(story: Story) -> None:
    found = reverse(reversed(story.log), {}, tied={})
    assert (found.reversed, found.refused, len(found.kept)) == ((), (), len(story.log))
    assert {step.reason for step in found.kept} <= {"It is not stored any more."}


@given(stories())
@settings(max_examples=30, deadline=None)
def test_what_follows_by_itself_is_left_to_itself(story: Story) -> None:
    rows = dict(story.after)
    before = {key: (dict(row.values), row.gone) for key, row in rows.items()}
    found = reverse(reversed(story.log), rows, tied={}, follows=["unit"])
    assert (found.reversed, len(found.kept)) == ((), len(story.log))
    assert {key: (dict(row.values), row.gone) for key, row in rows.items()} == before
