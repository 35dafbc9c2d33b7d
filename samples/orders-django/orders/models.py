"""What is stored: orders and parcels of somebody, and products that are everybody's."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models


class Owned(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        abstract = True

    def check_may_change(self, viewer):
        if self.owner == viewer or viewer.has_perm("orders.change_order"):
            return
        raise PermissionDenied


class Order(Owned):
    note = models.TextField(blank=True)
    total = models.DecimalField(max_digits=9, decimal_places=2)


class Parcel(Owned):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    address = models.TextField()


class Product(models.Model):
    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=9, decimal_places=2)
