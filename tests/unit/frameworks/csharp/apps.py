"""Small C# applications for the tests of this folder."""

from __future__ import annotations

from apiposture.frameworks import routing
from apiposture.frameworks.library import library
from apiposture.frameworks.routing import Entry
from apiposture.languages import lower, source_of
from apiposture.model.facts import Endpoint
from apiposture.program import link

STARTUP = """
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddControllers();
builder.Services.AddScoped<OrderService>();
builder.Services.AddScoped<IClock, Clock>();
var app = builder.Build();
app.MapControllers();
app.Run();
"""


def entries_of(**files: str) -> list[Entry]:
    """The entries of an application; a keyword is a file's name with `__` for the dot, `Program` is added unless given."""
    files = {"Program__cs": STARTUP} | files
    sources = [source_of(name.replace("___", "/").replace("__", "."), text) for name, text in files.items()]
    program = link([lower(s) for s in sources if s.language], [row.call for row in library("csharp").register])
    return list(routing.find(program, [s for s in sources if not s.language]).entries)


def only(**files: str) -> Endpoint:
    """The application's one endpoint."""
    (entry,) = entries_of(**files)
    return entry.endpoint


def bindings(endpoint: Endpoint) -> dict[str, str]:
    """Names to sources."""
    return {binding.name: binding.source for binding in endpoint.bindings}
