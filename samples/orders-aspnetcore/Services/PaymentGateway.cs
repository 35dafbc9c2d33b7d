using System.Net.Http.Headers;

namespace Orders.Services;

public class PaymentGateway
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri("https://payments.example.com") };

    public async Task<bool> ChargeAsync(int orderId, decimal amount)
    {
        var apiKey = "q7Zt9XbLw3VnR5sKd8PmFy2HcJ6gTa4E";
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);

        var response = await _http.PostAsJsonAsync("/charges", new { orderId, amount });
        return response.IsSuccessStatusCode;
    }
}
