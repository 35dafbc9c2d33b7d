"""What operators use."""

import subprocess
from pathlib import Path

from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, JsonResponse

REPORTS = Path("/var/reports")


def health(request):
    return JsonResponse({"status": "ok"})


@permission_required("orders.view_reports", raise_exception=True)
def report(request, name):
    path = (REPORTS / name).resolve()
    if not path.is_relative_to(REPORTS):
        raise Http404
    return FileResponse(path.open("rb"))


@permission_required("orders.view_reports", raise_exception=True)
def export(request):
    since = request.GET.get("since", "")
    done = subprocess.run(f"export-orders --since {since}", shell=True, capture_output=True, text=True)
    return JsonResponse({"log": done.stdout})
