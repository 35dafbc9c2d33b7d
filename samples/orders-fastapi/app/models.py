"""What is stored: people, their orders, and products that are everybody's."""

import uuid

from sqlmodel import Field, Relationship, SQLModel


class User(SQLModel, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    email: str = Field(unique=True)
    hashed_password: str
    is_staff: bool = False
    orders: list["Order"] = Relationship(back_populates="owner")


class OrderBase(SQLModel):
    note: str | None = None
    total: float = 0


class OrderIn(OrderBase):
    pass


class Order(OrderBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    owner_id: uuid.UUID = Field(foreign_key="user.id")
    owner: User | None = Relationship(back_populates="orders")


class Product(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    price: float


class Credentials(SQLModel):
    email: str
    password: str
