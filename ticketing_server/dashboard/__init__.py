"""Widgets: what a project's dashboard shows, from this server and from plugins alike."""
