# Diaries: residual covariances of the members that decay with the gap in time.

pick <- function(rows, p) t(vapply(rows, function(r) replace(numeric(p), abs(r), sign(r)), numeric(p)))
two <- "y ~ 0 + role + role:act + role:par"
trend <- "y ~ 0 + role + role:day + role:act + role:par"
effects <- list(equal_effects = pick(list(c(3, -4), c(5, -6)), 6))
ar1 <- list(structure = "ar1", time = "day")
decay <- list(structure = "exponential", time = "time")
roles <- term("~ 0 + role", "dyad")

both("diary_ar1", "diary40", two, residual_un(), serial = ar1, cluster = "dyad", reml = list(contrasts = effects))
both("diary_ar1_trend", "diary40", trend, residual_un(), serial = ar1, cluster = "dyad")
both("diary_ar1_levels", "diary_levels36", two, residual_un(), serial = ar1, random = list(roles),
  cluster = "dyad", blup = TRUE, reml = list(contrasts = effects))
both("prompts_decay", "prompts35", two, residual_un(), serial = decay, cluster = "dyad", reml = list(contrasts = effects))
both("prompts_decay_trend", "prompts35", trend, residual_un(), serial = decay, cluster = "dyad")
both("peer_ar1", "peer_diary45", "y ~ day + act + par", residual_cs(), serial = ar1, cluster = "dyad")
both("peer_gaps_ar1", "peer_diary_gaps40", "y ~ act + par", residual_cs(), serial = ar1, cluster = "dyad")
both("peer_gaps_decay", "peer_diary_gaps40", "y ~ act + par", residual_cs(), serial = decay, cluster = "dyad",
  random = list(term("~ 1", "dyad")))

write_family("serial", "Dense likelihood (mixed/dense.R) only: no package states these models.")
