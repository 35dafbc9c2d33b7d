"""Products, which are everybody's to see."""

from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlmodel import select

from app.deps import SessionDep, staff
from app.models import Product

router = APIRouter(prefix="/products", tags=["products"])


@router.get("/")
def list_products(session: SessionDep) -> list[Product]:
    return session.exec(select(Product)).all()


@router.get("/search")
def search(session: SessionDep, name: str, order: str = "name"):
    if order not in ("name", "price"):
        order = "name"
    return session.execute(text(f"SELECT * FROM product WHERE name LIKE '%{name}%' ORDER BY {order}")).all()


@router.get("/{id}")
def get_product(session: SessionDep, id: int) -> Product | None:
    return session.get(Product, id)


@router.post("/", dependencies=[Depends(staff)])
def create_product(session: SessionDep, product: Product) -> Product:
    session.add(product)
    session.commit()
    return product
