"""Judges whether a migration only expands the schema, so that the version before it keeps working on the new one.

It reads the text and knows this project's way of writing it. It does not know what a function or a trigger does;
tests/worker/test_old_worker.py proves that the old worker still works.
"""

import re

# The newest migration of the schema that the first version was made with; there was nothing before it to break.
FIRST_RELEASE = 20261120000010
_COMMENT = re.compile(r"--[^\n]*")
_FUNCTION_BODY = re.compile(r"\bas\s+\$(\w*)\$.*?\$\1\$", re.S)
_LITERAL = re.compile(r"'([^']*)'")
_CREATED = re.compile(r"create (?:unlogged )?table (?:if not exists )?([\w.]+)")
_ACTION = re.compile(r"(?:^|,)\s*(?=(?:add|alter|drop|rename)\b)")
_TAKEN_BACK = re.compile(r"revoke all on ([\w.]+) from")
_NEW_UNIQUE = re.compile(r"create unique index .*?\bon ([\w.]+)")
_CONTRACTIONS = {
    r"\bdrop (?:table|view|schema|type|sequence|function|procedure|role|policy)\b": "takes away what old code may use",
    r"\brename\b": "renames",
    r"\bas restrictive\b": "lets people see less",
    r"\brevoke\b.*\bfrom\b.*\b(?:authenticated|anon|service_role|rollcall_web|rollcall_worker)\b": "takes rights away",
}


def faults(text: str, before: str = "") -> list[str]:
    """What of the migration is no expansion, as sentences; `before` is the text of all migrations before it."""
    plain = _plain(text)
    fresh = set(_CREATED.findall(plain))
    found: list[str] = []
    for statement in filter(None, (part.strip() for part in plain.split(";"))):
        shown = statement[:80]
        taken = _TAKEN_BACK.match(statement)
        # Some projects grant everything on what is new.
        if taken is None or taken[1] not in fresh:
            found += [f"{why}: {shown}" for sign, why in _CONTRACTIONS.items() if re.search(sign, statement)]
        unique = _NEW_UNIQUE.search(statement)
        if unique and unique[1] not in fresh:
            found.append(f"forbids rows that old code may write: {shown}")
        # In a `do` block the statement stands as a text that is executed.
        altered = re.search(r"alter table (?:if exists )?(?:only )?([\w.%]+)\s+(.*)", statement)
        if altered and altered[1] not in fresh:
            found += _of_table(altered[1], altered[2], before)
    return found


def _of_table(table: str, actions: str, before: str) -> list[str]:
    found = []
    for action in filter(None, (part.strip(" ,") for part in _ACTION.split(actions))):
        if re.match(r"drop (?:column )?(?!constraint\b|not null\b|expression\b)\w+", action):
            found.append(f"drops a column of {table}: {action}")
        elif re.match(r"alter (?:column )?\w+ (?:set data )?type\b", action):
            found.append(f"changes a type of {table}: {action}")
        elif re.match(r"alter (?:column )?\w+ (?:set not null|drop default)", action):
            found.append(f"asks more of old code's rows in {table}: {action}")
        elif _needs_a_value(action):
            found.append(f"old code does not fill the new column of {table}: {action}")
        elif re.match(r"add (?:constraint|check|unique|foreign key|primary key|exclude)\b", action):
            if not _widens(action, actions, before):
                found.append(f"tightens {table}: {action}")
        elif re.match(r"drop constraint\b", action) and "add constraint" not in actions and "unique" in action:
            found.append(f"drops what an upsert of old code may name in {table}: {action}")
    return found


def _needs_a_value(action: str) -> bool:
    new = re.match(
        r"add (?:column )?(?:if not exists )?(?!constraint\b|check\b|unique\b|foreign\b|primary\b)\w+ ", action
    )
    return bool(new and "not null" in action and not re.search(r"\bdefault\b|\bgenerated\b", action))


def _widens(action: str, actions: str, before: str) -> bool:
    """A check that replaces one of the same name and allows all that it allowed."""
    named = re.match(r"add constraint ([\w%]+) check (.*)", action)
    if named is None or f"drop constraint {named[1]}" not in actions.replace("if exists ", ""):
        return False
    if named[2].startswith("(%s or "):
        return True
    listed = re.findall(r"check \((\w+) in \(([^)]*)\)", _plain(before) + ";")
    old = [set(_LITERAL.findall(values)) for column, values in listed if named[1].endswith(f"_{column}_check")]
    return bool(old) and any(values <= set(_LITERAL.findall(named[2])) for values in old)


def _plain(text: str) -> str:
    """Small letters, single spaces, without comments and without what functions do."""
    text = _FUNCTION_BODY.sub(" as body", _COMMENT.sub("", text))
    return re.sub(r"\s+", " ", text).lower()
