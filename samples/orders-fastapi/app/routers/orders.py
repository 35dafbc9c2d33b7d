"""Orders. Each belongs to somebody; the first endpoint forgets that."""

import uuid

from fastapi import APIRouter, HTTPException
from sqlmodel import select

from app.deps import CurrentUser, SessionDep
from app.models import Order, OrderIn

router = APIRouter(prefix="/orders", tags=["orders"])


@router.get("/{id}")
def get_order(session: SessionDep, user: CurrentUser, id: uuid.UUID) -> Order:
    order = session.get(Order, id)
    if order is None:
        raise HTTPException(status_code=404)
    return order


@router.get("/")
def list_orders(session: SessionDep, user: CurrentUser, skip: int = 0, limit: int = 50) -> list[Order]:
    return session.exec(select(Order).where(Order.owner_id == user.id).offset(skip).limit(limit)).all()


@router.get("/{id}/note")
def get_note(session: SessionDep, user: CurrentUser, id: uuid.UUID) -> str | None:
    order = session.exec(select(Order).where(Order.id == id, Order.owner_id == user.id)).first()
    return order.note if order else None


@router.put("/{id}")
def update_order(session: SessionDep, user: CurrentUser, id: uuid.UUID, data: OrderIn) -> Order:
    order = session.get(Order, id)
    if order is None or order.owner_id != user.id:
        raise HTTPException(status_code=404)
    order.note = data.note
    session.add(order)
    session.commit()
    return order


@router.delete("/{id}")
def delete_order(session: SessionDep, user: CurrentUser, id: uuid.UUID) -> None:
    order = session.get(Order, id)
    if order is None:
        raise HTTPException(status_code=404)
    if not user.is_staff and order.owner_id != user.id:
        raise HTTPException(status_code=403)
    session.delete(order)
    session.commit()


@router.post("/")
def create_order(session: SessionDep, user: CurrentUser, data: OrderIn) -> Order:
    order = Order.model_validate(data, update={"owner_id": user.id})
    session.add(order)
    session.commit()
    session.refresh(order)
    return order
