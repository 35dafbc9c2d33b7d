namespace Orders.Models;

public class Order
{
    public int Id { get; set; }

    public string UserId { get; set; } = "";

    public string Status { get; set; } = "new";

    public decimal Total { get; set; }

    public List<OrderLine> Lines { get; set; } = new();
}

public class OrderLine
{
    public int Id { get; set; }

    public int OrderId { get; set; }

    public int ProductId { get; set; }

    public int Quantity { get; set; }
}
