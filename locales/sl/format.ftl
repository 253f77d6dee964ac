# Dates, numbers and sizes. $month is a number, $dd and $mm are padded.
date-long =
  { $day }. { $month ->
    [1] januar
    [2] februar
    [3] marec
    [4] april
    [5] maj
    [6] junij
    [7] julij
    [8] avgust
    [9] september
    [10] oktober
    [11] november
   *[12] december
  } { $year }
date-short = { $day }. { $month }. { $year }
date-time = { date-long } ob { $hour }:{ $minute }
number-decimal = { "," }
number-group = { "." }
size-bytes = { $count ->
    [one] { $count } bajt
    [two] { $count } bajta
    [few] { $count } bajti
   *[other] { $count } bajtov
  }
size-kb = { $value } kB
size-mb = { $value } MB
size-gb = { $value } GB
