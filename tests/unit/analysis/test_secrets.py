"""Which literals are credentials, which only look so, and does a value ever leave the finder?"""

import hashlib
import random
import string
import time
from base64 import b64encode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apiposture.analysis.secrets import find, fingerprint, formats, masked
from apiposture.analysis.secrets.values import is_placeholder, is_random
from apiposture.model.facts import Secret
from apiposture.model.source import SourceFile


def found(path: str, text: str) -> tuple[Secret, ...]:
    return find(SourceFile(path, "", text, hashlib.sha256(text.encode()).hexdigest()))


def drawn(seed: int, size: int, signs: str = string.ascii_letters + string.digits) -> str:
    """A made-up random value: drawn when the test runs, so that none stands in a file."""
    return "".join(random.Random(seed).choices(signs, k=size - 2)) + "7q"


K32, K40, HEX32 = drawn(1, 32), drawn(2, 40), drawn(3, 32, "0123456789abcdef")[:-2] + "3e"
B64 = drawn(4, 42) + "s="

YES = [
    ("Startup.cs", f'var apiKey = "{K32}";', "secret-value"),
    ("Startup.cs", f'public const string ClientSecret = "{K40}";', "secret-value"),
    ("Startup.cs", f'public string ApiKey {{ get; set; }} = "{HEX32}";', "secret-value"),
    ("Client.cs", f'request.Headers.Add("X-Api-Key", "{K32}");', "secret-value"),
    ("Client.cs", f'options.ClientSecret = "{K40}";', "secret-value"),
    ("Client.cs", f'[Signed(Secret = "{K40}")] public class A {{}}', "secret-value"),
    ("Client.cs", f'if (token == "{K40}") return true;', "secret-value"),
    ("appsettings.json", f'{{"Auth": {{"ClientSecret": "{K40}"}}}}', "secret-value"),
    ("appsettings.json", f'{{"Jwt": {{"Key": "{K40}"}}}}', "secret-value"),
    ("web.config", f'<add key="ApiSecret" value="{K40}"/>', "secret-value"),
    ("settings.xml", f"<ApiKey>{K32}</ApiKey>", "secret-value"),
    ("config.yml", f"api_token: {K40}\n", "secret-value"),
    (".env", f"PAYMENT_TOKEN={K40}\n", "secret-value"),
    ("run.sh", f"export DEPLOY_TOKEN='{K40}'\n", "secret-value"),
    ("app.py", f'SECRET_KEY = "{K40}"', "secret-value"),
    (
        "Startup.cs",
        'o.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes("the rain in the mountains falls"));',
        "signing-key",
    ),
    ("Hmac.cs", 'using var h = new HMACSHA256(Encoding.UTF8.GetBytes("winter-is-over-1977"));', "signing-key"),
    (
        "Startup.cs",
        'o.UseSqlServer("Server=db.shop.lan;Database=shop;User Id=clerk;Password=Moor7!Heide;");',
        "connection-string",
    ),
    (
        "appsettings.json",
        '{"ConnectionStrings": {"Shop": "Host=db.shop.lan;Username=clerk;Password=Moor7Heide"}}',
        "connection-string",
    ),
    ("web.config", '<add name="Shop" connectionString="Server=db;uid=clerk;pwd=Moor7Heide;"/>', "connection-string"),
    ("config.yml", "uri: mongodb://clerk:Moor7Heide@db.shop.lan:27017/shop\n", "url-password"),
    ("Bus.cs", 'var url = "amqp://clerk:Moor7Heide@mq.shop.lan/";', "url-password"),
    ("Cache.cs", 'var url = "redis://:Moor7Heide@cache.shop.lan:6379";', "url-password"),
    ("appsettings.json", '{"Shop": "Server=db;User Id=sa;Password=@moorUndHeide77;"}', "connection-string"),
    ("docker-compose.yml", "  - SA_PASSWORD=@moorUndHeide77\n", "password-literal"),
    ("Keys.cs", 'public const string JWT_SECRET_KEY = "TheRainInTheMountainsFallsForDays";', "signing-key"),
    ("Seed.cs", 'public const string DefaultPassword = "[m.7@RZ!moor";', "password-literal"),
    ("config.json", '{"password": "moor7heide"}', "password-literal"),
    (".env", "DB_PASSWORD=Moor7!Heide\n", "password-literal"),
    ("Mail.cs", 'var smtpPassword = "Moor7!Heide";', "password-literal"),
    ("config.php", "define('DB_PASSWORD', 'moor7heide');", "password-literal"),
    ("web/config.php", "$dbpasswd = 'moor77';", "password-literal"),
    ("run.sh", "curl -s \\\n  --user clerk:moor7heide https://shop.lan", "password-literal"),
    ("run.sh", f'curl -H "Authorization: Bearer {K40}" https://shop.lan', "secret-value"),
    ("run.sh", f'wget --header="Authorization: Basic {b64encode(b"clerk:moor7heide").decode()}" shop.lan', "secret-value"),
    ("mail.py", 'server.login("clerk@shop.lan", "moorundheide")', "password-literal"),
    ("main.go", f'var apiToken string = "{K40}"', "secret-value"),
    ("Makefile", f"API_TOKEN ::= {K40}\n", "secret-value"),
    ("a.xml", f"<ApiToken>\n    {K40}\n</ApiToken>", "secret-value"),
    ("a.json", f'{{"shop.ini": "API_TOKEN={K40}\\nDEBUG=1"}}', "secret-value"),
    ("app.yml", "api_token: zsk81evtwydalao8o81zd8c3v\n", "secret-value"),
    ("app.py", 'app.config["SECRET_KEY"] = "moorheide"', "signing-key"),
    ("settings.py", "SECRET_KEY = '2^f+3@v7$v1f8yt!s)3-1t$)tlp+xm17=*g))_x'", "signing-key"),
]
"""Path, text, kind of the one secret in it."""


@pytest.mark.parametrize(("path", "text", "kind"), YES)
def test_a_credential_is_found(path: str, text: str, kind: str) -> None:
    assert [secret.kind for secret in found(path, text)] == [kind]


SILENT = [
    ("a.cs", 'var apiKey = "<your-api-key>";'),
    ("a.cs", 'var apiKey = "xxxxxxxxxxxxxxxxxxxxxxxx";'),
    ("a.cs", 'var password = "changeme";'),
    ("a.json", '{"ApiKey": "${API_KEY_FROM_VAULT_1}"}'),
    ("a.json", '{"ApiKey": "#{ApiKey1.Production}#"}'),
    ("a.json", '{"ApiKey": "{{api_key_production_1}}"}'),
    ("a.yml", "token: $(DeployToken1)\n"),
    ("a.yml", "password: ${{ secrets.DB_PASSWORD_1 }}\n"),
    ("a.cmd.xml", '<add key="ApiSecret" value="%API_SECRET_1%"/>'),
    ("a.cs", 'var apiKey = Environment.GetEnvironmentVariable("API_KEY_2");'),
    ("a.cs", 'var apiKey = configuration["Jwt:Key"];'),
    ("a.cs", 'services.Configure(o => o.ApiKey = configuration["Section1:ApiKey"]);'),
    ("a.cs", 'var tokenId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";'),
    ("a.cs", 'var apiKey = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";'),
    ("a.cs", f'var passwordHash = "{HEX32}";'),
    ("a.json", f'{{"integrity": "sha512-{K40}{K40}=="}}'),
    ("a.cs", f'const string PublicKeyToken = "{HEX32[:16]}";'),
    ("a.cs", f'const string PublicKey = "{B64}";'),
    ("a.cs", 'const string ApiKeyHeader = "X-Api-Key-V2";'),
    ("a.cs", 'const string PasswordPattern = "^(?=.*[A-Z])(?=.*[0-9]).{8,}$";'),
    ("a.cs", 'const string TokenIdentifier = "OrganizationSponsorshipOfferToken";'),
    ("a.cs", 'const string JwtSecretKey = "ApplicationAuthenticationJwtSecretKey";'),
    ("a.cs", 'cmd.Parameters.Add("Password", "@Password");'),
    ("a.cs", 'var label = "Enter your password";'),
    ("a.cs", 'ErrorMessage = "Password must have 8 characters";'),
    ("a.cs", 'const string PasswordField = "password_2";'),
    ("a.cs", 'var grant = new Grant { Password = "password" };'),
    ("a.cs", 'const string TokenEndpoint = "https://login.shop.lan/connect/token2";'),
    ("a.cs", 'const string ResetPasswordPath = "/Account/ResetPassword2";'),
    ("a.cs", 'Password = model.Password1 + "!x7";'),
    ("a.cs", 'var t = new CancellationToken(); var s = "abc123def456";'),
    ("a.cs", 'builder.HasKey("CustomerId2").HasName("PK_Customers_2021");'),
    ("a.cs", 'migrationBuilder.AddColumn<string>(name: "PasswordResetToken2", table: "Users");'),
    ("a.cs", 'var foreignKey = "FK_Orders_Customers_CustomerId2";'),
    ("locales/de.json", '{"password": "Kennwort1", "token": "Zeichen7"}'),
    ("a.json", '{"password": "Kennwort"}'),
    ("package-lock.json", f'{{"token": "{K40}"}}'),
    ("site.min.js", f'var token="{K40}"'),
    ("README.md", "Use `Server=db;User Id=sa;Password=<password>;`, or postgres://user:password@localhost/db"),
    ("a.cs", 'o.UseSqlServer("Server=db;Database=shop;Integrated Security=true;");'),
    ("a.cs", 'o.UseSqlServer($"Server=db;Database=shop;User Id=sa;Password={password};");'),
    ("a.yml", "url: https://shop.lan:8443/path@2\n"),
    ("a.yml", "url: postgres://${DB_USER}:${DB_PASSWORD}@db/shop\n"),
    ("a.yml", "url: https://user:pass@example.com/\n"),
    ("tests/LoginTests.cs", 'var password = "Moor7!Heide";'),
    ("a.pem", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"),
    ("a.pem", f"-----BEGIN PUBLIC KEY-----\n{K40}{K40}{K40}\n-----END PUBLIC KEY-----"),
    ("a.cs", f'var logo = "data:image/png;base64,{K40}{K40}";'),
    ("a.cs", 'var secretSanta = "rudolph-rednose-24";'),
    ("a.cs", 'new SymmetricSecurityKey(Encoding.UTF8.GetBytes(config["Jwt:Key"]))'),
    ("a.cs", 'new SymmetricSecurityKey(Encoding.UTF8.GetBytes("your-256-bit-secret"))'),
    ("run.sh", 'curl -u "$USER:$PASSWORD" https://shop.lan'),
    ("run.sh", "curl -u <user:password> https://shop.lan"),
    ("run.sh", "curl https://shop.lan/a:b -o /tmp/file"),
    ("run.sh", f'curl -H "Authorization: Basic {b64encode(b"user:password").decode()}" https://shop.lan'),
    ("mail.py", 'server.login("clerk@shop.lan", "your-password")'),
    ("mail.py", "server.login(user, password)"),
    ("settings.py", 'SECRET_KEY = "change-me"'),
    ("settings.py", 'SECRET_KEY = "app_secret_key"'),
    ("settings.py", 'SECRET_KEY = env("SECRET_KEY")'),
    ("settings.py", 'RATES = {"change_password": "1/m/user"}'),
    ("a.json", f'{{"link": "https://shop.lan/?page={K40}"}}'),
    ("a.js", f'fetch("https://shop.lan/orders?pageKey={K40[:8]}")'),
]


@pytest.mark.parametrize(("path", "text"), SILENT)
def test_what_only_looks_like_a_credential_is_not_one(path: str, text: str) -> None:
    assert [(secret.kind, secret.context, secret.masked) for secret in found(path, text)] == []


ROWS = [(row, "".join(pieces)) for row in formats.formats() for pieces in row.yes]


def in_a_file(row: formats.Format, value: str) -> tuple[str, str]:
    return (row.files[0].replace("*", "a"), value) if row.files else ("Some.cs", f'var x = "{value}";\n')


@pytest.mark.parametrize(("row", "value"), ROWS, ids=[row.id for row, _ in ROWS])
def test_a_format_finds_its_examples(row: formats.Format, value: str) -> None:
    secrets = found(*in_a_file(row, value))
    assert [secret.kind for secret in secrets] == [row.id]
    assert secrets[0].severity == row.severity


@pytest.mark.parametrize(("row", "value"), ROWS, ids=[row.id for row, _ in ROWS])
def test_no_field_keeps_the_value(row: formats.Format, value: str) -> None:
    path, text = in_a_file(row, value)
    for secret in found(path, text):
        place = secret.place
        lines = text.split("\n")
        raw = lines[place.line - 1][place.column - 1 : place.end_column - 1]
        assert len(raw) >= 5
        assert raw not in msgspec.json.encode(secret).decode()
        assert len(secret.masked.replace("*", "")) <= 6


COUNTER = [(row, "".join(pieces)) for row in formats.formats() for pieces in row.no]


@pytest.mark.parametrize(("row", "value"), COUNTER, ids=[row.id for row, _ in COUNTER])
def test_a_format_is_silent_on_its_counter_examples(row: formats.Format, value: str) -> None:
    assert row.id not in [secret.kind for secret in found(*in_a_file(row, value))]


def test_there_are_enough_formats_and_their_names_differ() -> None:
    names = [row.id for row in formats.formats()]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", [row for row in formats.formats() if row.checksum == "crc32_base62"], ids=lambda row: row.id)
def test_a_wrong_checksum_is_no_token(row: formats.Format) -> None:
    value = "".join(row.yes[0])
    assert found("a.cs", f'var x = "{value[:-1]}{"a" if value[-1] != "a" else "b"}";') == ()


@pytest.mark.parametrize(("label", "severity"), [("RSA ", "critical"), ("", "critical"), ("ENCRYPTED ", "high")])
def test_a_private_key_is_one_finding_from_begin_to_end(label: str, severity: str) -> None:
    body = "\n".join(drawn(seed, 64) for seed in range(5, 12))
    text = f"a\n-----BEGIN {label}PRIVATE KEY-----\n{body}\n-----END {label}PRIVATE KEY-----\n"
    (secret,) = found("key.pem", text)
    assert (secret.kind, secret.severity) == ("private-key", severity)
    assert (secret.place.line, secret.place.column, secret.place.end_line) == (2, 1, 10)


def test_a_fake_key_is_silent() -> None:
    body = "\n".join(drawn(seed, 64) for seed in range(5, 12))
    assert found("a.rs", f'const FAKE: &str = "-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----";') == ()


def test_the_place_counts_code_points() -> None:
    (secret,) = found("a.cs", f'// ok\n/* 😀İ */ var apiKey = "{K32}";')
    assert (secret.place.line, secret.place.column, secret.place.end_column) == (2, 24, 56)


def test_equal_values_have_equal_fingerprints_and_others_not() -> None:
    (one,) = found("a.cs", f'var apiKey = "{K40}";')
    (two,) = found("b.json", f'{{"ClientSecret": "{K40}"}}')
    assert one.fingerprint == two.fingerprint != fingerprint(K32)
    assert hashlib.sha256(K40.encode()).hexdigest()[:32] != one.fingerprint


@pytest.mark.parametrize(
    ("value", "shown"), [("short", "****"), ("fourteen-chars", "fo****"), ("a-value-of-twenty-six-chars", "a-va****rs")]
)
def test_masks(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_a_test_lowers_certainty_and_severity_of_what_a_machine_made() -> None:
    row = next(row for row in formats.formats() if row.id == "github-ghp")
    text = f'var x = "{"".join(row.yes[0])}";'
    (here,), (there,) = found("src/a.cs", text), found("tests/a.cs", text)
    assert (here.severity, here.certainty) == ("critical", "high")
    assert (there.severity, there.certainty) == ("medium", "medium")


def test_in_tests_a_name_makes_a_secret_only_in_the_settings_of_a_service() -> None:
    assert found("tests/LoginTests.cs", f'var apiKey = "{K40}";') == ()
    assert found("tests/data/reply.json", f'{{"token": "{K40}"}}') == ()
    (secret,) = found("tests/appsettings.json", f'{{"ApiKey": "{K40}"}}')
    assert (secret.severity, secret.certainty) == ("medium", "low")


def test_a_generated_snapshot_is_left_out() -> None:
    text = f'// <auto-generated />\nvar apiKey = "{K40}";'
    assert found("Migrations/20210101_A.Designer.cs", text) == ()
    assert len(found("Migrations/20210101_A.cs", text)) == 1


def test_a_literal_counts_once_under_its_most_specific_format() -> None:
    row = next(row for row in formats.formats() if row.id == "stripe-secret-key")
    secrets = found("a.json", f'{{"ApiKey": "{"".join(row.yes[0])}"}}')
    assert [secret.kind for secret in secrets] == ["stripe-secret-key"]


@pytest.mark.parametrize("value", ["${A}", "{{ a }}", "<token>", "#{T}#", "$(Secret)", "%ENV%", "aaaaaaaaaa", "abcdefghijkl"])
def test_placeholders(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["organization-user-two-factor-2", "Microsoft.AspNetCore.Mvc2", "1.2.3-beta.20210101", "a/b/c.cs"])
def test_words_paths_and_versions_are_not_random(value: str) -> None:
    assert not is_random(value)


@given(st.text(max_size=400), st.sampled_from(["a.cs", "a.json", "a.yml", ".env", "a.xml", "a.md"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str, path: str) -> None:
    for secret in found(path, text):
        assert 1 <= secret.place.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    "piece",
    [
        "password",
        "key=",
        "token: ",
        "://",
        "a:b@",
        "-----BEGIN PRIVATE KEY-----",
        '"',
        "pass { ",
        "Password=;",
        "eyJa.",
        "AKIA",
    ],
)
@pytest.mark.parametrize("path", ["a.cs", "a.yml", "a.xml"])
def test_repeated_openings_take_no_more_than_their_share_of_time(path: str, piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        return min(_timed(path, text) for _ in range(2))

    small, large = seconds(2_000), seconds(16_000)
    assert large < 0.5 or large < small * 30


def _timed(path: str, text: str) -> float:
    start = time.process_time()
    found(path, text)
    return time.process_time() - start
