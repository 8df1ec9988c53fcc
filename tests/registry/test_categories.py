"""Categories and their sets, as the domain paper lists them."""

from koumen.registry.presets import categories


def test_each_category_says_who_may_know() -> None:
    assert len(categories.CATEGORIES) == 37
    assert {c for c in categories.CATEGORIES if categories.sensitivity(c) == 3} == {
        "A31", "A32", "A33", "C11", "C14", "C21", "F41",
    }  # fmt: skip
    assert categories.sensitivity("X00") == 3


def test_the_sets_name_known_categories_only() -> None:
    assert set(categories.SETS) == {"eight_a", "eight_b", "eight_c", "seven", "dropout"}
    for chosen in categories.SETS.values():
        assert set(chosen.categories) <= set(categories.CATEGORIES)
    assert categories.SETS["eight_a"].categories[:6] == ("B11", "B12", "B13", "B14", "B15", "B19")
    assert [s.code for s in categories.SETS.values() if s.door_only] == ["dropout"]
