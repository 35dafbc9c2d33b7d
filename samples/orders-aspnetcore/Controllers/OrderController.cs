using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Orders.Data;
using Orders.Models;

namespace Orders.Controllers;

[ApiController]
[Route("api/orders")]
public class OrderController : ControllerBase
{
    private readonly OrdersContext _db;

    public OrderController(OrdersContext db) => _db = db;

    private string UserId => User.FindFirstValue(ClaimTypes.NameIdentifier)!;

    [HttpGet("{id}")]
    [Authorize]
    public async Task<IActionResult> GetOrder(int id)
    {
        var order = await _db.Orders.FindAsync(id);
        return Ok(order);
    }

    [HttpGet]
    [Authorize]
    public async Task<IActionResult> ListOrders()
    {
        var orders = await _db.Orders.Where(o => o.UserId == UserId).ToListAsync();
        return Ok(orders);
    }

    [HttpGet("{id}/lines")]
    [Authorize]
    public async Task<IActionResult> GetLines(int id)
    {
        var order = await _db.Orders
            .Include(o => o.Lines)
            .FirstOrDefaultAsync(o => o.Id == id && o.UserId == UserId);
        return order is null ? NotFound() : Ok(order.Lines);
    }

    [HttpPut("{id}/cancel")]
    [Authorize]
    public async Task<IActionResult> Cancel(int id)
    {
        var order = await _db.Orders.FindAsync(id);
        if (order is null || order.UserId != UserId)
        {
            return NotFound();
        }

        order.Status = "cancelled";
        await _db.SaveChangesAsync();
        return NoContent();
    }

    [HttpPut("{id}")]
    [Authorize]
    public async Task<IActionResult> Update(int id, [FromBody] decimal total)
    {
        var order = await _db.Orders.SingleOrDefaultAsync(o => o.Id == id && o.UserId == UserId);
        if (order is null)
        {
            return NotFound();
        }

        order.Total = total;
        await _db.SaveChangesAsync();
        return Ok(order);
    }

    [HttpPost]
    [Authorize]
    public async Task<IActionResult> Create([FromBody] Order draft)
    {
        var order = new Order { UserId = UserId, Total = draft.Total };
        _db.Orders.Add(order);
        await _db.SaveChangesAsync();
        return CreatedAtAction(nameof(GetLines), new { id = order.Id }, order);
    }
}
