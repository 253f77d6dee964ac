"""Makes the three font files of this directory from Liberation 2.1.5 (Debian package fonts-liberation2).

    python3 -m pip install fonttools==4.68.0
    python3 subset.py /usr/share/fonts/truetype/liberation2

The glyphs are Liberation's, unhinted, without the scripts that an Italian office does not write in. The
licence reserves the name "Liberation" for the unmodified font, so the result is called Plico Sans and Plico Mono.
"""
import sys
from pathlib import Path
from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = ("U+0020-007E,U+00A0-024F,U+0259,U+02BB-02DD,U+0300-0338,U+0370-03FF,U+0400-045F,U+0490-0493,"
              "U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20BF,U+2100-214F,U+2150-215F,U+2190-2195,U+2212-2265,"
              "U+25A0-25CF,U+2610-2612,U+2713-2718,U+FB01-FB02,U+FFFD")
FONTS = [("LiberationSans-Regular", "PlicoSans-Regular", "Plico Sans", "Regular"),
         ("LiberationSans-Bold", "PlicoSans-Bold", "Plico Sans", "Bold"),
         ("LiberationMono-Regular", "PlicoMono-Regular", "Plico Mono", "Regular")]

source, here = Path(sys.argv[1]), Path(__file__).parent
for old, new, family, style in FONTS:
    options = subset.Options(hinting=False, recalc_timestamp=False, notdef_outline=True, layout_features=["kern", "mark", "mkmk", "ccmp"])
    options.drop_tables += ["DSIG", "FFTM"]
    font = TTFont(source / f"{old}.ttf", recalcTimestamp=False)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    maker.subset(font)
    names = {1: family, 2: style, 3: f"{family} {style} 2.1.5", 4: f"{family} {style}", 6: new, 16: family, 17: style}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    font.save(here / f"{new}.ttf")
    print(f"{new}.ttf: {len(font.getBestCmap())} characters, {(here / f'{new}.ttf').stat().st_size} bytes")
