"""Sentences are put behind sentences, never into headings, tables or code, and spread over the text."""

import random

from evaluation.canary.placing import Gap, gaps, spread, with_sentences, word_count

TEXT = """# Opening hours. Always.

The shop opens at nine. It closes
at six every day.

| day | hours. |
| --- | --- |
| Monday is a long day. | nine |

```
print("This is code. It is not prose.")
```

- Bring your own bag please.
- No dogs

Signed: the manager"""


def test_places_are_ends_of_prose_and_the_end_of_all() -> None:
    found = gaps(TEXT, "en")
    behind = [TEXT[: gap.at].splitlines()[-1] for gap in found]
    assert behind == ["The shop opens at nine.", "at six every day.", "- Bring your own bag please.",
                      "Signed: the manager"]  # fmt: skip
    assert [gap.words for gap in found] == sorted(gap.words for gap in found)
    assert found[-1].words == word_count(TEXT)


def test_what_was_there_stays_word_for_word() -> None:
    first, *_, last = gaps(TEXT, "en")
    made = with_sentences(TEXT, [(last, "New at the end."), (first, "New one.")], "en")
    assert "The shop opens at nine. New one. It closes\nat six" in made
    assert made.endswith("Signed: the manager\n\nNew at the end.")
    assert made.replace(" New one.", "").replace("\n\nNew at the end.", "") == TEXT
    japanese = "店は九時に開く。六時に閉まる。"
    first = gaps(japanese, "ja")[0]
    assert with_sentences(japanese, [(first, "新しい。")], "ja") == "店は九時に開く。新しい。六時に閉まる。"


def test_five_of_them_stand_early_late_and_between() -> None:
    places = [Gap(number, number) for number in range(0, 1001, 5)]
    for seed in range(20):
        words = [gap.words for gap in spread(places, 5, random.Random(seed))]
        assert words == sorted({*words})
        assert words[0] <= 60 <= words[1] + 5 <= 125
        assert 120 <= words[2] + 5 <= 205
        assert 200 <= words[3] + 5 <= 905
        assert words[4] >= 895
    assert len({tuple(gap.words for gap in spread(places, 5, random.Random(seed))) for seed in range(20)}) == 20
    assert spread(places[:3], 5, random.Random(0)) == places[:3]
    assert len(spread(places, 12, random.Random(0))) == 12


def test_words_of_scripts_without_spaces() -> None:
    assert word_count("two words") == 2
    assert word_count("店は九時に開く") == 3
