# SPDX-License-Identifier: MIT
"""Install into an empty tree, move that tree, and build a program against it by pkg-config and by CMake; build the same program
with the source tree as a meson subproject. The programs run."""
import json
import os
import shutil
import sys
from pathlib import Path

from embed import BUILD, CC, GSL_LIBRARY, SOURCE, WARNINGS, run, scratch

PROGRAM = SOURCE / "tests/embed/program.c"
CMAKE = """cmake_minimum_required(VERSION 3.13)
project(host C)
find_package(kedge 0.1 REQUIRED {components})
foreach(library {libraries})
  add_executable(host-${{library}} program.c)
  target_link_libraries(host-${{library}} kedge::${{library}})
endforeach()
"""
SUBPROJECT = """project('host', 'c')
kedge_dep = dependency('kedge', fallback: ['kedge', 'kedge_dep'])
executable('host', 'program.c', dependencies: kedge_dep)
"""


def install(directory):
    """The root of an installed tree that has been moved since."""
    run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", directory / "first"])
    roots = [path.parent.parent for path in (directory / "first").rglob("include/kedge.h")]
    if len(roots) != 1:
        sys.exit("the installed tree has no include/kedge.h")
    shutil.move(roots[0], directory / "moved")
    return directory / "moved"


def only(paths, what):
    paths = list(paths)
    if len(paths) != 1:
        sys.exit(f"{what}: found {paths}")
    return paths[0]


def by_pkg_config(root, directory):
    if not shutil.which("pkg-config"):
        return "pkg-config is not here"
    pc = only(root.rglob("kedge.pc"), "kedge.pc")
    environment = dict(os.environ, PKG_CONFIG_PATH=str(pc.parent), LD_LIBRARY_PATH=str(pc.parent.parent))
    flags = run(["pkg-config", "--cflags", "--libs", "kedge"], env=environment).split()
    if ("-DKEDGE_SHARED" in flags) != bool(list(root.rglob("libkedge.so*"))):
        sys.exit(f"pkg-config: KEDGE_SHARED and the installed libraries do not match: {flags}")
    if "-lm" not in run(["pkg-config", "--static", "--libs", "kedge"], env=environment).split():
        sys.exit("pkg-config --static does not name -lm")
    run([*CC, *WARNINGS, PROGRAM, *flags, "-lm", "-o", directory / "by-pkg-config"])
    run([directory / "by-pkg-config"], env=environment)
    archive = list(root.rglob("libkedge.a"))
    if archive:
        run([*CC, *WARNINGS, "-I", root / "include", PROGRAM, archive[0], "-lm", "-o", directory / "static"])
        run([directory / "static"])
    return "pkg-config"


def by_cmake(root, directory):
    if not shutil.which("cmake"):
        return "cmake is not here"
    libraries = ["kedge"] + (["kedge-static"] if list(root.rglob("libkedge.a")) else []) + (["gsl"] if GSL_LIBRARY else [])
    source, build = directory / "cmake", directory / "cmake-build"
    source.mkdir()
    shutil.copy(PROGRAM, source)
    components = "COMPONENTS gsl" if GSL_LIBRARY else ""
    (source / "CMakeLists.txt").write_text(CMAKE.format(libraries=" ".join(libraries), components=components), encoding="utf-8")
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    run(["cmake", *generator, "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={root}", "-DCMAKE_BUILD_TYPE=Release"])
    run(["cmake", "--build", build])
    for library in libraries:
        run([build / f"host-{library}"])
    return "CMake (" + ", ".join("kedge::" + library for library in libraries) + ")"


def by_subproject(directory):
    host = directory / "host"
    (host / "subprojects").mkdir(parents=True)
    shutil.copy(PROGRAM, host)
    (host / "meson.build").write_text(SUBPROJECT, encoding="utf-8")
    ignore = shutil.ignore_patterns(".git", ".mesonpy-*", "build*", ".venv", "__pycache__", "data", "corpus")
    shutil.copytree(SOURCE, host / "subprojects/kedge", ignore=ignore, symlinks=True)
    run(["meson", "setup", directory / "host-build", host, "--wrap-mode", "nodownload", "-Dkedge:werror=true"])
    run(["meson", "compile", "-C", directory / "host-build"])
    run([directory / "host-build/host"])
    tests = json.loads(run(["meson", "introspect", directory / "host-build", "--tests"]))
    if tests:
        sys.exit(f"as a subproject kedge brought its tests along: {[test['name'] for test in tests]}")
    return "meson subproject"


def main():
    with scratch() as name:
        directory = Path(name)
        root = install(directory)
        done = [by_pkg_config(root, directory), by_cmake(root, directory), by_subproject(directory)]
    print("built and ran by " + ", ".join(done))


main()
