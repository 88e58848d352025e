# An SPSS and a Stata file as R writes them, and the values that R put into them.
#
# Run by `make oracles` as `Rscript tests/oracles/statistical_files.R`; writes
# statistical_files.json beside itself.  Needs the packages haven and jsonlite (on Debian:
# r-cran-haven r-cran-jsonlite).

suppressPackageStartupMessages(library(haven))
options(warn = 2, digits = 15)  # a reference value that came with a warning is none
invisible(Sys.setlocale("LC_TIME", "C"))  # the files' headers name a month

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
target <- file.path(dirname(here), "statistical_files.json")

# The header says when the file was written, in 17 letters; a fixed moment stands there instead,
# so that a run that changes nothing changes no byte.
encoded <- function(write, data, stamp, place) {
  path <- tempfile()
  write(data, path)
  bytes <- readBin(path, "raw", file.size(path))
  found <- place(bytes) + 0:16
  if (!grepl("^[0-9]{2} [A-Z][a-z]{2} [0-9 :]{10}$", rawToChar(bytes[found]))) {
    stop("the moment of writing is not where it was expected")
  }
  bytes[found] <- charToRaw(stamp)
  jsonlite::base64_enc(bytes)
}
stata_stamp <- "01 Jan 2026 00:00"
stata_place <- function(bytes) grepRaw("<timestamp>", bytes, fixed = TRUE) + 12 # a length between
spss_stamp <- "01 Jan 2600:00:00" # 9 letters of date, then 8 of time
spss_place <- function(bytes) 93
texts <- function(values) ifelse(is.na(values), "", as.character(values))
stamps <- function(values) ifelse(is.na(values), "", format(values, "%Y-%m-%dT%H:%M:%S"))

day <- as.Date(c("2024-03-01", "1959-12-31", "1582-10-15", NA))
moment <- as.POSIXct(c("2024-03-01 10:05:00", "1969-12-31 23:59:59", NA, NA), tz = "UTC")
text <- c("0012", "\u00e4 b", "", "99999999999999999999")

trust <- c(1, NA, NA, NA)
trust[2:3] <- tagged_na("z", "a")
stata <- data.frame(text, day, moment, single = c(4.3, 1, NA, -0.1))
stata$trust <- labelled(trust, c(one = 1, refused = tagged_na("a")), label = "I trust  my coach")

spss <- data.frame(text, day, moment)
spss$trust <- labelled_spss(
  c(1, 98, 99.5, NA), c(yes = 1, refused = 98),
  na_values = 98, na_range = c(99, Inf), label = "I trust  my coach"
)

reference <- list(
  versions = list(R = R.version.string, haven = as.character(packageVersion("haven"))),
  stata = list(
    file = encoded(write_dta, stata, stata_stamp, stata_place),
    day = texts(day), moment = stamps(moment), text = text,
    tags = ifelse(is.na(na_tag(stata$trust)), "", na_tag(stata$trust)),
    values = texts(as.numeric(stata$trust)), single = texts(stata$single)
  ),
  spss = list(
    file = encoded(write_sav, spss, spss_stamp, spss_place),
    day = texts(day), moment = stamps(moment), text = text,
    values = texts(as.numeric(spss$trust)),
    missing = as.character(unclass(spss$trust)[is.na(spss$trust) & !is.na(unclass(spss$trust))])
  )
)
jsonlite::write_json(reference, target, auto_unbox = TRUE, pretty = 2)
