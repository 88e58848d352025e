# Coverage of lavaan's 95 % intervals, for dyadkit.sem, on samples that a test draws again.
#
# Run by `make oracles` as `Rscript tests/oracles/coverage.R`; writes coverage.json beside itself
# in some three minutes.  Needs the packages jsonlite and lavaan (on Debian: r-cran-jsonlite
# r-cran-lavaan).
#
# No sample is stored.  With the Mersenne Twister, sample number k of a study is
#
#   set.seed(first_seed + k - 1); z <- matrix(qnorm(runif(n * p)), n, p); z %*% chol(Sigma) + mu
#
# where Sigma and mu are what the true parameters imply.  lavaan fits by maximum likelihood with
# expected information as it comes, which decides about convergence; scoring steps on its gradient
# then polish its solution (by at most `moved` standard errors).  Its warnings are counted by text.
# Per parameter, over the converged samples: how many Wald intervals contain the truth, which do not
# (`missed`, samples counted from 1), mean and SD of the estimates, and their mean standard error.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)
RNGkind("Mersenne-Twister", "Inversion", "Rejection")

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
draws <- 2000L
kept <- 20L
critical <- qnorm(0.975)
source(file.path(here, "sem", "polish.R"), local = FALSE)
lines <- function(...) paste(c(...), collapse = "\n")

# The two studies: what is fitted, and what is true of each free parameter.

waves <- 1:4
paths <- unlist(lapply(2:4, function(t) {
  c(sprintf("wx%d ~ wx%d + wy%d", t, t - 1, t - 1), sprintf("wy%d ~ wx%d + wy%d", t, t - 1, t - 1))
}))
riclpm <- lines(
  paste("ix =~", paste0("1*x", waves, collapse = " + ")),
  paste("iy =~", paste0("1*y", waves, collapse = " + ")),
  sprintf("wx%d =~ 1*x%d", waves, waves), sprintf("wy%d =~ 1*y%d", waves, waves),
  paths, sprintf("wx%d ~~ wy%d", waves, waves),
  sprintf("x%d ~~ 0*x%d", waves, waves), sprintf("y%d ~~ 0*y%d", waves, waves),
  "ix ~~ iy", "ix + iy ~~ 0*wx1 + 0*wy1"
)
riclpm_truth <- c(
  "wx2~wx1" = 0.40, "wx2~wy1" = 0.15, "wy2~wx1" = 0.20, "wy2~wy1" = 0.35,
  "wx3~wx2" = 0.35, "wx3~wy2" = 0.10, "wy3~wx2" = 0.25, "wy3~wy2" = 0.40,
  "wx4~wx3" = 0.45, "wx4~wy3" = 0.15, "wy4~wx3" = 0.15, "wy4~wy3" = 0.30,
  "wx1~~wy1" = 0.30, "wx2~~wy2" = 0.20, "wx3~~wy3" = 0.15, "wx4~~wy4" = 0.20,
  "wx1~~wx1" = 1.00, "wx2~~wx2" = 0.80, "wx3~~wx3" = 0.85, "wx4~~wx4" = 0.75,
  "wy1~~wy1" = 0.90, "wy2~~wy2" = 0.75, "wy3~~wy3" = 0.70, "wy4~~wy4" = 0.80,
  "ix~~ix" = 0.90, "iy~~iy" = 0.80, "ix~~iy" = 0.35,
  "x1~1" = 3.50, "x2~1" = 3.60, "x3~1" = 3.65, "x4~1" = 3.70,
  "y1~1" = 4.20, "y2~1" = 4.15, "y3~1" = 4.10, "y4~1" = 4.10
)

# Trust (t) and satisfaction (s) of mentors (m) and developees (d), three items each.
measured <- function(factor) {
  paste(factor, "=~", paste0(sub("_", "", factor), 1:3, collapse = " + "))
}
apim <- lines(
  sapply(c("t_m", "t_d", "s_m", "s_d"), measured), "s_m ~ t_m + t_d", "s_d ~ t_d + t_m",
  "t_m ~~ t_d", "s_m ~~ s_d", sprintf("tm%d ~~ td%d", 1:3, 1:3), sprintf("sm%d ~~ sd%d", 1:3, 1:3)
)
apim_truth <- c(
  "t_m=~tm2" = 0.90, "t_m=~tm3" = 1.10, "t_d=~td2" = 0.95, "t_d=~td3" = 1.05,
  "s_m=~sm2" = 0.85, "s_m=~sm3" = 1.00, "s_d=~sd2" = 0.90, "s_d=~sd3" = 1.10,
  "s_m~t_m" = 0.45, "s_m~t_d" = 0.20, "s_d~t_d" = 0.40, "s_d~t_m" = 0.25,
  "t_m~~t_d" = 0.30, "s_m~~s_d" = 0.20,
  "tm1~~td1" = 0.10, "tm2~~td2" = 0.08, "tm3~~td3" = 0.12,
  "sm1~~sd1" = 0.10, "sm2~~sd2" = 0.12, "sm3~~sd3" = 0.08,
  "tm1~~tm1" = 0.50, "tm2~~tm2" = 0.60, "tm3~~tm3" = 0.45,
  "td1~~td1" = 0.55, "td2~~td2" = 0.50, "td3~~td3" = 0.60,
  "sm1~~sm1" = 0.45, "sm2~~sm2" = 0.55, "sm3~~sm3" = 0.50,
  "sd1~~sd1" = 0.50, "sd2~~sd2" = 0.60, "sd3~~sd3" = 0.45,
  "t_m~~t_m" = 0.80, "t_d~~t_d" = 0.90, "s_m~~s_m" = 0.60, "s_d~~s_d" = 0.65,
  "tm1~1" = 3.80, "tm2~1" = 3.60, "tm3~1" = 3.90, "td1~1" = 4.00, "td2~1" = 3.70, "td3~1" = 3.90,
  "sm1~1" = 3.50, "sm2~1" = 3.40, "sm3~1" = 3.60, "sd1~1" = 3.70, "sd2~1" = 3.60, "sd3~1" = 3.50
)

# With paths A and covariances S of all variables, Sigma = F (I - A)^-1 S (I - A)^-T F' and
# mu = F (I - A)^-1 t, F taking the observed ones.
implied_by <- function(table, truth) {
  value <- table$ustart
  value[table$free > 0] <- truth[table$free[table$free > 0]]
  observed <- lavNames(table, "ov")
  all <- c(observed, lavNames(table, "lv"))
  a <- s <- matrix(0, length(all), length(all), dimnames = list(all, all))
  t <- setNames(numeric(length(all)), all)
  for (i in seq_along(value)) {
    left <- table$lhs[i]
    right <- table$rhs[i]
    switch(table$op[i],
      "=~" = a[right, left] <- value[i],
      "~" = a[left, right] <- value[i],
      "~~" = s[left, right] <- s[right, left] <- value[i],
      "~1" = t[left] <- value[i],
      stop("unforeseen operator ", table$op[i])
    )
  }
  b <- solve(diag(length(all)) - a)
  list(
    sigma = (b %*% s %*% t(b))[observed, observed], mu = setNames(as.vector(b %*% t), all)[observed]
  )
}

uniforms <- function(seed, count) {
  set.seed(seed)
  runif(count)
}

# Fisher's scoring from where nlminb stopped, until a step is below 1e-10 standard errors.
polished <- function(fit) {
  problem <- problem_of(fit)
  n <- lavInspect(fit, "nobs")
  x <- problem$start
  for (step in 1:100) {
    information <- n * internal("lav_model_information_expected")(
      lavmodel = problem$at(x), lavsamplestats = fit@SampleStats, lavdata = fit@Data,
      lavoptions = fit@Options
    )
    change <- -solve(information, n * problem$gradient(x))
    x <- x + change
    if (sum(change * (information %*% change)) < 1e-20) {
      distance <- x - problem$start
      return(list(
        estimate = x, std_error = sqrt(diag(solve(information))),
        moved = sqrt(sum(distance * (information %*% distance)))
      ))
    }
  }
  stop("scoring did not end")
}

study <- function(name, syntax, n, truth, first_seed) {
  table <- lavaanify(syntax,
    meanstructure = TRUE, int.ov.free = TRUE, auto.var = TRUE, auto.cov.lv.x = TRUE,
    auto.cov.y = TRUE, auto.fix.first = TRUE, auto.fix.single = TRUE, fixed.x = FALSE
  )
  names <- lav_partable_labels(table, type = "free")
  stopifnot(setequal(names, names(truth)), !anyDuplicated(names(truth)))
  truth <- truth[names]
  moments <- implied_by(table, truth)
  p <- length(moments$mu)
  root <- chol(moments$sigma)
  seeds <- first_seed + seq_len(draws) - 1L
  warned <- character()
  estimates <- errors <- matrix(NA_real_, draws, length(names))
  converged <- logical(draws)
  moved <- rep(NA_real_, draws)
  for (k in seq_len(draws)) {
    z <- matrix(qnorm(uniforms(seeds[k], n * p)), n, p)
    data <- as.data.frame(sweep(z %*% root, 2, moments$mu, "+"))
    fit <- withCallingHandlers(
      sem(syntax, data,
        meanstructure = TRUE, estimator = "ML", information = "expected", test = "none",
        baseline = FALSE, h1 = FALSE
      ),
      warning = function(w) {
        text <- gsub("\\s+", " ", conditionMessage(w))
        warned <<- c(warned, trimws(sub("^lavaan WARNING:", "", text)))
        invokeRestart("muffleWarning")
      }
    )
    if (k == 1) stopifnot(identical(names(coef(fit)), names))
    converged[k] <- lavInspect(fit, "converged")
    if (converged[k]) {
      end <- polished(fit)
      stopifnot(abs(end$std_error / sqrt(diag(lavInspect(fit, "vcov"))) - 1) < 1e-3)
      estimates[k, ] <- end$estimate
      errors[k, ] <- end$std_error
      moved[k] <- end$moved
    }
  }
  stopifnot(all(is.finite(errors[converged, ])))
  missed <- abs(sweep(estimates, 2, truth)) > critical * errors
  used <- which(converged)
  list(
    name = name, syntax = strsplit(syntax, "\n")[[1]], n = n, draws = draws,
    first_seed = first_seed, variables = names(moments$mu),
    sigma = unname(moments$sigma), mu = unname(moments$mu),
    warnings = table(warned), converged = length(used), not_converged = which(!converged),
    moved = max(moved[used]),
    names = names, truth = unname(truth),
    covered = colSums(!missed[used, ]), mean = colMeans(estimates[used, ]),
    sd = apply(estimates[used, ], 2, sd), mean_se = colMeans(errors[used, ]),
    missed = lapply(seq_along(names), function(j) which(missed[, j])),
    estimates = estimates[seq_len(kept), ], std_errors = errors[seq_len(kept), ]
  )
}

uniform_seeds <- c(0L, 1L, 2000L, 2147483647L, -1L)
stream <- list(
  seeds = uniform_seeds, uniforms = t(sapply(uniform_seeds, uniforms, 5)),
  normals = t(sapply(uniform_seeds, function(seed) qnorm(uniforms(seed, 5)))),
  # The generator makes 624 numbers at a time.
  seed = 7L, number = c(624L, 625L, 1249L), uniform = uniforms(7L, 1249L)[c(624L, 625L, 1249L)]
)
studies <- list(
  # R's seeds start one long cycle at different places: these 2,000 each keep out of each other's.
  study("riclpm", riclpm, 355L, riclpm_truth, 1001L),
  study("latent_apim", apim, 150L, apim_truth, 4001L)
)

# JSON with one line per entry.
encode <- function(x) as.character(toJSON(x, digits = NA, auto_unbox = TRUE, na = "null"))
block <- function(entries, indent) {
  inner <- paste0(indent, "  ", vapply(names(entries), encode, ""), ": ", entries, collapse = ",\n")
  paste0("{\n", inner, "\n", indent, "}")
}
study_json <- function(x) {
  x$missed <- lapply(x$missed, I)
  x$not_converged <- I(x$not_converged)
  x$warnings <- structure(as.list(x$warnings), names = as.character(names(x$warnings)))
  block(lapply(x, encode), "    ")
}
packages <- c("jsonlite", "lavaan")
about <- list(
  command = "Rscript tests/oracles/coverage.R", r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p)))),
  generator = RNGkind()
)
writeLines(
  block(list(
    about = block(lapply(about, encode), "  "), stream = block(lapply(stream, encode), "  "),
    studies = block(lapply(setNames(studies, c("riclpm", "latent_apim")), study_json), "  ")
  ), ""),
  file.path(here, "coverage.json")
)
for (x in studies) {
  off <- x$covered / x$converged - 0.95
  worst <- which.max(abs(off))
  cat(
    x$name, ": ", x$converged, " of ", x$draws, " converged, ", sum(unlist(x$warnings)),
    " warnings, moved by at most ", signif(x$moved, 2), " SE; coverage farthest from 0.95: ",
    x$names[worst], " ", round(0.95 + off[worst], 4), "\n",
    sep = ""
  )
}
