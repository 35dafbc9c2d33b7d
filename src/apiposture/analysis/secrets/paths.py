"""How is a file to be read for secrets, judged by its path: as code, settings or prose, as a test, or not at all?"""

from __future__ import annotations

import re

from msgspec import Struct


class Reading(Struct, frozen=True):
    """`mode`: code (only literals count), markup (JSON, XML), bare (settings with unquoted values), prose (examples are usual), none.

    `is_snapshot`: a migration's model snapshot by its name, which holds names of columns and no values. `is_settings`: code that is
    named as the settings of a program, and does little but assign them.
    """

    mode: str
    is_snapshot: bool = False
    is_settings: bool = False


_LOCK_FILES = frozenset(
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml composer.lock cargo.lock poetry.lock uv.lock pipfile.lock "
    "gemfile.lock packages.lock.json project.assets.json go.sum paket.lock flake.lock bun.lock bun.lockb".split()
)
_LEFT_OUT = tuple(
    ".min.js .min.css .map .svg .po .pot .resx .xlf .xliff .pub .crt .cer .asc .sum .lock "
    ".snap .woff .woff2 .ttf .ipynb .patch .diff".split()
)
_TRANSLATIONS = re.compile(r"/(?:locales?|i18n|lang|langs|translations?|localization)/.*\.(?:json|ya?ml|php|properties|xml|ts|js)$")
_MARKUP = frozenset("json jsonc xml config csproj vbproj props targets pubxml plist nuspec runsettings tf tfvars hcl".split())
_BARE = frozenset(
    "yml yaml toml ini cfg conf properties env sh bash zsh rc netrc http rest sql credentials bash_profile "
    "bashrc profile s3cfg tugboat npmrc esmtprc dockercfg".split()
)
_PROSE = frozenset("md markdown rst adoc txt html htm example sample template dist mjml hbs".split())
_PROSE_FOLDERS = re.compile(r"/(?:docs?|documentation|examples?|samples?)/|\.example\.|\.sample\.|/(?:examples?|samples?)[-_.\d][^/]*$")
_BARE_NAMES = re.compile(r"(?:^|/)(?:\.env[^/]*|config|hub|credentials|dockerfile[^/]*|docker-compose[^/]*|procfile|makefile|\.[\w-]+)$")
_SETTINGS_IN_CODE = re.compile(r"/(?:[\w.-]*config|[\w-]*settings|credentials|secrets)\.(?:php|py|rb|js|ts)$")
_BUILD = re.compile(
    r"/\.github/(?:workflows|actions)/|/\.ci/|/\.gitlab-ci[^/]*$|/azure-pipelines[^/]*$|/\.circleci/|/appveyor\.yml$|/\.travis\.yml$"
)

_FOR_ITS_MAKERS = re.compile(
    r"/[\w-]+\.(?:development|dev|local|ci)\.(?:json|ya?ml|env|toml|ini|config)$|/settings/(?:dev|development|local|ci|build)\.py$|"
    r"/\.env[.-](?:development|dev|local|ci)$"
)
_SERVICE_SETTINGS = re.compile(
    r"(?:^|/)(?:appsettings|secrets|credentials|settings|config)[^/]*\.(?:json|ya?ml|xml|config|ini|toml)$|(?:^|/)\.env[^/]*$"
)


def reading_of(path: str) -> Reading:
    """How the file at this path is read."""
    lowered = "/" + path.lower()
    name = lowered.rpartition("/")[2]
    extension = name.rpartition(".")[2] if "." in name else ""
    if name in _LOCK_FILES or name.endswith(_LEFT_OUT) or _TRANSLATIONS.search(lowered):
        return Reading("none")
    if extension in _PROSE or _PROSE_FOLDERS.search(lowered):
        return Reading("prose")
    if extension in _MARKUP:
        return Reading("markup")
    if extension in _BARE or (extension != "cs" and _BARE_NAMES.search(lowered)):
        return Reading("bare")
    is_snapshot = extension == "cs" and name.endswith((".designer.cs", "modelsnapshot.cs")) and "migrations" in lowered
    return Reading("code", is_snapshot, bool(_SETTINGS_IN_CODE.search(lowered)))


def is_build(path: str) -> bool:
    """Whether the file tells a build server what to do: the services that it starts live as long as the build."""
    return bool(_BUILD.search("/" + path.lower()))


def is_for_its_makers(path: str) -> bool:
    """Whether the file sets what the makers of an application run on their own machines."""
    return bool(_FOR_ITS_MAKERS.search("/" + path.lower()))


def is_settings_of_a_service(path: str) -> bool:
    """Whether the file is named like the settings that a service starts with."""
    return bool(_SERVICE_SETTINGS.search(path.lower()))
