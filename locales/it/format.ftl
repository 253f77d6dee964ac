# Dates, numbers and sizes. $month is a number, $dd and $mm are padded.
date-long =
  { $day ->
    [1] 1º
   *[other] { $day }
  } { $month ->
    [1] gennaio
    [2] febbraio
    [3] marzo
    [4] aprile
    [5] maggio
    [6] giugno
    [7] luglio
    [8] agosto
    [9] settembre
    [10] ottobre
    [11] novembre
   *[12] dicembre
  } { $year }
date-short = { $dd }/{ $mm }/{ $year }
date-time = { date-long }, ore { $hour }:{ $minute }
number-decimal = { "," }
number-group = { "." }
size-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } byte
  }
size-kb = { $value } kB
size-mb = { $value } MB
size-gb = { $value } GB
