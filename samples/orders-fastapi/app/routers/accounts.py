"""Logging in."""

import logging

import jwt
from fastapi import APIRouter, HTTPException
from sqlmodel import select

from app.deps import CurrentUser, SessionDep
from app.models import Credentials, User
from app.settings import settings

router = APIRouter(tags=["accounts"])
logger = logging.getLogger(__name__)


@router.post("/login")
def login(session: SessionDep, credentials: Credentials) -> dict[str, str]:
    user = session.exec(select(User).where(User.email == credentials.email)).first()
    if user is None or not verify(credentials.password, user.hashed_password):
        logger.warning("failed login: %s", credentials)
        raise HTTPException(status_code=401)
    logger.info("login of %s", user.id)
    return {"token": jwt.encode({"sub": str(user.id)}, settings.SIGNING_KEY, algorithm="HS256")}


@router.get("/me")
def me(user: CurrentUser) -> dict[str, str]:
    return {"email": user.email}


def verify(password: str, hashed: str) -> bool:
    raise NotImplementedError
