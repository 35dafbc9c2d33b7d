"""Is every point found at which sensitive data enters, is stored, is logged and leaves, and nothing else?"""

from __future__ import annotations

from pathlib import Path

from apiposture.config import Config
from apiposture.model.facts import Datum
from apiposture.scan.together import data_map

CSHARP = """\
using System.Net.Http;
using System.Net.Http.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

public class SignUp { public string Email { get; set; } public string Password { get; set; } public Card Card { get; set; } }
public class Card { public string CardNumber { get; set; } public int PasswordLength { get; set; } public int Age { get; set; } }
public class Customer { public int Id { get; set; } public string Email { get; set; } public string PasswordHash { get; set; } }
public class Country { public int Id { get; set; } public string Name { get; set; } }
public class Db : DbContext { public DbSet<Customer> Customers { get; set; } public DbSet<Country> Countries { get; set; } }

[ApiController]
[Authorize]
[Route("api/customers")]
public class CustomerController : ControllerBase
{
    private readonly HttpClient _partner;
    private readonly ILogger<CustomerController> _log;
    private readonly Db _db;
    public CustomerController(HttpClient partner, ILogger<CustomerController> log, Db db) { _partner = partner; _log = log; _db = db; }

    [HttpPost]
    public async Task<IActionResult> Register([FromBody] SignUp wish)
    {
        _log.LogInformation("mail {Email} {Password}", wish.Email, wish.Password);
        await _partner.PostAsJsonAsync("https://partner.example.com/customers", new { mail = wish.Email });
        await _partner.GetAsync("https://partner.example.com/password");
        return Ok();
    }

    [HttpGet("{id}")]
    public async Task<IActionResult> Show(int id) => Ok(await _db.Customers.FindAsync(id));
}
"""

PYTHON = """\
import requests
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Patient(Base):
    __tablename__ = "patients"
    id: Mapped[int] = mapped_column(primary_key=True)
    birth_date: Mapped[str]

class NewPatient(BaseModel):
    birth_date: str

app = FastAPI()

@app.post("/patients")
def add(patient: NewPatient):
    requests.post("https://lab.example.com", json={"born": patient.birth_date})
    return {}
"""


def points(tmp_path: Path, name: str, text: str) -> set[tuple[str, str, str, tuple[str, ...]]]:
    (tmp_path / name).write_text(text, "utf-8")
    return {(each.kind, each.role, each.where, each.what) for each in found(tmp_path)}


def found(folder: Path) -> tuple[Datum, ...]:
    return data_map([folder], Config(cache=False)).data


def test_every_point_of_a_small_service_and_nothing_else(tmp_path: Path) -> None:
    assert points(tmp_path, "Shop.cs", CSHARP) == {
        ("contact", "enters", "POST /api/customers", ("SignUp.Email",)),
        ("credential", "enters", "POST /api/customers", ("SignUp.Password",)),
        ("payment-card", "enters", "POST /api/customers", ("Card.CardNumber",)),
        ("contact", "stored", "Customer", ("Customer.Email",)),
        ("credential-hash", "stored", "Customer", ("Customer.PasswordHash",)),
        ("contact", "logged", "a log", ("SignUp.Email",)),
        ("credential", "logged", "a log", ("SignUp.Password",)),
        ("contact", "leaves", "HttpClient.PostAsJsonAsync", ("wish.Email",)),
    }


def test_the_same_where_libraries_are_modules(tmp_path: Path) -> None:
    assert points(tmp_path, "app.py", PYTHON) >= {
        ("birth-date", "enters", "POST /patients", ("NewPatient.birth_date",)),
        ("birth-date", "stored", "Patient", ("Patient.birth_date",)),
        ("birth-date", "leaves", "requests.post", ("patient.birth_date",)),
    }


def test_the_gravest_comes_first_and_what_reaches_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "Shop.cs").write_text(CSHARP, "utf-8")
    data = found(tmp_path)
    assert [each.kind for each in data].index("credential") < [each.kind for each in data].index("contact")
    (stored,) = [each for each in data if each.kind == "contact" and each.role == "stored"]
    assert stored.reached == ("GET /api/customers/{id}",)
    assert stored.place.line == 11
    assert data == found(tmp_path)
