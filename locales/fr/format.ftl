# Dates, numbers and sizes. $month is a number, $dd and $mm are padded.
date-long =
  { $day ->
    [1] 1er
   *[other] { $day }
  } { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
  } { $year }
date-short = { $dd }/{ $mm }/{ $year }
date-time = { date-long } à { $hour }:{ $minute }
number-decimal = { "," }
number-group = { "\u202F" }
size-bytes = { $count ->
    [one] { $count } octet
   *[other] { $count } octets
  }
size-kb = { $value } ko
size-mb = { $value } Mo
size-gb = { $value } Go
