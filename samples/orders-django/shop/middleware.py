"""Who isn't logged in is sent to the login, but for the paths that the settings name."""

import re

from django.conf import settings
from django.shortcuts import redirect

OPEN = [re.compile(pattern) for pattern in (settings.LOGIN_URL, *settings.OPEN_PATHS)]


class LoginMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated and not any(pattern.match(request.path) for pattern in OPEN):
            return redirect(settings.LOGIN_URL)
        return self.get_response(request)
