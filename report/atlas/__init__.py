"""The page of an atlas: heat map, plane, G2P's quality, of every input."""

from report.atlas.page import atlas_files, atlas_lines, render_atlas

__all__ = ["atlas_files", "atlas_lines", "render_atlas"]
