using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Orders.Data;
using Orders.Models;

namespace Orders.Controllers;

[ApiController]
[Route("api/customers")]
[Authorize]
public class CustomerController : ControllerBase
{
    private readonly OrdersContext _db;
    private readonly ILogger<CustomerController> _logger;

    public CustomerController(OrdersContext db, ILogger<CustomerController> logger)
    {
        _db = db;
        _logger = logger;
    }

    [HttpPost]
    public async Task<IActionResult> Register([FromBody] RegistrationRequest userObject)
    {
        _logger.LogInformation("Processing user: {User}", userObject);

        var customer = new Customer { DisplayName = userObject.UserName };
        _db.Customers.Add(customer);
        await _db.SaveChangesAsync();

        _logger.LogInformation("Registered customer {CustomerId}", customer.Id);
        return Ok(customer.Id);
    }
}
