"""What operators use."""

import subprocess
from pathlib import Path

import httpx
from fastapi import APIRouter, HTTPException

router = APIRouter(tags=["operations"])
REPORTS = Path("/var/reports")


@router.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/admin/ping")
def ping(host: str) -> str:
    return subprocess.run(f"ping -c 1 {host}", shell=True, capture_output=True, text=True).stdout


@router.get("/admin/reports/{name}")
def report(name: str) -> str:
    path = (REPORTS / name).resolve()
    if not path.is_relative_to(REPORTS):
        raise HTTPException(status_code=404)
    return path.read_text()


@router.get("/admin/webhook")
def webhook(url: str) -> int:
    return httpx.get(url).status_code
