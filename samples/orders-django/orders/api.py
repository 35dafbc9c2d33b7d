"""The same for programs."""

from rest_framework import serializers, viewsets

from orders.models import Order, Parcel


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ("id", "note", "total")


class ParcelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Parcel
        fields = ("id", "address")


class OrderViewSet(viewsets.ModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(owner=self.request.user)


class ParcelViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = ParcelSerializer
    queryset = Parcel.objects.all()
