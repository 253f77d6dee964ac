# Shared words.
count-files = { $count ->
    [0] nessun file
    [one] { $count } file
   *[other] { $count } file
  }
