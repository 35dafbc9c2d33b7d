"""The service."""

from fastapi import FastAPI

from app.routers import accounts, operations, orders, products
from app.settings import settings

app = FastAPI(title="Orders")
for module in (accounts, orders, products):
    app.include_router(module.router, prefix=settings.API_PREFIX)
app.include_router(operations.router)
