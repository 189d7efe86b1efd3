"""Who and what is in the demo school: names of people, subjects and topics."""

from lms_core.kernel.names import Names

COUNTRY = Names("Қазақстан Республикасы", "Республика Казахстан", "Republic of Kazakhstan")
OBLAST = Names("Алматы облысы", "Алматинская область", "Almaty Oblast")
DISTRICT = Names("Қарасай ауданы", "Карасайский район", "Qarasay District")
SCHOOL = Names("№ 12 мектеп-лицей, Қаскелең", "Школа-лицей № 12, Каскелен", "School-Lyceum No. 12, Qaskeleng")
COLLEGE = Names("Қаскелең көпсалалы колледжі", "Каскеленский многопрофильный колледж", "Qaskeleng College")

SUBJECTS = {
    "kazakh": Names("Қазақ тілі", "Казахский язык", "Kazakh language"),
    "mathematics": Names("Математика", "Математика", "Mathematics"),
    "algebra": Names("Алгебра", "Алгебра", "Algebra"),
    "geometry": Names("Геометрия", "Геометрия", "Geometry"),
    "russian": Names("Орыс тілі", "Русский язык", "Russian language"),
    "english": Names("Ағылшын тілі", "Английский язык", "English language"),
    "history": Names("Қазақстан тарихы", "История Казахстана", "History of Kazakhstan"),
    "science": Names("Жаратылыстану", "Естествознание", "Natural science"),
    "physics": Names("Физика", "Физика", "Physics"),
    "art": Names("Көркем еңбек", "Художественный труд", "Art and craft"),
    "chemistry": Names("Химия", "Химия", "Chemistry"),
    "sport": Names("Дене шынықтыру", "Физическая культура", "Physical education"),
    "informatics": Names("Информатика", "Информатика", "Informatics"),
    "class_hour": Names("Сынып сағаты", "Классный час", "Class hour"),
    "consultation": Names("Кеңес", "Консультация", "Consultation"),
    "networks": Names("Компьютерлік желілер", "Компьютерные сети", "Computer networks"),
    "programming": Names("Бағдарламалау негіздері", "Основы программирования", "Programming"),
}

TOPICS = {
    "algebra": (
        "Туындының геометриялық мағынасы",
        "Функцияның экстремумдары",
        "Анықталған интеграл",
        "Көрсеткіштік теңдеулер",
        "Логарифмдік теңсіздіктер",
    ),
    "geometry": (
        "Кеңістіктегі векторлар",
        "Призманың көлемі",
        "Пирамиданың беті",
        "Шар және сфера",
        "Айналу денелері",
    ),
}

# Family, given, patronymic.
TEACHER = ("Нұрланова", "Айгүл", "Серікқызы")
SECOND_TEACHER = ("Ахметов", "Болат", "Маратұлы")
STAFF = {
    "kazakh": ("Тілеуберді", "Сәуле", "Қайратқызы"),
    "mathematics": ("Оразбаева", "Жанар", "Ерланқызы"),
    "russian": ("Соколова", "Елена", "Викторовна"),
    "english": ("Ибраева", "Дина", "Асқарқызы"),
    "history": ("Қалиев", "Серік", "Бекұлы"),
    "science": ("Мұратова", "Гаухар", "Нұрланқызы"),
    "art": ("Әбдіқадырова", "Перизат", "Ғалымқызы"),
    "chemistry": ("Лебедева", "Наталья", "Николаевна"),
    "sport": ("Жақсыбеков", "Ержан", "Талғатұлы"),
    "informatics": ("Ким", "Андрей", "Сергеевич"),
}
"""Who teaches what in all classes."""
ADMIN = ("Петров", "Алексей", "Иванович")
DIRECTOR = ("Есенов", "Марат", "Қанатұлы")
DEPUTY = ("Сапарова", "Гүлнар", "Болатқызы")
PROCTOR = ("Жүнісова", "Әсел", "Дәуренқызы")
METHODIST = ("Ермекова", "Раушан", "Бақытқызы")
TUTOR = ("Ысқақова", "Меруерт", "Жандосқызы")
COLLEGE_TEACHERS = (("Бейсенов", "Арман", "Тимурұлы"), ("Литвинова", "Ольга", "Петровна"))

LEAVERS = (
    ("Оспанова", "Мадина"), ("Қасымов", "Дәурен"), ("Сапарова", "Әлия"), ("Нұрғалиев", "Нұрсұлтан"),
    ("Ким", "Тимур"), ("Бекова", "Аружан"), ("Ахметов", "Данияр"), ("Юсупова", "Камила"),
    ("Тоқтаров", "Ерасыл"), ("Сейітова", "Томирис"), ("Иванов", "Артём"), ("Жұмабаева", "Айым"),
    ("Әбенов", "Санжар"), ("Кравченко", "София"), ("Бақытов", "Мирас"), ("Серікбаева", "Інжу"),
    ("Досжанов", "Әлихан"), ("Ли", "Виктория"), ("Қуанышев", "Бекзат"), ("Ержанова", "Аяулым"),
    ("Темірханов", "Ислам"), ("Смирнова", "Дарья"), ("Өтегенов", "Рамазан"), ("Ғабитова", "Зере"),
    ("Шаймерденов", "Қуат"),
)  # fmt: skip
"""The pupils of 11 «А», in the order of their log-ins."""

RUSSIAN_SPEAKERS = ("Петров", "Соколова", "Лебедева", "Литвинова", "Ким", "Иванов", "Кравченко", "Ли", "Смирнова")

# A family name as sons and as daughters bear it.
FAMILIES = (
    ("Абдрахманов", "Абдрахманова"), ("Байжанов", "Байжанова"), ("Ғалымов", "Ғалымова"), ("Дүйсенов", "Дүйсенова"),
    ("Есімов", "Есімова"), ("Жолдасов", "Жолдасова"), ("Зейнуллин", "Зейнуллина"), ("Исабеков", "Исабекова"),
    ("Кәрімов", "Кәрімова"), ("Құрманов", "Құрманова"), ("Молдағалиев", "Молдағалиева"), ("Назаров", "Назарова"),
    ("Омаров", "Омарова"), ("Рахимов", "Рахимова"), ("Сәдуақасов", "Сәдуақасова"), ("Тәжібаев", "Тәжібаева"),
    ("Ұзақов", "Ұзақова"), ("Хасенов", "Хасенова"), ("Шәріпов", "Шәріпова"), ("Кузнецов", "Кузнецова"),
    ("Пак", "Пак"), ("Волков", "Волкова"), ("Мельник", "Мельник"),
)  # fmt: skip
SONS = (
    "Абай", "Әмір", "Бауыржан", "Ғани", "Диас", "Еркебұлан", "Жәнібек", "Қайсар", "Мансұр", "Нұрасыл", "Олжас",
    "Расул", "Саян", "Темірлан", "Ілияс",
)  # fmt: skip
DAUGHTERS = (
    "Айша", "Балнұр", "Гүлім", "Дильназ", "Еркежан", "Жанель", "Іңкәр", "Кәусар", "Қарақат", "Ләйла", "Мөлдір",
    "Назерке", "Раяна", "Сымбат", "Ұлпан", "Шұғыла",
)  # fmt: skip
FATHERS = ("Асқар", "Бақыт", "Ғалым", "Дархан", "Ерлан", "Қайрат", "Мұрат", "Талғат", "Серік")
MOTHERS = ("Айнұр", "Ботагөз", "Гүлмира", "Динара", "Жадыра", "Қарлығаш", "Майра", "Салтанат", "Шолпан")


def pupil(number: int) -> tuple[str, str]:
    """Family and given name, the same for the same number; girls and boys take turns."""
    girl = number % 2
    given = DAUGHTERS if girl else SONS
    return FAMILIES[number * 7 % len(FAMILIES)][girl], given[number * 5 // 2 % len(given)]


def parent(number: int, family: str) -> tuple[str, str]:
    """A parent's names after a child's family name; mothers and fathers take turns."""
    mother = number % 2
    both = next((pair for pair in FAMILIES if family in pair), None)
    if both is None and family.endswith(("ова", "ева", "ина")) and not mother:
        family = family[:-1]
    elif both is None and family.endswith(("ов", "ев", "ин")) and mother:
        family += "а"
    given = MOTHERS if mother else FATHERS
    return both[mother] if both else family, given[number * 4 % len(given)]
