# Reference values for growth curves (dyadkit.panel.growth.growth) on simulated answers of mentors and
# developees in several waves: lavaan's fits of models that are written out here.
#
# Run by `make oracles` as `Rscript tests/oracles/growth.R`; writes growth.json beside itself.  Needs
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

set.seed(1990, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
skewed <- function(n) (rchisq(n, 4) - 4) / sqrt(8)
# Series that begin at different levels and change at different paces, which go together; `bend` is
# added to the means, `outside` (a matrix) to level, and `more` (a list of matrices) to the answers.
simulate <- function(stems, times, n, bend = 0 * times, sd = 0.3, draw = rnorm, outside = 0,
                     more = NULL) {
  k <- length(stems)
  r <- matrix(0.25, 2 * k, 2 * k) + diag(0.75, 2 * k)
  factors <- matrix(draw(n * 2 * k), n) %*% chol(r)
  out <- list()
  for (i in seq_len(k)) {
    level <- 3 + 0.2 * i + factors[, i] + outside
    change <- 0.15 + 0.05 * i + sd * factors[, k + i] / sqrt(max(times)) + 0.1 * outside
    for (t in seq_along(times)) {
      y <- level + change * times[t] + bend[t] + 0.7 * draw(n)
      if (!is.null(more)) y <- y + more[[i]][, t]
      out[[paste0(stems[i], "_t", t)]] <- y
    }
  }
  out <- as.data.frame(out)
  waves <- as.vector(outer(stems, seq_along(times), paste, sep = "_t"))
  # Residuals of one wave go together.
  for (t in seq_along(times)) {
    names <- paste0(stems, "_t", t)
    out[names] <- out[names] + 0.3 * draw(n)
  }
  rounded(out[waves])
}
one <- "x_mentor"
roles <- c("x_mentor", "x_developee")
two <- c("x_mentor", "y_mentor")
even <- function(waves) seq_len(waves) - 1
with_outside <- function(n, times, stems) {
  age <- rnorm(n)
  rank <- 0.4 * age + rnorm(n)
  out <- simulate(stems, times, n, outside = 0.4 * age - 0.2 * rank)
  cbind(out, rounded(age_mentor_t1 = 40 + 8 * age, rank_developee_t1 = rank))
}
with_varying <- function(n, times, stems, sources, effect, shift) {
  lasting <- rnorm(n)
  w <- lapply(sources, function(s) {
    sapply(seq_along(times), function(t) 2 + shift * t + 0.6 * lasting + rnorm(n))
  })
  more <- lapply(seq_along(stems), function(i) {
    Reduce(`+`, lapply(seq_along(sources), function(j) effect[i, j] * w[[j]]))
  })
  out <- simulate(stems, times, n, more = more, outside = 0.3 * lasting)
  for (j in seq_along(sources)) {
    names <- paste0(sources[j], "_t", seq_along(times))
    out <- cbind(out, rounded(setNames(as.data.frame(w[[j]]), names)))
  }
  out
}
times <- list(
  three = even(3), four = c(0, 1, 3, 6), five = c(0, 2, 4, 6, 8), six = c(0, 1, 2, 4, 6, 9),
  even_four = even(4), even_five = even(5)
)
datasets <- list(
  three = simulate(one, times$three, 200),
  four = mcar(simulate(one, times$four, 260, draw = skewed), 0.06),
  quadratic = simulate(one, times$five, 400, bend = 0.03 * times$five^2, sd = 0.6),
  quadratic_gaps = mcar(simulate(one, times$six, 300, bend = -0.02 * times$six^2, sd = 0.5), 0.06),
  piecewise = simulate(one, times$even_five, 350, bend = c(0, 0.4, 0.8, 0.6, 0.4), draw = skewed),
  piecewise_gaps = mcar(simulate(one, times$six, 320, bend = c(0, 0.3, 0.6, 0.6, 0.6, 0.6)), 0.05),
  basis = simulate(one, times$three, 300, bend = c(0, 0.8, 1), sd = 0.8),
  basis_gaps = mcar(
    simulate(one, times$five, 320, bend = c(0, 1, 1.6, 1.9, 2), sd = 0.6, draw = skewed), 0.05
  ),
  both = simulate(roles, times$even_four, 260),
  both_gaps = mcar(simulate(roles, times$three, 240, draw = skewed), 0.05),
  parallel = mcar(simulate(two, times$four, 260), 0.05),
  parallel_basis = simulate(two, times$even_four, 300, bend = c(0, 0.6, 0.9, 1), sd = 0.6),
  outside = mcar(with_outside(260, times$four, one), 0.05),
  outside_both = with_outside(300, times$even_four, roles),
  varying = with_varying(260, times$even_four, one, "w_mentor", matrix(0.4), 0.2),
  varying_gaps = mcar(with_varying(280, times$four, one, "w_mentor", matrix(0.4), 0.2), 0.04),
  varying_both = with_varying(
    300, times$three, roles, c("w_mentor", "w_developee"), matrix(c(0.4, 0.2, 0.1, 0.3), 2), 0.1
  ),
  groups = mcar(cbind(
    simulate(one, times$four, 320), cond_mentor_t1 = rep(c(1, 2, 2, 1), 80)
  ), 0.05, paste0("x_mentor_t", 1:4))
)

# --- Models ---------------------------------------------------------------------------------------

# Loadings of each growth factor on the waves; NA where one is free.
loadings_of <- function(shape, t, turn) {
  n <- length(t)
  switch(shape,
    none = list(rep(1, n)), linear = list(rep(1, n), t), quadratic = list(rep(1, n), t, t^2),
    piecewise = list(rep(1, n), pmin(t, t[turn]), pmax(t - t[turn], 0)),
    latent_basis = list(rep(1, n), c(0, rep(NA, n - 2), 1))
  )
}

# What a model has and holds equal: see the options.  Predictors and covariates enter as they are, so
# that means of growth factors are functions of parameters ("mean..."), but for effects that are free:
# there deviations from the mean of the first wave enter.
growth_model <- function(stems, t, shape, turn = 0, alike = FALSE, equal_residuals = FALSE,
                         equal_means = 0, equal_variances = FALSE, effects = "equal",
                         unrelated = FALSE, covariates = NULL, no_covariates = FALSE,
                         predictors = NULL, groups = 1, share = "") {
  basis <- loadings_of(shape, t, turn)
  every <- seq_along(basis)
  waves <- seq_along(t)
  variable <- sub("_.*", "", stems)
  factor <- function(k, s) paste0("F", k, s)
  every_group <- function(texts) paste0("c(", toString(texts), ")")
  label <- function(text) if (groups == 1) text else every_group(paste0(text, "g", 1:groups))
  shared <- function(text) if (groups == 1) text else every_group(rep(text, groups))
  out <- character(0)
  add <- function(...) out <<- c(out, paste0(...))
  varying <- character(0)
  for (s in stems) {
    y <- paste0(s, "_t", waves)
    for (k in every) {
      f <- factor(k, s)
      loading <- ifelse(
        is.na(basis[[k]]), paste0("start(", t / max(t), ")*"), paste0(basis[[k]], "*")
      )
      add(f, " =~ ", paste0(loading, y, collapse = " + "))
      alpha <- if (share == "means") shared(paste0("al", k, s)) else label(paste0("al", k, s))
      add(f, " ~ ", alpha, "*1")
      if (alike && k > 1) {
        add(f, " ~~ 0*", f)
        next
      }
      variance <- if (equal_variances) paste0("va", k, sub("_.*", "", s), "*") else
        if (share == "variances") paste0(shared(paste0("va", k, s)), "*") else ""
      add(f, " ~~ ", variance, f)
      varying <- c(varying, f)
      if (length(covariates)) {
        add(f, " ~ ", paste0(
          if (no_covariates) "0" else paste0("ga", k, s, covariates), "*", covariates, collapse = " + "
        ))
      }
    }
    add(y, " ~~ ", if (equal_residuals) paste0(label(paste0("re", s)), "*") else "", y)
  }
  related <- function(one, other, before = "") add(one, " ~~ ", before, other)
  if (length(varying) > 1) {
    pairs <- combn(varying, 2)
    before <- if (share == "variances") {
      paste0(vapply(paste0("co", pairs[1, ], pairs[2, ]), shared, ""), "*")
    } else ""
    related(pairs[1, ], pairs[2, ], before)
  }
  if (length(stems) > 1) {
    pairs <- combn(stems, 2)
    for (w in waves) related(paste0(pairs[1, ], "_t", w), paste0(pairs[2, ], "_t", w))
  }
  outside <- c(covariates, as.vector(outer(predictors, waves, paste, sep = "_t")))
  free <- effects == "free"
  for (v in outside) {
    # Deviations are from one mean of all waves, that of the first.
    within <- free && !v %in% covariates
    add(v, " ~ mu", if (within) sub("_t[0-9]+$", "", v) else v, "*1")
    add(v, " ~~ ", if (within) "0*", v)
  }
  if (free) for (p in predictors) {
    add("D", p, waves, " =~ 1*", p, "_t", waves)
    add("D", p, waves, " ~~ D", p, waves)
    add("D", p, waves, " ~ ", ifelse(waves == 1, "0*", ""), "1")
  }
  inside <- outside
  if (free) inside <- c(covariates, paste0("D", as.vector(outer(predictors, waves, paste0))))
  if (length(inside) > 1) {
    pairs <- combn(inside, 2)
    related(pairs[1, ], pairs[2, ])
  }
  for (p in predictors) {
    w <- if (free) paste0("D", p, waves) else paste0(p, "_t", waves)
    if (!unrelated) for (f in varying) related(f, w)
    for (s in stems) {
      b <- switch(effects, equal = paste0("be", s, p, "*"), free = "", none = "0*")
      add(s, "_t", waves, " ~ ", b, w)
    }
  }
  # Means of growth factors.
  means <- list()
  for (s in stems) for (k in every) {
    more <- if (length(covariates) && !no_covariates && !(alike && k > 1)) {
      paste0(" + ga", k, s, covariates, "*mu", covariates)
    }
    if (k == 1 && length(predictors) && effects == "equal") {
      more <- c(more, paste0(" + be", s, predictors, "*mu", predictors, "_t1"))
    }
    means[[factor(k, s)]] <- paste0("al", k, s, paste(more, collapse = ""))
  }
  if (groups == 1) add("mean", names(means), " := ", unlist(means))
  for (k in equal_means[equal_means > 0]) {
    add(means[[factor(k, stems[1])]], " == ", means[[factor(k, stems[2])]])
  }
  lines(out)
}

models <- list()
fits <- list()
cases <- list()
# Variances are not bounded, and some are negative: that lavaan warns of it is the one exception.
admitting <- function(expr) withCallingHandlers(expr, warning = function(w) {
  if (grepl("variances are negative|is not positive definite", conditionMessage(w))) {
    invokeRestart("muffleWarning")
  }
})
growth_case <- function(name, set, stems, t, shape = "linear", turn = 0, estimator = "ML",
                        covariates = NULL, predictors = NULL, group = NULL) {
  key <- function(model) paste(name, model, sep = ": ")
  groups <- if (is.null(group)) 1 else length(unique(datasets[[set]][[group]]))
  whole <- estimator == "MLR" && !anyNA(datasets[[set]])
  known <- list(stems = stems, t = t, covariates = covariates, predictors = predictors, groups = groups)
  if (is.null(covariates)) known$covariates <- NULL
  if (is.null(predictors)) known$predictors <- NULL
  run <- function(model, ...) {
    given <- modifyList(c(known, list(shape = shape, turn = turn)), list(...))
    # (lavaan's robust CFI of complete data differs by `missing`; that of complete data is meant.)
    admitting(reference(
      key(model), do.call(growth_model, given), set, auto = "lavaan", estimator = estimator,
      missing = if (whole) "listwise" else "fiml", meanstructure = TRUE, fixed_x = FALSE,
      vcov = FALSE, group = group, moments = TRUE, standardise = model == full
    ))
  }
  full <- c(
    linear = "Linear", quadratic = "Quadratic", piecewise = "Piecewise", latent_basis = "Latent basis"
  )[[shape]]
  run(full)
  run("No change", shape = "none")
  run("Same change for all", alike = TRUE)
  apart <- character(0)
  if (shape != "linear") run("Linear", shape = "linear")
  if (shape != "quadratic" && length(t) > 3) {
    run("Quadratic", shape = "quadratic")
    if (shape != "linear") apart <- "Quadratic"
  }
  run("Equal residual variances", equal_residuals = TRUE)
  changes <- seq_along(loadings_of(shape, t, turn))[-1]
  if (identical(stems, roles)) {
    run("Equal levels in both roles", equal_means = 1)
    run("Equal change in both roles", equal_means = changes)
    run("Equal variances in both roles", equal_variances = TRUE)
  }
  if (length(covariates)) run("Covariates without effects", no_covariates = TRUE)
  if (length(predictors)) {
    run("Predictors without effects", effects = "none")
    run("Effects free in each wave", effects = "free")
    run("Predictors unrelated to growth", unrelated = TRUE)
  }
  if (groups > 1) {
    run("Equal means in groups", share = "means")
    run("Equal variances in groups", share = "variances")
  }
  own <- paste0("^", name, ": ")
  run_names <- sub(own, "", grep(own, names(models), value = TRUE))
  compared <- lapply(setdiff(run_names, c(full, apart)), function(model) {
    ends <- list(fits[[key(model)]]$fit, fits[[key(full)]]$fit)
    if (ends[[1]]@test[[1]]$df < ends[[2]]@test[[1]]$df) ends <- rev(ends)
    found <- lavTestLRT(
      ends[[1]], ends[[2]],
      method = if (estimator == "MLR") "satorra.bentler.2001" else "default"
    )
    list(
      model = model, difference = found[2, "Chisq diff"], df = found[2, "Df diff"],
      pvalue = found[2, "Pr(>Chisq)"]
    )
  })
  # Implied means of the outcomes, with standard errors by the delta method.
  outcomes <- as.vector(t(outer(stems, seq_along(t), paste, sep = "_t")))
  fitted <- fits[[key(full)]]
  problem <- problem_of(fitted$fit)
  means_at <- function(x) {
    implied <- internal("lav_model_implied")(problem$at(x))$mean
    unlist(lapply(implied, function(m) m[match(outcomes, lavNames(fitted$fit, "ov"))]))
  }
  x <- fitted$solution$x
  slopes <- central_jacobian(means_at, x, 1e-2 * fitted$solution$unit)
  errors <- sqrt(diag(slopes %*% fitted$fit@vcov$vcov %*% t(slopes)))
  parts <- if (is.null(group)) list(datasets[[set]]) else {
    lapply(fitted$fit@Data@group.label, function(g) {
      datasets[[set]][datasets[[set]][[group]] == as.numeric(g), ]
    })
  }
  observed <- lapply(parts, function(d) lapply(outcomes, function(v) {
    found <- t.test(d[[v]])
    c(unname(found$estimate), as.numeric(found$conf.int))
  }))
  cases[[length(cases) + 1L]] <<- filled(list(
    name = name, dataset = set, series = I(stems), times = t, shape = shape,
    turn = if (turn > 0) paste0("t", turn), estimator = estimator,
    covariates = if (length(covariates)) I(covariates),
    predictors = if (length(predictors)) I(predictors),
    group = group, labels = if (groups > 1) fitted$fit@Data@group.label,
    full = full, models = run_names, comparisons = compared, outcomes = outcomes,
    implied = means_at(x), implied_se = errors, observed = unlist(observed, recursive = FALSE)
  ))
}
growth_case("linear_three", "three", one, times$three)
growth_case("linear_four_gaps_mlr", "four", one, times$four, estimator = "MLR")
growth_case("linear_six_gaps", "quadratic_gaps", one, times$six)
growth_case("quadratic_five", "quadratic", one, times$five, "quadratic")
growth_case("quadratic_five_mlr", "quadratic", one, times$five, "quadratic", estimator = "MLR")
growth_case("quadratic_six_gaps", "quadratic_gaps", one, times$six, "quadratic")
growth_case("piecewise_five_mlr", "piecewise", one, times$even_five, "piecewise", 3, "MLR")
growth_case("piecewise_six_gaps", "piecewise_gaps", one, times$six, "piecewise", 3)
growth_case("basis_three", "basis", one, times$three, "latent_basis")
growth_case("basis_five_gaps_mlr", "basis_gaps", one, times$five, "latent_basis", estimator = "MLR")
growth_case("both_four", "both", roles, times$even_four)
growth_case("both_three_gaps_mlr", "both_gaps", roles, times$three, estimator = "MLR")
growth_case("parallel_four_gaps", "parallel", two, times$four)
growth_case("parallel_basis", "parallel_basis", two, times$even_four, "latent_basis")
covariates <- c("age_mentor_t1", "rank_developee_t1")
growth_case("outside_gaps", "outside", one, times$four, covariates = covariates)
growth_case("outside_both", "outside_both", roles, times$even_four, covariates = covariates)
growth_case("varying", "varying", one, times$even_four, predictors = "w_mentor")
growth_case("varying_gaps_mlr", "varying_gaps", one, times$four, estimator = "MLR", predictors = "w_mentor")
growth_case("varying_both", "varying_both", roles, times$three, predictors = c("w_mentor", "w_developee"))
growth_case("groups_gaps", "groups", one, times$four, group = "cond_mentor_t1")
growth_case("groups_mlr", "groups", one, times$four, estimator = "MLR", group = "cond_mentor_t1")

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/growth.R",
  how = paste(
    "lavaan, polished by Newton steps. A model's name is that of its case and what a reader calls it.",
    "comparisons: lavTestLRT against the model `full`, of MLR that of 2001. implied: means of `outcomes`,",
    "group by group; observed: means with intervals by t.test."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
fulls <- vapply(cases, function(case) paste(case$name, case$full, sep = ": "), "")
model_line <- function(m) {
  out <- list(name = m$name, gradient = m$gradient, fit = m$fit)
  if (m$name %in% fulls) {
    p <- m$parameters
    shown <- p$free > 0 | p$op == ":="
    out <- c(out, list(
      syntax = I(strsplit(m$syntax, "\n")[[1]]),
      effective = m$effective[c("missing", "estimator", "fixed_x")], rsquare = m$rsquare,
      parameters = lapply(
        p[c("lhs", "op", "rhs", "group", "est", "se", "std_all", "std_all_se")],
        function(x) if (is.numeric(x)) signif(x[shown], 13) else x[shown]
      )
    ))
  }
  encode(filled(out))
}
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), cases = rows(cases),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]")
), ""), file.path(here, "growth.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
