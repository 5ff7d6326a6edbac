"""The rules of the house as functions: each takes a text and returns what breaks the rule."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("service", "workers", "carriers", "simulator", "tests")

# A store writes its own tables and reads these others' (design: tenants → inbox → codebooks, catalog, orders →
# mappings, offers → shipments → outbox → feeds). The stores on the side are read by doors alone.
STREAM = (
    ("tenants",),
    ("inbox", "contracts"),
    ("codebooks", "catalog", "orders"),
    ("mappings", "offers", "pairings"),
    ("shipments",),
    ("bookings",),
    ("handovers", "returns", "tracking"),
    ("outbox",),
    ("feeds",),
)
ASIDE = (
    "accounts",
    "activations",
    "affiliates",
    "alarms",
    "blocks",
    "journal",
    "points",
    "problems",
    "replays",
    "tickets",
)
READ_ASIDE = ("tenants",)
STORES = (*(store for level in STREAM for store in level), *ASIDE)

# What belongs to no store: the ledger of calls is the budget's, the list of migrations dbmate's.
ELSEWHERE = {"calls": "service/budget", "schema_migrations": "service/db", "partitions_gone": "service/db"}

ONLY_THESE_OF_US = ("service.db", "service.kit", "service.lanes", "service.platform.shapes")

WRITES = re.compile(
    r"""
    \b(?: INSERT\s+INTO | DELETE\s+FROM | TRUNCATE(?:\s+TABLE)? | COPY | (?<!DO\s)(?<!FOR\s)(?<!KEY\s)UPDATE )
    \s+(?: ONLY\s+ )?
    ([a-z_][a-z0-9_]*)
    """,
    re.VERBOSE,
)
READS = re.compile(r"(?<!DELETE )\b(?:FROM|JOIN|USING)\s+(?:ONLY\s+|LATERAL\s+)?([a-z_][a-z0-9_]*)\b(?!\s*\()")
WITHS = re.compile(
    r"""
    (?: \bWITH\s+(?:RECURSIVE\s+)? | ,\s* )
    ([a-z_][a-z0-9_]*) \s* (?: \([^()]*\)\s* )?
    AS\s+ (?:NOT\s+)? (?:MATERIALIZED\s+)? \(
    """,
    re.VERBOSE,
)
STARS = re.compile(r"SELECT\s+\*\s+FROM\s+\w+|RETURNING\s+\*|\b[a-z_]+\.\*")
STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE)\b")
CLOCKS = re.compile(
    r"\b(?:now|(?:clock|transaction|statement)_timestamp|timeofday)\s*\("
    r"|\b(?:CURRENT_(?:TIMESTAMP|DATE|TIME)|LOCALTIME(?:STAMP)?)\b",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.:-])/(?:w[o]rk|f[a]rm)/|/h[o]me/[a-z]\w+/|/r[o]ot/")  # the brackets: not to find itself
HOSTS = re.compile(r"https?://|file:|--(?:extra-)?index-url|--find-links|--trusted-host")


def modules(*packages: str) -> list[Path]:
    """Return our Python files in these packages."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def place(path: Path) -> str:
    """Return a path as the rules name it, from the root of the tree."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """Return the name a module is imported by."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def texts() -> Iterator[tuple[str, str]]:
    """Return every file of the tree that somebody wrote or generated for it, with its text."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if (
            path.is_file()
            and parts[0] != ".git"
            and not any(part in ignored or part.endswith(".egg-info") for part in parts)
        ):
            yield place(path), path.read_text(errors="replace")


@cache
def tree(text: str) -> ast.Module:
    """Return a Python text as its tree."""
    return ast.parse(text)


@cache
def nodes(text: str) -> tuple[ast.AST, ...]:
    """Return every node of a Python text."""
    return tuple(ast.walk(tree(text)))


def machine_paths(text: str) -> list[str]:
    """Find paths of one machine: they mean nothing on another."""
    ours = [str(ROOT)] if len(ROOT.parts) > 2 else []
    return [found.group() for found in MACHINE.finditer(text)] + [path for path in ours if path in text]


def index_hosts(lock: str) -> list[str]:
    """Find addresses in a lock file: whoever installs chooses the index."""
    return HOSTS.findall(lock)


@cache
def imports(text: str) -> set[str]:
    """Return every module a text imports, `from a import b` as both `a` and `a.b`."""
    found: set[str] = set()
    for node in nodes(text):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def asks_chance(text: str) -> bool:
    """Say whether a module imports a source of chance."""
    return any(imports_of(text, package) for package in ("random", "secrets", "uuid"))


def imports_of(text: str, package: str) -> bool:
    """Say whether a text imports a package or something inside it."""
    return any(name == package or name.startswith(f"{package}.") for name in imports(text))


def strange_imports(store: str, text: str) -> set[str]:
    """Find what a store imports of ours beside itself and what every store may."""
    allowed = (*ONLY_THESE_OF_US, f"service.{store}")
    ours = {
        name for name in imports(text) if name.split(".")[0] in OURS and name not in ("service", "service.platform")
    }
    return {name for name in ours if not any(name == one or name.startswith(f"{one}.") for one in allowed)}


def statements(text: str) -> list[str]:
    """Return the SQL in a Python text: every string that reads like a statement, docstrings aside."""
    docstrings = {id(node.value) for node in nodes(text) if isinstance(node, ast.Expr)}
    strings = (node for node in nodes(text) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return [node.value for node in strings if isinstance(node.value, str) and STATEMENT.search(node.value)]


def stars(sql: str) -> list[str]:
    """Find columns that nobody named: a table of a newer schema may have more of them."""
    return STARS.findall(sql)


def written(sql: str) -> set[str]:
    """Return the tables a statement writes."""
    return set(WRITES.findall(sql))


def read(sql: str) -> set[str]:
    """Return the names a statement reads, but those it made itself."""
    return set(READS.findall(sql)) - set(WITHS.findall(sql))


def owns(text: str) -> tuple[str, ...]:
    """Return the tables a store says it owns."""
    for node in tree(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OWNS":
            return tuple(ast.literal_eval(node.value))
    return ()


def tables(migration: str) -> set[str]:
    """Return the tables a migration makes; partitions belong to their table."""
    return set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)(?! PARTITION OF)\b", migration))


def readable(store: str) -> set[str]:
    """Return the stores whose tables a store may read beside its own."""
    if store in ASIDE:
        return set(READ_ASIDE)
    level = next(number for number, names in enumerate(STREAM) if store in names)
    return {name for names in STREAM[:level] for name in names}


def foreign_tables(store: str, sql: str, owner_of: dict[str, str]) -> list[str]:
    """Find tables a store's statement may not touch: written but not its own, read from downstream or aside."""
    mine = {table for table, owner in owner_of.items() if owner == store}
    may_read = mine | {table for table, owner in owner_of.items() if owner in readable(store)}
    faults = [f"writes {table}" for table in written(sql) & owner_of.keys() - mine]
    return faults + [f"reads {table}" for table in (read(sql) & owner_of.keys()) - may_read - written(sql)]


def clocks(sql: str) -> list[str]:
    """Find clocks in SQL: times come from `rig.now()`."""
    without_comments = re.sub(r"--.*", "", sql)
    return [found.group() for found in CLOCKS.finditer(without_comments)]


def coroutines(text: str) -> list[int]:
    """Return the lines where a text defines coroutines."""
    kinds = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    return [node.lineno for node in nodes(text) if isinstance(node, kinds)]


def sleeps(text: str) -> list[int]:
    """Return the lines that sleep by the clock."""
    found = [node.lineno for node in nodes(text) if isinstance(node, ast.Attribute) and ast.unparse(node) in SLEEPS]
    return found + ([0] if imports(text) & SLEEPS else [])


SLEEPS = {"time.sleep"}


def patches(text: str) -> list[str]:
    """Find what replaces parts of the code under a test's feet."""
    found = [name for name in imports(text) if name.startswith(("unittest.mock", "mock", "pytest_mock"))]
    for node in nodes(text):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "monkeypatch" and node.attr not in HARMLESS:
            found.append(f"monkeypatch.{node.attr}")
        if isinstance(node, ast.arg) and node.arg == "mocker":
            found.append("mocker")
    return found


HARMLESS = ("setenv", "delenv", "chdir", "syspath_prepend")  # the process's surroundings, not our code


def looks_across(text: str) -> bool:
    """Say whether a text takes a door through which every tenant can be seen."""
    return any(isinstance(node, ast.Attribute) and node.attr in ("tx_all", "statement_all") for node in nodes(text))


def sees_all(text: str) -> bool:
    """Say whether a statement of a text lets itself see every tenant."""
    return any("app.tenant" in sql for sql in statements(text))


def unlisted(found: Sequence[str], listed: Sequence[str]) -> list[str]:
    """Return what a list lacks and what it names in vain."""
    return sorted({*found} ^ {*listed})
