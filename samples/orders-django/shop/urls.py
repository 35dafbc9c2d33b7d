"""All paths of the project."""

from django.urls import include, path
from orders import api, operations, views
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
router.register("orders", api.OrderViewSet, basename="order")
router.register("parcels", api.ParcelViewSet, basename="parcel")

urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("orders/", views.OrderList.as_view(), name="orders"),
    path("orders/<int:pk>/", views.show_order, name="order"),
    path("orders/<int:pk>/note/", views.change_note, name="note"),
    path("orders/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("products/", views.ProductList.as_view(), name="products"),
    path("products/search/", views.search, name="search"),
    path("health/", operations.health, name="health"),
    path("reports/<str:name>/", operations.report, name="report"),
    path("exports/", operations.export, name="export"),
    path("api/", include(router.urls)),
]
