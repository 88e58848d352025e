# Reference values for the items of ladders of ordered answers: the model in which one item is freed
# of what a step adds, against that step's model, and dMACS.
#
# Run by `make oracles` as `Rscript tests/oracles/ordered_items.R`, after invariance.R, whose ordered
# data it takes from invariance.json; writes ordered_items.json beside itself.
# Needs the packages jsonlite and lavaan (on Debian: r-cran-jsonlite r-cran-lavaan).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
source_data <- fromJSON(file.path(here, "invariance.json"))$datasets

steps <- c("configural", "thresholds", "loadings", "intercepts", "residuals")
cuts <- 1:3

# One line for each parameter; `free` names kinds of parameters that one item keeps for itself.
model_of <- function(places, step, item = 0, free = character(0), groups = 1) {
  reached <- function(kind) match(step, steps) >= match(kind, steps)
  label <- function(name) if (groups > 1) sprintf("c(%s, %s)*", name, name) else paste0(name, "*")
  coefficient <- function(first, later, k) {
    if (groups > 1) sprintf("c(%s, %s)*", first, later)
    else if (k == 1) paste0(first, "*") else paste0(later, "*")
  }
  text <- character(0)
  for (k in seq_along(places)) {
    f <- names(places)[k]
    for (j in seq_along(places[[k]])) {
      y <- places[[k]][j]
      own <- function(kind) j == item && kind %in% free
      same <- function(kind) reached(kind) && !own(kind)
      text <- c(text,
        paste0(f, " =~ NA*", y, if (same("loadings")) paste0(" + ", label(paste0("l", j)), y)),
        paste(y, "|", paste0(
          if (same("thresholds")) vapply(paste0("h", j, cuts), label, "") else "", "t", cuts,
          collapse = " + ")),
        # Free thresholds leave a response its unit and origin.
        paste0(y, " ~~ ", coefficient(1, if (same("thresholds") && !same("residuals")) "NA" else 1, k), y),
        paste0(y, " ~ ", coefficient(0, if (same("thresholds") && !same("intercepts")) "NA" else 0, k), "1")
      )
    }
    text <- c(text,
      paste0(f, " ~~ ", coefficient(1, if (reached("loadings")) "NA" else 1, k), f),
      paste0(f, " ~ ", coefficient(0, if (reached("intercepts")) "NA" else 0, k), "1")
    )
  }
  if (length(places) == 2) {
    text <- c(text, paste(names(places)[1], "~~", names(places)[2]),
      paste(places[[1]], "~~", places[[2]]))
  }
  paste(text, collapse = "\n")
}

fitted_to <- function(syntax, data, group) {
  fit <- lavaan(syntax, data, estimator = "WLSMV", parameterization = "theta",
    ordered = setdiff(names(data), group), group = group)
  stopifnot(lavInspect(fit, "converged"))
  fit
}
difference <- function(narrow, wide) {
  test <- lavTestLRT(wide, narrow)
  list(statistic = test[2, "Chisq diff"], df = test[2, "Df diff"], p_value = test[2, "Pr(>Chisq)"])
}

# The difference of expected answers 1 to 4 of the focal place, over its factor's density.
dmacs <- function(item, sd) {
  expected <- function(eta, p) {
    1 + rowSums(vapply(p$thresholds, function(t) pnorm(p$loading * eta - t), eta))
  }
  gap <- function(eta) expected(eta, item[[2]]) - expected(eta, item[[1]])
  density <- function(eta) dnorm(eta, item[[2]]$mean, sqrt(item[[2]]$variance))
  over <- function(f) {
    ends <- item[[2]]$mean + c(-12, 12) * sqrt(item[[2]]$variance)
    integrate(f, ends[1], ends[2], rel.tol = 1e-11, subdivisions = 2000)$value
  }
  list(
    estimate = sqrt(over(function(eta) gap(eta)^2 * density(eta))) / sd,
    signed = over(function(eta) gap(eta) * density(eta)) / sd
  )
}

analyse <- function(name, places, group = NULL) {
  data <- as.data.frame(source_data[[name]])
  groups <- if (is.null(group)) 1 else 2
  letters_of <- substr(places[[1]], 1, 1)
  tests <- list()
  for (step in steps[-1]) {
    narrow <- fitted_to(model_of(places, step, groups = groups), data, group)
    for (j in seq_along(letters_of)) {
      wide <- fitted_to(model_of(places, step, j, step, groups), data, group)
      tests[[length(tests) + 1]] <- c(list(step = step, item = letters_of[j]), difference(narrow, wide))
    }
  }
  # Thresholds to residual variances at once, as two answers need it.
  narrow <- fitted_to(model_of(places, "residuals", groups = groups), data, group)
  for (j in seq_along(letters_of)) {
    wide <- fitted_to(model_of(places, "residuals", j, steps[-1], groups), data, group)
    tests[[length(tests) + 1]] <- c(list(step = "all", item = letters_of[j]), difference(narrow, wide))
  }
  sizes <- list()
  for (j in seq_along(letters_of)) {
    fit <- fitted_to(model_of(places, "intercepts", j, c("thresholds", "loadings", "intercepts"), groups), data, group)
    p <- parameterEstimates(fit)
    if (is.null(p$group)) p$group <- 1
    labels <- if (groups > 1) lavInspect(fit, "group.label") else NULL
    item <- lapply(1:2, function(k) {
      f <- names(places)[if (groups > 1) 1 else k]
      y <- places[[if (groups > 1) 1 else k]][j]
      g <- p[p$group == if (groups > 1) k else 1, ]
      values <- if (groups > 1) data[data[[group]] == labels[k], y] else data[[y]]
      list(
        loading = g$est[g$lhs == f & g$op == "=~" & g$rhs == y],
        thresholds = g$est[g$lhs == y & g$op == "|"],
        mean = g$est[g$lhs == f & g$op == "~1"],
        variance = g$est[g$lhs == f & g$op == "~~" & g$rhs == f],
        n = length(values), sd = sd(values)
      )
    })
    n <- vapply(item, function(p) p$n, 0)
    s <- vapply(item, function(p) p$sd, 0)
    pooled <- sqrt(sum((n - 1) * s^2) / (sum(n) - 2))
    # Standard errors of the differences, focal minus reference.
    rows <- parTable(fit)
    at <- function(lhs, op, rhs, g) {
      v <- rows$free[rows$lhs == lhs & rows$op == op & rows$rhs == rhs & rows$group == g]
      stopifnot(length(v) == 1, v > 0)
      v
    }
    key <- function(k) list(
      f = names(places)[if (groups > 1) 1 else k], y = places[[if (groups > 1) 1 else k]][j],
      g = if (groups > 1) k else 1
    )
    spread <- vcov(fit)
    # With labels, lavaan numbers rows and vcov() leaves out repeated ones: by name then.
    named <- function(op) lapply(1:2, function(k) {
      with(key(k), {
        suffix <- if (g > 1) paste0(".g", g) else ""
        if (op == "=~") paste0(f, "=~", y, suffix) else paste0(y, "|t", cuts, suffix)
      })
    })
    se <- function(op) {
      who <- named(op)
      stopifnot(all(unlist(who) %in% colnames(spread)))
      weights <- rep(c(-1, 1), each = length(who[[1]])) / length(who[[1]])
      v <- spread[unlist(who), unlist(who), drop = FALSE]
      sqrt(drop(weights %*% v %*% weights))
    }
    sizes[[length(sizes) + 1]] <- c(
      list(
        item = letters_of[j],
        place = if (groups > 1) labels[2] else names(places)[2],
        loading = vapply(item, function(p) p$loading, 0),
        threshold = vapply(item, function(p) mean(p$thresholds), 0),
        loading_se = se("=~"), threshold_se = se("|"), sd = pooled
      ),
      dmacs(item, pooled)
    )
  }
  list(tests = tests, sizes = sizes)
}

roles <- list(f_m = paste0(letters[1:4], "_m"), f_d = paste0(letters[1:4], "_d"))
results <- list(
  about = list(
    command = "Rscript tests/oracles/ordered_items.R",
    how = paste(
      "lavaan, WLSMV, theta. tests: lavTestLRT of each step's model against the one with an item freed",
      "of what the step adds (step 'all': of everything); sizes: dMACS by integrate() from the model",
      "with equal thresholds, loadings and intercepts but for the item, [first, second place]."
    ),
    r = R.version.string,
    packages = list(
      jsonlite = as.character(packageVersion("jsonlite")), lavaan = as.character(packageVersion("lavaan"))
    )
  ),
  ordered_roles = analyse("ordered_roles", roles),
  ordered_groups = analyse("ordered_groups", list(f = paste0(letters[1:5], "_x")), "arm")
)
writeLines(
  toJSON(results, auto_unbox = TRUE, digits = I(15), pretty = 1),
  file.path(here, "ordered_items.json")
)
