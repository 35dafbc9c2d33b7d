"""Do handlers' parameters come from where the framework's model binding takes them?"""

from __future__ import annotations

from .apps import bindings, entries_of, only

TYPES = """
public record OrderDto(int Id, string Note);
public class OrderService { }
public interface IClock { }
public class Clock : IClock { }
public enum State { Open, Closed }
"""


def test_api_controller_takes_complex_types_from_the_body() -> None:
    endpoint = only(
        Types__cs=TYPES,
        C__cs="""
using Microsoft.AspNetCore.Mvc;
[ApiController]
[Route("orders")]
public class OrdersController : ControllerBase
{
    [HttpPut("{id}")]
    public void Put(int id, State state, OrderDto order, [FromHeader(Name = "X-Trace")] string trace, [FromServices] object anything,
        [FromForm] string field, IFormFile file, IClock clock, OrderService service, CancellationToken token, string[] tags) { }
}
""",
    )
    assert bindings(endpoint) == {
        "id": "route", "state": "query", "order": "body", "trace": "header", "anything": "service", "field": "form", "file": "file",
        "clock": "service", "service": "service", "token": "service", "tags": "query",
    }  # fmt: skip


def test_a_view_controller_takes_posts_from_the_form_and_reads_from_the_query() -> None:
    get, post = entries_of(
        Types__cs=TYPES,
        C__cs="""
using Microsoft.AspNetCore.Mvc;
[Route("orders/[action]/{id?}")]
public class OrdersController : Controller
{
    [BindProperty]
    public string Mood { get; set; }

    [HttpGet] public void Edit(int id, OrderDto filter) { }
    [HttpPost] public void Save(int id, string note, OrderDto order) { }
}
""",
    )
    assert bindings(get.endpoint) == {"id": "route", "filter": "query"}
    assert bindings(post.endpoint) == {"id": "route", "note": "form", "order": "form", "this.Mood": "form"}


def test_members_that_name_their_source_are_bound_by_themselves() -> None:
    endpoint = only(
        C__cs="""
using Microsoft.AspNetCore.Mvc;
public class Command { [FromRoute] public int Id { get; set; } [FromBody] public string Text { get; set; } public int Rest { get; set; } }
[ApiController]
public class OrdersController : ControllerBase { [HttpPost("{id}")] public void Post([FromQuery] Command command) { } }
""",
    )
    assert bindings(endpoint) == {"command": "query", "command.Id": "route", "command.Text": "body"}


def test_minimal_handlers_bind_services_principal_body_and_members() -> None:
    endpoint = only(
        Types__cs=TYPES,
        Program__cs="""
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddScoped<OrderService>();
var app = builder.Build();
app.MapPost("/orders/{id}", (int id, string? q, OrderDto order, OrderService service, ClaimsPrincipal user, HttpContext context,
    ILogger<Program> log, [AsParameters] Paging paging) => "");
app.Run();
public record Paging(int Page, [property: FromHeader] string Trace, OrderService Service);
""",
    )
    found = bindings(endpoint)
    assert found["id"] == "route"
    assert found["q"] == "query"
    assert found["order"] == "body"
    assert found["service"] == "service"
    assert found["user"] == "principal"
    assert found["context"] == "service"
    assert found["log"] == "service"
    assert found["paging.Page"] == "query"
    assert found["paging.Service"] == "service"


def test_a_request_delegate_takes_the_context() -> None:
    endpoint = only(Program__cs='var app = WebApplication.CreateBuilder(args).Build(); app.MapGet("/", context => Task.CompletedTask);')
    assert bindings(endpoint) == {"context": "service"}


def test_fast_endpoints_fill_the_request_from_body_and_route() -> None:
    endpoint = only(
        Program__cs="var app = WebApplication.CreateBuilder(args).Build(); app.UseFastEndpoints(); app.Run();",
        E__cs="""
using FastEndpoints;
public class Req { public int Id { get; set; } public string Note { get; set; } [FromHeader] public string Key { get; set; } }
public class Change : Endpoint<Req>
{
    public override void Configure() { Put("/orders/{id}"); }
    public override Task HandleAsync(Req req, CancellationToken ct) => Task.CompletedTask;
}
""",
    )
    assert bindings(endpoint) == {"req": "body", "req.Id": "route", "req.Key": "header", "ct": "service"}


def test_page_properties_are_bound_on_posts_and_on_reads_that_ask_for_it() -> None:
    get, post = entries_of(
        Pages___Edit__cshtml='@page "{id}"',
        Pages___Edit__cshtml__cs="""
using Microsoft.AspNetCore.Mvc.RazorPages;
public class EditModel : PageModel
{
    [BindProperty] public string Note { get; set; }
    [BindProperty(SupportsGet = true)] public int Id { get; set; }
    public string Title { get; set; }
    public void OnGet() { }
    public void OnPost(string extra) { }
}
""",
    )
    assert bindings(get.endpoint) == {"this.Id": "route"}
    assert bindings(post.endpoint) == {"extra": "form", "this.Note": "form", "this.Id": "route"}


def test_hub_and_grpc_arguments_are_the_message() -> None:
    found = entries_of(
        Program__cs="""
var app = WebApplication.CreateBuilder(args).Build();
app.MapHub<Chat>("/chat");
app.MapGrpcService<Greeting>();
public class Chat : Hub { public void Send(string text, CancellationToken token) { } }
public class Greeting : Greeter.GreeterBase { public override Task<R> Hello(Q request, ServerCallContext context) => null; }
""",
    )
    assert [bindings(e.endpoint) for e in found] == [{"text": "body", "token": "service"}, {"request": "body", "context": "service"}]
