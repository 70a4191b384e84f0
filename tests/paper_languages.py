"""The paper's languages (sections 3.2 and 3.6), for tests that look at each of a few."""

PAPER_LANGUAGES = ("eng", "fra", "rus", "ita", "hun", "ukr", "kor", "tur", "fin", "hin", "swa", "urd")
