"""Every URL × every role. One file per app; a URL missing from all of them fails `test_permissions.py`.

A row of a file's `TABLE`: "app:name": (path kwargs besides `org`, or a function of the cast returning them,
{who: status}), and a third item where a form is sent: its fields, or a function of (cast, kwargs) returning them.
The functions run inside the org's scope and may create rows. `who` is one of the cast's accounts, `stranger`
(a teacher of another school) or `nobody` (not signed in); every name of `EVERYBODY` must be there.
GET is asked unless the name ends in " POST". The org is `hill` unless the name ends in " @slug", POST first:
"portal:home @bureau", "visits:record POST @river". Words in brackets tell rows of one URL apart: "portal:home (new)".
Each person is asked from the same starting point: what one of them changed is undone before the next.
"""

EVERYBODY = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin", "stranger", "nobody")
