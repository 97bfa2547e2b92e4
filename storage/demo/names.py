"""Invented names for the demo world: firms, makers, people and the words for places in four languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Land:
    """A country customers sit in; `phone` ends in the block of numbers, `share` is its weight among companies."""

    country: str
    language: str
    zone: str
    currency: str
    phone: str
    share: int
    cities: tuple[str, ...]
    first_firms: tuple[str, ...]
    firm_heads: tuple[str, ...]
    firm_tails: tuple[str, ...]
    first_names: tuple[tuple[str, str], ...]
    last_names: tuple[tuple[str, str], ...]


def _names(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of a name and its ASCII form out of `name:ascii` words; the ASCII form may be missing."""
    pairs = (word.partition(":") for word in text.split())
    return tuple((name, latin or name.lower()) for name, _, latin in pairs)


_POLISH_FIRST = _names(
    "Jan Maria Ewa Marek Tomasz Agnieszka:agnieszka Krzysztof Zofia Paweł:pawel Halina Rafał:rafal Beata Grzegorz"
    " Iwona Łukasz:lukasz Danuta Wojciech Renata Stanisław:stanislaw Urszula"
)
_POLISH_LAST = _names(
    "Kowal Zięba:zieba Nowak Lis Wrona Sikora Mazur Pająk:pajak Dudek Kubiak Wilk Głowacz:glowacz Kalina Sobczyk"
    " Jeleń:jelen Bielak Kruk Stępień:stepien Zawada Gawron Rybak Malec Wójcik:wojcik Baran"
)
_ENGLISH_FIRST = _names("Alice Tom Grace Harry Emma Oliver Ruth Simon Nora Colin Jane Peter Megan Alan Fiona Dean")
_ENGLISH_LAST = _names(
    "Barlow Thorne Ashby Whitlock Penrose Hale Marsh Corbett Dunmore Fenwick Rudge"
    " Holloway Pryce Stokes Wainwright Yardley"
)
_GERMAN_FIRST = _names("Lena Jonas Petra Klaus Birgit Sven Heike Uwe Anja Dirk Katrin Ralf Silke Lutz Marion Bernd")
_GERMAN_LAST = _names(
    "Brandt Falk Reuter Vogt Lindner Kessler Otten Harms Wendt Sauer Thoma Ebert Krüger:krueger Böhm:boehm Jansen Rieck"
)
_SWEDISH_FIRST = _names("Erik Karin Lars Åsa:asa Nils Maja Gustav Elin Björn:bjorn Sara Olof Linnea Per Ida")
_SWEDISH_LAST = _names(
    "Lindqvist Ek Sandberg Nyström:nystrom Holm Åkesson:akesson Dahl Wiklund Berg Sjöholm:sjoholm"
    " Falk Norén:noren Ström:strom"
)
_RUSSIAN_FIRST = _names(
    "Ольга:olga Иван:ivan Светлана:svetlana Дмитрий:dmitri Елена:elena Сергей:sergei Наталья:natalia Андрей:andrei"
    " Марина:marina Павел:pavel Айгуль:aigul Тимур:timur Динара:dinara Руслан:ruslan Вера:vera Арман:arman"
)
_RUSSIAN_LAST = _names(
    "Ким:kim Коваленко:kovalenko Бондарь:bondar Шевчук:shevchuk Цой:tsoi Мельник:melnik Кравец:kravets Ткач:tkach"
    " Литвин:litvin Гончар:honchar Сыздык:syzdyk Омар:omar Берест:berest Чайка:chaika Дубко:dubko Журавель:zhuravel"
)
_THAI_FIRST = _names(
    "สมชาย:somchai มาลี:malee นิรันดร์:niran อรุณ:arun วิภา:wipha ประเสริฐ:prasert กมล:kamon สุดา:suda ธนา:thana"
    " พิมพ์:phim อนันต์:anan รัตนา:rattana ชัย:chai นภา:napha วีระ:wira จันทร์:chan"
)
_THAI_LAST = _names(
    "ใจดี:jaidee ทองคำ:thongkham ศรีสุข:srisuk แสงทอง:saengthong บุญมา:bunma วงศ์ใหญ่:wongyai สายชล:saichon"
    " รุ่งเรือง:rungrueang พงษ์ไพร:phongphrai มณีรัตน์:maneerat แก้วตา:kaewta ชื่นใจ:chuenjai"
)

LANDS = (
    Land(
        "PL", "pl", "Europe/Warsaw", "PLN", "+48 42 555 ", 36,
        ("Łódź", "Gdynia", "Poznań", "Lublin", "Pabianice"),
        ("Zakłady Łódź", "Młyny Północ", "Hotel Baltic", "Chłodnie Sowiny", "Piekarnie Olszyn", "Hurt Wierzbin",
         "Drukarnia Kamień", "Sklepy Jarzębin", "Spedycja Zatoka"),
        ("Zakłady", "Młyny", "Piekarnie", "Hurt", "Chłodnie", "Spedycja", "Drukarnia", "Sklepy", "Mleczarnia",
         "Tartak", "Apteki", "Magazyny", "Przetwory", "Garbarnia", "Papiernia", "Odlewnia"),
        ("Wierzbin", "Olszyn", "Sowiny", "Jarzębin", "Klonów", "Brzezie", "Zatoka", "Kamień", "Dębosz", "Lipogród",
         "Modrzew", "Bystrza", "Czapla", "Sarni Las", "Wysoka", "Rybno", "Wrzosy", "Jodłów", "Kalinka", "Borsuk",
         "Źródło", "Złoty Kłos", "Dolina", "Skarpa", "Orlik", "Żurawie", "Cisowa", "Leszczyn", "Makowo", "Torfy"),
        _POLISH_FIRST, _POLISH_LAST,
    ),
    Land(
        "GB", "en", "Europe/London", "GBP", "+44 20 7946 0", 14,
        ("Leeds", "Bristol", "Hull", "Reading"),
        ("Acme Retail", "Thornwick Foods", "Ashmere Freight", "Dunhollow Mills"),
        ("Thornwick", "Ashmere", "Dunhollow", "Brackley Moor", "Fenwater", "Oxmarsh", "Harrowdale", "Stonebeck",
         "Wexcombe", "Larkfield", "Coldbrook", "Millrace", "Penhallow", "Ravenhurst", "Tidewell", "Elmstead"),
        ("Foods", "Freight", "Mills", "Retail", "Storage", "Bakeries", "Dairy", "Print", "Timber", "Pharma",
         "Hotels", "Textiles", "Stores", "Couriers", "Packing", "Laundry"),
        _ENGLISH_FIRST, _ENGLISH_LAST,
    ),
    Land(
        "DE", "en", "Europe/Berlin", "EUR", "+49 30 23125 ", 12,
        ("Bremen", "Leipzig", "Kassel", "Rostock"),
        ("Nordwind GmbH", "Falkenau Druck", "Birkental Bau", "Seehof Kliniken"),
        ("Falkenau", "Birkental", "Seehof", "Nordmoor", "Eichwalde", "Lindenried", "Hasenbruch", "Rotbach",
         "Weidenau", "Grünfeld", "Altmühle", "Steinkamp", "Tannhorst", "Ulmenhof", "Dornbach", "Kranichsee"),
        ("Druck", "Logistik", "Bau", "Backwaren", "Kühlhaus", "Handel", "Technik", "Papier", "Molkerei", "Holz",
         "Kliniken", "Textil", "Getränke", "Lager", "Metall", "Versand"),
        _GERMAN_FIRST, _GERMAN_LAST,
    ),
    Land(
        "SE", "en", "Europe/Stockholm", "SEK", "+46 8 465 004 ", 8,
        ("Halmstad", "Gävle", "Malmö"),
        ("Halmstad Papper", "Björkvik Trä", "Norrsken Frys"),
        ("Björkvik", "Norrsken", "Lövåker", "Stenhamra", "Granholm", "Älvsund", "Tallmon", "Svanby", "Rönnås",
         "Fjällnäs", "Hjortsjö", "Kvarnby"),
        ("Papper", "Trä", "Frys", "Frakt", "Bageri", "Lager", "Mejeri", "Stål", "Handel", "Tryck", "Apotek", "Textil"),
        _SWEDISH_FIRST, _SWEDISH_LAST,
    ),
    Land(
        "KZ", "ru", "Asia/Almaty", "KZT", "+7 727 555 ", 11,
        ("Алматы", "Караганда", "Тараз"),
        ("Волга Транс", "Склад Алатау", "Степь Мясо"),
        ("Склад", "Завод", "Транс", "Хлеб", "Молоко", "Мясо", "Аптека", "Сеть", "Бумага", "Холод", "Мебель", "Рынок"),
        ("Тополь", "Беркут", "Алатау", "Синегорье", "Родник", "Сайгак", "Ковыль", "Три Озера", "Яблоня", "Каравелла",
         "Верба", "Перевал", "Полынь", "Зимовье", "Кедровка", "Снегирь"),
        _RUSSIAN_FIRST, _RUSSIAN_LAST,
    ),
    Land(
        "UA", "ru", "Europe/Kyiv", "UAH", "+380 44 555 ", 5,
        ("Kyiv", "Dnipro"),
        ("Dnipro Logistics", "Stepove Agro"),
        ("Stepove", "Vyshneve", "Kalynivka", "Ozerne", "Zelenyi Hai", "Bilotsvit", "Sonyachne", "Dubrava"),
        ("Logistics", "Agro", "Market", "Print", "Dairy", "Cold", "Bread", "Tekstyl", "Metal", "Farm",
         "Hotels", "Post"),
        _RUSSIAN_FIRST, _RUSSIAN_LAST,
    ),
    Land(
        "TH", "th", "Asia/Bangkok", "THB", "+66 2 555 ", 22,
        ("Bangkok", "Chonburi", "Lamphun"),
        ("Bangkok Foods", "Siam Cold Chain", "Suan Mali Textile", "Khlong Yai Ice", "โรงแรมดอกปีบ"),
        ("Siam", "Suan Mali", "Khlong Yai", "Doi Fah", "Chang Noi", "Bua Luang", "Tha Sai", "Nam Sai", "Ban Suan",
         "Fah Mai", "Rim Nam", "Thung Thong", "Dok Pip", "Khao Ngam", "Hat Ngoen", "Pa Sang"),
        ("Foods", "Cold Chain", "Textile", "Ice", "Rice", "Hotels", "Rubber", "Freight", "Mart", "Print", "Pharma",
         "Packing", "Seafood", "Ceramics", "Parts", "Clinic"),
        _THAI_FIRST, _THAI_LAST,
    ),
)  # fmt: skip

OURSELVES = "Lantern Service"
SUPPLIERS = (
    ("Kestria Parts", "vendor", "DE"),
    ("Norrik Devices", "vendor", "SE"),
    ("Bruk Montaż", "contractor", "PL"),
    ("Fah Mai Electric", "contractor", "TH"),
)

TERRITORIES = (
    ("Łódź and centre", "Europe/Warsaw", "PL"),
    ("Baltic coast", "Europe/Warsaw", "PL"),
    ("Polish south", "Europe/Warsaw", "PL"),
    ("Northern England", "Europe/London", "GB"),
    ("Southern England", "Europe/London", "GB"),
    ("Northern Germany", "Europe/Berlin", "DE"),
    ("Western Sweden", "Europe/Stockholm", "SE"),
    ("Almaty region", "Asia/Almaty", "KZ"),
    ("Kyiv and Dnipro", "Europe/Kyiv", "UA"),
    ("Bangkok and east", "Asia/Bangkok", "TH"),
    ("Northern Thailand", "Asia/Bangkok", "TH"),
)

TEAMS = ("Service desk", "Systems", "Field west", "Field east")
PEOPLE = tuple(
    name
    for name, _ in _names(
        "Anna Piotr Olga Marek Somchai Lena Erik Ewa Niran Grace Dmitri Jonas Malee Tomek Ingrid Aigul"
        " Hugo Kasia Arun Petra Timur Nora Bartek Suda Colin Vera Rafal Maja Anan Uwe Halina Simon Wipha"
        " Nils Dinara Pawel Ruth Kamon Sven Iwona Arman Fiona Jacek Linnea Prasert Katrin Ruslan Zofia"
        " Dean Napha Gustav Marina Leszek Heike Thana Elin Pavel Beata Owen Chai"
    )
)

ROLES = (
    ("shift lead", True, False),
    ("site manager", True, True),
    ("operator", False, False),
    ("technical buyer", True, True),
    ("office", False, False),
    ("maintenance", True, False),
    ("IT", True, False),
)
"""What a contact is at a company, whether they may order and whether they may approve."""

SITE_WORDS = {
    "pl": ("zakład", "magazyn", "biuro", "filia"),
    "en": ("works", "warehouse", "office", "branch"),
    "ru": ("завод", "склад", "офис", "филиал"),
    "th": ("โรงงาน", "คลังสินค้า", "สำนักงาน", "สาขา"),
}
_PLACE_KINDS = ("hall", "line", "dock", "till", "floor", "gate", "room")
PLACE_WORDS = {
    language: dict(zip(_PLACE_KINDS, words.split(), strict=True))
    for language, words in (
        ("pl", "hala linia rampa kasa piętro brama pokój"),
        ("en", "hall line dock till floor gate room"),
        ("ru", "цех линия рампа касса этаж ворота кабинет"),
        ("th", "อาคาร ไลน์ ท่า แคชเชียร์ ชั้น ประตู ห้อง"),
    )
}


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of equipment: the letters of its inventory numbers, where it stands, and (maker, model) pairs."""

    name: str
    letters: str
    stands_at: tuple[str, ...]
    models: tuple[tuple[str, str], ...]


CATEGORIES = (
    Category("label_printer", "P", ("hall", "line"), (("Tarnfeld", "LT411"), ("Ombra", "Tag 230"))),
    Category("barcode_scanner", "S", ("dock",), (("Veltrax", "1902"), ("Kestria", "Beam 7"))),
    Category("till", "T", ("till",), (("Sedra", "Counter 5"), ("Lumeta", "T20"))),
    Category("scale", "W", ("gate",), (("Pondera", "W600"), ("Norrik", "Axle 3"))),
    Category("router", "R", ("room",), (("Lumeta", "Edge 40"), ("Arcwell", "R9"))),
    Category("switch", "N", ("floor",), (("Arcwell", "S24"), ("Lumeta", "Stack 48"))),
    Category("access_point", "A", ("floor",), (("Arcwell", "Air 6"), ("Veltrax", "W11"))),
    Category("server", "Z", ("room",), (("Sedra", "Rack 2"), ("Tarnfeld", "H80"))),
    Category("ups", "U", ("room",), (("Norrik", "Reserve 3k"), ("Pondera", "UP1500"))),
    Category("cold_room", "C", ("hall",), (("Isbrand", "CR12"), ("Halmark", "Polar 4"))),
    Category("conveyor_plc", "L", ("line",), (("Kestria", "PL300"), ("Halmark", "Drive 7"))),
    Category("badge_reader", "B", ("gate",), (("Veltrax", "Key 2"), ("Ombra", "Pass 10"))),
    Category("cctv", "V", ("gate",), (("Ombra", "Eye 8"), ("Lumeta", "C220"))),
    Category("payment_terminal", "M", ("till",), (("Sedra", "Pay 3"), ("Arcwell", "Coin X"))),
    Category("forklift_terminal", "F", ("hall",), (("Veltrax", "Fork 12"), ("Tarnfeld", "VM1"))),
    Category("lift", "E", ("floor",), (("Halmark", "Rise 630"), ("Isbrand", "EL8"))),
    Category("coffee_machine", "K", ("floor",), (("Brunello-Nord", "Cafe 9"), ("Norrik", "Bean 2"))),
    Category("air_compressor", "D", ("hall",), (("Isbrand", "A75"), ("Pondera", "Press 11"))),
)

ACKNOWLEDGEMENTS = {
    "pl": "Potwierdzam zgłoszenie {number}. Już się nim zajmujemy, odezwę się z terminem.",
    "en": "Thank you, this is {number}. We are on it and will come back with a time.",
    "ru": "Заявка {number} принята, уже занимаемся. Сообщу время.",
    "th": "รับแจ้งแล้ว หมายเลข {number} กำลังตรวจสอบ จะแจ้งเวลาให้ทราบ",
}
WAITING_CAUSES = {
    "pl": (("Czekamy na część", "part"), ("Czekamy na odpowiedź klienta", "customer"),
           ("Czekamy na dostęp do hali", "customer"), ("U producenta w serwisie", "vendor"),
           ("Elektryk podwykonawcy umówiony", "contractor")),
    "en": (("Waiting for the part", "part"), ("Waiting for the customer's answer", "customer"),
           ("Waiting for access to the riser", "customer"), ("With the maker's workshop", "vendor"),
           ("Contractor's electrician is booked", "contractor")),
    "ru": (("Ждём запчасть", "part"), ("Ждём ответа клиента", "customer"), ("Ждём допуска в цех", "customer"),
           ("В сервисе производителя", "vendor"), ("Ждём электрика подрядчика", "contractor")),
    "th": (("รออะไหล่", "part"), ("รอคำตอบจากลูกค้า", "customer"), ("รอเข้าพื้นที่", "customer"),
           ("ส่งซ่อมที่ผู้ผลิต", "vendor"), ("รอช่างไฟของผู้รับเหมา", "contractor")),
}  # fmt: skip
CALL_BACK_NOTES = {
    "pl": "Oddzwonić z terminem wizyty",
    "en": "Call back with the time of the visit",
    "ru": "Перезвонить и назвать время визита",
    "th": "โทรกลับเพื่อแจ้งเวลาเข้า",
}
