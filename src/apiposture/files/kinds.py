"""Which files may hold code, settings or secrets, and which are only bulk?"""

import os

_BULK = frozenset(
    """
    .7z .a .aac .ai .apk .avi .avif .bak .bin .blob .bmp .br .bz2 .cab .cer .class .css .cur .dat .db .dcm .dll .dmg
    .doc .docx .dylib .ear .eot .eps .exe .fla .flac .flv .gif .glb .gltf .gz .h264 .hdr .heic .ico .icns .idx .ilk .img
    .iso .jar .jpeg .jpg .lcov .less .lib .lz4 .m4a .m4v .map .mdb .mdf .mid .mkv .mo .mov .mp3 .mp4 .mpeg .mpg .msi .mui
    .nupkg .o .obj .odp .ods .odt .ogg .ogv .opus .otf .pack .parquet .pbxproj .pdb .pdf .pfx .png .po .pot .ppt .pptx .psd
    .pyc .pyd .pyo .rar .resx .rtf .sass .scss .sln .slnx .snap .snk .snupkg .so .sqlite .sqlite3 .styl .svg .swf .swp .tar
    .tgz .tif .tiff .ttf .vsix .wasm .wav .webm .webmanifest .webp .whl .wma .wmv .woff .woff2 .xcf .xlf .xliff .xls .xlsx
    .xz .zip .zst
    """.split()
)
"""Suffixes that are never opened: pictures, archives, programs, style sheets, translations."""

_GENERATED_NAMES = frozenset(
    """
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml packages.lock.json project.assets.json composer.lock
    cargo.lock poetry.lock pipfile.lock uv.lock gemfile.lock go.sum bun.lock bun.lockb .ds_store thumbs.db
    """.split()
)

_GENERATED_ENDINGS = (".min.js", ".min.css", ".bundle.js", ".g.cs", ".g.i.cs", ".designer.cs", ".d.ts")
"""What a tool wrote from something else that is scanned itself. `.designer.cs` holds forms and migrations' snapshots."""

_CONTROLS = (".aspx.designer.cs", ".ascx.designer.cs", ".master.designer.cs")
"""What a tool wrote all the same, and says what the controls of a page are."""


def is_worth_reading(name: str, language: str) -> bool:
    """Is a file of this name opened? Source is, unless a tool generated it; other text is, unless it is bulk."""
    lowered = name.lower()
    if lowered.endswith(_GENERATED_ENDINGS) and not lowered.endswith(_CONTROLS):
        return False
    if language:
        return True
    return lowered not in _GENERATED_NAMES and os.path.splitext(lowered)[1] not in _BULK


_SETTINGS = frozenset(
    """
    .json .jsonc .json5 .xml .yml .yaml .config .toml .ini .properties .env .csproj .fsproj .vbproj .props .targets .cshtml
    .razor .proto .conf .cfg
    """.split()
)


def is_settings(path: str) -> bool:
    """Does an analysis read this file for more than secrets: configuration, project files, page templates?"""
    name = path.rpartition("/")[2].lower()
    return os.path.splitext(name)[1] in _SETTINGS or name.startswith((".env", "dockerfile"))
