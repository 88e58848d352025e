# Reference values for what panels imply over several waves (dyadkit.panel): responses and indirect
# effects as lavaan's defined parameters, of models and products that are written out here route by
# route, and rates in continuous time from eigenvalues.
#
# Run by `make oracles` as `Rscript tests/oracles/responses.R`; writes responses.json beside itself.
# Needs the packages jsonlite, lavaan and MASS (on Debian: r-cran-jsonlite r-cran-lavaan r-cran-mass).

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

set.seed(2004, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
simulate <- function(stems, waves, n, stable = 0.8) {
  k <- length(stems)
  mixed <- function(share) matrix(rnorm(n * k), n) %*% chol(diag(1 - share, k) + share)
  a <- matrix(0.08, k, k) + diag(0.4, k)
  a[2, 1] <- 0.3
  trait <- stable * mixed(0.4)
  within <- mixed(0.25)
  out <- list()
  for (wave in seq_len(waves)) {
    if (wave > 1) within <- within %*% t(a) + 0.85 * mixed(0.2)
    out[[wave]] <- setNames(as.data.frame(4 + 0.1 * wave + trait + within), paste0(stems, "_t", wave))
  }
  rounded(do.call(cbind, out))
}
one <- c("x_mentor", "y_mentor")
four <- c("x_mentor", "x_developee", "y_mentor", "y_developee")
datasets <- list(
  three = simulate(one, 3, 400), four = mcar(simulate(one, 4, 400), 0.06),
  five = simulate(one, 5, 300, 0.5), both = simulate(four, 3, 260)
)

# --- Models ---------------------------------------------------------------------------------------

# A stop is a series in a wave, c(i, t).  The label of an effect from one stop to another.
label <- function(from, to, equal) {
  gap <- to[2] - from[2]
  paste0(if (gap == 1) "b" else "s", from[1], to[1], if (!equal) paste0("w", from[2]))
}
# All products of labels that lead from stop to stop; own series also over two waves.
all_routes <- function(from, to, k, second, equal) {
  if (from[2] == to[2]) return(if (from[1] == to[1]) "" else character(0))
  steps <- lapply(seq_len(k), function(i) c(i, from[2] + 1))
  if (second && from[2] + 2 <= to[2]) steps <- c(steps, list(c(from[1], from[2] + 2)))
  unlist(lapply(steps, function(stop) {
    rest <- all_routes(stop, to, k, second, equal)
    if (length(rest) == 0) return(character(0))
    paste0(label(from, stop, equal), ifelse(rest == "", "", "*"), rest)
  }))
}
syntax_of <- function(stems, waves, intercepts, equal, second) {
  k <- length(stems)
  column <- function(i, t) paste0(stems[i], "_t", t)
  within <- function(i, t) paste0(if (intercepts) "p_", column(i, t))
  every <- seq_len(k)
  out <- character(0)
  for (t in 2:waves) for (i in every) {
    terms <- vapply(every, function(j) {
      paste0(label(c(j, t - 1), c(i, t), equal), "*", within(j, t - 1))
    }, "")
    if (second && t > 2) {
      terms <- c(terms, paste0(label(c(i, t - 2), c(i, t), equal), "*", within(i, t - 2)))
    }
    out <- c(out, paste(within(i, t), "~", paste(terms, collapse = " + ")))
  }
  pairs <- combn(k, 2)
  for (t in (if (intercepts) 1 else 2):waves) {
    out <- c(out, paste(within(pairs[1, ], t), "~~", within(pairs[2, ], t)))
  }
  if (!intercepts) return(out)
  stable <- paste0("ri_", stems)
  for (i in every) {
    own <- column(i, seq_len(waves))
    out <- c(
      out, paste(stable[i], "=~", paste0("1*", own, collapse = " + ")),
      paste0(within(i, seq_len(waves)), " =~ 1*", own), paste0(own, " ~~ 0*", own),
      paste(within(i, seq_len(waves)), "~~", within(i, seq_len(waves))),
      paste(own, "~ 1"), paste(stable[i], "~~", stable[i])
    )
  }
  c(out, paste(stable[pairs[1, ]], "~~", stable[pairs[2, ]]))
}

models <- list()
fits <- list()
cases <- list()
simulated <- 40000  # draws for Monte-Carlo intervals
# lavaan's rounding may leave a covariance matrix of equal parameters the least bit asymmetric.
drawn_from <- function(x, v) MASS::mvrnorm(simulated, x, (v + t(v)) / 2)
ends_of <- function(x) apply(x, 2, quantile, c(0.025, 0.975), type = 6, names = FALSE)

over_waves <- function(name, set, stems, waves, kind, estimator = "ML", equal = FALSE,
                       second = FALSE, lag = NULL) {
  k <- length(stems)
  intercepts <- kind == "riclpm"
  every <- seq_len(k)
  defined <- list()
  add <- function(quantity, stops, products) {
    defined[[length(defined) + 1]] <<- list(
      quantity = quantity, series = stems[vapply(stops, function(s) s[1], 0)],
      waves = vapply(stops, function(s) s[2], 0), from = stops[[1]], to = stops[[length(stops)]],
      formula = paste(products, collapse = " + ")
    )
  }
  for (j in every) for (i in every) for (t in 2:waves) {
    add("impulse response", list(c(j, 1), c(i, t)), all_routes(c(j, 1), c(i, t), k, second, equal))
  }
  for (j in every) for (m in every) for (i in every) for (t in seq_len(if (equal) 1 else waves - 2)) {
    if (j == m && m == i) next
    stops <- list(c(j, t), c(m, t + 1), c(i, t + 2))
    add("indirect effect", stops, paste(
      label(stops[[1]], stops[[2]], equal), label(stops[[2]], stops[[3]], equal), sep = "*"
    ))
  }
  formulas <- vapply(defined, function(d) d$formula, "")
  syntax <- lines(
    syntax_of(stems, waves, intercepts, equal, second),
    paste0("d", seq_along(formulas), " := ", formulas)
  )
  # (Of complete data lavaan's listwise and full information are the same.)
  whole <- estimator == "MLR" && !anyNA(datasets[[set]])
  reference(
    name, syntax, set, auto = if (intercepts) "lavaan" else "sem", estimator = estimator,
    missing = if (whole) "listwise" else "fiml", meanstructure = TRUE, fixed_x = FALSE,
    vcov = FALSE, standardise = FALSE
  )
  fit <- fits[[name]]$fit
  p <- models[[name]]$parameters
  at <- p$op == ":="
  implied <- lavInspect(fit, if (intercepts) "cov.lv" else "cov.ov")
  sd <- function(stop) {
    own <- paste0(if (intercepts) "p_", stems[stop[1]], "_t", stop[2])
    sqrt(implied[own, own])
  }
  x <- fits[[name]]$solution$x
  draws <- drawn_from(x, fit@vcov$vcov)
  values <- t(apply(draws, 1, fit@Model@def.function))
  ends <- ends_of(values)
  found <- lapply(seq_along(defined), function(r) {
    d <- defined[[r]]
    c(d[c("quantity", "series", "waves")], list(
      estimate = p$est[at][r], std_error = p$se[at][r],
      std_all = p$est[at][r] * sd(d$from) / sd(d$to),
      low = signif(ends[1, r], 6), high = signif(ends[2, r], 6), spread = signif(sd_of(values[, r]), 6)
    ))
  })
  cases[[length(cases) + 1L]] <<- list(
    name = name, dataset = set, series = stems, waves = waves, kind = kind, estimator = estimator,
    equal_lags = equal, second_order = second, found = found,
    continuous = if (!is.null(lag)) continuous(fit, x, draws, k, lag)
  )
}
sd_of <- stats::sd

# Rates from eigenvalues and eigenvectors of the matrix of effects (targets in rows).
continuous <- function(fit, x, draws, k, lag) {
  stopifnot(k == 2)
  names <- paste0("b", c(11, 12, 21, 22))  # source, target
  table <- as.data.frame(fit@ParTable)
  place <- table$free[match(names, table$label)]
  power <- function(f) function(b) {
    e <- eigen(matrix(b, 2))
    if (any(Im(e$values) == 0 & Re(e$values) <= 0)) return(rep(NA_real_, 4))
    Re(c(e$vectors %*% diag(f(as.complex(e$values))) %*% solve(e$vectors)))
  }
  rate <- power(function(v) log(v) / lag)
  values <- t(apply(draws[, place], 1, rate))
  kept <- complete.cases(values)
  ends <- ends_of(values[kept, ])
  lags <- lag * c(0.25, 1, 1.75, 3)
  roots <- log(eigen(matrix(x[place], 2))$values) / lag
  stopifnot(is.double(roots))
  list(
    lag = lag, source = c(1, 1, 2, 2), target = c(1, 2, 1, 2), rate = rate(x[place]),
    low = signif(ends[1, ], 6), high = signif(ends[2, ], 6),
    spread = signif(apply(values[kept, ], 2, sd_of), 6), none = mean(!kept), lags = lags,
    effects = lapply(lags, function(s) power(function(v) v^(s / lag))(x[place])),
    peak = log(roots[2] / roots[1]) / (roots[1] - roots[2])
  )
}

over_waves("riclpm_three", "three", one, 3, "riclpm")
over_waves("clpm_four_gaps_second", "four", one, 4, "clpm", second = TRUE)
over_waves("riclpm_four_gaps_mlr", "four", one, 4, "riclpm", "MLR", equal = TRUE, lag = 6)
over_waves("clpm_five_mlr", "five", one, 5, "clpm", "MLR", equal = TRUE, lag = 0.5)
over_waves("both", "both", four, 3, "clpm")

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/responses.R",
  how = paste(
    "lavaan, polished by Newton steps. std_error: delta method; low, high and spread:",
    simulated, "draws from the normal distribution of the estimates."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
short <- function(x) {
  if (is.list(x)) return(lapply(x, short))
  if (is.double(x)) signif(x, 13) else x
}
case_line <- function(case) {
  found <- case$found
  case$found <- NULL
  entries <- lapply(filled(short(case)), encode)
  entries$found <- block(vapply(short(found), encode, ""), "      ", "[", "]")
  block(entries, "    ")
}
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "),
  cases = block(vapply(cases, case_line, ""), "  ", "[", "]")
), ""), file.path(here, "responses.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
