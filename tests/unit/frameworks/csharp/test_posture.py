"""Who may call, by what, and what else was declared?"""

from __future__ import annotations

from apiposture.model.facts import Need

from .apps import entries_of, only


def controller(body: str, above: str = "") -> dict[str, str]:
    text = f"""
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
[ApiController]
[Route("x")]
{above}
public class XController : ControllerBase
{{
{body}
}}
"""
    return {"X__cs": text}


def test_anonymous_wins_over_what_is_nearer_and_both_are_declared() -> None:
    posture = only(**controller('[HttpGet, Authorize(Roles = "a")] public void Get() { }', "[AllowAnonymous]")).posture
    assert (posture.level, posture.inherited) == ("anonymous", True)
    assert [(d.level, d.opens, d.text) for d in posture.declarations] == [
        ("endpoint", False, '[Authorize(Roles = "a")]'),
        ("type", True, "[AllowAnonymous]"),
    ]
    assert posture.declarations[0].needs == (Need("role", "a"),)


def test_needs_of_all_levels_hold_together() -> None:
    posture = only(
        **controller('[HttpGet, Authorize(Roles = "a, b")] public void Get() { }', '[Authorize(AuthenticationSchemes = "Cookies")]')
    ).posture
    assert posture.level == "role"
    assert posture.needs == (Need("role", "a"), Need("role", "b"), Need("scheme", "Cookies"))
    assert posture.decided_by is not None
    assert not posture.inherited


def test_what_cannot_be_resolved_is_never_public() -> None:
    lost = only(**controller('[HttpGet, Authorize("Lost")] public void Get() { }')).posture
    assert (lost.level, lost.needs) == ("policy", (Need("policy", "Lost"),))
    assert "isn't declared in the scanned source" in lost.why
    library = only(**controller("[HttpGet, RequirePermissionFromPackage] public void Get() { }")).posture
    assert library.level == "unknown"
    harmless = only(**controller('[HttpGet, Produces("text/plain"), ValidateAntiForgeryToken] public void Get() { }')).posture
    assert harmless.level == "public"
    assert harmless.decided_by is None


def test_an_own_attribute_of_the_frameworks_name_is_read_where_its_namespace_is_in_sight() -> None:
    own = """
namespace Shop.Security;
public class AuthorizeAttribute : Attribute, IAuthorizationFilter
{
    public void OnAuthorization(AuthorizationFilterContext context)
    {
        if (context.ActionDescriptor.EndpointMetadata.OfType<AllowAnonymousAttribute>().Any()) return;
        if (context.HttpContext.Items["User"] == null) context.Result = new JsonResult(null) { StatusCode = 401 };
    }
}
public class AllowAnonymousAttribute : Attribute { }
"""
    found = entries_of(
        Own__cs=own,
        A__cs="""
using Shop.Security;
using Microsoft.AspNetCore.Mvc;
[ApiController, Authorize]
public class AController : ControllerBase
{
    [HttpGet("closed")] public void Closed() { }
    [AllowAnonymous, HttpGet("open")] public void Open() { }
}
""",
    )
    assert [(e.endpoint.route, e.endpoint.posture.level) for e in found] == [("/closed", "authenticated"), ("/open", "anonymous")]
    assert [p.function.name for p in found[0].preludes] == ["OnAuthorization"]


def test_a_filter_of_the_project_refuses_despite_allow_anonymous() -> None:
    found = only(
        F__cs="""
public class MineAttribute : ActionFilterAttribute
{
    public override void OnActionExecuting(ActionExecutingContext context)
    {
        if (!context.HttpContext.User.IsInRole("x")) context.Result = new ForbidResult();
    }
}
""",
        **controller("[HttpGet, Mine, AllowAnonymous] public void Get() { }"),
    )
    assert (found.posture.level, found.posture.needs) == ("policy", (Need("permission", "Mine"),))


def test_middleware_that_only_maps_errors_is_no_wall() -> None:
    found = only(
        Program__cs="""
var app = WebApplication.CreateBuilder(args).Build();
app.UseMiddleware<Errors>();
app.MapGet("/", () => "");
public class Errors(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try { await next(context); }
        catch (UnauthorizedAccessException) { context.Response.StatusCode = 401; _log.Warn(context.User.Identity.Name); }
    }
}
""",
    )
    assert found.posture.level == "public"


def test_groups_without_any_authorization_are_told_apart() -> None:
    program = 'var app = WebApplication.CreateBuilder(args).Build(); {} app.MapGet("/", () => "");'
    bare = only(Program__cs=program.format(""))
    configured = only(Program__cs=program.format("app.UseAuthorization();"))
    assert (bare.style, bare.grouped, configured.grouped) == ("function", False, True)


def test_verbs_tell_what_changes_state_and_names_where_any_verb_will_do() -> None:
    found = entries_of(
        **controller("""
    [HttpGet("a")] public void DeleteNothing() { }
    [HttpPatch("b")] public void Look() { }
    [Route("c")] public void DeleteAll() { }
    [Route("d")] public void Settings() { }
"""),
    )
    assert [e.endpoint.changes_state for e in found] == [False, True, True, False]


def test_conventions_that_pick_controllers_make_the_posture_unknown() -> None:
    convention = """
public class Secure : IControllerModelConvention
{
    public void Apply(ControllerModel controller)
    {
        if (controller.ControllerName.StartsWith("Admin")) controller.Filters.Add(new AuthorizeFilter());
    }
}
"""
    program = """
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddControllers(o => o.Conventions.Add(new Secure()));
var app = builder.Build();
app.MapControllers();
"""
    picked = only(Program__cs=program, S__cs=convention, **controller("[HttpGet] public void Get() { }"))
    assert picked.posture.level == "unknown"
    always = convention.replace('if (controller.ControllerName.StartsWith("Admin")) ', "")
    assert only(Program__cs=program, S__cs=always, **controller("[HttpGet] public void Get() { }")).posture.level == "authenticated"
