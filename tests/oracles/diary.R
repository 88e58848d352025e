# Reference values for the diary analysis: centring, lags, models and reliabilities, on data simulated
# here.  Deviations, means and previous answers are computed row by row; the models are fitted by the
# dense likelihood of mixed/ and, where they can say them, by nlme and lme4.
#
# Run by `make oracles` as `Rscript tests/oracles/diary.R`; writes diary.json.  Needs the packages
# jsonlite, lme4, lmerTest, nlme and numDeriv (on Debian: r-cran-jsonlite r-cran-lme4
# r-cran-lmertest r-cran-nlme r-cran-numderiv).

suppressPackageStartupMessages({
  library(jsonlite)
  library(nlme)
})
packages <- c("jsonlite", "lme4", "lmerTest", "nlme", "numDeriv")
for (package in packages) suppressWarnings(loadNamespace(package))
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
for (name in c("dense", "maximise", "inference", "packages", "reference", "write")) {
  source(file.path(here, "mixed", paste0(name, ".R")), local = FALSE)
}

# Data -------------------------------------------------------------------------------------------
roles_of <- c("client", "coach")
simulate <- function(n, days, seed, apart = FALSE, gone = 0.15, holes = 0.04, slope = c(0.3, 0.25)) {
  set.seed(seed)
  years <- round(rnorm(n, 5, 2), 1)
  age <- round(matrix(rnorm(2 * n, 35, 8), n))
  rows <- list()
  for (g in seq_len(n)) {
    level <- 0.6 * rnorm(1) + 0.6 * rnorm(2)
    own <- slope * rnorm(2)
    usual <- 3 + 0.8 * rnorm(2) + 0.3 * rnorm(1)
    clock <- 0
    for (d in seq_len(days)) {
      clock <- d + runif(1, -0.3, 0.3)
      stress <- usual + 0.4 * rnorm(1) + 0.9 * rnorm(2)
      support <- 4 + 0.5 * level + 0.7 * rnorm(2)
      shared <- 0.5 * rnorm(1)
      mood <- c(5, 5.4) + level + c(-0.4, -0.3) * stress + c(-0.2, -0.1) * stress[2:1] + own * (stress - 3) +
        0.3 * support + 0.03 * d + 0.05 * (years[g] - 5) + shared + 0.6 * rnorm(2)
      rows[[length(rows) + 1]] <- data.frame(
        dyad = sprintf("d%02d", g), person = paste0(sprintf("d%02d", g), c("a", "b")), role = roles_of,
        day = d, stamp = round(clock + if (apart) runif(2, 0, 0.05) else 0, 3), mood = round(mood, 2),
        stress = round(stress, 2), support = round(support, 2), age = age[g, ], years = years[g]
      )
    }
  }
  x <- do.call(rbind, rows)
  x <- x[!(x$person %in% c("d03b", "d07a")), ]              # the partner never took part
  x <- x[!(x$person == "d05a" & x$day > 1), ]               # answered once
  x <- x[-sample(nrow(x), round(gone * nrow(x))), ]
  for (name in c("mood", "stress", "support")) x[sample(nrow(x), round(holes * nrow(x))), name] <- NA
  rownames(x) <- NULL
  x
}
# Row by row: own and partner's deviation and mean, and the last earlier answers.
prepare_diary <- function(x, clock = "day", max_gap = 1) {
  for (name in c("stress", "support")) {
    means <- tapply(x[[name]], x$person, mean, na.rm = TRUE)
    grand <- mean(means, na.rm = TRUE)
    for (suffix in c("w", "pw", "b", "pb", "lw", "lpw")) x[[paste0(name, "_", suffix)]] <- NA_real_
    for (i in seq_len(nrow(x))) {
      me <- x$person[i]
      you <- setdiff(unique(x$person[x$dyad == x$dyad[i]]), me)
      x[[paste0(name, "_w")]][i] <- x[[name]][i] - means[[me]]
      x[[paste0(name, "_b")]][i] <- means[[me]] - grand
      for (who in c(me, you)) {
        mine <- identical(who, me)
        if (!mine) {
          x[[paste0(name, "_pb")]][i] <- means[[who]] - grand
          k <- which(x$person == who & x$day == x$day[i])
          if (length(k)) x[[paste0(name, "_pw")]][i] <- x[[name]][k] - means[[who]]
        }
        k <- which(x$person == who & x$day < x$day[i] & !is.na(x[[name]]))
        if (length(k)) {
          k <- k[which.max(x$day[k])]
          if (x[[clock]][i] - x[[clock]][k] <= max_gap + 1e-9) {
            x[[paste0(name, if (mine) "_lw" else "_lpw")]][i] <- x[[name]][k] - means[[who]]
          }
        }
      }
    }
  }
  x$trend <- x[[clock]] - mean(x[[clock]])
  ages <- tapply(x$age, x$person, mean)
  x$age_c <- ages[x$person] - mean(ages)
  years <- tapply(x$years, x$dyad, mean)
  x$years_c <- as.numeric(years[x$dyad] - mean(years))
  x$age_c <- as.numeric(x$age_c)
  x$dyad <- factor(x$dyad)
  x$role <- factor(x$role, roles_of)
  x
}
raw <- list(
  couples = simulate(60, 10, 8101), peers = simulate(40, 8, 8102, slope = c(0, 0)),
  prompts = simulate(35, 8, 8103, apart = TRUE, slope = c(0, 0))
)
raw$peers$role <- NULL
datasets <- list(
  couples = prepare_diary(raw$couples),
  peers = prepare_diary(transform(raw$peers, role = "client")),
  prompts = prepare_diary(raw$prompts, "stamp", 1.3)
)

# Models -----------------------------------------------------------------------------------------
by_role <- function(...) paste("mood ~ 0 + role +", paste0("role:", c(...), collapse = " + "))
stress <- c("stress_w", "stress_pw", "stress_b", "stress_pb")
daily <- c("dyad", "day")
levels_of <- term("~ 0 + role", "dyad")
as_lme <- function(x) check_lme(x, list(dyad = pdSymm(~ 0 + role)),
  corSymm(form = ~ as.integer(role) | dyad / day), varIdent(form = ~ 1 | role))
as_lmer <- function(random) function(x) check_lmer(x, random)

both("concurrent", "couples", by_role("trend", stress, "age_c", "years_c"), residual_un(unit = daily),
  random = list(levels_of), cluster = "dyad",
  checks = function(x) check_lmer(as_lme(x), "(0 + role | dyad) + (0 + role | dyad:day)"))
both("lagged", "couples", by_role("trend", "stress_w", "stress_pw", "support_lw", "support_lpw", "stress_b",
  "stress_pb", "support_b", "support_pb"), residual_un(unit = daily), random = list(levels_of), cluster = "dyad",
  checks = as_lme, methods = "REML")
both("slopes", "couples", by_role("trend", stress), residual_un(unit = daily),
  random = list(term("~ 0 + role + role:stress_w", "dyad")), cluster = "dyad",
  checks = as_lmer("(0 + role + role:stress_w | dyad) + (0 + role | dyad:day)"), methods = "REML")
both("serial", "couples", by_role(stress), residual_un(), serial = list(structure = "ar1", time = "day"),
  random = list(levels_of), cluster = "dyad", methods = "REML")
both("equal_effects", "couples", paste(c("mood ~ 0 + role + trend", stress, "age_c", "years_c"), collapse = " + "),
  residual_un(unit = daily), random = list(levels_of), cluster = "dyad", checks = as_lme, methods = "ML")
peers_random <- list(term("~ 1", "dyad", "exchangeable", person = "person"))
both("indistinguishable", "couples", paste(c("mood ~ trend", stress, "age_c", "years_c"), collapse = " + "),
  residual_cs(unit = daily), random = peers_random, cluster = "dyad",
  checks = as_lmer("(1 | dyad) + (1 | person) + (1 | dyad:day)"), methods = "ML")
both("empty", "couples", "mood ~ 0 + role + offset(0 * (stress_w + stress_pw + stress_pb))", residual_un(unit = daily),
  random = list(levels_of), cluster = "dyad", methods = "REML")
both("peers", "peers", paste(c("mood ~ trend", stress), collapse = " + "), residual_cs(unit = daily),
  random = peers_random, cluster = "dyad", checks = as_lmer("(1 | dyad) + (1 | person) + (1 | dyad:day)"))
both("prompts", "prompts", by_role("trend", "stress_lw", "stress_lpw", "stress_b", "stress_pb"), residual_un(),
  serial = list(structure = "exponential", time = "stamp"), random = list(levels_of), cluster = "dyad",
  methods = "REML")

# Reliability ------------------------------------------------------------------------------------
# Variance components of persons, items and days from mean squares of complete answers.
mean_squares <- function(x) {
  n <- length(unique(x$person)); m <- length(unique(x$item)); k <- length(unique(x$day))
  # (a third-order interaction is the error: one answer per cell)
  found <- anova(lm(answer ~ person * item + person * day + item * day, x))
  ms <- setNames(found[["Mean Sq"]], rownames(found))
  e <- ms[["Residuals"]]
  pi <- (ms[["person:item"]] - e) / k
  pd <- (ms[["person:day"]] - e) / m
  p <- (ms[["person"]] - ms[["person:item"]] - ms[["person:day"]] + e) / (m * k)
  c(p = p, pi = pi, pd = pd, e = e)
}
components <- function(x) {
  x$cell <- interaction(x$item, x$day, drop = TRUE)
  fit <- tight_lmer("answer ~ 0 + cell + (1 | person) + (1 | person:item) + (1 | person:day)", x, TRUE)
  v <- as.data.frame(lme4::VarCorr(fit))
  v <- setNames(v$vcov, v$grp)
  c(p = v[["person"]], pi = v[["person:item"]], pd = v[["person:day"]], e = v[["Residual"]])
}
cranford <- function(v, m, k) {
  stable <- v[["p"]] + v[["pi"]] / m
  list(components = as.list(v), within = v[["pd"]] / (v[["pd"]] + v[["e"]] / m),
    between = stable / (stable + v[["e"]] / (m * k)))
}
set.seed(8104)
items <- expand.grid(item = factor(1:3), day = factor(1:6), person = factor(1:20))
effect <- function(f, sd) rnorm(nlevels(f), 0, sd)[f]
items$answer <- round(4 + effect(items$person, 0.8) + effect(items$item, 0.3) + effect(items$day, 0.2) +
  effect(interaction(items$person, items$item), 0.4) + effect(interaction(items$person, items$day), 0.6) +
  effect(interaction(items$item, items$day), 0.15) + rnorm(nrow(items), 0, 0.7), 2)
part <- items[!(paste(items$person, items$day) %in% paste(c(1, 2, 3, 3, 9), c(1, 6, 2, 3, 4))), ]
part <- part[-c(5, 77, 200, 201), ]
# Occasions on which an item is missing do not count.
moment <- paste(part$person, part$day)
whole <- part[moment %in% names(which(table(moment) == 3)), ]
answered <- tapply(as.character(whole$day), whole$person, function(d) length(unique(d)))
complete_anova <- cranford(mean_squares(items), 3, 6)
reliability <- list(
  complete = c(list(data = as.list(items)), complete_anova),
  incomplete = c(list(data = as.list(part)), cranford(components(whole), 3, 1 / mean(1 / answered)))
)
off <- max(abs(components(items) / mean_squares(items) - 1))
cat("REML against mean squares", off, "\n")
stopifnot(off < 1e-4)

# JSON -------------------------------------------------------------------------------------------
used <- function(name) {
  frame <- fits[[name]]$problem$frame
  as.list(frame[setdiff(names(frame), c("mood", "age_c", "years_c"))])
}
lines_of <- function(x) block(lapply(x, encode), "    ")
about <- list(command = "Rscript tests/oracles/diary.R", r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p)))))
kept <- c("name", "dataset", "formula", "method", "n", "n_parameters", "loglik", "columns", "coef", "se", "df",
  "covariance", "gradient", "checks")
top <- list(
  about = block(lapply(about, encode), "  "),
  datasets = block(lapply(raw, function(d) block(lapply(as.list(d), encode), "    ")), "  "),
  models = block(lapply(unname(fits), function(x) lines_of(entry(x)[kept])), "  ", "[", "]"),
  rows = block(lapply(list(lagged = used("lagged_reml"), peers = used("peers_reml"), prompts = used("prompts_reml")), lines_of), "  "),
  reliability = block(lapply(reliability, lines_of), "  ")
)
writeLines(block(top, ""), file.path(here, "diary.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-28s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
