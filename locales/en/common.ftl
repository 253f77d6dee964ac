# Shared words.
count-files = { $count ->
    [0] no files
    [one] { $count } file
   *[other] { $count } files
  }
