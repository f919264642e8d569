"""The constitution form (体质): questions, which of them count for which type, and advice for each type."""

from dataclasses import dataclass

from tcm.knowledge.tables import rows

BALANCED = "平和质"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form; `sex` F or M where only they are asked, empty otherwise."""

    number: int
    text: str
    sex: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Item:
    """A question that counts for a type; a reversed one counts the other way round (5 becomes 1)."""

    question: int
    reversed: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person of the type may do, by kind: 情志调摄, 饮食调养, 起居调摄, 运动保健, 穴位保健."""

    kind: str
    advice: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Constitution:
    """One of the nine types with its questions and advice."""

    name: str
    features: str
    items: tuple[Item, ...]
    advice: tuple[Advice, ...]
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class ConstitutionForm:
    """The whole form, types and questions in the order of the standard."""

    questions: tuple[Question, ...]
    constitutions: tuple[Constitution, ...]

    def asked_of(self, sex: str) -> tuple[Question, ...]:
        """The questions that a person is asked.

        Args:
            sex: F or M.
        """
        return tuple(question for question in self.questions if question.sex in ("", sex))


def read_constitution_form() -> ConstitutionForm:
    """Read the tables of the form."""
    items: dict[str, list[Item]] = {}
    for row in rows("constitution_items"):
        items.setdefault(row["constitution"], []).append(Item(int(row["question"]), row["reversed"] == "1"))
    advice: dict[str, list[Advice]] = {}
    for row in rows("constitution_advice"):
        said = Advice(row["kind"], row["advice"], row["source"], row["edition"])
        advice.setdefault(row["constitution"], []).append(said)
    return ConstitutionForm(
        questions=tuple(
            Question(int(row["number"]), row["text"], row["sex"], row["source"], row["edition"])
            for row in rows("constitution_questions")
        ),
        constitutions=tuple(
            Constitution(
                name=row["name"],
                features=row["features"],
                items=tuple(items[row["name"]]),
                advice=tuple(advice[row["name"]]),
                source=row["source"],
                edition=row["edition"],
            )
            for row in rows("constitutions")
        ),
    )
