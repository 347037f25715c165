"""The readers from npm, installed like the project's own tools, for these tests only."""

from __future__ import annotations

import shutil

import pytest

from trellis_assets.node_tools import NodeTool, NodeToolFailed, install_node_tools

THREE = NodeTool(
    "three.js",
    "three",
    "0.187.0",
    {
        "build/three.module.js": "104f56145899722094556490d787aae0617cc2fc3382f31df02d724ea1aee341",
        "examples/jsm/loaders/GLTFLoader.js": "532ac726e120039acbcd6cf54328c57a"
        "cbf7b438176afaa6951257126d11bff1",
    },
)
TRANSFORM = NodeTool(
    "glTF-Transform",
    "@gltf-transform/core",
    "4.5.1",
    {"dist/index.js": "f9ded8d6ff96a2ca847a85e116c02afdd4f107dcd93ef4b24b024d450d69cbc5"},
)
TRANSFORM_EXTENSIONS = NodeTool(
    "glTF-Transform extensions",
    "@gltf-transform/extensions",
    "4.5.1",
    {"dist/index.js": "fddc4c2b4ff57c11a69ef128af0f57dc14907378bcfac3c642fce3d4d0c6452c"},
)
MESHOPT = NodeTool(
    "meshoptimizer for JavaScript",
    "meshoptimizer",
    "1.3.0",
    {"meshopt_decoder.mjs": "10b313edaa0e322b0c1b46443f6c8b186b42139fe1eca189d50c09511d0ebedc"},
)
DRACO = NodeTool(
    "Draco for JavaScript",
    "draco3dgltf",
    "1.5.7",
    {"draco3dgltf.js": "e791b63d865c41b4b11ad0e37dc3114bde216188a58c394c36c9c79d397d7df8"},
)
READERS = (THREE, TRANSFORM, TRANSFORM_EXTENSIONS, MESHOPT, DRACO)
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


def install_readers() -> None:
    """Skips the test where npm cannot be reached; wrong bytes are a failure."""
    try:
        install_node_tools(READERS)
    except NodeToolFailed as error:
        if "could not install" not in error.message:
            raise
        pytest.skip(str(error))
