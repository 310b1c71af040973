"""The written part of the demonstration season: tasks with rubrics, and student work with its known quality."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

FOLDER = Path(__file__).with_name("season")


@dataclass(frozen=True)
class Work:
    """One piece of student work and what its writer meant it to be worth."""

    key: str
    text: str
    is_scan: bool
    quality: dict  # by trait, on the trait's own scale
    expert: dict  # by trait, the score point an expert would give
    condition_code: str | None
    commentary: dict  # by trait, why
    comments: dict  # by trait, (what falls short, what goes beyond)

    def standing(self, points):
        """Its general quality from 0 to 1."""
        return mean((self.quality[trait] - low) / (high - low) for trait, (low, *_, high) in points.items())


@dataclass(frozen=True)
class TaskContent:
    """One task, its rubric, and the work done on it."""

    task: dict
    rubric: dict
    works: list

    @property
    def points(self):
        """Score points by trait."""
        return {
            trait["key"]: [point["value"] for point in trait["points"]] for trait in self.rubric["traits"]
        }


def tasks():
    """Return the three tasks, each with all the work written for it."""
    return [_task(path) for path in sorted(FOLDER.glob("*.json")) if not path.stem.endswith("-more")]


def _task(path):
    content = json.loads(path.read_text())
    more = path.with_name(path.stem + "-more.json")
    responses = content["responses"] + (json.loads(more.read_text())["responses"] if more.exists() else [])
    task = dict(content["task"])
    rubric = task.pop("rubric")
    rubric["condition_codes"] = [
        {"code": code["code"], "name": code["label"], "description": code.get("description", "")}
        for code in rubric["condition_codes"]
    ]
    return TaskContent(task, rubric, [_work(entry) for entry in responses])


def _work(entry):
    comments = {
        trait: (words.get("below", ""), words.get("above", ""))
        for trait, words in entry.get("comments", {}).items()
    }
    return Work(
        key=entry["key"],
        text=entry["text"],
        is_scan=entry["form"] == "scan",
        quality=entry["true"],
        expert=entry["expert"],
        condition_code=entry["condition_code"],
        commentary=entry.get("commentary", {}),
        comments=comments,
    )
