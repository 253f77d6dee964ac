# Dates, numbers and sizes. $month is a number, $dd and $mm are padded.
date-long =
  { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
  } { $year }
date-short = { $dd }/{ $mm }/{ $year }
date-time = { date-long }, { $hour }:{ $minute }
number-decimal = { "." }
number-group = { "," }
size-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
  }
size-kb = { $value } kB
size-mb = { $value } MB
size-gb = { $value } GB
