"""Which names say that something sensitive is behind them?"""

import pytest

from apiposture.analysis import sensitive
from apiposture.analysis.sensitive import kinds_of
from apiposture.analysis.taxonomy import kinds

YES = [(kind.name, name) for kind in kinds() for name in kind.yes]
NO = [(kind.name, name) for kind in kinds() for name in kind.no]


@pytest.mark.parametrize(("kind", "name"), YES)
def test_a_row_s_own_examples_are_of_its_kind(kind: str, name: str) -> None:
    assert kind in kinds_of(name)


@pytest.mark.parametrize(("kind", "name"), NO)
def test_a_row_s_counter_examples_are_not_of_its_kind(kind: str, name: str) -> None:
    assert kind not in kinds_of(name)


NAMES = {
    "credential": "userPassword adminPwd db_passwd SMTP_PASS dbpasswd jwtSecret webhook_secret awsSecretAccessKey StorageAccountKey "
    "sshPassphrase TotpSecret otp OldPassword password2 PasswordConfirmation encryptionKey DB_CONNECTION_STRING licenseKey "
    "OPENAI_API_KEY Fido2Credentials smtpPassword securityAnswer currentPassword passwordForUser",
    "token": "accessToken RefreshToken id_token authToken UserSessionId bearerToken resetToken emailVerificationToken api_token",
    "auth-header": "authorizationHeader Cookie request_headers authHeader",
    "payment-card": "cardNumber CreditCardNumber cvv CVC cardSecurityCode PaymentCard cc_number",
    "bank-account": "iban bankAccountNumber RoutingNumber sortCode customerIban",
    "national-id": "ssn socialSecurityNumber passport_number DriversLicenseNumber nationalId taxId EmployeeSSN cpf",
    "health": "diagnosis PatientDiagnosis medicalRecordNumber bloodType prescriptions allergies",
    "birth-date": "dateOfBirth birth_date DOB customerDob Birthday",
    "contact": "email userEmail billing_email Phone mobileNumber homeAddress postalCode Address1 ownerEmails contactPhone emailOrPhone",
    "person-name": "firstName LAST_NAME surname customerFullName",
    "location": "latitude Longitude gpsCoordinates",
    "financial": "salary annualIncome creditScore",
    "special-category": "religion Ethnicity sexualOrientation",
    "credential-hash": "passwordHash UserPasswordHash hashedPassword passwordSalt SecurityStamp ClientSecretHash",
    "network-id": "ipAddress RemoteIp clientIp macAddress",
}
HARMLESS = """
PasswordPolicyId PasswordPolicy TokenCount CancellationToken secret_santa PasswordRequired IsEmailConfirmed PasswordMinLength TokenType
TokenExpiry SecretManagerEnabled AddressId EmailTemplateName HasMasterPassword tokenProvider passwordValidator emailSender phoneFormat
TokenLifetime AccessTokenExpiration RefreshTokenExpires PasswordChangedAt LastPasswordChangeDate ForcePasswordReset UseSecretsManager
SecretVersions passwordHasher TokenEndpoint tokenUrl EmailVerified EmailSubject EmailSent emailQueue SendEmail cardBrand CardType
creditCardId
CardLast4 KeyType KeyId PrimaryKey ForeignKeyName CacheKey routeKey lookupKey PublicKey VapidPublicKey RowKey PartitionKey Authors
AuthorizationPolicy AuthenticationScheme authority CredentialId CredentialCount SecretId SecretName ApiKeyId ApiKeyType ApiKeyHeaderName
passwordResetUrl ResetPasswordPath PasswordHistoryCount MaxTokens maxPasswordAttempts InvalidPassword tokenIndex nextToken syntaxToken
ContinuationToken stoppingToken pageToken changeToken EmailDomain PhoneNumberId IpRange MailSettings addressBook AddressType locationHeader
FileName UserName Username TypeName Description Title OrderId CustomerId Quantity Amount Status CreatedAt compass passenger bypass passive
secretary tokenizer keyboard monkey keynote Hostname cookieName CookiePolicy sessionTimeout SessionCount pinned pinCount healthCheck
HealthStatus racecar traceId gridLayout raceCondition platform longDescription encryptedPassword maskedCardNumber RedactedEmail
"""


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_names_of_sensitive_members(kind: str, name: str) -> None:
    assert kind in kinds_of(name)
    assert kind in kinds_of(name, "string")


@pytest.mark.parametrize("name", HARMLESS.split())
def test_names_that_say_something_about_it_or_nothing(name: str) -> None:
    assert kinds_of(name) == ()


@pytest.mark.parametrize("type_name", ["bool", "bool?", "int", "DateTime", "DateTime?", "CancellationToken", "PasswordPolicy"])
def test_types_that_hold_no_password(type_name: str) -> None:
    assert kinds_of("Password", type_name) == ()


@pytest.mark.parametrize(
    "type_name", ["", "string", "string?", "byte[]", "SecureString", "List<string>", "Task<string>", "str | None", "object"]
)
def test_types_that_may_hold_a_password(type_name: str) -> None:
    assert kinds_of("Password", type_name) == ("credential",)


@pytest.mark.parametrize(
    ("name", "type_name", "kind"),
    [
        ("DateOfBirth", "DateTime", "birth-date"),
        ("Cvv", "int", "payment-card"),
        ("CardNumber", "long", "payment-card"),
        ("Latitude", "double?", "location"),
        ("Salary", "decimal", "financial"),
        ("Contact", "Email", ""),
        ("Email", "Email", "contact"),
        ("Token", "TokenType", ""),
        ("Email", "TwoFactorEmailDetails", ""),
        ("PasswordExpires", "DateTime", ""),
    ],
)
def test_a_type_decides_with_the_kind(name: str, type_name: str, kind: str) -> None:
    assert kinds_of(name, type_name) == ((kind,) if kind else ())


@pytest.mark.parametrize(
    ("owner", "name", "kind"),
    [
        ("CreditCard", "Number", "payment-card"),
        ("BankAccount", "Number", "bank-account"),
        ("Passport", "Number", "national-id"),
        ("Patient", "Notes", "health"),
        ("Customer", "Name", "person-name"),
        ("Address", "City", "contact"),
        ("Order", "Number", ""),
        ("Product", "Name", ""),
        ("PasswordPolicy", "Password", ""),
        ("ErrorMessages", "Password", ""),
        ("SmtpSettings", "Password", "credential"),
    ],
)
def test_the_owner_is_context(owner: str, name: str, kind: str) -> None:
    assert kinds_of(name, "string", owner) == ((kind,) if kind else ())


def test_the_gravest_kind_comes_first() -> None:
    assert kinds_of("EmailAndPassword") == ("credential", "contact")


def test_kinds_have_weights_pages_and_severities() -> None:
    from importlib import resources

    folder = resources.files("apiposture.frameworks") / "sensitive"
    assert len(kinds()) >= 15
    assert sum(len(kind.terms) + len(kind.whole) for kind in kinds()) >= 100
    for kind in kinds():
        assert 0 < sensitive.weight_of(kind.name) <= 100
        assert sensitive.severity_of(kind.name) in ("critical", "high", "medium", "low")
        assert kind.title in (folder / f"{kind.name}.md").read_text("utf-8")
    assert sensitive.weight_of("credential") > sensitive.weight_of("credential-hash") > sensitive.weight_of("contact")
    assert sensitive.counts_alone("credential")
    assert not sensitive.counts_alone("person-name")
    assert sensitive.weight_of("nothing") == 0
