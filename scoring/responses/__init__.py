"""Intake of student work: files and text come in, pseudonyms and page images come out."""
