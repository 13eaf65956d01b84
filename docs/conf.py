"""How Sphinx builds the site. The source folder is the project, so that notebooks and links stay where they are."""

import json
import tomllib
from pathlib import Path

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project, version = _PROJECT["name"], _PROJECT["version"]
author = _PROJECT["authors"][0]["name"]
copyright = f"{author}. Code: BSD-3-Clause; data, figures and texts: CC BY 4.0"
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "notebooks/*.ipynb"]
exclude_patterns = [".venv", "docs/_build", "**/.ipynb_checkpoints"]

nb_execution_mode = "off"  # what is shown is what is committed and tested
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_title = "policylab"
html_favicon = "_static/tiles.svg"
html_show_sourcelink = False
html_math_renderer = "mathml"
html_context = {"default_mode": "auto"}
html_sidebars = {"docs/*": []}
html_theme_options = {
    "header_links_before_dropdown": 7,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


def describe_figures(app: Sphinx, name: str, source: list[str]) -> None:
    """Give every figure of a notebook its caption as the text alternative."""
    if app.env.doc2path(name, base=False).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                caption = " ".join("".join(data["text/plain"]).split())
                cell["metadata"].setdefault("mystnb", {})["image"] = {"alt": caption}
    source[0] = json.dumps(notebook)


def inline_math(writer, node) -> None:
    """Write a formula as MathML, which browsers draw without a script from elsewhere."""
    writer.body.append(tex2mathml(node.astext()))
    raise SkipNode


def displayed_math(writer, node) -> None:
    """Write a displayed formula as MathML."""
    writer.body.append(f"<p>{tex2mathml(node.astext(), as_block=True)}</p>")
    raise SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the text alternatives and the formulas."""
    app.connect("source-read", describe_figures)
    app.add_html_math_renderer("mathml", inline_renderers=(inline_math, None), block_renderers=(displayed_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
