# Reference values for what common fate over time, dynamic panels and dual change imply over several
# waves (dyadkit.panel): responses, indirect effects and the long run as lavaan's defined parameters,
# with products that are written out here route by route, and rates in continuous time from eigenvalues.
#
# Run by `make oracles` as `Rscript tests/oracles/responses_more.R`; writes responses_more.json beside
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
# Of the other oracles' files, the functions only.
functions_of <- function(folder, name) {
  for (e in parse(file.path(here, folder, paste0(name, ".R")))) {
    assigned <- is.call(e) && identical(e[[1]], as.name("<-")) && is.name(e[[2]])
    if (assigned && is.call(e[[3]]) && identical(e[[3]][[1]], as.name("function"))) {
      eval(e, globalenv())
    }
  }
}
for (name in c("polish", "measures", "write")) part("sem", name)
functions_of("sem", "data")
functions_of("sem", "reference")
worst <- new.env()
part("sem_more", "reference")
em_tolerance <- 1e-12
# The models: `fate_model` of answers as of `shared`, `dynamic_panel` of those as of `drive`.
for (name in c("common_fate", "change")) functions_of(".", name)

# --- Data -----------------------------------------------------------------------------------------

set.seed(2005, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
two <- c("mentor", "developee")
alike <- c("1", "2")
one <- c("x_mentor", "y_mentor")
partner <- c("x_mentor", "y_developee")
datasets <- list(
  fate_three = shared(two, 3, 300), fate_four = shared(two, 4, 300),
  fate_gaps = mcar(shared(two, 4, 320, skewed), 0.05),
  fate_alike = mcar(shared(alike, 4, 260), 0.04),
  dynamic_three = drive(partner, 3, 500), dynamic_four = mcar(drive(one, 4, 400), 0.05),
  dynamic_five = mcar(drive(one, 5, 350, draw = skewed), 0.05), dynamic_lags = drive(one, 4, 450),
  dual_three = grow(one, 0:2, 500), dual_four = grow(one, 0:3, 500),
  dual_gaps = mcar(grow(one, 0:4, 500, draw = skewed), 0.05)
)

# --- Models ---------------------------------------------------------------------------------------

models <- list()
fits <- list()
cases <- list()
simulated <- 40000  # draws for Monte-Carlo intervals
tails <- c(0.025, 0.975)
# What draws say of a value, and how sure they are of it: their kurtosis, and by how much the ends of
# the interval change with their probability.
described <- function(x) {
  around <- function(p) diff(quantile(x, p + c(-0.005, 0.005), type = 6, names = FALSE)) / 0.01
  ends <- quantile(x, tails, type = 6, names = FALSE)
  list(
    low = ends[1], high = ends[2], spread = sd(x), kurtosis = mean((x - mean(x))^4) / var(x)^2,
    slope_low = around(tails[1]), slope_high = around(tails[2])
  )
}

# All products of labels that lead from a stop, c(variable, wave), to another.
products <- function(from, to, variables, label) {
  if (from[2] == to[2]) return(if (from[1] == to[1]) "" else character(0))
  onwards <- as.character(as.integer(from[2]) + 1)
  unlist(lapply(variables, function(v) {
    step <- label(from, c(v, onwards))
    if (is.null(step)) return(character(0))
    rest <- products(c(v, onwards), to, variables, label)
    if (length(rest)) paste0(step, ifelse(rest == "", "", "*"), rest)
  }))
}

# `node` is the variable of a stop in the model, `label` that of an effect from stop to stop, or none.
over_waves <- function(name, set, kind, variables, targets, waves, syntax, node, label, estimator,
                       equal, told, indirect = FALSE, long_run = NULL, drift = NULL, lag = NULL) {
  defined <- list()
  add <- function(quantity, stops, formula) {
    defined[[length(defined) + 1]] <<- list(
      quantity = quantity, series = vapply(stops, function(s) s[1], ""),
      waves = as.integer(vapply(stops, function(s) s[2], "")), from = stops[[1]],
      to = stops[[length(stops)]], formula = formula
    )
  }
  for (v in variables) for (w in targets) for (t in 2:waves) {
    stops <- list(c(v, "1"), c(w, t))
    add("impulse response", stops, paste(
      products(stops[[1]], stops[[2]], variables, label), collapse = " + "
    ))
  }
  if (indirect) for (v in variables) for (m in variables) for (w in variables) {
    if (v == m && m == w) next
    for (t in seq_len(if (equal) 1 else waves - 2)) {
      stops <- list(c(v, t), c(m, t + 1), c(w, t + 2))
      add("indirect effect", stops, paste0(
        label(stops[[1]], stops[[2]]), "*", label(stops[[2]], stops[[3]])
      ))
    }
  }
  if (!is.null(long_run)) add("long-run effect", list(c("x", "1"), c("y", "1")), long_run)
  formulas <- vapply(defined, function(d) d$formula, "")
  # (Of complete data lavaan's listwise and full information are the same.)
  whole <- estimator == "MLR" && !anyNA(datasets[[set]])
  # True scores that have no residual have a singular covariance matrix, of which lavaan warns.
  silent <- if (kind == "latent_change") suppressWarnings else identity
  silent(reference(
    name, paste(c(syntax, paste0("d", seq_along(formulas), " := ", formulas)), collapse = "\n"), set,
    auto = "lavaan", estimator = estimator, missing = if (whole) "listwise" else "fiml",
    meanstructure = TRUE, fixed_x = FALSE, vcov = FALSE, standardise = FALSE
  ))
  fit <- fits[[name]]$fit
  p <- models[[name]]$parameters
  at <- match(paste0("d", seq_along(formulas)), p$lhs)
  implied <- lavInspect(fit, if (kind == "dynamic_panel") "cov.ov" else "cov.lv")
  sd_at <- function(stop) sqrt(implied[node(stop), node(stop)])
  x <- fits[[name]]$solution$x
  # lavaan's rounding may leave a covariance matrix of equal parameters the least bit asymmetric.
  v <- fit@vcov$vcov
  draws <- MASS::mvrnorm(simulated, x, (v + t(v)) / 2)
  values <- t(apply(draws, 1, fit@Model@def.function))[, paste0("d", seq_along(formulas))]
  found <- lapply(seq_along(defined), function(r) {
    d <- defined[[r]]
    std <- if (d$quantity == "long-run effect") NULL else p$est[at[r]] * sd_at(d$from) / sd_at(d$to)
    c(
      d[c("quantity", "series", "waves")],
      list(estimate = p$est[at[r]], std_error = p$se[at[r]], std_all = std),
      lapply(described(values[, r]), signif, 6)
    )
  })
  cases[[length(cases) + 1L]] <<- c(list(
    name = name, dataset = set, kind = kind, waves = waves, estimator = estimator,
    equal_lags = equal, found = found,
    continuous = if (!is.null(drift)) continuous_of(fit, x, draws, drift, lag)
  ), told)
}

# Rates from eigenvalues and eigenvectors; `labels` are of effects, target by source.
continuous_of <- function(fit, x, draws, labels, lag) {
  table <- as.data.frame(fit@ParTable)
  place <- table$free[match(labels, table$label)]
  rate <- function(b) {
    e <- eigen(matrix(b, nrow(labels)))
    if (any(Im(e$values) == 0 & Re(e$values) <= 0)) return(rep(NA_real_, length(b)))
    Re(c(e$vectors %*% diag(log(as.complex(e$values)) / lag, nrow(labels)) %*% solve(e$vectors)))
  }
  values <- matrix(apply(draws[, place, drop = FALSE], 1, rate), simulated, byrow = TRUE)
  kept <- complete.cases(values)
  about <- apply(values[kept, , drop = FALSE], 2, described)
  variables <- c("x", "y")[seq_len(nrow(labels))]
  lapply(seq_along(labels), function(k) c(
    list(
      source = variables[col(labels)[k]], target = variables[row(labels)[k]],
      estimate = rate(x[place])[k], lag = lag
    ),
    lapply(about[[k]], signif, 6)
  ))
}

fate_case <- function(name, set, members, waves, estimator = "ML", equal = FALSE,
                      variables = c("x", "y"), lag = NULL) {
  label <- function(from, to) paste0("be", to[1], from[1], if (!equal) to[2])
  pairs <- expand.grid(to = variables, from = variables, stringsAsFactors = FALSE)
  over_waves(
    name, set, "common_fate", variables, variables, waves,
    fate_model(members, variables, waves, pairs$to, pairs$from, equal, FALSE),
    function(stop) paste0("F", stop[1], stop[2]), label, estimator, equal,
    list(members = members, variables = I(variables)), indirect = length(variables) > 1,
    drift = if (!is.null(lag)) outer(variables, variables, function(to, from) paste0("be", to, from)),
    lag = lag
  )
}
dynamic_case <- function(name, set, stems, waves, estimator = "ML", by_wave = FALSE) {
  label <- function(from, to) {
    if (to[1] == "x") return(NULL)
    paste0(if (from[1] == "x") "beta" else "rho", if (by_wave) to[2])
  }
  over_waves(
    name, set, "dynamic_panel", c("x", "y"), "y", waves,
    dynamic_panel(stems, waves, "Fixed effects", by_wave),
    function(stop) paste0(stems[match(stop[1], c("x", "y"))], "_t", stop[2]), label, estimator,
    !by_wave, list(series = stems, by_wave = by_wave), long_run = if (!by_wave) "beta/(1 - rho)"
  )
}
# True scores of a step on those of the next: 1 and the feedback, or a coupling.
dual_case <- function(name, set, stems, waves, estimator = "ML") {
  variables <- variable_of(stems)
  place <- function(stop) match(stop[1], variables)
  label <- function(from, to) {
    b <- effect_name(stems, place(to), place(from), FALSE)
    if (from[1] == to[1]) paste0("a.", b) else b
  }
  k <- length(stems)
  over_waves(
    name, set, "latent_change", variables, variables, waves,
    dual_change(stems, !diag(k), "dual", FALSE, seq_len(waves) - 1),
    function(stop) paste0("L", as.integer(stop[2]) - 1, ".", stems[place(stop)]), label, estimator,
    TRUE, list(series = I(stems)), indirect = k > 1
  )
}

fate_case("fate_three", "fate_three", two, 3)
fate_case("fate_four", "fate_four", two, 4)
fate_case("fate_four_gaps_mlr", "fate_gaps", two, 4, "MLR")
fate_case("fate_four_equal", "fate_four", two, 4, equal = TRUE, lag = 3)
fate_case("fate_three_equal_gaps_mlr", "fate_gaps", two, 3, "MLR", equal = TRUE)
fate_case("fate_of_x", "fate_gaps", two, 4, variables = "x")
fate_case("fate_of_x_equal", "fate_four", two, 4, equal = TRUE, variables = "x", lag = 0.5)
fate_case("alike_four_gaps", "fate_alike", alike, 4)
fate_case("alike_four_equal_gaps", "fate_alike", alike, 4, equal = TRUE)
dynamic_case("dynamic_three_partner", "dynamic_three", partner, 3)
dynamic_case("dynamic_four_gaps", "dynamic_four", one, 4)
dynamic_case("dynamic_five_gaps_mlr", "dynamic_five", one, 5, "MLR")
dynamic_case("dynamic_lags", "dynamic_lags", one, 4, by_wave = TRUE)
dual_case("dual_three", "dual_three", one, 3)
dual_case("dual_four", "dual_four", one, 4)
dual_case("dual_five_gaps_mlr", "dual_gaps", one, 5, "MLR")
dual_case("dual_of_x", "dual_four", one[1], 4)

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/responses_more.R",
  how = paste(
    "lavaan, polished by Newton steps. std_error: delta method; low, high, spread and kurtosis, and",
    "how low and high change with their probability (slope):", simulated,
    "draws from the normal distribution of the estimates."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
short <- function(x) {
  if (is.list(x)) return(lapply(x, short))
  if (is.double(x)) signif(x, 13) else x
}
several <- function(x) block(vapply(short(lapply(x, filled)), encode, ""), "      ", "[", "]")
case_line <- function(case) {
  nested <- c("found", "continuous")
  entries <- lapply(filled(short(case[setdiff(names(case), nested)])), encode)
  for (part in nested) if (!is.null(case[[part]])) entries[[part]] <- several(case[[part]])
  block(entries, "    ")
}
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "),
  cases = block(vapply(cases, case_line, ""), "  ", "[", "]")
), ""), file.path(here, "responses_more.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
