"""Words put together the way the reader's language does it."""

import pytest
from django.utils import translation

from koumen.core.words import listed


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "阿虎、阿斗、阿南"), ("en", "阿虎, 阿斗, 阿南")])
def test_names_are_listed(language: str, said: str) -> None:
    with translation.override(language):
        assert listed(["阿虎", "阿斗", "阿南"]) == said
        assert (listed([]), listed(["阿虎"])) == ("", "阿虎")
