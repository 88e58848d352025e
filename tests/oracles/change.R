# Reference values for latent change and dynamic panels (dyadkit.panel) on simulated answers of
# mentors and developees in several waves: lavaan's fits of models that are written out here.
#
# Run by `make oracles` as `Rscript tests/oracles/change.R`; writes change.json beside itself.  Needs
# the packages jsonlite, lavaan and MASS (on Debian: r-cran-jsonlite r-cran-lavaan r-cran-mass).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
packages <- c("jsonlite", "lavaan", "MASS")

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(folder, name) source(file.path(here, folder, paste0(name, ".R")), local = FALSE)
# Of the other oracles' files, the functions only.
functions_of <- function(folder, name) {
  for (e in parse(file.path(here, folder, paste0(name, ".R")))) {
    assigned <- is.call(e) && identical(e[[1]], as.name("<-")) && is.name(e[[2]])
    if (assigned && is.call(e[[3]]) && identical(e[[3]][[1]], as.name("function"))) {
      eval(e, globalenv())
    }
  }
}
lines <- function(...) paste(c(...), collapse = "\n")
for (name in c("polish", "measures", "write")) part("sem", name)
functions_of("sem", "data")
functions_of("sem", "reference")
worst <- new.env()
part("sem_more", "reference")
em_tolerance <- 1e-12

# --- Data -----------------------------------------------------------------------------------------

set.seed(2009, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
one <- c("x_mentor", "y_mentor")
both <- c("x_mentor", "x_developee")
four <- c("x_mentor", "x_developee", "y_mentor", "y_developee")
skewed <- function(n) (rchisq(n, 4) - 4) / sqrt(8)
named <- function(values, stems, wave) {
  setNames(as.data.frame(values), paste0(stems, "_t", wave))
}
# True scores with a slope, feedback and couplings, seen with error at some of the steps.
grow <- function(stems, steps, n, draw = rnorm, coupling = 0.12) {
  k <- length(stems)
  mixed <- function(share, sd) sd * matrix(draw(n * k), n) %*% chol(diag(1 - share, k) + share)
  b <- diag(-0.25 - coupling / 2, k) + coupling / 2
  if (k > 1) b[2, 1] <- coupling
  true <- sweep(mixed(0.4, 1), 2, 3 + seq_len(k) / 2, "+")
  slope <- sweep(mixed(0.3, 0.35), 2, 0.9 + seq_len(k) / 10, "+") + 0.1 * (true - 3)
  out <- list()
  for (step in 0:max(steps)) {
    if (step > 0) true <- true + slope + true %*% t(b)
    if (step %in% steps) {
      wave <- length(out) + 1
      out[[wave]] <- named(true + mixed(0.2, 0.5), stems, wave)
    }
  }
  rounded(do.call(cbind, out))
}
# y depends on itself, on x and on what is stable; x depends on y and on what is stable.
drive <- function(stems, waves, n, draw = rnorm) {
  stable <- draw(n)
  bent <- 0.6 * stable + 0.8 * draw(n)
  x <- bent + draw(n)
  y <- 1.4 * stable + 0.3 * x + draw(n)
  out <- list(named(cbind(x, y), stems, 1))
  for (wave in 2:waves) {
    now <- 0.1 * wave + 0.4 * y + 0.3 * x + 0.8 * stable + 0.9 * draw(n)
    x <- bent + 0.3 * x + 0.2 * y + 0.8 * draw(n)
    y <- now
    out[[wave]] <- named(cbind(x, y), stems, wave)
  }
  rounded(do.call(cbind, out))
}
with_covariate <- function(d) {
  d$z_mentor_t1 <- round(0.3 * (d$x_mentor_t1 - 3) + rnorm(nrow(d)), 3)
  d$x_mentor_t2 <- round(d$x_mentor_t2 + 0.3 * d$z_mentor_t1, 3)
  d
}
datasets <- list(
  two = grow(one, 0:1, 200), two_skewed = grow(one, 0:1, 220, draw = skewed),
  two_gaps = mcar(with_covariate(grow(one, 0:1, 240)), 0.06),
  two_both = mcar(grow(four, 0:1, 240), 0.05),
  three = grow(one, 0:2, 400), five_gaps = mcar(grow(one, 0:4, 300, draw = skewed), 0.06),
  four_gaps = mcar(grow(one, 0:3, 400), 0.05), six = grow(one, 0:5, 260, draw = skewed),
  dyad = grow(both, 0:3, 350), steps = grow(one, c(0, 1, 3, 4), 400),
  quad = grow(four, 0:3, 400, coupling = 0.08),
  dynamic_three = drive(one, 3, 900), dynamic_four = mcar(drive(one, 4, 400), 0.05),
  dynamic_five = mcar(drive(one, 5, 350, draw = skewed), 0.05), dynamic_six = drive(one, 6, 300),
  dynamic_partner = drive(c("x_mentor", "y_developee"), 4, 350, draw = skewed),
  dynamic_lags = drive(one, 4, 400)
)

# --- Models ---------------------------------------------------------------------------------------
# `cross` tells by target and source whether there is an effect; `form` is "dual", or what is left.

variable_of <- function(stems) sub("_.*", "", stems)
role_of <- function(stems) sub(".*_", "", stems)
effect_name <- function(stems, i, j, alike) {
  if (!alike) return(paste("b", stems[i], stems[j], sep = "."))
  whose <- if (role_of(stems[i]) == role_of(stems[j])) "own" else "other"
  paste("b", variable_of(stems[i]), variable_of(stems[j]), whose, sep = ".")
}
pairs_of <- function(x) if (length(x) > 1) combn(x, 2) else matrix(character(0), 2)
covary <- function(x) {
  p <- pairs_of(x)
  c(paste(x, "~~", x), if (ncol(p)) paste(p[1, ], "~~", p[2, ]))
}
differences <- function(stems) {
  same <- outer(variable_of(stems), variable_of(stems), "==") & upper.tri(diag(length(stems)))
  apply(which(same, arr.ind = TRUE), 1, function(ij) {
    paste0("diff.", stems[ij[1]], ".", stems[ij[2]], " := mean.", stems[ij[1]], " - mean.", stems[ij[2]])
  })
}

# Two waves: the second is the first (regression of 1) plus a latent difference.
two_waves <- function(stems, cross, form, alike, covariates) {
  out <- character(0)
  d <- paste0("D.", stems)
  first <- paste0(stems, "_t1")
  means <- setNames(paste0("mu.", c(stems, covariates)), c(first, covariates))
  for (i in seq_along(stems)) {
    sources <- if (form == "constant") integer(0) else which(cross[i, ] | seq_along(stems) == i)
    labels <- vapply(sources, function(j) effect_name(stems, i, j, alike), "")
    on <- c(first[sources], covariates)
    labels <- c(labels, if (length(covariates)) paste("k", stems[i], covariates, sep = "."))
    out <- c(
      out, paste0(d[i], " =~ 1*", stems[i], "_t2"), paste0(stems[i], "_t2 ~ 1*", first[i]),
      paste0(stems[i], "_t2 ~~ 0*", stems[i], "_t2"), paste0(d[i], " ~ i.", stems[i], "*1"),
      if (length(on)) paste0(d[i], " ~ ", paste0(labels, "*", on, collapse = " + ")),
      paste0(first[i], " ~~ s.", stems[i], "*", first[i]),
      paste0(
        "mean.", stems[i], " := ",
        paste(c(paste0("i.", stems[i]), paste0(labels, "*", means[on])[seq_along(on)]), collapse = " + ")
      ),
      paste0("size.", stems[i], " := mean.", stems[i], "/sqrt(s.", stems[i], ")")
    )
  }
  exogenous <- c(first, covariates)
  p <- pairs_of(exogenous)
  lines(
    out, paste(exogenous, "~", paste0(means[exogenous], "*1")), covary(d),
    if (length(covariates)) covary(covariates), if (ncol(p)) paste(p[1, ], "~~", p[2, ]),
    if (length(stems) > 1) differences(stems)
  )
}
# The same with no regression of differences, for their means and variances as such.
two_waves_plain <- function(stems, covariates) {
  d <- paste0("D.", stems)
  first <- paste0(stems, "_t1")
  lines(
    paste0(d, " =~ 1*", stems, "_t2"), paste0(stems, "_t2 ~ 1*", first),
    paste0(stems, "_t2 ~~ 0*", stems, "_t2"), paste(d, "~ 1"), paste(c(first, covariates), "~ 1"),
    covary(c(d, first, covariates))
  )
}

# Three waves or more: true scores on those of the step before, the changes substituted (their own
# effect is 1 + feedback).
dual_change <- function(stems, cross, form, alike, steps) {
  last <- max(steps)
  out <- character(0)
  p <- pairs_of(stems)
  column <- function(stem, step) paste0(stem, "_t", match(step, steps))
  for (i in seq_along(stems)) {
    stem <- stems[i]
    eta <- function(step) paste0("L", step, ".", stem)
    sources <- if (form == "constant") integer(0) else which(cross[i, ])
    stay <- paste0("a.", effect_name(stems, i, i, alike))
    first <- if (form == "constant") "1" else stay
    for (step in 0:last) {
      out <- c(out, paste(eta(step), "=~", if (step %in% steps) {
        paste0("1*", column(stem, step))
      } else paste0("0*", column(stem, 0))))
      if (step == 0) next
      terms <- c(
        paste0(first, "*", eta(step - 1), if (form != "constant") paste0(" + start(0.8)*", eta(step - 1))),
        vapply(sources, function(j) {
          paste0(effect_name(stems, i, j, alike), "*L", step - 1, ".", stems[j])
        }, "")
      )
      out <- c(out, paste(eta(step), "~", paste(terms, collapse = " + ")), paste(eta(step), "~~ 0*", eta(step)))
    }
    seen <- column(stem, steps)
    out <- c(
      out, paste0(seen, " ~~ e.", stem, "*", seen), paste(eta(0), "~", paste0("mu.", stem, "*1")),
      paste0(eta(0), " ~~ s.", stem, "*", eta(0)),
      if (form != "proportional") c(
        paste0("S.", stem, " =~ ", paste0("1*", vapply(1:last, eta, ""), collapse = " + ")),
        paste0("S.", stem, " ~ level.", stem, "*1"), paste0("S.", stem, " ~~ S.", stem)
      )
    )
  }
  for (r in seq_len(ncol(p))) for (step in steps) {
    out <- c(out, paste0(
      column(p[1, r], step), " ~~ e.", p[1, r], ".", p[2, r], "*", column(p[2, r], step)
    ))
  }
  factors <- c(paste0("L0.", stems), if (form != "proportional") paste0("S.", stems))
  q <- pairs_of(factors)
  out <- c(out, if (ncol(q)) paste(q[1, ], "~~", q[2, ]))
  defined <- character(0)
  if (form == "dual") {
    for (i in unique(vapply(seq_along(stems), function(i) effect_name(stems, i, i, alike), ""))) {
      defined <- c(defined, paste0(i, " := a.", i, " - 1"))
    }
    # Mean changes by powers of the matrix of effects: written out step by step.
    for (step in 1:last) for (i in seq_along(stems)) {
      before <- if (step == 1) paste0("mu.", stems) else paste0("m", step - 1, ".", stems)
      terms <- c(
        paste0("level.", stems[i]), paste0("a.", effect_name(stems, i, i, alike), "*", before[i]),
        vapply(which(cross[i, ]), function(j) {
          paste0(effect_name(stems, i, j, alike), "*", before[j])
        }, "")
      )
      defined <- c(defined, paste0("m", step, ".", stems[i], " := ", paste(terms, collapse = " + ")))
    }
    sd <- function(stem) paste0("sqrt(s.", stem, " + e.", stem, ")")
    for (i in seq_along(stems)) {
      stem <- stems[i]
      defined <- c(
        defined, paste0("mean.", stem, " := m", last, ".", stem, " - mu.", stem),
        paste0("size.", stem, " := mean.", stem, "/", sd(stem)),
        vapply(which(cross[i, ]), function(j) paste0(
          "std.", stem, ".", stems[j], " := ", effect_name(stems, i, j, alike), "*", sd(stems[j]), "/", sd(stem)
        ), "")
      )
    }
    if (length(stems) > 1) defined <- c(defined, differences(stems))
  }
  lines(out, defined)
}

dynamic_panel <- function(stems, waves, model, by_wave) {
  x <- paste0(stems[1], "_t", seq_len(waves - 1))
  y <- paste0(stems[2], "_t", seq_len(waves))
  by_wave <- by_wave || model == "Different between waves"
  t <- 2:waves
  at <- if (by_wave) t else ""
  cause <- if (model == "No effect") "" else paste0(" + beta", at, "*", x)
  related <- unlist(lapply(t, function(now) {
    if (model == "Exogenous") return(NULL)
    s <- seq_len(waves - 1)
    s <- s[if (model == "Related within waves") s >= now else s > now]
    if (length(s)) paste(y[now], "~~", x[s])
  }))
  lines(
    paste0(y[t], " ~ rho", at, "*", y[t - 1], cause),
    paste("A =~", paste0("1*", y[t], collapse = " + ")), "A ~~ A", paste("A ~~", y[1]),
    paste("A ~~", paste0(if (model == "Random effects") "0*", x)),
    paste(y[t], "~~", y[t]), related, covary(c(y[1], x)), paste(c(x, y), "~ 1")
  )
}

models <- list()
fits <- list()
cases <- list()
add_case <- function(name, set, kind, stems, waves, estimator, syntaxes, full, extra = list(),
                     beside = NULL, improper = FALSE) {
  # True scores that have no residual have a singular covariance matrix, and what is stable a negative
  # variance where a competing model is wrong, of which lavaan warns.
  silent <- function(model) if (improper || model != full) suppressWarnings else identity
  key <- function(model) paste(name, model, sep = ": ")
  whole <- estimator == "MLR" && !anyNA(datasets[[set]])
  for (model in c(names(syntaxes), names(beside))) {
    # (lavaan's robust CFI of complete data differs by `missing`; that of complete data is meant.)
    silent(model)(reference(
      key(model), c(syntaxes, beside)[[model]], set, auto = "lavaan", estimator = estimator,
      missing = if (whole) "listwise" else "fiml", meanstructure = TRUE, fixed_x = FALSE,
      vcov = FALSE, standardise = model == full
    ))
  }
  compared <- lapply(setdiff(names(syntaxes), full), function(model) {
    found <- lavTestLRT(
      fits[[key(model)]]$fit, fits[[key(full)]]$fit,
      method = if (estimator == "MLR") "satorra.bentler.2001" else "default"
    )
    list(
      model = model, difference = found[2, "Chisq diff"], df = found[2, "Df diff"],
      pvalue = found[2, "Pr(>Chisq)"]
    )
  })
  cases[[length(cases) + 1L]] <<- c(list(
    name = name, dataset = set, kind = kind, series = I(stems), waves = waves,
    estimator = estimator, full = full, models = names(syntaxes), comparisons = compared
  ), extra)
}
change_case <- function(name, set, stems, waves, estimator = "ML", steps = seq_len(waves) - 1,
                        covariates = character(0)) {
  k <- length(stems)
  off <- !diag(k)
  same <- function(x) outer(x, x, "==") & off
  none <- off & FALSE
  write <- function(cross, form = "dual", alike = FALSE) {
    if (waves == 2) two_waves(stems, cross, form, alike, covariates) else {
      dual_change(stems, cross, form, alike, steps)
    }
  }
  syntaxes <- list(`Constant change` = write(none, "constant"))
  if (k == 1) {
    if (waves > 2) syntaxes[["Proportional change"]] <- write(none, "proportional")
    full <- "Feedback"
  } else {
    syntaxes[["No coupling"]] <- write(none)
    if (k == 2) {
      two <- length(unique(variable_of(stems))) == 2
      who <- if (two) toupper(variable_of(stems)) else role_of(stems)
      syntaxes[[paste("From", who[1])]] <- write(off & row(off) == 2)
      syntaxes[[paste("From", who[2])]] <- write(off & row(off) == 1)
    } else {
      syntaxes[["Within members"]] <- write(same(role_of(stems)))
      syntaxes[["Within variables"]] <- write(same(variable_of(stems)))
    }
    if (length(unique(role_of(stems))) == 2) syntaxes[["Equal in both roles"]] <- write(off, alike = TRUE)
    full <- if (k == 2) "Both couplings" else "All couplings"
  }
  syntaxes[[full]] <- write(off)
  add_case(
    name, set, "latent_change", stems, waves, estimator, syntaxes, full,
    list(steps = steps, covariates = I(covariates)),
    if (waves == 2) list(Plain = two_waves_plain(stems, covariates)), improper = waves > 2
  )
}
dynamic_case <- function(name, set, stems, waves, estimator = "ML", by_wave = FALSE) {
  names <- c(
    "No effect", "Random effects", if (waves > 3) "Exogenous", "Related within waves",
    if (waves > 3 && !by_wave) "Different between waves", "Fixed effects"
  )
  syntaxes <- lapply(setNames(names, names), function(m) dynamic_panel(stems, waves, m, by_wave))
  add_case(
    name, set, "dynamic_panel", stems, waves, estimator, syntaxes, "Fixed effects",
    list(by_wave = by_wave)
  )
}
dynamic_case("dynamic_three", "dynamic_three", one, 3)
dynamic_case("dynamic_four_gaps", "dynamic_four", one, 4)
dynamic_case("dynamic_five_gaps_mlr", "dynamic_five", one, 5, "MLR")
dynamic_case("dynamic_six", "dynamic_six", one, 6)
dynamic_case("dynamic_partner_mlr", "dynamic_partner", c("x_mentor", "y_developee"), 4, "MLR")
dynamic_case("dynamic_lags", "dynamic_lags", one, 4, by_wave = TRUE)
change_case("two_single", "two", one[1], 2)
change_case("two_pair", "two", one, 2)
change_case("two_pair_mlr", "two_skewed", one, 2, "MLR")
change_case("two_single_covariate_gaps", "two_gaps", one[1], 2, covariates = "z_mentor_t1")
change_case("two_pair_covariate_gaps_mlr", "two_gaps", one, 2, "MLR", covariates = "z_mentor_t1")
change_case("two_both_gaps", "two_both", four, 2)
change_case("two_dyad_gaps_mlr", "two_both", both, 2, "MLR")
change_case("dual_single_three", "three", one[1], 3)
change_case("dual_pair_three", "three", one, 3)
change_case("dual_single_five_gaps_mlr", "five_gaps", one[1], 5, "MLR")
change_case("dual_pair_four_gaps", "four_gaps", one, 4)
change_case("dual_pair_six_mlr", "six", one, 6, "MLR")
change_case("dual_dyad_four", "dyad", both, 4)
change_case("dual_pair_steps", "steps", one, 4, steps = c(0, 1, 3, 4))
change_case("dual_four_four", "quad", four, 4)

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/change.R",
  how = paste(
    "lavaan, polished by Newton steps. A model's name is that of its case and what a reader calls it.",
    "comparisons: lavTestLRT against the model `full`, of MLR that of 2001. Plain: two waves without",
    "regressions of the differences."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
full_ones <- vapply(cases, function(x) paste(x$name, x$full, sep = ": "), "")
model_line <- function(m) {
  p <- m$parameters
  shown <- (p$free > 0 | p$op == ":=") & (m$name %in% full_ones | grepl("Plain", m$name))
  encode(filled(list(
    name = m$name, dataset = m$dataset, syntax = I(strsplit(m$syntax, "\n")[[1]]),
    effective = m$effective[c("missing", "estimator", "fixed_x")], gradient = m$gradient,
    fit = m$fit,
    parameters = lapply(
      p[intersect(c("lhs", "op", "rhs", "label", "est", "se", "std_all", "std_all_se"), names(p))],
      function(x) I(if (is.numeric(x)) signif(x[shown], 13) else x[shown])
    )
  )))
}
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), cases = rows(cases),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]")
), ""), file.path(here, "change.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
