# SPDX-License-Identifier: MIT
"""Finds the shared libraries: beside the package, where KEDGE_LIBRARY says, or in a build folder of a checkout (editable installs).

They are loaded so that every call keeps the interpreter lock: calls are short, and two threads can never be in one object at a time."""
import ctypes
import os
import pathlib
import sys

_here = pathlib.Path(__file__).resolve().parent
_suffixes = {"darwin": [".dylib"], "win32": [".dll"]}.get(sys.platform, [".so", ".so.0"])


def _candidates(name):
    for folder in (_here, _here.parent / ".kedge.mesonpy.libs"):
        for suffix in _suffixes:
            yield folder / f"lib{name}{suffix}"
    told = os.environ.get("KEDGE_LIBRARY")
    if told:
        path = pathlib.Path(told)
        yield path if name == "kedge" else path.with_name(path.name.replace("libkedge", f"lib{name}"))
    for suffix in _suffixes:
        yield from sorted(_here.parent.glob(f"build/*/lib{name}{suffix}"))


def load(name):
    """The library, or None if it is nowhere."""
    for path in _candidates(name):
        if path.exists():
            return ctypes.PyDLL(str(path))
    return None


core = load("kedge")
if core is None:
    raise ImportError("kedge: the shared library is not beside the package; install the package, or set KEDGE_LIBRARY to libkedge.so")
gsl = load("kedge-gsl")


def address_of(library, symbol):
    """Address of a class object such as kedge_adwin."""
    return ctypes.addressof(ctypes.c_char.in_dll(library, symbol))


def function(library, name, result, *arguments):
    """A C function with its types; result kedge_status is a plain int."""
    f = getattr(library, name)
    f.restype = result
    f.argtypes = list(arguments)
    return f
