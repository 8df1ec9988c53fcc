"""A request that names another site."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/account/login/", "/s/hill/", "/nowhere/"])
def test_another_sites_name_is_a_bad_request(path: str, expects_errors: None) -> None:
    """The page that says so is shown before anybody is known to be signed in."""
    response = Client().get(path, HTTP_HOST="elsewhere.example")
    assert response.status_code == 400
