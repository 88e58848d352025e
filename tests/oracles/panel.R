# Reference values for cross-lagged panels (dyadkit.panel) on simulated answers of mentors and
# developees in several waves: lavaan's fits of models that are written out here.
#
# Run by `make oracles` as `Rscript tests/oracles/panel.R`; writes panel.json beside itself.  Needs
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

set.seed(2015, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
# Series that are stable to the extent of `stable` and change by the lagged effects `a`.
simulate <- function(stems, waves, n, stable = 0.8, draw = rnorm) {
  k <- length(stems)
  mixed <- function(share) matrix(draw(n * k), n) %*% chol(diag(1 - share, k) + share)
  a <- matrix(0.1, k, k) + diag(0.25, k)
  if (k > 1) a[2, 1] <- 0.25
  trait <- stable * mixed(0.4)
  within <- mixed(0.25)
  out <- list()
  for (wave in seq_len(waves)) {
    if (wave > 1) within <- within %*% t(a) + 0.9 * mixed(0.2)
    out[[wave]] <- setNames(as.data.frame(4 + 0.1 * wave + trait + within), paste0(stems, "_t", wave))
  }
  rounded(do.call(cbind, out))
}
skewed <- function(n) (rchisq(n, 4) - 4) / sqrt(8)
one <- c("x_mentor", "y_mentor")
four <- c("x_mentor", "x_developee", "y_mentor", "y_developee")
datasets <- list(
  two = simulate(one, 2, 200), three = simulate(one, 3, 300), four = mcar(simulate(one, 4, 300), 0.06),
  five = simulate(one, 5, 300, draw = skewed), six = simulate(one, 6, 260),
  gaps = mcar(simulate(one, 3, 320, draw = skewed), 0.05),
  unstable = simulate(one, 4, 250, stable = 0.05), both = simulate(four, 3, 260),
  both_gaps = mcar(simulate(four, 2, 220), 0.05)
)

# --- Models ---------------------------------------------------------------------------------------

# `cross` tells by target and source whether there is an effect.
panel_model <- function(stems, waves, cross, intercepts, equal, second, alike) {
  k <- length(stems)
  column <- function(i, t) paste0(stems[i], "_t", t)
  within <- function(i, t) paste0(if (intercepts) "p_", column(i, t))
  stable <- paste0("ri_", stems)
  variable <- sub("_.*", "", stems)
  role <- sub(".*_", "", stems)
  named <- function(kind, i, j, t) {
    if (!equal && !alike) return("")
    whose <- if (!alike) paste0(stems[i], stems[j]) else {
      paste0(variable[i], variable[j], if (role[i] == role[j]) "a" else "p")
    }
    paste0(kind, whose, if (!equal) t, "*")
  }
  out <- character(0)
  every <- seq_len(k)
  for (t in 2:waves) for (i in every) {
    sources <- every[every == i | cross[i, ]]
    terms <- vapply(sources, function(j) paste0(named("b", i, j, t), within(j, t - 1)), "")
    if (second && t > 2) terms <- c(terms, paste0(named("s", i, i, t), within(i, t - 2)))
    out <- c(out, paste(within(i, t), "~", paste(terms, collapse = " + ")))
  }
  pairs <- combn(k, 2)
  for (t in (if (intercepts) 1 else 2):waves) {
    out <- c(out, paste(within(pairs[1, ], t), "~~", within(pairs[2, ], t)))
  }
  if (!intercepts) return(lines(out))
  for (i in every) {
    own <- column(i, seq_len(waves))
    out <- c(
      out, paste(stable[i], "=~", paste0("1*", own, collapse = " + ")),
      paste0(within(i, seq_len(waves)), " =~ 1*", own), paste0(own, " ~~ 0*", own),
      paste(within(i, seq_len(waves)), "~~", within(i, seq_len(waves))),
      paste(own, "~ 1"), paste(stable[i], "~~", stable[i])
    )
  }
  lines(out, paste(stable[pairs[1, ]], "~~", stable[pairs[2, ]]))
}

models <- list()
fits <- list()
cases <- list()
panel_case <- function(name, set, stems, waves, kind, estimator = "ML", equal = FALSE, second = FALSE,
                       improper = FALSE) {
  k <- length(stems)
  # Random intercepts that have no positive definite covariance matrix make lavaan warn.
  silent <- if (improper) suppressWarnings else identity
  off <- !diag(k)
  dimnames(off) <- NULL
  same <- function(x) outer(x, x, "==") & off
  crosses <- if (k == 2) {
    list(
      Stability = off & FALSE, Causal = off & row(off) == 2, Reversed = off & row(off) == 1,
      Reciprocal = off
    )
  } else list(
    Stability = off & FALSE, `Within members` = same(sub(".*_", "", stems)),
    `Within variables` = same(sub("_.*", "", stems)), `Equal in both roles` = off, All = off
  )
  full <- names(crosses)[length(crosses)]
  other <- if (kind == "riclpm") "Without random intercepts" else "With random intercepts"
  if (waves > 2) crosses[[other]] <- off
  key <- function(model) paste(name, model, sep = ": ")
  for (model in names(crosses)) {
    intercepts <- (kind == "riclpm") != (model == other)
    syntax <- panel_model(
      stems, waves, crosses[[model]], intercepts, equal, second, model == "Equal in both roles"
    )
    # (lavaan's robust CFI of complete data differs by `missing`; that of complete data is meant.)
    whole <- estimator == "MLR" && !anyNA(datasets[[set]])
    silent(reference(
      key(model), syntax, set, auto = if (intercepts) "lavaan" else "sem", estimator = estimator,
      missing = if (whole) "listwise" else "fiml", meanstructure = TRUE, fixed_x = FALSE, vcov = FALSE
    ))
  }
  compared <- lapply(setdiff(names(crosses), full), function(model) {
    ends <- list(fits[[key(model)]]$fit, fits[[key(full)]]$fit)
    found <- lavTestLRT(
      ends[[1]], ends[[2]],
      method = if (estimator == "MLR") "satorra.bentler.2001" else "default"
    )
    list(
      model = model, difference = found[2, "Chisq diff"], df = found[2, "Df diff"],
      pvalue = found[2, "Pr(>Chisq)"]
    )
  })
  cases[[length(cases) + 1L]] <<- list(
    name = name, dataset = set, series = stems, waves = waves, kind = kind, estimator = estimator,
    equal_lags = equal, second_order = second, full = full, models = names(crosses),
    comparisons = compared
  )
}
panel_case("clpm_two", "two", one, 2, "clpm")
panel_case("riclpm_three", "three", one, 3, "riclpm")
panel_case("riclpm_gaps_mlr", "gaps", one, 3, "riclpm", "MLR")
panel_case("riclpm_four_gaps", "four", one, 4, "riclpm", equal = TRUE)
panel_case("clpm_four_gaps_second", "four", one, 4, "clpm", second = TRUE)
panel_case("riclpm_negative", "unstable", one, 4, "riclpm", improper = TRUE)
panel_case("clpm_five_mlr", "five", one, 5, "clpm", "MLR", equal = TRUE)
panel_case("clpm_six", "six", one, 6, "clpm", equal = TRUE, improper = TRUE)
panel_case("both_gaps", "both_gaps", four, 2, "clpm")
panel_case("both_riclpm", "both", four, 3, "riclpm", equal = TRUE, improper = TRUE)

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/panel.R",
  how = paste(
    "lavaan, polished by Newton steps. A model's name is that of its case and what a reader calls it.",
    "comparisons: lavTestLRT against the model `full`, of MLR that of 2001."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
model_line <- function(m) {
  p <- m$parameters
  shown <- p$op == "~" | (p$op == "~~" & grepl("^ri_", p$lhs) & grepl("^ri_", p$rhs))
  encode(filled(list(
    name = m$name, dataset = m$dataset, syntax = I(strsplit(m$syntax, "\n")[[1]]),
    effective = m$effective[c("missing", "estimator", "fixed_x")], gradient = m$gradient,
    fit = m$fit,
    parameters = lapply(
      p[c("lhs", "op", "rhs", "est", "se", "std_all", "std_all_se")],
      function(x) if (is.numeric(x)) signif(x[shown], 13) else x[shown]
    )
  )))
}
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), cases = rows(cases),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]")
), ""), file.path(here, "panel.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
