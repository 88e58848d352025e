# Bootstrap draws that a reader can repeat: how often each row was drawn, the estimates of each
# draw (polished like the others), the jackknife, and the intervals of boot::boot.ci.

refit <- function(syntax, data, full, options) {
  fit <- do.call("sem", c(
    list(
      model = syntax, data = data, se = "none", test = "none", baseline = FALSE,
      start = full$start, check.start = FALSE
    ),
    options
  ))
  solution <- polish(fit, unit = full$unit, brief = TRUE)
  user_parameters(internal("lav_model_set_parameters")(fit@Model, x = solution$x))
}

# Jackknife influence values, as boot::empinf(type = "jack") defines them.
jackknife_influence <- function(t0, left_out) {
  (nrow(left_out) - 1) * (rep(t0, each = nrow(left_out)) - left_out)
}
acceleration <- function(influence) {
  apply(as.matrix(influence), 2, function(l) sum(l^3) / (6 * sum(l^2)^1.5))
}

intervals_of <- function(b, influence, levels = c(0.95, 0.9)) {
  ends <- function(x) as.numeric(tail(drop(x), 2))
  # (boot warns where the level asks for order statistics at the ends of the draws.)
  ci <- function(...) suppressWarnings(boot.ci(b, ...))
  one <- function(index, level) {
    types <- c("norm", "basic", "perc", "bca")
    all <- ci(conf = level, index = index, type = types, L = influence[, index])
    # Influence values without skewness: no acceleration, hence the bias-corrected interval.
    even <- c(-1, 1, rep(0, nrow(influence) - 2))
    corrected <- ci(conf = level, index = index, type = "bca", L = even)
    list(
      normal = ends(all$normal), basic = ends(all$basic), percentile = ends(all$percent),
      bias_corrected = ends(corrected$bca), bca = ends(all$bca)
    )
  }
  lapply(setNames(levels, format(levels)), function(level) {
    all <- lapply(seq_along(b$t0), one, level = level)
    lapply(setNames(nm = names(all[[1]])), function(type) t(sapply(all, `[[`, type)))
  })
}

bootstrap_reference <- function(name, syntax, dataset, draws, ..., jackknife = TRUE) {
  began <- proc.time()[[3]]
  data <- datasets[[dataset]]
  options <- list(...)
  fit <- do.call("sem", c(list(model = syntax, data = data), options))
  table <- as.data.frame(fit@ParTable)
  full <- list(start = table[c("lhs", "op", "rhs", "est")], unit = polish(fit)$unit)
  options$fixed.x <- lavInspect(fit, "options")$fixed.x
  kept <- which(table$free > 0 | table$op == ":=")
  statistic <- function(data, rows) refit(syntax, data[rows, ], full, options)[kept]
  set.seed(7400 + nrow(data))
  b <- boot(data, statistic, R = draws)
  result <- list(
    name = name, dataset = dataset, syntax = I(strsplit(syntax, "\n")[[1]]),
    auto = "sem",
    options = list(missing = if (anyNA(data)) "fiml" else "listwise", fixed_x = options$fixed.x),
    lhs = table$lhs[kept], op = table$op[kept], rhs = table$rhs[kept],
    estimate = b$t0, counts = unname(boot.array(b)), draws = unname(b$t)
  )
  if (jackknife) {
    left_out <- t(sapply(seq_len(nrow(data)), function(i) statistic(data, -i)))
    influence <- jackknife_influence(b$t0, left_out)
    result$jackknife <- unname(left_out)
    result$acceleration <- acceleration(influence)
    result$intervals <- intervals_of(b, influence)
  }
  cat(sprintf("bootstrap %-24s %d draws, %.0f s\n", name, draws, proc.time()[[3]] - began))
  result
}

# A statistic without a model: the correlation of two columns.
correlation_reference <- local({
  x <- as.matrix(datasets$mediation[1:60, c("support", "trust")])
  statistic <- function(x, rows) cor(x[rows, 1], x[rows, 2])
  set.seed(7461)
  b <- boot(x, statistic, R = 499)
  left_out <- matrix(sapply(seq_len(nrow(x)), function(i) statistic(x, -i)))
  influence <- jackknife_influence(b$t0, left_out)
  stopifnot(abs(influence - empinf(b, type = "jack")) < 1e-10)
  list(
    dataset = "mediation", rows = 60L, columns = colnames(x), estimate = b$t0,
    counts = unname(boot.array(b)),
    draws = as.numeric(b$t), jackknife = as.numeric(left_out),
    acceleration = acceleration(influence),
    intervals = intervals_of(b, influence, c(0.95, 0.9, 0.99))
  )
})

bootstraps <- list(
  correlation = correlation_reference,
  mediation = bootstrap_reference("mediation", lines(
    "trust ~ a*support", "learning ~ b*trust + c*support", "indirect := a*b", "total := c + a*b"
  ), "mediation", 200),
  clpm = bootstrap_reference("clpm", lines(clpm(3, TRUE), "difference := cx - cy"), "panel", 200),
  apim_fiml = bootstrap_reference("apim_fiml", lines(
    "learning_m ~ a1*trust_m + p1*trust_d", "learning_d ~ a2*trust_d + p2*trust_m",
    "learning_m ~~ learning_d", "k := p1 / a1"
  ), "pairs_mcar", 100, missing = "fiml", fixed.x = FALSE, jackknife = FALSE)
)
