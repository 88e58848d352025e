# Reference values for panels of latent series (dyadkit.panel): growth, latent change, dynamic panels,
# common fate and mutual influence of factors of items, or of scores whose error variance is held.
# The models are those of growth.R, change.R and common_fate.R, of factors in place of scores, with
# the measurement models of panel_more.R: lavaan's fits of them.
#
# Run by `make oracles` as `Rscript tests/oracles/panel_latent.R`; writes panel_latent.json beside
# itself.  Needs the packages jsonlite, lavaan and MASS (on Debian: r-cran-jsonlite r-cran-lavaan
# r-cran-mass).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
packages <- c("jsonlite", "lavaan", "MASS")

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(folder, name) source(file.path(here, folder, paste0(name, ".R")), local = FALSE)
# Of the other oracles' files, some functions only, by the names that they have here.
functions_of <- function(folder, name, wanted = NULL) {
  for (e in parse(file.path(here, folder, paste0(name, ".R")))) {
    assigned <- is.call(e) && identical(e[[1]], as.name("<-")) && is.name(e[[2]])
    if (!assigned || !is.call(e[[3]]) || !identical(e[[3]][[1]], as.name("function"))) next
    known <- as.character(e[[2]])
    if (is.null(wanted)) eval(e, globalenv())
    if (known %in% names(wanted)) assign(wanted[[known]], eval(e[[3]], globalenv()), globalenv())
  }
}
as_they_are <- function(...) setNames(nm = c(...))
lines <- function(...) paste(c(...), collapse = "\n")
for (name in c("polish", "measures", "write")) part("sem", name)
functions_of("sem", "data")
functions_of("sem", "reference")
worst <- new.env()
part("sem_more", "reference")
em_tolerance <- 1e-12
functions_of(".", "panel_more", as_they_are(
  "items_of", "gaps", "variable_of", "role_of", "keyed_name", "turned", "same_in", "items_part",
  "alpha_of", "alphas_of", "reliability_part"
))
functions_of(".", "growth", c(as_they_are("loadings_of", "growth_model"), simulate = "growing"))
functions_of(".", "change", as_they_are(
  "named", "grow", "drive", "effect_name", "pairs_of", "covary", "differences", "two_waves",
  "dual_change", "dynamic_panel"
))
functions_of(".", "common_fate", as_they_are("shared", "looped", "fate_model", "loop_model"))

# --- Data -----------------------------------------------------------------------------------------

set.seed(1957, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
skewed <- function(n) (rchisq(n, 4) - 4) / sqrt(8)
alike <- c("1", "2")
members <- c("mentor", "developee")
one <- "x_mentor"
two <- c("x_mentor", "y_mentor")
roles <- c("x_mentor", "x_developee")
four <- c("x_mentor", "x_developee", "y_mentor", "y_developee")
datasets <- list(
  growth = items_of(growing(one, 0:3, 300)),
  growth_both = gaps(items_of(growing(roles, 0:2, 320))),
  growth_scored = gaps(items_of(growing(one, 0:3, 300, draw = skewed), scored = TRUE), c(1, 2, 7)),
  change = items_of(grow(two, 0:1, 320)),
  change_scored = gaps(items_of(grow(roles, 0:1, 300), scored = TRUE), c(1, 2, 7)),
  dual = items_of(grow(two, 0:3, 400)),
  dual_scored = gaps(items_of(grow(two, 0:3, 400, draw = skewed), scored = TRUE), c(1, 2, 7)),
  dynamic = gaps(items_of(drive(two, 4, 400))),
  dynamic_scored = items_of(drive(two, 4, 400, draw = skewed), scored = TRUE),
  fate = gaps(items_of(shared(members, 2, 320))),
  fate_scored = items_of(shared(members, 3, 300), scored = TRUE),
  fate_one = items_of(shared(members, 1, 260, draw = skewed)),
  loop = items_of(looped(members, 320, c(0.4, 0.25), c(0.7, 0.6))),
  loop_scored = mcar(
    items_of(looped(members, 300, c(0.35, 0.2), c(0.7, 0.8)), scored = TRUE), 0.06,
    c("x_mentor_t1", "y_developee_t1")
  )
)

# --- Cases ----------------------------------------------------------------------------------------

# The factor in place of each score.
of_factors <- function(syntax) {
  gsub("(?<![\\w.])([xy]_(mentor|developee)_t[0-9])\\b", "f_\\1", syntax, perl = TRUE)
}
# `waves` of each series: a wave that the model has no part for is not measured.
measured <- function(set, indicators, stems, waves) {
  data <- turned(datasets[[set]])
  if (indicators == "reliability") {
    return(unlist(Map(function(s, w) reliability_part(data, s, w), stems, waves)))
  }
  every <- split(seq_along(stems), variable_of(stems))
  unlist(lapply(every, function(k) items_part(stems[k], waves[k[1]], 1)))
}
models <- list()
fits <- list()
cases <- list()
# True scores without a residual have a singular covariance matrix, and some models a negative
# variance, of which lavaan warns.
admitting <- function(expr) withCallingHandlers(expr, warning = function(w) {
  if (grepl("variances are negative|is not positive definite", conditionMessage(w))) {
    invokeRestart("muffleWarning")
  }
})
# `terms` tells of the full model, the last of `syntaxes`, where the rows of `tidy` stand in it.
latent_case <- function(name, set, kind, indicators, stems, waves, syntaxes, terms,
                        estimator = "ML", untested = character(0),
                        measured_waves = rep(waves, length(stems))) {
  key <- function(model) paste(name, model, sep = ": ")
  data <- datasets[[set]]
  whole <- estimator == "MLR" && !anyNA(data)
  part <- measured(set, indicators, stems, measured_waves)
  full <- names(syntaxes)[length(syntaxes)]
  datasets[[set]] <<- turned(data)  # until all are fitted
  for (model in names(syntaxes)) {
    # (lavaan's robust CFI of complete data differs by `missing`; that of complete data is meant.)
    admitting(reference(
      key(model), lines(part, of_factors(syntaxes[[model]])), set, auto = "lavaan",
      estimator = estimator, missing = if (whole) "listwise" else "fiml", meanstructure = TRUE,
      fixed_x = FALSE, vcov = FALSE, standardise = model == full
    ))
  }
  datasets[[set]] <<- data
  compared <- lapply(setdiff(names(syntaxes), c(full, untested)), function(model) {
    found <- lavTestLRT(
      fits[[key(model)]]$fit, fits[[key(full)]]$fit,
      method = if (estimator == "MLR") "satorra.bentler.2001" else "default"
    )
    list(
      model = model, difference = found[2, "Chisq diff"], df = abs(found[2, "Df diff"]),
      pvalue = found[2, "Pr(>Chisq)"]
    )
  })
  p <- models[[key(full)]]$parameters
  found <- lapply(strsplit(of_factors(terms), " "), function(w) {
    if (length(w) == 1) w <- c(w, ":=", p$rhs[p$lhs == w & p$op == ":="])
    if (length(w) == 2) w <- c(w, "")
    turned_round <- w[2] == "~~" & p$lhs == w[3] & p$rhs == w[1]
    row <- which(p$op == w[2] & (p$lhs == w[1] & p$rhs == w[3] | turned_round))
    stopifnot(length(row) == 1)
    list(estimate = p$est[row], std_error = p$se[row], std_all = p$std_all[row])
  })
  cases[[length(cases) + 1L]] <<- filled(list(
    name = name, dataset = set, kind = kind, series = I(stems), waves = waves,
    indicators = indicators, estimator = estimator, full = full, models = names(syntaxes),
    comparisons = compared, terms = found
  ))
}

growth_case <- function(name, set, indicators, stems, waves, estimator = "ML") {
  write <- function(...) {
    given <- list(stems = stems, t = seq_len(waves) - 1, shape = "linear")
    do.call(growth_model, modifyList(given, list(...)))
  }
  syntaxes <- list(`No change` = write(shape = "none"), `Same change for all` = write(alike = TRUE))
  if (waves > 3) syntaxes$Quadratic <- write(shape = "quadratic")
  syntaxes[["Equal residual variances"]] <- write(equal_residuals = TRUE)
  if (length(stems) > 1) {
    syntaxes[["Equal levels in both roles"]] <- write(equal_means = 1)
    syntaxes[["Equal change in both roles"]] <- write(equal_means = 2)
    syntaxes[["Equal variances in both roles"]] <- write(equal_variances = TRUE)
  }
  syntaxes$Linear <- write()
  terms <- character(0)
  for (s in stems) {
    terms[paste0("mean of level: ", s)] <- paste0("meanF1", s)
    terms[paste0("mean of change: ", s)] <- paste0("meanF2", s)
    terms[paste0("variance of level: ", s)] <- paste0("F1", s, " ~~ F1", s)
    terms[paste0("variance of change: ", s)] <- paste0("F2", s, " ~~ F2", s)
    terms[paste0("level: ", s, " with change: ", s)] <- paste0("F1", s, " ~~ F2", s)
    terms[paste0("residual of ", s, "_t1")] <- paste0(s, "_t1 ~~ ", s, "_t1")
  }
  latent_case(name, set, "growth", indicators, stems, waves, syntaxes, terms, estimator)
}
change_case <- function(name, set, indicators, stems, waves, estimator = "ML") {
  off <- !diag(2)
  none <- off & FALSE
  write <- function(cross, form = "dual", alike = FALSE) {
    if (waves == 2) two_waves(stems, cross, form, alike, character(0)) else {
      dual_change(stems, cross, form, alike, seq_len(waves) - 1)
    }
  }
  across <- length(unique(role_of(stems))) == 2
  who <- if (across) role_of(stems) else toupper(variable_of(stems))
  syntaxes <- list(`Constant change` = write(none, "constant"), `No coupling` = write(none))
  syntaxes[[paste("From", who[1])]] <- write(off & row(off) == 2)
  syntaxes[[paste("From", who[2])]] <- write(off & row(off) == 1)
  if (across) syntaxes[["Equal in both roles"]] <- write(off, alike = TRUE)
  syntaxes[["Both couplings"]] <- write(off)
  terms <- character(0)
  for (i in 1:2) for (j in 1:2) {
    terms[paste0(stems[j], " -> change of ", stems[i])] <- effect_name(stems, i, j, FALSE)
  }
  if (waves == 2) {
    # A label of two waves' effects names a parameter, of more waves something that is defined.
    for (i in 1:2) for (j in 1:2) {
      terms[paste0(stems[j], " -> change of ", stems[i])] <-
        paste0("D.", stems[i], " ~ ", stems[j], "_t1")
    }
  } else {
    for (i in 1:2) {
      j <- 3 - i
      terms[paste0(stems[j], " -> change of ", stems[i])] <-
        paste0("L1.", stems[i], " ~ L0.", stems[j])
      terms[paste0("constant change: ", stems[i])] <- paste0("S.", stems[i], " ~1")
    }
  }
  for (s in stems) {
    terms[paste0("mean change: ", s)] <- paste0("mean.", s)
    terms[paste0("mean change in SD: ", s)] <- paste0("size.", s)
  }
  latent_case(name, set, "latent_change", indicators, stems, waves, syntaxes, terms, estimator)
}
dynamic_case <- function(name, set, indicators, stems, waves, estimator = "ML") {
  names <- c(
    "No effect", "Random effects", "Exogenous", "Related within waves", "Different between waves",
    "Fixed effects"
  )
  syntaxes <- lapply(setNames(nm = names), function(m) dynamic_panel(stems, waves, m, FALSE))
  y <- stems[2]
  terms <- setNames(
    c(paste0(y, "_t2 ~ ", stems[1], "_t1"), paste0(y, "_t2 ~ ", y, "_t1"), "A ~~ A"),
    c(paste0(stems[1], " T1 -> ", y, " T2"), paste0(y, " T1 -> ", y, " T2"), paste0("stable: ", y))
  )
  latent_case(
    name, set, "dynamic_panel", indicators, stems, waves, syntaxes, terms, estimator,
    measured_waves = c(waves - 1, waves)
  )
}
fate_case <- function(name, set, indicators, waves, estimator = "ML") {
  write <- function(to, from, equal = FALSE, means = FALSE) {
    fate_model(members, c("x", "y"), waves, to, from, equal, means)
  }
  own <- c("x", "y")
  terms <- character(0)
  if (waves == 1) {
    syntaxes <- list(
      `No effect` = write(character(0), character(0)), `Equal means` = write("y", "x", means = TRUE),
      `Common fate` = write("y", "x")
    )
    terms["x T1 -> y T1"] <- "Fy1 ~ Fx1"
  } else {
    all <- list(c(own, "y", "x"), c(own, "x", "y"))
    syntaxes <- list(
      Stability = write(own, own), Causal = write(c(own, "y"), c(own, "x")),
      Reversed = write(c(own, "x"), c(own, "y"))
    )
    if (waves > 2) syntaxes[["Equal between waves"]] <- write(all[[1]], all[[2]], TRUE)
    syntaxes[["Equal means"]] <- write(all[[1]], all[[2]], means = TRUE)
    syntaxes$Reciprocal <- write(all[[1]], all[[2]])
    for (v in own) for (w in own) {
      terms[paste0(w, " T1 -> ", v, " T2")] <- paste0("F", v, "2 ~ F", w, "1")
    }
  }
  for (v in own) for (t in seq_len(waves)) {
    terms[paste0("dyad: ", v, " T", t)] <- paste0("tau", v, t)
    for (m in members) {
      terms[paste0("share of the dyad: ", v, " T", t, ", ", m)] <- paste0("icc_", v, "_", m, "_t", t)
    }
  }
  latent_case(name, set, "common_fate", indicators, four, waves, syntaxes, terms, estimator)
}
loop_case <- function(name, set, indicators, estimator = "ML") {
  syntaxes <- list(
    `No influence` = loop_model(members, integer(0)), `From mentor` = loop_model(members, 1),
    `From developee` = loop_model(members, 2), Equal = loop_model(members, 1:2, equal = TRUE),
    `Actor and partner` = loop_model(members, integer(0), partner = TRUE),
    `Mutual influence` = loop_model(members, 1:2)
  )
  terms <- c(
    `influence: mentor -> developee` = "y_developee_t1 ~ y_mentor_t1",
    `influence: developee -> mentor` = "y_mentor_t1 ~ y_developee_t1",
    `actor: mentor` = "y_mentor_t1 ~ x_mentor_t1", `actor: developee` = "y_developee_t1 ~ x_developee_t1",
    loop = "product", multiplier = "times", `total actor: mentor` = "own1"
  )
  latent_case(
    name, set, "mutual_influence", indicators, four, 1, syntaxes, terms, estimator,
    untested = "Actor and partner"
  )
}
only <- Sys.getenv("ONLY")
run <- function(case, name, ...) if (grepl(only, name)) case(name, ...)
run(growth_case, "growth_items", "growth", "items", one, 4)
run(growth_case, "growth_items_both_gaps", "growth_both", "items", roles, 3)
run(growth_case, "growth_reliability_gaps_mlr", "growth_scored", "reliability", one, 4, "MLR")
run(change_case, "change_items", "change", "items", two, 2)
run(change_case, "change_reliability_gaps", "change_scored", "reliability", roles, 2)
run(change_case, "dual_items", "dual", "items", two, 4)
run(change_case, "dual_reliability_gaps_mlr", "dual_scored", "reliability", two, 4, "MLR")
run(dynamic_case, "dynamic_items_gaps", "dynamic", "items", two, 4)
run(dynamic_case, "dynamic_reliability_mlr", "dynamic_scored", "reliability", two, 4, "MLR")
run(fate_case, "fate_items_gaps", "fate", "items", 2)
run(fate_case, "fate_reliability", "fate_scored", "reliability", 3)
run(fate_case, "fate_one_items_mlr", "fate_one", "items", 1, "MLR")
run(loop_case, "loop_items", "loop", "items")
run(loop_case, "loop_reliability_gaps", "loop_scored", "reliability")

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/panel_latent.R",
  how = paste(
    "lavaan, polished by Newton steps. A model's name is that of its case and what a reader calls it.",
    "comparisons: lavTestLRT against the model `full`, of MLR that of 2001. terms: what rows of tidy",
    "are in the model `full`."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
model_line <- function(m) encode(filled(list(
  name = m$name, gradient = m$gradient, effective = m$effective[c("missing", "estimator", "fixed_x")],
  fit = m$fit
)))
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), cases = rows(cases),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]")
), ""), file.path(here, "panel_latent.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
