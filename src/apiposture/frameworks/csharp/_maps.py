"""Which functions of the framework and of libraries map endpoints?

https://learn.microsoft.com/aspnet/core/fundamentals/minimal-apis/route-handlers
"""

VERBS = {"MapGet": "GET", "MapPost": "POST", "MapPut": "PUT", "MapDelete": "DELETE", "MapPatch": "PATCH"}
LIBRARY = {
    "MapHealthChecks": "", "UseHealthChecks": "", "MapMetrics": "/metrics", "MapPrometheusScrapingEndpoint":
    "/metrics", "MapGraphQL": "/graphql", "MapHangfireDashboard": "/hangfire", "MapHealthChecksUI":
    "/healthchecks-ui",
}  # fmt: skip
"""Libraries' own endpoints with the route that they have unless told otherwise."""

CONTROLLERS = ("MapControllers", "MapControllerRoute", "MapDefaultControllerRoute", "MapAreaControllerRoute", "MapFallbackToController",
               "MapFallbackToAreaController")  # fmt: skip
ENDPOINTS = frozenset(
    (*VERBS, *LIBRARY, *CONTROLLERS, "Map", "MapMethods", "MapFallback", "MapHub", "MapGrpcService", "MapRazorPages", "MapIdentityApi")
)
MODULES = {"MapCarter": (("ICarterModule", "CarterModule"), "AddRoutes"), "MapEndpoints": (("IEndpoint",), "AddRoute")}
"""Library calls that run a function of every class which implements an interface."""

MAPS = frozenset((*ENDPOINTS, *MODULES, "MapGroup", "UseEndpoints"))
TAKE_LAMBDAS = frozenset(("UseEndpoints", "Configure", "UseWhen", "MapWhen", "UseRouter", "UseMvc"))
