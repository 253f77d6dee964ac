//! Words that people and programs put on papers, drawn so that the same seed gives the same paper.

/// A small generator (xorshift64*): the variants must be the same on every machine.
pub(crate) struct Dice {
    state: u64,
    words: &'static [&'static str],
}

/// Each is something that has broken a layout or a tagged file somewhere.
const WORDS: [&str; 44] = [
    "domanda",
    "di",
    "contributo",
    "per",
    "la",
    "mensa",
    "scolastica",
    "perché",
    "città",
    "È",
    "più",
    "Übergröße",
    "Straßenverkehrsamt",
    "Čuk",
    "žlica",
    "Škofja",
    "Loka",
    "L’Aquila",
    "«certificato»",
    "n°",
    "10.000,00",
    "€",
    "œuvre",
    "Łódź",
    "ğ",
    "ő",
    "ș",
    "Ωμέγα",
    "Жук",
    "中文",
    "日本語",
    "العربية",
    "עברית",
    "😀",
    "👩\u{200d}👩\u{200d}👧",
    "e\u{301}",
    "co\u{ad}operazione",
    "fattura\u{202e}fdp.exe",
    "\u{0}\u{7}",
    "a\tb",
    "efficienza",
    "—",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurf",
    "<b>&amp;{}</b>",
];

/// So many of them are usual.
const TAME: usize = 22;

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, words: &WORDS }
    }

    /// With words that people of a town would write.
    pub(crate) fn tame(seed: u64) -> Self {
        Self { words: &WORDS[..TAME], ..Self::new(seed) }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) % end.max(1)
    }

    pub(crate) fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    pub(crate) fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len() as u64) as usize]
    }

    /// Up to so many words; sometimes none at all.
    pub(crate) fn words(&mut self, most: u64) -> String {
        let count = if self.chance(12) { 0 } else { 1 + self.below(most) };
        (0..count).map(|_| self.of(self.words)).collect::<Vec<_>>().join(" ")
    }

    /// Several paragraphs, with lines that are long or empty.
    pub(crate) fn text(&mut self) -> String {
        let count = self.below(6);
        let lines: Vec<String> = (0..count).map(|_| self.words(60)).collect();
        lines.join(self.of(&["\n", "\n\n", "\r\n"]))
    }

    pub(crate) fn maybe(&mut self, most: u64) -> Option<String> {
        self.chance(2).then(|| self.words(most))
    }

    pub(crate) fn hex(&mut self) -> String {
        (0..64).map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize])).collect()
    }

    /// An instant between 2001 and 2033 (UTC milliseconds).
    pub(crate) fn instant(&mut self) -> i64 {
        1_000_000_000_000 + self.below(1_000_000_000_000).cast_signed()
    }

    /// How many of a thing: mostly few, sometimes none, now and then two hundred.
    pub(crate) fn count(&mut self) -> u64 {
        match self.below(40) {
            0 => 200,
            1..=8 => 0,
            few => 1 + few % 7,
        }
    }
}
