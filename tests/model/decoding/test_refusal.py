"""Whether to answer at all is decided by the chance of the whole abstention, before the first word."""

import pytest
import torch

from model.decoding.next_token import Chooser
from model.decoding.refusal import Refusal
from model.sampling import Sampling


def test_the_decision_to_answer_is_taken_before_the_choice_of_words() -> None:
    """Chances .4 of refusing, .35 and .25 of two answers: together they are likelier, though neither is alone."""
    logits = torch.tensor([[0.4, 0.35, 0.25], [0.6, 0.3, 0.1]]).log()
    assert Chooser(Sampling(), [0, 1]).choose(logits, [0, 1]) == [0, 0]
    for above, expected in ((0.5, [1, 0]), (0.7, [1, 1]), (0.3, [0, 0])):
        left = Refusal([0], above).steer(logits, [0, 1], [(), ()])
        assert Chooser(Sampling(), [0, 1]).choose(left, [0, 1]) == expected
    refused, answered = Refusal([0], 0.5).steer(logits, [0, 1], [(), ()]).softmax(dim=-1).flip(0).tolist()
    assert refused == [1, 0, 0]
    assert answered == pytest.approx([0, 0.35 / 0.6, 0.25 / 0.6]), "what is left keeps its proportions"


def test_a_rare_refusal_is_said_where_it_is_likelier_than_asked() -> None:
    logits = torch.tensor([[0.2, 0.5, 0.3]]).log()
    assert Chooser(Sampling(temperature=1.0), [0]).choose(Refusal([0], 0.1).steer(logits, [0], [()]), [0]) == [0]


def test_an_abstention_of_two_tokens_leaves_other_words_with_the_same_beginning() -> None:
    """Tokens: 0 "un", 1 "known", 2 "til", 3 end. The first row refuses, the second begins "until"."""
    refusal = Refusal([0, 1], 0.5, chances=[0.9, 0.2])
    logits = torch.tensor([[0.5, 0.1, 0.1, 0.3], [0.6, 0.1, 0.1, 0.2]]).log()
    first = refusal.steer(logits, [0, 1], [[], []]).softmax(dim=-1)
    assert first[0].tolist() == [1, 0, 0, 0]
    torch.testing.assert_close(first[1], logits[1].softmax(dim=-1))
    second = refusal.steer(logits, [0, 1], [[0], [0]]).softmax(dim=-1)
    assert second[0].tolist() == [0, 1, 0, 0]
    assert second[1, 1] == 0, "the row that answers never says the whole word"
    assert second[1, 2] > 0
    other = refusal.steer(logits[1:], [1], [[0], [3]])
    assert torch.equal(other, logits[1:]), "a row that began otherwise is left alone"
    assert torch.equal(refusal.steer(logits, [0, 1], [[0, 1], [0, 2]]), logits), "from there on nothing is different"


def test_the_first_token_alone_says_nothing_of_a_word_of_two() -> None:
    with pytest.raises(ValueError, match="several tokens"):
        Refusal([0, 1], 0.5)
