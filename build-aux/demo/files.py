# SPDX-License-Identifier: GPL-3.0-or-later
"""Attachments of the demo mailbox, made from nothing: small PDF documents, pictures, tables and invitations."""
import math
import random
import struct
import zlib

SHEETS = {
    "guests.csv": "Name,Comes,Brings\nMara,yes,bed sheet and list\nJonas,yes,Grandma\nRobin,yes,lemon cake without nuts\n"
                  "Inês,yes,potato salad\nUncle Peter,yes,\nThe Sørensens (4),perhaps,\n",
    "printing.csv": "Printer,Paper,Copies,Price,Days\nQuayside Press,matt 120 g,8000,3140.00,9\n"
                    "Two Herons,washable 140 g,8000,3890.00,12\nPaper Mill Lane,recycled 110 g,8000,2970.00,15\n",
    "helferliste.csv": "Uhrzeit;Stand;Name\n10–12;Presse;Grete\n12–14;Presse;Familie Yıldız\n14–16;Kuchen;\n16–18;Aufräumen;\n",
}

PAGES = {
    "brief.pdf": ("Lighthouse Trust", "Notes for the brochure", "Twenty-four pages, 148 by 210 mm.", "For a child of nine and for a captain.",
                  "It must be readable when wet.", "", "First pages by the end of the month."),
    "pages.pdf": ("Lighthouse brochure", "Pages 1 to 6", "1  The tower from the sea", "2  The keeper's door", "3  Ninety-eight steps",
                  "4  The lamp room (flap)", "5  What the light says", "6  Who lives here besides"),
    "rezerwacja.pdf": ("Domek Pod Brzozami", "Potwierdzenie rezerwacji", "2 - 16 sierpnia", "6 osób, 1 lódka", "Zaliczka: zaplacona"),
    "abrechnung.pdf": ("Hausverwaltung Kastanienhof", "Nebenkosten", "Heizung           412,10", "Wasser            168,44",
                       "Treppenhaus       96,00", "Vorauszahlung    -740,74", "Guthaben           64,20"),
    "programme.pdf": ("Riverside Choir", "Winter concert", "Evening hymn", "Three songs about snow", "Interval: tea and ginger biscuits",
                      "The clockmaker's carol", "Good night, river"),
}


def make(name):
    """The content type and the bytes of an attachment, by its name."""
    kind = name.rpartition(".")[2]
    if kind == "csv":
        return "text/csv", SHEETS[name].encode()
    if kind == "png":
        return "image/png", landscape(name)
    if kind == "pdf":
        return "application/pdf", document(*PAGES.get(name) or invoice(name))
    raise ValueError(f"no idea how to make {name}")


def invoice(name):
    number = "".join(filter(str.isdigit, name)) or "1"
    hours = 8 + int(number) % 17
    return ("Harbour Studio", f"Invoice {number}", f"{hours} hours of drawing    {hours * 62}.00", f"Materials               {hours * 3}.50",
            f"Total                 {hours * 65}.50", "", "Payable within thirty days. Thank you.")


def document(title, subtitle, *lines):
    """One page of text as PDF 1.4."""
    def shown(text):
        return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252", "replace")

    text = b"BT /F1 22 Tf 60 760 Td (%s) Tj ET\nBT /F1 14 Tf 60 725 Td (%s) Tj ET\n" % (shown(title), shown(subtitle))
    text += b"0.2 0.4 0.6 rg 60 712 475 2 re f 0 g\n"
    for number, line in enumerate(lines):
        text += b"BT /F2 11 Tf 60 %d Td (%s) Tj ET\n" % (680 - 20 * number, shown(line))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>")
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def png(width, height, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def landscape(name, width=480, height=320):
    """Hills in front of an evening sky; each name gives another evening."""
    dice = random.Random(name)
    hue = dice.random()
    top, low, sun = tint(hue, 0.35), tint(hue + 0.12, 0.85), (dice.uniform(0.2, 0.8) * width, dice.uniform(0.25, 0.45) * height)
    hills = [(height * (0.55 + 0.13 * layer), dice.uniform(10, 26), dice.uniform(60, 140), dice.uniform(0, 6), tint(hue + 0.45, 0.5 - 0.13 * layer))
             for layer in range(3)]
    rows = []
    for y in range(height):
        share = y / height
        sky = [int(a + (b - a) * share) for a, b in zip(top, low)]
        row = bytearray()
        for x in range(width):
            colour = sky
            if (x - sun[0]) ** 2 + (y - sun[1]) ** 2 < 900:
                colour = (255, 246, 214)
            for base, lift, length, shift, shade in hills:
                if y > base + lift * math.sin(x / length + shift) + lift / 3 * math.sin(x / length * 2.7):
                    colour = shade
            row += bytes(colour)
        rows.append(bytes(row))
    return png(width, height, rows)


def tint(hue, light):
    return tuple(int(255 * light * (0.72 + 0.28 * math.cos(2 * math.pi * (hue + third / 3)))) for third in range(3))


def event(title, place, begin, hours, organizer, attendee, uid):
    """An invitation (RFC 5545, RFC 5546)."""
    end = begin.replace(hour=begin.hour + hours)
    lines = ("BEGIN:VCALENDAR", "PRODID:-//example.org//Calendar//EN", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT", f"UID:{uid}",
             f"DTSTAMP:{begin:%Y%m%d}T080000Z", f"DTSTART:{begin:%Y%m%dT%H%M%S}Z", f"DTEND:{end:%Y%m%dT%H%M%S}Z", f"SUMMARY:{title}",
             f"LOCATION:{place}", f"ORGANIZER:mailto:{organizer}", f"ATTENDEE;RSVP=TRUE:mailto:{attendee}", "STATUS:CONFIRMED",
             "END:VEVENT", "END:VCALENDAR")
    return "\r\n".join(lines) + "\r\n"
