"""Parallel sentences in the six languages of the sample, for sentence vectors: the place of FLORES devtest.

A frame is one sentence in six languages; each of its slots takes parallel values, so row i means the same
in every file.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from . import cldr, russian
from .korean import particle

LANGUAGES = ("eng", "rus", "kor", "hin", "swa", "urd")
FILES = dict(
    zip(LANGUAGES, ["eng_Latn", "rus_Cyrl", "kor_Hang", "hin_Deva", "swh_Latn", "urd_Arab"], strict=True)
)
_LOCALES = dict(zip(LANGUAGES, ["en", "ru", "ko", "hi", "sw", "ur"], strict=True))
Fields = dict[str, dict[str, str]]  # language → slot → text

_COUNTRIES = "KE IN FR IT JP PL CU UG GH CA CN VN NO SE"
_TONGUES = "ru fr it ja ar es de zh en pt"  # CLDR's Russian names of these are adjectives, as "язык" wants
_ZONES = (
    "Africa/Nairobi Asia/Karachi Africa/Kampala Europe/London "
    "Europe/Berlin Europe/Paris Asia/Tokyo Asia/Kabul"
)

# plural; Russian nominative, accusative; Korean; Hindi direct, oblique, gender; Swahili; Urdu direct,
# oblique, gender
_ANIMALS = """
lions|львы|львов|사자|शेर|शेरों|m|simba|شیر|شیروں|m
elephants|слоны|слонов|코끼리|हाथी|हाथियों|m|tembo|ہاتھی|ہاتھیوں|m
fish|рыбы|рыб|물고기|मछलियाँ|मछलियों|f|samaki|مچھلیاں|مچھلیوں|f
birds|птицы|птиц|새|पक्षी|पक्षियों|m|ndege|پرندے|پرندوں|m
bees|пчёлы|пчёл|벌|मधुमक्खियाँ|मधुमक्खियों|f|nyuki|شہد کی مکھیاں|شہد کی مکھیوں|f
monkeys|обезьяны|обезьян|원숭이|बंदर|बंदरों|m|nyani|بندر|بندروں|m
butterflies|бабочки|бабочек|나비|तितलियाँ|तितलियों|f|vipepeo|تتلیاں|تتلیوں|f
"""
# Plain columns: eng, rus, kor, hin, swa, urd
_STORIES = """
a long|длинную|긴|लंबी|ndefu|لمبی
a funny|смешную|재미있는|मज़ेदार|ya kuchekesha|مزاحیہ
a sad|грустную|슬픈|दुखद|ya kusikitisha|اداس
an old|старую|오래된|पुरानी|ya zamani|پرانی
"""
_FOOD = """
milk|нужно молоко|우유가|दूध|maziwa|دودھ
water|нужна вода|물이|पानी|maji|پانی
fruit|нужны фрукты|과일이|फल|matunda|پھل
vegetables|нужны овощи|채소가|सब्ज़ियाँ|mboga|سبزیاں
bread|нужен хлеб|빵이|रोटी|mkate|روٹی
sleep|нужен сон|잠이|नींद|usingizi|نیند
"""
_SPEAKERS = """
doctor|врач|의사는|डॉक्टर कहते|daktari|ڈاکٹر کہتے
teacher|учитель|선생님은|शिक्षक कहते|mwalimu|استاد کہتے
nurse|медсестра|간호사는|नर्स कहती|muuguzi|نرس کہتی
"""
_NUMBERS = """
five|пять|다섯|पाँच|vitano|پانچ
six|шесть|여섯|छह|sita|چھ
seven|семь|일곱|सात|saba|سات
eight|восемь|여덟|आठ|vinane|آٹھ
nine|девять|아홉|नौ|tisa|نو
ten|десять|열|दस|kumi|دس
"""
_BELONGINGS = """
key|мой ключ|열쇠를|मेरी चाबी|ufunguo wangu|میری چابی
bag|мою сумку|가방을|मेरा बैग|mfuko wangu|میرا بیگ
book|мою книгу|책을|मेरी किताब|kitabu changu|میری کتاب
hat|мою шляпу|모자를|मेरी टोपी|kofia yangu|میری ٹوپی
phone|мой телефон|전화기를|मेरा फ़ोन|simu yangu|میرا فون
bicycle|мой велосипед|자전거를|मेरी साइकिल|baiskeli yangu|میری سائیکل
umbrella|мой зонт|우산을|मेरा छाता|mwavuli wangu|میری چھتری
"""
_FRAMES = """
Our neighbor from {place} speaks {tongue}.
Наш сосед {place_from} знает {tongue} язык.
{place}에서 온 우리 이웃은 {tongue}를 할 줄 안다.
{place} से आया हमारा पड़ोसी {tongue} बोलता है।
Jirani wetu kutoka {place} anazungumza {tongue}.
{place} سے آیا ہمارا پڑوسی {tongue} بولتا ہے۔

Heavy rain is expected in {place} in {month}.
В {month_in} {place_in} ожидаются сильные дожди.
{month}에 {place}에서는 많은 비가 예상된다.
{month} में {place} में भारी बारिश की उम्मीद है।
Mvua kubwa inatarajiwa nchini {place} mwezi wa {month}.
{month} میں {place} میں بھاری بارش متوقع ہے۔

The plane will fly from {place} to {other} on {day}.
Самолёт полетит {place_from} {other_into} {day_on}.
비행기는 {day}에 {place}에서 {other_toward} 떠난다.
विमान {day} को {place} से {other} के लिए रवाना होगा।
Ndege itaondoka {place} kuelekea {other} siku ya {day}.
طیارہ {day} کو {place} سے {other} کے لیے روانہ ہوگا۔

The teacher bought {number} new books in {city}.
Учитель купил {city_in} {number} новых книг.
선생님은 {city}에서 새 책 {number} 권을 샀다.
शिक्षक ने {city} में {number} नई किताबें ख़रीदीं।
Mwalimu alinunua vitabu vipya {number} mjini {city}.
استاد نے {city} میں {number} نئی کتابیں خریدیں۔

In {city} the museum is closed on {day}, but the market is open.
{city_in_upper} {day_on} музей закрыт, но рынок открыт.
{city}에서는 {day}에 박물관은 문을 닫지만 시장은 문을 연다.
{city} में {day} को संग्रहालय बंद रहता है, लेकिन बाज़ार खुला रहता है।
Mjini {city}, makumbusho hufungwa siku ya {day}, lakini soko huwa wazi.
{city} میں {day} کو عجائب گھر بند رہتا ہے، لیکن بازار کھلا رہتا ہے۔

Nobody knows why the {animal} in {place} are disappearing.
Никто не знает, почему {place_in} исчезают {animal}.
{place}에서 {animal_subj} 왜 사라지는지 아무도 모른다.
कोई नहीं जानता कि {place} में {animal} क्यों ग़ायब हो {going} हैं।
Hakuna anayejua kwa nini {animal} wanatoweka nchini {place}.
کوئی نہیں جانتا کہ {place} میں {animal} کیوں غائب ہو {going} ہیں۔

She read {story} story about {animal} and fell asleep.
Она прочитала {story} историю про {animal_acc} и заснула.
그녀는 {animal}에 관한 {story} 이야기를 읽고 잠이 들었다.
{animal_obl} के बारे में एक {story} कहानी पढ़कर वह सो गई।
Alisoma hadithi {story} kuhusu {animal} akalala.
{animal_obl} کے بارے میں ایک {story} کہانی پڑھ کر وہ سو گئی۔

The {speaker} says that children need {food} every day.
{speaker_upper} говорит, что детям каждый день {food}.
{speaker} 아이들에게 매일 {food} 필요하다고 말한다.
{speaker} हैं कि बच्चों को हर दिन {food} चाहिए।
{speaker_upper} anasema kwamba watoto wanahitaji {food} kila siku.
{speaker} ہیں کہ بچوں کو ہر روز {food} چاہیے۔

If it rains in {city} on {day}, the train will be late.
Если {day_on} {city_in} будет дождь, поезд опоздает.
{day}에 {city}에 비가 오면 기차가 늦을 것이다.
अगर {day} को {city} में बारिश हुई, तो ट्रेन देर से आएगी।
Mvua ikinyesha mjini {city} siku ya {day}, treni itachelewa.
اگر {day} کو {city} میں بارش ہوئی تو ٹرین دیر سے آئے گی۔

The new bridge in {city} is longer than the old one.
Новый мост {city_in} длиннее старого.
{city}의 새 다리는 옛 다리보다 길다.
{city} का नया पुल पुराने पुल से लंबा है।
Daraja jipya la {city} ni refu kuliko la zamani.
{city} کا نیا پل پرانے پل سے لمبا ہے۔

Can you help me find my {belonging}?
Ты можешь помочь мне найти {belonging}?
내 {belonging} 찾는 것을 도와줄 수 있니?
क्या तुम {belonging} ढूँढने में मेरी मदद कर सकते हो?
Je, unaweza kunisaidia kutafuta {belonging}?
کیا تم {belonging} ڈھونڈنے میں میری مدد کر سکتے ہو؟

They did not go to {place} in {month}, because the tickets were too expensive.
Они не поехали {place_into} в {month_in}, потому что билеты были слишком дорогие.
표가 너무 비싸서 그들은 {month}에 {place}에 가지 않았다.
टिकट बहुत महँगे थे, इसलिए वे {month} में {place} नहीं गए।
Hawakwenda {place} mwezi wa {month} kwa sababu tiketi zilikuwa ghali sana.
ٹکٹ بہت مہنگے تھے، اس لیے وہ {month} میں {place} نہیں گئے۔
"""


def _rows(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def _plain(slot: str, table: str, rng: random.Random) -> Fields:
    row = rng.choice(_rows(table))
    return {
        lang: {slot: text, f"{slot}_upper": text[0].upper() + text[1:]}
        for lang, text in zip(LANGUAGES, row, strict=True)
    }


def _animal(rng: random.Random) -> Fields:
    eng, rus, rus_acc, kor, hin, hin_obl, hin_gender, swa, urd, urd_obl, urd_gender = rng.choice(
        _rows(_ANIMALS)
    )
    return {
        "eng": {"animal": eng},
        "rus": {"animal": rus, "animal_acc": rus_acc},
        "kor": {"animal": kor, "animal_subj": kor + particle(kor, "subj")},
        "hin": {"animal": hin, "animal_obl": hin_obl, "going": "रहे" if hin_gender == "m" else "रही"},
        "swa": {"animal": swa},
        "urd": {"animal": urd, "animal_obl": urd_obl, "going": "رہے" if urd_gender == "m" else "رہی"},
    }


def _bare(notation: str) -> str:
    """The forms alone of words in template notation."""
    return " ".join(word.split("/")[0] for word in notation.split())


def _names(rng: random.Random) -> Fields:
    """Places, months, weekdays and tongues, each with the forms its language's frames ask for."""
    place, other = rng.sample(range(len(_COUNTRIES.split())), 2)
    city, tongue = rng.randrange(len(_ZONES.split())), rng.randrange(len(_TONGUES.split()))
    month, day = rng.randrange(12), rng.randrange(7)
    fields: Fields = {}
    for lang, locale in _LOCALES.items():
        places = cldr.territories(locale, _COUNTRIES)
        fields[lang] = {
            "place": places[place],
            "other": places[other],
            "city": cldr.cities(locale, _ZONES)[city],
            "month": cldr.months(locale)[month],
            "day": cldr.weekdays(locale)[day],
            "tongue": cldr.languages(locale, _TONGUES)[tongue],
        }
    rus, kor = fields["rus"], fields["kor"]
    for slot, form in (
        ("place", "from"),
        ("place", "in"),
        ("place", "into"),
        ("other", "into"),
        ("city", "in"),
    ):
        rus[f"{slot}_{form}"] = _bare(russian.place(rus[slot])[form])
    rus["city_in_upper"] = rus["city_in"][0].upper() + rus["city_in"][1:]
    rus["month_in"] = russian.month_prepositional(rus["month"])
    rus["day_on"] = _bare(russian.weekday(rus["day"])["on"])
    kor["other_toward"] = kor["other"] + particle(kor["other"], "toward")
    return fields


def _fields(rng: random.Random) -> Fields:
    parts = [_names(rng), _animal(rng)]
    tables = {
        "story": _STORIES,
        "food": _FOOD,
        "speaker": _SPEAKERS,
        "number": _NUMBERS,
        "belonging": _BELONGINGS,
    }
    parts += [_plain(slot, table, rng) for slot, table in tables.items()]
    return {
        lang: dict(itertools.chain.from_iterable(part[lang].items() for part in parts)) for lang in LANGUAGES
    }


def _draws(frames: list[list[str]], rng: random.Random) -> Iterator[tuple[str, ...]]:
    for frame in itertools.cycle(frames):
        fields = _fields(rng)
        yield tuple(text.format(**fields[lang]) for lang, text in zip(LANGUAGES, frame, strict=True))


def sentences(count: int, rng: random.Random) -> list[tuple[str, ...]]:
    """`count` different sentences, each in the order of `LANGUAGES`."""
    frames = [block.splitlines() for block in _FRAMES.strip().split("\n\n")]
    by_first: dict[str, tuple[str, ...]] = {}
    for draw in _draws(frames, rng):
        by_first.setdefault(draw[0], draw)
        if len(by_first) == count:
            break
    return rng.sample(list(by_first.values()), count)
