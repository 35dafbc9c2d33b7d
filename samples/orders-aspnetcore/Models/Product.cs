namespace Orders.Models;

/// <summary>Belongs to nobody: everybody may see the catalogue.</summary>
public class Product
{
    public int Id { get; set; }

    public string Name { get; set; } = "";

    public decimal Price { get; set; }
}
