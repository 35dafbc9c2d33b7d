"""Which functions of the framework and of libraries map endpoints?

from typing import Final
https://learn.microsoft.com/aspnet/core/fundamentals/minimal-apis/route-handlers
"""

from typing import Final

VERBS: Final = {"MapGet": "GET", "MapPost": "POST", "MapPut": "PUT", "MapDelete": "DELETE", "MapPatch": "PATCH"}
LIBRARY: Final = {
    "MapHealthChecks": "", "UseHealthChecks": "", "MapMetrics": "/metrics", "MapPrometheusScrapingEndpoint":
    "/metrics", "MapGraphQL": "/graphql", "MapHangfireDashboard": "/hangfire", "MapHealthChecksUI":
    "/healthchecks-ui",
}  # fmt: skip
"""Libraries' own endpoints with the route that they have unless told otherwise."""

CONTROLLERS: Final = (
    *("MapControllers", "MapControllerRoute", "MapDefaultControllerRoute", "MapAreaControllerRoute"),
    *("MapFallbackToController", "MapFallbackToAreaController"),
)
ENDPOINTS: Final = frozenset(
    (*VERBS, *LIBRARY, *CONTROLLERS, "Map", "MapMethods", "MapFallback", "MapHub", "MapGrpcService", "MapRazorPages", "MapIdentityApi")
)
MODULES: Final = {"MapCarter": (("ICarterModule", "CarterModule"), "AddRoutes"), "MapEndpoints": (("IEndpoint",), "AddRoute")}
"""Library calls that run a function of every class which implements an interface."""

MAPS: Final = frozenset((*ENDPOINTS, *MODULES, "MapGroup", "UseEndpoints"))
TAKE_LAMBDAS: Final = frozenset(("UseEndpoints", "Configure", "UseWhen", "MapWhen", "UseRouter", "UseMvc"))
