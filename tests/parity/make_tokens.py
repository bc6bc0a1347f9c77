#!/usr/bin/env python3
"""Writes tokens.json and the small SigLIP and SigLIP 2 tokenizers of the fixtures.

    venv/bin/pip install transformers tokenizers sentencepiece protobuf     # beside what make_goldens.py needs
    venv/bin/python tests/parity/make_tokens.py

The real tokenizers of SigLIP (4.2 MB) and SigLIP 2 (34 MB) are too large to keep, so small ones of the same construction
are trained here: a Unigram model with T5's normalisation, and Gemma's byte-pair model with byte fallback. tokens.json
holds 200 prompts and what HuggingFace's own classes make of each: CLIPTokenizerFast, SiglipTokenizer (which runs the
SentencePiece library, not tokenizer.json) and Siglip2Tokenizer. Padding at the end is left out.
"""
import itertools
import json
import pathlib
import re
import string
import tempfile

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import CLIPTokenizerFast, SiglipTokenizer
from transformers.convert_slow_tokenizer import GemmaConverter, GemmaSentencePieceExtractor, SpmConverter
from transformers.models.siglip2.tokenization_siglip2 import Siglip2Tokenizer

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"

SCRIPTS = {
    "Latin": ["a photo of a dog", "Two cats asleep on a café sofa, 2024!", "ein Sonnenuntergang über Bergen",
              "une église sous la neige", "İstanbul'da bir köprü", "Vịnh Hạ Long lúc bình minh", "smørrebrød på et bord",
              "STRASSE in GROẞSTADT"],
    "Cyrillic": ["фотография собаки на пляже", "Красная площадь НОЧЬЮ", "кіт на підвіконні", "планина през зимата",
                 "дети играют в снежки", "старый ТРАМВАЙ"],
    "Greek": ["μια γάτα στον ήλιο", "ΟΔΟΣ ΣΤΗΝ ΑΘΗΝΑ", "θάλασσα και βάρκες", "ένα λευκό σπίτι"],
    "Arabic": ["صورة كلب على الشاطئ", "غروب الشمس فوق الجبال", "قطة نائمة على الأريكة", "مدينة قديمة في الليل", "بچه‌ها در برف"],
    "Hebrew": ["תמונה של כלב", "שקיעה מעל הים", "חתול ישן על ספה", "ירושלים בלילה"],
    "Devanagari": ["समुद्र तट पर एक कुत्ता", "पहाड़ों पर सूर्यास्त", "एक पुराना मंदिर", "बारिश में बच्चे"],
    "Bengali": ["সমুদ্র সৈকতে একটি কুকুর", "নদীতে নৌকা", "একটি লাল ফুল"],
    "Tamil": ["கடற்கரையில் ஒரு நாய்", "மலைகளில் சூரிய மறைவு", "ஒரு பழைய கோயில்"],
    "Thai": ["ภาพถ่ายของสุนัข", "พระอาทิตย์ตกเหนือภูเขา", "ตลาดน้ำตอนเช้า"],
    "Han": ["一只狗在海滩上的照片", "山上的日落", "老城區的夜市", "雪中的寺庙"],
    "Kana": ["浜辺の犬の写真", "ネコがソファで寝ている", "桜の木の下のピクニック", "ｶﾀｶﾅ 半角"],
    "Hangul": ["해변의 개 사진", "산 위의 일몰", "눈 덮인 한옥 마을"],
    "Georgian": ["ძაღლის ფოტო სანაპიროზე", "მთები ზამთარში"],
    "Armenian": ["շան լուսանկար ծովափին", "Արարատ լեռը"],
    "Ethiopic": ["የውሻ ፎቶ", "አሮጌ ቤተ ክርስቲያን"],
}
EMOJI = ["🐶", "a dog 🐶 on the beach 🏖️", "👨‍👩‍👧‍👦 family", "🇫🇷 Paris 🇯🇵 Tokyo", "👍🏽 thumbs up", "❤️ love", "1️⃣ first",
         "🏳️‍🌈 flag", "smile :-) 😀😀😀", "🧑🏿‍🚀", "☕coffee☕", "cat🐱dog🐶"]
SPACES = ["  a  dog  ", "a\tdog", "a\ndog\r\ncat", "a\u00a0dog", "a\u2003wide\u3000space", "thin\u2009space", "   ", "\t\n", " ",
          "zero\u200bwidth", "word\u2060joiner", "\ufeffmark first", "soft\u00adhyphen", "line\u2028separator",
          "paragraph\u2029separator", "next\u0085line", "ogham\u1680space", "narrow\u202fspace", "▁ lower ▁ bar ▁"]
CONTROLS = ["a\u0000dog", "bell\u0007here", "esc\u001b[31mred", "unit\u001fseparator", "group\u001dseparator",
            "delete\u007fme", "vertical\u000btab", "form\u000cfeed", "\u0001\u0002\u0003", "rtl\u202emark\u202c",
            "lost\ufffdcharacter", "private\ue000use", "c1\u0090control"]
MARKS = ["", "a", "A", "I", ".", "!?", "...", "don't stop", "it's O'Neill's", "they'll we've I'm you'd",
         "rock'n'roll", "“curly” ‘quotes’", "em—dash – en", "a/b\\c|d", "100% of $3.50 & €2", "@home #tag", "e-mail: a@b.c",
         "(round) [square] {curly}", "<b>bold</b>", "x² + y³ ≈ ½", "no. 1234567890", "3.14159", "2024-05-01T12:30",
         "ﬁne ﬂow", "ＦＵＬＬＷＩＤＴＨ ｔｅｘｔ！", "naïve", "nai\u0308ve", "e\u0301cole", "Å Å", "Ǆ ǅ ǆ", "ŒUVRE Ærø",
         "İI ıi", "ΣΊΣΥΦΟΣ", "ß ẞ SS", "ⅣⅤ ①②", "℃ № ™", "ｶﾞ", "한글", "\u1112\u1161\u11ab", "ก็", "नि क्ष त्र",
         "a" * 80, "ab" * 200, "!" * 90, "🐶" * 70, "snow " * 100, "雪" * 150, "mixed Кот 猫 קת كلب 🐈 cat",
         "CamelCaseWordsHere", "under_scored_words", "UPPER lower MiXeD", "tabs\tand  spaces\n", "\"quoted\"", "`code`",
         "~tilde~ ^caret^", "a,b,c;d:e", "trailing ", " leading", "a  b   c    d", "12 345 678", "0x1F", "1,000,000.00",
         "photo of {}", "the  end."]


def prompts():
    by_script = list(itertools.chain.from_iterable(SCRIPTS.values()))
    found = by_script + EMOJI + SPACES + CONTROLS + MARKS
    longer = (f"{one}, {two} 及び {three} {index}" for index, (one, two, three) in
              enumerate(zip(by_script, by_script[7:], by_script[19:])))
    found += itertools.islice(longer, 200 - len(found))
    assert len(found) == len(set(found)) == 200, len(found)
    return found


def train(folder, name, corpus, **settings):
    source = folder / f"{name}.txt"
    source.write_text("\n".join(corpus), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(source), model_prefix=str(folder / name), hard_vocab_limit=False, num_threads=1,
        minloglevel=2, **settings)
    return folder / f"{name}.model"


def corpus(lower):
    """Plain words only, so that odd characters of the prompts are unknown to the tokenizer too."""
    lines = [line for lines in SCRIPTS.values() for line in lines] + [mark for mark in MARKS[10:] if len(mark) < 60]
    lines = [re.sub(r"[\s\x00-\x1f]+", " ", line) for line in lines if "🐶" not in line and "ß" not in line]
    return [line.lower() if lower else line for line in lines] * 3


class SiglipConverter(SpmConverter):
    """As the published tokenizer.json of SigLIP were made: the reference's canonical spelling as normalisers."""

    def normalizer(self, proto):
        punctuation = Regex("[" + re.escape(string.punctuation) + "]")
        spelling = [normalizers.Lowercase(), normalizers.Replace(punctuation, ""),
                    normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
        return normalizers.Sequence(spelling + [super().normalizer(proto)])

    def post_processor(self):
        return processors.TemplateProcessing(single=["$A", "</s>"], pair=["$A", "</s>", "$B", "</s>"],
                                             special_tokens=[("</s>", 1)])


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(path.name, path.stat().st_size, "bytes")


def siglip(folder):
    model = train(folder, "siglip", corpus(True), model_type="unigram", vocab_size=1200, character_coverage=0.98,
                  pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    slow = SiglipTokenizer(str(model))
    fast = SiglipConverter(slow).converted()
    fast.add_special_tokens([AddedToken(token, lstrip=True, rstrip=True, special=True) for token in ("</s>", "<unk>")])
    write(FIXTURES / "siglip-tokenizer" / "tokenizer.json", json.loads(fast.to_str()))
    write(FIXTURES / "siglip-tokenizer" / "tokenizer_config.json", {
        "do_lower_case": True, "eos_token": "</s>", "model_input_names": ["input_ids"], "model_max_length": 64,
        "pad_token": "</s>", "tokenizer_class": "SiglipTokenizer", "unk_token": "<unk>"})
    return lambda text: slow(text, padding="max_length", truncation=True, max_length=64)["input_ids"]


class Extractor(GemmaSentencePieceExtractor):
    """The one in transformers 5.23 forgets to open the model."""

    def __init__(self, model):
        super().__init__(model)
        self.sp = sentencepiece.SentencePieceProcessor(model_file=model)


class Converter(GemmaConverter):
    SpmExtractor = Extractor


class Names:
    """What GemmaConverter asks a tokenizer for."""

    pad_token, eos_token, bos_token = "<pad>", "<eos>", "<bos>"

    def __init__(self, vocab_file):
        self.vocab_file = str(vocab_file)
        self.add_prefix_space = False


def siglip2(folder):
    model = train(folder, "gemma", corpus(False), model_type="bpe", vocab_size=1800, character_coverage=0.98,
                  byte_fallback=True, split_digits=True, allow_whitespace_only_pieces=True, add_dummy_prefix=False,
                  remove_extra_whitespaces=False, normalization_rule_name="identity", pad_id=0, eos_id=1, bos_id=2,
                  unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>",
                  user_defined_symbols=["<mask>", "<start_of_turn>", "<end_of_turn>", "\n", "\n\n", "▁▁", "▁▁▁", "\t"])
    fast = Converter(Names(model)).converted()
    fast.add_special_tokens([AddedToken(token, special=True) for token in ("<pad>", "<eos>", "<bos>", "<unk>", "<mask>")])
    fast.post_processor = processors.TemplateProcessing(single="$A:0 <eos>:0", pair="$A:0 <eos>:0 $B:1 <eos>:1",
                                                        special_tokens=[("<eos>", 1)])
    place = FIXTURES / "siglip2-tokenizer"
    write(place / "tokenizer.json", json.loads(fast.to_str()))
    write(place / "tokenizer_config.json", {
        "add_bos_token": False, "add_eos_token": True, "bos_token": "<bos>", "eos_token": "<eos>", "mask_token": "<mask>",
        "model_max_length": 64, "pad_token": "<pad>", "padding_side": "right", "tokenizer_class": "GemmaTokenizer",
        "unk_token": "<unk>"})
    tokenizer = Siglip2Tokenizer.from_pretrained(place)
    return lambda text: tokenizer(text, padding="max_length", truncation=True, max_length=64)["input_ids"]


def main():
    texts = prompts()
    clip = CLIPTokenizerFast.from_pretrained(FIXTURES / "clip-tokenizer")
    tokenizers = {"clip": lambda text: clip(text, truncation=True, max_length=77)["input_ids"]}
    with tempfile.TemporaryDirectory() as folder:
        tokenizers["siglip"] = siglip(pathlib.Path(folder))
        tokenizers["siglip2"] = siglip2(pathlib.Path(folder))
        content = {"prompts": texts}
        for name, encode in tokenizers.items():
            content[name] = [unpadded(encode(text), {"clip": None, "siglip": 1, "siglip2": 0}[name]) for text in texts]
    write(HERE / "tokens.json", content)


def unpadded(ids, pad):
    """SigLIP pads with its end token, so one of them always stays."""
    while len(ids) > 1 and ids[-1] == pad and (pad == 0 or ids[-2] == pad):
        ids = ids[:-1]
    return list(ids)


if __name__ == "__main__":
    main()
