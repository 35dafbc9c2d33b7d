using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Orders.Data;

namespace Orders.Controllers;

[ApiController]
[Route("api/operations")]
[Authorize(Policy = "Operations")]
public class OperationsController : ControllerBase
{
    private readonly OrdersContext _db;

    public OperationsController(OrdersContext db) => _db = db;

    [HttpGet("logs")]
    public IActionResult SearchLogs(string category)
    {
        var results = _db.Database.ExecuteSqlRaw($"SELECT * FROM Logs WHERE Category = '{category}'");
        return Ok(results);
    }

    [HttpGet("logs/safe")]
    public IActionResult SearchLogsSafely(string category)
    {
        var results = _db.Database.ExecuteSqlInterpolated($"SELECT * FROM Logs WHERE Category = {category}");
        return Ok(results);
    }

    [HttpGet("orders/{id}")]
    public async Task<IActionResult> InspectOrder(int id)
    {
        var order = await _db.Orders.FindAsync(id);
        return Ok(order);
    }
}
