# Dates, numbers and sizes. $month is a number, $dd and $mm are padded.
date-long =
  { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
  } { $year }
date-short = { $dd }.{ $mm }.{ $year }
date-time = { date-long }, { $hour }:{ $minute } Uhr
number-decimal = { "," }
number-group = { "." }
size-bytes = { $count ->
    [one] { $count } Byte
   *[other] { $count } Byte
  }
size-kb = { $value } kB
size-mb = { $value } MB
size-gb = { $value } GB
