# SPDX-License-Identifier: GPL-3.0-or-later
"""What mailgen.py writes with: people, languages, their charsets and words, a picture, HTML."""
import collections
import html as markup

Person = collections.namedtuple("Person", "name address")

PEOPLE = tuple(Person(name, f"{local}@example{number % 7}.org") for number, (name, local) in enumerate((
    ("Anna Schmidt", "anna.schmidt"), ("Jürgen Müller", "j.mueller"), ("Søren Kierkegård", "soren"), ("José García", "jgarcia"),
    ("Łukasz Żółć", "lzolc"), ("Иван Петров", "ipetrov"), ("Ольга Смирнова", "osmirnova"), ("山田 太郎", "t.yamada"),
    ("佐藤 花子", "h.sato"), ("王伟", "wwang"), ("김민준", "mjkim"), ("أحمد حسن", "ahmed"), ("Mary O'Brien", "mary.obrien"),
    ("John Smith", "john+lists"), ("Priya Raghunathan", "priya_r"), ("Zoë de Vries", "zoe"), ("François Lefèvre", "flefevre"),
    ("Nguyễn Ngọc", "ngoc"), ("Ada Lovelace", "ada"), ('Kim "Q" Doe, Jr.', "kim"))))

LANGUAGES = ("en",) * 66 + ("de",) * 8 + ("fr",) * 6 + ("ru",) * 6 + ("ja",) * 6 + ("zh",) * 4 + ("ko",) * 2 + ("ar",) * 2

CHARSETS = {
    "en": ("us-ascii", "utf-8", "utf-8", "iso-8859-1", "windows-1252"),
    "de": ("iso-8859-1", "utf-8", "windows-1252", "iso-8859-15"),
    "fr": ("iso-8859-15", "utf-8", "windows-1252"),
    "ru": ("windows-1251", "koi8-r", "utf-8", "iso-8859-5"),
    "ja": ("iso-2022-jp", "shift_jis", "euc-jp", "utf-8"),
    "zh": ("gb18030", "gb2312", "big5", "utf-8"),
    "ko": ("euc-kr", "utf-8", "iso-2022-kr"),
    "ar": ("windows-1256", "utf-8"),
}

COMMON = (
    "the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you "
    "were their one all we can her has there been if more when will would who so no she other its may these what them than "
    "some him time into only do such my new about out also two any up first could our then most see me should after said "
    "your very between made many over did down work people how year use review patch release meeting budget invoice project "
    "server team update account schedule thanks regards please attached report draft customer order shipping delivery "
    "flight hotel contract deadline question answer problem build test branch commit merge kernel driver memory thread "
    "queue index search mail folder message client protocol session network storage backup version feature request").split()

SYLLABLES = (
    "ba be bi bo bu ca ce ci co cu da de di do du fa fe fi fo ga ge gi go la le li lo lu ma me mi mo mu na ne ni no nu pa pe "
    "pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo").split()

WORDS = {
    "de": "Sitzung Bericht Vertrag Größe Änderung Prüfung Anfrage Antwort Grüße Lieferung Rechnung Übersicht Straße Ordner",
    "fr": "réunion rapport contrat projet serveur mise à jour réponse merci commande livraison délai équipe dossier été façon",
    "ru": "встреча отчёт договор счёт проект сервер обновление вопрос ответ спасибо письмо клиент заказ доставка срок поиск",
    "ja": "会議 資料 確認 お願い 予定 変更 送付 添付 見積 請求書 納品 報告 連絡 東京 大阪 開発 設計 試験 更新 本日 明日 件名 返信",
    "zh": "会议 资料 确认 合同 项目 服务器 更新 问题 回答 谢谢 订单 发货 日期 版本 搜索 邮件 文件夹 消息 报告 客户 北京 上海",
    "ko": "회의 자료 확인 계약 프로젝트 서버 업데이트 질문 답변 감사합니다 주문 배송 일정 버전 검색 메일 폴더 메시지 보고서",
    "ar": "اجتماع تقرير عقد مشروع خادم تحديث سؤال جواب شكرا طلب تسليم موعد إصدار ذاكرة بحث بريد مجلد رسالة",
}

PICTURE = b"""iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVQoz2P8z0A0YCJeKcOohlEN
+DQAjlYCHwGqwwsAAAAASUVORK5CYII=
"""


def vocabulary(dice):
    """30,000 words, the common ones first, so that a text index grows as with real mail."""
    found = dict.fromkeys(COMMON)
    while len(found) < 30000:
        found["".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))) + dice.choice(("", "", "n", "r", "s", "t"))] = None
    return list(found)


def sentences(language, dice, count):
    chosen = WORDS[language].split()
    gap, end = ("", "。") if language in ("ja", "zh") else (" ", ".")
    return [gap.join(dice.choices(chosen, k=dice.randint(4, 14))) + end for _ in range(count)]


def wrapped(chosen, language):
    width = 40 if language in ("ja", "zh") else 76
    lines, line = [], ""
    for word in " ".join(chosen).split(" "):
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def html(text, dice, number):
    pieces = ["<!DOCTYPE html><html><head><style>body{font-family:sans-serif;color:#222}table{border-collapse:collapse}</style>"
              "</head><body>"]
    if dice.random() < 0.3:
        pieces.append(f'<img src="http://track.example.net/p.gif?id={number}" width="1" height="1" alt="">')
    if dice.random() < 0.05:
        pieces.append("<script>document.location='http://evil.example/'</script>")
    pieces.append('<table width="600" cellpadding="0"><tr><td>')
    pieces += [f'<p style="margin:0 0 1em 0">{markup.escape(paragraph)}</p>' for paragraph in text.split("\n\n")]
    pieces.append(f'<img src="cid:logo{number}@example.org" alt="logo"></td></tr></table>')
    pieces.append(f'<a href="https://shop.example.com/c?u={dice.randrange(10 ** 9)}">View online</a></body></html>')
    return "\n".join(pieces) + "\n"
