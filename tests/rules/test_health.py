"""How a company fares (rulings 6.6): the first word that fits."""

import pytest

from ticketing_server.companies.health import Facts, grounds, health

CASES = [
    # facts, the word, the rules behind it with their thresholds
    (Facts(idle_days=0), "healthy", []),
    (Facts(idle_days=29), "healthy", []),
    (Facts(idle_days=30), "inactive", [("idle_days", 30)]),
    (Facts(idle_days=None), "inactive", [("idle_days", 30)]),
    (Facts(idle_days=0, overdue=1), "attention", [("overdue", 1)]),
    (Facts(idle_days=0, overdue=3), "attention", [("overdue", 1)]),
    (Facts(idle_days=0, urgent_unassigned=1), "attention", [("urgent_unassigned", 1)]),
    (Facts(idle_days=99, overdue=1), "attention", [("overdue", 1)]),
    (
        Facts(idle_days=0, overdue=2, urgent_unassigned=1),
        "attention",
        [("overdue", 1), ("urgent_unassigned", 1)],
    ),
    (Facts(idle_days=0, overdue=4), "critical", [("overdue", 4)]),
    (Facts(idle_days=0, critical=1), "critical", [("critical", 1)]),
    (Facts(idle_days=99, critical=1, overdue=3), "critical", [("critical", 1)]),
    (
        Facts(idle_days=0, critical=2, overdue=5, urgent_unassigned=2),
        "critical",
        [("critical", 1), ("overdue", 4)],
    ),
]


@pytest.mark.parametrize(("facts", "word", "rules"), CASES)
def test_the_first_word_that_fits_and_the_rules_behind_it(facts, word, rules):
    assert health(facts) == word
    assert [(rule.fact, rule.threshold) for rule in grounds(facts)] == rules
