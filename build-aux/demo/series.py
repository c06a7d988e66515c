# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes by itself, week after week: newsletters, orders, tickets, bills, notes from machines.

letters(today) gives (sender, subject, sent, folder, flags, text, html, attachments, extra header lines) for each.
"""
import collections
import datetime

import files

Letter = collections.namedtuple("Letter", "sender subject sent folder flags text html attachments header")

BREAD = "Bread & Salt <letter@breadandsalt.example.com>"
ATLAS = "The Slow Atlas <post@slowatlas.example.org>"
BOOKS = "Kite & Key Books <orders@kiteandkey.example.com>"
RAIL = "Coastline Railways <tickets@coastline.example.com>"
LIBRARY = "Quayside Library <desk@library.example.org>"
POWER = "Millstream Power <bills@millstream.example.com>"
NOTICEBOARD = "Noticeboard Kastanienhof <board@kastanienhof.example.com>"
GRETE = "Grete Hollmann <grete.hollmann@example.net>"
CAMILLE = "Camille Aubert <camille.aubert@example.com>"
PHONE = "Fernweh Mobil <rechnung@fernweh.example.net>"
MACHINE = "Build robot <robot@tiles.example.org>"
CHOIR = "Riverside Choir <notes@riversidechoir.example.org>"
CALENDAR = "Harbour Studio Calendar <calendar@harbourstudio.example.com>"

BREADS = (
    ("The starter that would not rise", "Mine slept for nine days. Then I put it next to the radio."),
    ("Flat breads, hot stones", "Four doughs that need no oven, no tin and hardly any patience."),
    ("What the baker's cat knows", "It lies down where the temperature is right. I have measured it."),
    ("Rye, slowly", "Forty hours from flour to slice, of which you work for twenty minutes."),
    ("A letter about butter", "Cold, soft, browned, salted: when which, and why never melted."),
    ("Buns for a long train journey", "They must not crumble, not smell, and make friends."),
    ("The week of failed loaves", "Eleven of them, with photographs, and what each one taught me."),
    ("Seeds", "Toast them first. If you remember one sentence of mine, let it be this."),
    ("Bread soup, three ways", "The best reason to bake too much."),
    ("A field in July", "I went to see where the flour comes from, and came home sunburnt."),
    ("Plaits and knots", "With drawings, since words are no use at all here."),
    ("The smallest kitchen", "A baker on a river barge shows us that one shelf is enough."))

PLACES = (
    ("The village with two post offices", "One for letters that go up the valley, one for those that go down."),
    ("A bridge nobody signed", "Built in one night, says the innkeeper. Nobody saw who did it."),
    ("Islands that are there at low tide", "Bring boots and a timetable, and trust only the second."),
    ("The quiet side of the mountain", "Everyone photographs the other one. We had it to ourselves."),
    ("How to read a harbour wall", "The marks, the rings, the initials, and the one on the left."),
    ("Night train, lower berth", "A small praise of curtains, and of the tea at six."),
    ("The last ferryman but one", "He has been about to retire for thirty years."),
    ("Maps that are wrong on purpose", "And the town that was built because of one."),
    ("Walking to the next bakery", "Twenty-two kilometres, seven hills, one very good plum cake."),
    ("Where the road becomes a river", "Twice a year, and the school bus is then a boat."),
    ("A library in a lighthouse", "The books are on the stairs. You borrow by height."),
    ("Winter on the canal", "What the lock keepers do when nothing moves."))

GOODS = (
    ("A box of watercolours, 24 half pans", "38.50"), ("The Salt Road (hardback)", "24.00"), ("Brass pencil sharpener", "9.80"),
    ("Letters from a Tall House", "18.00"), ("Sketchbook, dotted, three pieces", "21.60"), ("A map of the northern lakes, 1:50,000", "12.90"),
    ("Reading lamp with clamp, green", "46.00"), ("Tea: smoked, 250 g", "14.20"), ("The Young Mapmaker's Handbook", "16.50"),
    ("Wool blanket, grey and rust", "79.00"), ("Fountain pen ink, harbour blue", "11.40"), ("Seed mixture for shady corners", "6.90"))

JOURNEYS = (
    ("Port Ellery", "Lower Quay", "07:42"), ("Lower Quay", "Port Ellery", "18:05"), ("Port Ellery", "St. Brannoc", "09:10"),
    ("St. Brannoc", "Port Ellery", "16:48"), ("Port Ellery", "Lighthouse Halt", "06:58"), ("Lighthouse Halt", "Port Ellery", "19:31"),
    ("Port Ellery", "Great Lakes Junction", "08:20"), ("Great Lakes Junction", "Port Ellery", "13:15"))

SONGS = (
    "Evening hymn, verses 1 to 3; sopranos from letter C", "Three songs about snow: the second, slowly, without the score",
    "The clockmaker's carol. Mind the rest in bar 19, it is longer than you think", "Good night, river: all of it, twice",
    "Breathing, vowels, and the difficult page of the Evening hymn", "Altos at half past six; everybody else at seven",
    "Three songs about snow: the third. Please bring pencils", "The clockmaker's carol, with the bells for the first time",
    "We sing in the hall, since the church is cold", "Run-through of the first half", "Run-through of the second half, and biscuits",
    "Sight-reading evening: something nobody has seen")

MEETINGS = (
    ("Lighthouse: look at the proofs", "The big table"), ("Monthly sums", "Leo's desk"), ("Paper samples", "The big table"),
    ("Walk to the harbour (weather permitting)", "Front door"), ("Tidying the plan chest", "Attic"), ("Priya reads the fog page aloud", "The big table"))

BOOKS_LENT = ("The Salt Road", "A History of Knots", "Birds of the Tideline", "How Clocks Think", "The Lock Keeper's Year")

PRIZES = (
    ("You have been chosen!!!", "Congratulations dear friend, your address has won a boat. Reply within 24 hours with your name."),
    ("Cheap watches, nearly real", "They look like the real ones, and twice a day they are even right."),
    ("RE: RE: your unpaid invoice", "Please open the attached file to see what you owe. (There is no attachment.)"),
    ("Make your website number one", "We have looked at your website with great interest. Which one is it?"),
    ("Last chance: solar panels", "Our records show that you have a roof."),
    ("Your parcel could not be delivered", "Please confirm your street by pressing the link that we forgot to add."))

GARDEN = (  # January to December
    "Jetzt die Obstbäume schneiden, aber nur bei Frost unter fünf Grad und nie mit kalten Fingern.",
    "Die Meisen suchen Wohnungen. Bitte alle Kästen bis Sonntag reinigen.", "Erbsen legen, Leimringe abnehmen, auf den ersten Huflattich achten.",
    "Kartoffeln vorkeimen: Eierkartons habe ich genug, sie stehen im Vereinshaus.", "Die Eisheiligen kommen noch. Traut dem schönen Wetter nicht!",
    "Rhabarber nur bis Johanni ernten. Danach hat er Ferien.", "Stachelbeeren sind reif. Wer zu viele hat, bringt sie zu mir, ich koche ein.",
    "Gießen am Morgen, nie am Abend. Die Schnecken danken es euch sonst.", "Bohnen pflücken, bevor sie Fäden ziehen. Und den Phlox stützen.",
    "Samen sammeln, Tüten beschriften. „Irgendwas Gelbes“ ist keine Beschriftung.", "Die Äpfel an der Hecke gehören allen. Bitte trotzdem nicht schütteln.",
    "Werkzeug putzen und ölen. Dann Tee.")

CARDS = (
    "Le vieux pont est rouvert. On y marche à nouveau le soir, sans but.", "Il neige sur les quais et la ville ne fait plus aucun bruit.",
    "J'ai retrouvé ta gomme dans la boîte de fusains. Elle attend ici.", "Le marchand de couleurs prend sa retraite. J'ai acheté tout son bleu.",
    "Trente-huit degrés. Nous dessinons dans la cave, comme des champignons.", "Les platanes sont taillés : on voit enfin le fleuve de ma fenêtre.")

NOTICES = (
    ("Lost: a grey glove", "Left hand, knitted, last seen on the stairs between the second and the third floor."),
    ("Found: a grey glove", "Left hand. It hangs on the railing and looks rather proud."), ("Piano tuner on Monday", "From ten to eleven there will be one note, many times."),
    ("Plums!", "There is a basket by the letter boxes. Please take some. Please."), ("The lift is well again", "It had a coin in its shoe."),
    ("Courtyard supper", "Long table, Saturday, from six. Bring a chair and something round."), ("Water off on Wednesday", "From nine until noon, says the plumber. Fill a kettle."),
    ("Swifts", "They are back under the roof. Kindly leave the attic window open."), ("Cellar clearing", "Whoever owns the tuba: it is beautiful, and it is in the way."),
    ("New neighbours on the first floor", "Two people, one cello, and a very small dog called Admiral."))

# A game of 1851, played again by post: the Immortal Game.
MOVES = (
    "e4 e5 f4 exf4 Bc4 Qh4+ Kf1 b5 Bxb5 Nf6 Nf3 Qh6 d3 Nh5 Nh4 Qg5 Nf5 c6 g4 Nf6 Rg1 cxb5 h4 Qg6 h5 Qg5 Qf3 Ng8 Bxf4 Qf6 Nc3 Bc5 "
    "Nd5 Qxb2 Bd6 Bxg1 e5 Qxa1+ Ke2 Na6 Nxg7+ Kd8 Qf6+ Nxf6 Be7#").split()

REMARKS = {
    0: "White for you, black for me was the agreement, but you were late with your stamp. So I begin.", 3: "Thank you for the pawn.",
    5: "Check. Already. I am as surprised as you are.", 10: "The dog has walked over the board. I think that this is how it stood.",
    15: "I have no plan. Do not tell anybody.", 21: "And your bishop, with thanks.", 26: "My queen has not slept for days.",
    33: "A pawn, and behind it a rook. You are very generous this week.", 34: "Take whatever you like.", 37: "The other rook as well?! Are you all right?",
    38: "Never better.", 41: "I begin to see it. It is too late to begin.", 42: "Check, and goodbye to my queen.", 44: "Mate! I shall have it framed."}

MONTHS = "January February March April May June July August September October November December".split()
MONATE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()


def letters(today):
    """Everything of the last year, oldest first; `today` is an aware datetime."""
    found = []
    for make in (newsletters, orders, journeys, bills, machines, choir, meetings, library, notices, cards, junk):
        found += make(today)
    return sorted(found, key=lambda letter: letter.sent)


def at(today, days, hour, minute=0):
    return (today - datetime.timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def filed(days):
    """Older mail was tidied away; what came in the last days is still unread here and there."""
    return "Archive" if days > 150 else "INBOX"


def read(days):
    return "" if days < 4 else "S"


def newsletters(today):
    found = []
    for number, (title, teaser) in enumerate(BREADS):
        days = 10 + 29 * number
        found.append(Letter(
            BREAD, f"{title}", at(today, days, 6, 30), filed(days), read(days - (8 if number == 0 else 0)),
            f"BREAD & SALT\nLetter {60 - number}\n\n{title}\n\n{teaser}\n\nRead on: https://breadandsalt.example.com/{60 - number}\n\n"
            "You get this letter because you asked for it. Leave: https://breadandsalt.example.com/leave\n",
            magazine("Bread &amp; Salt", f"Letter {60 - number}", title, teaser, "#8a4b16", "#fbf3e6",
                     f"https://breadandsalt.example.com/{60 - number}", BREADS[number - 3:number - 1] or BREADS[2:4]),
            (), leave("https://breadandsalt.example.com/leave", "Bread and Salt <letter.breadandsalt.example.com>")))
    for number, (title, teaser) in enumerate(PLACES):
        days = 3 + 30 * number
        found.append(Letter(
            ATLAS, f"The Slow Atlas: {title}", at(today, days, 17, 5), filed(days), read(days) + ("F" if number == 2 else ""),
            f"THE SLOW ATLAS\n\n{title}\n{teaser}\n\nhttps://slowatlas.example.org/{number}\n",
            magazine("The Slow Atlas", "One place a month", title, teaser, "#1c4f5e", "#eaf3f2",
                     f"https://slowatlas.example.org/{number}", PLACES[number - 4:number - 2] or PLACES[5:7],
                     f'<img src="https://slowatlas.example.org/picture/{number}.jpg" width="560" height="240" alt="{title}">'),
            (), leave("https://slowatlas.example.org/leave", "The Slow Atlas <post.slowatlas.example.org>")))
    return found


def leave(address, name):
    return (f"List-Id: {name}", f"List-Unsubscribe: <{address}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click")


def magazine(name, issue, title, teaser, dark, light, link, more, picture=""):
    others = "".join(f'<td width="50%" style="padding:12px;vertical-align:top"><h3 style="margin:0 0 6px;color:{dark}">{head}</h3>'
                     f'<p style="margin:0">{text}</p></td>' for head, text in more)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>\n<body style="margin:0;background:{light}">\n'
        f'<table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" '
        f'style="background:#ffffff;font-family:Georgia,serif;color:#222222">\n'
        f'<tr><td style="background:{dark};color:#ffffff;padding:24px 20px"><span style="font-size:26px">{name}</span><br>'
        f'<span style="font-size:13px">{issue}</span></td></tr>\n'
        f'<tr><td style="padding:20px">{picture}<h1 style="font-size:24px;margin:16px 0 8px">{title}</h1>\n'
        f'<p style="font-size:16px;line-height:1.5">{teaser}</p>\n'
        f'<p><a href="{link}" style="background:{dark};color:#ffffff;padding:10px 18px;text-decoration:none;border-radius:4px">Read on</a></p></td></tr>\n'
        f'<tr><td style="padding:0 8px"><table role="presentation" width="100%"><tr>{others}</tr></table></td></tr>\n'
        f'<tr><td style="padding:20px;font-size:12px;color:#666666">You get this letter because you asked for it. '
        f'<a href="{link}/leave" style="color:#666666">Leave</a></td></tr>\n</table>\n</body></html>\n')


def orders(today):
    found = []
    for number, (goods, price) in enumerate(GOODS):
        days, order = 6 + 27 * number, 48210 - 137 * number
        text = f"Thank you for your order!\n\nOrder {order}\n  1 x {goods}   {price}\n\nWe pack it today.\nKite & Key Books\n"
        html = (f'<html><body style="font-family:sans-serif"><h2>Thank you for your order!</h2><p>Order <b>{order}</b></p>'
                f'<table border="1" cellpadding="8" style="border-collapse:collapse"><tr><th align="left">Article</th><th>Price</th></tr>'
                f'<tr><td>{goods}</td><td align="right">{price}</td></tr></table><p>We pack it today.</p></body></html>\n')
        found.append(Letter(BOOKS, f"Your order {order}", at(today, days, 20, 14), filed(days), read(days), text, html, (), ()))
        found.append(Letter(
            BOOKS, f"Order {order} is on its way", at(today, days - 2, 8, 50), filed(days), read(days - 2),
            f"Good news: {goods} left our shop this morning and should be with you in two days.\n\nKite & Key Books\n", None, (), ()))
    return found


def journeys(today):
    found = []
    for number, (start, end, time) in enumerate(JOURNEYS):
        days = 19 + 38 * number
        ride = at(today, days - 6, 0)
        ticket = files.document("Coastline Railways", f"Ticket {90210 + number}", f"From   {start}", f"To     {end}",
                                f"Date   {ride:%d %B %Y}, {time}", "Seat   Coach 3, window, facing forward")
        found.append(Letter(
            RAIL, f"Your ticket: {start} to {end}", at(today, days, 21, 33), "Travel", "S",
            f"Have a good journey!\n\n{start} - {end}\n{ride:%A, %d %B}, {time}, coach 3.\n\nYour ticket is attached.\n", None,
            ((f"ticket-{90210 + number}.pdf", "application/pdf", ticket),), ()))
    return found


def bills(today):
    found = []
    for number in range(10):
        days = 11 + 31 * number
        month = at(today, days, 0).month - 2                    # -1 is December, too
        use = 118 + (number * 37) % 60
        sheet = files.document("Millstream Power", f"Bill for {MONTHS[month]}", f"Used            {use} kWh", f"To pay          {use * 0.29:.2f}",
                               "From            the river, as always")
        found.append(Letter(POWER, f"Your bill for {MONTHS[month]}", at(today, days, 4, 10), filed(days), read(days),
                            f"You used {use} kWh in {MONTHS[month]}. The bill is attached; we take {use * 0.29:.2f} from your account.\n", None,
                            ((f"bill-{MONTHS[month].lower()}.pdf", "application/pdf", sheet),), ()))
        found.append(Letter(PHONE, f"Ihre Rechnung für {MONATE[month]}", at(today, days - 3, 9, 0), filed(days), read(days - 3),
                            f"Guten Tag,\n\nIhre Rechnung für {MONATE[month]} beträgt 14,99 €. Sie müssen nichts weiter tun.\n\nFernweh Mobil\n",
                            None, (), ()))
    return found


def machines(today):
    found = []
    for number in range(24):
        days, build = 1 + 6 * number, 2419 - number
        failed = number in (3, 11, 12)
        text = (f"Build {build} of tiles {'FAILED' if failed else 'passed'}.\n\n  branch   main\n  tests    {814 - number}\n"
                f"  failed   {2 if failed else 0}\n  time     {211 + number * 7 % 60} s\n")
        if failed:
            text += "\n  labels/right-to-left-is-not-cut        FAILED\n  labels/mixed-directions                FAILED\n"
        found.append(Letter(MACHINE, f"[tiles] Build {build} {'failed' if failed else 'passed'}", at(today, days, 3, 2), "Lists/Tiles",
                            read(days), text, None, (), ("List-Id: Tiles builds <builds.tiles.example.org>", "Auto-Submitted: auto-generated")))
    return found


def choir(today):
    return [Letter(CHOIR, f"Rehearsal on {at(today, 7 * number + 1, 0):%d %B}", at(today, 7 * number + 4, 19, 40), filed(7 * number),
                   read(7 * number + 1), f"Dear singers,\n\nthis week:\n\n  {song}.\n\nSee you at seven!\n", None, (), ())
            for number, song in enumerate(SONGS)]


def meetings(today):
    found = []
    for number, (title, place) in enumerate(MEETINGS):
        days = 2 + 25 * number
        begin = at(today, days - 5, 9 + number)
        text = files.event(title, place, begin, 1, "calendar@harbourstudio.example.com", "robin@example.org", f"studio-{number}@harbourstudio.example.com")
        found.append(Letter(CALENDAR, f"Invitation: {title}", at(today, days, 14, 20), "INBOX", read(days),
                            f"{title}\n{begin:%A, %d %B, %H:%M}\n{place}\n", None, (("invite.ics", "text/calendar", text.encode()),), ()))
    return found


def library(today):
    found = []
    for number, title in enumerate(BOOKS_LENT):
        days = 8 + 50 * number
        found.append(Letter(LIBRARY, "A book is due on Saturday", at(today, days, 10, 0), filed(days), "S",
                            f"Dear reader,\n\n\"{title}\" is due on Saturday. You can keep it for two more weeks by answering this message with a single\n"
                            "word. We like \"please\".\n\nQuayside Library\n", None, (), ()))
    return found


def notices(today):
    found = [Letter(NOTICEBOARD, title, at(today, 5 + 33 * number, 17, 25), filed(33 * number), read(5 + 33 * number), text + "\n", None, (),
                    ("List-Id: Noticeboard <board.kastanienhof.example.com>",)) for number, (title, text) in enumerate(NOTICES)]
    for number in range(len(GARDEN)):
        days = 13 + 30 * number
        month = at(today, days, 0).month - 1
        text = GARDEN[month]
        found.append(Letter(GRETE, f"Gartenkalender: {MONATE[month]}", at(today, days, 6, 50), "Garden", read(days),
                            f"Liebe Gartenfreunde,\n\n{text}\n\nEure Grete\n", None, (), ()))
    return found


def cards(today):
    return [Letter(CAMILLE, "Carte postale", at(today, 22 + 57 * number, 12, 30), filed(57 * number), "S" + ("F" if number == 1 else ""),
                   f"{text}\n\nCamille\n", None, ((f"carte-{6 - number}.png", "image/png", files.landscape(f"carte{number}")),), ())
            for number, text in enumerate(CARDS)]


def chess():
    """A long conversation, in the form of threads.txt."""
    text = "=== Chess by post, third game\nfolder: INBOX\nago: 150\n"
    for number, move in enumerate(MOVES):
        sender = ("tomasz", "robin")[number % 2]
        mark = " star" if number == len(MOVES) - 1 else ""
        text += f"--- {sender} +{number * 3} {7 + number % 13:02d}:{number * 7 % 60:02d}{mark} alone\n"
        text += f"{number // 2 + 1}. {'' if number % 2 == 0 else '... '}{move}\n\n{REMARKS.get(number, '')}\n"
    return text


def junk(today):
    return [Letter(f"Lucky Office <office{number}@prizes.example.net>", title, at(today, 1 + 5 * number, 2, 22), "Junk", "",
                   text + "\n", None, (), ("X-Spam-Flag: YES",))
            for number, (title, text) in enumerate(PRIZES)]
