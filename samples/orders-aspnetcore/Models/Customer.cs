namespace Orders.Models;

public class Customer
{
    public int Id { get; set; }

    public string UserId { get; set; } = "";

    public string DisplayName { get; set; } = "";
}

/// <summary>What a new customer sends.</summary>
public class RegistrationRequest
{
    public string UserName { get; set; } = "";

    public string Password { get; set; } = "";

    public string CreditCard { get; set; } = "";

    public string SSN { get; set; } = "";
}
