# Reference values for common fate and mutual influence (dyadkit.panel) on simulated answers of both
# members: lavaan's fits of models that are written out here.
#
# Run by `make oracles` as `Rscript tests/oracles/common_fate.R`; writes common_fate.json beside
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
lines <- function(...) paste(c(...), collapse = "\n")
for (name in c("polish", "measures", "write")) part("sem", name)
functions_of("sem", "data")
functions_of("sem", "reference")
worst <- new.env()
part("sem_more", "reference")
em_tolerance <- 1e-12

# --- Data -----------------------------------------------------------------------------------------

set.seed(1985, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
two <- c("mentor", "developee")
alike <- c("1", "2")
skewed <- function(n) (rchisq(n, 4) - 4) / sqrt(8)
# What the dyad has of x and y goes on over time; each answer has a lasting and a passing rest of its
# member.  `sign` is -1 where the second member's x is what the first one's is not.
shared <- function(members, waves, n, draw = rnorm, sign = 1) {
  mixed <- function(share) matrix(draw(2 * n), n) %*% chol(diag(1 - share, 2) + share)
  dyad <- mixed(0.4)
  lasting <- lapply(members, function(m) 0.4 * mixed(0.2))
  out <- list()
  for (wave in seq_len(waves)) {
    if (wave > 1) dyad <- dyad %*% cbind(c(0.5, 0.1), c(0.3, 0.4)) + 0.7 * mixed(0.2)
    for (k in 1:2) {
      own <- lasting[[k]] + (0.5 + 0.1 * k) * mixed(0.3)
      x <- 4 + (if (k == 2) sign else 1) * dyad[, 1] + own[, 1]
      stems <- paste0(c("x_", "y_"), members[k], "_t", wave)
      out[[length(out) + 1]] <- setNames(data.frame(x, 3 + 0.1 * wave + dyad[, 2] + own[, 2]), stems)
    }
  }
  rounded(do.call(cbind, out))
}
# Both members' y in a loop; each has an x of its own.
looped <- function(members, n, influence, own, draw = rnorm) {
  both <- function(r) matrix(draw(2 * n), n) %*% chol(matrix(c(1, r, r, 1), 2))
  x <- both(0.3)
  b <- matrix(c(0, influence[1], influence[2], 0), 2)
  y <- (x %*% diag(own) + 0.8 * both(0.2)) %*% t(solve(diag(2) - b))
  rounded(setNames(
    data.frame(4 + x, 3 + y), c(paste0("x_", members, "_t1"), paste0("y_", members, "_t1"))
  ))
}
datasets <- list(
  one = shared(two, 1, 180), gaps = mcar(shared(two, 1, 200), 0.08),
  skewed = shared(two, 1, 220, skewed), opposed = shared(two, 1, 150, sign = -1),
  waves_two = shared(two, 2, 240), waves_three = mcar(shared(two, 3, 300, skewed), 0.05),
  waves_four = shared(two, 4, 300), waves_five = mcar(shared(two, 5, 260), 0.05),
  alike_one = mcar(shared(alike, 1, 190), 0.06), alike_three = mcar(shared(alike, 3, 260), 0.04),
  alike_skewed = shared(alike, 2, 280, skewed),
  loop = looped(two, 250, c(0.4, 0.25), c(0.6, 0.5)),
  loop_gaps = mcar(looped(two, 300, c(0.35, 0.2), c(0.6, 0.7), skewed), 0.06),
  loop_alike = mcar(looped(alike, 240, c(0.3, 0.3), c(0.5, 0.5)), 0.05),
  loop_alike_skewed = looped(alike, 300, c(0.3, 0.3), c(0.6, 0.6), skewed)
)

# --- Common fate ----------------------------------------------------------------------------------

# `to` and `from` are the variables of effects; for one wave within it, else on the next wave.
fate_model <- function(members, variables, waves, to, from, equal, means) {
  same <- identical(members, alike)
  columns <- function(v, t) paste0(v, "_", members, "_t", t)
  factor_of <- function(v, t) paste0("F", v, t)
  tag <- function(text) if (same) paste0(text, c("", "")) else paste0(text, 1:2)
  out <- character(0)
  for (v in variables) for (t in seq_len(waves)) {
    i <- columns(v, t)
    f <- factor_of(v, t)
    error <- tag(paste0("th", f))
    mean <- if (same || means) paste0("nu", f, "*") else ""
    out <- c(
      out, paste0(f, " =~ 1*", i[1], " + 1*", i[2]), paste0(i, " ~~ ", error, "*", i),
      paste0(i, " ~ ", mean, "1")
    )
    for (u in seq_len(t - 1)) {
      kept <- if (same) paste0("ac", v, u, t, "*") else ""
      out <- c(out, paste0(columns(v, u), " ~~ ", kept, i))
    }
  }
  if (length(variables) > 1) for (t in seq_len(waves)) {
    kept <- if (same) paste0("xy", t, "*") else ""
    out <- c(out, paste0(columns("x", t), " ~~ ", kept, columns("y", t)))
  }
  effect <- function(i, j, t) paste0("be", i, j, if (!equal && waves > 1) t)
  for (k in seq_along(to)) for (t in (if (waves == 1) 1 else 2:waves)) {
    source <- factor_of(from[k], if (waves == 1) t else t - 1)
    out <- c(out, paste0(factor_of(to[k], t), " ~ ", effect(to[k], from[k], t), "*", source))
  }
  for (v in variables) for (t in seq_len(waves)) {
    f <- factor_of(v, t)
    out <- c(out, paste0(f, " ~~ ps", f, "*", f))
  }
  if (waves > 1 && length(variables) > 1) for (t in seq_len(waves)) {
    out <- c(out, paste0(factor_of("x", t), " ~~ psxy", t, "*", factor_of("y", t)))
  }
  # The dyad's variances, each by those it depends on.
  has <- function(i, j) any(to == i & from == j)
  var <- function(v, t) paste0("tau", v, t)
  for (t in seq_len(waves)) {
    for (v in variables) {
      terms <- paste0("ps", factor_of(v, t))
      past <- if (waves == 1) t else t - 1
      if (past > 0) {
        for (w in variables) if (has(v, w)) {
          terms <- c(terms, paste0(effect(v, w, t), "^2*", var(w, past)))
        }
        if (waves > 1 && length(variables) > 1 && has(v, "x") && has(v, "y")) {
          terms <- c(terms, paste0("2*", effect(v, "x", t), "*", effect(v, "y", t), "*cov", past))
        }
      }
      out <- c(out, paste0(var(v, t), " := ", paste(terms, collapse = " + ")))
      i <- columns(v, t)[if (same) 1 else 1:2]
      error <- unique(tag(paste0("th", factor_of(v, t))))
      out <- c(out, paste0("icc_", i, " := ", var(v, t), "/(", var(v, t), " + ", error, ")"))
    }
    if (waves > 1 && length(variables) > 1) {
      terms <- paste0("psxy", t)
      for (i in variables) for (j in variables) if (t > 1 && has("x", i) && has("y", j)) {
        moment <- if (i == j) var(i, t - 1) else paste0("cov", t - 1)
        terms <- c(terms, paste0(effect("x", i, t), "*", effect("y", j, t), "*", moment))
      }
      out <- c(out, paste0("cov", t, " := ", paste(terms, collapse = " + ")))
    }
  }
  lines(out)
}

# --- Mutual influence -----------------------------------------------------------------------------

loop_model <- function(members, influences, equal = FALSE, partner = FALSE) {
  same <- identical(members, alike)
  x <- paste0("x_", members, "_t1")
  y <- paste0("y_", members, "_t1")
  tag <- function(text) paste0(text, if (same) c("", "") else 1:2, "*")
  a <- tag("ga")
  # b[k] is what member k's y does to the other's.
  b <- if (equal) c("be*", "be*") else tag("be")
  p <- tag("pa")
  out <- paste0(y, " ~ ", a, x)
  for (k in 1:2) {
    other <- 3 - k
    if (partner) out <- c(out, paste0(y[k], " ~ ", p[other], x[other]))
    if (other %in% influences) out <- c(out, paste0(y[k], " ~ ", b[other], y[other]))
  }
  one <- function(text) if (same) paste0(text, "*") else ""
  out <- c(
    out, paste0(x, " ~~ ", one("phx"), x), paste0(y, " ~~ ", one("psy"), y),
    paste(x[1], "~~", x[2]), paste(y[1], "~~", y[2]), paste0(x, " ~ ", one("mux"), "1"),
    paste0(y, " ~ ", one("muy"), "1")
  )
  if (length(influences) == 2) {
    b <- sub("*", "", b, fixed = TRUE)
    a <- sub("*", "", a, fixed = TRUE)
    product <- paste0(b[1], "*", b[2])
    out <- c(
      out, paste("product :=", product), paste0("times := 1/(1 - ", product, ")"),
      unique(paste0("own", if (same) "" else 1:2, " := ", a, "/(1 - ", product, ")")),
      unique(paste0("other", if (same) "" else 1:2, " := ", b, "*", a, "/(1 - ", product, ")"))
    )
  }
  lines(out)
}

# --- Exchangeable members -------------------------------------------------------------------------

# Everything that changing the two members' places leaves equal; or that and no covariances.
saturated_model <- function(variables, waves, null) {
  stems <- as.vector(outer(variables, paste0("_t", seq_len(waves)), paste0))
  column <- function(s, m) vapply(m, function(k) sub("_", paste0("_", k, "_"), s), "")
  out <- character(0)
  for (s in seq_along(stems)) {
    both <- column(stems[s], 1:2)
    out <- c(
      out, paste0(both, " ~ mean", s, "*1"), paste0(both, " ~~ var", s, "*", both),
      paste0(both[1], " ~~ ", if (null) "0*", both[2])
    )
    for (r in seq_len(s - 1)) {
      before <- column(stems[r], 1:2)
      within <- if (null) "0*" else paste0("in", r, "_", s, "*")
      between <- if (null) "0*" else paste0("out", r, "_", s, "*")
      out <- c(
        out, paste0(before, " ~~ ", within, both), paste0(before, " ~~ ", between, rev(both))
      )
    }
  }
  lines(out)
}
corrected <- function(fit, isat, inull, n) {
  chisq <- max(0, fit$chisq - isat$chisq)
  df <- fit$df - isat$df
  chisq0 <- inull$chisq - isat$chisq
  df0 <- inull$df - isat$df
  list(
    chisq = chisq, df = df, pvalue = if (df > 0) pchisq(chisq, df, lower.tail = FALSE) else NA,
    cfi = 1 - max(chisq - df, 0) / max(chisq - df, chisq0 - df0, 0),
    tli = if (df > 0) (chisq0 / df0 - chisq / df) / (chisq0 / df0 - 1) else NA,
    rmsea = if (df > 0) sqrt(max(0, chisq - df) / (df * n)) else 0
  )
}

# --- Cases ----------------------------------------------------------------------------------------

models <- list()
fits <- list()
cases <- list()
add_case <- function(name, set, kind, members, variables, waves, syntaxes, estimator, equal,
                     improper = FALSE, untested = character(0)) {
  # A negative variance makes lavaan warn.
  silent <- if (improper) suppressWarnings else identity
  key <- function(model) paste(name, model, sep = ": ")
  same <- identical(members, alike)
  # (lavaan's robust CFI of complete data differs by `missing`; that of complete data is meant.)
  whole <- estimator == "MLR" && !anyNA(datasets[[set]])
  fit <- function(model, syntax) silent(reference(
    key(model), syntax, set, auto = "lavaan", estimator = estimator,
    missing = if (whole) "listwise" else "fiml", meanstructure = TRUE, fixed_x = FALSE, vcov = FALSE,
    warns = if (improper) "a negative variance"
  ))
  for (model in names(syntaxes)) fit(model, syntaxes[[model]])
  full <- names(syntaxes)[length(syntaxes)]
  difference <- function(small, large) {
    found <- lavTestLRT(
      fits[[key(small)]]$fit, fits[[key(large)]]$fit,
      method = if (estimator == "MLR") "satorra.bentler.2001" else "default"
    )
    list(
      chisq = found[2, "Chisq diff"], df = abs(found[2, "Df diff"]), pvalue = found[2, "Pr(>Chisq)"]
    )
  }
  beyond <- NULL
  if (same) {
    fit("I-SAT", saturated_model(variables, waves, FALSE))
    if (estimator == "ML") fit("I-NULL", saturated_model(variables, waves, TRUE))
    beyond <- lapply(names(syntaxes), function(model) {
      if (estimator == "ML") {
        measured <- lapply(c(model, "I-SAT", "I-NULL"), function(m) models[[key(m)]]$fit)
        corrected(measured[[1]], measured[[2]], measured[[3]], nrow(datasets[[set]]))
      } else if (models[[key(model)]]$fit$df > models[[key("I-SAT")]]$fit$df) {
        difference(model, "I-SAT")
      } else list(chisq = NA, df = 0, pvalue = NA)
    })
    names(beyond) <- names(syntaxes)
  }
  compared <- lapply(setdiff(names(syntaxes), c(full, untested)), function(model) {
    c(list(model = model), difference(model, full))
  })
  cases[[length(cases) + 1L]] <<- list(
    name = name, dataset = set, kind = kind, members = members, variables = I(variables),
    waves = waves, estimator = estimator, equal_lags = equal, full = full,
    models = names(syntaxes), comparisons = compared, corrected = beyond
  )
}

fate_case <- function(name, set, members, waves, estimator = "ML", equal = FALSE,
                      variables = c("x", "y"), improper = FALSE) {
  to <- from <- list()
  if (waves == 1) {
    to <- list(`No effect` = character(0), `Common fate` = "y")
    from <- list(`No effect` = character(0), `Common fate` = "x")
  } else if (length(variables) == 1) {
    to <- list(`No stability` = character(0), Stability = "x")
    from <- to
  } else {
    to <- list(
      Stability = c("x", "y"), Causal = c("x", "y", "y"), Reversed = c("x", "y", "x"),
      Reciprocal = c("x", "y", "y", "x")
    )
    from <- list(
      Stability = c("x", "y"), Causal = c("x", "y", "x"), Reversed = c("x", "y", "y"),
      Reciprocal = c("x", "y", "x", "y")
    )
  }
  full <- names(to)[length(to)]
  write <- function(model, equal, means) {
    fate_model(members, variables, waves, to[[model]], from[[model]], equal, means)
  }
  syntaxes <- lapply(setNames(nm = setdiff(names(to), full)), write, equal = equal, means = FALSE)
  if (waves > 2 && !equal) syntaxes[["Equal between waves"]] <- write(full, TRUE, FALSE)
  if (!identical(members, alike)) syntaxes[["Equal means"]] <- write(full, equal, TRUE)
  syntaxes[[full]] <- write(full, equal, FALSE)
  add_case(name, set, "common_fate", members, variables, waves, syntaxes, estimator, equal, improper)
}

loop_case <- function(name, set, members, estimator = "ML") {
  same <- identical(members, alike)
  syntaxes <- list(`No influence` = loop_model(members, integer(0)))
  if (!same) {
    syntaxes[[paste("From", members[1])]] <- loop_model(members, 1)
    syntaxes[[paste("From", members[2])]] <- loop_model(members, 2)
    syntaxes[["Equal"]] <- loop_model(members, 1:2, equal = TRUE)
  }
  syntaxes[["Actor and partner"]] <- loop_model(members, integer(0), partner = TRUE)
  syntaxes[["Mutual influence"]] <- loop_model(members, 1:2)
  add_case(
    name, set, "mutual_influence", members, c("x", "y"), 1, syntaxes, estimator, FALSE,
    untested = "Actor and partner"
  )
  both <- lapply(c("Actor and partner", "Mutual influence"), function(m) {
    models[[paste(name, m, sep = ": ")]]$fit$logl
  })
  # Both are one model; a loop may end in another maximum.
  stopifnot(abs(both[[1]] - both[[2]]) < 1e-6)
}

fate_case("one", "one", two, 1)
fate_case("one_gaps", "gaps", two, 1)
fate_case("one_mlr", "skewed", two, 1, "MLR")
fate_case("opposed", "opposed", two, 1, improper = TRUE)
fate_case("two_waves", "waves_two", two, 2)
fate_case("three_gaps_mlr", "waves_three", two, 3, "MLR")
fate_case("four_equal", "waves_four", two, 4, equal = TRUE)
fate_case("five_of_x", "waves_five", two, 5, variables = "x")
fate_case("alike_gaps", "alike_one", alike, 1)
fate_case("alike_three_gaps", "alike_three", alike, 3)
fate_case("alike_mlr", "alike_skewed", alike, 2, "MLR")
loop_case("loop", "loop", two)
loop_case("loop_gaps_mlr", "loop_gaps", two, "MLR")
loop_case("loop_alike_gaps", "loop_alike", alike)
loop_case("loop_alike_mlr", "loop_alike_skewed", alike, "MLR")

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/common_fate.R",
  how = paste(
    "lavaan, polished by Newton steps. A model's name is that of its case and what a reader calls it.",
    "comparisons: lavTestLRT against the model `full`, of MLR that of 2001. corrected: fit beyond",
    "I-SAT, of MLR the scaled difference."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
model_line <- function(m) {
  p <- m$parameters
  residual <- p$op == "~~" & grepl("^(y_|F)", p$lhs) & grepl("^(y_|F)", p$rhs) & p$lhs != p$rhs
  shown <- p$op %in% c("~", ":=") | residual
  encode(filled(list(
    name = m$name, dataset = m$dataset, syntax = I(strsplit(m$syntax, "\n")[[1]]),
    effective = m$effective[c("missing", "estimator", "fixed_x")], gradient = m$gradient,
    fit = m$fit,
    parameters = lapply(
      p[c("lhs", "op", "rhs", "label", "est", "se", "std_all", "std_all_se")],
      function(x) if (is.numeric(x)) signif(x[shown], 13) else x[shown]
    )
  )))
}
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), cases = rows(cases),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]")
), ""), file.path(here, "common_fate.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
