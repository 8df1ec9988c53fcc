"""URLs of care, a file per noun. Those of the public door stand in `public`."""

from django.urls import URLPattern, URLResolver

app_name = "care"
urlpatterns: list[URLPattern | URLResolver] = []
