"""Our rules over Epitran's: the cases of the issue, one of each kind of rule, and `none` as before."""

import pytest

from isogloss.g2p.engine import epitran_data, rule_data, rules
from isogloss.g2p.engine.converter import load
from isogloss.g2p.engine.options import Options

STANDARD = Options("standard")
NONE = Options("none")

RIGHT = {
    "eng": "we're wiɹ|we'll wil|he'll hil|she'll ʃil|I'll ajl|I'd ajd|"
    "does dʌz|was wʌz|don't downt|dog's dɔɡz|isn't ɪzənt",
    "fra": "les le|des de|est ɛ|"
    "dans dɑ̃|avec avɛk|femme fam|blanc blɑ̃|actrice aktʀis|C'est sɛ|j'ai ʒe|l'eau lo|"
    "nation nasjɔ̃|parlent paʀl|souvent suvɑ̃|premier pʀəmje|développement devlɔpmɑ̃|fille fij|gare ɡaʀ|où u|"
    "longueur lɔ̃ɡœʀ|chœur kœʀ|examen ɛɡzamɛ̃|heureux œʀø",
    "ita": "nazione nat͡sːjone|senza sɛnt͡sa|gli ʎi|sci ʃi|c'è t͡ʃɛ|figlio fiʎːo|"
    "questo kwesto|scuola skwɔla|pesce peʃːe",
    "urd": "اور ɔːr|میں mɛ̃ː|ایک eːk|وہ ʋoː|پر pər|کیا kjɑː|یہ jeː|لوگ loːɡ",
    "hin": "दोस्त doːst|नमस्ते nəməsteː|नहीं nəɦĩː|में mẽː|ज्ञान ɡjaːn",
    "rus": "что ʂto|В v|его jevo|её jejo|делается dʲelajet͡sa",
    "kor": "값어치 kapʌt͡ɕʰi|꽃잎 k͈onnip",
    "ukr": "п'ять pjɑtʲ|моя mɔjɑ|знання znɑnʲːɑ",
    "deu": "gut ɡuːt|Entwicklung ɛntvɪklʊŋ|durch dʊɐ̯ç|sechs zɛks|Straße ʃtʀaːsə|Bücher byːçɐ|möglich møːklɪç|"
    "Mädchen mɛːtçən|gegangen ɡəɡaŋən|verstehen fɛɐ̯ʃteːən|Abend aːbənt|lebst leːpst|Nation nat͡sjoːn|"
    "singen zɪŋən|unschlüssig ʊnʃlʏsɪç|abstellen apʃtɛlən|Sonne zɔnə|Häuschen hɔɪ̯sçən|beten beːtən|"
    "betonen bətoːnən",
    "spa": "yo ʝo|muy muj|hay aj|día dia|ciudad sjudad|guerra ɡera|pingüino pinɡwino|hielo ʝelo|rey rej|"
    "aún aun|desherbar deseɾbaɾ|truhán tɾwan|escena esena|xilófono silofono",
    "pol": "książka kɕɔ̃ʂka|się ɕɛ|są sɔ̃|święty ɕfjɛntɨ|także taɡʐɛ|prośba prɔʑba|nauka nauka|auto awtɔ|"
    "trzy tʂɨ|marznąć marznɔɲt͡ɕ|chleb xlɛp|odznaka ɔdznaka|ręka rɛŋka",
    "vie": "chua cuə|qua kwa|khoe xwɛ|tranh cajŋ|không xəwŋ|quốc kwok",
    "swe": "och ɔk|station staɧuːn|inte ɪntɛ|kyrka ɕʏrka|göra jøːra|skina ɧiːna|barn bɑːɳ|frihet friːheːt|"
    "språk sproːk|berg bɛrj|lång lɔŋ|stjärna ɧɛːɳa|djup jʉːp|regn rɛŋn|flicka flɪka|sanning sanɪŋ",
    "hun": "egyik eɟːik|ezt ɛst|tartja tɒrcɒ|azonban ɒzombɒn",
    "tur": "diğer dijeɾ",
    "swa": "ngozi ŋɡozi",
    "ces": "přestávka pr̝estaːfka|slovo slovo|kdo ɡdo|město mɲesto|"
    "vlk vl̩k|svatba svadba|tisíc cɪsiːt͡s|banka baŋka",
    "nld": "water ʋaːtər|zingen zɪŋən|huis ɦœy̯s|politie poːlitsi|lachen lɑxən|schoolvriend sxoːlvrint",
    "por": "casa kazɐ|nação nɐsɐ̃w̃|cidade sidadɨ|mãe mɐ̃j̃|bem bɐ̃j̃|falam falɐ̃w̃|exame izamɨ|disponho diʃpoɲu|"
    "somos somuʃ|problemático pɾublɨmatiku",
    "ind": "pendek pendek|besar bəsar|pulau pulaw|sebab səbap|anak anak",
    "cym": "flodau vlɔdaɨ̯|ffordd fɔrð|dyn dɨːn|mynydd mənɨð|y ə|yr ər|siop ʃɔp|Cymru kəmrɨ",
    "ara": "مدرسة mdrsa",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "word", "ipa"),
    [(code, *entry.split(" ")) for code, entries in RIGHT.items() for entry in entries.split("|")],
)
def test_word(language: str, word: str, ipa: str) -> None:
    assert load(language, STANDARD).ipa_of(word) == ipa


@pytest.mark.parametrize(("language", "word", "ipa"), [("fra", "les", "ləs"), ("ita", "nazione", "nasione")])
def test_none_stays_epitran_wrong_words_included(language: str, word: str, ipa: str) -> None:
    assert load(language, NONE).ipa_of(word) == ipa
    assert load(language, Options("standard", layers=("epitran",))).ipa_of(word) == ipa


MENDED = sorted(code for code in epitran_data.codes() if rule_data.is_mended(code))


@pytest.mark.parametrize("code", MENDED)
def test_every_file_of_ours_can_be_read(code: str) -> None:
    data = rule_data.mended(code)
    assert rules.read(data.pre) is not None
    assert rules.read(data.post) is not None
    assert all(word == word.lower() for word in rule_data.words(code))


def test_who_gave_a_word_is_told_and_by_which_rule() -> None:
    converter = load("fra", STANDARD)
    (step,) = converter.explain("femme")
    assert (step.layer, step.by) == ("mended", "femme → fam")
    assert any("é -> E" in step.by for step in converter.explain("été"))
    assert converter.layer_of("femme") == "mended"
    assert load("fra", NONE).layer_of("femme") == "epitran"
    assert load("fin", STANDARD).layer_of("talo") == "epitran"


@pytest.mark.parametrize(
    ("word", "ipa"), [("animal", "ænɪməl"), ("united", "junajtɪd"), ("received", "ɹɪsivd"), ("sofa", "sowfə")]
)
def test_reduced_vowels_of_english(word: str, ipa: str) -> None:
    assert load("eng", STANDARD).ipa_of(word) == ipa
