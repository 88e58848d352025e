# Which items carry a step: score tests, chi-square differences with an item freed, and dMACS.

scores <- list()
alternatives <- list()
sizes <- list()

# lavTestScore, each item's equalities of one kind released together (the others in force).
item_of <- function(column) match(sub("_.*", "", column), letters)
constraints_of <- function(fit) {
  table <- as.data.frame(fit@ParTable, stringsAsFactors = FALSE)
  equal <- table[table$op == "==", ]
  row <- match(equal$lhs, table$plabel)
  list(lhs = table$lhs[row], op = table$op[row], rhs = table$rhs[row])
}
kind_rows <- list(
  loadings = function(t) ifelse(t$op == "=~", item_of(t$rhs), NA),
  intercepts = function(t) ifelse(t$op == "~1", item_of(t$lhs), NA),
  residuals = function(t) ifelse(t$op == "~~" & t$lhs == t$rhs, item_of(t$lhs), NA)
)
score_items <- function(name, kind) {
  fit <- fits[[name]]$fit
  about <- kind_rows[[kind]](constraints_of(fit))
  for (item in sort(unique(about[!is.na(about)]))) {
    release <- which(about == item)
    found <- lavTestScore(fit, release = release, warn = FALSE)
    scores[[length(scores) + 1L]] <<- list(
      model = name, kind = kind, item = letters[item], released = length(release),
      stat = found$test$X2, df = found$test$df, pvalue = found$test$p.value
    )
  }
}

# The same model with one item's parameters of some kinds free, against the model of the step.
free_item <- function(name, freed, syntax, data, estimator, full = FALSE, ...) {
  said <- vapply(names(freed), function(k) paste(c(k, letters[freed[[k]]]), collapse = "_"), "")
  key <- paste(c(name, "free", said), collapse = "_")
  fitted_step(key, syntax, data, estimator, ...)
  compared(name, key)
  entry <- comparisons[[length(comparisons)]]
  comparisons[[length(comparisons)]] <<- NULL
  m <- models[[key]]
  alternatives[[length(alternatives) + 1L]] <<- c(
    list(
      name = key, model = name, free = lapply(freed, function(i) I(letters[i])), syntax = m$syntax,
      group_partial = if (!is.null(m$options$group_partial)) I(m$options$group_partial)
    ),
    list(fit = m$fit[intersect(c("npar", "chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr",
      "logl", "chisq_scaled", "chisq_scaling_factor", "cfi_robust", "rmsea_robust"), names(m$fit))]),
    entry[setdiff(names(entry), c("wide", "narrow"))]
  )
  if (!full) models[[key]] <<- NULL
  invisible(key)
}

# dMACS of Nye & Drasgow (2011), by integration over the focal place's factor; signed: the same
# integral of the difference itself, focal minus reference.  The item's standard deviation is pooled
# over both places in two ways: the root of the pooled variance, and the pooled standard deviations.
dmacs_of <- function(reference, focal, mean, variance, reference_values, focal_values) {
  difference <- function(eta) focal[2] - reference[2] + (focal[1] - reference[1]) * eta
  density <- function(eta) dnorm(eta, mean, sqrt(variance))
  over <- function(f) {
    width <- 12 * sqrt(variance)
    integrate(f, mean - width, mean + width, rel.tol = 1e-12, abs.tol = 1e-14,
      subdivisions = 1000)$value
  }
  squared <- over(function(eta) difference(eta)^2 * density(eta))
  level <- over(function(eta) difference(eta) * density(eta))
  # The integrals in closed form.
  mean_gap <- difference(mean)
  stopifnot(
    abs(squared - mean_gap^2 - (focal[1] - reference[1])^2 * variance) < 1e-11 * (1 + squared),
    abs(level - mean_gap) < 1e-11
  )
  both <- list(reference_values[!is.na(reference_values)], focal_values[!is.na(focal_values)])
  w <- lengths(both) - 1
  variance_pooled <- sum(w * vapply(both, var, 0)) / sum(w)
  sd_averaged <- sum(w * vapply(both, sd, 0)) / sum(w)
  list(
    sd_pooled = sqrt(variance_pooled), sd_averaged = sd_averaged,
    dmacs = sqrt(squared) / sqrt(variance_pooled), signed = level / sqrt(variance_pooled),
    dmacs_averaged = sqrt(squared) / sd_averaged, signed_averaged = level / sd_averaged
  )
}
# `value(lhs, op, rhs, place)` finds an estimate; places are factors of one model, or groups.
estimate_in <- function(name) {
  p <- models[[name]]$parameters
  function(lhs, op, rhs, group = 1L) {
    p$est[p$lhs == lhs & p$op == op & p$rhs == rhs & p$group == group]
  }
}
add_size <- function(name, item, place, from, parameters, values) {
  reference <- parameters[[1]]
  focal <- parameters[[2]]
  sizes[[length(sizes) + 1L]] <<- c(
    list(
      model = name, from = from, item = letters[item], place = place,
      loading = c(reference$loading, focal$loading),
      intercept = c(reference$intercept, focal$intercept), mean = focal$mean,
      variance = focal$variance
    ),
    dmacs_of(c(reference$loading, reference$intercept), c(focal$loading, focal$intercept),
      focal$mean, focal$variance, values[[1]], values[[2]])
  )
}
# On the metric that item 1 sets in the configural model: its loading 1, its intercept 0, in each place.
on_marker <- function(p, marker) list(
  loading = p$loading / marker$loading,
  intercept = p$intercept - p$loading * marker$intercept / marker$loading,
  mean = marker$intercept + marker$loading * p$mean, variance = marker$loading^2 * p$variance
)
