# Bootstrap draws that a reader can repeat: how often each row was drawn, the estimates of each
# draw (polished like the others), the jackknife, and the intervals of boot::boot.ci.

refit <- function(syntax, data, full, options) {
  fit <- do.call("sem", c(
    list(model = syntax, data = data, se = "none", test = "none", baseline = FALSE, start = full$start, check.start = FALSE),
    options
  ))
  solution <- polish(fit, unit = full$unit, brief = TRUE)
  moved <- internal("lav_model_set_parameters")(fit@Model, x = solution$x)
  internal("lav_model_get_parameters")(moved, type = "user", extra = TRUE)
}

# Jackknife influence values, as boot::empinf(type = "jack") defines them.
jackknife_influence <- function(t0, left_out) (nrow(left_out) - 1) * (rep(t0, each = nrow(left_out)) - left_out)

intervals_of <- function(b, influence, levels = c(0.95, 0.9)) {
  one <- function(index, level) {
    # (boot warns where the level asks for order statistics at the ends of 200 draws.)
    found <- suppressWarnings(boot.ci(
      b, conf = level, index = index, type = c("norm", "basic", "perc", "bca"), L = influence[, index]
    ))
    ends <- function(x) as.numeric(tail(drop(x), 2))
    list(normal = ends(found$normal), basic = ends(found$basic), percentile = ends(found$percent), bca = ends(found$bca))
  }
  lapply(setNames(levels, format(levels)), function(level) {
    all <- lapply(seq_along(b$t0), one, level = level)
    lapply(c(normal = 1, basic = 2, percentile = 3, bca = 4), function(k) t(sapply(all, `[[`, k)))
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
    options = list(auto = "sem", missing = if (anyNA(data)) "fiml" else "listwise", fixed_x = options$fixed.x),
    lhs = table$lhs[kept], op = table$op[kept], rhs = table$rhs[kept],
    estimate = b$t0, counts = unname(boot.array(b)), draws = unname(b$t)
  )
  if (jackknife) {
    left_out <- t(sapply(seq_len(nrow(data)), function(i) statistic(data, -i)))
    influence <- jackknife_influence(b$t0, left_out)
    result$jackknife <- unname(left_out)
    result$acceleration <- apply(influence, 2, function(l) sum(l^3) / (6 * sum(l^2)^1.5))
    result$intervals <- intervals_of(b, influence)
  }
  cat(sprintf("bootstrap %-24s %d draws of %d parameters, %.0f s\n", name, draws, length(kept), proc.time()[[3]] - began))
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
    dataset = "mediation", rows = 60L, columns = colnames(x), estimate = b$t0, counts = unname(boot.array(b)),
    draws = as.numeric(b$t), jackknife = as.numeric(left_out),
    acceleration = sum(influence^3) / (6 * sum(influence^2)^1.5), intervals = intervals_of(b, influence, c(0.95, 0.9, 0.99))
  )
})

bootstraps <- list(
  correlation = correlation_reference,
  mediation = bootstrap_reference("mediation", lines(
    "trust ~ a*support", "learning ~ b*trust + c*support", "indirect := a*b", "total := c + a*b"
  ), "mediation", 200),
  clpm = bootstrap_reference("clpm", lines(clpm(3, TRUE), "difference := cx - cy"), "panel", 200),
  apim_fiml = bootstrap_reference("apim_fiml", lines(
    "learning_m ~ a1*trust_m + p1*trust_d", "learning_d ~ a2*trust_d + p2*trust_m", "learning_m ~~ learning_d", "k := p1 / a1"
  ), "pairs_mcar", 100, missing = "fiml", fixed.x = FALSE, jackknife = FALSE)
)
