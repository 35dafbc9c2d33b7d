"""How the service is set up."""

import os


class Settings:
    API_PREFIX: str = "/api"
    DATABASE_URL: str = os.environ.get("DATABASE_URL", "sqlite:///orders.db")
    SIGNING_KEY: str = os.environ["SIGNING_KEY"]


settings = Settings()
