"""Words that names, biographies and captions are made of."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HANDLE_WORDS = _words(
    "amber anchor aspen atlas autumn bakery basil birch bloom blue bramble brook cabin canvas cedar cinder "
    "clay clover coast comet coral cotton cove dahlia dawn delta dune ember fable fern field finch flint "
    "forest fox frost garden ginger grove hazel heron hill honey indigo iris island ivy jasper juniper kite "
    "lagoon lark lemon lilac linen loom lunar maple marble meadow mint mist moss north nova oak ocean olive "
    "onyx opal orchid otter paper pebble pepper pine plum poppy quartz quiet rain raven reed ridge river robin "
    "rose rowan rust saffron sage salt sand shore silver sketch sky slate snow sparrow spruce stone storm "
    "studio summer sun swift tea thistle tide timber topaz trail tulip valley velvet violet willow winter wren"
)
GIVEN_NAMES = _words(
    "Ada Aisha Alejandro Amara Anika Anton Arjun Astrid Beatriz Bogdan Carmen Chidi Chloé Daniela Dmitri Elif "
    "Emeka Esther Fatima Felix Freya Gabriel Greta Hana Hassan Ines Ingrid Ivan Jana João José Kaito Kalina "
    "Kemal Lara Leila Liam Lucía Maja Malik Mateo Mei Milan Nadia Naoko Nia Noah Olga Omar Paula Priya Rafael "
    "Rania Rosa Samir Sofía Søren Tariq Tomasz Uma Valeria Wanjiru Yara Yusuf Zeynep Zoë"
)
FAMILY_NAMES = _words(
    "Abara Almeida Andersen Baptiste Becker Castillo Chen Costa Demir Diallo Duarte Eriksen Farouk Fischer "
    "García Haddad Hansen Ibrahim Ivanova Jensen Kaya Kim Kowalski Laurent Lindqvist Lopez Mäkinen Mensah "
    "Müller Nakamura Nguyen Novák Okafor Osei Patel Pereira Popescu Reyes Rossi Santos Sato Schmidt Silva "
    "Singh Tanaka Torres Usman Vasquez Weber Yılmaz Zhang"
)
OTHER_SCRIPTS = (
    "さくら 花",
    "山田 太郎",
    "김민준",
    "陈小明",
    "Мария Иванова",
    "Дмитрий",
    "محمد علي",
    "فاطمة الزهراء",
    "דנה לוי",
    "Νίκος Παπαδόπουλος",
    "प्रिया शर्मा",
    "สมชาย",
    "ქეთევან",
)
EMOJI = ("✨", "🌿", "📸", "🏔️", "👩‍🍳", "🇧🇷", "❤️‍🔥", "🐾", "☕", "🎧", "👨‍👩‍👧‍👦")
# Names that break a careless export, page or log: formulas, markup, quotes, controls, direction marks, sheer length.
HOSTILE_NAMES = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.invalid","click")',
    "+1 life",
    "-2+3+cmd|' /C calc'!A0",
    "@home",
    "\tTab first",
    "<script>alert(1)</script>",
    "Robert'); DROP TABLE people;--",
    'quote " and , comma; semicolon',
    "\u202eright to left\u202c",
    "Z̷̛a̸l̶g̵o̴ ̶n̷a̵m̶e̷",
    "fail",
    "please wait a few minutes",
    "\u200b",
    "   ",
    "null",
    "={1+1}",
    "The person with a display name so long that no table was ever made with it in mind " + "🌊" * 40,
)
SUBJECTS = (
    "morning light",
    "the first loaf of the week",
    "a walk before the rain",
    "the studio at night",
    "our little garden",
    "three things I learned",
    "how I edit in five minutes",
    "behind the scenes",
    "what is in my bag",
    "slow sunday",
    "a recipe from my grandmother",
    "the long way home",
)
OPENINGS = (
    "Finally:",
    "Today:",
    "New:",
    "Small joys —",
    "Hard truth:",
    "Un petit moment :",
    "Un día más:",
    "今日の一枚:",
    "Save this:",
)
HASHTAGS = _words(
    "#morninglight #slowliving #bread #homemade #travel #behindthescenes #studio #café #été #写真 #جمال #reels "
    "#tips #garden #ootd #photooftheday #100daysproject #smallbusiness #weekend #nature"
)
BIOGRAPHY = "Pictures, bread and long walks.\nplease wait a few minutes — good things do 🌿\nhello@example.invalid"
