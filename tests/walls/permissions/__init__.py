"""Every URL × every role. One file per app; a URL missing from all of them fails `test_permissions.py`.

A row: "app:name": (path kwargs besides `org`, or a function of the cast returning them, {who: status}).
`who` is one of the cast's accounts, `stranger` (teacher of another school) or `nobody` (not signed in).
GET is asked unless the name ends in " POST".
"""
