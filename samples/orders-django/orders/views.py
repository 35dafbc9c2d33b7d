"""Pages. One of them forgets whose order it shows."""

import logging

from django.contrib.auth import authenticate, login
from django.db import connection
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django.views.generic import ListView

from orders.models import Order, Product

logger = logging.getLogger(__name__)


def log_in(request):
    password = request.POST.get("password", "")
    user = authenticate(request, username=request.POST.get("name", ""), password=password)
    if user is None:
        logger.warning("failed login with %s", password)
        return render(request, "login.html", status=401)
    login(request, user)
    logger.info("login of %s", user.pk)
    return redirect("orders")


class OrderList(ListView):
    model = Order

    def get_queryset(self):
        return Order.objects.filter(owner=self.request.user)


def show_order(request, pk):
    order = get_object_or_404(Order, pk=pk)
    return render(request, "order.html", {"order": order})


@require_POST
def change_note(request, pk):
    order = get_object_or_404(Order, pk=pk, owner=request.user)
    order.note = request.POST["note"]
    order.save()
    return redirect("order", pk=order.pk)


@require_POST
def cancel(request, pk):
    order = get_object_or_404(Order, pk=pk)
    order.check_may_change(request.user)
    order.delete()
    return redirect("orders")


class ProductList(ListView):
    model = Product


def search(request):
    name = request.GET.get("name", "")
    order = request.GET.get("order", "name")
    if order not in ("name", "price"):
        order = "name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, price FROM orders_product WHERE name LIKE '%{name}%' ORDER BY {order}")
        return render(request, "products.html", {"products": cursor.fetchall()})
