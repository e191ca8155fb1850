# SPDX-License-Identifier: MIT
"""Finds the shared libraries: with the package, where KEDGE_LIBRARY says, or in the build folder of an editable install.

They are loaded so that every call keeps the interpreter lock: calls are short, and two threads can never be in one object at a
time."""
from __future__ import annotations

import ctypes
import os
import pathlib
import sys
from collections.abc import Iterator
from typing import Any, Optional

_here = pathlib.Path(__file__).resolve().parent
_suffixes = {"darwin": [".dylib"], "win32": [".dll"]}.get(sys.platform, [".so", ".so.0"])


def _places() -> Iterator[pathlib.Path]:
    """Paths at which the core may be."""
    for folder in (_here, _here.parent / ".kedge.mesonpy.libs"):
        for suffix in _suffixes:
            yield folder / f"libkedge{suffix}"
    told = os.environ.get("KEDGE_LIBRARY")
    if told:
        yield pathlib.Path(told)
    for suffix in _suffixes:
        yield from sorted(_here.parent.glob(f"build/*/libkedge{suffix}"))


def _load_core() -> tuple[ctypes.PyDLL, pathlib.Path]:
    for path in _places():
        if path.is_file():
            return ctypes.PyDLL(str(path)), path
    raise ImportError("kedge: the shared library is not with the package; install the package, or set KEDGE_LIBRARY to libkedge.so")


def _load_gsl(core_path: pathlib.Path) -> Optional[ctypes.PyDLL]:
    """kedge-gsl of the same build, or None. From elsewhere it would bring a second core into the process."""
    name = core_path.name.replace("libkedge", "libkedge-gsl")
    for folder in (core_path.parent, core_path.parent / "gsl"):
        if (folder / name).is_file():
            try:
                return ctypes.PyDLL(str(folder / name))
            except OSError:  # GSL itself is not on this machine
                return None
    return None


core, path = _load_core()
gsl = _load_gsl(path)


def require(library: Optional[ctypes.PyDLL]) -> ctypes.PyDLL:
    """The library, or a clear error if this build is without it."""
    if library is None:
        raise RuntimeError("this build of kedge is without GSL: install the GSL headers and build the package again")
    return library


def address_of(library: Optional[ctypes.PyDLL], symbol: str) -> int:
    """Address of a class object such as kedge_adwin."""
    return ctypes.addressof(ctypes.c_char.in_dll(require(library), symbol))


def function(library: ctypes.PyDLL, name: str, result: Any, *arguments: Any) -> Any:
    """A C function with its types; result kedge_status is a plain int."""
    f = getattr(library, name)
    f.restype = result
    f.argtypes = list(arguments)
    return f
